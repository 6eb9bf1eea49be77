//! One pass over an item's texts, then the topics that were woken by what it found.

mod excepts;
mod explanation;
mod hash;
mod near;
mod reading;
#[cfg(test)]
mod tests;
mod why;

use super::Item;
use super::compile::compile;
use super::compiled::Rules;
use super::rules::{RuleError, Topic, WordList};
use crate::feed::{RulesHash, Tag};
use reading::Reading;
use std::sync::LazyLock;
pub use why::{Part, Verdict};

/// All rules, compiled.
pub struct Matcher {
    rules: LazyLock<Rules, Compile>,
    warnings: Vec<RuleError>,
    hash: RulesHash,
}

type Compile = Box<dyn FnOnce() -> Rules + Send>;

impl Matcher {
    /// Compiles the rules; every error at once.
    pub fn new(words: &[WordList], topics: &[Topic]) -> Result<Self, Vec<RuleError>> {
        let (compiled, warnings) = compile(words, topics)?;
        let rules: LazyLock<Rules, Compile> = LazyLock::new(Box::new(|| compiled));
        LazyLock::force(&rules);
        Ok(Self { rules, warnings, hash: hash::of(words, topics) })
    }

    /// The same, where rules of the hash `known` were compiled before: they have no errors, and are
    /// compiled when there is something to tag. Does not know their warnings.
    pub fn of_known(words: &[WordList], topics: &[Topic], known: Option<RulesHash>) -> Result<Self, Vec<RuleError>> {
        let hash = hash::of(words, topics);
        if known != Some(hash) {
            return Self::new(words, topics);
        }
        let (words, topics) = (words.to_vec(), topics.to_vec());
        let compiled = move || compile(&words, &topics).expect("these rules were compiled before").0;
        Ok(Self { rules: LazyLock::new(Box::new(compiled)), warnings: Vec::new(), hash })
    }

    /// Equal for rules that tag alike.
    pub fn hash(&self) -> RulesHash {
        self.hash
    }

    /// What is allowed but hardly meant: lists that nothing uses, `xx*` with few letters.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// The topics of an item, in the order of the configuration.
    ///
    /// The score adds up the different terms that were found: 1 for each of `together`, what `points`
    /// says for each of its own, the threshold for one which is `enough` alone; and `title_times` as
    /// much in the title.
    pub fn tag(&self, item: &Item<'_>) -> Vec<Tag> {
        let rules = &*self.rules;
        let reading = Reading::of(rules, item);
        let mut woken: Vec<u32> = Vec::new();
        for hits in reading.hits.chunk_by(|left, right| left.list == right.list) {
            woken.extend(&rules.lists[hits[0].list as usize].wakes);
        }
        woken.sort_unstable();
        woken.dedup();
        let mut tags: Vec<(u32, Tag)> = Vec::new();
        for number in woken {
            if let Some(tag) = reading.tag(&rules.topics[number as usize], item) {
                tags.push((number, tag));
            }
        }
        self.add_parents(&mut tags);
        tags.into_iter().map(|(_, tag)| tag).collect()
    }

    /// A parent that has no words of its own in the text shows those of its surest child.
    fn add_parents(&self, tags: &mut Vec<(u32, Tag)>) {
        for at in 0..tags.len() {
            let mut parent = self.rules.topics[tags[at].0 as usize].parent;
            while let Some(number) = parent {
                let rule = &self.rules.topics[number as usize];
                tags.push((number, Tag { topic: rule.id.clone(), ..tags[at].1.clone() }));
                parent = rule.parent;
            }
        }
        // Stable: a topic's own tag comes before those of its children.
        tags.sort_by_key(|(number, _)| *number);
        tags.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1.score = first.1.score.max(later.1.score);
            }
            is_same
        });
    }
}

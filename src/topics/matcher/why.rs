//! What a topic's rule finds in an item, part by part: also where that is not enough.

use super::Matcher;
use super::explanation::Explanation;
use super::reading::{Reading, is_feed, is_language};
use crate::feed::Match;
use crate::topics::Item;
use crate::topics::compiled::TopicRule;
use serde::Serialize;

/// What one topic makes of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The topic's id.
    pub topic: String,
    /// The topic's score, where its own words give it.
    pub score: Option<f64>,
    /// The topic within this one that gives it, where its own words do not.
    pub through: Option<String>,
    /// What the topic is limited to and the item is not: `languages` or `feeds`. Its words do not
    /// matter then.
    pub outside_of: Option<&'static str>,
    /// Whether each of `together` was found, but not within `near` words of one another.
    pub is_too_far_apart: bool,
    /// Every part of the rule, in the order in which they are read.
    pub parts: Vec<Part>,
}

/// A part of a rule: one that has to be found, or one that must not be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The key in feeds.toml: `enough`, `together`, `points`, `unless`, `never`.
    pub rule: &'static str,
    /// The lists of which any will do, as `@name`; terms in quotes.
    pub lists: Vec<String>,
    /// What was found of them.
    pub found: Vec<Match>,
}

impl Matcher {
    /// What a topic finds in an item; `None` where there is no such topic.
    pub fn why(&self, item: &Item<'_>, topic: &str) -> Option<Verdict> {
        let rule = self.rules.topics.iter().find(|rule| rule.id == topic)?;
        let reading = Reading::of(&self.rules, item);
        let own = reading.tag(rule, item);
        let outside_of = match (is_language(rule, item), is_feed(rule, item)) {
            (false, _) => Some("languages"),
            (_, false) => Some("feeds"),
            _ => None,
        };
        let has_each = rule.together.iter().all(|slot| !reading.found_in(slot, rule).is_empty());
        Some(Verdict {
            topic: rule.id.clone(),
            score: own.as_ref().map(|tag| tag.score),
            through: if own.is_none() { self.child_that_gives(topic, item) } else { None },
            outside_of,
            is_too_far_apart: has_each && !rule.together.is_empty() && reading.together(rule).is_none(),
            parts: parts(rule).map(|(name, lists)| self.part(name, lists, rule, &reading)).collect(),
        })
    }

    fn part(&self, rule: &'static str, lists: &[u32], topic: &TopicRule, reading: &Reading<'_>) -> Part {
        let mut explanation = Explanation::default();
        reading.explain(reading.found_in(lists, topic), 1.0, topic, &mut explanation);
        let name = |list: &u32| self.rules.lists[*list as usize].name.clone();
        Part { rule, lists: lists.iter().map(name).collect(), found: explanation.matched }
    }

    fn child_that_gives(&self, topic: &str, item: &Item<'_>) -> Option<String> {
        let tags = self.tag(item);
        let has = |child: &&TopicRule| tags.iter().any(|tag| tag.topic == child.id);
        let is_above = |child: &&TopicRule| {
            child.parent.is_some_and(|parent| self.rules.topics[parent as usize].id == topic) && child.id != topic
        };
        self.rules.topics.iter().filter(is_above).find(has).map(|child| child.id.clone())
    }
}

/// Each part of a rule with its lists. Of `together` and `points` every element is a part, of the
/// others every list, so that each says for itself what was found.
fn parts(rule: &TopicRule) -> impl Iterator<Item = (&'static str, &[u32])> {
    let enough = rule.enough.chunks(1).map(|list| ("enough", list));
    let together = rule.together.iter().map(|slot| ("together", slot.as_slice()));
    let points = rule.points.iter().map(|(lists, _)| ("points", lists.as_slice()));
    let unless = rule.unless.chunks(1).map(|list| ("unless", list));
    let never = rule.never.chunks(1).map(|list| ("never", list));
    enough.chain(together).chain(points).chain(unless).chain(never)
}

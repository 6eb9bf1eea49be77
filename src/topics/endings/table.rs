//! The format of an endings table. One line a kind of word; the line with the longest key that a
//! word ends in decides, and one for names goes before one for all words.
//!
//! ```text
//! # a comment
//! ka: ka ke ci ku kom          the end of the word, and what may stand in its place ("-": nothing)
//! k.a g.a: a e i u om          what stands before the dot is needed but stays
//! ^ić.: - a u em i             for words with a capital only
//! -: - a u                     any other word
//! [also]                       lines that are added to the one that decides
//! [phrase]                     the same where the word is one of several
//! [words]
//! čovek: ljudi ljude           irregular forms of one word, besides the regular ones
//! [only]
//! house: houses                all the forms of one word: the regular ones are other words
//! ```

use crate::fold::fold;
use std::collections::HashMap;

/// A table, read.
#[derive(Debug, Default)]
pub(super) struct Table {
    all: Rules,
    names: Rules,
    also: Rules,
    in_phrases: Rules,
    words: HashMap<String, Vec<Ending>>,
    only: HashMap<String, Vec<Ending>>,
}

type Rules = HashMap<String, Rule>;

/// What happens to words with one end.
#[derive(Debug, Clone)]
struct Rule {
    /// How many letters at the end of the word go.
    cut_letters: usize,
    endings: Vec<Ending>,
}

/// An ending, or a whole irregular form.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub written: String,
    pub folded: String,
}

/// How a word stands in its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Alone,
    InPhrase,
}

/// A word cut up.
pub(super) struct Found<'a> {
    pub stem_letters: usize,
    pub endings: &'a [Ending],
}

/// What remains of a word must still be recognizable.
const STEM_LETTERS_MIN: usize = 2;
/// The longest key in any table.
const KEY_LETTERS_MAX: usize = 8;

impl Table {
    /// Reads a table; the error names the line.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        let mut section = "";
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            if line.starts_with('[') {
                section = line;
                continue;
            }
            let error = || format!("line {}: {line}", number + 1);
            let (keys, endings) = line.split_once(':').ok_or_else(error)?;
            let endings: Vec<Ending> = endings.split_whitespace().map(Ending::read).collect();
            for key in keys.split_whitespace() {
                let is_new = match section {
                    "[words]" => table.words.insert(key.into(), endings.clone()).is_none(),
                    "[only]" => table.only.insert(key.into(), endings.clone()).is_none(),
                    "[also]" => add(&mut table.also, key, &endings),
                    "[phrase]" => add(&mut table.in_phrases, key, &endings),
                    _ => match key.strip_prefix('^') {
                        Some(key) => add(&mut table.names, key, &endings),
                        None => add(&mut table.all, key, &endings),
                    },
                };
                if !is_new || endings.is_empty() {
                    return Err(error());
                }
            }
        }
        for rules in [&mut table.all, &mut table.names, &mut table.also, &mut table.in_phrases] {
            add_keys_without_marks(rules);
        }
        Ok(table)
    }

    /// The forms of a word that are listed for it alone.
    pub fn irregular(&self, word: &str) -> impl Iterator<Item = &Ending> {
        self.words.get(word).into_iter().chain(self.only.get(word)).flatten()
    }

    /// How the word may be cut, and what may then follow.
    pub fn find(&self, word: &str, is_name: bool, role: Use) -> Vec<Found<'_>> {
        let letters = word.chars().count();
        let usable = |rule: &&Rule| rule.cut_letters + STEM_LETTERS_MIN <= letters;
        let keys = || (0..=letters.min(KEY_LETTERS_MAX)).rev().map(|length| last_letters(word, length));
        let by_end = |key| {
            let name = self.names.get(key).filter(|rule| is_name && usable(rule));
            name.or_else(|| self.all.get(key).filter(usable))
        };
        let regular = if self.only.contains_key(word) { None } else { keys().find_map(by_end) };
        let also = keys().find_map(|key| self.also.get(key).filter(usable));
        let adjective = match role {
            Use::Alone => None,
            Use::InPhrase => keys().find_map(|key| self.in_phrases.get(key).filter(usable)),
        };
        [regular, also, adjective]
            .into_iter()
            .flatten()
            .map(|rule| Found { stem_letters: letters - rule.cut_letters, endings: &rule.endings })
            .collect()
    }
}

impl Ending {
    fn read(written: &str) -> Self {
        let written = if written == "-" { "" } else { written };
        Self { written: written.into(), folded: fold(written) }
    }
}

fn add(rules: &mut Rules, key: &str, endings: &[Ending]) -> bool {
    let (kept, cut) = key.split_once('.').unwrap_or(("", key));
    let cut = if cut == "-" { "" } else { cut };
    let rule = Rule { cut_letters: cut.chars().count(), endings: endings.to_vec() };
    rules.insert(format!("{kept}{cut}"), rule).is_none()
}

/// Lets a word that is written without marks find the line for those with marks, unless it has one
/// of its own.
fn add_keys_without_marks(rules: &mut Rules) {
    let mut keys: Vec<String> = rules.keys().cloned().collect();
    keys.sort();
    for key in keys {
        let rule = rules[&key].clone();
        rules.entry(fold(&key)).or_insert(rule);
    }
}

fn last_letters(word: &str, count: usize) -> &str {
    let mut letters = word.char_indices().rev();
    match count.checked_sub(1).and_then(|skipped| letters.nth(skipped)) {
        Some((at, _)) => &word[at..],
        None => &word[word.len()..],
    }
}

//! What an entry is about: folding, word forms, rules, the one-pass matcher and the explanation.
//! Pure, and blind to where rules come from and where tags go.

mod rules;

pub use rules::{Field, Place, RuleError, Topic, WordList};

use crate::feed::Tag;

/// What is tagged.
#[derive(Debug, Clone, Default)]
pub struct Item<'a> {
    /// Plain text.
    pub title: &'a str,
    /// Text or HTML.
    pub summary: &'a str,
    /// Text or HTML.
    pub content: &'a str,
    /// The publisher's categories.
    pub categories: Vec<&'a str>,
    /// BCP 47 tag, if known.
    pub language: Option<&'a str>,
    /// The subscription's id, if it came from one.
    pub feed: Option<&'a str>,
}

/// All rules, compiled.
#[derive(Debug)]
pub struct Matcher {}

impl Matcher {
    /// Compiles the rules; every error at once.
    pub fn new(words: &[WordList], topics: &[Topic]) -> Result<Self, Vec<RuleError>> {
        let _ = (words, topics);
        todo!()
    }

    /// The topics of an item, in the order of the configuration.
    pub fn tag(&self, item: &Item<'_>) -> Vec<Tag> {
        let _ = item;
        todo!()
    }
}

/// A light guess at a text's language: a BCP 47 primary subtag (`hbs` for Bosnian, Croatian,
/// Montenegrin and Serbian), `None` where nothing is sure.
pub fn guess_language(text: &str) -> Option<&'static str> {
    let _ = text;
    todo!()
}

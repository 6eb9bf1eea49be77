//! What an entry is about: folding, word forms, rules, the one-pass matcher and the explanation.
//! Pure, and blind to where rules come from and where tags go.

mod compile;
mod compiled;
mod endings;
mod index;
mod language;
mod matcher;
mod nearest;
mod rules;
mod terms;
mod text;
mod tokens;
mod warnings;

pub use endings::{forms, languages};
pub use language::guess_language;
pub use matcher::Matcher;
pub use rules::{Field, Place, RuleError, Topic, WordList};

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

impl<'a> Item<'a> {
    /// An item of these texts. Many feeds have the text in content alone; without a summary it is
    /// what people read first.
    pub fn of(title: &'a str, summary: &'a str, content: &'a str) -> Self {
        let summary = if summary.is_empty() { content } else { summary };
        Self { title, summary, content, ..Self::default() }
    }

    /// A light guess at the language of what people read first.
    pub fn guess_language(&self) -> Option<&'static str> {
        guess_language(&format!("{} {}", self.title, self.summary))
    }
}

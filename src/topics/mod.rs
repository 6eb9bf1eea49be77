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
mod shared;
mod terms;
mod text;
mod tokens;
mod warnings;

pub use endings::{forms, languages};
pub use language::guess_language;
pub use matcher::{Matcher, Part, Verdict};
pub(crate) use nearest::nearest;
pub use rules::{Field, Place, RuleError, Topic, WordList};
pub(crate) use text::{beginning, plain};

use crate::feed::Entry;

/// So much of each text is looked at: as much as any entry of a feed has, and little enough that a
/// text of nothing but hits takes no more than some tens of megabytes.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

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

    /// An entry of a subscription.
    pub fn of_entry(entry: &'a Entry, feed: &'a str) -> Self {
        let text = |text: &'a Option<String>| text.as_deref().unwrap_or_default();
        Self {
            categories: entry.categories.iter().map(|category| category.term.as_str()).collect(),
            language: entry.language.as_deref(),
            feed: Some(feed),
            ..Self::of(text(&entry.title), text(&entry.summary), text(&entry.content))
        }
    }

    /// A light guess at the language of what people read first.
    pub fn guess_language(&self) -> Option<&'static str> {
        guess_language(&format!("{} {}", self.title, self.summary))
    }
}

//! What is looked for among the kept entries: a query as people write it, read and checked, and the
//! words that an entry is found by. Pure, and blind to how entries are kept.

mod read;
mod text;

pub use read::{Error, Names, read};
pub use text::{asked, of_entry};

use chrono::{DateTime, Utc};
use std::time::Duration;

/// A query that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// All of these are in the text.
    pub phrases: Vec<Phrase>,
    /// None of these is.
    pub unwanted: Vec<Phrase>,
    /// Tagged with any of these topics; empty means whatever it is about.
    pub topics: Vec<String>,
    /// Tagged with none of these.
    pub unwanted_topics: Vec<String>,
    /// From these subscriptions; `None` means from all.
    pub feeds: Option<Vec<String>>,
    /// In any of these languages, as [`crate::feed::language_key`] has them; empty means all.
    pub languages: Vec<String>,
    /// In none of these.
    pub unwanted_languages: Vec<String>,
    /// Not published before this.
    pub since: Option<Moment>,
    /// Published before this.
    pub before: Option<Moment>,
    /// The query in one spelling: two that look for the same words are the same text.
    pub text: String,
}

/// Words that follow one another, folded as entries are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phrase {
    words: Vec<String>,
    /// Whether the last word may go on.
    pub is_prefix: bool,
}

impl Phrase {
    /// Never empty, and of letters and digits only.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// A point in time as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long before the question.
    Ago(Duration),
    /// A day's beginning, in UTC.
    At(DateTime<Utc>),
}

impl Moment {
    /// The point in time for a question that is asked `now`.
    pub fn seen_from(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Ago(duration) => {
                now.checked_sub_signed(chrono::TimeDelta::from_std(duration).unwrap_or_default()).unwrap_or(now)
            }
            Self::At(at) => at,
        }
    }
}

/// Longer than anybody types, and short enough for an address.
pub const QUERY_CHARS_MAX: usize = 400;

/// Each costs a walk through the index.
pub const TERMS_MAX: usize = 24;

/// What begins with two letters is half of the index.
pub const PREFIX_LETTERS_MIN: usize = 3;

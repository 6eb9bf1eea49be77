//! The rules as the operator states them. Does not match anything.

use std::fmt;

/// `[words.NAME]`: terms by language, written once and used as `@NAME`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct WordList {
    /// Without the `@`.
    pub name: String,
    /// Language key (`any`, `en`, `hbs` …) and its terms, in the order of the file.
    pub languages: Vec<(String, Vec<String>)>,
    /// Terms whose places in a text do not count.
    pub except: Vec<String>,
}

/// `[[topic]]`: a named rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Topic {
    /// Stable name.
    pub id: String,
    /// For people.
    pub title: String,
    /// One hit of any of these tags. Terms and `@lists` alike, as in every field below.
    pub enough: Vec<String>,
    /// One hit of each tags; the inner list means "either of these".
    pub together: Vec<Vec<String>>,
    /// What each different word found of a term or `@list` counts.
    pub points: Vec<(String, u32)>,
    /// So many points tag; where nothing is said, [`THRESHOLD`].
    pub threshold: Option<u32>,
    /// How many times a word in the title counts; where nothing is said, [`TITLE_TIMES`].
    pub title_times: Option<u32>,
    /// A hit cancels `together` and `points`, not `enough`.
    pub unless: Vec<String>,
    /// A hit cancels everything.
    pub never: Vec<String>,
    /// The hits of `together` lie within so many words.
    pub near: Option<u32>,
    /// Tagging this topic tags the parent as well.
    pub parent: Option<String>,
    /// Where to look.
    pub fields: Vec<Field>,
    /// Entries in these languages only (primary subtag); empty means all.
    pub languages: Vec<String>,
    /// Entries of these subscriptions only; `None` means all.
    pub feeds: Option<Vec<String>>,
}

/// What a word that is `enough` counts, and the sum that tags: twice a word of `together`.
pub(super) const THRESHOLD: u32 = 2;

/// A title says in ten words what the text says in a thousand.
pub(super) const TITLE_TIMES: u32 = 2;

/// A part of an entry that rules can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The title.
    Title,
    /// The summary.
    Summary,
    /// The whole text.
    Content,
    /// The publisher's categories.
    Categories,
}

impl Field {
    /// As it is written in feeds.toml and in explanations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Summary => "summary",
            Self::Content => "content",
            Self::Categories => "categories",
        }
    }
}

/// A rule that cannot be used, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// Where.
    pub place: Place,
    /// What is wrong and, where we can guess it, what was meant.
    pub message: String,
}

/// A place in the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The term at `index` of `key` (a language or `except`) in a word list.
    Words {
        /// The list's name.
        list: String,
        /// `any`, `en`, …, or `except`.
        key: String,
        /// From 0.
        index: usize,
    },
    /// The element at `index` of `key` in a topic.
    Topic {
        /// The topic's id.
        topic: String,
        /// `enough`, `together`, `points`, `unless`, `never`, `in`.
        key: &'static str,
        /// From 0; for `together`, that of the outer list.
        index: usize,
    },
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words { list, key, .. } => write!(f, "words.{list}.{key}"),
            Self::Topic { topic, key, .. } => write!(f, "topic {topic}: {key}"),
        }
    }
}

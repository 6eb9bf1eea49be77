//! The rules as the matcher reads them: everything by number, nothing by name. Only data;
//! `compile` makes it, `matcher` reads it.

use super::index::Index;
use super::rules::Field;
use super::terms::Kind;
use std::collections::HashSet;

/// The rules, compiled.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub index: Index,
    pub words: Vec<WordRule>,
    pub parts: Vec<PartRule>,
    pub terms: Vec<TermRule>,
    pub lists: Vec<ListRule>,
    pub topics: Vec<TopicRule>,
    /// Language keys; words refer to them by number.
    pub languages: Vec<String>,
    /// Sets of lists whose `except` applies; the first is empty.
    pub excepts: Vec<Vec<u32>>,
    /// The fields that any topic looks at.
    pub fields: Fields,
}

/// A word of the rules.
#[derive(Debug)]
pub(super) struct WordRule {
    pub text: String,
    pub kind: Kind,
    pub language: u32,
    /// The parts that begin with it.
    pub begins: Vec<u32>,
}

/// Words in a row.
#[derive(Debug)]
pub(super) struct PartRule {
    /// After the first: the word and its place, counted from the first.
    pub rest: Vec<(u32, u32)>,
    pub term: u32,
    /// Which part of the term it is.
    pub number: u32,
}

/// A term.
#[derive(Debug)]
pub(super) struct TermRule {
    pub written: String,
    pub language: u32,
    pub distances: Vec<u32>,
    /// The lists in which a hit counts, each with the number of a set in `Rules::excepts`.
    pub counts_in: Vec<(u32, u32)>,
    /// The lists in which nothing within a hit counts.
    pub excepted_in: Vec<u32>,
}

/// A word list, or the terms that stand in a topic itself.
#[derive(Debug, Default)]
pub(super) struct ListRule {
    /// `@name`, or the terms as they are written in the topic.
    pub name: String,
    /// The topics that are looked at when the list is hit.
    pub wakes: Vec<u32>,
}

/// A topic; lists by number.
#[derive(Debug)]
pub(super) struct TopicRule {
    pub id: String,
    pub enough: Vec<u32>,
    pub together: Vec<Vec<u32>>,
    /// Lists, and what each word found of them counts.
    pub points: Vec<(Vec<u32>, f64)>,
    pub threshold: f64,
    pub title_times: f64,
    pub unless: Vec<u32>,
    pub never: Vec<u32>,
    pub near: Option<u32>,
    pub parent: Option<u32>,
    pub fields: Fields,
    /// Language keys.
    pub languages: Vec<String>,
    pub feeds: Option<HashSet<String>>,
}

/// A set of fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fields(u8);

impl Fields {
    /// Those that are named, or the usual ones where none is.
    pub fn of(fields: &[Field]) -> Self {
        const DEFAULT: [Field; 3] = [Field::Title, Field::Summary, Field::Categories];
        let fields = if fields.is_empty() { &DEFAULT } else { fields };
        Self(fields.iter().fold(0, |set, field| set | 1 << (*field as u8)))
    }

    /// Takes in those of another set.
    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether the field is one of them.
    pub fn has(self, field: Field) -> bool {
        self.0 & 1 << (field as u8) != 0
    }
}

/// The language key of terms that belong to none.
pub(super) const ANY: &str = "any";

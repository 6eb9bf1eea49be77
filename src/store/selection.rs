//! What an output selects, in the store's numbers, and which entries it takes. Feeds and languages are
//! told from a row of an index; what else is asked is a condition in SQL.

use super::Error;
use super::coverage::{Joined, OF_ARTICLE, OF_STORY};
use super::grouping::{shown_to, story_of};
use super::names::NamesNow;
use super::newest::{self, Place};
use crate::feed::{Collapse, Output, language_key};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// An output's wishes in the store's numbers.
#[derive(Clone)]
pub(super) struct Selection {
    pub(super) topics: Vec<i64>,
    /// In their order, each once.
    pub(super) feeds: Option<Vec<i64>>,
    /// Their keys.
    pub(super) languages: Vec<String>,
    /// Feeds that left feeds.toml, where all others are selected.
    unsubscribed: Vec<i64>,
    /// The number of the last entry that may be shown.
    shown_to: i64,
    /// Entries dated at this moment or later, and before that place.
    pub(super) since: i64,
    pub(super) before: Place,
    collapse: Collapse,
    /// What an entry's row `e` must satisfy beside; holds numbers and checked words only.
    pub(super) condition: Option<String>,
}

impl Selection {
    /// `None` where the output asks for topics or feeds that no entry can have.
    pub(super) fn of(connection: &Connection, output: &Output, names: &NamesNow) -> Result<Option<Self>, Error> {
        let topics = topic_numbers(connection, &output.topics)?;
        let feeds = output.feeds.as_ref().map(|feeds| names.numbers(connection, feeds)).transpose()?;
        let is_impossible =
            (topics.is_empty() && !output.topics.is_empty()) || feeds.as_ref().is_some_and(Vec::is_empty);
        if is_impossible {
            return Ok(None);
        }
        let mut languages: Vec<String> = output.languages.iter().map(|tag| language_key(tag)).collect();
        languages.sort_unstable();
        languages.dedup();
        Ok(Some(Self {
            topics,
            unsubscribed: if feeds.is_none() { unsubscribed(connection)? } else { Vec::new() },
            feeds,
            languages,
            shown_to: if output.collapse == Collapse::None { i64::MAX } else { shown_to(connection)? },
            since: i64::MIN,
            before: Place::NEWEST,
            collapse: output.collapse,
            condition: None,
        }))
    }

    /// Whether a kept entry's row is of the feeds and in the languages that are asked for.
    pub(super) fn takes(&self, number: i64, feed: i64, language: Option<&str>) -> bool {
        let is_of_feeds = match &self.feeds {
            Some(feeds) => feeds.binary_search(&feed).is_ok(),
            None => self.unsubscribed.binary_search(&feed).is_err(),
        };
        let is_in_languages = || {
            self.languages.is_empty() || language.is_some_and(|key| self.languages.iter().any(|wanted| wanted == key))
        };
        is_of_feeds && number <= self.shown_to && is_in_languages()
    }

    /// Adds what an entry's row `e` must satisfy.
    pub(super) fn narrow(&mut self, condition: &str) {
        self.condition = Some(match &self.condition {
            Some(known) => format!("{known} AND {condition}"),
            None => condition.to_owned(),
        });
    }

    /// Whether an entry at a place satisfies the condition.
    pub(super) fn admits(&self, connection: &Connection, number: i64) -> Result<bool, Error> {
        match &self.condition {
            None => Ok(true),
            Some(condition) => {
                let sql = format!("SELECT 1 FROM entry e WHERE e.id = ?1 AND {condition}");
                Ok(connection.prepare_cached(&sql)?.exists([number])?)
            }
        }
    }

    /// Whether an entry at a place has one of the topics, where any are asked for.
    pub(super) fn has_topic(&self, connection: &Connection, place: Place) -> Result<bool, Error> {
        if self.topics.is_empty() {
            return Ok(true);
        }
        let mut has = false;
        let mut statement =
            connection.prepare_cached("SELECT 1 FROM tag WHERE topic = ?1 AND sorted_at = ?2 AND entry = ?3")?;
        for topic in &self.topics {
            has = has || statement.exists(params![topic, place.sorted_at, place.number])?;
        }
        Ok(has)
    }

    /// The places of the entries that are selected, the newest first.
    pub(super) fn newest(&self) -> newest::Newest<'_> {
        newest::Newest::of(self)
    }

    /// Whether all that an entry's row says is as asked for.
    pub(super) fn selects(&self, connection: &Connection, number: i64) -> Result<bool, Error> {
        let sql = "SELECT feed, language, sorted_at FROM entry WHERE id = ?1 AND is_kept";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([number])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let place = Place { sorted_at: row.get(2)?, number };
        let takes = self.takes(number, row.get(0)?, row.get_ref(1)?.as_str_or_null().unwrap_or_default());
        Ok(takes
            && (self.since..).contains(&place.sorted_at)
            && place < self.before
            && self.has_topic(connection, place)?
            && self.admits(connection, number)?)
    }

    /// What an entry that is shown here speaks for.
    pub(super) fn joined(&self) -> Joined {
        match self.collapse {
            Collapse::None => Joined::Alone,
            Collapse::Duplicates => Joined::Copies,
            Collapse::Stories => Joined::Story,
        }
    }

    /// Whether an entry stands for its article, or its story, here.
    pub(super) fn is_shown(&self, connection: &Connection, number: i64) -> Result<bool, Error> {
        Ok(self.shown_for(connection, number, &mut HashSet::new())? == Some(number))
    }

    /// The entry that is shown where one comes; `None` where it was, or will be, shown elsewhere.
    pub(super) fn shown_for(
        &self,
        connection: &Connection,
        number: i64,
        stories: &mut HashSet<i64>,
    ) -> Result<Option<i64>, Error> {
        match self.collapse {
            Collapse::None => Ok(Some(number)),
            Collapse::Duplicates => {
                let root = root(connection, number)?;
                let shown = match root == number && !has_copies(connection, number)? {
                    true => number,
                    false => self.first_of(connection, OF_ARTICLE, root)?.unwrap_or(number),
                };
                Ok(Some(shown).filter(|shown| *shown == number))
            }
            Collapse::Stories => {
                let story = story_of(connection, number)?;
                if !stories.insert(story) {
                    return Ok(None);
                }
                match has_others(connection, story, number)? {
                    false => Ok(Some(number)),
                    true => Ok(Some(self.first_of(connection, OF_STORY, story)?.unwrap_or(number))),
                }
            }
        }
    }

    /// Which of the entries that say the same stands for them, of those that the output selects.
    fn first_of(&self, connection: &Connection, of: &str, number: i64) -> Result<Option<i64>, Error> {
        first_of(connection, of, number, |number| self.selects(connection, number))
    }
}

/// Which of the entries that say the same stands for them: the original. What comes later never takes
/// its place; of those that came together the operator's favourite does, else the one that was
/// published first, else the longest.
pub(super) fn first_of(
    connection: &Connection,
    of: &str,
    number: i64,
    mut is_wanted: impl FnMut(i64) -> Result<bool, Error>,
) -> Result<Option<i64>, Error> {
    let sql = format!(
        "SELECT e.id, e.first_seen_at, feed.priority, e.sorted_at, {LENGTH}
         FROM entry e JOIN feed ON feed.id = e.feed JOIN text ON text.entry = e.id WHERE {of} AND e.is_kept
         ORDER BY e.first_seen_at, e.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([number])?;
    let mut together = None;
    let mut best: Option<((i64, i64, i64, i64), i64)> = None;
    while let Some(row) = rows.next()? {
        let (number, seen_at): (i64, i64) = (row.get(0)?, row.get(1)?);
        if together.is_some_and(|until| seen_at > until) {
            break;
        }
        if !is_wanted(number)? {
            continue;
        }
        together.get_or_insert(seen_at.saturating_add(TOGETHER_S));
        let (priority, sorted_at, length): (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let rank = (priority.saturating_neg(), sorted_at, length.saturating_neg(), number);
        if best.is_none_or(|(known, _)| rank < known) {
            best = Some((rank, number));
        }
    }
    Ok(best.map(|(_, number)| number))
}

/// How long what an entry says is.
const LENGTH: &str =
    "octet_length(coalesce(json_extract(text.said, '$.content'), json_extract(text.said, '$.summary'), ''))";

/// What one pass over the feeds brings came together, in whatever order they answered.
const TOGETHER_S: i64 = 600;

/// When an entry was first seen, in seconds of Unix time.
pub(super) fn first_seen_at(connection: &Connection, number: i64) -> Result<i64, Error> {
    let sql = "SELECT first_seen_at FROM entry WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
}

fn root(connection: &Connection, number: i64) -> Result<i64, Error> {
    let sql = "SELECT root FROM entry WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
}

/// Whether an entry is the root of others.
pub(super) fn has_copies(connection: &Connection, root: i64) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM entry WHERE root = ?1 AND root <> id)";
    Ok(connection.prepare_cached(sql)?.query_row([root], |row| row.get(0))?)
}

/// Whether a story has any entry but this one.
pub(super) fn has_others(connection: &Connection, story: i64, number: i64) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM grouped WHERE story = ?1 AND entry <> ?2)";
    Ok(connection.prepare_cached(sql)?.query_row([story, number], |row| row.get(0))?)
}

/// SQL: whether an entry has any of these topics.
pub(super) fn has_topic(topics: &[i64]) -> String {
    let topics = list(topics);
    format!("EXISTS (SELECT 1 FROM tag t WHERE t.topic IN ({topics}) AND t.sorted_at = e.sorted_at AND t.entry = e.id)")
}

/// The numbers of those topics that any entry ever had.
pub(super) fn topic_numbers(connection: &Connection, names: &[String]) -> Result<Vec<i64>, Error> {
    numbers(connection, "SELECT id FROM topic WHERE name = ?1", names)
}

pub(super) const FEED_NUMBER: &str = "SELECT id FROM feed INDEXED BY feed_subscribed WHERE name = ?1 AND is_subscribed";

pub(super) const UNSUBSCRIBED: &str =
    "SELECT id FROM feed INDEXED BY feed_unsubscribed WHERE NOT is_subscribed ORDER BY id";

fn unsubscribed(connection: &Connection) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached(UNSUBSCRIBED)?;
    let feeds = statement.query_map([], |row| row.get(0))?;
    Ok(feeds.collect::<Result<_, _>>()?)
}

/// Languages as an SQL list of their keys.
pub(super) fn language_list(languages: &[String]) -> String {
    let keys: Vec<String> = languages.iter().map(|tag| format!("'{}'", letters(&language_key(tag)))).collect();
    keys.join(",")
}

fn numbers(connection: &Connection, sql: &str, names: &[String]) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut numbers = Vec::new();
    for name in names {
        numbers.extend(statement.query_row([name], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(numbers)
}

pub(super) fn list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// A language key has letters only; anything else must not reach the SQL.
fn letters(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect()
}

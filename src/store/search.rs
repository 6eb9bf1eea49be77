//! Entries that a query finds, newest first, each article once. Walks the index from the entries
//! that came last; what FTS5 is asked is made of folded words and never of what somebody typed.

use super::coverage::Joined;
use super::entries::{Candidate, Selection, choose, has_topic, language_list, load, topic_numbers};
use super::{Error, Store};
use crate::feed::{KeptEntry, Output};
use crate::search::{Phrase, Query};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, ErrorCode, InterruptHandle, params};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A search among millions takes some milliseconds; one that takes so long asks too much.
const SEARCH_PATIENCE: Duration = Duration::from_secs(2);

impl Store {
    /// The newest entries that `query` finds when it is asked `now`, at most `items`. Fails with
    /// [`Error::TooLong`] where that takes more time than a search may.
    pub async fn search(&self, query: Query, now: DateTime<Utc>, items: usize) -> Result<Vec<KeptEntry>, Error> {
        let brake = Brake::default();
        let held = brake.clone();
        let search = self.read(move |connection| {
            held.hold(connection);
            let found = find(connection, &query, now, items);
            held.release();
            found
        });
        let mut search = std::pin::pin!(search);
        let found = tokio::select! {
            found = &mut search => found,
            () = tokio::time::sleep(SEARCH_PATIENCE) => {
                brake.pull();
                search.await
            }
        };
        found.map_err(|error| match error {
            Error::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Error::TooLong
            }
            error => error,
        })
    }
}

/// Stops what a connection does as long as it does it for us: the next one to use it is not disturbed.
#[derive(Clone, Default)]
struct Brake(Arc<Mutex<Option<InterruptHandle>>>);

impl Brake {
    fn hold(&self, connection: &Connection) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.get_interrupt_handle());
    }

    fn release(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn pull(&self) {
        if let Some(handle) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.interrupt();
        }
    }
}

fn find(connection: &Connection, query: &Query, now: DateTime<Utc>, items: usize) -> Result<Vec<KeptEntry>, Error> {
    let output = shown(query, items);
    let Some(mut selection) = Selection::of(connection, &output)? else {
        return Ok(Vec::new());
    };
    if items == 0 {
        return Ok(Vec::new());
    }
    narrow(connection, &mut selection, query, now)?;
    if query.phrases.is_empty() {
        if !query.unwanted.is_empty() {
            selection.filter += &format!(" AND NOT {}", is_match(&any(&query.unwanted)));
        }
        return Ok(choose(connection, &output, &selection, None)?.entries);
    }
    let earliest = query.since.map_or(i64::MIN, |since| since.seen_from(now).timestamp());
    let mut found = Vec::with_capacity(items);
    for number in newest(connection, &selection, &expression(query), earliest, items)? {
        found.extend(load(connection, number, Joined::Copies)?);
    }
    Ok(found)
}

/// Adds to the filter what needs no index of words.
fn narrow(connection: &Connection, selection: &mut Selection, query: &Query, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some(since) = query.since {
        selection.filter += &format!(" AND e.sorted_at >= {}", since.seen_from(now).timestamp());
    }
    if let Some(before) = query.before {
        selection.filter += &format!(" AND e.sorted_at < {}", before.seen_from(now).timestamp());
    }
    if !query.unwanted_languages.is_empty() {
        let keys = language_list(&query.unwanted_languages);
        selection.filter += &format!(" AND coalesce(e.language, '') NOT IN ({keys})");
    }
    let unwanted = topic_numbers(connection, &query.unwanted_topics)?;
    if !unwanted.is_empty() {
        selection.filter += &format!(" AND NOT {}", has_topic(&unwanted));
    }
    Ok(())
}

/// What a search is to the rooms that choose: an output that shows each article once.
fn shown(query: &Query, items: usize) -> Output {
    Output {
        topics: query.topics.clone(),
        feeds: query.feeds.clone(),
        languages: query.languages.clone(),
        items,
        at_least: Duration::ZERO,
        ..Output::new("search", "")
    }
}

/// The numbers of the newest that have the words, newest first.
///
/// The index is walked by number, from the last that came. Nothing is dated after it came: when all
/// that is left came before the oldest of enough finds, it cannot be among them.
fn newest(
    connection: &Connection,
    selection: &Selection,
    expression: &str,
    earliest: i64,
    items: usize,
) -> Result<Vec<i64>, Error> {
    let topics = match selection.topics.as_slice() {
        [] => String::new(),
        topics => format!(" AND {}", has_topic(topics)),
    };
    let sql = format!(
        "SELECT {} FROM word_index CROSS JOIN entry e ON e.id = word_index.rowid
         WHERE word_index MATCH ?1 AND {}{topics} ORDER BY word_index.rowid DESC",
        Candidate::COLUMNS,
        selection.filter
    );
    let mut with_words = selection.clone();
    with_words.filter += &format!(" AND {}", is_match(expression));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![expression])?;
    let mut best: BinaryHeap<Reverse<(i64, i64)>> = BinaryHeap::with_capacity(items + 1);
    while let Some(row) = rows.next()? {
        let candidate = Candidate::read(row)?;
        let oldest = if best.len() < items { None } else { best.peek().map(|Reverse(place)| *place) };
        let latest = candidate.first_seen_at.saturating_add(CAME_LATE_S);
        if latest < earliest || oldest.is_some_and(|(sorted_at, _)| latest < sorted_at) {
            break;
        }
        let place = (candidate.sorted_at, candidate.number);
        if oldest.is_some_and(|oldest| place < oldest) || !with_words.is_shown(connection, &candidate)? {
            continue;
        }
        best.push(Reverse(place));
        if best.len() > items {
            best.pop();
        }
    }
    Ok(best.into_sorted_vec().into_iter().map(|Reverse((_, number))| number).collect())
}

/// Polls under way at once are kept in any order, and a clock may be set: what came next may bear an
/// earlier hour, but hardly a day.
const CAME_LATE_S: i64 = 24 * 3600;

/// Whether an entry's row has the words, as SQL.
fn is_match(expression: &str) -> String {
    format!("e.id IN (SELECT rowid FROM word_index WHERE word_index MATCH '{expression}' AND rowid = e.id)")
}

/// The query as FTS5 reads it. Every word stands in quotes and holds letters and digits only.
fn expression(query: &Query) -> String {
    let wanted: Vec<String> = query.phrases.iter().map(quoted).collect();
    let wanted = wanted.join(" AND ");
    match query.unwanted.is_empty() {
        true => wanted,
        false => format!("({wanted}) NOT ({})", any(&query.unwanted)),
    }
}

fn any(phrases: &[Phrase]) -> String {
    phrases.iter().map(quoted).collect::<Vec<_>>().join(" OR ")
}

fn quoted(phrase: &Phrase) -> String {
    let words: Vec<String> =
        phrase.words().iter().map(|word| word.chars().filter(|letter| letter.is_alphanumeric()).collect()).collect();
    format!("\"{}\"{}", words.join(" "), if phrase.is_prefix { " *" } else { "" })
}

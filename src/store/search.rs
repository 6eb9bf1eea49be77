//! Entries that a query finds, newest first, each article once. Walks the index from the entries
//! that came last; what FTS5 is asked is made of folded words and never of what somebody typed.

use super::coverage::Joined;
use super::entries::{choose, load};
use super::indexing::{feed_word, language_word};
use super::names::NamesNow;
use super::newest::{Look, Newest, Place};
use super::selection::{Selection, has_topic, language_list, topic_numbers};
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
        let (held, names) = (brake.clone(), self.names.now());
        let search = self.read(move |connection| {
            held.hold(connection);
            let found = find(connection, &query, &names, now, items);
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

fn find(
    connection: &Connection,
    query: &Query,
    names: &NamesNow,
    now: DateTime<Utc>,
    items: usize,
) -> Result<Vec<KeptEntry>, Error> {
    let output = shown(query, items);
    let Some(mut selection) = Selection::of(connection, &output, names)? else {
        return Ok(Vec::new());
    };
    if items == 0 {
        return Ok(Vec::new());
    }
    narrow(connection, &mut selection, query, now)?;
    let unwanted = (!query.unwanted.is_empty()).then(|| is_match(&any(&query.unwanted)));
    if query.phrases.is_empty() {
        unwanted.into_iter().for_each(|unwanted| selection.narrow(&format!("NOT {unwanted}")));
        return Ok(choose(connection, &output, &selection, None)?.entries);
    }
    let expression = expression(query, &selection);
    let mut found = Vec::with_capacity(items);
    for number in newest(connection, &selection, &expression, items)? {
        found.extend(load(connection, number, Joined::Copies)?);
    }
    Ok(found)
}

/// Adds what needs no index of words.
fn narrow(connection: &Connection, selection: &mut Selection, query: &Query, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some(since) = query.since {
        selection.since = since.seen_from(now).timestamp();
    }
    if let Some(before) = query.before {
        selection.before = Place { sorted_at: before.seen_from(now).timestamp(), number: i64::MIN };
    }
    if !query.unwanted_languages.is_empty() {
        let keys = language_list(&query.unwanted_languages);
        selection.narrow(&format!("coalesce(e.language, '') NOT IN ({keys})"));
    }
    let unwanted = topic_numbers(connection, &query.unwanted_topics)?;
    if !unwanted.is_empty() {
        selection.narrow(&format!("NOT {}", has_topic(&unwanted)));
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

/// Entries that are looked at in the first turn of either way, and in each turn after it twice as many.
/// To ask the index of words for one entry takes as long as to pass over so many.
const FIRST_TURN: usize = 256;

/// The numbers of the newest that have the words, newest first.
///
/// Two ways lead there: the entries that have the words, of which some are selected, and those that are
/// selected, of which some have the words. Nobody knows which is shorter: they take turns.
fn newest(connection: &Connection, selection: &Selection, expression: &str, items: usize) -> Result<Vec<i64>, Error> {
    let mut with_words = selection.clone();
    with_words.narrow(&is_match(expression));
    let mut selected = Selected { newest: with_words.newest(), selection: &with_words, found: Vec::new() };
    let sql = "SELECT e.id, e.sorted_at, e.first_seen_at, e.feed, e.language
               FROM word_index CROSS JOIN entry e ON e.id = word_index.rowid
               WHERE word_index MATCH ?1 AND e.is_kept ORDER BY word_index.rowid DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![expression])?;
    let mut best = Best::of(items);
    let mut turn = FIRST_TURN;
    loop {
        for _ in 0..turn {
            let Some(row) = rows.next()? else { return Ok(best.numbers()) };
            let place = Place { number: row.get(0)?, sorted_at: row.get(1)? };
            if best.is_done(selection, row.get(2)?) {
                return Ok(best.numbers());
            }
            let is_taken = || {
                Ok::<_, Error>(selection.takes(
                    place.number,
                    row.get(3)?,
                    row.get_ref(4)?.as_str_or_null().unwrap_or_default(),
                ))
            };
            if best.has_room(place)
                && is_taken()?
                && selection.selects(connection, place.number)?
                && with_words.is_shown(connection, place.number)?
            {
                best.add(place);
            }
        }
        if let Some(numbers) = selected.look(connection, items, turn)? {
            return Ok(numbers);
        }
        turn = turn.saturating_mul(2);
    }
}

/// The newest of those that have the words, by number from the last that came. Nothing is dated after it
/// came: when all that is left came before the oldest of enough finds, it cannot be among them.
struct Best {
    places: BinaryHeap<Reverse<Place>>,
    items: usize,
}

impl Best {
    fn of(items: usize) -> Self {
        Self { places: BinaryHeap::with_capacity(items + 1), items }
    }

    /// The place that has to be better, where there are enough.
    fn oldest(&self) -> Option<Place> {
        self.places.peek().filter(|_| self.places.len() >= self.items).map(|Reverse(place)| *place)
    }

    /// Whether nothing can be among them that came at a moment or before.
    fn is_done(&self, selection: &Selection, seen_at: i64) -> bool {
        let latest = seen_at.saturating_add(CAME_LATE_S);
        latest < selection.since || self.oldest().is_some_and(|oldest| latest < oldest.sorted_at)
    }

    fn has_room(&self, place: Place) -> bool {
        self.oldest().is_none_or(|oldest| place > oldest)
    }

    fn add(&mut self, place: Place) {
        self.places.push(Reverse(place));
        if self.places.len() > self.items {
            self.places.pop();
        }
    }

    fn numbers(self) -> Vec<i64> {
        self.places.into_sorted_vec().into_iter().map(|Reverse(place)| place.number).collect()
    }
}

/// The newest of those that are selected, from the newest on.
struct Selected<'s> {
    newest: Newest<'s>,
    selection: &'s Selection,
    found: Vec<i64>,
}

impl Selected<'_> {
    /// Looks on for one turn; answers what was found when that is all.
    fn look(&mut self, connection: &Connection, items: usize, turn: usize) -> Result<Option<Vec<i64>>, Error> {
        let mut rows = turn;
        loop {
            if self.found.len() == items {
                return Ok(Some(std::mem::take(&mut self.found)));
            }
            match self.newest.look(connection, &mut rows)? {
                Look::Found(place) => {
                    if self.selection.is_shown(connection, place.number)? {
                        self.found.push(place.number);
                    }
                }
                Look::Paused => return Ok(None),
                Look::End => return Ok(Some(std::mem::take(&mut self.found))),
            }
        }
    }
}

/// Polls under way at once are kept in any order, and a clock may be set by a little: what came next may
/// bear an earlier minute.
const CAME_LATE_S: i64 = 1200;

/// Whether an entry's row has the words, as SQL.
fn is_match(expression: &str) -> String {
    format!("e.id IN (SELECT rowid FROM word_index WHERE word_index MATCH '{expression}' AND rowid = e.id)")
}

/// More feeds than so many are told from their entries' rows.
const FEEDS_ASKED_MAX: usize = 64;

/// The query as FTS5 reads it. Every word stands in quotes and holds letters and digits only, but for
/// our own words for feeds and languages.
fn expression(query: &Query, selection: &Selection) -> String {
    let wanted: Vec<String> = query.phrases.iter().map(quoted).collect();
    let mut wanted = wanted.join(" AND ");
    let mut narrow = |words: Vec<String>| {
        let words: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
        wanted += &format!(" AND ({})", words.join(" OR "));
    };
    if let Some(feeds) = selection.feeds.as_ref().filter(|feeds| feeds.len() <= FEEDS_ASKED_MAX) {
        narrow(feeds.iter().map(|feed| feed_word(*feed)).collect());
    }
    if !selection.languages.is_empty() {
        narrow(selection.languages.iter().map(|key| language_word(key)).collect());
    }
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

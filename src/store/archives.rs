//! What an output showed once: its archive, in parts by entry number. That is the order of arrival, so
//! that a part that was closed gets no new entries, whatever dates they come with.

use super::entries::{Young, choose, load};
use super::grouping::shown_to;
use super::names::NamesNow;
use super::selection::{Selection, has_topic};
use super::{Error, Store};
use crate::feed::{Collapse, KeptEntry, Output};
use chrono::{DateTime, Datelike, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;
use std::ops::ControlFlow;
use tracing::warn;

/// What an output shows now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    /// The newest first.
    pub entries: Vec<KeptEntry>,
    /// The part of the archive that goes on from here; all that is not shown is in it and in those
    /// that follow it.
    pub older: Option<i64>,
}

impl Store {
    /// What `output` shows: its newest `items`, and beyond those what no reader could fetch yet. A
    /// part of the archive is closed when an entry would be in none else, and in each month.
    pub async fn shown(&self, output: &Output, now: DateTime<Utc>) -> Result<Shown, Error> {
        let (wanted, names) = (output.clone(), self.names.now());
        let (shown, closed) = self.read(move |connection| show(connection, &wanted, &names, now)).await?;
        if let Some(last) = closed {
            let id = output.id.clone();
            let closing = self.write(move |connection| close(connection, &id, last, now)).await;
            if let (Err(error), true) = (closing, self.writer.is_some()) {
                // What the document says is true all the same; the next one closes it again.
                warn!(%error, output = output.id, "a part of the archive was not closed");
            }
        }
        Ok(shown)
    }

    /// The part of an output's archive that ends with entry `last`, or as much of it as one document
    /// holds; `None` where no entry has that number.
    pub async fn archived(&self, output: &Output, last: i64) -> Result<Option<Shown>, Error> {
        let (output, names) = (output.clone(), self.names.now());
        self.read(move |connection| {
            if last < 1 || last > newest_number(connection)? {
                return Ok(None);
            }
            match Selection::of(connection, &output, &names)? {
                Some(selection) => part(connection, &output, &selection, last).map(Some),
                None => Ok(Some(Shown::default())),
            }
        })
        .await
    }

    /// The number of the last entry that came before a moment; 0 where none did.
    pub async fn number_before(&self, at: DateTime<Utc>) -> Result<i64, Error> {
        self.read(move |connection| number_before(connection, at.timestamp())).await
    }
}

/// About as long as a subscription document.
const PART_ENTRIES: usize = 100;

/// After so many entries of all feeds a part is closed in any case: what is to be looked through at
/// each publication has a bound.
const OPEN_ENTRIES_MAX: i64 = 20_000;

/// What was older than so many times `at_least` when it came is no news: a new feed brings years.
const NEWS_TIMES: i32 = 3;

/// What is shown, and the end of the part that has to be closed for it.
fn show(
    connection: &Connection,
    output: &Output,
    names: &NamesNow,
    now: DateTime<Utc>,
) -> Result<(Shown, Option<i64>), Error> {
    let Some(selection) = Selection::of(connection, output, names)? else {
        return Ok((Shown::default(), None));
    };
    let at_least = i64::try_from(output.at_least.as_secs()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    let young = Young {
        seen_since: now.timestamp().saturating_sub(at_least),
        dated_since: now.timestamp().saturating_sub(at_least.saturating_mul(NEWS_TIMES.into())),
    };
    let chosen = choose(connection, output, &selection, (at_least > 0).then_some(young))?;
    let mut shown = Shown { entries: chosen.entries, older: None };
    if chosen.is_all {
        return Ok((shown, None));
    }
    // What waits to be grouped comes into no part that is closed before.
    let newest = match output.collapse {
        Collapse::None => newest_number(connection)?,
        Collapse::Duplicates | Collapse::Stories => newest_number(connection)?.min(shown_to(connection)?),
    };
    let (end, closed_at) = last_end(connection, &output.id)?.unwrap_or_default();
    let in_document: HashSet<i64> = shown.entries.iter().map(|entry| entry.number).collect();
    let is_missing = selection.has_other(connection, (end, newest), &in_document)?;
    let is_long_open = newest - end > OPEN_ENTRIES_MAX || !is_same_month(closed_at, now);
    let closed = (newest > end && (is_missing || is_long_open)).then_some(newest);
    let is_part =
        closed.is_some() && (is_missing || selection.has_other(connection, (end, newest), &HashSet::new())?);
    shown.older = if is_part { closed } else { older(connection, &output.id, &selection, end)? };
    Ok((shown, closed))
}

fn part(connection: &Connection, output: &Output, selection: &Selection, last: i64) -> Result<Shown, Error> {
    let after = end_before(connection, &output.id, last)?;
    let (mut numbers, mut goes_on) = (Vec::new(), false);
    selection.walk_down(connection, (after, last), |number| {
        goes_on = numbers.len() == PART_ENTRIES;
        if goes_on {
            return ControlFlow::Break(());
        }
        numbers.push(number);
        ControlFlow::Continue(())
    })?;
    let older = match numbers.last() {
        Some(oldest) if goes_on => Some(oldest - 1),
        _ => older(connection, &output.id, selection, after)?,
    };
    let mut entries = Vec::with_capacity(numbers.len());
    for number in numbers {
        match load(connection, number, selection.joined()) {
            Ok(entry) => entries.extend(entry),
            Err(Error::Damaged(what)) => warn!(entry = number, "left out of the archive of {}: {what}", output.id),
            Err(error) => return Err(error),
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.sorted_at, entry.number)));
    Ok(Shown { entries, older })
}

impl Selection {
    /// The numbers that are shown in `(after, last]`, the highest first, until `step` has enough.
    fn walk_down(
        &self,
        connection: &Connection,
        (after, last): (i64, i64),
        mut step: impl FnMut(i64) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        // By numbers alone, also where topics are selected: whoever has enough of them stops.
        let of_topic = match self.topics.is_empty() {
            true => String::new(),
            false => format!(" AND {}", has_topic(&self.topics)),
        };
        let sql = format!(
            "SELECT e.id, e.feed, e.language FROM entry e NOT INDEXED
             WHERE e.id > ?1 AND e.id <= ?2 AND e.is_kept{of_topic} ORDER BY e.id DESC"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![after, last])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let is_taken = self.takes(number, row.get(1)?, row.get_ref(2)?.as_str_or_null().unwrap_or_default());
            if is_taken && self.is_shown(connection, number)? && step(number).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether anything but `known` is shown in `(after, last]`.
    fn has_other(&self, connection: &Connection, range: (i64, i64), known: &HashSet<i64>) -> Result<bool, Error> {
        let mut has_other = false;
        self.walk_down(connection, range, |number| {
            has_other = !known.contains(&number);
            if has_other { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(has_other)
    }
}

/// The end of the newest closed part at or below `end` that holds anything.
fn older(connection: &Connection, output: &str, selection: &Selection, end: i64) -> Result<Option<i64>, Error> {
    let oldest_text: Option<i64> =
        connection.prepare_cached("SELECT min(entry) FROM text")?.query_row([], |row| row.get(0))?;
    let Some(oldest_text) = oldest_text else {
        return Ok(None);
    };
    let (mut end, nothing) = (end, HashSet::new());
    while end >= oldest_text {
        let after = end_before(connection, output, end)?;
        if selection.has_other(connection, (after, end), &nothing)? {
            return Ok(Some(end));
        }
        end = after;
    }
    Ok(None)
}

/// The number of the last entry that was first seen before a second; 0 where none was.
pub(super) fn number_before(connection: &Connection, at: i64) -> Result<i64, Error> {
    let (mut low, mut high) = (0, newest_number(connection)?);
    while low < high {
        let middle = low + (high - low + 1) / 2;
        // Numbers have no gaps but those that were given up, so the next lower one stands for it.
        let seen: Option<i64> = connection
            .prepare_cached("SELECT first_seen_at FROM entry WHERE id <= ?1 ORDER BY id DESC LIMIT 1")?
            .query_row([middle], |row| row.get(0))
            .optional()?;
        match seen.is_some_and(|seen| seen >= at) {
            true => high = middle - 1,
            false => low = middle,
        }
    }
    Ok(low)
}

fn newest_number(connection: &Connection) -> Result<i64, Error> {
    Ok(connection.prepare_cached("SELECT coalesce(max(id), 0) FROM entry")?.query_row([], |row| row.get(0))?)
}

/// Where the newest closed part ends, and when it was closed.
fn last_end(connection: &Connection, output: &str) -> Result<Option<(i64, i64)>, Error> {
    Ok(connection
        .prepare_cached("SELECT last, closed_at FROM archive WHERE output = ?1 ORDER BY last DESC LIMIT 1")?
        .query_row([output], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Where the part before the one that holds entry `last` ends.
fn end_before(connection: &Connection, output: &str, last: i64) -> Result<i64, Error> {
    Ok(connection
        .prepare_cached("SELECT coalesce(max(last), 0) FROM archive WHERE output = ?1 AND last < ?2")?
        .query_row(params![output, last], |row| row.get(0))?)
}

fn close(connection: &Connection, output: &str, last: i64, now: DateTime<Utc>) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO archive (output, last, closed_at) VALUES (?1, ?2, ?3)")?
        .execute(params![output, last, now.timestamp()])?;
    Ok(())
}

fn is_same_month(closed_at: i64, now: DateTime<Utc>) -> bool {
    DateTime::from_timestamp(closed_at, 0).is_some_and(|at| (at.year(), at.month()) == (now.year(), now.month()))
}

//! Feeds in the store: what is known of each between its polls, listed when they are due, reported.

use super::{Error, Store};
use crate::feed::{FeedName, FeedState, Moving, Skips, Validators};
use chrono::{DateTime, Utc};
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use std::collections::HashMap;
use url::Url;

/// A feed with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRecord {
    /// As outputs name it.
    pub name: FeedName,
    /// What we know between polls.
    pub state: FeedState,
    /// Whether it is polled at all.
    pub is_enabled: bool,
}

/// A feed whose time has come, as much of it as decides whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The subscription's id.
    pub id: String,
    /// Whether it was asked before.
    pub was_asked: bool,
    /// Whether the last poll failed.
    pub is_failing: bool,
    /// When the publisher wishes not to be asked.
    pub skips: Skips,
}

impl Store {
    /// Polled feeds whose time has come, the longest overdue first. Light: while thousands wait, it is
    /// asked for every second.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<Due>, Error> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT name, last_poll_at, failures, skip_hours, skip_days FROM feed WHERE {IS_DUE} ORDER BY coalesce(next_poll_at, 0), id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([now.timestamp()], |row| {
                Ok(Due {
                    id: row.get("name")?,
                    was_asked: row.get::<_, Option<i64>>("last_poll_at")?.is_some(),
                    is_failing: row.get::<_, u32>("failures")? > 0,
                    skips: Skips { hours: row.get("skip_hours")?, days: row.get("skip_days")? },
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// What is known of a feed, if its time has come and nothing has put it off meanwhile.
    pub async fn state_if_due(&self, id: &str, now: DateTime<Utc>) -> Result<Option<FeedState>, Error> {
        let id = id.to_owned();
        self.read(move |connection| {
            let sql = format!("SELECT {STATE} FROM feed WHERE name = ?2 AND {IS_DUE}");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_row(params![now.timestamp(), id], |row| state(&mut Columns::of(row))).optional()?)
        })
        .await
    }

    /// Every subscribed feed, in the order of their ids.
    pub async fn feeds(&self) -> Result<Vec<FeedRecord>, Error> {
        self.read(|connection| {
            let sql = format!("SELECT {STATE}, is_enabled, {NAME} FROM feed WHERE is_subscribed ORDER BY name");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| {
                let mut columns = Columns::of(row);
                Ok(FeedRecord { state: state(&mut columns)?, is_enabled: columns.next()?, name: name(row)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// What is known of every subscribed feed between its polls, by their ids.
    pub async fn states(&self) -> Result<HashMap<String, FeedState>, Error> {
        self.read(|connection| states(connection, "is_subscribed")).await
    }

    /// The same of those alone whose servers asked to wait when they failed.
    pub async fn told_to_wait(&self) -> Result<HashMap<String, FeedState>, Error> {
        self.read(|connection| states(connection, "is_subscribed AND failures > 0 AND retry_at IS NOT NULL")).await
    }

    /// How many entries are kept with their text, by subscribed feed; a feed without any is not
    /// among them.
    pub async fn entry_counts(&self) -> Result<HashMap<String, i64>, Error> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT name, kept FROM feed WHERE is_subscribed AND kept > 0")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Moves the next polls of feeds to the given moments, for the given reasons, all in one
    /// transaction.
    pub async fn postpone(&self, moments: Vec<(String, DateTime<Utc>, String)>) -> Result<(), Error> {
        self.write(move |connection| {
            let mut statement =
                connection.prepare_cached("UPDATE feed SET next_poll_at = ?2, waits_for = ?3 WHERE name = ?1")?;
            for (name, at, reason) in moments {
                statement.execute(params![name, at.timestamp(), reason])?;
            }
            Ok(())
        })
        .await
    }

    /// Makes feeds that were asked in the future, by a clock that has been set back since, wait as
    /// long from now as they were to wait from then: neither are they asked at once again, nor when
    /// that future comes. Answers how many.
    pub async fn bring_back(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached(
                "UPDATE feed SET next_poll_at = next_poll_at - last_poll_at + ?1, retry_at = retry_at - last_poll_at + ?1, last_poll_at = ?1
                 WHERE last_poll_at > ?1",
            )?;
            Ok(statement.execute([now.timestamp()])?)
        })
        .await
    }
}

fn states(connection: &Connection, wanted: &str) -> Result<HashMap<String, FeedState>, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT name, {STATE} FROM feed WHERE {wanted}"))?;
    let rows = statement.query_map([], |row| {
        let mut columns = Columns::of(row);
        Ok((columns.next()?, state(&mut columns)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row of a feed that is to be asked at moment ?1. What a server said of Retry-After holds for
/// every reason to come sooner.
const IS_DUE: &str =
    "is_subscribed AND is_enabled AND NOT is_gone AND max(coalesce(next_poll_at, 0), coalesce(retry_at, 0)) <= ?1";

/// What `name` reads of a feed's row.
pub(super) const NAME: &str = "feed.name, feed.asked_title, feed.title, coalesce(feed.shown_url, feed.url) AS url, feed.link, feed.publisher_id, feed.asked_language, feed.language, feed.changed_at";

/// A feed as the outputs name it, from a row that selects [`NAME`].
pub(super) fn name(row: &Row<'_>) -> rusqlite::Result<FeedName> {
    let url: String = row.get("url")?;
    let asked: Option<String> = row.get("asked_title")?;
    let said: Option<String> = row.get("title")?;
    let host = || Url::parse(&url).ok().and_then(|url| url.host_str().map(str::to_owned));
    Ok(FeedName {
        id: row.get("name")?,
        title: asked.or(said).or_else(host).unwrap_or_else(|| url.clone()),
        link: row.get("link")?,
        publisher_id: row.get("publisher_id")?,
        language: row.get::<_, Option<String>>("asked_language")?.or(row.get("language")?),
        updated: moment(row.get("changed_at")?),
        url,
    })
}

/// What `state` reads of a feed's row, in this order.
pub(super) const STATE: &str = "etag, last_modified, validators_url, body_hash, next_poll_at, last_poll_at, last_success_at, failures, last_error, waits_for, repairs, \
                     moved_to, retry_at, gone_at, is_gone, fresh_s, ttl_s, skip_hours, skip_days, newest_entry_at, \
                     moving_to, moving_since, moving_polls, adopted_url";

pub(super) fn state(columns: &mut Columns<'_, '_>) -> rusqlite::Result<FeedState> {
    let url = |url: Option<String>| url.and_then(|url| Url::parse(&url).ok());
    Ok(FeedState {
        validators: Validators { etag: columns.next()?, last_modified: columns.next()?, url: url(columns.next()?) },
        body_hash: columns.next()?,
        next_poll_at: moment(columns.next()?),
        last_poll_at: moment(columns.next()?),
        last_success_at: moment(columns.next()?),
        failures: columns.next()?,
        last_error: columns.next()?,
        waits_for: columns.next()?,
        repairs: columns.next()?,
        moved_to: columns.next()?,
        retry_at: moment(columns.next()?),
        gone_at: moment(columns.next()?),
        is_gone: columns.next()?,
        fresh_s: positive(columns.next()?),
        ttl_s: positive(columns.next()?),
        skips: Skips { hours: columns.next()?, days: columns.next()? },
        newest_entry_at: moment(columns.next()?),
        moving: moving(url(columns.next()?), moment(columns.next()?), columns.next()?),
        adopted: url(columns.next()?),
    })
}

fn moving(to: Option<Url>, since: Option<DateTime<Utc>>, polls: Option<u32>) -> Option<Moving> {
    to.zip(since).map(|(to, since)| Moving { to, since, polls: polls.unwrap_or(0) })
}

/// The columns of a row, one after the other: to look for each by its name takes longer than to read it.
pub(super) struct Columns<'r, 'statement> {
    row: &'r Row<'statement>,
    next: usize,
}

impl<'r, 'statement> Columns<'r, 'statement> {
    pub(super) fn of(row: &'r Row<'statement>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn next<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }
}

fn positive(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

/// Writes everything that a poll learned of the feed's state.
pub(super) fn save_state(connection: &Connection, feed: i64, state: &FeedState) -> Result<(), Error> {
    let seconds = |moment: Option<DateTime<Utc>>| moment.map(|moment| moment.timestamp());
    let whole = |number: Option<u64>| number.and_then(|number| i64::try_from(number).ok());
    let moving = state.moving.as_ref();
    connection
        .prepare_cached(
            "UPDATE feed SET etag = :etag, last_modified = :last_modified, validators_url = :validators_url, body_hash = :body_hash, next_poll_at = :next_poll_at,
               last_poll_at = :last_poll_at, last_success_at = :last_success_at, failures = :failures, last_error = :last_error,
               waits_for = :waits_for, repairs = :repairs, moved_to = :moved_to, retry_at = :retry_at, is_gone = :is_gone, ttl_s = :ttl_s,
               gone_at = :gone_at, fresh_s = :fresh_s, skip_hours = :skip_hours, skip_days = :skip_days, newest_entry_at = :newest_entry_at,
               moving_to = :moving_to, moving_since = :moving_since, moving_polls = :moving_polls, adopted_url = :adopted_url, polls = polls + 1
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": feed,
            ":etag": state.validators.etag,
            ":last_modified": state.validators.last_modified,
            ":validators_url": state.validators.url.as_ref().map(Url::as_str),
            ":body_hash": state.body_hash,
            ":next_poll_at": seconds(state.next_poll_at),
            ":last_poll_at": seconds(state.last_poll_at),
            ":last_success_at": seconds(state.last_success_at),
            ":failures": state.failures,
            ":last_error": state.last_error,
            ":waits_for": state.waits_for,
            ":repairs": state.repairs,
            ":moved_to": state.moved_to,
            ":retry_at": seconds(state.retry_at),
            ":is_gone": state.is_gone,
            ":ttl_s": whole(state.ttl_s),
            ":gone_at": seconds(state.gone_at),
            ":fresh_s": whole(state.fresh_s),
            ":skip_hours": state.skips.hours,
            ":skip_days": state.skips.days,
            ":newest_entry_at": seconds(state.newest_entry_at),
            ":moving_to": moving.map(|moving| moving.to.as_str()),
            ":moving_since": moving.map(|moving| moving.since.timestamp()),
            ":moving_polls": moving.map(|moving| moving.polls),
            ":adopted_url": state.adopted.as_ref().map(Url::as_str),
        })?;
    Ok(())
}

/// Seconds since the epoch as a moment.
pub(super) fn moment(seconds: Option<i64>) -> Option<DateTime<Utc>> {
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0))
}

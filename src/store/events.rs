//! What feeds went through, for the feed of the feeds' health; and which outputs there ever were.

use super::feeds::{NAME, moment, name};
use super::{Error, Store};
use crate::feed::{EventKind, FeedEvent};
use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use std::collections::HashSet;

/// Something that began or ended with a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedChange {
    /// To be told.
    Begins {
        /// The subscription's id.
        feed: String,
        /// What.
        kind: EventKind,
        /// Since when it is so.
        since: DateTime<Utc>,
        /// In words.
        sentence: String,
    },
    /// What was told is no longer so.
    Ends {
        /// The subscription's id.
        feed: String,
        /// What.
        kind: EventKind,
    },
}

impl Store {
    /// The last events of subscribed feeds, the newest first.
    pub async fn feed_events(&self, most: usize) -> Result<Vec<FeedEvent>, Error> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT {NAME}, event.id AS number, event.kind, event.since, event.at, event.sentence
                 FROM feed_event event JOIN feed ON feed.id = event.feed WHERE feed.is_subscribed ORDER BY event.id DESC LIMIT ?1"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], event)?;
            // A kind that a later version knows is none of ours.
            Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// What was told of subscribed feeds and is still so.
    pub async fn told(&self) -> Result<HashSet<(String, EventKind)>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT feed.name, event.kind FROM feed_event event JOIN feed ON feed.id = event.feed
                 WHERE feed.is_subscribed AND NOT event.is_over",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            let known = |row: rusqlite::Result<(String, String)>| {
                row.map(|(feed, kind)| EventKind::of(&kind).map(|kind| (feed, kind))).transpose()
            };
            Ok(rows.filter_map(known).collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Keeps what was noticed at `now`.
    pub async fn note(&self, changes: Vec<FeedChange>, now: DateTime<Utc>) -> Result<(), Error> {
        self.write(move |connection| {
            for change in &changes {
                match change {
                    FeedChange::Begins { feed, kind, since, sentence } => connection
                        .prepare_cached(
                            "INSERT INTO feed_event (feed, kind, since, at, sentence, is_over)
                             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM feed WHERE name = ?1
                             ON CONFLICT (feed, kind, since) DO UPDATE SET is_over = excluded.is_over",
                        )?
                        .execute(params![
                            feed,
                            kind.word(),
                            since.timestamp(),
                            now.timestamp(),
                            sentence,
                            *kind == EventKind::Back
                        ])?,
                    FeedChange::Ends { feed, kind } => connection
                        .prepare_cached(
                            "UPDATE feed_event SET is_over = 1
                             WHERE kind = ?2 AND feed = (SELECT id FROM feed WHERE name = ?1)",
                        )?
                        .execute(params![feed, kind.word()])?,
                };
            }
            connection
                .prepare_cached("DELETE FROM feed_event WHERE is_over AND id <= (SELECT max(id) FROM feed_event) - ?1")?
                .execute([EVENTS_KEPT])?;
            Ok(())
        })
        .await
    }

    /// How many entries are kept with their text.
    pub async fn entries_kept(&self) -> Result<i64, Error> {
        self.read(|connection| {
            Ok(connection.prepare_cached("SELECT coalesce(sum(kept), 0) FROM feed")?.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// The ids of all outputs that were ever published.
    pub async fn outputs_ever(&self) -> Result<HashSet<String>, Error> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT path FROM document WHERE path LIKE '/feeds/%.atom'")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            let id = |path: String| path.strip_prefix("/feeds/")?.strip_suffix(".atom").map(str::to_owned);
            Ok(rows.filter_map(|path| path.map(id).transpose()).collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Far more than the feed of them shows.
const EVENTS_KEPT: i64 = 10_000;

fn event(row: &Row<'_>) -> rusqlite::Result<Option<FeedEvent>> {
    let Some(kind) = EventKind::of(&row.get::<_, String>("kind")?) else {
        return Ok(None);
    };
    Ok(Some(FeedEvent {
        number: row.get("number")?,
        feed: name(row)?,
        kind,
        since: moment(row.get("since")?).unwrap_or_default(),
        at: moment(row.get("at")?).unwrap_or_default(),
        sentence: row.get("sentence")?,
    }))
}

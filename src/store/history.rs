//! The last polls of a feed, for people who ask what it has been doing.

use super::feeds::moment;
use super::{Error, Store, days};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde::Serialize;

/// Enough to see a habit, little enough to keep for ten thousand feeds.
const POLLS_KEPT: i64 = 10;

/// One poll of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PastPoll {
    /// When the answer came, or was no longer waited for.
    pub at: DateTime<Utc>,
    /// What came of it, in a word.
    pub status: String,
    /// The final status code.
    pub http: Option<u16>,
    /// Entries never seen before.
    pub new: usize,
    /// Entries that were edited.
    pub changed: usize,
    /// Bytes that came over the wire.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
}

impl Store {
    /// The last polls of a subscribed feed, the newest first.
    pub async fn past_polls(&self, feed: &str) -> Result<Vec<PastPoll>, Error> {
        let feed = feed.to_owned();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT past_poll.* FROM past_poll JOIN feed ON feed.id = past_poll.feed WHERE feed.name = ?1
                 ORDER BY at DESC, (feed.polls - 1 - slot + ?2) % ?2",
            )?;
            let polls = statement.query_map(params![feed, POLLS_KEPT], past_poll)?;
            Ok(polls.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Keeps a feed's poll in the place of its oldest. `number` counts the feed's polls from 0.
pub(super) fn save(connection: &Connection, feed: i64, number: i64, poll: &PastPoll) -> Result<(), Error> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection
        .prepare_cached("INSERT OR REPLACE INTO past_poll VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
        .execute(params![
            feed,
            number.rem_euclid(POLLS_KEPT),
            poll.at.timestamp(),
            poll.status,
            poll.http,
            whole(poll.new as u64),
            whole(poll.changed as u64),
            whole(poll.bytes),
            whole(poll.took_ms),
            poll.error
        ])?;
    days::save(connection, feed, poll)
}

fn past_poll(row: &Row<'_>) -> rusqlite::Result<PastPoll> {
    let count = |name: &str| row.get::<_, i64>(name).map(|count| u64::try_from(count).unwrap_or(0));
    Ok(PastPoll {
        at: moment(row.get("at")?).unwrap_or_default(),
        status: row.get("status")?,
        http: row.get("http")?,
        new: count("new")? as usize,
        changed: count("changed")? as usize,
        bytes: count("bytes")?,
        took_ms: count("took_ms")?,
        error: row.get("error")?,
    })
}

//! Decides when a feed is asked again, and says why. Pure: the same inputs give the same moment.

use crate::caching::Caching;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How a poll ended, as far as the schedule cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With a feed or a 304.
    Answered,
    /// With a document that is no feed, or a 304 that nobody asked for.
    Unreadable,
    /// Not at all: no connection, no answer in time, refused by our own rules.
    Unreachable,
    /// With 410.
    Gone,
    /// With any other status code.
    HttpError(u16),
}

/// What the last poll learned.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub kind: Kind,
    /// What the headers said.
    pub caching: Caching,
    /// The feed's own wish, in seconds.
    pub ttl_s: Option<u64>,
    /// The newest entry's date, where the poll brought a feed.
    pub newest_entry_at: Option<DateTime<Utc>>,
}

/// A moment and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Not before this.
    pub at: DateTime<Utc>,
    /// In a few words, for `status`: `every 1h`, `the server asked to wait 2h`.
    pub reason: String,
}

/// When to ask next. `failures` counts those in a row, this one included.
pub fn next_poll(every: Duration, failures: u32, outcome: &Outcome, url: &str, now: DateTime<Utc>) -> Next {
    let _ = (every, failures, outcome, url);
    todo!("{now}")
}

/// A moment of the feed's own between `now` and `now + window`, from the hash of its address.
pub fn first_poll(url: &str, window: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    let _ = (url, window, now);
    todo!()
}

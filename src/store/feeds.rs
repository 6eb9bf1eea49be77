//! Feeds in the store: kept in step with feeds.toml, listed when they are due, reported.

use super::{Error, Store};
use crate::feed::{FeedName, FeedState, Subscription, Validators};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, named_params, params};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
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

impl Store {
    /// Makes the store follow feeds.toml. A feed that left is no longer shown or polled, but its
    /// entries wait for it; one that comes under a new id with an old address is the old one.
    pub async fn sync_subscriptions(&self, subscriptions: &[Subscription]) -> Result<(), Error> {
        let subscriptions = subscriptions.to_vec();
        self.write(move |connection| sync(connection, &subscriptions)).await
    }

    /// Polled feeds whose time has come, the longest overdue first.
    pub async fn due(&self, now: DateTime<Utc>) -> Result<Vec<(String, FeedState)>, Error> {
        self.read(move |connection| {
            let sql = format!(
                "SELECT name, {STATE} FROM feed WHERE is_subscribed AND is_enabled AND NOT is_gone AND coalesce(next_poll_at, 0) <= ?1
                 ORDER BY coalesce(next_poll_at, 0), id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([now.timestamp()], |row| Ok((row.get("name")?, state(row)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Every subscribed feed, in the order of their ids.
    pub async fn feeds(&self) -> Result<Vec<FeedRecord>, Error> {
        self.read(|connection| {
            let sql = format!("SELECT {NAME}, {STATE}, is_enabled FROM feed WHERE is_subscribed ORDER BY name");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([], |row| {
                Ok(FeedRecord { name: name(row)?, state: state(row)?, is_enabled: row.get("is_enabled")? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many entries are kept with their text, by subscribed feed; a feed without any is not
    /// among them. Walks all of them: for people who ask, not for every poll.
    pub async fn entry_counts(&self) -> Result<HashMap<String, i64>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT feed.name, count(*) FROM text JOIN entry ON entry.id = text.entry JOIN feed ON feed.id = entry.feed
                 WHERE feed.is_subscribed GROUP BY feed.id",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Moves the next polls of overdue feeds to the given moments, all in one transaction.
    pub async fn postpone(&self, moments: Vec<(String, DateTime<Utc>)>) -> Result<(), Error> {
        self.write(move |connection| {
            let mut statement = connection.prepare_cached("UPDATE feed SET next_poll_at = ?2 WHERE name = ?1")?;
            for (name, at) in moments {
                statement.execute(params![name, at.timestamp()])?;
            }
            Ok(())
        })
        .await
    }
}

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

/// What `state` reads of a feed's row.
const STATE: &str = "etag, last_modified, validators_url, body_hash, next_poll_at, last_poll_at, last_success_at, failures, last_error, waits_for, repairs, \
                     moved_to, retry_at, is_gone, ttl_s";

fn state(row: &Row<'_>) -> rusqlite::Result<FeedState> {
    Ok(FeedState {
        validators: Validators {
            etag: row.get("etag")?,
            last_modified: row.get("last_modified")?,
            url: row.get::<_, Option<String>>("validators_url")?.and_then(|url| Url::parse(&url).ok()),
        },
        body_hash: row.get("body_hash")?,
        next_poll_at: moment(row.get("next_poll_at")?),
        last_poll_at: moment(row.get("last_poll_at")?),
        last_success_at: moment(row.get("last_success_at")?),
        failures: row.get("failures")?,
        last_error: row.get("last_error")?,
        waits_for: row.get("waits_for")?,
        repairs: row.get("repairs")?,
        moved_to: row.get("moved_to")?,
        retry_at: moment(row.get("retry_at")?),
        is_gone: row.get("is_gone")?,
        ttl_s: row.get::<_, Option<i64>>("ttl_s")?.and_then(|ttl_s| u64::try_from(ttl_s).ok()),
    })
}

/// Writes everything that a poll learned of the feed's state.
pub(super) fn save_state(connection: &Connection, feed: i64, state: &FeedState) -> Result<(), Error> {
    let seconds = |moment: Option<DateTime<Utc>>| moment.map(|moment| moment.timestamp());
    connection
        .prepare_cached(
            "UPDATE feed SET etag = :etag, last_modified = :last_modified, validators_url = :validators_url, body_hash = :body_hash, next_poll_at = :next_poll_at,
               last_poll_at = :last_poll_at, last_success_at = :last_success_at, failures = :failures, last_error = :last_error,
               waits_for = :waits_for, repairs = :repairs, moved_to = :moved_to, retry_at = :retry_at, is_gone = :is_gone, ttl_s = :ttl_s
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
            ":ttl_s": state.ttl_s.and_then(|ttl_s| i64::try_from(ttl_s).ok()),
        })?;
    Ok(())
}

/// Seconds since the epoch as a moment.
pub(super) fn moment(seconds: Option<i64>) -> Option<DateTime<Utc>> {
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0))
}

fn sync(connection: &Connection, subscriptions: &[Subscription]) -> Result<(), Error> {
    let mut known = Known::load(connection)?;
    let row_of = known.claim(subscriptions);
    for row in known.rows.iter().filter(|row| row.is_subscribed && !row.is_claimed) {
        connection.prepare_cached("UPDATE feed SET is_subscribed = 0 WHERE id = ?1")?.execute([row.id])?;
    }
    rename(connection, subscriptions, &known.rows, &row_of)?;
    for (subscription, row) in subscriptions.iter().zip(row_of) {
        match row.map(|index| &known.rows[index]) {
            Some(row) if row.is_as(subscription) => {}
            Some(_) => upsert(connection, subscription, "")?,
            None => upsert(connection, subscription, &known.next_seed(&subscription.id))?,
        }
    }
    Ok(())
}

/// Gives claimed rows the names of their subscriptions. Names are unique and may change hands, so
/// all that are in the way are taken first; no id has a `#`.
fn rename(
    connection: &Connection,
    subscriptions: &[Subscription],
    rows: &[KnownRow],
    row_of: &[Option<usize>],
) -> Result<(), Error> {
    let wanted: HashSet<&str> = subscriptions.iter().map(|subscription| subscription.id.as_str()).collect();
    let claimed = || subscriptions.iter().zip(row_of).filter_map(|(wanted, row)| Some((wanted, &rows[(*row)?])));
    let renamed: Vec<_> = claimed().filter(|(subscription, row)| row.name != subscription.id).collect();
    let in_the_way = rows.iter().filter(|row| !row.is_claimed && wanted.contains(row.name.as_str()));
    for row in renamed.iter().map(|(_, row)| *row).chain(in_the_way) {
        connection.prepare_cached("UPDATE feed SET name = name || '#' || id WHERE id = ?1")?.execute([row.id])?;
    }
    for (subscription, row) in renamed {
        connection
            .prepare_cached("UPDATE feed SET name = ?2 WHERE id = ?1")?
            .execute(params![row.id, subscription.id])?;
    }
    Ok(())
}

/// The feeds that were ever subscribed, read once: thousands must not be looked for one by one.
struct Known {
    rows: Vec<KnownRow>,
    /// How many feeds were first kept under a name. Two feeds must not hash their keys alike.
    seeds: HashMap<String, usize>,
}

struct KnownRow {
    id: i64,
    name: String,
    url: String,
    shown_url: Option<String>,
    asked_title: Option<String>,
    asked_language: Option<String>,
    keep_s: i64,
    is_subscribed: bool,
    is_enabled: bool,
    is_claimed: bool,
}

impl Known {
    fn load(connection: &Connection) -> Result<Self, Error> {
        let mut known = Self { rows: Vec::new(), seeds: HashMap::new() };
        let mut statement = connection.prepare_cached(
            "SELECT id, name, seed, url, shown_url, asked_title, asked_language, keep_s, is_subscribed, is_enabled FROM feed",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let seed: String = row.get("seed")?;
            let first_name = seed.split('#').next().unwrap_or_default().to_owned();
            *known.seeds.entry(first_name).or_default() += 1;
            known.rows.push(KnownRow {
                id: row.get("id")?,
                name: row.get("name")?,
                url: row.get("url")?,
                shown_url: row.get("shown_url")?,
                asked_title: row.get("asked_title")?,
                asked_language: row.get("asked_language")?,
                keep_s: row.get("keep_s")?,
                is_subscribed: row.get("is_subscribed")?,
                is_enabled: row.get("is_enabled")?,
                is_claimed: false,
            });
        }
        Ok(known)
    }

    /// Which row is which subscription's: the one with its address, since ids may be made anew when
    /// the file changes, else the one with its id, whose address was changed.
    fn claim(&mut self, subscriptions: &[Subscription]) -> Vec<Option<usize>> {
        let mut by_url: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_name = HashMap::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            by_url.entry(row.url.clone()).or_default().push(index);
            by_name.insert(row.name.clone(), index);
        }
        let mut row_of: Vec<Option<usize>> = Vec::with_capacity(subscriptions.len());
        for subscription in subscriptions {
            let same = by_url.get(subscription.url.as_str()).into_iter().flatten().copied();
            let free = same.filter(|index| !self.rows[*index].is_claimed);
            let nearest = |index: &usize| {
                let row = &self.rows[*index];
                (row.name == subscription.id, row.is_subscribed, row.id)
            };
            let row = free.max_by_key(nearest);
            row.into_iter().for_each(|index| self.rows[index].is_claimed = true);
            row_of.push(row);
        }
        for (subscription, row) in subscriptions.iter().zip(&mut row_of).filter(|(_, row)| row.is_none()) {
            let same = by_name.get(&subscription.id).copied().filter(|index| !self.rows[*index].is_claimed);
            same.into_iter().for_each(|index| self.rows[index].is_claimed = true);
            *row = same;
        }
        row_of
    }

    /// The name, unless another feed was first kept under it and has been renamed since.
    fn next_seed(&mut self, name: &str) -> String {
        let taken = self.seeds.entry(name.to_owned()).or_default();
        *taken += 1;
        if *taken == 1 { name.to_owned() } else { format!("{name}#{}", *taken - 1) }
    }
}

impl KnownRow {
    fn is_as(&self, subscription: &Subscription) -> bool {
        self.is_subscribed
            && self.is_enabled == subscription.is_enabled
            && self.url == subscription.url.as_str()
            && self.shown_url.as_deref() == shown(subscription)
            && self.asked_title == subscription.title
            && self.asked_language == subscription.language
            && self.keep_s == seconds(subscription.keep)
    }
}

/// What is kept beside a url that is a secret.
fn shown(subscription: &Subscription) -> Option<&str> {
    subscription.has_secret_url.then(|| subscription.shown_url())
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A new address makes what was learned of the old one void: validators, errors, waiting.
/// `seed` is for a feed that was never kept.
fn upsert(connection: &Connection, subscription: &Subscription, seed: &str) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO feed (name, seed, url, shown_url, asked_title, asked_language, keep_s, is_subscribed, is_enabled)
             VALUES (:name, :seed, :url, :shown_url, :title, :language, :keep_s, 1, :is_enabled)
             ON CONFLICT (name) DO UPDATE SET url = excluded.url, shown_url = excluded.shown_url, asked_title = excluded.asked_title, asked_language = excluded.asked_language,
               keep_s = excluded.keep_s, is_subscribed = 1, is_enabled = excluded.is_enabled,
               etag          = CASE WHEN url = excluded.url THEN etag END,
               last_modified = CASE WHEN url = excluded.url THEN last_modified END,
               validators_url = CASE WHEN url = excluded.url THEN validators_url END,
               body_hash     = CASE WHEN url = excluded.url THEN body_hash END,
               next_poll_at  = CASE WHEN url = excluded.url THEN next_poll_at END,
               failures      = CASE WHEN url = excluded.url THEN failures ELSE 0 END,
               last_error    = CASE WHEN url = excluded.url THEN last_error END,
               waits_for     = CASE WHEN url = excluded.url THEN waits_for END,
               moved_to      = CASE WHEN url = excluded.url THEN moved_to END,
               retry_at      = CASE WHEN url = excluded.url THEN retry_at END,
               is_gone       = CASE WHEN url = excluded.url THEN is_gone ELSE 0 END",
        )?
        .execute(named_params! {
            ":name": subscription.id,
            ":seed": seed,
            ":url": subscription.url.as_str(),
            ":shown_url": shown(subscription),
            ":title": subscription.title,
            ":language": subscription.language,
            ":keep_s": seconds(subscription.keep),
            ":is_enabled": subscription.is_enabled,
        })?;
    Ok(())
}

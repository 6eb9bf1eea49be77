//! The feeds of the store kept in step with feeds.toml: which row is whose, whatever was renamed there or
//! has moved since.

use super::feeds::{Columns, STATE, state};
use super::{Error, Store};
use crate::feed::{FeedState, Subscription};
use rusqlite::{Connection, named_params, params};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A known feed that feeds.toml now wants asked at another interval or with other means.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The subscription's id.
    pub id: String,
    /// Whether headers or `allow_private` differ.
    pub is_access_changed: bool,
    /// As it was before.
    pub state: FeedState,
}

impl Store {
    /// Makes the store follow feeds.toml, and says which feeds are to be asked otherwise than before.
    /// A feed that left is no longer shown or polled, but its entries wait for it; one that comes
    /// under a new id with an old address is the old one, and so is one that comes with the address
    /// to which the old one was seen to move.
    pub async fn sync_subscriptions(&self, subscriptions: &[Subscription]) -> Result<Vec<Edited>, Error> {
        let subscriptions = subscriptions.to_vec();
        let edited = self.write(move |connection| sync(connection, &subscriptions)).await;
        self.names.forget();
        edited
    }
}

fn sync(connection: &Connection, subscriptions: &[Subscription]) -> Result<Vec<Edited>, Error> {
    let mut known = Known::load(connection)?;
    let row_of = known.claim(subscriptions);
    for row in known.rows.iter().filter(|row| row.is_subscribed && !row.is_claimed) {
        connection.prepare_cached("UPDATE feed SET is_subscribed = 0 WHERE id = ?1")?.execute([row.id])?;
    }
    rename(connection, subscriptions, &known.rows, &row_of)?;
    let mut edited = Vec::new();
    for (subscription, row) in subscriptions.iter().zip(row_of) {
        match row.map(|index| &known.rows[index]) {
            Some(row) if row.is_as(subscription) => {}
            Some(row) => {
                if row.is_asked_otherwise(subscription) {
                    let sql = format!("SELECT {STATE} FROM feed WHERE id = ?1");
                    let mut statement = connection.prepare_cached(&sql)?;
                    let state = statement.query_row([row.id], |row| state(&mut Columns::of(row)))?;
                    let is_access_changed = row.access != Some(access(subscription));
                    edited.push(Edited { id: subscription.id.clone(), is_access_changed, state });
                }
                upsert(connection, subscription, "")?;
            }
            None => upsert(connection, subscription, &known.next_seed(&subscription.id))?,
        }
    }
    Ok(edited)
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
    every_s: Option<i64>,
    access: Option<i64>,
    priority: i64,
    /// Where it was seen to move.
    moved_urls: [Option<String>; 2],
    is_subscribed: bool,
    is_enabled: bool,
    is_claimed: bool,
}

impl Known {
    fn load(connection: &Connection) -> Result<Self, Error> {
        let mut known = Self { rows: Vec::new(), seeds: HashMap::new() };
        let mut statement = connection.prepare_cached(
            "SELECT seed, id, name, url, shown_url, asked_title, asked_language, keep_s, every_s, access, priority, adopted_url, moving_to, is_subscribed, is_enabled FROM feed",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut columns = Columns::of(row);
            let seed: String = columns.next()?;
            let first_name = seed.split('#').next().unwrap_or_default().to_owned();
            *known.seeds.entry(first_name).or_default() += 1;
            known.rows.push(KnownRow {
                id: columns.next()?,
                name: columns.next()?,
                url: columns.next()?,
                shown_url: columns.next()?,
                asked_title: columns.next()?,
                asked_language: columns.next()?,
                keep_s: columns.next()?,
                every_s: columns.next()?,
                access: columns.next()?,
                priority: columns.next()?,
                moved_urls: [columns.next()?, columns.next()?],
                is_subscribed: columns.next()?,
                is_enabled: columns.next()?,
                is_claimed: false,
            });
        }
        Ok(known)
    }

    /// Which row is which subscription's: the one with its address, since ids may be made anew when
    /// the file changes, else the one with its id, whose address was changed, else one that was seen
    /// to move to its address.
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
        for (subscription, row) in subscriptions.iter().zip(&mut row_of).filter(|(_, row)| row.is_none()) {
            let address = Some(subscription.url.as_str());
            let moved_here =
                |row: &KnownRow| !row.is_claimed && row.moved_urls.iter().any(|moved| moved.as_deref() == address);
            *row = self.rows.iter().position(moved_here);
            row.iter().for_each(|index| self.rows[*index].is_claimed = true);
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
            && self.every_s == Some(seconds(subscription.every))
            && self.access == Some(access(subscription))
            && self.priority == subscription.priority
    }

    /// What was never written down has not changed.
    fn is_asked_otherwise(&self, subscription: &Subscription) -> bool {
        let differs = |known: Option<i64>, wanted| known.is_some_and(|known| known != wanted);
        differs(self.every_s, seconds(subscription.every)) || differs(self.access, access(subscription))
    }
}

/// With what a feed is asked, in four bytes: enough to see a change, too few to find a secret by.
fn access(subscription: &Subscription) -> i64 {
    let mut hasher = Sha256::new();
    hasher.update([u8::from(subscription.allow_private)]);
    for text in subscription.headers.iter().flat_map(|(name, value)| [name, value]) {
        hasher.update(text.len().to_be_bytes());
        hasher.update(text);
    }
    hasher.finalize().iter().take(4).fold(0, |hash, byte| (hash << 8) | i64::from(*byte))
}

/// What is kept beside a url that is a secret.
fn shown(subscription: &Subscription) -> Option<&str> {
    subscription.has_secret_url.then(|| subscription.shown_url())
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A new address makes what was learned of the old one void: validators, errors, waiting. But where
/// the old one moved there, the new one gave what was learned, and only the word of it is kept.
/// `seed` is for a feed that was never kept.
fn upsert(connection: &Connection, subscription: &Subscription, seed: &str) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO feed (name, seed, url, shown_url, asked_title, asked_language, keep_s, every_s, access, priority, is_subscribed, is_enabled)
             VALUES (:name, :seed, :url, :shown_url, :title, :language, :keep_s, :every_s, :access, :priority, 1, :is_enabled)
             ON CONFLICT (name) DO UPDATE SET url = excluded.url, shown_url = excluded.shown_url, asked_title = excluded.asked_title, asked_language = excluded.asked_language,
               keep_s = excluded.keep_s, every_s = excluded.every_s, access = excluded.access, priority = excluded.priority, is_subscribed = 1, is_enabled = excluded.is_enabled,
               etag          = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN etag END,
               last_modified = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN last_modified END,
               validators_url = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN validators_url END,
               body_hash     = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN body_hash END,
               next_poll_at  = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN next_poll_at END,
               failures      = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN failures ELSE 0 END,
               last_error    = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN last_error END,
               waits_for     = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN waits_for END,
               moved_to      = CASE WHEN url = excluded.url THEN moved_to END,
               moving_to     = CASE WHEN url = excluded.url THEN moving_to END,
               adopted_url   = CASE WHEN url = excluded.url THEN adopted_url END,
               gone_at       = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN gone_at END,
               retry_at      = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN retry_at END,
               is_gone       = CASE WHEN excluded.url IN (url, adopted_url, moving_to) THEN is_gone ELSE 0 END",
        )?
        .execute(named_params! {
            ":name": subscription.id,
            ":seed": seed,
            ":url": subscription.url.as_str(),
            ":shown_url": shown(subscription),
            ":title": subscription.title,
            ":language": subscription.language,
            ":keep_s": seconds(subscription.keep),
            ":every_s": seconds(subscription.every),
            ":access": access(subscription),
            ":priority": subscription.priority,
            ":is_enabled": subscription.is_enabled,
        })?;
    Ok(())
}

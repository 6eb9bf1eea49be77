//! By what entries are known again: their keys, and sketches of what they said. Here both are kept and
//! looked up; which entry an item is, is decided elsewhere.

use super::entries::read_json;
use super::grouping::ArticleBytes;
use super::keys::{self, holders_of};
use super::{Error, Store};
use crate::feed::{Entry, EntryKey, Habits};
use rusqlite::{Connection, OptionalExtension, Params, params};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use tracing::warn;

/// What a feed's items are to be compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The feed's number.
    pub feed: i64,
    /// The name that keys within the feed are hashed with, for ever.
    pub seed: String,
    /// How the feed behaves.
    pub habits: Habits,
    /// The last entry that was kept, of any feed.
    pub newest: i64,
    /// Whether all entries have sketches that can have them.
    pub is_sketched: bool,
    /// What is known of each item's key.
    pub items: Vec<Remembered>,
}

/// Entries of a feed that have an item's own key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The entry that said just what the item says.
    pub settled: Option<i64>,
    /// Without it, all that have the key: more than one where an id was given away.
    pub entries: Vec<i64>,
}

/// Entries that some keys lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders {
    /// Those of each key, the newest first.
    pub of_keys: Vec<Vec<i64>>,
    /// Those of them that have a sketch.
    pub sketched: HashMap<i64, Sketched>,
}

/// An entry as it was last read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketched {
    /// The number of its feed.
    pub feed: i64,
    /// Of the reading.
    pub fingerprint: u64,
    /// What it said.
    pub sketch: Vec<u8>,
}

/// What an entry is known again by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Keys that lead to it.
    pub keys: Vec<u64>,
    /// What it said.
    pub sketch: Vec<u8>,
    /// What it is grouped by; nothing where it was read for other reasons.
    pub article: Option<ArticleBytes>,
}

/// What was decided on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nothing about it is to be kept.
    Settled,
    /// It is an entry that we have.
    Known(KnownAgain),
    /// It is a new entry.
    New {
        /// The entry of another feed that is the same article, and what tells so.
        elsewhere: Option<(i64, &'static str)>,
        /// What it will be known by.
        marks: Marks,
    },
}

/// An item that is an entry that we have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAgain {
    /// Which.
    pub entry: i64,
    /// What it changes.
    pub change: Change,
    /// What made it known, in a word, where that was not its own key.
    pub by: Option<&'static str>,
    /// Whether its own key is to lead to the entry from now on.
    pub keeps_key: bool,
    /// What it is known by now.
    pub marks: Marks,
}

/// How an entry differs from what was last read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A person finds it changed.
    Edited,
    /// Its words are the same, but not its link, its enclosures or its spelling.
    Unnoticed,
    /// A number counted on.
    Counted,
}

/// What was decided on the items of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// For each item, in order.
    pub items: Vec<Place>,
    /// The last entry that was looked at: what came later may be one of the items.
    pub newest: i64,
    /// What was learned of the feed.
    pub habits: Habits,
}

/// Entries that one document is compared with, the newest: ten for each item of the longest document,
/// in ten megabytes.
const SKETCHES_MAX: usize = 20_000;

impl Store {
    /// What is known of a feed's items by their own keys, given with their fingerprints; `None` where
    /// the feed is not subscribed. Blocks: to be called where that is allowed.
    pub fn remember(&self, feed: &str, items: &[(EntryKey, u64)]) -> Result<Option<Memory>, Error> {
        self.readers.with(|connection| remember(connection, feed, items))
    }

    /// The next entries that were kept before there were sketches, and how far that is; nothing where
    /// all have theirs.
    pub async fn unsketched(&self) -> Result<Option<(Vec<Unsketched>, i64)>, Error> {
        self.read(|connection| {
            let (done_to, until): (i64, i64) = connection
                .prepare_cached("SELECT done_to, until FROM sketching")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if done_to >= until {
                return Ok(None);
            }
            let wanted = "text.entry > ?1 AND text.entry <= ?2 ORDER BY text.entry";
            let (entries, last) = unsketched(connection, wanted, params![done_to, until])?;
            // Behind the last kept text there are only entries without one.
            Ok(Some((entries, last.unwrap_or(until))))
        })
        .await
    }

    /// The newest entries of a feed that were kept before there were sketches.
    pub async fn unsketched_of(&self, feed: &str) -> Result<Vec<Unsketched>, Error> {
        let feed = feed.to_owned();
        self.read(move |connection| {
            let wanted = "feed.name = ?1 AND NOT EXISTS (SELECT 1 FROM sketch WHERE entry = e.id) \
                          ORDER BY e.sorted_at DESC, e.id DESC";
            Ok(unsketched(connection, wanted, params![feed])?.0)
        })
        .await
    }

    /// Keeps sketches of entries that have none; all up to `done_to` have theirs by then.
    pub async fn save_sketches(&self, entries: Vec<(i64, Marks)>, done_to: Option<i64>) -> Result<(), Error> {
        self.write(move |connection| {
            let mut keys = Vec::new();
            for (entry, marks) in &entries {
                // One that a poll has read meanwhile says what it says now.
                let is_sketched =
                    connection.prepare_cached("SELECT 1 FROM sketch WHERE entry = ?1")?.exists([entry])?;
                if !is_sketched {
                    keys.extend(marks.keys.iter().map(|key| (*key, *entry)));
                    keep_sketch(connection, *entry, marks)?;
                }
            }
            keys::add(connection, keys)?;
            if let Some(done_to) = done_to {
                connection.prepare_cached("UPDATE sketching SET done_to = ?1")?.execute([done_to])?;
            }
            Ok(())
        })
        .await
    }

    /// The entries that each of `keys` leads to, with their sketches and those of `entries`. Blocks: to be
    /// called where that is allowed.
    pub fn holders(&self, keys: Vec<u64>, mut entries: Vec<i64>) -> Result<Holders, Error> {
        self.readers.with(move |connection| {
            let mut holders = Holders::default();
            for key in keys {
                let found = holders_of(connection, key)?;
                entries.extend(&found);
                holders.of_keys.push(found);
            }
            entries.sort_unstable();
            entries.dedup();
            for entry in entries.into_iter().rev().take(SKETCHES_MAX) {
                if let Some(sketched) = sketched(connection, entry)? {
                    holders.sketched.insert(entry, sketched);
                }
            }
            Ok(holders)
        })
    }
}

/// Entries that are read and sketched in one go: a poll that waits for the writer waits some
/// milliseconds.
const SKETCHED_AT_ONCE: usize = 200;

/// An entry that was kept before there were sketches.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsketched {
    /// Its number in the store.
    pub number: i64,
    /// What keys within its feed are hashed with.
    pub seed: String,
    /// What the publisher said.
    pub entry: Entry,
    /// Whether its link leads to it alone.
    pub has_article_link: bool,
}

/// The first of the wanted entries, and the number of the last one.
fn unsketched(
    connection: &Connection,
    wanted: &str,
    values: impl Params,
) -> Result<(Vec<Unsketched>, Option<i64>), Error> {
    let sql = format!(
        "SELECT e.id, feed.seed, text.said, e.link_hash IS NOT NULL
         FROM text JOIN entry e ON e.id = text.entry JOIN feed ON feed.id = e.feed
         WHERE {wanted} LIMIT {SKETCHED_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let (mut entries, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        last = Some(number);
        match read_json(&row.get::<_, String>(2)?) {
            Ok(entry) => {
                entries.push(Unsketched { number, seed: row.get(1)?, entry, has_article_link: row.get(3)? });
            }
            // One damaged row must not leave all others without theirs.
            Err(error) => warn!(entry = number, "not sketched: {error}"),
        }
    }
    Ok((entries, last))
}

fn remember(connection: &Connection, feed: &str, items: &[(EntryKey, u64)]) -> Result<Option<Memory>, Error> {
    let memory = connection
        .prepare_cached(
            "SELECT feed.id, seed, new_ids, has_counters, (SELECT coalesce(max(id), 0) FROM entry) AS newest,
             done_to >= until AS is_sketched FROM feed, sketching WHERE name = ?1",
        )?
        .query_row([feed], |row| {
            Ok(Memory {
                feed: row.get("id")?,
                seed: row.get("seed")?,
                habits: Habits { new_ids: row.get("new_ids")?, has_counters: row.get("has_counters")? },
                newest: row.get("newest")?,
                is_sketched: row.get("is_sketched")?,
                items: Vec::with_capacity(items.len()),
            })
        })
        .optional()?;
    let Some(mut memory) = memory else { return Ok(None) };
    for (key, fingerprint) in items {
        let key = key_hash(&memory.seed, key);
        memory.items.push(remembered(connection, &key, fingerprint.cast_signed())?);
    }
    Ok(Some(memory))
}

fn remembered(connection: &Connection, key: &[u8; 16], fingerprint: i64) -> Result<Remembered, Error> {
    let own: Option<(i64, i64)> = connection
        .prepare_cached("SELECT id, fingerprint FROM entry WHERE key = ?1")?
        .query_row([&key[..]], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((entry, _)) = own.filter(|(_, known)| *known == fingerprint) {
        return Ok(Remembered { settled: Some(entry), entries: Vec::new() });
    }
    let mut remembered = Remembered::default();
    remembered.entries.extend(own.map(|(entry, _)| entry));
    for entry in holders_of(connection, short(key))? {
        let known: i64 = connection
            .prepare_cached("SELECT fingerprint FROM entry WHERE id = ?1")?
            .query_row([entry], |row| row.get(0))?;
        if known == fingerprint {
            return Ok(Remembered { settled: Some(entry), entries: Vec::new() });
        }
        remembered.entries.push(entry);
    }
    Ok(remembered)
}

fn sketched(connection: &Connection, entry: i64) -> Result<Option<Sketched>, Error> {
    let row = connection
        .prepare_cached(
            "SELECT feed, fingerprint, bytes FROM sketch JOIN entry ON entry.id = sketch.entry WHERE entry = ?1",
        )?
        .query_row([entry], |row| {
            let fingerprint = row.get::<_, i64>(1)?.cast_unsigned();
            Ok(Sketched { feed: row.get(0)?, fingerprint, sketch: row.get(2)? })
        });
    Ok(row.optional()?)
}

/// Whether entries have come since the items were decided on that share keys with the new ones.
pub(super) fn is_outdated(
    connection: &Connection,
    seed: &str,
    entries: &[Entry],
    places: &Places,
) -> Result<bool, Error> {
    let newest: i64 =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM entry")?.query_row([], |row| row.get(0))?;
    if newest <= places.newest {
        return Ok(false);
    }
    let mut own = connection.prepare_cached("SELECT 1 FROM entry WHERE key = ?1 AND id > ?2")?;
    for (entry, place) in entries.iter().zip(&places.items) {
        let Place::New { marks, .. } = place else { continue };
        let mut is_later = own.exists(params![&key_hash(seed, &entry.key)[..], places.newest])?;
        is_later = is_later || keys::lead_behind(connection, &marks.keys, places.newest, newest)?;
        if is_later {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps what an entry said.
pub(super) fn keep_sketch(connection: &Connection, entry: i64, marks: &Marks) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO sketch (entry, bytes) VALUES (?1, ?2)")?
        .execute(params![entry, marks.sketch])?;
    Ok(())
}

/// Keeps what was learned of a feed.
pub(super) fn save_habits(connection: &Connection, feed: i64, habits: Habits) -> Result<(), Error> {
    connection
        .prepare_cached(
            "UPDATE feed SET new_ids = ?2, has_counters = ?3
             WHERE id = ?1 AND (new_ids, has_counters) IS NOT (?2, ?3)",
        )?
        .execute(params![feed, habits.new_ids, habits.has_counters])?;
    Ok(())
}

/// The key as it is kept: the feed's seed makes it unique in the store, so that no feed can speak
/// for another's entry.
pub(super) fn key_hash(seed: &str, key: &EntryKey) -> [u8; 16] {
    hash(&[seed.as_bytes(), key.as_str().as_bytes()])
}

/// The key of an entry whose id another entry had before it. What it says first is part of it, so
/// that a lost database brings back the same.
pub(super) fn second_key_hash(seed: &str, key: &EntryKey, fingerprint: u64, number: Option<i64>) -> [u8; 16] {
    let number = number.unwrap_or_default();
    hash(&[seed.as_bytes(), key.as_str().as_bytes(), &fingerprint.to_be_bytes(), &number.to_be_bytes()])
}

fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hasher.update([0]);
        }
        hasher.update(part);
    }
    let digest = hasher.finalize();
    std::array::from_fn(|index| digest[index])
}

/// Among other keys a part of it is enough.
pub(super) fn short(key: &[u8; 16]) -> u64 {
    key.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

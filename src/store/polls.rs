//! One poll's outcome becomes rows: which entries are new, which were edited, which are known.
//! Called inside a transaction that other polls may share.

use super::entries::untag;
use super::{Error, PastPoll, Store, feeds, history, indexing, tagging};
use crate::feed::{Entry, Feed, FeedState, RulesHash, Tag, language_key};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use url::Url;

/// What a poll learned, to be kept whole or not at all.
#[derive(Debug, Clone)]
pub struct SavedPoll {
    /// The subscription's id.
    pub feed: String,
    /// The address that was asked: if the feed has another by now, nothing is kept.
    pub url: Url,
    /// Validators, next poll time and the rest.
    pub state: FeedState,
    /// What the publisher said, with each entry's tags; `None` where nothing was said.
    pub said: Option<(Feed, Vec<Vec<Tag>>)>,
    /// The line for the feed's history; what is new and changed is filled in. `None` where nobody was
    /// asked.
    pub past: Option<PastPoll>,
    /// The rules that the tags were made by.
    pub tagged_by: RulesHash,
    /// The moment of the poll.
    pub at: DateTime<Utc>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// Entries never seen before.
    pub new: usize,
    /// Entries that a person would find changed.
    pub changed: usize,
}

impl Store {
    /// Keeps a poll's outcome in one transaction. Tags by other rules than those in force are
    /// refused: they would stay for ever.
    pub async fn save_poll(&self, poll: SavedPoll) -> Result<Saved, Error> {
        self.write(move |connection| {
            if poll.said.is_some() && !tagging::are_in_force(connection, poll.tagged_by)? {
                return Err(Error::OtherTopics(Box::new(poll)));
            }
            save(connection, &poll)
        })
        .await
    }
}

fn save(connection: &Connection, poll: &SavedPoll) -> Result<Saved, Error> {
    let row = connection
        .prepare_cached("SELECT id, seed, url, polls FROM feed WHERE name = ?1")?
        .query_row([&poll.feed], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)))
        .optional()?;
    let Some((feed, seed, url, number)) = row else {
        return Err(Error::Damaged(format!("feed {} is not subscribed", poll.feed)));
    };
    if url != poll.url.as_str() {
        return Ok(Saved::default());
    }
    feeds::save_state(connection, feed, &poll.state)?;
    let saved = match &poll.said {
        Some((said, tags)) => save_entries(connection, feed, seed, poll.at, said, tags)?,
        None => Saved::default(),
    };
    if let Some(past) = &poll.past {
        let past = PastPoll { new: saved.new, changed: saved.changed, ..past.clone() };
        history::save(connection, feed, number, &past)?;
    }
    Ok(saved)
}

fn save_entries(
    connection: &Connection,
    feed: i64,
    seed: String,
    at: DateTime<Utc>,
    said: &Feed,
    tags: &[Vec<Tag>],
) -> Result<Saved, Error> {
    save_said(connection, feed, said)?;
    let next_number =
        connection.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM entry")?.query_row([], |row| row.get(0))?;
    let mut origin = Origin { feed, seed, language: said.language.clone(), at, next_number };
    let mut saved = Saved::default();
    // A feed lists its newest first: the last is kept first, so that later numbers are later entries.
    for (entry, tags) in said.entries.iter().zip(tags).rev() {
        match save_entry(connection, &mut origin, entry, tags)? {
            Change::New => saved.new += 1,
            Change::Edited => saved.changed += 1,
            Change::None => {}
        }
    }
    if saved != Saved::default() {
        connection
            .prepare_cached("UPDATE feed SET changed_at = ?2 WHERE id = ?1")?
            .execute(params![feed, at.timestamp()])?;
    }
    Ok(saved)
}

fn save_said(connection: &Connection, feed: i64, said: &Feed) -> Result<(), Error> {
    connection
        .prepare_cached(
            "UPDATE feed SET title = ?2, link = ?3, publisher_id = ?4, language = ?5
             WHERE id = ?1 AND (title IS NOT ?2 OR link IS NOT ?3 OR publisher_id IS NOT ?4 OR language IS NOT ?5)",
        )?
        .execute(params![feed, said.title, said.link, said.id, said.language])?;
    Ok(())
}

/// Where entries come from.
struct Origin {
    feed: i64,
    seed: String,
    language: Option<String>,
    at: DateTime<Utc>,
    /// Of the next entry that is new. Entries are never deleted, so no number comes twice.
    next_number: i64,
}

impl Origin {
    fn language_of(&self, entry: &Entry) -> Option<String> {
        entry.language.as_deref().or(self.language.as_deref()).map(language_key)
    }
}

enum Change {
    New,
    Edited,
    None,
}

fn save_entry(connection: &Connection, origin: &mut Origin, entry: &Entry, tags: &[Tag]) -> Result<Change, Error> {
    let key = key_hash(&origin.seed, entry);
    let known: Option<(i64, i64, i64, i64)> = connection
        .prepare_cached("SELECT id, fingerprint, sorted_at, updated_at FROM entry WHERE key = ?1")?
        .query_row([&key[..]], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    match known {
        None => insert(connection, origin, entry, tags, &key),
        Some((number, fingerprint, sorted_at, updated_at)) if fingerprint != entry.fingerprint.cast_signed() => {
            let known = Known { number, sorted_at, updated_at };
            update(connection, origin, entry, tags, &known)
        }
        Some(_) => Ok(Change::None),
    }
}

fn insert(
    connection: &Connection,
    origin: &mut Origin,
    entry: &Entry,
    tags: &[Tag],
    key: &[u8; 16],
) -> Result<Change, Error> {
    let seen = origin.at.timestamp();
    // A date from the future would sit on top of every output for years.
    let sorted_at = entry.published.or(entry.updated).map_or(seen, |date| date.timestamp().min(seen));
    let updated_at = entry.updated.map_or(sorted_at, |date| date.timestamp().clamp(sorted_at, seen));
    let link_hash = article(entry);
    let root = match link_hash {
        Some(hash) => root_by_link(connection, origin.feed, hash)?,
        None => None,
    };
    let number = origin.next_number;
    connection
        .prepare_cached(
            "INSERT INTO entry (id, feed, key, fingerprint, link_hash, root, language, first_seen_at, sorted_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            number,
            origin.feed,
            &key[..],
            entry.fingerprint.cast_signed(),
            link_hash,
            root.unwrap_or(number),
            origin.language_of(entry),
            seen,
            sorted_at,
            updated_at
        ])?;
    origin.next_number += 1;
    save_text(connection, number, sorted_at, entry, tags)?;
    Ok(Change::New)
}

/// An entry that is kept already.
struct Known {
    number: i64,
    sorted_at: i64,
    updated_at: i64,
}

fn update(
    connection: &Connection,
    origin: &Origin,
    entry: &Entry,
    tags: &[Tag],
    known: &Known,
) -> Result<Change, Error> {
    let now = origin.at.timestamp();
    // The publisher's word where it moves time forward, else the moment of our reading; never back.
    let said = entry.updated.map(|date| date.timestamp()).filter(|date| (known.updated_at + 1..=now).contains(date));
    let updated_at = said.unwrap_or(now).max(known.updated_at);
    connection
        .prepare_cached(
            "UPDATE entry SET fingerprint = ?2, updated_at = ?3, language = ?4, link_hash = ?5 WHERE id = ?1",
        )?
        .execute(params![
            known.number,
            entry.fingerprint.cast_signed(),
            updated_at,
            origin.language_of(entry),
            article(entry)
        ])?;
    untag(connection, known.number, known.sorted_at)?;
    save_text(connection, known.number, known.sorted_at, entry, tags)?;
    indexing::outdate(connection, known.number)?;
    Ok(Change::Edited)
}

fn save_text(connection: &Connection, number: i64, sorted_at: i64, entry: &Entry, tags: &[Tag]) -> Result<(), Error> {
    let json = |error: serde_json::Error| Error::Damaged(format!("an entry cannot be written as JSON: {error}"));
    connection.prepare_cached("INSERT OR REPLACE INTO text (entry, said, tags) VALUES (?1, ?2, ?3)")?.execute(
        params![number, serde_json::to_string(entry).map_err(json)?, serde_json::to_string(tags).map_err(json)?],
    )?;
    save_tags(connection, number, sorted_at, tags)
}

/// Puts an entry into its topics.
pub(super) fn save_tags(connection: &Connection, number: i64, sorted_at: i64, tags: &[Tag]) -> Result<(), Error> {
    for tag in tags {
        let topic = topic_number(connection, &tag.topic)?;
        connection
            .prepare_cached("INSERT OR IGNORE INTO tag (topic, sorted_at, entry) VALUES (?1, ?2, ?3)")?
            .execute(params![topic, sorted_at, number])?;
    }
    Ok(())
}

fn topic_number(connection: &Connection, name: &str) -> Result<i64, Error> {
    let known = connection
        .prepare_cached("SELECT id FROM topic WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    connection.prepare_cached("INSERT INTO topic (name) VALUES (?1)")?.execute([name])?;
    Ok(connection.last_insert_rowid())
}

/// The first kept entry of the article behind a link, where other feeds carry it. A feed that has
/// one link for many entries says nothing by it, so neither side may have used the link twice.
fn root_by_link(connection: &Connection, feed: i64, hash: i64) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached("SELECT feed, root FROM entry WHERE link_hash = ?1 ORDER BY id")?;
    let rows: Vec<(i64, i64)> = statement
        .query_map([hash], |row| Ok((row.get(0)?, row.get(1)?)))?
        .take(LINK_HOLDERS_MAX)
        .collect::<Result<_, _>>()?;
    let mut holders: Vec<i64> = rows.iter().map(|(holder, _)| *holder).collect();
    holders.push(feed);
    holders.sort_unstable();
    let is_shared_within_a_feed = holders.windows(2).any(|pair| pair[0] == pair[1]);
    Ok(rows.first().map(|(_, root)| *root).filter(|_| !is_shared_within_a_feed))
}

/// More feeds than carry one article; beyond it the link is looked at no further.
const LINK_HOLDERS_MAX: usize = 256;

/// The hash of the link to the article that an entry is.
fn article(entry: &Entry) -> Option<i64> {
    entry.canonical_link.as_deref().filter(|link| names_an_article(link)).map(link_hash)
}

/// A bare host is a front page: every entry of a feed without links of its own points there.
fn names_an_article(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| url.path() != "/" || url.query().is_some() || url.fragment().is_some())
}

pub(super) fn link_hash(link: &str) -> i64 {
    let digest = Sha256::digest(link.as_bytes());
    digest.iter().take(8).fold(0_i64, |hash, byte| (hash << 8) | i64::from(*byte))
}

/// The key as it is kept: the feed's seed makes it unique in the store, so that no feed can speak
/// for another's entry.
fn key_hash(seed: &str, entry: &Entry) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(seed.as_bytes());
    hasher.update([0]);
    hasher.update(entry.key.as_str().as_bytes());
    let digest = hasher.finalize();
    std::array::from_fn(|index| digest[index])
}

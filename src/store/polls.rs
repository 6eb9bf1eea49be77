//! One poll's outcome becomes rows: which entries are new, which were edited, which are known.
//! Called inside a transaction that other polls may share.

use super::entries::{count, read_json, untag};
use super::identity::{Change, KnownAgain, Marks, Place, Places, key_hash, second_key_hash, short};
use super::{Error, PastPoll, Store, feeds, grouping, history, identity, indexing, keys, revisions, tagging};
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
    /// Which of its entries are known.
    pub places: Places,
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
    /// refused: they would stay for ever. So is what was decided before others kept what it may be.
    pub async fn save_poll(&self, poll: SavedPoll) -> Result<Saved, Error> {
        self.write_with(poll.said.is_none(), move |connection| {
            if poll.said.is_some() && !tagging::are_in_force(connection, poll.tagged_by)? {
                return Err(Error::OtherTopics(Box::new(poll)));
            }
            match save(connection, &poll)? {
                Some(saved) => Ok(saved),
                None => Err(Error::Undecided(Box::new(poll))),
            }
        })
        .await
    }
}

/// Nothing where it is to be decided anew which entries are known.
fn save(connection: &Connection, poll: &SavedPoll) -> Result<Option<Saved>, Error> {
    let row = connection
        .prepare_cached("SELECT id, seed, url, polls FROM feed WHERE name = ?1")?
        .query_row([&poll.feed], |row| {
            Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((feed, seed, url, number)) = row else {
        return Err(Error::Damaged(format!("feed {} is not subscribed", poll.feed)));
    };
    if url != poll.url.as_str() {
        return Ok(Some(Saved::default()));
    }
    if let Some((said, _)) = &poll.said {
        let is_decided = said.entries.len() == poll.places.items.len();
        if !is_decided || identity::is_outdated(connection, &seed, &said.entries, &poll.places)? {
            return Ok(None);
        }
    }
    feeds::save_state(connection, feed, &poll.state)?;
    let saved = match &poll.said {
        Some((said, tags)) => save_entries(connection, feed, seed, poll, said, tags)?,
        None => Saved::default(),
    };
    if let Some(past) = &poll.past {
        let past = PastPoll { new: saved.new, changed: saved.changed, ..past.clone() };
        history::save(connection, feed, number, &past)?;
    }
    Ok(Some(saved))
}

fn save_entries(
    connection: &Connection,
    feed: i64,
    seed: String,
    poll: &SavedPoll,
    said: &Feed,
    tags: &[Vec<Tag>],
) -> Result<Saved, Error> {
    let (at, places) = (poll.at, &poll.places);
    save_said(connection, feed, said)?;
    identity::save_habits(connection, feed, places.habits)?;
    let next_number =
        connection.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM entry")?.query_row([], |row| row.get(0))?;
    let language = said.language.clone();
    let mut origin = Origin { feed, seed, language, at, next_number, keys: Vec::new(), noted: None };
    let mut saved = Saved::default();
    // A feed lists its newest first: the last is kept first, so that later numbers are later entries.
    for ((entry, tags), place) in said.entries.iter().zip(tags).zip(&places.items).rev() {
        match place {
            Place::Settled => {}
            Place::New { elsewhere, marks } => {
                insert(connection, &mut origin, entry, tags, *elsewhere, marks)?;
                saved.new += 1;
            }
            Place::Known(known) => {
                update(connection, &mut origin, entry, tags, known)?;
                saved.changed += usize::from(known.change == Change::Edited);
            }
        }
    }
    keys::add(connection, origin.keys)?;
    if saved != Saved::default() {
        connection
            .prepare_cached("UPDATE feed SET changed_at = ?2, kept = kept + ?3 WHERE id = ?1")?
            .execute(params![feed, at.timestamp(), saved.new as i64])?;
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
    /// What leads to its entries from now on.
    keys: Vec<(u64, i64)>,
    /// The language that was noted last: mostly that of the next entry, too.
    noted: Option<String>,
}

impl Origin {
    fn mark(&mut self, entry: i64, keys: &[u64]) {
        self.keys.extend(keys.iter().map(|key| (*key, entry)));
    }

    fn language_of(&self, entry: &Entry) -> Option<String> {
        entry.language.as_deref().or(self.language.as_deref()).map(language_key)
    }
}

fn insert(
    connection: &Connection,
    origin: &mut Origin,
    entry: &Entry,
    tags: &[Tag],
    elsewhere: Option<(i64, &'static str)>,
    marks: &Marks,
) -> Result<(), Error> {
    let seen = origin.at.timestamp();
    // A date from the future would sit on top of every output for years.
    let sorted_at = entry.published.or(entry.updated).map_or(seen, |date| date.timestamp().min(seen));
    let updated_at = entry.updated.map_or(sorted_at, |date| date.timestamp().clamp(sorted_at, seen));
    let number = origin.next_number;
    let language = origin.language_of(entry);
    let root = match elsewhere {
        Some((other, _)) => root_of(connection, other)?,
        None => number,
    };
    let mut kept = connection.prepare_cached(
        "INSERT INTO entry (id, feed, key, fingerprint, link_hash, root, language, first_seen_at, sorted_at, updated_at, root_by, is_kept)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1) ON CONFLICT (key) DO NOTHING",
    )?;
    let mut keep = |key: &[u8; 16]| {
        kept.execute(params![
            number,
            origin.feed,
            &key[..],
            entry.fingerprint.cast_signed(),
            article(entry),
            root,
            language,
            seen,
            sorted_at,
            updated_at,
            elsewhere.map(|(_, by)| by)
        ])
    };
    let own_key = key_hash(&origin.seed, &entry.key);
    let has_own_key = keep(&own_key)? > 0;
    if !has_own_key {
        keep(&free_key(connection, origin, entry)?)?;
    }
    origin.next_number += 1;
    note_language(connection, origin, language)?;
    origin.mark(number, &marks.keys);
    identity::keep_sketch(connection, number, marks)?;
    grouping::keep_article(connection, number, origin.feed, seen, marks)?;
    if has_own_key {
        return save_text(connection, number, sorted_at, entry, tags);
    }
    origin.mark(number, &[short(&own_key)]);
    // The entry that had the id before is published under it for ever.
    let without_id = Entry { id: None, id_is_permalink: None, ..entry.clone() };
    save_text(connection, number, sorted_at, &without_id, tags)
}

/// The key that a new entry is kept under where another had its own before.
fn free_key(connection: &Connection, origin: &Origin, entry: &Entry) -> Result<[u8; 16], Error> {
    let mut is_taken = connection.prepare_cached("SELECT 1 FROM entry WHERE key = ?1")?;
    let key = |number| second_key_hash(&origin.seed, &entry.key, entry.fingerprint, number);
    Ok(if is_taken.exists([&key(None)[..]])? { key(Some(origin.next_number)) } else { key(None) })
}

fn root_of(connection: &Connection, entry: i64) -> Result<i64, Error> {
    Ok(connection.prepare_cached("SELECT root FROM entry WHERE id = ?1")?.query_row([entry], |row| row.get(0))?)
}

fn update(
    connection: &Connection,
    origin: &mut Origin,
    entry: &Entry,
    tags: &[Tag],
    known: &KnownAgain,
) -> Result<(), Error> {
    let now = origin.at.timestamp();
    let number = known.entry;
    let (sorted_at, last_updated_at, fingerprint): (i64, i64, i64) = connection
        .prepare_cached("SELECT sorted_at, updated_at, fingerprint FROM entry WHERE id = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    speak(connection, origin, number, sorted_at, origin.language_of(entry))?;
    // The publisher's word where it moves time forward, else the moment of our reading; never back.
    let said = entry.updated.map(|date| date.timestamp()).filter(|date| (last_updated_at + 1..=now).contains(date));
    let updated_at = match known.change {
        Change::Edited => said.unwrap_or(now).max(last_updated_at),
        Change::Unnoticed | Change::Counted => last_updated_at,
    };
    if known.change == Change::Edited {
        revisions::keep(connection, number, now)?;
    }
    connection
        .prepare_cached("UPDATE entry SET fingerprint = ?2, updated_at = ?3, link_hash = ?4 WHERE id = ?1")?
        .execute(params![number, entry.fingerprint.cast_signed(), updated_at, article(entry)])?;
    origin.mark(number, &known.marks.keys);
    identity::keep_sketch(connection, number, &known.marks)?;
    grouping::keep_later_article(connection, number, &known.marks)?;
    if known.keeps_key {
        origin.mark(number, &[short(&key_hash(&origin.seed, &entry.key))]);
    }
    if let Some(by) = known.by {
        connection
            .prepare_cached("UPDATE entry SET known_by = ?2, known_at = ?3 WHERE id = ?1 AND known_by IS NOT ?2")?
            .execute(params![number, by, now])?;
    }
    if known.change == Change::Counted || fingerprint == entry.fingerprint.cast_signed() {
        return Ok(());
    }
    let entry = named_as_before(connection, number, entry)?;
    untag(connection, number, sorted_at)?;
    count(connection, number, true)?;
    save_text(connection, number, sorted_at, &entry, tags)?;
    indexing::outdate(connection, number)
}

/// Gives an entry a language, where it has another.
fn speak(
    connection: &Connection,
    origin: &mut Origin,
    number: i64,
    sorted_at: i64,
    language: Option<String>,
) -> Result<(), Error> {
    let changed = connection
        .prepare_cached("UPDATE entry SET language = ?2 WHERE id = ?1 AND language IS NOT ?2")?
        .execute(params![number, language])?;
    if changed == 0 {
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE tag SET language = ?3 WHERE sorted_at = ?2 AND entry = ?1 AND topic IN (SELECT id FROM topic)",
        )?
        .execute(params![number, sorted_at, language])?;
    indexing::outdate(connection, number)?;
    note_language(connection, origin, language)
}

/// Notes that a feed had an entry in a language.
fn note_language(connection: &Connection, origin: &mut Origin, language: Option<String>) -> Result<(), Error> {
    if language.is_some() && origin.noted != language {
        connection
            .prepare_cached("INSERT OR IGNORE INTO feed_language (language, feed) VALUES (?1, ?2)")?
            .execute(params![language, origin.feed])?;
        origin.noted = language;
    }
    Ok(())
}

/// An entry under the id that it was first kept with: whoever read it under that one would take
/// another for news.
fn named_as_before(connection: &Connection, number: i64, entry: &Entry) -> Result<Entry, Error> {
    let said: Option<String> = connection
        .prepare_cached("SELECT said FROM text WHERE entry = ?1")?
        .query_row([number], |row| row.get(0))
        .optional()?;
    let mut entry = entry.clone();
    // What does not read back is replaced whole.
    if let Some(first) = said.and_then(|said| read_json::<Entry>(&said).ok()) {
        (entry.key, entry.id, entry.id_is_permalink) = (first.key, first.id, first.id_is_permalink);
    }
    Ok(entry)
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
            .prepare_cached(
                "INSERT OR IGNORE INTO tag (topic, sorted_at, entry, feed, language)
                 SELECT ?1, ?2, id, feed, language FROM entry WHERE id = ?3",
            )?
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

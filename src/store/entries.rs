//! Entries for outputs: the newest that an output selects, each article or each story once.
//! Retention and the documents' dates live here too.

use super::coverage::{self, Joined};
use super::feeds::{NAME, moment, name};
use super::selection::{Selection, first_seen_at, has_copies};
use super::{Error, Store, archives, indexing, revisions};
use crate::feed::{Entry, KeptEntry, Output, Tag};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;
use tracing::warn;

impl Store {
    /// The newest that `output` selects, at most `output.items`, newest first.
    pub async fn entries(&self, output: &Output) -> Result<Vec<KeptEntry>, Error> {
        let (output, names) = (output.clone(), self.names.now());
        self.read(move |connection| match Selection::of(connection, &output, &names)? {
            Some(selection) => Ok(choose(connection, &output, &selection, None)?.entries),
            None => Ok(Vec::new()),
        })
        .await
    }

    /// One entry by its name in `/entries/ID`.
    pub async fn entry(&self, uid: &str) -> Result<Option<KeptEntry>, Error> {
        let Some(range) = key_range(uid).filter(|_| uid.len() == UID_LETTERS) else {
            return Ok(None);
        };
        self.read(move |connection| match number_named(connection, range)? {
            Some(number) => load(connection, number, Joined::Copies),
            None => Ok(None),
        })
        .await
    }

    /// Forgets the text of entries that are older than their feed's `keep`; answers how many.
    /// Their identity stays, so that one that returns is not new. Polls are kept in between.
    pub async fn forget_old_text(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        let until = self.read(move |connection| last_forgotten(connection, now)).await?;
        let (mut forgotten, mut after) = (0, 0);
        while after < until {
            let (old, looked_at) = self.read(move |connection| old_text(connection, now, after, until)).await?;
            after = looked_at;
            forgotten += old.len();
            if !old.is_empty() {
                self.write(move |connection| forget(connection, &old)).await?;
            }
        }
        Ok(forgotten)
    }

    /// When the bytes behind each path last changed: `now` for those whose hash is a new one.
    pub async fn documents_changed_at(
        &self,
        documents: Vec<(String, Vec<u8>)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, Error> {
        self.write(move |connection| {
            let mut moments = Vec::with_capacity(documents.len());
            for (path, hash) in &documents {
                moments.push(document_changed_at(connection, path, hash, now)?);
            }
            Ok(moments)
        })
        .await
    }
}

/// Texts that are forgotten in one job: what it takes is less than a poll may wait.
const FORGOTTEN_AT_ONCE: usize = 500;

/// Entries that are looked at in one go for those whose time is over.
const LOOKED_AT_ONCE: i64 = 20_000;

/// The last entry that may be old enough for any feed: nothing behind it is looked at.
fn last_forgotten(connection: &Connection, now: DateTime<Utc>) -> Result<i64, Error> {
    let keep_s: Option<i64> =
        connection.prepare_cached("SELECT min(keep_s) FROM feed")?.query_row([], |row| row.get(0))?;
    match keep_s {
        Some(keep_s) => archives::number_before(connection, now.timestamp().saturating_sub(keep_s)),
        None => Ok(0),
    }
}

/// The next entries behind `after` whose text is older than its feed keeps it, with their places in
/// time, and the number up to which these are all.
fn old_text(
    connection: &Connection,
    now: DateTime<Utc>,
    after: i64,
    until: i64,
) -> Result<(Vec<(i64, i64)>, i64), Error> {
    let until = until.min(after.saturating_add(LOOKED_AT_ONCE));
    let sql = format!(
        "SELECT e.id, e.sorted_at FROM entry e NOT INDEXED CROSS JOIN feed ON feed.id = e.feed
         WHERE e.id > ?2 AND e.id <= ?3 AND e.is_kept AND e.first_seen_at < ?1 - feed.keep_s
         ORDER BY e.id LIMIT {FORGOTTEN_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([now.timestamp(), after, until], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let old: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    let looked_at =
        if old.len() == FORGOTTEN_AT_ONCE { old.last().map_or(until, |(number, _)| *number) } else { until };
    Ok((old, looked_at))
}

fn forget(connection: &Connection, entries: &[(i64, i64)]) -> Result<(), Error> {
    for (entry, sorted_at) in entries {
        untag(connection, *entry, *sorted_at)?;
        connection.prepare_cached("DELETE FROM text WHERE entry = ?1")?.execute([entry])?;
        count(connection, *entry, false)?;
        indexing::outdate(connection, *entry)?;
        revisions::forget(connection, *entry)?;
    }
    Ok(())
}

/// Notes whether an entry has its text, in its row and in its feed's count.
pub(super) fn count(connection: &Connection, entry: i64, is_kept: bool) -> Result<(), Error> {
    let changed = connection
        .prepare_cached("UPDATE entry SET is_kept = ?2 WHERE id = ?1 AND is_kept <> ?2")?
        .execute(params![entry, is_kept])?;
    if changed > 0 {
        connection
            .prepare_cached("UPDATE feed SET kept = kept + ?2 WHERE id = (SELECT feed FROM entry WHERE id = ?1)")?
            .execute(params![entry, if is_kept { 1 } else { -1 }])?;
    }
    Ok(())
}

/// Takes an entry out of all topics.
pub(super) fn untag(connection: &Connection, entry: i64, sorted_at: i64) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM tag WHERE sorted_at = ?2 AND entry = ?1 AND topic IN (SELECT id FROM topic)")?
        .execute([entry, sorted_at])?;
    Ok(())
}

/// So many candidates are looked at for young ones among them, where old ones lie between.
const YOUNG_LOOKED_AT_MAX: usize = 4096;

/// What stays in a document beyond its `items`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Young {
    /// First seen at this moment or later.
    pub(super) seen_since: i64,
    /// And dated at this moment or later: what was old when it came is no news.
    pub(super) dated_since: i64,
}

/// The entries of a document.
pub(super) struct Chosen {
    pub(super) entries: Vec<KeptEntry>,
    /// Whether nothing that the output selects is missing.
    pub(super) is_all: bool,
}

/// The newest that an output selects, and beyond `items` those that are young.
pub(super) fn choose(
    connection: &Connection,
    output: &Output,
    selection: &Selection,
    young: Option<Young>,
) -> Result<Chosen, Error> {
    let mut chosen = gather(connection, output, selection, young)?;
    // A story is chosen for its newest entry and stands where its first one does.
    chosen.entries.sort_by_key(|kept| std::cmp::Reverse((kept.sorted_at, kept.number)));
    Ok(chosen)
}

fn gather(
    connection: &Connection,
    output: &Output,
    selection: &Selection,
    young: Option<Young>,
) -> Result<Chosen, Error> {
    let (mut entries, mut is_all) = (Vec::new(), true);
    let (mut stories, mut newest, mut looked_at) = (HashSet::new(), selection.newest(), 0);
    while let Some(place) = newest.next(connection)? {
        if entries.len() >= output.items {
            looked_at += 1;
            let is_over = entries.len() >= Output::ITEMS_MOST || looked_at > YOUNG_LOOKED_AT_MAX;
            let Some(young) = young.filter(|young| !is_over && place.sorted_at >= young.dated_since) else {
                return Ok(Chosen { entries, is_all: false });
            };
            if first_seen_at(connection, place.number)? < young.seen_since {
                is_all = false;
                continue;
            }
        }
        let Some(shown) = selection.shown_for(connection, place.number, &mut stories)? else {
            continue;
        };
        match load(connection, shown, selection.joined()) {
            Ok(entry) => entries.extend(entry),
            // One damaged row must not stop what all others bring.
            Err(Error::Damaged(what)) => warn!(entry = shown, "left out of {}: {what}", output.id),
            Err(error) => return Err(error),
        }
    }
    Ok(Chosen { entries, is_all })
}

pub(super) fn load(connection: &Connection, number: i64, joined: Joined) -> Result<Option<KeptEntry>, Error> {
    let sql = format!(
        "SELECT e.id, e.key, e.root, e.first_seen_at, e.sorted_at, e.updated_at, text.said, text.tags, {NAME}
         FROM entry e JOIN text ON text.entry = e.id JOIN feed ON feed.id = e.feed WHERE e.id = ?1"
    );
    let row = connection
        .prepare_cached(&sql)?
        .query_row([number], |row| Ok((kept(row), row.get::<_, i64>("root")?)))
        .optional()?;
    let Some((kept, root)) = row else {
        return Ok(None);
    };
    let mut kept = kept?;
    let is_alone = joined == Joined::Copies && root == number && !has_copies(connection, root)?;
    if !is_alone {
        coverage::add(connection, &mut kept, root, joined)?;
    }
    Ok(Some(kept))
}

fn kept(row: &Row<'_>) -> Result<KeptEntry, Error> {
    let said: String = row.get("said")?;
    let tags: String = row.get("tags")?;
    let key: Vec<u8> = row.get("key")?;
    let entry: Entry = read_json(&said)?;
    let tags: Vec<Tag> = read_json(&tags)?;
    let at = |column: &str| -> Result<DateTime<Utc>, Error> {
        moment(Some(row.get(column)?)).ok_or_else(|| Error::Damaged(format!("{column} is no date")))
    };
    Ok(KeptEntry {
        number: row.get("id")?,
        uid: uid(&key),
        feed: name(row)?,
        entry,
        first_seen_at: at("first_seen_at")?,
        sorted_at: at("sorted_at")?,
        updated_at: at("updated_at")?,
        tags,
        also_in: Vec::new(),
        story: None,
    })
}

/// What was kept as JSON: what was said of an entry, and its tags.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| Error::Damaged(format!("an entry does not read back: {error}")))
}

fn document_changed_at(
    connection: &Connection,
    path: &str,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let known: Option<(Vec<u8>, i64)> = connection
        .prepare_cached("SELECT hash, changed_at FROM document WHERE path = ?1")?
        .query_row([path], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((known_hash, at)) if known_hash == hash => Ok(moment(Some(at)).unwrap_or(now)),
        _ => {
            // Last-Modified must move forward even where the clock was set back.
            let at = known.map_or(now.timestamp(), |(_, last)| now.timestamp().max(last + 1));
            connection
                .prepare_cached("INSERT OR REPLACE INTO document (path, hash, changed_at) VALUES (?1, ?2, ?3)")?
                .execute(params![path, hash, at])?;
            Ok(moment(Some(at)).unwrap_or(now))
        }
    }
}

/// The first ten bytes of a key in base 32 (RFC 4648 §6, lower case).
pub(super) fn uid(key: &[u8]) -> String {
    let bits = key.iter().take(10).fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    (0..16).rev().map(|place| char::from(ALPHABET[((bits >> (5 * place)) & 31) as usize])).collect()
}

/// The keys that a uid, or the beginning of one, can stand for: its bits, then anything.
pub(super) fn key_range(uid: &str) -> Option<([u8; 16], [u8; 16])> {
    if uid.is_empty() || uid.len() > UID_LETTERS {
        return None;
    }
    let mut bits = 0_u128;
    for letter in uid.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | value as u128;
    }
    let rest = 128 - 5 * uid.len();
    let first = bits << rest;
    Some((first.to_be_bytes(), (first | ((1 << rest) - 1)).to_be_bytes()))
}

/// The entry whose key is in a range, the earliest of them.
pub(super) fn number_named(connection: &Connection, range: ([u8; 16], [u8; 16])) -> Result<Option<i64>, Error> {
    let sql = "SELECT id FROM entry WHERE key BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1";
    let (first, last) = range;
    Ok(connection.prepare_cached(sql)?.query_row(params![&first[..], &last[..]], |row| row.get(0)).optional()?)
}

/// Eighty bits: no two of a store's entries meet.
pub(super) const UID_LETTERS: usize = 16;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

#[cfg(test)]
mod tests {
    use super::{UID_LETTERS, key_range, uid};

    #[test]
    fn a_uid_leads_back_to_its_key() {
        let key: [u8; 16] = std::array::from_fn(|index| (index * 37 + 11) as u8);
        let (first, last) = key_range(&uid(&key)).expect("sixteen letters");
        assert!(first <= key && key <= last);
        assert_eq!(uid(&key).len(), UID_LETTERS);
        for letters in 1..=UID_LETTERS {
            let (first, last) = key_range(&uid(&key)[..letters]).expect("letters of a uid");
            assert!(first <= key && key <= last, "{letters}");
        }
    }

    #[test]
    fn refuses_what_is_no_uid() {
        for text in ["", "aaaaaaaaaaaaaaaaa", "AAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaa1", "žaaaaaaaaaaaaaaa"] {
            assert_eq!(key_range(text), None, "{text}");
        }
    }
}

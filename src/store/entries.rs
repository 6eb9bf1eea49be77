//! Entries for outputs: the newest that an output selects, each article or each story once.
//! Retention and the documents' dates live here too.

use super::coverage::{self, Joined, OF_ARTICLE, OF_STORY};
use super::feeds::{NAME, moment, name};
use super::grouping::{IS_GROUPED, story_of};
use super::{Error, Store, indexing, revisions};
use crate::feed::{Collapse, Entry, KeptEntry, Output, Tag, language_key};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;
use tracing::warn;

impl Store {
    /// The newest that `output` selects, at most `output.items`, newest first.
    pub async fn entries(&self, output: &Output) -> Result<Vec<KeptEntry>, Error> {
        let output = output.clone();
        self.read(move |connection| match Selection::of(connection, &output)? {
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
        let mut forgotten = 0;
        loop {
            let old = self.read(move |connection| old_text(connection, now)).await?;
            forgotten += old.len();
            if old.is_empty() {
                return Ok(forgotten);
            }
            self.write(move |connection| forget(connection, &old)).await?;
        }
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

/// Entries whose text is older than its feed keeps it, with their places in time.
fn old_text(connection: &Connection, now: DateTime<Utc>) -> Result<Vec<(i64, i64)>, Error> {
    let sql = format!(
        "SELECT entry.id, entry.sorted_at FROM text JOIN entry ON entry.id = text.entry JOIN feed ON feed.id = entry.feed
         WHERE entry.first_seen_at < ?1 - feed.keep_s LIMIT {FORGOTTEN_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([now.timestamp()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn forget(connection: &Connection, entries: &[(i64, i64)]) -> Result<(), Error> {
    for (entry, sorted_at) in entries {
        untag(connection, *entry, *sorted_at)?;
        connection.prepare_cached("DELETE FROM text WHERE entry = ?1")?.execute([entry])?;
        indexing::outdate(connection, *entry)?;
        revisions::forget(connection, *entry)?;
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

/// How many candidates are looked at before more are asked for.
const PAGE: usize = 256;

/// Up to so many feeds, the newest of each are merged; above, the newest of all are filtered.
const FEEDS_MERGED_MAX: usize = 50;

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
    let mut stories = HashSet::new();
    let (mut before, mut looked_at) = ((i64::MAX, i64::MAX), 0);
    loop {
        let page = selection.page(connection, before)?;
        for candidate in &page {
            if entries.len() >= output.items {
                looked_at += 1;
                let is_over = entries.len() >= Output::ITEMS_MOST || looked_at > YOUNG_LOOKED_AT_MAX;
                let Some(young) = young.filter(|young| !is_over && candidate.sorted_at >= young.dated_since) else {
                    return Ok(Chosen { entries, is_all: false });
                };
                if candidate.first_seen_at < young.seen_since {
                    is_all = false;
                    continue;
                }
            }
            let Some(shown) = selection.shown_for(connection, candidate, &mut stories)? else {
                continue;
            };
            match load(connection, shown, selection.joined()) {
                Ok(entry) => entries.extend(entry),
                // One damaged row must not stop what all others bring.
                Err(Error::Damaged(what)) => warn!(entry = shown, "left out of {}: {what}", output.id),
                Err(error) => return Err(error),
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => before = (last.sorted_at, last.number),
            _ => return Ok(Chosen { entries, is_all }),
        }
    }
}

/// An output's wishes in the store's numbers.
#[derive(Clone)]
pub(super) struct Selection {
    pub(super) topics: Vec<i64>,
    feeds: Option<Vec<i64>>,
    collapse: Collapse,
    /// SQL that an entry's row must satisfy; holds numbers and checked words only.
    pub(super) filter: String,
}

pub(super) struct Candidate {
    pub(super) number: i64,
    pub(super) sorted_at: i64,
    pub(super) root: i64,
    pub(super) first_seen_at: i64,
}

impl Candidate {
    /// What is read of an entry's row `e`.
    pub(super) const COLUMNS: &str = "e.id, e.sorted_at, e.root, e.first_seen_at";

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { number: row.get(0)?, sorted_at: row.get(1)?, root: row.get(2)?, first_seen_at: row.get(3)? })
    }
}

impl Selection {
    /// `None` where the output asks for topics or feeds that no entry can have.
    pub(super) fn of(connection: &Connection, output: &Output) -> Result<Option<Self>, Error> {
        let topics = topic_numbers(connection, &output.topics)?;
        let feeds = match &output.feeds {
            Some(names) => Some(numbers(connection, "SELECT id FROM feed WHERE name = ?1 AND is_subscribed", names)?),
            None => None,
        };
        let is_impossible =
            (topics.is_empty() && !output.topics.is_empty()) || feeds.as_ref().is_some_and(Vec::is_empty);
        if is_impossible {
            return Ok(None);
        }
        let mut filter = "e.id IN (SELECT entry FROM text WHERE entry = e.id)".to_owned();
        match &feeds {
            Some(feeds) => filter += &format!(" AND e.feed IN ({})", list(feeds)),
            None => filter += " AND (SELECT is_subscribed FROM feed WHERE id = e.feed)",
        }
        if !output.languages.is_empty() {
            filter += &format!(" AND e.language IN ({})", language_list(&output.languages));
        }
        if output.collapse != Collapse::None {
            filter += &format!(" AND {IS_GROUPED}");
        }
        Ok(Some(Self { topics, feeds, collapse: output.collapse, filter }))
    }

    /// The newest candidates before a point in the order (sorted_at, number), newest first.
    fn page(&self, connection: &Connection, before: (i64, i64)) -> Result<Vec<Candidate>, Error> {
        let mut page = Vec::new();
        if !self.topics.is_empty() {
            for topic in &self.topics {
                let from = "tag t CROSS JOIN entry e ON e.id = t.entry";
                self.extend(
                    connection,
                    &mut page,
                    from,
                    "t.sorted_at, t.entry",
                    &format!("t.topic = {topic}"),
                    before,
                )?;
            }
        } else if let Some(feeds) = self.feeds.as_ref().filter(|feeds| feeds.len() <= FEEDS_MERGED_MAX) {
            for feed in feeds {
                let from = "entry e INDEXED BY entry_by_feed";
                self.extend(connection, &mut page, from, "e.sorted_at, e.id", &format!("e.feed = {feed}"), before)?;
            }
        } else {
            self.extend(connection, &mut page, "entry e INDEXED BY entry_by_time", "e.sorted_at, e.id", "1", before)?;
        }
        page.sort_by_key(|candidate| std::cmp::Reverse((candidate.sorted_at, candidate.number)));
        page.dedup_by_key(|candidate| candidate.number);
        page.truncate(PAGE);
        Ok(page)
    }

    fn extend(
        &self,
        connection: &Connection,
        page: &mut Vec<Candidate>,
        from: &str,
        order: &str,
        condition: &str,
        before: (i64, i64),
    ) -> Result<(), Error> {
        let sql = format!(
            "SELECT {} FROM {from} WHERE {condition} AND ({order}) < (?1, ?2) AND {filter}
             ORDER BY {descending} DESC LIMIT {PAGE}",
            Candidate::COLUMNS,
            filter = self.filter,
            descending = order.replace(", ", " DESC, "),
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![before.0, before.1], Candidate::read)?;
        for row in rows {
            page.push(row?);
        }
        Ok(())
    }

    /// What an entry that is shown here speaks for.
    pub(super) fn joined(&self) -> Joined {
        match self.collapse {
            Collapse::None => Joined::Alone,
            Collapse::Duplicates => Joined::Copies,
            Collapse::Stories => Joined::Story,
        }
    }

    /// Whether a candidate stands for its article, or its story, here.
    pub(super) fn is_shown(&self, connection: &Connection, candidate: &Candidate) -> Result<bool, Error> {
        Ok(self.shown_for(connection, candidate, &mut HashSet::new())? == Some(candidate.number))
    }

    /// The entry that is shown where a candidate comes; `None` where it was, or will be, shown
    /// elsewhere.
    fn shown_for(
        &self,
        connection: &Connection,
        candidate: &Candidate,
        stories: &mut HashSet<i64>,
    ) -> Result<Option<i64>, Error> {
        match self.collapse {
            Collapse::None => Ok(Some(candidate.number)),
            Collapse::Duplicates => {
                let is_alone = candidate.root == candidate.number && !has_copies(connection, candidate.number)?;
                let shown =
                    if is_alone { candidate.number } else { self.first_of(connection, OF_ARTICLE, candidate.root)? };
                Ok(Some(shown).filter(|shown| *shown == candidate.number))
            }
            Collapse::Stories => {
                let story = story_of(connection, candidate.number)?;
                match stories.insert(story) {
                    true => Ok(Some(self.first_of(connection, OF_STORY, story)?)),
                    false => Ok(None),
                }
            }
        }
    }

    /// Which of the entries that say the same stands for them, of those that the output selects.
    fn first_of(&self, connection: &Connection, of: &str, number: i64) -> Result<i64, Error> {
        let mut filter = self.filter.clone();
        if !self.topics.is_empty() {
            filter += &format!(" AND {}", has_topic(&self.topics));
        }
        Ok(first_of(connection, of, &filter, number)?.unwrap_or(number))
    }
}

/// Which of the entries that say the same stands for them: the original. What comes later never takes
/// its place; of those that came together the operator's favourite does, else the one that was
/// published first, else the longest.
pub(super) fn first_of(connection: &Connection, of: &str, filter: &str, number: i64) -> Result<Option<i64>, Error> {
    let sql = format!(
        "WITH chosen AS (SELECT e.* FROM entry e WHERE {of} AND {filter})
         SELECT chosen.id FROM chosen JOIN feed ON feed.id = chosen.feed JOIN text ON text.entry = chosen.id
         WHERE chosen.first_seen_at <= (SELECT min(first_seen_at) FROM chosen) + {TOGETHER_S}
         ORDER BY feed.priority DESC, chosen.sorted_at, {LENGTH} DESC, chosen.id LIMIT 1"
    );
    Ok(connection.prepare_cached(&sql)?.query_row([number], |row| row.get(0)).optional()?)
}

/// How long what an entry says is.
const LENGTH: &str =
    "octet_length(coalesce(json_extract(text.said, '$.content'), json_extract(text.said, '$.summary'), ''))";

/// What one pass over the feeds brings came together, in whatever order they answered.
const TOGETHER_S: i64 = 600;

fn has_copies(connection: &Connection, root: i64) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM entry WHERE root = ?1 AND root <> id)";
    Ok(connection.prepare_cached(sql)?.query_row([root], |row| row.get(0))?)
}

/// SQL: whether an entry has any of these topics.
pub(super) fn has_topic(topics: &[i64]) -> String {
    let topics = list(topics);
    format!("EXISTS (SELECT 1 FROM tag t WHERE t.topic IN ({topics}) AND t.sorted_at = e.sorted_at AND t.entry = e.id)")
}

/// The numbers of those topics that any entry ever had.
pub(super) fn topic_numbers(connection: &Connection, names: &[String]) -> Result<Vec<i64>, Error> {
    numbers(connection, "SELECT id FROM topic WHERE name = ?1", names)
}

/// Languages as an SQL list of their keys.
pub(super) fn language_list(languages: &[String]) -> String {
    let keys: Vec<String> = languages.iter().map(|tag| format!("'{}'", letters(&language_key(tag)))).collect();
    keys.join(",")
}

fn numbers(connection: &Connection, sql: &str, names: &[String]) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut numbers = Vec::new();
    for name in names {
        numbers.extend(statement.query_row([name], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(numbers)
}

pub(super) fn list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// A language key has letters only; anything else must not reach the SQL.
fn letters(key: &str) -> String {
    key.chars().filter(char::is_ascii_alphanumeric).collect()
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
    coverage::add(connection, &mut kept, root, joined)?;
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

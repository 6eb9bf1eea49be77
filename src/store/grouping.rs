//! Which entries tell of one thing, and how far grouping has come. What is grouped here was read
//! before; what belongs together is for others to say.

use super::archives::number_before;
use super::entries::read_json;
use super::identity::Marks;
use super::links::{self, NewLink};
use super::{Error, Store};
use crate::feed::Entry;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use tracing::warn;

/// An entry that waits to be grouped.
#[derive(Debug, Clone, PartialEq)]
pub struct Ungrouped {
    /// Its number in the store.
    pub number: i64,
    /// Its feed's number.
    pub feed: i64,
    /// When we first saw it, in seconds of Unix time.
    pub seen_at: i64,
    /// The key of its language, where it is known.
    pub language: Option<String>,
    /// The first kept entry of the same article, itself if it is the first.
    pub root: i64,
    /// The story of that one, where it is grouped.
    pub root_story: Option<i64>,
    /// What it is compared by.
    pub basis: Basis,
}

/// How much of an entry was read before it is grouped.
#[derive(Debug, Clone, PartialEq)]
pub enum Basis {
    /// The poll that brought it made of it what it is compared by.
    Article(ArticleBytes),
    /// It was kept by an earlier version: this is what the publisher said.
    Entry(Box<Entry>),
}

/// What an entry is compared by, as others made it of what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleBytes {
    /// For its copies and its story.
    pub article: Vec<u8>,
    /// For the stories of other languages.
    pub telling: Vec<u8>,
}

/// Entries in a row that wait.
#[derive(Debug, Default)]
pub struct Waiting {
    /// Those that can be read.
    pub entries: Vec<Ungrouped>,
    /// The number of the last one; `None` where none waits.
    pub last: Option<i64>,
}

/// Where an entry belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupedEntry {
    /// Its number in the store.
    pub number: i64,
    /// Its feed's number.
    pub feed: i64,
    /// When we first saw it.
    pub seen_at: i64,
    /// The number of the entry that began the story.
    pub story: i64,
    /// How sure that is; `None` where nothing was compared.
    pub score: Option<f32>,
    /// The entry whose text it copies, and how alike they are.
    pub original: Option<(i64, f32)>,
    /// What it is compared by, where that is not kept yet.
    pub article: Option<ArticleBytes>,
    /// Stories that ended with it, and the older ones that they became part of.
    pub merged: Vec<(i64, i64)>,
    /// Stories in other languages that were found to tell of the same when it came.
    pub links: Vec<NewLink>,
}

/// An entry that belongs elsewhere than was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedEntry {
    /// Its number.
    pub number: i64,
    /// The story that it leaves.
    pub from: i64,
    /// The story that it joins.
    pub to: i64,
}

/// What a newer entry is compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptArticle {
    /// The entry's number.
    pub number: i64,
    /// Its feed's number.
    pub feed: i64,
    /// When we first saw it.
    pub seen_at: i64,
    /// The story that it belongs to.
    pub story: i64,
    /// The entry whose text it copies.
    pub original: Option<i64>,
    /// As they were given.
    pub bytes: ArticleBytes,
}

/// Older entries are compared with nothing: what tells of one event comes within days.
pub const WINDOW: TimeDelta = TimeDelta::days(7);

impl Store {
    /// Has entries grouped from now on. Where none ever were, those of the last days are, too; they
    /// are shown meanwhile, while all that come later are shown when they are grouped.
    pub async fn begin_grouping(&self, now: DateTime<Utc>) -> Result<(), Error> {
        if self.read(|connection| Ok(connection.prepare_cached("SELECT 1 FROM grouping")?.exists([])?)).await? {
            return Ok(());
        }
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO grouping (id, done_to, until)
                     SELECT 1, coalesce(max(id) FILTER (WHERE first_seen_at < ?1), 0), coalesce(max(id), 0) FROM entry",
                )?
                .execute([(now - WINDOW).timestamp()])?;
            Ok(())
        })
        .await
    }

    /// Whether entries wait to be grouped.
    pub async fn is_grouping_behind(&self) -> Result<bool, Error> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM text WHERE entry > coalesce((SELECT done_to FROM grouping), 0))";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// How many entries wait to be grouped, and since when the first does; none before any are.
    pub async fn waiting_to_be_grouped(&self) -> Result<Option<(i64, DateTime<Utc>)>, Error> {
        self.read(|connection| {
            let sql = "SELECT count(*), min(e.first_seen_at) FROM text JOIN entry e ON e.id = text.entry
                         WHERE text.entry > (SELECT done_to FROM grouping)";
            let (count, since): (i64, Option<i64>) =
                connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(since.and_then(|since| DateTime::from_timestamp(since, 0)).map(|since| (count, since)))
        })
        .await
    }

    /// The next entries that wait to be grouped, in the order in which they came.
    pub async fn ungrouped_entries(&self) -> Result<Waiting, Error> {
        self.read(waiting).await
    }

    /// Keeps where entries belong, in the order in which it was found, and that all up to `done_to`
    /// are grouped.
    pub async fn save_grouped(&self, entries: Vec<GroupedEntry>, done_to: i64) -> Result<(), Error> {
        self.write(move |connection| {
            for entry in &entries {
                save(connection, entry)?;
            }
            connection.prepare_cached("UPDATE grouping SET done_to = max(done_to, ?1)")?.execute([done_to])?;
            Ok(())
        })
        .await
    }

    /// Moves entries into other stories. A story that nothing is left of leads to where its last
    /// entry went.
    pub async fn move_grouped(&self, moved: Vec<MovedEntry>, now: DateTime<Utc>) -> Result<(), Error> {
        self.write(move |connection| moved.iter().try_for_each(|entry| move_entry(connection, *entry, now.timestamp())))
            .await
    }

    /// What entries behind a number are compared by, in their order, at most some thousands.
    pub async fn articles(&self, after: i64) -> Result<Vec<KeptArticle>, Error> {
        self.read(move |connection| articles(connection, after)).await
    }

    /// Forgets what entries were compared by that are older than the window; answers how many.
    pub async fn forget_old_articles(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        self.write(move |connection| {
            let last = number_before(connection, (now - WINDOW).timestamp())?;
            Ok(connection.prepare_cached("DELETE FROM article WHERE entry <= ?1")?.execute([last])?)
        })
        .await
    }

    /// What publishers said of entries, of those that can be read.
    pub async fn said(&self, numbers: Vec<i64>) -> Result<Vec<(i64, Entry)>, Error> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached("SELECT said FROM text WHERE entry = ?1")?;
            let mut entries = Vec::with_capacity(numbers.len());
            for number in numbers {
                let said: Option<String> = statement.query_row([number], |row| row.get(0)).optional()?;
                entries.extend(said.and_then(|said| Some((number, read_json(&said).ok()?))));
            }
            Ok(entries)
        })
        .await
    }

    /// The story of an entry, by their numbers.
    pub async fn story_of(&self, number: i64) -> Result<i64, Error> {
        self.read(move |connection| story_of(connection, number)).await
    }
}

/// The number of the last entry that may be shown where entries are joined.
pub(super) fn shown_to(connection: &Connection) -> Result<i64, Error> {
    let sql = "SELECT max(done_to, until) FROM grouping";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(i64::MAX))
}

/// The story of an entry: its own where nobody has said otherwise.
pub(super) fn story_of(connection: &Connection, number: i64) -> Result<i64, Error> {
    let sql = "SELECT story FROM grouped WHERE entry = ?1";
    let known = connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?;
    Ok(known.unwrap_or(number))
}

/// Entries that are read, compared and written in one go: some milliseconds, so that a poll that
/// waits for the writer does not wait long.
const ENTRIES_AT_ONCE: usize = 200;

fn waiting(connection: &Connection) -> Result<Waiting, Error> {
    // No text is touched where the poll made of it what it is compared by.
    let sql = format!(
        "SELECT e.id, e.feed, e.first_seen_at, e.language, e.root,
           iif(e.root = e.id, NULL, (SELECT story FROM grouped WHERE entry = e.root)), article.bytes,
           coalesce(article.telling, x''),
           iif(article.bytes IS NULL, (SELECT said FROM text WHERE text.entry = e.id), NULL)
         FROM entry e NOT INDEXED LEFT JOIN article ON article.entry = e.id
         WHERE e.is_kept AND e.id > coalesce((SELECT done_to FROM grouping), 0) ORDER BY e.id LIMIT {ENTRIES_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut waiting = Waiting::default();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        waiting.last = Some(number);
        let basis = match row.get::<_, Option<Vec<u8>>>(6)? {
            Some(article) => Ok(Basis::Article(ArticleBytes { article, telling: row.get(7)? })),
            None => read_json(&row.get::<_, Option<String>>(8)?.unwrap_or_default())
                .map(|entry| Basis::Entry(Box::new(entry))),
        };
        match basis {
            Ok(basis) => waiting.entries.push(Ungrouped {
                number,
                feed: row.get(1)?,
                seen_at: row.get(2)?,
                language: row.get(3)?,
                root: row.get(4)?,
                root_story: row.get(5)?,
                basis,
            }),
            // One damaged row must not keep all others from being shown.
            Err(error) => warn!(entry = number, "not grouped: {error}"),
        }
    }
    Ok(waiting)
}

fn save(connection: &Connection, entry: &GroupedEntry) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO grouped (entry, story, joined_at, score, original, alike) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.number,
            entry.story,
            entry.seen_at,
            entry.score,
            entry.original.map(|(original, _)| original),
            entry.original.map(|(_, alike)| alike),
        ])?;
    if let Some(article) = &entry.article {
        save_article(connection, entry.number, entry.feed, entry.seen_at, article)?;
    }
    if let Some((original, _)) = entry.original {
        join_roots(connection, entry.number, original)?;
    }
    for (ended, older) in &entry.merged {
        merge(connection, *ended, *older, entry.seen_at)?;
    }
    links::save(connection, entry.story, &entry.links)
}

fn save_article(
    connection: &Connection,
    number: i64,
    feed: i64,
    seen_at: i64,
    bytes: &ArticleBytes,
) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO article (entry, feed, seen_at, bytes, telling) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![number, feed, seen_at, bytes.article, bytes.telling])?;
    Ok(())
}

/// Keeps what a new entry will be compared by.
pub(super) fn keep_article(
    connection: &Connection,
    number: i64,
    feed: i64,
    seen_at: i64,
    marks: &Marks,
) -> Result<(), Error> {
    match &marks.article {
        Some(article) => save_article(connection, number, feed, seen_at, article),
        None => Ok(()),
    }
}

/// The same of an entry that says something else by now: what was compared stays as it was.
pub(super) fn keep_later_article(connection: &Connection, number: i64, marks: &Marks) -> Result<(), Error> {
    let Some(bytes) = &marks.article else { return Ok(()) };
    connection
        .prepare_cached(
            "UPDATE article SET bytes = ?2, telling = ?3
             WHERE entry = ?1 AND entry > coalesce((SELECT done_to FROM grouping), 0)",
        )?
        .execute(params![number, bytes.article, bytes.telling])?;
    Ok(())
}

/// Makes two entries and all that are one article with either one article, which the first of them
/// stands for. A root never has a root.
fn join_roots(connection: &Connection, one: i64, other: i64) -> Result<(), Error> {
    let (one, other) = (root_of(connection, one)?, root_of(connection, other)?);
    let (first, second) = (one.min(other), one.max(other));
    if first != second {
        connection
            .prepare_cached("UPDATE entry SET root = ?1 WHERE root = ?2 AND root <> id")?
            .execute([first, second])?;
        connection
            .prepare_cached("UPDATE entry SET root = ?1, root_by = 'text' WHERE id = ?2")?
            .execute([first, second])?;
    }
    Ok(())
}

fn root_of(connection: &Connection, number: i64) -> Result<i64, Error> {
    Ok(connection.prepare_cached("SELECT root FROM entry WHERE id = ?1")?.query_row([number], |row| row.get(0))?)
}

/// Lets a story become part of another, under whose name it is found from now on.
pub(super) fn merge(connection: &Connection, ended: i64, older: i64, at: i64) -> Result<(), Error> {
    if ended == older {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE grouped SET story = ?2, joined_at = ?3 WHERE story = ?1")?
        .execute([ended, older, at])?;
    lead_to(connection, ended, older)
}

pub(super) fn move_entry(connection: &Connection, moved: MovedEntry, at: i64) -> Result<(), Error> {
    let MovedEntry { number, from, to } = moved;
    connection
        .prepare_cached("UPDATE grouped SET story = ?2, joined_at = ?3 WHERE entry = ?1")?
        .execute([number, to, at])?;
    // What has entries of its own leads nowhere else.
    connection.prepare_cached("DELETE FROM story_alias WHERE old = ?1")?.execute([to])?;
    let is_empty = connection
        .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM grouped WHERE story = ?1)")?
        .query_row([from], |row| row.get(0))?;
    if is_empty {
        return lead_to(connection, from, to);
    }
    connection
        .prepare_cached(
            "INSERT INTO story_parted (story, at) VALUES (?1, ?2) ON CONFLICT (story) DO UPDATE SET at = max(at, excluded.at)",
        )?
        .execute([from, at])?;
    Ok(())
}

/// What a story is called now.
pub(super) fn story_now(connection: &Connection, story: i64) -> Result<i64, Error> {
    let sql = "SELECT new FROM story_alias WHERE old = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([story], |row| row.get(0)).optional()?.unwrap_or(story))
}

/// Lets the name of a story that ended lead to another, and all that led to it.
fn lead_to(connection: &Connection, old: i64, new: i64) -> Result<(), Error> {
    connection.prepare_cached("UPDATE story_alias SET new = ?2 WHERE new = ?1")?.execute([old, new])?;
    connection.prepare_cached("INSERT OR REPLACE INTO story_alias (old, new) VALUES (?1, ?2)")?.execute([old, new])?;
    // What has entries leads nowhere, not to itself either.
    connection.prepare_cached("DELETE FROM story_alias WHERE old = ?1")?.execute([new])?;
    links::follow(connection, old, new)
}

/// Some megabytes.
const ARTICLES_AT_ONCE: usize = 10_000;

fn articles(connection: &Connection, after: i64) -> Result<Vec<KeptArticle>, Error> {
    let sql = format!(
        "SELECT a.entry, a.feed, a.seen_at, g.story, g.original, a.bytes, coalesce(a.telling, x'')
         FROM article a JOIN grouped g ON g.entry = a.entry
         WHERE a.entry > ?1 ORDER BY a.entry LIMIT {ARTICLES_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([after], |row| {
        Ok(KeptArticle {
            number: row.get(0)?,
            feed: row.get(1)?,
            seen_at: row.get(2)?,
            story: row.get(3)?,
            original: row.get(4)?,
            bytes: ArticleBytes { article: row.get(5)?, telling: row.get(6)? },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

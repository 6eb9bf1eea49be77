//! Keeps the index of words in step with what is kept: entries that came since, and those whose text
//! was edited or forgotten. Off the path of polls, which leave a note in their own transaction. What
//! the words of an entry are is for others to say.

use super::entries::read_json;
use super::{Error, Store};
use crate::feed::Entry;
use rusqlite::{Connection, OptionalExtension, params};
use tracing::warn;

/// Entries that the index does not have as they are.
#[derive(Debug, Default)]
pub struct Unindexed {
    /// Those that have a text.
    pub entries: Vec<UnindexedEntry>,
    /// Edited or forgotten before; the others are new.
    outdated: Vec<i64>,
    /// With these the index has all entries up to this number.
    up_to: Option<i64>,
}

/// An entry whose words are to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct UnindexedEntry {
    /// Its number in the store.
    pub number: i64,
    /// What the publisher said; `None` where it does not read back.
    pub entry: Option<Entry>,
    /// Of this reading.
    fingerprint: i64,
    feed: i64,
    language: Option<String>,
}

/// As many as share one transaction: a poll that waits for the writer waits a tenth of a second, and
/// each transaction leaves a piece of index that is merged with others later.
const ENTRIES_AT_ONCE: usize = 1000;

impl Unindexed {
    /// How many entries these are.
    pub fn count(&self) -> usize {
        self.outdated.len().max(self.entries.len())
    }
}

impl Store {
    /// The next entries that are to be indexed; `None` where the index has all as they are.
    pub async fn unindexed(&self) -> Result<Option<Unindexed>, Error> {
        self.read(unindexed).await
    }

    /// Puts entries into the index, each with its words. `words` are those of `batch.entries`, in
    /// their order. What was edited meanwhile is left for the next batch.
    pub async fn index(&self, batch: Unindexed, words: Vec<String>) -> Result<(), Error> {
        self.write(move |connection| index(connection, &batch, words)).await
    }

    /// Whether the index has all entries as they are.
    pub async fn is_indexed(&self) -> Result<bool, Error> {
        self.read(|connection| {
            let sql = "SELECT NOT EXISTS (SELECT 1 FROM outdated) AND NOT EXISTS
                       (SELECT 1 FROM text WHERE entry > (SELECT indexed_to FROM indexing))";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }
}

/// Notes that an entry's text is not what it was.
pub(super) fn outdate(connection: &Connection, entry: i64) -> Result<(), Error> {
    connection.prepare_cached("INSERT OR IGNORE INTO outdated (entry) VALUES (?1)")?.execute([entry])?;
    Ok(())
}

fn unindexed(connection: &Connection) -> Result<Option<Unindexed>, Error> {
    let mut batch = Unindexed::default();
    let sql = format!("SELECT entry FROM outdated ORDER BY entry LIMIT {ENTRIES_AT_ONCE}");
    batch.outdated = connection.prepare_cached(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for number in &batch.outdated {
        let sql = format!("{READ} WHERE text.entry = ?1");
        add_rows(connection, &sql, *number, &mut batch.entries)?;
    }
    if batch.outdated.is_empty() {
        let indexed_to: i64 =
            connection.prepare_cached("SELECT indexed_to FROM indexing")?.query_row([], |row| row.get(0))?;
        let sql = format!("{READ} WHERE text.entry > ?1 ORDER BY text.entry LIMIT {ENTRIES_AT_ONCE}");
        batch.up_to = add_rows(connection, &sql, indexed_to, &mut batch.entries)?;
    }
    Ok(Some(batch).filter(|batch| batch.up_to.is_some() || !batch.outdated.is_empty()))
}

const READ: &str =
    "SELECT e.id, e.fingerprint, e.feed, e.language, text.said FROM text JOIN entry e ON e.id = text.entry";

/// Adds the entries of a query; answers the number of the last one.
fn add_rows(
    connection: &Connection,
    sql: &str,
    number: i64,
    entries: &mut Vec<UnindexedEntry>,
) -> Result<Option<i64>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([number])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        last = Some(number);
        let said = row.get_ref(4)?.as_str_or_null().ok().flatten().unwrap_or_default();
        // One damaged row must not keep all others out: nobody finds it, and that is all.
        let damaged = |error| warn!(entry = number, "not indexed: {error}");
        let entry = read_json(said).map_err(damaged).ok();
        entries.push(UnindexedEntry {
            number,
            entry,
            fingerprint: row.get(1)?,
            feed: row.get(2)?,
            language: row.get(3)?,
        });
    }
    Ok(last)
}

fn index(connection: &Connection, batch: &Unindexed, words: Vec<String>) -> Result<(), Error> {
    for entry in &batch.outdated {
        if fingerprint(connection, *entry)?.is_none() {
            connection.prepare_cached("DELETE FROM word_index WHERE rowid = ?1")?.execute([entry])?;
            connection.prepare_cached("DELETE FROM outdated WHERE entry = ?1")?.execute([entry])?;
        }
    }
    let is_again = batch.up_to.is_none();
    let mut put = connection.prepare_cached("INSERT OR REPLACE INTO word_index (rowid, words) VALUES (?1, ?2)")?;
    for (unindexed, mut words) in batch.entries.iter().zip(words) {
        // Of a new entry that was edited since it was read a note says that it is outdated, and stays.
        if is_again {
            if fingerprint(connection, unindexed.number)? != Some(unindexed.fingerprint) {
                continue;
            }
            connection.prepare_cached("DELETE FROM outdated WHERE entry = ?1")?.execute([unindexed.number])?;
        }
        add_own_words(&mut words, unindexed);
        put.execute(params![unindexed.number, words])?;
    }
    if let Some(up_to) = batch.up_to {
        connection.prepare_cached("UPDATE indexing SET indexed_to = max(indexed_to, ?1)")?.execute([up_to])?;
    }
    Ok(())
}

/// After a space, what is said of the entry itself.
fn add_own_words(words: &mut String, unindexed: &UnindexedEntry) {
    words.push(' ');
    words.push_str(&feed_word(unindexed.feed));
    words.push(' ');
    words.push_str(&unindexed.language.as_deref().map(language_word).unwrap_or_default());
}

/// The word that every entry of a feed has. It begins with a letter for private use (U+E000), which the
/// folded words of texts never have.
pub(super) fn feed_word(feed: i64) -> String {
    format!("\u{e000}{feed}")
}

/// The word that every entry in a language has, by the language's key.
pub(super) fn language_word(key: &str) -> String {
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("\u{e000}{letters}")
}

/// Of the text that is kept now.
fn fingerprint(connection: &Connection, entry: i64) -> Result<Option<i64>, Error> {
    Ok(connection
        .prepare_cached("SELECT e.fingerprint FROM text JOIN entry e ON e.id = text.entry WHERE text.entry = ?1")?
        .query_row([entry], |row| row.get(0))
        .optional()?)
}

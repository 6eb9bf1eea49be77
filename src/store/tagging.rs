//! By which topics entries were tagged, and how far tagging anew has come after these changed. What
//! is tagged here was read before; what an entry is about is for others to say.

use super::entries::{read_json, uid, untag};
use super::polls::save_tags;
use super::{Error, Store};
use crate::feed::{Entry, RulesHash, Tag};
use rusqlite::{Connection, OptionalExtension, params};
use tracing::warn;

/// Which rules are in force, and which entries still have the tags of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagging {
    /// The rules in force.
    pub rules: RulesHash,
    /// Entries up to this number are tagged by them.
    pub done_to: i64,
    /// So are entries above this one: they came later.
    pub until: i64,
}

impl Tagging {
    /// Whether every kept entry is tagged by the rules in force.
    pub fn is_done(&self) -> bool {
        self.done_to >= self.until
    }
}

/// A kept entry with the tags that it has.
#[derive(Debug, Clone, PartialEq)]
pub struct TaggedEntry {
    /// Its number in the store.
    pub number: i64,
    /// Its name in `/entries/ID`.
    pub uid: String,
    /// The subscription's id.
    pub feed: String,
    /// What the publisher said.
    pub entry: Entry,
    /// Our topics.
    pub tags: Vec<Tag>,
    /// Of the reading that the tags are about.
    fingerprint: i64,
}

/// Entries in a row.
#[derive(Debug, Default)]
pub struct Batch {
    /// Those that can be read.
    pub entries: Vec<TaggedEntry>,
    /// The number of the last one; `None` where there are no more.
    pub last: Option<i64>,
}

impl Store {
    /// Puts rules in force: from now on no others' tags are taken. Where they are not those that
    /// were in force before, all kept entries wait to be tagged anew.
    pub async fn use_rules(&self, rules: RulesHash) -> Result<(), Error> {
        self.write(move |connection| {
            if tagging(connection)?.is_none_or(|known| known.rules != rules) {
                begin(connection, rules)?;
            }
            Ok(())
        })
        .await
    }

    /// Has all kept entries wait to be tagged anew, also where these rules were in force before.
    pub async fn tag_all_anew(&self, rules: RulesHash) -> Result<(), Error> {
        self.write(move |connection| begin(connection, rules)).await
    }

    /// How far tagging has come; `None` before any rules were in force.
    pub async fn tagging(&self) -> Result<Option<Tagging>, Error> {
        self.read(tagging).await
    }

    /// The next kept entries behind a number, and up to another.
    pub async fn tagged_entries(&self, after: i64, until: i64) -> Result<Batch, Error> {
        self.read(move |connection| batch(connection, after, until)).await
    }

    /// Gives entries other tags and notes that all up to `done_to` are tagged. Answers false, and
    /// does nothing, where other rules have come in force.
    ///
    /// An entry that was edited since it was read has its tags from the poll that brought the edit.
    pub async fn retag(&self, rules: RulesHash, entries: Vec<TaggedEntry>, done_to: i64) -> Result<bool, Error> {
        self.write(move |connection| {
            let noted = connection
                .prepare_cached("UPDATE tagging SET done_to = ?2 WHERE rules = ?1")?
                .execute(params![&rules.0[..], done_to])?;
            if noted == 0 {
                return Ok(false);
            }
            for tagged in &entries {
                retag(connection, tagged)?;
            }
            Ok(true)
        })
        .await
    }
}

/// Whether tags of these rules may be kept.
pub(super) fn are_in_force(connection: &Connection, rules: RulesHash) -> Result<bool, Error> {
    Ok(tagging(connection)?.is_none_or(|known| known.rules == rules))
}

fn tagging(connection: &Connection) -> Result<Option<Tagging>, Error> {
    let row: Option<(Vec<u8>, i64, i64)> = connection
        .prepare_cached("SELECT rules, done_to, until FROM tagging")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(rules, done_to, until)| {
        let rules = rules.try_into().map_err(|_| Error::Damaged("the hash of the topics is no hash".to_owned()))?;
        Ok(Tagging { rules: RulesHash(rules), done_to, until })
    })
    .transpose()
}

fn begin(connection: &Connection, rules: RulesHash) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO tagging (id, rules, done_to, until)
             VALUES (1, ?1, 0, (SELECT coalesce(max(id), 0) FROM entry))",
        )?
        .execute([&rules.0[..]])?;
    Ok(())
}

/// Entries that are read, tagged and written in one go: some milliseconds each, so that a poll that
/// waits for the writer does not wait long.
const ENTRIES_AT_ONCE: usize = 200;

fn batch(connection: &Connection, after: i64, until: i64) -> Result<Batch, Error> {
    let sql = format!(
        "SELECT e.id, e.key, e.fingerprint, feed.name, text.said, text.tags
         FROM text JOIN entry e ON e.id = text.entry JOIN feed ON feed.id = e.feed
         WHERE text.entry > ?1 AND text.entry <= ?2 ORDER BY text.entry LIMIT {ENTRIES_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([after, until])?;
    let mut batch = Batch::default();
    while let Some(row) = rows.next()? {
        let (number, key): (i64, Vec<u8>) = (row.get("id")?, row.get("key")?);
        batch.last = Some(number);
        let (said, tags): (String, String) = (row.get("said")?, row.get("tags")?);
        match read_json(&said).and_then(|entry| Ok((entry, read_json(&tags)?))) {
            Ok((entry, tags)) => batch.entries.push(TaggedEntry {
                number,
                uid: uid(&key),
                feed: row.get("name")?,
                entry,
                tags,
                fingerprint: row.get("fingerprint")?,
            }),
            // One damaged row must not leave all others with the tags of old topics.
            Err(error) => warn!(entry = number, "not tagged anew: {error}"),
        }
    }
    Ok(batch)
}

fn retag(connection: &Connection, tagged: &TaggedEntry) -> Result<(), Error> {
    let sorted_at: Option<i64> = connection
        .prepare_cached(
            "SELECT e.sorted_at FROM entry e JOIN text ON text.entry = e.id WHERE e.id = ?1 AND e.fingerprint = ?2",
        )?
        .query_row([tagged.number, tagged.fingerprint], |row| row.get(0))
        .optional()?;
    let Some(sorted_at) = sorted_at else {
        return Ok(());
    };
    let tags = serde_json::to_string(&tagged.tags)
        .map_err(|error| Error::Damaged(format!("tags cannot be written as JSON: {error}")))?;
    connection.prepare_cached("UPDATE text SET tags = ?2 WHERE entry = ?1")?.execute(params![tagged.number, tags])?;
    untag(connection, tagged.number, sorted_at)?;
    save_tags(connection, tagged.number, sorted_at, &tagged.tags)
}

//! Entries for people who ask for one: by the beginning of its name, or by its article's address.

use super::coverage::Joined;
use super::entries::{key_range, load};
use super::feeds::moment;
use super::polls::link_hash;
use super::{Error, Store};
use crate::feed::KeptEntry;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Params, params};

/// More than one of these is shown to nobody whole: the asker has to say more.
const FOUND_MAX: usize = 10;

impl Store {
    /// The kept entries whose names in `/entries/ID` begin so, the earliest first; at most ten.
    pub async fn entries_named(&self, prefix: &str) -> Result<Vec<KeptEntry>, Error> {
        let Some((first, last)) = key_range(prefix) else {
            return Ok(Vec::new());
        };
        let sql = "SELECT id FROM entry WHERE key BETWEEN ?1 AND ?2 ORDER BY id";
        self.read(move |connection| find(connection, sql, params![&first[..], &last[..]])).await
    }

    /// What joined an entry with all that it is known with.
    pub async fn joins(&self, number: i64) -> Result<Joins, Error> {
        self.read(move |connection| joins(connection, number)).await
    }

    /// The kept entries of the article behind a canonical link, the earliest first; at most ten. `key`
    /// is what the link is known by.
    pub async fn entries_with_link(&self, canonical_link: &str, key: u64) -> Result<Vec<KeptEntry>, Error> {
        let hash = link_hash(canonical_link);
        let sql = "SELECT id FROM entry WHERE link_hash = ?1 AND id IN
                   (SELECT entry FROM fresh_key WHERE hash = ?2 UNION SELECT entry FROM entry_key WHERE hash = ?2)
                   ORDER BY id";
        self.read(move |connection| find(connection, sql, params![hash, key.cast_signed()])).await
    }
}

/// What joined an entry with readings of it that came under another key, and with its copies. Each in a
/// word: `link`, `title`, `text` and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joins {
    /// Since when it is known by something else than its own key, and by what.
    pub known_again: Option<(String, DateTime<Utc>)>,
    /// The feed and the link of each entry of the same article, and what joined them.
    pub copies: Vec<(String, Option<String>, String)>,
}

fn joins(connection: &Connection, number: i64) -> Result<Joins, Error> {
    let (by, at, root, own): (Option<String>, Option<i64>, i64, Option<String>) = connection
        .prepare_cached("SELECT known_by, known_at, root, root_by FROM entry WHERE id = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let mut statement = connection.prepare_cached(
        "SELECT feed.name, json_extract(text.said, '$.link'), e.root_by
         FROM entry e JOIN text ON text.entry = e.id JOIN feed ON feed.id = e.feed
         WHERE (e.id = ?1 OR (e.root = ?1 AND e.root <> e.id)) AND e.id <> ?2 ORDER BY e.id",
    )?;
    let copies = statement.query_map([root, number], |row| {
        // The first of them was joined with nothing: this one was joined with it.
        let by = row.get::<_, Option<String>>(2)?.or_else(|| own.clone());
        Ok((row.get(0)?, row.get(1)?, by.unwrap_or_default()))
    })?;
    Ok(Joins { known_again: by.zip(moment(at)), copies: copies.collect::<Result<_, _>>()? })
}

fn find(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<KeptEntry>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let numbers: Vec<i64> = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for number in numbers {
        found.extend(load(connection, number, Joined::CopiesByFeed)?);
        if found.len() == FOUND_MAX {
            break;
        }
    }
    Ok(found)
}

//! Entries for people who ask for one: by the beginning of its name, or by its article's address.

use super::coverage::Joined;
use super::entries::{key_range, load};
use super::polls::link_hash;
use super::{Error, Store};
use crate::feed::KeptEntry;
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

    /// The kept entries of the article behind a canonical link, the earliest first; at most ten.
    pub async fn entries_with_link(&self, canonical_link: &str) -> Result<Vec<KeptEntry>, Error> {
        let hash = link_hash(canonical_link);
        self.read(move |connection| {
            find(connection, "SELECT id FROM entry WHERE link_hash = ?1 ORDER BY id", params![hash])
        })
        .await
    }
}

fn find(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<KeptEntry>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let numbers: Vec<i64> = statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for number in numbers {
        found.extend(load(connection, number, Joined::Copies)?);
        if found.len() == FOUND_MAX {
            break;
        }
    }
    Ok(found)
}

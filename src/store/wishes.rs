//! What the operator wishes to be joined or parted. A wish is kept by whoever makes it, also beside a
//! running daemon, and granted by the process that holds the database: the only thing that another
//! process ever writes, one small row.

use super::connections::open_beside;
use super::overrides::{join, split};
use super::{Error, Store, coverage, grouping};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is wished for; entries by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// That these entries, with all that their stories have, be one story.
    Join(Vec<i64>),
    /// That an entry, with its very article in other feeds, be parted from all that it was joined with.
    Split(i64),
}

/// What came of a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wished {
    /// The entries are one story, with this name.
    Joined(String),
    /// The entry is parted from so many others; its story has this name.
    Parted(usize, String),
    /// It could not be done, and why.
    Refused(String),
}

impl Store {
    /// Keeps a wish; answers its number.
    pub async fn wish(&self, wish: Wish) -> Result<i64, Error> {
        self.write(move |connection| keep(connection, &wish)).await
    }

    /// Keeps a wish in a database that another process holds, who will grant it; answers its number.
    pub fn wish_beside(path: &Path, wish: &Wish) -> Result<i64, Error> {
        keep(&open_beside(path)?, wish)
    }

    /// Whether a wish waits.
    pub async fn has_wishes(&self) -> Result<bool, Error> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM wish WHERE outcome IS NULL)";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }

    /// Does what is wished for, in the order in which it was wished; answers how many wishes there were.
    /// What was granted is kept for ever, the wish itself for as long as somebody may ask for it.
    pub async fn grant_wishes(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        self.write(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT id, wished FROM wish WHERE outcome IS NULL ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let wishes: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
            for (id, wished) in &wishes {
                let outcome = granted(connection, wished, now.timestamp())?;
                let outcome = serde_json::to_string(&outcome).map_err(damaged)?;
                connection
                    .prepare_cached("UPDATE wish SET outcome = ?2 WHERE id = ?1")?
                    .execute(params![id, outcome])?;
            }
            connection
                .prepare_cached("DELETE FROM wish WHERE outcome IS NOT NULL AND id <= (SELECT max(id) FROM wish) - ?1")?
                .execute([OUTCOMES_KEPT])?;
            Ok(wishes.len())
        })
        .await
    }

    /// What came of a wish, once something did.
    pub async fn wished(&self, id: i64) -> Result<Option<Wished>, Error> {
        self.read(move |connection| {
            let sql = "SELECT outcome FROM wish WHERE id = ?1";
            let outcome: Option<Option<String>> =
                connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
            outcome.flatten().map(|outcome| serde_json::from_str(&outcome).map_err(damaged)).transpose()
        })
        .await
    }
}

/// Whoever wishes asks for the outcome within seconds.
const OUTCOMES_KEPT: i64 = 100;

fn keep(connection: &Connection, wish: &Wish) -> Result<i64, Error> {
    let wished = serde_json::to_string(wish).map_err(damaged)?;
    connection.prepare_cached("INSERT INTO wish (wished) VALUES (?1)")?.execute([wished])?;
    Ok(connection.last_insert_rowid())
}

fn granted(connection: &Connection, wished: &str, at: i64) -> Result<Wished, Error> {
    let Ok(wish) = serde_json::from_str(wished) else {
        // One that nobody can read must not keep the others waiting.
        return Ok(Wished::Refused("the wish does not read back".to_owned()));
    };
    match wish {
        Wish::Join(numbers) => Ok(Wished::Joined(join(connection, &numbers, at)?)),
        Wish::Split(number) => match split(connection, number, at)? {
            0 => Ok(Wished::Refused("it stands alone already; nothing was joined with it".to_owned())),
            others => {
                let story = grouping::story_of(connection, number)?;
                Ok(Wished::Parted(others, coverage::story_uid(connection, story)?))
            }
        },
    }
}

fn damaged(error: serde_json::Error) -> Error {
    Error::Damaged(format!("a wish does not read back: {error}"))
}

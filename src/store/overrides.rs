//! The operator's word on what belongs together, kept for ever: it changes what is kept, and whoever
//! groups obeys it.

use super::coverage::{OF_STORY, story_uid};
use super::grouping::{MovedEntry, merge, move_entry, story_of};
use super::{Error, Store};
use rusqlite::{Connection, params};

/// The operator's word on two entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override {
    /// The earlier one.
    pub one: i64,
    /// The later one.
    pub other: i64,
    /// Whether they tell of one event, or of two.
    pub is_together: bool,
}

impl Store {
    /// All that the operator ever said, in the order of the entries.
    pub async fn overrides(&self) -> Result<Vec<Override>, Error> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT one, other, is_together FROM override ORDER BY 1, 2")?;
            let rows = statement
                .query_map([], |row| Ok(Override { one: row.get(0)?, other: row.get(1)?, is_together: row.get(2)? }))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Puts entries, with all that their stories have, into one story: the oldest. Answers its name.
pub(super) fn join(connection: &Connection, numbers: &[i64], at: i64) -> Result<String, Error> {
    let mut stories = Vec::new();
    for number in numbers {
        ensure_grouped(connection, *number)?;
        stories.push(story_of(connection, *number)?);
    }
    let oldest = stories.iter().copied().min().unwrap_or_default();
    for story in stories {
        merge(connection, story, oldest, at)?;
    }
    // The last word counts: what is one story now has nothing in it that was to be apart.
    connection
        .prepare_cached(
            "DELETE FROM override WHERE NOT is_together AND one IN (SELECT entry FROM grouped WHERE story = ?1)
               AND other IN (SELECT entry FROM grouped WHERE story = ?1)",
        )?
        .execute([oldest])?;
    for (place, one) in numbers.iter().enumerate() {
        numbers[place + 1..].iter().try_for_each(|other| note(connection, *one, *other, true))?;
    }
    story_uid(connection, oldest)
}

/// Parts an entry, with its very article in other feeds, from all that it was joined with: those
/// whose text is alike, and its story. Answers from how many.
pub(super) fn split(connection: &Connection, number: i64, at: i64) -> Result<usize, Error> {
    let own = same_article(connection, number)?;
    let root = one(connection, "SELECT root FROM entry WHERE id = ?1", number)?;
    let story = story_of(connection, number)?;
    let is_other = |other: &i64| !own.contains(other);
    let copies: Vec<i64> = of(connection, "(e.id = ?1 OR (e.root = ?1 AND e.root <> e.id))", root)?;
    let copies: Vec<i64> = copies.into_iter().filter(is_other).collect();
    let others: Vec<i64> = of(connection, OF_STORY, story)?.into_iter().filter(is_other).collect();
    stand_alone(connection, &own)?;
    stand_alone(connection, &copies)?;
    for number in &own {
        connection
            .prepare_cached("UPDATE grouped SET original = NULL, alike = NULL WHERE entry = ?1")?
            .execute([number])?;
    }
    for number in &copies {
        // What copied the one that leaves is now known for nobody's copy.
        let sql = "UPDATE grouped SET original = NULL, alike = NULL WHERE entry = ?1 AND original IN (SELECT value FROM json_each(?2))";
        connection.prepare_cached(sql)?.execute(params![number, format!("{own:?}")])?;
    }
    part(connection, &own, &others, story, at)?;
    let mut parted: Vec<i64> = copies.into_iter().chain(others).collect();
    parted.sort_unstable();
    parted.dedup();
    for one in &own {
        parted.iter().try_for_each(|other| note(connection, *one, *other, false))?;
    }
    Ok(parted.len())
}

/// Lets `own` leave a story for one of their own. A story is called by the entry that began it: where
/// that one leaves, it takes the name along, and the others get another.
fn part(connection: &Connection, own: &[i64], others: &[i64], story: i64, at: i64) -> Result<(), Error> {
    let leaving = if own.contains(&story) { others } else { own };
    let Some(to) = leaving.iter().copied().min() else { return Ok(()) };
    for number in leaving {
        ensure_grouped(connection, *number)?;
        move_entry(connection, MovedEntry { number: *number, from: story, to }, at)?;
    }
    Ok(())
}

/// The entries that are one article with this one by its link, itself among them.
fn same_article(connection: &Connection, number: i64) -> Result<Vec<i64>, Error> {
    let sql = "SELECT e.id FROM entry e, entry one WHERE one.id = ?1 AND e.root = one.root
                 AND (e.id = one.id OR e.link_hash = one.link_hash) ORDER BY e.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([number], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Makes entries that were part of an article one of their own, which the first of them stands for.
fn stand_alone(connection: &Connection, numbers: &[i64]) -> Result<(), Error> {
    for number in numbers {
        connection
            .prepare_cached("UPDATE entry SET root = ?1, root_by = CASE WHEN id <> ?1 THEN coalesce(root_by, 'link') END WHERE id = ?2")?
            .execute([numbers[0], *number])?;
    }
    Ok(())
}

fn of(connection: &Connection, of: &str, number: i64) -> Result<Vec<i64>, Error> {
    let mut statement = connection.prepare_cached(&format!("SELECT e.id FROM entry e WHERE {of} ORDER BY e.id"))?;
    let rows = statement.query_map([number], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn one(connection: &Connection, sql: &str, number: i64) -> Result<i64, Error> {
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0))?)
}

/// An entry from before anything was grouped has a story of its own.
fn ensure_grouped(connection: &Connection, number: i64) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO grouped (entry, story, joined_at) SELECT id, id, first_seen_at FROM entry WHERE id = ?1",
        )?
        .execute([number])?;
    Ok(())
}

/// The last word counts.
fn note(connection: &Connection, one: i64, other: i64, is_together: bool) -> Result<(), Error> {
    if one != other {
        connection
            .prepare_cached("INSERT OR REPLACE INTO override (one, other, is_together) VALUES (?1, ?2, ?3)")?
            .execute(params![one.min(other), one.max(other), is_together])?;
    }
    Ok(())
}

//! Stories of several languages that tell of one event: pairs, each with what both name. A pair follows
//! its stories into those that they become part of. Which stories these are is for others to say.

use super::Error;
use super::coverage::{Joined, OF_STORY, story_name};
use super::entries::{load, read_json};
use super::grouping::story_now;
use super::selection::first_of;
use crate::feed::LinkedStory;
use rusqlite::{Connection, params};

/// A story in another language that was found to tell of the same.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLink {
    /// Its number.
    pub story: i64,
    /// How sure it is, from 0 to 1.
    pub score: f32,
    /// The names, numbers and words that made it so.
    pub shared: Vec<String>,
}

/// More languages than any newsroom reads.
const SHOWN_MAX: usize = 12;

/// Only stories of feeds that are read.
const IS_SUBSCRIBED: &str = "SELECT 1 FROM entry JOIN feed ON feed.id = feed WHERE entry.id = ?1 AND is_subscribed";

/// Keeps that a story is linked with others.
pub(super) fn save(connection: &Connection, story: i64, links: &[NewLink]) -> Result<(), Error> {
    let story = story_now(connection, story)?;
    for NewLink { story: other, score, shared } in links {
        let shared = serde_json::to_string(shared).map_err(|error| Error::Damaged(error.to_string()))?;
        keep(connection, story, story_now(connection, *other)?, f64::from(*score), &shared)?;
    }
    Ok(())
}

/// Of two reasons for one link the better one stays.
fn keep(connection: &Connection, one: i64, other: i64, score: f64, shared: &str) -> Result<(), Error> {
    // What became one story is linked with itself no more.
    if one != other {
        connection
            .prepare_cached(
                "INSERT INTO story_link (one, other, score, shared) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (one, other) DO UPDATE SET score = excluded.score, shared = excluded.shared
                 WHERE excluded.score > score",
            )?
            .execute(params![one.min(other), one.max(other), score, shared])?;
    }
    Ok(())
}

/// Lets the links of a story that ended be those of the one that it became part of.
pub(super) fn follow(connection: &Connection, ended: i64, into: i64) -> Result<(), Error> {
    for (other, score, shared) in of(connection, ended)? {
        keep(connection, into, other, score, &shared)?;
    }
    connection.prepare_cached("DELETE FROM story_link WHERE one = ?1 OR other = ?1")?.execute([ended])?;
    Ok(())
}

/// The links of a story, the surest first.
fn of(connection: &Connection, story: i64) -> Result<Vec<(i64, f64, String)>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT other, score, shared FROM story_link WHERE one = ?1
         UNION ALL SELECT one, score, shared FROM story_link WHERE other = ?1 ORDER BY 2 DESC, 1",
    )?;
    let rows = statement.query_map([story], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The stories of other languages that a story is linked with, the surest first; those of which nothing
/// is kept are not among them.
pub(super) fn linked(connection: &Connection, story: i64) -> Result<Vec<LinkedStory>, Error> {
    let mut linked = Vec::new();
    for (other, score, shared) in of(connection, story)? {
        if linked.len() == SHOWN_MAX {
            break;
        }
        let is_subscribed = |number: i64| Ok(connection.prepare_cached(IS_SUBSCRIBED)?.exists([number])?);
        let Some(first) = first_of(connection, OF_STORY, other, is_subscribed)? else { continue };
        if let Some(first) = load(connection, first, Joined::Alone)? {
            let (story, shared) = (story_name(connection, other)?, read_json(&shared)?);
            linked.push(LinkedStory { story, first, score: score as f32, shared });
        }
    }
    Ok(linked)
}

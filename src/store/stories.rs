//! A story whole, for people who open its page or an entry of it.

use super::coverage::{self, Joined, OF_STORY, story_uid};
use super::entries::{key_range, load, number_named};
use super::grouping::story_of;
use super::selection::first_of;
use super::{Error, Store, links};
use crate::feed::{KeptEntry, LinkedStory, StoryName};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// What there is under a story's name.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundStory {
    /// The story.
    Whole(KeptStory),
    /// The name of the story that it became part of.
    PartOf(String),
}

/// A story with all that tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStory {
    /// Its name in `/stories/ID`.
    pub uid: String,
    /// The number of the entry that began it.
    pub number: i64,
    /// The number of the entry that stands for it.
    pub first: i64,
    /// Those whose text is kept, in the order in which they came.
    pub entries: Vec<StoryEntry>,
    /// Stories in other languages that tell of the same, the surest first.
    pub linked: Vec<LinkedStory>,
}

/// An entry and why it is in its story.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryEntry {
    /// The entry, alone.
    pub kept: KeptEntry,
    /// The first kept entry of the same article, itself if it is the first.
    pub root: i64,
    /// Why it is there.
    pub placed: PlacedAs,
}

/// Why an entry is where it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlacedAs {
    /// The entry whose text it copies, by its name, and how alike they are.
    pub original: Option<(String, f32)>,
    /// How sure it is that it tells of the story; `None` where it began it or was put there.
    pub score: Option<f32>,
    /// Whether it began the story.
    pub is_first: bool,
    /// Whether the operator put it there.
    pub is_by_operator: bool,
}

impl PlacedAs {
    /// Why an entry is where it is: `likely the same event (0.62)`.
    pub fn in_words(&self) -> String {
        match self {
            Self { original: Some((_, alike)), .. } => format!("the same text ({:.0} %)", alike * 100.0),
            Self { is_first: true, .. } => "the first report".to_owned(),
            Self { is_by_operator: true, .. } => "put here by the operator".to_owned(),
            Self { score: Some(score), .. } if *score >= SURE => format!("surely the same event ({score:.2})"),
            Self { score: Some(score), .. } if *score >= LIKELY => format!("likely the same event ({score:.2})"),
            Self { score: Some(score), .. } => format!("perhaps the same event ({score:.2})"),
            Self { score: None, .. } => "the same article".to_owned(),
        }
    }
}

/// Scores that people would call so.
const SURE: f32 = 0.8;
const LIKELY: f32 = 0.5;

/// What may interest whoever reads an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct RelatedEntries {
    /// Its story, where other entries tell of it, too.
    pub story: Option<StoryName>,
    /// How many of `posts` tell of it; they come first.
    pub of_story: usize,
    /// The entries, alone.
    pub posts: Vec<KeptEntry>,
    /// Stories in other languages that tell of the same, the surest first.
    pub linked: Vec<LinkedStory>,
}

/// A story has a hundred articles on a great day.
const ENTRIES_MAX: usize = 500;

impl Store {
    /// The story under a name in `/stories/ID`; `None` where there is none, or nothing of it is kept.
    pub async fn story(&self, uid: &str) -> Result<Option<FoundStory>, Error> {
        let Some(range) = key_range(uid).filter(|_| uid.len() == super::entries::UID_LETTERS) else {
            return Ok(None);
        };
        self.read(move |connection| match number_named(connection, range)? {
            Some(number) => found(connection, number),
            None => Ok(None),
        })
        .await
    }

    /// The story of an entry with all that tells of it.
    pub async fn story_with(&self, number: i64) -> Result<KeptStory, Error> {
        self.read(move |connection| story(connection, story_of(connection, number)?)).await
    }

    /// Kept entries that may interest whoever reads one: first those of its story, then `near` ones in
    /// their order, then those of the same topics that came about the same time. Each article once.
    pub async fn related(&self, number: i64, near: Vec<i64>, count: usize) -> Result<RelatedEntries, Error> {
        self.read(move |connection| related(connection, number, near, count)).await
    }
}

fn found(connection: &Connection, number: i64) -> Result<Option<FoundStory>, Error> {
    let sql = "SELECT new FROM story_alias WHERE old = ?1";
    if let Some(new) = connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()? {
        return Ok(Some(FoundStory::PartOf(story_uid(connection, new)?)));
    }
    let story = story(connection, number)?;
    Ok((!story.entries.is_empty()).then_some(FoundStory::Whole(story)))
}

fn story(connection: &Connection, number: i64) -> Result<KeptStory, Error> {
    let sql = format!(
        "SELECT e.id, e.root, g.score, g.alike, (SELECT key FROM entry WHERE id = g.original) AS original,
           EXISTS (SELECT 1 FROM override o WHERE e.id IN (o.one, o.other) AND o.is_together) AS is_by_operator
         FROM entry e JOIN text ON text.entry = e.id JOIN feed ON feed.id = e.feed LEFT JOIN grouped g ON g.entry = e.id
         WHERE {OF_STORY} AND feed.is_subscribed ORDER BY e.id LIMIT {ENTRIES_MAX}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([number])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get("id")?;
        let original: Option<Vec<u8>> = row.get("original")?;
        let placed = PlacedAs {
            original: original.map(|key| super::entries::uid(&key)).zip(row.get("alike")?),
            score: row.get("score")?,
            is_first: id == number,
            is_by_operator: row.get("is_by_operator")?,
        };
        if let Some(kept) = load(connection, id, Joined::Alone)? {
            entries.push(StoryEntry { kept, root: row.get("root")?, placed });
        }
    }
    let first = first_of(connection, OF_STORY, number, |_| Ok(true))?.unwrap_or(number);
    let linked = links::linked(connection, number)?;
    Ok(KeptStory { uid: story_uid(connection, number)?, number, first, entries, linked })
}

fn related(connection: &Connection, number: i64, near: Vec<i64>, count: usize) -> Result<RelatedEntries, Error> {
    let story = story_of(connection, number)?;
    let mut of_story = of_story(connection, story)?;
    of_story.reverse();
    let mut roots = HashSet::from([root(connection, number)?]);
    let linked = links::linked(connection, story)?;
    let mut related = RelatedEntries { story: None, of_story: 0, posts: Vec::new(), linked };
    if of_story.len() > 1 {
        related.story = Some(coverage::story_name(connection, story)?);
    }
    let others = near.into_iter().chain(of_topics(connection, number)?).map(|number| (number, false));
    for (candidate, is_of_story) in of_story.into_iter().map(|number| (number, true)).chain(others) {
        if related.posts.len() == count {
            break;
        }
        if !roots.insert(root(connection, candidate)?) || !is_shown(connection, candidate)? {
            continue;
        }
        if let Some(kept) = load(connection, candidate, Joined::Alone)? {
            related.posts.push(kept);
            related.of_story += usize::from(is_of_story);
        }
    }
    Ok(related)
}

fn of_story(connection: &Connection, story: i64) -> Result<Vec<i64>, Error> {
    let sql = format!("SELECT e.id FROM entry e WHERE {OF_STORY} ORDER BY e.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([story], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an entry is of a feed that is still subscribed.
fn is_shown(connection: &Connection, number: i64) -> Result<bool, Error> {
    let sql = "SELECT is_subscribed FROM feed JOIN entry e ON e.feed = feed.id WHERE e.id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// So many before an entry and after it, of each of its topics.
const OF_TOPIC: usize = 10;

/// Entries of the same topics, the nearest in time first.
fn of_topics(connection: &Connection, number: i64) -> Result<Vec<i64>, Error> {
    let sql = "SELECT e.sorted_at, t.topic FROM entry e, topic JOIN tag t ON t.topic = topic.id AND t.sorted_at = e.sorted_at AND t.entry = e.id WHERE e.id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let topics: Vec<(i64, i64)> =
        statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut found: Vec<(u64, i64)> = Vec::new();
    for (at, topic) in topics {
        for (than, order) in [("<", "DESC"), (">", "ASC")] {
            let sql = format!(
                "SELECT sorted_at, entry FROM tag WHERE topic = ?1 AND (sorted_at, entry) {than} (?2, ?3)
                 ORDER BY sorted_at {order}, entry {order} LIMIT {OF_TOPIC}"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement
                .query_map(params![topic, at, number], |row| Ok((row.get::<_, i64>(0)?.abs_diff(at), row.get(1)?)))?;
            for row in rows {
                found.push(row?);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found.into_iter().map(|(_, number)| number).collect())
}

fn root(connection: &Connection, number: i64) -> Result<i64, Error> {
    let sql = "SELECT root FROM entry WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([number], |row| row.get(0)).optional()?.unwrap_or(number))
}

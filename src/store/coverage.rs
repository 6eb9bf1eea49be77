//! Who else has it: the other outlets that carry an article, or that report a story, each once.

use super::Error;
use super::entries::uid;
use super::feeds::{NAME, name};
use super::grouping::story_of;
use super::selection::has_others;
use crate::feed::{AlsoIn, FeedName, KeptEntry, Relation, StoryName};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;

/// What an entry is shown together with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// Nothing.
    Alone,
    /// The other copies of its article, each outlet once.
    Copies,
    /// The same in all feeds that have it.
    CopiesByFeed,
    /// All that tells of the same event.
    Story,
}

/// The entries `e` of the article with the root ?1.
pub(super) const OF_ARTICLE: &str = "(e.id = ?1 OR (e.root = ?1 AND e.root <> e.id))";

/// The entries `e` of the story ?1; one that was never grouped has its own.
pub(super) const OF_STORY: &str = "(e.id IN (SELECT entry FROM grouped WHERE story = ?1) OR (e.id = ?1 AND NOT EXISTS (SELECT 1 FROM grouped WHERE entry = ?1)))";

/// A story has a hundred articles on a great day.
const MEMBERS_MAX: usize = 1000;

/// Outlets that an entry names. Beyond these the number alone is told.
const NAMED_MAX: usize = 50;

/// Says of a kept entry who else has it; `root` is its article's.
pub(super) fn add(connection: &Connection, kept: &mut KeptEntry, root: i64, joined: Joined) -> Result<(), Error> {
    match joined {
        Joined::Alone => {}
        Joined::Copies => kept.also_in = others(&members(connection, OF_ARTICLE, root)?, kept).named,
        Joined::CopiesByFeed => {
            let mut members = members(connection, OF_ARTICLE, root)?;
            members.retain(|member| member.is_shown);
            let own = members.iter().position(|member| member.number == kept.number);
            let own = own.map(|at| members.remove(at));
            kept.also_in = members.into_iter().take(NAMED_MAX).map(|member| named(own.as_ref(), &member)).collect();
        }
        Joined::Story => {
            let story = story_of(connection, kept.number)?;
            let parted_at = parted_at(connection, story)?;
            if !has_others(connection, story, kept.number)? {
                kept.updated_at = parted_at.map_or(kept.updated_at, |parted_at| parted_at.max(kept.updated_at));
                kept.story = Some(StoryName { uid: story_uid(connection, story)?, outlets: 1 });
                return Ok(());
            }
            let others = others(&members(connection, OF_STORY, story)?, kept);
            let changed_at = others.grown_at.max(parted_at);
            kept.updated_at = changed_at.map_or(kept.updated_at, |changed_at| changed_at.max(kept.updated_at));
            kept.story = Some(StoryName { uid: story_uid(connection, story)?, outlets: others.outlets + 1 });
            kept.also_in = others.named;
        }
    }
    Ok(())
}

/// When an entry last left a story: readers were told of it, and no date that they got moves back.
fn parted_at(connection: &Connection, story: i64) -> Result<Option<DateTime<Utc>>, Error> {
    let sql = "SELECT at FROM story_parted WHERE story = ?1";
    let at: Option<i64> = connection.prepare_cached(sql)?.query_row([story], |row| row.get(0)).optional()?;
    Ok(at.and_then(|at| DateTime::from_timestamp(at, 0)))
}

/// One of several entries that belong together.
struct Member {
    number: i64,
    /// Whether its text is kept and its feed subscribed.
    is_shown: bool,
    root: i64,
    link_hash: Option<i64>,
    is_copy: bool,
    joined_at: i64,
    also: AlsoIn,
}

fn members(connection: &Connection, of: &str, number: i64) -> Result<Vec<Member>, Error> {
    let sql = format!(
        "SELECT e.id, e.root, e.link_hash, e.first_seen_at, g.joined_at, g.original, {NAME},
           json_extract(text.said, '$.link') AS its_link, json_extract(text.said, '$.title') AS its_title,
           text.entry IS NOT NULL AND feed.is_subscribed AS is_shown
         FROM entry e JOIN feed ON feed.id = e.feed
           LEFT JOIN text ON text.entry = e.id LEFT JOIN grouped g ON g.entry = e.id
         WHERE {of} ORDER BY e.id LIMIT {MEMBERS_MAX}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([number], member)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    let also =
        AlsoIn { feed: name(row)?, link: row.get("its_link")?, title: row.get("its_title")?, relation: Relation::Same };
    Ok(Member {
        number: row.get("id")?,
        is_shown: row.get("is_shown")?,
        root: row.get("root")?,
        link_hash: row.get("link_hash")?,
        is_copy: row.get::<_, Option<i64>>("original")?.is_some(),
        joined_at: row.get::<_, Option<i64>>("joined_at")?.map_or_else(|| row.get("first_seen_at"), Ok)?,
        also,
    })
}

struct Others {
    named: Vec<AlsoIn>,
    outlets: usize,
    /// When the last of the outlets came.
    grown_at: Option<DateTime<Utc>>,
}

/// The other outlets, the earliest first. Two feeds at one host under two names may be two outlets: both
/// are named, and counted as one.
fn others(members: &[Member], shown: &KeptEntry) -> Others {
    let name = |feed: &FeedName| (feed.outlet(), feed.title.clone());
    let mut names = HashSet::from([name(&shown.feed)]);
    let mut outlets = HashSet::from([shown.feed.outlet()]);
    let mut ever = outlets.clone();
    let own = members.iter().find(|member| member.number == shown.number);
    let mut others = Others { named: Vec::new(), outlets: 0, grown_at: None };
    for member in members {
        // Also of those that are gone since: readers were told.
        if ever.insert(member.also.feed.outlet()) {
            others.grown_at = others.grown_at.max(DateTime::from_timestamp(member.joined_at, 0));
        }
        if !member.is_shown {
            continue;
        }
        others.outlets += usize::from(outlets.insert(member.also.feed.outlet()));
        if names.insert(name(&member.also.feed)) && others.named.len() < NAMED_MAX {
            others.named.push(named(own, member));
        }
    }
    others
}

fn named(own: Option<&Member>, member: &Member) -> AlsoIn {
    let relation = own.map_or(Relation::Story, |own| relation(own, member));
    AlsoIn { relation, ..member.also.clone() }
}

fn relation(one: &Member, other: &Member) -> Relation {
    let has_one_link = one.link_hash.is_some() && one.link_hash == other.link_hash;
    match one.root == other.root {
        true if has_one_link || !(one.is_copy || other.is_copy) => Relation::Same,
        true => Relation::Copy,
        false => Relation::Story,
    }
}

/// A story's name, and how many outlets report it.
pub(super) fn story_name(connection: &Connection, story: i64) -> Result<StoryName, Error> {
    let members = members(connection, OF_STORY, story)?;
    let shown = members.iter().filter(|member| member.is_shown);
    let outlets: HashSet<String> = shown.map(|member| member.also.feed.outlet()).collect();
    Ok(StoryName { uid: story_uid(connection, story)?, outlets: outlets.len() })
}

/// The name of a story: that of the entry that began it.
pub(super) fn story_uid(connection: &Connection, story: i64) -> Result<String, Error> {
    let sql = "SELECT key FROM entry WHERE id = ?1";
    let key: Vec<u8> = connection.prepare_cached(sql)?.query_row(params![story], |row| row.get(0))?;
    Ok(uid(&key))
}

//! `join` and `split`: the operator's word on what belongs together; and what `why` says of a story.

use super::why::find;
use super::{Outcome, print_json};
use crate::config::Config;
use crate::feed::{KeptEntry, LinkedStory};
use crate::group::Grouper;
use crate::store::{self, KeptStory, PlacedAs, Store, StoryEntry, Wish, Wished};
use anyhow::{Result, bail};
use chrono::Utc;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn join(config: &Config, entries: &[String], json: bool) -> Result<Outcome> {
    let store = readable(config)?;
    let mut found: Vec<KeptEntry> = Vec::new();
    for entry in entries {
        let kept = find("join", &store, entry).await?;
        if let Some(twice) = found.iter().find(|known| known.number == kept.number) {
            bail!("join: \"{entry}\" is {}, which is among them already", twice.uid);
        }
        found.push(kept);
    }
    let wish = Wish::Join(found.iter().map(|kept| kept.number).collect());
    let entries: Vec<&str> = found.iter().map(|kept| kept.uid.as_str()).collect();
    match granted(config, &store, wish).await? {
        Some(Wished::Joined(story)) if json => print_json(&json!({ "story": story, "joined": entries }))?,
        Some(Wished::Joined(story)) => {
            writeln!(io::stdout(), "{} are one story, {story}, from now on", entries.join(" and "))?;
        }
        Some(Wished::Refused(reason)) => bail!("join: {reason}"),
        Some(Wished::Parted(..)) => bail!("join: another wish was granted, please report it"),
        None => say_that_it_waits(&entries.join(" and "), json)?,
    }
    Ok(Outcome::Done)
}

pub(super) async fn split(config: &Config, entry: &str, json: bool) -> Result<Outcome> {
    let store = readable(config)?;
    let KeptEntry { uid, number, .. } = find("split", &store, entry).await?;
    match granted(config, &store, Wish::Split(number)).await? {
        Some(Wished::Parted(others, story)) if json => {
            print_json(&json!({ "entry": uid, "story": story, "parted_from": others }))?;
        }
        Some(Wished::Parted(others, story)) => {
            let entries = if others == 1 { "one entry" } else { &format!("{others} entries") };
            writeln!(io::stdout(), "{uid} is parted from {entries} from now on; its story is {story}")?;
        }
        Some(Wished::Refused(reason)) => bail!("split: {uid}: {reason}"),
        Some(Wished::Joined(_)) => bail!("split: another wish was granted, please report it"),
        None => say_that_it_waits(&uid, json)?,
    }
    Ok(Outcome::Done)
}

/// A store that holds something, in this version's shape.
fn readable(config: &Config) -> Result<Store> {
    Ok(match Store::open_for_reading(&config.store_path) {
        Err(store::Error::Older) => {
            drop(Store::open(&config.store_path)?);
            Store::open_for_reading(&config.store_path)?
        }
        opened => opened?,
    })
}

/// Has a wish granted: here, where nobody holds the store, else by whoever does. Answers nothing where
/// that takes long.
async fn granted(config: &Config, reading: &Store, wish: Wish) -> Result<Option<Wished>> {
    let id = match Store::open(&config.store_path) {
        Ok(store) => {
            let id = store.wish(wish).await?;
            Grouper::default().catch_up(&store, Utc::now()).await?;
            id
        }
        Err(store::Error::Held { .. }) => Store::wish_beside(&config.store_path, &wish)?,
        Err(error) => return Err(error.into()),
    };
    let since = Instant::now();
    loop {
        let wished = reading.wished(id).await?;
        if wished.is_some() || since.elapsed() > PATIENCE {
            return Ok(wished);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A daemon looks every second, and groups what came before.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);

fn say_that_it_waits(entries: &str, json: bool) -> Result<()> {
    if json {
        return print_json(&json!({ "waits": true, "entries": entries }));
    }
    let says = "the glasnik that holds the store has not done it yet; it is kept and will be done";
    Ok(writeln!(io::stdout(), "{entries}: {says}")?)
}

/// What `why` says for people.
pub(super) fn section(kept: &KeptEntry, story: &KeptStory) -> String {
    let own = story.entries.iter().find(|entry| entry.kept.number == kept.number);
    let mut lines = vec![match own {
        Some(StoryEntry { placed: PlacedAs { is_first: true, .. }, .. }) if story.entries.len() == 1 => {
            format!("{}, of this entry alone", story.uid)
        }
        Some(own) => {
            format!("{}, {} entries; it is there as {}", story.uid, story.entries.len(), own.placed.in_words())
        }
        None => story.uid.clone(),
    }];
    if let Some((original, alike)) = own.and_then(|own| own.placed.original.as_ref()) {
        lines.push(format!("its text is that of {original} ({:.0} % alike)", alike * 100.0));
    }
    for entry in story.entries.iter().filter(|entry| entry.kept.number != kept.number).take(OTHERS_MAX) {
        let title = entry.kept.entry.title.as_deref().unwrap_or("without a title");
        lines.push(format!("{} ({}): {title}; {}", entry.kept.uid, entry.kept.feed.id, entry.placed.in_words()));
    }
    let linked: Vec<String> = story.linked.iter().map(linked_in_words).collect();
    named("story", &lines) + &named("told also", &linked)
}

/// Lines under one name, which stands before the first.
fn named(name: &str, lines: &[String]) -> String {
    let name = |at: usize| if at == 0 { name } else { "" };
    lines.iter().enumerate().map(|(at, line)| format!("{:<12} {line}\n", name(at))).collect()
}

/// `in sq by the story aaaa (0.41): Title (feed); both name Kurti, 63`
fn linked_in_words(linked: &LinkedStory) -> String {
    let LinkedStory { story, first, score, shared } = linked;
    let language = language_of(linked).unwrap_or("another language");
    let title = first.entry.title.as_deref().unwrap_or("without a title");
    let shared = shared.join(", ");
    format!("in {language} by the story {} ({score:.2}): {title} ({}); both name {shared}", story.uid, first.feed.id)
}

/// More are on the story's page.
const OTHERS_MAX: usize = 20;

/// As the publisher says it, of the entry or of the feed.
fn language_of(linked: &LinkedStory) -> Option<&str> {
    linked.first.entry.language.as_deref().or(linked.first.feed.language.as_deref())
}

/// What `why` says for programs.
pub(super) fn shape(kept: &KeptEntry, story: &KeptStory) -> Value {
    let entry = |entry: &StoryEntry| {
        json!({
            "entry": entry.kept.uid,
            "feed": entry.kept.feed.id,
            "title": entry.kept.entry.title,
            "why": entry.placed.in_words(),
            "score": entry.placed.score.map(rounded),
            "copy_of": entry.placed.original.as_ref().map(|(original, _)| original),
            "alike": entry.placed.original.as_ref().map(|(_, alike)| rounded(*alike)),
            "is_this": entry.kept.number == kept.number,
        })
    };
    let linked = |linked: &LinkedStory| {
        json!({
            "story": linked.story.uid,
            "outlets": linked.story.outlets,
            "entry": linked.first.uid,
            "feed": linked.first.feed.id,
            "language": language_of(linked),
            "title": linked.first.entry.title,
            "score": rounded(linked.score),
            "shared": linked.shared,
        })
    };
    json!({
        "id": story.uid,
        "entries": story.entries.iter().map(entry).collect::<Vec<_>>(),
        "in_other_languages": story.linked.iter().map(linked).collect::<Vec<_>>(),
    })
}

/// Three digits: more mean nothing.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

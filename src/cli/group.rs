//! `join` and `split`: the operator's word on what belongs together; and what `why` says of a story.

use super::why::find;
use super::{Outcome, print_json};
use crate::config::Config;
use crate::feed::KeptEntry;
use crate::group::Grouper;
use crate::store::{KeptStory, PlacedAs, Store, StoryEntry};
use anyhow::{Result, bail};
use chrono::Utc;
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) async fn join(config: &Config, entries: &[String], json: bool) -> Result<Outcome> {
    let store = writable(config).await?;
    let mut found: Vec<KeptEntry> = Vec::new();
    for entry in entries {
        let kept = find("join", &store, entry).await?;
        if let Some(twice) = found.iter().find(|known| known.number == kept.number) {
            bail!("join: \"{entry}\" is {}, which is among them already", twice.uid);
        }
        found.push(kept);
    }
    let numbers = found.iter().map(|kept| kept.number).collect();
    let story = store.join_entries(numbers, Utc::now()).await?;
    let entries: Vec<&str> = found.iter().map(|kept| kept.uid.as_str()).collect();
    if json {
        print_json(&json!({ "story": story, "joined": entries }))?;
    } else {
        writeln!(io::stdout(), "{} are one story, {story}, from now on", entries.join(" and "))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn split(config: &Config, entry: &str, json: bool) -> Result<Outcome> {
    let store = writable(config).await?;
    let kept = find("split", &store, entry).await?;
    let parted_from = store.split_entry(kept.number, Utc::now()).await?;
    if parted_from == 0 {
        bail!("split: {} stands alone already; nothing was joined with it", kept.uid);
    }
    let story = store.story_with(kept.number).await?.uid;
    if json {
        print_json(&json!({ "entry": kept.uid, "story": story, "parted_from": parted_from }))?;
    } else {
        let entries = if parted_from == 1 { "one entry" } else { &format!("{parted_from} entries") };
        writeln!(io::stdout(), "{} is parted from {entries} from now on; its story is {story}", kept.uid)?;
    }
    Ok(Outcome::Done)
}

/// A store that holds something, and in which no entry waits to be grouped: what was said of one that
/// does would be forgotten.
async fn writable(config: &Config) -> Result<Store> {
    drop(Store::open_for_reading(&config.store_path).or_else(|error| match error {
        crate::store::Error::Older => Store::open(&config.store_path),
        error => Err(error),
    })?);
    let store = Store::open(&config.store_path)?;
    Grouper::default().catch_up(&store, Utc::now()).await?;
    Ok(store)
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
    let name = |at: usize| if at == 0 { "story" } else { "" };
    lines.iter().enumerate().map(|(at, line)| format!("{:<12} {line}\n", name(at))).collect()
}

/// More are on the story's page.
const OTHERS_MAX: usize = 20;

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
    json!({ "id": story.uid, "entries": story.entries.iter().map(entry).collect::<Vec<_>>() })
}

/// Three digits: more mean nothing.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1000.0).round() / 1000.0
}

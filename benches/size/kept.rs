//! Filled stores on disk. What is measured is a copy, so that the next run finds them as they were.

use crate::figures::progress;
use crate::fill::World;
use crate::rows::Circumstances;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A store that is older was filled too long ago: entries of the stories' window have left it.
const DAYS_MAX: i64 = 1;

/// How a store was filled; written when it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    pub feeds: usize,
    pub entries: usize,
    pub window: usize,
    pub at: DateTime<Utc>,
    pub commit: String,
}

impl Filled {
    pub fn as_asked(feeds: usize, entries: usize, window: usize) -> Self {
        Self { feeds, entries, window, at: Utc::now(), commit: Circumstances::here("size").commit }
    }

    /// Whether a store that was filled like this is what is asked for now.
    fn serves(&self, asked: &Self) -> bool {
        let is_young = asked.at - self.at < TimeDelta::days(DAYS_MAX);
        is_young && (self.feeds, self.entries, self.window) == (asked.feeds, asked.entries, asked.window)
    }
}

/// Fills a store below `folder` where there is none that serves, and says how it was filled.
pub async fn filled(folder: &Path, asked: &Filled) -> Result<Filled, Box<dyn Error>> {
    let store = store(folder, asked);
    let note = store.join("filled.json");
    let known = fs::read(&note).ok().and_then(|text| serde_json::from_slice::<Filled>(&text).ok());
    if let Some(known) = known.filter(|known| known.serves(asked)) {
        return Ok(known);
    }
    if store.exists() {
        fs::remove_dir_all(&store)?;
    }
    progress(&format!("filling a store with {} entries", asked.entries));
    World::open(&store, asked.feeds, asked.entries, asked.window).await?.fill().await?;
    fs::write(note, serde_json::to_string_pretty(asked)?)?;
    Ok(asked.clone())
}

/// A copy of it in another folder.
pub fn copied(folder: &Path, filled: &Filled, to: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let to = store(to, filled);
    fs::create_dir_all(&to)?;
    // It was closed well: there is no log beside the database.
    for file in ["glasnik.db", "feeds.toml"] {
        fs::copy(store(folder, filled).join(file), to.join(file))?;
    }
    Ok(to)
}

fn store(folder: &Path, filled: &Filled) -> PathBuf {
    folder.join(filled.entries.to_string())
}

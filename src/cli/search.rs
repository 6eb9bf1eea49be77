//! `search`: the newest kept entries that a query finds.

use super::{Outcome, print_json};
use crate::config::Config;
use crate::feed::KeptEntry;
use crate::group::Grouper;
use crate::store::{self, Store};
use crate::{search, searching};
use anyhow::Result;
use chrono::{SecondsFormat, Utc};
use serde_json::json;
use std::io::{self, Write};

pub(super) async fn search(config: &Config, query: &str, count: usize, json: bool) -> Result<Outcome> {
    let query = match search::read(query, &searching::names(config)) {
        Ok(query) => query,
        Err(error) => {
            writeln!(io::stderr(), "search: {error}")?;
            return Ok(Outcome::Wrong);
        }
    };
    let store = indexed(config).await?;
    let found = store.search(query, Utc::now(), count).await?;
    for kept in &found {
        if json {
            print_json(&shape(config, kept))?;
        } else {
            writeln!(io::stdout(), "{}", in_words(config, kept))?;
        }
    }
    if found.is_empty() && !json {
        writeln!(io::stderr(), "nothing was found")?;
    }
    Ok(Outcome::Done)
}

/// The store with an index of all that it holds; as it is where a daemon holds it and does that itself.
async fn indexed(config: &Config) -> Result<Store> {
    // Not made where there is none: nothing is found in an empty store.
    match Store::open_for_reading(&config.store_path) {
        Ok(store) if store.is_indexed().await? && !store.is_grouping_behind().await? => return Ok(store),
        Ok(_) | Err(store::Error::Older) => {}
        Err(error) => return Err(error.into()),
    }
    match Store::open(&config.store_path) {
        Ok(store) => {
            Grouper::default().catch_up(&store, Utc::now()).await?;
            searching::index_all(&store).await?;
            Ok(store)
        }
        Err(store::Error::Held { .. }) => Ok(Store::open_for_reading(&config.store_path)?),
        Err(error) => Err(error.into()),
    }
}

/// `2026-03-01 12:00  The wire  Talks resume  https://…/entries/…`
fn in_words(config: &Config, kept: &KeptEntry) -> String {
    let at = kept.sorted_at.format("%Y-%m-%d %H:%M");
    let title = kept.entry.title.as_deref().unwrap_or("without a title");
    let line = format!("{at}  {}  {title}  {}", kept.feed.title, page(config, kept));
    // What publishers write must not move the cursor of who reads it.
    line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn page(config: &Config, kept: &KeptEntry) -> String {
    format!("{}entries/{}", config.base_url, kept.uid)
}

fn shape(config: &Config, kept: &KeptEntry) -> serde_json::Value {
    json!({
        "id": kept.uid,
        "title": kept.entry.title,
        "link": kept.entry.link,
        "page": page(config, kept),
        "feed": kept.feed.id,
        "published": kept.sorted_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        "topics": kept.tags.iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>(),
        "language": kept.entry.language.as_ref().or(kept.feed.language.as_ref()),
    })
}

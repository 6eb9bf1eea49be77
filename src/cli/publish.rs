//! `publish`: the whole site as files, once.

use super::Outcome;
use crate::config::Config;
use crate::group::Grouper;
use crate::publish;
use crate::store::{self, Store};
use anyhow::{Context, Result};
use chrono::Utc;
use std::path::Path;
use tracing::{info, warn};

pub(super) async fn publish(config: &Config, directory: &Path) -> Result<Outcome> {
    let store = open(config)?;
    if store.is_grouping_behind().await? {
        group(&store).await;
    }
    let files = publish::files(config, &store).await?;
    let written = publish::write(directory, &files).with_context(|| format!("publish: {}", directory.display()))?;
    let (files, changed, removed) = (files.len(), written.written, written.removed);
    info!(files, written = changed, removed, "published to {}", directory.display());
    Ok(Outcome::Done)
}

/// Some entries wait to be grouped after a crash; where another process holds the store, it groups them.
async fn group(store: &Store) {
    if let Err(error) = Grouper::default().catch_up(store, Utc::now()).await {
        warn!("what waits to be grouped is not published: {error}");
    }
}

/// For writing where that can be, so that the archive's parts stay as they are; while a daemon runs,
/// it keeps them itself.
fn open(config: &Config) -> Result<Store> {
    // Reading alone makes no database where there is none.
    let for_reading = Store::open_for_reading(&config.store_path);
    match for_reading {
        Err(store::Error::Missing { .. }) => Ok(for_reading?),
        for_reading => Store::open(&config.store_path).or(for_reading).map_err(Into::into),
    }
}

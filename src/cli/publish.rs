//! `publish`: the whole site as files, once.

use super::Outcome;
use crate::config::Config;
use crate::group::Grouper;
use crate::publish;
use crate::store::{self, Store};
use anyhow::{Context, Result};
use chrono::Utc;
use std::path::Path;
use tracing::info;

pub(super) async fn publish(config: &Config, directory: &Path) -> Result<Outcome> {
    let (store, is_ours) = open(config)?;
    if is_ours {
        Grouper::default().catch_up(&store, Utc::now()).await?;
        publish::note_health(&store, &store.feeds().await?, Utc::now()).await?;
    }
    let site = publish::write_site(config, &store, directory).await;
    let done = site.with_context(|| format!("publish: {}", directory.display()))?;
    info!(written = done.written, removed = done.removed, "published to {}", directory.display());
    Ok(Outcome::Done)
}

/// For writing where that can be: then the archive's parts are closed and the feeds' health is noted
/// here. While a daemon holds the store, it does both itself.
fn open(config: &Config) -> Result<(Store, bool)> {
    // A database that is not there is not made to publish nothing.
    let for_reading = Store::open_for_reading(&config.store_path);
    if matches!(for_reading, Err(store::Error::Missing { .. })) {
        return Ok((for_reading?, false));
    }
    match Store::open(&config.store_path) {
        Ok(store) => Ok((store, true)),
        Err(_) => Ok((for_reading?, false)),
    }
}

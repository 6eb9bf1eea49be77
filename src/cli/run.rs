//! `run`, `demo` and `publish`: the main job, the same with nothing to set up, and once as files.

use super::Outcome;
use crate::config::Config;
use crate::group::Grouper;
use crate::store::Store;
use crate::{daemon, demo, publish};
use anyhow::{Context, Result};
use chrono::Utc;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tracing::{info, warn};

pub(super) async fn daemon(config: Config) -> Result<Outcome> {
    let stop = asked_to_stop()?;
    if config.base_url.contains("//0.0.0.0") || config.base_url.contains("//[::]") {
        warn!("base_url is not set: links and ids say {}, which leads nowhere", config.base_url);
    }
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}; another program may; [server] listen in feeds.toml changes it", config.listen)
    })?;
    daemon::run(config, listener, stop, Arc::new(Notify::new())).await?;
    Ok(Outcome::Done)
}

pub(super) async fn demo(listen: std::net::SocketAddr) -> Result<Outcome> {
    demo::run(listen, asked_to_stop()?).await?;
    Ok(Outcome::Done)
}

pub(super) async fn publish(config: &Config, directory: &Path) -> Result<Outcome> {
    let store = with_all_grouped(config).await?;
    let documents = publish::files(config, &store).await?;
    let written =
        publish::write_files(directory, &documents).with_context(|| format!("publish: {}", directory.display()))?;
    info!(documents = documents.len(), written, "published to {}", directory.display());
    Ok(Outcome::Done)
}

/// A store in which no entry waits to be grouped, as some do after a crash; unless another process
/// holds it, which groups them itself.
async fn with_all_grouped(config: &Config) -> Result<Store> {
    let store = Store::open_for_reading(&config.store_path)?;
    if !store.is_grouping_behind().await? {
        return Ok(store);
    }
    match Store::open(&config.store_path) {
        Ok(writable) => Grouper::default().catch_up(&writable, Utc::now()).await.map(drop)?,
        Err(error) => warn!("what waits to be grouped is not published: {error}"),
    }
    Ok(store)
}

/// Resolves on SIGTERM (a service manager) and SIGINT (Ctrl-C). Listens from the moment of the
/// call, so that a signal during the start is not missed.
fn asked_to_stop() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

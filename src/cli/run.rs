//! `run` and `demo`: the main job, and the same with nothing to set up.

use super::Outcome;
use crate::config::Config;
use crate::{daemon, demo};
use anyhow::{Context, Result};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tracing::warn;

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

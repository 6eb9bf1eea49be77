//! feeds.toml is taken up when it changes; a broken one changes nothing.

use super::{Daemon, wait_for_stop};
use crate::config;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tracing::{error, info, warn};

/// Between two looks at whether feeds.toml changed.
const LOOK: Duration = Duration::from_secs(1);

/// Enough to see that files are others than before: of each its length and its last change.
pub(super) type Stamps = Vec<Option<(u64, SystemTime)>>;

/// The stamps of files as they are now; `None` for one that is not there.
pub(super) fn stamps(files: &[PathBuf]) -> Stamps {
    files
        .iter()
        .map(|path| path.metadata().ok().and_then(|about| Some((about.len(), about.modified().ok()?))))
        .collect()
}

impl Daemon {
    /// `in_force` are the stamps from before the configuration was read.
    pub(super) async fn reload_until_stopped(self: Arc<Self>, mut in_force: Stamps) -> Result<()> {
        let mut last_look = in_force.clone();
        loop {
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
            let files = self.now_setup().config.files.clone();
            let now = stamps(&files);
            // What changed since the last look may still be written.
            let is_quiet = now == last_look;
            last_look.clone_from(&now);
            if !is_quiet || now == in_force {
                continue;
            }
            in_force = now;
            if let Err(error) = self.reload().await {
                error!("{error:#}; the last good configuration stays in force");
            }
            let new_files = self.now_setup().config.files.clone();
            if new_files != files {
                in_force = stamps(&new_files);
                last_look.clone_from(&in_force);
            }
        }
    }

    async fn reload(&self) -> Result<()> {
        let old = self.now_setup();
        let config = config::load(&old.config.path)?;
        if config.subscriptions.is_empty() && !old.config.subscriptions.is_empty() {
            bail!("{}: no feeds are left in it; if that is meant, restart glasnik", old.config.path.display());
        }
        if config.listen != old.config.listen || config.store_path != old.config.store_path {
            warn!("[server] listen and [store] path take effect at the next start");
        }
        let setup = old.replaced_by(config, &self.store, &self.fetcher).await?;
        info!(feeds = setup.subscriptions.len(), "feeds.toml changed and was read again");
        self.setup.send_replace(Arc::new(setup));
        self.shelf.forget_made();
        self.has_news.notify_one();
        Ok(())
    }
}

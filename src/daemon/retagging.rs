//! Kept entries follow the topics: at a start and after a reload, those that were tagged by others
//! are tagged anew while all else goes on.

use super::{Daemon, wait_for_stop};
use crate::retag;
use anyhow::Result;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, info};

/// After entries that could not be tagged anew, as where the disk is full, before the next try.
const RETRY: Duration = Duration::from_secs(30);

impl Daemon {
    pub(super) async fn retag_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut stop = pin!(wait_for_stop(self.stop.clone()));
        let mut reloads = self.setup.subscribe();
        loop {
            let is_done = tokio::select! {
                // Where it ends here, it goes on at the next start.
                () = &mut stop => return Ok(()),
                is_done = self.retag() => is_done,
            };
            tokio::select! {
                () = &mut stop => return Ok(()),
                // An error would mean that there is no daemon any more.
                _ = reloads.changed() => {}
                () = tokio::time::sleep(RETRY), if !is_done => {}
            }
        }
    }

    /// Answers whether it could be done.
    async fn retag(&self) -> bool {
        let matcher = self.now_setup().poller.topics.in_force().await;
        match retag::apply(&self.store, matcher).await {
            Ok(changes) => {
                if changes.entries > 0 {
                    info!(entries = changes.entries, "kept entries were tagged by the new topics");
                    changes.topics.iter().for_each(|(topic, change)| info!("{}", change.in_words(topic)));
                }
                if changes.changed > 0 {
                    self.has_news.notify_one();
                }
                true
            }
            Err(error) => {
                error!(%error, "kept entries still have the tags of the old topics");
                false
            }
        }
    }
}

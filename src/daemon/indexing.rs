//! New and edited entries become searchable a little after they were kept, while all else goes on.

use super::{Daemon, wait_for_stop};
use crate::searching;
use anyhow::Result;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::{debug, error};

/// What comes within this time is indexed together: many small steps cost more than one.
const PAUSE: Duration = Duration::from_secs(2);

/// After entries that could not be indexed, as where the disk is full, before the next try.
const RETRY: Duration = Duration::from_secs(30);

impl Daemon {
    pub(super) async fn index_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut stop = pin!(wait_for_stop(self.stop.clone()));
        loop {
            // Where it ends here, it goes on at the next start.
            let is_done = tokio::select! {
                () = &mut stop => return Ok(()),
                is_done = self.index() => is_done,
            };
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = self.has_words.notified(), if is_done => {}
                () = tokio::time::sleep(RETRY), if !is_done => {}
            }
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Answers whether it could be done.
    async fn index(&self) -> bool {
        let mut entries = 0;
        loop {
            let start = Instant::now();
            match searching::index_some(&self.store).await {
                Ok(0) => {
                    if entries > 0 {
                        debug!(entries, "indexed");
                        self.searches.outdate();
                    }
                    return true;
                }
                Ok(some) => entries += some,
                Err(error) => {
                    error!(%error, "new entries cannot be searched yet");
                    return false;
                }
            }
            // Polls come first: of the time that a writer has, this takes half.
            tokio::time::sleep(start.elapsed()).await;
        }
    }
}

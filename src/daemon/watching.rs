//! How the feeds do is looked at now and then: what is news of their health is noted and published, and
//! the metrics tell how things stand.

use super::{Daemon, wait_for_stop};
use crate::publish;
use crate::store::{Error, FeedRecord};
use anyhow::Result;
use chrono::Utc;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, info};

/// What breaks is told after hours; what the metrics tell may be a minute old.
const LOOK: Duration = Duration::from_secs(60);

impl Daemon {
    pub(super) async fn watch_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut stop = pin!(wait_for_stop(self.stop.clone()));
        loop {
            if let Err(error) = self.watch().await {
                error!(%error, "cannot tell how the feeds do");
            }
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn watch(&self) -> Result<(), Error> {
        let records = self.store.feeds().await?;
        self.metrics.stand(self.store.entries_kept().await?, by_health(&records));
        let noted = publish::note_health(&self.store, &records, Utc::now()).await?;
        if noted > 0 {
            info!(changes = noted, "the health of feeds changed, /feeds/health.atom tells how");
            self.has_news.notify_one();
        }
        Ok(())
    }
}

/// How many feeds there are of each health, those of which there are none included: a line that comes
/// and goes is hard to draw.
fn by_health(records: &[FeedRecord]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::from(["disabled", "failing", "gone", "healthy", "new"].map(|health| (health, 0)));
    for FeedRecord { state, is_enabled, .. } in records {
        let health = match () {
            () if !is_enabled => "disabled",
            () if state.is_gone => "gone",
            () if state.failures > 0 => "failing",
            () if state.last_success_at.is_none() => "new",
            () => "healthy",
        };
        *counts.entry(health).or_default() += 1;
    }
    counts
}

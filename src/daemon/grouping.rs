//! New entries are grouped before they are published, so that no output shows for a moment what it
//! joins with another. What the operator wishes is done within seconds, also where nothing comes. A
//! grouping that fails is tried again, ever more seldom, and `/healthz` says so meanwhile.

use super::{Daemon, wait_for_stop};
use anyhow::Result;
use chrono::Utc;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tracing::{error, info};

/// How often is looked for wishes: one short read.
const LOOK: Duration = Duration::from_secs(1);

/// After a first failure; twice as long after each that follows, up to the longest. What fails may be
/// the same batch for ever, and to read the window again each time costs a second of a core.
const RETRY: Duration = Duration::from_secs(2);
const RETRY_MAX: Duration = Duration::from_secs(300);

/// How grouping goes, for `/healthz`.
#[derive(Default)]
pub(super) struct Grouping(Mutex<Option<Failing>>);

/// It failed the last time.
#[derive(Clone, Copy)]
struct Failing {
    pause: Duration,
    until: Instant,
}

impl Grouping {
    /// What is wrong, in a word.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        self.failing().map(|_| "ungrouped")
    }

    /// Until when it is not tried again; nothing where all is well.
    fn rests_until(&self) -> Option<Instant> {
        self.failing().map(|failing| failing.until)
    }

    fn failing(&self) -> Option<Failing> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self) {
        let pause = self.failing().map_or(RETRY, |failing| RETRY_MAX.min(failing.pause * 2));
        let failing = Failing { pause, until: Instant::now() + pause };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failing);
    }

    fn succeeded(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Ends when what failed is to be tried again; never where all is well.
    pub(super) async fn retry(&self) {
        match self.rests_until() {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }
}

impl Daemon {
    /// Answers whether anything was grouped.
    pub(super) async fn group(&self) -> bool {
        if self.grouping.rests_until().is_some_and(|until| Instant::now() < until) {
            return false;
        }
        match self.grouper.catch_up(&self.store, Utc::now()).await {
            Ok(grouped) => {
                self.grouping.succeeded();
                let (entries, copies, joined, moved) = (grouped.entries, grouped.copies, grouped.joined, grouped.moved);
                let (linked, wishes) = (grouped.linked, grouped.wishes);
                if copies + joined + moved + linked + wishes > 0 {
                    info!(entries, copies, joined, moved, linked, wishes, "grouped");
                }
                entries + moved + wishes > 0
            }
            Err(error) => {
                self.grouping.failed();
                error!(%error, "new entries were not grouped; outputs that join entries show them later");
                false
            }
        }
    }

    /// Does what the operator says with `join` and `split` while this program holds the store.
    pub(super) async fn obey_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut stop = pin!(wait_for_stop(self.stop.clone()));
        loop {
            let look = async {
                tokio::time::sleep(LOOK).await;
                // A store that cannot be read is complained of elsewhere.
                if self.store.has_wishes().await.unwrap_or(false) && self.group().await {
                    self.has_news.notify_one();
                }
            };
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = look => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_again_ever_more_seldom() {
        let grouping = Grouping::default();
        assert_eq!(grouping.complaint(), None);
        let mut waited = Vec::new();
        for _ in 0..10 {
            grouping.failed();
            assert_eq!(grouping.complaint(), Some("ungrouped"));
            let start = Instant::now();
            grouping.retry().await;
            waited.push(start.elapsed().as_secs());
        }
        assert_eq!(waited, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        grouping.succeeded();
        assert_eq!(grouping.complaint(), None);
        grouping.failed();
        let start = Instant::now();
        grouping.retry().await;
        assert_eq!(start.elapsed(), RETRY);
    }
}

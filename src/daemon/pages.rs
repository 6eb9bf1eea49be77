//! The pages that are made for one request: what the server needs, and who knows how.

use super::Daemon;
use crate::render::{self, FeedStatus};
use crate::server::{Live, Page};
use crate::store::FeedRecord;
use crate::{health, publish};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Daemon {
    /// What the server cannot make itself.
    pub(super) fn live(self: &Arc<Self>) -> Live {
        let [for_entries, for_status, for_search, for_errors, for_health] = std::array::from_fn(|_| self.clone());
        Live {
            entry: Arc::new(move |id| for_entries.clone().entry(id)),
            status: Arc::new(move || for_status.clone().status()),
            search: Arc::new(move |search| for_search.clone().search(search)),
            error: Arc::new(move |status, message| {
                render::error_page(&publish::site(&for_errors.now_setup().config), status, message).into()
            }),
            health: Arc::new(move || for_health.health()),
            style_hash: render::style_hash(),
        }
    }

    fn entry(self: Arc<Self>, id: String) -> Page {
        Box::pin(async move {
            let entry = self.store.entry(&id).await.map_err(|error| error.to_string())?;
            let site = publish::site(&self.now_setup().config);
            Ok(entry.map(|entry| Bytes::from(render::entry_page(&site, &entry))))
        })
    }

    fn status(self: Arc<Self>) -> Page {
        Box::pin(async move {
            let records = self.store.feeds().await.map_err(|error| error.to_string())?;
            let counts = self.store.entry_counts().await.map_err(|error| error.to_string())?;
            let now = Utc::now();
            let of = |record: FeedRecord| {
                let entries = counts.get(&record.name.id).copied().unwrap_or(0);
                feed_status(record, entries, now)
            };
            let feeds: Vec<FeedStatus> = records.into_iter().map(of).collect();
            Ok(Some(render::status_page(&publish::site(&self.now_setup().config), &feeds, now).into()))
        })
    }

    fn health(&self) -> Result<(), String> {
        let is_published = self.is_published.load(Ordering::Relaxed);
        let network = self.is_offline().then_some("offline");
        match self.pulse.complaint().or(network).or((!is_published).then_some("unpublished")) {
            Some(complaint) => Err(complaint.to_owned()),
            None => Ok(()),
        }
    }
}

fn feed_status(record: FeedRecord, entries: i64, now: DateTime<Utc>) -> FeedStatus {
    FeedStatus {
        sentence: health::in_words(&record.state, record.is_enabled, now),
        is_failing: record.is_enabled && (record.state.failures > 0 || record.state.is_gone),
        entries,
        last_success_at: record.state.last_success_at,
        next_poll_at: record.state.next_poll_at.filter(|_| record.is_enabled && !record.state.is_gone),
        feed: record.name,
    }
}

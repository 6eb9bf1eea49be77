//! The pages that are made for one request: what the server needs, and who knows how.

use super::Daemon;
use crate::render::{self, FeedStatus, Related, Report, StoryView};
use crate::server::{Live, Page, Story, StoryPage};
use crate::store::{self, FeedRecord, FoundStory, KeptStory, RelatedEntries, StoryEntry};
use crate::{group, health, publish};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Daemon {
    /// What the server cannot make itself.
    pub(super) fn live(self: &Arc<Self>) -> Live {
        let [for_entries, for_stories, for_status, for_errors, for_health] = std::array::from_fn(|_| self.clone());
        Live {
            entry: Arc::new(move |id| for_entries.clone().entry(id)),
            story: Arc::new(move |id| for_stories.clone().story(id)),
            status: Arc::new(move || for_status.clone().status()),
            error: Arc::new(move |status, message| {
                render::error_page(&publish::site(&for_errors.now_setup().config), status, message).into()
            }),
            health: Arc::new(move || for_health.health()),
            style_hash: render::style_hash(),
        }
    }

    fn entry(self: Arc<Self>, id: String) -> Page {
        Box::pin(async move {
            let Some(entry) = self.store.entry(&id).await.map_err(|error| error.to_string())? else {
                return Ok(None);
            };
            let related = self.related(entry.number).await.map_err(|error| error.to_string())?;
            let site = publish::site(&self.now_setup().config);
            Ok(Some(Bytes::from(render::entry_page(&site, &entry, &related))))
        })
    }

    async fn related(&self, number: i64) -> Result<Related, store::Error> {
        let near = self.grouper.near(number, RELATED_MAX).await;
        let RelatedEntries { story, of_story, posts } = self.store.related(number, near, RELATED_MAX).await?;
        Ok(Related { story, of_story, posts })
    }

    fn story(self: Arc<Self>, id: String) -> StoryPage {
        Box::pin(async move {
            let site = publish::site(&self.now_setup().config);
            Ok(match self.store.story(&id).await.map_err(|error| error.to_string())? {
                Some(FoundStory::Whole(story)) => Some(Story::Whole(render::story_page(&site, &view(&story)).into())),
                Some(FoundStory::PartOf(uid)) => Some(Story::PartOf(uid)),
                None => None,
            })
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

/// More would be a second page.
const RELATED_MAX: usize = 8;

fn view(story: &KeptStory) -> StoryView {
    let place = |number: i64| story.entries.iter().position(|entry| entry.kept.number == number);
    let first_with = |root: i64| story.entries.iter().position(|entry| entry.root == root);
    let report = |(at, entry): (usize, &StoryEntry)| Report {
        kept: entry.kept.clone(),
        same_as: first_with(entry.root).filter(|first| *first != at),
        why: group::in_words(&entry.placed),
    };
    StoryView {
        uid: story.uid.clone(),
        first: place(story.first).unwrap_or(0),
        entries: story.entries.iter().enumerate().map(report).collect(),
        in_other_languages: Vec::new(),
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

//! The pages that are made for one request: what the server needs, and who knows how.

use super::Daemon;
use crate::render::{self, FeedStatus, Format, Related, Report, StoryView};
use crate::server::{Before, Live, Page, Part, Story, StoryPage};
use crate::store::{self, FeedRecord, FoundStory, KeptStory, RelatedEntries, StoryEntry};
use crate::{group, health, publish};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Daemon {
    /// What the server cannot make itself.
    pub(super) fn live(self: &Arc<Self>) -> Live {
        let [for_entries, for_stories, for_status, for_errors, for_health, for_archive, for_before] =
            std::array::from_fn(|_| self.clone());
        Live {
            entry: Arc::new(move |id| for_entries.clone().entry(id)),
            story: Arc::new(move |id| for_stories.clone().story(id)),
            status: Arc::new(move || for_status.clone().status()),
            archive: Arc::new(move |output, last, extension| for_archive.clone().part(output, last, extension)),
            before: Arc::new(move |when| for_before.clone().before(when)),
            metrics: self.metrics.clone(),
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

    fn part(self: Arc<Self>, output: String, last: i64, extension: String) -> Part {
        Box::pin(async move {
            let setup = self.now_setup();
            let output = setup.config.outputs.iter().find(|known| known.id == output);
            let format = Format::ALL.into_iter().find(|format| format.extension() == extension);
            let Some((output, format)) = output.zip(format) else {
                return Ok(None);
            };
            let body = publish::archived(&setup.config, &self.store, output, last, format).await;
            Ok(body.map_err(|error| error.to_string())?.map(|body| (body, format.media_type())))
        })
    }

    /// An entry's number, a day, or a moment; each stands for itself and all that came after.
    fn before(self: Arc<Self>, when: String) -> Before {
        Box::pin(async move {
            if let Ok(number) = when.parse::<i64>() {
                let newest = self.store.number_before(Utc::now()).await.map_err(|error| error.to_string())?;
                return Ok(Some(number.saturating_sub(1).clamp(0, newest)));
            }
            match moment(&when) {
                Some(at) => self.store.number_before(at).await.map(Some).map_err(|error| error.to_string()),
                None => Ok(None),
            }
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

/// `2026-03-01`, or a moment as RFC 3339 has it, as it stands in a query.
fn moment(when: &str) -> Option<DateTime<Utc>> {
    let when = when.replace("%3A", ":").replace("%3a", ":").replace("%2B", "+").replace("%2b", "+");
    let day = when.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    day.or_else(|| when.parse().ok())
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

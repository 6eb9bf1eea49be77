//! The pages that are made for one request: what the server needs, and who knows how.

use super::Daemon;
use crate::config::Config;
use crate::feed::Day;
use crate::render::{self, Activity, FeedStatus, Format, PageLanguage, Related, Site, Status};
use crate::server::{Before, Languages, Live, Making, Page, Part, Story, StoryPage};
use crate::store::{self, DAYS_KEPT, FeedRecord, FoundStory, RelatedEntries, Store};
use crate::{health, publish};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

impl Daemon {
    /// What the server cannot make itself.
    pub(super) fn live(self: &Arc<Self>) -> Live {
        let [
            for_documents,
            for_entries,
            for_stories,
            for_status,
            for_search,
            for_errors,
            for_health,
            for_archive,
            for_before,
        ] = std::array::from_fn(|_| self.clone());
        Live {
            document: Arc::new(move |path| for_documents.clone().document(path)),
            entry: Arc::new(move |id, language| for_entries.clone().entry(id, language)),
            story: Arc::new(move |id, language| for_stories.clone().story(id, language)),
            status: Arc::new(move |language| for_status.clone().status(language)),
            search: Arc::new(move |search| for_search.clone().search(search)),
            archive: Arc::new(move |output, last, extension| for_archive.clone().part(output, last, extension)),
            before: Arc::new(move |when| for_before.clone().before(when)),
            metrics: self.metrics.clone(),
            error: Arc::new(move |status, message, language| {
                render::error_page(&for_errors.site_in(language), status, message).into()
            }),
            health: Arc::new(move || for_health.health()),
            style_hash: render::style_hash(),
            script_hash: render::script_hash(),
            languages: Languages {
                first: PageLanguage::default().tag(),
                nearest: |tag| PageLanguage::for_reader(tag).map(PageLanguage::tag),
            },
        }
    }

    /// The site as a reader of `language` sees it.
    pub(super) fn site_in(&self, language: &str) -> Site {
        Site { language: PageLanguage::tagged(language), ..publish::site(&self.now_setup().config) }
    }

    fn document(self: Arc<Self>, path: String) -> Making {
        Box::pin(async move { self.publish_at(&path).await.map_err(|error| format!("{error:#}")) })
    }

    fn entry(self: Arc<Self>, id: String, language: &'static str) -> Page {
        Box::pin(async move {
            let say = |error: store::Error| error.to_string();
            let Some(entry) = self.store.entry(&id).await.map_err(say)? else { return Ok(None) };
            let revisions = self.store.revisions(entry.number).await.map_err(say)?;
            let related = self.related(entry.number).await.map_err(say)?;
            Ok(Some(Bytes::from(render::entry_page(&self.site_in(language), &entry, &revisions, &related))))
        })
    }

    async fn related(&self, number: i64) -> Result<Related, store::Error> {
        let near = self.grouper.near(number, RELATED_MAX).await;
        let RelatedEntries { story, of_story, posts, linked } = self.store.related(number, near, RELATED_MAX).await?;
        Ok(Related { story, of_story, posts, linked })
    }

    fn story(self: Arc<Self>, id: String, language: &'static str) -> StoryPage {
        Box::pin(async move {
            let site = self.site_in(language);
            Ok(match self.store.story(&id).await.map_err(|error| error.to_string())? {
                Some(FoundStory::Whole(story)) => {
                    Some(Story::Whole(render::story_page(&site, &publish::story_view(&story)).into()))
                }
                Some(FoundStory::PartOf(uid)) => Some(Story::PartOf(uid)),
                None => None,
            })
        })
    }

    fn status(self: Arc<Self>, language: &'static str) -> Page {
        Box::pin(async move {
            let say = |error: store::Error| error.to_string();
            let (config, now) = (self.now_setup().config.clone(), Utc::now());
            let counts = self.counts.now(&config, &self.store, now).await.map_err(say)?;
            let records = self.store.feeds().await.map_err(say)?;
            let days = self.store.feed_days(now).await.map_err(say)?;
            let status = Status {
                feeds: records.into_iter().map(|record| feed_status(record, &counts, &days, now)).collect(),
                topics: counts.topics.clone(),
                outputs: counts.outputs.clone(),
            };
            Ok(Some(render::status_page(&self.site_in(language), &status, now).into()))
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
        let complaint = self.pulse.complaint().or(network).or((!is_published).then_some("unpublished"));
        match complaint.or(self.grouping.complaint()) {
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

/// To count the entries of months takes a moment: whoever looks again within a minute gets the same.
const COUNTED_EVERY: Duration = Duration::from_secs(60);

/// What was counted for the status page, and when. Who comes while it is counted waits for it.
#[derive(Default)]
pub(super) struct Counts(Mutex<Option<(Instant, Arc<Counted>)>>);

struct Counted {
    entries: HashMap<String, i64>,
    topics: Vec<Activity>,
    outputs: Vec<Activity>,
}

impl Counts {
    async fn now(&self, config: &Config, store: &Store, now: DateTime<Utc>) -> Result<Arc<Counted>, store::Error> {
        let mut last = self.0.lock().await;
        if let Some((_, counted)) = last.as_ref().filter(|(at, _)| at.elapsed() < COUNTED_EVERY) {
            return Ok(counted.clone());
        }
        let counted = Arc::new(Counted::new(config, store, now).await?);
        *last = Some((Instant::now(), counted.clone()));
        Ok(counted)
    }
}

impl Counted {
    async fn new(config: &Config, store: &Store, now: DateTime<Utc>) -> Result<Self, store::Error> {
        let mut of_topics = store.topic_days(now).await?;
        let mut topic = |id: &str, title: &str| Activity {
            title: title.to_owned(),
            days: of_topics.remove(id).unwrap_or_else(no_days),
        };
        let topics = config.topics.iter().map(|named| topic(&named.id, &named.title)).collect();
        let mut outputs = Vec::new();
        for output in &config.outputs {
            outputs.push(Activity { title: output.title.clone(), days: store.output_days(output, now).await? });
        }
        Ok(Self { entries: store.entry_counts().await?, topics, outputs })
    }
}

fn no_days() -> Vec<Day> {
    vec![Day::default(); DAYS_KEPT]
}

fn feed_status(
    record: FeedRecord,
    counts: &Counted,
    days: &HashMap<String, Vec<Day>>,
    now: DateTime<Utc>,
) -> FeedStatus {
    let id = &record.name.id;
    FeedStatus {
        sentence: health::in_words(&record.state, record.is_enabled, now),
        is_failing: record.is_enabled && (record.state.failures > 0 || record.state.is_gone),
        entries: counts.entries.get(id).copied().unwrap_or(0),
        days: days.get(id).cloned().unwrap_or_else(no_days),
        last_success_at: record.state.last_success_at,
        next_poll_at: record.state.next_poll_at.filter(|_| record.is_enabled && !record.state.is_gone),
        feed: record.name,
    }
}

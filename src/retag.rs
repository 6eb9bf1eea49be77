//! Tags kept entries anew after the topics changed: in batches between which polls are kept, so that
//! it may take its time and may end at any line. Does not know how topics are found.

use crate::feed::Tag;
use crate::store::{self, Batch, Store, TaggedEntry};
use crate::topics::{Item, Matcher};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What other topics make of the kept entries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Entries that were looked at.
    pub entries: usize,
    /// Those whose tags differ, if only in their score or their words.
    pub changed: usize,
    /// Topics that more or fewer entries have, by id.
    pub topics: BTreeMap<String, Change>,
}

/// What becomes of one topic.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// Entries that have it now.
    pub more: usize,
    /// Entries that have it no more.
    pub fewer: usize,
    /// The newest of those that have it now.
    pub samples_more: Vec<Sample>,
    /// The newest of those that have it no more.
    pub samples_fewer: Vec<Sample>,
}

/// An entry as people know it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Sample {
    /// Its name in `/entries/ID`.
    pub entry: String,
    /// Its title, where it has one.
    pub title: Option<String>,
}

/// Enough to see whether an edit did what was meant.
const SAMPLES_MAX: usize = 3;

impl Change {
    /// `topic energy: 41 more, 3 fewer`
    pub fn in_words(&self, topic: &str) -> String {
        format!("topic {topic}: {} more, {} fewer", self.more, self.fewer)
    }
}

/// What would change. Writes nothing.
pub async fn preview(store: &Store, matcher: Arc<Matcher>) -> Result<Changes, store::Error> {
    let mut changes = Changes::default();
    let mut done_to = 0;
    loop {
        let batch = store.tagged_entries(done_to, i64::MAX).await?;
        let Some(last) = batch.last else {
            return Ok(changes);
        };
        done_to = last;
        tag_anew(batch, &matcher, &mut changes).await?;
    }
}

/// Tags the entries that wait for the topics in force; nothing where there are none, or where
/// others have come in force meanwhile. One that ends in between goes on where it was.
pub async fn apply(store: &Store, matcher: Arc<Matcher>) -> Result<Changes, store::Error> {
    let mut changes = Changes::default();
    let rules = matcher.hash();
    let Some(tagging) = store.tagging().await?.filter(|tagging| tagging.rules == rules) else {
        return Ok(changes);
    };
    let mut done_to = tagging.done_to;
    while done_to < tagging.until {
        let batch = store.tagged_entries(done_to, tagging.until).await?;
        // Behind the last kept text there are only entries without one.
        done_to = batch.last.unwrap_or(tagging.until);
        let retagged = tag_anew(batch, &matcher, &mut changes).await?;
        if !store.retag(rules, retagged, done_to).await? {
            break;
        }
    }
    Ok(changes)
}

/// The entries of a batch whose tags differ, with the new ones; what differs is counted.
async fn tag_anew(
    batch: Batch,
    matcher: &Arc<Matcher>,
    changes: &mut Changes,
) -> Result<Vec<TaggedEntry>, store::Error> {
    let matcher = matcher.clone();
    let with_new_tags = move || {
        let tags = |kept: &TaggedEntry| matcher.tag(&Item::of_entry(&kept.entry, &kept.feed));
        batch.entries.into_iter().map(|kept| (tags(&kept), kept)).collect::<Vec<_>>()
    };
    let tagged = tokio::task::spawn_blocking(with_new_tags).await.map_err(|_| store::Error::Stopped)?;
    let mut differing = Vec::new();
    for (tags, mut kept) in tagged {
        changes.entries += 1;
        if tags != kept.tags {
            changes.count(&kept, &tags);
            kept.tags = tags;
            differing.push(kept);
        }
    }
    Ok(differing)
}

impl Changes {
    fn count(&mut self, kept: &TaggedEntry, tags: &[Tag]) {
        self.changed += 1;
        let has = |tags: &[Tag], topic: &str| tags.iter().any(|tag| tag.topic == topic);
        let sample = || Sample { entry: kept.uid.clone(), title: kept.entry.title.clone() };
        for tag in tags.iter().filter(|tag| !has(&kept.tags, &tag.topic)) {
            let change = self.topics.entry(tag.topic.clone()).or_default();
            change.more += 1;
            add(&mut change.samples_more, sample);
        }
        for tag in kept.tags.iter().filter(|tag| !has(tags, &tag.topic)) {
            let change = self.topics.entry(tag.topic.clone()).or_default();
            change.fewer += 1;
            add(&mut change.samples_fewer, sample);
        }
    }
}

/// Entries come the oldest first.
fn add(samples: &mut Vec<Sample>, sample: impl Fn() -> Sample) {
    samples.insert(0, sample());
    samples.truncate(SAMPLES_MAX);
}

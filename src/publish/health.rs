//! What is news of the feeds' health is noted when it is noticed, once.

use crate::feed::EventKind;
use crate::health::{self, Trouble};
use crate::store::{self, FeedChange, FeedRecord, Store};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// As many as an operator can read.
pub(super) const EVENTS_SHOWN: usize = 100;

/// Looks at every feed and notes what began or ended; answers how many things.
pub async fn note_health(store: &Store, records: &[FeedRecord], now: DateTime<Utc>) -> Result<usize, store::Error> {
    let told = store.told().await?;
    let changes: Vec<FeedChange> = records.iter().flat_map(|record| changes(record, &told, now)).collect();
    let count = changes.len();
    if count > 0 {
        store.note(changes, now).await?;
    }
    Ok(count)
}

fn changes(record: &FeedRecord, told: &HashSet<(String, EventKind)>, now: DateTime<Utc>) -> Vec<FeedChange> {
    let feed = &record.name.id;
    let begins = |Trouble { kind, since, sentence }| FeedChange::Begins { feed: feed.clone(), kind, since, sentence };
    let troubles = health::troubles(&record.state, record.is_enabled, now);
    let is_so: HashSet<EventKind> = troubles.iter().map(|trouble| trouble.kind).collect();
    let over = told.iter().filter(|(id, kind)| id == feed && !is_so.contains(kind)).map(|(_, kind)| *kind);
    let mut changes: Vec<FeedChange> = Vec::new();
    for kind in over {
        changes.push(FeedChange::Ends { feed: feed.clone(), kind });
        changes.extend(health::relief(kind, &record.state, now).map(begins));
    }
    let is_new = |trouble: &Trouble| !told.contains(&(feed.clone(), trouble.kind));
    changes.extend(troubles.into_iter().filter(is_new).map(begins));
    changes
}

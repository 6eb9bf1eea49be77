//! Sketches for entries that were kept before there were any, so that after an upgrade, too, nothing is
//! told twice: in batches between which polls are kept, and of a feed first when it brings news.

use super::recognize::{marks, reading};
use crate::feed::Entry;
use crate::ingest::identify::canonical_link;
use crate::store::{self, Marks, Store, Unsketched};
use tracing::info;

/// Sketches all entries that wait for it. What ends in between goes on where it was.
pub async fn sketch_all(store: &Store) -> Result<(), store::Error> {
    let mut count = 0;
    while let Some((entries, done_to)) = store.unsketched().await? {
        count += entries.len();
        let sketched = sketched(entries).await?;
        store.save_sketches(sketched, Some(done_to)).await?;
    }
    if count > 0 {
        info!(entries = count, "entries of an earlier version were read again, to be known under other ids as well");
    }
    Ok(())
}

/// Sketches the newest entries of one feed, which are those that it may show.
pub(super) async fn sketch_feed(store: &Store, feed: &str) -> Result<(), store::Error> {
    let entries = store.unsketched_of(feed).await?;
    let sketched = sketched(entries).await?;
    store.save_sketches(sketched, None).await
}

async fn sketched(entries: Vec<Unsketched>) -> Result<Vec<(i64, Marks)>, store::Error> {
    let work = move || entries.into_iter().map(read_again).collect();
    tokio::task::spawn_blocking(work).await.map_err(|_| store::Error::Stopped)
}

fn read_again(kept: Unsketched) -> (i64, Marks) {
    let link = kept.entry.link.as_deref().filter(|_| kept.has_article_link);
    // It is not kept.
    let canonical_link = link.and_then(canonical_link);
    let entry = Entry { canonical_link, ..kept.entry };
    (kept.number, marks(&reading(&kept.seed, &entry)))
}

//! Keeps the index of words in step with what is kept, and says what queries may name. Does not know
//! who asks, nor when.

use crate::config::Config;
use crate::search::{self, Names};
use crate::store::{self, Store, UnindexedEntry};

/// As many as an answer to readers holds.
pub const ITEMS_MAX: usize = 50;

/// What filters may name under this configuration.
pub fn names(config: &Config) -> Names {
    let feeds = config.subscriptions.iter().map(|feed| (feed.id.clone(), feed.tags.clone()));
    Names { topics: config.topics.iter().map(|topic| topic.id.clone()).collect(), feeds: feeds.collect() }
}

/// Puts the next entries that wait for it into the index; answers how many, 0 where none is left.
pub async fn index_some(store: &Store) -> Result<usize, store::Error> {
    let Some(batch) = store.unindexed().await? else {
        return Ok(0);
    };
    let folding = move || {
        let words = |unindexed: &UnindexedEntry| unindexed.entry.as_ref().map(search::of_entry).unwrap_or_default();
        let words = batch.entries.iter().map(words).collect();
        (batch, words)
    };
    let (batch, words): (_, Vec<String>) =
        tokio::task::spawn_blocking(folding).await.map_err(|_| store::Error::Stopped)?;
    let count = batch.count();
    store.index(batch, words).await?;
    Ok(count)
}

/// Brings the index up to date; answers how many entries that took.
pub async fn index_all(store: &Store) -> Result<usize, store::Error> {
    let mut entries = 0;
    loop {
        match index_some(store).await? {
            0 => return Ok(entries),
            some => entries += some,
        }
    }
}

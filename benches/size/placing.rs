//! Keeps polls as the daemon does, many under way at once, by the store's own doors.

use glasnik::feed::Entry;
use glasnik::ingest::normalize::plain_texts;
use glasnik::poll::recognize;
use glasnik::store::{self, Marks, Place, Places, SavedPoll, Store};
use glasnik::stories::{Item, Kind, Reading};
use std::error::Error;
use tokio::task::JoinSet;

/// Polls under way at once: as many as may share a commit.
const POLLS: usize = 128;

/// Keeps polls after it was looked up which of their items are known; answers how many were not.
pub async fn save(store: &Store, polls: Vec<SavedPoll>) -> Result<usize, Box<dyn Error>> {
    all(polls, |poll| {
        let store = store.clone();
        async move { Ok(store.save_poll(recognize(poll, &store).await?).await?.new) }
    })
    .await
}

/// Keeps polls whose items nobody has: the same rows, in half of the time, for nothing is looked up. Of
/// what is older than the stories' window nothing is kept to group it by, either.
pub async fn save_new(store: &Store, polls: Vec<SavedPoll>) -> Result<usize, Box<dyn Error>> {
    all(polls, |poll| {
        let store = store.clone();
        async move {
            let poll = tokio::task::spawn_blocking(|| placed_as_new(poll)).await.map_err(|_| store::Error::Stopped)?;
            Ok(store.save_poll(poll).await?.new)
        }
    })
    .await
}

async fn all<F>(polls: Vec<SavedPoll>, mut keep: impl FnMut(SavedPoll) -> F) -> Result<usize, Box<dyn Error>>
where
    F: Future<Output = Result<usize, store::Error>> + Send + 'static,
{
    let (mut waiting, mut under_way, mut new) = (polls.into_iter(), JoinSet::new(), 0);
    loop {
        for poll in waiting.by_ref().take(POLLS - under_way.len()) {
            under_way.spawn(keep(poll));
        }
        match under_way.join_next().await {
            Some(saved) => new += saved??,
            None => return Ok(new),
        }
    }
}

fn placed_as_new(poll: SavedPoll) -> SavedPoll {
    let said = poll.said.iter().flat_map(|(said, _)| &said.entries);
    let items = said.map(|entry| Place::New { elsewhere: None, marks: marks(&poll.feed, entry) }).collect();
    // Whatever comes in between is somebody else's.
    let places = Places { items, newest: i64::MAX, ..Places::default() };
    SavedPoll { places, ..poll }
}

fn marks(feed: &str, entry: &Entry) -> Marks {
    let [summary, content] = plain_texts(entry);
    let reading = Reading::of(&Item::of(feed, entry, &summary, &content));
    let keys = reading.keys().filter(|(kind, _)| *kind != Kind::Id).map(|(_, key)| key).collect();
    Marks { keys, sketch: reading.sketch.to_bytes(), article: None }
}

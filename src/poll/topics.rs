//! The topics that polls are tagged by, and what becomes of a poll that was tagged by others.

use crate::feed::{Feed, Tag};
use crate::store::{self, Saved, SavedPoll, Store};
use crate::topics::{Item, Matcher};
use std::sync::Arc;
use tokio::sync::RwLock;

/// The topics in force, shared by all who poll into a store: a change is for the polls under way as
/// well. Cheap to clone.
#[derive(Clone)]
pub struct Topics(Arc<RwLock<Arc<Matcher>>>);

impl Topics {
    /// Puts the first topics in force.
    pub async fn new(matcher: Matcher, store: &Store) -> Result<Self, store::Error> {
        store.use_rules(matcher.hash()).await?;
        Ok(Self(Arc::new(RwLock::new(Arc::new(matcher)))))
    }

    /// Puts other topics in force. Nobody is told of the new ones before the store knows them, nor
    /// of the old ones afterwards: whom the store refuses finds those here that it takes.
    pub async fn change(&self, matcher: Matcher, store: &Store) -> Result<(), store::Error> {
        let mut in_force = self.0.write().await;
        store.use_rules(matcher.hash()).await?;
        *in_force = Arc::new(matcher);
        Ok(())
    }

    /// Those that tag now.
    pub async fn in_force(&self) -> Arc<Matcher> {
        self.0.read().await.clone()
    }

    /// Keeps a poll; where the topics changed since it was tagged, it is tagged by the new ones first.
    pub(super) async fn keep(&self, mut poll: SavedPoll, store: &Store) -> Result<Saved, store::Error> {
        loop {
            let outdated = match store.save_poll(poll).await {
                Err(store::Error::OtherTopics(outdated)) => *outdated,
                result => return result,
            };
            let matcher = self.in_force().await;
            if matcher.hash() == outdated.tagged_by {
                return Err(store::Error::OtherTopics(Box::new(outdated)));
            }
            let work = tokio::task::spawn_blocking(move || tagged_anew(outdated, &matcher));
            poll = work.await.map_err(|_| store::Error::Stopped)?;
        }
    }
}

fn tagged_anew(mut poll: SavedPoll, matcher: &Matcher) -> SavedPoll {
    if let Some((feed, old_tags)) = &mut poll.said {
        *old_tags = tags(feed, &poll.feed, matcher);
    }
    SavedPoll { tagged_by: matcher.hash(), ..poll }
}

/// Each entry's tags.
pub(super) fn tags(feed: &Feed, subscription: &str, matcher: &Matcher) -> Vec<Vec<Tag>> {
    feed.entries.iter().map(|entry| matcher.tag(&Item::of_entry(entry, subscription))).collect()
}

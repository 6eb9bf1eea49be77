//! The topics that polls are tagged by, and what becomes of a poll that was tagged by others.

use crate::store::{self, Place, Saved, SavedPoll, Store};
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

    /// Tags what a poll brought, and what it is known to bring again is left as it is.
    pub(super) async fn tag(&self, poll: SavedPoll) -> Result<SavedPoll, store::Error> {
        let matcher = self.in_force().await;
        if poll.said.is_none() || poll.places.items.iter().all(|place| *place == Place::Settled) {
            return Ok(SavedPoll { tagged_by: matcher.hash(), ..poll });
        }
        tokio::task::spawn_blocking(move || tagged(poll, &matcher)).await.map_err(|_| store::Error::Stopped)
    }

    /// Keeps a poll; where the topics changed since it was tagged, it is tagged by the new ones first.
    pub(super) async fn keep(&self, mut poll: SavedPoll, store: &Store) -> Result<Saved, store::Error> {
        loop {
            let outdated = match store.save_poll(poll).await {
                Err(store::Error::OtherTopics(outdated)) => *outdated,
                result => return result,
            };
            if self.in_force().await.hash() == outdated.tagged_by {
                return Err(store::Error::OtherTopics(Box::new(outdated)));
            }
            poll = self.tag(outdated).await?;
        }
    }
}

fn tagged(mut poll: SavedPoll, matcher: &Matcher) -> SavedPoll {
    if let Some((said, tags)) = &mut poll.said {
        let tag = |(entry, place)| match place {
            &Place::Settled | Place::Unread => Vec::new(),
            Place::Known(_) | Place::New { .. } => matcher.tag(&Item::of_entry(entry, &poll.feed)),
        };
        *tags = said.entries.iter().zip(&poll.places.items).map(tag).collect();
    }
    SavedPoll { tagged_by: matcher.hash(), ..poll }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caching::Caching;
    use crate::feed::{FeedState, Subscription, Validators};
    use crate::fetch::{self, Fetcher, Response};
    use crate::ingest;
    use crate::poll::{Poller, conclude, read, recognize};
    use bytes::Bytes;
    use std::time::Duration;

    fn subscription() -> Subscription {
        Subscription::new("feed", "https://example.org/feed".parse().expect("a url"))
    }

    fn tagging(word: &str, languages: &[&str]) -> Matcher {
        let topic = crate::topics::Topic {
            id: "t".to_owned(),
            enough: vec![word.to_owned()],
            languages: languages.iter().map(|&language| language.to_owned()).collect(),
            ..Default::default()
        };
        Matcher::new(&[], &[topic]).expect("good rules")
    }

    /// Whether an entry, said to be in these languages, is for a topic of the language.
    fn is_for(language: &str, of_entry: &str, of_feed: &str, of_operator: &str) -> bool {
        let attribute = |language: &str| match language {
            "" => String::new(),
            language => format!(" xml:lang=\"{language}\""),
        };
        let document = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"{}><title>T</title><id>urn:f</id><entry{}><id>urn:e</id>\
             <title>Regierung beschließt den Haushalt für das nächste Jahr, NATO berät</title></entry></feed>",
            attribute(of_feed),
            attribute(of_entry)
        );
        let mut subscription = subscription();
        subscription.language = (!of_operator.is_empty()).then(|| of_operator.to_owned());
        let context = ingest::Context { url: None, content_type: None };
        let said = read(document.as_bytes(), &context, &ingest::Known::default(), &subscription).expect("a feed");
        !tagging("NATO", &[language]).tag(&Item::of_entry(&said.entries[0], &subscription.id)).is_empty()
    }

    #[test]
    fn an_entrys_word_on_its_language_goes_before_the_operators_that_before_the_feeds_and_all_before_a_guess() {
        assert!(is_for("sq", "sq-AL", "en", "fr"));
        assert!(!is_for("fr", "sq-AL", "en", "fr"));
        assert!(is_for("fr", "", "en", "fr"));
        assert!(is_for("en", "", "en-GB", ""));
        assert!(!is_for("de", "", "en", ""), "whatever it looks like");
        assert!(is_for("de", "", "", ""), "as it looks");
        assert!(!is_for("en", "", "", ""));
    }

    #[tokio::test]
    async fn a_poll_tagged_by_topics_that_a_reload_took_away_is_tagged_by_the_new_ones() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("glasnik.db")).expect("a new store");
        store.sync_subscriptions(&[subscription()]).await.expect("synced");
        let topics = Topics::new(tagging("gas", &[]), &store).await.expect("in force");
        let poller = Poller::new(Fetcher::new(&fetch::Settings::default()).expect("a client"), store, topics);

        let document =
            b"<rss version=\"2.0\"><channel><title>T</title><item><title>Rain</title></item></channel></rss>";
        let answer = Response {
            status: 200,
            url: subscription().url,
            permanent_url: None,
            validators: Validators::default(),
            caching: Caching::default(),
            content_type: None,
            body: Bytes::from_static(document),
            wire_bytes: 0,
            took: Duration::ZERO,
            place: None,
        };
        let heard = poller.understand(&subscription(), &FeedState::default(), answer).await;
        let (_, poll) = conclude(&subscription(), FeedState::default(), heard, chrono::Utc::now());
        let poll = recognize(poll, &poller.store).await.expect("recognized");
        let poll = poller.topics.tag(poll).await.expect("tagged");
        poller.topics.change(tagging("rain", &[]), &poller.store).await.expect("in force");
        assert_eq!(poller.topics.keep(poll, &poller.store).await.expect("kept").new, 1);

        let everything = crate::feed::Output {
            collapse: crate::feed::Collapse::None,
            items: 10,
            also_in: crate::feed::Copies::None,
            ..crate::feed::Output::new("all", "")
        };
        let kept = poller.store.entries(&everything).await.expect("read");
        assert_eq!(kept[0].tags.iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>(), ["t"]);
    }
}

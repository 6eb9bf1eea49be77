//! One poll of one feed, from the request to the committed result. Does not know when polls are
//! due or what is published afterwards.

use crate::caching::{self, Caching};
use crate::feed::{Feed, FeedState, RulesHash, Subscription, Tag, origin};
use crate::fetch::{self, Fetcher, Response};
use crate::ingest;
use crate::schedule::{self, Kind, Outcome};
use crate::store::{self, Saved, SavedPoll, Store};
use crate::topics::{Item, Matcher};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::num::NonZero;
use std::sync::Arc;
use tokio::sync::{RwLock, Semaphore};
use tokio::time::Instant;
use url::Url;

/// What every poll needs. Cheap to clone.
#[derive(Clone)]
pub struct Poller {
    /// Asks.
    pub fetcher: Fetcher,
    /// Keeps.
    pub store: Store,
    /// Tags.
    pub topics: Topics,
    /// Documents that are read at once: more than there are cores would only take memory.
    readers: Arc<Semaphore>,
}

/// What a poll came to: a line of `glasnik poll --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The subscription's id.
    pub feed: String,
    /// The address that was asked, as in feeds.toml.
    pub url: String,
    /// In a word.
    pub status: Status,
    /// The final answer's status code.
    pub http: Option<u16>,
    /// Entries never seen before.
    pub new: usize,
    /// Entries that were edited.
    pub changed: usize,
    /// Entries in the document.
    pub entries: usize,
    /// Bytes that came over the wire.
    pub bytes: u64,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
    /// When the feed is asked again.
    pub next_poll_at: Option<DateTime<Utc>>,
}

/// A poll's outcome in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Answered with a document that differs from the last.
    Changed,
    /// Answered with 304 or with the bytes that we had.
    Unchanged,
    /// Answered, but from another address, for good.
    Moved,
    /// Answered 410.
    Gone,
    /// Not answered, or not with a feed.
    Failed,
    /// Not asked: its time has not come.
    Waiting,
}

impl Poller {
    /// A poller that reads as many documents at once as there are cores.
    pub fn new(fetcher: Fetcher, store: Store, topics: Topics) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { fetcher, store, topics, readers: Arc::new(Semaphore::new(cores)) }
    }

    /// Asks one feed and keeps what it says. A publisher's failure is part of the report; an error
    /// is ours.
    pub async fn poll(
        &self,
        subscription: &Subscription,
        state: FeedState,
        now: DateTime<Utc>,
    ) -> Result<Report, store::Error> {
        let request = fetch::Request {
            url: &subscription.url,
            validators: &state.validators,
            headers: &subscription.headers,
            allow_private: subscription.allow_private,
        };
        let start = Instant::now();
        let answer = self.fetcher.get(&request).await;
        // The host's turn may have been long in coming, and what the answer says counts from it.
        let now = now + start.elapsed();
        // Held until all is kept: a slow disk, too, is asked for no more than memory can hold.
        let _place = answer.as_ref().ok().map(|response| response.place.clone());
        let heard = match answer {
            Ok(response) => self.understand(subscription, &state, response).await,
            Err(error) => Heard::Failed { error: error.to_string(), answer: None },
        };
        let (mut report, poll) = conclude(subscription, state, heard, now);
        let saved = self.keep(poll).await?;
        report.new = saved.new;
        report.changed = saved.changed;
        Ok(report)
    }

    /// Keeps a poll; where the topics changed since it was tagged, it is tagged by the new ones first.
    async fn keep(&self, mut poll: SavedPoll) -> Result<Saved, store::Error> {
        loop {
            let outdated = match self.store.save_poll(poll).await {
                Err(store::Error::OtherTopics(outdated)) => *outdated,
                result => return result,
            };
            let matcher = self.topics.in_force().await;
            if matcher.hash() == outdated.tagged_by {
                return Err(store::Error::OtherTopics(Box::new(outdated)));
            }
            let work = tokio::task::spawn_blocking(move || outdated.tagged_anew(&matcher));
            poll = work.await.map_err(|_| store::Error::Stopped)?;
        }
    }

    /// The pure half, on a thread where it may take its time.
    async fn understand(&self, subscription: &Subscription, state: &FeedState, response: Response) -> Heard {
        let failed = |error: String| Heard::Failed { error, answer: Some(Answer::of(&response)) };
        match response.status {
            304 => Heard::Same(response),
            200 => {
                let body_hash = body_hash(&response.body);
                if state.body_hash.as_ref() == Some(&body_hash) {
                    return Heard::Same(response);
                }
                match self.read(subscription, &response).await {
                    Ok((feed, tags, tagged_by)) => {
                        Heard::New { response, body_hash, feed: Box::new(feed), tags, tagged_by }
                    }
                    Err(error) => failed(error),
                }
            }
            410 => failed("gone: the server says that this feed has ended (410)".to_owned()),
            status => failed(format!("the server answered {}", status_in_words(status))),
        }
    }

    async fn read(
        &self,
        subscription: &Subscription,
        response: &Response,
    ) -> Result<(Feed, Vec<Vec<Tag>>, RulesHash), String> {
        let _turn = self.readers.acquire().await.expect("the semaphore is never closed");
        let matcher = self.topics.in_force().await;
        let tagged_by = matcher.hash();
        let (subscription, body) = (subscription.clone(), response.body.clone());
        let (url, content_type) = (response.url.clone(), response.content_type.clone());
        let work = tokio::task::spawn_blocking(move || {
            let context = ingest::Context { url: Some(&url), content_type: content_type.as_deref() };
            read(&body, &context, &subscription, &matcher)
        });
        match work.await {
            Ok(Ok((feed, tags))) => Ok((feed, tags, tagged_by)),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the document stopped our parser, please report it".to_owned()),
        }
    }
}

/// A body, pushed or fetched, as entries with their tags.
pub fn read(
    body: &[u8],
    context: &ingest::Context<'_>,
    subscription: &Subscription,
    matcher: &Matcher,
) -> Result<(Feed, Vec<Vec<Tag>>), ingest::Error> {
    let mut feed = ingest::read(body, context)?;
    let of_feed = subscription.language.as_ref().or(feed.language.as_ref()).cloned();
    for entry in &mut feed.entries {
        let language = entry.language.take().or_else(|| of_feed.clone());
        let guess = || Item::of_entry(entry, &subscription.id).guess_language().map(str::to_owned);
        entry.language = language.or_else(guess);
    }
    let tags = tags(&feed, &subscription.id, matcher);
    Ok((feed, tags))
}

fn tags(feed: &Feed, subscription: &str, matcher: &Matcher) -> Vec<Vec<Tag>> {
    feed.entries.iter().map(|entry| matcher.tag(&Item::of_entry(entry, subscription))).collect()
}

impl SavedPoll {
    fn tagged_anew(mut self, matcher: &Matcher) -> Self {
        if let Some((feed, old_tags)) = &mut self.said {
            *old_tags = tags(feed, &self.feed, matcher);
        }
        Self { tagged_by: matcher.hash(), ..self }
    }
}

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
}

/// What came of asking.
enum Heard {
    /// 304, or the bytes that we had.
    Same(Response),
    New {
        response: Response,
        body_hash: Vec<u8>,
        feed: Box<Feed>,
        tags: Vec<Vec<Tag>>,
        tagged_by: RulesHash,
    },
    Failed {
        error: String,
        answer: Option<Answer>,
    },
}

/// What a poll learned from the server, whatever came of it.
#[derive(Clone)]
struct Answer {
    status: u16,
    caching: Caching,
    wire_bytes: u64,
}

impl Answer {
    fn of(response: &Response) -> Self {
        Self { status: response.status, caching: response.caching.clone(), wire_bytes: response.wire_bytes }
    }
}

/// What the poll means for the feed's state, and what is said of it. Pure.
fn conclude(subscription: &Subscription, old: FeedState, heard: Heard, now: DateTime<Utc>) -> (Report, SavedPoll) {
    let answer = match &heard {
        Heard::Same(response) | Heard::New { response, .. } => Some(Answer::of(response)),
        Heard::Failed { answer, .. } => answer.clone(),
    };
    let mut report = Report::about(subscription, answer.as_ref());
    let caching = answer.map(|answer| answer.caching).unwrap_or_default();
    let mut state = FeedState { last_poll_at: Some(now), retry_at: retry_at(&caching, now), ..old };
    let (mut said, mut rules) = (None, RulesHash::default());
    let kind = match heard {
        Heard::Same(response) => {
            state.succeed(subscription, &response, now);
            report.status = if state.moved_to.is_some() { Status::Moved } else { Status::Unchanged };
            Kind::Answered
        }
        Heard::New { response, body_hash, feed, tags, tagged_by } => {
            state.succeed(subscription, &response, now);
            state.learn(&feed, body_hash);
            report.status = if state.moved_to.is_some() { Status::Moved } else { Status::Changed };
            report.entries = feed.entries.len();
            (said, rules) = (Some((*feed, tags)), tagged_by);
            Kind::Answered
        }
        Heard::Failed { error, .. } => {
            let kind = kind_of_failure(report.http);
            state.failures = state.failures.saturating_add(1);
            state.is_gone = matches!(kind, Kind::Gone);
            report.status = if state.is_gone { Status::Gone } else { Status::Failed };
            report.error = Some(error.clone());
            state.last_error = Some(error);
            kind
        }
    };
    let newest_entry_at = match &said {
        Some((feed, _)) => feed.entries.iter().filter_map(|entry| entry.published.or(entry.updated)).max(),
        // The document is that of the last poll, and nothing in it is newer than itself.
        None => state.validators.last_modified.as_deref().and_then(caching::moment),
    };
    let outcome = Outcome { kind, caching, ttl_s: state.ttl_s, newest_entry_at };
    let next = schedule::next_poll(subscription.every, state.failures, &outcome, subscription.url.as_str(), now);
    state.next_poll_at = Some(next.at);
    state.waits_for = Some(next.reason);
    report.next_poll_at = (!state.is_gone).then_some(next.at);
    let (feed, url) = (subscription.id.clone(), subscription.url.clone());
    (report, SavedPoll { feed, url, state, said, tagged_by: rules, at: now })
}

fn kind_of_failure(http: Option<u16>) -> Kind {
    match http {
        None => Kind::Unreachable,
        Some(200 | 304) => Kind::Unreadable,
        Some(410) => Kind::Gone,
        Some(status) => Kind::HttpError(status),
    }
}

impl FeedState {
    /// A 304 may carry one validator and keep the other (RFC 9111 §4.3.4); a 200 says both.
    fn succeed(&mut self, subscription: &Subscription, response: &Response, now: DateTime<Utc>) {
        let said = response.validators.clone();
        if response.status == 304 {
            self.validators.etag = said.etag.or(self.validators.etag.take());
            self.validators.last_modified = said.last_modified.or(self.validators.last_modified.take());
        } else {
            self.validators = said;
        }
        // Where a secret address leads may repeat the secret.
        let shown = |url: &Url| if subscription.has_secret_url { origin(url) } else { url.as_str() }.to_owned();
        self.moved_to = response.permanent_url.as_ref().map(shown);
        self.last_success_at = Some(now);
        self.failures = 0;
        self.last_error = None;
        self.is_gone = false;
    }

    fn learn(&mut self, feed: &Feed, body_hash: Vec<u8>) {
        let repairs: Vec<String> =
            feed.repairs.iter().map(|repair| format!("{} ({})", repair.what, repair.count)).collect();
        self.repairs = (!repairs.is_empty()).then(|| repairs.join(", "));
        self.body_hash = Some(body_hash);
        self.ttl_s = feed.ttl_s;
    }
}

impl Report {
    /// A feed that was not asked.
    pub fn waiting(subscription: &Subscription, state: &FeedState) -> Self {
        let mut report = Self::about(subscription, None);
        report.status = if state.is_gone { Status::Gone } else { Status::Waiting };
        report.error.clone_from(&state.last_error);
        report.next_poll_at = state.next_poll_at.filter(|_| !state.is_gone);
        report
    }

    fn about(subscription: &Subscription, answer: Option<&Answer>) -> Self {
        Self {
            feed: subscription.id.clone(),
            url: subscription.shown_url().to_owned(),
            status: Status::Failed,
            http: answer.map(|answer| answer.status),
            new: 0,
            changed: 0,
            entries: 0,
            bytes: answer.map_or(0, |answer| answer.wire_bytes),
            error: None,
            next_poll_at: None,
        }
    }
}

fn retry_at(caching: &Caching, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(caching.retry_after_s?).ok()?;
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

/// The version is part of it: what a later parser would read differently is read again.
fn body_hash(body: &[u8]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(env!("CARGO_PKG_VERSION"));
    hasher.update([0]);
    hasher.update(body);
    hasher.finalize().to_vec()
}

fn status_in_words(status: u16) -> String {
    match status {
        401 => "401: it wants a password".to_owned(),
        403 => "403: it refuses us".to_owned(),
        404 => "404: there is nothing at this address".to_owned(),
        429 => "429: we asked too often".to_owned(),
        500..=599 => format!("{status}: it is in trouble"),
        _ => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Validators;
    use bytes::Bytes;
    use url::Url;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a date")
    }

    fn subscription() -> Subscription {
        Subscription::new("a", url())
    }

    fn url() -> Url {
        "https://a.example/feed".parse().expect("an address")
    }

    fn validators(etag: &str, last_modified: &str) -> Validators {
        let bytes = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
        Validators { etag: bytes(etag), last_modified: bytes(last_modified) }
    }

    fn known(etag: &str, last_modified: &str) -> FeedState {
        FeedState { validators: validators(etag, last_modified), ..FeedState::default() }
    }

    fn response(status: u16, validators: Validators) -> Response {
        Response {
            status,
            url: url(),
            permanent_url: None,
            validators,
            caching: Caching::default(),
            content_type: None,
            body: Bytes::new(),
            wire_bytes: 0,
            place: None,
        }
    }

    fn state_after(old: FeedState, heard: Heard) -> FeedState {
        conclude(&subscription(), old, heard, now()).1.state
    }

    #[test]
    fn a_304_changes_the_validators_that_it_carries_and_a_200_both() {
        let old = || known("\"1\"", "Sun, 01 Mar 2026 10:00:00 GMT");
        let state = state_after(old(), Heard::Same(response(304, validators("\"2\"", ""))));
        assert_eq!(state.validators, validators("\"2\"", "Sun, 01 Mar 2026 10:00:00 GMT"));
        let state = state_after(old(), Heard::Same(response(200, validators("\"2\"", ""))));
        assert_eq!(state.validators, validators("\"2\"", ""));
    }

    #[test]
    fn a_broken_body_keeps_the_validators_of_the_last_whole_one() {
        let broken = response(200, validators("\"2\"", ""));
        let heard = Heard::Failed { error: "parse: broken".to_owned(), answer: Some(Answer::of(&broken)) };
        let state = state_after(known("\"1\"", ""), heard);
        assert_eq!((state.validators, state.failures), (validators("\"1\"", ""), 1));
        assert_eq!(state.waits_for.as_deref(), Some("failed once, next try in 1h"));
    }

    #[test]
    fn a_quiet_feed_stays_quiet_through_304s() {
        let old = known("", "Mon, 23 Feb 2026 12:00:00 GMT");
        let state = state_after(old, Heard::Same(response(304, Validators::default())));
        assert_eq!(state.waits_for.as_deref(), Some("quiet feed, asked every 6h"));
    }

    #[test]
    fn retry_after_holds_until_its_moment_and_no_longer() {
        let mut busy = response(503, Validators::default());
        busy.caching.retry_after_s = Some(7200);
        let heard = Heard::Failed { error: "busy".to_owned(), answer: Some(Answer::of(&busy)) };
        let state = state_after(FeedState::default(), heard);
        assert_eq!(state.retry_at, Some(now() + TimeDelta::hours(2)));
        assert!(state.next_poll_at >= state.retry_at);
        let state = state_after(state, Heard::Same(response(304, Validators::default())));
        assert_eq!((state.retry_at, state.failures, state.last_error), (None, 0, None));
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
        let (_, tags) =
            read(document.as_bytes(), &context, &subscription, &tagging("NATO", &[language])).expect("a feed");
        !tags[0].is_empty()
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
        let answer = Response { body: Bytes::from_static(document), ..response(200, Validators::default()) };
        let heard = poller.understand(&subscription(), &FeedState::default(), answer).await;
        poller.topics.change(tagging("rain", &[]), &poller.store).await.expect("in force");
        let (_, poll) = conclude(&subscription(), FeedState::default(), heard, now());
        assert_eq!(poller.keep(poll).await.expect("kept").new, 1);

        let everything = crate::feed::Output {
            id: "all".to_owned(),
            title: String::new(),
            topics: Vec::new(),
            feeds: None,
            languages: Vec::new(),
            collapse: crate::feed::Collapse::None,
            items: 10,
            content: crate::feed::ContentMode::Full,
        };
        let kept = poller.store.entries(&everything).await.expect("read");
        assert_eq!(kept[0].tags.iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>(), ["t"]);
    }
}

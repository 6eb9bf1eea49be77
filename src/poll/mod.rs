//! One poll of one feed, from the request to the committed result. Does not know when polls are
//! due or what is published afterwards.

mod conclude;
mod moving;
mod own;
mod recognize;
#[cfg(test)]
mod rows;
mod sketching;
mod topics;

pub use conclude::{Heard, Report, Status, conclude, offline, put_off};
pub use recognize::recognize;
pub use sketching::sketch_all;
pub use topics::Topics;

use crate::feed::{Feed, FeedState, Subscription};
use crate::fetch::{self, Fetcher, Problem, Response};
use crate::ingest::{self, Known};
use crate::schedule::{Change, Network};
use crate::store::{self, PastPoll, Place, Saved, SavedPoll, Store};
use crate::topics::Item;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::{info, warn};
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
    /// What the addresses of our own outputs begin with.
    published_at: Option<Arc<str>>,
    /// Whether our own network works: what all polls of this process think of it.
    network: Arc<Mutex<Network>>,
    /// Documents that are read at once: more than there are cores would only take memory.
    readers: Arc<Semaphore>,
}

/// Each time others were quicker; where they always are, the feed is asked again at its next turn, as
/// after any poll that could not be kept.
const DECIDED_MAX: usize = 20;

impl Poller {
    /// A poller that reads as many documents at once as there are cores.
    pub fn new(fetcher: Fetcher, store: Store, topics: Topics) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let (network, readers) = (Arc::default(), Arc::new(Semaphore::new(cores)));
        Self { fetcher, store, topics, published_at: None, network, readers }
    }

    /// What is known of our own network. To be let go of at once.
    pub fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, with other settings for what it asks.
    pub fn asking_with(self, fetcher: Fetcher) -> Self {
        Self { fetcher, ..self }
    }

    /// Asks one feed and keeps what it says. A publisher's failure is part of the report; an error
    /// is ours.
    pub async fn poll(
        &self,
        subscription: &Subscription,
        state: FeedState,
        now: DateTime<Utc>,
    ) -> Result<Report, store::Error> {
        let request = request(subscription, &state);
        let start = Instant::now();
        let answer = self.fetcher.get(&request).await;
        // The host's turn may have been long in coming, and what the answer says counts from it.
        let now = now + start.elapsed();
        let took = match &answer {
            Ok(response) => response.took,
            Err(fetch::Error::Asking { answer: Some(answer), .. }) => answer.took,
            Err(_) => start.elapsed(),
        };
        let is_offline = self.judge_network(request.url, &state, answer.as_ref().err(), now);
        let is_told = matches!(&answer, Err(fetch::Error::Asking { problem: Problem::Wait { .. }, answer: None, .. }));
        let was_asked = !is_offline && !is_told;
        let document = answer.as_ref().ok().and_then(Document::of);
        // Held until all is kept: a slow disk, too, is asked for no more than memory can hold.
        let _place = answer.as_ref().ok().map(|response| response.place.clone());
        let (mut report, mut poll) = match answer {
            Err(_) if is_offline => offline(subscription, state, now),
            Ok(response) => {
                let heard = Box::pin(self.understand(subscription, &state, response)).await;
                conclude(subscription, state, heard, now)
            }
            Err(fetch::Error::Asking { problem: Problem::Wait { until }, answer, .. }) => {
                put_off(subscription, state, until, answer.as_ref(), now)
            }
            Err(error) => {
                let heard = Heard::Failed { error: error.to_string(), answer: error.into_answer() };
                conclude(subscription, state, heard, now)
            }
        };
        poll.past = was_asked.then(|| past(&report, now, took));
        let saved = match poll.said {
            None => Box::pin(self.store.save_poll(poll)).await?,
            // Kept apart: a task that asks is small, and most that are asked say nothing new.
            Some((ref said, _)) => {
                let is_whole = said.readings.iter().all(|reading| !reading.is_passed_over);
                Box::pin(self.keep(poll, subscription, document.filter(|_| !is_whole))).await?
            }
        };
        report.new = saved.new;
        report.changed = saved.changed;
        Ok(report)
    }

    /// Keeps a poll that brought something. Where others kept what its items may be since that was
    /// decided, or the topics changed, that half of it is done again; but not for ever. Where an entry
    /// that was passed over is not the one that we have, all of `document` is read.
    async fn keep(
        &self,
        mut poll: SavedPoll,
        subscription: &Subscription,
        document: Option<Document>,
    ) -> Result<Saved, store::Error> {
        let mut tries = 1;
        loop {
            poll = self.decide(poll).await?;
            if let Some(document) = document.as_ref().filter(|_| poll.places.items.contains(&Place::Unread)) {
                let whole = self.read(subscription, document, Known::default()).await;
                let whole = whole.map_err(|error| store::Error::Failed(format!("read again: {error}")))?;
                poll.said = Some((whole, Vec::new()));
                poll = self.decide(poll).await?;
            }
            poll = match self.topics.keep(poll, &self.store).await {
                Err(store::Error::Undecided(poll)) if tries < DECIDED_MAX => *poll,
                result => return result,
            };
            tries += 1;
        }
    }

    /// Which items are known, and the topics of the others.
    async fn decide(&self, poll: SavedPoll) -> Result<SavedPoll, store::Error> {
        let _turn = self.readers.acquire().await.expect("the semaphore is never closed");
        let poll = recognize(poll, &self.store).await?;
        self.topics.tag(poll).await
    }

    /// Takes note of whether a host could be reached; answers whether our own network is to blame
    /// that it could not.
    fn judge_network(&self, url: &Url, state: &FeedState, error: Option<&fetch::Error>, now: DateTime<Utc>) -> bool {
        let host = url.host_str().unwrap_or_default();
        let mut network = self.network();
        let change = match error {
            Some(error) if error.is_connection_level() => {
                network.missed(host, state.failures == 0 && state.last_success_at.is_some(), now)
            }
            // A host that refuses the connection is there as well.
            None
            | Some(
                fetch::Error::Asking { answer: Some(_), .. }
                | fetch::Error::Asking { problem: Problem::NoConnection(_), .. },
            ) => network.reached(host, now),
            // Nothing was tried, or nobody can tell how far it came.
            Some(_) => None,
        };
        match change {
            Some(Change::Lost) => warn!("our own network seems to be down: no feed is blamed, and few are asked"),
            Some(Change::Found) => info!("our own network is back"),
            None => {}
        }
        network.lost_at().is_some()
    }

    /// Tells the fetcher which servers have asked to wait, so that no other of their feeds goes there
    /// before: it forgets with the process, the store does not.
    pub fn keep_waiting(&self, subscription: &Subscription, state: &FeedState) {
        // Retry-After beside a good answer speaks for that feed alone.
        if let Some(until) = state.retry_at.filter(|_| state.failures > 0) {
            self.fetcher.keep_away(&request(subscription, state), until);
        }
    }

    /// The pure half, on a thread where it may take its time.
    async fn understand(&self, subscription: &Subscription, state: &FeedState, response: Response) -> Heard {
        let failed = |error: String| Heard::Failed { error, answer: Some(response.answer()) };
        match response.status {
            304 => Heard::Same(response),
            200 => {
                let body_hash = body_hash(&response.body);
                if state.body_hash.as_ref() == Some(&body_hash) {
                    return Heard::Same(response);
                }
                // Without it all is read.
                let known = self.store.known_readings(&subscription.id).await.unwrap_or_default();
                let document = Document::of(&response).expect("the status is 200");
                match self.read(subscription, &document, known).await {
                    Ok(feed) => Heard::New { response, body_hash, feed: Box::new(feed) },
                    Err(error) => failed(error),
                }
            }
            410 => failed("gone: the server says that this feed has ended (410)".to_owned()),
            status => failed(format!("the server answered {}", status_in_words(status))),
        }
    }

    async fn read(&self, subscription: &Subscription, document: &Document, known: Known) -> Result<Feed, String> {
        let _turn = self.readers.acquire().await.expect("the semaphore is never closed");
        let (subscription, Document { body, url, content_type }) = (subscription.clone(), document.clone());
        let work = tokio::task::spawn_blocking(move || {
            let context = ingest::Context { url: Some(&url), content_type: content_type.as_deref() };
            read(&body, &context, &known, &subscription)
        });
        let mut feed = match work.await {
            Ok(read) => read.map_err(|error| error.to_string())?,
            Err(_) => return Err("the document stopped our parser, please report it".to_owned()),
        };
        self.leave_out_our_own(&mut feed).await;
        Ok(feed)
    }
}

/// What an answer is read from.
#[derive(Clone)]
struct Document {
    body: Bytes,
    url: Url,
    content_type: Option<String>,
}

impl Document {
    /// Nothing where the answer has no document.
    fn of(response: &Response) -> Option<Self> {
        let Response { status, body, url, content_type, .. } = response;
        (*status == 200).then(|| Self { body: body.clone(), url: url.clone(), content_type: content_type.clone() })
    }
}

/// The poll as `status FEED` shows it later.
fn past(report: &Report, at: DateTime<Utc>, took: Duration) -> PastPoll {
    PastPoll {
        at,
        status: report.status.name().to_owned(),
        http: report.http,
        // The store knows better.
        new: 0,
        changed: 0,
        bytes: report.bytes,
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        error: report.error.clone(),
    }
}

/// The request for the address that is asked by now. What the operator wrote for one server is not
/// for another that it moved to.
fn request<'a>(subscription: &'a Subscription, state: &'a FeedState) -> fetch::Request<'a> {
    let url = state.asked_url(subscription);
    fetch::Request {
        url,
        validators: &state.validators,
        headers: if url.origin() == subscription.url.origin() { &subscription.headers } else { &[] },
        allow_private: subscription.allow_private,
    }
}

/// A body as entries, each with its language where somebody says it or one can tell.
fn read(
    body: &[u8],
    context: &ingest::Context<'_>,
    known: &Known,
    subscription: &Subscription,
) -> Result<Feed, ingest::Error> {
    let mut feed = ingest::read_again(body, context, known)?;
    let of_feed = subscription.language.as_ref().or(feed.language.as_ref()).cloned();
    for (entry, reading) in feed.entries.iter_mut().zip(&feed.readings) {
        if reading.is_passed_over {
            // Its language is known with it.
            continue;
        }
        let language = entry.language.take().or_else(|| of_feed.clone());
        let guess = || Item::of_entry(entry, &subscription.id).guess_language().map(str::to_owned);
        entry.language = language.or_else(guess);
    }
    Ok(feed)
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

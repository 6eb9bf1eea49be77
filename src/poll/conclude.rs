//! What a poll means for its feed: the state to keep, the next moment, and what is said of it.
//! Pure: asks nobody and keeps nothing.

use crate::caching::{self, Caching};
use crate::feed::{Feed, FeedState, RulesHash, Subscription, Validators};
use crate::fetch::{Answer, Response};
use crate::schedule::{self, Kind, Outcome};
use crate::store::{Places, SavedPoll};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::time::Duration;

/// A server may say 410 by mistake; who says it again a day later means it. A little less than the
/// day that lies between, because clocks are set.
const GONE_AGAIN_AFTER: TimeDelta = TimeDelta::hours(23);

/// Where our own network is down a feed's turn comes again after this and up to as much more.
const OFFLINE_PAUSE_MIN: TimeDelta = TimeDelta::minutes(5);
const OFFLINE_PAUSE: Duration = Duration::from_secs(5 * 60);

/// However seldom a feed is asked: within an hour of a server's moment its feeds are back.
const SPREAD_MAX: Duration = Duration::from_secs(3600);

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

/// What came of asking.
#[derive(Debug)]
pub enum Heard {
    /// 304, or the bytes that we had.
    Same(Response),
    /// Another document than the last.
    New {
        /// What came.
        response: Response,
        /// Of its body.
        body_hash: Vec<u8>,
        /// What the body says.
        feed: Box<Feed>,
    },
    /// No feed.
    Failed {
        /// Why, in a sentence.
        error: String,
        /// What the server said, where it said something.
        answer: Option<Answer>,
    },
}

/// What the poll means for the feed's state, and what is said of it; nothing of it is recognized or
/// tagged. `now` is when the answer came.
pub fn conclude(subscription: &Subscription, old: FeedState, heard: Heard, now: DateTime<Utc>) -> (Report, SavedPoll) {
    let answer = match &heard {
        Heard::Same(response) | Heard::New { response, .. } => Some(response.answer()),
        Heard::Failed { answer, .. } => answer.clone(),
    };
    let mut report = Report::about(subscription, answer.as_ref());
    let caching = answer.map(|answer| answer.caching).unwrap_or_default();
    let is_first = old.last_poll_at.is_none();
    let mut state = FeedState { last_poll_at: Some(now), retry_at: retry_at(&caching, now), ..old };
    let mut said = None;
    let kind = match heard {
        Heard::Same(response) => {
            state.succeed(subscription, &response, &caching, now);
            report.status = if state.moved_to.is_some() { Status::Moved } else { Status::Unchanged };
            Kind::Answered
        }
        Heard::New { response, body_hash, feed } => {
            state.succeed(subscription, &response, &caching, now);
            state.learn(&feed, body_hash, now);
            report.status = if state.moved_to.is_some() { Status::Moved } else { Status::Changed };
            report.entries = feed.entries.len();
            said = Some((*feed, Vec::new()));
            Kind::Answered
        }
        Heard::Failed { error, .. } => {
            let kind = kind_of_failure(report.http);
            state.fail(error.clone(), kind, now);
            report.status = if state.gone_at.is_some() { Status::Gone } else { Status::Failed };
            report.error = Some(error);
            // The address that we chose ourselves has ended; the operator's is asked next.
            if kind == Kind::Gone && state.gone_at.is_none() { Kind::HttpError(410) } else { kind }
        }
    };
    let outcome = Outcome { kind, caching, is_first, ..Outcome::remembered(&state) };
    let next = schedule::next_poll(subscription.every, state.failures, &outcome, subscription.url.as_str(), now);
    if kind == Kind::Gone {
        // The second look is for a day later, not for when somebody is curious.
        state.retry_at = Some(next.at);
    }
    state.next_poll_at = Some(next.at);
    state.waits_for = Some(next.reason);
    report.next_poll_at = (!state.is_gone).then_some(next.at);
    (report, SavedPoll { said, ..saved(subscription, state, now) })
}

/// A poll that brought nothing but a state.
fn saved(subscription: &Subscription, state: FeedState, at: DateTime<Utc>) -> SavedPoll {
    let (feed, url, tagged_by) = (subscription.id.clone(), subscription.url.clone(), RulesHash::default());
    SavedPoll { feed, url, state, said: None, places: Places::default(), tagged_by, past: None, at }
}

/// What a poll means that failed because our own network is down: nothing was learned, and nobody is
/// to blame. The feed's turn comes again soon, after the others.
pub fn offline(subscription: &Subscription, old: FeedState, now: DateTime<Utc>) -> (Report, SavedPoll) {
    let url = subscription.url.as_str();
    let soon = schedule::first_poll(url, OFFLINE_PAUSE, now.checked_add_signed(OFFLINE_PAUSE_MIN).unwrap_or(now));
    let next = schedule::free_from(old.skips, soon.max(old.retry_at.unwrap_or(soon)), url);
    let waits_for = Some("our own network seems to be down".to_owned());
    let state = FeedState { next_poll_at: Some(next), waits_for, ..old };
    let report = Report { status: Status::Waiting, ..Report::waiting(subscription, &state) };
    (report, saved(subscription, state, now))
}

/// What it means that the server asked to wait: nothing is known that was not known before, but when
/// to come again, and not with all feeds of the server at once. `answer` is its word where it was said
/// to this feed; where another feed was told, this one was not even asked. Pure.
pub fn put_off(
    subscription: &Subscription,
    old: FeedState,
    until: DateTime<Utc>,
    answer: Option<&Answer>,
    now: DateTime<Utc>,
) -> (Report, SavedPoll) {
    let window = (subscription.every / 10).min(SPREAD_MAX);
    let state = FeedState {
        next_poll_at: Some(schedule::first_poll(subscription.url.as_str(), window, until)),
        waits_for: Some("the server asked to wait".to_owned()),
        last_poll_at: if answer.is_some() { Some(now) } else { old.last_poll_at },
        retry_at: if answer.is_some() { Some(until) } else { old.retry_at },
        ..old
    };
    let mut report = Report::about(subscription, answer);
    report.status = Status::Waiting;
    report.next_poll_at = state.next_poll_at;
    (report, saved(subscription, state, now))
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
    fn succeed(&mut self, subscription: &Subscription, response: &Response, caching: &Caching, now: DateTime<Utc>) {
        let said = response.validators.clone();
        if response.status == 304 {
            self.validators.etag = said.etag.or(self.validators.etag.take());
            self.validators.last_modified = said.last_modified.or(self.validators.last_modified.take());
        } else {
            self.validators = said;
        }
        self.fresh_s = caching.fresh_s;
        let document = || self.validators.last_modified.as_deref().and_then(caching::moment).filter(|at| *at <= now);
        self.newest_entry_at = self.newest_entry_at.or_else(document);
        self.follow(subscription, response.permanent_url.as_ref(), now);
        self.last_success_at = Some(now);
        self.failures = 0;
        self.last_error = None;
        self.gone_at = None;
        self.is_gone = false;
    }

    fn learn(&mut self, feed: &Feed, body_hash: Vec<u8>, now: DateTime<Utc>) {
        let repairs: Vec<String> =
            feed.repairs.iter().map(|repair| format!("{} ({})", repair.what, repair.count)).collect();
        self.repairs = (!repairs.is_empty()).then(|| repairs.join(", "));
        self.body_hash = Some(body_hash);
        self.ttl_s = feed.ttl_s;
        self.skips = feed.skips;
        self.newest_entry_at = Some(newest_entry_at(feed, &self.validators, now));
    }

    fn fail(&mut self, error: String, kind: Kind, now: DateTime<Utc>) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some(error);
        if kind != Kind::Unreachable {
            // A redirect to what is no feed, or to a server in trouble, is not followed for good.
            self.moving = None;
        }
        self.leave_adopted(kind, now);
        if kind == Kind::Gone && self.adopted.is_none() {
            let first = *self.gone_at.get_or_insert(now);
            self.is_gone = now - first >= GONE_AGAIN_AFTER;
        }
    }
}

impl Status {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Moved => "moved",
            Self::Gone => "gone",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
        }
    }
}

impl Report {
    /// A feed that was not asked.
    pub fn waiting(subscription: &Subscription, state: &FeedState) -> Self {
        let mut report = Self::about(subscription, None);
        report.status = if state.gone_at.is_some() { Status::Gone } else { Status::Waiting };
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

/// The newest date of the entries. A date to come says nothing, and where none has a date the
/// document is as new as its Last-Modified, else as our reading of it.
fn newest_entry_at(feed: &Feed, validators: &Validators, now: DateTime<Utc>) -> DateTime<Utc> {
    let dates = feed.entries.iter().filter_map(|entry| entry.published.or(entry.updated));
    let document = || validators.last_modified.as_deref().and_then(caching::moment);
    dates.filter(|at| *at <= now).max().or_else(document).filter(|at| *at <= now).unwrap_or(now)
}

fn retry_at(caching: &Caching, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = i64::try_from(caching.retry_after_s?).ok()?;
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

#[cfg(test)]
mod tests {
    use super::*;
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
        Validators { etag: bytes(etag), last_modified: bytes(last_modified), url: None }
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
            took: Duration::ZERO,
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
        let heard = Heard::Failed { error: "parse: broken".to_owned(), answer: Some(broken.answer()) };
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
        let heard = Heard::Failed { error: "busy".to_owned(), answer: Some(busy.answer()) };
        let state = state_after(FeedState::default(), heard);
        assert_eq!(state.retry_at, Some(now() + TimeDelta::hours(2)));
        assert!(state.next_poll_at >= state.retry_at);
        let state = state_after(state, Heard::Same(response(304, Validators::default())));
        assert_eq!((state.retry_at, state.failures, state.last_error), (None, 0, None));
    }
}

//! Many feeds over many days in virtual time: the real schedule and the real conclusions, made-up
//! publishers. Three in ten are broken for good, each in one of six ways; the others publish from
//! five times a day to hardly ever.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::caching::Caching;
use glasnik::feed::{Entry, EntryKey, Feed, FeedState, Subscription, Validators};
use glasnik::fetch::{Answer, Response};
use glasnik::poll::{Heard, conclude};
use glasnik::schedule;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Requests that the fetcher has under way at once, and how many of them the line gives to feeds that
/// failed the last time.
const PLACES: usize = 128;
const PLACES_OF_FAILING: usize = 64;

/// Between the starts of two requests to one host.
const SPACING: TimeDelta = TimeDelta::seconds(1);

/// Feeds that share a host.
const FEEDS_A_HOST: usize = 5;

/// What came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// Requests to healthy feeds and to broken ones, by day.
    pub healthy_requests: Vec<u64>,
    /// As above.
    pub broken_requests: Vec<u64>,
    /// Requests by minute.
    pub minutes: Vec<u32>,
    /// How long after their moment healthy feeds were asked, in seconds, sorted.
    pub lateness_s: Vec<i64>,
    /// The shortest time between two requests to one feed.
    pub shortest_gap: Option<TimeDelta>,
    /// How many healthy and broken feeds there were.
    pub feeds: (usize, usize),
}

impl Figures {
    /// The busiest minute from `from_day` on against the mean of all minutes from there on.
    pub fn busiest_to_mean(&self, from_day: usize) -> f64 {
        let minutes = &self.minutes[from_day * 24 * 60..];
        let all: u64 = minutes.iter().map(|count| u64::from(*count)).sum();
        let most = minutes.iter().max().copied().unwrap_or_default();
        f64::from(most) * minutes.len() as f64 / all as f64
    }

    /// The lateness in seconds that so many in a thousand polls of healthy feeds do not exceed.
    pub fn lateness(&self, per_mille: usize) -> i64 {
        let index = (self.lateness_s.len() * per_mille / 1000).min(self.lateness_s.len().saturating_sub(1));
        self.lateness_s.get(index).copied().unwrap_or_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Publisher {
    /// Publishes at this interval.
    Well {
        every: TimeDelta,
    },
    Hangs,
    Resets,
    InTrouble,
    SendsNoFeed,
    HasNoName,
    HasNoCertificate,
}

/// Runs so many feeds for so many days, all of them added in the same second.
pub fn run(feeds: usize, days: usize) -> Figures {
    let start: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().expect("a date");
    let end = start + TimeDelta::days(i64::try_from(days).expect("few"));
    let mut figures = Figures {
        healthy_requests: vec![0; days],
        broken_requests: vec![0; days],
        minutes: vec![0; days * 24 * 60],
        ..Figures::default()
    };
    let window = schedule::catch_up_window(feeds, false);
    let mut desk: Vec<(Subscription, FeedState, Publisher)> = (0..feeds)
        .map(|number| {
            let url = format!("https://{}.example/{number}", number / FEEDS_A_HOST);
            let subscription = Subscription::new(format!("feed-{number}"), url.parse().expect("an address"));
            let first = schedule::first_poll(subscription.url.as_str(), window, start);
            (subscription, FeedState { next_poll_at: Some(first), ..FeedState::default() }, publisher(number))
        })
        .collect();
    figures.feeds.0 = desk.iter().filter(|(.., publisher)| matches!(publisher, Publisher::Well { .. })).count();
    figures.feeds.1 = feeds - figures.feeds.0;

    let mut due: BinaryHeap<Reverse<(DateTime<Utc>, usize)>> = desk
        .iter()
        .enumerate()
        .filter_map(|(number, (_, state, _))| Some(Reverse((state.next_poll_at?, number))))
        .collect();
    let mut hosts_free = vec![start; feeds.div_ceil(FEEDS_A_HOST)];
    let places = |count| (0..count).map(|_| Reverse(start)).collect::<BinaryHeap<_>>();
    let (mut of_well, mut of_failing) = (places(PLACES - PLACES_OF_FAILING), places(PLACES_OF_FAILING));
    while let Some(Reverse((moment, number))) = due.pop().filter(|Reverse((at, _))| *at < end) {
        let (subscription, state, publisher) = &mut desk[number];
        let places = if state.failures > 0 { &mut of_failing } else { &mut of_well };
        let Reverse(free) = places.pop().expect("as many are put back as are taken");
        let host_free = &mut hosts_free[number / FEEDS_A_HOST];
        let at = moment.max(free).max(*host_free);
        let (heard, took) = ask(*publisher, subscription, state, at, start);
        *host_free = at + SPACING.max(took);
        places.push(Reverse(at + took));
        figures.count(*publisher, state, moment, at, start);
        *state = conclude(subscription, std::mem::take(state), heard, at).1.state;
        if let Some(next) = state.next_poll_at.filter(|_| !state.is_gone) {
            due.push(Reverse((next, number)));
        }
    }
    figures.lateness_s.sort_unstable();
    figures
}

impl Figures {
    fn count(
        &mut self,
        publisher: Publisher,
        state: &FeedState,
        moment: DateTime<Utc>,
        at: DateTime<Utc>,
        start: DateTime<Utc>,
    ) {
        let minute = usize::try_from((at - start).num_minutes()).unwrap_or_default();
        let day = minute / (24 * 60);
        if day >= self.healthy_requests.len() {
            return;
        }
        self.minutes[minute] += 1;
        if matches!(publisher, Publisher::Well { .. }) {
            self.healthy_requests[day] += 1;
            self.lateness_s.push((at - moment).num_seconds());
        } else {
            self.broken_requests[day] += 1;
        }
        if let Some(last) = state.last_poll_at {
            let gap = at - last;
            self.shortest_gap = Some(self.shortest_gap.map_or(gap, |shortest| shortest.min(gap)));
        }
    }
}

fn publisher(number: usize) -> Publisher {
    // Mixed, so that neighbours on one host differ.
    match number * 7919 % 100 {
        0..5 => Publisher::Hangs,
        5..10 => Publisher::Resets,
        10..15 => Publisher::InTrouble,
        15..20 => Publisher::SendsNoFeed,
        20..25 => Publisher::HasNoName,
        25..30 => Publisher::HasNoCertificate,
        30..50 => Publisher::Well { every: TimeDelta::hours(5) },
        50..75 => Publisher::Well { every: TimeDelta::hours(26) },
        75..90 => Publisher::Well { every: TimeDelta::days(8) },
        _ => Publisher::Well { every: TimeDelta::days(200) },
    }
}

/// What a publisher answers, and how long that takes.
fn ask(
    publisher: Publisher,
    subscription: &Subscription,
    state: &FeedState,
    at: DateTime<Utc>,
    start: DateTime<Utc>,
) -> (Heard, TimeDelta) {
    let quick = TimeDelta::milliseconds(300);
    let failed = |status: Option<u16>, took| {
        let caching = Caching::default();
        let answer = status.map(|status| Answer { status, caching, wire_bytes: 0, took: Duration::ZERO });
        (Heard::Failed { error: "it failed".to_owned(), answer }, took)
    };
    match publisher {
        Publisher::Hangs => failed(None, TimeDelta::seconds(30)),
        Publisher::Resets | Publisher::HasNoName | Publisher::HasNoCertificate => failed(None, quick),
        Publisher::InTrouble => failed(Some(500), quick),
        Publisher::SendsNoFeed => failed(Some(200), quick),
        Publisher::Well { every } => {
            let since = start - TimeDelta::days(100);
            let published =
                since + every * i32::try_from((at - since).num_seconds() / every.num_seconds()).expect("few");
            let is_known = state.newest_entry_at.is_some_and(|newest| newest >= published);
            let response = response(subscription, if is_known { 304 } else { 200 });
            match is_known {
                true => (Heard::Same(response), quick),
                false => (Heard::New { response, body_hash: vec![1], feed: Box::new(feed(published)) }, quick),
            }
        }
    }
}

fn response(subscription: &Subscription, status: u16) -> Response {
    Response {
        status,
        url: subscription.url.clone(),
        permanent_url: None,
        validators: Validators { etag: Some(b"\"1\"".to_vec()), ..Validators::default() },
        caching: Caching::default(),
        content_type: None,
        body: bytes::Bytes::new(),
        wire_bytes: 0,
        took: Duration::ZERO,
        place: None,
    }
}

fn feed(published: DateTime<Utc>) -> Feed {
    let key = EntryKey::new("1").expect("not empty");
    let mut entry: Entry = serde_json::from_value(serde_json::json!({ "key": key })).expect("an entry");
    entry.published = Some(published);
    Feed { entries: vec![entry], ..Feed::default() }
}

//! What the daemon counts of itself, as Prometheus reads it. Of single feeds nothing is said: there may
//! be thousands, and `/status` has them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The text format that Prometheus asks for, version 0.0.4.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counted since the start.
pub struct Metrics {
    started: Instant,
    /// By the first digit of the status.
    requests: [AtomicU64; 5],
    polls: Mutex<BTreeMap<&'static str, u64>>,
    bytes: AtomicU64,
    entries_new: AtomicU64,
    publications: AtomicU64,
    publishing_us: AtomicU64,
    publications_failed: AtomicU64,
    entries: AtomicI64,
    feeds: Mutex<BTreeMap<&'static str, u64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            requests: Default::default(),
            polls: Mutex::default(),
            bytes: AtomicU64::default(),
            entries_new: AtomicU64::default(),
            publications: AtomicU64::default(),
            publishing_us: AtomicU64::default(),
            publications_failed: AtomicU64::default(),
            entries: AtomicI64::default(),
            feeds: Mutex::default(),
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, status: u16) {
        if let Some(count) = (status / 100).checked_sub(1).and_then(|class| self.requests.get(usize::from(class))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A feed was asked.
    pub fn polled(&self, status: &'static str, bytes: u64, new: usize) {
        *self.polls.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.entries_new.fetch_add(new as u64, Ordering::Relaxed);
    }

    /// The documents were made.
    pub fn published(&self, took: Duration, is_done: bool) {
        self.publications.fetch_add(1, Ordering::Relaxed);
        self.publishing_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.publications_failed.fetch_add(u64::from(!is_done), Ordering::Relaxed);
    }

    /// How things stand: entries that are kept, and how many feeds there are of each health.
    pub fn stand(&self, entries: i64, feeds: BTreeMap<&'static str, u64>) {
        self.entries.store(entries, Ordering::Relaxed);
        *self.feeds.lock().unwrap_or_else(PoisonError::into_inner) = feeds;
    }

    /// All of it.
    pub fn text(&self) -> String {
        let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let mut text = Text(String::new());
        let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"];
        let requests = classes.into_iter().zip(self.requests.iter().map(number));
        text.family("glasnik_http_requests_total", "counter", "Requests of readers, by class of status.");
        text.by("glasnik_http_requests_total", "class", requests);
        text.family("glasnik_polls_total", "counter", "Requests to feeds, by what came of them.");
        text.by("glasnik_polls_total", "status", copied(&self.polls));
        text.single("glasnik_fetched_bytes_total", "counter", "Bytes that feeds sent.", number(&self.bytes));
        let new = number(&self.entries_new);
        text.single("glasnik_entries_new_total", "counter", "Entries never seen before.", new);
        text.single("glasnik_entries", "gauge", "Entries kept with their text.", self.entries.load(Ordering::Relaxed));
        text.family("glasnik_feeds", "gauge", "Feeds, by health.");
        text.by("glasnik_feeds", "health", copied(&self.feeds));
        text.family("glasnik_publish_duration_seconds", "summary", "Time that making the documents took.");
        let seconds = number(&self.publishing_us) as f64 / 1e6;
        text.line("glasnik_publish_duration_seconds_sum", seconds);
        text.line("glasnik_publish_duration_seconds_count", number(&self.publications));
        let failed = number(&self.publications_failed);
        text.single("glasnik_publish_failures_total", "counter", "Times that the documents could not be made.", failed);
        let uptime = self.started.elapsed().as_secs();
        text.single("glasnik_uptime_seconds", "gauge", "Time since the start.", uptime);
        text.0
    }
}

fn copied(counts: &Mutex<BTreeMap<&'static str, u64>>) -> BTreeMap<&'static str, u64> {
    counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // A String takes all that is written.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.line(name, value);
    }

    fn by(&mut self, name: &str, label: &str, values: impl IntoIterator<Item = (&'static str, u64)>) {
        for (value, count) in values {
            let _ = writeln!(self.0, "{name}{{{label}=\"{value}\"}} {count}");
        }
    }
}

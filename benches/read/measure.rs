//! One document read in three ways, one after the other: by feed-rs alone, by glasnik under the
//! stopwatch, by glasnik as it is.

use crate::documents::Document;
use crate::figures::median;
use crate::stopwatch::{self, STEPS};
use glasnik::ingest::{self, Context};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A document and what it has cost so far.
pub struct Reading<'a> {
    pub document: &'a Document,
    /// How many entries glasnik finds; an error where it finds no feed.
    pub entries: Result<usize, String>,
    /// Whether feed-rs can read it.
    pub is_read_by_feed_rs: bool,
    feed_rs_s: Vec<f64>,
    steps_s: [Vec<f64>; STEPS.len()],
    whole_s: Vec<f64>,
}

/// Medians of the rounds, in seconds; or their sums over many documents.
#[derive(Clone, Default)]
pub struct Cost {
    pub feed_rs_s: f64,
    /// In the order of [`STEPS`].
    pub steps_s: [f64; STEPS.len()],
    pub whole_s: f64,
}

impl<'a> Reading<'a> {
    pub fn of(document: &'a Document) -> Self {
        let read = ingest::read(&document.bytes, &Context::default());
        Self {
            document,
            entries: read.map(|feed| feed.entries.len()).map_err(|error| error.to_string()),
            is_read_by_feed_rs: by_feed_rs(&document.bytes),
            feed_rs_s: Vec::new(),
            steps_s: Default::default(),
            whole_s: Vec::new(),
        }
    }

    /// What both cannot read says nothing about either.
    pub fn is_comparable(&self) -> bool {
        self.is_read_by_feed_rs && self.entries.is_ok()
    }

    /// Reads the document once in each way.
    pub fn read(&mut self, counts: bool) {
        if !self.is_comparable() {
            return;
        }
        let bytes = &self.document.bytes;
        let feed_rs = time(|| feed_rs::parser::parse(&bytes[..]));
        let steps = stopwatch::time(|| drop(ingest::read(bytes, &Context::default())));
        let whole = time(|| ingest::read(bytes, &Context::default()));
        if counts {
            self.feed_rs_s.push(feed_rs.as_secs_f64());
            self.whole_s.push(whole.as_secs_f64());
            for (all, one) in self.steps_s.iter_mut().zip(steps) {
                all.push(one.as_secs_f64());
            }
        }
    }

    pub fn cost(&self) -> Cost {
        let median = |values: &Vec<f64>| median(values.clone());
        Cost {
            feed_rs_s: median(&self.feed_rs_s),
            steps_s: self.steps_s.each_ref().map(median),
            whole_s: median(&self.whole_s),
        }
    }
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.feed_rs_s += other.feed_rs_s;
        self.whole_s += other.whole_s;
        self.steps_s.iter_mut().zip(other.steps_s).for_each(|(sum, one)| *sum += one);
    }
}

/// feed-rs as its users call it, built anew for the document; some documents make it panic.
fn by_feed_rs(bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| feed_rs::parser::parse(bytes).is_ok())).unwrap_or(false)
}

/// How long `work` takes, without what it takes to throw its result away.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    let spent = start.elapsed();
    drop(result);
    spent
}

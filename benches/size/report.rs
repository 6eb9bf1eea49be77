//! The figures as rows: what the large store takes, beside the small one.

use crate::daemon::Rested;
use crate::figures::{median, print};
use crate::growth::Growth;
use crate::kept::Filled;
use crate::outputs::Kind;
use crate::rows::Target::{AtMost, RatioAtMost};
use crate::rows::{self, Row};
use serde_json::json;
use std::error::Error;

const NEW_RATIO_MAX: f64 = 1.5;
const UNCHANGED_RATIO_MAX: f64 = 1.1;
const NEWEST_MS_MAX: f64 = 3.0;
const START_S_MAX: f64 = 1.0;
const WITH_WINDOW_MB_MAX: f64 = 700.0;
const WITHOUT_MB_MAX: f64 = 150.0;

/// What was found at one size, round after round.
pub struct Sized {
    pub filled: Filled,
    /// Of the database, as it was filled.
    pub bytes: u64,
    pub growth: Vec<Growth>,
    pub outputs: Vec<Kind>,
}

pub struct Report {
    pub small: Sized,
    pub large: Sized,
    pub rounds: usize,
    /// Over the large store.
    pub daemon: Option<Rested>,
}

impl Report {
    /// Prints the table with a verdict for each target, and writes target/bench/size.json.
    pub fn show(&self) -> Result<(), Box<dyn Error>> {
        let mut rows = self.growth();
        rows.extend(self.daemon.iter().flat_map(started));
        rows.extend(self.newest());
        print(&self.what());
        rows::show(&rows);
        rows::write("size", json!({ "what": self.what() }), &rows)
    }

    fn what(&self) -> String {
        let Filled { feeds, entries, window, at, commit } = &self.large.filled;
        format!(
            "a store of {entries} entries beside one of {}, of {feeds} feeds, the stories' window with {window} of them, \
             filled {} by commit {commit}; medians of {} rounds in turns",
            self.small.filled.entries,
            at.format("%Y-%m-%d %H:%M UTC"),
            self.rounds
        )
    }

    /// The same figure of both stores.
    fn both(&self, figure: &str, unit: &str, value: impl Fn(&Sized) -> f64) -> Row {
        let beside = format!("at {}", self.small.filled.entries);
        Row::new(format!("size: {figure}"), unit, value(&self.large)).beside(beside, value(&self.small))
    }

    fn growth(&self) -> Vec<Row> {
        let growth = |figure: &str, value: fn(&Growth) -> f64| {
            self.both(figure, "us", |sized| median(sized.growth.iter().map(value).collect()))
        };
        vec![
            growth("CPU a new entry", |growth| growth.kept_us).target(RatioAtMost(NEW_RATIO_MAX)),
            growth("CPU its words, put into the index", |growth| growth.indexed_us),
            growth("CPU an unchanged poll", |growth| growth.unchanged_us).target(RatioAtMost(UNCHANGED_RATIO_MAX)),
            self.both("database an entry", "bytes", |sized| sized.bytes as f64 / sized.filled.entries as f64),
        ]
    }

    /// The slowest output and the slowest search have the target; the others are told.
    fn newest(&self) -> Vec<Row> {
        let kinds = || (0..self.large.outputs.len()).map(|at| &self.large.outputs[at]);
        let row = |kind: &Kind, figure: String| {
            let of_small = self.small.outputs.iter().find(|small| small.name == kind.name).map(Kind::median_ms);
            let row = Row::new(figure, "ms", kind.median_ms());
            match of_small {
                Some(ms) => row.beside(format!("at {}", self.small.filled.entries), ms),
                None => row,
            }
        };
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for (is_search, what) in [(false, "newest 100"), (true, "search")] {
            let of_this: Vec<&Kind> = kinds().filter(|kind| kind.is_search() == is_search).collect();
            let slowest = of_this.iter().max_by(|one, other| one.median_ms().total_cmp(&other.median_ms()));
            rows.extend(slowest.map(|kind| {
                let figure = format!("size: {what}, the slowest of {}: {}", of_this.len(), kind.name);
                row(kind, figure).target(AtMost(NEWEST_MS_MAX))
            }));
            lines.extend(of_this.iter().map(|kind| row(kind, format!("{what}: {} ({} found)", kind.name, kind.found))));
        }
        rows.extend(lines);
        rows
    }
}

fn started(daemon: &Rested) -> Vec<Row> {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let start = |figure: &str, times: &[f64]| Row::new(format!("size: {figure}"), "s", median(times.to_vec()));
    vec![
        start("start until /healthz says 200", &daemon.healthy_s).target(AtMost(START_S_MAX)),
        start("start until the first output", &daemon.served_s).target(AtMost(START_S_MAX)),
        Row::new("size: memory at rest, stories' window full", "MB", megabytes(daemon.with_window_bytes))
            .target(AtMost(WITH_WINDOW_MB_MAX)),
        Row::new("size: memory at rest, stories' window empty", "MB", megabytes(daemon.without_bytes))
            .target(AtMost(WITHOUT_MB_MAX)),
    ]
}

//! Medians of the rounds as a table for people and as JSON for comparing two days.

use crate::Settings;
use crate::bare::Floors;
use crate::figures::{median, print};
use crate::origin::Counts;
use crate::peers::Peers;
use crate::rows::Target::{AtMost, RatioAtMost};
use crate::rows::{self, Row};
use crate::steps::Steps;
use crate::store::Log;
use crate::watch::Cost;
use serde_json::json;
use std::error::Error;

/// A cold poll also repairs, sanitizes, identifies, compares, tags, groups and indexes.
const COLD_RATIO_MAX: f64 = 4.0;
const COLD_MEMORY_MB_MAX: f64 = 250.0;

/// A feed with nothing new is the common case and must cost next to nothing.
const UNCHANGED_RATIO_MAX: f64 = 2.0;
const UNCHANGED_CPU_MS_MAX: f64 = 0.15;

/// And is written down together with many others.
const UNCHANGED_COMMITS_MAX: f64 = 64.0;

const NEWS_RATIO_MAX: f64 = 3.0;

/// The index of words beside all other steps.
const INDEX_RATIO_MAX: f64 = 1.0;

/// The whole program in one file.
const BINARY_MB_MAX: f64 = 25.0;

/// One process over all feeds.
#[derive(Debug, Clone)]
pub struct Run {
    pub cost: Cost,
    pub counts: Counts,
    pub new_rows: u64,
}

/// The two over the same documents.
pub struct Pass {
    pub bare: Run,
    pub glasnik: Run,
}

/// A pass with nothing to do is shorter than the clock is fine: it is done so often.
const SHORT_PASSES: u32 = 5;

impl Pass {
    /// The mean of several.
    pub fn several(mut pass: impl FnMut() -> Result<Self, Box<dyn Error>>) -> Result<Self, Box<dyn Error>> {
        let mut mean = pass()?;
        for _ in 1..SHORT_PASSES {
            let next = pass()?;
            next.check()?;
            for (sum, next) in [(&mut mean.bare.cost, next.bare.cost), (&mut mean.glasnik.cost, next.glasnik.cost)] {
                sum.cpu_s += next.cpu_s;
                sum.wall_s += next.wall_s;
                sum.memory_bytes = sum.memory_bytes.max(next.memory_bytes);
            }
        }
        for cost in [&mut mean.bare.cost, &mut mean.glasnik.cost] {
            cost.cpu_s /= f64::from(SHORT_PASSES);
            cost.wall_s /= f64::from(SHORT_PASSES);
        }
        Ok(mean)
    }

    /// A comparison is worth nothing where one of the two did less.
    pub fn check(&self) -> Result<(), Box<dyn Error>> {
        let work = |run: &Run| (run.counts.requests, run.counts.not_modified, run.new_rows);
        let (glasnik, bare) = (work(&self.glasnik), work(&self.bare));
        match glasnik == bare {
            true => Ok(()),
            false => Err(format!(
                "not the same work: (requests, answered 304, new rows) are {glasnik:?} for glasnik and {bare:?} for the bare loop"
            )
            .into()),
        }
    }
}

/// Everything once, over stores that begin empty.
pub struct Round {
    /// The bare loop's first step, and its first two.
    pub fetch: Run,
    pub parse: Run,
    /// Every document is new.
    pub cold: Pass,
    pub steps: Steps,
    pub publish: Cost,
    /// A pass that asks nobody.
    pub start: Cost,
    /// Every answer is 304.
    pub unchanged: Pass,
    /// The tables that such a pass changes, and what it writes.
    pub rewritten: Vec<String>,
    pub log: Log,
    /// Some feeds have one new item.
    pub news: Pass,
}

type PassOf = fn(&Round) -> &Pass;

pub struct Report {
    settings: Settings,
    pub floors: Floors,
    pub rounds: Vec<Round>,
    pub daemon: Option<Cost>,
    pub peers: Peers,
}

impl Report {
    pub fn new(settings: &Settings) -> Self {
        let settings = settings.clone();
        Self { settings, floors: Floors::default(), rounds: Vec::new(), daemon: None, peers: Peers::default() }
    }

    /// Prints the table and writes target/bench/poll.json.
    pub fn show(&self) -> Result<(), Box<dyn Error>> {
        let mut rows = self.cold();
        rows.extend(self.unchanged());
        rows.extend(self.news());
        rows.extend(self.beside_peers());
        rows.push(binary()?);
        print(&self.title());
        rows::show(&rows);
        rows::write("poll", json!({ "what": self.title() }), &rows)
    }

    fn title(&self) -> String {
        let Settings { origin, rounds, news, .. } = &self.settings;
        let left_out = match self.peers.left_out.join(", ") {
            none if none.is_empty() => none,
            some => format!("; left out: {some}"),
        };
        format!(
            "{} feeds on {} addresses, {} ms latency, {:.1} % new items, with the topics of feeds.toml; medians of {rounds} rounds{left_out}",
            origin.feeds,
            origin.addresses,
            origin.latency_ms,
            news * 100.0
        )
    }

    fn median(&self, value: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(value).collect())
    }

    /// Milliseconds a feed.
    fn each(&self, seconds: impl Fn(&Round) -> f64) -> f64 {
        self.median(seconds) * 1e3 / self.settings.origin.feeds as f64
    }

    /// A figure of both, in one unit.
    fn both(&self, figure: &str, unit: &str, pass: PassOf, value: impl Fn(&Run) -> f64) -> Row {
        let of = |run: fn(&Pass) -> &Run| self.median(|round| value(run(pass(round))));
        Row::new(figure, unit, of(|pass| &pass.glasnik)).beside("bare loop", of(|pass| &pass.bare))
    }

    fn cold(&self) -> Vec<Row> {
        let all = |round: &Round| round.cold.glasnik.cost.cpu_s;
        let index = |round: &Round| round.steps.index_s;
        let bare = self.each(|round| round.cold.bare.cost.cpu_s);
        let floor = |seconds: f64| seconds * 1e3 / self.settings.origin.feeds as f64;
        let cpu = || Row::new("cold: CPU a feed", "ms", self.each(all));
        let step = |step: &str, seconds: fn(&Round) -> f64| {
            Row::new(format!("cold: CPU a feed, {step}"), "ms", self.each(seconds)).beside("bare loop", bare)
        };
        let cold: PassOf = |round| &round.cold;
        let mut rows = vec![
            cpu().beside("bare loop", bare).target(RatioAtMost(COLD_RATIO_MAX)),
            cpu().beside("fetching alone", self.each(|round| round.fetch.cost.cpu_s)),
            cpu().beside("fetching and feed-rs", self.each(|round| round.parse.cost.cpu_s)),
            cpu().beside("inserting the rows", floor(self.floors.insert_s)),
            cpu().beside("copying the bytes", floor(self.floors.copy_s)),
            step("polling", |round| round.steps.poll_s),
            step("copies and stories", |round| round.steps.group_s),
            step("search index", |round| round.steps.index_s)
                .beside("all the rest", self.each(|round| all(round) - index(round)))
                .target(RatioAtMost(INDEX_RATIO_MAX)),
            self.both("cold: wall", "s", cold, |run| run.cost.wall_s),
            self.both("cold: peak memory", "MB", cold, megabytes).target(AtMost(COLD_MEMORY_MB_MAX)),
            self.both("cold: requests", "", cold, |run| run.counts.requests as f64),
            self.both("cold: bodies on the wire", "MB", cold, |run| run.counts.body_bytes as f64 / 1e6),
            self.both("cold: new rows", "", cold, |run| run.new_rows as f64),
            step("publishing the site as files afterwards", |round| round.publish.cpu_s),
        ];
        if let Some(daemon) = &self.daemon {
            let memory = Row::new("cold, the daemon: peak memory", "MB", daemon.memory_bytes as f64 / 1e6);
            rows.push(Row::new("cold, the daemon: CPU a feed", "ms", floor(daemon.cpu_s)).beside("bare loop", bare));
            rows.push(memory.target(AtMost(COLD_MEMORY_MB_MAX)));
        }
        rows
    }

    fn unchanged(&self) -> Vec<Row> {
        let pass: PassOf = |round| &round.unchanged;
        let bare = self.each(|round| round.unchanged.bare.cost.cpu_s);
        let cpu = self.each(|round| round.unchanged.glasnik.cost.cpu_s);
        let start = self.each(|round| round.start.cpu_s);
        let cpu_row = |figure: &str, cpu: f64| Row::new(format!("nothing changed: CPU a feed{figure}"), "ms", cpu);
        let rewritten = self.rounds.last().map(|round| round.rewritten.join(", ")).unwrap_or_default();
        vec![
            cpu_row("", cpu).beside("bare loop", bare).target(RatioAtMost(UNCHANGED_RATIO_MAX)),
            cpu_row("", cpu).target(AtMost(UNCHANGED_CPU_MS_MAX)),
            cpu_row(", of this start and end", start),
            cpu_row(", without them", cpu - start).beside("bare loop", bare),
            self.both("nothing changed: wall", "s", pass, |run| run.cost.wall_s),
            self.both("nothing changed: peak memory", "MB", pass, megabytes),
            self.both("nothing changed: answers 304", "", pass, |run| run.counts.not_modified as f64),
            Row::new("nothing changed: commits", "", self.median(|round| round.log.commits as f64))
                .target(AtMost(UNCHANGED_COMMITS_MAX)),
            Row::new(
                format!("nothing changed: written, to {rewritten}"),
                "MB",
                self.median(|round| round.log.bytes as f64 / 1e6),
            ),
        ]
    }

    fn news(&self) -> Vec<Row> {
        let pass: PassOf = |round| &round.news;
        let feeds = self.settings.origin.feeds as f64;
        vec![
            self.both("some news: CPU a feed", "ms", pass, |run| run.cost.cpu_s * 1e3 / feeds)
                .target(RatioAtMost(NEWS_RATIO_MAX)),
            self.both("some news: wall", "s", pass, |run| run.cost.wall_s),
            self.both("some news: peak memory", "MB", pass, megabytes),
            self.both("some news: new rows", "", pass, |run| run.new_rows as f64),
        ]
    }

    fn beside_peers(&self) -> Vec<Row> {
        let feeds = self.settings.origin.feeds as f64;
        let each = |cost: &Cost| cost.cpu_s * 1e3 / feeds;
        let cold_s = |round: &Round| round.cold.glasnik.cost.cpu_s;
        let unchanged_s = |round: &Round| round.unchanged.glasnik.cost.cpu_s;
        let memory = self.median(|round| megabytes(&round.cold.glasnik));
        self.peers
            .measured
            .iter()
            .flat_map(|peer| {
                let target = |row: Row| if peer.is_reader { row.target(RatioAtMost(1.0)) } else { row };
                let what = |pass: &Run| match pass.counts.not_modified {
                    0 => peer.name.to_owned(),
                    same => format!("{} ({same} times 304)", peer.name),
                };
                let row = |figure: &str, unit: &str, ours: f64, pass: &Run, theirs: f64| {
                    Row::new(figure, unit, ours).beside(what(pass), theirs)
                };
                let (cold, unchanged) = (&peer.cold, &peer.unchanged);
                [
                    target(row("cold: CPU a feed", "ms", self.each(cold_s), cold, each(&cold.cost))),
                    row("cold: peak memory", "MB", memory, cold, megabytes(cold)),
                    row("nothing changed: CPU a feed", "ms", self.each(unchanged_s), unchanged, each(&unchanged.cost)),
                ]
            })
            .collect()
    }
}

fn megabytes(run: &Run) -> f64 {
    run.cost.memory_bytes as f64 / 1e6
}

/// How large the released binary is.
fn binary() -> Result<Row, Box<dyn Error>> {
    let bytes = std::fs::metadata(env!("CARGO_BIN_EXE_glasnik"))?.len();
    Ok(Row::new("the binary", "MB", bytes as f64 / 1e6).target(AtMost(BINARY_MB_MAX)))
}

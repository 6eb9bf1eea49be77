//! Medians of the rounds as a table for people and as JSON for comparing two days.

use crate::Settings;
use crate::figures::{median, print, rounded};
use crate::measure::Cost;
use crate::origin::Counts;
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::Path;

/// A cold poll also repairs, sanitizes, identifies, compares and tags: it may cost so many times
/// the bare loop's CPU.
const COLD_RATIO_MAX: f64 = 3.0;

/// A feed with nothing new is the common case and must cost next to nothing.
const UNCHANGED_CPU_MS_MAX: f64 = 0.3;

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

impl Pass {
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

/// Three passes over stores that begin empty.
pub struct Round {
    /// Every document is new.
    pub cold: Pass,
    /// Every answer is 304.
    pub unchanged: Pass,
    /// Some feeds have one new item.
    pub news: Pass,
}

type PassOf = fn(&Round) -> &Pass;

pub struct Report {
    settings: Settings,
    has_topics: bool,
    pub rounds: Vec<Round>,
}

/// A row of the table: a figure of both, in one unit.
struct Figure {
    name: &'static str,
    unit: &'static str,
    glasnik: f64,
    bare: f64,
    target: Option<Target>,
}

#[derive(Clone, Copy)]
enum Target {
    RatioAtMost(f64),
    GlasnikBelow(f64),
}

impl Report {
    pub fn new(settings: &Settings, has_topics: bool) -> Self {
        Self { settings: *settings, has_topics, rounds: Vec::new() }
    }

    /// Prints a table for each pass and a verdict for each target, and writes the figures to
    /// target/bench/poll.json.
    pub fn show(&self) -> Result<(), Box<dyn Error>> {
        let passes: [(&str, PassOf, Option<Target>); 3] = [
            ("cold", |round| &round.cold, Some(Target::RatioAtMost(COLD_RATIO_MAX))),
            ("nothing changed", |round| &round.unchanged, Some(Target::GlasnikBelow(UNCHANGED_CPU_MS_MAX))),
            ("some news", |round| &round.news, None),
        ];
        print(&self.title());
        let mut medians = Value::Null;
        let mut verdicts = Vec::new();
        for (name, pass, target) in passes {
            print(&format!("\n{name:<24}{:>10}{:>10}{:>9}   target", "glasnik", "bare", "ratio"));
            for figure in self.figures(pass, target) {
                print(&figure.to_string());
                medians[name][figure.name] = figure.to_json();
                verdicts.extend(figure.verdict(name));
            }
        }
        print("");
        verdicts.iter().for_each(|verdict| print(verdict));
        self.write(&medians)
    }

    fn title(&self) -> String {
        let Settings { feeds, rounds, news, latency_ms, addresses } = self.settings;
        let topics = if self.has_topics { "with the topics of feeds.toml" } else { "without topics" };
        let news = news * 100.0;
        format!(
            "{feeds} feeds on {addresses} addresses, {latency_ms} ms latency, {news:.1} % new items, {topics}; \
             medians of {rounds} rounds"
        )
    }

    fn write(&self, medians: &Value) -> Result<(), Box<dyn Error>> {
        let Settings { feeds, rounds, news, latency_ms, addresses } = self.settings;
        let settings = json!({ "feeds": feeds, "rounds": rounds, "news": news, "latency_ms": latency_ms,
            "addresses": addresses, "topics": self.has_topics });
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_string_pretty(&json!({ "settings": settings, "medians": medians }))?;
        Ok(fs::write(folder.join("poll.json"), text + "\n")?)
    }

    fn figures(&self, pass: PassOf, cpu_target: Option<Target>) -> Vec<Figure> {
        let feeds = self.settings.feeds as f64;
        let figure = |name, unit, value: &dyn Fn(&Run) -> f64, target| Figure {
            name,
            unit,
            glasnik: median(self.rounds.iter().map(|round| value(&pass(round).glasnik)).collect()),
            bare: median(self.rounds.iter().map(|round| value(&pass(round).bare)).collect()),
            target,
        };
        vec![
            figure("CPU a feed", "ms", &|run| run.cost.cpu_s * 1e3 / feeds, cpu_target),
            figure("wall", "s", &|run| run.cost.wall_s, None),
            figure("peak memory", "MB", &|run| run.cost.memory_bytes as f64 / 1e6, None),
            figure("requests", "", &|run| run.counts.requests as f64, None),
            figure("of these 304", "", &|run| run.counts.not_modified as f64, None),
            figure("bodies on the wire", "MB", &|run| run.counts.body_bytes as f64 / 1e6, None),
            figure("new rows", "", &|run| run.new_rows as f64, None),
        ]
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        (self.bare > 0.0).then(|| self.glasnik / self.bare)
    }

    fn to_json(&self) -> Value {
        let (glasnik, bare, ratio) = (rounded(self.glasnik), rounded(self.bare), self.ratio().map(rounded));
        json!({ "glasnik": glasnik, "bare": bare, "ratio": ratio, "unit": self.unit })
    }

    fn is_met(&self) -> Option<bool> {
        match self.target? {
            Target::RatioAtMost(most) => Some(self.ratio()? <= most),
            Target::GlasnikBelow(limit) => Some(self.glasnik < limit),
        }
    }

    fn verdict(&self, pass: &str) -> Option<String> {
        let verdict = if self.is_met()? { "met" } else { "NOT met" };
        let unit = self.unit;
        Some(match self.target? {
            Target::RatioAtMost(most) => {
                format!(
                    "{pass}: {} is {:.2} times the bare loop's, target at most {most}: {verdict}",
                    self.name,
                    self.ratio()?
                )
            }
            Target::GlasnikBelow(limit) => {
                format!("{pass}: {} is {:.3} {unit}, target below {limit} {unit}: {verdict}", self.name, self.glasnik)
            }
        })
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.unit.is_empty() { self.name.to_owned() } else { format!("{}, {}", self.name, self.unit) };
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}x")).unwrap_or_else(|| "-".to_owned());
        let target = match self.target {
            None => String::new(),
            Some(Target::RatioAtMost(most)) => format!("at most {most}x"),
            Some(Target::GlasnikBelow(limit)) => format!("below {limit} {}", self.unit),
        };
        let digits = if self.unit.is_empty() { 0 } else { 3 };
        let (glasnik, bare) = (self.glasnik, self.bare);
        write!(f, "  {name:<22}{glasnik:>10.digits$}{bare:>10.digits$}{ratio:>9}   {target}")
    }
}

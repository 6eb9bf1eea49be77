//! The figures as a table for people and as JSON for comparing two days.

use crate::daemon::Rested;
use crate::figures::{print, rounded};
use crate::fill::{World, save};
use crate::outputs::Timed;
use crate::process::cpu_s;
use glasnik::searching;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::fs;
use std::path::Path;

const NEW_RATIO_MAX: f64 = 1.5;
const UNCHANGED_RATIO_MAX: f64 = 1.1;
const NEWEST_MS_MAX: f64 = 3.0;
const START_S_MAX: f64 = 1.0;
const WITH_WINDOW_MB_MAX: f64 = 700.0;
const WITHOUT_MB_MAX: f64 = 150.0;

/// New entries that are timed, two a poll, and polls that bring nothing.
const NEW: usize = 8_000;
const UNCHANGED: usize = 8_000;

/// What writing costs at one size, in microseconds of CPU.
pub struct Growth {
    /// A new entry, recognized and kept.
    pub kept_us: f64,
    /// Its words, put into the index.
    pub indexed_us: f64,
    /// A poll that brings nothing.
    pub unchanged_us: f64,
}

impl Growth {
    pub async fn measure(world: &mut World) -> Result<Self, Box<dyn Error>> {
        let own = std::process::id();
        let news = (0..NEW / 2).map(|_| world.news(2)).collect();
        let start = cpu_s(own)?;
        let new = save(&world.store, news).await?;
        let kept = cpu_s(own)?;
        searching::index_all(&world.store).await?;
        let indexed = cpu_s(own)?;
        let unchanged = (0..UNCHANGED).map(|feed| world.unchanged(feed % world.config.subscriptions.len())).collect();
        let before = cpu_s(own)?;
        save(&world.store, unchanged).await?;
        let done = cpu_s(own)?;
        if new != NEW {
            return Err(format!("{new} of {NEW} entries were new").into());
        }
        let us = |seconds: f64, count: usize| seconds * 1e6 / count as f64;
        Ok(Self {
            kept_us: us(kept - start, NEW),
            indexed_us: us(indexed - kept, NEW),
            unchanged_us: us(done - before, UNCHANGED),
        })
    }
}

/// A store of one size.
pub struct Sized {
    pub entries: usize,
    pub growth: Growth,
    pub outputs: Vec<Timed>,
    pub bytes: u64,
    pub daemon: Option<Rested>,
}

pub struct Report {
    pub feeds: usize,
    pub window: usize,
    pub small: Sized,
    pub large: Sized,
}

struct Figure {
    name: String,
    unit: &'static str,
    small: Option<f64>,
    large: f64,
    target: Option<Target>,
}

enum Target {
    RatioAtMost(f64),
    Below(f64),
}

impl Report {
    /// Prints the table with a verdict for each target, and writes target/bench/size.json.
    pub fn show(&self) -> Result<(), Box<dyn Error>> {
        let (small, large) = (self.small.entries, self.large.entries);
        print(&format!("{} feeds, {} entries in the stories' window\n", self.feeds, self.window));
        print(&format!("{:<46}{small:>12}{large:>12}{:>8}   target", "", "ratio"));
        let figures = self.figures();
        figures.iter().for_each(|figure| print(&figure.to_string()));
        let missed = figures.iter().filter(|figure| figure.is_met() == Some(false)).count();
        let held = figures.iter().filter(|figure| figure.is_met() == Some(true)).count();
        print(&format!("\n{held} targets met, {missed} not"));
        self.write(&figures)
    }

    fn figures(&self) -> Vec<Figure> {
        let (small, large) = (&self.small, &self.large);
        let both = |name: &str, unit, value: &dyn Fn(&Sized) -> f64, target| Figure {
            name: name.to_owned(),
            unit,
            small: Some(value(small)),
            large: value(large),
            target,
        };
        let mut figures = vec![
            both("CPU a new entry", "us", &|sized| sized.growth.kept_us, Some(Target::RatioAtMost(NEW_RATIO_MAX))),
            both("CPU its words", "us", &|sized| sized.growth.indexed_us, None),
            both(
                "CPU an unchanged poll",
                "us",
                &|sized| sized.growth.unchanged_us,
                Some(Target::RatioAtMost(UNCHANGED_RATIO_MAX)),
            ),
            both("database an entry", "bytes", &|sized| sized.bytes as f64 / sized.entries as f64, None),
        ];
        for (at, timed) in large.outputs.iter().enumerate() {
            let small = small.outputs.get(at).map(|timed| timed.milliseconds);
            let name = format!("{} ({})", timed.name, timed.found);
            let target = Some(Target::Below(NEWEST_MS_MAX));
            figures.push(Figure { name, unit: "ms", small, large: timed.milliseconds, target });
        }
        if let Some(daemon) = &large.daemon {
            let mut alone = |name: &str, unit, large, below| {
                let target = Some(Target::Below(below));
                figures.push(Figure { name: name.to_owned(), unit, small: None, large, target });
            };
            alone("start until healthy", "s", daemon.healthy_s, START_S_MAX);
            alone("start until the first output", "s", daemon.served_s, START_S_MAX);
            alone("memory, window full", "MB", daemon.with_window_bytes as f64 / 1e6, WITH_WINDOW_MB_MAX);
            alone("memory, window empty", "MB", daemon.without_bytes as f64 / 1e6, WITHOUT_MB_MAX);
        }
        figures
    }

    fn write(&self, figures: &[Figure]) -> Result<(), Box<dyn Error>> {
        let settings = json!({ "feeds": self.feeds, "window": self.window, "small": self.small.entries,
            "large": self.large.entries });
        let medians: Map<String, Value> =
            figures.iter().map(|figure| (figure.name.clone(), figure.to_json())).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_string_pretty(&json!({ "settings": settings, "medians": { "size": medians } }))?;
        Ok(fs::write(folder.join("size.json"), text + "\n")?)
    }
}

impl Figure {
    fn ratio(&self) -> Option<f64> {
        self.small.filter(|small| *small > 0.0).map(|small| self.large / small)
    }

    fn is_met(&self) -> Option<bool> {
        match self.target.as_ref()? {
            Target::RatioAtMost(most) => Some(self.ratio()? <= *most),
            Target::Below(limit) => Some(self.large < *limit),
        }
    }

    fn to_json(&self) -> Value {
        let (small, ratio) = (self.small.map(rounded), self.ratio().map(rounded));
        json!({ "glasnik": rounded(self.large), "small": small, "ratio": ratio, "unit": self.unit })
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = format!("{}, {}", self.name, self.unit);
        let small = self.small.map_or_else(|| "-".to_owned(), |small| format!("{small:.2}"));
        let ratio = self.ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}x"));
        let target = match &self.target {
            None => String::new(),
            Some(Target::RatioAtMost(most)) => format!("at most {most}x"),
            Some(Target::Below(limit)) => format!("below {limit} {}", self.unit),
        };
        let verdict = match self.is_met() {
            None => "",
            Some(true) => ": met",
            Some(false) => ": NOT met",
        };
        write!(f, "{name:<46}{small:>12}{:>12.2}{ratio:>8}   {target}{verdict}", self.large)
    }
}

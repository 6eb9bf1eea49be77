//! The sums over all documents as a table for people, and everything as JSON for comparing two days.

use crate::figures::{print, rounded};
use crate::measure::{Cost, Reading};
use crate::rows::{self, Row, Target};
use crate::stopwatch::STEPS;
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// Repairing, parsing and normalizing may cost so many times what feed-rs alone takes for a document
/// as it came. Sanitizing, which feed-rs does not do, is told apart.
const SHAPE_RATIO_MAX: f64 = 2.5;

/// The steps that the target is about.
const SHAPING: [&str; 4] = ["decode", "repair", "parse", "normalize"];

pub struct Report<'a> {
    readings: &'a [Reading<'a>],
    rounds: usize,
    bytes: usize,
    entries: usize,
    cost: Cost,
}

impl<'a> Report<'a> {
    pub fn new(readings: &'a [Reading<'a>], rounds: usize) -> Self {
        let mut report = Self { readings, rounds, bytes: 0, entries: 0, cost: Cost::default() };
        for reading in report.compared() {
            report.bytes += reading.document.bytes.len();
            report.entries += reading.entries.as_ref().copied().unwrap_or_default();
            report.cost += reading.cost();
        }
        report
    }

    /// Prints the table and the verdict, and writes target/bench/read.json; the figures of each document go to
    /// `json`.
    pub fn show(&self, json: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
        print(&self.title());
        self.show_left_out();
        if self.entries > 0 {
            self.show_table();
        }
        rows::write("read", json!({ "what": self.title() }), &self.rows())?;
        match json {
            Some(file) => Ok(fs::write(file, serde_json::to_string_pretty(&self.to_json())? + "\n")?),
            None => Ok(()),
        }
    }

    fn compared(&self) -> impl Iterator<Item = &'a Reading<'a>> + use<'a> {
        self.readings.iter().filter(|reading| reading.is_comparable())
    }

    fn title(&self) -> String {
        format!(
            "{} documents, {:.1} MB, {} entries; medians of {} rounds",
            self.compared().count(),
            self.bytes as f64 / 1e6,
            self.entries,
            self.rounds
        )
    }

    fn show_left_out(&self) {
        let left_out: Vec<_> = self.readings.iter().filter(|reading| !reading.is_comparable()).collect();
        if left_out.is_empty() {
            return;
        }
        let of_feed_rs = left_out.iter().filter(|reading| !reading.is_read_by_feed_rs).count();
        let ours = left_out.iter().filter(|reading| reading.entries.is_err()).count();
        print(&format!(
            "left out: {} documents; feed-rs cannot read {of_feed_rs} of them, glasnik {ours}",
            left_out.len()
        ));
    }

    fn show_table(&self) {
        print(&format!("\n{:<28}{:>10}{:>10}{:>12}{:>10}", "", "ms", "MB/s", "entries/s", "ratio"));
        self.show_row("feed-rs alone", self.cost.feed_rs_s);
        print("");
        for (step, cost_s) in STEPS.iter().zip(self.cost.steps_s) {
            self.show_row(&format!("  {step}"), cost_s);
        }
        print("");
        self.show_row("decode to normalize", self.shape_s());
        self.show_row("everything", self.cost.whole_s);
        let ratio = self.shape_s() / self.cost.feed_rs_s;
        let verdict = if ratio <= SHAPE_RATIO_MAX { "met" } else { "NOT met" };
        print(&format!(
            "\ndecode to normalize takes {ratio:.2} times as long as feed-rs alone, target at most {SHAPE_RATIO_MAX}: {verdict}"
        ));
    }

    fn show_row(&self, name: &str, cost_s: f64) {
        print(&format!(
            "{name:<28}{:>10.2}{:>10.1}{:>12.0}{:>9.2}x",
            cost_s * 1e3,
            self.bytes as f64 / 1e6 / cost_s,
            self.entries as f64 / cost_s,
            cost_s / self.cost.feed_rs_s
        ));
    }

    /// The same for `bed`.
    fn rows(&self) -> Vec<Row> {
        let row = |name: &str, seconds: f64| {
            Row::new(format!("reading: {name}"), "ms", seconds * 1e3).beside("feed-rs alone", self.cost.feed_rs_s * 1e3)
        };
        let mut rows: Vec<Row> = STEPS.iter().zip(self.cost.steps_s).map(|(step, cost_s)| row(step, cost_s)).collect();
        rows.push(row("decode to normalize", self.shape_s()).target(Target::RatioAtMost(SHAPE_RATIO_MAX)));
        rows.push(row("everything", self.cost.whole_s));
        rows
    }

    /// What the target is about.
    fn shape_s(&self) -> f64 {
        shape_s(&self.cost)
    }

    fn to_json(&self) -> Value {
        let documents = self.readings.iter().map(|reading| {
            let entries = reading.entries.as_ref();
            json!({
                "name": reading.document.name,
                "bytes": reading.document.bytes.len(),
                "entries": entries.ok(),
                "error": entries.err(),
                "is_read_by_feed_rs": reading.is_read_by_feed_rs,
                "cost": reading.is_comparable().then(|| to_json(&reading.cost())),
            })
        });
        json!({
            "rounds": self.rounds,
            "bytes": self.bytes,
            "entries": self.entries,
            "cost": to_json(&self.cost),
            "documents": documents.collect::<Vec<_>>(),
        })
    }
}

fn shape_s(cost: &Cost) -> f64 {
    let is_shaping = |(step, _): &(&&str, f64)| SHAPING.contains(step);
    STEPS.iter().zip(cost.steps_s).filter(is_shaping).map(|(_, cost_s)| cost_s).sum()
}

fn to_json(cost: &Cost) -> Value {
    let ms = |seconds: f64| rounded(seconds * 1e3);
    let steps: serde_json::Map<_, _> =
        STEPS.iter().zip(cost.steps_s).map(|(step, cost_s)| ((*step).to_owned(), ms(cost_s).into())).collect();
    json!({
        "feed_rs_ms": ms(cost.feed_rs_s),
        "steps_ms": steps,
        "everything_ms": ms(cost.whole_s),
        "shape_ratio": rounded(shape_s(cost) / cost.feed_rs_s),
    })
}

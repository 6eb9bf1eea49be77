//! What a benchmark found, in the one form that all of them can share: a figure of glasnik, the same
//! of something beside it, the ratio, and what it should be. `bed` gathers them from
//! `target/bench/NAME.json`.

#[path = "circumstances.rs"]
mod circumstances;

use crate::figures::{print, rounded};
pub use circumstances::Circumstances;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "Judged")]
pub struct Row {
    pub figure: String,
    pub unit: String,
    pub glasnik: f64,
    pub beside: Option<Beside>,
    pub target: Option<Target>,
}

/// A row as it is written, for those who do not wish to judge themselves.
#[derive(Serialize)]
struct Judged {
    figure: String,
    unit: String,
    glasnik: f64,
    beside: Option<Beside>,
    ratio: Option<f64>,
    target: Option<Target>,
    is_met: Option<bool>,
}

impl From<Row> for Judged {
    fn from(row: Row) -> Self {
        let (ratio, is_met) = (row.ratio().map(rounded), row.is_met());
        let Row { figure, unit, glasnik, beside, target } = row;
        Self { figure, unit, glasnik, beside, ratio, target, is_met }
    }
}

/// The same figure of something else, in the same unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Beside {
    pub what: String,
    pub value: f64,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    RatioAtMost(f64),
    AtMost(f64),
}

impl Row {
    pub fn new(figure: impl Into<String>, unit: &str, glasnik: f64) -> Self {
        Self { figure: figure.into(), unit: unit.to_owned(), glasnik: rounded(glasnik), beside: None, target: None }
    }

    pub fn beside(self, what: impl Into<String>, value: f64) -> Self {
        Self { beside: Some(Beside { what: what.into(), value: rounded(value) }), ..self }
    }

    pub fn target(self, target: Target) -> Self {
        Self { target: Some(target), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        self.beside.as_ref().filter(|beside| beside.value > 0.0).map(|beside| self.glasnik / beside.value)
    }

    pub fn is_met(&self) -> Option<bool> {
        match self.target? {
            Target::RatioAtMost(most) => Some(self.ratio()? <= most),
            Target::AtMost(most) => Some(self.glasnik <= most),
        }
    }

    /// Figure, glasnik's, the other's, ratio, target, verdict.
    pub fn cells(&self) -> [String; 6] {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        let target = match self.target {
            None => String::new(),
            Some(Target::RatioAtMost(most)) => format!("at most {most}x"),
            Some(Target::AtMost(most)) => format!("at most {most}{unit}"),
        };
        let verdict = self.is_met().map_or("", |is_met| if is_met { "met" } else { "NOT met" });
        [
            self.figure.clone(),
            digits(self.glasnik) + &unit,
            self.beside.as_ref().map_or_else(String::new, |beside| format!("{} {}", digits(beside.value), beside.what)),
            self.ratio().map_or_else(String::new, |ratio| format!("{}x", digits(ratio))),
            target,
            verdict.to_owned(),
        ]
    }
}

/// As many digits as anybody compares.
fn digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        0.1.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The table for people.
pub fn show(rows: &[Row]) {
    let heads = ["figure", "glasnik", "beside", "ratio", "target", "verdict"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(heads).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    for cells in &lines {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        print(&padded.collect::<Vec<_>>().join("  "));
    }
}

/// Writes `target/bench/NAME.json`: what was measured, under what circumstances, and the rows.
pub fn write(name: &str, settings: Value, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let circumstances = Circumstances::here(name);
    write_json(&folder(), name, &json!({ "settings": settings, "circumstances": circumstances, "rows": rows }))
}

pub fn write_json(folder: &Path, name: &str, value: &Value) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    Ok(fs::write(file(folder, name), serde_json::to_string_pretty(value)? + "\n")?)
}

pub fn file(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("json")
}

/// Names the folder for figures where it is not the usual one.
pub const FOLDER: &str = "GLASNIK_BENCH_FOLDER";

/// Where figures are written.
pub fn folder() -> PathBuf {
    std::env::var_os(FOLDER).map_or_else(usual_folder, PathBuf::from)
}

pub fn usual_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench")
}

//! What a benchmark found, in the one form that all of them can share: a figure of glasnik, the same
//! of something beside it, the ratio, and what it should be. `bed` gathers them from
//! `target/bench/NAME.json`.

use crate::figures::{print, rounded};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// A line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    pub figure: String,
    pub unit: String,
    pub glasnik: f64,
    pub beside: Option<Beside>,
    pub target: Option<Target>,
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

    fn is_met(&self) -> Option<bool> {
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

/// Writes `target/bench/NAME.json`: the circumstances and the rows.
pub fn write(name: &str, settings: Value, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let file = file(name);
    fs::create_dir_all(file.parent().ok_or("no folder")?)?;
    let text = serde_json::to_string_pretty(&json!({ "settings": settings, "rows": rows }))?;
    Ok(fs::write(file, text + "\n")?)
}

pub fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench").join(name).with_extension("json")
}

//! The figures as a part of docs/performance.md, with what they were made by and on.

use crate::rows::Row;
use serde_json::{Value, json};
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Between these two lines the page is written here.
const BEGIN: &str = "<!-- Written by `cargo bench --bench bed`. -->\n";
const END: &str = "<!-- The end of what is written. -->\n";

/// What one benchmark found.
pub struct Part {
    /// On what.
    pub what: String,
    pub rows: Vec<Row>,
}

/// All of them.
pub struct Run {
    command: String,
    commit: String,
    date: String,
    cores: usize,
    /// How busy the machine was before: the mean number of others that wanted a core.
    load: f64,
    pub parts: Vec<Part>,
}

impl Run {
    pub fn begin(arguments: Vec<String>) -> Self {
        let arguments = if arguments.is_empty() { String::new() } else { format!(" -- {}", arguments.join(" ")) };
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Self {
            command: format!("cargo bench --bench bed{arguments}{}", flags()),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            date: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            load: load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default(),
            parts: Vec::new(),
        }
    }

    pub fn circumstances(&self) -> Value {
        let Self { command, commit, date, cores, load, parts } = self;
        let what: Vec<&str> = parts.iter().map(|part| part.what.as_str()).collect();
        json!({ "command": command, "commit": commit, "date": date, "cores": cores, "load": load, "what": what })
    }

    fn markdown(&self) -> String {
        let Self { command, commit, date, cores, load, parts } = self;
        let mut text = format!(
            "\n`{command}`, commit {commit}, {date}, {cores} cores; {load:.1} others wanted a core when it began.\n"
        );
        if command.contains("--gather") {
            text += "Each part was run for itself, and may be of an earlier commit.\n";
        }
        if *load > *cores as f64 / 4.0 {
            text += "**The machine was busy: only ratios mean something, and even these are rough.**\n";
        }
        for Part { what, rows } in parts {
            if rows.is_empty() {
                let _ = writeln!(text, "\n{what}.");
                continue;
            }
            let _ = write!(text, "\n{what}:\n\n| | glasnik | beside | ratio | target | |\n|---|---|---|---|---|---|\n");
            for row in rows {
                let _ = writeln!(text, "| {} |", row.cells().join(" | "));
            }
        }
        text + "\n"
    }
}

/// What the binary was built with, where that is not what Cargo.toml says.
fn flags() -> String {
    let names = ["CARGO_PROFILE_BENCH_LTO", "CARGO_PROFILE_BENCH_CODEGEN_UNITS"];
    names.iter().filter_map(|name| Some(format!(" ({name}={})", std::env::var(name).ok()?))).collect()
}

fn commit() -> Option<String> {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|commit| !commit.is_empty())
}

/// Puts the figures into the page.
pub fn write(run: &Run) -> Result<(), Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let page = fs::read_to_string(&file)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("docs/performance.md has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no end of figures")?;
    Ok(fs::write(file, [before, BEGIN, &run.markdown(), END, after].concat())?)
}

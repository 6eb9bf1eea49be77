//! All benchmarks of speed in a row, one table: printed, written to target/bench/bed.json, and put
//! into docs/performance.md where all of them were run. Never fails for being slow; one that fails is
//! named, and the others go on.
//!
//! `cargo bench --bench bed -- --help`

#[path = "../support/figures.rs"]
#[allow(dead_code, reason = "others measure")]
mod figures;
mod machine;
mod page;
mod parts;
#[path = "../support/processes.rs"]
#[allow(dead_code, reason = "others watch servers")]
mod processes;
#[path = "../support/rows.rs"]
#[allow(dead_code, reason = "others make them")]
mod rows;

use clap::Parser;
use parts::{BENCHES, Part};
use rows::{Circumstances, Row};
use serde_json::json;
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Debug, Parser)]
#[command(name = "bed", about = "Runs the benchmarks of speed and gathers their figures in one table")]
struct Arguments {
    /// Only these: poll, serve, pace, size, read; docs/performance.md stays as it is
    #[arg(value_parser = BENCHES.map(|bench| bench.name))]
    only: Vec<String>,
    /// How often polls and loads are repeated; the medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Build the released binary from clean, too, in a folder of its own
    #[arg(long)]
    build: bool,
    /// Small numbers everywhere, to see within minutes that all of it works; the figures say nothing
    /// and go to target/bench/quick, and docs/performance.md stays as it is
    #[arg(long, conflicts_with_all = ["rounds", "gather"])]
    quick: bool,
    /// Run nothing: gather what each of them wrote the last time that it was run
    #[arg(long)]
    gather: bool,
    /// Leave docs/performance.md as it is
    #[arg(long)]
    dry: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Arguments {
    /// Where figures are.
    fn folder(&self) -> PathBuf {
        let usual = rows::usual_folder();
        if self.quick { usual.join("quick") } else { usual }
    }

    fn is_for_the_page(&self) -> bool {
        self.only.is_empty() && !self.quick && !self.dry
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let circumstances = Circumstances::here("bed");
    let wanted = || {
        BENCHES.iter().filter(|bench| arguments.only.is_empty() || arguments.only.iter().any(|only| only == bench.name))
    };
    if !arguments.gather {
        parts::prepare(wanted());
    }
    let mut parts: Vec<Part> = wanted().map(|bench| bench.part(&arguments)).collect();
    if arguments.build {
        parts.push(parts::build());
    }
    show(&parts);
    let file = json!({ "circumstances": circumstances, "parts": parts });
    rows::write_json(&arguments.folder(), "bed", &file)?;
    if arguments.is_for_the_page() {
        page::write(&circumstances, &parts)?;
    }
    let failed: Vec<&str> = parts.iter().filter(|part| part.failure.is_some()).map(|part| part.name.as_str()).collect();
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!("no figures of {}", failed.join(", ")).into()),
    }
}

/// The table for people, and what to look at first.
fn show(parts: &[Part]) {
    let rows: Vec<Row> = parts.iter().flat_map(|part| part.rows.clone()).collect();
    figures::print("");
    rows::show(&rows);
    let judged = |is_met: bool| rows.iter().filter(move |row| row.is_met() == Some(is_met));
    figures::print(&format!("\n{} targets met, {} not:", judged(true).count(), judged(false).count()));
    judged(false).for_each(|row| figures::print(&format!("  {}", row.figure)));
    for part in parts {
        if let Some(failure) = &part.failure {
            figures::print(&format!("\n{}: no figures: {failure}", part.name));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

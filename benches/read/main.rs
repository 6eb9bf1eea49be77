//! What it costs to read a document: glasnik's whole way in, step by step, beside feed-rs alone on
//! the same bytes, in one process and in turns. Only the ratios travel. Never fails for being slow:
//! docs/performance.md says how to read it.
//!
//! `cargo bench --bench read -- --help`

mod documents;
#[path = "../support/feeds.rs"]
mod feeds;
#[path = "../support/figures.rs"]
mod figures;
mod measure;
mod report;
#[path = "../support/rows.rs"]
#[allow(dead_code, reason = "this benchmark has a table of its own")]
mod rows;
mod stopwatch;

use clap::Parser;
use measure::Reading;
use report::Report;
use std::error::Error;
use std::path::PathBuf;

#[derive(Debug, Parser)]
#[command(name = "read", about = "Measures glasnik's way in beside feed-rs alone on the same documents")]
struct Arguments {
    /// Folders with feeds, or single files; without any, feeds of a made-up newsroom are read
    folders: Vec<PathBuf>,
    /// How often every document is read in each way; the medians are shown
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Where the figures of each document go, if anywhere
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let documents = match arguments.folders.as_slice() {
        [] => documents::made(),
        folders => documents::found(folders)?,
    };
    let mut readings: Vec<Reading<'_>> = documents.iter().map(Reading::of).collect();
    // The first round fills tables and caches and is not counted.
    for round in 0..=arguments.rounds {
        figures::progress(&format!("round {round} of {}", arguments.rounds));
        readings.iter_mut().for_each(|reading| reading.read(round > 0));
    }
    Report::new(&readings, arguments.rounds).show(arguments.json)
}

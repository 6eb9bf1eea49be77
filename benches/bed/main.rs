//! All benchmarks of speed in a row, one table: printed, written to target/bench/bed.json, and put
//! into docs/performance.md where all of them were run. Never fails for being slow.
//!
//! `cargo bench --bench bed -- --help`

#[path = "../support/figures.rs"]
#[allow(dead_code, reason = "others measure")]
mod figures;
mod page;
#[path = "../support/rows.rs"]
#[allow(dead_code, reason = "others measure")]
mod rows;

use clap::Parser;
use page::{Part, Run};
use rows::Row;
use rows::Target::AtMost;
use serde::Deserialize;
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The benchmarks that write rows, and what they are asked for here. Those with rounds are told how many.
const BENCHES: [(&str, &[&str]); 5] =
    [("poll", &["--daemon", "--peers", ROUNDS]), ("serve", &[ROUNDS]), ("pace", &[]), ("size", &[]), ("read", &[])];

const ROUNDS: &str = "--rounds";

/// On two cores, and from nothing but what cargo has downloaded.
const BUILD_S_MAX: f64 = 300.0;

#[derive(Debug, Parser)]
#[command(name = "bed", about = "Runs the benchmarks of speed and gathers their figures in one table")]
struct Arguments {
    /// Only these: poll, serve, pace, size, read; docs/performance.md stays as it is
    only: Vec<String>,
    /// How often polls and loads are repeated; the medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Build the released binary from clean, too
    #[arg(long)]
    build: bool,
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

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let mut run = Run::begin(std::env::args().skip(1).filter(|argument| argument != "--bench").collect());
    for (name, settings) in BENCHES {
        let is_wanted = arguments.only.is_empty() || arguments.only.iter().any(|only| only == name);
        if !is_wanted || !is_here(name)? {
            continue;
        }
        if !arguments.gather {
            measure(name, settings, arguments.rounds)?;
        }
        run.parts.push(written(name)?);
    }
    if arguments.build {
        run.parts.push(Part { what: "a build from clean".to_owned(), rows: vec![built()?] });
    }
    let rows: Vec<Row> = run.parts.iter().flat_map(|part| part.rows.clone()).collect();
    figures::print("");
    rows::show(&rows);
    rows::write("bed", run.circumstances(), &rows)?;
    match arguments.only.is_empty() && !arguments.dry {
        true => page::write(&run),
        false => Ok(()),
    }
}

/// Whether there is such a benchmark.
fn is_here(name: &str) -> Result<bool, Box<dyn Error>> {
    Ok(fs::read_to_string(root().join("Cargo.toml"))?.contains(&format!("path = \"benches/{name}/main.rs\"")))
}

/// Runs one, whose own table goes to the terminal.
fn measure(name: &str, settings: &[&str], rounds: usize) -> Result<(), Box<dyn Error>> {
    figures::progress(&format!("---- {name}"));
    // Old figures are not to be taken for new ones; there may be none.
    let _ = fs::remove_file(rows::file(name));
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["bench", "--bench", name, "--"]).args(settings);
    if settings.last() == Some(&ROUNDS) {
        command.arg(rounds.to_string());
    }
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(format!("{name} ended with {status}").into()),
    }
}

/// What one wrote.
fn written(name: &str) -> Result<Part, Box<dyn Error>> {
    let written: Value =
        fs::read(rows::file(name)).ok().map_or(Ok(Value::Null), |text| serde_json::from_slice(&text))?;
    match written.get("rows") {
        Some(rows) => {
            let what = written["settings"]["what"].as_str().unwrap_or(name).to_owned();
            Ok(Part { what, rows: Vec::deserialize(rows)? })
        }
        None => Ok(Part { what: format!("{name}: no rows were written"), rows: Vec::new() }),
    }
}

fn built() -> Result<Row, Box<dyn Error>> {
    figures::progress("---- a build from clean");
    let folder = tempfile::tempdir()?;
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root()).args(["build", "--release", "--locked", "--target-dir"]).arg(folder.path());
    match command.status()? {
        status if status.success() => {
            Ok(Row::new("a build from clean: wall", "s", start.elapsed().as_secs_f64()).target(AtMost(BUILD_S_MAX)))
        }
        status => Err(format!("the build ended with {status}").into()),
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

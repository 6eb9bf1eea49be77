//! One benchmark after the other, each a process of its own, and the build.

use crate::machine::Watch;
use crate::rows::{self, Circumstances, Row, Target::AtMost};
use crate::{Arguments, figures, root};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A benchmark that writes rows, and what it is asked for here.
pub struct Bench {
    pub name: &'static str,
    settings: &'static [&'static str],
    /// With small numbers.
    quick: &'static [&'static str],
    /// Those with rounds are told how many.
    has_rounds: bool,
}

pub const BENCHES: [Bench; 5] = [
    Bench {
        name: "poll",
        settings: &["--daemon", "--peers"],
        quick: &["--daemon", "--peers", "--feeds=100", "--rounds=1"],
        has_rounds: true,
    },
    Bench { name: "serve", settings: &[], quick: &["--feeds=400", "--seconds=1", "--rounds=1"], has_rounds: true },
    Bench { name: "pace", settings: &[], quick: &["--feeds=1000", "--minutes=1"], has_rounds: false },
    Bench {
        name: "size",
        settings: &["--folder=target/bench/stores"],
        quick: &["--small=5000", "--large=20000", "--window=5000", "--rounds=1"],
        has_rounds: false,
    },
    Bench { name: "read", settings: &[], quick: &["--rounds=2"], has_rounds: false },
];

/// On two cores, and from nothing but what cargo has downloaded.
const BUILD_S_MAX: f64 = 300.0;

/// The whole program in one file, as it is handed out.
const BINARY_MB_MAX: f64 = 25.0;

/// What one benchmark found.
#[derive(Debug, Serialize)]
pub struct Part {
    pub name: String,
    /// On what.
    pub what: String,
    pub circumstances: Option<Circumstances>,
    pub rows: Vec<Row>,
    /// Why there are no rows.
    pub failure: Option<String>,
}

/// Builds all of them, so that no compiler works while one measures. What cannot be built fails later.
pub fn prepare<'a>(benches: impl Iterator<Item = &'a Bench>) {
    figures::progress("---- building");
    let names = benches.flat_map(|bench| ["--bench", bench.name]);
    let _ = cargo().args(["bench", "--no-run"]).args(names).status();
}

impl Bench {
    /// Runs it, or only reads what it wrote the last time.
    pub fn part(&self, arguments: &Arguments) -> Part {
        let measured = if arguments.gather { Ok(()) } else { self.measure(arguments) };
        let part = measured.and_then(|()| self.written(&arguments.folder()));
        part.unwrap_or_else(|error| Part::failed(self.name, &error.to_string()))
    }

    /// Its own table goes to the terminal.
    fn measure(&self, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
        let name = self.name;
        figures::progress(&format!("---- {name}"));
        let folder = arguments.folder();
        // Old figures are not to be taken for new ones; there may be none.
        let _ = fs::remove_file(rows::file(&folder, name));
        let mut command = cargo();
        command.env(rows::FOLDER, &folder).args(["bench", "--quiet", "--bench", name, "--"]);
        command.args(if arguments.quick { self.quick } else { self.settings });
        if self.has_rounds && !arguments.quick {
            command.arg(format!("--rounds={}", arguments.rounds));
        }
        let watch = Watch::begin();
        match command.status()? {
            status if status.success() => note_others(&rows::file(&folder, name), watch.others()),
            status => Err(format!("it ended with {status}").into()),
        }
    }

    fn written(&self, folder: &Path) -> Result<Part, Box<dyn Error>> {
        let Ok(text) = fs::read(rows::file(folder, self.name)) else { return Err("it wrote none".into()) };
        let written: Value = serde_json::from_slice(&text)?;
        Ok(Part {
            name: self.name.to_owned(),
            what: written["settings"]["what"].as_str().unwrap_or(self.name).to_owned(),
            circumstances: Option::deserialize(&written["circumstances"])?,
            rows: Vec::deserialize(&written["rows"])?,
            failure: None,
        })
    }
}

impl Part {
    fn failed(name: &str, why: &str) -> Self {
        let (name, failure) = (name.to_owned(), Some(why.to_owned()));
        Self { what: name.clone(), name, circumstances: None, rows: Vec::new(), failure }
    }
}

/// What the benchmark could not know while it ran.
fn note_others(file: &Path, others: Option<f64>) -> Result<(), Box<dyn Error>> {
    let Ok(text) = fs::read(file) else { return Ok(()) };
    let mut written: Value = serde_json::from_slice(&text)?;
    written["circumstances"]["others"] = json!(others.map(figures::rounded));
    Ok(fs::write(file, serde_json::to_string_pretty(&written)? + "\n")?)
}

/// The released binary as Cargo.toml says, whatever the environment says, in a folder that is gone
/// afterwards.
pub fn build() -> Part {
    figures::progress("---- a build from clean");
    build_in_its_own_folder().unwrap_or_else(|error| Part::failed("build", &error.to_string()))
}

fn build_in_its_own_folder() -> Result<Part, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut command = cargo();
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PROFILE_") || name.ends_with("RUSTC_WRAPPER")) {
            command.env_remove(name);
        }
    }
    command.args(["build", "--release", "--locked", "--bin", "glasnik", "--target-dir"]).arg(folder.path());
    let circumstances = Circumstances { command: "cargo build --release".to_owned(), ..Circumstances::here("bed") };
    let watch = Watch::begin();
    match command.status()? {
        status if status.success() => {}
        status => return Err(format!("it ended with {status}").into()),
    }
    let binary = fs::metadata(folder.path().join("release/glasnik"))?.len();
    let mut rows = vec![Row::new("a build from clean: wall", "s", watch.wall_s()).target(AtMost(BUILD_S_MAX))];
    rows.extend(watch.own_s().map(|cpu_s| Row::new("a build from clean: CPU", "s", cpu_s)));
    rows.push(Row::new("a build from clean: the binary", "MB", binary as f64 / 1e6).target(AtMost(BINARY_MB_MAX)));
    Ok(Part {
        name: "build".to_owned(),
        what: "a build from clean".to_owned(),
        circumstances: Some(Circumstances { others: watch.others(), ..circumstances }),
        rows,
        failure: None,
    })
}

/// Without what cargo told this program of its package: build scripts that look at it would run again, and
/// half of the crates with them.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    for (name, _) in std::env::vars_os() {
        let is_of_this = |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|of| name.starts_with(of));
        if name.to_str().is_some_and(is_of_this) {
            command.env_remove(name);
        }
    }
    command.current_dir(root());
    command
}

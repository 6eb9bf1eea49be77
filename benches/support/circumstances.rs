//! What figures depend on: which command found them, of which commit, when, on how many cores, and how
//! the program was built.

use serde::{Deserialize, Serialize};
use std::process::Command;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Circumstances {
    pub command: String,
    pub commit: String,
    pub date: String,
    pub cores: usize,
    pub built: String,
    /// How many cores others kept busy meanwhile; known where `bed` ran it.
    pub others: Option<f64>,
}

impl Circumstances {
    /// Of this process, now.
    pub fn here(name: &str) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!(" -- {}", arguments.join(" ")) };
        Self {
            command: format!("cargo bench --bench {name}{arguments}"),
            commit: commit().unwrap_or_else(|| "unknown".to_owned()),
            date: chrono::Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            built: built(),
            others: None,
        }
    }
}

impl std::fmt::Display for Circumstances {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, commit, date, cores, built, others } = self;
        write!(f, "`{command}`, commit {commit}, {date}, {built}; {cores} cores, of which others kept ")?;
        match others {
            Some(others) => write!(f, "{others:.2} busy"),
            None => write!(f, "some busy, which nobody measured"),
        }
    }
}

fn commit() -> Option<String> {
    let git =
        Command::new("git").args(["describe", "--always", "--dirty"]).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = git.ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|commit| !commit.is_empty())
}

/// Link-time optimisation and codegen units, as the compiler was told when it built this very program:
/// by Cargo.toml, or by who overruled that.
fn built() -> String {
    let manifest: toml_edit::DocumentMut = include_str!("../../Cargo.toml").parse().unwrap_or_default();
    let release = |key: &str| manifest.get("profile")?.get("release")?.get(key).map(|value| value.to_string());
    let said = |overruled: Option<&str>, key: &str| match overruled {
        Some(value) => format!("{value} (overruled)"),
        None => release(key).map_or("cargo's own".to_owned(), |value| value.trim().trim_matches('"').to_owned()),
    };
    let lto = option_env!("CARGO_PROFILE_BENCH_LTO").or(option_env!("CARGO_PROFILE_RELEASE_LTO"));
    let units = option_env!("CARGO_PROFILE_BENCH_CODEGEN_UNITS").or(option_env!("CARGO_PROFILE_RELEASE_CODEGEN_UNITS"));
    format!("LTO {}, codegen units {}", said(lto, "lto"), said(units, "codegen-units"))
}

//! The origin, the stores, and the runs over them.

use crate::bare::{Depth, Floors, Outcome};
use crate::origin::{self, Command as Ask, Counts};
use crate::publisher::{Publisher, free_address};
use crate::report::Run;
use crate::watch::{self, Cost, Look};
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

pub struct World {
    folder: TempDir,
    publisher: Publisher,
}

impl World {
    /// Starts the origin and writes what the others need to find it.
    pub fn start(settings: origin::Settings) -> Result<Self, Box<dyn Error>> {
        let world = Self { folder: tempfile::tempdir()?, publisher: Publisher::start(settings)? };
        fs::write(world.urls(), world.publisher.urls().join("\n") + "\n")?;
        fs::write(world.config(), world.publisher.feeds_toml(free_address()?)?)?;
        Ok(world)
    }

    /// Begins again with empty stores.
    pub fn forget(&self) -> Result<(), Box<dyn Error>> {
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else if path != self.urls() && path != self.config() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Lets a share of the items be new.
    pub fn advance(&mut self, share: f64) -> Result<(), Box<dyn Error>> {
        let _new: u64 = self.publisher.ask(&Ask::Advance(share))?;
        Ok(())
    }

    /// The bare loop over all feeds. What stops early keeps nothing.
    pub fn bare(&mut self, depth: Depth) -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        let depth = format!("{depth:?}").to_lowercase();
        command.args(["bare", &depth]).arg(self.folder.path().join("bare.db")).arg(self.urls());
        let (run, text) = self.measured(&mut command, |_| ())?;
        let outcome: Outcome = serde_json::from_str(&text)?;
        match outcome.failed {
            0 => Ok(Run { new_rows: outcome.new, ..run }),
            failed => Err(format!("the bare loop could not read {failed} feeds").into()),
        }
    }

    /// What is below even that.
    pub fn floors(&self, feeds: usize) -> Result<Floors, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floors").arg(feeds.to_string()).arg(self.folder.path().join("floors.db"));
        Ok(serde_json::from_str(&watch::run(&mut command)?.1)?)
    }

    /// `glasnik poll` over all feeds, then its copies, stories and index.
    pub fn glasnik(&mut self) -> Result<Run, Box<dyn Error>> {
        self.glasnik_seen(|_| ())
    }

    /// As above, looked at while it runs.
    pub fn glasnik_seen(&mut self, look: impl FnMut(Look)) -> Result<Run, Box<dyn Error>> {
        let mut command = self.command();
        command.args(["poll", "--json", "--all", "--force"]);
        let (run, text) = self.measured(&mut command, look)?;
        let mut new_rows = 0;
        for line in text.lines() {
            let report: Value = serde_json::from_str(line)?;
            if let Some(error) = report["error"].as_str() {
                return Err(format!("glasnik could not read {}: {error}", report["url"]).into());
            }
            new_rows += report["new"].as_u64().unwrap_or_default();
        }
        Ok(Run { new_rows, ..run })
    }

    /// `glasnik publish`: every document of the site, as files.
    pub fn publish(&self) -> Result<Cost, Box<dyn Error>> {
        Ok(watch::run(self.command().arg("publish").arg(self.folder.path().join("site")))?.0)
    }

    /// `glasnik poll` where nothing is due: what the start and the end cost alone.
    pub fn start_only(&self) -> Result<Cost, Box<dyn Error>> {
        Ok(watch::run(self.command().args(["poll", "--json"]))?.0)
    }

    /// The released binary and where its feeds are.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
        command.arg("--config").arg(self.config()).env_remove("GLASNIK_LOG");
        command
    }

    /// Runs anything over the feeds.
    pub fn measured(&mut self, command: &mut Command, look: impl FnMut(Look)) -> Result<(Run, String), Box<dyn Error>> {
        let _before: Counts = self.publisher.ask(&Ask::Count)?;
        let (cost, text) = watch::watch(command, look)?;
        let counts = self.publisher.ask(&Ask::Count)?;
        Ok((Run { cost, counts, new_rows: 0 }, text))
    }

    /// A list of all feeds, one a line.
    pub fn urls(&self) -> PathBuf {
        self.folder.path().join("urls.txt")
    }

    /// glasnik's.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("glasnik.db")
    }

    /// A new folder for others.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Box<dyn Error>> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }
}

//! The origin, the two stores, and the runs over them.

use crate::bare::Outcome;
use crate::origin::{Command as Ask, Counts};
use crate::report::Run;
use crate::{Settings, measure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// The topics that glasnik works with here are those of the repository's own feeds.toml, from this
/// line to the next of its kind.
const TOPICS_BEGIN: &str = "# ---- What to look for";

pub struct World {
    folder: TempDir,
    origin: Origin,
    topics: Option<String>,
}

impl World {
    /// Starts the origin and writes what the two need to find it.
    pub fn start(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let origin = Origin::start(settings)?;
        let addresses = &origin.addresses;
        let urls: Vec<String> = (0..settings.feeds)
            .map(|feed| format!("http://{}/feed/{feed}.xml", addresses[feed % addresses.len()]))
            .collect();
        let world = Self { folder: tempfile::tempdir()?, topics: topics(), origin };
        fs::write(world.urls(), urls.join("\n"))?;
        fs::write(world.config(), world.feeds_toml(&urls)?)?;
        Ok(world)
    }

    /// Whether glasnik tags, too.
    pub fn has_topics(&self) -> bool {
        self.topics.is_some()
    }

    /// Begins again with empty stores.
    pub fn forget(&self) -> Result<(), Box<dyn Error>> {
        for entry in fs::read_dir(self.folder.path())? {
            let path = entry?.path();
            if path != self.urls() && path != self.config() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Lets a share of the items be new.
    pub fn advance(&mut self, share: f64) -> Result<(), Box<dyn Error>> {
        let _new: u64 = self.origin.ask(&Ask::Advance(share))?;
        Ok(())
    }

    /// The bare loop over all feeds.
    pub fn bare(&mut self) -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(self.folder.path().join("bare.db")).arg(self.urls());
        let (run, text) = self.measured(&mut command)?;
        let outcome: Outcome = serde_json::from_str(&text)?;
        match outcome.failed {
            0 => Ok(Run { new_rows: outcome.new, ..run }),
            failed => Err(format!("the bare loop could not read {failed} feeds").into()),
        }
    }

    /// `glasnik poll` over all feeds.
    pub fn glasnik(&mut self, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
        command.arg("--config").arg(self.config()).args(["poll", "--json"]).args(arguments).env_remove("GLASNIK_LOG");
        let (run, text) = self.measured(&mut command)?;
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

    fn measured(&mut self, command: &mut Command) -> Result<(Run, String), Box<dyn Error>> {
        let _before: Counts = self.origin.ask(&Ask::Count)?;
        let (cost, text) = measure::run(command)?;
        let counts = self.origin.ask(&Ask::Count)?;
        Ok((Run { cost, counts, new_rows: 0 }, text))
    }

    fn urls(&self) -> PathBuf {
        self.folder.path().join("urls.txt")
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    fn feeds_toml(&self, urls: &[String]) -> Result<String, Box<dyn Error>> {
        let mut config = "[defaults]\nallow_private = true\n".to_owned();
        for address in &self.origin.addresses {
            writeln!(config, "[[host]]\nmatch = \"{}\"\nspacing = \"0s\"", address.ip())?;
        }
        for (feed, url) in urls.iter().enumerate() {
            writeln!(config, "[[feed]]\nid = \"feed-{feed}\"\nurl = \"{url}\"")?;
        }
        Ok(config + self.topics.as_deref().unwrap_or_default())
    }
}

fn topics() -> Option<String> {
    let file = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml")).ok()?;
    let block = &file[file.find(TOPICS_BEGIN)?..];
    let end = block.match_indices("\n# ---- ").next().map_or(block.len(), |(at, _)| at);
    Some(block[..end].to_owned() + "\n").filter(|topics| topics.contains("\n[[topic]]"))
}

/// The other end of the origin's stdin and stdout. It ends when this is dropped.
struct Origin {
    addresses: Vec<SocketAddr>,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    child: Child,
}

impl Origin {
    fn start(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg(format!("--feeds={}", settings.feeds))
            .arg(format!("--addresses={}", settings.addresses))
            .arg(format!("--latency-ms={}", settings.latency_ms))
            .arg("origin");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut origin = Self { addresses: Vec::new(), commands, answers, child };
        origin.addresses = origin.next_answer()?;
        Ok(origin)
    }

    fn ask<T: DeserializeOwned>(&mut self, command: &Ask) -> Result<T, Box<dyn Error>> {
        let stdin = self.commands.as_mut().ok_or("the origin was told to end")?;
        writeln!(stdin, "{}", serde_json::to_string(command)?)?;
        self.next_answer()
    }

    fn next_answer<T: DeserializeOwned>(&mut self) -> Result<T, Box<dyn Error>> {
        let mut line = String::new();
        match self.answers.read_line(&mut line)? {
            0 => Err("the origin ended".into()),
            _ => Ok(serde_json::from_str(&line)?),
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        drop(self.commands.take());
        // It ends with its stdin; whether well or not is of no interest any more.
        let _ = self.child.wait();
    }
}

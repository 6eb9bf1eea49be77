//! The other end of the origin's stdin and stdout: it is started, told and asked from here, and ends
//! when this is dropped.

use crate::origin::{Command as Ask, Settings};
use serde::de::DeserializeOwned;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The topics that glasnik works with here are those of the repository's own feeds.toml, from this
/// line to the next of its kind.
const TOPICS_BEGIN: &str = "# ---- What to look for";

pub struct Publisher {
    settings: Settings,
    addresses: Vec<SocketAddr>,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    child: Child,
}

impl Publisher {
    /// Starts this very program as `origin`.
    pub fn start(settings: Settings) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("origin").args(settings.to_arguments());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        let mut publisher = Self { settings, addresses: Vec::new(), commands, answers, child };
        publisher.addresses = publisher.next_answer()?;
        Ok(publisher)
    }

    pub fn ask<T: DeserializeOwned>(&mut self, command: &Ask) -> Result<T, Box<dyn Error>> {
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

    /// Where its feeds are.
    pub fn urls(&self) -> Vec<String> {
        let address = |feed: usize| self.addresses[feed % self.addresses.len()];
        (0..self.settings.feeds).map(|feed| format!("http://{}/feed/{feed}.xml", address(feed))).collect()
    }

    /// A feeds.toml with all of its feeds and the topics of the repository's.
    pub fn feeds_toml(&self, listen: SocketAddr) -> Result<String, Box<dyn Error>> {
        let mut config = format!("[server]\nlisten = \"{listen}\"\n[defaults]\nallow_private = true\n");
        for address in &self.addresses {
            writeln!(config, "[[host]]\nmatch = \"{}\"\nspacing = \"0s\"", address.ip())?;
        }
        for (feed, url) in self.urls().iter().enumerate() {
            writeln!(config, "[[feed]]\nid = \"feed-{feed}\"\nurl = \"{url}\"")?;
        }
        Ok(config + &topics()?)
    }
}

fn topics() -> Result<String, Box<dyn Error>> {
    let file = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml"))?;
    let block = &file[file.find(TOPICS_BEGIN).ok_or("feeds.toml has no topics")?..];
    let end = block.match_indices("\n# ---- ").next().map_or(block.len(), |(at, _)| at);
    Ok(block[..end].to_owned() + "\n")
}

/// A port that nobody listens on.
pub fn free_address() -> std::io::Result<SocketAddr> {
    std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

impl Drop for Publisher {
    fn drop(&mut self) {
        drop(self.commands.take());
        // It ends with its stdin; whether well or not is of no interest any more.
        let _ = self.child.wait();
    }
}

//! Other people's programs over the same feeds: those of `benches/poll/peers` whose tools are there.
//! A script gets a list of addresses and a folder, does one pass, and keeps what its tool keeps in
//! the folder; the last line that it prints is the number of entries that it knows.

use crate::figures::progress;
use crate::report::Run;
use crate::world::World;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What one of them cost.
pub struct Peer {
    pub name: &'static str,
    /// Whether people read with it; else it is a parser with a loop of ours around it.
    pub is_reader: bool,
    pub cold: Run,
    pub unchanged: Run,
}

struct Kind {
    name: &'static str,
    is_reader: bool,
    /// What runs it: a program, or one below target/peers.
    program: &'static str,
    script: &'static [&'static str],
    /// A question that the program answers with success only where the tool is there.
    asks: &'static [&'static str],
}

const KINDS: [Kind; 7] = [
    Kind {
        name: "newsboat",
        is_reader: true,
        program: "sh",
        script: &["newsboat.sh"],
        asks: &["-c", "command -v newsboat"],
    },
    Kind {
        name: "sfeed",
        is_reader: true,
        program: "sh",
        script: &["sfeed.sh"],
        asks: &["-c", "command -v sfeed_update curl"],
    },
    Kind {
        name: "rss2email",
        is_reader: true,
        program: "sh",
        script: &["rss2email.sh"],
        asks: &["-c", "command -v r2e"],
    },
    Kind { name: "reader", is_reader: true, program: PYTHON, script: &["reading.py"], asks: &["-c", "import reader"] },
    Kind {
        name: "feedparser",
        is_reader: false,
        program: PYTHON,
        script: &["parsing.py"],
        asks: &["-c", "import feedparser"],
    },
    Kind {
        name: "rss-parser",
        is_reader: false,
        program: "node",
        script: &["parsing.mjs", "rss-parser"],
        asks: &["-e", "require('rss-parser')"],
    },
    Kind {
        name: "feedsmith",
        is_reader: false,
        program: "node",
        script: &["parsing.mjs", "feedsmith"],
        asks: &["-e", "require('feedsmith')"],
    },
];

const PYTHON: &str = "python/bin/python";

/// Where `benches/peers` puts what no package manager of the system has.
fn installed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers")
}

/// Those that did it, and why others are left out.
#[derive(Default)]
pub struct Peers {
    pub measured: Vec<Peer>,
    pub left_out: Vec<String>,
}

/// By each that is there. One that fails does not trouble the others.
pub fn measure(world: &mut World) -> Peers {
    let mut peers = Peers::default();
    for kind in KINDS {
        progress(kind.name);
        let measured = if kind.is_there() { passes(&kind, world) } else { Err("is not there".into()) };
        match measured {
            Ok(peer) => peers.measured.push(peer),
            Err(why) => {
                progress(&format!("  left out: {why}"));
                peers.left_out.push(format!("{} ({why})", kind.name));
            }
        }
    }
    peers
}

/// A cold pass and one with nothing changed. The second pass is not counted: some keep an ETag only when
/// they have seen it twice.
fn passes(kind: &Kind, world: &mut World) -> Result<Peer, Box<dyn Error>> {
    let folder = world.folder(kind.name)?;
    let mut pass = || -> Result<(Run, String), Box<dyn Error>> {
        let urls = world.urls();
        world.measured(kind.command(&kind.script[..1]).arg(urls).arg(&folder).args(&kind.script[1..]), |_| ())
    };
    let (cold, text) = pass()?;
    pass()?;
    let (unchanged, _) = pass()?;
    let entries = text.lines().last().and_then(|line| line.trim().parse().ok()).unwrap_or_default();
    let (asked, again) = (cold.counts.requests, unchanged.counts.requests);
    progress(&format!("  {entries} entries, {asked} requests, {again} when nothing changed"));
    if entries == 0 {
        return Err("knows no entry after it".into());
    }
    Ok(Peer { name: kind.name, is_reader: kind.is_reader, cold: Run { new_rows: entries, ..cold }, unchanged })
}

impl Kind {
    fn is_there(&self) -> bool {
        let mut command = self.program();
        command.args(self.asks).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn command(&self, script: &[&str]) -> Command {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/poll/peers");
        let mut command = self.program();
        command.args(script.iter().map(|name| scripts.join(name))).stderr(Stdio::null());
        command
    }

    fn program(&self) -> Command {
        let program = if self.program == PYTHON { installed().join(PYTHON) } else { self.program.into() };
        let mut command = Command::new(program);
        command.env("NODE_PATH", installed().join("node_modules")).env("no_proxy", "*");
        if installed().is_dir() {
            command.current_dir(installed());
        }
        command
    }
}

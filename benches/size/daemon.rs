//! The real daemon over a filled store: how soon it serves, and what memory it rests in.

use crate::process::{cpu_s, resident_bytes};
use chrono::{TimeDelta, Utc};
use glasnik::store::Store;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the daemon took.
pub struct Rested {
    /// From each start to the first whole answer, of `/healthz` and of an output.
    pub healthy_s: Vec<f64>,
    pub served_s: Vec<f64>,
    /// At rest, with the stories' window full and with an empty one.
    pub with_window_bytes: u64,
    pub without_bytes: u64,
}

/// How often it is started.
const STARTS: usize = 3;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// A daemon that used less than a twentieth of a core for so long is at rest.
const QUIET: Duration = Duration::from_secs(4);
/// What takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(600);

/// Starts it over a store some times, and lets it rest the last time. Then a copy is looked at in which
/// all news are old.
pub fn starts(folder: &Path) -> Result<Rested, Box<dyn Error>> {
    let (mut healthy_s, mut served_s) = (Vec::new(), Vec::new());
    let mut start = || -> Result<Daemon, Box<dyn Error>> {
        let daemon = Daemon::start(folder)?;
        healthy_s.push(daemon.answers_after("/healthz")?);
        served_s.push(daemon.answers_after("/feeds/frequent.atom")?);
        Ok(daemon)
    };
    for _ in 1..STARTS {
        start()?;
    }
    let with_window_bytes = start()?.at_rest()?;
    let without_bytes = without_window(folder)?;
    Ok(Rested { healthy_s, served_s, with_window_bytes, without_bytes })
}

fn without_window(folder: &Path) -> Result<u64, Box<dyn Error>> {
    let without = tempfile::tempdir_in(folder)?;
    for file in ["glasnik.db", "feeds.toml"] {
        std::fs::copy(folder.join(file), without.path().join(file))?;
    }
    // The daemon was killed: what it wrote last may be in the log alone.
    let log = "glasnik.db-wal";
    if folder.join(log).exists() {
        std::fs::copy(folder.join(log), without.path().join(log))?;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let store = Store::open(&without.path().join("glasnik.db"))?;
    runtime.block_on(store.forget_old_articles(Utc::now() + TimeDelta::days(400)))?;
    drop(store);
    Daemon::start(without.path())?.at_rest()
}

struct Daemon {
    child: Child,
    address: SocketAddr,
    started: Instant,
}

impl Daemon {
    fn start(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = std::fs::read_to_string(folder.join("feeds.toml"))?;
        let here = folder.join("here.toml");
        std::fs::write(&here, config.replace("127.0.0.1:0", &address.to_string()))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
        command.arg("--config").arg(here).arg("run").env_remove("GLASNIK_LOG").stdin(Stdio::null());
        let started = Instant::now();
        Ok(Self { child: command.stderr(Stdio::null()).spawn()?, address, started })
    }

    /// How long after the start an address answers with 200.
    fn answers_after(&self, path: &str) -> Result<f64, Box<dyn Error>> {
        while self.started.elapsed() < PATIENCE {
            if self.answer(path).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
                return Ok(self.started.elapsed().as_secs_f64());
            }
            std::thread::sleep(LOOK);
        }
        Err(format!("the daemon did not answer {path}").into())
    }

    fn answer(&self, path: &str) -> Result<String, Box<dyn Error>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Its resident memory when it has nothing to do.
    fn at_rest(&self) -> Result<u64, Box<dyn Error>> {
        let mut before = cpu_s(self.child.id())?;
        while self.started.elapsed() < PATIENCE {
            std::thread::sleep(QUIET);
            let now = cpu_s(self.child.id())?;
            if now - before < QUIET.as_secs_f64() / 20.0 {
                return resident_bytes(self.child.id());
            }
            before = now;
        }
        Err("the daemon never came to rest".into())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Killed: what it has in memory is looked at, not how it stops.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

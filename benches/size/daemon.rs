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
    /// From the start to the first whole answer, of `/healthz` and of an output.
    pub healthy_s: f64,
    pub served_s: f64,
    /// At rest, with the stories' window full and with an empty one.
    pub with_window_bytes: u64,
    pub without_bytes: u64,
}

/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// A daemon that used less than a twentieth of a core for so long is at rest.
const QUIET: Duration = Duration::from_secs(4);
/// What takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(600);

pub fn measure(folder: &Path) -> Result<Rested, Box<dyn Error>> {
    let daemon = Daemon::start(folder)?;
    let healthy_s = daemon.answers_after("/healthz")?;
    let served_s = daemon.answers_after("/feeds/frequent.atom")?;
    let with_window_bytes = daemon.at_rest()?;
    drop(daemon);
    let runtime = tokio::runtime::Runtime::new()?;
    let store = Store::open(&folder.join("glasnik.db"))?;
    runtime.block_on(store.forget_old_articles(Utc::now() + TimeDelta::days(400)))?;
    drop(store);
    let without_bytes = Daemon::start(folder)?.at_rest()?;
    Ok(Rested { healthy_s, served_s, with_window_bytes, without_bytes })
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

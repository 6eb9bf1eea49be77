//! The pace of an ordinary hour in real time: ten thousand feeds that are due once in it, servers that
//! take their time, some that hang. What the daemon needs of one core, and how late healthy feeds are
//! asked. Nothing is new; what news cost is told by `poll`.
//!
//! `cargo bench --bench pace -- --help`

#[path = "../support/figures.rs"]
#[allow(dead_code, reason = "nothing here is done twice")]
mod figures;
#[path = "../support/processes.rs"]
mod processes;
mod publishers;
#[path = "../support/rows.rs"]
#[allow(dead_code, reason = "nothing here is beside anything")]
mod rows;
#[path = "../support/server.rs"]
mod server;

use clap::Parser;
use publishers::Publishers;
use rows::Row;
use rows::Target::AtMost;
use rusqlite::{Connection, params};
use serde_json::json;
use server::Server;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Of one core, for ten thousand feeds an hour.
const CORE_PERCENT_MAX: f64 = 5.0;

/// A healthy feed is never later.
const LATE_S_MAX: f64 = 60.0;

const HOUR_S: f64 = 3600.0;

/// What the daemon has to start before the hour begins.
const START: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, Parser)]
#[command(name = "pace", about = "Measures the daemon at the pace of an hour in which every feed is due once")]
struct Settings {
    /// How many feeds
    #[arg(long, default_value_t = 10_000)]
    feeds: usize,
    /// How much of the hour is measured, in minutes
    #[arg(long, default_value_t = 5)]
    minutes: u64,
    /// Before each answer, in milliseconds
    #[arg(long, default_value_t = 300)]
    latency_ms: u64,
    /// Of a hundred servers so many take a request and never answer
    #[arg(long, default_value_t = 5)]
    hanging: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let settings = Settings::parse();
    processes::check_platform()?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let publishers = runtime.block_on(Publishers::start(settings.feeds))?;
    let config = folder.path().join("feeds.toml");
    fs::write(&config, feeds_toml(&publishers)?)?;
    figures::progress("every feed is asked for the first time");
    first_pass(&config)?;

    let begin = SystemTime::now() + START;
    plan(&folder.path().join("glasnik.db"), settings.feeds, begin)?;
    publishers.slow_down(Duration::from_millis(settings.latency_ms), settings.hanging);
    let mut daemon = Server::start(glasnik(&config).arg("run"))?;
    sleep(begin.duration_since(SystemTime::now())?);
    figures::progress(&format!("{} minutes of the hour", settings.minutes));
    let before_s = daemon.cpu_s();
    sleep(Duration::from_secs(settings.minutes * 60));
    let cpu_s = daemon.cpu_s() - before_s;
    if !daemon.is_up() {
        return Err("the daemon ended".into());
    }
    show(settings, &publishers, &daemon, cpu_s, begin)
}

fn show(
    settings: Settings,
    publishers: &Publishers,
    daemon: &Server,
    cpu_s: f64,
    begin: SystemTime,
) -> Result<(), Box<dyn Error>> {
    let measured_s = settings.minutes as f64 * 60.0;
    let (mut late_s, mut hung) = (Vec::new(), 0);
    for feed in 0..settings.feeds {
        let planned_s = planned_s(feed, settings.feeds);
        if planned_s >= measured_s {
            continue;
        }
        let asked_at = publishers.asked_at(feed);
        match publishers.hangs(feed) {
            true => hung += usize::from(asked_at.is_some()),
            // Who was not asked is late by now, at the least.
            false => late_s.push(match asked_at {
                Some(asked_at) => seconds_after(begin, asked_at) - planned_s,
                None => measured_s - planned_s,
            }),
        }
    }
    late_s.sort_by(f64::total_cmp);
    let late = |share: f64| late_s.get((late_s.len() as f64 * share) as usize).copied().unwrap_or_default();
    let rows = [
        Row::new("pace: of one core", "%", cpu_s / measured_s * 100.0).target(AtMost(CORE_PERCENT_MAX)),
        Row::new("pace: healthy feeds late by, 99 of 100", "s", late(0.99)),
        Row::new("pace: healthy feeds late by, the latest", "s", late_s.last().copied().unwrap_or_default())
            .target(AtMost(LATE_S_MAX)),
        Row::new("pace: healthy feeds that were due", "", late_s.len() as f64),
        Row::new("pace: feeds that hung", "", f64::from(u32::try_from(hung)?)),
        Row::new("pace: peak memory", "MB", daemon.memory_bytes() as f64 / 1e6),
    ];
    let Settings { feeds, minutes, latency_ms, hanging, .. } = settings;
    let what = format!(
        "{minutes} minutes of an hour with {feeds} feeds, {latency_ms} ms latency, {hanging} of 100 servers hang"
    );
    figures::print(&what);
    rows::show(&rows);
    rows::write("pace", json!({ "what": what }), &rows)
}

fn seconds_after(begin: SystemTime, at: SystemTime) -> f64 {
    match at.duration_since(begin) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

fn feeds_toml(publishers: &Publishers) -> Result<String, Box<dyn Error>> {
    let mut config = "[server]\nlisten = \"127.0.0.1:0\"\n[defaults]\nallow_private = true\n".to_owned();
    for (feed, url) in publishers.urls().enumerate() {
        writeln!(config, "[[feed]]\nid = \"feed-{feed}\"\nurl = \"{url}\"")?;
    }
    Ok(config)
}

fn glasnik(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
    command.arg("--config").arg(config).env_remove("GLASNIK_LOG");
    command
}

fn first_pass(config: &Path) -> Result<(), Box<dyn Error>> {
    let status = glasnik(config).args(["poll", "--all"]).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("the first pass ended with {status}").into()) }
}

/// As if the feeds had been read for long: their turns are spread over the hour.
fn plan(store: &Path, feeds: usize, begin: SystemTime) -> Result<(), Box<dyn Error>> {
    let begin_s = begin.duration_since(UNIX_EPOCH)?.as_secs_f64();
    let mut store = Connection::open(store)?;
    let transaction = store.transaction()?;
    for feed in 0..feeds {
        let at = (begin_s + planned_s(feed, feeds)) as i64;
        transaction
            .prepare_cached("UPDATE feed SET next_poll_at = ?2 WHERE name = ?1")?
            .execute(params![format!("feed-{feed}"), at])?;
    }
    Ok(transaction.commit()?)
}

/// In which second of the hour a feed is due; mixed, so that a server's feeds are not all due at once.
fn planned_s(feed: usize, feeds: usize) -> f64 {
    (feed * 7919 % feeds) as f64 * HOUR_S / feeds as f64
}

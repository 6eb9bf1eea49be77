//! What a reader costs: the daemon and nginx hand out the same document, whole, packed and not at all
//! (304), to wrk; CPU a request from outside, and how long the slowest in a hundred waits, also while
//! the daemon polls. Needs nginx and wrk; `benches/peers` installs them.
//!
//! `cargo bench --bench serve -- --help`

#[path = "../support/feeds.rs"]
mod feeds;
#[path = "../support/figures.rs"]
mod figures;
mod nginx;
#[path = "../support/origin.rs"]
mod origin;
#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/publisher.rs"]
mod publisher;
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/server.rs"]
mod server;
mod visitors;

use clap::{Args, Parser, Subcommand};
use nginx::Nginx;
use origin::{Command as Ask, Counts};
use publisher::{Publisher, free_address};
use rows::Row;
use rows::Target::{AtMost, RatioAtMost};
use serde_json::json;
use server::Server;
use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;
use visitors::{Answer, Load};

/// 0.95 of what nginx answers with the same CPU.
const CPU_RATIO_MAX: f64 = 1.0 / 0.95;

/// What the slowest reader in a hundred waits at most while feeds are polled.
const P99_MS_MAX: f64 = 10.0;

/// More would wait for each other.
const CONNECTIONS_WHILE_POLLING: usize = 16;

/// The document that is handed out.
const PATH: &str = "/feeds/all.atom";

#[derive(Debug, Parser)]
#[command(name = "serve", about = "Measures what readers cost glasnik and nginx")]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Debug, Clone, Copy, Args)]
struct Settings {
    #[command(flatten)]
    origin: origin::Settings,
    /// How long each load lasts, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often each is done in turns; the medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections of wrk
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Part {
    #[command(hide = true)]
    Origin(origin::Settings),
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { settings, part, .. } = Arguments::parse();
    match part {
        Some(Part::Origin(settings)) => tokio::runtime::Runtime::new()?.block_on(origin::run(settings)),
        None => measure(settings),
    }
}

fn measure(settings: Settings) -> Result<(), Box<dyn Error>> {
    processes::check_platform()?;
    for tool in ["wrk", "nginx"] {
        if !nginx::is_there(tool) {
            figures::print(&format!("{tool} is not there; `benches/peers` installs it. Nothing was measured."));
            return Ok(());
        }
    }
    let folder = tempfile::tempdir()?;
    let mut publisher = Publisher::start(settings.origin)?;
    let listen = free_address()?;
    let config = folder.path().join("feeds.toml");
    std::fs::write(&config, publisher.feeds_toml(listen)?)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
    let mut glasnik = Server::start(command.arg("--config").arg(&config).arg("run").env_remove("GLASNIK_LOG"))?;
    let busy = while_polling(&mut publisher, listen, settings)?;
    figures::progress("waiting until everything is polled");
    wait_until_polled(&mut glasnik, &folder.path().join("glasnik.db"), settings.origin.feeds)?;
    let nginx = Nginx::start(&folder.path().join("nginx"), listen, PATH)?;
    let mut rows = compare(&glasnik, listen, &nginx, settings)?;
    rows.push(busy);
    rows.push(Row::new("serving and polling: peak memory", "MB", glasnik.memory_bytes() as f64 / 1e6));
    let what = format!(
        "one document, wrk with {} connections for {} s, medians of {} rounds; {} feeds",
        settings.connections, settings.seconds, settings.rounds, settings.origin.feeds
    );
    figures::print(&what);
    rows::show(&rows);
    rows::write("serve", json!({ "what": what }), &rows)
}

/// Each kind of answer from both in turns.
fn compare(
    glasnik: &Server,
    listen: SocketAddr,
    nginx: &Nginx,
    settings: Settings,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for answer in [Answer::Whole, Answer::Packed, Answer::NotModified] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..settings.rounds {
            ours.push(Load::put(answer, glasnik, listen, PATH, settings)?);
            theirs.push(Load::put(answer, nginx.server(), nginx.address(), PATH, settings)?);
        }
        let name = answer.name();
        let median = |loads: &[Load], value: fn(&Load) -> f64| figures::median(loads.iter().map(value).collect());
        let both = |figure: &str, unit: &str, value: fn(&Load) -> f64| {
            Row::new(format!("serving {name}: {figure}"), unit, median(&ours, value))
                .beside("nginx", median(&theirs, value))
        };
        rows.push(both("CPU a request", "us", |load| load.cpu_us).target(RatioAtMost(rounded(CPU_RATIO_MAX))));
        rows.push(both("99 of 100 wait at most", "ms", |load| load.p99_ms));
        rows.push(both("answers a second", "", |load| load.a_second));
    }
    Ok(rows)
}

fn rounded(ratio: f64) -> f64 {
    (ratio * 1e3).round() / 1e3
}

/// The first pass over all feeds is under way: twenty whole documents a second, as of ten thousand
/// feeds that were all just added.
fn while_polling(publisher: &mut Publisher, listen: SocketAddr, settings: Settings) -> Result<Row, Box<dyn Error>> {
    visitors::wait_for(listen, PATH)?;
    // Until there is something to hand out.
    sleep(Duration::from_secs(5));
    let _before: Counts = publisher.ask(&Ask::Count)?;
    let settings = Settings { connections: CONNECTIONS_WHILE_POLLING, ..settings };
    let p99_ms = visitors::wrk(Answer::Packed, listen, PATH, settings)?.p99_ms;
    let polled: Counts = publisher.ask(&Ask::Count)?;
    if polled.requests == 0 {
        return Err("nothing was polled meanwhile".into());
    }
    let row = Row::new("serving gzip while feeds are polled: 99 of 100 wait at most", "ms", p99_ms);
    Ok(row.target(AtMost(P99_MS_MAX)))
}

/// Until nothing is left to do but to hand out.
fn wait_until_polled(glasnik: &mut Server, store: &Path, feeds: usize) -> Result<(), Box<dyn Error>> {
    let store = rusqlite::Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or_default();
    loop {
        let polled = number("SELECT count(*) FROM feed WHERE last_success_at IS NOT NULL");
        let rest = number("SELECT (SELECT max(id) FROM entry) - (SELECT indexed_to FROM indexing)");
        if polled as usize >= feeds && rest == 0 {
            break;
        }
        if !glasnik.is_up() {
            return Err("the daemon ended".into());
        }
        sleep(Duration::from_secs(1));
    }
    // What is published rests longest between two times; after this it has all.
    sleep(Duration::from_secs(10));
    Ok(())
}

//! What a poll costs: the real binary over a thousand feeds on loopback, seen from outside, beside a
//! bare loop that does only what cannot be left out, and beside other people's programs. Every figure
//! is from one run on one machine; only the ratios travel. Never fails for being slow:
//! docs/performance.md says how to read it.
//!
//! `cargo bench --bench poll -- --help`

mod bare;
#[path = "../support/feeds.rs"]
mod feeds;
#[path = "../support/figures.rs"]
mod figures;
#[path = "../support/origin.rs"]
mod origin;
mod peers;
#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/publisher.rs"]
mod publisher;
mod report;
#[path = "../support/rows.rs"]
mod rows;
#[path = "../support/server.rs"]
mod server;
mod steps;
mod store;
mod watch;
mod world;

use bare::Depth;
use clap::{Args, Parser, Subcommand};
use report::{Pass, Report, Round};
use std::error::Error;
use std::path::PathBuf;
use world::World;

#[derive(Debug, Parser)]
#[command(name = "poll", about = "Measures glasnik's polls against a bare loop over the same feeds")]
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

#[derive(Debug, Clone, Args)]
struct Settings {
    #[command(flatten)]
    origin: origin::Settings,
    /// How often everything is done, each time with fresh stores; the medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The share of items that is new in the third pass, one item a feed
    #[arg(long, default_value_t = 0.01)]
    news: f64,
    /// Have the daemon do a cold pass too, once; it takes 50 ms a feed
    #[arg(long)]
    daemon: bool,
    /// Have other feed readers do the same, once; `benches/peers` installs them
    #[arg(long)]
    peers: bool,
}

/// The processes that this one starts of itself.
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Part {
    #[command(hide = true)]
    Origin(origin::Settings),
    #[command(hide = true)]
    Bare { depth: Depth, database: PathBuf, urls: PathBuf },
    #[command(hide = true)]
    Floors { feeds: usize, database: PathBuf },
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { settings, part, .. } = Arguments::parse();
    match part {
        None => compare(settings),
        Some(Part::Origin(settings)) => tokio::runtime::Runtime::new()?.block_on(origin::run(settings)),
        Some(Part::Bare { depth, database, urls }) => {
            let urls = std::fs::read_to_string(urls)?.lines().map(str::to_owned).collect();
            let outcome = tokio::runtime::Runtime::new()?.block_on(bare::run(&database, urls, depth))?;
            figures::print(&serde_json::to_string(&outcome)?);
            Ok(())
        }
        Some(Part::Floors { feeds, database }) => {
            figures::print(&serde_json::to_string(&bare::floors(&database, feeds)?)?);
            Ok(())
        }
    }
}

/// Each pass is done by all over the same documents, one after the other.
fn compare(settings: Settings) -> Result<(), Box<dyn Error>> {
    processes::check_platform()?;
    let mut world = World::start(settings.origin)?;
    let mut report = Report::new(&settings);
    report.floors = world.floors(settings.origin.feeds)?;
    for number in 1..=settings.rounds {
        figures::progress(&format!("round {number} of {}", settings.rounds));
        report.rounds.push(round(&mut world, settings.news)?);
    }
    if settings.daemon {
        figures::progress("the daemon");
        world.forget()?;
        report.daemon = Some(steps::daemon(&world, settings.origin.feeds)?);
    }
    if settings.peers {
        world.forget()?;
        report.peers = peers::measure(&mut world);
    }
    report.show()
}

fn round(world: &mut World, news: f64) -> Result<Round, Box<dyn Error>> {
    world.forget()?;
    let fetch = world.bare(Depth::Fetch)?;
    let parse = world.bare(Depth::Parse)?;
    let (glasnik, steps) = steps::cold(world)?;
    let cold = Pass { bare: world.bare(Depth::Insert)?, glasnik };
    let publish = world.publish()?;
    let start = world.start_only()?;
    let unchanged = Pass::several(|| Ok(Pass { bare: world.bare(Depth::Insert)?, glasnik: world.glasnik()? }))?;
    let (rewritten, log) = store::written(&world.store(), || world.glasnik().map(|_| ()))?;
    world.advance(news)?;
    let news = Pass { bare: world.bare(Depth::Insert)?, glasnik: world.glasnik()? };
    for pass in [&cold, &unchanged, &news] {
        pass.check()?;
    }
    Ok(Round { fetch, parse, cold, steps, publish, start, unchanged, rewritten, log, news })
}

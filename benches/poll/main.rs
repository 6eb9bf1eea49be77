//! What a poll costs: the real binary over a thousand feeds on loopback, seen from outside, beside a
//! bare loop that does only what cannot be left out. Every figure is from one run on one machine;
//! only the ratios travel. Never fails for being slow: docs/performance.md says how to read it.
//!
//! `cargo bench --bench poll -- --help`

mod bare;
#[path = "../support/feeds.rs"]
mod feeds;
#[path = "../support/figures.rs"]
mod figures;
mod measure;
mod origin;
mod report;
mod world;

use clap::{Args, Parser, Subcommand};
use report::{Pass, Report, Round};
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use world::World;

#[derive(Debug, Parser)]
#[command(name = "poll", about = "Measures glasnik's polls against a bare loop over the same feeds")]
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
    /// How many feeds
    #[arg(long, default_value_t = 1000)]
    feeds: usize,
    /// How often everything is done, each time with fresh stores; the medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The share of items that is new in the third pass, one item a feed
    #[arg(long, default_value_t = 0.01)]
    news: f64,
    /// Before each answer of the origin, in milliseconds
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Over how many loopback addresses the feeds are spread; glasnik asks one at a time of each
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=250))]
    addresses: u8,
}

/// The processes that this one starts of itself.
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Part {
    #[command(hide = true)]
    Origin,
    #[command(hide = true)]
    Bare { database: PathBuf, urls: PathBuf },
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { settings, part, .. } = Arguments::parse();
    match part {
        None => compare(settings),
        Some(Part::Origin) => tokio::runtime::Runtime::new()?.block_on(origin::run(origin::Settings {
            feeds: settings.feeds,
            addresses: settings.addresses,
            latency: Duration::from_millis(settings.latency_ms),
        })),
        Some(Part::Bare { database, urls }) => {
            let urls = std::fs::read_to_string(urls)?.lines().map(str::to_owned).collect();
            let outcome = tokio::runtime::Runtime::new()?.block_on(bare::run(&database, urls))?;
            figures::print(&serde_json::to_string(&outcome)?);
            Ok(())
        }
    }
}

/// Each pass is done by both over the same documents, one after the other.
fn compare(settings: Settings) -> Result<(), Box<dyn Error>> {
    measure::check_platform()?;
    let mut world = World::start(&settings)?;
    let mut report = Report::new(&settings, world.has_topics());
    for number in 1..=settings.rounds {
        figures::progress(&format!("round {number} of {}", settings.rounds));
        world.forget()?;
        let cold = Pass { bare: world.bare()?, glasnik: world.glasnik(&["--all"])? };
        let unchanged = Pass { bare: world.bare()?, glasnik: world.glasnik(&["--all", "--force"])? };
        world.advance(settings.news)?;
        let news = Pass { bare: world.bare()?, glasnik: world.glasnik(&["--all", "--force"])? };
        for pass in [&cold, &unchanged, &news] {
            pass.check()?;
        }
        report.rounds.push(Round { cold, unchanged, news });
    }
    report.show()
}

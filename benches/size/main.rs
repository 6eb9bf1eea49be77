//! What size costs: a store of 100,000 entries beside one of a million, of ten thousand feeds, filled
//! by the store's own doors. What a new entry and an unchanged poll take at both, how soon the newest
//! hundred of any output are there, how soon the real daemon serves, and what memory it rests in.
//! Never fails for being slow: docs/performance.md says how to read it.
//!
//! `cargo bench --bench size -- --help`

mod daemon;
#[path = "../support/figures.rs"]
mod figures;
mod fill;
#[path = "../same/news.rs"]
#[expect(dead_code, reason = "another benchmark reads all of it")]
mod news;
mod outputs;
#[path = "../support/process.rs"]
mod process;
mod report;

use clap::Parser;
use fill::World;
use report::{Growth, Report, Sized};
use std::error::Error;
use std::path::{Path, PathBuf};

#[derive(Debug, Parser)]
#[command(name = "size", about = "Measures what a large store costs beside a small one")]
struct Arguments {
    /// How many feeds there are
    #[arg(long, default_value_t = 10_000)]
    feeds: usize,
    /// Entries of the small store
    #[arg(long, default_value_t = 100_000)]
    small: usize,
    /// Entries of the large store: 1000000, or 5000000 for an hour
    #[arg(long, default_value_t = 1_000_000)]
    large: usize,
    /// Entries of the last days, which stories are looked for among
    #[arg(long, default_value_t = 300_000)]
    window: usize,
    /// Where the stores are kept for the next run, which then measures them as they are
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Leave the daemon's start and memory out
    #[arg(long)]
    no_daemon: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.as_deref().unwrap_or(temporary.path());
    let small = measure(&arguments, folder, arguments.small)?;
    let large = measure(&arguments, folder, arguments.large)?;
    Report { feeds: arguments.feeds, window: arguments.window, small, large }.show()
}

/// Fills a store where there is none yet, and measures it.
fn measure(arguments: &Arguments, folder: &Path, entries: usize) -> Result<Sized, Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let folder = folder.join(entries.to_string());
    let is_large = entries == arguments.large;
    let mut sized = runtime.block_on(async {
        let mut world = World::open(&folder, arguments.feeds, entries, arguments.window).await?;
        world.fill().await?;
        let outputs = outputs::measure(&world).await?;
        let growth = Growth::measure(&mut world).await?;
        Ok::<_, Box<dyn Error>>(Sized { entries, growth, outputs, bytes: world.bytes()?, daemon: None })
    })?;
    drop(runtime);
    if is_large && !arguments.no_daemon {
        sized.daemon = Some(daemon::measure(&folder)?);
    }
    Ok(sized)
}

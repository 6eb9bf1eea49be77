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
mod growth;
mod kept;
#[path = "../same/news.rs"]
#[expect(dead_code, reason = "another benchmark reads all of it")]
mod news;
mod outputs;
mod placing;
#[path = "../support/process.rs"]
mod process;
mod report;
#[path = "../support/rows.rs"]
mod rows;

use clap::Parser;
use fill::World;
use growth::Growth;
use kept::Filled;
use outputs::Kind;
use report::{Report, Sized};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Parser)]
#[command(name = "size", about = "Measures what a large store costs beside a small one")]
struct Arguments {
    /// How many feeds there are; the names of some are asked for
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(5_000..))]
    feeds: u32,
    /// Entries of the small store
    #[arg(long, default_value_t = 100_000)]
    small: usize,
    /// Entries of the large store: 1000000, or 5000000 for an hour
    #[arg(long, default_value_t = 1_000_000)]
    large: usize,
    /// Entries of the last days, which stories are looked for among
    #[arg(long, default_value_t = 300_000)]
    window: usize,
    /// How often both stores are measured in turns; the medians are shown
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the filled stores are kept for the next run, which measures copies of them for a day
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Leave the daemon's start and memory out
    #[arg(long)]
    no_daemon: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Threads that wait for work are kept as long as we measure: the clock that looks at threads forgets
/// those that end.
const THREADS_KEPT_FOR: Duration = Duration::from_secs(24 * 3600);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let folder = arguments.folder.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder)?;
    let copies = tempfile::tempdir_in(folder)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().thread_keep_alive(THREADS_KEPT_FOR).build()?;
    let asked = |entries| Filled::as_asked(arguments.feeds as usize, entries, arguments.window);
    let small = runtime.block_on(kept::filled(folder, &asked(arguments.small)))?;
    let large = runtime.block_on(kept::filled(folder, &asked(arguments.large)))?;
    let places = [kept::copied(folder, &small, copies.path())?, kept::copied(folder, &large, copies.path())?];
    let daemon = if arguments.no_daemon { None } else { Some(daemon::starts(&places[1])?) };
    let [small, large] = runtime.block_on(measure([small, large], &places, arguments.rounds))?;
    drop(runtime);
    Report { small, large, rounds: arguments.rounds, daemon }.show()
}

/// Both stores in turns, so that whatever else the machine does meets both.
async fn measure(filled: [Filled; 2], places: &[PathBuf; 2], rounds: usize) -> Result<[Sized; 2], Box<dyn Error>> {
    let [small, large] = filled;
    let mut both = [open(small, &places[0]).await?, open(large, &places[1]).await?];
    for round in 1..=rounds {
        figures::progress(&format!("round {round} of {rounds}"));
        for (world, sized) in &mut both {
            outputs::measure(&mut sized.outputs, world).await?;
            sized.growth.push(Growth::measure(world).await?);
        }
    }
    Ok(both.map(|(_, sized)| sized))
}

async fn open(filled: Filled, place: &Path) -> Result<(World, Sized), Box<dyn Error>> {
    let world = World::open(place, filled.feeds, filled.entries, filled.window).await?;
    let (outputs, bytes) = (Kind::all(&world), world.bytes()?);
    Ok((world, Sized { filled, bytes, growth: Vec::new(), outputs }))
}

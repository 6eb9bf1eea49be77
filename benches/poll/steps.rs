//! What each step of a cold pass costs, and what the daemon needs for all of it. Seen from outside:
//! when the last feed was reported, and how far the store says that the index of words has come.

use crate::processes;
use crate::report::Run;
use crate::server::Server;
use crate::store::{number, open};
use crate::watch::Cost;
use crate::world::World;
use rusqlite::Connection;
use std::error::Error;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// CPU seconds of one cold pass, in turn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Steps {
    /// From the start to the last feed's report.
    pub poll_s: f64,
    /// Copies and stories.
    pub group_s: f64,
    /// The index of words.
    pub index_s: f64,
}

/// A cold pass of the command, step by step.
pub fn cold(world: &mut World) -> Result<(Run, Steps), Box<dyn Error>> {
    let (store, feeds) = (world.store(), std::fs::read_to_string(world.urls())?.lines().count());
    let mut looking: Option<Connection> = None;
    let (mut polled_s, mut grouped_s) = (None, None);
    let run = world.glasnik_seen(|look| {
        if look.lines < feeds {
            return;
        }
        let Some(cpu_s) = processes::cpu(look.process) else {
            return;
        };
        polled_s.get_or_insert(cpu_s);
        looking = looking.take().or_else(|| open(&store).ok());
        if looking.as_ref().is_some_and(|store| number(store, "SELECT indexed_to FROM indexing") > 0) {
            grouped_s.get_or_insert(cpu_s);
        }
    })?;
    let polled_s = polled_s.ok_or("the pass ended before its last line was seen")?;
    let grouped_s = grouped_s.unwrap_or(run.cost.cpu_s);
    let steps = Steps { poll_s: polled_s, group_s: grouped_s - polled_s, index_s: run.cost.cpu_s - grouped_s };
    Ok((run, steps))
}

/// Between two looks at the daemon.
const LOOK: Duration = Duration::from_secs(1);

/// For longer than this no pass takes.
const PATIENCE_LOOKS: usize = 1_800;

/// A daemon that works takes more of a second than this.
const IDLE_S: f64 = 0.05;

/// What the daemon has cost when it has polled, grouped, indexed and published everything and rests.
pub fn daemon(world: &World, feeds: usize) -> Result<Cost, Box<dyn Error>> {
    let mut daemon = Server::start(world.command().arg("run"))?;
    let (start, mut before_s) = (Instant::now(), 0.0);
    for _ in 0..PATIENCE_LOOKS {
        sleep(LOOK);
        if !daemon.is_up() {
            return Err("the daemon ended".into());
        }
        let cpu_s = daemon.cpu_s();
        let rests = cpu_s - before_s < IDLE_S;
        if rests && is_done(&world.store(), feeds).unwrap_or_default() {
            let wall_s = start.elapsed().as_secs_f64();
            return Ok(Cost { cpu_s, wall_s, memory_bytes: daemon.memory_bytes() });
        }
        before_s = cpu_s;
    }
    Err("the daemon did not come to rest".into())
}

fn is_done(store: &std::path::Path, feeds: usize) -> rusqlite::Result<bool> {
    let store = open(store)?;
    let polled = number(&store, "SELECT count(*) FROM feed WHERE last_success_at IS NOT NULL");
    let last = number(&store, "SELECT max(id) FROM entry");
    let grouped = number(&store, "SELECT done_to FROM grouping");
    let indexed = number(&store, "SELECT indexed_to FROM indexing");
    Ok(polled as usize == feeds && grouped >= last && indexed >= last)
}

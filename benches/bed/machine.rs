//! How busy others keep the machine meanwhile: all that its cores did, without what we and those did
//! whom we started.

use crate::processes::{fields, seconds};
use std::fs;
use std::time::Instant;

pub struct Watch {
    begun: Instant,
    /// All cores, and ours, in seconds; nothing where the kernel does not tell.
    busy_s: Option<f64>,
    own_s: Option<f64>,
}

impl Watch {
    pub fn begin() -> Self {
        Self { begun: Instant::now(), busy_s: busy_s(), own_s: own_s() }
    }

    pub fn wall_s(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// What our children have used that have ended since.
    pub fn own_s(&self) -> Option<f64> {
        Some(own_s()? - self.own_s?)
    }

    /// How many cores others kept busy since.
    pub fn others(&self) -> Option<f64> {
        let busy_s = busy_s()? - self.busy_s?;
        Some(((busy_s - self.own_s()?) / self.wall_s()).max(0.0))
    }
}

/// What all cores did but idle and wait, in seconds, what a host took from us included (proc(5)).
fn busy_s() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<String> = stat.lines().next()?.split_whitespace().skip(1).map(str::to_owned).collect();
    // user, nice, system; then idle and iowait; irq, softirq, steal; guests are in user.
    Some(seconds(ticks.get(..3)?)? + seconds(ticks.get(5..8)?)?)
}

/// This process and all children that were waited for.
fn own_s() -> Option<f64> {
    seconds(fields("self")?.get(11..15)?)
}

//! A server, watched from outside.

use crate::processes::{cpu, family, family_memory, peak_memory};
use std::error::Error;
use std::process::{Child, Command, Stdio};

/// It and what it starts run until this is dropped.
pub struct Server {
    child: Child,
}

impl Server {
    pub fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { child: quiet.spawn()? })
    }

    /// What it has used so far, user and system together.
    pub fn cpu_s(&self) -> f64 {
        family(self.child.id()).into_iter().filter_map(cpu).sum()
    }

    /// The most resident memory, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        peak_memory(self.child.id()).max(family_memory(self.child.id()))
    }

    /// Whether it still runs.
    pub fn is_up(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let others = family(self.child.id()).into_iter().map(|process| process.to_string());
        // What has ended already needs no end.
        let _ = Command::new("kill").args(others).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

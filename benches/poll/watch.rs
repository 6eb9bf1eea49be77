//! A process watched from outside to its end: CPU, wall time, peak memory. What it starts is
//! watched with it.

use crate::processes::{family_memory, fields, peak_memory, seconds};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Between two looks at what runs. The kernel keeps the peak of a process, so that only what happens
/// after the last look is missed.
const LOOK: Duration = Duration::from_millis(10);

/// To find whom it started is more work than to ask one process.
const LOOKS_AT_FAMILY: u32 = 10;

/// What one process cost, with all that it started.
#[derive(Debug, Clone, Default)]
pub struct Cost {
    /// User and system together.
    pub cpu_s: f64,
    pub wall_s: f64,
    /// The most resident memory, in bytes.
    pub memory_bytes: u64,
}

/// What is seen of a process while it runs.
pub struct Look {
    pub process: u32,
    /// Lines that it has written to stdout.
    pub lines: usize,
}

/// Runs `command` to its end and gives its cost and its stdout.
pub fn run(command: &mut Command) -> Result<(Cost, String), Box<dyn Error>> {
    watch(command, |_| ())
}

/// As [`run`], with a look at the process every few milliseconds.
pub fn watch(command: &mut Command, mut look: impl FnMut(Look)) -> Result<(Cost, String), Box<dyn Error>> {
    let before = childrens_cpu()?;
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
    let lines = Arc::new(AtomicUsize::new(0));
    let counted = lines.clone();
    let reader = std::thread::spawn(move || {
        let line = |line: std::io::Result<String>| line.inspect(|_| _ = counted.fetch_add(1, Relaxed));
        stdout.lines().map(line).collect::<Result<Vec<_>, _>>()
    });
    let mut memory_bytes = 0;
    let mut looks = 0;
    let status = loop {
        memory_bytes = memory_bytes.max(peak_memory(child.id()));
        if looks % LOOKS_AT_FAMILY == 0 {
            memory_bytes = memory_bytes.max(family_memory(child.id()));
        }
        looks += 1;
        look(Look { process: child.id(), lines: lines.load(Relaxed) });
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let wall_s = start.elapsed().as_secs_f64();
    let cpu_s = childrens_cpu()? - before;
    let text = reader.join().map_err(|_| "the reader of stdout broke")??.join("\n");
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok((Cost { cpu_s, wall_s, memory_bytes }, text))
}

/// What all children that were waited for have used, in seconds (`cutime` and `cstime` of proc(5)).
fn childrens_cpu() -> Result<f64, Box<dyn Error>> {
    Ok(fields("self").and_then(|fields| seconds(fields.get(13..15)?)).ok_or("/proc/self/stat is not as expected")?)
}

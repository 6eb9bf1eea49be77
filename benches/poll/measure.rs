//! A child process watched from outside: its CPU, its wall time, its peak memory.

use std::error::Error;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// In which the kernel gives CPU times to user space: `USER_HZ`, 100 on every architecture that
/// Linux runs on today.
const TICKS_A_SECOND: f64 = 100.0;

/// Between two looks at the child's memory. The kernel keeps the peak, so that only what happens
/// after the last look is missed.
const LOOK: Duration = Duration::from_millis(10);

/// What one process cost.
#[derive(Debug, Clone, Default)]
pub struct Cost {
    /// User and system together.
    pub cpu_s: f64,
    pub wall_s: f64,
    /// The most resident memory, in bytes.
    pub memory_bytes: u64,
}

/// /proc is read, and 127.0.0.2 must be as local as 127.0.0.1.
pub fn check_platform() -> Result<(), Box<dyn Error>> {
    match cfg!(target_os = "linux") {
        true => Ok(()),
        false => Err("this benchmark needs Linux: it reads /proc and uses many addresses of 127/8".into()),
    }
}

/// Runs `command` to its end and gives its cost and its stdout.
pub fn run(command: &mut Command) -> Result<(Cost, String), Box<dyn Error>> {
    let before = childrens_cpu()?;
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut stdout = child.stdout.take().ok_or("no stdout")?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut memory_bytes = 0;
    let status = loop {
        memory_bytes = peak_memory(child.id()).unwrap_or(memory_bytes);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let wall_s = start.elapsed().as_secs_f64();
    let cpu_s = childrens_cpu()? - before;
    let text = reader.join().map_err(|_| "the reader of stdout broke")??;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok((Cost { cpu_s, wall_s, memory_bytes }, text))
}

/// What all children that were waited for have used, in seconds (`cutime` and `cstime` of proc(5)).
fn childrens_cpu() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold anything; after it come the fields from the third on.
    let (_, fields) = stat.rsplit_once(')').ok_or("/proc/self/stat has no name")?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / TICKS_A_SECOND)
}

/// `VmHWM` of proc(5); `None` when the process has ended.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(kilobytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

//! What a process uses, as Linux tells it: CPU and resident memory.

use std::error::Error;
use std::fs;

/// In which the kernel gives CPU times to user space: `USER_HZ`, 100 on every architecture that
/// Linux runs on today.
const TICKS_A_SECOND: f64 = 100.0;

/// The user and system time of all threads of a process, in seconds (`utime` and `stime` of proc(5)).
pub fn cpu_s(process: u32) -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold anything; after it come the fields from the third on.
    let (_, fields) = stat.rsplit_once(')').ok_or("/proc/PID/stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / TICKS_A_SECOND)
}

/// How long the threads of this process ran, in seconds, to the nanosecond; what ended ones ran is not
/// in it (proc(5), `schedstat`).
pub fn running_s() -> Result<f64, Box<dyn Error>> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let stat = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += stat.split(' ').next().unwrap_or_default().parse::<f64>()?;
    }
    Ok(nanoseconds / 1e9)
}

/// `VmRSS` of proc(5), in bytes.
pub fn resident_bytes(process: u32) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes = kilobytes.trim().strip_suffix("kB").ok_or("VmRSS without a unit")?;
    Ok(kilobytes.trim().parse::<u64>()? * 1024)
}

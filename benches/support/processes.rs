//! What the kernel tells of processes: CPU, memory, who started whom.

use std::collections::HashMap;
use std::fs;

/// In which the kernel gives CPU times to user space: `USER_HZ`, 100 on every architecture that
/// Linux runs on today.
const TICKS_A_SECOND: f64 = 100.0;

/// /proc is read, and 127.0.0.2 must be as local as 127.0.0.1.
pub fn check_platform() -> Result<(), Box<dyn std::error::Error>> {
    match cfg!(target_os = "linux") {
        true => Ok(()),
        false => Err("this benchmark needs Linux: it reads /proc and uses many addresses of 127/8".into()),
    }
}

/// What a process has used, in seconds; `None` when it has ended.
pub fn cpu(process: u32) -> Option<f64> {
    seconds(fields(&process.to_string())?.get(11..13)?)
}

pub fn seconds(ticks: &[String]) -> Option<f64> {
    let ticks = ticks.iter().map(|field| field.parse::<u64>()).sum::<Result<u64, _>>().ok()?;
    Some(ticks as f64 / TICKS_A_SECOND)
}

/// The fields of /proc/PROCESS/stat from the third on; the name before them may hold anything.
pub fn fields(process: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// A process and all that it started, as far as they still run.
pub fn family(first: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |process: u32| fields(&process.to_string())?.get(1)?.parse::<u32>().ok();
    let parents: HashMap<u32, u32> = numbers.filter_map(|process| Some((process, parent(process)?))).collect();
    let is_of_it =
        |process: &u32| std::iter::successors(Some(*process), |of| parents.get(of).copied()).any(|of| of == first);
    parents.keys().copied().filter(is_of_it).collect()
}

/// The kernel's own record of one process.
pub fn peak_memory(process: u32) -> u64 {
    kilobytes(process, "VmHWM:").unwrap_or_default() * 1024
}

/// What all of a family have now, without what they share.
pub fn family_memory(first: u32) -> u64 {
    family(first).into_iter().filter_map(|process| kilobytes(process, "RssAnon:")).sum::<u64>() * 1024
}

fn kilobytes(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.trim().parse().ok()
}

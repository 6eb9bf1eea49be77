//! What it costs to know an item again, to find its copies and its story: new items a second on one
//! core, with 100,000 and a million entries in the window, memory an entry, what a re-seen item costs
//! beside a new one, how soon a window is back after a start, and what links between languages cost.
//! From a read item (plain texts, identified) to the answer; reading documents
//! and keeping rows is measured by the `poll` benchmark. Never fails for being slow.
//!
//! `cargo bench --bench same -- [ENTRIES …]`

mod grouping;
mod linking;
mod news;

use glasnik::stories::{Item, Known};
use news::{Desk, News};
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

/// Items that are timed at each size.
const TIMED: usize = 20_000;
/// Items of one document.
pub const DOCUMENT: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.replace('_', "").parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![100_000, 1_000_000] } else { asked };
    let mut out = std::io::stdout().lock();
    // First, while no memory was used that could be used again.
    grouping::report(&sizes, resident_bytes(), &mut out)?;
    writeln!(
        out,
        "\n{:>10} {:>14} {:>12} {:>12} {:>14} {:>12} {:>9}",
        "entries", "new items/s", "p50 us", "p99 us", "re-seen/s", "times", "KB/entry"
    )?;
    for size in &sizes {
        let size = *size;
        let measured = measure(size)?;
        let new = TIMED as f64 / measured.new.iter().sum::<Duration>().as_secs_f64();
        let again = TIMED as f64 / measured.again.as_secs_f64();
        let at = |share: f64| {
            measured.new[(measured.new.len() as f64 * share) as usize].as_secs_f64() * 1e6 / DOCUMENT as f64
        };
        let memory = measured.memory_bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1024.0 / size as f64);
        writeln!(
            out,
            "{size:>10} {new:>14.0} {:>12.1} {:>12.1} {again:>14.0} {:>12.1} {memory:>9.2}",
            at(0.5),
            at(0.99),
            again / new
        )?;
    }
    linking::report(&sizes, &mut out)
}

struct Measured {
    /// A document each, sorted.
    new: Vec<Duration>,
    again: Duration,
    /// What the entries took, where the system tells.
    memory_bytes: Option<u64>,
}

fn measure(size: usize) -> Result<Measured, Box<dyn Error>> {
    let mut desk = Desk::new();
    let before = resident_bytes();
    let mut known = Known::new(size);
    for _ in 0..size / DOCUMENT {
        see(&mut known, &document(&mut desk));
    }
    let after = resident_bytes();
    let documents: Vec<Vec<News>> = (0..TIMED / DOCUMENT).map(|_| document(&mut desk)).collect();
    let timed = |known: &mut Known| -> Vec<Duration> {
        let time = |news: &Vec<News>| {
            let start = Instant::now();
            see(known, news);
            start.elapsed()
        };
        documents.iter().map(time).collect()
    };
    let mut new = timed(&mut known);
    let count = known.len();
    let again = timed(&mut known).iter().sum();
    if known.len() != count {
        return Err(format!("{} items were taken for new when they were seen again", known.len() - count).into());
    }
    new.sort_unstable();
    Ok(Measured { new, again, memory_bytes: after.zip(before).map(|(after, before)| after.saturating_sub(before)) })
}

/// Items of one feed, all new.
pub fn document(desk: &mut Desk) -> Vec<News> {
    let mut items: Vec<News> = (0..DOCUMENT).map(|_| desk.next()).collect();
    let feed = items[0].feed;
    items.iter_mut().for_each(|item| item.feed = feed);
    items
}

fn see(known: &mut Known, document: &[News]) {
    let feed = format!("feed-{}", document[0].feed);
    let item = |news| item(&feed, news);
    let items: Vec<Item<'_>> = document.iter().map(item).collect();
    std::hint::black_box(known.see(&feed, &items));
}

/// One of the generated news as the store reads it.
pub fn item<'a>(feed: &'a str, news: &'a News) -> Item<'a> {
    Item {
        feed,
        id: Some(&news.id),
        link: Some(&news.link),
        title: &news.title,
        summary: &news.text,
        content: "",
        published: Some(news.published),
        // Computed when a document is read: any number that is the item's own.
        fingerprint: news.published as u64,
        stand_in: None,
    }
}

/// `VmRSS` of proc(5).
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(kilobytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

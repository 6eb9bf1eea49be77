//! End to end, as for each new item of a daemon: read, known for new, placed with its copies and in
//! its story, with the window full, looking again every so often; and the window brought back from
//! its bytes. On one core, in processor time where the system tells, so that others do not count.

use crate::news::{Desk, News};
use crate::{DOCUMENT, document, item, resident_bytes};
use glasnik::stories::{Article, Groups, Item, Known};
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

/// New items that are timed at each size.
const TIMED: usize = 10_000;
/// Articles between two looks at the stories.
const REGROUPED_EACH: i64 = 200;
/// The window that a start brings back.
const RESTORED: usize = 200_000;

const NEW_A_SECOND_MIN: f64 = 5_000.0;
/// Of what is done with the smallest window, so much with the largest.
const SHARE_MIN: f64 = 0.8;
const KILOBYTES_MAX: f64 = 0.7;
const RESTORED_S_MAX: f64 = 1.0;

pub fn report(sizes: &[usize], before: Option<u64>, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(
        out,
        "{:>10} {:>14} {:>12} {:>12} {:>12} {:>9} {:>12} {:>12}",
        "in window", "new items/s", "known us", "placed p50", "placed p99", "KB each", "restored", "seconds"
    )?;
    let mut rates = Vec::new();
    for size in sizes {
        let mut world = World { desk: Desk::new(), known: Known::new(*size), groups: Groups::new(*size), count: 0 };
        while world.groups.len() < *size - DOCUMENT {
            world.take(&mut Timed::default());
        }
        let memory =
            resident_bytes().zip(before).map_or(f64::NAN, |(after, before)| after.saturating_sub(before) as f64);
        let mut timed = Timed::default();
        let documents: Vec<Vec<News>> = (0..TIMED / DOCUMENT).map(|_| document(&mut world.desk)).collect();
        for document in &documents {
            world.take_document(document, &mut timed);
        }
        timed.placed.sort_unstable();
        let at = |share: f64| timed.placed[(TIMED as f64 * share) as usize].as_secs_f64() * 1e6;
        let (restored, seconds) = restore(&world)?;
        let rate = TIMED as f64 / timed.whole.as_secs_f64();
        let kilobytes = memory / 1024.0 / *size as f64;
        writeln!(
            out,
            "{size:>10} {rate:>14.0} {:>12.1} {:>12.1} {:>12.1} {kilobytes:>9.2} {restored:>12} {seconds:>12.2}",
            timed.known.as_secs_f64() * 1e6 / TIMED as f64,
            at(0.5),
            at(0.99),
        )?;
        verdict(out, "new items a second", rate, rate >= NEW_A_SECOND_MIN || *size > 100_000, ">= 5000 at 100,000")?;
        verdict(out, "KB an item in all", kilobytes, kilobytes < KILOBYTES_MAX, "< 0.7")?;
        let of_all = seconds * RESTORED as f64 / restored as f64;
        verdict(out, "seconds for 200,000 to be ready", of_all, of_all < RESTORED_S_MAX, "< 1")?;
        rates.push(rate);
    }
    if let [first, .., last] = rates[..] {
        verdict(out, "of the first rate at last", last / first, last >= first * SHARE_MIN, ">= 0.8")?;
    }
    Ok(())
}

fn verdict(out: &mut impl Write, what: &str, value: f64, is_met: bool, target: &str) -> std::io::Result<()> {
    writeln!(out, "{:>10} {value:>14.2} {what}, wanted {target}", if is_met { "met" } else { "MISSED" })
}

/// Both engines, as `glasnik same` has them.
struct World {
    desk: Desk,
    known: Known,
    groups: Groups,
    count: i64,
}

#[derive(Default)]
struct Timed {
    whole: Duration,
    known: Duration,
    placed: Vec<Duration>,
}

impl World {
    fn take(&mut self, timed: &mut Timed) {
        let document = document(&mut self.desk);
        self.take_document(&document, timed);
    }

    fn take_document(&mut self, document: &[News], timed: &mut Timed) {
        let feed = format!("feed-{}", document[0].feed);
        let items: Vec<Item<'_>> = document.iter().map(|news| item(&feed, news)).collect();
        let begun = Stopwatch::start();
        let mut articles = Vec::with_capacity(items.len());
        let read = |_, reading: &_| articles.push(Article::of_reading(reading, None));
        std::hint::black_box(self.known.see_reading(&feed, &items, read));
        timed.known += begun.elapsed();
        for article in articles {
            let start = Instant::now();
            self.add(1 + document[0].feed as u64, article);
            timed.placed.push(start.elapsed());
        }
        timed.whole += begun.elapsed();
    }

    fn add(&mut self, feed: u64, article: Article) {
        self.count += 1;
        std::hint::black_box(self.groups.add(self.count, feed, 1_700_000_000, article));
        if self.count % REGROUPED_EACH == 0 {
            std::hint::black_box(self.groups.regroup(1_700_000_000));
        }
    }
}

/// Measures what this thread has of a processor, and the time that passes where nobody tells.
struct Stopwatch(Option<Duration>, Instant);

impl Stopwatch {
    fn start() -> Self {
        Self(processor_time(), Instant::now())
    }

    fn elapsed(&self) -> Duration {
        let on_processor = processor_time().zip(self.0).map(|(now, begun)| now.saturating_sub(begun));
        on_processor.unwrap_or_else(|| self.1.elapsed())
    }
}

/// By proc(5).
fn processor_time() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Brings as many articles back as a start may find; fails if a story is not what it was.
fn restore(world: &World) -> Result<(usize, f64), Box<dyn Error>> {
    let mut desk = Desk::new();
    let first = (world.count - RESTORED as i64).max(0);
    let skipped = first as usize / DOCUMENT;
    (0..skipped).for_each(|_| drop(document(&mut desk)));
    let mut kept: Vec<(i64, i64, Vec<u8>)> = Vec::new();
    let mut number = (skipped * DOCUMENT) as i64;
    while number < world.count {
        for news in document(&mut desk) {
            number += 1;
            let Some(story) = world.groups.story(number) else { continue };
            kept.push((number, story, Article::of(&item("", &news), None).to_bytes()));
        }
    }
    let start = Stopwatch::start();
    let mut restored = Groups::new(kept.len().max(1));
    for (number, story, bytes) in &kept {
        let article = Article::from_bytes(bytes).ok_or("a kept article cannot be read")?;
        restored.restore(*number, 1 + *number as u64 % 500, 1_700_000_000, article, *story, None);
    }
    let seconds = start.elapsed().as_secs_f64();
    match kept.iter().all(|(number, story, _)| restored.story(*number) == Some(*story)) {
        true => Ok((kept.len(), seconds)),
        false => Err("a story is not what it was before".into()),
    }
}

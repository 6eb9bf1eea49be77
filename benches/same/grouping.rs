//! Copies and stories: what placing an article costs beside reading it, with the window full, looking
//! again every so often; and the window brought back from its bytes.

use crate::news::{Desk, News};
use crate::{item, resident_bytes};
use glasnik::stories::{Article, Groups};
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

/// Articles that are timed at each size.
const TIMED: usize = 10_000;
/// Articles between two looks at the stories.
const REGROUPED_EACH: i64 = 200;
/// The window that a start brings back.
const RESTORED: usize = 200_000;

pub fn report(sizes: &[usize], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(
        out,
        "\n{:>10} {:>14} {:>12} {:>12} {:>12} {:>9} {:>12} {:>12}",
        "articles", "grouped/s", "p50 us", "p99 us", "reading us", "KB each", "restored", "seconds"
    )?;
    for size in sizes {
        let mut world = World { desk: Desk::new(), groups: Groups::new(*size), count: 0 };
        let before = resident_bytes();
        let mut kept = Vec::new();
        while world.groups.len() < *size - 1 {
            let article = world.read().1;
            if world.count as usize > size.saturating_sub(RESTORED) {
                kept.push((world.count, article.to_bytes()));
            }
            world.add(article);
        }
        let memory = resident_bytes().zip(before).map_or(f64::NAN, |(after, before)| (after - before) as f64);
        let kept_bytes: usize = kept.iter().map(|(_, bytes)| bytes.len() + 40).sum();
        let (mut reading, mut times) = (Duration::ZERO, Vec::new());
        for _ in 0..TIMED {
            let (read, article) = world.read();
            reading += read;
            let start = Instant::now();
            world.add(article);
            times.push(start.elapsed());
        }
        let whole = reading + times.iter().sum::<Duration>();
        times.sort_unstable();
        let at = |share: f64| times[(TIMED as f64 * share) as usize].as_secs_f64() * 1e6;
        let (restored, seconds) = restore(&world.groups, &kept)?;
        writeln!(
            out,
            "{size:>10} {:>14.0} {:>12.1} {:>12.1} {:>12.1} {:>9.2} {restored:>12} {seconds:>12.2}",
            TIMED as f64 / whole.as_secs_f64(),
            at(0.5),
            at(0.99),
            reading.as_secs_f64() * 1e6 / TIMED as f64,
            (memory - kept_bytes as f64) / 1024.0 / *size as f64,
        )?;
    }
    Ok(())
}

struct World {
    desk: Desk,
    groups: Groups,
    count: i64,
}

impl World {
    /// The next article, and how long it took to read it.
    fn read(&mut self) -> (Duration, Article) {
        let news: News = self.desk.next();
        self.count += 1;
        let feed = news.feed.to_string();
        let start = Instant::now();
        let article = Article::of(&item(&feed, &news), None);
        (start.elapsed(), article)
    }

    fn add(&mut self, article: Article) {
        let feed = 1 + self.count as u64 % 500;
        std::hint::black_box(self.groups.add(self.count, feed, 1_700_000_000, article));
        if self.count % REGROUPED_EACH == 0 {
            std::hint::black_box(self.groups.regroup(1_700_000_000));
        }
    }
}

/// Brings the newest of a window back; fails if a story is not what it was.
fn restore(groups: &Groups, kept: &[(i64, Vec<u8>)]) -> Result<(usize, f64), Box<dyn Error>> {
    let stories: Vec<(i64, i64, &[u8])> =
        kept.iter().filter_map(|(number, bytes)| Some((*number, groups.story(*number)?, &bytes[..]))).collect();
    let start = Instant::now();
    let mut restored = Groups::new(kept.len());
    for (number, story, bytes) in &stories {
        let article = Article::from_bytes(bytes).ok_or("a kept article cannot be read")?;
        restored.restore(*number, 1 + *number as u64 % 500, 1_700_000_000, article, *story);
    }
    let seconds = start.elapsed().as_secs_f64();
    match stories.iter().all(|(number, story, _)| restored.story(*number) == Some(*story)) {
        true => Ok((stories.len(), seconds)),
        false => Err("a story is not what it was before".into()),
    }
}

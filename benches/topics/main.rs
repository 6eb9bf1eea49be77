//! What tagging costs: items a second on one core under a load like that of a media monitor, beside
//! folding alone over the same texts in the same run. Every figure is from one run on one machine;
//! only the ratios travel. Never fails for being slow: docs/performance.md says how to read it.

mod bare;
mod load;

use bare::Bare;
use glasnik::topics::{Item, Matcher, Topic, WordList};
use load::{ITEM_BYTES, Vocabulary};
use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// EMM's own figures: 850 categories, 30,000 patterns.
const TOPICS: usize = 850;
const WORDS: usize = 30_000;

/// Enough that a round takes some tenths of a second, and too much for any cache.
const ITEMS: usize = 8_000;

/// The quickest of so many counts: whatever else the machine does only makes a round slower.
const ROUNDS: usize = 7;

/// Words of a topic where topics grow in number, so that ten thousand of them fit into memory.
const WORDS_WHERE_MANY: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let vocabulary = Vocabulary::new();
    let items = vocabulary.items(ITEMS);
    let bytes: usize = items.iter().map(|item| item.title.len() + item.summary.len()).sum();
    say(format_args!("{ITEMS} items, {} bytes each on average ({ITEM_BYTES} meant)", bytes / ITEMS))?;

    let (words, topics) = vocabulary.rules(TOPICS, WORDS / TOPICS);
    let before = resident_bytes();
    let start = Instant::now();
    let matcher = compile(&words, &topics)?;
    let loading = start.elapsed();
    let memory = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before) >> 20);
    let bare = Bare::knowing(words.iter().flat_map(|list| &list.languages).flat_map(|(_, terms)| terms).map(|term| {
        let term: &str = term;
        term.split(' ').next().unwrap_or(term)
    }));
    let (mut quickest, mut quickest_bare) = (Duration::MAX, Duration::MAX);
    let (mut tags, mut known) = (0, 0);
    for _ in 0..ROUNDS {
        (known, quickest_bare) = quicker(quickest_bare, || {
            items.iter().map(|item| bare.count(&item.title) + bare.count(&item.summary)).sum()
        });
        (tags, quickest) = quicker(quickest, || tag_all(&matcher, &items));
    }
    let ratio = quickest.as_secs_f64() / quickest_bare.as_secs_f64();
    say(format_args!("{TOPICS} topics, {WORDS} words: loaded in {:.2} s (target: below 1 s)", loading.as_secs_f64()))?;
    if let Some(memory) = memory {
        say(format_args!("  memory of the compiled rules: {memory} MiB"))?;
    }
    say(format_args!(
        "  tagging: {:.0} items/s on one core (target: 25,000), {:.1} tags an item",
        per_second(quickest),
        tags as f64 / ITEMS as f64
    ))?;
    say(format_args!(
        "  bare folding and one look-up a word: {:.0} items/s, {:.1} words known an item",
        per_second(quickest_bare),
        known as f64 / ITEMS as f64
    ))?;
    say(format_args!("  ratio: {ratio:.2} (target: at most 1.5)"))?;
    drop(matcher);

    say(format_args!("with {WORDS_WHERE_MANY} words a topic:"))?;
    for count in [10, 100, 1_000, 10_000] {
        let (words, topics) = vocabulary.rules(count, WORDS_WHERE_MANY);
        let matcher = compile(&words, &topics)?;
        let (mut quickest, mut tags) = (Duration::MAX, 0);
        for _ in 0..ROUNDS {
            (tags, quickest) = quicker(quickest, || tag_all(&matcher, &items));
        }
        say(format_args!(
            "  {count:>6} topics: {:.0} items/s, {:.2} tags an item",
            per_second(quickest),
            tags as f64 / ITEMS as f64
        ))?;
    }
    Ok(())
}

fn compile(words: &[WordList], topics: &[Topic]) -> Result<Matcher, String> {
    Matcher::new(words, topics).map_err(|errors| format!("the generated rules are wrong: {}", errors[0]))
}

fn tag_all(matcher: &Matcher, items: &[load::Item]) -> usize {
    items.iter().map(|item| matcher.tag(&Item::of(&item.title, &item.summary, "")).len()).sum()
}

/// What `work` gives, and the shorter of its time and the time so far.
fn quicker(so_far: Duration, work: impl FnOnce() -> usize) -> (usize, Duration) {
    let start = Instant::now();
    let result = work();
    (result, so_far.min(start.elapsed()))
}

fn per_second(time: Duration) -> f64 {
    ITEMS as f64 / time.as_secs_f64()
}

/// The second field of /proc/self/statm, in pages of 4 KiB; `None` where there is no such file.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<u64>().ok()? * 4096)
}

fn say(line: std::fmt::Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

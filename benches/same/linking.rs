//! Links between languages: what a new story costs where every article begins one, which is the most
//! that it can cost, in six languages; and the memory that it takes, for each article of a week.

use crate::news::{Desk, News};
use crate::{item, resident_bytes};
use glasnik::stories::{Article, Links, Telling};
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

const TIMED: usize = 10_000;
const LANGUAGES: [&str; 6] = ["sr", "sq", "en", "de", "el", "mk"];
const WEEK_S: i64 = 7 * 24 * 3600;
/// Every so many words is written as a name.
const NAME_EACH: usize = 5;

pub fn report(sizes: &[usize], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    writeln!(
        out,
        "\n{:>10} {:>12} {:>12} {:>12} {:>9} {:>9}",
        "a week", "mean us", "p50 us", "p99 us", "KB each", "links"
    )?;
    for size in sizes {
        let before = resident_bytes();
        let mut world = World { desk: Desk::new(), links: Links::default(), count: 0, a_week: *size as i64, found: 0 };
        for _ in 0..*size {
            world.tell();
        }
        let memory =
            resident_bytes().zip(before).map_or(f64::NAN, |(after, before)| after.saturating_sub(before) as f64);
        let mut times: Vec<Duration> = (0..TIMED).map(|_| world.tell()).collect();
        let mean = times.iter().sum::<Duration>().as_secs_f64() * 1e6 / TIMED as f64;
        times.sort_unstable();
        let at = |share: f64| times[(TIMED as f64 * share) as usize].as_secs_f64() * 1e6;
        writeln!(
            out,
            "{size:>10} {mean:>12.1} {:>12.1} {:>12.1} {:>9.3} {:>9}",
            at(0.5),
            at(0.99),
            memory / 1024.0 / *size as f64,
            world.found
        )?;
    }
    Ok(())
}

struct World {
    desk: Desk,
    links: Links,
    count: i64,
    a_week: i64,
    found: usize,
}

impl World {
    /// Tells a story, and how long that took.
    fn tell(&mut self) -> Duration {
        let mut news: News = self.desk.next();
        self.count += 1;
        (news.title, news.text) = (with_names(&news.title), with_names(&news.text));
        let seen_at = 1_700_000_000 + self.count * WEEK_S / self.a_week;
        news.published = seen_at;
        let language = LANGUAGES[self.count as usize % LANGUAGES.len()];
        let item = item("feed", &news);
        let article = Article::of(&item, Some(language));
        let start = Instant::now();
        let telling = Telling::of(&item, &article);
        self.found += self.links.report(self.count, seen_at, &telling).len();
        start.elapsed()
    }
}

fn with_names(text: &str) -> String {
    let words = text.split(' ').enumerate().map(|(at, word)| {
        let mut letters = word.chars();
        match letters.next().filter(|_| at % NAME_EACH == 0) {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => word.to_owned(),
        }
    });
    words.collect::<Vec<String>>().join(" ")
}

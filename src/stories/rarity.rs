//! How telling a word is: the fewer articles have it, the more. What the window has is counted; what
//! news say anyhow is known from the start.

use super::terms::Term;

/// In how many articles words are met, by the first bits of their numbers.
#[derive(Debug)]
pub(super) struct Rarity {
    /// In parts of an article, so that what the background counts for has no fraction.
    counts: Vec<u32>,
    /// The logarithm of each of them: it is asked for a hundred times oftener than a count changes.
    counts_ln: Vec<f32>,
    articles: u32,
    /// The logarithm of how many there are, with the background.
    articles_ln: f32,
    /// The logarithms that are asked for most, by what is counted.
    few_ln: Vec<f32>,
    rarest_ln: f32,
    commonest_ln: f32,
    times: [f32; TIMES_MAX + 1],
}

/// Most words are in fewer articles.
const FEW: u32 = 512;

/// More often no word is counted.
const TIMES_MAX: usize = 31;

/// Each a word's bits below [`BUCKETS_BITS`], as three bytes, and how rare it is in the background, in
/// eighths of a natural logarithm. Made by `cargo run --release --example train_stories`.
const BACKGROUND: &[u8] = include_bytes!("background.bin");
/// The background counts for so many articles.
const BACKGROUND_ARTICLES: u32 = 2_000;
pub(super) const BUCKETS_BITS: u32 = 18;
const PARTS: u32 = 16;
/// A word that one of so many articles has is as telling as any: among many articles a name that
/// stands in ten is not worth less than one that stands in two.
const RAREST: f32 = 3_000.0;
/// What all articles have tells something still, so that nothing is divided by zero.
const COMMONEST: f32 = 1.05;

impl Rarity {
    pub fn new() -> Self {
        Self::over(BACKGROUND)
    }

    /// Over another background.
    pub fn over(background: &[u8]) -> Self {
        let mut counts = vec![0; 1 << BUCKETS_BITS];
        for known in background.as_chunks::<4>().0 {
            let share = (-f32::from(known[3]) / 8.0).exp();
            let place = u32::from_le_bytes([known[0], known[1], known[2], 0]) as usize % counts.len();
            counts[place] = (share * (BACKGROUND_ARTICLES * PARTS) as f32) as u32;
        }
        let few_ln: Vec<f32> = (0..FEW * PARTS).map(count_ln).collect();
        let counts_ln = counts.iter().map(|count| known_ln(&few_ln, *count)).collect();
        let times = std::array::from_fn(|times| 1.0 + (times.max(1) as f32).ln());
        let (rarest_ln, commonest_ln) = (RAREST.ln(), COMMONEST.ln());
        let mut rarity =
            Self { counts, counts_ln, articles: 0, articles_ln: 0.0, few_ln, rarest_ln, commonest_ln, times };
        rarity.measure();
        rarity
    }

    pub fn add(&mut self, terms: &[Term]) {
        self.articles += 1;
        terms.iter().for_each(|term| self.count(bucket(*term), |count| count + PARTS));
        self.measure();
    }

    /// Takes back what [`Self::add`] counted.
    pub fn remove(&mut self, terms: &[Term]) {
        self.articles -= 1;
        terms.iter().for_each(|term| self.count(bucket(*term), |count| count - PARTS));
        self.measure();
    }

    fn count(&mut self, bucket: usize, change: impl Fn(u32) -> u32) {
        let count = change(self.counts[bucket]);
        self.counts[bucket] = count;
        self.counts_ln[bucket] = known_ln(&self.few_ln, count);
    }

    fn measure(&mut self) {
        self.articles_ln = ((self.articles + BACKGROUND_ARTICLES + 1) as f32).ln();
    }

    /// The logarithm of one in how many articles has a word.
    pub fn of(&self, term: Term) -> f32 {
        (self.articles_ln - self.counts_ln[bucket(term)]).clamp(self.commonest_ln, self.rarest_ln)
    }

    /// How much more a word weighs that stands there so many times.
    pub fn of_times(&self, times: u32) -> f32 {
        self.times[(times as usize).min(TIMES_MAX)]
    }
}

fn known_ln(few_ln: &[f32], count: u32) -> f32 {
    few_ln.get(count as usize).copied().unwrap_or_else(|| count_ln(count))
}

/// The logarithm of how many articles a count stands for.
fn count_ln(count: u32) -> f32 {
    (count as f32 / PARTS as f32 + 0.5).ln()
}

pub(super) fn bucket(term: Term) -> usize {
    term.word() as usize & ((1 << BUCKETS_BITS) - 1)
}

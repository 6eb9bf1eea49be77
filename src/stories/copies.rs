//! Finds a text among the newest of all feeds. An anchor, a number for some run of words, leads to
//! the entries that have it; what they share is then compared. What a search costs has a bound,
//! whatever the window.

use super::sketch::{HEADLINE_WORDS_MIN, Wording};

/// Where texts of the window are found by their anchors.
#[derive(Debug)]
pub struct Copies {
    /// Buckets of [`BUCKET`] postings, each with eight bits of the anchor and 24 of the entry's
    /// number. A full bucket forgets its oldest: what stands under every article leads nowhere soon.
    postings: Vec<u32>,
    window: u32,
}

const BUCKET: usize = 8;
const NUMBER_BITS: u32 = 24;
const NUMBER_MASK: u32 = (1 << NUMBER_BITS) - 1;

/// Room for so many postings an entry: twice what most have, so that few buckets are ever full.
const POSTINGS_AN_ENTRY: usize = 32;
/// Of longer texts the smallest anchors are looked up, which are the same in every copy.
const ANCHORS_MAX: usize = 64;
/// Entries that are compared, those that share the most anchors.
const COMPARED_MAX: usize = 8;

/// The least part of the shorter text that must be in the longer one.
const ALIKE_MIN: f32 = 0.5;
/// The same under another headline, where two reporters who heard one speech quote it alike.
const ALIKE_UNDER_ANOTHER_TITLE_MIN: f32 = 0.65;
/// Headlines that share so many of their words are one.
const TITLES_ALIKE: f32 = 0.5;
/// The largest part of its numbers that may not be: quarterly results are told in the same words.
const NUMBERS_MISSING_MAX: f32 = 0.34;
/// Shorter texts may be a template's: their titles must agree, too.
const SHORT_WORDS: u16 = 40;
/// A text that is printed again a week later is another entry: `obituary`, `how to vote`.
const SECONDS_APART_MAX: u64 = 7 * 24 * 3600;

impl Copies {
    /// For the newest `window` entries, at most 16 million.
    pub fn of_newest(window: usize) -> Self {
        let window = window.clamp(1, NUMBER_MASK as usize / 2);
        Self { postings: vec![0; window * POSTINGS_AN_ENTRY], window: window as u32 }
    }

    /// Numbers of entries that may hold the text of these `anchors`, at most eight, those that share the
    /// most first. `next` is the number that the next entry will have.
    pub fn candidates(&self, anchors: &[u32], next: u32) -> Vec<u32> {
        let anchors = &anchors[..anchors.len().min(ANCHORS_MAX)];
        // All are looked up before any is read: the table is too large to be near.
        let mut buckets = [[0; BUCKET]; ANCHORS_MAX];
        for (bucket, anchor) in buckets.iter_mut().zip(anchors) {
            bucket.copy_from_slice(&self.postings[self.bucket(*anchor)..][..BUCKET]);
        }
        let mut met = Vec::new();
        for (bucket, anchor) in buckets.iter().zip(anchors) {
            let tag = tag(*anchor);
            for posting in bucket.iter().filter(|posting| **posting != 0 && *posting >> NUMBER_BITS == tag) {
                let age = age(*posting, next);
                if age <= self.window && age <= next {
                    met.push(next - age);
                }
            }
        }
        met.sort_unstable();
        let mut counted: Vec<(u32, usize)> =
            met.chunk_by(|one, other| one == other).map(|met| (met[0], met.len())).collect();
        counted.sort_by_key(|(number, count)| (std::cmp::Reverse(*count), *number));
        counted.truncate(COMPARED_MAX);
        counted.into_iter().map(|(number, _)| number).collect()
    }

    /// Lets `anchors` lead to the entry `number`. Numbers only grow.
    pub fn insert(&mut self, anchors: &[u32], number: u32) {
        for anchor in anchors.iter().take(ANCHORS_MAX) {
            let at = self.bucket(*anchor);
            let bucket = &mut self.postings[at..][..BUCKET];
            bucket[oldest(bucket, number)] = tag(*anchor) << NUMBER_BITS | number & NUMBER_MASK;
        }
    }

    fn bucket(&self, anchor: u32) -> usize {
        let buckets = (self.postings.len() / BUCKET) as u64;
        ((u64::from(anchor) * buckets) >> 32) as usize * BUCKET
    }
}

/// The first place of a bucket that is free, else that of the oldest. Without a branch, so that the next
/// bucket is fetched meanwhile: the table is too large to be near.
fn oldest(bucket: &[u32], number: u32) -> usize {
    const PLACES: u32 = BUCKET as u32 - 1;
    let rank = |(place, posting): (u32, &u32)| {
        let age = if *posting == 0 { NUMBER_MASK + 1 } else { age(*posting, number) };
        age * BUCKET as u32 + (PLACES - place)
    };
    let most = (0..).zip(bucket).map(rank).fold(0, u32::max);
    (PLACES - most % BUCKET as u32) as usize
}

/// The bits of an anchor that do not choose its bucket, in all but the largest windows.
fn tag(anchor: u32) -> u32 {
    anchor & (u32::MAX >> NUMBER_BITS)
}

/// How many entries ago the entry of a posting came.
fn age(posting: u32, next: u32) -> u32 {
    next.wrapping_sub(posting) & NUMBER_MASK
}

/// How much of the shorter text is in the longer one, where that makes it a copy.
pub(super) fn copied(one: &Wording, other: &Wording) -> Option<f32> {
    if one.seconds_apart(other).is_some_and(|seconds| seconds > SECONDS_APART_MAX) {
        return None;
    }
    let alike = one.text_alike(other);
    let is_one_headline = one.title_alike(other) >= TITLES_ALIKE;
    let alike_min = if is_one_headline { ALIKE_MIN } else { ALIKE_UNDER_ANOTHER_TITLE_MIN };
    if alike < alike_min || one.numbers_missing(other) > NUMBERS_MISSING_MAX {
        return None;
    }
    let is_short = one.words().min(other.words()) < SHORT_WORDS;
    (!is_short || is_one_headline || one.numbers_missing(other) == 0.0 && alike >= 0.8).then_some(alike)
}

/// Whether two entries without a text have one headline that is no everyday phrase.
pub(super) fn is_headline_copied(one: &Wording, other: &Wording) -> bool {
    let is_bare = !one.has_text() && !other.has_text();
    is_bare && one.title == other.title && one.title_words().len() >= HEADLINE_WORDS_MIN
}

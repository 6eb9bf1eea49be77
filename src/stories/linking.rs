//! Which stories of other languages tell of the same event. They are linked and never merged: every
//! language has its own story. By names, numbers and words that languages share, as they sound.
//!
//! Every story is known by the words of its first report, and by those of more whenever it has doubled.
//! Only stories of the last two days are remembered, and what a search costs has a bound.

use super::article::Article;
use super::hash;
use super::language::Language;
use super::reading::Item;
use super::sounds::Sounds;
use crate::words::is_alphanumeric;
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};

/// The stories of the last days, found by what they name.
#[derive(Debug)]
pub struct Links {
    /// In the order in which they were told.
    told: VecDeque<Told>,
    /// How many have left.
    gone: u32,
    stories: HashMap<i64, Known>,
    /// The newest posting of each bucket of keys; each leads to the one before.
    heads: Vec<u32>,
    /// How many of `told` have keys of a bucket.
    counts: Vec<u16>,
}

/// What is known of a story.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Where it was told last.
    position: u32,
    /// How many of its reports were counted.
    reports: u32,
}

/// A story as it was told once.
#[derive(Debug)]
struct Told {
    story: i64,
    seen_at: i64,
    at: i64,
    language: Language,
    keys: Keys,
    /// For each key the posting that came before in its bucket.
    before: [u32; KEYS_MAX],
}

/// A story in another language that tells of the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its number.
    pub story: i64,
    /// How sure it is, from 0 to 1.
    pub score: f32,
    /// What both name.
    pub shared: Shared,
}

/// What two stories name, until [`Telling::words`] says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared(Vec<Key>);

/// What an article names, in which language, and when it was published.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    language: Language,
    at: Option<i64>,
    keys: Keys,
}

/// The sound of a word or a number, and whether it is a name or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Key(u32);

/// Sorted.
#[derive(Debug, Clone, Copy, Default)]
struct Keys {
    list: [Key; KEYS_MAX],
    length: u8,
}

/// Names come first, so that more would be everyday words.
const KEYS_MAX: usize = 24;
/// The title, and as much of the text as says what happened.
const WORDS_MAX: usize = 48;
/// What a longer text says behind is not read.
const BYTES_MAX: usize = 700;

const BUCKET_BITS: u32 = 16;
const SLOT_BITS: u32 = 5;
const NOTHING: u32 = u32::MAX;

/// Stories leave after so long: one event is told in all languages within a day.
const WINDOW_S: i64 = 48 * 3600;
/// Reports of one event are not further apart.
const APART_S: i64 = 36 * 3600;
/// Two days of a very large newsroom's stories.
const TOLD_MAX: usize = 100_000;

/// Stories under one key that a search looks at, the newest first; an older one under a name that so
/// many have is found by a rarer one.
const LIST_MAX: usize = 32;
/// Postings that one search reads, the rarest keys first.
const READ_MAX: usize = 160;
/// Stories that are compared.
const COMPARED_MAX: usize = 8;
/// Links that one search makes: an event may be two or three stories of a language.
const LINKS_MAX: usize = 6;

/// A word that is no name and no number weighs so much.
const WORD_WEIGHT: f32 = 0.5;
/// So many keys must be shared: two may be a place and the day of the month.
const SHARED_MIN: usize = 3;
/// As if so many reports had been read before anything came: the first ones would have nothing to say
/// how telling a name is.
const BACKGROUND: f32 = 500.0;
/// Two stories are linked where they are so alike. Chosen for a precision of 0.95 among other news
/// (docs/stories.md).
const LINK_MIN: f32 = 0.30;

impl Default for Links {
    fn default() -> Self {
        let buckets = 1 << BUCKET_BITS;
        Self {
            told: VecDeque::new(),
            gone: 0,
            stories: HashMap::new(),
            heads: vec![NOTHING; buckets],
            counts: vec![0; buckets],
        }
    }
}

impl Links {
    /// Takes note of a report of a story. Where the story is new or has doubled, it is told anew: what it
    /// is linked with now is answered.
    pub fn report(&mut self, story: i64, seen_at: i64, telling: &Telling) -> Vec<Link> {
        let Some(told) = self.tell(story, seen_at, telling) else { return Vec::new() };
        let links = self.search(&told);
        self.keep(told);
        links
    }

    /// Takes a report back: nothing is looked for. In the order in which they came.
    pub fn restore(&mut self, story: i64, seen_at: i64, telling: &Telling) {
        if let Some(told) = self.tell(story, seen_at, telling) {
            self.keep(told);
        }
    }

    /// A story as it is told with another report, if it is told anew.
    fn tell(&mut self, story: i64, seen_at: i64, telling: &Telling) -> Option<Told> {
        self.let_go(seen_at);
        if telling.language == Language::default() || !self.count(story) {
            return None;
        }
        // A date in the future says nothing.
        let at = telling.at.map_or(seen_at, |at| at.min(seen_at));
        let keys = self.with_earlier(story, &telling.keys);
        Some(Told { story, seen_at, at, language: telling.language, keys, before: [NOTHING; KEYS_MAX] })
    }

    /// Takes note that a story ended and became part of another.
    pub fn merge(&mut self, ended: i64, into: i64) {
        let Some(known) = self.stories.remove(&ended) else { return };
        let reports = known.reports;
        match self.stories.get_mut(&into) {
            Some(story) => story.reports += reports,
            None => {
                if let Some(told) = self.at_mut(known.position) {
                    told.story = into;
                }
                self.stories.insert(into, known);
            }
        }
    }

    /// Whether a story is told at this report of it: at the first, the second, the fourth and so on.
    fn count(&mut self, story: i64) -> bool {
        let known = self.stories.entry(story).or_insert(Known { position: NOTHING, reports: 0 });
        known.reports += 1;
        known.reports.is_power_of_two()
    }

    /// What a story was known by and what it is called now: that first which both have.
    fn with_earlier(&self, story: i64, keys: &Keys) -> Keys {
        let Some(earlier) = self.stories.get(&story).and_then(|known| self.at(known.position)) else { return *keys };
        let (earlier, new) = (earlier.keys.as_slice(), keys.as_slice());
        let both = new.iter().filter(|key| earlier.contains(key));
        Keys::of(both.chain(earlier.iter().filter(|key| key.is_name())).chain(new).chain(earlier).copied())
    }

    fn at(&self, position: u32) -> Option<&Told> {
        self.told.get(self.place(position)?)
    }

    fn at_mut(&mut self, position: u32) -> Option<&mut Told> {
        let place = self.place(position)?;
        self.told.get_mut(place)
    }

    fn place(&self, position: u32) -> Option<usize> {
        let place = position.wrapping_sub(self.gone) & (NOTHING >> SLOT_BITS);
        (position != NOTHING).then_some(place as usize)
    }

    fn keep(&mut self, mut told: Told) {
        let position = self.gone.wrapping_add(self.told.len() as u32) & (NOTHING >> SLOT_BITS);
        for (slot, key) in told.keys.as_slice().iter().enumerate() {
            let head = &mut self.heads[key.bucket()];
            told.before[slot] = *head;
            *head = position << SLOT_BITS | slot as u32;
            let count = &mut self.counts[key.bucket()];
            *count = count.saturating_add(1);
        }
        let known = self.stories.entry(told.story).or_insert(Known { position, reports: 1 });
        known.position = position;
        self.told.push_back(told);
    }

    /// Forgets what is too old.
    fn let_go(&mut self, now: i64) {
        while self.told.len() >= TOLD_MAX || self.told.front().is_some_and(|oldest| now - oldest.seen_at > WINDOW_S) {
            let Some(oldest) = self.told.pop_front() else { return };
            let position = self.gone & (NOTHING >> SLOT_BITS);
            self.gone = self.gone.wrapping_add(1);
            for key in oldest.keys.as_slice() {
                let count = &mut self.counts[key.bucket()];
                *count = count.saturating_sub(1);
            }
            if self.stories.get(&oldest.story).is_some_and(|known| known.position == position) {
                self.stories.remove(&oldest.story);
            }
        }
    }

    /// How telling a key is.
    fn weight(&self, key: Key) -> f32 {
        let all = self.told.len() as f32 + BACKGROUND;
        let telling = (all / (f32::from(self.counts[key.bucket()]) + 1.0)).ln();
        if key.is_name() { telling } else { telling * WORD_WEIGHT }
    }

    /// The stories in other languages that are alike enough, the surest first, with what they share.
    fn search(&self, told: &Told) -> Vec<Link> {
        let mut found: Vec<Link> = Vec::new();
        let weights: Vec<f32> = told.keys.as_slice().iter().map(|key| self.weight(*key)).collect();
        for position in self.candidates(told, &weights) {
            let Some(other) = self.at(position) else { continue };
            let (score, shared) = self.compare(told, &weights, other);
            if score >= LINK_MIN {
                found.push(Link { story: other.story, score, shared: Shared(shared) });
            }
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.story.cmp(&other.story)));
        found.truncate(LINKS_MAX);
        found
    }

    /// Where those were told that share the most.
    fn candidates(&self, told: &Told, weights: &[f32]) -> Vec<u32> {
        let mut keys: Vec<(Key, f32)> = told.keys.as_slice().iter().copied().zip(weights.iter().copied()).collect();
        keys.sort_unstable_by_key(|(key, _)| (self.counts[key.bucket()], *key));
        let mut met: Vec<(u32, f32)> = Vec::with_capacity(READ_MAX);
        let mut read = 0;
        for (key, weight) in keys {
            let mut posting = self.heads[key.bucket()];
            for _ in 0..LIST_MAX.min(READ_MAX - read) {
                let (position, slot) = (posting >> SLOT_BITS, posting & ((1 << SLOT_BITS) - 1));
                // Older ones have left, and what stands there now is another's.
                let Some(other) = (posting != NOTHING).then(|| self.at(position)).flatten() else { break };
                read += 1;
                if other.keys.list[slot as usize].is_like(key) && told.may_be_told_by(other) {
                    met.push((position, weight));
                }
                posting = other.before[slot as usize];
            }
        }
        met.sort_unstable_by_key(|(position, _)| *position);
        let sum = |same: &[(u32, f32)]| (same[0].0, same.iter().map(|(_, weight)| weight).sum::<f32>());
        let mut candidates: Vec<(u32, f32)> = met.chunk_by(|one, other| one.0 == other.0).map(sum).collect();
        candidates.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let positions = candidates.into_iter().map(|(position, _)| position);
        positions.filter(|position| self.is_current(*position)).take(COMPARED_MAX).collect()
    }

    /// Whether a story was not told anew since.
    fn is_current(&self, position: u32) -> bool {
        let known = self.at(position).and_then(|told| self.stories.get(&told.story));
        known.is_some_and(|known| known.position == position)
    }

    /// How alike two are: the cosine of what they name, each weighed by how telling it is.
    fn compare(&self, one: &Told, weights: &[f32], other: &Told) -> (f32, Vec<Key>) {
        let mut shared = Vec::new();
        let mut product = 0.0;
        for (key, weight) in one.keys.as_slice().iter().zip(weights) {
            if let Some(alike) = other.keys.like(*key) {
                product += weight * self.weight(alike);
                shared.push(*key);
            }
        }
        if shared.len() < SHARED_MIN || !shared.iter().any(|key| key.is_name()) {
            return (0.0, shared);
        }
        let own = weights.iter().map(|weight| weight.powi(2)).sum::<f32>();
        let others = other.keys.as_slice().iter().map(|key| self.weight(*key).powi(2)).sum::<f32>();
        let size = (own * others).sqrt();
        (if size > 0.0 { product / size } else { 0.0 }, shared)
    }
}

impl Told {
    fn may_be_told_by(&self, other: &Self) -> bool {
        self.story != other.story && self.language.differs(other.language) && (self.at - other.at).abs() <= APART_S
    }
}

impl Telling {
    /// What an item names in its title and at the beginning of its text; `article` is made of it.
    pub fn of(item: &Item<'_>, article: &Article) -> Self {
        let (language, at) = (article.language, article.sketch.published());
        // Nothing is linked without a language.
        let words = if language == Language::default() { Vec::new() } else { named(language, item) };
        Self { language, at, keys: Keys::of(words.iter().map(|(key, _)| *key)) }
    }

    /// What an item and another story name, in the words of the item that this was made of.
    pub fn words(&self, item: &Item<'_>, shared: &Shared) -> Vec<String> {
        let words =
            named(self.language, item).into_iter().filter(|(key, _)| shared.0.iter().any(|it| it.is_like(*key)));
        words.map(|(_, word)| word.to_owned()).collect()
    }

    /// As bytes to be kept, until [`Self::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.language.letters());
        bytes.extend(self.at.unwrap_or(UNDATED).to_le_bytes());
        self.keys.as_slice().iter().for_each(|key| bytes.extend(key.0.to_le_bytes()));
        bytes
    }

    /// What [`Self::to_bytes`] wrote; nothing where the bytes are damaged or another version's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[FORMAT])?;
        let (language, rest) = rest.split_first_chunk::<2>()?;
        let (at, rest) = rest.split_first_chunk::<8>()?;
        let (keys, []) = rest.as_chunks::<4>() else { return None };
        let keys = Keys::of_sorted(keys.iter().map(|four| Key(u32::from_le_bytes(*four))))?;
        let at = Some(i64::from_le_bytes(*at)).filter(|at| *at != UNDATED);
        Some(Self { language: Language::from_letters(*language), at, keys })
    }
}

/// Another number for every change of what is kept.
const FORMAT: u8 = 1;
const UNDATED: i64 = i64::MIN;

/// What an item names, names and numbers first.
fn named<'a>(language: Language, item: &Item<'a>) -> Vec<(Key, &'a str)> {
    let mut words: Vec<(Key, &str)> = Vec::with_capacity(WORDS_MAX);
    let mut sounds = Sounds::of(language);
    for word in [item.title, lead(item)].into_iter().flat_map(words_of).take(WORDS_MAX) {
        let Some(key) = Key::of(word, &mut sounds) else { continue };
        match words.iter_mut().find(|(known, _)| known.is_like(key)) {
            Some(known) if key.is_name() && !known.0.is_name() => *known = (key, word),
            Some(_) => {}
            None => words.push((key, word)),
        }
    }
    words.sort_by_key(|(key, _)| Reverse(key.is_name()));
    words.truncate(KEYS_MAX);
    words
}

/// The text that says what happened: a summary, unless it is a mere `Read on`.
fn lead<'a>(item: &Item<'a>) -> &'a str {
    let is_summary = item.summary.len() >= LEAD_BYTES_MIN || item.summary.len() >= item.content.len();
    if is_summary { item.summary } else { item.content }
}

const LEAD_BYTES_MIN: usize = 60;

/// Runs of letters, and numbers whole: `5,6`, `82.000` and `118:109`.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let end = (0..=text.len().min(BYTES_MAX)).rfind(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let mut rest = &text[..end];
    std::iter::from_fn(move || {
        let start = rest.find(is_alphanumeric)?;
        let from = &rest[start..];
        let is_digit = |at: usize| from.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
        let is_within = |at: usize, letter: char| {
            is_alphanumeric(letter)
                || matches!(letter, '.' | ',' | ':') && at > 0 && is_digit(at - 1) && is_digit(at + 1)
        };
        let end = from.char_indices().find(|(at, letter)| !is_within(*at, *letter)).map_or(from.len(), |(at, _)| at);
        rest = &from[end..];
        Some(&from[..end])
    })
}

impl Key {
    fn of(word: &str, sounds: &mut Sounds) -> Option<Self> {
        let first = word.chars().next()?;
        if first.is_ascii_digit() {
            let digits: Vec<u8> = word.bytes().filter(u8::is_ascii_alphanumeric).collect();
            return Some(Self(hash::word(&digits) | 1));
        }
        let sound = sounds.key(word)?;
        Some(Self(sound & !1 | u32::from(first.is_uppercase())))
    }

    fn is_name(self) -> bool {
        self.0 & 1 == 1
    }

    fn is_like(self, other: Self) -> bool {
        self.0 >> 1 == other.0 >> 1
    }

    fn bucket(self) -> usize {
        (self.0 >> (u32::BITS - BUCKET_BITS)) as usize
    }
}

impl Keys {
    /// The first of them, each once.
    fn of(keys: impl Iterator<Item = Key>) -> Self {
        let mut all = Self::default();
        for key in keys {
            let (known, length) = (&all.list[..usize::from(all.length)], usize::from(all.length));
            if length == KEYS_MAX {
                break;
            }
            if !known.iter().any(|known| known.is_like(key)) {
                all.list[length] = key;
                all.length += 1;
            }
        }
        let length = usize::from(all.length);
        all.list[..length].sort_unstable();
        all
    }

    /// What was written of keys; nothing where that was not so.
    fn of_sorted(keys: impl ExactSizeIterator<Item = Key>) -> Option<Self> {
        let mut all = Self { length: u8::try_from(keys.len()).ok()?, ..Self::default() };
        let list = all.list.get_mut(..keys.len())?;
        list.iter_mut().zip(keys).for_each(|(place, key)| *place = key);
        list.is_sorted_by(|one, other| one.0 >> 1 < other.0 >> 1).then_some(all)
    }

    fn as_slice(&self) -> &[Key] {
        &self.list[..usize::from(self.length)]
    }

    fn like(&self, key: Key) -> Option<Key> {
        let at = self.as_slice().binary_search_by_key(&(key.0 >> 1), |key| key.0 >> 1).ok()?;
        Some(self.list[at])
    }
}

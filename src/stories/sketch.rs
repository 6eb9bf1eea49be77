//! What is remembered of an entry's words: enough to tell an edit from noise, and a copy from a text
//! of its own, in about 300 bytes whatever its length.

use super::spoken::Spoken;
use super::title::{self, Title};
use super::{hash, numbers};
use std::sync::Arc;

/// An entry as it is remembered: its wording, and what it is known again by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    pub(super) wording: Wording,
    pub(super) id: u32,
    pub(super) link: u32,
    pub(super) path: u32,
    pub(super) site: u32,
    pub(super) shelf: u32,
    /// The article's number at its site, where it has digits only.
    pub(super) number: u32,
    /// All digits of the link's path.
    pub(super) digits: u32,
    /// All texts in order, without what surely counts.
    pub(super) text: u32,
    /// Title and texts without what perhaps counts, too.
    pub(super) still: u32,
}

/// What an entry said and when, as far as copies are told by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    /// In seconds of Unix time; [`UNDATED`] where the publisher says none.
    published: i64,
    /// The title's words in order.
    pub(super) title: u32,
    /// Words of the longest text.
    words: u16,
    /// Where the parts of `units` end.
    ends: [u16; PARTS],
    /// Shared by all who remember the entry.
    units: Arc<[u16]>,
}

/// No publisher's date.
const UNDATED: i64 = i64::MIN;

/// Runs of so many words are compared: of three, four and five, four found the most copies.
const RUN_WORDS: usize = 4;
/// The beginning of a text, from which excerpts are cut, is kept densely: every second run.
const DENSE_WORDS: usize = 100;
/// Of the whole text, one run in sixteen is kept.
const SPARSE_BITS: u64 = 0xF;
/// Of the dense ones, those with this bit are left out.
const DENSE_BIT: u64 = 0x10;
/// Half of the dense runs, those without this bit, lead from a text to its copies.
const ANCHOR_BIT: u64 = 0x20;
/// A longer text is compared by its beginning: five times the longest article of an agency.
const WORDS_MAX: usize = 6_000;
/// Runs that are kept of the whole text, and numbers.
const SPARSE_MAX: usize = 200;
const NUMBERS_MAX: usize = 24;

/// Texts that are shorter than this say too little to be known by.
pub(super) const TEXT_WORDS_MIN: u16 = 20;
/// Without a text, so many words of a title are no everyday phrase.
pub(super) const HEADLINE_WORDS_MIN: usize = 6;
/// So many runs in common are more than a name and a title.
const SHARED_RUNS_MIN: usize = 3;
/// With so many runs of the whole text, their share is more than chance.
const SPARSE_MIN: usize = 8;

/// The words of one text, folded, as numbers, up to where it turns to other articles.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// All words.
    pub words: Vec<u32>,
    numbers: Vec<u16>,
    before: u32,
    is_over: bool,
}

impl Text {
    /// Of a text that is about to be read.
    pub fn for_bytes(bytes: usize) -> Self {
        Self { words: Vec::with_capacity((bytes / BYTES_A_WORD).min(WORDS_MAX)), ..Self::default() }
    }

    /// Adds a word.
    pub fn push(&mut self, word: &Spoken<'_>) {
        if self.is_over || self.words.len() == WORDS_MAX {
            return;
        }
        let number = word.number;
        let begins_links = word.after.starts_with(':') && OTHERS.iter().any(|other| other.as_bytes() == word.folded);
        let is_cut = CUT_NUMBERS.iter().any(|(one, two)| *two == number && *one == self.before);
        if (begins_links || is_cut) && self.words.len() >= usize::from(EXCERPT_WORDS_MIN) {
            self.words.truncate(self.words.len() - usize::from(is_cut));
            self.is_over = true;
            return;
        }
        self.before = number;
        self.words.push(number);
        if word.word.is_number() && self.numbers.len() < 2 * NUMBERS_MAX {
            self.numbers.push((number >> 16) as u16);
        }
    }
}

/// Few texts have shorter words.
const BYTES_A_WORD: usize = 6;

/// Fewer words before it are no excerpt.
const EXCERPT_WORDS_MIN: u16 = 8;
/// What stands where an excerpt is cut off, folded.
const CUTS: [(&str, &str); 12] = [
    ("continue", "reading"),
    ("read", "more"),
    ("read", "also"),
    ("see", "also"),
    ("related", "articles"),
    ("related", "stories"),
    ("procitaj", "vise"),
    ("procitajte", "vise"),
    ("procitajte", "jos"),
    ("citaj", "dalje"),
    ("mehr", "lesen"),
    ("διαβαστε", "περισσοτερα"),
];
const CUT_NUMBERS: [(u32, u32); CUTS.len()] = {
    let (mut numbers, mut at) = ([(0, 0); CUTS.len()], 0);
    while at < CUTS.len() {
        numbers[at] = (hash::word(CUTS[at].0.as_bytes()), hash::word(CUTS[at].1.as_bytes()));
        at += 1;
    }
    numbers
};
/// With a colon, what begins a list of other articles.
const OTHERS: [&str; 6] = ["related", "povezano", "weiterlesen", "suite", "correlati", "devami"];

/// What leads from a text to its copies: numbers of some runs of words, the same in every text that
/// holds these words.
pub(super) type Anchors = Vec<u32>;

impl Wording {
    /// Of a title and the longest of an item's texts.
    pub(super) fn of(title: Title, text: Text, published: Option<i64>) -> (Self, Anchors) {
        let room = || Vec::with_capacity(DENSE_WORDS.min(text.words.len()));
        let (mut dense, mut sparse) = (room(), room());
        let mut anchors = Vec::with_capacity(dense.capacity());
        for (at, run) in text.words.windows(RUN_WORDS).enumerate() {
            let run = hash::run(run);
            let is_sparse = run & SPARSE_BITS == 0;
            let is_dense = !is_sparse && at < DENSE_WORDS && run & DENSE_BIT == 0;
            if is_sparse && sparse.len() < SPARSE_MAX {
                sparse.push((run >> 48) as u16);
                anchors.push((run >> 16) as u32);
            } else if is_dense {
                dense.push((run >> 48) as u16);
                if run & ANCHOR_BIT == 0 {
                    anchors.push((run >> 16) as u32);
                }
            }
        }
        anchors.sort_unstable();
        anchors.dedup();
        let mut said = numbers::set(text.numbers);
        said.truncate(NUMBERS_MAX);
        let mut units = Vec::new();
        let mut ends = [0; PARTS];
        let parts = [title.words, title.numbers, said, numbers::set(dense), numbers::set(sparse)];
        for (end, part) in ends.iter_mut().zip(parts) {
            units.extend(part);
            *end = u16::try_from(units.len()).expect("each part has a limit");
        }
        let words = u16::try_from(text.words.len()).unwrap_or(u16::MAX);
        let published = published.unwrap_or(UNDATED);
        (Self { published, title: 0, words, ends, units: units.into() }, anchors)
    }

    fn part(&self, number: usize) -> &[u16] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.units[usize::from(start)..usize::from(self.ends[number])]
    }

    /// When the publisher says that it was published, in seconds of Unix time.
    pub fn published(&self) -> Option<i64> {
        (self.published != UNDATED).then_some(self.published)
    }

    /// Seconds between two publisher's dates.
    pub(super) fn seconds_apart(&self, other: &Self) -> Option<u64> {
        Some(self.published()?.abs_diff(other.published()?))
    }

    pub(super) fn has_text(&self) -> bool {
        self.words >= TEXT_WORDS_MIN
    }

    pub(super) fn words(&self) -> u16 {
        self.words
    }

    pub(super) fn title_words(&self) -> &[u16] {
        self.part(TITLE_WORDS)
    }

    /// How alike the words of two titles are, from 0 to 1.
    pub(super) fn title_alike(&self, other: &Self) -> f32 {
        if self.title == other.title {
            return if self.title_words().is_empty() { 0.0 } else { 1.0 };
        }
        numbers::alike(self.title_words(), other.title_words())
    }

    /// Whether the titles' numbers say that they are two.
    pub(super) fn numbers_differ(&self, other: &Self) -> bool {
        let one = (self.part(TITLE_WORDS), self.part(TITLE_NUMBERS));
        title::numbers_differ(one, (other.part(TITLE_WORDS), other.part(TITLE_NUMBERS)))
    }

    /// Which part of the shorter text is in the longer one, from 0 to 1, as far as the runs that are
    /// kept can tell.
    pub(super) fn text_alike(&self, other: &Self) -> f32 {
        let (short, long) = if self.words <= other.words { (self, other) } else { (other, self) };
        let (dense, sparse) = (short.part(DENSE), short.part(SPARSE));
        let shared_dense = numbers::shared(dense, long.part(DENSE));
        let shared_sparse = numbers::shared(sparse, long.part(SPARSE));
        if shared_dense + shared_sparse < SHARED_RUNS_MIN.min(dense.len() + sparse.len()).max(1) {
            return 0.0;
        }
        let share = |shared: usize, of: usize| if of == 0 { 0.0 } else { shared as f32 / of as f32 };
        let pooled = share(shared_dense + shared_sparse, dense.len() + sparse.len());
        if sparse.len() < SPARSE_MIN {
            return pooled;
        }
        // A long text that begins otherwise is the same all the same, and a text that only begins
        // the same is not.
        let (begins, whole) = (share(shared_dense, dense.len()), share(shared_sparse, sparse.len()));
        whole.max((begins + whole) / 2.0)
    }

    /// The share of the shorter text's numbers that the longer one has not.
    pub(super) fn numbers_missing(&self, other: &Self) -> f32 {
        let (short, long) = if self.words <= other.words { (self, other) } else { (other, self) };
        let (short, long) = (short.part(NUMBERS), long.part(NUMBERS));
        if short.is_empty() || long.len() >= NUMBERS_MAX {
            return 0.0;
        }
        1.0 - numbers::shared(short, long) as f32 / short.len() as f32
    }
}

impl std::ops::Deref for Sketch {
    type Target = Wording;

    fn deref(&self) -> &Wording {
        &self.wording
    }
}

impl Sketch {
    /// Whether both have the same words, beside those that surely count.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.title == other.title && self.text == other.text
    }

    /// When the publisher says that it was published, in seconds of Unix time.
    pub fn published(&self) -> Option<i64> {
        self.wording.published()
    }

    /// As bytes to be kept, until [`Self::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + self.heap_bytes());
        bytes.push(FORMAT);
        bytes.extend(self.published.to_le_bytes());
        self.marks().iter().for_each(|mark| bytes.extend(mark.to_le_bytes()));
        let units = [self.words].into_iter().chain(self.ends).chain(self.units.iter().copied());
        units.for_each(|unit| bytes.extend(unit.to_le_bytes()));
        bytes
    }

    /// What [`Self::to_bytes`] wrote; nothing where the bytes are damaged or another version's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[FORMAT])?;
        let (published, rest) = rest.split_first_chunk::<8>()?;
        let (marks, rest) = rest.split_at_checked(MARKS * 4)?;
        let mut marks = marks.as_chunks::<4>().0.iter().map(|mark| u32::from_le_bytes(*mark));
        let (units, odd) = rest.as_chunks::<2>();
        let mut units = units.iter().map(|unit| u16::from_le_bytes(*unit));
        let mut sketch = Self::default();
        sketch.wording.published = i64::from_le_bytes(*published);
        for mark in sketch.marks_mut() {
            *mark = marks.next()?;
        }
        sketch.wording.words = units.next()?;
        for end in &mut sketch.wording.ends {
            *end = units.next()?;
        }
        sketch.wording.units = units.collect();
        let is_whole = sketch.ends.is_sorted() && usize::from(sketch.ends[PARTS - 1]) == sketch.units.len();
        (is_whole && odd.is_empty()).then_some(sketch)
    }

    fn marks(&self) -> [u32; MARKS] {
        let Self { id, link, path, site, shelf, number, digits, text, still, .. } = *self;
        let title = self.wording.title;
        [id, link, path, site, shelf, number, digits, title, text, still]
    }

    fn marks_mut(&mut self) -> [&mut u32; MARKS] {
        let Self { id, link, path, site, shelf, number, digits, text, still, wording } = self;
        let title = &mut wording.title;
        [id, link, path, site, shelf, number, digits, title, text, still]
    }

    /// Memory outside of the struct itself, in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.units.len() * size_of::<u16>()
    }
}

/// Another number for every change of what is kept.
const FORMAT: u8 = 1;
const MARKS: usize = 10;
const FIXED_BYTES: usize = 1 + 8 + MARKS * 4 + 2 * (1 + PARTS);

const PARTS: usize = 5;
const TITLE_WORDS: usize = 0;
const TITLE_NUMBERS: usize = 1;
const NUMBERS: usize = 2;
const DENSE: usize = 3;
const SPARSE: usize = 4;

//! What is remembered of an entry for copies and stories: its sketch, what leads to its copies, and
//! the words that its story is known by.

use super::language::Language;
use super::reading::{Item, Reading};
use super::sketch::{Anchors, Sketch};
use super::terms::{self, TERMS_MAX, Term};

/// An entry as it is remembered for [`Groups`](super::Groups), in some 500 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    pub(super) sketch: Sketch,
    pub(super) anchors: Anchors,
    /// Sorted by word.
    pub(super) terms: Box<[Term]>,
    pub(super) language: Language,
}

impl Article {
    /// Reads an item; `language` as a tag (`en`, `sr-Latn`), where it is known. Where it is not, English
    /// and Serbian are told by their commonest words.
    pub fn of(item: &Item<'_>, language: Option<&str>) -> Self {
        Self::of_reading(&Reading::of(item), language)
    }

    /// The same, where the item was read before.
    pub fn of_reading(reading: &Reading, language: Option<&str>) -> Self {
        let Reading { sketch, anchors, terms, guess, .. } = reading.clone();
        Self { sketch, anchors, terms, language: Language::of(language).unwrap_or_else(|| guess.language()) }
    }

    /// As bytes to be kept, until [`Self::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let sketch = self.sketch.to_bytes();
        let counts = [sketch.len(), self.anchors.len(), self.terms.len()];
        let mut bytes = vec![FORMAT];
        bytes.extend(self.language.letters());
        for count in counts {
            bytes.extend(u16::try_from(count).expect("each part has a limit").to_le_bytes());
        }
        bytes.extend(sketch);
        self.anchors.iter().for_each(|anchor| bytes.extend(anchor.to_le_bytes()));
        self.terms.iter().for_each(|term| bytes.extend(term.bits().to_le_bytes()));
        bytes
    }

    /// What [`Self::to_bytes`] wrote; nothing where the bytes are damaged or another version's.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[FORMAT])?;
        let (language, rest) = rest.split_first_chunk::<2>()?;
        let (counts, rest) = rest.split_first_chunk::<6>()?;
        let count = |at: usize| usize::from(u16::from_le_bytes([counts[at], counts[at + 1]]));
        let (sketch, rest) = rest.split_at_checked(count(0))?;
        let (anchors, rest) = rest.split_at_checked(count(2) * 4)?;
        if rest.len() != count(4) * 4 || count(4) > TERMS_MAX {
            return None;
        }
        let numbers = |bytes: &[u8]| -> Vec<u32> {
            bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect()
        };
        let mut terms: Vec<Term> = numbers(rest).into_iter().map(Term::from_bits).collect();
        // Earlier versions kept them in another order.
        terms::sort(&mut terms);
        Some(Self {
            sketch: Sketch::from_bytes(sketch)?,
            anchors: numbers(anchors),
            terms: terms.into(),
            language: Language::from_letters(*language),
        })
    }
}

/// Another number for every change of what is kept.
const FORMAT: u8 = 1;

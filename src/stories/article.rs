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
    pub(super) terms: Box<[Term]>,
    pub(super) language: Language,
}

impl Article {
    /// Reads an item; `language` as a tag (`en`, `sr-Latn`), where it is known. Where it is not, English
    /// and Serbian are told by their commonest words.
    pub fn of(item: &Item<'_>, language: Option<&str>) -> Self {
        Self::of_reading(&Reading::of(item), item, language)
    }

    /// The same, where the item was read before.
    pub fn of_reading(reading: &Reading, item: &Item<'_>, language: Option<&str>) -> Self {
        let text = if item.content.len() >= item.summary.len() { item.content } else { item.summary };
        let address = item.link.map(terms::of_address).unwrap_or_default();
        let mut terms = terms::of(item.title, text, &address);
        terms.truncate(TERMS_MAX);
        let (sketch, anchors) = (reading.sketch.clone(), reading.anchors.clone());
        let language = Language::of(language).unwrap_or_else(|| Language::guessed(&[item.title, text]));
        Self { sketch, anchors, terms: terms.into(), language }
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
        let numbers = |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)).collect();
        let terms: Vec<u32> = numbers(rest);
        Some(Self {
            sketch: Sketch::from_bytes(sketch)?,
            anchors: numbers(anchors),
            terms: terms.into_iter().map(Term::from_bits).collect(),
            language: Language::from_letters(*language),
        })
    }
}

/// Another number for every change of what is kept.
const FORMAT: u8 = 1;

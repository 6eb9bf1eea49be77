//! One pass over a plain text: every word is found once and folded once, for all who read it.

use super::hash::Letters;
use crate::fold::Folds;
use crate::words::{self, Counts, Word};

/// A word with what is made of it.
#[derive(Clone, Copy)]
pub(super) struct Spoken<'a> {
    pub word: Word<'a>,
    /// The text before the word.
    pub before: &'a str,
    /// The text behind it.
    pub after: &'a str,
    /// Without its marks and in Latin; empty where nothing is left of it.
    pub folded: &'a [u8],
    /// The number of the folded word.
    pub number: u32,
    /// The number of its beginning, and how many bytes that has.
    pub stem: u32,
    pub stem_bytes: usize,
}

/// Words are alike that begin with so many letters: `izbori`, `izbora` and `izborima` are.
const STEM_LETTERS: usize = 5;

/// Hands on the words of a text in order.
pub(super) fn read(text: &str, each: impl FnMut(&Spoken<'_>)) {
    if !text.is_empty() {
        let plain = words::visible(text);
        read_words(&plain, &words::of(&plain), each);
    }
}

/// The same, where they were found already.
pub(super) fn read_words(plain: &str, words: &[Word<'_>], mut each: impl FnMut(&Spoken<'_>)) {
    let folds = Folds::get();
    let mut folded = Vec::with_capacity(64);
    for word in words {
        folds.fold_into(word.text, &mut folded);
        let (number, stem, stem_bytes) = numbers(&folded, word.text.bytes().any(|byte| byte.is_ascii_digit()));
        let (before, after) = (&plain[..word.end - word.text.len()], &plain[word.end..]);
        each(&Spoken { word: *word, before, after, folded: &folded, number, stem, stem_bytes });
    }
}

/// Of a folded word and of its beginning, and how long that is; what has digits is kept whole.
fn numbers(folded: &[u8], is_whole: bool) -> (u32, u32, usize) {
    if folded.is_ascii() {
        // A byte is a letter: nearly always, since both scripts of the region are Latin when they are folded.
        let (beginning, rest) = folded.split_at(folded.len().min(STEM_LETTERS));
        let begun = beginning.iter().fold(Letters::NONE, |letters, byte| letters.with(*byte));
        let whole = rest.iter().fold(begun, |letters, byte| letters.with(*byte)).number();
        return if is_whole { (whole, whole, folded.len()) } else { (whole, begun.number(), beginning.len()) };
    }
    let (mut letters, mut begun) = (Letters::NONE, 0);
    let mut stem = None;
    for (at, byte) in folded.iter().enumerate() {
        let is_first = byte & 0xC0 != 0x80;
        if is_first && begun == STEM_LETTERS && stem.is_none() {
            stem = Some((letters.number(), at));
        }
        begun += usize::from(is_first);
        letters = letters.with(*byte);
    }
    let whole = (letters.number(), folded.len());
    let (stem, stem_bytes) = stem.filter(|_| !is_whole).unwrap_or(whole);
    (whole.0, stem, stem_bytes)
}

impl Spoken<'_> {
    /// Whether it is part of a counter, which is no news.
    pub fn only_counts(&self) -> bool {
        self.word.counts == Counts::Yes
    }

    /// A word alone in angle brackets is markup that was escaped once too often.
    pub fn is_tag(&self) -> bool {
        self.after.starts_with('>') && (self.before.ends_with('<') || self.before.ends_with("</"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;
    use crate::stories::hash;

    #[test]
    fn every_word_is_folded_and_numbered_as_if_it_stood_alone() {
        let text = "Влада: ЉУБЉАНА “škole” straße 1234567 v1.4.2 日本 so\u{ad}ft 100% (12 comments) naïve ﬁ";
        let mut met = Vec::new();
        read(text, |spoken| met.push((spoken.folded.to_vec(), spoken.number, spoken.stem, spoken.stem_bytes)));
        let plain = words::visible(text);
        let expected = words::of(&plain).into_iter().map(|word| {
            let folded = fold(word.text);
            let has_digit = word.text.contains(|letter: char| letter.is_ascii_digit());
            let letters = if has_digit { usize::MAX } else { STEM_LETTERS };
            let stem: String = folded.chars().take(letters).collect();
            let numbers = (hash::word(folded.as_bytes()), hash::word(stem.as_bytes()));
            (folded.clone().into_bytes(), numbers.0, numbers.1, stem.len())
        });
        assert_eq!(met, expected.collect::<Vec<_>>());
    }
}

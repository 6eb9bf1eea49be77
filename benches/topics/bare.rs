//! What cannot be left out: every letter folded by one look into a table, every word looked up once
//! in one hash table. No forms, no rules, no places, no explanation.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use unicode_normalization::char::decompose_compatible;

/// Latin, Greek and Cyrillic end below.
const TABLE_END: usize = 0x530;

/// Folds and looks up.
pub struct Bare {
    /// By code point: length and bytes; nothing where a word ends.
    folds: Vec<(u8, [u8; 4])>,
    words: HashSet<Vec<u8>, BuildHasherDefault<Quick>>,
}

impl Bare {
    /// Knows the given words.
    pub fn knowing<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let folds = (0..TABLE_END as u32).map(|code| char::from_u32(code).map_or((0, [0; 4]), folded)).collect();
        let mut bare = Self { folds, words: HashSet::default() };
        for word in words {
            let mut folded = Vec::new();
            bare.each_word(word, |word| folded = word.to_vec());
            bare.words.insert(folded);
        }
        bare
    }

    /// How many words of a text are known.
    pub fn count(&self, text: &str) -> usize {
        let mut count = 0;
        self.each_word(text, |word| count += usize::from(self.words.contains(word)));
        count
    }

    fn each_word(&self, text: &str, mut each: impl FnMut(&[u8])) {
        let mut word = Vec::with_capacity(64);
        for letter in text.chars() {
            match self.folds.get(letter as usize) {
                Some((0, _)) | None if word.is_empty() => {}
                Some((0, _)) | None => {
                    each(&word);
                    word.clear();
                }
                Some((length, bytes)) => word.extend_from_slice(&bytes[..usize::from(*length)]),
            }
        }
        if !word.is_empty() {
            each(&word);
        }
    }
}

/// Small letters without marks, Cyrillic one for one in Latin: near enough for a measure.
fn folded(letter: char) -> (u8, [u8; 4]) {
    const CYRILLIC: &str = "абвгдежзијклмнопрстћуфхцчшђљњџѓќщъьюяй";
    const LATIN: &[u8; 38] = b"abvgdezzijklmnoprstcufhccsdlndgkst'uaj";
    let mut bytes = [0; 4];
    if !letter.is_alphanumeric() {
        return (0, bytes);
    }
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let base = match CYRILLIC.chars().position(|known| known == lower) {
        Some(at) => char::from(LATIN[at]),
        None => {
            let mut base = None;
            decompose_compatible(lower, |part| {
                base.get_or_insert(part);
            });
            base.unwrap_or(lower)
        }
    };
    (base.encode_utf8(&mut bytes).len() as u8, bytes)
}

/// Multiplies and rotates, eight bytes at a time: the standard hasher guards against attacks that a
/// measure has none of, and would flatter us.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}

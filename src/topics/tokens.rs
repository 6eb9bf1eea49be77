//! Words of a text, each with its fold, its place and how it was written. Knows no language.

use crate::fold::{Class, Folds};

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Where its fold is, see [`Block::folded`].
    folded: (u32, u32),
    /// Bytes in the text.
    pub start: usize,
    /// Bytes in the text.
    pub end: usize,
    /// Counted in words; an ending after a hyphen or an apostrophe shares the place of its word.
    pub position: u32,
    /// Is it such an ending (`it` of `KFOR-it`)?
    pub is_suffix: bool,
    /// Whether any letter is a capital.
    pub has_upper: bool,
    /// Whether any letter is small.
    pub has_lower: bool,
}

/// Words in a row: as many as can be looked up together.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub tokens: Vec<Token>,
    folded: Vec<u8>,
}

impl Block {
    /// A word as it is compared, in UTF-8.
    pub fn folded(&self, token: &Token) -> &[u8] {
        &self.folded[token.folded.0 as usize..token.folded.1 as usize]
    }
}

/// Enough that looking them up waits for memory once and not once each; all of it stays at hand.
const BLOCK_WORDS: usize = 64;

/// Endings that are set off with a hyphen are short: `-it`, `-a`, `'daki`.
const SUFFIX_LETTERS_MAX: usize = 4;

/// Whether a text carries no information in its capitals.
pub(super) fn is_in_capitals(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// Gives every word of `text` and its fold in order, but for those of addresses (`https://…`, `a@b.org`).
///
/// `capitals`: the text is in capitals throughout, so an ending may be as well.
pub(super) fn scan(text: &str, capitals: bool, mut each: impl FnMut(&Token, &[u8])) {
    blocks(text, capitals, |block| block.tokens.iter().for_each(|token| each(token, block.folded(token))));
}

/// The same words, many together.
pub(super) fn blocks(text: &str, capitals: bool, mut each: impl FnMut(&Block)) {
    let folds = Folds::get();
    let mut block = Block::default();
    let mut next_position = 0;
    let mut join = Join::None;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        if byte == b' ' {
            join = Join::None;
            at += 1;
            continue;
        }
        if !byte.is_ascii_alphanumeric() {
            let Some(first) = text[at..].chars().next() else {
                break;
            };
            let class = folds.of(first).class;
            if class != Class::Word {
                let is_address = join == Join::Word && is_in_address(&text[at..]);
                at += if is_address { address_length(&text[at..]) } else { first.len_utf8() };
                join = join.after(class);
                continue;
            }
        }
        let folded = block.folded.len() as u32;
        let word = read_word(folds, &text[at..], &mut block.folded);
        let (start, end) = (at, at + word.length);
        at = end;
        let is_small = capitals || !word.has_upper;
        let is_suffix = join == Join::Suffix && word.letters <= SUFFIX_LETTERS_MAX && is_small && !word.has_digit;
        let position = if is_suffix { next_position - 1 } else { next_position };
        next_position = position + 1;
        let (has_upper, has_lower) = (word.has_upper, word.has_lower);
        let folded = (folded, block.folded.len() as u32);
        block.tokens.push(Token { folded, start, end, position, is_suffix, has_upper, has_lower });
        // One letter is no word that takes endings: `l'arme`, `e-mail`.
        join = if word.letters >= 2 { Join::Word } else { Join::None };
        if block.tokens.len() == BLOCK_WORDS {
            each(&block);
            block.tokens.clear();
            block.folded.clear();
        }
    }
    each(&block);
}

#[derive(Default)]
struct Word {
    /// In bytes.
    length: usize,
    letters: usize,
    has_digit: bool,
    has_upper: bool,
    has_lower: bool,
}

/// The word that `text` begins with; its fold is added to `out`.
fn read_word(folds: &Folds, text: &str, out: &mut Vec<u8>) -> Word {
    let mut word = Word::default();
    let bytes = text.as_bytes();
    loop {
        // This sees every letter of every entry, so the plain ones are handled eight at a time.
        while let Some(true) = bytes.get(word.length).map(u8::is_ascii) {
            let plain = Plain::of(&bytes[word.length..]);
            out.extend_from_slice(&plain.folded);
            out.truncate(out.len() - 8 + plain.count);
            word.has_digit |= plain.has_digit;
            word.has_upper |= plain.has_upper;
            word.has_lower |= plain.has_lower;
            word.letters += plain.count;
            word.length += plain.count;
            if plain.count < 8 {
                break;
            }
        }
        if bytes.get(word.length).is_none_or(u8::is_ascii) {
            break;
        }
        let Some(letter) = text[word.length..].chars().next() else {
            break;
        };
        let folded = folds.of(letter);
        match folded.class {
            Class::Ignored => {}
            Class::Word => {
                folded.append_to(out);
                word.has_upper |= folded.is_upper;
                word.has_lower |= folded.is_lower;
                word.letters += 1;
            }
            _ => break,
        }
        word.length += letter.len_utf8();
    }
    word
}

/// Up to eight letters and digits of ASCII, each a byte of one number.
struct Plain {
    count: usize,
    /// In small letters; what is beyond `count` means nothing.
    folded: [u8; 8],
    has_digit: bool,
    has_upper: bool,
    has_lower: bool,
}

impl Plain {
    /// Those that `bytes` begin with.
    fn of(bytes: &[u8]) -> Self {
        /// The highest bit of each byte, which is where answers stand.
        const HIGH: u64 = 0x8080_8080_8080_8080;
        const EACH: u64 = 0x0101_0101_0101_0101;
        let eight = match bytes.first_chunk::<8>() {
            Some(eight) => *eight,
            None => {
                let mut eight = [0; 8];
                eight[..bytes.len()].copy_from_slice(bytes);
                eight
            }
        };
        let letters = u64::from_le_bytes(eight);
        let small = letters | (EACH * 0x20);
        // Without the highest bit no byte of a sum reaches the next one.
        let from = |bytes: u64, first: u8| (bytes & !HIGH) + EACH * u64::from(0x80 - first);
        let is_letter = from(small, b'a') & !from(small, b'z' + 1) & !letters & HIGH;
        let is_digit = from(letters, b'0') & !from(letters, b'9' + 1) & !letters & HIGH;
        let end = !(is_letter | is_digit) & HIGH;
        let count = (end.trailing_zeros() / 8) as usize;
        // All bits below the first byte that is neither.
        let inside = if end == 0 { u64::MAX } else { (end & end.wrapping_neg()) - 1 };
        let is_small = letters << 2;
        Self {
            count,
            folded: small.to_le_bytes(),
            has_digit: is_digit & inside != 0,
            has_upper: is_letter & !is_small & inside != 0,
            has_lower: is_letter & is_small & inside != 0,
        }
    }
}

/// Whether what follows a word makes an address of it.
fn is_in_address(text: &str) -> bool {
    match text.as_bytes() {
        [b':', b'/', b'/', ..] => true,
        [b'@' | b'.', next, ..] => {
            let is_mail = text.starts_with('@') && next.is_ascii_alphanumeric();
            is_mail || is_domain(&text[1..])
        }
        _ => false,
    }
}

/// Whether small letters and a dot follow, as in `www.example.org`; a sentence begins with a capital.
fn is_domain(text: &str) -> bool {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(text.len());
    let is_small = text.starts_with(|first: char| first.is_ascii_lowercase());
    is_small && text[end..].starts_with(['.', '/'])
}

/// How far an address goes.
fn address_length(text: &str) -> usize {
    text.find(|letter: char| letter.is_whitespace() || "<>\"'()„“”«»".contains(letter)).unwrap_or(text.len())
}

/// What stands before the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// Nothing that an ending could belong to.
    None,
    /// A word.
    Word,
    /// A word and a hyphen or an apostrophe.
    Suffix,
}

impl Join {
    fn after(self, class: Class) -> Self {
        match class {
            Class::Hyphen | Class::Apostrophe if self == Self::Word => Self::Suffix,
            Class::Ignored => self,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u32)]) {
        let mut found = Vec::new();
        scan(text, is_in_capitals(text), |token, folded| {
            found.push((String::from_utf8_lossy(folded).into_owned(), token.position))
        });
        let expected: Vec<_> = expected.iter().map(|(word, position)| ((*word).to_owned(), *position)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_are_folded_and_counted() {
        check("Косово, 1244!", &[("kosovo", 0), ("1244", 1)]);
        check("", &[]);
        check(" -- ", &[]);
    }

    #[test]
    fn an_ending_shares_the_place_of_its_word() {
        check("KFOR-it erdhi", &[("kfor", 0), ("it", 0), ("erdhi", 1)]);
        check("Kosova\u{2019}daki asker", &[("kosova", 0), ("daki", 0), ("asker", 1)]);
        check("NATO-A SNAGE", &[("nato", 0), ("a", 0), ("snage", 1)]);
    }

    #[test]
    fn two_words_with_a_hyphen_are_two() {
        check("Belgrade-Pristina", &[("belgrade", 0), ("pristina", 1)]);
        check("EU-Beitritt", &[("eu", 0), ("beitritt", 1)]);
        check("l'arme, F-16", &[("l", 0), ("arme", 1), ("f", 2), ("16", 3)]);
        check("KFOR - it", &[("kfor", 0), ("it", 1)]);
    }

    #[test]
    fn the_words_of_an_address_are_none() {
        check("Mehr: https://example.org/kosovo/nato-kfor.html (Kosovo)", &[("mehr", 0), ("https", 1), ("kosovo", 2)]);
        check("desk@example.org schreibt", &[("desk", 0), ("schreibt", 1)]);
        check("www.example.org/kosovo", &[("www", 0)]);
        check("@KFOR_HQ writes", &[("kfor", 0), ("hq", 1), ("writes", 2)]);
        check("Ende.Neu: a/b, u.a. so", &[("ende", 0), ("neu", 1), ("a", 2), ("b", 3), ("u", 4), ("a", 5), ("so", 6)]);
    }

    #[test]
    fn invisible_characters_do_not_part_a_word() {
        check("Ko\u{00ad}so\u{200c}vo", &[("kosovo", 0)]);
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        let mut found = Vec::new();
        let text = "у Приштини-ма";
        scan(text, false, |token, _| found.push(&text[token.start..token.end]));
        assert_eq!(found, ["у", "Приштини", "ма"]);
    }

    #[test]
    fn every_plain_letter_is_known_for_what_it_is() {
        for byte in 0..0x80_u8 {
            for at in 0..8 {
                let mut eight = *b"aaaaaaaa";
                eight[at] = byte;
                let plain = Plain::of(&eight);
                assert_eq!(plain.count, if byte.is_ascii_alphanumeric() { 8 } else { at }, "{byte} at {at}");
                assert_eq!(plain.has_digit, byte.is_ascii_digit(), "{byte} at {at}");
                assert_eq!(plain.has_upper, byte.is_ascii_uppercase(), "{byte} at {at}");
                assert_eq!(plain.folded[..plain.count], eight.to_ascii_lowercase()[..plain.count]);
            }
        }
        assert!(!Plain::of(b"12").has_lower && !Plain::of(b"1-a").has_lower && Plain::of(b"1a-A").has_lower);
        assert!(!Plain::of(b"1a-A").has_upper);
    }

    #[test]
    fn words_of_any_length_are_whole() {
        for length in 1..40 {
            let (plain, marked) = ("x".repeat(length), format!("{}é", "x".repeat(length)));
            check(&format!("{plain} {marked}."), &[(&plain, 0), (&format!("{plain}xe")[1..], 1)]);
        }
    }

    #[test]
    fn a_text_has_more_words_than_a_block() {
        let text = "KFOR-it ".repeat(BLOCK_WORDS);
        let mut positions = Vec::new();
        scan(&text, false, |token, _| positions.push(token.position));
        assert_eq!(positions, (0..BLOCK_WORDS as u32).flat_map(|word| [word, word]).collect::<Vec<_>>());
    }
}

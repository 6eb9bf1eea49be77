//! Words of a text, each with its fold, its place and how it was written. Knows no language.

use crate::fold::{Class, Folds};

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// As it is compared, in UTF-8.
    pub folded: &'a [u8],
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

/// Endings that are set off with a hyphen are short: `-it`, `-a`, `'daki`.
const SUFFIX_LETTERS_MAX: usize = 4;

/// Whether a text carries no information in its capitals.
pub(super) fn is_in_capitals(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// Gives every word of `text` in order, but for those of addresses (`https://…`, `a@b.org`).
///
/// `capitals`: the text is in capitals throughout, so an ending may be as well.
pub(super) fn scan(text: &str, capitals: bool, mut each: impl FnMut(Token<'_>)) {
    let folds = Folds::get();
    let mut buffer = Vec::with_capacity(64);
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
        let word = read_word(folds, &text[at..], &mut buffer);
        let (start, end) = (at, at + word.length);
        at = end;
        let is_small = capitals || !word.has(Word::UPPER);
        let is_suffix =
            join == Join::Suffix && word.letters <= SUFFIX_LETTERS_MAX && is_small && !word.has(Word::DIGIT);
        let position = if is_suffix { next_position - 1 } else { next_position };
        next_position = position + 1;
        let (has_upper, has_lower) = (word.has(Word::UPPER), word.has(Word::LOWER));
        each(Token { folded: &buffer, start, end, position, is_suffix, has_upper, has_lower });
        // One letter is no word that takes endings: `l'arme`, `e-mail`.
        join = if word.letters >= 2 { Join::Word } else { Join::None };
    }
}

struct Word {
    /// In bytes.
    length: usize,
    letters: usize,
    kinds: u8,
}

impl Word {
    const DIGIT: u8 = 1 << (b'0' >> 5);
    const UPPER: u8 = 1 << (b'A' >> 5);
    const LOWER: u8 = 1 << (b'a' >> 5);

    fn has(&self, kind: u8) -> bool {
        self.kinds & kind != 0
    }
}

/// The word that `text` begins with; its fold goes to `buffer`.
fn read_word(folds: &Folds, text: &str, buffer: &mut Vec<u8>) -> Word {
    buffer.clear();
    let mut word = Word { length: 0, letters: 0, kinds: 0 };
    let bytes = text.as_bytes();
    loop {
        // This sees every letter of every entry, so the plain ones are handled together, by their bits.
        let plain = bytes[word.length..].iter().take_while(|byte| byte.is_ascii_alphanumeric());
        let count = plain.fold(0, |count, byte| {
            word.kinds |= 1 << (byte >> 5);
            count + 1
        });
        let from = buffer.len();
        buffer.extend_from_slice(&bytes[word.length..word.length + count]);
        buffer[from..].iter_mut().for_each(|byte| *byte |= 0x20);
        word.letters += count;
        word.length += count;
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
                buffer.extend_from_slice(folded.bytes());
                word.kinds |= if folded.is_upper { Word::UPPER } else { 0 };
                word.kinds |= if folded.is_lower { Word::LOWER } else { 0 };
                word.letters += 1;
            }
            _ => break,
        }
        word.length += letter.len_utf8();
    }
    word
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
        scan(text, is_in_capitals(text), |token| {
            found.push((String::from_utf8_lossy(token.folded).into_owned(), token.position))
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
        scan(text, false, |token| found.push(&text[token.start..token.end]));
        assert_eq!(found, ["у", "Приштини", "ма"]);
    }
}

//! One number for what a person reads in an entry. Two readings of it have the same number when
//! only dates, markup, white space, punctuation, counters or the way of measuring differ.

use super::link::canonical_link;
use crate::feed::Entry;
use crate::ingest::normalize::{TextKind, plain_text_within};
use memchr::memchr2_iter;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// As much as safe HTML can be.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// The fingerprint of `entry`, whose link is `link` in its canonical form.
pub(super) fn of(entry: &Entry, link: Option<&str>) -> u64 {
    let mut read = Vec::new();
    let mut field = |name: &str, write: &dyn Fn(&mut Vec<u8>)| {
        read.push(0);
        read.extend_from_slice(name.as_bytes());
        write(&mut read);
    };
    field("title", &|read| words(entry.title.as_deref().unwrap_or_default(), read));
    field("link", &|read| read.extend_from_slice(link.unwrap_or_default().as_bytes()));
    for (name, html) in [("summary", &entry.summary), ("content", &entry.content)] {
        let text = html.as_deref().and_then(|html| plain_text_within(html, TextKind::Html, TEXT_BYTES_MAX));
        field(name, &|read| words(text.as_deref().unwrap_or_default(), read));
    }
    for enclosure in &entry.enclosures {
        field("enclosure", &|read| read.extend_from_slice(file(&enclosure.url).as_bytes()));
    }
    let digest = Sha256::digest(&read);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The words of a text, without its counters. Punctuation is left out: `"` and `”` come and go with
/// the publisher's typographer.
fn words(text: &str, read: &mut Vec<u8>) {
    let text = visible(text);
    // Between two words stands one byte at least: what is written is no longer than the text.
    read.reserve(text.len() + 1);
    let mut words = Words { rest: &text };
    let mut before = "";
    while let Some(word) = words.next() {
        let mut after = words;
        let is_counter = word.is_number()
            && (word.is_in_brackets(words.rest)
                || counts(before)
                || after.next().is_some_and(|after| counts(after.text)));
        if !is_counter {
            read.push(b' ');
            read.extend_from_slice(word.text.as_bytes());
        }
        before = word.text;
    }
}

/// `text` without soft hyphens, zero-width spaces and joiners, which come and go unseen.
fn visible(text: &str) -> Cow<'_, str> {
    let is_unseen = |character| matches!(character, '\u{AD}' | '\u{200B}'..='\u{200D}');
    let bytes = text.as_bytes();
    let may_begin = |at: usize| matches!(bytes[at..], [0xC2, 0xAD, ..] | [0xE2, 0x80, 0x8B..=0x8D, ..]);
    if memchr2_iter(0xC2, 0xE2, bytes).any(may_begin) {
        Cow::Owned(text.chars().filter(|character| !is_unseen(*character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether `word` is what numbers beside it count: `12 comments`, `Points: 45`. In the languages of
/// our sources, by their beginnings.
fn counts(word: &str) -> bool {
    const COUNTED: [&str; 20] = [
        "comment",
        "repl",
        "point",
        "view",
        "vote",
        "like",
        "share",
        "kommentar",
        "komentar",
        "koment",
        "comentari",
        "commenti",
        "pregled",
        "commentaire",
        "комментари",
        "коментар",
        "преглед",
        "просмотр",
        "σχόλι",
        "yorum",
    ];
    let begins = |beginning: &str| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        beginning.chars().all(|letter| letters.next() == Some(letter))
    };
    COUNTED.iter().any(|beginning| begins(beginning))
}

struct Word<'a> {
    /// What stands between it and the word before.
    gap: &'a str,
    text: &'a str,
}

impl Word<'_> {
    fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn is_in_brackets(&self, after: &str) -> bool {
        self.gap.ends_with(['(', '[']) && after.starts_with([')', ']'])
    }
}

/// Runs of letters and digits.
#[derive(Clone, Copy)]
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let (gap, from) = self.rest.split_at(run::<false>(self.rest));
        let (text, rest) = from.split_at(run::<true>(from));
        self.rest = rest;
        (!text.is_empty()).then_some(Word { gap, text })
    }
}

/// The bytes at the start of `text` whose characters all are parts of words, or all are not.
fn run<const ARE_PARTS: bool>(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (is_part, length) = match BEGINNINGS[*byte as usize] {
            Beginning::Part => (true, 1),
            Beginning::Gap => (false, 1),
            Beginning::Letter => (true, 2),
            Beginning::Other => {
                let character = text[at..].chars().next().unwrap_or_default();
                (is_part(character), character.len_utf8())
            }
        };
        if is_part != ARE_PARTS {
            break;
        }
        at += length;
    }
    at
}

/// What a byte says of the character that it begins.
#[derive(Clone, Copy)]
enum Beginning {
    /// It is one of ASCII, and part of a word.
    Part,
    /// It is one of ASCII, and no part of a word.
    Gap,
    /// It has two bytes and is a letter.
    Letter,
    /// One has to look.
    Other,
}

const BEGINNINGS: [Beginning; 256] = {
    let mut beginnings = [Beginning::Other; 256];
    let mut byte = 0;
    while byte < 0x80 {
        let is_sign = byte == b'%' as usize || byte == b'$' as usize;
        let is_part = (byte as u8).is_ascii_alphanumeric() || is_sign;
        beginnings[byte] = if is_part { Beginning::Part } else { Beginning::Gap };
        byte += 1;
    }
    // Letters without exception: U+0100 to U+023F and U+0400 to U+047F.
    while byte < 0x100 {
        if matches!(byte, 0xC4..=0xC8 | 0xD0..=0xD1) {
            beginnings[byte] = Beginning::Letter;
        }
        byte += 1;
    }
    beginnings
};

/// Letters, digits, and signs that are whole messages by themselves.
fn is_part(character: char) -> bool {
    match character {
        '\0'..='\x7F' => character.is_ascii_alphanumeric() || matches!(character, '%' | '$'),
        // Letters all of them; the general question is slow, and is asked of every character.
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24F}' | 'Α'..='Ρ' | 'Σ'..='ώ' | 'Ѐ'..='ҁ' | 'Ҋ'..='ԯ' => true,
        // Quotes, dashes, spaces and dots: none of them is a letter or a digit.
        '\u{2000}'..='\u{206F}' => false,
        _ => {
            character.is_alphanumeric()
                || character as u32 >= 0x1F000
                || matches!(character, '\u{300}'..='\u{36F}' | '€')
        }
    }
}

/// The address of a file without its parameters, which measure and expire.
fn file(url: &str) -> String {
    let link = canonical_link(url).unwrap_or_else(|| url.to_owned());
    link.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(title: &str) -> Vec<u8> {
        let mut read = Vec::new();
        words(title, &mut read);
        read
    }

    #[test]
    fn the_short_way_to_a_letter_leads_to_the_same() {
        for character in (0..0x3000).filter_map(char::from_u32) {
            let is_sign = matches!(character, '\u{300}'..='\u{36F}' | '%' | '€' | '$');
            assert_eq!(is_part(character), character.is_alphanumeric() || is_sign, "{character:?}");
            assert_eq!(run::<true>(character.encode_utf8(&mut [0; 4])) > 0, is_part(character), "{character:?}");
        }
    }

    #[test]
    fn counters_and_punctuation_do_not_count() {
        for (one, other) in [
            ("Road closed (12)", "Road closed (345)"),
            ("Road closed, 12 comments", "Road closed, 1 comments"),
            ("Points: 5 # Comments: 12", "Points: 17 # Comments: 99"),
            ("Пут затворен [3 коментара]", "Пут затворен [14 коментара]"),
            ("It’s “over” — says mayor", "It's \"over\" - says mayor"),
            ("a  b", "a b."),
            ("Donau\u{AD}dampf\u{200D} x\u{200B}y", "Donaudampf xy"),
            ("می\u{200C}خواهم", "میخواهم"),
        ] {
            assert_eq!(number(one), number(other), "{one} / {other}");
        }
    }

    #[test]
    fn words_and_numbers_count() {
        for (one, other) in [
            ("Part 1", "Part 2"),
            ("v1.4.1", "v1.4.2"),
            ("4 dead", "5 dead"),
            ("3.5", "35"),
            ("ab c", "a bc"),
            ("Up 5", "Up 5%"),
            ("Пут", "Путеви"),
            ("👍", "👎"),
            ("Fire (Monday)", "Fire (Tuesday)"),
            ("likely 5", "unlikely 5"),
        ] {
            assert_ne!(number(one), number(other), "{one} / {other}");
        }
    }
}

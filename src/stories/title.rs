//! What a title says: its words without the outlet's name behind it, and its numbers apart, because
//! `part 1` and `part 2` are two articles.

use super::spoken::{self, Spoken};
use super::{hash, numbers};
use crate::words;

/// A title as it is compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Title {
    /// All words in order, folded, with a space behind each.
    pub folded: String,
    /// A number for each word, as a set.
    pub words: Vec<u16>,
    /// A number for each number, sorted; what stands there twice is here twice.
    pub numbers: Vec<u16>,
}

/// More words than any headline has; the rest of a text in the wrong element tells nothing more.
const WORDS_MAX: usize = 48;
/// More words than an outlet's name has.
const OUTLET_WORDS_MAX: usize = 4;
/// Fewer words are no headline, so that what follows the dash is its other half.
const HEADLINE_WORDS_MIN: usize = 3;

impl Title {
    /// Reads a plain title.
    pub fn of(text: &str) -> Self {
        let mut title = Self::default();
        let text = words::visible(text);
        let mut words_left = WORDS_MAX;
        spoken::read(without_outlet(&text), |word| {
            if words_left > 0 && !word.only_counts() {
                words_left -= 1;
                title.push(word);
            }
        });
        title.words = numbers::set(title.words);
        title.numbers.sort_unstable();
        title
    }

    fn push(&mut self, word: &Spoken<'_>) {
        let folded = str::from_utf8(word.folded).expect("folds are whole characters");
        if folded.is_empty() {
            return;
        }
        self.words.push((word.number >> 16) as u16);
        for digits in folded.split(|letter: char| !letter.is_ascii_digit()).filter(|digits| !digits.is_empty()) {
            self.numbers.push(short(digits.trim_start_matches('0')));
        }
        self.folded.push_str(folded);
        self.folded.push(' ');
    }
}

/// Whether the numbers of two titles say that they are two: each has one that the other has not, or
/// a number is all that sets them apart.
pub(super) fn numbers_differ(one: (&[u16], &[u16]), other: (&[u16], &[u16])) -> bool {
    let ((words, numbers), (other_words, other_numbers)) = (one, other);
    if numbers == other_numbers {
        return false;
    }
    let (fewer, more) =
        if numbers.len() <= other_numbers.len() { (numbers, other_numbers) } else { (other_numbers, numbers) };
    let is_within = numbers::shared(fewer, more) == fewer.len();
    let apart = words.len() + other_words.len() - 2 * numbers::shared(words, other_words);
    !is_within || apart <= more.len() - fewer.len()
}

/// `Two goals in derby - Daily Paper` is `Two goals in derby`.
fn without_outlet(text: &str) -> &str {
    let cut = [" - ", " | ", " — ", " – ", " :: ", " » "].iter().filter_map(|mark| text.rfind(mark)).max();
    let Some(at) = cut else { return text };
    let (headline, outlet) = text.split_at(at);
    let count = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let is_outlet = (1..=OUTLET_WORDS_MAX).contains(&count(outlet)) && !outlet.contains(|c: char| c.is_ascii_digit());
    if is_outlet && count(headline) >= HEADLINE_WORDS_MIN { headline } else { text }
}

fn short(letters: &str) -> u16 {
    (hash::word(letters.as_bytes()) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_its_words_in_any_script_case_and_outlet() {
        for (one, other) in [
            ("Скупштина града затворила улицу", "SKUPŠTINA GRADA ZATVORILA ULICU"),
            ("It's \"over\" - says mayor", "It’s “over” — says mayor"),
            ("Two goals in derby - Daily Paper", "Two goals in derby | Paper.com"),
            ("Road closed (12)", "Road closed (345)"),
        ] {
            assert_eq!(Title::of(one).folded, Title::of(other).folded, "{one} {other}");
        }
        for (one, other) in [("Hello - World", "Hello"), ("Rust from scratch - part 1", "Rust from scratch - part 2")] {
            assert_ne!(Title::of(one).folded, Title::of(other).folded, "{one} {other}");
        }
        assert_eq!(Title::of(""), Title::default());
    }

    #[test]
    fn numbers_that_differ_make_two_titles() {
        let differ = |one: &str, other: &str| {
            let (one, other) = (Title::of(one), Title::of(other));
            numbers_differ((&one.words, &one.numbers), (&other.words, &other.numbers))
        };
        assert!(differ("Rust, part 1", "Rust, part 2"));
        assert!(differ("v1.4.1", "v1.4.2"));
        assert!(differ("The news", "The news 2"));
        assert!(!differ("New RS5 revealed", "2026 RS5: 444bhp coupe costs 62900"));
        assert!(!differ("The news 04", "The news 4"));
        assert!(!differ("a", "b"));
    }
}

//! The words that a story is known by: folded, so that both scripts are one, and cut to their
//! beginnings, so that the forms of a word are one. Knows no other article.

use super::hash;
use crate::fold::Folds;
use crate::words::{self, Counts, Word};

/// A word of an article, as much as is remembered of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(u32);

/// So many bits of a word's number are kept: among a million articles few words meet.
pub(super) const TERM_BITS: u32 = 24;
const TERM_MASK: u32 = (1 << TERM_BITS) - 1;
const IN_TITLE: u32 = 1 << 24;
const IS_NAME: u32 = 1 << 25;
const IS_NUMBER: u32 = 1 << 26;
const COUNT_SHIFT: u32 = 27;
/// A word that stands there more often is not more telling.
const COUNT_MAX: u32 = 15;

/// Words are alike that begin with so many letters: `izbori`, `izbora` and `izborima` are.
const STEM_LETTERS: usize = 5;
/// What follows in a long text tells more of the background than of the news.
const WORDS_MAX: usize = 250;
/// So many terms are kept of an article, those of the title first.
pub(super) const TERMS_MAX: usize = 48;

impl Term {
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    /// Which word it is, whatever else is known of it.
    pub fn word(self) -> u32 {
        self.0 & TERM_MASK
    }

    pub fn is_in_title(self) -> bool {
        self.0 & IN_TITLE != 0
    }

    pub fn is_name(self) -> bool {
        self.0 & IS_NAME != 0
    }

    pub fn is_number(self) -> bool {
        self.0 & IS_NUMBER != 0
    }

    /// How often it stands in the text, which may be never.
    pub fn count(self) -> u32 {
        self.0 >> COUNT_SHIFT & COUNT_MAX
    }
}

/// The words of an article's address, which a headline that was cut off or written anew has not.
pub(super) fn of_address(link: &str) -> String {
    let path = link.split(['?', '#']).next().unwrap_or_default();
    let parts = path.rsplit('/').map(|part| part.split(['-', '_']).filter(|word| is_plain(word)).collect::<Vec<_>>());
    parts.max_by_key(Vec::len).filter(|words| words.len() >= ADDRESS_WORDS_MIN).unwrap_or_default().join(" ")
}

/// Fewer words in an address name a section and not an article.
const ADDRESS_WORDS_MIN: usize = 3;

fn is_plain(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The terms of an article, one for each word, in the order in which they are first met.
pub(super) fn of(title: &str, text: &str, address: &str) -> Vec<Term> {
    let mut terms = Vec::with_capacity(2 * WORDS_MAX);
    read(title, true, &mut terms);
    read(address, false, &mut terms);
    read(text, false, &mut terms);
    let mut met: Vec<Term> = Vec::with_capacity(terms.len().min(WORDS_MAX));
    let mut places = std::collections::HashMap::with_capacity(terms.len());
    for term in terms {
        let place = *places.entry(term.word()).or_insert(met.len());
        match met.get_mut(place) {
            Some(known) => *known = both(*known, term),
            None => met.push(term),
        }
    }
    met
}

fn both(one: Term, other: Term) -> Term {
    let count = (one.count() + other.count()).min(COUNT_MAX);
    let marks = (one.0 | other.0) & (IN_TITLE | IS_NAME | IS_NUMBER);
    Term(one.word() | marks | count << COUNT_SHIFT)
}

fn read(plain: &str, is_title: bool, terms: &mut Vec<Term>) {
    let plain = words::visible(plain);
    let folds = Folds::get();
    let words = words::of(&plain);
    // Where every word has a capital, a capital tells nothing.
    let capitals = words.iter().filter(|word| begins_with_capital(word.text)).count();
    let tells = !is_title || capitals * 2 <= words.len();
    let mut folded = Vec::new();
    for word in words.iter().filter(|word| word.counts != Counts::Yes).take(WORDS_MAX) {
        let before = plain[..word.end - word.text.len()].trim_end_matches([' ', '"', '“', '„', '(', '\'']);
        let begins_sentence = before.is_empty() || before.ends_with(['.', '!', '?', ':', '\n', '…']);
        let is_name = tells && !begins_sentence && begins_with_capital(word.text);
        let mut marks = if is_title { IN_TITLE } else { 1 << COUNT_SHIFT };
        if is_name {
            marks |= IS_NAME;
        }
        if is_cjk(word.text) {
            pairs(word.text, |pair| terms.push(Term(hash::word(pair.as_bytes()) & TERM_MASK | marks)));
            continue;
        }
        stem(word, folds, &mut folded);
        let is_number = word.is_number();
        if folded.len() < 2 && !is_number {
            continue;
        }
        if is_number {
            marks |= IS_NUMBER;
        }
        terms.push(Term(hash::word(&folded) & TERM_MASK | marks));
    }
}

/// The folded beginning of a word; numbers are kept whole.
fn stem(word: &Word<'_>, folds: &Folds, folded: &mut Vec<u8>) {
    folded.clear();
    let letters_max = if word.text.bytes().any(|byte| byte.is_ascii_digit()) { usize::MAX } else { STEM_LETTERS };
    for letter in word.text.chars() {
        folded.extend_from_slice(folds.of(letter).bytes());
    }
    if letters_max == usize::MAX {
        return;
    }
    let is_first = |byte: &u8| *byte & 0xC0 != 0x80;
    let mut firsts = folded.iter().enumerate().filter(|(_, byte)| is_first(byte)).map(|(at, _)| at);
    if let Some(end) = firsts.nth(letters_max) {
        folded.truncate(end);
    }
}

fn begins_with_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// Scripts that set no spaces between words.
fn is_cjk(word: &str) -> bool {
    word.chars()
        .any(|letter| matches!(letter, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'))
}

/// Each two letters that stand side by side, or the one that stands alone.
fn pairs(word: &str, mut each: impl FnMut(&str)) {
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    if starts.len() <= 2 {
        return each(word);
    }
    starts.windows(3).for_each(|three| each(&word[three[0]..three[2]]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(title: &str, text: &str) -> Vec<u32> {
        let mut words: Vec<u32> = of(title, text, "").into_iter().map(Term::word).collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn both_scripts_and_all_forms_are_one_word() {
        assert_eq!(
            words("Влада усвојила буџет", "За пољопривреду"),
            words("Vlada usvojila budžet", "Za poljoprivredu")
        );
        assert_eq!(words("izborima", ""), words("IZBORI", ""));
        assert_eq!(words("Ukraine’s", ""), words("Ukraine", ""));
    }

    #[test]
    fn numbers_are_whole() {
        assert_ne!(words("1234567", ""), words("1234568", ""));
        assert!(of("7 dead", "", "").iter().any(|term| term.is_number()));
    }

    #[test]
    fn a_text_without_spaces_is_known_by_pairs() {
        assert_eq!(words("日本語", "").len(), 2);
        assert_eq!(words("日", "").len(), 1);
    }

    #[test]
    fn a_term_tells_where_it_stands_and_how_often() {
        let terms = of("Council closes road", "The road in Belgrade, the road.", "");
        let road = terms.iter().find(|term| term.word() == words("road", "")[0]).expect("it is there");
        assert!(road.is_in_title() && !road.is_name() && road.count() == 2);
        let belgrade = terms.iter().find(|term| term.word() == words("belgrade", "")[0]).expect("it is there");
        assert!(belgrade.is_name() && !belgrade.is_in_title());
    }
}

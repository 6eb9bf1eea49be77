//! The words that a story is known by: folded, so that both scripts are one, and cut to their
//! beginnings, so that the forms of a word are one. Knows no other article.

use super::hash;
use super::spoken::{self, Spoken};
use crate::words;

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

/// The terms of an article while it is read, one for each word, in the order in which they are first met.
pub(super) struct Terms {
    met: Vec<Term>,
    /// Where words are in `met`: a table with open addressing, [`NOWHERE`] where nothing is.
    places: [u8; PLACES],
    /// Words of the present text that still count.
    words_left: usize,
}

/// More than twice the terms that are kept.
const PLACES: usize = 128;
const NOWHERE: u8 = u8::MAX;

impl Terms {
    /// Of a title and of the words of an address; the text is heard after them.
    pub fn of(title: &str, address: &str) -> Self {
        let mut terms = Self { met: Vec::with_capacity(TERMS_MAX), places: [NOWHERE; PLACES], words_left: WORDS_MAX };
        let plain = words::visible(title);
        let found = words::of(&plain);
        // Where every word has a capital, a capital tells nothing.
        let capitals = found.iter().filter(|word| begins_with_capital(word.text)).count();
        let capitals_tell = capitals * 2 <= found.len();
        spoken::read_words(&plain, &found, |word| terms.take(word, IN_TITLE, capitals_tell));
        terms.words_left = WORDS_MAX;
        spoken::read(address, |word| terms.hear(word));
        terms.words_left = WORDS_MAX;
        terms
    }

    /// Takes in the next word of the text.
    pub fn hear(&mut self, spoken: &Spoken<'_>) {
        self.take(spoken, 1 << COUNT_SHIFT, true);
    }

    fn take(&mut self, spoken: &Spoken<'_>, mut marks: u32, capitals_tell: bool) {
        if self.words_left == 0 || spoken.only_counts() {
            return;
        }
        self.words_left -= 1;
        let text = spoken.word.text;
        if capitals_tell && begins_with_capital(text) && !begins_sentence(spoken.before) {
            marks |= IS_NAME;
        }
        if !text.is_ascii() && is_cjk(text) {
            return pairs(text, |pair| self.add(Term(hash::word(pair.as_bytes()) & TERM_MASK | marks)));
        }
        let is_number = spoken.word.is_number();
        if is_number {
            marks |= IS_NUMBER;
        }
        if is_number || spoken.stem_bytes >= 2 {
            self.add(Term(spoken.stem & TERM_MASK | marks));
        }
    }

    fn add(&mut self, term: Term) {
        let mut at = term.0 as usize % PLACES;
        loop {
            match self.met.get_mut(usize::from(self.places[at])) {
                Some(known) if known.word() == term.word() => return *known = both(*known, term),
                Some(_) => at = (at + 1) % PLACES,
                None => break,
            }
        }
        if self.met.len() < TERMS_MAX {
            self.places[at] = self.met.len() as u8;
            self.met.push(term);
        }
    }

    /// All of them, sorted by word.
    pub fn sorted(mut self) -> Box<[Term]> {
        sort(&mut self.met);
        self.met.into()
    }
}

/// By word, as articles have their terms.
pub(super) fn sort(terms: &mut [Term]) {
    terms.sort_unstable_by_key(|term| term.word());
}

fn both(one: Term, other: Term) -> Term {
    let count = (one.count() + other.count()).min(COUNT_MAX);
    let marks = (one.0 | other.0) & (IN_TITLE | IS_NAME | IS_NUMBER);
    Term(one.word() | marks | count << COUNT_SHIFT)
}

fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '"', '“', '„', '(', '\'']);
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '\n', '…'])
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

    fn of(title: &str, text: &str) -> Box<[Term]> {
        let mut terms = Terms::of(title, "");
        spoken::read(text, |word| terms.hear(word));
        terms.sorted()
    }

    fn words(title: &str, text: &str) -> Vec<u32> {
        of(title, text).iter().map(|term| term.word()).collect()
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
        assert!(of("7 dead", "").iter().any(|term| term.is_number()));
    }

    #[test]
    fn a_text_without_spaces_is_known_by_pairs() {
        assert_eq!(words("日本語", "").len(), 2);
        assert_eq!(words("日", "").len(), 1);
    }

    #[test]
    fn a_term_tells_where_it_stands_and_how_often() {
        let terms = of("Council closes road", "The road in Belgrade, the road.");
        let road = terms.iter().find(|term| term.word() == words("road", "")[0]).expect("it is there");
        assert!(road.is_in_title() && !road.is_name() && road.count() == 2);
        let belgrade = terms.iter().find(|term| term.word() == words("belgrade", "")[0]).expect("it is there");
        assert!(belgrade.is_name() && !belgrade.is_in_title());
    }
}

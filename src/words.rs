//! The words of a text as a person reads them, and which of them only count: the number of comments
//! under an article, the minutes since it was changed. Knows no markup and decides nothing.

use memchr::memchr2_iter;
use std::borrow::Cow;

/// A run of letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// As written.
    pub text: &'a str,
    /// Where it ends in the text, in bytes.
    pub end: usize,
    /// Whether it is news or only counts.
    pub counts: Counts,
}

/// How sure it is that a word belongs to a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// A word like any other.
    No,
    /// A number beside what sites count, inside of a sentence: `61 votes`.
    Perhaps,
    /// Part of a label that holds nothing but a count: `[12 comments]`, `Points: 5`, `3 hours ago`.
    Yes,
}

impl Word<'_> {
    /// Whether it has digits only.
    pub fn is_number(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The words of `text` in order. Punctuation is left out: `"` and `”` come and go with the
/// publisher's typographer.
///
/// A counter stands apart. In a sentence a number is news, whatever it counts: `passed with 61
/// votes` is an edit when it becomes 62. A part of the text that holds nothing but a number and what
/// it counts is a label, if it is in brackets or stands at the beginning or the end of the text
/// among others of its kind.
pub(crate) fn of(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (before, from) = rest.split_at(run::<false>(rest));
        let (word, after) = from.split_at(run::<true>(from));
        let is_in_number = before.len() == 1 && ends_in_digit(&words) && word.starts_with(|c: char| c.is_ascii_digit());
        let is_last = word.is_empty();
        let is_named = after.starts_with(':') && (begins(word, &COUNTED) || is_vote(word));
        let is_after_age = words.last().is_some_and(|word: &Word<'_>| word.text.eq_ignore_ascii_case("ago"));
        if parts.is_empty() || is_last || is_named || is_after_age || !is_in_number && parts_a_text(before) {
            if let Some(last) = parts.last_mut() {
                close(last, words.len(), before);
            }
            parts.push(Part { start: words.len(), end: 0, is_opened: before.ends_with(['(', '[']), is_closed: false });
        }
        if is_last {
            break;
        }
        words.push(Word { text: word, end: text.len() - after.len(), counts: Counts::No });
        rest = after;
    }
    parts.retain(|part| part.start < part.end);
    mark(&mut words, &parts);
    words
}

/// `text` without soft hyphens, zero-width spaces and joiners, which come and go unseen.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let is_unseen = |character| matches!(character, '\u{AD}' | '\u{200B}'..='\u{200D}');
    let bytes = text.as_bytes();
    let may_begin = |at: usize| matches!(bytes[at..], [0xC2, 0xAD, ..] | [0xE2, 0x80, 0x8B..=0x8D, ..]);
    if memchr2_iter(0xC2, 0xE2, bytes).any(may_begin) {
        Cow::Owned(text.chars().filter(|character| !is_unseen(*character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Words between two marks that part a text.
struct Part {
    start: usize,
    end: usize,
    is_opened: bool,
    is_closed: bool,
}

fn close(part: &mut Part, end: usize, before: &str) {
    part.end = end;
    part.is_closed = before.starts_with([')', ']']);
}

fn ends_in_digit(words: &[Word<'_>]) -> bool {
    words.last().is_some_and(|word| word.text.ends_with(|last: char| last.is_ascii_digit()))
}

/// Whether what stands between two words ends a part; a colon does not, it is in `Points: 5`.
fn parts_a_text(between: &str) -> bool {
    // Nearly always it is a blank, and this is asked of every word of every entry.
    if between == " " {
        return false;
    }
    between.contains(['.', '!', '?', ';', '|', '#', '•', '·', '(', ')', '[', ']', '{', '}', ',', '\n', '—', '–', '/'])
        || between.contains(" - ")
}

fn mark(words: &mut [Word<'_>], parts: &[Part]) {
    let kinds: Vec<Kind> =
        parts.iter().enumerate().map(|(at, part)| kind(words, part, at + 1 == parts.len())).collect();
    let is_label = |kind: &Kind| *kind != Kind::Text;
    let leading = kinds.iter().take_while(|kind| is_label(kind)).count();
    let trailing = kinds.iter().rev().take_while(|kind| is_label(kind)).count();
    let is_sure = |kinds: &[Kind]| {
        let is_whole = kinds.len() == parts.len() && kinds.iter().any(|kind| *kind != Kind::Number);
        kinds.contains(&Kind::Label) || is_whole
    };
    let sure_leading = if is_sure(&kinds[..leading]) { leading } else { 0 };
    let sure_trailing = if is_sure(&kinds[kinds.len() - trailing..]) { trailing } else { 0 };
    for (at, (part, kind)) in parts.iter().zip(&kinds).enumerate() {
        let is_at_an_end = at < sure_leading || at + sure_trailing >= parts.len();
        if *kind == Kind::Bracketed || *kind != Kind::Text && is_at_an_end {
            words[part.start..part.end].iter_mut().for_each(|word| word.counts = Counts::Yes);
            continue;
        }
        for at in part.start..part.end {
            let is_beside = |beside: Option<usize>| {
                beside.is_some_and(|at| {
                    (part.start..part.end).contains(&at)
                        && (begins(words[at].text, &COUNTED) || is_vote(words[at].text))
                })
            };
            let is_alone = part.is_opened && part.is_closed && part.end - part.start == 1;
            if words[at].is_number() && (is_alone || is_beside(at.checked_sub(1)) || is_beside(Some(at + 1))) {
                words[at].counts = Counts::Perhaps;
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// Numbers alone, which belong to a label beside them: `Updated 1 March 2026, 10:17`.
    Number,
    /// A count of what is in the news as well: `61 votes`.
    Weak,
    /// A count of what only sites have, or named as one: `12 comments`, `Points: 5`.
    Label,
    /// A count in brackets, which is a counter wherever it stands.
    Bracketed,
}

/// The most words of a label: `Last updated 3 hours and 5 minutes ago`.
const LABEL_WORDS_MAX: usize = 8;

fn kind(words: &[Word<'_>], part: &Part, is_last: bool) -> Kind {
    let words = &words[part.start..part.end];
    let numbers = words.iter().filter(|word| word.is_number()).count();
    if words.len() > LABEL_WORDS_MAX || numbers == 0 {
        return Kind::Text;
    }
    let is_bracketed = part.is_opened && part.is_closed;
    if numbers == words.len() {
        // An age in brackets stands behind a name and not at the end of a title.
        return if is_bracketed && is_last && numbers == 1 { Kind::Bracketed } else { Kind::Number };
    }
    let all = |known: &dyn Fn(&str) -> bool| words.iter().all(|word| word.is_number() || known(word.text));
    let is_age = words.iter().any(|word| begins(word.text, &AGES)) && all(&|word| begins(word, &AGES) || is_unit(word));
    let is_of_sites = all(&|word| begins(word, &COUNTED));
    let is_of_votes = all(&|word| begins(word, &COUNTED) || is_vote(word));
    let is_named = words.len() == 2 && is_vote(words[0].text);
    match (is_age || is_of_sites || is_of_votes, is_bracketed) {
        (true, true) => Kind::Bracketed,
        (true, false) if is_age || is_of_sites || is_named => Kind::Label,
        (true, false) => Kind::Weak,
        (false, _) => Kind::Text,
    }
}

/// What only sites count, in the languages of our sources, by the beginnings of words.
const COUNTED: [&str; 16] = [
    "comment",
    "repl",
    "view",
    "reads",
    "kommentar",
    "komentar",
    "koment",
    "comentari",
    "commenti",
    "pregled",
    "комментари",
    "коментар",
    "преглед",
    "просмотр",
    "σχόλι",
    "yorum",
];

/// What is counted in the news as well, whole words.
fn is_vote(word: &str) -> bool {
    const VOTES: [&str; 12] = [
        "point",
        "points",
        "vote",
        "votes",
        "upvotes",
        "like",
        "likes",
        "share",
        "shares",
        "glasova",
        "гласова",
        "score",
    ];
    VOTES.iter().any(|vote| vote.eq_ignore_ascii_case(word))
}

/// What an age is told with, by the beginnings of words.
const AGES: [&str; 14] = [
    "ago",
    "updated",
    "modified",
    "prije",
    "пре",
    "преди",
    "aktualisiert",
    "ažurirano",
    "ажурирано",
    "обновлено",
    "önce",
    "πριν",
    "vor",
    "pred",
];

/// What it is measured in, or stands beside it.
fn is_unit(word: &str) -> bool {
    const UNITS: [&str; 37] = [
        "second",
        "minut",
        "hour",
        "day",
        "hr",
        "min",
        "sat",
        "dan",
        "last",
        "сат",
        "минут",
        "дан",
        "час",
        "stund",
        "tag",
        "λεπτά",
        "ώρες",
        "dakika",
        "saat",
        "poslednj",
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "maj",
        "jun",
        "jul",
        "aug",
        "avg",
        "sep",
        "oct",
        "okt",
        "nov",
        "dec",
        "gmt",
        "utc",
    ];
    word.chars().count() == 1 || begins(word, &UNITS) || ["at", "on", "and", "am", "pm", "cet", "est"].contains(&word)
}

fn begins(word: &str, beginnings: &[&str]) -> bool {
    let Some(first) = word.chars().flat_map(char::to_lowercase).next() else { return false };
    let begins_with = |beginning: &&str| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        beginning.starts_with(first) && beginning.chars().all(|letter| letters.next() == Some(letter))
    };
    beginnings.iter().any(begins_with)
}

/// The bytes at the start of `text` whose characters all are parts of words, or all are not.
fn run<const ARE_PARTS: bool>(text: &str) -> usize {
    let goes_on = |byte: &u8| BYTES[*byte as usize] & (if ARE_PARTS { PART } else { GAP }) != 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        // Byte by byte, not character by character: no step waits for the one before it.
        while bytes.get(at).is_some_and(goes_on) {
            at += 1;
        }
        if bytes.get(at).is_none_or(|byte| BYTES[*byte as usize] != 0) {
            return at;
        }
        match text[at..].chars().next().filter(|character| is_part(*character) == ARE_PARTS) {
            Some(character) => at += character.len_utf8(),
            None => return at,
        }
    }
}

/// The byte belongs to a part of a word.
const PART: u8 = 1;
/// The byte is no part of one.
const GAP: u8 = 2;

/// What a byte alone says of its character; 0 where one has to look. A byte inside of a character says
/// the same as the bytes before it: whoever had to look has passed it.
const BYTES: [u8; 256] = {
    let mut bytes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        bytes[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'%' | b'$' => PART,
            0..=0x7F => GAP,
            // Letters without exception: U+0100 to U+023F and U+0400 to U+047F.
            0xC4..=0xC8 | 0xD0..=0xD1 | 0x80..=0xBF => PART,
            _ => 0,
        };
        byte += 1;
    }
    bytes
};

/// Letters, digits, and signs that are whole messages by themselves.
fn is_part(character: char) -> bool {
    is_alphanumeric(character)
        || matches!(character, '%' | '$' | '€' | '\u{300}'..='\u{36F}')
        || character as u32 >= 0x1F000
}

/// What [`char::is_alphanumeric`] says. The general question is slow, and is asked of every character.
pub(crate) fn is_alphanumeric(character: char) -> bool {
    match character {
        '\0'..='\x7F' => character.is_ascii_alphanumeric(),
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24F}' | 'Α'..='Ρ' | 'Σ'..='ώ' | 'Ѐ'..='ҁ' | 'Ҋ'..='ԯ' => true,
        // Quotes, dashes, spaces and dots.
        '\u{2000}'..='\u{206F}' => false,
        _ => character.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_to_a_letter_leads_to_the_same() {
        for character in (0..0x3000).filter_map(char::from_u32) {
            let is_sign = matches!(character, '\u{300}'..='\u{36F}' | '%' | '€' | '$');
            assert_eq!(is_alphanumeric(character), character.is_alphanumeric(), "{character:?}");
            assert_eq!(is_part(character), character.is_alphanumeric() || is_sign, "{character:?}");
            assert_eq!(run::<true>(character.encode_utf8(&mut [0; 4])) > 0, is_part(character), "{character:?}");
        }
    }

    fn check(text: &str, sure: &[&str], perhaps: &[&str]) {
        let of =
            |kind| of(text).into_iter().filter(|word| word.counts == kind).map(|word| word.text).collect::<Vec<_>>();
        assert_eq!((of(Counts::Yes), of(Counts::Perhaps)), (sure.to_vec(), perhaps.to_vec()), "{text}");
    }

    #[test]
    fn a_label_that_only_counts_is_a_counter() {
        check("Road closed (12)", &["12"], &[]);
        check("Road closed [14 коментара]", &["14", "коментара"], &[]);
        check("Points: 5 # Comments: 12", &["Points", "5", "Comments", "12"], &[]);
        check("Road closed, 1,234 comments", &["1", "234", "comments"], &[]);
        check("Пут затворен. Пре 3 сата", &["Пре", "3", "сата"], &[]);
    }

    #[test]
    fn a_number_in_a_sentence_is_news() {
        check("The law passed with 61 votes.", &[], &["61"]);
        check("A narrow majority, 61 votes, was enough", &[], &["61"]);
        check("Ana (52) wins", &[], &["52"]);
        check("4 dead, 12 hurt", &[], &[]);
        check("Election 2026", &[], &[]);
        check("", &[], &[]);
        check("...", &[], &[]);
    }
}

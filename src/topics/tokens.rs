//! Words of a text, each with its fold, its place and how it was written. Knows no language.

use super::fold::{Class, Folds};

/// A word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// As it is compared.
    pub folded: &'a str,
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

/// Gives every word of `text` in order, and returns how many places they take.
///
/// `capitals`: the text is in capitals throughout, so an ending may be as well.
pub(super) fn scan(text: &str, capitals: bool, mut each: impl FnMut(Token<'_>)) -> u32 {
    let folds = Folds::get();
    let mut buffer = String::with_capacity(64);
    let mut next_position = 0;
    let mut join = Join::None;
    let mut letters = text.char_indices().peekable();
    while let Some((start, first)) = letters.next() {
        let mut folded = folds.of(first);
        if folded.class != Class::Word {
            join = join.after(folded.class);
            continue;
        }
        buffer.clear();
        let (mut count, mut end) = (0, start);
        let (mut has_upper, mut has_lower, mut has_digit) = (false, false, false);
        let mut letter = first;
        loop {
            if folded.class == Class::Word {
                buffer.push_str(folded.text());
                count += 1;
                end += letter.len_utf8();
                has_upper |= folded.is_upper;
                has_lower |= folded.is_lower;
                has_digit |= letter.is_ascii_digit();
            } else {
                end += letter.len_utf8();
            }
            match letters.peek() {
                Some(&(_, next)) if matches!(folds.of(next).class, Class::Word | Class::Ignored) => {
                    letter = next;
                    folded = folds.of(next);
                    letters.next();
                }
                _ => break,
            }
        }
        let is_small = capitals || !has_upper;
        let is_suffix = join == Join::Suffix && count <= SUFFIX_LETTERS_MAX && is_small && !has_digit;
        let position = if is_suffix { next_position - 1 } else { next_position };
        next_position = position + 1;
        each(Token { folded: &buffer, start, end, position, is_suffix, has_upper, has_lower });
        // One letter is no word that takes endings: `l'arme`, `e-mail`.
        join = if count >= 2 { Join::Word } else { Join::None };
    }
    next_position
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
        scan(text, is_in_capitals(text), |token| found.push((token.folded.to_owned(), token.position)));
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

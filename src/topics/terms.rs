//! The notation of a term, read: `word`, `two words`, `word*`, `=Exact`, `a ~3 b`, `EU`, `@list`.
//! Knows neither lists nor languages.

use super::tokens::{self, Token};

/// What an element of a list or of a topic says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// `@name`: everything in that list.
    List(String),
    /// Something to be found in a text.
    Term(Term),
}

/// One or several phrases, each within so many words of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub parts: Vec<Part>,
    /// One fewer than `parts`.
    pub distances: Vec<u32>,
}

/// Words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub words: Vec<Word>,
}

/// One word of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As written.
    pub text: String,
    pub kind: Kind,
    /// Its place, counted from the phrase's first word.
    pub offset: u32,
}

/// Which words of a text a word of a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// Its forms.
    Forms,
    /// Whatever begins with it.
    Prefix,
    /// This very spelling.
    Exact,
    /// `EU`: no small letter.
    Capitals,
    /// `BiH`: at least one capital, as `bih` is a word of its own.
    HasCapital,
}

/// Longer is a sentence, not a phrase.
const WORDS_MAX: usize = 12;
/// Further apart is not near.
const DISTANCE_MAX: u32 = 1000;

/// Reads an element; the error says what is wrong with it.
pub(super) fn parse(written: &str) -> Result<Element, String> {
    let written = written.trim();
    if written.is_empty() {
        return Err("an empty term finds nothing".into());
    }
    if let Some(name) = written.strip_prefix('@') {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("\"{written}\": \"@\" is followed by the name of one list"));
        }
        return Ok(Element::List(name.into()));
    }
    let mut term = Term { parts: Vec::new(), distances: Vec::new() };
    let mut chunks = Vec::new();
    for chunk in written.split_whitespace() {
        if let Some(distance) = chunk.strip_prefix('~') {
            term.parts.push(part(written, &chunks)?);
            term.distances.push(parse_distance(written, distance)?);
            chunks.clear();
        } else {
            chunks.push(chunk);
        }
    }
    term.parts.push(part(written, &chunks)?);
    Ok(Element::Term(term))
}

fn parse_distance(written: &str, distance: &str) -> Result<u32, String> {
    match distance.parse() {
        Ok(distance) if (1..=DISTANCE_MAX).contains(&distance) => Ok(distance),
        Ok(_) => Err(format!("\"{written}\": the distance after \"~\" is 1 to {DISTANCE_MAX} words")),
        Err(_) => Err(format!("\"{written}\": \"~\" is followed by a number of words, as in \"Belgrade ~3 Pristina\"")),
    }
}

fn part(written: &str, chunks: &[&str]) -> Result<Part, String> {
    if chunks.is_empty() {
        return Err(format!("\"{written}\": \"~\" stands between two terms, as in \"Belgrade ~3 Pristina\""));
    }
    let mut words: Vec<Word> = Vec::new();
    let is_exact = chunks[0].starts_with('=');
    for (index, &chunk) in chunks.iter().enumerate() {
        let chunk = if index == 0 { chunk.strip_prefix('=').unwrap_or(chunk) } else { chunk };
        let (text, is_prefix) = match chunk.strip_suffix('*') {
            Some(text) => (text, true),
            None => (chunk, false),
        };
        check_signs(written, text, is_exact && is_prefix)?;
        let first_offset = words.last().map_or(0, |word| word.offset + 1);
        let first = words.len();
        let mut base_has_capital = false;
        tokens::scan(text, false, |token, folded| {
            // `KFOR-it` in a list is the word `KFOR`, whose endings we know; `anti-tank` is two.
            let is_ending = token.is_suffix && base_has_capital;
            if !is_ending && !folded.is_empty() {
                let text = &text[token.start..token.end];
                let kind = if is_exact { Kind::Exact } else { kind(text, token) };
                words.push(Word { text: text.into(), kind, offset: first_offset + token.position });
            }
            base_has_capital = token.has_upper;
        });
        if words.len() == first {
            return Err(format!("\"{written}\": there are no letters in \"{chunk}\""));
        }
        // `EU-*` is `EU`, which has whatever follows a hyphen anyway.
        if is_prefix && !text.ends_with('-') {
            if !text.ends_with(char::is_alphanumeric) {
                return Err(format!("\"{written}\": \"*\" stands right behind the letters that a word begins with"));
            }
            words.last_mut().expect("counted above").kind = Kind::Prefix;
        }
    }
    if words.len() > WORDS_MAX {
        return Err(format!("\"{written}\": a phrase has at most {WORDS_MAX} words"));
    }
    Ok(Part { words })
}

fn check_signs(written: &str, text: &str, is_exact_prefix: bool) -> Result<(), String> {
    if is_exact_prefix {
        return Err(format!("\"{written}\": \"=\" means this form only and \"*\" any ending; take one of them"));
    }
    if text.contains('*') {
        return Err(format!("\"{written}\": \"*\" can only stand at the end of a word"));
    }
    if text.contains('~') {
        return Err(format!("\"{written}\": leave spaces around \"~\", as in \"Belgrade ~3 Pristina\""));
    }
    if text.contains('=') {
        return Err(format!("\"{written}\": \"=\" can only stand at the beginning"));
    }
    if text.contains('@') {
        return Err(format!("\"{written}\": a list stands alone, as in \"@name\""));
    }
    Ok(())
}

fn kind(text: &str, token: &Token) -> Kind {
    let letters = text.chars().count();
    if !(2..=3).contains(&letters) || !token.has_upper {
        return Kind::Forms;
    }
    if !token.has_lower {
        return Kind::Capitals;
    }
    let has_inner_capital = text.chars().skip(1).any(char::is_uppercase);
    if has_inner_capital { Kind::HasCapital } else { Kind::Forms }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(part: &Part) -> String {
        let word = |word: &Word| format!("{}{:?}@{}", word.text, word.kind, word.offset);
        part.words.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn check(written: &str, expected: &str) {
        let shown = match parse(written) {
            Ok(Element::List(name)) => format!("list {name}"),
            Ok(Element::Term(term)) => {
                let mut shown = words(&term.parts[0]);
                for (distance, part) in term.distances.iter().zip(&term.parts[1..]) {
                    shown.push_str(&format!(" ~{distance} {}", words(part)));
                }
                shown
            }
            Err(error) => error,
        };
        assert_eq!(shown, expected, "{written}");
    }

    #[test]
    fn reads_every_notation() {
        check("@western-balkans", "list western-balkans");
        check("vojska", "vojskaForms@0");
        check("Republika  Srpska", "RepublikaForms@0 SrpskaForms@1");
        check("separatis*", "separatisPrefix@0");
        check("dijalog ~4 Prištin*", "dijalogForms@0 ~4 PrištinPrefix@0");
        check("a ~2 b c ~6 d", "aForms@0 ~2 bForms@0 cForms@1 ~6 dForms@0");
        check("EU-*", "EUCapitals@0");
        check("=NIS", "NISExact@0");
        check("=Crna Gora", "CrnaExact@0 GoraExact@1");
    }

    #[test]
    fn short_capitals_are_capitals() {
        check("EU", "EUCapitals@0");
        check("ЕПС", "ЕПСCapitals@0");
        check("BiH", "BiHHasCapital@0");
        check("Kos", "KosForms@0");
        check("KFOR", "KFORForms@0");
        check("1244", "1244Forms@0");
        check("F16", "F16Capitals@0");
    }

    #[test]
    fn hyphens_part_words_but_not_endings() {
        check("KFOR-it", "KFORForms@0");
        check("anti-tank", "antiForms@0 tankForms@0");
        check("EU-Beitritt", "EUCapitals@0 BeitrittForms@1");
        check("Belgrade-Pristina dialogue", "BelgradeForms@0 PristinaForms@1 dialogueForms@2");
    }

    #[test]
    fn says_what_is_wrong() {
        check(" ", "an empty term finds nothing");
        check("@", "\"@\": \"@\" is followed by the name of one list");
        check("@a b", "\"@a b\": \"@\" is followed by the name of one list");
        check("*", "\"*\": there are no letters in \"*\"");
        check("=", "\"=\": there are no letters in \"\"");
        check("–", "\"–\": there are no letters in \"–\"");
        check("se*is", "\"se*is\": \"*\" can only stand at the end of a word");
        check("*ism", "\"*ism\": \"*\" can only stand at the end of a word");
        check("EU.*", "\"EU.*\": \"*\" stands right behind the letters that a word begins with");
        check("=NIS*", "\"=NIS*\": \"=\" means this form only and \"*\" any ending; take one of them");
        check("a ~ b", "\"a ~ b\": \"~\" is followed by a number of words, as in \"Belgrade ~3 Pristina\"");
        check("a ~0 b", "\"a ~0 b\": the distance after \"~\" is 1 to 1000 words");
        check("a ~-1 b", "\"a ~-1 b\": \"~\" is followed by a number of words, as in \"Belgrade ~3 Pristina\"");
        check("~3 b", "\"~3 b\": \"~\" stands between two terms, as in \"Belgrade ~3 Pristina\"");
        check("a ~3", "\"a ~3\": \"~\" stands between two terms, as in \"Belgrade ~3 Pristina\"");
        check("a~3 b", "\"a~3 b\": leave spaces around \"~\", as in \"Belgrade ~3 Pristina\"");
        check("a @b", "\"a @b\": a list stands alone, as in \"@name\"");
        check("a b c d e f g h i j k l m", "\"a b c d e f g h i j k l m\": a phrase has at most 12 words");
    }
}

//! Word forms from endings tables: what a listed word may look like in a text. A table is a small
//! file for people, one for each language; a language without one has no forms but the word itself.
//! Forms are made when rules are compiled, so matching knows no grammar.

mod harmony;
mod table;

use crate::feed::language_key;
use crate::fold::fold;
use harmony::Harmony;
use std::collections::HashSet;
use std::sync::OnceLock;
use table::{Found, Table, Use};

/// Every form under which a list of `language` (a key like `hbs`) finds `word`, itself first.
///
/// Some of them are no words. That costs nothing as long as they are not other words.
pub fn forms(word: &str, language: &str) -> Vec<String> {
    let language = &*language_key(language);
    let mut forms = vec![word.to_owned()];
    let mut seen = HashSet::from([fold(word)]);
    let is_cyrillic = language == "hbs" && word.contains(|letter| CYRILLIC.contains(letter));
    let mut add = |form: String| {
        if seen.insert(fold(&form)) {
            forms.push(if is_cyrillic { cyrillic(&form) } else { form });
        }
    };
    let spelling = Spelling::of(word, language);
    if is_of_every_language(language, &spelling) {
        let of_each = |language: &Language| self::forms(word, language.key);
        LANGUAGES.iter().skip(1).flat_map(of_each).for_each(&mut add);
    }
    if let Some(table) = table(language, &spelling) {
        table.irregular(&spelling.lower).for_each(|form| add(form.written.clone()));
        for Found { stem_letters, endings } in table.find(&spelling.lower, spelling.is_name, Use::Alone) {
            let stem: String = spelling.shown.chars().take(stem_letters).collect();
            endings.iter().for_each(|ending| add(format!("{stem}{}", ending.written)));
        }
    }
    if let Some(bare) = without_stroke(word) {
        self::forms(&bare, language).into_iter().for_each(add);
    }
    forms
}

/// Calls `each` with the fold of every form of `word`; a form may come twice.
///
/// `in_phrase`: the word stands among others. It may be an adjective then, and a rare form does no
/// harm, since its neighbours have to be there as well.
pub(super) fn folded_forms(word: &str, language: &str, in_phrase: bool, each: &mut dyn FnMut(&str)) {
    let language = &*language_key(language);
    let whole = fold(word);
    each(&whole);
    let spelling = Spelling::of(word, language);
    if is_of_every_language(language, &spelling) {
        LANGUAGES.iter().skip(1).for_each(|language| folded_forms(word, language.key, in_phrase, each));
    }
    if let Some(table) = table(language, &spelling) {
        table.irregular(&spelling.lower).for_each(|form| each(&form.folded));
        let role = if in_phrase { Use::InPhrase } else { Use::Alone };
        let mut form = String::with_capacity(whole.len() + 8);
        for Found { stem_letters, endings } in table.find(&spelling.lower, spelling.is_name, role) {
            let stem = fold(&spelling.lower.chars().take(stem_letters).collect::<String>());
            for ending in endings {
                form.clear();
                form.push_str(&stem);
                form.push_str(&ending.folded);
                each(&form);
            }
        }
    }
    if let Some(bare) = without_stroke(word) {
        folded_forms(&bare, language, in_phrase, each);
    }
}

/// A word under `any` may be of any language, and so are its forms. An acronym is of none.
fn is_of_every_language(language: &str, spelling: &Spelling) -> bool {
    language == ANY && !spelling.is_acronym
}

/// `đ` is `dj` where it is spelled out, and a plain `d` where marks were simply left out.
fn without_stroke(word: &str) -> Option<String> {
    word.contains(['đ', 'Đ', 'ђ', 'Ђ']).then(|| word.replace(['đ', 'ђ'], "d").replace(['Đ', 'Ђ'], "D"))
}

/// The keys of the languages whose endings are known, `any` among them.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.key)
}

/// The tables as they are written.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.text)
}

/// A language whose endings are known.
struct Language {
    key: &'static str,
    text: &'static str,
    /// Read when a first word asks: a table for each harmony, and one where the language has none.
    tables: [OnceLock<Table>; Harmony::ALL.len()],
}

/// The key of words that may be of any language.
const ANY: &str = "any";

/// First that of acronyms and foreign names, then those of languages.
static LANGUAGES: [Language; 12] = [
    Language::new(ANY, include_str!("any.txt")),
    Language::new("bg", include_str!("bg.txt")),
    Language::new("de", include_str!("de.txt")),
    Language::new("el", include_str!("el.txt")),
    Language::new("en", include_str!("en.txt")),
    Language::new("fr", include_str!("fr.txt")),
    Language::new("hbs", include_str!("hbs.txt")),
    Language::new("it", include_str!("it.txt")),
    Language::new("mk", include_str!("mk.txt")),
    Language::new("sl", include_str!("sl.txt")),
    Language::new("sq", include_str!("sq.txt")),
    Language::new("tr", include_str!("tr.txt")),
];

impl Language {
    const fn new(key: &'static str, text: &'static str) -> Self {
        Self { key, text, tables: [const { OnceLock::new() }; Harmony::ALL.len()] }
    }

    fn table(&self, word: &str) -> &Table {
        let harmony = if self.key == "tr" { Harmony::number(word) } else { 0 };
        self.tables[harmony].get_or_init(|| self.read(harmony).expect("a test reads every table"))
    }

    fn read(&self, harmony: usize) -> Result<Table, String> {
        match self.key {
            "tr" => Table::read(&Harmony::ALL[harmony].apply(self.text)),
            _ => Table::read(self.text),
        }
    }
}

fn table(language: &str, spelling: &Spelling) -> Option<&'static Table> {
    let key = if spelling.is_acronym { ANY } else { language };
    let language = LANGUAGES.iter().find(|language| language.key == key)?;
    Some(language.table(&spelling.lower))
}

/// A word as its table wants it.
struct Spelling {
    /// In small letters; Serbian in Latin, Greek without accents.
    lower: String,
    /// The same, with its capitals.
    shown: String,
    is_name: bool,
    is_acronym: bool,
}

impl Spelling {
    fn of(word: &str, language: &str) -> Self {
        let mut shown = String::with_capacity(word.len());
        for letter in word.chars() {
            match language {
                "hbs" => push_latin(letter, &mut shown),
                "el" => shown.push(without_accent(letter)),
                _ => shown.push(letter),
            }
        }
        let lower = shown.chars().map(|letter| lower_case(letter, language)).collect();
        let is_name = word.starts_with(char::is_uppercase);
        let is_acronym = is_name && word.chars().count() > 1 && !word.contains(char::is_lowercase);
        Self { lower, shown, is_name, is_acronym }
    }
}

/// One letter for one letter.
fn lower_case(letter: char, language: &str) -> char {
    match letter {
        'I' if language == "tr" => 'ı',
        _ => letter.to_lowercase().next().unwrap_or(letter),
    }
}

const CYRILLIC: &str = "абвгдђежзијклљмнњопрстћуфхцчџш";
/// Letter for letter what [`CYRILLIC`] is.
const LATIN: [&str; 30] = [
    "a", "b", "v", "g", "d", "đ", "e", "ž", "z", "i", "j", "k", "l", "lj", "m", "n", "nj", "o", "p", "r", "s", "t",
    "ć", "u", "f", "h", "c", "č", "dž", "š",
];

/// Serbian Cyrillic in Latin, with its marks: the fold would lose what endings depend on.
fn push_latin(letter: char, out: &mut String) {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let Some(index) = CYRILLIC.chars().position(|cyrillic| cyrillic == lower) else {
        return out.push(letter);
    };
    let mut latin = LATIN[index].chars();
    if letter.is_uppercase() {
        out.extend(latin.next().into_iter().flat_map(char::to_uppercase));
    }
    out.extend(latin);
}

/// Serbian Latin in Cyrillic, for people.
fn cyrillic(word: &str) -> String {
    let mut out = String::with_capacity(word.len() * 2);
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let lower = rest.to_lowercase();
        let begins = |(_, latin): &(char, &str)| lower.starts_with(latin);
        let letters = CYRILLIC.chars().zip(LATIN).filter(begins);
        let Some((letter, latin)) = letters.max_by_key(|(_, latin)| latin.len()) else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        if first.is_uppercase() {
            out.extend(letter.to_uppercase());
        } else {
            out.push(letter);
        }
        rest = rest.get(latin.len()..).unwrap_or_default();
    }
    out
}

fn without_accent(letter: char) -> char {
    let mut first = None;
    unicode_normalization::char::decompose_canonical(letter, |part| {
        first.get_or_insert(part);
    });
    first.unwrap_or(letter)
}

#[cfg(test)]
mod tests;

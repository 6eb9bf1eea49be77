//! Folding: what a letter is reduced to before words are compared. Cyrillic becomes Latin, case and
//! diacritics go, so that `Приштина`, `Priština`, `PRISTINA` and `pristina` are one word.
//! Letter by letter: the fold of a word is the folds of its letters in a row.

use std::sync::LazyLock;
use unicode_normalization::char::decompose_compatible;

/// What a character is to the tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Ends a word.
    Separator,
    /// Part of a word.
    Word,
    /// As if it were not there: soft hyphens, joiners, combining marks.
    Ignored,
    /// `-` and its like within a word.
    Hyphen,
    /// `'` and its like within a word.
    Apostrophe,
}

/// A character reduced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folded {
    pub class: Class,
    pub is_upper: bool,
    pub is_lower: bool,
    length: u8,
    bytes: [u8; BYTES_MAX],
}

/// Three Latin letters (`щ` needs two) or one letter of any other script.
const BYTES_MAX: usize = 4;

impl Folded {
    /// What is left of it, in UTF-8.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Adds what is left of it: all at once and then cut, which is quicker than so many bytes.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
        out.truncate(out.len() - BYTES_MAX + usize::from(self.length));
    }
}

/// The folds of all letters that news in our languages are written with, looked up by code point.
pub(crate) struct Folds {
    common: Vec<Folded>,
}

/// Latin with all its extensions, Greek and Cyrillic end below; the rest is folded when it comes.
const COMMON_END: u32 = 0x530;

static FOLDS: LazyLock<Folds> =
    LazyLock::new(|| Folds { common: (0..COMMON_END).filter_map(char::from_u32).map(folded).collect() });

impl Folds {
    /// The table, to be taken once a text.
    pub fn get() -> &'static Self {
        &FOLDS
    }

    /// The fold of one character.
    pub fn of(&self, letter: char) -> Folded {
        match self.common.get(letter as usize) {
            Some(folded) => *folded,
            None => folded(letter),
        }
    }

    /// A word's fold in place of what is in `out`.
    pub fn fold_into(&self, word: &str, out: &mut Vec<u8>) {
        out.clear();
        if word.is_ascii() {
            out.extend_from_slice(word.as_bytes());
            out.make_ascii_lowercase();
            if !out.iter().all(u8::is_ascii_alphanumeric) {
                out.retain(u8::is_ascii_alphanumeric);
            }
            return;
        }
        // Room for all that may be left, so that nothing has to grow on the way.
        out.resize(BYTES_MAX * word.len(), 0);
        let mut end = 0;
        for letter in word.chars() {
            let folded = self.of(letter);
            out[end..end + BYTES_MAX].copy_from_slice(&folded.bytes);
            end += usize::from(folded.length);
        }
        out.truncate(end);
    }
}

/// A word's fold; whatever is no letter or digit falls away.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = Vec::with_capacity(word.len());
    Folds::get().fold_into(word, &mut folded);
    String::from_utf8(folded).expect("folds are whole characters")
}

fn folded(letter: char) -> Folded {
    let class = class_of(letter);
    let mut folded = Folded {
        class,
        is_upper: letter.is_uppercase(),
        is_lower: letter.is_lowercase(),
        length: 0,
        bytes: [0; BYTES_MAX],
    };
    if class != Class::Word {
        return folded;
    }
    let mut reduced = String::new();
    for lower in letter.to_lowercase() {
        reduce(lower, &mut reduced);
    }
    // Ligatures that unfold to a sentence (U+FDFA) are cut: no word of ours is spelled with them.
    while reduced.len() > BYTES_MAX {
        reduced.pop();
    }
    folded.length = u8::try_from(reduced.len()).expect("cut above");
    folded.bytes[..reduced.len()].copy_from_slice(reduced.as_bytes());
    folded
}

fn class_of(letter: char) -> Class {
    match letter {
        '-' | '\u{2010}' | '\u{2011}' => Class::Hyphen,
        '\'' | '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{00b4}' | '`' => Class::Apostrophe,
        // Soft hyphen, zero-width space and joiners, word joiner, byte order mark, combining marks.
        '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{0300}'..='\u{036f}' => Class::Ignored,
        _ if letter.is_alphanumeric() => Class::Word,
        _ => Class::Separator,
    }
}

fn reduce(letter: char, out: &mut String) {
    if let Some(latin) = latin(letter) {
        out.push_str(latin);
        return;
    }
    decompose_compatible(letter, |part| match latin(part) {
        Some(latin) => out.push_str(latin),
        None if part == 'ς' => out.push('σ'),
        None if class_of(part) == Class::Word => out.extend(part.to_lowercase()),
        None => {}
    });
}

/// Latin letters for a lower-case letter that is not simply one with a mark on it.
/// The marks of `š`, `č`, `ž` are gone in the Latin that we compare with, so they are here.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        // Serbian, Macedonian, Bulgarian, then what Russian and Ukrainian have besides.
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ѓ' | 'ґ' => "g",
        'д' => "d",
        'ђ' | 'đ' => "dj",
        'е' | 'ё' | 'ѐ' | 'є' | 'э' => "e",
        'ж' | 'з' => "z",
        'ѕ' | 'џ' => "dz",
        'и' | 'ѝ' | 'і' | 'ї' => "i",
        'й' | 'ј' => "j",
        'к' | 'ќ' => "k",
        'л' => "l",
        'љ' => "lj",
        'м' => "m",
        'н' => "n",
        'њ' => "nj",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' | 'ш' => "s",
        'т' => "t",
        'ћ' | 'ц' | 'ч' => "c",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "h",
        'щ' => "st",
        'ъ' => "a",
        'ь' => "",
        'ю' => "ju",
        'я' => "ja",
        'ы' => "y",
        // Latin letters that Unicode does not take apart.
        'ß' => "ss",
        'ı' => "i",
        'ł' => "l",
        'ø' => "o",
        'æ' => "ae",
        'œ' => "oe",
        'ð' => "d",
        'þ' => "th",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expected: &str) {
        for word in words {
            assert_eq!(fold(word), expected, "{word}");
        }
    }

    #[test]
    fn both_scripts_any_case_and_no_marks_are_one_word() {
        check(&["Приштина", "Priština", "PRIŠTINA", "pristina", "ПРИШТИНА"], "pristina");
        check(&["Ђоковић", "Đoković", "Djoković", "DJOKOVIC"], "djokovic");
        check(&["Љубљана", "Ljubljana", "ǈubǉana"], "ljubljana");
        check(&["Џакарта", "Džakarta", "Dzakarta"], "dzakarta");
        check(&["Tiranë", "TIRANË", "Tirane\u{0308}"], "tirane");
        check(&["Straße", "STRASSE", "STRAẞE"], "strasse");
        check(&["Diyarbakır", "DİYARBAKIR", "diyarbakir"], "diyarbakir");
    }

    #[test]
    fn the_short_way_through_ascii_leads_to_the_same() {
        for letter in '\0'..'\x7F' {
            let alone = String::from_utf8(Folds::get().of(letter).bytes().to_vec());
            assert_eq!(Ok(fold(&letter.to_string())), alone, "{letter:?}");
        }
    }

    #[test]
    fn macedonian_and_bulgarian_letters_become_latin() {
        check(&["Ѓорѓи", "ѓорѓи"], "gorgi");
        check(&["Вучиќ"], "vucik");
        check(&["Сърбия"], "sarbija");
        check(&["площад"], "plostad");
        check(&["Й"], "j");
    }

    #[test]
    fn greek_stays_greek_without_accents_and_final_sigma() {
        check(&["Βούτσιτς", "ΒΟΥΤΣΙΤΣ"], "βουτσιτσ");
        check(&["Ευρωπαϊκή", "Εὐρωπαϊκὴ"], "ευρωπαικη");
    }

    #[test]
    fn what_cannot_be_seen_is_not_there() {
        check(&["Ko\u{200c}sovo", "Koso\u{00ad}vo", "Kosovo\u{feff}"], "kosovo");
    }

    #[test]
    fn the_longest_ligature_of_unicode_does_no_harm() {
        check(&["\u{fdfa}x"], &format!("{}x", fold("\u{fdfa}")));
    }
}

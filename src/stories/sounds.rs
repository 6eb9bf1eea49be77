//! How a word sounds, as far as outlets of different languages agree on it: `Vučić`, `Вучиќ`, `Vuçiq`
//! and `Βούτσιτς` are one key, `Brisel` and `Brüssel` are. Consonants carry a name from language to
//! language, vowels and endings do not. For links between languages alone: within one language words
//! are told apart by their letters.

use super::hash;
use super::language::Language;
use crate::fold::Folds;

/// So many consonants make a key; what follows is mostly an ending.
const CONSONANTS_MAX: usize = 4;
/// A word with fewer is known by its first letters, vowels included.
const CONSONANTS_MIN: usize = 3;
/// Shorter words are particles.
const LETTERS_MIN: usize = 3;
/// Longer ones sound enough by then.
const LETTERS_MAX: usize = 24;

/// How the speakers of a language write what they hear: the longest first.
type Spelling = &'static [(&'static [u8], &'static [u8])];

const ALBANIAN: Spelling = &[
    (b"xh", b"s"),
    (b"sh", b"s"),
    (b"zh", b"s"),
    (b"th", b"t"),
    (b"dh", b"d"),
    (b"q", b"s"),
    (b"x", b"s"),
    (b"c", b"s"),
];
const GERMAN: Spelling =
    &[(b"tsch", b"s"), (b"sch", b"s"), (b"ch", b"h"), (b"ck", b"k"), (b"ph", b"f"), (b"th", b"t"), (b"ie", b"i")];
const ENGLISH: Spelling = &[
    (b"tsch", b"s"),
    (b"sh", b"s"),
    (b"ch", b"s"),
    (b"zh", b"s"),
    (b"kh", b"h"),
    (b"ck", b"k"),
    (b"ph", b"f"),
    (b"th", b"t"),
    (b"oo", b"u"),
    (b"ee", b"i"),
    (b"tz", b"s"),
];
const ITALIAN: Spelling = &[(b"sci", b"s"), (b"gli", b"l"), (b"ch", b"k"), (b"gh", b"g")];
/// All others: those of the region write as they speak.
const PLAIN: Spelling = &[];

/// What two Greek letters stand for together, then each alone, without accents.
const GREEK_PAIRS: [(char, char, &[u8]); 13] = [
    ('τ', 'σ', b"s"),
    ('τ', 'ζ', b"s"),
    ('μ', 'π', b"b"),
    ('ν', 'τ', b"d"),
    ('γ', 'κ', b"g"),
    ('γ', 'γ', b"g"),
    ('ο', 'υ', b"u"),
    ('α', 'ι', b"e"),
    ('ε', 'ι', b"i"),
    ('ο', 'ι', b"i"),
    ('γ', 'ι', b"i"),
    ('κ', 'σ', b"ks"),
    ('π', 'σ', b"ps"),
];

/// Some of the letters from a to z, a bit each.
struct Letters(u32);

impl Letters {
    fn with(self, letter: u8) -> Self {
        Self(self.0 | Self::bit(letter))
    }

    fn has(&self, letter: u8) -> bool {
        self.0 & Self::bit(letter) != 0
    }

    fn bit(letter: u8) -> u32 {
        if letter.is_ascii_lowercase() { 1 << (letter - b'a') } else { 0 }
    }
}

/// Reads words of one language.
pub(super) struct Sounds {
    folds: &'static Folds,
    spelling: Spelling,
    /// The letters that what is special in its spelling begins with.
    beginnings: Letters,
    /// Whether `c` is `k` before dark vowels and consonants; else it hisses.
    has_dark_c: bool,
    letters: Vec<u8>,
    sound: Vec<u8>,
}

impl Sounds {
    pub fn of(language: Language) -> Self {
        let (spelling, has_dark_c) = match &language.letters() {
            b"sq" => (ALBANIAN, false),
            b"de" => (GERMAN, true),
            b"en" => (ENGLISH, true),
            b"it" => (ITALIAN, true),
            b"es" | b"fr" | b"nl" | b"pt" | b"ro" => (PLAIN, true),
            _ => (PLAIN, false),
        };
        let (letters, sound) = (Vec::with_capacity(LETTERS_MAX), Vec::with_capacity(LETTERS_MAX));
        let beginnings = spelling.iter().fold(Letters(0), |all, (written, _)| all.with(written[0]));
        Self { folds: Folds::get(), spelling, beginnings, has_dark_c, letters, sound }
    }

    /// The number of a word's sound; nothing for a short word, and for one in a script that is not
    /// read here.
    pub fn key(&mut self, word: &str) -> Option<u32> {
        self.spell(word)?;
        self.pronounce();
        if self.sound.len() < LETTERS_MIN {
            return None;
        }
        let mut key = [0; CONSONANTS_MAX];
        let mut length = 0;
        for (at, letter) in self.sound.iter().enumerate() {
            let sounds = match letter {
                b'a' | b'e' | b'i' | b'o' | b'u' if at == 0 => b'a',
                b'a' | b'e' | b'i' | b'o' | b'u' => continue,
                b'h' if at > 0 => continue,
                consonant => *consonant,
            };
            if length < CONSONANTS_MAX && key[..length].last() != Some(&sounds) {
                key[length] = sounds;
                length += 1;
            }
        }
        let is_bare = length < CONSONANTS_MIN;
        let beginning = &self.sound[..self.sound.len().min(CONSONANTS_MAX)];
        Some(hash::word(if is_bare { beginning } else { &key[..length] }) ^ u32::from(is_bare))
    }

    /// Latin letters without marks.
    fn spell(&mut self, word: &str) -> Option<()> {
        self.letters.clear();
        let mut before = None;
        for letter in word.chars() {
            match letter {
                'a'..='z' | 'A'..='Z' => self.letters.push(letter.to_ascii_lowercase() as u8),
                // What Macedonians write so is what others write `ć` and `đ`.
                'ќ' | 'Ќ' => self.letters.push(b's'),
                'ѓ' | 'Ѓ' => self.letters.extend(b"di"),
                _ => {
                    let folded = self.folds.of(letter);
                    if !folded.bytes().is_ascii() {
                        let greek = std::str::from_utf8(folded.bytes()).ok()?.chars().next()?;
                        self.append_greek(before, greek)?;
                        before = Some(greek);
                        continue;
                    }
                    self.letters.extend(folded.bytes());
                }
            }
            before = None;
            if self.letters.len() >= LETTERS_MAX {
                break;
            }
        }
        Some(())
    }

    fn append_greek(&mut self, before: Option<char>, letter: char) -> Option<()> {
        let pair = GREEK_PAIRS.iter().find(|(one, two, _)| Some(*one) == before && *two == letter);
        if let (Some((.., sound)), Some(first)) = (pair, before) {
            let alone = greek(first)?;
            self.letters.truncate(self.letters.len().saturating_sub(alone.len()));
            self.letters.extend(*sound);
        } else {
            self.letters.extend(greek(letter)?);
        }
        Some(())
    }

    /// What hisses is `s`, `v` and `w` are `b`, `j` and `y` are `i`; nothing is heard twice.
    fn pronounce(&mut self) {
        self.sound.clear();
        let mut rest = &self.letters[..];
        while let Some(letter) = rest.first() {
            let is_special = |(written, _): &&(&[u8], &[u8])| rest.starts_with(written);
            if self.beginnings.has(*letter)
                && let Some((written, heard)) = self.spelling.iter().find(is_special)
            {
                heard.iter().for_each(|letter| hear(&mut self.sound, *letter));
                rest = &rest[written.len()..];
                continue;
            }
            rest = &rest[1..];
            match letter {
                b'c' => {
                    let is_dark = self.has_dark_c && rest.first().is_some_and(|next| b"aoulrtk".contains(next));
                    hear(&mut self.sound, if is_dark { b'k' } else { b's' });
                }
                b'x' => [b'k', b's'].into_iter().for_each(|letter| hear(&mut self.sound, letter)),
                b'z' => {
                    // `dz` and `dž` hiss, while `ds` is a `d` and an ending.
                    self.sound.pop_if(|last| *last == b'd');
                    hear(&mut self.sound, b's');
                }
                b'q' => hear(&mut self.sound, b'k'),
                b'v' | b'w' => hear(&mut self.sound, b'b'),
                b'y' | b'j' => hear(&mut self.sound, b'i'),
                other => hear(&mut self.sound, *other),
            }
        }
    }
}

fn hear(sound: &mut Vec<u8>, letter: u8) {
    if letter == b's' {
        sound.pop_if(|last| *last == b't');
    }
    if sound.last() != Some(&letter) {
        sound.push(letter);
    }
}

fn greek(letter: char) -> Option<&'static [u8]> {
    Some(match letter {
        'α' => b"a",
        'β' => b"v",
        'γ' => b"g",
        'δ' => b"d",
        'ε' => b"e",
        'ζ' | 'σ' => b"s",
        'η' | 'ι' | 'υ' => b"i",
        'θ' | 'τ' => b"t",
        'κ' => b"k",
        'λ' => b"l",
        'μ' => b"m",
        'ν' => b"n",
        'ξ' => b"ks",
        'ο' | 'ω' => b"o",
        'π' => b"p",
        'ρ' => b"r",
        'φ' => b"f",
        'χ' => b"h",
        'ψ' => b"ps",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spellings: &[(&str, &str)]) {
        let key = |(language, word): &(&str, &str)| {
            let language = Language::of(Some(language)).expect("a language");
            Sounds::of(language).key(word)
        };
        for spelling in spellings {
            assert_eq!(key(spelling), key(&spellings[0]), "{spelling:?} and {:?}", spellings[0]);
        }
    }

    #[test]
    fn a_name_sounds_the_same_in_all_languages() {
        check(&[
            ("sr", "Vučić"),
            ("sr", "Вучић"),
            ("mk", "Вучиќ"),
            ("sq", "Vuçiq"),
            ("en", "Vucic"),
            ("el", "Βούτσιτς"),
        ]);
        check(&[("sr", "Đoković"), ("sr", "Ђоковића"), ("en", "Djokovic")]);
        check(&[("sr", "Brisel"), ("de", "Brüssel"), ("sl", "Bruslju")]);
        check(&[("sr", "Kočani"), ("mk", "Кочани"), ("sl", "Kočanih"), ("el", "Κότσανι")]);
        check(&[("sr", "Mitrovica"), ("sq", "Mitrovicë"), ("en", "Mitrovica"), ("el", "Μιτρόβιτσα")]);
        check(&[("sr", "Harkov"), ("en", "Kharkiv"), ("de", "Charkiw"), ("bg", "Харков"), ("el", "Χάρκοβο")]);
    }

    #[test]
    fn endings_make_no_difference() {
        check(&[("sr", "Kurti"), ("sr", "Kurtija"), ("sr", "Kurtiju"), ("sq", "Kurtit")]);
        check(&[("sr", "Beograd"), ("sr", "beogradski"), ("hr", "Beogradu")]);
    }

    #[test]
    fn short_words_and_scripts_that_are_not_read_have_no_sound() {
        let mut sounds = Sounds::of(Language::default());
        for word in ["je", "и", "كوسوفو", "科索沃", "", "ь"] {
            assert_eq!(sounds.key(word), None, "{word}");
        }
        assert_ne!(sounds.key("Rama"), sounds.key("Roma"));
    }
}

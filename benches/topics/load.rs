//! A load like that of EMM, the European Media Monitor: 850 topics of 30,000 words over news items
//! of 2 KB in several languages and both scripts. Made of syllables, the same on every machine: no
//! text of anybody's, and as many different words as news has.

use glasnik::topics::{Topic, WordList};

/// News items in plain text.
pub struct Item {
    pub title: String,
    pub summary: String,
}

/// What an item's text weighs, title and summary together.
pub const ITEM_BYTES: usize = 2_000;

/// Different words of all texts; of these the rules take their own.
const VOCABULARY: usize = 120_000;

/// A language as the generator knows it: its key in word lists, its syllables, its small words.
struct Language {
    key: &'static str,
    syllables: &'static [&'static str],
    endings: &'static [&'static str],
    small: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language {
        key: "hbs",
        syllables: &[
            "вој", "ра", "ту", "при", "штин", "кос", "бео", "град", "срп", "мин", "од", "бра", "жу", "ће", "ља",
        ],
        endings: &["а", "е", "и", "у", "ом", "ама", "ски", "ност"],
        small: &["и", "у", "на", "је", "се", "да", "са", "за"],
    },
    Language {
        key: "hbs",
        syllables: &[
            "voj", "ra", "tu", "pri", "štin", "kos", "beo", "grad", "hrv", "min", "od", "bra", "žu", "će", "lja",
        ],
        endings: &["a", "e", "i", "u", "om", "ama", "ski", "nost"],
        small: &["i", "u", "na", "je", "se", "da", "sa", "za"],
    },
    Language {
        key: "mk",
        syllables: &[
            "вој", "ра", "ту", "при", "ско", "пје", "бел", "град", "срб", "мин", "од", "бра", "жу", "ќе", "њу",
        ],
        endings: &["а", "та", "ите", "от", "и", "ски", "ост", "о"],
        small: &["и", "во", "на", "е", "се", "да", "со", "за"],
    },
    Language {
        key: "bg",
        syllables: &["вой", "ра", "ту", "при", "со", "фия", "бел", "град", "ср", "мин", "от", "бра", "щи", "ъг", "ло"],
        endings: &["а", "та", "ите", "ът", "и", "ски", "ост", "о"],
        small: &["и", "в", "на", "е", "се", "да", "с", "за"],
    },
    Language {
        key: "el",
        syllables: &["στρα", "τό", "κο", "σό", "βο", "σερ", "βία", "αθή", "να", "ευ", "ρώ", "πη", "μα", "λό"],
        endings: &["ος", "ου", "ης", "ων", "α", "ας", "ικός", "ι"],
        small: &["και", "το", "η", "στο", "με", "για", "της", "οι"],
    },
    Language {
        key: "sq",
        syllables: &["ush", "tri", "ko", "so", "vë", "ti", "ra", "në", "shq", "ip", "ma", "qe", "dor", "pol"],
        endings: &["a", "ë", "in", "it", "ve", "isë", "ar", "i"],
        small: &["dhe", "në", "të", "e", "i", "me", "për", "nga"],
    },
    Language {
        key: "de",
        syllables: &["sol", "dat", "gren", "ze", "re", "gie", "rung", "ber", "lin", "wah", "len", "mi", "nis", "ter"],
        endings: &["en", "er", "e", "s", "ung", "lich", "es", "heit"],
        small: &["und", "in", "der", "die", "das", "mit", "für", "von"],
    },
    Language {
        key: "en",
        syllables: &[
            "sol", "dier", "bor", "der", "gov", "ern", "ment", "lon", "don", "elec", "tion", "min", "is", "ter",
        ],
        endings: &["s", "ed", "ing", "er", "ly", "al", "y", "ness"],
        small: &["and", "in", "the", "of", "a", "with", "for", "to"],
    },
];

/// A sequence that looks like chance and is always the same (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: usize) -> usize {
        ((self.next() >> 11) % count as u64) as usize
    }

    fn one_of<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// Every different word, by language.
pub struct Vocabulary(Vec<Vec<String>>);

impl Vocabulary {
    pub fn new() -> Self {
        let mut dice = Dice::new(1);
        let words = |language: &Language| {
            let mut word = || {
                let stem: String = (0..2 + dice.below(3)).map(|_| dice.one_of(language.syllables)).collect();
                stem + dice.one_of(language.endings)
            };
            (0..VOCABULARY / LANGUAGES.len()).map(|_| word()).collect()
        };
        Self(LANGUAGES.iter().map(words).collect())
    }

    /// `count` items in turn in every language. Words are as uneven as in any text: the first of the
    /// vocabulary come most, and every third is a small one.
    pub fn items(&self, count: usize) -> Vec<Item> {
        let mut dice = Dice::new(2);
        (0..count)
            .map(|number| {
                let language = number % LANGUAGES.len();
                Item {
                    title: self.text(language, ITEM_BYTES / 20, &mut dice),
                    summary: self.text(language, ITEM_BYTES - ITEM_BYTES / 20, &mut dice),
                }
            })
            .collect()
    }

    fn text(&self, language: usize, bytes: usize, dice: &mut Dice) -> String {
        let words = &self.0[language];
        let mut text = String::with_capacity(bytes + 32);
        while text.len() < bytes {
            let word = match dice.below(3) {
                0 => dice.one_of(LANGUAGES[language].small),
                _ => {
                    let (one, other) = (dice.below(words.len()), dice.below(words.len()));
                    words[one * other / words.len()].as_str()
                }
            };
            if dice.below(8) == 0 {
                text.extend(word.chars().next().into_iter().flat_map(char::to_uppercase));
                text.extend(word.chars().skip(1));
            } else {
                text.push_str(word);
            }
            text.push_str(if dice.below(12) == 0 { ". " } else { " " });
        }
        text
    }

    /// `topics` topics with so many words each: half name lists of their own that are `enough`, half
    /// want two lists together and a third one absent. One word in ten begins others (`word*`), one
    /// in ten is a phrase.
    pub fn rules(&self, topics: usize, words_each: usize) -> (Vec<WordList>, Vec<Topic>) {
        let mut dice = Dice::new(3);
        let mut lists = Vec::new();
        let mut rules = Vec::new();
        for number in 0..topics {
            let parts = if number % 2 == 0 { 1 } else { 3 };
            let name = |part: usize| format!("w{number}-{part}");
            for part in 0..parts {
                lists.push(self.list(name(part), (words_each / parts).max(1), &mut dice));
            }
            let id = format!("t{number}");
            rules.push(match parts {
                1 => Topic { id, enough: vec![format!("@{}", name(0))], ..Topic::default() },
                _ => Topic {
                    id,
                    together: vec![vec![format!("@{}", name(0))], vec![format!("@{}", name(1))]],
                    unless: vec![format!("@{}", name(2))],
                    ..Topic::default()
                },
            });
        }
        (lists, rules)
    }

    fn list(&self, name: String, words: usize, dice: &mut Dice) -> WordList {
        let mut languages: Vec<(String, Vec<String>)> = Vec::new();
        for _ in 0..words {
            let language = dice.below(LANGUAGES.len());
            let term = self.term(language, dice);
            let key = LANGUAGES[language].key;
            match languages.iter_mut().find(|(known, _)| known == key) {
                Some((_, terms)) => terms.push(term),
                None => languages.push((key.to_owned(), vec![term])),
            }
        }
        WordList { name, languages, except: Vec::new() }
    }

    /// From the rarer half: nobody lists what stands in every text.
    fn term(&self, language: usize, dice: &mut Dice) -> String {
        let words = &self.0[language];
        let mut word = || words[words.len() / 2 + dice.below(words.len() / 2)].clone();
        let (first, second) = (word(), word());
        match dice.below(10) {
            0 => format!("{first}*"),
            1 => format!("{first} {second}"),
            _ => first,
        }
    }
}

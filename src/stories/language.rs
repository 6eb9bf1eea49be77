//! Which language an article is in, as far as it matters to stories: an article in another language
//! is another story.

use super::hash;
use super::spoken::Spoken;

/// A language's two letters, or none; what its speakers read as one is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Language([u8; 2]);

/// English or Serbian, as far as the commonest words say so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    english: u32,
    serbian: u32,
    words_left: usize,
}

/// Two of them in a text, and none of the other language's, tell it. Folded, so that both scripts
/// are one; none that the other language has as a word, too.
const ENGLISH: [&str; 14] =
    ["the", "of", "and", "for", "with", "from", "after", "is", "by", "at", "are", "has", "was", "that"];
const SERBIAN: [&str; 16] =
    ["je", "se", "za", "su", "od", "sa", "na", "da", "koji", "koja", "nije", "posle", "zbog", "kao", "ali", "biti"];
const TELLING_MIN: u32 = 2;
/// As many words of a title and of a text are looked at, and as far into either.
const WORDS_MAX: usize = 40;
const BYTES_MAX: usize = 600;

const ENGLISH_NUMBERS: [u32; ENGLISH.len()] = numbers(ENGLISH);
const SERBIAN_NUMBERS: [u32; SERBIAN.len()] = numbers(SERBIAN);

const fn numbers<const COUNT: usize>(words: [&str; COUNT]) -> [u32; COUNT] {
    let (mut numbers, mut at) = ([0; COUNT], 0);
    while at < COUNT {
        numbers[at] = hash::word(words[at].as_bytes());
        at += 1;
    }
    numbers
}

impl Guess {
    pub fn new() -> Self {
        Self { english: 0, serbian: 0, words_left: WORDS_MAX }
    }

    /// What is heard from now on is another text.
    pub fn next_text(&mut self) {
        self.words_left = WORDS_MAX;
    }

    /// Takes in the next word.
    pub fn hear(&mut self, spoken: &Spoken<'_>) {
        if self.words_left == 0 || spoken.word.end > BYTES_MAX {
            return;
        }
        self.words_left -= 1;
        self.english += u32::from(ENGLISH_NUMBERS.contains(&spoken.number));
        self.serbian += u32::from(SERBIAN_NUMBERS.contains(&spoken.number));
    }

    /// None where both are heard, or too little of either.
    pub fn language(self) -> Language {
        match (self.english, self.serbian) {
            (TELLING_MIN.., 0) => Language(*b"en"),
            (0, TELLING_MIN..) => Language(*b"sr"),
            _ => Language::default(),
        }
    }
}

impl Language {
    /// The language of a tag, if it names one.
    pub fn of(tag: Option<&str>) -> Option<Self> {
        let mut letters = tag?.bytes().map(|letter| letter.to_ascii_lowercase());
        let two = [letters.next()?, letters.next()?];
        match &two {
            b"hr" | b"bs" | b"sh" | b"cn" | b"me" | b"hb" => Some(Self(*b"sr")),
            _ => two.iter().all(u8::is_ascii_lowercase).then_some(Self(two)),
        }
    }

    pub fn from_letters(letters: [u8; 2]) -> Self {
        Self(letters)
    }

    pub fn letters(self) -> [u8; 2] {
        self.0
    }

    /// Whether two are known and are two.
    pub fn differs(self, other: Self) -> bool {
        self != other && self != Self::default() && other != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::spoken;

    fn guessed(text: &str) -> [u8; 2] {
        let mut guess = Guess::new();
        spoken::read(text, |word| guess.hear(word));
        guess.language().letters()
    }

    #[test]
    fn common_words_tell_the_language_in_both_scripts() {
        assert_eq!(guessed("The price of oil is up for a third day"), *b"en");
        assert_eq!(guessed("Vlada je usvojila budžet za sledeću godinu"), *b"sr");
        assert_eq!(guessed("Влада је усвојила буџет за следећу годину"), *b"sr");
    }

    #[test]
    fn what_few_words_tell_is_not_guessed() {
        assert_eq!(guessed("Nvidia RTX 5090"), [0; 2]);
        assert_eq!(guessed("The Beatles"), [0; 2]);
        assert_eq!(guessed("The end of the road, kaže da je za mir"), [0; 2]);
    }

    #[test]
    fn a_tag_that_names_no_language_leaves_it_unknown() {
        assert_eq!(Language::of(Some("x")), None);
        assert_eq!(Language::of(Some("hr-HR")), Language::of(Some("sr-Cyrl")));
    }
}

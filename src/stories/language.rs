//! Which language an article is in, as far as it matters to stories: an article in another language
//! is another story.

use crate::fold::Folds;
use crate::words;

/// A language's two letters, or none; what its speakers read as one is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Language([u8; 2]);

/// Two of them in a text, and none of the other language's, tell it. Folded, so that both scripts
/// are one; none that the other language has as a word, too.
const ENGLISH: [&str; 14] =
    ["the", "of", "and", "for", "with", "from", "after", "is", "by", "at", "are", "has", "was", "that"];
const SERBIAN: [&str; 16] =
    ["je", "se", "za", "su", "od", "sa", "na", "da", "koji", "koja", "nije", "posle", "zbog", "kao", "ali", "biti"];
const TELLING_MIN: usize = 2;
/// As much of a text as is looked at.
const WORDS_MAX: usize = 40;
const BYTES_MAX: usize = 600;

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

    /// English or Serbian where the commonest words say so, else none.
    pub fn guessed(texts: &[&str]) -> Self {
        let folds = Folds::get();
        let (mut english, mut serbian) = (0, 0);
        let mut folded = Vec::new();
        for text in texts {
            let end = (0..=text.len().min(BYTES_MAX)).rfind(|end| text.is_char_boundary(*end)).unwrap_or_default();
            for word in words::of(&text[..end]).iter().take(WORDS_MAX) {
                folded.clear();
                word.text.chars().for_each(|letter| folded.extend_from_slice(folds.of(letter).bytes()));
                let is_in = |known: &[&str]| known.iter().any(|known| known.as_bytes() == folded);
                english += usize::from(is_in(&ENGLISH));
                serbian += usize::from(is_in(&SERBIAN));
            }
        }
        match (english, serbian) {
            (TELLING_MIN.., 0) => Self(*b"en"),
            (0, TELLING_MIN..) => Self(*b"sr"),
            _ => Self::default(),
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

    fn guessed(text: &str) -> [u8; 2] {
        Language::guessed(&[text]).letters()
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

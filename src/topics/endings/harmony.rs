//! Vowel harmony: the endings of Turkish take their vowels from the word. A table writes `A` (a or
//! e), `I` (ı, i, u or ü), `Y` (ı or i) and `D` (d or t), and is read once for each way to say it.

/// What the capitals of a table stand for behind a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Harmony {
    open: char,
    close: char,
    close_unrounded: char,
    is_hard: bool,
}

impl Harmony {
    /// Every harmony there is, in the order of [`Harmony::number`].
    pub const ALL: [Self; 8] = [
        Self::new('a', 'ı', 'ı', false),
        Self::new('a', 'ı', 'ı', true),
        Self::new('e', 'i', 'i', false),
        Self::new('e', 'i', 'i', true),
        Self::new('a', 'u', 'ı', false),
        Self::new('a', 'u', 'ı', true),
        Self::new('e', 'ü', 'i', false),
        Self::new('e', 'ü', 'i', true),
    ];

    const fn new(open: char, close: char, close_unrounded: char, is_hard: bool) -> Self {
        Self { open, close, close_unrounded, is_hard }
    }

    /// The harmony that a word in small letters asks for; a word without vowels is spelled out,
    /// letter by letter, in e.
    pub fn number(word: &str) -> usize {
        let vowel = word.chars().rev().find(|letter| "aıoueiöüâîû".contains(*letter)).unwrap_or('e');
        let class = match vowel {
            'a' | 'ı' | 'â' => 0,
            'o' | 'u' | 'û' => 4,
            'ö' | 'ü' => 6,
            _ => 2,
        };
        class + usize::from(word.ends_with(['f', 's', 't', 'k', 'ç', 'ş', 'h', 'p']))
    }

    /// A table's text as it reads in this harmony.
    pub fn apply(self, table: &str) -> String {
        let letter = |letter| match letter {
            'A' => self.open,
            'I' => self.close,
            'Y' => self.close_unrounded,
            'D' if self.is_hard => 't',
            'D' => 'd',
            _ => letter,
        };
        // Comments are for people and keep their capitals.
        let line = |line: &str| if line.starts_with('#') { String::new() } else { line.chars().map(letter).collect() };
        table.lines().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &str) {
        assert_eq!(Harmony::ALL[Harmony::number(word)].apply("-: lArY IndA DA"), format!("-: {expected}"), "{word}");
    }

    #[test]
    fn endings_follow_the_last_vowel_and_the_last_consonant() {
        check("asker", "leri inde de");
        check("sınır", "ları ında da");
        check("ordu", "ları unda da");
        check("güç", "leri ünde te");
        check("barikat", "ları ında ta");
        check("rol", "ları unda da");
        check("tsk", "leri inde te");
    }
}

//! Which characters may pass: no document of ours can carry what XML 1.0 forbids, and no title may
//! hide or turn round what it says.

use html5ever::data::C1_REPLACEMENTS;

/// More marks on one letter than any living orthography needs; the rest only smear the page.
const MARKS_MAX: u8 = 4;

/// Lets the characters of one text pass, one after the other.
#[derive(Default)]
pub(super) struct Gate {
    previous: Option<char>,
    marks: u8,
    is_in_flag: bool,
}

impl Gate {
    /// What `character` becomes in a title; `None` where it is dropped.
    pub(super) fn pass(&mut self, character: char) -> Option<char> {
        if character.is_ascii_graphic() || character == ' ' {
            self.remember(character);
            return Some(character);
        }
        let character = mend(character)?;
        let passes = match character {
            // Where a word may break and how letters join is the author's to say; once is enough.
            '\u{AD}' | '\u{200C}' | '\u{200D}' => self.previous != Some(character),
            '\u{200B}' => self.previous.is_none_or(breaks),
            '\u{E0020}'..='\u{E007F}' => self.is_in_flag,
            _ if is_mark(character) => self.marks < MARKS_MAX,
            _ => !is_deceptive(character),
        };
        if !passes {
            return None;
        }
        self.remember(character);
        Some(character)
    }

    fn remember(&mut self, character: char) {
        self.marks = if is_mark(character) { self.marks + 1 } else { 0 };
        self.is_in_flag = character == '\u{1F3F4}' || self.is_in_flag && matches!(character, '\u{E0020}'..='\u{E007F}');
        self.previous = Some(character);
    }
}

/// `character` as XML can carry it: C1 controls are windows-1252 in disguise (as HTML reads
/// `&#146;`), other characters outside of XML 1.0 `Char` are dropped.
pub(super) fn mend(character: char) -> Option<char> {
    match character {
        '\t' | '\n' => Some(character),
        '\r' => Some('\n'),
        '\u{C}' => Some(' '),
        '\0'..='\u{1F}' | '\u{7F}' | '\u{FFFE}' | '\u{FFFF}' => None,
        '\u{80}'..='\u{9F}' => C1_REPLACEMENTS.get(character as usize - 0x80).copied().flatten(),
        _ => Some(character),
    }
}

/// Whether `character` shows nothing and only changes how its neighbours are read: embeddings and
/// overrides of direction, invisible operators, tags, a byte order mark. The marks
/// U+200E and U+200F stay, because honest right-to-left text has them.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a zero-width space may tell words apart after `previous` (Thai, Khmer). In Latin, Greek
/// and Cyrillic it only makes two equal words differ.
fn breaks(previous: char) -> bool {
    matches!(previous, '\u{590}'..='\u{1DFF}' | '\u{2190}'..='\u{2BFF}' | '\u{A800}'..='\u{ABFF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE0F}' | '\u{FE70}'..='\u{FEFC}' | '\u{10000}'..='\u{1FAFF}')
}

fn is_mark(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

//! Texts that were UTF-8, taken for Windows-1252 and encoded once more: `BrÃ¸ndby` for `Brøndby`.

use html5ever::data::C1_REPLACEMENTS;

/// The text as it was before the second encoding, or `None` where there was none. Every character
/// has to fit, and every sequence has to hold: no text does that by accident but the shortest.
pub(super) fn mend(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let first = text.bytes().position(|byte| !byte.is_ascii())?;
    let mut characters = text[first..].chars().map(byte_of);
    let begins = characters.next().flatten().is_some_and(|byte| (0xc2..=0xf4).contains(&byte));
    let goes_on = characters.next().flatten().is_some_and(|byte| (0x80..0xc0).contains(&byte));
    if !begins || !goes_on {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(byte_of).collect();
    let mended = String::from_utf8(bytes?).ok()?;
    // `voilà »` with its no-break space reads as one character of a script that nobody writes.
    let is_accident = mended.chars().any(|character| ('\u{800}'..'\u{900}').contains(&character));
    (!is_accident).then_some(mended)
}

/// The byte that Windows-1252, or Latin-1 where that has none, writes the character as.
fn byte_of(character: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(character)) {
        return Some(byte);
    }
    let at = C1_REPLACEMENTS.iter().position(|meant| *meant == Some(character))?;
    u8::try_from(0x80 + at).ok()
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn takes_one_encoding_back() {
        assert_eq!(mend("BrÃ¸ndby").as_deref(), Some("Brøndby"));
        assert_eq!(mend("â€œRat i mirâ€\u{9d}").as_deref(), Some("“Rat i mir”"));
        assert_eq!(mend("Å½aba").as_deref(), Some("Žaba"));
    }

    #[test]
    fn leaves_what_was_encoded_once() {
        for text in ["plain", "Brøndby", "Žaba", "Жаба", "Ã la carte", "voilà\u{a0}»", "à l’Élysée", "BrÃ¸ndby Жаба"]
        {
            assert_eq!(mend(text), None, "{text}");
        }
    }
}

//! Character references of HTML (`&amp;`, `&#8217;`, `&nbsp`), by the rules of its tokenizer.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use std::borrow::Cow;

/// Where a reference stands: in attributes `&copy=1` is part of an address and no sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    Attribute,
}

/// `text` with its character references resolved, once.
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    decode_in(text, Place::Text)
}

pub(super) fn decode_in(text: &str, place: Place) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let Reference { characters, length } = reference(rest, place);
        characters.iter().flatten().for_each(|character| decoded.push(*character));
        rest = &rest[length..];
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// What an ampersand begins: the characters that it stands for and the bytes that it takes.
pub(super) struct Reference {
    pub(super) characters: [Option<char>; 2],
    pub(super) length: usize,
}

/// Reads the reference at the start of `text`, which begins with `&`; an ampersand that begins none
/// stands for itself.
pub(super) fn reference(text: &str, place: Place) -> Reference {
    let one = |character, length| Reference { characters: [Some(character), None], length };
    match text.as_bytes().get(1) {
        Some(b'#') => numeric(text).map_or(one('&', 1), |(character, length)| one(character, length)),
        Some(byte) if byte.is_ascii_alphanumeric() => named(text, place).unwrap_or(one('&', 1)),
        _ => one('&', 1),
    }
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let digits = &text[2..];
    let (digits, radix, prefix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 3),
        None => (digits, 10, 2),
    };
    let count = digits.bytes().take_while(|byte| (*byte as char).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    // Too many digits for a u32 are too many for a character.
    let number = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    let character = match number {
        0 => '\u{FFFD}',
        0x80..=0x9F => C1_REPLACEMENTS[number as usize - 0x80].or(char::from_u32(number)).unwrap_or('\u{FFFD}'),
        _ => char::from_u32(number).unwrap_or('\u{FFFD}'),
    };
    let semicolon = usize::from(digits.as_bytes().get(count) == Some(&b';'));
    Some((character, prefix + count + semicolon))
}

fn named(text: &str, place: Place) -> Option<Reference> {
    // The common five and the space, without ten look-ups of ever longer prefixes.
    for (name, character) in
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", '\u{A0}'), ("&apos;", '\'')]
    {
        if text.starts_with(name) {
            return Some(Reference { characters: [Some(character), None], length: name.len() });
        }
    }
    let bytes = text.as_bytes();
    let mut longest = None;
    for end in 2..=bytes.len() {
        // The table holds every prefix of a name with no character, so a miss ends the search. All
        // that it holds is ASCII, so every hit ends on a character boundary.
        let Some((first, second)) = text.get(1..end).and_then(|name| NAMED_ENTITIES.get(name)) else { break };
        if let Some(first) = char::from_u32(*first).filter(|character| *character != '\0') {
            longest = Some((first, char::from_u32(*second).filter(|character| *character != '\0'), end));
        }
    }
    let (first, second, length) = longest?;
    let is_closed = bytes[length - 1] == b';';
    let runs_on = bytes.get(length).is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric());
    if place == Place::Attribute && !is_closed && runs_on {
        return None;
    }
    Some(Reference { characters: [Some(first), second], length })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &str) {
        assert_eq!(decode_entities(text), want, "{text}");
    }

    #[test]
    fn knows_all_names_and_numbers() {
        check("R&amp;D &lt; &euro;5 &nbsp;|&hellip;", "R&D < €5 \u{A0}|…");
        check("&#8217;&#x2019;&#X2019;&#146;", "’’’’");
        check("&NotEqualTilde;", "≂\u{338}");
        check("&CounterClockwiseContourIntegral;", "∳");
    }

    #[test]
    fn forgives_a_missing_semicolon_where_browsers_do() {
        check("caf&eacute au lait &copy 2026", "café au lait © 2026");
        check("&notit; &notin;", "¬it; ∉");
    }

    #[test]
    fn leaves_alone_what_is_no_reference() {
        for text in ["AT&T", "a & b", "&", "&;", "&#;", "&#x;", "&#xZ;", "&unknown;", "a &\u{e9}t", "&l\u{142}"] {
            check(text, text);
        }
    }

    #[test]
    fn decodes_once() {
        check("&amp;lt;b&amp;gt;", "&lt;b&gt;");
    }

    #[test]
    fn impossible_numbers_become_the_replacement_character() {
        check("&#0;&#xD800;&#x110000;&#99999999999999999999;", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn an_address_keeps_its_parameters() {
        assert_eq!(decode_in("?a=1&copy=2&amp;lang=sr&para", Place::Attribute), "?a=1&copy=2&lang=sr¶");
    }
}

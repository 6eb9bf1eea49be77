//! Character and entity references: `&amp;`, `&#8217;`, `&nbsp;` though nobody declared it. What
//! is no reference stays as written and is counted.

use super::Tally;
use crate::ingest::decode::is_xml;
use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};
use memchr::memchr;
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

/// The longest name of HTML has 31 letters; a longer run after `&` is text.
const NAME_BYTES_MAX: usize = 40;

/// Entities that a doctype may declare; real feeds have a handful.
const DECLARED_MAX: usize = 64;

/// The longest declared value that is taken. Values are not expanded again, so nothing grows.
const VALUE_BYTES_MAX: usize = 256;

/// How much a document may grow by entities that it declares itself.
const EXPANSION_BYTES_MAX: usize = 256 * 1024;

/// The entities of this document's doctype.
#[derive(Default)]
pub(super) struct Entities<'a> {
    declared: HashMap<&'a str, Cow<'a, str>>,
    expanded: Cell<usize>,
}

impl<'a> Entities<'a> {
    /// Takes the internal entities of a doctype; external ones are never asked for.
    pub(super) fn declare(&mut self, doctype: &'a str, tally: &Tally) {
        for declaration in doctype.split("<!ENTITY").skip(1) {
            let mut words = declaration.trim_ascii_start().splitn(2, |c: char| c.is_ascii_whitespace());
            let (Some(name), Some(value)) = (words.next(), words.next()) else { continue };
            let value = value.trim_ascii_start();
            let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { continue };
            let Some((value, _)) = value[1..].split_once(quote) else { continue };
            let is_small = self.declared.len() < DECLARED_MAX && value.len() <= VALUE_BYTES_MAX;
            if is_small && !self.declared.contains_key(name) {
                // Decoded once with no declared entity at hand: a billion laughs stays a line.
                let value = Entities::default().decode(value, tally);
                self.declared.insert(name, value);
            }
        }
    }

    /// `text` with its references resolved.
    pub(super) fn decode<'t>(&self, text: &'t str, tally: &Tally) -> Cow<'t, str> {
        if !text.contains('&') {
            return Cow::Borrowed(text);
        }
        let mut decoded = String::with_capacity(text.len());
        self.decode_into(text, &mut decoded, tally);
        Cow::Owned(decoded)
    }

    /// Appends `text` with its references resolved.
    pub(super) fn decode_into(&self, text: &str, decoded: &mut String, tally: &Tally) {
        let mut rest = text;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            decoded.push_str(&rest[..at]);
            rest = &rest[at..];
            let length = self.reference(rest, decoded, tally);
            rest = &rest[length..];
        }
        decoded.push_str(rest);
    }

    /// Resolves the reference that `rest` begins with and gives its length.
    fn reference(&self, rest: &str, decoded: &mut String, tally: &Tally) -> usize {
        let window = &rest.as_bytes()[1..rest.len().min(1 + NAME_BYTES_MAX)];
        let name_length = window.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"#_-.".contains(byte));
        let Some(end) = name_length.filter(|length| window[*length] == b';') else {
            tally.add("bare ampersand", 1);
            decoded.push('&');
            return 1;
        };
        let (name, whole) = (&rest[1..=end], end + 2);
        match name {
            "amp" => decoded.push('&'),
            "lt" => decoded.push('<'),
            "gt" => decoded.push('>'),
            "quot" => decoded.push('"'),
            "apos" => decoded.push('\''),
            _ if name.starts_with('#') => match numbered(&name[1..]) {
                Some(character) if is_xml(character) => decoded.push(character),
                Some(_) => tally.add("illegal character", 1),
                None => {
                    tally.add("bare ampersand", 1);
                    decoded.push('&');
                    return 1;
                }
            },
            _ => match (self.declared(name), named(&rest[1..whole])) {
                (Some(value), _) => decoded.push_str(value),
                (None, Some(&(first, second))) if first != 0 => {
                    tally.add("undeclared entity", 1);
                    decoded
                        .extend([first, second].into_iter().filter(|number| *number != 0).filter_map(char::from_u32));
                }
                _ => {
                    tally.add("unknown entity", 1);
                    decoded.push_str(&rest[..whole]);
                }
            },
        }
        whole
    }

    /// The value of a declared entity, while the document may still grow.
    fn declared(&self, name: &str) -> Option<&str> {
        let value = self.declared.get(name)?;
        self.expanded.set(self.expanded.get().saturating_add(value.len()));
        (self.expanded.get() <= EXPANSION_BYTES_MAX).then_some(value)
    }
}

/// What a name of HTML (with its semicolon) stands for; 0 is no character.
///
/// `lang` and `rang` as in HTML 4 and the DTD of RSS 0.91, U+2329 and U+232A: a feed that has these
/// names has them from there. HTML 5 gave them to other brackets.
fn named(name: &str) -> Option<&'static (u32, u32)> {
    match name {
        "lang;" => Some(&(0x2329, 0)),
        "rang;" => Some(&(0x232A, 0)),
        _ => NAMED_ENTITIES.get(name),
    }
}

/// `8217`, `x2019` or `X2019`. 128 to 159 are meant as Windows-1252, as every browser takes them.
fn numbered(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => digits.parse().ok()?,
    };
    if let Some(meant) = number.checked_sub(0x80).and_then(|at| C1_REPLACEMENTS.get(at as usize)) {
        return meant.or(char::from_u32(number));
    }
    // A number beyond Unicode or half a surrogate pair: a character that XML has no room for.
    Some(char::from_u32(number).unwrap_or('\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(Entities::default().decode(text, &Tally::default()), expected);
    }

    #[test]
    fn resolves_what_xml_and_html_know() {
        check("a &lt; b &amp;amp; &#65;&#x42;&#X43; &nbsp;&rsquo;&ngE;", "a < b &amp; ABC \u{a0}’\u{2267}\u{338}");
        check("&#146;&#x80;", "’€");
        check("&lang;x&rang;", "\u{2329}x\u{232A}");
    }

    #[test]
    fn what_is_no_reference_stays() {
        check("AT&T & ?a=1&b=2 &foo; &#; &#xZZ; &", "AT&T & ?a=1&b=2 &foo; &#; &#xZZ; &");
        check("&é;", "&é;");
    }

    #[test]
    fn characters_without_a_place_in_xml_go() {
        check("a&#0;b&#xD800;c&#11;d&#xFFFE;e&#99999999;", "abcde");
    }

    #[test]
    fn takes_declared_entities_once() {
        let mut entities = Entities::default();
        let tally = &Tally::default();
        entities.declare(
            "x [<!ENTITY a \"A&#66;\"> <!ENTITY b '&a;&a;'> <!ENTITY c SYSTEM 'file:///etc/passwd'> <!ENTITY % d 'e'>]",
            tally,
        );
        assert_eq!(entities.decode("&a; &b; &c;", tally), "AB &a;&a; &c;");
    }

    #[test]
    fn declared_entities_stop_growing() {
        let mut entities = Entities::default();
        let doctype = format!("<!ENTITY long '{}'>", "x".repeat(VALUE_BYTES_MAX));
        entities.declare(&doctype, &Tally::default());
        let decoded = entities.decode(&"&long;".repeat(10_000), &Tally::default()).len();
        assert!(decoded <= EXPANSION_BYTES_MAX + 60_000, "{decoded}");
    }
}

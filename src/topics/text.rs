//! Plain text from text that may be HTML. Only what matters to words: tags end them or vanish,
//! character references are resolved. Does not judge whether the HTML is safe or right.

use memchr::memchr2;
use std::borrow::Cow;

/// The text without its markup; borrowed where there is none.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    // A tag must end somewhere: what opens after the last `>` is text.
    let last_end = text.rfind('>').unwrap_or(0);
    let mut rest = text;
    while let Some(at) = memchr2(b'<', b'&', rest.as_bytes()) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let start = text.len() - rest.len();
        let length = if rest.starts_with('&') {
            reference(rest, &mut plain)
        } else if start < last_end {
            tag(rest, &mut plain)
        } else {
            None
        };
        let length = length.unwrap_or_else(|| {
            plain.push_str(&rest[..1]);
            1
        });
        rest = &rest[length..];
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The beginning of a text: at most so many bytes, and no half letter.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Tags that stand within a word as well as between two.
const INLINE: [&str; 12] = ["a", "abbr", "b", "bdi", "em", "i", "mark", "small", "span", "strong", "u", "wbr"];

/// The length of the tag or comment that `text` begins with; adds a space where it parts words.
fn tag(text: &str, out: &mut String) -> Option<usize> {
    if text.starts_with("<!--") {
        out.push(' ');
        return Some(text.find("-->").map_or(text.len(), |at| at + 3));
    }
    let inner = text[1..].trim_start_matches('/');
    if !inner.starts_with(|first: char| first.is_ascii_alphabetic() || first == '!' || first == '?') {
        return None;
    }
    let name_length = inner.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let name = &inner[..name_length];
    if !INLINE.iter().any(|inline| inline.eq_ignore_ascii_case(name)) {
        out.push(' ');
    }
    text.find('>').map(|at| at + 1)
}

/// The longest reference that we look at, `&thetasym;` or `&#x0010FFFF;`.
const REFERENCE_BYTES_MAX: usize = 12;

/// The length of the character reference that `text` begins with; adds its character.
fn reference(text: &str, out: &mut String) -> Option<usize> {
    let end = text.bytes().take(REFERENCE_BYTES_MAX).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let letter = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
        None => named(name)?,
    };
    out.push(letter);
    Some(end + 1)
}

/// The references that feeds in our languages write by name.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" | "ldquo" | "rdquo" | "bdquo" | "laquo" | "raquo" => '"',
        "apos" | "lsquo" | "rsquo" | "sbquo" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "ndash" | "mdash" | "hellip" | "bull" | "middot" => ' ',
        "shy" => '\u{00ad}',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        "scaron" => 'š',
        "Scaron" => 'Š',
        _ => return letter_with_mark(name),
    })
}

/// `&euml;` and the like: a Latin letter and the name of its mark.
fn letter_with_mark(name: &str) -> Option<char> {
    if name == "szlig" {
        return Some('ß');
    }
    let mut letters = name.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    let mark = match letters.as_str() {
        "grave" => '\u{0300}',
        "acute" => '\u{0301}',
        "circ" => '\u{0302}',
        "tilde" => '\u{0303}',
        "uml" => '\u{0308}',
        "ring" => '\u{030a}',
        "caron" => '\u{030c}',
        "cedil" => '\u{0327}',
        _ => return None,
    };
    unicode_normalization::char::compose(letter, mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(plain(text), expected, "{text}");
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        check("5 > 3, R D", "5 > 3, R D");
        assert!(matches!(plain("Kosovo"), Cow::Borrowed(_)));
    }

    #[test]
    fn blocks_part_words_and_inline_tags_do_not() {
        check("<p>Kosovo</p><p>Srbija</p>", " Kosovo  Srbija ");
        check("Koso<b>vo</b>", "Kosovo");
        check("one<br/>two<!-- a > b -->three", "one two three");
        check("<a href=\"https://example.org/kosovo\">here</a>", "here");
    }

    #[test]
    fn references_are_resolved() {
        check("Crna&nbsp;Gora &amp; Kosov&euml; &#1050;&#x424;ОР", "Crna Gora & Kosovë КФОР");
    }

    #[test]
    fn what_is_no_markup_is_text() {
        check("a < b, c <d & e &unknown; &#xD800; &", "a < b, c <d & e &unknown; &#xD800; &");
        check("1 <2> 3", "1 <2> 3");
        check("&", "&");
        check("<", "<");
        check("<!-- open", "<!-- open");
        check("&šššššššššššššš;", "&šššššššššššššš;");
    }
}

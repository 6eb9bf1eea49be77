//! Whether a text is HTML where nobody says so.

use super::parts::{Form, TextPart};

/// Whether the text is HTML source.
pub(super) fn is_html(part: &TextPart<'_>) -> bool {
    match part.form {
        Form::Html => true,
        Form::Plain => false,
        Form::Unsure => looks_like_html(&part.text),
        Form::UnsureProse => closes_an_element(&part.text),
    }
}

/// The elements that titles are decorated with.
const TITLE_ELEMENTS: [&str; 40] = [
    "a",
    "abbr",
    "acronym",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "del",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "tt",
    "u",
    "ul",
];

/// Elements that a text closes only if it is HTML.
const PROSE_ELEMENTS: [&str; 16] =
    ["a", "b", "blockquote", "div", "em", "figure", "h1", "h2", "h3", "i", "iframe", "li", "p", "span", "strong", "td"];

/// Whether a text that may be either is HTML: it closes an element that prose is made of. An
/// article on HTML that says so of itself is not asked.
fn closes_an_element(text: &str) -> bool {
    text.match_indices("</").any(|(at, _)| {
        let name = &text.as_bytes()[at + 2..];
        PROSE_ELEMENTS.iter().any(|known| {
            let (name, after) = name.split_at(known.len().min(name.len()));
            name.eq_ignore_ascii_case(known.as_bytes()) && after.first() == Some(&b'>')
        })
    })
}

/// The longest name of HTML has 31 letters.
const REFERENCE_BYTES_MAX: usize = 32;

/// Whether a text that may be either was meant as HTML: an element is closed or a reference is
/// there, and no tag is one that titles do not have. `Why <blink> is gone` is meant as it stands.
fn looks_like_html(text: &str) -> bool {
    let has_reference = text.match_indices('&').any(|(at, _)| {
        let mut letters = text.as_bytes()[at + 1..].iter().take(REFERENCE_BYTES_MAX);
        let end = letters.position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#');
        end.is_some_and(|end| end > 0 && text.as_bytes()[at + 1 + end] == b';')
    });
    let mut closes = false;
    for (at, _) in text.match_indices('<') {
        let inside = &text[at + 1..];
        let name = inside.strip_prefix('/').unwrap_or(inside);
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if name.is_empty() {
            continue;
        }
        if !TITLE_ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return false;
        }
        closes |= inside.starts_with('/');
    }
    closes || has_reference
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_html_only_where_they_look_like_it() {
        for title in ["The <b>news</b>", "Q&amp;A", "a &#8217; b", "<i>x</i> & y"] {
            assert!(looks_like_html(title), "{title}");
        }
        for title in ["Why <blink> is gone", "a < b", "R&D", "<script>alert(1)</script>", "x <3 y", "fish & chips;"] {
            assert!(!looks_like_html(title), "{title}");
        }
    }

    #[test]
    fn prose_is_html_where_it_closes_an_element() {
        for prose in ["<p>x</p>", "a <B>b</B>", "<x></a>"] {
            assert!(closes_an_element(prose), "{prose}");
        }
        for prose in ["a </ b", "1 < 2", "<br>", "</", "</address>"] {
            assert!(!closes_an_element(prose), "{prose}");
        }
    }
}

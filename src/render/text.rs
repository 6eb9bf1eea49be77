//! Texts made fit for a document: characters that XML allows, and safe HTML read as plain text.

use std::borrow::Cow;

/// `text` without what XML 1.0 does not allow or advises against (§2.2), and with neither the
/// controls nor the non-characters that are errors in HTML. One such letter in one title makes the
/// whole document unreadable for everyone, and no writer of ours filters them.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|letter| is_allowed(letter) && letter != char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|letter| is_allowed(*letter)).map(legible).collect())
}

/// What was no letter before it came to us is said with one that validators do not take for a new
/// fault of ours.
fn legible(letter: char) -> char {
    if letter == char::REPLACEMENT_CHARACTER { '?' } else { letter }
}

/// Safe HTML, as [`clean`]. Here a letter is replaced and not left out: what was made safe as
/// `java\u{1}script:` must not become something else.
pub(super) fn clean_html(html: &str) -> String {
    html.chars().map(|letter| if is_allowed(letter) { legible(letter) } else { '?' }).collect()
}

fn is_allowed(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => true,
        '\u{fdd0}'..='\u{fdef}' => false,
        _ => !letter.is_control() && u32::from(letter) & 0xfffe != 0xfffe,
    }
}

/// `text` cleaned and on one line, or `None` where nothing is left.
pub(super) fn line(text: &str) -> Option<String> {
    let text = clean(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A name, a label, a notice: on one line and without the markup that some publishers write there.
/// No format can say of these whether they are text or HTML, so there must be nothing to tell.
pub(super) fn name(text: &str) -> Option<String> {
    let mut name = line(text)?;
    while has_markup(&name) {
        let plainer = line(&excerpt(&name, usize::MAX))?;
        if plainer == name {
            break;
        }
        name = plainer;
    }
    Some(name)
}

fn has_markup(text: &str) -> bool {
    text.contains("</") || text.contains('&') && decoded(text) != text
}

/// Whether a program that takes plain text for HTML would show something else.
pub(super) fn is_like_html(text: &str) -> bool {
    let is_begun = |opening: char, next: fn(char) -> bool| {
        text.match_indices(opening).any(|(at, _)| text[at + 1..].starts_with(next))
    };
    is_begun('<', |next| next.is_ascii_alphabetic() || "/!?".contains(next))
        || is_begun('&', |next| next.is_ascii_alphanumeric() || next == '#')
}

/// A language tag as BCP 47 wants it. The macrolanguage of Bosnian, Croatian, Montenegrin and
/// Serbian is registered as `sh` only.
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next().filter(|primary| {
        (2..=3).contains(&primary.len()) && primary.chars().all(|letter| letter.is_ascii_alphabetic())
    })?;
    if primary.eq_ignore_ascii_case("hbs") {
        return Some("sh".to_owned());
    }
    let further = parts.take_while(|part| is_subtag(part));
    Some(std::iter::once(primary).chain(further).collect::<Vec<_>>().join("-"))
}

/// A script, a region or a variant. Where something else begins, the tag ends.
fn is_subtag(part: &str) -> bool {
    let is_all = |is_letter: fn(&u8) -> bool| part.bytes().all(|byte| is_letter(&byte));
    match part.len() {
        2 | 4 => is_all(u8::is_ascii_alphabetic),
        3 => is_all(u8::is_ascii_digit),
        5..=8 => is_all(u8::is_ascii_alphanumeric),
        _ => false,
    }
}

/// A piece of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// With its entities.
    Text(&'a str),
    /// From `<` to `>`.
    Tag(&'a str),
}

/// Cuts HTML into tags and what is between them. A `>` in a quoted attribute ends no tag.
pub(super) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let piece = match rest.find('<') {
            _ if rest.is_empty() => return None,
            Some(0) => Piece::Tag(&rest[..tag_length(rest)]),
            Some(at) => Piece::Text(&rest[..at]),
            None => Piece::Text(rest),
        };
        let (Piece::Text(taken) | Piece::Tag(taken)) = piece;
        rest = &rest[taken.len()..];
        Some(piece)
    })
}

/// How many bytes the tag that `html` begins with has, its `>` included; all, if it never ends.
fn tag_length(html: &str) -> usize {
    let mut quote = None;
    for (at, byte) in html.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// Tags that stand within a word or a sentence; all others part words.
const INLINE: [&str; 19] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "small", "span", "strong",
    "sub", "sup", "u",
];

/// Safe HTML as plain text on one line, at most about `chars_max` characters, cut between words.
pub(super) fn excerpt(html: &str, chars_max: usize) -> String {
    let mut text = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(piece) => push_decoded(&mut text, piece),
            Piece::Tag(tag) if is_inline(tag) => {}
            Piece::Tag(_) => text.push(' '),
        }
        // White space may be most of it.
        if text.len() > EXCERPT_READ_MAX {
            break;
        }
    }
    shorten(&line(&text).unwrap_or_default(), chars_max)
}

/// No excerpt needs more of a text than this.
const EXCERPT_READ_MAX: usize = 64 * 1024;

fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default();
    INLINE.iter().any(|inline| inline.eq_ignore_ascii_case(name))
}

/// Longer than any entity that a sanitizer writes.
const ENTITY_BYTES_MAX: usize = 10;

/// Text with its entities resolved. A bare `&` and an unknown entity stay as they are written.
pub(super) fn decoded(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    push_decoded(&mut text, html);
    text
}

/// Text as HTML that shows it.
pub(super) fn escaped(text: &str) -> String {
    maud::html!((text)).into_string()
}

fn push_decoded(text: &mut String, mut html: &str) {
    while let Some(at) = html.find('&') {
        text.push_str(&html[..at]);
        html = &html[at + 1..];
        let entity = html.find(';').filter(|end| *end <= ENTITY_BYTES_MAX).map(|end| &html[..end]);
        match entity.and_then(|entity| Some((entity, letter_of(entity)?))) {
            Some((entity, letter)) => {
                text.push(letter);
                html = &html[entity.len() + 1..];
            }
            None => text.push('&'),
        }
    }
    text.push_str(html);
}

/// What a sanitizer writes, and numbers.
fn letter_of(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32)
        }
    }
}

fn shorten(text: &str, chars_max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(chars_max) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    let ends_between_words = text[end..].starts_with(' ');
    let cut = match cut.rfind(' ') {
        // A language without spaces, or one enormous word, is cut where it must be.
        Some(space) if !ends_between_words && space > cut.len() / 2 => &cut[..space],
        _ => cut,
    };
    format!("{}…", cut.trim_end_matches(|last: char| last.is_whitespace() || ",;:–—-".contains(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_letters_that_xml_does_not_allow() {
        for (text, expected) in [
            ("Косово\u{0}", "Косово"),
            ("a\u{b}b\u{fffe}c\u{ffff}d\u{1fffe}e", "abcde"),
            ("\u{fdd0}\u{7f}\u{85}x", "x"),
            ("tab\tand\nline", "tab\tand\nline"),
            ("🇽🇰 ok\u{2028}", "🇽🇰 ok\u{2028}"),
        ] {
            assert_eq!(clean(text), expected);
        }
        assert_eq!(clean_html("<a href=\"java\u{1}script:x\">\n\u{fffd}"), "<a href=\"java?script:x\">\n?");
        assert_eq!(clean("Elman\u{fffd}s"), "Elman?s");
        assert_eq!(line(" a\n\u{0} b ").as_deref(), Some("a b"));
        assert_eq!(line("\u{0} \n"), None);
    }

    #[test]
    fn languages_are_tags_as_far_as_they_are() {
        for (tag, expected) in [
            ("sr-Cyrl", Some("sr-Cyrl")),
            (" en_GB ", Some("en-GB")),
            ("es-419", Some("es-419")),
            ("ca-valencia", Some("ca-valencia")),
            ("hbs-Latn", Some("sh")),
            ("zxx-and-more", Some("zxx")),
            ("en--", Some("en")),
            ("english", None),
            ("<b>", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(language(tag).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn names_have_no_markup() {
        for (text, expected) in [
            ("<p>Ana</p>\n<p>Kovač</p>", Some("Ana Kovač")),
            ("&lt;b&gt;R&amp;amp;D&lt;/b&gt;", Some("R&D")),
            ("AT&T <3 a<b", Some("AT&T <3 a<b")),
            ("R&unknown;D", Some("R&unknown;D")),
            ("<p></p>", None),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn knows_text_that_looks_like_html() {
        for text in ["<b>", "a </b", "AT&T", "&#1", "<!--", "x<?xml"] {
            assert!(is_like_html(text), "{text}");
        }
        for text in ["R & D", "a < b", "&", "<", "<3", "< b", "&;"] {
            assert!(!is_like_html(text), "{text}");
        }
    }

    #[test]
    fn cuts_html_into_tags_and_texts() {
        let html = "a<b title='>'>c</b>d<img alt=\"<img x>\"><";
        let all: Vec<Piece<'_>> = pieces(html).collect();
        let expected = [
            Piece::Text("a"),
            Piece::Tag("<b title='>'>"),
            Piece::Text("c"),
            Piece::Tag("</b>"),
            Piece::Text("d"),
            Piece::Tag("<img alt=\"<img x>\">"),
            Piece::Tag("<"),
        ];
        assert_eq!(all, expected);
    }

    #[test]
    fn reads_html_as_one_line_of_text() {
        for (html, chars_max, expected) in [
            ("<p>One</p><p>two<br>three</p>", 99, "One two three"),
            (
                "<b>Kos</b>ovo &amp; KFOR&nbsp;&#8211; &#x27;ok&#x27; &unknown; & &;",
                99,
                "Kosovo & KFOR – 'ok' &unknown; & &;",
            ),
            ("&lt;script&gt;", 99, "<script>"),
            ("one two three four", 13, "one two three…"),
            ("one two three four", 12, "one two…"),
            ("one two, three", 9, "one two…"),
            ("日本語日本語", 3, "日本語…"),
            ("  ", 3, ""),
        ] {
            assert_eq!(excerpt(html, chars_max), expected, "{html}");
        }
    }
}

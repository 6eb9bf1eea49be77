//! Plain text for titles, names and words: no markup, no white space but single spaces, nothing
//! that XML cannot carry or that hides what the text says.

use super::TextKind;
use super::characters::Gate;
use super::entities::{Place, reference};
use super::names::{Element, element, is_one_of};
use super::tags::{Piece, is_text, pieces};
use crate::feed::Entry;
use memchr::memchr;

/// The longest honest titles are a tenth of it; beyond stands an article in the wrong element.
pub const TITLE_BYTES_MAX: usize = 1024;

/// What stands for the rest of a text that was cut.
const ELLIPSIS: &str = "…";

/// Plain text of `text`, at most [`TITLE_BYTES_MAX`] bytes; `None` where nothing is left.
pub fn plain_text(text: &str, kind: TextKind) -> Option<String> {
    plain_text_within(text, kind, TITLE_BYTES_MAX)
}

/// As much as safe HTML can be.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Summary and content of an entry without their markup; empty where there is none.
pub fn plain_texts(entry: &Entry) -> [String; 2] {
    [&entry.summary, &entry.content].map(|html| {
        let plain = html.as_deref().and_then(|html| plain_text_within(html, TextKind::Html, TEXT_BYTES_MAX));
        plain.unwrap_or_default()
    })
}

/// [`plain_text`] of at most `bytes_max` bytes, cut at a character with `…`.
///
/// In HTML a tag is what has the name of an HTML element, so that `Vec<T>` keeps its `<T>`: the
/// result is text and is escaped wherever it is shown.
pub fn plain_text_within(text: &str, kind: TextKind, bytes_max: usize) -> Option<String> {
    let mut writer = Writer { out: String::with_capacity(text.len().min(bytes_max)), bytes_max, ..Writer::default() };
    match kind {
        TextKind::Plain => writer.literal(text),
        TextKind::Html => writer.html(without_cdata(text)),
    }
    writer.finish()
}

/// Publishers that escape twice leave the CDATA marks in the text.
pub(super) fn without_cdata(text: &str) -> &str {
    let inside = || text.trim().strip_prefix("<![CDATA[")?.strip_suffix("]]>");
    inside().unwrap_or(text)
}

/// As much of `text` as fits into `bytes_max`, cut at a character.
pub(in crate::ingest) fn head(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// The bytes at the start of `text` that pass whole, most of most texts: visible ASCII, the letters
/// of Latin, Greek and Cyrillic, none of which is a mark or a sign that hides, and single spaces
/// between them.
fn plain_run(text: &str) -> usize {
    let bytes = text.as_bytes();
    let passes = |at: usize| bytes.get(at).is_some_and(|byte| PASSES[*byte as usize]);
    let mut at = 0;
    loop {
        // Byte by byte, not character by character: no step waits for the one before it.
        while passes(at) {
            at += 1;
        }
        let goes_on = at > 0 && bytes.get(at) == Some(&b' ') && passes(at + 1);
        if !goes_on {
            return at;
        }
        at += 1;
    }
}

/// Whether a byte begins a character that passes whatever follows, or is inside of one.
const PASSES: [bool; 256] = {
    let mut passes = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        // U+00C0 to U+027F, U+0380 to U+047F, U+04C0 to U+04FF.
        passes[byte] = matches!(byte as u8, b'!'..=b'~' | 0x80..=0xBF | 0xC3..=0xC9 | 0xCE..=0xD1 | 0xD3);
        byte += 1;
    }
    passes
};

#[derive(Default)]
struct Writer {
    out: String,
    bytes_max: usize,
    gate: Gate,
    has_gap: bool,
    is_full: bool,
}

impl Writer {
    fn html(&mut self, html: &str) {
        let mut hidden = None;
        for piece in pieces(html) {
            if self.is_full {
                return;
            }
            match piece {
                Piece::Text(text) => self.references(text),
                Piece::Raw(text) if hidden == Some(true) => self.literal(text),
                Piece::Unfinished(text) if !text.starts_with("<!") || is_text(text) => self.references(text),
                Piece::Raw(_) | Piece::Comment | Piece::Unfinished(_) => {}
                Piece::Start(tag) | Piece::End(tag) => {
                    // What a `title` or an `xmp` holds is for people, a script is not.
                    hidden = Some(is_one_of(tag.name, &["title", "xmp", "textarea"]));
                    match element(tag.name) {
                        Element::Block => self.has_gap = true,
                        Element::Inline if is_one_of(tag.name, &["img"]) && !tag.attributes.contains("src") => {
                            self.literal(&tag.attribute("alt").unwrap_or_default());
                        }
                        Element::Inline => {}
                        Element::Unknown => self.references(tag.source),
                    }
                }
            }
        }
    }

    fn references(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            self.literal(&rest[..at]);
            rest = &rest[at..];
            if self.is_full {
                return;
            }
            let found = reference(rest, Place::Text);
            found.characters.into_iter().flatten().for_each(|character| self.push(character));
            rest = &rest[found.length..];
        }
        self.literal(rest);
    }

    fn literal(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if self.is_full {
                return;
            }
            let run = plain_run(rest);
            if run > 1 {
                self.run(&rest[..run]);
                rest = &rest[run..];
            } else {
                self.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }

    /// Appends what [`plain_run`] measured.
    fn run(&mut self, run: &str) {
        let last = run.chars().next_back().map_or(0, char::len_utf8);
        let (body, last) = run.split_at(run.len() - last);
        if self.out.len() + run.len() + 1 > self.bytes_max {
            run.chars().for_each(|character| self.push(character));
            return;
        }
        self.fill_gap();
        self.out.push_str(body);
        last.chars().for_each(|character| self.push(character));
    }

    /// Writes the space that is due.
    fn fill_gap(&mut self) {
        if std::mem::take(&mut self.has_gap) && !self.out.is_empty() {
            self.gate.pass(' ');
            self.append(' ');
        }
    }

    fn push(&mut self, character: char) {
        // U+0085 is windows-1252's ellipsis far oftener than a line end.
        if character.is_whitespace() && character != '\u{85}' {
            self.has_gap = true;
            return;
        }
        self.fill_gap();
        if let Some(character) = self.gate.pass(character) {
            self.append(character);
        }
    }

    fn append(&mut self, character: char) {
        if self.out.len() + character.len_utf8() > self.bytes_max {
            self.is_full = true;
        } else {
            self.out.push(character);
        }
    }

    fn finish(mut self) -> Option<String> {
        if self.is_full {
            let room = self.bytes_max.saturating_sub(ELLIPSIS.len());
            self.out.truncate(head(&self.out, room).len());
            self.out.truncate(self.out.trim_end().len());
            self.out.push_str(ELLIPSIS);
        } else {
            self.out.truncate(self.out.trim_end().len());
        }
        (!self.out.is_empty()).then_some(self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: TextKind, text: &str, want: &str) {
        assert_eq!(plain_text(text, kind).as_deref().unwrap_or_default(), want, "{text}");
    }

    #[test]
    fn a_run_holds_nothing_that_the_gate_would_stop_or_a_space() {
        for character in (0..0x1_0000).filter_map(char::from_u32) {
            if plain_run(character.encode_utf8(&mut [0; 4])) > 0 {
                assert_eq!(Gate::default().pass(character), Some(character));
                assert!(!character.is_whitespace(), "{character:?}");
            }
        }
        for (text, run) in [("žута-Ωx y", "žута-Ωx y"), ("a  b", "a"), ("a b ", "a b"), (" a", ""), ("a\u{301}", "a")]
        {
            assert_eq!(plain_run(text), run.len(), "{text:?}");
        }
    }

    #[test]
    fn plain_characters_are_literal() {
        check(TextKind::Plain, "AT&amp;T <b>x</b>", "AT&amp;T <b>x</b>");
    }

    #[test]
    fn html_loses_its_tags_and_references() {
        check(TextKind::Html, "<b>R&amp;D</b> in <i>Ni&#353;</i>", "R&D in Niš");
        check(TextKind::Html, "caf&eacute;&nbsp;&hellip;", "café …");
        check(TextKind::Html, "one<br>two<p>three</p><li>four", "one two three four");
        check(TextKind::Html, "w<b>or</b>d", "word");
        check(TextKind::Html, "a<!-- b -->c<![if x]>d", "acd");
        check(TextKind::Html, "a <img alt='R&amp;D'> <img alt=b src=c>", "a R&D");
        check(TextKind::Html, "<o:p>a</o:p> <g-emoji alias=\"x\">b</g-emoji>", "a b");
    }

    #[test]
    fn only_tags_are_tags() {
        check(TextKind::Html, "a < b > c, 1<2, I <3 you", "a < b > c, 1<2, I <3 you");
        check(TextKind::Html, "Vec<T> and Option<u8> or <me@example.org>", "Vec<T> and Option<u8> or <me@example.org>");
        check(TextKind::Html, "see <https://example.org/>", "see <https://example.org/>");
        check(TextKind::Html, "price <b", "price <b");
    }

    #[test]
    fn scripts_and_styles_say_nothing() {
        check(TextKind::Html, "a<script>alert('<b>')</script>b<style>p{}</style>", "a b");
        check(TextKind::Html, "<title>R &amp; D</title>", "R &amp; D");
    }

    #[test]
    fn a_payload_becomes_its_visible_text() {
        check(TextKind::Html, "<img src=x onerror=alert(1)>hello", "hello");
        check(TextKind::Html, "&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>");
    }

    #[test]
    fn marks_of_cdata_go() {
        check(TextKind::Html, " <![CDATA[R&amp;D]]> ", "R&D");
    }

    #[test]
    fn white_space_is_folded() {
        check(TextKind::Plain, "\u{3000} a\t\r\n b\u{A0}\u{2028}c \n", "a b c");
        check(TextKind::Plain, " \n\u{A0}", "");
        check(TextKind::Html, "<p> </p>", "");
    }

    #[test]
    fn characters_that_xml_forbids_are_dropped() {
        check(TextKind::Plain, "a\0b\u{B}c\u{FFFE}d\u{1F}e\u{FFFF}f", "ab cdef");
        check(TextKind::Html, "a&#11;b&#xFFFE;c&#1;d&#133;e\u{85}", "a bcd…e…");
        check(TextKind::Plain, "don\u{92}t", "don’t");
    }

    #[test]
    fn nothing_hides_or_turns_the_text_round() {
        check(
            TextKind::Plain,
            "\u{202E}gpj.exe\u{202C} \u{200B}pass\u{200B}word\u{FEFF} \u{2066}x\u{2069}",
            "gpj.exe password x",
        );
        check(TextKind::Plain, "a\u{200D}\u{200D}\u{200D}b", "a\u{200D}b");
        check(TextKind::Plain, "a\u{E0041}b", "ab");
    }

    #[test]
    fn words_keep_their_joiners_and_soft_hyphens() {
        for text in [
            "Donau\u{AD}dampf\u{AD}schiff",
            "می\u{200C}خواهم",
            "क्\u{200D}ष",
            "👨\u{200D}👩\u{200D}👧",
            "❤\u{FE0F}\u{200D}🔥",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "ไทย\u{200B}แลนด์",
            "שלום\u{200F}",
        ] {
            check(TextKind::Plain, text, text);
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let tower = format!("a{}b", "\u{301}".repeat(1000));
        check(TextKind::Plain, &tower, "a\u{301}\u{301}\u{301}\u{301}b");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let cut = |text: &str, bytes_max| plain_text_within(text, TextKind::Plain, bytes_max);
        assert_eq!(cut("abcdef", 6).as_deref(), Some("abcdef"));
        assert_eq!(cut("abcdefg", 6).as_deref(), Some("abc…"));
        assert_eq!(cut("ćććććć", 8).as_deref(), Some("ćć…"));
        assert_eq!(cut("ab cdefghi", 6).as_deref(), Some("ab…"));
        assert_eq!(cut("abcdef \n ", 6).as_deref(), Some("abcdef"));
        let long = plain_text(&"ж".repeat(10_000), TextKind::Plain).unwrap_or_default();
        assert!(long.len() <= TITLE_BYTES_MAX && long.ends_with('…'), "{}", long.len());
    }
}

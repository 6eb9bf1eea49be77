//! Cuts HTML source into text, tags and what is neither, by the rules of HTML's tokenizer, in one
//! pass. Knows no tree: who stands in whom is the reader's question.

use super::entities::{Place, decode_in};
use memchr::memchr;
use std::borrow::Cow;

/// A piece of HTML source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text with its character references unresolved.
    Text(&'a str),
    /// `<name attributes>`.
    Start(Tag<'a>),
    /// `</name>`.
    End(Tag<'a>),
    /// The inside of an element whose content is no markup: `script`, `style`, `textarea`.
    Raw(&'a str),
    /// A comment, a doctype or a processing instruction.
    Comment,
    /// A tag or comment that the end of the text cut off, with all that follows.
    Unfinished(&'a str),
}

/// A tag as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// In the publisher's case.
    pub(crate) name: &'a str,
    /// What stands between the name and the `>`.
    pub(crate) attributes: &'a str,
    /// From `<` to `>`.
    pub(crate) source: &'a str,
}

/// The pieces of `html`, in order.
pub(crate) fn pieces(html: &str) -> Pieces<'_> {
    Pieces { rest: html, raw: None }
}

pub(crate) struct Pieces<'a> {
    rest: &'a str,
    /// The element whose raw content comes next.
    raw: Option<&'a str>,
}

/// Elements whose content the tokenizer does not look into. `noscript` is not among them: we, like
/// a browser without scripts, want what is in it.
const RAW_ELEMENTS: [&str; 8] = ["script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes"];

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if let Some(name) = self.raw.take() {
            let content = self.take(end_of_raw(self.rest, name));
            if !content.is_empty() {
                return Some(Piece::Raw(content));
            }
        }
        let bytes = self.rest.as_bytes();
        if bytes.is_empty() {
            return None;
        }
        if bytes[0] != b'<' || !begins_markup(bytes) {
            let end = end_of_text(self.rest);
            return Some(Piece::Text(self.take(end)));
        }
        let (piece, length) = match bytes[1] {
            b'!' | b'?' => end_of_comment(self.rest).map(|length| (Piece::Comment, length)),
            b'/' if !bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => {
                self.rest.find('>').map(|end| (Piece::Comment, end + 1))
            }
            b'/' => tag(self.rest, 2).map(|tag| (Piece::End(tag), tag.source.len())),
            _ => tag(self.rest, 1).map(|tag| {
                self.raw = RAW_ELEMENTS.iter().any(|name| name.eq_ignore_ascii_case(tag.name)).then_some(tag.name);
                (Piece::Start(tag), tag.source.len())
            }),
        }
        .unwrap_or((Piece::Unfinished(self.rest), self.rest.len()));
        self.take(length);
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// Whether `<` is more than a less-than sign here; `</` at the very end is text.
fn begins_markup(bytes: &[u8]) -> bool {
    match bytes.get(1) {
        Some(b'/') => bytes.len() > 2,
        // `<!'` is a comment to browsers, and the author's text to us.
        Some(b'!') => bytes.get(2).is_none_or(|byte| byte.is_ascii_alphabetic() || b"-[> \t\r\n".contains(byte)),
        Some(byte) => byte.is_ascii_alphabetic() || *byte == b'?',
        None => false,
    }
}

/// Whether what the end cut off can only be text: `<!DOCTYPE` without an end declares nothing, while
/// a comment, a tag or an instruction is a damaged part of the markup.
pub(super) fn is_text(unfinished: &str) -> bool {
    unfinished.starts_with("<!") && !unfinished.starts_with("<!--") && !unfinished.starts_with("<![")
}

/// The bytes up to the next `<` that begins markup; `text` begins with none.
fn end_of_text(text: &str) -> usize {
    let mut from = 0;
    while let Some(at) = memchr(b'<', &text.as_bytes()[from..]) {
        if from + at > 0 && begins_markup(&text.as_bytes()[from + at..]) {
            return from + at;
        }
        from += at + 1;
    }
    text.len()
}

/// The bytes up to the end tag of the raw element `name`, or all.
fn end_of_raw(text: &str, name: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let start = from + at;
        let end = start + 2 + name.len();
        let is_ours = bytes.get(start + 2..end).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        if is_ours && bytes.get(end).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')) {
            return start;
        }
        from = start + 2;
    }
    text.len()
}

/// The length of the comment or declaration at the start of `text`.
fn end_of_comment(text: &str) -> Option<usize> {
    let Some(body) = text.strip_prefix("<!--") else { return text.find('>').map(|end| end + 1) };
    for (short, length) in [(">", 5), ("->", 6)] {
        if body.starts_with(short) {
            return Some(length);
        }
    }
    let mut from = 0;
    while let Some(at) = body[from..].find("--") {
        let end = from + at + 2;
        if body[end..].starts_with('>') {
            return Some(4 + end + 1);
        }
        if body[end..].starts_with("!>") {
            return Some(4 + end + 2);
        }
        // One hyphen on, because `--->` ends a comment too.
        from = end - 1;
    }
    None
}

/// The tag at the start of `text`, whose name begins at `name_start`.
fn tag(text: &str, name_start: usize) -> Option<Tag<'_>> {
    let bytes = text.as_bytes();
    let name_end = name_start
        + bytes[name_start..].iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))?;
    if bytes[name_end] == b'>' {
        return Some(Tag { name: &text[name_start..name_end], attributes: "", source: &text[..=name_end] });
    }
    let mut reader = Attributes { rest: &text[name_end..] };
    while reader.next().is_some() {}
    if !reader.rest.starts_with('>') {
        return None;
    }
    let end = text.len() - reader.rest.len();
    Some(Tag { name: &text[name_start..name_end], attributes: &text[name_end..end], source: &text[..=end] })
}

impl<'a> Tag<'a> {
    /// Each attribute: its name as written, its value with references resolved. A name may come
    /// twice; the first counts.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        Attributes { rest: self.attributes }.map(|(name, value)| (name, decode_in(value, Place::Attribute)))
    }

    /// The value of the first attribute of that name.
    pub(crate) fn attribute(&self, wanted: &str) -> Option<Cow<'a, str>> {
        self.attributes().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }
}

/// Reads attributes up to `>` or the end.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let bytes = self.rest.as_bytes();
        if bytes.first().is_none_or(|byte| *byte == b'>') {
            return None;
        }
        // A name may begin with `=`; anything but white space, `/`, `>` and a later `=` belongs to it.
        let name_end = 1 + bytes[1..]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'='))
            .unwrap_or(bytes.len() - 1);
        // The first character may be longer than a byte, and none of the delimiters is part of one.
        let (name, rest) = self.rest.split_at(name_end);
        let Some(value) = rest.trim_ascii_start().strip_prefix('=').map(str::trim_ascii_start) else {
            self.rest = rest;
            return Some((name, ""));
        };
        let (value, rest) = match value.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => {
                let inside = &value[1..];
                match inside.find(*quote as char) {
                    Some(end) => (&inside[..end], &inside[end + 1..]),
                    None => (inside, ""),
                }
            }
            _ => value.split_at(
                value.bytes().position(|byte| byte.is_ascii_whitespace() || byte == b'>').unwrap_or(value.len()),
            ),
        };
        self.rest = rest;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces in a short notation: `t:` text, `<` start, `/` end, `r:` raw, `c` comment, `u:` unfinished.
    fn check(html: &str, want: &[&str]) {
        let short = |piece: Piece<'_>| match piece {
            Piece::Text(text) => format!("t:{text}"),
            Piece::Start(tag) => {
                tag.attributes().fold(format!("<{}", tag.name), |all, (name, value)| format!("{all} {name}={value}"))
            }
            Piece::End(tag) => format!("/{}", tag.name),
            Piece::Raw(text) => format!("r:{text}"),
            Piece::Comment => "c".to_owned(),
            Piece::Unfinished(text) => format!("u:{text}"),
        };
        assert_eq!(pieces(html).map(short).collect::<Vec<_>>(), want, "{html}");
    }

    #[test]
    fn tells_tags_from_less_than_signs() {
        check("a < b <3 <b>c</b> </", &["t:a < b <3 ", "<b", "t:c", "/b", "t: </"]);
        check("<<b>>", &["t:<", "<b", "t:>"]);
        check("<", &["t:<"]);
        check("<!' <b>", &["t:<!' ", "<b"]);
        check("<! a><![if b]><!c>", &["c", "c", "c"]);
    }

    #[test]
    fn reads_attributes_in_every_quoting() {
        check("<a b='1>2' c=\"&amp;\" d=e/f G h = i>", &["<a b=1>2 c=& d=e/f G= h=i"]);
        check("<a/b/c=d>", &["<a b= c=d"]);
        check("<a =b é=\"ü\">", &["<a =b= é=ü"]);
        check("<br/>", &["<br"]);
    }

    #[test]
    fn does_not_look_into_scripts() {
        check("<script>a<b></b></script >x", &["<script", "r:a<b></b>", "/script", "t:x"]);
        check("<STYLE></sty</style>", &["<STYLE", "r:</sty", "/style"]);
        check("<title>", &["<title"]);
    }

    #[test]
    fn ends_comments_where_browsers_do() {
        check(
            "<!-->a<!--->b<!-- > -- ->c--!>d<!doctype html>e<?php x?>f</ g>h</>i",
            &["c", "t:a", "c", "t:b", "c", "t:d", "c", "t:e", "c", "t:f", "c", "t:h", "c", "t:i"],
        );
        check("<!--a--->b", &["c", "t:b"]);
    }

    #[test]
    fn hands_out_what_the_end_cut_off() {
        check("a<a href=\"x>y", &["t:a", "u:<a href=\"x>y"]);
        check("a<!-- b", &["t:a", "u:<!-- b"]);
        check("a<b", &["t:a", "u:<b"]);
    }
}

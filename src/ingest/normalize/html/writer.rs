//! Writes a publisher's tags anew, in one pass: only known elements, only known attributes, each
//! opened element closed in its turn. What is written reads the same in every parser.

use super::super::characters::mend;
use super::super::entities::{Place, reference};
use super::super::tags::{Piece, Tag, is_text, pieces};
use super::attributes::{known_name, value};
use super::elements::{Element, Fate, Kind, fate};
use ::url::Url;
use memchr::memchr;
use std::borrow::Cow;

/// Deeper nesting is an attack or a page builder's accident; parsers walk all open elements at
/// every tag, so that depth costs quadratically.
const DEPTH_MAX: usize = 128;

/// Parsers copy open formatting elements into every later paragraph: 64 of them in a row are a bomb.
const FORMATTING_MAX: usize = 64;

/// No honest tag has more; some parsers compare each attribute with all others.
const ATTRIBUTES_MAX: usize = 64;

/// How links are marked: the target learns nothing of our reader, search engines give it no credit.
pub(super) const LINK_REL: &str = "noopener noreferrer nofollow";

/// Why a text is no HTML that we show.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// What was written.
pub(super) struct Written {
    pub(super) html: String,
    /// Something had to be put right on the way: tags that close nothing, scripts, tables.
    pub(super) was_mended: bool,
}

/// Writes `html` anew, at most `bytes_max` bytes.
pub(super) fn write(html: &str, base: Option<&Url>, bytes_max: usize) -> Result<Written, TooMuch> {
    let mut writer = Writer {
        out: String::with_capacity(html.len() + html.len() / 8),
        open: Vec::new(),
        formatting: 0,
        removing: None,
        drawing: Drawing::Drawn,
        was_mended: false,
        is_at_start_of_pre: false,
        base,
    };
    for piece in pieces(html) {
        writer.piece(piece)?;
        if writer.out.len() > bytes_max {
            return Err(TooMuch);
        }
    }
    writer.was_mended |= !writer.open.is_empty();
    writer.close_to(0);
    Ok(Written { html: writer.out, was_mended: writer.was_mended })
}

/// How far a drawing that is left out was read.
#[derive(Clone, Copy)]
enum Drawing {
    Begun,
    InTitle,
    InDescription,
    /// It draws, and says no more for itself; or it is something else.
    Drawn,
}

struct Writer<'a> {
    out: String,
    /// The open elements, outermost first.
    open: Vec<&'static Element>,
    /// How many of them are formatting elements.
    formatting: usize,
    /// The element that is left out with its content, and how many of its name are open.
    removing: Option<(&'a str, usize)>,
    /// What of it was read, where it is a drawing.
    drawing: Drawing,
    was_mended: bool,
    /// Nothing was written since a `<pre>` was opened.
    is_at_start_of_pre: bool,
    base: Option<&'a Url>,
}

impl<'a> Writer<'a> {
    fn piece(&mut self, piece: Piece<'a>) -> Result<(), TooMuch> {
        if let Some((name, depth)) = self.removing {
            let depth = match piece {
                Piece::Start(tag) if tag.name.eq_ignore_ascii_case(name) && !tag.is_self_closing() => depth + 1,
                Piece::End(tag) if tag.name.eq_ignore_ascii_case(name) => depth - 1,
                _ => depth,
            };
            self.removing = (depth > 0).then_some((name, depth));
            return self.words_of_drawing(piece);
        }
        match piece {
            Piece::Text(text) => self.text(text),
            Piece::Raw(text) => {
                self.before_content(Kind::Inline)?;
                self.literal(text);
                Ok(())
            }
            Piece::Start(tag) => self.start(tag),
            Piece::End(tag) => {
                self.end(tag);
                Ok(())
            }
            Piece::Comment => Ok(()),
            Piece::Unfinished(text) => {
                self.was_mended = true;
                if is_text(text) { self.text(text) } else { Ok(()) }
            }
        }
    }

    /// Keeps the words that stand for a drawing: `title` and `desc` at its beginning (SVG 2 §5.8), as
    /// text whatever is in them.
    fn words_of_drawing(&mut self, piece: Piece<'a>) -> Result<(), TooMuch> {
        match (self.drawing, piece) {
            (Drawing::Begun, Piece::Start(tag)) => {
                let is_empty = tag.is_self_closing();
                self.drawing = match tag.name {
                    "title" | "desc" if is_empty => Drawing::Begun,
                    "title" => Drawing::InTitle,
                    "desc" => Drawing::InDescription,
                    _ => Drawing::Drawn,
                };
                Ok(())
            }
            (Drawing::InTitle, Piece::Text(text) | Piece::Raw(text)) | (Drawing::InDescription, Piece::Text(text)) => {
                // Beside other words, they stay apart.
                if !self.out.ends_with(' ') {
                    self.text(" ")?;
                }
                self.text(text.trim())?;
                self.text(" ")
            }
            (Drawing::InTitle, Piece::End(Tag { name: "title", .. }))
            | (Drawing::InDescription, Piece::End(Tag { name: "desc", .. })) => {
                self.drawing = Drawing::Begun;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), TooMuch> {
        if self.open.last().is_some_and(|element| element.kind.is_grid()) {
            if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
                return Ok(());
            }
            self.before_content(Kind::Inline)?;
        }
        let mut rest = text;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            self.literal(&rest[..at]);
            rest = &rest[at..];
            let found = reference(rest, Place::Text);
            found.characters.into_iter().flatten().for_each(|character| self.character(character));
            rest = &rest[found.length..];
        }
        self.literal(rest);
        Ok(())
    }

    /// Characters that mean themselves.
    fn literal(&mut self, text: &str) {
        let mut text = text;
        if self.is_at_start_of_pre {
            // Parsers drop a line end that follows `<pre>`. With none left, all read the same.
            text = text.trim_start_matches(['\n', '\r']);
            self.is_at_start_of_pre = text.is_empty();
        }
        escape(text, &mut self.out);
    }

    fn character(&mut self, character: char) {
        self.literal(character.encode_utf8(&mut [0; 4]));
    }

    fn start(&mut self, tag: Tag<'a>) -> Result<(), TooMuch> {
        let element = match fate(tag.name) {
            Fate::Kept(element) => element,
            Fate::Unwrapped => return Ok(()),
            Fate::Removed => {
                self.was_mended = true;
                self.drawing = if tag.name.eq_ignore_ascii_case("svg") { Drawing::Begun } else { Drawing::Drawn };
                self.removing = (!tag.is_self_closing() || !is_foreign(tag.name)).then_some((tag.name, 1));
                return Ok(());
            }
        };
        let attributes = Attributes::of(element, tag, self.base)?;
        // A link that leads nowhere is no link, and an image without a picture or words nothing. One
        // with words alone is shown as these (HTML §15.4.2).
        match element.name {
            "a" if !attributes.has("href") => return Ok(()),
            "img" if attributes.has("src") || attributes.has("srcset") => {}
            "img" if attributes.has_words("alt") => {}
            "img" => return Ok(()),
            "source" | "track" if !attributes.has("src") && !attributes.has("srcset") => return Ok(()),
            _ => {}
        }
        self.before_content(element.kind)?;
        if !self.make_room_for(element)? {
            return Ok(());
        }
        self.open(element, Some(&attributes))
    }

    /// Closes what cannot hold `element`, opens what it needs; false where it cannot stand here.
    fn make_room_for(&mut self, element: &'static Element) -> Result<bool, TooMuch> {
        let kind = element.kind;
        if kind.ends_paragraph() {
            self.close_within_cell(|open| open.name == "p");
        }
        match kind {
            Kind::Heading if self.open.last().is_some_and(|open| open.kind == Kind::Heading) => {
                self.mended_close_to(self.open.len() - 1);
            }
            Kind::Item => {
                let rivals: &[&str] = if element.name == "li" { &["li"] } else { &["dt", "dd"] };
                let elder = self.open.iter().rposition(|open| {
                    rivals.contains(&open.name)
                        || !open.kind.is_phrase() && !matches!(open.name, "div" | "p" | "address")
                });
                if let Some(at) = elder.filter(|at| rivals.contains(&self.open[*at].name)) {
                    self.mended_close_to(at);
                }
            }
            Kind::Ruby if self.open.last().is_some_and(|open| open.kind == Kind::Ruby) => {
                self.mended_close_to(self.open.len() - 1);
            }
            Kind::Link => {
                let floor = self.cell_floor();
                if let Some(at) = self.open[floor..].iter().position(|open| open.kind == Kind::Link) {
                    let at = floor + at;
                    self.was_mended = true;
                    if !self.open[at..].iter().all(|open| open.kind.is_phrase()) {
                        return Ok(false);
                    }
                    self.close_to(at);
                }
            }
            Kind::RowGroup | Kind::Row | Kind::Cell => return self.make_room_in_table(element),
            _ => {}
        }
        Ok(true)
    }

    /// Rows stand in groups and cells in rows; a part of a table outside of any is no element.
    fn make_room_in_table(&mut self, element: &'static Element) -> Result<bool, TooMuch> {
        let Some(table) = self.open.iter().rposition(|open| open.kind == Kind::Table) else {
            self.was_mended = true;
            return Ok(false);
        };
        let wanted = match element.kind {
            Kind::Row => Kind::RowGroup,
            Kind::Cell if element.name != "caption" => Kind::Row,
            _ => Kind::Table,
        };
        match self.open[table..].iter().rposition(|open| open.kind == wanted) {
            Some(at) => self.mended_close_to(table + at + 1),
            None => {
                self.was_mended = true;
                let Fate::Kept(parent) = fate(if wanted == Kind::Row { "tr" } else { "tbody" }) else {
                    return Ok(false);
                };
                self.make_room_in_table(parent)?;
                self.open(parent, None)?;
            }
        }
        Ok(true)
    }

    /// Content between the cells of a table gets a cell of its own.
    fn before_content(&mut self, kind: Kind) -> Result<(), TooMuch> {
        let is_part = matches!(kind, Kind::RowGroup | Kind::Row | Kind::Cell);
        if !is_part && self.open.last().is_some_and(|open| open.kind.is_grid()) {
            let Fate::Kept(cell) = fate("td") else { return Ok(()) };
            self.make_room_in_table(cell)?;
            self.open(cell, None)?;
        }
        Ok(())
    }

    fn open(&mut self, element: &'static Element, attributes: Option<&Attributes<'_>>) -> Result<(), TooMuch> {
        self.is_at_start_of_pre = element.name == "pre";
        self.out.push('<');
        self.out.push_str(element.name);
        for (name, value) in attributes.into_iter().flat_map(|attributes| &attributes.kept) {
            self.attribute(name, value);
        }
        if element.kind == Kind::Link {
            self.attribute("rel", LINK_REL);
        }
        self.out.push('>');
        if element.kind.is_void() {
            return Ok(());
        }
        self.was_mended |= element.kind == Kind::Ruby;
        self.open.push(element);
        self.formatting += usize::from(matches!(element.kind, Kind::Formatting | Kind::Link));
        if self.open.len() > DEPTH_MAX || self.formatting > FORMATTING_MAX { Err(TooMuch) } else { Ok(()) }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape_attribute(value, &mut self.out);
        self.out.push('"');
    }

    fn end(&mut self, tag: Tag<'_>) {
        let element = match fate(tag.name) {
            Fate::Kept(element) => element,
            Fate::Unwrapped | Fate::Removed => return,
        };
        if element.kind.is_void() {
            // `</br>` is a line break to every browser.
            self.was_mended = true;
            if element.name == "br" && !self.open.last().is_some_and(|open| open.kind.is_grid()) {
                self.is_at_start_of_pre = false;
                self.out.push_str("<br>");
            }
            return;
        }
        if self.open.last() == Some(&element) {
            self.close_to(self.open.len() - 1);
            return;
        }
        if let Some(at) = self.reach(element) {
            self.mended_close_to(at);
        }
    }

    /// The open element that an end tag of `element` closes, unless another stands guard: cells
    /// guard against all but parts of tables, lists against items, blocks against phrases.
    fn reach(&self, element: &Element) -> Option<usize> {
        let is_part = matches!(element.kind, Kind::Table | Kind::RowGroup | Kind::Row | Kind::Cell);
        for (at, open) in self.open.iter().enumerate().rev() {
            let is_it = *open == element || element.kind == Kind::Heading && open.kind == Kind::Heading;
            if is_it {
                return Some(at);
            }
            let is_guarded = match open.kind {
                Kind::Table => true,
                Kind::Cell => !is_part,
                Kind::List => matches!(element.kind, Kind::Item) || element.kind.is_phrase() || element.name == "p",
                Kind::Item => element.kind.is_phrase() || element.name == "p",
                Kind::Block => element.kind.is_phrase() && !matches!(open.name, "p" | "div"),
                _ => false,
            };
            if is_guarded {
                return None;
            }
        }
        None
    }

    /// Closes the innermost element of the cell that `is_it`, with all that is in it.
    fn close_within_cell(&mut self, is_it: impl Fn(&Element) -> bool) {
        let floor = self.cell_floor();
        if let Some(at) = self.open[floor..].iter().rposition(|open| is_it(open)) {
            self.mended_close_to(floor + at);
        }
    }

    /// The first open element that belongs to the innermost open cell.
    fn cell_floor(&self) -> usize {
        self.open.iter().rposition(|open| open.kind == Kind::Cell).map_or(0, |at| at + 1)
    }

    /// Closes what no end tag has closed.
    fn mended_close_to(&mut self, depth: usize) {
        self.was_mended |= self.open.len() > depth;
        self.close_to(depth);
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(element) = self.open.pop() else { return };
            self.is_at_start_of_pre = false;
            self.formatting -= usize::from(matches!(element.kind, Kind::Formatting | Kind::Link));
            self.out.push_str("</");
            self.out.push_str(element.name);
            self.out.push('>');
        }
    }
}

/// Foreign elements can be closed by their own start tag, as in XML.
fn is_foreign(name: &str) -> bool {
    name.eq_ignore_ascii_case("svg") || name.eq_ignore_ascii_case("math")
}

impl Tag<'_> {
    fn is_self_closing(&self) -> bool {
        self.attributes.ends_with('/')
    }
}

/// The attributes of one tag that are kept, in the publisher's order.
struct Attributes<'a> {
    kept: Vec<(&'static str, Cow<'a, str>)>,
}

impl<'a> Attributes<'a> {
    fn of(element: &Element, tag: Tag<'a>, base: Option<&Url>) -> Result<Self, TooMuch> {
        let mut kept: Vec<(&'static str, Cow<'a, str>)> = Vec::new();
        if tag.attributes.is_empty() {
            return Ok(Self { kept });
        }
        let mut seen: Vec<&'static str> = Vec::new();
        for (count, (written, text)) in tag.attributes().enumerate() {
            if count >= ATTRIBUTES_MAX {
                return Err(TooMuch);
            }
            let Some(name) = known_name(element, written).filter(|name| !seen.contains(name)) else { continue };
            seen.push(name);
            if let Some(value) = value(element, name, text, base) {
                kept.push((name, value));
            }
        }
        Ok(Self { kept })
    }

    fn has(&self, name: &str) -> bool {
        self.kept.iter().any(|(known, _)| *known == name)
    }

    /// Whether the attribute is there and says something.
    fn has_words(&self, name: &str) -> bool {
        self.kept.iter().any(|(known, value)| *known == name && !value.trim().is_empty())
    }
}

/// Appends `text` as HTML text: `&`, `<` and `>` escaped, the no-break space spelled out as HTML's
/// serializer does, without what XML cannot carry or what turns the direction of reading round.
pub(super) fn escape(text: &str, out: &mut String) {
    escape_with(text, out, false);
}

fn escape_attribute(text: &str, out: &mut String) {
    escape_with(text, out, true);
}

fn escape_with(text: &str, out: &mut String, is_attribute: bool) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if !SPECIAL[byte as usize] || byte == b'"' && !is_attribute {
            at += 1;
            continue;
        }
        // A special byte is ASCII or the first of its character: a character boundary.
        let Some(character) = text[at..].chars().next() else { break };
        let length = character.len_utf8();
        let replacement = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\u{A0}' => "&nbsp;",
            // Half of a line end, or one by itself.
            '\r' if bytes.get(at + 1) == Some(&b'\n') => "",
            '\u{FEFF}' | '\u{202D}' | '\u{202E}' => "",
            _ => match mend(character) {
                Some(mended) if mended == character => {
                    at += length;
                    continue;
                }
                mended => {
                    out.push_str(&text[copied..at]);
                    out.extend(mended);
                    at += length;
                    copied = at;
                    continue;
                }
            },
        };
        out.push_str(&text[copied..at]);
        out.push_str(replacement);
        at += length;
        copied = at;
    }
    out.push_str(&text[copied..]);
}

/// The bytes that may begin a character which is not written as it is: the escaped ones, controls,
/// and the first bytes of U+0080-U+00BF, U+202D and U+202E, U+FEFF and the two non-characters.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        special[byte] = byte != b'\t' as usize && byte != b'\n' as usize;
        byte += 1;
    }
    special[b'&' as usize] = true;
    special[b'<' as usize] = true;
    special[b'>' as usize] = true;
    special[b'"' as usize] = true;
    special[0x7F] = true;
    special[0xC2] = true;
    special[0xE2] = true;
    special[0xEF] = true;
    special
};

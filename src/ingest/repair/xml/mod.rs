//! Walks the tokens of an XML feed of any dialect and gathers what its elements mean. A missing end
//! tag closes with its parent, a stray one is ignored, and markup inside of a text is part of it.

mod capture;
mod open;
mod refusal;
mod scope;
#[cfg(test)]
mod tests;

use super::Tally;
use super::canonical::{Canonical, Writer};
use super::parts::{AddressPart, Form, Parts, PersonPart, TextPart, append, offer_address};
use super::references::Entities;
use super::tokens::{Attributes, Token, Tokens};
use super::vocabulary::{self, Meaning, Namespace, Role, TextField};
use capture::{Capture, escape};
use refusal::no_feed;
use std::borrow::Cow;
use url::Url;

/// Deeper nesting is markup gone wrong; elements below it are read as if they were not there.
const DEPTH_MAX: usize = 256;

/// How many open elements an end tag is compared with, so that a million of them take linear time.
const END_REACH: usize = 48;

/// Elements of HTML that never have an end tag.
const VOID_ELEMENTS: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Reads an XML feed, which came from `url`, or says in a sentence why it is none.
pub(super) fn read(text: &str, url: Option<&Url>, tally: &Tally) -> Result<Canonical, String> {
    let mut reader = Reader::new(url, tally);
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next(tally) {
        match token {
            Token::Start { name, attributes, is_empty } => reader.start(name, attributes, is_empty),
            Token::End { name } => reader.end(name),
            Token::Text(text) => reader.text(text),
            Token::Literal(text) => reader.literal(text),
            Token::Doctype(inside) => reader.entities.declare(inside, tally),
        }
    }
    reader.finish(text)
}

/// What an open element is to the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Children count as the parent's.
    Open,
    /// Nothing inside says anything, but for entries.
    Mute,
    Entry,
    Source,
    Image,
    Person(Role),
    /// The text is captured.
    Capture,
    /// Markup inside of a captured text; written out, or left out of it.
    Markup {
        is_written: bool,
    },
}

/// An element whose end has not come.
struct Open<'a> {
    name: &'a str,
    place: Place,
    /// What was in force outside.
    base: u32,
    bindings: usize,
}

/// The state of the walk.
struct Reader<'a, 't> {
    tally: &'t Tally,
    entities: Entities<'a>,
    stack: Vec<Open<'a>>,
    bindings: Vec<(&'a str, Namespace)>,
    base: u32,
    capture: Option<Capture<'a>>,
    format: Option<String>,
    /// RDF is more than RSS: a channel, an item or RSS's namespace makes it a feed.
    is_feed: bool,
    first_element: &'a str,
    feed: Parts<'a>,
    /// How much of the stack was there when each was opened.
    entry_at: Option<usize>,
    source_at: Option<usize>,
    mute_at: Option<usize>,
    /// `mute_at` outside of the entry.
    mute_around: Option<usize>,
    entry: Parts<'a>,
    source: Parts<'a>,
    person: PersonPart<'a>,
    image: Cow<'a, str>,
    last_entry_had_id: bool,
    last_entry_had_date: bool,
    writer: Writer,
}

impl<'a, 't> Reader<'a, 't> {
    fn new(url: Option<&Url>, tally: &'t Tally) -> Self {
        Self {
            tally,
            entities: Entities::default(),
            stack: Vec::new(),
            bindings: Vec::new(),
            base: 0,
            capture: None,
            format: None,
            is_feed: false,
            first_element: "",
            feed: Parts::default(),
            entry_at: None,
            source_at: None,
            mute_at: None,
            mute_around: None,
            entry: Parts::default(),
            source: Parts::default(),
            person: PersonPart::default(),
            image: Cow::Borrowed(""),
            last_entry_had_id: false,
            last_entry_had_date: false,
            writer: Writer::new(url),
        }
    }

    fn start(&mut self, name: &'a str, attributes: Attributes<'a>, is_empty: bool) {
        if self.capture.is_some() {
            if !self.ends_capture(name) {
                return self.markup(name, attributes, is_empty);
            }
            self.close_unfinished_text();
        }
        if self.stack.len() >= DEPTH_MAX {
            return self.tally.add("element too deep", 1);
        }
        let (base, bindings) = (self.base, self.bindings.len());
        let language = self.scope(attributes);
        let local = name.rsplit(':').next().unwrap_or(name);
        let namespace = self.namespace(name);
        if self.is_undeclared(name, namespace) {
            self.tally.add("undeclared prefix", 1);
        }
        let (meaning, rank) = vocabulary::meaning(namespace, local);
        if self.format.is_none() && !self.is_root(name, meaning) {
            return;
        }
        if self.format.is_none() {
            if self.first_element != name {
                self.tally.add("text before the feed", 1);
            }
            self.format = Some(self.format_of(local, namespace, attributes));
            self.is_feed = !local.eq_ignore_ascii_case("rdf") || self.has_feed_namespace();
        } else if matches!(meaning, Meaning::Feed | Meaning::Entry) {
            self.is_feed = true;
        }
        if meaning == Meaning::Entry && self.entry_at.is_some() {
            self.close_entry();
        }
        let place = self.open(meaning, rank, namespace, attributes, language);
        let at = self.stack.len();
        self.stack.push(Open { name, place, base, bindings });
        let is_html = place == Place::Mute && is_void(name) && meaning == Meaning::Unknown;
        if is_empty || is_html {
            self.close_to(at);
        }
    }

    fn text(&mut self, raw: &'a str) {
        if let Some(capture) = &mut self.capture {
            if capture.is_inline && !raw.contains('&') {
                return append(&mut capture.text, Cow::Borrowed(raw), self.tally);
            }
            let text = self.entities.decode(raw, self.tally);
            let text = if capture.is_inline { Cow::Owned(escape(&text)) } else { text };
            return append(&mut capture.text, text, self.tally);
        }
        let is_wanted = matches!(self.parent(), Place::Person(_) | Place::Image | Place::Source);
        if is_wanted {
            let text = self.entities.decode(raw, self.tally);
            self.append_around(text);
        }
    }

    fn literal(&mut self, raw: &'a str) {
        if let Some(capture) = &mut self.capture {
            let text = if capture.is_inline { Cow::Owned(escape(raw)) } else { Cow::Borrowed(raw) };
            return append(&mut capture.text, text, self.tally);
        }
        self.append_around(Cow::Borrowed(raw));
    }

    /// Takes a text that stands directly in an author, a source or an image.
    fn append_around(&mut self, text: Cow<'a, str>) {
        match self.parent() {
            Place::Person(_) => append(&mut self.person.text, text, self.tally),
            Place::Image if self.image.trim().is_empty() => self.image = text,
            Place::Source if !text.trim().is_empty() => {
                let base = self.base;
                let empty = || TextPart { rank: 9, form: Form::Unsure, text: Cow::Borrowed(""), base };
                append(&mut self.source.title.get_or_insert_with(empty).text, text, self.tally);
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        let reach = self.stack.len().saturating_sub(END_REACH);
        let mut near = (reach..self.stack.len()).rev();
        let is_same = |at: &usize| self.stack[*at].name.eq_ignore_ascii_case(name);
        let far = [self.capture.as_ref().map(|capture| capture.at), self.entry_at, Some(1), Some(0)];
        let far = far.into_iter().flatten().filter(|at| *at < reach);
        match near.find(is_same).or_else(|| far.into_iter().find(is_same)) {
            Some(at) => {
                if at + 1 < self.stack.len() {
                    self.tally.add("unclosed element", self.stack.len() - at - 1);
                }
                self.close_to(at);
            }
            None if self.format.is_some() && !is_void(name) => self.tally.add("stray end tag", 1),
            None => {}
        }
    }

    /// Closes open elements until `length` are left.
    fn close_to(&mut self, length: usize) {
        while self.stack.len() > length {
            let Some(open) = self.stack.pop() else { return };
            match open.place {
                Place::Markup { is_written: true } => {
                    if let Some(capture) = &mut self.capture {
                        let local = open.name.rsplit(':').next().unwrap_or(open.name);
                        for piece in ["</", local, ">"] {
                            append(&mut capture.text, Cow::Borrowed(piece), self.tally);
                        }
                    }
                }
                Place::Capture => self.finish_capture(),
                Place::Entry => self.finish_entry(),
                Place::Source => self.finish_source(),
                Place::Image => {
                    let (text, base) = (std::mem::take(&mut self.image), self.base);
                    if !text.trim().is_empty() {
                        offer_address(&mut self.parts().picture, AddressPart { rank: 3, text, base });
                    }
                }
                Place::Person(role) => {
                    let person = std::mem::take(&mut self.person);
                    self.parts().add_person(role, person);
                }
                Place::Open | Place::Mute | Place::Markup { is_written: false } => {}
            }
            if self.mute_at.is_some_and(|at| at >= self.stack.len()) {
                self.mute_at = None;
            }
            self.base = open.base;
            self.bindings.truncate(open.bindings);
        }
    }

    fn close_entry(&mut self) {
        if let Some(at) = self.entry_at {
            self.tally.add("unclosed element", self.stack.len() - at);
            self.close_to(at);
        }
    }

    fn finish_entry(&mut self) {
        self.entry_at = None;
        self.source_at = None;
        self.mute_at = self.mute_around.take();
        let entry = std::mem::take(&mut self.entry);
        self.last_entry_had_id = entry.id.is_some();
        self.last_entry_had_date = entry.has_date();
        self.writer.entry(entry, self.tally);
    }

    fn finish_source(&mut self) {
        self.source_at = None;
        let source = std::mem::take(&mut self.source);
        if source.title.is_some() || source.id.is_some() || !source.links.is_empty() {
            self.entry.source = Some(Box::new(source));
        }
    }

    /// Where what is said belongs: the source, the entry or the feed.
    fn parts(&mut self) -> &mut Parts<'a> {
        if self.source_at.is_some() {
            &mut self.source
        } else if self.entry_at.is_some() {
            &mut self.entry
        } else {
            &mut self.feed
        }
    }

    fn parent(&self) -> Place {
        self.stack.last().map_or(Place::Open, |open| open.place)
    }

    fn mute(&mut self) -> Place {
        self.mute_at.get_or_insert(self.stack.len());
        Place::Mute
    }

    /// Inside of an element that says nothing, and not in an entry inside of it.
    fn is_mute(&self) -> bool {
        self.mute_at.is_some()
    }

    fn finish(mut self, text: &str) -> Result<Canonical, String> {
        if !self.stack.is_empty() {
            self.tally.add("truncated document", 1);
            let is_running_text =
                |meaning: Meaning| matches!(meaning, Meaning::Text(TextField::Description | TextField::Content));
            if let Some(capture) = self.capture.take_if(|capture| !is_running_text(capture.meaning)) {
                // Half an address leads elsewhere, half a date is another day.
                self.stack.truncate(capture.at);
            }
            if self.entry_at.is_some() && !self.is_identified() {
                self.tally.add("entry without its end", 1);
                self.entry_at = None;
                self.source_at = None;
                self.capture = None;
                let entry = self.stack.iter().position(|open| open.place == Place::Entry);
                self.stack.truncate(entry.unwrap_or(0));
            }
            self.close_to(0);
        }
        let Some(format) = self.format.take() else { return Err(no_feed(text, self.first_element)) };
        if !self.is_feed {
            return Err(no_feed(text, self.first_element));
        }
        Ok(self.writer.finish(self.feed, format, self.tally))
    }

    /// Whether the entry that was cut off can be kept: without its guid it would come back as
    /// another, and without its date it would stand at the moment of this poll for ever.
    fn is_identified(&self) -> bool {
        let has_key = self.entry.id.is_some() || !self.last_entry_had_id && !self.entry.links.is_empty();
        has_key && (self.entry.has_date() || !self.last_entry_had_date)
    }
}

fn is_void(name: &str) -> bool {
    VOID_ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

//! Walks the tokens of an XML feed of any dialect and gathers what its elements mean. A missing end
//! tag closes with its parent, a stray one is ignored, and markup inside of a text is part of it.

use super::base64;
use super::canonical::{Canonical, Writer};
use super::parts::{
    AddressPart, CategoryPart, Form, GeneratorPart, LinkPart, Parts, PersonPart, TextPart, append, offer_address,
    offer_text,
};
use super::references::Entities;
use super::tokens::{Attributes, Token, Tokens};
use super::vocabulary::{self, DateField, Meaning, Namespace, Role, TextField};
use super::{Tally, within};
use std::borrow::Cow;
use url::Url;

/// Deeper nesting is markup gone wrong; elements below it are read as if they were not there.
const DEPTH_MAX: usize = 256;

/// Longer than any address or label that an attribute holds.
const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;

/// How many open elements an end tag is compared with, so that a million of them take linear time.
const END_REACH: usize = 48;

/// Namespace declarations in force at once. Real feeds have up to 30.
const BINDINGS_MAX: usize = 64;

/// Elements of HTML that never have an end tag.
const VOID_ELEMENTS: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements that only an HTML page begins with.
const PAGE_ELEMENTS: [&str; 10] = ["html", "head", "body", "meta", "title", "script", "div", "p", "style", "center"];

pub(super) fn read(text: &str, url: Option<&Url>, tally: &mut Tally) -> Result<Canonical, String> {
    let mut reader = Reader::new(text, url);
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next(tally) {
        match token {
            Token::Start { name, attributes, is_empty } => reader.start(name, attributes, is_empty, tally),
            Token::End { name } => reader.end(name, tally),
            Token::Text(text) => reader.text(text, tally),
            Token::Literal(text) => reader.literal(text, tally),
            Token::Doctype(inside) => reader.entities.declare(inside, tally),
        }
    }
    reader.finish(text, tally)
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

/// A text that is being read.
struct Capture<'a> {
    meaning: Meaning,
    rank: u8,
    namespace: Namespace,
    at: usize,
    attributes: Attributes<'a>,
    text: Cow<'a, str>,
    form: Form,
    /// The markup is XML: characters mean themselves and are escaped.
    is_inline: bool,
    is_base64: bool,
}

struct Reader<'a> {
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
    entry: Parts<'a>,
    source: Parts<'a>,
    person: PersonPart<'a>,
    image: Cow<'a, str>,
    last_entry_had_id: bool,
    writer: Writer,
}

impl<'a> Reader<'a> {
    fn new(text: &str, url: Option<&Url>) -> Self {
        Self {
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
            entry: Parts::default(),
            source: Parts::default(),
            person: PersonPart::default(),
            image: Cow::Borrowed(""),
            last_entry_had_id: false,
            writer: Writer::new(url, text.len()),
        }
    }

    fn start(&mut self, name: &'a str, attributes: Attributes<'a>, is_empty: bool, tally: &mut Tally) {
        if self.capture.is_some() {
            if !self.ends_capture(name) {
                return self.markup(name, attributes, is_empty, tally);
            }
            self.close_unfinished_text(name, tally);
        }
        if self.stack.len() >= DEPTH_MAX {
            return tally.add("element too deep", 1);
        }
        let (base, bindings) = (self.base, self.bindings.len());
        let language = self.scope(attributes, tally);
        let local = name.rsplit(':').next().unwrap_or(name);
        let namespace = self.namespace(name);
        let (meaning, rank) = vocabulary::meaning(namespace, local);
        if self.format.is_none() {
            if self.first_element.is_empty() {
                self.first_element = name;
            }
            let is_page = PAGE_ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(self.first_element));
            let is_root = match meaning {
                Meaning::Feed => !is_page || !local.eq_ignore_ascii_case("channel"),
                Meaning::Entry => !is_page,
                _ => false,
            };
            if !is_root {
                return;
            }
            self.format = Some(self.format_of(local, namespace, attributes));
            let is_rss = |(prefix, bound): &(&str, Namespace)| *bound != Namespace::Other && prefix.is_empty();
            self.is_feed = !local.eq_ignore_ascii_case("rdf") || self.bindings.iter().any(is_rss);
        } else if matches!(meaning, Meaning::Feed | Meaning::Entry) {
            self.is_feed = true;
        }
        if meaning == Meaning::Entry && self.entry_at.is_some() {
            self.close_entry(tally);
        }
        let place = self.open(meaning, rank, namespace, attributes, language, tally);
        let at = self.stack.len();
        self.stack.push(Open { name, place, base, bindings });
        if is_empty || place == Place::Mute && is_void(name) {
            self.close_to(at, tally);
        }
    }

    /// Takes the namespaces, the base and the language that an element declares.
    fn scope(&mut self, attributes: Attributes<'a>, tally: &mut Tally) -> Option<Cow<'a, str>> {
        let mut language = None;
        for (name, value) in attributes {
            if let Some(prefix) = name.strip_prefix("xmlns") {
                let prefix = prefix.strip_prefix(':').unwrap_or(prefix);
                let of_address = vocabulary::of_address(value);
                // An unknown default namespace on a feed is a whim; on a prefix it is a module.
                let namespace = of_address.unwrap_or(match prefix {
                    "" if self.entry_at.is_none() || value.is_empty() => Namespace::Core,
                    _ => Namespace::Other,
                });
                if self.bindings.len() < BINDINGS_MAX {
                    self.bindings.push((prefix, namespace));
                }
            } else if name == "xml:base" || name == "base" {
                let value = self.entities.decode(value, tally);
                self.base = self.writer.bases.resolve(self.base, &value);
            } else if name == "xml:lang" || name == "lang" {
                language = Some(self.entities.decode(value, tally));
            }
        }
        language
    }

    fn namespace(&self, name: &str) -> Namespace {
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        match bound {
            Some((_, namespace)) => *namespace,
            None if prefix.is_empty() => Namespace::Core,
            None => vocabulary::of_prefix(prefix),
        }
    }

    fn format_of(&self, local: &str, namespace: Namespace, attributes: Attributes<'a>) -> String {
        let version = attributes.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("version"));
        let version = version.map_or("", |(_, version)| version.trim());
        let is_sane = version.len() <= 8 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let version = if is_sane { version } else { "" };
        let is_bound = |wanted| self.bindings.iter().any(|(_, namespace)| *namespace == wanted);
        match local.to_ascii_lowercase().as_str() {
            "rss" => format!("rss {version}").trim_end().to_owned(),
            "rdf" if is_bound(Namespace::Netscape) => "rss 0.90".to_owned(),
            "rdf" => "rss 1.0".to_owned(),
            "channel" if namespace == Namespace::Rss11 => "rss 1.1".to_owned(),
            "channel" => "cdf".to_owned(),
            _ if version.starts_with("0.") => format!("atom {version}"),
            _ if namespace == Namespace::OldAtom => "atom 0.3".to_owned(),
            _ => "atom 1.0".to_owned(),
        }
    }

    /// Acts on the start of an element and says what it is to its children.
    fn open(
        &mut self,
        meaning: Meaning,
        rank: u8,
        namespace: Namespace,
        attributes: Attributes<'a>,
        language: Option<Cow<'a, str>>,
        tally: &mut Tally,
    ) -> Place {
        if meaning == Meaning::Entry && self.writer.is_full() {
            tally.add("entry beyond the first 2000", 1);
            return self.mute();
        }
        if meaning == Meaning::Entry {
            self.open_entry(attributes, language, tally);
            return Place::Entry;
        }
        if self.is_mute() {
            return Place::Mute;
        }
        if let Some(language) = language {
            self.take_language(meaning, language);
        }
        match (self.parent(), meaning) {
            (Place::Image, Meaning::Uri) => self.begin(meaning, rank, namespace, attributes),
            (Place::Person(_), Meaning::Name | Meaning::Email | Meaning::Uri) => {
                self.begin(meaning, rank, namespace, attributes)
            }
            (Place::Image | Place::Person(_), _) => self.mute(),
            (_, Meaning::Feed) if self.entry_at.is_none() => {
                self.open_feed(attributes, tally);
                Place::Open
            }
            (_, Meaning::Wrapper) => Place::Open,
            (_, Meaning::MediaContent) => {
                self.media_content(attributes, tally);
                Place::Open
            }
            (_, Meaning::Source) if self.entry_at.is_some() && self.source_at.is_none() => {
                self.source = Parts::default();
                self.source_at = Some(self.stack.len());
                if let Some(href) = self.address_of(attributes, tally) {
                    self.source.add_link(LinkPart { href, base: self.base, ..LinkPart::default() });
                }
                Place::Source
            }
            (_, Meaning::Image) => {
                self.image = self.address_of(attributes, tally).unwrap_or_default();
                Place::Image
            }
            (_, Meaning::Person(role)) => {
                self.person = PersonPart { rank, base: self.base, ..PersonPart::default() };
                Place::Person(role)
            }
            (_, Meaning::Link) => {
                let Some(href) = self.address_of(attributes, tally) else {
                    return self.begin(meaning, rank, namespace, attributes);
                };
                let link = self.link(href, attributes, tally);
                self.parts().add_link(link);
                self.mute()
            }
            (_, Meaning::Enclosure) => {
                if let Some(href) = self.address_of(attributes, tally) {
                    let link = self.link(href, attributes, tally);
                    self.parts().add_link(LinkPart { rel: Cow::Borrowed("enclosure"), ..link });
                }
                self.mute()
            }
            (_, Meaning::ImageLink | Meaning::Thumbnail) => match self.address_of(attributes, tally) {
                Some(text) => {
                    let address = AddressPart { rank, text, base: self.base };
                    offer_address(&mut self.parts().picture, address);
                    self.mute()
                }
                None => self.begin(meaning, rank, namespace, attributes),
            },
            (_, Meaning::GeneratorAgent) => {
                let name = self.attribute(attributes, "resource", tally);
                let is_welcome = self.feed.generator.is_none();
                if let Some(name) = name.filter(|_| is_welcome) {
                    let (uri, base) = (name.clone(), self.base);
                    self.feed.generator = Some(GeneratorPart { name, uri, base, version: Cow::Borrowed("") });
                }
                self.mute()
            }
            (_, Meaning::Category) => {
                self.category(namespace, attributes, tally);
                self.begin(meaning, rank, namespace, attributes)
            }
            (_, Meaning::Text(field)) => self.begin_text(field, rank, namespace, attributes, tally),
            (_, Meaning::TextInput | Meaning::Unknown | Meaning::Name | Meaning::Email | Meaning::Uri) => self.mute(),
            (_, Meaning::Feed | Meaning::Entry | Meaning::Source) => self.mute(),
            _ => self.begin(meaning, rank, namespace, attributes),
        }
    }

    fn open_feed(&mut self, attributes: Attributes<'a>, tally: &mut Tally) {
        if let Some(id) = self.attribute(attributes, "about", tally) {
            self.feed.offer_id(1, id);
        }
        self.take_cdf(attributes, tally);
    }

    fn open_entry(&mut self, attributes: Attributes<'a>, language: Option<Cow<'a, str>>, tally: &mut Tally) {
        self.entry = Parts::default();
        self.entry_at = Some(self.stack.len());
        self.source_at = None;
        if let Some(id) = self.attribute(attributes, "about", tally) {
            self.entry.offer_id(1, id);
        }
        if let Some(language) = language {
            self.entry.offer_language(0, language);
        }
        self.take_cdf(attributes, tally);
    }

    /// CDF has the date and the address as attributes.
    fn take_cdf(&mut self, attributes: Attributes<'a>, tally: &mut Tally) {
        if let Some(date) = self.attribute(attributes, "lastmod", tally) {
            self.parts().offer_date(DateField::Updated, 1, date);
        }
        if let Some(href) = self.attribute(attributes, "href", tally) {
            let base = self.base;
            self.parts().add_link(LinkPart { href, base, ..LinkPart::default() });
        }
    }

    fn take_language(&mut self, meaning: Meaning, language: Cow<'a, str>) {
        match meaning {
            Meaning::Feed if self.entry_at.is_none() => self.feed.offer_language(1, language),
            Meaning::Text(TextField::Content) => self.parts().offer_language(2, language),
            Meaning::Text(_) if self.entry_at.is_some() => self.parts().offer_language(3, language),
            _ => {}
        }
    }

    /// The address that RSS has in `url`, Atom in `href`, and somebody in `uri`.
    fn address_of(&mut self, attributes: Attributes<'a>, tally: &mut Tally) -> Option<Cow<'a, str>> {
        ["href", "url", "uri", "resource"].iter().find_map(|name| self.attribute(attributes, name, tally))
    }

    /// The value of an attribute, whatever its prefix, if it says anything.
    fn attribute(&self, attributes: Attributes<'a>, wanted: &str, tally: &mut Tally) -> Option<Cow<'a, str>> {
        let is_wanted = |name: &str| {
            let local = name.rsplit(':').next().unwrap_or(name);
            local.eq_ignore_ascii_case(wanted) && !name.starts_with("xmlns")
        };
        let (_, value) = attributes.into_iter().find(|(name, _)| is_wanted(name))?;
        let value = self.entities.decode(within(value, ATTRIBUTE_BYTES_MAX), tally);
        (!value.trim().is_empty()).then_some(value)
    }

    fn link(&self, href: Cow<'a, str>, attributes: Attributes<'a>, tally: &mut Tally) -> LinkPart<'a> {
        let mut value = |name| self.attribute(attributes, name, tally).unwrap_or_default();
        LinkPart {
            href,
            base: self.base,
            rel: value("rel"),
            media_type: value("type"),
            title: value("title"),
            hreflang: value("hreflang"),
            length: value("length"),
        }
    }

    /// Sound and film are attached; a picture is what lists show.
    fn media_content(&mut self, attributes: Attributes<'a>, tally: &mut Tally) {
        let Some(href) = self.attribute(attributes, "url", tally) else { return };
        let mut value = |name| self.attribute(attributes, name, tally).unwrap_or_default();
        let (medium, media_type, length) = (value("medium"), value("type"), value("fileSize"));
        let base = self.base;
        if medium == "image" || media_type.starts_with("image/") {
            return offer_address(&mut self.parts().picture, AddressPart { rank: 2, text: href, base });
        }
        let is_media = matches!(&*medium, "audio" | "video")
            || media_type.starts_with("audio/")
            || media_type.starts_with("video/");
        let is_known = self.parts().links.iter().any(|link| link.href == href);
        if is_media && !is_known {
            let rel = Cow::Borrowed("enclosure");
            self.parts().add_link(LinkPart { href, base, rel, media_type, length, ..LinkPart::default() });
        }
    }

    /// The part of a category that is in attributes; its text follows.
    fn category(&mut self, namespace: Namespace, attributes: Attributes<'a>, tally: &mut Tally) {
        let mut value = |name| self.attribute(attributes, name, tally);
        let scheme = value("scheme").or_else(|| value("domain"));
        let scheme = scheme.unwrap_or(Cow::Borrowed(default_scheme(namespace)));
        let term = value("term").or_else(|| value("text")).unwrap_or_default();
        let label = value("label").unwrap_or_default();
        if namespace == Namespace::Media && term.is_empty() {
            return; // The text is the term, and comes with the label.
        }
        self.parts().add_category(CategoryPart { term, scheme, label });
    }

    fn begin(&mut self, meaning: Meaning, rank: u8, namespace: Namespace, attributes: Attributes<'a>) -> Place {
        self.capture = Some(Capture {
            meaning,
            rank,
            namespace,
            at: self.stack.len(),
            attributes,
            text: Cow::Borrowed(""),
            form: Form::Plain,
            is_inline: false,
            is_base64: false,
        });
        Place::Capture
    }

    /// Begins a text that may hold markup, in the way that `type` and `mode` say.
    fn begin_text(
        &mut self,
        field: TextField,
        rank: u8,
        namespace: Namespace,
        attributes: Attributes<'a>,
        tally: &mut Tally,
    ) -> Place {
        let is_atom = self.format.as_deref().is_some_and(|format| format.starts_with("atom"));
        let default = match (field, rank) {
            (TextField::Content, 1) if namespace == Namespace::Xhtml => Form::Html,
            (TextField::Content, _) if namespace == Namespace::Content || rank == 1 => Form::Html,
            (TextField::Description, 1 | 2 | 3 | 5) => Form::Html,
            _ if is_atom => Form::Plain,
            _ => Form::Unsure,
        };
        let media_type = self.attribute(attributes, "type", tally).unwrap_or_default().trim().to_ascii_lowercase();
        let mode = self.attribute(attributes, "mode", tally).unwrap_or_default();
        let is_xml = media_type == "xhtml" || media_type.ends_with("/xml") || media_type.ends_with("+xml");
        let form = match media_type.as_str() {
            "" if mode == "base64" && field == TextField::Description => Form::Unsure,
            "" => default,
            "html" | "text/html" => Form::Html,
            "text" | "plain" | "text/plain" if !is_atom => Form::Unsure,
            "text" | "plain" => Form::Plain,
            _ if is_xml => Form::Html,
            _ if media_type.starts_with("text/") => Form::Plain,
            _ => Form::Unsure,
        };
        let is_text = media_type.starts_with("text/") || matches!(&*media_type, "" | "text" | "plain" | "html");
        let is_inline = is_xml && mode != "escaped" || namespace == Namespace::Xhtml;
        self.begin(Meaning::Text(field), rank, namespace, attributes);
        if let Some(capture) = &mut self.capture {
            capture.form = form;
            capture.is_inline = is_inline;
            capture.is_base64 = mode == "base64" || !is_text && !is_xml && media_type.contains('/');
        }
        Place::Capture
    }

    /// Whether a start tag shows that the text being read has lost its end tag.
    fn ends_capture(&self, name: &str) -> bool {
        let Some(capture) = &self.capture else { return false };
        let (meaning, _) = vocabulary::meaning(self.namespace(name), name.rsplit(':').next().unwrap_or(name));
        if meaning == Meaning::Entry {
            return true;
        }
        let is_content = matches!(capture.meaning, Meaning::Text(TextField::Content));
        match capture.meaning {
            Meaning::Text(_) => {
                // None of these is an element of HTML.
                let lower = name.to_ascii_lowercase();
                !is_content && !capture.is_inline && matches!(&*lower, "pubdate" | "guid" | "description" | "channel")
            }
            _ => !matches!(meaning, Meaning::Unknown | Meaning::Wrapper),
        }
    }

    fn close_unfinished_text(&mut self, name: &str, tally: &mut Tally) {
        let is_nested_category = matches!(&self.capture, Some(capture) if capture.meaning == Meaning::Category)
            && name.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case("category"));
        if let Some(at) = self.capture.as_ref().map(|capture| capture.at) {
            if !is_nested_category {
                tally.add("unclosed element", 1);
            }
            self.close_to(at, tally);
        }
    }

    /// Markup inside of a text.
    fn markup(&mut self, name: &'a str, attributes: Attributes<'a>, is_empty: bool, tally: &mut Tally) {
        let depth = self.stack.len();
        let Some(capture) = &mut self.capture else { return };
        let local = name.rsplit(':').next().unwrap_or(name);
        let is_div = local.eq_ignore_ascii_case("div");
        let is_first = depth == capture.at + 1 && capture.text.trim().is_empty();
        let is_wrapper = is_div && (capture.is_inline && is_first || !capture.is_inline && capture.form == Form::Html);
        let is_text = matches!(capture.meaning, Meaning::Text(_));
        let is_written = is_text && !is_wrapper && depth < DEPTH_MAX;
        if is_written {
            if !capture.is_inline {
                if capture.form != Form::Html {
                    capture.text = Cow::Owned(escape(&capture.text));
                    capture.form = Form::Html;
                }
                capture.is_inline = true;
                tally.add("unescaped markup", 1);
            }
            for piece in ["<", local, attributes.raw().trim_end(), ">"] {
                append(&mut capture.text, Cow::Borrowed(piece), tally);
            }
        }
        let is_void = is_void(local);
        if is_empty && is_written && !is_void {
            for piece in ["</", local, ">"] {
                append(&mut capture.text, Cow::Borrowed(piece), tally);
            }
        }
        if !is_empty && !is_void && depth < DEPTH_MAX {
            let place = Place::Markup { is_written };
            self.stack.push(Open { name, place, base: self.base, bindings: self.bindings.len() });
        }
    }

    fn text(&mut self, raw: &'a str, tally: &mut Tally) {
        if let Some(capture) = &mut self.capture {
            if capture.is_inline && !raw.contains('&') {
                return append(&mut capture.text, Cow::Borrowed(raw), tally);
            }
            let text = self.entities.decode(raw, tally);
            let text = if capture.is_inline { Cow::Owned(escape(&text)) } else { text };
            return append(&mut capture.text, text, tally);
        }
        let is_wanted = matches!(self.parent(), Place::Person(_) | Place::Image | Place::Source);
        if is_wanted {
            let text = self.entities.decode(raw, tally);
            self.append_around(text, tally);
        }
    }

    fn literal(&mut self, raw: &'a str, tally: &mut Tally) {
        if let Some(capture) = &mut self.capture {
            let text = if capture.is_inline { Cow::Owned(escape(raw)) } else { Cow::Borrowed(raw) };
            return append(&mut capture.text, text, tally);
        }
        self.append_around(Cow::Borrowed(raw), tally);
    }

    /// Takes a text that stands directly in an author, a source or an image.
    fn append_around(&mut self, text: Cow<'a, str>, tally: &mut Tally) {
        match self.parent() {
            Place::Person(_) => append(&mut self.person.text, text, tally),
            Place::Image => append(&mut self.image, text, tally),
            Place::Source if !text.trim().is_empty() => {
                let base = self.base;
                let empty = || TextPart { rank: 9, form: Form::Unsure, text: Cow::Borrowed(""), base };
                append(&mut self.source.title.get_or_insert_with(empty).text, text, tally);
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, tally: &mut Tally) {
        let reach = self.stack.len().saturating_sub(END_REACH);
        let mut near = (reach..self.stack.len()).rev();
        let is_same = |at: &usize| self.stack[*at].name.eq_ignore_ascii_case(name);
        let far = [self.capture.as_ref().map(|capture| capture.at), self.entry_at, Some(1), Some(0)];
        let far = far.into_iter().flatten().filter(|at| *at < reach);
        match near.find(is_same).or_else(|| far.into_iter().find(is_same)) {
            Some(at) => {
                if at + 1 < self.stack.len() {
                    tally.add("unclosed element", self.stack.len() - at - 1);
                }
                self.close_to(at, tally);
            }
            None if self.format.is_some() && !is_void(name) => tally.add("stray end tag", 1),
            None => {}
        }
    }

    /// Closes open elements until `length` are left.
    fn close_to(&mut self, length: usize, tally: &mut Tally) {
        while self.stack.len() > length {
            let Some(open) = self.stack.pop() else { return };
            match open.place {
                Place::Markup { is_written: true } => {
                    if let Some(capture) = &mut self.capture {
                        let local = open.name.rsplit(':').next().unwrap_or(open.name);
                        for piece in ["</", local, ">"] {
                            append(&mut capture.text, Cow::Borrowed(piece), tally);
                        }
                    }
                }
                Place::Capture => self.finish_capture(tally),
                Place::Entry => self.finish_entry(tally),
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

    fn close_entry(&mut self, tally: &mut Tally) {
        if let Some(at) = self.entry_at {
            tally.add("unclosed element", self.stack.len() - at);
            self.close_to(at, tally);
        }
    }

    fn finish_entry(&mut self, tally: &mut Tally) {
        self.entry_at = None;
        self.source_at = None;
        let entry = std::mem::take(&mut self.entry);
        self.last_entry_had_id = entry.id.is_some();
        self.writer.entry(entry, tally);
    }

    fn finish_source(&mut self) {
        self.source_at = None;
        let source = std::mem::take(&mut self.source);
        if source.title.is_some() || source.id.is_some() || !source.links.is_empty() {
            self.entry.source = Some(Box::new(source));
        }
    }

    fn finish_capture(&mut self, tally: &mut Tally) {
        let Some(capture) = self.capture.take() else { return };
        let Capture { meaning, rank, namespace, attributes, mut text, form, is_base64, .. } = capture;
        if is_base64 && let Some(decoded) = base64::decode(&text) {
            tally.add("base64 text", 1);
            text = Cow::Owned(decoded);
        }
        let base = self.base;
        let is_entry = self.entry_at.is_some();
        match meaning {
            Meaning::Text(field) => {
                let part = TextPart { rank, form, text, base };
                let parts = self.parts();
                match field {
                    TextField::Title => drop(offer_text(&mut parts.title, part)),
                    TextField::Description => parts.offer_description(part),
                    TextField::Content => drop(offer_text(&mut parts.content, part)),
                    TextField::Rights => drop(offer_text(&mut parts.rights, part)),
                }
            }
            Meaning::Date(field) => self.parts().offer_date(field, rank, text),
            Meaning::Id => {
                let is_permalink = self.permalink(attributes, tally);
                let parts = self.parts();
                let is_best = parts.id.as_ref().is_none_or(|(known, _)| rank < *known);
                parts.offer_id(rank, text);
                if is_best && rank == 0 {
                    parts.is_permalink = is_permalink;
                }
            }
            Meaning::Link => {
                let link = self.link(text, attributes, tally);
                self.parts().add_link(link);
            }
            Meaning::OriginalLink => {
                offer_address(&mut self.parts().original_link, AddressPart { rank, text, base });
            }
            Meaning::Comments => offer_address(&mut self.parts().comments, AddressPart { rank, text, base }),
            Meaning::ImageLink | Meaning::Thumbnail | Meaning::Logo => {
                offer_address(&mut self.parts().picture, AddressPart { rank, text, base });
            }
            Meaning::Icon => offer_address(&mut self.parts().icon, AddressPart { rank, text, base }),
            Meaning::Category => self.finish_category(text, namespace, attributes, tally),
            Meaning::Keywords => {
                for term in text.split(',') {
                    let term = Cow::Owned(term.trim().to_owned());
                    let scheme = Cow::Borrowed(default_scheme(namespace));
                    self.parts().add_category(CategoryPart { term, scheme, label: Cow::Borrowed("") });
                }
            }
            Meaning::Language => self.parts().offer_language(rank, text),
            Meaning::Name => self.person.name = text,
            Meaning::Email => self.person.email = text,
            Meaning::Uri if self.parent() == Place::Image => self.image = text,
            Meaning::Uri => self.person.uri = text,
            Meaning::Generator if !is_entry => {
                let uri = self.address_of(attributes, tally).unwrap_or_default();
                let version = self.attribute(attributes, "version", tally).unwrap_or_default();
                self.feed.generator = Some(GeneratorPart { name: text, uri, version, base });
            }
            Meaning::TimeToLive if !is_entry => self.feed.ttl_minutes = Some(text),
            Meaning::UpdatePeriod if !is_entry => self.feed.update_period = Some(text),
            Meaning::UpdateFrequency if !is_entry => self.feed.update_frequency = Some(text),
            _ => {}
        }
    }

    /// RSS `guid`: whether it is an address. Atom's `id` never says.
    fn permalink(&self, attributes: Attributes<'a>, tally: &mut Tally) -> Option<bool> {
        let open = self.attribute(attributes, "isPermaLink", tally);
        let is_atom = self.format.as_deref().is_some_and(|format| format.starts_with("atom"));
        match open {
            Some(value) => Some(value.trim().eq_ignore_ascii_case("true")),
            None if is_atom => None,
            None => Some(true),
        }
    }

    /// The text of a category whose attributes were taken at its start.
    fn finish_category(
        &mut self,
        text: Cow<'a, str>,
        namespace: Namespace,
        attributes: Attributes<'a>,
        tally: &mut Tally,
    ) {
        let has_term = self.attribute(attributes, "term", tally).or_else(|| self.attribute(attributes, "text", tally));
        if has_term.is_some() {
            return;
        }
        let mut value = |name| self.attribute(attributes, name, tally);
        let scheme = value("scheme").or_else(|| value("domain"));
        let scheme = scheme.unwrap_or(Cow::Borrowed(default_scheme(namespace)));
        let label = value("label").unwrap_or_default();
        self.parts().add_category(CategoryPart { term: text, scheme, label });
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
        self.mute_at.is_some_and(|at| self.entry_at.is_none_or(|entry_at| at > entry_at))
    }

    fn finish(mut self, text: &str, tally: &mut Tally) -> Result<Canonical, String> {
        if !self.stack.is_empty() {
            tally.add("truncated document", 1);
            if self.entry_at.is_some() && !self.is_identified() {
                // Its guid may have been cut off: read without, it would come back as another.
                tally.add("entry without its end", 1);
                self.entry_at = None;
                self.source_at = None;
                let entry = self.stack.iter().position(|open| open.place == Place::Entry);
                self.capture = None;
                self.stack.truncate(entry.unwrap_or(0));
            }
            self.close_to(0, tally);
        }
        let Some(format) = self.format.take() else { return Err(no_feed(text, self.first_element)) };
        if !self.is_feed {
            return Err(no_feed(text, self.first_element));
        }
        Ok(self.writer.finish(self.feed, format))
    }

    fn is_identified(&self) -> bool {
        self.entry.id.is_some() || !self.last_entry_had_id && !self.entry.links.is_empty()
    }
}

/// What the document is instead.
fn no_feed(text: &str, first_element: &str) -> String {
    let local = first_element.rsplit(':').next().unwrap_or(first_element).to_ascii_lowercase();
    let head = within(text, 256).to_ascii_lowercase();
    let what = match local.as_str() {
        _ if PAGE_ELEMENTS.contains(&local.as_str()) || head.contains("<!doctype html") => "an HTML page".to_owned(),
        "" => "plain text".to_owned(),
        "opml" => "an OPML list".to_owned(),
        "urlset" | "sitemapindex" => "a sitemap".to_owned(),
        _ => format!("XML of another kind (<{}>)", within(first_element, 40)),
    };
    format!("no feed found, this is {what}")
}

/// The vocabulary of a module's categories.
fn default_scheme(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Itunes => "http://www.itunes.com/",
        Namespace::Media => "http://search.yahoo.com/mrss/category_schema",
        _ => "",
    }
}

fn is_void(name: &str) -> bool {
    VOID_ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>']) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        rest = &rest[at + 1..];
    }
    escaped.push_str(rest);
    escaped
}

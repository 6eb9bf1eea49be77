//! Texts while they are read: how their characters are meant, markup inside of them, and where they
//! go when they end.

use super::open::default_scheme;
use super::{DEPTH_MAX, Open, Place, Reader, is_void};
use crate::ingest::base64;
use crate::ingest::repair::parts::{
    AddressPart, CategoryPart, Form, GeneratorPart, LinkPart, TextPart, append, offer_address, offer_text,
};
use crate::ingest::repair::skips;
use crate::ingest::repair::tokens::Attributes;
use crate::ingest::repair::vocabulary::{self, Meaning, Namespace, TextField};
use memchr::memchr3;
use std::borrow::Cow;

/// A text that is being read.
pub(super) struct Capture<'a> {
    pub meaning: Meaning,
    pub rank: u8,
    pub namespace: Namespace,
    pub at: usize,
    pub attributes: Attributes<'a>,
    pub text: Cow<'a, str>,
    pub form: Form,
    /// The markup is XML: characters mean themselves and are escaped.
    pub is_inline: bool,
    pub is_base64: bool,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn begin(
        &mut self,
        meaning: Meaning,
        rank: u8,
        namespace: Namespace,
        attributes: Attributes<'a>,
    ) -> Place {
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
    pub(super) fn begin_text(
        &mut self,
        field: TextField,
        rank: u8,
        namespace: Namespace,
        attributes: Attributes<'a>,
    ) -> Place {
        let media_type = self.attribute(attributes, "type").unwrap_or_default().trim().to_ascii_lowercase();
        let mode = self.attribute(attributes, "mode").unwrap_or_default();
        if field == TextField::Content
            && let Some(href) = self.attribute(attributes, "src")
        {
            self.content_elsewhere(href, &media_type);
        }
        let is_atom = self.is_atom();
        let is_xml = media_type == "xhtml" || media_type.ends_with("/xml") || media_type.ends_with("+xml");
        let is_binary = media_type.contains('/') && !media_type.starts_with("text/") && !is_xml;
        let form = match media_type.as_str() {
            "" if mode == "base64" && field == TextField::Description => Form::Unsure,
            "" => usual_form(field, rank, namespace, is_atom),
            "html" | "text/html" => Form::Html,
            "text" | "plain" | "text/plain" if !is_atom => Form::Unsure,
            "text" | "plain" => Form::Plain,
            _ if is_xml => Form::Html,
            _ if media_type.starts_with("text/") => Form::Plain,
            _ => Form::Unsure,
        };
        let place = self.begin(Meaning::Text(field), rank, namespace, attributes);
        if let Some(capture) = &mut self.capture {
            capture.form = form;
            capture.is_inline = is_xml && mode != "escaped" || namespace == Namespace::Xhtml;
            capture.is_base64 = mode == "base64" || is_binary;
        }
        place
    }

    /// Atom's content out of line (RFC 4287 §4.1.3.2): a page is a link, though not before those that
    /// say that they are; anything else is attached.
    fn content_elsewhere(&mut self, href: Cow<'a, str>, media_type: &str) {
        let is_page = media_type.is_empty() || media_type.contains("html");
        let rel = Cow::Borrowed(if is_page { "alternate" } else { "enclosure" });
        let (base, media_type) = (self.base, Cow::Owned(media_type.to_owned()));
        let link = LinkPart { href, base, rel, media_type, ..LinkPart::default() };
        if is_page {
            self.parts().content_link = Some(link);
        } else {
            self.parts().add_link(link);
        }
    }

    /// Whether a start tag shows that the text being read has lost its end tag.
    pub(super) fn ends_capture(&self, name: &str) -> bool {
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

    /// Ends a text whose end tag is missing.
    pub(super) fn close_unfinished_text(&mut self) {
        if let Some(at) = self.capture.as_ref().map(|capture| capture.at) {
            self.tally.add("unclosed element", 1);
            self.close_to(at);
        }
    }

    /// Markup inside of a text.
    pub(super) fn markup(&mut self, name: &'a str, attributes: Attributes<'a>, is_empty: bool) {
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
                self.tally.add("unescaped markup", 1);
            }
            for piece in ["<", local, attributes.raw().trim_end(), ">"] {
                append(&mut capture.text, Cow::Borrowed(piece), self.tally);
            }
        }
        let is_void = is_void(local);
        if is_empty && is_written && !is_void {
            for piece in ["</", local, ">"] {
                append(&mut capture.text, Cow::Borrowed(piece), self.tally);
            }
        }
        if !is_empty && !is_void && depth < DEPTH_MAX {
            let place = Place::Markup { is_written };
            self.stack.push(Open { name, place, base: self.base, bindings: self.bindings.len() });
        }
    }

    pub(super) fn finish_capture(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        let Capture { meaning, rank, namespace, attributes, mut text, form, is_base64, .. } = capture;
        if is_base64
            && !text.trim().is_empty()
            && let Some(decoded) = base64::text(&text)
        {
            self.tally.add("base64 text", 1);
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
                let is_permalink = self.permalink(attributes);
                let parts = self.parts();
                let is_best = parts.id.as_ref().is_none_or(|(known, _)| rank < *known);
                parts.offer_id(rank, text, base);
                if is_best && rank == 0 {
                    parts.is_permalink = is_permalink;
                }
            }
            Meaning::Link => {
                let link = self.link(text, attributes);
                self.parts().add_link(link);
            }
            Meaning::License => {
                let link = LinkPart { href: text, base, rel: Cow::Borrowed("license"), ..LinkPart::default() };
                self.parts().add_link(link);
            }
            Meaning::OriginalLink => {
                offer_address(&mut self.parts().original_link, AddressPart { rank, text, base });
            }
            Meaning::Comments => offer_address(&mut self.parts().comments, AddressPart { rank, text, base }),
            Meaning::ImageLink | Meaning::Thumbnail => self.offer_picture(rank, text),
            Meaning::Logo => offer_address(&mut self.parts().picture, AddressPart { rank, text, base }),
            Meaning::Icon => offer_address(&mut self.parts().icon, AddressPart { rank, text, base }),
            Meaning::Category => {
                let scheme = self.scheme(namespace, attributes);
                let label = self.attribute(attributes, "label").unwrap_or_default();
                self.parts().add_category(CategoryPart { term: text, scheme, label });
            }
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
                let uri = self.address_of(attributes).unwrap_or_default();
                let version = self.attribute(attributes, "version").unwrap_or_default();
                self.feed.generator = Some(GeneratorPart { name: text, uri, version, base });
            }
            Meaning::TimeToLive if !is_entry => self.feed.ttl_minutes = Some(text),
            Meaning::UpdatePeriod if !is_entry => self.feed.update_period = Some(text),
            Meaning::UpdateFrequency if !is_entry => self.feed.update_frequency = Some(text),
            Meaning::SkippedHour if !is_entry => self.feed.skips.hours |= skips::hour(&text),
            Meaning::SkippedDay if !is_entry => self.feed.skips.days |= skips::day(&text),
            _ => {}
        }
    }

    /// RSS `guid`: whether it is an address. Atom's `id` never says.
    fn permalink(&self, attributes: Attributes<'a>) -> Option<bool> {
        match self.attribute(attributes, "isPermaLink") {
            Some(value) => Some(value.trim().eq_ignore_ascii_case("true")),
            None if self.is_atom() => None,
            None => Some(true),
        }
    }
}

/// How an element's characters are meant where it does not say.
fn usual_form(field: TextField, rank: u8, namespace: Namespace, is_atom: bool) -> Form {
    match (field, rank) {
        (TextField::Content, _) if rank == 1 || namespace == Namespace::Content => Form::Html,
        // All but `summary` and `subtitle`, of Atom and of iTunes, which are meant to be plain.
        (TextField::Description, 1 | 2 | 3 | 5) => Form::Html,
        (TextField::Content | TextField::Description, 0) => Form::UnsureProse,
        _ if is_atom => Form::Plain,
        _ => Form::Unsure,
    }
}

/// Text as HTML source.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = memchr3(b'&', b'<', b'>', rest.as_bytes()) {
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

//! Writes what was gathered as Atom 1.0 in the one spelling that feed-rs reads whole, and sets
//! beside it what feed-rs has no room for. Each entry is a piece of its own, so that a long document
//! need not be held whole once more for every step that reads it.

use super::bases::Bases;
use super::looks::is_html;
use super::newest::Newest;
use super::parts::{AddressPart, LinkPart, Parts, PersonPart, TextPart};
use super::tokens::cdata_end;
use super::{ENTRIES_MAX, Tally, skips};
use crate::feed::Skips;
use crate::ingest::dates;
use memchr::memchr2;
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use url::Url;

/// A document for feed-rs in pieces, and what travels beside it.
///
/// An address is written as the number of its base in `bases`, a blank, and the address as the
/// publisher wrote it. That is no URL, so feed-rs leaves the spelling as it is.
#[derive(Debug)]
pub(in crate::ingest) struct Canonical {
    /// What stands in Atom's `feed` beside the entries, well-formed and bounded.
    pub xml: String,
    /// The dialect in words.
    pub format: String,
    /// The first is the document's own address.
    pub bases: Vec<Option<Url>>,
    pub feed: FeedAside,
    /// In document order.
    pub entries: Vec<CanonicalEntry>,
}

/// Around the pieces.
pub(in crate::ingest) const ROOT: [&str; 2] = ["<feed xmlns=\"http://www.w3.org/2005/Atom\">", "</feed>"];

/// One entry.
#[derive(Debug)]
pub(in crate::ingest) struct CanonicalEntry {
    /// Atom's `entry`.
    pub xml: Box<str>,
    /// Where its summary and its content stand there, in this order.
    pub texts: [Range<usize>; 2],
    pub aside: Aside,
}

impl CanonicalEntry {
    /// The same without summary and content.
    pub(in crate::ingest) fn without_texts(self) -> Self {
        let [summary, content] = self.texts;
        let parts = [&self.xml[..summary.start], &self.xml[summary.end..content.start], &self.xml[content.end..]];
        Self { xml: parts.concat().into(), texts: [0..0, 0..0], aside: self.aside }
    }
}

/// What feed-rs has no room for in a feed. Addresses are written as in [`Canonical`].
#[derive(Debug)]
pub(in crate::ingest) struct FeedAside {
    pub id_base: u32,
    pub language: Option<String>,
    pub published: Option<String>,
    pub publisher: Option<AsidePerson>,
    pub ttl_s: Option<u64>,
    pub skips: Skips,
}

/// What feed-rs has no room for in an entry. Addresses are written as in [`Canonical`].
#[derive(Debug, Hash)]
pub(in crate::ingest) struct Aside {
    pub id_base: u32,
    pub id_is_permalink: Option<bool>,
    pub original_link: Option<String>,
    pub language: Option<String>,
    pub comments: Option<String>,
    pub thumbnail: Option<String>,
    pub source: Option<Box<AsideSource>>,
    pub summary_base: u32,
    pub content_base: u32,
}

/// The feed that an entry came from.
#[derive(Debug, Hash)]
pub(in crate::ingest) struct AsideSource {
    pub id: Option<String>,
    pub title: Option<String>,
    pub title_is_html: bool,
    pub link: Option<String>,
}

/// A person; what is missing is empty.
#[derive(Debug)]
pub(in crate::ingest) struct AsidePerson {
    pub name: String,
    pub email: String,
    pub uri: String,
}

/// Writes entries as they come and the feed at the end.
pub(super) struct Writer {
    entries: Newest<CanonicalEntry>,
    /// Where an entry is written before its length is known.
    draft: String,
    /// How many values there is room for.
    room: usize,
    pub bases: Bases,
}

/// Values that are written of any document, however small.
const VALUES_FREE: usize = 4_096;

/// Of a larger one, so many more as there are pieces of this size in it. A value takes a hundred
/// bytes and more wherever it is held, and can be written with two: `a,b,c` in `itunes:keywords`.
const VALUE_BYTES: usize = 32;

/// What an entry of a document without room may have of each kind.
const FEW_VALUES: usize = 4;

impl Writer {
    /// A writer for a document of `bytes` from `url`.
    pub(super) fn new(url: Option<&Url>, bytes: usize) -> Self {
        let room = VALUES_FREE + bytes / VALUE_BYTES;
        Self { entries: Newest::new(ENTRIES_MAX), draft: String::new(), room, bases: Bases(vec![url.cloned()]) }
    }

    /// How many entries have come.
    pub(super) fn entries(&self) -> usize {
        self.entries.offered()
    }

    pub(super) fn entry(&mut self, mut parts: Parts<'_>, tally: &Tally) {
        let date = [&parts.published, &parts.updated].into_iter().flatten().find_map(|(_, text)| dates::parse(text));
        let Some(rank) = self.entries.admit(date) else { return };
        if parts.content.is_none() {
            parts.content = parts.second_description.take();
        }
        if let Some(link) = parts.content_link.take() {
            parts.add_link(link);
        }
        self.make_fit(&mut parts, tally);
        parts.mend_encoding(tally);
        let xml = &mut self.draft;
        xml.clear();
        xml.push_str("<entry>");
        let summary = shared(xml, &parts, "summary");
        let start = xml.len();
        if let Some(content) = &parts.content {
            text(xml, "content", content);
        }
        let content = start..xml.len();
        if let Some((_, published)) = &parts.published {
            element(xml, "published", published.trim());
        }
        xml.push_str("</entry>");
        let xml = Box::from(xml.as_str());
        self.entries.push(rank, CanonicalEntry { xml, texts: [summary, content], aside: aside(parts) });
    }

    /// Leaves out values that the document has no room for.
    fn make_fit(&mut self, parts: &mut Parts<'_>, tally: &Tally) {
        let Parts { links, authors, contributors, categories, .. } = parts;
        let mut fit = |length: usize| {
            let kept = length.min(self.room.max(FEW_VALUES));
            self.room = self.room.saturating_sub(kept);
            tally.add("value left out", length - kept);
            kept
        };
        links.truncate(fit(links.len()));
        authors.truncate(fit(authors.len()));
        contributors.truncate(fit(contributors.len()));
        categories.truncate(fit(categories.len()));
    }

    pub(super) fn finish(self, mut feed: Parts<'_>, format: String, tally: &Tally) -> Canonical {
        tally.add("entry beyond the newest 2000", self.entries.left_out());
        feed.mend_encoding(tally);
        let mut xml = String::new();
        shared(&mut xml, &feed, "subtitle");
        if let Some(generator) = &feed.generator {
            xml.push_str("<generator");
            attribute(&mut xml, "uri", &generator.uri, Some(generator.base));
            attribute(&mut xml, "version", &generator.version, None);
            xml.push('>');
            // feed-rs takes no generator without a text.
            characters(&mut xml, if generator.name.trim().is_empty() { " " } else { generator.name.trim() });
            xml.push_str("</generator>");
        }
        for (name, picture) in [("icon", feed.icon.take()), ("logo", feed.picture.take())] {
            if let Some(picture) = picture {
                element(&mut xml, name, &address(&picture));
            }
        }
        Canonical { xml, format, bases: self.bases.0, feed: feed_aside(feed), entries: self.entries.take() }
    }
}

/// What feeds and entries have in common; answers where the description stands.
fn shared(xml: &mut String, parts: &Parts<'_>, description: &str) -> Range<usize> {
    if let Some((_, id)) = &parts.id {
        element(xml, "id", id);
    }
    let mut write = |name: &str, part: &Option<TextPart<'_>>| {
        let start = xml.len();
        if let Some(part) = part {
            text(xml, name, part);
        }
        start..xml.len()
    };
    write("title", &parts.title);
    let described = write(description, &parts.description);
    write("rights", &parts.rights);
    for part in &parts.links {
        link(xml, part);
    }
    for (name, people) in [("author", &parts.authors), ("contributor", &parts.contributors)] {
        for part in people {
            person(xml, name, part);
        }
    }
    for category in &parts.categories {
        xml.push_str("<category");
        attribute(xml, "term", &category.term, None);
        attribute(xml, "scheme", &category.scheme, None);
        attribute(xml, "label", &category.label, None);
        xml.push_str("/>");
    }
    if let Some((_, updated)) = &parts.updated {
        element(xml, "updated", updated.trim());
    }
    described
}

fn owned(best: Option<(u8, Cow<'_, str>)>) -> Option<String> {
    best.map(|(_, value)| value.into_owned())
}

fn aside(parts: Parts<'_>) -> Aside {
    Aside {
        id_base: parts.id_base,
        id_is_permalink: parts.is_permalink,
        original_link: parts.original_link.as_ref().map(address),
        language: owned(parts.language),
        comments: parts.comments.as_ref().map(address),
        thumbnail: parts.picture.as_ref().map(address),
        source: parts.source.map(|source| Box::new(aside_source(*source))),
        summary_base: parts.description.map_or(0, |part| part.base),
        content_base: parts.content.map_or(0, |part| part.base),
    }
}

fn feed_aside(parts: Parts<'_>) -> FeedAside {
    FeedAside {
        id_base: parts.id_base,
        ttl_s: ttl_s(&parts),
        language: owned(parts.language),
        published: owned(parts.published),
        publisher: parts.publisher.map(|person| AsidePerson {
            uri: if person.uri.is_empty() { String::new() } else { format!("{} {}", person.base, person.uri) },
            name: person.name.into_owned(),
            email: person.email.into_owned(),
        }),
        skips: skips::wished(parts.skips),
    }
}

fn aside_source(source: Parts<'_>) -> AsideSource {
    let is_page = |link: &&LinkPart<'_>| matches!(&*link.rel, "" | "alternate");
    let link = source.links.iter().find(is_page).or_else(|| source.links.first());
    AsideSource {
        id: source.id.map(|(_, id)| id.into_owned()),
        title_is_html: source.title.as_ref().is_some_and(is_html),
        title: source.title.map(|part| part.text.into_owned()),
        link: link.map(|link| format!("{} {}", link.base, link.href.trim())),
    }
}

/// The wish not to be asked again: RSS `ttl`, or `sy:updatePeriod` and `sy:updateFrequency`.
fn ttl_s(parts: &Parts<'_>) -> Option<u64> {
    /// A publisher who wishes more means never, and is asked all the same.
    const TTL_S_MAX: u64 = 365 * 86_400;
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0);
    if let Some(minutes) = parts.ttl_minutes.as_deref().and_then(number) {
        return minutes.checked_mul(60).filter(|seconds| *seconds <= TTL_S_MAX);
    }
    let period_s = match parts.update_period.as_deref()?.trim().to_ascii_lowercase().as_str() {
        "hourly" => 3_600,
        "daily" => 86_400,
        "weekly" => 7 * 86_400,
        "monthly" => 30 * 86_400,
        "yearly" => 365 * 86_400,
        _ => return None,
    };
    let frequency = parts.update_frequency.as_deref().and_then(number).unwrap_or(1);
    Some(period_s / frequency).filter(|seconds| *seconds > 0)
}

fn address(part: &AddressPart<'_>) -> String {
    format!("{} {}", part.base, part.text.trim())
}

fn link(xml: &mut String, link: &LinkPart<'_>) {
    xml.push_str("<link");
    attribute(xml, "href", link.href.trim(), Some(link.base));
    attribute(xml, "rel", link.rel.trim(), None);
    attribute(xml, "type", link.media_type.trim(), None);
    attribute(xml, "title", &link.title, None);
    attribute(xml, "hreflang", link.hreflang.trim(), None);
    attribute(xml, "length", link.length.trim(), None);
    xml.push_str("/>");
}

fn person(xml: &mut String, name: &str, person: &PersonPart<'_>) {
    let _ = write!(xml, "<{name}>");
    // feed-rs takes no person without a name or an address.
    element(xml, "name", if person.name.is_empty() { " " } else { &person.name });
    if !person.email.is_empty() {
        element(xml, "email", &person.email);
    }
    if !person.uri.is_empty() {
        element(xml, "uri", &format!("{} {}", person.base, person.uri));
    }
    let _ = write!(xml, "</{name}>");
}

fn text(xml: &mut String, name: &str, part: &TextPart<'_>) {
    let _ = write!(xml, "<{name} type=\"{}\">", if is_html(part) { "html" } else { "text" });
    characters(xml, part.text.trim());
    let _ = write!(xml, "</{name}>");
}

fn element(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, "<{name}>");
    characters(xml, value);
    let _ = write!(xml, "</{name}>");
}

/// Character data: CDATA where there is anything to escape, as it is read with one search.
fn characters(xml: &mut String, text: &str) {
    let is_clean = memchr2(b'<', b'&', text.as_bytes()).is_none() && cdata_end(text).is_none();
    if is_clean {
        xml.push_str(text);
        return;
    }
    xml.push_str("<![CDATA[");
    let mut rest = text;
    while let Some(end) = cdata_end(rest) {
        xml.push_str(&rest[..end]);
        xml.push_str("]]]]><![CDATA[>");
        rest = &rest[end + 3..];
    }
    xml.push_str(rest);
    xml.push_str("]]>");
}

/// An attribute with a value, or none. An address carries the number of its base.
fn attribute(xml: &mut String, name: &str, value: &str, base: Option<u32>) {
    if value.is_empty() {
        return;
    }
    let (quote, escaped) = if value.contains('"') { ('\'', "&apos;") } else { ('"', "&quot;") };
    let _ = match base {
        Some(base) => write!(xml, " {name}={quote}{base} "),
        None => write!(xml, " {name}={quote}"),
    };
    let mut rest = value;
    while let Some(at) = rest.find(['&', '<', quote, '\n', '\r', '\t']) {
        xml.push_str(&rest[..at]);
        xml.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'"' | b'\'' => escaped,
            _ => " ",
        });
        rest = &rest[at + 1..];
    }
    xml.push_str(rest);
    xml.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_written_so_that_they_come_back() {
        let mut xml = String::new();
        characters(&mut xml, "a <b> ]]> c");
        attribute(&mut xml, "x", "1 < \"2' & 3\n", Some(7));
        assert_eq!(xml, "<![CDATA[a <b> ]]]]><![CDATA[> c]]> x='7 1 &lt; \"2&apos; &amp; 3 '");
    }

    #[test]
    fn wishes_that_are_no_wishes_are_none() {
        let ttl = |ttl: &'static str| ttl_s(&Parts { ttl_minutes: Some(ttl.into()), ..Parts::default() });
        assert_eq!(ttl("60"), Some(3_600));
        for absurd in ["0", "-1", "9e18", "9223372036854775807", ""] {
            assert_eq!(ttl(absurd), None, "{absurd}");
        }
        let parts = |frequency: &'static str| Parts {
            update_period: Some("hourly".into()),
            update_frequency: Some(frequency.into()),
            ..Parts::default()
        };
        assert_eq!(ttl_s(&parts("0")), Some(3_600));
        assert_eq!(ttl_s(&parts("2")), Some(1_800));
        assert_eq!(ttl_s(&parts("999999999")), None);
    }
}

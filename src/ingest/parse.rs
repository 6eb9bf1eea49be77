//! A canonical document to a [`Feed`] through feed-rs, and what travelled beside it put back. The
//! only file that knows feed-rs.

use super::normalize::{self, TextKind};
use super::repair::{Aside, Canonical, CanonicalEntry, FeedAside, ROOT, within};
use super::{Known, dates, identify};
use crate::feed::{Category, Enclosure, Entry, EntryReading, Feed, Generator, Link, Person, Source};
use feed_rs::model;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tracing::instrument;
use url::Url;

/// A category of more bytes is a sentence.
const CATEGORY_BYTES_MAX: usize = 256;

/// Rights statements are sentences.
const RIGHTS_BYTES_MAX: usize = 4 * 1024;

/// An id is an address or a number; the longest honest ones have some hundred letters.
const ID_BYTES_MAX: usize = 2 * 1024;

/// How much feed-rs is given at once. It holds all of a document three times over while it reads:
/// what is large goes through in parts, and what is small is not worth a parser of its own.
const PART_BYTES_MAX: usize = 64 * 1024;

/// A feed whose entries still have their ids as the publisher wrote them.
pub(super) struct Said {
    pub feed: Feed,
    /// The places of entries whose ids are relative references, and what these mean.
    pub absolute_ids: Vec<(usize, String)>,
}

/// Reads what `repair` wrote, without the texts of entries that are `known`; an error is a fault of ours
/// or of feed-rs, never of the publisher.
#[instrument(level = "trace", name = "normalize", skip_all)]
pub(super) fn feed(canonical: Canonical, known: &Known) -> Result<Said, String> {
    let Canonical { xml, format, mut bases, feed: aside, entries } = canonical;
    let parsed = parse(&[&xml])?;
    drop(xml);
    if bases.first().is_some_and(Option::is_none) {
        bases[0] = own_base(&parsed.links);
    }
    let bases = Bases(&bases);
    let mut feed = feed_itself(&parsed, aside, &bases);
    feed.format = format;
    let id_bases: Vec<u32> = entries.iter().map(|entry| entry.aside.id_base).collect();
    let earlier = Earlier { circumstances: circumstances(&feed, &bases), known };
    (feed.entries, feed.readings) = read_entries(entries, &bases, &earlier)?.into_iter().unzip();
    let absolute_id = |(at, (entry, base)): (usize, (&Entry, u32))| {
        let is_guid = entry.id_is_permalink.is_some();
        let id = entry.id.as_deref().filter(|_| !is_guid)?;
        Some((at, bases.absolute_id(id, base)?))
    };
    let absolute_ids = feed.entries.iter().zip(id_bases).enumerate().filter_map(absolute_id).collect();
    Ok(Said { feed, absolute_ids })
}

/// What was read before.
struct Earlier<'a> {
    /// A hasher that knows all but the entry that what is said of an entry depends on.
    circumstances: DefaultHasher,
    known: &'a Known,
}

/// The version is part of it: what a later parser would read differently is read again.
fn circumstances(feed: &Feed, bases: &Bases<'_>) -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), &feed.link, &feed.self_link, bases.0).hash(&mut hasher);
    hasher
}

/// An entry that is about to be read.
struct Opened {
    canonical: CanonicalEntry,
    reading: EntryReading,
    /// What is known of it already.
    fingerprint: u64,
}

impl Earlier<'_> {
    fn open(&self, canonical: CanonicalEntry) -> Opened {
        let mut hasher = self.circumstances.clone();
        (&canonical.xml, &canonical.aside).hash(&mut hasher);
        let digest = hasher.finish();
        let known = self.known.get(&digest).copied();
        Opened {
            canonical: if known.is_some() { canonical.without_texts() } else { canonical },
            reading: EntryReading { digest, is_passed_over: known.is_some(), ..EntryReading::default() },
            fingerprint: known.unwrap_or_default(),
        }
    }
}

/// Part by part, each let go when it is read.
fn read_entries(
    entries: Vec<CanonicalEntry>,
    bases: &Bases<'_>,
    earlier: &Earlier<'_>,
) -> Result<Vec<(Entry, EntryReading)>, String> {
    let mut read = Vec::with_capacity(entries.len());
    let mut entries = entries.into_iter().map(|entry| earlier.open(entry)).peekable();
    while let Some(first) = entries.next() {
        let mut bytes = first.canonical.xml.len();
        let mut part = vec![first];
        while let Some(next) = entries.next_if(|next| bytes + next.canonical.xml.len() <= PART_BYTES_MAX) {
            bytes += next.canonical.xml.len();
            part.push(next);
        }
        let parsed = parse(&part.iter().map(|entry| &*entry.canonical.xml).collect::<Vec<_>>())?.entries;
        if parsed.len() != part.len() {
            return Err(format!("{} entries were written and {} read", part.len(), parsed.len()));
        }
        read.extend(parsed.into_iter().zip(part).map(|(entry, Opened { canonical, reading, fingerprint })| {
            drop(canonical.xml);
            (Entry { fingerprint, ..read_entry(entry, canonical.aside, bases) }, reading)
        }));
    }
    Ok(read)
}

/// feed-rs behind a wall: a new parser for each document, since one that failed inside of an entry
/// trips over the next, and no panic of it ends a poll.
#[instrument(level = "trace", skip_all)]
fn parse(pieces: &[&str]) -> Result<model::Feed, String> {
    let parser = feed_rs::parser::Builder::new()
        .sanitize_content(false)
        .timestamp_parser(dates::parse)
        // A made-up id cannot be told from a real one afterwards.
        .id_generator(|_, _, _| String::new())
        .build();
    let document = Pieces { current: ROOT[0].as_bytes(), rest: pieces, end: ROOT[1].as_bytes() };
    match catch_unwind(AssertUnwindSafe(|| parser.parse(document))) {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the document stopped the parser".to_owned()),
    }
}

/// A document in pieces, read as one without a copy.
struct Pieces<'a> {
    current: &'a [u8],
    rest: &'a [&'a str],
    end: &'a [u8],
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            self.current = match self.rest.split_first() {
                Some((next, rest)) => {
                    self.rest = rest;
                    next.as_bytes()
                }
                None if self.end.is_empty() => return Ok(0),
                None => std::mem::take(&mut self.end),
            };
        }
        self.current.read(buffer)
    }
}

/// Addresses as `repair` writes them: the number of a base, a blank, the address.
struct Bases<'a>(&'a [Option<Url>]);

impl Bases<'_> {
    fn url(&self, address: &str) -> Option<String> {
        let (number, text) = address.split_once(' ')?;
        normalize::url(text, self.of(number.parse().ok()?))
    }

    /// What an id means that is evidently a relative reference.
    fn absolute_id(&self, id: &str, base: u32) -> Option<String> {
        let is_relative = id.contains('/') && !id.starts_with("//") && !id.contains([':', ' ']);
        is_relative.then(|| normalize::url(id, self.of(base))).flatten()
    }

    fn of(&self, number: u32) -> Option<&Url> {
        self.0.get(number as usize)?.as_ref()
    }
}

/// Where nobody said where the document came from, it says so itself.
fn own_base(links: &[model::Link]) -> Option<Url> {
    let of = |rel: &str| links.iter().find(|link| link.rel.as_deref() == Some(rel));
    let link = of("self").or_else(|| of("alternate"))?;
    let (_, address) = link.href.split_once(' ')?;
    Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn feed_itself(parsed: &model::Feed, aside: FeedAside, bases: &Bases<'_>) -> Feed {
    let links = links(&parsed.links, bases);
    let of = |rel: &'static str| links.iter().filter(move |link| link.rel.as_deref() == Some(rel));
    Feed {
        id: identifier(&parsed.id).map(|id| bases.absolute_id(&id, aside.id_base).unwrap_or(id)),
        title: plain(parsed.title.as_ref()),
        subtitle: plain(parsed.description.as_ref()),
        link: page(&links).map(|link| link.href.clone()),
        self_link: of("self").next().map(|link| link.href.clone()),
        hubs: of("hub").map(|link| link.href.clone()).collect(),
        language: aside.language.as_deref().and_then(normalize::language),
        updated: parsed.updated,
        published: aside.published.as_deref().and_then(dates::parse),
        rights: rights(parsed.rights.as_ref()),
        generator: parsed.generator.as_ref().and_then(|generator| {
            let name = normalize::plain_text(&generator.content, TextKind::Plain);
            let uri = generator.uri.as_deref().and_then(|uri| bases.url(uri));
            let version = generator.version.as_deref().and_then(|text| normalize::plain_text(text, TextKind::Plain));
            (name.is_some() || uri.is_some()).then_some(Generator { name, uri, version })
        }),
        icon: parsed.icon.as_ref().and_then(|icon| bases.url(&icon.uri)),
        logo: parsed.logo.as_ref().and_then(|logo| bases.url(&logo.uri)),
        authors: people(&parsed.authors, bases),
        contributors: people(&parsed.contributors, bases),
        publisher: aside
            .publisher
            .and_then(|publisher| person(Some(&publisher.name), Some(&publisher.email), Some(&publisher.uri), bases)),
        categories: categories(&parsed.categories),
        ttl_s: aside.ttl_s,
        skips: aside.skips,
        links,
        ..Feed::default()
    }
}

fn read_entry(parsed: model::Entry, aside: Aside, bases: &Bases<'_>) -> Entry {
    let id = identifier(&parsed.id);
    let links = links(&parsed.links, bases);
    let address = |text: &Option<String>| text.as_deref().and_then(|text| bases.url(text));
    // A proxied address is whole, or it is none.
    let original_link = aside.original_link.as_deref().and_then(|text| normalize::url(text.split_once(' ')?.1, None));
    let mut link = original_link.or_else(|| page(&links).map(|link| link.href.clone()));
    let mut id_is_permalink = None;
    if let Some(said) = aside.id_is_permalink {
        // A number is no address, though RSS takes every guid for one that does not deny it.
        let permalink = id.as_deref().filter(|_| said).and_then(|id| normalize::url(id, None));
        id_is_permalink = Some(permalink.is_some() && (link.is_none() || link == permalink));
        link = link.or(permalink);
    }
    if link.is_none() && aside.id_is_permalink.is_none() {
        // Atom and RSS 1.0 make no promise, but an address is better than none.
        link = id.as_deref().and_then(|id| normalize::url(id, None));
    }
    let is_enclosure = |link: &&Link| link.rel.as_deref() == Some("enclosure");
    let attached =
        |link: &Link| Enclosure { url: link.href.clone(), media_type: link.media_type.clone(), length: link.length };
    let enclosures = fitted(links.iter().filter(is_enclosure).map(attached));
    let of_replies = || {
        let is_page =
            |link: &&Link| link.rel.as_deref() == Some("replies") && link.media_type.is_some() && is_html(link);
        links.iter().find(is_page).map(|link| link.href.clone())
    };
    let of_enclosure = || {
        let is_picture =
            |enclosure: &&Enclosure| enclosure.media_type.as_deref().is_some_and(|kind| kind.starts_with("image/"));
        enclosures.iter().find(is_picture).map(|enclosure| enclosure.url.clone())
    };
    let source = aside.source.as_ref().and_then(|source| {
        let kind = if source.title_is_html { TextKind::Html } else { TextKind::Plain };
        let title = source.title.as_deref().and_then(|title| normalize::plain_text(title, kind));
        let id = source.id.as_deref().and_then(identifier);
        let link = address(&source.link);
        (id.is_some() || title.is_some() || link.is_some()).then_some(Source { id, title, link })
    });
    let summary = parsed
        .summary
        .as_ref()
        .and_then(|text| html(&text.content, text.content_type.as_str(), bases.of(aside.summary_base)));
    let content = parsed.content.as_ref().and_then(|content| {
        html(content.body.as_deref().unwrap_or_default(), content.content_type.as_str(), bases.of(aside.content_base))
    });
    Entry {
        key: identify::placeholder(),
        comments: address(&aside.comments).or_else(of_replies),
        thumbnail: address(&aside.thumbnail).or_else(of_enclosure),
        id,
        id_is_permalink,
        link,
        links,
        title: plain(parsed.title.as_ref()),
        summary,
        content,
        authors: people(&parsed.authors, bases),
        contributors: people(&parsed.contributors, bases),
        categories: categories(&parsed.categories),
        published: parsed.published,
        updated: parsed.updated,
        language: aside.language.as_deref().and_then(normalize::language),
        rights: rights(parsed.rights.as_ref()),
        enclosures,
        source,
        canonical_link: None,
        fingerprint: 0,
    }
}

/// The publisher's own id, or none.
fn identifier(id: &str) -> Option<String> {
    let id = id.trim();
    (!id.is_empty()).then(|| within(id, ID_BYTES_MAX).to_owned())
}

fn kind_of(media_type: &str) -> TextKind {
    if media_type == "text/html" { TextKind::Html } else { TextKind::Plain }
}

fn plain(text: Option<&model::Text>) -> Option<String> {
    text.and_then(|text| normalize::plain_text(&text.content, kind_of(text.content_type.as_str())))
}

fn rights(text: Option<&model::Text>) -> Option<String> {
    text.and_then(|text| {
        normalize::plain_text_within(&text.content, kind_of(text.content_type.as_str()), RIGHTS_BYTES_MAX)
    })
}

fn html(text: &str, media_type: &str, base: Option<&Url>) -> Option<String> {
    normalize::safe_html(text, kind_of(media_type), base)
}

fn links(links: &[model::Link], bases: &Bases<'_>) -> Vec<Link> {
    let text = |text: &Option<String>| {
        text.as_deref().and_then(|text| normalize::plain_text_within(text, TextKind::Plain, CATEGORY_BYTES_MAX))
    };
    let absolute = |link: &model::Link| {
        Some(Link {
            href: bases.url(&link.href)?,
            rel: text(&link.rel),
            media_type: text(&link.media_type),
            title: text(&link.title),
            hreflang: text(&link.href_lang),
            length: link.length,
        })
    };
    fitted(links.iter().filter_map(absolute))
}

/// A list without room for more: entries are many, and a list that grew holds four at least.
fn fitted<T>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = values.collect();
    list.shrink_to_fit();
    list
}

/// The page behind a feed or an entry: the first alternate that is HTML, else the first alternate.
fn page(links: &[Link]) -> Option<&Link> {
    let is_alternate = |link: &&Link| link.rel.as_deref().is_none_or(|rel| rel.eq_ignore_ascii_case("alternate"));
    links.iter().filter(is_alternate).find(|link| is_html(link)).or_else(|| links.iter().find(is_alternate))
}

fn is_html(link: &Link) -> bool {
    link.media_type.as_deref().is_none_or(|kind| kind.contains("html"))
}

fn people(people: &[model::Person], bases: &Bases<'_>) -> Vec<Person> {
    let one = |one: &model::Person| person(one.name.as_deref(), one.email.as_deref(), one.uri.as_deref(), bases);
    fitted(people.iter().filter_map(one))
}

fn person(name: Option<&str>, email: Option<&str>, uri: Option<&str>, bases: &Bases<'_>) -> Option<Person> {
    let text = |text: Option<&str>| text.and_then(|text| normalize::plain_text(text, TextKind::Html));
    let person = Person { name: text(name), email: text(email), uri: uri.and_then(|uri| bases.url(uri)) };
    (person != Person::default()).then_some(person)
}

fn categories(categories: &[model::Category]) -> Vec<Category> {
    let text = |text: &str| normalize::plain_text_within(text, TextKind::Html, CATEGORY_BYTES_MAX);
    let one = |category: &model::Category| {
        Some(Category {
            term: text(&category.term)?,
            scheme: category.scheme.as_deref().and_then(text),
            label: category.label.as_deref().and_then(text),
        })
    };
    fitted(categories.iter().filter_map(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::repair::{self, Tally};

    /// The only entry of a feed, read without an address of its own.
    fn entry(document: &str) -> Entry {
        let canonical = repair::document(document, None, &Tally::default()).expect("a feed");
        feed(canonical, &Known::default()).expect("feed-rs reads it").feed.entries.remove(0)
    }

    fn check_link(item: &str, link: Option<&str>, is_permalink: Option<bool>) {
        let entry = entry(&format!("<rss><channel><link>http://e.org/</link><item>{item}</item></channel></rss>"));
        assert_eq!((entry.link.as_deref(), entry.id_is_permalink), (link, is_permalink), "{item}");
    }

    #[test]
    fn a_guid_is_the_link_only_where_it_may_be() {
        let (link, guid) = (Some("http://e.org/l"), Some("http://e.org/g"));
        check_link("<guid>http://e.org/g</guid>", guid, Some(true));
        check_link("<guid isPermaLink='false'>http://e.org/g</guid>", None, Some(false));
        check_link("<guid>17</guid>", None, Some(false));
        check_link("<link>http://e.org/l</link><guid>http://e.org/g</guid>", link, Some(false));
        check_link("<link>http://e.org/l</link><guid>http://e.org/l</guid>", link, Some(true));
        check_link("<link>http://e.org/l</link>", link, None);
    }

    #[test]
    fn the_page_is_the_link_before_other_alternates() {
        let link = |links: &str| entry(&format!("<feed><entry>{links}</entry></feed>")).link;
        let feed = "<link rel='alternate' type='application/atom+xml' href='http://e.org/a'/>";
        let page = "<link type='text/html' href='http://e.org/h'/>";
        assert_eq!(link(&format!("{feed}{page}")).as_deref(), Some("http://e.org/h"));
        assert_eq!(link(feed).as_deref(), Some("http://e.org/a"));
        assert_eq!(link("<link rel='self' href='http://e.org/s'/>"), None);
        assert_eq!(link("<id>http://e.org/i</id>").as_deref(), Some("http://e.org/i"));
        let elsewhere = "<content type='text/html' src='http://e.org/c'/>";
        assert_eq!(link(&format!("{elsewhere}{page}")).as_deref(), Some("http://e.org/h"));
        assert_eq!(link(elsewhere).as_deref(), Some("http://e.org/c"));
        let original = |text: &str| link(&format!("<feedburner:origLink>{text}</feedburner:origLink>{page}"));
        assert_eq!(original("http://e.org/o").as_deref(), Some("http://e.org/o"));
        assert_eq!(original("17").as_deref(), Some("http://e.org/h"));
        assert_eq!(link("<id>tag:e.org,2024:i</id>"), None);
    }

    #[test]
    fn ids_that_are_paths_are_absolute_beside_what_was_written() {
        let read = |document: &str| {
            let url = Url::parse("http://e.net/").expect("a url");
            let canonical = repair::document(document, Some(&url), &Tally::default()).expect("a feed");
            feed(canonical, &Known::default()).expect("feed-rs reads it")
        };
        let atom = |entry: &str| read(&format!("<feed xml:base='http://e.org/a/'><id>../</id>{entry}</feed>"));
        let said = atom("<entry><id>tag:1</id></entry><entry xml:base='b/'><id>./2</id></entry>");
        assert_eq!(said.feed.id.as_deref(), Some("http://e.org/"));
        assert_eq!(said.feed.entries[1].id.as_deref(), Some("./2"));
        assert_eq!(said.absolute_ids, [(1, "http://e.org/a/b/2".to_owned())]);
        for name in ["2.3", "//e.net/2", "17", "tag:e.net/2", "a / b"] {
            let said = atom(&format!("<entry><id>{name}</id></entry>"));
            assert!(said.absolute_ids.is_empty(), "{name}: {:?}", said.absolute_ids);
        }
        assert!(read("<rss><channel><item><guid>/2</guid></item></channel></rss>").absolute_ids.is_empty());
    }

    #[test]
    fn an_address_keeps_its_spelling() {
        check_link("<link>HTTP://E.org</link>", Some("HTTP://E.org"), None);
    }

    #[test]
    fn the_feeds_own_link_is_the_base_where_nobody_said_another() {
        check_link("<link>/l</link>", Some("http://e.org/l"), None);
    }

    #[test]
    fn numbers_beyond_reason_are_absent() {
        let enclosure = |length: &str| {
            let item = format!("<enclosure url='http://e.org/1.mp3' length='{length}'/>");
            entry(&format!("<rss><channel><item>{item}</item></channel></rss>")).enclosures.remove(0).length
        };
        assert_eq!(enclosure("123"), Some(123));
        for absurd in ["-1", "1e400", "99999999999999999999", ""] {
            assert_eq!(enclosure(absurd), None, "{absurd}");
        }
    }
}

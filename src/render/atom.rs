//! Atom 1.0 (RFC 4287).

use super::address::{HISTORY, web};
use super::item::{Item, ItemFeed};
use super::people::Author;
use super::text::{escaped, is_like_html};
use super::{Chain, Format, Site, channel};
use crate::feed::Output;
use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry, Feed, Generator, Link, Person, Source, Text, WriteConfig};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet};

/// An output as Atom.
pub(super) fn write(site: &Site, output: &Output, items: &[Item], chain: Chain) -> Vec<u8> {
    let has_pictures = items.iter().any(|item| item.thumbnail.is_some());
    let entries = items.iter().zip(updated_apart(items)).map(|(item, updated)| entry(site, item, updated));
    let feed = Feed {
        id: site.tag_uri(&format!("feeds/{}", output.id)),
        title: text(&channel::title(output)),
        subtitle: Some(text(&channel::description(site, output))),
        updated: fixed(channel::updated(items).unwrap_or_else(empty_since)),
        authors: vec![Person { name: channel::site_title(site), uri: web(&site.base_url), ..Person::default() }],
        links: feed_links(site, output, chain),
        generator: Some(Generator { value: "glasnik".to_owned(), uri: None, version: None }),
        lang: channel::language_of(output),
        namespaces: namespaces(has_pictures, chain),
        extensions: if chain.archive.is_some() { archive_mark() } else { ExtensionMap::new() },
        entries: entries.collect(),
        ..Feed::default()
    };
    let config = WriteConfig { write_document_declaration: false, indent_size: Some(1) };
    let mut document = feed.write_with_config(DECLARATION.to_vec(), config).expect("a Vec takes all that is written");
    document.push(b'\n');
    document
}

/// The crate's own declaration leaves the encoding to be guessed.
const DECLARATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// The change of a feed in which nothing ever stood: RFC 4287 wants one, and "now" would make
/// every rendering a new document.
fn empty_since() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc()
}

fn feed_links(site: &Site, output: &Output, chain: Chain) -> Vec<Link> {
    let link = |rel: &str, href: String, format: Format| Link {
        href,
        rel: rel.to_owned(),
        mime_type: Some(format.link_type().to_owned()),
        ..Link::default()
    };
    let alternate = |format| link("alternate", site.output_address(&output.id, format), format);
    let mut links = vec![link("self", site.own_address(&output.id, Format::Atom, chain), Format::Atom)];
    links.extend([Format::Html, Format::Rss, Format::Json].map(alternate));
    let of_chain = site.chain_links(&output.id, Format::Atom, chain);
    links.extend(of_chain.into_iter().map(|(rel, href)| link(rel, href, Format::Atom)));
    links
}

/// Says that the document is a part of the archive.
fn archive_mark() -> ExtensionMap {
    let name = format!("{}:archive", HISTORY.0);
    let mark = Extension { name, value: Some(String::new()), ..Extension::default() };
    BTreeMap::from([(HISTORY.0.to_owned(), BTreeMap::from([("archive".to_owned(), vec![mark])]))])
}

fn entry(site: &Site, item: &Item, updated: DateTime<Utc>) -> Entry {
    let language = || item.language.clone();
    // An entry with neither link nor content is not allowed (RFC 4287 §4.1.2).
    let must_have_content = item.link.is_none() && item.content.is_none();
    let content = if must_have_content { item.summary.as_ref() } else { item.content.as_ref() };
    let summary = item.summary.as_ref().filter(|_| !must_have_content);
    let html_content = |html: &String| Content {
        value: Some(html.clone()),
        content_type: Some("html".to_owned()),
        lang: language(),
        ..Content::default()
    };
    let bare_content = || Content {
        value: Some(text(&item.heading).value),
        content_type: Some(if is_like_html(&item.heading) { "html" } else { "text" }.to_owned()),
        lang: language(),
        ..Content::default()
    };
    Entry {
        id: item.id.clone(),
        title: Text { lang: language(), ..text(&item.heading) },
        updated: fixed(updated),
        published: Some(fixed(item.published)),
        authors: item.authors_or_source().iter().map(person).collect(),
        contributors: item.contributors.iter().map(person).collect(),
        categories: categories(site, item),
        links: entry_links(item),
        rights: item.rights.as_deref().map(text),
        summary: summary
            .map(|html| Text { lang: language(), ..Text::html(html.clone()) })
            .or_else(|| bare_summary(item)),
        content: content.map(html_content).or_else(|| must_have_content.then(bare_content)),
        source: Some(source(&item.source, item.updated)),
        extensions: item.thumbnail.as_deref().map(thumbnail).unwrap_or_default(),
        ..Entry::default()
    }
}

/// Plain text. What could be taken for HTML is said as HTML that shows it: many readers do not look
/// at the type.
fn text(plain: &str) -> Text {
    if is_like_html(plain) { Text::html(escaped(plain)) } else { Text::plain(plain) }
}

/// An entry should say something besides its title (RFC 4287 §4.1.1.1).
fn bare_summary(item: &Item) -> Option<Text> {
    let is_bare = item.summary.is_none() && item.content.is_none();
    is_bare.then(|| text(&format!("Reported by {}", item.source.title)))
}

fn person(author: &Author) -> Person {
    Person { name: author.name.clone(), uri: author.uri.clone(), ..Person::default() }
}

fn categories(site: &Site, item: &Item) -> Vec<Category> {
    let topics = item.topics.iter().map(|topic| Category {
        term: topic.id.clone(),
        scheme: Some(site.topic_scheme()),
        label: Some(topic.label()),
    });
    let theirs = item.categories.iter().map(|category| Category {
        term: category.term.clone(),
        scheme: category.scheme.clone(),
        label: category.label.clone(),
    });
    topics.chain(theirs).collect()
}

fn entry_links(item: &Item) -> Vec<Link> {
    let link = |rel: &str, href: &str| Link { href: href.to_owned(), rel: rel.to_owned(), ..Link::default() };
    let mut links: Vec<Link> = item.link.iter().map(|href| link("alternate", href)).collect();
    links.extend(item.also_in.iter().filter_map(|copy| {
        let title = copy.title.clone().unwrap_or_else(|| copy.feed.title.clone());
        Some(Link { title: Some(title), ..link("related", copy.link.as_deref()?) })
    }));
    links.extend(item.via.iter().map(|href| link("via", href)));
    links.extend(item.comments.iter().map(|href| link("replies", href)));
    links.extend(item.enclosures.iter().map(|enclosure| Link {
        mime_type: enclosure.media_type.clone(),
        length: enclosure.length.map(|length| length.to_string()),
        ..link("enclosure", &enclosure.url)
    }));
    let mut seen = HashSet::new();
    links.retain(|link| seen.insert((link.rel.clone(), link.href.clone())));
    links
}

/// The feed as it was when the entry last changed. With the moment of the feed's own last change,
/// every document that holds an entry of it would change with each of its entries.
fn source(feed: &ItemFeed, updated: DateTime<Utc>) -> Source {
    let link = |rel: &str, href: &str| Link { href: href.to_owned(), rel: rel.to_owned(), ..Link::default() };
    let mut links = vec![link("self", &feed.url)];
    links.extend(feed.link.iter().map(|href| link("alternate", href)));
    Source { id: feed.atom_id.clone(), title: text(&feed.title), updated: fixed(updated), links, ..Source::default() }
}

/// Media RSS, the one way in which readers expect a picture that is not part of the text.
pub(super) const MEDIA: (&str, &str) = ("media", "http://search.yahoo.com/mrss/");

fn namespaces(has_pictures: bool, chain: Chain) -> BTreeMap<String, String> {
    let media = has_pictures.then_some(MEDIA);
    let history = chain.archive.map(|_| HISTORY);
    media.into_iter().chain(history).map(|(prefix, name)| (prefix.to_owned(), name.to_owned())).collect()
}

/// The crate writes an extension's attributes as they are, so they are escaped here.
fn thumbnail(url: &str) -> ExtensionMap {
    let thumbnail = Extension {
        name: "media:thumbnail".to_owned(),
        attrs: BTreeMap::from([("url".to_owned(), quick_xml::escape::escape(url).into_owned())]),
        value: Some(String::new()),
        ..Extension::default()
    };
    BTreeMap::from([(MEDIA.0.to_owned(), BTreeMap::from([("thumbnail".to_owned(), vec![thumbnail])]))])
}

fn fixed(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.fixed_offset()
}

/// As `updated` of each item, but no two alike, which validators and readers that sort by it take
/// amiss (undated entries of one poll have one moment). The entry that we had first keeps its
/// second; the others get a millisecond that depends on their number and not on who else is there,
/// so that it stays when entries come and go.
fn updated_apart(items: &[Item]) -> Vec<DateTime<Utc>> {
    let mut by_age: Vec<usize> = (0..items.len()).collect();
    by_age.sort_by_key(|at| items[*at].number);
    let mut taken = HashSet::new();
    let mut moments: Vec<DateTime<Utc>> = items.iter().map(|item| item.updated).collect();
    for at in by_age {
        let first = items[at].number.rem_euclid(MILLISECONDS);
        let others = (0..MILLISECONDS).map(|step| TimeDelta::milliseconds(1 + (first + step) % MILLISECONDS));
        let mut candidates = std::iter::once(TimeDelta::zero()).chain(others).map(|apart| items[at].updated + apart);
        if let Some(free) = candidates.find(|moment| taken.insert(*moment)) {
            moments[at] = free;
        }
    }
    moments
}

/// As many as leave the second what it is.
const MILLISECONDS: i64 = 999;

#[cfg(test)]
mod tests {
    use crate::render::samples::{full, output, site, small};
    use crate::render::{Format, document};

    #[test]
    fn writes_all_that_is_known_of_an_entry_and_no_more() {
        let document = document(&site(), &output("security", &["security"]), Format::Atom, &[full(), small()]);
        assert_eq!(String::from_utf8_lossy(&document), EXPECTED);
    }

    const EXPECTED: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
 <title>Western Balkans security</title>
 <id>tag:feeds.example.org,2026:feeds/security</id>
 <updated>2026-03-02T10:30:00+00:00</updated>
 <author>
  <name>Western Balkans monitor</name>
  <uri>https://feeds.example.org/</uri>
 </author>
 <generator>glasnik</generator>
 <link href="https://feeds.example.org/feeds/security.atom" rel="self" type="application/atom+xml"/>
 <link href="https://feeds.example.org/feeds/security.html" rel="alternate" type="text/html"/>
 <link href="https://feeds.example.org/feeds/security.rss" rel="alternate" type="application/rss+xml"/>
 <link href="https://feeds.example.org/feeds/security.json" rel="alternate" type="application/feed+json"/>
 <subtitle>Western Balkans security, collected by Western Balkans monitor</subtitle>
 <entry>
  <title xml:lang="sr-Cyrl">КФОР појачава патроле &amp; „мере“ &lt;на северу&gt;</title>
  <id>tag:balkan.example,2026:17</id>
  <updated>2026-03-02T10:30:00+00:00</updated>
  <author>
   <name>Ана Ковач</name>
   <uri>https://balkan.example/ana</uri>
  </author>
  <category term="security" scheme="https://feeds.example.org/#topics" label="Western Balkans security: КФОР, patrole"/>
  <category term="Вести"/>
  <category term="NATO &amp; EU"/>
  <contributor>
   <name>Бојан</name>
   <uri>https://balkan.example/ana</uri>
  </contributor>
  <link href="https://balkan.example/17?a=1&amp;b=2" rel="alternate"/>
  <link href="https://wire.example/kfor" rel="related" title="KFOR steps up patrols"/>
  <link href="https://agency.example/feed" rel="via"/>
  <link href="https://balkan.example/17#comments" rel="replies"/>
  <link href="https://balkan.example/17.mp3" rel="enclosure" type="audio/mpeg" length="1234"/>
  <link href="https://balkan.example/17.pdf" rel="enclosure" type="application/pdf" length="1234"/>
  <published>2026-03-02T09:00:00+00:00</published>
  <rights>© Balkan desk</rights>
  <source>
   <title>Balkan desk</title>
   <id>tag:balkan.example,2020:feed</id>
   <updated>2026-03-02T10:30:00+00:00</updated>
   <link href="https://balkan.example/feed" rel="self"/>
   <link href="https://balkan.example/" rel="alternate"/>
  </source>
  <summary xml:lang="sr-Cyrl" type="html">&lt;p&gt;Више патрола &amp;amp; мера.&lt;/p&gt;</summary>
  <content xml:lang="sr-Cyrl" type="html">&lt;p&gt;KFOR pojačava &lt;b&gt;patrole&lt;/b&gt;. ]]&amp;gt;&lt;/p&gt;&lt;img src=&quot;https://balkan.example/a.png&quot;&gt;&lt;p&gt;Also in: &lt;a href=&quot;https://wire.example/kfor&quot;&gt;The wire&lt;/a&gt;&lt;/p&gt;</content>
  <media:thumbnail url="https://balkan.example/17.jpg?w=1&amp;h=2"></media:thumbnail>
 </entry>
 <entry>
  <title>Talks resume</title>
  <id>https://wire.example/1</id>
  <updated>2026-03-01T08:00:00+00:00</updated>
  <author>
   <name>The wire</name>
   <uri>https://wire.example/</uri>
  </author>
  <link href="https://wire.example/1" rel="alternate"/>
  <published>2026-03-01T08:00:00+00:00</published>
  <source>
   <title>The wire</title>
   <id>https://wire.example/feed</id>
   <updated>2026-03-01T08:00:00+00:00</updated>
   <link href="https://wire.example/feed" rel="self"/>
   <link href="https://wire.example/" rel="alternate"/>
  </source>
  <summary>Reported by The wire</summary>
 </entry>
</feed>
"##;
}

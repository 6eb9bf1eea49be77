//! RSS 2.0, with Dublin Core for names and languages, `content:encoded` for whole texts and Media
//! RSS for pictures and for all enclosures but the first.

use super::address::HISTORY;
use super::atom::MEDIA;
use super::item::Item;
use super::text::{escaped, excerpt, is_like_html};
use super::{Chain, Format, Site, channel};
use crate::feed::{Enclosure, Output};
use chrono::{DateTime, Utc};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Guid, Source};
use std::collections::BTreeMap;

/// An output as RSS.
pub(super) fn write(site: &Site, output: &Output, items: &[Item], chain: Chain) -> Vec<u8> {
    let mut namespaces = BTreeMap::from([("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned())]);
    if items.iter().any(|item| !media(item).is_empty()) {
        namespaces.insert(MEDIA.0.to_owned(), MEDIA.1.to_owned());
    }
    if chain.archive.is_some() {
        namespaces.insert(HISTORY.0.to_owned(), HISTORY.1.to_owned());
    }
    let channel = Channel {
        title: text(&channel::title(output)),
        link: site.output_address(&output.id, Format::Html),
        description: text(&channel::description(site, output)),
        language: channel::language_of(output),
        last_build_date: channel::updated(items).map(date),
        generator: Some("glasnik".to_owned()),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        ttl: Some(TTL_MINUTES.to_string()),
        extensions: channel_extensions(site, output, chain),
        namespaces,
        items: items.iter().map(|one| item(site, one)).collect(),
        ..Channel::default()
    };
    let document = channel.pretty_write_to(Vec::new(), b' ', 1).expect("a Vec takes all that is written");
    let mut document = with_numbers(&String::from_utf8(document).expect("the crate writes UTF-8"));
    document.push('\n');
    document.into_bytes()
}

/// Plain text. What could be taken for HTML, as most readers take a title, is said as HTML that
/// shows it.
fn text(plain: &str) -> String {
    if is_like_html(plain) { escaped(plain) } else { plain.to_owned() }
}

/// `&` and `<` of plain text by number, as the RSS profile advises: readers that decode once too
/// often do less harm to these. What stands in CDATA is HTML and stays.
fn with_numbers(document: &str) -> String {
    let mut written = String::with_capacity(document.len());
    let mut rest = document;
    while !rest.is_empty() {
        let opening = rest.find("<![CDATA[").unwrap_or(rest.len());
        let (plain, html) = rest.split_at(opening);
        written.push_str(&plain.replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;"));
        let closing = html.find("]]>").unwrap_or(html.len());
        written.push_str(&html[..closing]);
        rest = &html[closing..];
    }
    written
}

/// A reader that comes once in this time misses little; feeds are polled no more often either.
const TTL_MINUTES: u32 = 15;

fn channel_extensions(site: &Site, output: &Output, chain: Chain) -> ExtensionMap {
    let mut links = vec![("self", site.own_address(&output.id, Format::Rss, chain))];
    links.extend(site.chain_links(&output.id, Format::Rss, chain));
    let link = |(rel, href): (&str, String)| {
        ("link", vec![("href", href), ("rel", rel.to_owned()), ("type", Format::Rss.link_type().to_owned())])
    };
    let mut all = extensions("atom", links.into_iter().map(link));
    if chain.archive.is_some() {
        all.extend(extensions(HISTORY.0, [("archive", Vec::new())]));
    }
    all
}

fn item(site: &Site, item: &Item) -> rss::Item {
    let (description, content) = texts(item);
    let title = item.title.as_ref().or_else(|| description.is_none().then_some(&item.heading));
    rss::Item {
        title: title.map(|title| text(title)),
        link: item.link.clone(),
        description,
        content,
        categories: categories(site, item),
        comments: item.comments.clone(),
        enclosure: item.enclosures.iter().find(|enclosure| has_full_host(enclosure)).map(enclosure),
        guid: Some(Guid { value: item.id.clone(), permalink: Some(&item.id) == item.link.as_ref() }),
        pub_date: Some(date(item.published)),
        source: Some(Source { url: item.source.url.clone(), title: Some(item.source.title.clone()) }),
        extensions: links(item).into_iter().chain(media(item)).collect(),
        dublin_core_ext: Some(DublinCoreExtension {
            creators: item.authors_or_source().into_iter().map(|author| author.name).collect(),
            contributors: item.contributors.iter().map(|author| author.name.clone()).collect(),
            languages: item.language.iter().cloned().collect(),
            rights: item.rights.iter().cloned().collect(),
            ..DublinCoreExtension::default()
        }),
        ..rss::Item::default()
    }
}

/// Description and content. A reader that knows the description only shall not show an empty entry:
/// where there is none, it is the content's beginning, or the content itself if that is a picture.
fn texts(item: &Item) -> (Option<String>, Option<String>) {
    match (&item.summary, &item.content) {
        (None, Some(content)) => {
            let beginning = escaped(&excerpt(content, DESCRIPTION_CHARS));
            if beginning.is_empty() { (Some(content.clone()), None) } else { (Some(beginning), Some(content.clone())) }
        }
        (summary, content) => (summary.clone(), content.clone()),
    }
}

/// A description that stands in for a longer text is about a paragraph.
const DESCRIPTION_CHARS: usize = 300;

fn categories(site: &Site, item: &Item) -> Vec<Category> {
    let topics = item.topics.iter().map(|topic| Category { name: topic.id.clone(), domain: Some(site.topic_scheme()) });
    let theirs = item
        .categories
        .iter()
        .map(|category| Category { name: category.term.clone(), domain: category.scheme.clone() });
    topics.chain(theirs).collect()
}

/// Type and length are required here: unknown ones are said as RSS readers expect it.
fn enclosure(enclosure: &Enclosure) -> rss::Enclosure {
    rss::Enclosure {
        url: enclosure.url.clone(),
        length: enclosure.length.unwrap_or(0).to_string(),
        mime_type: enclosure.media_type.clone().unwrap_or_else(|| "application/octet-stream".to_owned()),
    }
}

/// Whether the enclosure's host has a dot. The RSS enclosure of another is refused by validators.
fn has_full_host(enclosure: &Enclosure) -> bool {
    enclosure.url.split('/').nth(2).is_some_and(|host| host.contains('.'))
}

/// The copies elsewhere, and whom the publisher has it from: RSS has no words for them.
fn links(item: &Item) -> ExtensionMap {
    let link = |rel: &str, href: &str| vec![("rel", rel.to_owned()), ("href", href.to_owned())];
    let copies = item.also_in.iter().filter_map(|copy| {
        let mut attributes = link("related", copy.link.as_deref()?);
        attributes.push(("title", copy.title.clone().unwrap_or_else(|| copy.feed.title.clone())));
        Some(attributes)
    });
    let via = item.via.iter().map(|href| link("via", href));
    extensions("atom", copies.chain(via).map(|attributes| ("link", attributes)))
}

/// RSS has room for one enclosure and none for a picture.
fn media(item: &Item) -> ExtensionMap {
    let first = item.enclosures.iter().position(has_full_host);
    let others = item.enclosures.iter().enumerate().filter(|(at, _)| Some(*at) != first);
    let contents = others.map(|(_, enclosure)| {
        let mut attributes = vec![("url", enclosure.url.clone())];
        attributes.extend(enclosure.media_type.iter().map(|media_type| ("type", media_type.clone())));
        let length = enclosure.length.filter(|length| *length > 0);
        attributes.extend(length.map(|length| ("fileSize", length.to_string())));
        ("content", attributes)
    });
    let thumbnail = item.thumbnail.iter().map(|url| ("thumbnail", vec![("url", url.clone())]));
    extensions(MEDIA.0, contents.chain(thumbnail))
}

fn extensions<'a>(prefix: &str, elements: impl IntoIterator<Item = (&'a str, Vec<(&'a str, String)>)>) -> ExtensionMap {
    let mut by_name: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for (name, attributes) in elements {
        let attrs = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let extension =
            Extension { name: format!("{prefix}:{name}"), attrs, value: Some(String::new()), ..Extension::default() };
        by_name.entry(name.to_owned()).or_default().push(extension);
    }
    if by_name.is_empty() { ExtensionMap::new() } else { BTreeMap::from([(prefix.to_owned(), by_name)]) }
}

/// RFC 822 with the four digits of RFC 2822, always in GMT.
fn date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use crate::render::samples::{full, output, site, small};
    use crate::render::{Format, document};

    #[test]
    fn writes_all_that_is_known_of_an_entry_and_no_more() {
        let document = document(&site(), &output("security", &["security"]), Format::Rss, &[full(), small()]);
        assert_eq!(String::from_utf8_lossy(&document), EXPECTED);
    }

    const EXPECTED: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
 <channel>
  <title>Western Balkans security</title>
  <link>https://feeds.example.org/feeds/security.html</link>
  <description>Western Balkans security, collected by Western Balkans monitor</description>
  <lastBuildDate>Mon, 02 Mar 2026 10:30:00 GMT</lastBuildDate>
  <generator>glasnik</generator>
  <docs>https://www.rssboard.org/rss-specification</docs>
  <ttl>15</ttl>
  <atom:link href="https://feeds.example.org/feeds/security.rss" rel="self" type="application/rss+xml"></atom:link>
  <item>
   <title>КФОР појачава патроле &#x26; „мере“ &#x3C;на северу&gt;</title>
   <link>https://balkan.example/17?a=1&#x26;b=2</link>
   <description><![CDATA[<p>Више патрола &amp; мера.</p>]]></description>
   <category domain="https://feeds.example.org/#topics">security</category>
   <category>Вести</category>
   <category>NATO &#x26; EU</category>
   <comments>https://balkan.example/17#comments</comments>
   <enclosure url="https://balkan.example/17.mp3" length="1234" type="audio/mpeg"/>
   <guid isPermaLink="false">tag:balkan.example,2026:17</guid>
   <pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate>
   <source url="https://balkan.example/feed">Balkan desk</source>
   <content:encoded><![CDATA[<p>KFOR pojačava <b>patrole</b>. ]]&gt;</p><img src="https://balkan.example/a.png"><p>Also in: <a href="https://wire.example/kfor">The wire</a></p>]]></content:encoded>
   <atom:link href="https://wire.example/kfor" rel="related" title="KFOR steps up patrols"></atom:link>
   <atom:link href="https://agency.example/feed" rel="via"></atom:link>
   <media:content fileSize="1234" type="application/pdf" url="https://balkan.example/17.pdf"></media:content>
   <media:thumbnail url="https://balkan.example/17.jpg?w=1&#x26;h=2"></media:thumbnail>
   <dc:contributor>Бојан</dc:contributor>
   <dc:creator>Ана Ковач</dc:creator>
   <dc:language>sr-Cyrl</dc:language>
   <dc:rights>© Balkan desk</dc:rights>
  </item>
  <item>
   <title>Talks resume</title>
   <link>https://wire.example/1</link>
   <guid>https://wire.example/1</guid>
   <pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate>
   <source url="https://wire.example/feed">The wire</source>
   <dc:creator>The wire</dc:creator>
  </item>
 </channel>
</rss>
"##;
}

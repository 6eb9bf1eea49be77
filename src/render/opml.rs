//! OPML 2.0: what we read and what we publish as lists, and the lists of others read.

use super::address::web;
use super::item::item_feed;
use super::text::{decoded, excerpt, line};
use super::{Format, Site, channel};
use crate::feed::{FeedName, Output};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::collections::HashSet;

/// What we read, as OPML 2.0.
pub fn subscriptions(site: &Site, feeds: &[FeedName]) -> Vec<u8> {
    let outlines = feeds.iter().map(|name| {
        let feed = item_feed(name);
        Outline { title: feed.title, xml_url: feed.url, html_url: feed.link, language: name.language.clone() }
    });
    document(&format!("{}: what it reads", channel::site_title(site)), outlines)
}

/// What we publish, as OPML 2.0. Each output once, as Atom: a reader that imports the list would
/// subscribe to every format of it.
pub fn outputs(site: &Site, outputs: &[Output]) -> Vec<u8> {
    let outlines = outputs.iter().map(|output| Outline {
        title: channel::title(output),
        xml_url: site.output_address(&output.id, Format::Atom),
        html_url: Some(site.output_address(&output.id, Format::Html)),
        language: channel::language_of(output),
    });
    document(&channel::site_title(site), outlines)
}

struct Outline {
    title: String,
    xml_url: String,
    html_url: Option<String>,
    language: Option<String>,
}

/// No dates: the same feeds give the same bytes.
fn document(title: &str, outlines: impl Iterator<Item = Outline>) -> Vec<u8> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    let mut write = |event: Event<'_>| writer.write_event(event).expect("a Vec takes all that is written");
    write(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    write(Event::Start(BytesStart::new("opml").with_attributes([("version", "2.0")])));
    write(Event::Start(BytesStart::new("head")));
    write(Event::Start(BytesStart::new("title")));
    write(Event::Text(BytesText::new(title)));
    write(Event::End(BytesEnd::new("title")));
    write(Event::End(BytesEnd::new("head")));
    write(Event::Start(BytesStart::new("body")));
    for outline in outlines {
        let mut element = BytesStart::new("outline");
        element.push_attribute(("type", "rss"));
        element.push_attribute(("text", outline.title.as_str()));
        element.push_attribute(("title", outline.title.as_str()));
        element.push_attribute(("xmlUrl", outline.xml_url.as_str()));
        if let Some(html_url) = &outline.html_url {
            element.push_attribute(("htmlUrl", html_url.as_str()));
        }
        if let Some(language) = outline.language.as_deref().and_then(line) {
            element.push_attribute(("language", language.as_str()));
        }
        write(Event::Empty(element));
    }
    write(Event::End(BytesEnd::new("body")));
    write(Event::End(BytesEnd::new("opml")));
    let mut document = writer.into_inner();
    document.push(b'\n');
    document
}

/// A list of ten thousand feeds has about three megabytes.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// More than anyone reads; a list with more is a mistake or an attack.
const FEEDS_MAX: usize = 20_000;

/// The feeds of a reading list, folders flattened, each address once: title and address. The
/// error is a sentence.
pub fn read(text: &str) -> Result<Vec<(Option<String>, String)>, String> {
    if text.len() > BYTES_MAX {
        return Err(format!("the list has {} bytes, more than the {BYTES_MAX} that are read", text.len()));
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    // Folders are not told apart, so it does not matter which of them a mistaken end tag ends.
    reader.config_mut().check_end_names = false;
    let mut feeds = Vec::new();
    let mut seen = HashSet::new();
    let mut depth = 0_usize;
    let mut has_root = false;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("the list is not well-formed at byte {}: {error}", reader.error_position()))?;
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                if !has_root {
                    check_root(element)?;
                    has_root = true;
                }
                if matches!(event, Event::Start(_)) {
                    depth += 1;
                }
                let Some((title, url)) = outline(element) else {
                    continue;
                };
                if seen.insert(url.clone()) {
                    feeds.push((title, url));
                }
                if feeds.len() > FEEDS_MAX {
                    return Err(format!("the list has more than {FEEDS_MAX} feeds"));
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if !has_root => return Err("this is no OPML: there is no element in it".to_owned()),
            Event::Eof if depth > 0 => return Err("the list ends in the middle, it may be cut off".to_owned()),
            Event::Eof => return Ok(feeds),
            _ => {}
        }
    }
}

/// Enough of a name to recognise it in a message.
const NAME_CHARS_MAX: usize = 40;

fn check_root(element: &BytesStart<'_>) -> Result<(), String> {
    let name = element.local_name();
    let name = name.as_ref();
    match name.to_ascii_lowercase().as_str() {
        "opml" => Ok(()),
        "html" => Err("this is no OPML but an HTML page".to_owned()),
        "rss" | "feed" | "rdf" => {
            Err(format!("this is no OPML but a feed: its first element is <{name}>; `add` takes feeds"))
        }
        _ => Err(format!("this is no OPML: its first element is <{}>", excerpt(name, NAME_CHARS_MAX))),
    }
}

/// Title and address of an outline that is a feed. Names in any case: `xmlurl` is common.
fn outline(element: &BytesStart<'_>) -> Option<(Option<String>, String)> {
    if !element.local_name().as_ref().eq_ignore_ascii_case("outline") {
        return None;
    }
    let (mut title, mut text, mut url) = (None, None, None);
    for attribute in element.attributes().with_checks(false).flatten() {
        let value = || line(&decoded(&attribute.value));
        match attribute.key.local_name().as_ref().to_ascii_lowercase().as_str() {
            "title" => title = title.or_else(value),
            "text" => text = text.or_else(value),
            "xmlurl" => url = url.or_else(value),
            _ => {}
        }
    }
    let url = url?;
    Some((title.or(text).filter(|title| *title != url), web(&url).unwrap_or(url)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::{feed, output, site};

    #[test]
    fn writes_what_we_read() {
        let hostile = FeedName { title: "R&D \"<b>\"\u{0}".to_owned(), ..feed("desk", "") };
        let serbian = FeedName { language: Some("sr".to_owned()), link: None, ..feed("glas", "Глас") };
        let document = subscriptions(&site(), &[hostile, serbian]);
        let expected = r##"<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
 <head>
  <title>Western Balkans monitor: what it reads</title>
 </head>
 <body>
  <outline type="rss" text="R&amp;D &quot;&lt;b&gt;&quot;" title="R&amp;D &quot;&lt;b&gt;&quot;" xmlUrl="https://desk.example/feed" htmlUrl="https://desk.example/"/>
  <outline type="rss" text="Глас" title="Глас" xmlUrl="https://glas.example/feed" language="sr"/>
 </body>
</opml>
"##;
        assert_eq!(String::from_utf8_lossy(&document), expected);
    }

    #[test]
    fn reads_back_what_it_writes() {
        let feeds = [feed("desk", "R&D \"<b>\""), feed("glas", "Глас")];
        let document = String::from_utf8(subscriptions(&site(), &feeds)).expect("UTF-8");
        let expected = feeds.map(|feed| (Some(feed.title), feed.url)).to_vec();
        assert_eq!(read(&document), Ok(expected));
        let document = String::from_utf8(outputs(&site(), &[output("all", &[])])).expect("UTF-8");
        let all = (Some("Western Balkans monitor".to_owned()), "https://feeds.example.org/feeds/all.atom".to_owned());
        assert_eq!(read(&document), Ok(vec![all]));
    }

    #[test]
    fn reads_the_lists_of_others() {
        for (body, expected) in [
            ("<outline text='A' xmlUrl='https://a.example/f'/>", vec![(Some("A"), "https://a.example/f")]),
            ("<outline text='A' title='B' xmlurl='https://a.example/f'/>", vec![(Some("B"), "https://a.example/f")]),
            ("<OUTLINE XMLURL=' https://a.example/f ' TEXT=' '></OUTLINE>", vec![(None, "https://a.example/f")]),
            (
                "<outline text='News'><outline text='Deep'><outline text='A' xmlUrl='https://a.example/f'/></outline></outline>",
                vec![(Some("A"), "https://a.example/f")],
            ),
            (
                "<outline text='R&amp;D &#x26; &lt;b&gt; AT&T' xmlUrl='https://a.example/f?x=1&amp;y=2&z=3'/>",
                vec![(Some("R&D & <b> AT&T"), "https://a.example/f?x=1&y=2&z=3")],
            ),
            (
                "<outline text='A' xmlUrl='https://a.example/f'/><outline text='B' xmlUrl='https://a.example/f'/>",
                vec![(Some("A"), "https://a.example/f")],
            ),
            ("<outline text='only a folder'/><outline xmlUrl=''/><outline/>", vec![]),
            (
                "<outline text='twice' text='x' xmlUrl='https://a.example/f'/>",
                vec![(Some("twice"), "https://a.example/f")],
            ),
            ("<outline text='no web' xmlUrl='feed.xml'/>", vec![(Some("no web"), "feed.xml")]),
            ("<outline xmlUrl='https://a.example/f' text='https://a.example/f'/>", vec![(None, "https://a.example/f")]),
            ("<!-- <outline xmlUrl='https://a.example/f'/> -->", vec![]),
        ] {
            let expected =
                expected.into_iter().map(|(title, url)| (title.map(str::to_owned), url.to_owned())).collect();
            let text = format!("\u{feff}<?xml version='1.0'?><!DOCTYPE opml><opml><head/><body>{body}</body></opml>");
            assert_eq!(read(&text), Ok(expected), "{body}");
        }
    }

    #[test]
    fn refuses_what_is_no_list_in_a_sentence() {
        for (text, reason) in [
            ("<html></html>", "this is no OPML but an HTML page"),
            ("<!doctype html><HTML>", "this is no OPML but an HTML page"),
            ("<rss/>", "this is no OPML but a feed: its first element is <rss>; `add` takes feeds"),
            ("<foo/>", "this is no OPML: its first element is <foo>"),
            ("", "this is no OPML: there is no element in it"),
            ("https://a.example/f", "this is no OPML: there is no element in it"),
            ("<opml><body><outline xmlUrl='https://a.example/f'/>", "the list ends in the middle, it may be cut off"),
        ] {
            assert_eq!(read(text), Err(reason.to_owned()), "{text}");
        }
        let broken = read("<opml><body><outline xmlUrl='https://a.example/f'/><!-- ").expect_err("it is cut off");
        assert!(broken.starts_with("the list is not well-formed at byte 51:"), "{broken}");
    }

    #[test]
    fn refuses_lists_without_end() {
        let outlines: String = (0..=FEEDS_MAX).map(|n| format!("<outline xmlUrl='https://a.example/{n}'/>")).collect();
        let error = read(&format!("<opml>{outlines}</opml>")).expect_err("it is too long");
        assert_eq!(error, "the list has more than 20000 feeds");
        assert!(
            read(&" ".repeat(BYTES_MAX + 1)).expect_err("it is too large").starts_with("the list has 16777217 bytes")
        );
        let folders = format!("<opml>{}{}</opml>", "<outline>".repeat(100_000), "</outline>".repeat(100_000));
        assert_eq!(read(&folders), Ok(Vec::new()), "depth costs nothing");
    }
}

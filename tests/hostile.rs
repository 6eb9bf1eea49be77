//! Documents written to harm whoever reads them: each is read or refused in linear time, and what
//! is kept of it is small. At these sizes anything quadratic takes minutes.

use glasnik::feed::Feed;
use glasnik::ingest::{self, Context};
use std::time::{Duration, Instant};

/// Far above what a slow machine needs in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

/// An item's start; most of these documents never end it.
const ITEM: &str = "<item><title>x</title><guid>1</guid>";

fn rss(inside: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>t</title>{inside}</channel></rss>")
}

/// Reads a document in time, and gives the feed if it is one.
fn read(name: &str, document: &str) -> Option<Feed> {
    let started = Instant::now();
    let read = ingest::read(document.as_bytes(), &Context::default());
    assert!(started.elapsed() < PATIENCE, "{name} took {:?}", started.elapsed());
    assert!(!matches!(read, Err(ingest::Error::Unreadable(_))), "{name}: {read:?}");
    read.ok()
}

fn check(name: &str, document: &str, entries: usize) {
    let feed = read(name, document).unwrap_or_else(|| panic!("{name} is no feed"));
    assert_eq!(feed.entries.len(), entries, "{name}");
    let kept = serde_json::to_string(&feed.entries).map_or(0, |kept| kept.len());
    assert!(kept <= 4 * 1024 * 1024, "{name} leaves {kept} bytes");
}

#[test]
fn a_million_entries_are_two_thousand() {
    check("items", &rss(&"<item/>".repeat(60_000)), 2_000);
    check("entries", &format!("<feed>{}</feed>", "<entry><id>1</id></entry>".repeat(30_000)), 2_000);
    let items = vec!["{\"id\":1}"; 30_000].join(",");
    check("json", &format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{items}]}}"), 2_000);
}

#[test]
fn nesting_costs_nothing() {
    for open in [
        "<x>",
        "<media:group>",
        "<media:content url='http://e.org/'>",
        "<itunes:category text='a'>",
        "<author>",
        "<source>",
        "<image>",
        "<a:b xmlns:a='u'>",
        "<a xml:base='x/'>",
        "<description>",
        "<content type='xhtml'>",
    ] {
        check(open, &rss(&(ITEM.to_owned() + &open.repeat(30_000))), 1);
        check(open, &rss(&open.repeat(30_000)), 0);
    }
    let markup = "<div><b>".repeat(30_000);
    check("markup", &rss(&format!("{ITEM}<description>{markup}</description></item>")), 1);
    let different: String = (0..20_000).map(|number| format!("<a{number}>")).collect();
    let ends = "</q>".repeat(50_000);
    check("stray ends", &rss(&format!("{ITEM}<description>{different}{ends}</description></item>")), 1);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = open.repeat(30_000) + "1" + &close.repeat(30_000);
        let json = |item: &str| {
            format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{{\"id\":\"1\",{item}}}]}}")
        };
        check("json unknown", &json(&format!("\"x\":{deep}")), 1);
        check("json tags", &json(&format!("\"tags\":{deep}")), 1);
    }
}

#[test]
fn what_never_ends_ends_with_the_document() {
    for piece in
        ["<a b=\"", "<a b='", "<!--", "<![CDATA[", "<?x ", "<!DOCTYPE [", "<!ENTITY a \"", "<", "&", "&amp", "</"]
    {
        check(piece, &rss(&(ITEM.to_owned() + "</item>" + &piece.repeat(40_000))), 1);
        check(piece, &rss(&format!("{ITEM}<description>{}", piece.repeat(40_000))), 1);
        read(piece, &piece.repeat(40_000));
    }
}

#[test]
fn attributes_and_namespaces_are_counted() {
    let attributes: String = (0..20_000).map(|number| format!(" a{number}='1'")).collect();
    check("attributes", &rss(&format!("{ITEM}<link{attributes} href='/'/></item>")), 1);
    let namespaces: String = (0..20_000).map(|number| format!(" xmlns:a{number}='u{number}'")).collect();
    check("namespaces", &format!("<rss{namespaces}><channel>{ITEM}</item></channel></rss>"), 1);
    let long = "x".repeat(1024 * 1024);
    check("attribute", &rss(&format!("{ITEM}<link href='{long}'/></item>")), 1);
    check("name", &rss(&format!("{ITEM}<{long}/></item>")), 1);
    check("base", &format!("<feed xml:base='http://e.org/{long}/'><entry><link href='x'/></entry></feed>"), 1);
}

#[test]
fn entities_do_not_grow() {
    let levels: String =
        (1..20).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    let item = format!("{ITEM}<description>{}</description></item>", "&l19;".repeat(1_000));
    check("laughs", &format!("<!DOCTYPE rss [<!ENTITY l0 \"lol\">{levels}]>{}", rss(&item)), 1);
    let flat = format!("<!ENTITY e \"{}\">", "x".repeat(250));
    let item = format!("{ITEM}<description>{}</description></item>", "&e;".repeat(60_000));
    check("flat", &format!("<!DOCTYPE rss [{flat}]>{}", rss(&item)), 1);
}

#[test]
fn many_values_of_one_kind_are_some() {
    for piece in [
        "<category>a</category>",
        "<link href='http://e.org/'/>",
        "<author>a@e.org (A)</author>",
        "<media:thumbnail url='http://e.org/t'/>",
        "<pubDate>2024-01-02</pubDate>",
        "<guid>2</guid>",
        "<title>y</title>",
    ] {
        check(piece, &rss(&format!("{ITEM}{}</item>", piece.repeat(10_000))), 1);
    }
    let keywords: String = (0..20_000).map(|number| format!("{number},")).collect();
    check("keywords", &rss(&format!("{ITEM}<itunes:keywords>{keywords}</itunes:keywords></item>")), 1);
}

#[test]
fn long_texts_are_cut_off() {
    let long = "riječ ".repeat(200_000);
    for element in ["title", "description", "author", "guid", "pubDate", "category", "link", "source", "image"] {
        check(element, &rss(&format!("<item><{element}>{long}</{element}></item>")), 1);
    }
    for letters in ["&lt;", "&amp;lt;", "]]>", "]", "<![CDATA[]]>", "&#0;", "\u{301}", "a@"] {
        let long = letters.repeat(50_000);
        check(letters, &rss(&format!("<item><title>{long}</title><author>{long}</author></item>")), 1);
    }
}

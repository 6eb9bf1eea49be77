//! Documents written to harm whoever reads them: each is read or refused in linear time, and what
//! is kept of it is small and safe. At these sizes anything quadratic takes minutes.

#[path = "hostile/invariants.rs"]
mod invariants;
#[path = "hostile/memory.rs"]
mod memory;
#[path = "hostile/mutations.rs"]
mod mutations;
#[path = "hostile/scripts.rs"]
mod scripts;
#[path = "hostile/vectors.rs"]
mod vectors;

use flate2::{Compression, write::GzEncoder};
use glasnik::feed::Feed;
use glasnik::ingest::{self, Context};
use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Far above what a slow machine needs in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

/// An item's start; most of these documents never end it.
const ITEM: &str = "<item><title>x</title><guid>1</guid>";

fn rss(inside: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>t</title>{inside}</channel></rss>")
}

/// Reads a document in time, and gives the feed if it is one.
fn read(name: &str, document: impl AsRef<[u8]>) -> Option<Feed> {
    let document = document.as_ref();
    let started = Instant::now();
    let read = ingest::read(document, &Context::default());
    assert!(started.elapsed() < PATIENCE, "{name:.60} took {:?}", started.elapsed());
    assert!(!matches!(read, Err(ingest::Error::Unreadable(_))), "{name:.60}: {read:?}");
    if let Ok(feed) = &read {
        invariants::hold(feed, document.len());
    }
    read.ok()
}

fn check(name: &str, document: impl AsRef<[u8]>, entries: usize) -> Feed {
    let feed = read(name, document).unwrap_or_else(|| panic!("{name:.60} is no feed"));
    assert_eq!(feed.entries.len(), entries, "{name:.60}");
    let kept = serde_json::to_string(&feed.entries).map_or(0, |kept| kept.len());
    assert!(kept <= 4 * 1024 * 1024, "{name:.60} leaves {kept} bytes");
    feed
}

#[test]
fn any_number_of_entries_is_two_thousand() {
    check("items", rss(&"<item/>".repeat(30_000)), 2_000);
    check("entries", format!("<feed>{}</feed>", "<entry/>".repeat(30_000)), 2_000);
    let entries: String = (0..10_000).map(|number| format!("<entry><id>{number}</id></entry>")).collect();
    check("different entries", format!("<feed>{entries}</feed>"), 2_000);
    check("nested", rss(&"<item><guid>1</guid>".repeat(10_000)), 2_000);
    let items = vec!["{\"id\":1}"; 10_000].join(",");
    check("json", format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{items}]}}"), 2_000);
}

#[test]
fn the_newest_entries_are_kept_in_whatever_order_they_stand() {
    let item = |number: usize| {
        let (month, day, hour) = (1 + number / 24 / 28, 1 + number / 24 % 28, number % 24);
        let date = format!("2026-{month:02}-{day:02}T{hour:02}:00:00Z");
        (
            format!("<item><guid>{number}</guid><dc:date>{date}</dc:date></item>"),
            format!("{{\"id\":{number},\"date_published\":\"{date}\"}}"),
        )
    };
    let ids = |feed: Feed| feed.entries.into_iter().filter_map(|entry| entry.id).collect::<Vec<_>>();
    let oldest_first = || 0..2_500;
    let newest: Vec<String> = oldest_first().skip(500).map(|number| number.to_string()).collect();
    let feed = check("oldest first", rss(&oldest_first().map(|number| item(number).0).collect::<String>()), 2_000);
    let left_out = feed.repairs.iter().find(|repair| repair.what == "entry beyond the newest 2000");
    assert_eq!(left_out.map(|repair| repair.count), Some(500));
    assert_eq!(ids(feed), newest);
    let items = oldest_first().map(|number| item(number).1).collect::<Vec<_>>().join(",");
    assert_eq!(
        ids(check("json", format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{items}]}}"), 2_000)),
        newest
    );
    let newest_first: String = oldest_first().rev().map(|number| item(number).0).collect();
    assert_eq!(ids(check("newest first", rss(&newest_first), 2_000)), newest.into_iter().rev().collect::<Vec<_>>());
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
        "<media:group><media:text>x</media:text>",
        "<itunes:owner>",
        "<dc:creator>",
        "<title>",
    ] {
        check(open, rss(&(ITEM.to_owned() + &open.repeat(15_000))), 1);
        check(open, rss(&open.repeat(15_000)), 0);
    }
    for markup in ["<div>".repeat(100_000), "<div><b>".repeat(30_000), "<ul><li>".repeat(20_000)] {
        check("markup", rss(&format!("{ITEM}<description>{markup}</description></item>")), 1);
        check("cdata", rss(&format!("{ITEM}<description><![CDATA[{markup}]]></description></item>")), 1);
    }
    check("elements", "<x>".repeat(200_000) + &rss(&(ITEM.to_owned() + "</item>")), 1);
    let different: String = (0..20_000).map(|number| format!("<a{number}>")).collect();
    let ends = "</q>".repeat(50_000);
    check("stray ends", rss(&format!("{ITEM}<description>{different}{ends}</description></item>")), 1);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = open.repeat(100_000) + "1" + &close.repeat(100_000);
        let json = |item: &str| {
            format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{{\"id\":\"1\",{item}}}]}}")
        };
        check("json unknown", json(&format!("\"x\":{deep}")), 1);
        check("json tags", json(&format!("\"tags\":{deep}")), 1);
        // Where a text should be, an object is looked into; serde_json goes 128 levels down.
        read("json title", json(&format!("\"title\":{deep}")));
    }
}

#[test]
fn what_never_ends_ends_with_the_document() {
    for piece in [
        "<a b=\"",
        "<a b='",
        "<!--",
        "<![CDATA[",
        "<?x ",
        "<!DOCTYPE [",
        "<!DOCTYPE [>",
        "<!ENTITY a \"",
        "<",
        "&",
        "&amp",
        "</",
    ] {
        check(piece, rss(&(ITEM.to_owned() + "</item>" + &piece.repeat(15_000))), 1);
        check(piece, rss(&format!("{ITEM}<description>{}", piece.repeat(15_000))), 1);
        read(piece, piece.repeat(15_000));
    }
}

#[test]
fn attributes_and_namespaces_are_counted() {
    let attributes: String = (0..100_000).map(|number| format!(" a{number}='1'")).collect();
    check("attributes", rss(&format!("{ITEM}<link{attributes} href='/'/></item>")), 1);
    let namespaces: String = (0..20_000).map(|number| format!(" xmlns:a{number}='u{number}'")).collect();
    check("namespaces", format!("<rss{namespaces}><channel>{ITEM}</item></channel></rss>"), 1);
    let long = "x".repeat(1024 * 1024);
    check("attribute", rss(&format!("{ITEM}<link href='{long}'/></item>")), 1);
    check("name", rss(&format!("{ITEM}<{long}/></item>")), 1);
    check("base", format!("<feed xml:base='http://e.org/{long}/'><entry><link href='x'/></entry></feed>"), 1);
}

#[test]
fn what_one_element_says_is_not_copied_for_many() {
    let base = format!("http://e.org/{}/", "x".repeat(100_000));
    let entries: String = (0..2_000).map(|number| format!("<entry><link href='{number}'/></entry>")).collect();
    check("a long base", format!("<feed xml:base='{base}'>{entries}</feed>"), 2_000);
    let bases: String = (0..2_000).map(|number| format!("<entry xml:base='{}/'>", "y".repeat(number))).collect();
    check("many bases", format!("<feed xml:base='http://e.org/'>{bases}</feed>"), 2_000);
    let text = format!("<media:text>{}</media:text>", "x".repeat(1_000));
    let group = format!("<media:group>{}{}</media:group>", text.repeat(100), "<media:group/>".repeat(10_000));
    check("texts of a group", rss(&format!("{ITEM}{group}</item>")), 1);
}

#[test]
fn entities_do_not_grow() {
    let levels: String =
        (1..20).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    let item = format!("{ITEM}<description>{}</description></item>", "&l19;".repeat(1_000));
    check("laughs", format!("<!DOCTYPE rss [<!ENTITY l0 \"lol\">{levels}]>{}", rss(&item)), 1);
    let flat = format!("<!ENTITY e \"{}\">", "x".repeat(250));
    let item = format!("{ITEM}<description>{}</description></item>", "&e;".repeat(30_000));
    check("flat", format!("<!DOCTYPE rss [{flat}]>{}", rss(&item)), 1);
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
        check(piece, rss(&format!("{ITEM}{}</item>", piece.repeat(10_000))), 1);
    }
    let keywords: String = (0..20_000).map(|number| format!("{number},")).collect();
    check("keywords", rss(&format!("{ITEM}<itunes:keywords>{keywords}</itunes:keywords></item>")), 1);
}

#[test]
fn long_texts_are_cut_off() {
    let long = "riječ ".repeat(200_000);
    for element in ["title", "description", "author", "guid", "pubDate", "category", "link", "source", "image"] {
        check(element, rss(&format!("<item><{element}>{long}</{element}></item>")), 1);
    }
    for letters in ["&lt;", "&amp;lt;", "]]>", "]", "<![CDATA[]]>", "&#0;", "\u{301}", "a@"] {
        let long = letters.repeat(20_000);
        check(letters, rss(&format!("<item><title>{long}</title><author>{long}</author></item>")), 1);
    }
}

#[test]
fn what_is_not_read_costs_nothing() {
    let megabyte = "x".repeat(1024 * 1024);
    check("comment", rss(&format!("<!--{megabyte}-->{ITEM}</item>")), 1);
    check("instruction", rss(&format!("<?x {megabyte}?>{ITEM}</item>")), 1);
    check("unknown element", rss(&format!("<y>{megabyte}</y>{ITEM}</item>")), 1);
    check("unknown elements", rss(&("<y>a</y>".repeat(100_000) + ITEM)), 1);
    check("white space", " \n".repeat(500_000) + &rss(&(ITEM.to_owned() + "</item>")), 1);
}

#[test]
fn nothing_outside_of_the_document_is_asked_for() {
    let origin = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    origin.set_nonblocking(true).expect("a listener need not wait");
    let address = origin.local_addr().expect("it has an address");
    let item = format!("{ITEM}<description>&x; %y; &z;</description></item>");
    for doctype in [
        format!("<!DOCTYPE rss SYSTEM \"http://{address}/rss.dtd\">"),
        format!("<!DOCTYPE rss PUBLIC \"x\" \"http://{address}/rss.dtd\" [<!ENTITY x \"y\">]>"),
        "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".to_owned(),
        format!("<!DOCTYPE rss [<!ENTITY % y SYSTEM \"http://{address}/y.dtd\"> %y;]>"),
        format!("<!DOCTYPE rss [<!ENTITY % z '<!ENTITY x SYSTEM \"http://{address}/\">'> %z;]>"),
        format!("<?xml-stylesheet href=\"http://{address}/\"?>"),
    ] {
        let feed = check(&doctype, doctype.clone() + &rss(&item), 1);
        assert!(!format!("{feed:?}").contains("root:"), "{doctype}");
    }
    let include = format!(
        "{ITEM}<description><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" parse=\"text\" href=\"file:///etc/passwd\"/>\
         <xi:include href=\"http://{address}/\"/></description></item>"
    );
    assert!(!format!("{:?}", check("include", rss(&include), 1)).contains("root:"));
    assert!(origin.accept().is_err(), "somebody asked");
}

#[test]
fn names_beside_addresses_may_be_of_any_script() {
    for author in [
        "foo@bar.example（山田太郎）",
        "Jürgen «foo@bar.example»",
        "記者：foo@bar.example",
        "é@é",
        "（@）",
        "a@b.c\u{301}",
    ] {
        for element in ["author", "dc:creator", "managingEditor", "webMaster", "itunes:author", "name"] {
            check(author, rss(&format!("<item><guid>1</guid><{element}>{author}</{element}></item>")), 1);
            check(
                author,
                format!(
                    "<feed><{element}>{author}</{element}><entry><author><{element}>{author}</{element}></author></entry></feed>"
                ),
                1,
            );
        }
        for author in [format!("\"{author}\""), format!("{{\"name\":\"{author}\"}}")] {
            check(&author, format!("{{\"items\":[{{\"id\":1,\"author\":{author},\"authors\":[{author}]}}]}}"), 1);
        }
    }
}

#[test]
fn numbers_beyond_reason_are_absent() {
    for number in
        ["-1", "0", "1e400", "9e18", "9223372036854775807", "99999999999999999999999", "-", "٣", "NaN", "1:2:3:4"]
    {
        let feed = check(
            number,
            rss(&format!(
                "<ttl>{number}</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>{number}</sy:updateFrequency>\
                 {ITEM}<enclosure url='http://e.org/1' length='{number}'/><itunes:duration>{number}</itunes:duration>\
                 <media:content url='http://e.org/2' type='video/x' fileSize='{number}' duration='{number}' width='{number}'/>\
                 <pubDate>{number}</pubDate><media:rating>{number}</media:rating></item>"
            )),
            1,
        );
        let lengths = feed.entries[0].enclosures.iter().filter_map(|enclosure| enclosure.length);
        assert!(lengths.into_iter().all(|length| length <= i64::MAX as u64), "{number}");
    }
    for number in ["-1", "1e400", "1e999999999", "-0", "18446744073709551616", &"9".repeat(100_000), "0.1e-400"] {
        read(
            number,
            format!(
                "{{\"items\":[{{\"id\":{number},\"attachments\":[{{\"url\":\"http://e.org/\",\"size_in_bytes\":{number}}}]}}]}}"
            ),
        );
    }
}

#[test]
fn a_parser_that_tripped_over_one_document_reads_the_next() {
    let good = rss(&format!("{ITEM}</item>"));
    let first = check("good", &good, 1);
    for bad in [
        "<rss><channel><item><media:group><media:content",
        "<feed><entry><content type='xhtml'><div",
        "{\"items\":[{",
        "",
    ] {
        read(bad, bad);
        assert_eq!(check("good", &good, 1), first, "{bad}");
    }
}

#[test]
fn wide_text_is_read_and_never_cut_in_the_middle() {
    let document =
        format!("<?xml version=\"1.0\" encoding=\"utf-16\"?>{}", rss(&format!("{ITEM}<author>ž@é</author></item>")));
    for read_unit in [u16::to_be_bytes, u16::to_le_bytes] {
        let bytes: Vec<u8> = document.encode_utf16().flat_map(read_unit).collect();
        check("utf-16", &bytes, 1);
        for end in (0..bytes.len()).step_by(7) {
            read("utf-16, cut off", &bytes[..end]);
        }
    }
}

#[test]
fn packed_documents_open_once_and_no_further_than_the_limit() {
    let pack = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).expect("memory does not fail");
        packed.finish().expect("memory does not fail")
    };
    let feed = rss(&format!("{ITEM}</item>"));
    check("gzip", pack(feed.as_bytes()), 1);
    assert_eq!(read("gzip in gzip", pack(&pack(feed.as_bytes()))), None);
    // A megabyte of zeros as often as it takes: gzip files may be joined.
    let bomb = pack(&vec![0; 1 << 20]).repeat(65);
    let started = Instant::now();
    assert_eq!(ingest::read(&bomb, &Context::default()), Err(ingest::Error::TooLarge));
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
}

#[test]
fn formatting_that_parsers_multiply_stays_as_large_as_it_was() {
    let names =
        |tag: &str, count: usize| (0..count).map(|number| format!("<{tag} title={number}>")).collect::<String>();
    for bomb in [
        format!("{}{}", names("b", 60), "x</b>".repeat(500)),
        format!("{}{}", names("b", 60), format!("{}x</b>x</b>", names("i", 60)).repeat(10)),
        format!("{}{}", names("b", 60), "<p>x".repeat(5_000)),
        format!("<table>{}{}", names("u", 60), "<tr>x".repeat(4_000)),
        names("font", 2_000) + &names("a href=/x", 2_000),
    ] {
        let feed = check("bomb", rss(&format!("{ITEM}<description><![CDATA[{bomb}]]></description></item>")), 1);
        let kept = feed.entries[0].summary.as_ref().map_or(0, String::len);
        assert!(kept <= 2 * bomb.len() + 16 * 1024, "{kept} of {}: {bomb:.60}", bomb.len());
    }
}

#[test]
fn characters_that_hide_or_pile_up_are_few_in_titles() {
    for (character, most) in
        [("\u{301}", 8), ("\u{202e}", 0), ("\u{2066}", 0), ("\u{200b}", 0), ("\u{feff}", 0), ("\u{e0041}", 0)]
    {
        let title = format!("a{}b{character}c", character.repeat(200_000));
        let feed = check(character, rss(&format!("<item><title>{title}</title></item>")), 1);
        let title = feed.entries[0].title.as_deref().unwrap_or_default();
        assert!(title.starts_with('a') && title.ends_with('c'), "{title:?}");
        assert!(title.matches(character).count() <= most, "{title:?}");
    }
}

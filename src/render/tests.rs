//! What hostile texts cannot do, what all formats agree on, and what stays the same.

use super::samples::{at, everywhere, feed, full, matched, output, site, small};
use super::text::{Piece, pieces};
use super::*;
use crate::feed::{ContentMode, Day, FeedName, LinkedStory, Revision};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

fn text(document: Vec<u8>) -> String {
    String::from_utf8(document).expect("documents are UTF-8")
}

fn atom_feed(entries: &[KeptEntry]) -> atom_syndication::Feed {
    let document = document(&site(), &output("all", &[]), Format::Atom, entries);
    atom_syndication::Feed::read_from(&document[..]).expect("our Atom reads back")
}

fn rss_channel(entries: &[KeptEntry]) -> ::rss::Channel {
    let document = document(&site(), &output("all", &[]), Format::Rss, entries);
    ::rss::Channel::read_from(&document[..]).expect("our RSS reads back")
}

fn json_feed(entries: &[KeptEntry]) -> serde_json::Value {
    let document = document(&site(), &output("all", &[]), Format::Json, entries);
    serde_json::from_slice(&document).expect("our JSON reads back")
}

/// An entry's page and a story's, with `entry` in every place.
fn everything_related(entry: &KeptEntry) -> Related {
    let story = crate::feed::StoryName { uid: "aaaaaaaaaaaaaaa2".to_owned(), outlets: 3 };
    Related { story: Some(story), of_story: 1, posts: vec![entry.clone(), entry.clone()], linked: vec![linked(entry)] }
}

fn linked(entry: &KeptEntry) -> LinkedStory {
    let story = crate::feed::StoryName { uid: "aaaaaaaaaaaaaaa3".to_owned(), outlets: 2 };
    let shared = entry.entry.title.clone().into_iter().collect();
    LinkedStory { story, first: entry.clone(), score: 0.4, shared }
}

fn story_of(entry: &KeptEntry) -> StoryView {
    let report = |same_as| Report { kept: entry.clone(), same_as, why: "the same text (93 %)".to_owned() };
    StoryView {
        uid: "aaaaaaaaaaaaaaa2".to_owned(),
        first: 0,
        entries: vec![report(None), report(Some(0)), report(None)],
        linked: vec![linked(entry)],
    }
}

/// Texts that break out of something if nobody stops them.
const HOSTILE: [&str; 9] = [
    "a]]>b</content></entry><evil/>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><evil x='",
    "<!--<![CDATA[<?xml version=\"1.0\"?>",
    "&#0;&#xFFFE;&evil;&amp;lt;script&amp;gt;",
    "nul\u{0} bell\u{7} esc\u{1b} \u{b}\u{fffe}\u{ffff}\u{fdd0}\u{1ffff}\u{85}\u{7f}",
    "]]\u{0}>]\u{0}]>",
    "javascript:alert('\u{2028}\u{202e}')",
];

/// As HTML, all that a sanitizer lets through and a writer might stumble over.
const SAFE_HTML: &str = "<p title=\"<img src=x onerror=y>\">]]&gt; ]]\u{0}> &amp;lt; \u{fffe}</p></content><br>";

#[test]
fn hostile_texts_stay_texts_in_xml() {
    for hostile in HOSTILE {
        let entries = [everywhere(hostile, SAFE_HTML), full()];
        for format in [Format::Atom, Format::Rss] {
            let document = text(document(&site(), &output("all", &[]), format, &entries));
            assert_eq!(text::clean(&document), document, "{hostile:?}");
            assert!(!xml_elements(&document).contains("evil"), "{hostile:?} in {document}");
        }
        let atom = atom_feed(&entries);
        assert_eq!(Some(text::decoded(&atom.entries[0].title.value)), text::line(hostile), "{hostile:?}");
        let content = atom.entries[0].content.as_ref().and_then(|content| content.value.clone());
        let rss = rss_channel(&entries);
        let title = rss.items[0].title.as_deref().map(text::decoded);
        assert_eq!(title, text::line(hostile), "{hostile:?}");
        assert_eq!(rss.items[0].content, content, "{hostile:?}");
        assert!(content.is_some_and(|content| content.starts_with(&text::clean_html(SAFE_HTML))), "{hostile:?}");
    }
}

/// Reads every event, so that what is not well-formed does not pass.
fn xml_elements(document: &str) -> BTreeSet<String> {
    let mut reader = quick_xml::Reader::from_str(document);
    let mut names = BTreeSet::new();
    loop {
        use quick_xml::events::Event;
        match reader.read_event().expect("well-formed XML") {
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes() {
                    attribute.expect("well-formed attributes");
                }
                names.insert(element.name().as_ref().to_owned());
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}

#[test]
fn hostile_texts_stay_texts_in_json() {
    for hostile in HOSTILE {
        let json = json_feed(&[everywhere(hostile, SAFE_HTML)]);
        let item = &json["items"][0];
        assert_eq!(item["title"].as_str().map(str::to_owned), text::line(hostile));
        assert!(item["id"].as_str().is_some_and(|id| id.starts_with("tag:")), "{hostile:?}");
        assert_eq!(item["url"], serde_json::Value::Null);
        assert!(!json.to_string().contains("\\u0000"), "{hostile:?}");
    }
}

#[test]
fn hostile_texts_stay_texts_on_pages() {
    let ours = [
        "!DOCTYPE", "a", "article", "aside", "b", "bdi", "body", "br", "button", "code", "dd", "div", "dl", "dt",
        "footer", "form", "h1", "h2", "h3", "head", "header", "html", "input", "li", "link", "main", "mark", "meta",
        "nav", "ol", "p", "path", "script", "section", "span", "style", "svg", "table", "tbody", "td", "th", "thead",
        "time", "title", "tr", "ul",
    ];
    for hostile in HOSTILE {
        let entry = everywhere(hostile, "<p>safe</p>");
        let shown = [(output("all", &[]), vec![entry.clone()])];
        let status = FeedStatus {
            feed: entry.feed.clone(),
            sentence: hostile.to_owned(),
            is_failing: true,
            entries: 1,
            days: vec![Day { new: 3, failed: 1 }],
            last_success_at: None,
            next_poll_at: None,
        };
        let activity = Activity { title: hostile.to_owned(), days: vec![Day { new: 3, failed: 0 }] };
        let status = Status { feeds: vec![status], topics: vec![activity.clone()], outputs: vec![activity] };
        let revision = Revision { until: at("2026-03-01T08:00:00Z"), title: Some(hostile.to_owned()), letters: 3 };
        for page in [
            document(&site(), &shown[0].0, Format::Html, &shown[0].1),
            index(&site(), &borrowed(&shown), std::slice::from_ref(&entry.feed)),
            entry_page(&site(), &entry, &[revision], &everything_related(&entry)),
            story_page(&site(), &story_of(&entry)),
            status_page(&site(), &status, at("2026-03-01T08:00:00Z")),
            error_page(&site(), 404, hostile),
        ] {
            let page = text(page);
            assert_eq!(text::clean(&page), page, "{hostile:?}");
            for tag in tags(&page) {
                let name = tag.trim_start_matches(['<', '/']).split([' ', '>']).next().unwrap_or_default();
                assert!(ours.contains(&name), "{hostile:?} became {tag}");
                assert!(!tag.contains("=\"javascript:") || tag.starts_with("<meta"), "{hostile:?} became {tag}");
            }
        }
    }
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    pieces(html).filter_map(|piece| if let Piece::Tag(tag) = piece { Some(tag) } else { None })
}

#[test]
fn every_format_says_the_same_of_an_entry() {
    let entries = [full(), small()];
    let (atom, rss, json) = (atom_feed(&entries), rss_channel(&entries), json_feed(&entries));
    for place in 0..entries.len() {
        let (entry, item, json) = (&atom.entries[place], &rss.items[place], &json["items"][place]);
        assert_eq!(item.guid.as_ref().map(|guid| &guid.value), Some(&entry.id));
        assert_eq!(json["id"], entry.id);
        assert_eq!(item.link.as_ref(), entry.links.first().map(|link| &link.href));
        assert_eq!(json["url"].as_str(), item.link.as_deref());
        let published = entry.published.map(|at| at.to_utc());
        let rss_date = item.pub_date.as_deref().and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        assert_eq!(rss_date.map(|at| at.to_utc()), published);
        assert_eq!(json["date_published"].as_str().map(at), published);
        let terms: Vec<&str> = entry.categories.iter().map(|category| category.term.as_str()).collect();
        assert_eq!(item.categories.iter().map(|category| category.name.as_str()).collect::<Vec<_>>(), terms);
        let tags = json["tags"].as_array().map_or(0, Vec::len);
        assert_eq!(tags, terms.len());
        let source = entry.source.as_ref().expect("every entry names its source");
        assert_eq!(item.source.as_ref().and_then(|source| source.title.as_ref()), Some(&source.title.value));
        assert_eq!(json["_glasnik"]["feed"]["title"], source.title.value);
    }
}

#[test]
fn keeps_the_publishers_id_where_it_is_an_iri_and_mints_one_else() {
    for (id, expected) in [
        (Some("https://wire.example/1"), "https://wire.example/1"),
        (Some("tag:wire.example,2020:Ž/%7e"), "tag:wire.example,2020:Ž/%7e"),
        (Some("17"), "tag:feeds.example.org,2026:entries/aaaaaaaaaaaaaaa2"),
        (Some("javascript:alert(1)"), "tag:feeds.example.org,2026:entries/aaaaaaaaaaaaaaa2"),
        (Some("urn:nul\u{0}"), "tag:feeds.example.org,2026:entries/aaaaaaaaaaaaaaa2"),
        (None, "tag:feeds.example.org,2026:entries/aaaaaaaaaaaaaaa2"),
    ] {
        let mut entry = small();
        entry.entry.id = id.map(str::to_owned);
        assert_eq!(atom_feed(&[entry]).entries[0].id, expected, "{id:?}");
    }
}

#[test]
fn an_id_belongs_to_the_entry_that_we_had_first() {
    let mut copy = small();
    copy.number = 9;
    copy.uid = "copycopycopycopy".to_owned();
    let mut thief = small();
    thief.number = 10;
    thief.uid = "thiefthiefthief2".to_owned();
    thief.entry.id = Some("tag:feeds.example.org,2026:entries/copycopycopycopy".to_owned());
    let ids: Vec<String> = atom_feed(&[thief, copy, small()]).entries.into_iter().map(|entry| entry.id).collect();
    let ours = |uid: &str| format!("tag:feeds.example.org,2026:entries/{uid}");
    assert_eq!(ids, [ours("thiefthiefthief2"), ours("copycopycopycopy"), "https://wire.example/1".to_owned()]);
}

#[test]
fn no_two_entries_of_a_feed_changed_at_the_same_moment() {
    let of_one_poll: Vec<KeptEntry> = [1003, 5, 1002, 4]
        .into_iter()
        .map(|number| KeptEntry { number, uid: format!("{number:a>16}"), ..small() })
        .collect();
    let moments = |entries: &[KeptEntry]| -> Vec<String> {
        atom_feed(entries).entries.iter().map(|entry| entry.updated.format("%S%.3f").to_string()).collect()
    };
    assert_eq!(moments(&of_one_poll), ["00.005", "00.006", "00.004", "00.000"]);
    assert_eq!(moments(&of_one_poll[..2]), ["00.005", "00.000"], "another one's moment stays when one leaves");
    assert_eq!(atom_feed(&of_one_poll).updated, atom_feed(&[small()]).updated);
}

#[test]
fn the_same_entries_give_the_same_bytes() {
    for format in Format::ALL {
        let once = document(&site(), &output("all", &[]), format, &[full(), small()]);
        assert_eq!(document(&site(), &output("all", &[]), format, &[full(), small()]), once);
    }
    // Neither another version nor news in a feed that did not reach the output makes it another document.
    let newer = Site { generator_version: "9.9.9", ..site() };
    let mut entry = full();
    entry.feed.updated = Some(at("2026-03-05T00:00:00Z"));
    for format in Format::ALL {
        let document = |site: &Site, entry: KeptEntry| document(site, &output("all", &[]), format, &[entry]);
        assert_eq!(document(&newer, entry.clone()), document(&site(), full()));
    }
}

#[test]
fn an_empty_output_is_a_valid_document() {
    assert_eq!(atom_feed(&[]).updated.to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert_eq!(rss_channel(&[]).last_build_date, None);
    assert_eq!(json_feed(&[])["items"], serde_json::json!([]));
    assert!(text(document(&site(), &output("all", &[]), Format::Html, &[])).contains("Nothing here yet"));
}

#[test]
fn carries_as_much_text_as_the_output_wants() {
    let with = |content| Output { content, ..output("all", &[]) };
    let foot = "<p>Also in: <a href=\"https://wire.example/kfor\">The wire</a></p>";
    let texts = |content| {
        let document = document(&site(), &with(content), Format::Rss, &[full()]);
        let item = ::rss::Channel::read_from(&document[..]).expect("our RSS reads back").items.remove(0);
        (item.description, item.content)
    };
    let (summary, content) = texts(ContentMode::Full);
    assert_eq!(summary.as_deref(), Some("<p>Више патрола &amp; мера.</p>"));
    assert!(content.is_some_and(|content| content.starts_with("<p>KFOR pojačava") && content.ends_with(foot)));
    assert_eq!(texts(ContentMode::Summary), (Some(format!("<p>Више патрола &amp; мера.</p>{foot}")), None));
    assert_eq!(texts(ContentMode::Title), (None, None));
}

#[test]
fn a_summary_is_made_of_the_content_where_there_is_none() {
    let mut entry = small();
    entry.entry.content = Some(format!("<p>One &lt; {}</p>", "two ".repeat(300)));
    let output = Output { content: ContentMode::Summary, ..output("all", &[]) };
    let json = document(&site(), &output, Format::Json, &[entry]);
    let json: serde_json::Value = serde_json::from_slice(&json).expect("our JSON reads back");
    let html = json["items"][0]["content_html"].as_str().expect("a text");
    assert!(html.starts_with("One &lt; two two") && html.ends_with("two…") && html.len() < 600, "{html}");
}

#[test]
fn an_entry_without_title_or_link_can_still_be_shown() {
    let mut entry = small();
    (entry.entry.title, entry.entry.link) = (None, None);
    entry.entry.summary = Some("<p>Only words.</p>".to_owned());
    let atom = atom_feed(std::slice::from_ref(&entry));
    assert_eq!(atom.entries[0].title.value, "Only words.");
    assert!(atom.entries[0].content.is_some(), "RFC 4287: without a link there must be content");
    assert_eq!(rss_channel(std::slice::from_ref(&entry)).items[0].title, None);
    entry.entry.summary = None;
    assert_eq!(atom_feed(std::slice::from_ref(&entry)).entries[0].title.value, "Untitled entry of The wire");
    assert_eq!(rss_channel(&[entry]).items[0].title.as_deref(), Some("Untitled entry of The wire"));
}

#[test]
fn nobody_else_puts_entries_into_our_topics() {
    let mut entry = small();
    entry.entry.categories = vec![crate::feed::Category {
        term: "security".to_owned(),
        scheme: Some("https://feeds.example.org/#topics".to_owned()),
        label: None,
    }];
    assert_eq!(atom_feed(&[entry]).entries[0].categories[0].scheme, None);
}

#[test]
fn dates_that_no_format_can_write_are_moved() {
    let mut entry = small();
    (entry.sorted_at, entry.updated_at) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let entries = [entry];
    assert_eq!(rss_channel(&entries).items[0].pub_date.as_deref(), Some("Mon, 01 Jan 1990 00:00:00 GMT"));
    assert_eq!(json_feed(&entries)["items"][0]["date_modified"], "9999-12-31T00:00:00Z");
    assert!(document(&site(), &output("all", &[]), Format::Html, &entries).starts_with(b"<!DOCTYPE html>"));
}

/// Every entry in Cyrillic, with everything, in one output.
fn a_hundred() -> Vec<KeptEntry> {
    let entry = |number: i64| {
        let mut entry = full();
        entry.number = number;
        entry.uid = format!("{number:a>16}");
        entry.sorted_at -= TimeDelta::hours(number);
        entry.entry.id = Some(format!("tag:balkan.example,2026:{number}"));
        entry.entry.title = Some("КФОР појачава патроле на северу Косова после инцидента код Звечана".to_owned());
        entry.entry.summary = Some("Мисија је саопштила да ће повећати број патрола. ".repeat(9));
        entry
    };
    (0..100).map(entry).collect()
}

#[test]
fn a_page_of_a_hundred_entries_is_light() {
    for language in PageLanguage::ALL {
        let page = document(&Site { language, ..site() }, &output("all", &[]), Format::Html, &a_hundred());
        assert!(page.len() < 100_000, "{language:?}: {} bytes", page.len());
    }
}

#[test]
fn pages_run_one_script_of_ours_and_ask_nobody() {
    let shown = [(output("all", &[]), a_hundred()), (output("security", &["security"]), vec![full()])];
    let pages = [
        document(&site(), &shown[0].0, Format::Html, &shown[0].1),
        index(&site(), &borrowed(&shown), &[feed("wire", "The wire")]),
        status_page(&site(), &Status::default(), at("2026-03-01T08:00:00Z")),
        entry_page(&site(), &small(), &[], &everything_related(&small())),
        entry_page(&site(), &full(), &[], &Related::default()),
        story_page(&site(), &story_of(&small())),
    ];
    for page in pages.map(text) {
        for tag in tags(&page) {
            assert!(!tag.contains(" src") && !tag.contains(" style="), "{tag}");
            let is_fetched = tag.starts_with("<link") && !tag.contains("rel=\"alternate\"") && !tag.contains("data:");
            assert!(!is_fetched, "{tag}");
        }
        let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        assert_eq!(style, Some(include_str!("html/style.css")), "the hash must be the element's");
        let scripts: Vec<&str> =
            page.split("<script>").skip(1).filter_map(|rest| rest.split("</script>").next()).collect();
        assert_eq!(scripts, [include_str!("html/copy.js")], "the one whose hash is allowed");
        assert_eq!(page.matches("<script").count(), 1);
    }
    for hash in [style_hash(), script_hash()] {
        assert!(hash.starts_with("'sha256-") && hash.len() == 53, "{hash}");
    }
}

#[test]
fn pages_name_their_feeds_for_readers() {
    let page = text(document(&site(), &output("security", &["security"]), Format::Html, &[full()]));
    for expected in [
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Western Balkans security (Atom)\" href=\"/feeds/security.atom\">",
        "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"Western Balkans security (RSS)\" href=\"/feeds/security.rss\">",
        "<link rel=\"alternate\" type=\"application/feed+json\" title=\"Western Balkans security (JSON)\" href=\"/feeds/security.json\">",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}

/// As the front page takes what it shows.
fn borrowed(shown: &[(Output, Vec<KeptEntry>)]) -> Vec<(&Output, &[KeptEntry])> {
    shown.iter().map(|(output, entries)| (output, &entries[..])).collect()
}

/// Every address in a page that leads to the site itself.
fn own_links(page: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| !link.contains(':') && !link.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn pages_link_to_what_is_there() {
    let pages = |site: &Site| -> BTreeSet<String> {
        let shown = [(output("all", &[]), vec![full()]), (output("security", &["security"]), vec![full()])];
        let pages = [
            document(site, &shown[0].0, Format::Html, &shown[0].1),
            index(site, &borrowed(&shown), &[FeedName::default()]),
        ];
        pages.map(text).iter().flat_map(|page| own_links(page)).collect()
    };
    let expected = |links: &[&str]| links.iter().map(|link| (*link).to_owned()).collect::<BTreeSet<_>>();
    let served = Site { base_url: "https://example.org/news/".to_owned(), ..site() };
    assert_eq!(
        pages(&served),
        expected(&[
            "/news/",
            "/news/entries/bbbbbbbbbbbbbbb3",
            "/news/outputs.opml",
            "/news/status",
            "/news/subscriptions.opml",
            "/news/feeds/all.atom",
            "/news/feeds/all.html",
            "/news/feeds/all.json",
            "/news/feeds/all.rss",
            "/news/feeds/security.atom",
            "/news/feeds/security.html",
            "/news/feeds/security.json",
            "/news/feeds/security.rss",
        ])
    );
    let in_files = |depth, entries: &[&str]| {
        let entries = entries.iter().map(|uid| (*uid).to_owned()).collect();
        Site { links: Links::Files(Files { depth, entries }), ..site() }
    };
    let files = in_files(0, &[]);
    assert_eq!(
        pages(&files),
        expected(&[
            "index.html",
            "outputs.opml",
            "subscriptions.opml",
            "all.atom",
            "all.html",
            "all.json",
            "all.rss",
            "security.atom",
            "security.html",
            "security.json",
            "security.rss",
        ])
    );
    for format in [Format::Atom, Format::Rss, Format::Json] {
        let document = |site: &Site| document(site, &output("all", &[]), format, &[full()]);
        assert_eq!(document(&files), document(&site()), "feeds are the same bytes wherever pages are read");
    }
    let deep = pages(&in_files(2, &["bbbbbbbbbbbbbbb3"]));
    for link in ["../../index.html", "../../all.html", "../../entries/bbbbbbbbbbbbbbb3/index.html"] {
        assert!(deep.contains(link), "{link} of {deep:?}");
    }
}

#[test]
fn the_entry_page_says_where_it_is_from_and_why_it_is_here() {
    let revision =
        Revision { until: at("2026-03-02T10:30:00Z"), title: Some("Старији".to_owned()), letters: 40 };
    let page = text(entry_page(&site(), &full(), &[revision], &Related::default()));
    for expected in [
        "<mark>КФОР</mark> ← <span class=\"dim\">kfor</span></span><span class=\"dim\">title</span>",
        "<mark>patrole</mark> ← <span class=\"dim\">patrola</span></span><span class=\"dim\">text · hbs</span>",
        "<b><mark>patrole</mark></b>",
        "<bdi lang=\"sr-Cyrl\">Старији</bdi></span><span class=\"dim\">until 2 Mar, 10:30 · 40 letters</span>",
        "<a href=\"https://wire.example/kfor\" rel=\"nofollow\">The wire</a>: <bdi>KFOR steps up patrols</bdi>",
        "<a href=\"https://balkan.example/17?a=1&amp;b=2\" rel=\"nofollow\">Read it at balkan.example →</a>",
        "<a class=\"pic\" href=\"https://balkan.example/a.png\" rel=\"noopener noreferrer nofollow\">Picture</a>",
        "<time datetime=\"2026-03-02T10:30:00Z\">2 March 2026, 10:30</time>",
        "<h1 lang=\"sr-Cyrl\" dir=\"auto\">",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!page.contains("Also in"), "the copies have their own place");
}

#[test]
fn a_category_of_ours_is_labelled_with_the_words_that_gave_it() {
    let label = |found: &[&str]| {
        let mut kept = full();
        kept.tags[0].matched = found.iter().map(|found| matched(found, "content")).collect();
        let category = atom_feed(&[kept]).entries.remove(0).categories.remove(0);
        assert_eq!(
            (category.term.as_str(), category.scheme.as_deref()),
            ("security", Some("https://feeds.example.org/#topics"))
        );
        category.label.expect("a label")
    };
    let name = "Western Balkans security";
    assert_eq!(label(&[]), name, "as a parent has it");
    assert_eq!(label(&["КФОР", "кфор", "\"R&D\" <br>"]), format!("{name}: КФОР, \"R&D\" <br>"));
    assert_eq!(label(&["a", "b", "c", "d", "e", "f"]), format!("{name}: a, b, c, d, e"));
    let long = "ш".repeat(50);
    assert_eq!(label(&[&long, "КФОР"]), format!("{name}: КФОР"), "{} bytes are too many", long.len());
}

#[test]
fn the_same_entry_is_the_same_bytes_each_time() {
    for format in [Format::Atom, Format::Rss, Format::Json, Format::Html] {
        let written = || text(document(&site(), &output("all", &[]), format, &[full(), small()]));
        assert_eq!(written(), written());
    }
}

#[test]
fn a_heading_marks_the_words_that_gave_its_topics() {
    let page = text(document(&site(), &output("all", &[]), Format::Html, &[full()]));
    assert!(page.contains("<mark>КФОР</mark> појачава патроле &amp; „мере“ &lt;на северу&gt;</a>"), "{page}");
}

#[test]
fn the_status_page_begins_with_what_is_broken() {
    let status = |id: &str, is_failing| FeedStatus {
        feed: feed(id, id),
        sentence: "read 2h ago".to_owned(),
        is_failing,
        entries: 3,
        days: vec![Day { new: 2, failed: 0 }, Day { new: 0, failed: u32::from(is_failing) }],
        last_success_at: Some(at("2026-03-01T06:00:00Z")),
        next_poll_at: None,
    };
    let feeds = vec![status("well", false), status("broken", true)];
    let topics = vec![Activity { title: "Security".to_owned(), days: vec![Day { new: 3, failed: 0 }; 2] }];
    let status = Status { feeds, topics, outputs: Vec::new() };
    let page = text(status_page(&site(), &status, at("2026-03-01T08:00:00Z")));
    assert!(page.contains("1 feed needs a look"), "{page}");
    assert!(page.find("feed-broken") < page.find("feed-well"), "{page}");
    for expected in ["2 new · 2 days · failures on 1 day", "aria-label=\"2 new · 2 days\"", "3.0 a day"] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
}

#[test]
fn a_page_speaks_the_readers_language_and_an_entry_its_own() {
    for (language, expected) in [
        (PageLanguage::English, ["<html lang=\"en\">", ">Latest</h1>", "Monday, 2 March 2026", "Copy address"]),
        (
            PageLanguage::Latin,
            ["<html lang=\"sr-Latn\">", ">Najnovije</h1>", "ponedeljak, 2. mart 2026.", "Kopiraj adresu"],
        ),
        (
            PageLanguage::Cyrillic,
            ["<html lang=\"sr-Cyrl\">", ">Најновије</h1>", "понедељак, 2. март 2026.", "Копирај адресу"],
        ),
        (PageLanguage::Albanian, ["<html lang=\"sq\">", ">Më të rejat</h1>", "2 mars 2026", "Kopjo adresën"]),
        (
            PageLanguage::Macedonian,
            ["<html lang=\"mk\">", ">Најново</h1>", "понеделник, 2 март 2026", "Копирај адреса"],
        ),
    ] {
        let site = Site { language, ..site() };
        let page = text(document(&site, &output("all", &[]), Format::Html, &[full()]));
        for expected in expected {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(page.contains("<h3 lang=\"sr-Cyrl\">"), "{page}");
        let feed = document(&site, &output("all", &[]), Format::Atom, &[full()]);
        assert_eq!(feed, document(&samples::site(), &output("all", &[]), Format::Atom, &[full()]));
    }
}

#[test]
fn an_outputs_address_is_there_to_be_copied_with_and_without_a_script() {
    let page = text(document(&site(), &output("security", &["security"]), Format::Html, &[full()]));
    let address = "https://feeds.example.org/feeds/security.atom";
    assert!(page.contains(&format!("<code>{address}</code>")), "{page}");
    assert!(page.contains(&format!("data-copy=\"{address}\" data-done=\"Copied\">Copy address</button>")), "{page}");
}

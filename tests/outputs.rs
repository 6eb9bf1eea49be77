//! What leaves the house, read by others: any entry that ingest can produce gives documents that are
//! well-formed, keep the rules of their format and are read back equal, by our own reader and by the
//! W3C feed validator where `GLASNIK_FEEDVALIDATOR` says that there is one.

#[path = "outputs/nasties.rs"]
mod nasties;
#[path = "outputs/validator.rs"]
mod validator;

use chrono::{DateTime, SubsecRound, Utc};
use glasnik::feed::{
    AlsoIn, Collapse, ContentMode, Copies, Entry, Feed, FeedName, KeptEntry, Match, Output, Relation, Tag,
};
use glasnik::ingest::{self, Context};
use glasnik::render::{self, Format, Links, Site, TopicTitle};
use nasties::Numbers;
use quick_xml::events::Event;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use url::Url;

const FORMATS: [Format; 3] = [Format::Atom, Format::Rss, Format::Json];

/// Enough for every nasty thing to stand in every place, in a few seconds.
const FEEDS: usize = 120;

#[test]
fn d1_d51_whatever_was_read_is_well_formed_and_reads_back_equal() {
    let mut numbers = Numbers(7);
    let mut entries = 0;
    for _ in 0..FEEDS {
        let document = nasties::feed(&mut numbers);
        let Ok(feed) = read(document.as_bytes()) else {
            continue;
        };
        let kept = kept(&feed);
        entries += kept.len();
        for content in [ContentMode::Full, ContentMode::Summary, ContentMode::Title] {
            for format in FORMATS {
                let written = written(format, content, &kept);
                keeps_the_rules(format, &written);
                reads_back(format, content, &written, &kept);
            }
        }
    }
    assert!(entries > FEEDS, "only {entries} entries were read");
}

#[test]
fn d51_our_own_documents_are_read_without_repairs_and_to_the_same_documents() {
    let mut numbers = Numbers(11);
    for _ in 0..FEEDS / 4 {
        let feed = read(nasties::feed(&mut numbers).as_bytes()).unwrap_or_default();
        let kept = kept(&feed);
        for format in FORMATS {
            let first = read(&written(format, ContentMode::Full, &kept)).expect("our own feed is one");
            assert_eq!(first.repairs, [], "{format:?}");
            let ids = |feed: &Feed| feed.entries.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>();
            let again = read(&written(format, ContentMode::Full, &kept)).expect("our own feed is one");
            assert_eq!(ids(&first), ids(&again));
            assert_eq!(ids(&first).iter().collect::<HashSet<_>>().len(), kept.len(), "D9: ids are unique");
        }
    }
}

fn read(document: &[u8]) -> Result<Feed, ingest::Error> {
    let url = Url::parse("https://o.example/feed").expect("an address");
    ingest::read(document, &Context { url: Some(&url), content_type: None })
}

fn site() -> Site {
    Site {
        title: "R&D <b>desk</b>".to_owned(),
        base_url: "https://feeds.example.org/".to_owned(),
        generator_version: "0",
        outputs: Vec::new(),
        topics: vec![TopicTitle { id: "security".to_owned(), title: "Security & <more>".to_owned() }],
        links: Links::Served,
        language: render::PageLanguage::English,
    }
}

fn output(content: ContentMode) -> Output {
    Output {
        collapse: Collapse::None,
        items: 1000,
        content,
        also_in: Copies::Links,
        ..Output::new("all", "Security & <more>")
    }
}

fn written(format: Format, content: ContentMode, kept: &[KeptEntry]) -> Vec<u8> {
    render::document(&site(), &output(content), format, kept)
}

fn now() -> DateTime<Utc> {
    "2026-04-01T12:00:00.5Z".parse().expect("a date")
}

/// The entries as the store would keep them, one for each key, with a topic and a copy elsewhere.
fn kept(feed: &Feed) -> Vec<KeptEntry> {
    let mut seen = HashSet::new();
    let entries = feed.entries.iter().filter(|entry| seen.insert(entry.key.clone()));
    entries.zip(1..).map(|(entry, number)| kept_entry(feed, entry, number)).collect()
}

fn kept_entry(feed: &Feed, entry: &Entry, number: i64) -> KeptEntry {
    let sorted_at = entry.published.or(entry.updated).unwrap_or_else(now).min(now());
    let name = FeedName {
        id: "o".to_owned(),
        title: feed.title.clone().unwrap_or_default(),
        url: "https://o.example/feed".to_owned(),
        link: feed.link.clone(),
        publisher_id: feed.id.clone(),
        language: None,
        updated: None,
    };
    let hit = Match { term: "kfor".into(), found: "КФОР".into(), field: "title".into(), language: "any".into() };
    let copy = AlsoIn {
        feed: FeedName { id: "wire".into(), ..name.clone() },
        link: entry.link.clone(),
        title: None,
        relation: Relation::Copy,
    };
    KeptEntry {
        number,
        uid: format!("{number:a>16}"),
        feed: name,
        entry: entry.clone(),
        first_seen_at: now(),
        sorted_at,
        updated_at: entry.updated.unwrap_or(sorted_at).clamp(sorted_at, now().max(sorted_at)),
        tags: vec![Tag { topic: "security".to_owned(), score: 1.0, matched: vec![hit] }],
        also_in: vec![copy],
        story: None,
    }
}

fn reads_back(format: Format, content: ContentMode, written: &[u8], kept: &[KeptEntry]) {
    let shown = || format!("{format:?} {content:?}: {}", String::from_utf8_lossy(written));
    let feed = read(written).unwrap_or_else(|error| panic!("{error}: {}", shown()));
    assert_eq!(feed.entries.len(), kept.len(), "{}", shown());
    assert_eq!(feed.title.as_deref(), Some("Security & <more>"), "{}", shown());
    assert_eq!(
        feed.self_link.as_deref(),
        Some(&*format!("https://feeds.example.org/feeds/all.{}", format.extension()))
    );
    for (back, kept) in feed.entries.iter().zip(kept) {
        let entry = &kept.entry;
        let ours = format!("tag:feeds.example.org,2026:entries/{}", kept.uid);
        let id = back.id.as_deref().unwrap_or_default();
        assert!(id == ours || entry.id.as_deref() == Some(id), "{id} of {entry:?} in {}", shown());
        assert_eq!(back.link.as_deref().and_then(address), entry.link.as_deref().and_then(address), "{}", shown());
        // Our reader takes markup out of titles in JSON, where it must be text and often is not.
        let is_told_apart = |title: &&String| format != Format::Json || !title.contains(['<', '&']);
        if let Some(title) = entry.title.as_ref().filter(is_told_apart) {
            let title = title.replace('\u{fffd}', "?");
            assert_eq!(back.title.as_deref().map(on_one_line), Some(on_one_line(&title)), "{}", shown());
        }
        assert_eq!(back.published, Some(believed(kept.sorted_at)), "{}", shown());
        assert!(back.published <= Some(now()), "D13: nothing is in the future");
        let terms: Vec<&str> = back.categories.iter().map(|category| category.term.as_str()).collect();
        assert_eq!(terms.first(), Some(&"security"), "{}", shown());
        if format != Format::Rss {
            assert_eq!(back.updated.map(|at| at.trunc_subsecs(0)), Some(believed(kept.updated_at)), "{}", shown());
        }
        // RSS has room for one, and our reader takes nothing else in it for an attachment.
        let carried = if format == Format::Rss { &[] } else { &entry.enclosures[..] };
        for enclosure in carried {
            let is_there = back.enclosures.iter().any(|back| address(&back.url) == address(&enclosure.url));
            assert!(is_there, "{} in {}", enclosure.url, shown());
        }
        if content == ContentMode::Full {
            let text = |entry: &Entry| entry.content.clone().or_else(|| entry.summary.clone()).map(|html| words(&html));
            let expected = text(entry).filter(|text| !text.is_empty());
            if let Some(expected) = expected {
                assert_eq!(text(back).as_deref(), Some(expected.as_str()), "{}", shown());
            }
        }
    }
}

/// Two writings of one address are one.
fn address(text: &str) -> Option<String> {
    let encoded: String = Url::parse(text).ok()?.into();
    Some(
        ["[", "]", "|", "{", "}", "^", "`"]
            .iter()
            .fold(encoded, |text, letter| text.replace(letter, &format!("%{:02X}", letter.as_bytes()[0]))),
    )
}

/// In whole seconds, and not before there was a web.
fn believed(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(0).max("1990-01-01T00:00:00Z".parse().expect("a date"))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters of an HTML text: what a reader can tell to be another text.
fn words(html: &str) -> String {
    html.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn keeps_the_rules(format: Format, written: &[u8]) {
    let text = std::str::from_utf8(written).expect("D2: documents are UTF-8");
    let is_char = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(is_char), "D2: {text}");
    match format {
        Format::Json => keeps_the_rules_of_json_feed(text),
        _ => is_well_formed(text),
    }
}

fn is_well_formed(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("D1: {error}: {text}")) {
            Event::Start(element) => {
                attributes(&element, text);
                depth += 1;
            }
            Event::Empty(element) => attributes(&element, text),
            Event::End(_) => depth -= 1,
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                let is_known = name.starts_with('#') || ["amp", "lt", "gt", "quot", "apos"].contains(&name);
                assert!(is_known, "D1: &{name}; in {text}");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "D1: {text}");
}

fn attributes(element: &quick_xml::events::BytesStart<'_>, text: &str) {
    for attribute in element.attributes() {
        attribute.unwrap_or_else(|error| panic!("D1: {error}: {text}"));
    }
}

/// D30, D31: what jsonfeed.org/version/1.1 says.
fn keeps_the_rules_of_json_feed(text: &str) {
    assert!(text.starts_with("{\"version\":\"https://jsonfeed.org/version/1.1\","), "{text}");
    let feed: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(feed["title"].is_string() && is_web(&feed["home_page_url"]) && is_web(&feed["feed_url"]), "{text}");
    assert_ne!(feed["next_url"], feed["feed_url"], "{text}");
    let mut ids = HashSet::new();
    for item in feed["items"].as_array().expect("items") {
        let id = item["id"].as_str().expect("a text");
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{id} in {text}");
        let known = [
            "id",
            "url",
            "external_url",
            "title",
            "content_html",
            "content_text",
            "summary",
            "image",
            "banner_image",
            "date_published",
            "date_modified",
            "authors",
            "tags",
            "language",
            "attachments",
            "_glasnik",
        ];
        for name in item.as_object().expect("an item").keys() {
            assert!(known.contains(&name.as_str()), "{name}");
        }
        assert!(item["content_html"].is_string() || item["content_text"].is_string(), "{item}");
        for address in ["url", "image"] {
            assert!(item[address].is_null() || is_web(&item[address]), "{item}");
        }
        for date in ["date_published", "date_modified"] {
            assert!(item[date].as_str().is_some_and(|date| DateTime::parse_from_rfc3339(date).is_ok()), "{item}");
        }
        let all = |name: &str| item[name].as_array().cloned().unwrap_or_default();
        assert!(!all("authors").is_empty() && all("authors").iter().all(|author| author["name"].is_string()), "{item}");
        assert!(all("tags").iter().all(Value::is_string), "{item}");
        for attachment in all("attachments") {
            assert!(is_web(&attachment["url"]) && attachment["mime_type"].is_string(), "{item}");
            assert!(attachment["size_in_bytes"].is_null() || attachment["size_in_bytes"].is_u64(), "{item}");
        }
    }
}

fn is_web(value: &Value) -> bool {
    value.as_str().and_then(|text| Url::parse(text).ok()).is_some_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Every feed of `tests/feeds` that is one, and a few hundred made ones, in each way of showing them.
#[test]
fn the_w3c_validator_finds_nothing_to_say() {
    let Some(validator) = validator::found() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut numbers = Numbers(13);
    let made = (0..100).map(|_| nasties::feed(&mut numbers).into_bytes());
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds")).expect("it is there");
    let read_all = files.filter_map(|file| std::fs::read(file.ok()?.path()).ok()).chain(made);
    let mut documents = 0;
    for (at, feed) in read_all.filter_map(|document| read(&document).ok()).enumerate() {
        let content = [ContentMode::Full, ContentMode::Summary, ContentMode::Title][at % 3];
        for format in [Format::Atom, Format::Rss] {
            let name = format!("{at}.{}", format.extension());
            let output = Output { id: at.to_string(), also_in: Copies::Foot, ..output(content) };
            let document = render::document(&site(), &output, format, &kept(&feed));
            std::fs::write(folder.path().join(name), document).expect("the folder takes files");
            documents += 1;
        }
    }
    assert!(documents > 200, "{documents} documents");
    validator.has_nothing_to_say(folder.path());
}

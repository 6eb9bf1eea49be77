//! Entries for the tests of the formats: a small one, a full one, and hostile ones.

use super::{Links, PageLanguage, Site, TopicTitle};
use crate::feed::{
    AlsoIn, Category, Enclosure, Entry, EntryKey, FeedName, KeptEntry, Link, Match, Output, Person, Relation, Source,
    Tag,
};
use chrono::{DateTime, Utc};

pub(super) fn site() -> Site {
    Site {
        title: "Western Balkans monitor".to_owned(),
        base_url: "https://feeds.example.org/".to_owned(),
        generator_version: "0.0.0",
        outputs: vec![output("all", &[]), output("security", &["security"])],
        topics: vec![TopicTitle { id: "security".to_owned(), title: "Western Balkans security".to_owned() }],
        links: Links::Served,
        language: PageLanguage::English,
    }
}

pub(super) fn output(id: &str, topics: &[&str]) -> Output {
    Output {
        topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        ..Output::new(id, if topics.is_empty() { site_title() } else { "Western Balkans security".to_owned() })
    }
}

fn site_title() -> String {
    "Western Balkans monitor".to_owned()
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a date")
}

pub(super) fn feed(id: &str, title: &str) -> FeedName {
    FeedName {
        id: id.to_owned(),
        title: title.to_owned(),
        url: format!("https://{id}.example/feed"),
        link: Some(format!("https://{id}.example/")),
        publisher_id: None,
        language: None,
        updated: None,
    }
}

/// An entry of which nothing is known but a title, a link and when it came.
pub(super) fn small() -> KeptEntry {
    KeptEntry {
        number: 1,
        uid: "aaaaaaaaaaaaaaa2".to_owned(),
        feed: feed("wire", "The wire"),
        entry: Entry {
            id: Some("https://wire.example/1".to_owned()),
            link: Some("https://wire.example/1".to_owned()),
            title: Some("Talks resume".to_owned()),
            ..Entry::new(EntryKey::new("1").expect("not empty"))
        },
        first_seen_at: at("2026-03-01T08:00:00Z"),
        sorted_at: at("2026-03-01T08:00:00Z"),
        updated_at: at("2026-03-01T08:00:00Z"),
        tags: Vec::new(),
        also_in: Vec::new(),
        story: None,
    }
}

/// An entry that has everything.
pub(super) fn full() -> KeptEntry {
    let balkan = FeedName {
        publisher_id: Some("tag:balkan.example,2020:feed".to_owned()),
        language: Some("sr".to_owned()),
        ..feed("balkan", "Balkan desk")
    };
    let mut kept = small();
    kept.number = 2;
    kept.uid = "bbbbbbbbbbbbbbb3".to_owned();
    kept.feed = balkan;
    kept.first_seen_at = at("2026-03-02T09:05:00Z");
    kept.sorted_at = at("2026-03-02T09:00:00Z");
    kept.updated_at = at("2026-03-02T10:30:00Z");
    kept.tags = vec![Tag {
        topic: "security".to_owned(),
        score: 2.0,
        matched: vec![
            matched("КФОР", "title"),
            Match { term: "patrola".to_owned(), language: "hbs".to_owned(), ..matched("patrole", "content") },
        ],
    }];
    kept.also_in = vec![AlsoIn {
        feed: feed("wire", "The wire"),
        link: Some("https://wire.example/kfor".to_owned()),
        title: Some("KFOR steps up patrols".to_owned()),
        relation: Relation::Copy,
    }];
    let person = |name: &str| Person {
        name: Some(name.to_owned()),
        email: Some("desk@balkan.example".to_owned()),
        uri: Some("https://balkan.example/ana".to_owned()),
    };
    let category = |term: &str| Category { term: term.to_owned(), scheme: None, label: None };
    let enclosure = |name: &str, media_type: &str| Enclosure {
        url: format!("https://balkan.example/{name}"),
        media_type: Some(media_type.to_owned()),
        length: Some(1234),
    };
    let entry = &mut kept.entry;
    entry.id = Some("tag:balkan.example,2026:17".to_owned());
    entry.link = Some("https://balkan.example/17?a=1&b=2".to_owned());
    entry.links = vec![Link { href: "https://balkan.example/17?a=1&b=2".to_owned(), ..Link::default() }];
    entry.title = Some("КФОР појачава патроле & „мере“ <на северу>".to_owned());
    entry.summary = Some("<p>Више патрола &amp; мера.</p>".to_owned());
    entry.content =
        Some("<p>KFOR pojačava <b>patrole</b>. ]]&gt;</p><img src=\"https://balkan.example/a.png\">".to_owned());
    entry.authors = vec![person("Ана Ковач")];
    entry.contributors = vec![person("Бојан")];
    entry.categories = vec![category("Вести"), category("NATO & EU"), category("вести")];
    entry.language = Some("sr-Cyrl".to_owned());
    entry.rights = Some("© Balkan desk".to_owned());
    entry.comments = Some("https://balkan.example/17#comments".to_owned());
    entry.enclosures = vec![enclosure("17.mp3", "audio/mpeg"), enclosure("17.pdf", "application/pdf")];
    entry.thumbnail = Some("https://balkan.example/17.jpg?w=1&h=2".to_owned());
    entry.source = Some(Source { id: None, title: None, link: Some("https://agency.example/feed".to_owned()) });
    kept
}

pub(super) fn matched(found: &str, field: &str) -> Match {
    Match { term: "kfor".to_owned(), found: found.to_owned(), field: field.to_owned(), language: "any".to_owned() }
}

/// An entry with `text` in every field that holds text, ids and addresses included. The two that
/// hold safe HTML get `html`.
pub(super) fn everywhere(text: &str, html: &str) -> KeptEntry {
    let text = || text.to_owned();
    let some = || Some(text());
    let name = FeedName {
        id: "hostile".to_owned(),
        title: text(),
        url: text(),
        link: some(),
        publisher_id: some(),
        language: some(),
        updated: None,
    };
    let person = || Person { name: some(), email: some(), uri: some() };
    let hit = Match { term: text(), found: text(), field: text(), language: text() };
    KeptEntry {
        feed: name.clone(),
        tags: vec![Tag { topic: "security".to_owned(), score: 1.0, matched: vec![hit] }],
        also_in: vec![AlsoIn { feed: name, link: some(), title: some(), relation: Relation::Story }],
        entry: Entry {
            id: some(),
            link: some(),
            links: vec![Link { href: text(), ..Link::default() }],
            title: some(),
            summary: Some(html.to_owned()),
            content: Some(format!("{html}{html}")),
            authors: vec![person()],
            contributors: vec![person()],
            categories: vec![Category { term: text(), scheme: some(), label: some() }],
            language: some(),
            rights: some(),
            comments: some(),
            enclosures: vec![Enclosure { url: text(), media_type: some(), length: None }],
            thumbnail: some(),
            source: Some(Source { id: some(), title: some(), link: some() }),
            ..small().entry
        },
        ..small()
    }
}

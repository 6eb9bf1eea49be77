use super::*;
use crate::feed::Enclosure;
use chrono::DateTime;

/// An entry of `id link title` (`-` is none), as it comes from the parser.
fn entry(id: &str, link: &str, title: &str) -> Entry {
    let some = |text: &str| (text != "-").then(|| text.to_owned());
    Entry { id: some(id), link: some(link), title: some(title), ..Entry::new(placeholder()) }
}

fn identified(entries: Vec<Entry>) -> Vec<Entry> {
    let mut feed = Feed { link: Some("https://n.example/blog".into()), entries, ..Feed::default() };
    super::entries(&mut feed);
    feed.entries
}

fn keys(entries: Vec<Entry>) -> Vec<String> {
    identified(entries).iter().map(|entry| entry.key.as_str().to_owned()).collect()
}

fn key_of(entry: Entry) -> String {
    keys(vec![entry]).remove(0)
}

#[test]
fn the_publishers_id_is_the_key() {
    assert_eq!(key_of(entry(" 42 ", "https://n.example/a", "t")), "id:42");
    assert_eq!(key_of(entry("a b/C", "-", "-")), "id:a b/C");
}

#[test]
fn two_spellings_of_an_id_are_one_key() {
    for (one, other) in [
        ("http://n.example/?p=9", "https://N.example/?p=9"),
        ("https://www.bbc.com/news/a#0", "https://www.bbc.com/news/a#3"),
        ("tag:Example.org,2005:Post/77 ", "tag:example.org,2005:Post/77"),
        ("urn:uuid:0A", "URN:UUID:0a"),
    ] {
        assert_eq!(key_of(entry(one, "-", "-")), key_of(entry(other, "-", "-")), "{one} {other}");
    }
    for (one, other) in [
        ("https://n.example/A", "https://n.example/a"),
        ("http://n.example/#1a", "http://n.example/#1b"),
        ("http://n.example/#1", "http://n.example/#2"),
        ("https://www.bbc.com/news/a#123", "https://www.bbc.com/news/a#124"),
        ("https://n.example/log#41", "https://n.example/log#42"),
        ("tag:n.example,2005:A", "tag:n.example,2005:a"),
        ("a", "A"),
    ] {
        assert_ne!(key_of(entry(one, "-", "-")), key_of(entry(other, "-", "-")), "{one} {other}");
    }
}

#[test]
fn without_an_id_the_link_is_the_key_whatever_the_title() {
    let want = "link:https://n.example/a";
    assert_eq!(key_of(entry("-", "http://www.n.example/a/?utm_source=rss", "t")), want);
    assert_eq!(key_of(entry("-", "https://n.example/a", "another title")), want);
    assert_eq!(key_of(entry("N/A", "https://n.example/a", "t")), want);
}

#[test]
fn kinds_of_keys_never_meet() {
    let id = key_of(entry("//n.example/a", "-", "-"));
    let link = key_of(entry("-", "https://n.example/a", "-"));
    let text = key_of(entry("-", "-", "//n.example/a"));
    assert!(id != link && link != text && id != text);
}

#[test]
fn without_a_link_the_file_and_then_the_text_is_the_key() {
    let mut episode = entry("-", "-", "t");
    episode.enclosures.push(Enclosure { url: "https://n.example/1.mp3?utm_x=1".into(), ..Enclosure::default() });
    assert_eq!(key_of(episode), "media:https://n.example/1.mp3");
    assert_eq!(key_of(entry("-", "-", "t")), key_of(entry("-", "-", "t")));
    assert!(key_of(entry("-", "-", "-")).starts_with("text:"));
    let mut note = entry("-", "-", "-");
    note.content = Some("<p>a</p>".into());
    assert_ne!(key_of(note), key_of(entry("-", "-", "-")));
}

#[test]
fn a_front_page_is_no_identity() {
    for link in ["https://n.example/", "https://n.example/blog/", "https://other.example"] {
        let entries = identified(vec![entry("-", link, "a")]);
        assert!(entries[0].key.as_str().starts_with("text:"), "{link}");
        assert_eq!(entries[0].canonical_link, None, "{link}");
    }
}

#[test]
fn one_link_for_several_entries_is_no_identity() {
    let link = "https://n.example/news.html";
    let entries = identified(vec![entry("-", link, "a"), entry("-", link, "b"), entry("1", link, "c")]);
    assert!(entries.iter().all(|entry| entry.canonical_link.is_none()));
    let found: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(found[0].as_str(), key_of(entry("-", "-", "a")), "the key does not hang on its neighbours");
    assert!(found[0] != found[1] && found[1] != found[2]);
}

#[test]
fn an_id_that_several_entries_have_is_completed_by_what_differs() {
    let one = || entry("N1", "https://n.example/1", "a");
    let two = || entry("N1", "https://n.example/2", "b");
    let three = || entry("N1", "https://n.example/3", "c");
    let found = keys(vec![one(), two(), three(), entry("N2", "https://n.example/4", "d")]);
    assert!(found[0].starts_with("id:N1|") && found[1].starts_with("id:N1|") && found[0] != found[1]);
    assert_eq!(found[3], "id:N2");
    let later = keys(vec![three(), two()]);
    assert_eq!((&later[0], &later[1]), (&found[2], &found[1]), "the order and the company do not matter");
}

#[test]
fn the_same_entry_listed_twice_has_one_key() {
    let found = keys(vec![entry("1", "https://n.example/1", "a"), entry("1", "https://n.example/1", "a")]);
    assert_eq!(found, ["id:1", "id:1"]);
    let found = keys(vec![entry("-", "https://n.example/1", "a"), entry("-", "https://n.example/1", "a")]);
    assert_eq!(found[0], found[1]);
}

#[test]
fn the_same_words_at_two_times_are_two_entries_where_no_id_says_otherwise() {
    let at = |seconds| {
        let mut entry = entry("-", "-", "All systems operational");
        entry.published = DateTime::from_timestamp(seconds, 0);
        entry
    };
    let found = keys(vec![at(1_000_000_000), at(1_000_100_000)]);
    assert_ne!(found[0], found[1]);
    let sticky = |seconds| {
        let mut entry = at(seconds);
        entry.id = Some("1".into());
        entry
    };
    let found = keys(vec![sticky(1_000_000_000), sticky(1_000_100_000)]);
    assert_eq!(found[0], found[1]);
}

#[test]
fn long_ids_are_shortened_and_stay_apart() {
    let long = |end: &str| key_of(entry(&format!("{}{end}", "ж".repeat(5000)), "-", "-"));
    assert!(long("a").len() <= KEY_BYTES_MAX);
    assert_ne!(long("a"), long("b"));
}

type Change = fn(&mut Entry);

#[test]
fn a_fingerprint_moves_with_what_a_person_reads() {
    let base = || {
        let mut entry = entry("1", "https://n.example/a", "Title");
        entry.summary = Some("<p>One two</p>".into());
        entry.content = Some("<p>One two three</p>".into());
        entry.enclosures.push(Enclosure { url: "https://n.example/1.mp3".into(), ..Enclosure::default() });
        entry
    };
    let number = |change: Change| {
        let mut entry = base();
        change(&mut entry);
        identified(vec![entry])[0].fingerprint
    };
    let unchanged = number(|_| {});
    let noise: [(&str, Change); 8] = [
        ("dates", |entry| entry.updated = DateTime::from_timestamp(1_000_000_000, 0)),
        ("markup", |entry| entry.content = Some("<div class=\"x\">One <b>two</b>\n three</div>".into())),
        ("measuring", |entry| entry.link = Some("http://www.n.example/a/?utm_source=rss".into())),
        ("counters", |entry| entry.title = Some("Title (17)".into())),
        ("parameters of files", |entry| entry.enclosures[0].url = "https://n.example/1.mp3?token=abc".into()),
        ("sizes of files", |entry| entry.enclosures[0].length = Some(7)),
        ("categories", |entry| entry.categories.push(crate::feed::Category { term: "x".into(), ..Default::default() })),
        ("ids", |entry| entry.id = Some("2".into())),
    ];
    for (what, change) in noise {
        assert_eq!(number(change), unchanged, "{what}");
    }
    let edits: [(&str, Change); 6] = [
        ("title", |entry| entry.title = Some("Other title".into())),
        ("link", |entry| entry.link = Some("https://n.example/b".into())),
        ("summary", |entry| entry.summary = None),
        ("content", |entry| entry.content = Some("<p>One two four</p>".into())),
        ("file", |entry| entry.enclosures[0].url = "https://n.example/2.mp3".into()),
        ("moved text", |entry| std::mem::swap(&mut entry.summary, &mut entry.content)),
    ];
    for (what, change) in edits {
        assert_ne!(number(change), unchanged, "{what}");
    }
}

#[test]
fn fingerprints_are_the_same_in_every_version() {
    let fingerprint = identified(vec![entry("1", "https://n.example/a", "Title")])[0].fingerprint;
    assert_eq!(fingerprint, 0x37b45a77b7b9f8da, "a new number makes every kept entry look edited once");
}

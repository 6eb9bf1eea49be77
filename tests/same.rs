//! Identity over real shapes of feeds: what one document says is kept apart, what two readings of it
//! say is not told twice, and no two articles have one link.

use glasnik::feed::{Entry, Feed};
use glasnik::ingest;
use glasnik::ingest::identify::canonical_link;
use glasnik::ingest::normalize::{TextKind, plain_text_within};
use glasnik::stories::identity::Verdict;
use glasnik::stories::{Item, Known, Seen};
use std::collections::HashMap;
use std::path::Path;

fn corpus() -> Vec<(String, Feed)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds");
    let mut feeds = Vec::new();
    for file in std::fs::read_dir(folder).expect("the corpus") {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let read = std::fs::read(&path).ok().and_then(|bytes| ingest::read(&bytes, &ingest::Context::default()).ok());
        feeds.extend(read.filter(|_| !name.ends_with(".expected.json")).map(|feed| (name, feed)));
    }
    feeds.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(feeds.len() > 20, "only {} feeds were read", feeds.len());
    feeds
}

fn plain(html: &Option<String>) -> String {
    html.as_deref().and_then(|html| plain_text_within(html, TextKind::Html, 1 << 20)).unwrap_or_default()
}

fn see(known: &mut Known, name: &str, entries: &[Entry]) -> Vec<Seen> {
    let texts: Vec<[String; 2]> = entries.iter().map(|entry| [plain(&entry.summary), plain(&entry.content)]).collect();
    let items: Vec<Item<'_>> =
        entries.iter().zip(&texts).map(|(entry, [summary, content])| Item::of(name, entry, summary, content)).collect();
    known.see(name, &items)
}

#[test]
fn a_document_that_is_read_again_brings_nothing_new() {
    for (name, feed) in corpus() {
        let mut known = Known::new(1_000);
        let first = see(&mut known, &name, &feed.entries);
        let count = known.len();
        let second = see(&mut known, &name, &feed.entries);
        assert!(second.iter().all(|seen| seen.verdict == Verdict::Same), "{name}: {second:?}");
        let entries = |seen: &[Seen]| seen.iter().map(|seen| seen.entry).collect::<Vec<_>>();
        assert_eq!((entries(&first), known.len()), (entries(&second), count), "{name}");
    }
}

#[test]
fn entries_with_keys_of_their_own_are_entries_of_their_own() {
    for (name, feed) in corpus() {
        let seen = see(&mut Known::new(1_000), &name, &feed.entries);
        let mut keys: HashMap<usize, &Entry> = HashMap::new();
        for (entry, seen) in feed.entries.iter().zip(&seen) {
            let first = keys.entry(seen.own).or_insert(entry);
            let is_one = first.key == entry.key || first.title == entry.title && first.link == entry.link;
            assert!(is_one, "{name}: {:?} and {:?}", first.key, entry.key);
        }
    }
}

#[test]
fn no_two_articles_of_a_feed_have_one_canonical_link() {
    for (name, feed) in corpus() {
        let mut titles: HashMap<String, (&Option<String>, &str)> = HashMap::new();
        for entry in &feed.entries {
            let Some((link, canonical)) = entry.link.as_deref().and_then(|link| Some((link, canonical_link(link)?)))
            else {
                continue;
            };
            assert_eq!(canonical_link(&canonical), Some(canonical.clone()), "{name}");
            let (title, first) = *titles.entry(canonical).or_insert((&entry.title, link));
            assert!(*title == entry.title || first == link, "{name}: {first} and {link}");
        }
    }
}

//! Every feed of `tests/feeds` through the way in, compared with the expectation beside it: what
//! `glasnik parse` says of the file, less the key, or the sentence that it is refused with.
//!
//! A new file gets its expectation by `GLASNIK_ACCEPT=1 cargo test --test corpus`; read it before
//! you keep it.

use glasnik::feed::{Entry, Feed};
use glasnik::ingest::{self, Context, Known};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use url::Url;

#[test]
fn every_feed_is_read_as_expected() {
    let accepts = std::env::var_os("GLASNIK_ACCEPT").is_some();
    let mut wrong = Vec::new();
    for feed in feeds() {
        let expectation = PathBuf::from(format!("{}.expected.json", feed.display()));
        let read = read(&feed);
        let text = serde_json::to_string_pretty(&read).expect("a JSON value is written") + "\n";
        if accepts {
            std::fs::write(&expectation, text).expect("the expectation is written");
            continue;
        }
        let expected = std::fs::read_to_string(&expectation).unwrap_or_default();
        if serde_json::from_str::<Value>(&expected).ok() != Some(read) {
            wrong.push(format!("{}:\n{text}", feed.display()));
        }
    }
    assert!(wrong.is_empty(), "read otherwise than expected:\n{}", wrong.join("\n"));
}

#[test]
fn every_feed_is_read_alike_twice() {
    for feed in feeds() {
        let bytes = std::fs::read(&feed).expect("the feed is there");
        let keys = || {
            let feed = ingest::read(&bytes, &Context::default()).ok()?;
            Some(feed.entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>())
        };
        assert_eq!(keys(), keys(), "{}", feed.display());
    }
}

#[test]
fn what_is_written_as_before_is_the_same_entry_without_its_texts() {
    let mut passed_over = 0;
    for file in feeds() {
        let bytes = std::fs::read(&file).expect("the feed is there");
        let Ok(whole) = ingest::read(&bytes, &Context::default()) else { continue };
        let known: Known = digests(&whole).zip(whole.entries.iter().map(|entry| entry.fingerprint)).collect();
        let again = ingest::read_again(&bytes, &Context::default(), &known).expect("read before");
        assert!(digests(&again).eq(digests(&whole)), "{}", file.display());
        assert!(again.readings.iter().all(|reading| reading.is_passed_over), "{}", file.display());
        let without_texts = |entry: &Entry| Entry { summary: None, content: None, ..entry.clone() };
        let expected: Vec<Entry> = whole.entries.iter().map(without_texts).collect();
        assert_eq!(again.entries, expected, "{}", file.display());
        passed_over += again.entries.len();
    }
    assert!(passed_over > 50, "{passed_over}");
}

fn digests(feed: &Feed) -> impl Iterator<Item = u64> {
    feed.readings.iter().map(|reading| reading.digest)
}

#[test]
fn a_feed_cut_off_anywhere_is_read_or_refused() {
    for feed in feeds() {
        let bytes = std::fs::read(&feed).expect("the feed is there");
        let step = (bytes.len() / 16).max(1);
        for end in (0..bytes.len()).step_by(step) {
            let _ = ingest::read(&bytes[..end], &Context::default());
        }
    }
}

fn feeds() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds");
    let files = std::fs::read_dir(folder).expect("tests/feeds is there");
    let mut feeds: Vec<PathBuf> = files.map(|file| file.expect("a folder is read").path()).collect();
    feeds.retain(|file| !file.to_string_lossy().ends_with(".expected.json"));
    feeds.sort();
    feeds
}

fn read(feed: &Path) -> Value {
    let bytes = std::fs::read(feed).expect("the feed is there");
    let url = Url::parse("https://rijeka.example/feeds/news.xml").expect("an address");
    match ingest::read(&bytes, &Context { url: Some(&url), content_type: None }) {
        Ok(feed) => {
            let mut entries = json!(feed.entries);
            for entry in entries.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                entry.remove("key");
            }
            json!({ "format": feed.format, "repairs": feed.repairs, "feed": feed, "entries": entries })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}

//! The feeds.toml of this repository: the example that works and the reference of every key.

use std::fs;
use std::path::Path;

use super::{Desk, NewFeed, add_feed, config};

/// The file that is the example and the reference at once.
fn ours() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml")).unwrap()
}

#[test]
fn the_feeds_toml_that_we_ship_is_right() {
    let config = config(&ours());
    let enabled = config.subscriptions.iter().filter(|feed| feed.is_enabled).count();
    assert!(enabled >= 30, "{enabled} feeds are switched on");
    assert!(config.subscriptions.iter().all(|feed| feed.language.is_some() && !feed.tags.is_empty()));
    let outputs: Vec<&str> = config.outputs.iter().map(|output| output.id.as_str()).collect();
    assert_eq!(outputs, ["all", "western-balkans-security", "eu-enlargement", "energy"]);
    for output in &config.outputs[1..] {
        assert!(config.examples.iter().any(|example| output.topics.contains(&example.topic)), "{}", output.id);
    }
}

#[test]
fn a_feed_that_is_added_to_it_changes_nothing_else() {
    let desk = Desk::new(&[("feeds.toml", &ours())]);
    let path = desk.path("feeds.toml");
    let feed = NewFeed { url: "https://new.example/feed".to_owned(), title: None, allow_private: false };
    assert_eq!(add_feed(&path, &feed), Ok(true));
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(after.replace("\n[[feed]]\nurl = \"https://new.example/feed\"\n", ""), ours());
}

/// Every key that any table knows, as a broken file is told.
#[test]
fn the_feeds_toml_that_we_ship_names_every_key() {
    let broken = "zzz = 1\n[server]\nzzz = 1\n[store]\nzzz = 1\n[defaults]\nzzz = 1\n[[feed]]\nurl = \"https://a.example/\"\nzzz = 1\n\
                  [[host]]\nmatch = \"a.example\"\nzzz = 1\n[[topic]]\nid = \"t\"\nenough = [\"a\"]\nzzz = 1\n\
                  [[topic.example]]\ntext = \"a\"\nzzz = 1\n[[output]]\nid = \"o\"\nzzz = 1";
    let complaints = Desk::new(&[("feeds.toml", broken)]).complaints();
    let lists = complaints.lines().filter_map(|line| Some(line.split_once(" knows ")?.1));
    let keys: Vec<&str> = lists.flat_map(|list| list.split(", ")).collect();
    assert!(keys.len() > 40, "{complaints}");
    let text = ours();
    let missing: Vec<_> = keys.iter().filter(|key| !is_named(&text, key)).collect();
    assert!(missing.is_empty(), "{missing:?} not in feeds.toml");
}

/// Whether a line of the text, a comment or not, begins with `key =`, `[key]`, `[key.…]` or `[[….key]]`.
fn is_named(text: &str, key: &str) -> bool {
    text.lines().map(|line| line.trim_start_matches(['#', ' '])).any(|line| match line.strip_prefix('[') {
        Some(header) => header.trim_start_matches('[').split(']').next().is_some_and(|name| {
            name == key || name.starts_with(&format!("{key}.")) || name.ends_with(&format!(".{key}"))
        }),
        None => line.split_once('=').is_some_and(|(name, _)| name.trim_end() == key),
    })
}

//! Feeds with something broken in them at random, the same in every run: each is read or refused,
//! twice alike, and what holds of every feed holds of it. `fuzz/` looks further, for hours.

use super::invariants;
use glasnik::ingest::{self, Context};
use std::path::Path;

/// Enough for every kind of damage to meet every kind of feed, and done in a second or two.
const MUTATIONS: usize = 3_000;

#[test]
fn a_feed_with_any_damage_is_read_or_refused() {
    let feeds = feeds();
    let mut numbers = Numbers(3);
    for round in 0..MUTATIONS {
        let mut document = feeds[round % feeds.len()].clone();
        for _ in 0..1 + numbers.below(4) {
            damage(&mut document, &feeds, &mut numbers);
        }
        let read = || ingest::read(&document, &Context::default());
        let first = read();
        assert!(!matches!(first, Err(ingest::Error::Unreadable(_))), "{first:?}: {}", shown(&document));
        assert_eq!(first, read(), "read otherwise the second time: {}", shown(&document));
        if let Ok(feed) = first {
            invariants::hold(&feed, document.len());
        }
    }
}

/// Does one thing to the document that a careless program, or a careful enemy, does.
fn damage(document: &mut Vec<u8>, feeds: &[Vec<u8>], numbers: &mut Numbers) {
    const PIECES: [&str; 28] = [
        "<",
        ">",
        "&",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "\"",
        "'",
        "\0",
        "\u{fffe}",
        "&#xD800;",
        "&lt;script&gt;",
        "<item>",
        "</item>",
        "<entry>",
        "</title>",
        "<b>",
        "{",
        "}",
        "[",
        ",",
        "\\u0000",
        "\\ud800",
        "é",
        "\u{202e}",
        " xml:base='x/'",
        "<div xmlns='http://www.w3.org/1999/xhtml'>",
    ];
    let at = numbers.below(document.len() + 1);
    let length = numbers.below(64).min(document.len() - at);
    match numbers.below(7) {
        0 => document.truncate(at),
        1 => drop(document.drain(at..at + length)),
        2 => {
            let piece = PIECES[numbers.below(PIECES.len())].bytes();
            drop(document.splice(at..at, piece));
        }
        3 => document[at..at + length].iter_mut().for_each(|byte| *byte = numbers.below(256) as u8),
        4 => {
            let piece = document[at..at + length].repeat(1 + numbers.below(20));
            drop(document.splice(at..at, piece));
        }
        5 => document.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << numbers.below(8)),
        _ => {
            let other = &feeds[numbers.below(feeds.len())];
            let from = numbers.below(other.len());
            drop(document.splice(at..at + length, other[from..].iter().take(200).copied()));
        }
    }
}

fn shown(document: &[u8]) -> String {
    String::from_utf8_lossy(document).into_owned()
}

/// The feeds of `tests/feeds`, in order.
fn feeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/feeds");
    let files = std::fs::read_dir(folder).expect("tests/feeds is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("a folder is read").path()).collect();
    paths.retain(|path| !path.to_string_lossy().ends_with(".expected.json"));
    paths.sort();
    let mut feeds: Vec<_> = paths.iter().map(|path| std::fs::read(path).expect("a feed is read")).collect();
    feeds.retain(|feed| !feed.is_empty());
    assert!(feeds.len() > 20);
    feeds
}

/// A small generator of numbers, so that the tests need no crate for it and repeat exactly.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

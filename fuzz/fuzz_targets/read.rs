//! Any bytes through the way in: read or refused, twice alike, and what holds of every feed holds.

#![no_main]

#[path = "../../tests/hostile/invariants.rs"]
mod invariants;

use glasnik::ingest::{self, Context, Error};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use url::Url;

static ADDRESS: LazyLock<Url> = LazyLock::new(|| Url::parse("https://rijeka.example/feed").expect("an address"));

fuzz_target!(|document: &[u8]| {
    // The last byte says how the document came, so that one corpus serves all ways.
    let way = document.last().copied().unwrap_or_default();
    let content_type = ["text/xml", "text/xml; charset=windows-1251", "application/feed+json; charset=utf-8"];
    let context = Context {
        url: (way & 1 == 0).then_some(&*ADDRESS),
        content_type: content_type.get(usize::from(way >> 1 & 3)).copied(),
    };
    let first = ingest::read(document, &context);
    assert!(!matches!(first, Err(Error::Unreadable(_))), "{first:?}");
    assert_eq!(first, ingest::read(document, &context), "read otherwise the second time");
    if let Ok(feed) = &first {
        invariants::hold(feed, document.len());
    }
});

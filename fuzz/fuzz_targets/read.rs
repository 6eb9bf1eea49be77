//! Any bytes are read as a feed or refused: without a panic, twice alike, and with all that holds of
//! every feed.
#![no_main]

use glasnik::ingest::{self, Context, Error};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use url::Url;

#[path = "../../tests/hostile/invariants.rs"]
mod invariants;

/// Where the documents came from, or nobody knows: the two ways that addresses resolve.
static ADDRESS: LazyLock<Url> =
    LazyLock::new(|| Url::parse("https://rijeka.example/vijesti/feed.xml").expect("an address"));

fuzz_target!(|document: &[u8]| {
    for url in [None, Some(&*ADDRESS)] {
        let context = Context { url, content_type: None };
        let read = ingest::read(document, &context);
        assert!(!matches!(read, Err(Error::Unreadable(_))), "a fault of ours: {read:?}");
        assert_eq!(read, ingest::read(document, &context), "read otherwise the second time");
        if let Ok(feed) = &read {
            invariants::hold(feed, document.len());
        }
    }
});

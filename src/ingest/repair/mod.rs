//! Anything that is nearly a feed becomes an Atom 1.0 document that is well-formed, bounded and
//! read whole by feed-rs; what feed-rs has no room for travels beside it, by the entry's place.
//!
//! One pass over the text: [`xml`] walks tolerant tokens, [`json`] a JSON Feed; both fill [`parts`]
//! by what [`vocabulary`] knows, and [`canonical`] writes those out entry by entry. Nothing is
//! refused that can be mended, and every mending is counted.

mod bases;
mod canonical;
mod json;
mod looks;
mod mojibake;
mod newest;
mod parts;
mod people;
mod references;
mod skips;
mod tokens;
mod vocabulary;
mod xml;

pub(super) use canonical::{Aside, Canonical, CanonicalEntry, FeedAside, ROOT};

use crate::feed::Repair;
use std::cell::RefCell;
use tracing::instrument;
use url::Url;

/// More entries than any feed shows at once; a document of a million empty ones is an attack. The
/// newest are kept, the rest is counted as a repair.
const ENTRIES_MAX: usize = 2_000;

/// Longer texts than any article (a novel has 600 KB); the rest of a longer one is cut off.
const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Links, persons and categories, each, of one entry or feed.
const VALUES_MAX: usize = 64;

/// What was mended, and how often.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: RefCell<Vec<(&'static str, usize)>>,
}

impl Tally {
    pub(super) fn add(&self, what: &'static str, count: usize) {
        if count == 0 {
            return;
        }
        let mut counts = self.counts.borrow_mut();
        match counts.iter_mut().find(|(known, _)| *known == what) {
            Some((_, total)) => *total = total.saturating_add(count),
            None => counts.push((what, count)),
        }
    }

    pub(super) fn repairs(&self) -> Vec<Repair> {
        self.counts.borrow().iter().map(|(what, count)| Repair { what: (*what).to_owned(), count: *count }).collect()
    }
}

/// Rewrites `text`, which came from `url`, or says in a sentence why it is no feed.
#[instrument(level = "trace", name = "repair", skip_all)]
pub(super) fn document(text: &str, url: Option<&Url>, tally: &Tally) -> Result<Canonical, String> {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if start.is_empty() {
        return Err("no feed found, the document is empty".to_owned());
    }
    if start.starts_with(['{', '[']) { json::read(start, url, tally) } else { xml::read(text, url, tally) }
}

/// As much of the beginning of `text` as whole characters fit into `bytes_max`.
pub(super) fn within(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

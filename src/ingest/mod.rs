//! In: the bytes of one response become a feed. Pure.
//!
//! [`decode`] settles the charset, [`repair`] makes a well-formed and bounded document of one
//! dialect, [`parse`] reads that with feed-rs, [`normalize`] makes texts safe and addresses
//! absolute, and [`identify`] gives entries their keys. Every feed goes this one way, so that no
//! entry changes its identity with the health of its document.

mod base64;
pub mod dates;
mod decode;
pub mod discover;
pub mod identify;
pub mod normalize;
mod parse;
mod repair;

use crate::feed::Feed;
use repair::Tally;
use std::collections::HashMap;
use url::Url;

pub use discover::feed_links;

/// What is known of a document beside its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Where it came from: the base of its relative links.
    pub url: Option<&'a Url>,
    /// The Content-Type that it came with.
    pub content_type: Option<&'a str>,
}

/// Why a document is no feed; names the step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// More bytes than any feed has.
    TooLarge,
    /// The document is something else, in a sentence.
    NoFeed(String),
    /// It was mended and could not be read all the same: a fault of ours.
    Unreadable(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge => write!(f, "decode: larger than {} MiB", decode::DOCUMENT_BYTES_MAX >> 20),
            Self::NoFeed(reason) => write!(f, "parse: {reason}"),
            Self::Unreadable(reason) => write!(f, "parse: {reason}, please report this feed"),
        }
    }
}

impl std::error::Error for Error {}

/// Entries of an earlier reading: their fingerprints by their digests, see [`EntryReading`].
///
/// [`EntryReading`]: crate::feed::EntryReading
pub type Known = HashMap<u64, u64>;

/// Reads one document whole.
pub fn read(bytes: &[u8], context: &Context<'_>) -> Result<Feed, Error> {
    read_again(bytes, context, &Known::default())
}

/// Reads one document, passing over the texts of entries that are written as they were: a feed says the
/// same forty things all day, and one that is new.
///
/// A large one is held once as it came, once as text where its charset makes that another, and from
/// then on in one form at a time: each step lets go of what it has read. Each step is a span of its
/// own name (`decode`, `repair`, `normalize` with `parse` and `sanitize` in it, `identify`), at the
/// level of traces, for whoever wants to know what it costs.
pub fn read_again(bytes: &[u8], context: &Context<'_>, known: &Known) -> Result<Feed, Error> {
    let tally = Tally::default();
    let bytes = decode::opened(bytes, &tally);
    if bytes.len() > decode::DOCUMENT_BYTES_MAX {
        return Err(Error::TooLarge);
    }
    let text = decode::text(&bytes, context.content_type, &tally);
    if text.len() > 2 * decode::DOCUMENT_BYTES_MAX {
        return Err(Error::TooLarge);
    }
    let canonical = repair::document(&text, context.url, &tally).map_err(Error::NoFeed)?;
    drop(text);
    drop(bytes);
    let parse::Said { mut feed, absolute_ids } = parse::feed(canonical, known).map_err(Error::Unreadable)?;
    feed.repairs = tally.repairs();
    identify::entries(&mut feed);
    // Not before: keys must not change with the feed's address.
    for (at, id) in absolute_ids {
        feed.entries[at].id = Some(id);
    }
    Ok(feed)
}

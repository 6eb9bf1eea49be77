//! In: the bytes of one response become a feed. Pure.

pub mod dates;
pub mod discover;
pub mod identify;
pub mod normalize;

use crate::feed::Feed;
use url::Url;

/// What is known of a document beside its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Where it came from: the base of its relative links.
    pub url: Option<&'a Url>,
    /// The Content-Type that it came with.
    pub content_type: Option<&'a str>,
}

/// Why a document is no feed; names the step.
#[derive(Debug)]
pub enum Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Error {}

/// Reads one document.
pub fn read(bytes: &[u8], context: &Context<'_>) -> Result<Feed, Error> {
    let _ = (bytes, context);
    todo!()
}

/// The feeds that an HTML page announces, absolute, in document order.
pub fn feed_links(html: &str, base: &Url) -> Vec<String> {
    discover::feed_links(html, base)
}

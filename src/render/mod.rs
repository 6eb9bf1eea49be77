//! Out: an output and its entries become a document. Pure.

use crate::feed::{FeedName, KeptEntry, Output};
use chrono::{DateTime, Utc};

/// What every document of a site shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// For people.
    pub title: String,
    /// What every address and every id of ours begins with; ends with `/`.
    pub base_url: String,
    /// Our version.
    pub generator_version: &'static str,
}

/// The formats of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
    /// A page for people.
    Html,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Atom, Self::Rss, Self::Json, Self::Html];

    /// Of the file and the address.
    pub fn extension(self) -> &'static str {
        todo!()
    }

    /// With its charset.
    pub fn media_type(self) -> &'static str {
        todo!()
    }
}

/// OPML's media type with its charset.
pub const OPML_MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// One output in one format.
pub fn document(site: &Site, output: &Output, format: Format, entries: &[KeptEntry]) -> Vec<u8> {
    let _ = (site, output, format, entries);
    todo!()
}

/// The front page: every output's newest, with feed links.
pub fn index(site: &Site, outputs: &[(Output, Vec<KeptEntry>)], feeds: &[FeedName]) -> Vec<u8> {
    let _ = (site, outputs, feeds);
    todo!()
}

/// `/entries/ID`: one entry, its sources, and why it was tagged.
pub fn entry_page(site: &Site, entry: &KeptEntry) -> Vec<u8> {
    let _ = (site, entry);
    todo!()
}

/// A feed on the status page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedStatus {
    /// As outputs name it.
    pub feed: FeedName,
    /// Its health in words.
    pub sentence: String,
    /// Whether the last poll failed or the feed is gone.
    pub is_failing: bool,
    /// How many of its entries are kept.
    pub entries: i64,
    /// The last poll that was answered.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it is asked again.
    pub next_poll_at: Option<DateTime<Utc>>,
}

/// `/status`: how every feed is doing, what is broken first.
pub fn status_page(site: &Site, feeds: &[FeedStatus], now: DateTime<Utc>) -> Vec<u8> {
    let _ = (site, feeds, now);
    todo!()
}

/// A page that says what went wrong (`404`) and leads back to the front page.
pub fn error_page(site: &Site, status: u16, message: &str) -> Vec<u8> {
    let _ = (site, status, message);
    todo!()
}

/// What we read, as OPML 2.0.
pub fn subscriptions_opml(site: &Site, feeds: &[FeedName]) -> Vec<u8> {
    let _ = (site, feeds);
    todo!()
}

/// What we publish, as OPML 2.0.
pub fn outputs_opml(site: &Site, outputs: &[Output]) -> Vec<u8> {
    let _ = (site, outputs);
    todo!()
}

/// The feeds of a reading list, folders flattened: title and address.
pub fn read_opml(text: &str) -> Result<Vec<(Option<String>, String)>, String> {
    let _ = text;
    todo!()
}

/// The source of our one style as Content-Security-Policy names it: `'sha256-…'`, with its quotes.
pub fn style_hash() -> String {
    todo!()
}

//! Out: an output and its entries become a document. Pure: the same entries give the same bytes,
//! in any process and at any time.
//!
//! `item` settles once what every format says of an entry; each format only writes it down.

mod address;
mod atom;
mod channel;
mod health;
mod html;
mod item;
mod json;
mod opml;
mod people;
mod rss;
mod text;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use health::{HEALTH, health_document};
pub use html::{
    Activity, FeedStatus, PageLanguage, Related, Report, Search, Status, StoryView, entry_page, error_page, index,
    script_hash, search_page, status_page, story_page, style_hash,
};
pub use opml::{outputs as outputs_opml, read as read_opml, subscriptions as subscriptions_opml};

use crate::feed::{KeptEntry, Output};
use item::Item;
use std::collections::BTreeSet;
use std::time::Duration;

/// What every document of a site shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// For people.
    pub title: String,
    /// What every address and every id of ours begins with; ends with `/`.
    pub base_url: String,
    /// Our version.
    pub generator_version: &'static str,
    /// All that is published, in the operator's order: the pages' navigation.
    pub outputs: Vec<Output>,
    /// Every topic's title.
    pub topics: Vec<TopicTitle>,
    /// Where the pages will be read, and so what they can link to.
    pub links: Links,
    /// What the pages say of themselves is in it. Feeds do not depend on it.
    pub language: PageLanguage,
}

/// A topic as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTitle {
    /// Stable name.
    pub id: String,
    /// For people.
    pub title: String,
}

/// Which pages there are, and how they link to each other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Links {
    /// By the server's addresses, under the path of `base_url`.
    #[default]
    Served,
    /// From file to file; there is no status page.
    Files(Files),
    /// A document that stays when pages go: it leads to none of them.
    NoPages,
}

/// Where a page stands in a folder of files, and what it may lead to there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Files {
    /// How many folders it is below the front page.
    pub depth: usize,
    /// The entries that have pages, by their names in `/entries/UID`. Every story has one.
    pub entries: BTreeSet<String>,
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

    /// Those that programs subscribe to, with their names for people.
    const FEEDS: [(Self, &'static str); 3] = [(Self::Atom, "Atom"), (Self::Rss, "RSS"), (Self::Json, "JSON")];

    /// Of the file and the address.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// With its charset. JSON has none: it is UTF-8 (RFC 8259 §8.1).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    /// For `type` of a link: without the charset.
    fn link_type(self) -> &'static str {
        self.media_type().split(';').next().unwrap_or_default()
    }
}

/// OPML's media type with its charset.
pub const OPML_MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// What a query finds, as an output: `query` in the one spelling that makes its id.
pub fn search_output(query: &str, items: usize) -> Output {
    Output { items, at_least: Duration::ZERO, ..Output::new(address::search_id(query), format!("Search: {query}")) }
}

/// Where a document stands among those of its output (RFC 5005 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    /// The part of the archive that it is; `None` for the document that readers subscribe to.
    pub archive: Option<i64>,
    /// The part of the archive that goes on from here.
    pub older: Option<i64>,
}

/// One output in one format. `entries` come in the order in which they are shown.
pub fn document(site: &Site, output: &Output, format: Format, entries: &[KeptEntry]) -> Vec<u8> {
    document_in(site, output, format, entries, Chain::default())
}

/// As [`document`], with the links that lead to what is older.
pub fn document_in(site: &Site, output: &Output, format: Format, entries: &[KeptEntry], chain: Chain) -> Vec<u8> {
    written(site, output, format, &Item::all(site, output, entries), chain)
}

/// As [`document_in`], in several formats at the price of little more than one.
pub fn documents_in<const COUNT: usize>(
    site: &Site,
    output: &Output,
    formats: [Format; COUNT],
    entries: &[KeptEntry],
    chain: Chain,
) -> [Vec<u8>; COUNT] {
    let items = Item::all(site, output, entries);
    formats.map(|format| written(site, output, format, &items, chain))
}

fn written(site: &Site, output: &Output, format: Format, items: &[Item], chain: Chain) -> Vec<u8> {
    match format {
        Format::Atom => atom::write(site, output, items, chain),
        Format::Rss => rss::write(site, output, items, chain),
        Format::Json => json::write(site, output, items, chain),
        Format::Html => html::output_page(site, output, items),
    }
}

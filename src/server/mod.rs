//! Hands out what was published, with conditional GET, and the pages that are made for one
//! request. Does not know how any of it is made.

mod answers;
mod archive;
mod connections;
mod lent;
mod made;
mod negotiate;
mod patience;
mod plain;
mod quick;
mod shelf;

pub use shelf::{Document, Shelf, Signs, body_hash};

use crate::metrics::Metrics;
use answers::Addresses;
use bytes::Bytes;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A page that is made for one request, `None` where there is no such thing; an error is said to
/// the log, and 500 to the reader.
pub type Page = Pin<Box<dyn Future<Output = Result<Option<Bytes>, String>> + Send>>;

/// Something is being made; an error is said to the log, and 500 to the reader.
pub type Making = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Makes the page for a status code and a message that is plain text, in a language.
pub type ErrorPage = dyn Fn(u16, &str, &'static str) -> Bytes + Send + Sync;

/// In which languages there are pages.
#[derive(Clone, Copy)]
pub struct Languages {
    /// For who asks for none that there is.
    pub first: &'static str,
    /// The page language that is nearest to a language tag in lower case, as Accept-Language has it.
    pub nearest: fn(&str) -> Option<&'static str>,
}

/// A part of an archive that is made for one request: its bytes and their type.
pub type Part = Pin<Box<dyn Future<Output = Result<Option<(Vec<u8>, &'static str)>, String>> + Send>>;

/// The number of the last entry before a moment or number; `None` where nobody can tell.
pub type Before = Pin<Box<dyn Future<Output = Result<Option<i64>, String>> + Send>>;

/// What is looked for, and how the answer is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    /// As it was sent.
    pub query: String,
    /// How the answer is written.
    pub form: SearchForm,
}

/// How an answer to a search is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchForm {
    /// A page for people, in a language.
    Page(&'static str),
    /// RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

/// What came of a search.
#[derive(Debug, Clone)]
pub enum Searched {
    /// What was found.
    Found(Arc<Document>),
    /// The query is wrong: why, for the one who asked.
    Refused {
        /// With its charset.
        media_type: &'static str,
        /// A page or a line.
        body: Bytes,
    },
    /// It would take too long.
    TooLong,
}

/// An answer to a search; an error is said to the log, and 500 to the reader.
pub type Searching = Pin<Box<dyn Future<Output = Result<Searched, String>> + Send>>;

/// As [`Page`], of what may have become part of something else.
pub type StoryPage = Pin<Box<dyn Future<Output = Result<Option<Story>, String>> + Send>>;

/// What there is under a story's name.
#[derive(Debug)]
pub enum Story {
    /// Its page.
    Whole(Bytes),
    /// The name of the story that it became part of.
    PartOf(String),
}

/// Pages that are made for one request, by whoever knows how.
#[derive(Clone)]
pub struct Live {
    /// `/entries/ID` in a language. Asked only for what can be an ID: sixteen characters of `a-z2-7`.
    pub entry: Arc<dyn Fn(String, &'static str) -> Page + Send + Sync>,
    /// `/stories/ID`, likewise.
    pub story: Arc<dyn Fn(String, &'static str) -> StoryPage + Send + Sync>,
    /// Puts what is published at a path on the shelf, if anything is. Asked before all stands there.
    pub document: Arc<dyn Fn(String) -> Making + Send + Sync>,
    /// `/status` in a language.
    pub status: Arc<dyn Fn(&'static str) -> Page + Send + Sync>,
    /// `/search` and its feeds. Asked for queries of any length and content.
    pub search: Arc<dyn Fn(Search) -> Searching + Send + Sync>,
    /// `/archive/ID/LAST.EXTENSION`.
    pub archive: Arc<dyn Fn(String, i64, String) -> Part + Send + Sync>,
    /// `?before=WHEN`.
    pub before: Arc<dyn Fn(String) -> Before + Send + Sync>,
    /// `/metrics`; counts what is answered.
    pub metrics: Arc<Metrics>,
    /// The page for a status code and a message.
    pub error: Arc<ErrorPage>,
    /// What is wrong with the loop, in a word: `/healthz`.
    pub health: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
    /// The one style that pages may use, as Content-Security-Policy names it: `'sha256-…'`, with
    /// its quotes.
    pub style_hash: String,
    /// The one script that pages may run, in the same way.
    pub script_hash: String,
    /// The languages of pages.
    pub languages: Languages,
}

/// Serves until `stop` resolves, then lets requests under way end, for a few seconds at most.
pub async fn serve(
    listener: TcpListener,
    shelf: Shelf,
    live: Live,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    connections::serve(listener, Addresses::new(shelf, live), connections::LIMITS, stop).await;
    Ok(())
}

//! Hands out what was published, with conditional GET, and the pages that are made for one
//! request. Does not know how any of it is made.

mod answers;
mod connections;
mod negotiate;
mod patience;
mod shelf;

pub use shelf::{Document, Shelf, body_hash};

use bytes::Bytes;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A page that is made for one request, `None` where there is no such thing; an error is said to
/// the log, and 500 to the reader.
pub type Page = Pin<Box<dyn Future<Output = Result<Option<Bytes>, String>> + Send>>;

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
    /// A page for people.
    Page,
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

/// Makes the page for a status code and a message that is plain text.
pub type ErrorPage = dyn Fn(u16, &str) -> Bytes + Send + Sync;

/// Pages that are made for one request, by whoever knows how.
#[derive(Clone)]
pub struct Live {
    /// `/entries/ID`. Asked only for what can be an ID: sixteen characters of `a-z2-7`.
    pub entry: Arc<dyn Fn(String) -> Page + Send + Sync>,
    /// `/status`.
    pub status: Arc<dyn Fn() -> Page + Send + Sync>,
    /// `/search` and its feeds. Asked for queries of any length and content.
    pub search: Arc<dyn Fn(Search) -> Searching + Send + Sync>,
    /// The page for a status code and a message.
    pub error: Arc<ErrorPage>,
    /// What is wrong with the loop, in a word: `/healthz`.
    pub health: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
    /// The one style that pages may use, as Content-Security-Policy names it: `'sha256-…'`, with
    /// its quotes.
    pub style_hash: String,
}

/// Serves until `stop` resolves, then lets requests under way end, for a few seconds at most.
pub async fn serve(
    listener: TcpListener,
    shelf: Shelf,
    live: Live,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = answers::router(shelf, live);
    connections::serve(listener, router, connections::LIMITS, stop).await;
    Ok(())
}

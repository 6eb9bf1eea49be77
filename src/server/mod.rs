//! Hands out what was published, with conditional GET, and the pages that are made for one
//! request. Does not know how any of it is made.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A published document, ready to be sent.
#[derive(Debug)]
pub struct Document {}

impl Document {
    /// `media_type` with its charset; `changed_at` becomes Last-Modified.
    pub fn new(body: Vec<u8>, media_type: &'static str, changed_at: DateTime<Utc>) -> Self {
        let _ = (body, media_type, changed_at);
        todo!()
    }
}

/// What is published now, by path. Cheap to clone; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shelf {}

impl Shelf {
    /// Whether exactly this stands there.
    pub fn has(&self, path: &str, body: &[u8]) -> bool {
        let _ = (path, body);
        todo!()
    }

    /// Puts a document in its place.
    pub fn put(&self, path: String, document: Document) {
        let _ = (path, document);
        todo!()
    }

    /// Takes down everything else.
    pub fn keep_only(&self, paths: &HashSet<String>) {
        let _ = paths;
        todo!()
    }
}

/// A page that is made for one request; an error is said to the log, and 500 to the reader.
pub type Page = Pin<Box<dyn Future<Output = Result<Option<Bytes>, String>> + Send>>;

/// Pages that are made for one request, by whoever knows how.
#[derive(Clone)]
pub struct Live {
    /// `/entries/ID`.
    pub entry: Arc<dyn Fn(String) -> Page + Send + Sync>,
    /// `/status`.
    pub status: Arc<dyn Fn() -> Page + Send + Sync>,
    /// The page for a status code and a message.
    pub error: Arc<dyn Fn(u16, &str) -> Bytes + Send + Sync>,
    /// Whether the loop is alive, in a word: `/healthz`.
    pub health: Arc<dyn Fn() -> Result<(), String> + Send + Sync>,
}

/// The hash that `store.documents_changed_at` compares.
pub fn body_hash(body: &[u8]) -> Vec<u8> {
    let _ = body;
    todo!()
}

/// Serves until `stop` resolves, then lets requests under way end.
pub async fn serve(
    listener: TcpListener,
    shelf: Shelf,
    live: Live,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let _ = (listener, shelf, live, stop.await);
    todo!()
}

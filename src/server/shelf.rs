//! What is published now: documents with their ready bytes in every coding, and the place where
//! they stand. Does not know requests.

use crate::caching;
use axum::http::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A published document, ready to be sent. Making one compresses: not for a thread that must not
/// wait.
#[derive(Debug)]
pub struct Document {
    pub(super) media_type: &'static str,
    pub(super) changed_at: DateTime<Utc>,
    /// `changed_at` as Last-Modified says it.
    pub(super) last_modified: HeaderValue,
    /// The document as it is first, then its codings.
    pub(super) representations: Vec<Representation>,
}

/// A document's bytes in one coding.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) coding: Coding,
    pub(super) body: Bytes,
    /// Strong: other bytes have another one (RFC 9110 §8.8.3).
    pub(super) etag: String,
}

/// What a body can be wrapped in (RFC 9110 §8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// As Accept-Encoding and Content-Encoding write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

impl Document {
    /// `media_type` with its charset; `changed_at` becomes Last-Modified.
    pub fn new(body: Vec<u8>, media_type: &'static str, changed_at: DateTime<Utc>) -> Self {
        let hash = hexadecimal(&body_hash(&body));
        let mut representations =
            vec![Representation { coding: Coding::Identity, etag: format!("\"{hash}\""), body: Bytes::new() }];
        for (coding, compressed) in [(Coding::Gzip, gzip(&body)), (Coding::Brotli, brotli(&body))] {
            let etag = format!("\"{hash}-{}\"", coding.name());
            if let Some(compressed) = compressed.filter(|compressed| compressed.len() < body.len()) {
                representations.push(Representation { coding, etag, body: compressed.into() });
            }
        }
        representations[0].body = body.into();
        let last_modified = HeaderValue::try_from(caching::http_date(changed_at))
            .unwrap_or_else(|_| HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
        Self { media_type, changed_at, last_modified, representations }
    }

    /// The bytes as they were given.
    pub fn body(&self) -> &Bytes {
        &self.representations[0].body
    }

    /// How much memory all codings take together.
    pub fn size(&self) -> usize {
        self.representations.iter().map(|representation| representation.body.len()).sum()
    }

    /// Pages are for browsers; all else is for programs, those in other sites' pages too.
    pub(super) fn is_page(&self) -> bool {
        self.media_type.starts_with("text/html")
    }
}

/// What is published now, by path. Cheap to clone; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    documents: Arc<RwLock<HashMap<String, Arc<Document>>>>,
}

impl Shelf {
    /// Whether exactly this stands there.
    pub fn has(&self, path: &str, body: &[u8]) -> bool {
        self.get(path).is_some_and(|document| document.body() == body)
    }

    /// Whether nothing was published yet.
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// What stands there. The shelf is free again before anything is sent.
    pub(super) fn get(&self, path: &str) -> Option<Arc<Document>> {
        self.read().get(path).cloned()
    }

    /// Puts a document in its place.
    pub fn put(&self, path: String, document: Document) {
        self.write().insert(path, Arc::new(document));
    }

    /// Takes down everything else.
    pub fn keep_only(&self, paths: &HashSet<String>) {
        self.write().retain(|path, _| paths.contains(path));
    }

    // A map of whole documents is whole after any panic.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<String, Arc<Document>>> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<String, Arc<Document>>> {
        self.documents.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash that `store.documents_changed_at` compares.
pub fn body_hash(body: &[u8]) -> Vec<u8> {
    Sha256::digest(body).to_vec()
}

/// Half of the hash: a tag tells versions of one document apart and guards nothing.
pub(super) fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Made once a change and sent a thousand times; but a level more costs twice the time for a
/// hundredth of the size.
const GZIP_LEVEL: u32 = 7;

/// As dear as gzip at its level, and a tenth smaller.
const BROTLI_LEVEL: u32 = 6;

/// 4 MB of window: the whole of a feed.
const BROTLI_WINDOW_LOG: u32 = 22;

fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

fn brotli(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_LEVEL, BROTLI_WINDOW_LOG);
    encoder.write_all(body).ok()?;
    encoder.flush().ok()?;
    Some(encoder.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn document(body: &str) -> Document {
        Document::new(body.as_bytes().to_vec(), "application/atom+xml; charset=utf-8", DateTime::UNIX_EPOCH)
    }

    fn representation(document: &Document, coding: Coding) -> &Representation {
        document.representations.iter().find(|one| one.coding == coding).expect("such a coding")
    }

    #[test]
    fn every_coding_holds_the_same_text_under_a_tag_of_its_own() {
        let text = "glasnik ".repeat(500);
        let document = document(&text);
        assert_eq!(document.body(), text.as_bytes());

        let mut from_gzip = String::new();
        let gzip = representation(&document, Coding::Gzip);
        flate2::read::GzDecoder::new(&gzip.body[..]).read_to_string(&mut from_gzip).expect("gzip");
        assert_eq!(from_gzip, text);

        let mut from_brotli = String::new();
        let brotli = representation(&document, Coding::Brotli);
        brotli::Decompressor::new(&brotli.body[..], 4096).read_to_string(&mut from_brotli).expect("brotli");
        assert_eq!(from_brotli, text);

        let tags: HashSet<&str> = document.representations.iter().map(|one| one.etag.as_str()).collect();
        assert_eq!(tags.len(), 3, "{tags:?}");
    }

    #[test]
    fn what_gains_nothing_is_not_kept_compressed() {
        assert_eq!(document("ab").representations.len(), 1);
        assert_eq!(document("").representations.len(), 1);
    }

    #[test]
    fn the_tag_follows_the_bytes_and_nothing_else() {
        let tag = |text: &str, at| {
            let document = Document::new(text.as_bytes().to_vec(), "text/html", at);
            document.representations[0].etag.clone()
        };
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1);
        assert_eq!(tag("a", DateTime::UNIX_EPOCH), tag("a", later));
        assert_ne!(tag("a", DateTime::UNIX_EPOCH), tag("b", DateTime::UNIX_EPOCH));
    }

    #[test]
    fn the_shelf_holds_what_was_put_last_and_loses_what_is_not_kept() {
        let shelf = Shelf::default();
        assert!(shelf.is_empty());
        shelf.put("/a".to_owned(), document("1"));
        shelf.put("/a".to_owned(), document("2"));
        shelf.put("/b".to_owned(), document("3"));
        assert!(shelf.has("/a", b"2") && !shelf.has("/a", b"1"));
        shelf.clone().keep_only(&HashSet::from(["/b".to_owned()]));
        assert!(shelf.get("/a").is_none() && shelf.has("/b", b"3"));
    }
}

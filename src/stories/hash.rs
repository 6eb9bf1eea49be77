//! Numbers for words, runs of words and keys: the same on every machine and in every version.

use sha2::{Digest, Sha256};

/// A number for a word. Good to count with; who looks for two words with one number finds them.
pub(super) const fn word(letters: &[u8]) -> u32 {
    let (mut numbers, mut at) = (Letters::NONE, 0);
    while at < letters.len() {
        numbers = numbers.with(letters[at]);
        at += 1;
    }
    numbers.number()
}

/// A word's letters as far as they were read: the number of its beginning is had on the way.
#[derive(Clone, Copy)]
pub(super) struct Letters(u64);

impl Letters {
    pub const NONE: Self = Self(0xcbf2_9ce4_8422_2325);

    pub const fn with(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3))
    }

    /// As [`word`] numbers them.
    pub const fn number(self) -> u32 {
        (scatter(self.0) >> 32) as u32
    }
}

/// A number for words in their order.
pub(super) fn run(words: &[u32]) -> u64 {
    words.iter().fold(Run::default(), |run, word| run.with(*word)).number()
}

/// Words in their order, as far as they were read.
#[derive(Clone, Copy)]
pub(super) struct Run(u64);

impl Default for Run {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Run {
    pub fn with(self, word: u32) -> Self {
        Self((self.0.rotate_left(7) ^ u64::from(word)).wrapping_mul(0xff51_afd7_ed55_8ccd))
    }

    /// As [`run`] numbers them.
    pub fn number(self) -> u64 {
        scatter(self.0)
    }
}

/// A key that nobody can make another's text meet: what an entry is known again by. Its first bits are
/// the scope's, so that the keys of one feed and of one site lie side by side where they are kept.
pub(super) fn key(kind: u8, scope: &[u8], part: &[u8]) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update([kind]);
    for part in [scope, part] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize().iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let scope = u64::from(word(scope)) << 32;
    scope & !(u64::MAX >> SCOPE_BITS) | digest >> SCOPE_BITS
}

/// Of a key's bits: with a million scopes two seldom meet, and within each there are enough left.
pub(super) const SCOPE_BITS: u32 = 20;

/// Spreads what differs over all bits (the last steps of MurmurHash3, in the public domain).
const fn scatter(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_in_every_version() {
        assert_eq!(word(b"kosovo"), word(b"kosovo"));
        assert_ne!(run(&[1, 2]), run(&[2, 1]));
        assert_ne!(key(1, b"a", b"bc"), key(1, b"ab", b"c"));
        assert_ne!(key(1, b"a", b""), key(2, b"a", b""));
        assert_eq!(key(1, b"a", b"b") >> 44, key(2, b"a", b"c") >> 44);
    }
}

//! Numbers for words, runs of words and keys: the same on every machine and in every version.

use sha2::{Digest, Sha256};

/// A number for a word. Good to count with; who looks for two words with one number finds them.
pub(super) fn word(letters: &[u8]) -> u32 {
    let mixed = letters
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (scatter(mixed) >> 32) as u32
}

/// A number for words in their order.
pub(super) fn run(words: &[u32]) -> u64 {
    scatter(words.iter().fold(0x9e37_79b9_7f4a_7c15, |hash: u64, word| {
        (hash.rotate_left(7) ^ u64::from(*word)).wrapping_mul(0xff51_afd7_ed55_8ccd)
    }))
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
fn scatter(mut hash: u64) -> u64 {
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

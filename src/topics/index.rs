//! Which words of the rules a word of a text is: one look-up for all their forms together, and one
//! for what words begin with. Its cost does not depend on how many rules there are.

use super::tokens::Block;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The words of all rules by what they look like in a text.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By hash of the form; the form itself is compared when the hash is known.
    forms: HashMap<u64, u32, BuildHasherDefault<Ready>>,
    filter: Filter,
    entries: Vec<Form>,
    text: String,
    links: Vec<Link>,
    prefixes: Prefixes,
}

/// A form, and the first of the words that have it.
#[derive(Debug)]
struct Form {
    start: u32,
    end: u32,
    first: u32,
    /// The next form with the same hash.
    next: u32,
}

/// A word that has a form, and the next one that has it.
#[derive(Debug)]
struct Link {
    word: u32,
    next: u32,
}

/// Ends a chain.
const NONE: u32 = u32::MAX;

impl Index {
    /// Lets `word` be found under the folded `form`. Words must come in ascending order.
    pub fn add_form(&mut self, form: &str, word: u32) {
        let hash = hash(form.as_bytes());
        let at = self.forms.get(&hash).copied().unwrap_or(NONE);
        let mut known = at;
        while let Some(entry) = self.entries.get(known as usize) {
            if &self.text[entry.start as usize..entry.end as usize] == form {
                break;
            }
            known = entry.next;
        }
        let next = self.links.len() as u32;
        match self.entries.get_mut(known as usize) {
            Some(entry) => {
                if self.links[entry.first as usize].word != word {
                    self.links.push(Link { word, next: entry.first });
                    entry.first = next;
                }
            }
            None => {
                let start = self.text.len() as u32;
                self.text.push_str(form);
                self.links.push(Link { word, next: NONE });
                self.forms.insert(hash, self.entries.len() as u32);
                self.entries.push(Form { start, end: self.text.len() as u32, first: next, next: at });
            }
        }
    }

    /// Lets `word` be found wherever a word begins with the folded `prefix`.
    pub fn add_prefix(&mut self, prefix: &str, word: u32) {
        self.prefixes.list.push(Prefix { text: prefix.into(), words: vec![word], parent: NONE });
    }

    /// To be called when everything was added.
    pub fn finish(&mut self) {
        self.filter = Filter::of(self.forms.keys().copied());
        self.prefixes.finish();
        self.forms.shrink_to_fit();
    }

    /// Which words of a block may be forms or begin as prefixes do, by number. All are asked before
    /// any answer is looked at, so that the memory is waited for once.
    pub fn likely(&self, block: &Block, likely: &mut Vec<(usize, u64)>) {
        likely.clear();
        likely.extend(block.tokens.iter().map(|token| hash(block.folded(token))).enumerate());
        let may_begin = |at: usize| self.prefixes.may_find(block.folded(&block.tokens[at]));
        likely.retain(|(at, hash)| self.filter.has(*hash) | block.tokens[*at].is_suffix | may_begin(*at));
    }

    /// Calls `each` with every word that `token`, folded, is a form of; `hash` is what `likely` said.
    pub fn find(&self, token: &[u8], hash: u64, mut each: impl FnMut(u32)) {
        if let Some(&first) = self.filter.has(hash).then(|| self.forms.get(&hash)).flatten() {
            let mut at = first;
            while let Some(entry) = self.entries.get(at as usize) {
                if &self.text.as_bytes()[entry.start as usize..entry.end as usize] == token {
                    self.chain(entry.first).for_each(&mut each);
                    break;
                }
                at = entry.next;
            }
        }
        self.prefixes.find(token, each);
    }

    /// Every form with the words that have it, in the order in which forms were added.
    pub fn all(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = u32>)> {
        let text = |form: &Form| &self.text[form.start as usize..form.end as usize];
        self.entries.iter().map(move |form| (text(form), self.chain(form.first)))
    }

    fn chain(&self, first: u32) -> impl Iterator<Item = u32> {
        let follow = |link: &&Link| self.links.get(link.next as usize);
        std::iter::successors(self.links.get(first as usize), follow).map(|link| link.word)
    }
}

/// Which hashes there are, nearly: a word that is no form is told by three bits of one place in a
/// table small enough to stay at hand, where the table of forms would have to be fetched from memory.
#[derive(Debug, Default)]
struct Filter {
    places: Vec<u64>,
}

/// So few bits for each form let one other word in thirty pass.
const BITS_A_FORM: usize = 8;

impl Filter {
    fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let mut filter = Self { places: vec![0; hashes.len() * BITS_A_FORM / 64 + 1] };
        for hash in hashes {
            let at = filter.place(hash);
            filter.places[at] |= bits(hash);
        }
        filter
    }

    fn has(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.places.get(self.place(hash)).is_some_and(|place| place & bits == bits)
    }

    /// By the upper half of the hash, as large a part of the table as of all numbers.
    fn place(&self, hash: u64) -> usize {
        (((hash >> 32) * self.places.len() as u64) >> 32) as usize
    }
}

/// Three of the 64 bits of a place, by the lower half of the hash.
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
}

/// What words begin with, sorted.
#[derive(Debug, Default)]
struct Prefixes {
    list: Vec<Prefix>,
    /// Which beginnings any prefix has, a bit for each: so that most words need no look.
    starts: Vec<u64>,
}

#[derive(Debug)]
struct Prefix {
    text: String,
    words: Vec<u32>,
    /// The longest other prefix that this one begins with.
    parent: u32,
}

impl Prefixes {
    fn finish(&mut self) {
        let mut list = std::mem::take(&mut self.list);
        list.sort_by(|left, right| left.text.cmp(&right.text));
        self.starts = vec![0; (1 << START_BITS) / 64];
        let mut open: Vec<u32> = Vec::new();
        for prefix in list {
            if let Some(last) = self.list.last_mut().filter(|last| last.text == prefix.text) {
                last.words.extend(prefix.words);
                continue;
            }
            while open.last().is_some_and(|&above| !prefix.text.starts_with(&self.list[above as usize].text)) {
                open.pop();
            }
            let parent = open.last().copied().unwrap_or(NONE);
            open.push(self.list.len() as u32);
            self.mark_start(prefix.text.as_bytes());
            self.list.push(Prefix { parent, ..prefix });
        }
    }

    /// Lets words pass that begin as the prefix does, as far as it has whole steps; those of a prefix
    /// that is shorter than one step are too many to tell apart.
    fn mark_start(&mut self, prefix: &[u8]) {
        match *prefix {
            [_, _, _, _, ..] => {
                if let Some(bit) = start_bits(prefix).last() {
                    self.mark(bit);
                }
            }
            [first, second, third] => {
                let starts = (0..=255).flat_map(|fourth| start_bits(&[first, second, third, fourth]).last());
                starts.for_each(|bit| self.mark(bit));
            }
            _ => self.starts.fill(u64::MAX),
        }
    }

    fn mark(&mut self, bit: usize) {
        self.starts[bit / 64] |= 1 << (bit % 64);
    }

    fn may_find(&self, token: &[u8]) -> bool {
        let is_marked = |bit: usize| self.starts.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1);
        // A word of less than a step is filled up with what no letter is.
        let filled = |at: usize| token.get(at).copied().unwrap_or_default();
        match token.len() {
            0..STEP => start_bits(&[filled(0), filled(1), filled(2), filled(3)]).any(is_marked),
            _ => start_bits(token).any(is_marked),
        }
    }

    fn find(&self, token: &[u8], mut each: impl FnMut(u32)) {
        if !self.may_find(token) {
            return;
        }
        // Every prefix of the token is the last prefix before it in the alphabet, or a parent of that.
        let after = self.list.partition_point(|prefix| prefix.text.as_bytes() <= token);
        let mut at = (after as u32).wrapping_sub(1);
        while let Some(prefix) = self.list.get(at as usize) {
            if token.starts_with(prefix.text.as_bytes()) {
                prefix.words.iter().copied().for_each(&mut each);
            }
            at = prefix.parent;
        }
    }
}

/// 32 KiB: enough to tell thousands of prefixes apart, and small enough to stay at hand.
const START_BITS: u32 = 18;

/// So many bytes longer is each beginning that is looked at.
const STEP: usize = 4;

/// Longer beginnings tell no more prefixes apart.
const STEPS_MAX: usize = 4;

/// The bits of what a word begins with: of its first four bytes, its first eight, and so on.
fn start_bits(word: &[u8]) -> impl Iterator<Item = usize> {
    let (steps, _) = word.as_chunks::<STEP>();
    steps.iter().take(STEPS_MAX).scan(0_u32, |hash, step| {
        *hash = (hash.rotate_left(5) ^ u32::from_le_bytes(*step)).wrapping_mul(0x9e37_79b1);
        Some((*hash >> (u32::BITS - START_BITS)) as usize)
    })
}

/// Multiplies and rotates, eight bytes at a time: tokens are short, and forms are compared anyway.
/// The last eight may be hashed twice, so that no step depends on how many are left.
fn hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    let hash = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes.last_chunk::<8>()) {
        (.., Some(last)) => {
            let (chunks, _) = bytes.as_chunks::<8>();
            let hash = chunks.iter().fold(bytes.len() as u64, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
            mix(hash, u64::from_le_bytes(*last))
        }
        (Some(first), Some(last), None) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            mix(bytes.len() as u64, u64::from(first) << 32 | u64::from(last))
        }
        _ => mix(bytes.len() as u64, bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))),
    };
    hash ^ hash >> 29
}

/// Takes a key that is a hash already.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(index: &Index, token: &str, expected: &[u32]) {
        let mut found = Vec::new();
        index.find(token.as_bytes(), hash(token.as_bytes()), |word| found.push(word));
        found.sort_unstable();
        assert_eq!(found, expected, "{token}");
    }

    #[test]
    fn a_form_leads_to_every_word_that_has_it() {
        let mut index = Index::default();
        index.add_form("vojska", 0);
        index.add_form("vojske", 0);
        index.add_form("vojske", 0);
        index.add_form("vojske", 1);
        index.finish();
        check(&index, "vojska", &[0]);
        check(&index, "vojske", &[0, 1]);
        check(&index, "vojsk", &[]);
        check(&index, "", &[]);
    }

    #[test]
    fn prefixes_are_found_within_one_another() {
        let mut index = Index::default();
        for (word, prefix) in ["terror", "te", "terroris", "tank", "x", "te"].into_iter().enumerate() {
            index.add_prefix(prefix, word as u32);
        }
        index.finish();
        check(&index, "terrorism", &[0, 1, 2, 5]);
        check(&index, "terra", &[1, 5]);
        check(&index, "te", &[1, 5]);
        check(&index, "t", &[]);
        check(&index, "x", &[4]);
        check(&index, "xé", &[4]);
        check(&index, "tb", &[]);
    }

    #[test]
    fn a_prefix_of_any_length_is_found_in_every_longer_word_and_in_no_other() {
        let word = "antiterroristische";
        for length in 3..=word.len() {
            let mut index = Index::default();
            index.add_prefix(&word[..length], 0);
            index.finish();
            for end in 0..=word.len() {
                check(&index, &word[..end], if end >= length { &[0] } else { &[] });
            }
            check(&index, "antiterrorwerk", if length <= "antiterror".len() { &[0] } else { &[] });
        }
    }

    #[test]
    fn an_empty_index_finds_nothing() {
        check(&Index::default(), "word", &[]);
    }
}

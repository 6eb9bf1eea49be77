//! Keys and the entries that they lead to, in memory: eleven bytes a key, the newest entries of each.

use super::hash::SCOPE_BITS;

/// Entries that one key leads to. What more entries have is no identity.
pub(super) const HOLDERS_MAX: usize = 16;

/// So many entries can be told apart.
pub(super) const ENTRIES_MAX: usize = 1 << ENTRY_BITS;
const ENTRY_BITS: u32 = 24;
const ENTRY_MASK: u64 = (1 << ENTRY_BITS) - 1;

/// A table with open addressing: a slot has 40 bits of the key, its scope left out, and 24 of the entry, and is empty at
/// zero. Two keys meet by chance once in a million million.
#[derive(Debug)]
pub(super) struct Keys {
    slots: Vec<u64>,
    count: usize,
}

impl Keys {
    pub fn new() -> Self {
        Self { slots: vec![0; 1 << 10], count: 0 }
    }

    /// The entries that `key` leads to, the oldest first.
    pub fn get(&self, key: u64) -> Vec<usize> {
        let key = key.rotate_left(SCOPE_BITS);
        let mut entries: Vec<usize> = self.run(key).map(|at| entry_of(self.slots[at])).collect();
        entries.sort_unstable();
        entries
    }

    /// Lets `key` lead to `entry` as well, and no longer to the oldest where there are too many.
    pub fn insert(&mut self, key: u64, entry: usize) {
        let key = key.rotate_left(SCOPE_BITS);
        let slot = (key & !ENTRY_MASK) | (entry as u64 + 1) & ENTRY_MASK;
        let holders: Vec<usize> = self.run(key).collect();
        if holders.iter().any(|at| self.slots[*at] == slot) {
            return;
        }
        if holders.len() >= HOLDERS_MAX {
            if let Some(oldest) = holders.into_iter().min_by_key(|at| entry_of(self.slots[*at])) {
                self.slots[oldest] = slot;
            }
            return;
        }
        if self.count * 5 >= self.slots.len() * 4 {
            self.grow();
        }
        self.place(slot);
        self.count += 1;
    }

    /// Slots of `key`.
    fn run(&self, key: u64) -> impl Iterator<Item = usize> {
        let start = self.start(key);
        let slots = (0..self.slots.len()).map(move |step| (start + step) & (self.slots.len() - 1));
        let used = slots.take_while(|at| self.slots[*at] != 0);
        used.filter(move |at| (self.slots[*at] ^ key) & !ENTRY_MASK == 0)
    }

    fn start(&self, key: u64) -> usize {
        (key >> ENTRY_BITS) as usize & (self.slots.len() - 1)
    }

    fn place(&mut self, slot: u64) {
        let mut at = self.start(slot);
        while self.slots[at] != 0 {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    fn grow(&mut self) {
        let bigger = vec![0; self.slots.len() * 2];
        for slot in std::mem::replace(&mut self.slots, bigger) {
            if slot != 0 {
                self.place(slot);
            }
        }
    }
}

fn entry_of(slot: u64) -> usize {
    ((slot & ENTRY_MASK) as usize).wrapping_sub(1) & (ENTRIES_MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stories::hash;

    #[test]
    fn a_key_leads_to_its_entries_and_to_no_others() {
        let mut keys = Keys::new();
        let key = |number: usize| hash::key(0, b"", &number.to_be_bytes());
        for entry in 0..5_000 {
            keys.insert(key(entry), entry);
            keys.insert(key(entry / 2 + 1_000_000), entry);
        }
        keys.insert(key(7), 7);
        assert_eq!(keys.get(key(7)), [7]);
        assert_eq!(keys.get(key(1_000_003)), [6, 7]);
        assert_eq!(keys.get(key(5_000)), [0; 0]);
    }

    #[test]
    fn the_newest_of_too_many_are_kept() {
        let mut keys = Keys::new();
        (0..100).for_each(|entry| keys.insert(1 << 63, entry));
        assert_eq!(keys.get(1 << 63), (100 - HOLDERS_MAX..100).collect::<Vec<_>>());
    }
}

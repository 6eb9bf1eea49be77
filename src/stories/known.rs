//! All that was seen, kept in memory: for those who have no store, and for measuring.

use super::copies::{Copies, copied, is_headline_copied};
use super::identity::{Candidate, Decision, Kinds, Verdict, all_settled, decide, sharing};
use super::keys::{ENTRIES_MAX, Keys};
use super::reading::{Item, Kind, Reading};
use super::sketch::Sketch;
use crate::feed::Habits;
use std::collections::HashMap;

/// Entries by all their keys, and the newest of them by their texts.
#[derive(Debug)]
pub struct Known {
    entries: Vec<Entry>,
    keys: Keys,
    copies: Copies,
    feeds: HashMap<String, FeedKnown>,
}

#[derive(Debug)]
struct Entry {
    sketch: Sketch,
    fingerprint: u64,
    feed: u32,
    /// The entry of the first feed that carried the article.
    first: u32,
    /// The entry whose copy it is.
    original: u32,
}

#[derive(Debug)]
struct FeedKnown {
    number: u32,
    habits: Habits,
}

/// Where an item comes from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    feed: u32,
    is_no_feed: bool,
    habits: Habits,
    fingerprint: u64,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The entry of its feed that it is: 0 for the first that was ever seen, then 1.
    pub own: usize,
    /// The entry of the first feed that carried it, itself if that is its own.
    pub entry: usize,
    /// What it is.
    pub verdict: Verdict,
    /// The entry whose text it copies.
    pub duplicate_of: Option<usize>,
    /// What made it known.
    pub by: Option<Kind>,
}

impl Known {
    /// Nothing yet. Copies are looked for among the newest `window` entries.
    pub fn new(window: usize) -> Self {
        Self { entries: Vec::new(), keys: Keys::new(), copies: Copies::of_newest(window), feeds: HashMap::new() }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes in what was seen in one reading of a feed; says for each item what it is. An empty name
    /// is no feed's.
    pub fn see(&mut self, feed: &str, items: &[Item<'_>]) -> Vec<Seen> {
        self.see_reading(feed, items, |_, _| {})
    }

    /// The same; `read` gets the place and the reading of each item that had to be read.
    pub fn see_reading(&mut self, feed: &str, items: &[Item<'_>], mut read: impl FnMut(usize, &Reading)) -> Vec<Seen> {
        let next_feed = u32::try_from(self.feeds.len()).unwrap_or(u32::MAX);
        let known = self.feeds.get(feed).map(|known| (known.number, known.habits));
        let (number, mut habits) = known.unwrap_or((next_feed, Habits::default()));
        let settled = all_settled(items, |at| self.settled(&items[at], number));
        let open: Vec<usize> = (0..items.len()).filter(|at| settled[*at].is_none()).collect();
        let document: Vec<Reading> = open.iter().map(|at| Reading::of(&items[*at])).collect();
        open.iter().zip(&document).for_each(|(at, reading)| read(*at, reading));
        let near: Vec<Vec<u32>> = document.iter().map(|reading| self.near(reading)).collect();
        let candidates: Vec<Vec<Candidate<'_>>> =
            document.iter().zip(&near).map(|(reading, near)| self.candidates(reading, near, number)).collect();
        let claimed: Vec<usize> = settled.iter().flatten().copied().collect();
        let decisions = decide(&document, &candidates, &claimed, &mut habits).items;
        drop(candidates);
        let mut numbers = Vec::with_capacity(document.len());
        for (((reading, decision), near), at) in document.into_iter().zip(&decisions).zip(near).zip(open) {
            let fingerprint = items[at].fingerprint;
            let origin = Origin { feed: number, is_no_feed: feed.is_empty(), habits, fingerprint };
            numbers.push(match decision.repeats {
                Some(before) => numbers[before],
                None => self.keep(reading, decision, &near, origin),
            });
        }
        let mut opened = numbers.into_iter().zip(decisions);
        let mut seen = Vec::with_capacity(items.len());
        for at in settled {
            let known = |at| Some((at, Verdict::Same, Some(Kind::Id)));
            let next = || opened.next().map(|(at, decision)| (at, decision.verdict, decision.by));
            let Some((at, verdict, by)) = at.map_or_else(next, known) else { break };
            seen.push(self.seen(at, verdict, by));
        }
        self.feeds.insert(feed.to_owned(), FeedKnown { number, habits });
        seen
    }

    fn seen(&self, at: usize, verdict: Verdict, by: Option<Kind>) -> Seen {
        let first = self.entries[at].first;
        let original = self.entries[first as usize].original;
        let duplicate_of = (original != first).then_some(original as usize);
        Seen { own: at, entry: first as usize, verdict, duplicate_of, by }
    }

    /// The entry that an item is beyond doubt: it has its key and says what it said.
    fn settled(&self, item: &Item<'_>, feed: u32) -> Option<usize> {
        let is_it = |at: &usize| {
            self.entries.get(*at).is_some_and(|known| known.feed == feed && known.fingerprint == item.fingerprint)
        };
        self.keys.get(item.settling_key()?).into_iter().rfind(is_it)
    }

    fn near(&self, reading: &Reading) -> Vec<u32> {
        self.copies.candidates(&reading.anchors, self.entries.len() as u32 + 1)
    }

    fn candidates(&self, reading: &Reading, near: &[u32], feed: u32) -> Vec<Candidate<'_>> {
        let by_key = reading.keys().flat_map(|(kind, key)| self.keys.get(key).into_iter().map(move |at| (at, kind)));
        let by_text = near.iter().map(|number| (*number as usize - 1, Kind::Text));
        let candidate = |(entry, shared): (usize, Kinds)| {
            let known = self.entries.get(entry)?;
            Some(Candidate { entry, shared, is_of_feed: known.feed == feed, sketch: &known.sketch })
        };
        sharing(by_key.chain(by_text)).into_iter().filter_map(candidate).collect()
    }

    /// Remembers an item; answers which entry of its feed it is.
    fn keep(&mut self, reading: Reading, decision: &Decision, near: &[u32], origin: Origin) -> usize {
        let Origin { feed, is_no_feed, habits, fingerprint } = origin;
        let at = decision.entry.unwrap_or(self.entries.len()).min(ENTRIES_MAX - 1);
        for (kind, key) in reading.keys() {
            if decision.keeps(kind, habits) {
                self.keys.insert(key, at);
            }
        }
        if let Some(entry) = self.entries.get_mut(at) {
            if decision.verdict == Verdict::Updated {
                self.copies.insert(&reading.anchors, at as u32 + 1);
            }
            entry.sketch = reading.sketch;
            entry.fingerprint = fingerprint;
            return at;
        }
        let original = match decision.elsewhere {
            Some(_) => None,
            None => self.original(&reading, near, feed, is_no_feed),
        };
        let first = decision.elsewhere.map_or(at as u32, |entry| self.entries[entry].first);
        self.copies.insert(&reading.anchors, at as u32 + 1);
        self.entries.push(Entry {
            sketch: reading.sketch,
            fingerprint,
            feed,
            first,
            original: original.unwrap_or(at as u32),
        });
        at
    }

    /// The first of the entries whose text a new one has.
    fn original(&self, reading: &Reading, near: &[u32], feed: u32, is_no_feed: bool) -> Option<u32> {
        let others = near.iter().filter_map(|number| Some((*number - 1, self.entries.get(*number as usize - 1)?)));
        let of_others = others.filter(|(_, entry)| is_no_feed || entry.feed != feed);
        let mut best: Option<(f32, u32)> = None;
        for (number, entry) in of_others {
            let copied = copied(&reading.sketch, &entry.sketch);
            let copied = copied.or_else(|| is_headline_copied(&reading.sketch, &entry.sketch).then_some(1.0));
            if let Some(alike) = copied.filter(|alike| best.is_none_or(|(most, _)| *alike > most)) {
                best = Some((alike, number));
            }
        }
        let first = best.map(|(_, number)| self.entries[number as usize].first)?;
        Some(self.entries[first as usize].original)
    }
}

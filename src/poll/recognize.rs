//! Which items of a document are entries that we have: asks the store what may be meant, has
//! `stories::identity` decide, and says what is to be kept.

use crate::feed::{Entry, Feed};
use crate::ingest::normalize::plain_texts;
use crate::store::{
    self, ArticleBytes, Change, Holders, KnownAgain, Marks, Memory, Place, Places, Remembered, SavedPoll, Store,
};
use crate::stories::identity::{Candidate, Decision, Verdict, all_settled, decide, sharing};
use crate::stories::{Article, Item, Kind, Reading, Sketch, Telling};
use std::borrow::Cow;
use std::collections::HashMap;
use tracing::info;

/// Settles which of a poll's items are known, so that it can be kept.
pub async fn recognize(poll: SavedPoll, store: &Store) -> Result<SavedPoll, store::Error> {
    if poll.said.is_none() {
        return Ok(poll);
    }
    match recognize_elsewhere(poll, store, true).await? {
        Recognized::All(poll) => Ok(*poll),
        Recognized::NotBefore(poll) => {
            super::sketching::sketch_feed(store, &poll.feed).await?;
            match recognize_elsewhere(*poll, store, false).await? {
                Recognized::All(poll) | Recognized::NotBefore(poll) => Ok(*poll),
            }
        }
    }
}

/// How far it came.
enum Recognized {
    /// Every item has its place.
    All(Box<SavedPoll>),
    /// The feed's entries have no sketches yet, and some of them are needed.
    NotBefore(Box<SavedPoll>),
}

/// On a thread where it may take its time, from the first question to the last answer: to hand over
/// between every two steps would cost more than some of them.
async fn recognize_elsewhere(poll: SavedPoll, store: &Store, wants_sketches: bool) -> Result<Recognized, store::Error> {
    let store = store.clone();
    let work = move || recognize_here(poll, &store, wants_sketches);
    tokio::task::spawn_blocking(work).await.map_err(|_| store::Error::Stopped)?
}

fn recognize_here(mut poll: SavedPoll, store: &Store, wants_sketches: bool) -> Result<Recognized, store::Error> {
    let Some((said, _)) = &mut poll.said else { return Ok(Recognized::All(Box::new(poll))) };
    let keys: Vec<_> = said.entries.iter().map(|entry| (entry.key.clone(), entry.fingerprint)).collect();
    let Some(memory) = store.remember(&poll.feed, &keys)? else { return Ok(Recognized::All(Box::new(poll))) };
    let open = open(said, &memory);
    if open.is_empty() {
        said.plain_texts = Vec::new();
        poll.places = Desk::of(memory, said.entries.len()).places;
        return Ok(Recognized::All(Box::new(poll)));
    }
    if !memory.is_sketched && wants_sketches {
        return Ok(Recognized::NotBefore(Box::new(poll)));
    }
    // Nobody needs them afterwards, and a poll may have to wait until it is kept.
    let texts = std::mem::take(&mut said.plain_texts);
    let (readings, articles): (Vec<Reading>, Vec<ArticleBytes>) =
        read(&memory.seed, said, &texts, &open).into_iter().unzip();
    let keys = readings.iter().flat_map(kept_keys).map(|(_, key)| key).collect();
    let with_own_key = open.iter().flat_map(|at| memory.items[*at].entries.clone()).collect();
    let holders = store.holders(keys, with_own_key)?;
    let mut desk = Desk::of(memory, said.entries.len());
    desk.decide(&said.entries, &open, readings, &holders);
    desk.add_articles(open.into_iter().zip(articles));
    if let Some(entries) = desk.moved {
        info!(feed = %poll.feed, entries, "the site has moved: its entries came with new ids and are known again");
    }
    poll.places = desk.places;
    Ok(Recognized::All(Box::new(poll)))
}

/// The items of which it is not beyond doubt which entries they are.
fn open(said: &Feed, memory: &Memory) -> Vec<usize> {
    let items: Vec<Item<'_>> = said.entries.iter().map(|entry| Item::of(&memory.seed, entry, "", "")).collect();
    let number = |entry: i64| usize::try_from(entry).ok();
    let settled = all_settled(&items, |at| memory.items[at].settled.and_then(number));
    (0..items.len()).filter(|at| settled[*at].is_none()).collect()
}

/// What an entry says, under the name that its feed had first.
pub(super) fn reading(seed: &str, entry: &Entry) -> Reading {
    let [summary, content] = plain_texts(entry);
    Reading::of(&Item::of(seed, entry, &summary, &content))
}

/// What the open items say, and what they are grouped by where they are new: both of one reading.
fn read(seed: &str, said: &Feed, texts: &[[String; 2]], open: &[usize]) -> Vec<(Reading, ArticleBytes)> {
    let read = |at: &usize| {
        let entry = &said.entries[*at];
        let texts = texts.get(*at).map_or_else(|| Cow::Owned(plain_texts(entry)), Cow::Borrowed);
        let [summary, content] = texts.as_ref();
        let item = Item::of(seed, entry, summary, content);
        let reading = Reading::of(&item);
        let article = Article::of_reading(&reading, entry.language.as_deref().or(said.language.as_deref()));
        let telling = Telling::of(&item, &article);
        (reading, ArticleBytes { article: article.to_bytes(), telling: telling.to_bytes() })
    };
    open.iter().map(read).collect()
}

/// The keys that lead to an entry beside its own, which the store makes itself.
pub(super) fn kept_keys(reading: &Reading) -> impl Iterator<Item = (Kind, u64)> {
    reading.keys().filter(|(kind, _)| *kind != Kind::Id)
}

pub(super) fn marks(reading: &Reading) -> Marks {
    Marks { keys: kept_keys(reading).map(|(_, key)| key).collect(), sketch: reading.sketch.to_bytes(), article: None }
}

/// What makes an entry known that has an item's own key.
fn own_kind(entry: &Entry) -> Kind {
    if entry.key.as_str().starts_with("link:") { Kind::Link } else { Kind::Id }
}

/// Where a document's items get their places.
struct Desk {
    memory: Memory,
    places: Places,
    moved: Option<usize>,
}

impl Desk {
    fn of(memory: Memory, items: usize) -> Self {
        let places = Places { items: vec![Place::Settled; items], newest: memory.newest, habits: memory.habits };
        Self { memory, places, moved: None }
    }

    fn decide(&mut self, said: &[Entry], open: &[usize], readings: Vec<Reading>, holders: &Holders) {
        let sketches: HashMap<i64, Sketch> = holders
            .sketched
            .iter()
            .filter_map(|(entry, sketched)| Some((*entry, Sketch::from_bytes(&sketched.sketch)?)))
            .collect();
        let mut settled: Vec<usize> = self.memory.items.iter().filter_map(|item| number(item.settled?)).collect();
        let mut undecided = Vec::new();
        let mut document = Vec::new();
        let mut candidates = Vec::new();
        let mut of_keys = holders.of_keys.iter();
        for (at, reading) in open.iter().zip(readings) {
            let by_key: Vec<(i64, Kind)> = kept_keys(&reading)
                .zip(&mut of_keys)
                .flat_map(|((kind, _), entries)| entries.iter().map(move |entry| (*entry, kind)))
                .collect();
            let remembered = &self.memory.items[*at];
            if let Some(entry) = unsketched(remembered, &sketches) {
                settled.extend(number(entry));
                let again =
                    KnownAgain { keeps_key: false, by: None, change: Change::Edited, entry, marks: marks(&reading) };
                self.places.items[*at] = Place::Known(again);
                continue;
            }
            let own = remembered.entries.iter().map(|entry| (*entry, own_kind(&said[*at])));
            candidates.push(self.candidates(own.chain(by_key), holders, &sketches));
            undecided.push(*at);
            document.push(reading);
        }
        let decided = decide(&document, &candidates, &settled, &mut self.places.habits);
        self.moved = decided.moved;
        for ((at, reading), decision) in undecided.iter().zip(&document).zip(&decided.items) {
            self.places.items[*at] = self.place(&said[*at], &self.memory.items[*at], reading, decision, holders);
        }
    }

    /// What is new, or says something new before it was grouped, is grouped by what it says now.
    fn add_articles(&mut self, articles: impl Iterator<Item = (usize, ArticleBytes)>) {
        for (at, article) in articles {
            match &mut self.places.items[at] {
                Place::Settled => {}
                Place::Known(KnownAgain { marks, .. }) | Place::New { marks, .. } => marks.article = Some(article),
            }
        }
    }

    fn candidates<'a>(
        &self,
        found: impl Iterator<Item = (i64, Kind)>,
        holders: &Holders,
        sketches: &'a HashMap<i64, Sketch>,
    ) -> Vec<Candidate<'a>> {
        let found = found.filter_map(|(entry, kind)| Some((number(entry)?, kind)));
        let candidate = |(entry, shared)| {
            let key = i64::try_from(entry).ok()?;
            let is_of_feed = holders.sketched.get(&key)?.feed == self.memory.feed;
            Some(Candidate { entry, is_of_feed, shared, sketch: sketches.get(&key)? })
        };
        sharing(found).into_iter().filter_map(candidate).collect()
    }

    fn place(
        &self,
        said: &Entry,
        remembered: &Remembered,
        reading: &Reading,
        decision: &Decision,
        holders: &Holders,
    ) -> Place {
        let by = decision.by.map(Kind::name);
        if decision.repeats.is_some() {
            return Place::Settled;
        }
        let Some(entry) = decision.entry.and_then(|entry| i64::try_from(entry).ok()) else {
            let elsewhere = decision.elsewhere.and_then(|entry| Some((i64::try_from(entry).ok()?, by?)));
            return Place::New { elsewhere, marks: marks(reading) };
        };
        let known = holders.sketched.get(&entry);
        let is_known_by_key = remembered.entries.contains(&entry);
        let keeps_key = !is_known_by_key && decision.keeps(own_kind(said), self.places.habits);
        let says_the_same = known.is_some_and(|known| known.fingerprint == said.fingerprint);
        if says_the_same && !is_known_by_key && !keeps_key {
            // Only the id is another, as at every reading.
            return Place::Settled;
        }
        let sketch = known.and_then(|known| Sketch::from_bytes(&known.sketch));
        let change = match decision.verdict {
            Verdict::Updated => Change::Edited,
            _ if sketch.is_some_and(|known| known.says_the_same(&reading.sketch)) => Change::Unnoticed,
            _ => Change::Counted,
        };
        let by = by.filter(|_| !is_known_by_key);
        Place::Known(KnownAgain { entry, change, by, keeps_key, marks: marks(reading) })
    }
}

/// The entry that has an item's own key where there is nothing to compare it with: its text was
/// forgotten before there were sketches.
fn unsketched(remembered: &Remembered, sketches: &HashMap<i64, Sketch>) -> Option<i64> {
    let is_bare = remembered.entries.iter().all(|entry| !sketches.contains_key(entry));
    remembered.entries.first().copied().filter(|_| is_bare)
}

fn number(entry: i64) -> Option<usize> {
    usize::try_from(entry).ok()
}

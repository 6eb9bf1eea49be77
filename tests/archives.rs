//! What an output showed once can be had for ever: the document and the parts of its archive together
//! hold each entry, whatever came when and with which date, and a closed part never gets another one.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{Collapse, Entry, EntryKey, Feed, FeedState, Output, RulesHash, Subscription, Tag};
use glasnik::poll::recognize;
use glasnik::store::{Places, SavedPoll, Shown, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tempfile::TempDir;

const HOUR: TimeDelta = TimeDelta::hours(1);

struct World {
    store: Store,
    directory: TempDir,
    now: DateTime<Utc>,
    count: usize,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        store.sync_subscriptions(&["a", "b"].map(subscription)).await.expect("synced");
        Self { store, directory, now: "2026-03-30T12:00:00Z".parse().expect("a date"), count: 0 }
    }

    /// So many new entries of a feed, dated so long ago.
    async fn comes(&mut self, feed: &str, entries: usize, ago: TimeDelta) {
        let (mut said, mut tags) = (Feed::default(), Vec::new());
        for _ in 0..entries {
            self.count += 1;
            let mut entry = Entry::new(EntryKey::new(format!("{}", self.count)).expect("not empty"));
            entry.title = Some(format!("Entry {}", self.count));
            entry.fingerprint = 1;
            entry.published = Some(self.now - ago);
            said.entries.push(entry);
            let topic = if self.count.is_multiple_of(3) { "third" } else { "other" };
            tags.push(vec![Tag { topic: topic.to_owned(), score: 1.0, matched: Vec::new() }]);
        }
        self.save(feed, said, tags).await;
    }

    async fn save(&self, feed: &str, said: Feed, tags: Vec<Vec<Tag>>) {
        let poll = SavedPoll {
            feed: feed.to_owned(),
            url: subscription(feed).url,
            state: FeedState::default(),
            said: Some((said, tags)),
            past: None,
            tagged_by: RulesHash::default(),
            places: Places::default(),
            at: self.now,
        };
        let poll = recognize(poll, &self.store).await.expect("decided");
        self.store.save_poll(poll).await.expect("saved");
    }

    async fn shown(&self, output: &Output) -> Shown {
        self.store.shown(output, self.now).await.expect("read")
    }

    async fn part(&self, output: &Output, last: i64) -> Shown {
        self.store.archived(output, last).await.expect("read").expect("such a part")
    }

    /// The numbers of the document, and of each part that it leads to.
    async fn walk(&self, output: &Output) -> (BTreeSet<i64>, BTreeMap<i64, BTreeSet<i64>>) {
        let shown = self.shown(output).await;
        let (mut parts, mut next) = (BTreeMap::new(), shown.older);
        while let Some(last) = next {
            let part = self.part(output, last).await;
            assert!(part.entries.len() <= 100 && !part.entries.is_empty(), "{last}: {}", part.entries.len());
            assert!(part.older.is_none_or(|older| older < last));
            assert!(parts.insert(last, numbers(&part)).is_none(), "{last} twice");
            next = part.older;
        }
        (numbers(&shown), parts)
    }

    /// Walks, and checks that nothing is missing and nothing stands in two parts.
    async fn has_all(&self, output: &Output) -> BTreeMap<i64, BTreeSet<i64>> {
        let (document, parts) = self.walk(output).await;
        let archived: Vec<i64> = parts.values().flatten().copied().collect();
        let mut all: BTreeSet<i64> = archived.iter().copied().collect();
        assert_eq!(all.len(), archived.len(), "an entry stands in two parts");
        all.extend(document);
        let everything = Output { items: 1_000_000, at_least: Duration::ZERO, ..output.clone() };
        let selected: BTreeSet<i64> =
            self.store.entries(&everything).await.expect("read").iter().map(|entry| entry.number).collect();
        assert_eq!(all, selected);
        parts
    }
}

fn subscription(id: &str) -> Subscription {
    Subscription::new(id, format!("https://{id}.example/feed").parse().expect("a URL"))
}

fn numbers(shown: &Shown) -> BTreeSet<i64> {
    shown.entries.iter().map(|entry| entry.number).collect()
}

fn output(items: usize) -> Output {
    Output { items, at_least: Duration::ZERO, ..Output::new("all", "All") }
}

#[tokio::test]
async fn what_fits_into_the_document_has_no_archive() {
    let mut world = World::new().await;
    assert_eq!(world.shown(&output(10)).await, Shown::default());
    world.comes("a", 10, HOUR).await;
    let shown = world.shown(&output(10)).await;
    assert_eq!((shown.entries.len(), shown.older), (10, None));
}

#[tokio::test]
async fn late_bursting_and_backdated_entries_are_all_in_one_place_for_ever() {
    let mut world = World::new().await;
    let outputs = [
        output(7),
        Output { id: "young".to_owned(), at_least: Duration::from_secs(24 * 3600), ..output(7) },
        Output { id: "third".to_owned(), topics: vec!["third".to_owned()], ..output(7) },
        Output { id: "of-b".to_owned(), feeds: Some(vec!["b".to_owned()]), ..output(7) },
        Output { id: "alone".to_owned(), collapse: Collapse::None, topics: vec!["third".to_owned()], ..output(7) },
    ];
    let days = [(3, 0), (40, 1), (1, 500), (0, 0), (115, 30), (2, 2), (5, 3), (1, 9000), (9, 0), (30, 0), (1, 1)];
    let mut known: BTreeMap<(String, i64), BTreeSet<i64>> = BTreeMap::new();
    for (round, (entries, hours_ago)) in days.into_iter().chain(days).take(12).enumerate() {
        let feed = if round % 2 == 0 { "a" } else { "b" };
        world.comes(feed, entries, HOUR * hours_ago).await;
        for output in &outputs {
            for (last, numbers) in world.has_all(output).await {
                let before = known.insert((output.id.clone(), last), numbers.clone());
                assert!(before.is_none_or(|before| before == numbers), "{} {last} changed", output.id);
            }
        }
        world.now += HOUR * 9;
    }
    assert!(known.len() > 12, "{} parts", known.len());
}

#[tokio::test]
async fn a_reader_that_knows_the_last_part_has_little_to_fetch() {
    let mut world = World::new().await;
    world.comes("a", 220, HOUR).await;
    let known = world.has_all(&output(50)).await;
    for _ in 0..60 {
        world.now += HOUR;
        world.comes("a", 1, TimeDelta::zero()).await;
        world.shown(&output(50)).await;
    }
    let parts = world.has_all(&output(50)).await;
    let new: Vec<&i64> = parts.keys().filter(|last| !known.contains_key(last)).collect();
    assert!(new.len() <= 3, "about one for each document's length, and one for the new month: {new:?}");
    assert!(known.keys().all(|last| parts.contains_key(last)), "what was there is there");
}

#[tokio::test]
async fn a_burst_pushes_out_nothing_that_no_reader_could_fetch() {
    let mut world = World::new().await;
    let output = Output { at_least: Duration::from_secs(24 * 3600), ..output(10) };
    world.comes("a", 3, TimeDelta::zero()).await;
    world.now += HOUR;
    // A feed that is new brings years, and that is no news.
    world.comes("b", 50, TimeDelta::days(400)).await;
    assert_eq!(world.shown(&output).await.entries.len(), 10);
    world.comes("a", 40, TimeDelta::zero()).await;
    assert_eq!(world.shown(&output).await.entries.len(), 43);
    world.now += HOUR * 23 + TimeDelta::minutes(30);
    assert_eq!(world.shown(&output).await.entries.len(), 40, "the first three had their day");
    world.now += HOUR;
    assert_eq!(world.shown(&output).await.entries.len(), 10);
    world.comes("a", 1500, TimeDelta::zero()).await;
    assert_eq!(world.shown(&output).await.entries.len(), Output::ITEMS_MOST);
    world.has_all(&output).await;
}

#[tokio::test]
async fn forgotten_text_leaves_the_archive_and_moves_nothing_else() {
    let mut world = World::new().await;
    world.comes("a", 60, HOUR).await;
    let output = output(10);
    world.has_all(&output).await;
    world.now += TimeDelta::days(100);
    world.comes("a", 60, HOUR).await;
    let before = world.has_all(&output).await;
    world.store.forget_old_text(world.now + TimeDelta::days(100)).await.expect("forgotten");
    let after = world.has_all(&output).await;
    assert!(after.iter().all(|(last, numbers)| before.get(last) == Some(numbers)), "{after:?}");
    assert_eq!(world.part(&output, 60).await, Shown::default(), "an address that was given goes on answering");
    assert_eq!(world.store.archived(&output, 121).await.expect("read"), None);
    assert_eq!(world.store.archived(&output, 0).await.expect("read"), None);
}

#[tokio::test]
async fn a_moment_leads_to_the_last_entry_before_it() {
    let mut world = World::new().await;
    let start = world.now;
    assert_eq!(world.store.number_before(start).await.expect("read"), 0);
    for _ in 0..20 {
        world.comes("a", 3, TimeDelta::days(30)).await;
        world.now += HOUR;
    }
    for (hours, number) in [(0, 0), (1, 3), (7, 21), (19, 57), (20, 60), (1000, 60)] {
        let found = world.store.number_before(start + HOUR * hours).await.expect("read");
        assert_eq!(found, number, "{hours}");
    }
}

#[tokio::test]
async fn a_reader_only_learns_the_same_without_closing_anything() {
    let mut world = World::new().await;
    world.comes("a", 30, HOUR).await;
    let path = world.directory.path().join("glasnik.db");
    let reading = Store::open_for_reading(&path).expect("it is there");
    let shown = reading.shown(&output(10), world.now).await.expect("read");
    assert_eq!((shown.entries.len(), shown.older), (10, Some(30)));
    assert_eq!(numbers(&reading.archived(&output(10), 30).await.expect("read").expect("a part")).len(), 30);
}

//! Whatever an output or a search selects, it shows what somebody finds who looks at every entry.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{Collapse, Entry, EntryKey, Feed, FeedState, KeptEntry, Output, RulesHash, Subscription, Tag};
use glasnik::poll::recognize;
use glasnik::search::{self, Names};
use glasnik::searching;
use glasnik::store::{Places, SavedPoll, Store};
use std::time::Duration;
use tempfile::TempDir;

/// More than are merged without a look at all entries.
const FEEDS: usize = 150;
const TOPICS: [&str; 3] = ["often", "seldom", "never"];
const LANGUAGES: [&str; 4] = ["sr", "sq", "is", "xh"];

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn some<T: Clone>(&mut self, of: &[T], most: usize) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| of[self.below(of.len())].clone()).collect()
    }
}

struct World {
    store: Store,
    _directory: TempDir,
    now: DateTime<Utc>,
    feeds: Vec<Subscription>,
}

impl World {
    /// A store in which some feeds speak, some fell silent, some are old and some were left.
    async fn random(numbers: &mut Numbers) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        let address = |feed: usize| format!("https://site{feed}.example/feed").parse().expect("a URL");
        let keep = |feed: usize| Duration::from_secs(if feed % 10 == 3 { 86_400 } else { 86_400 * 400 });
        let subscription =
            |feed: usize| Subscription { keep: keep(feed), ..Subscription::new(format!("f{feed}"), address(feed)) };
        let feeds: Vec<Subscription> = (0..FEEDS).map(subscription).collect();
        store.sync_subscriptions(&feeds).await.expect("synced");
        let now = "2026-03-01T12:00:00Z".parse().expect("a date");
        let mut world = Self { store, _directory: directory, now, feeds };
        for round in 0..3 {
            for feed in (0..FEEDS).filter(|feed| round == 0 || feed % 4 > 0) {
                world.poll(feed, numbers).await;
            }
            world.now += TimeDelta::hours(20);
        }
        world.store.forget_old_text(world.now).await.expect("forgotten");
        world.feeds.retain(|feed| !feed.id.ends_with('7'));
        world.store.sync_subscriptions(&world.feeds).await.expect("synced");
        searching::index_all(&world.store).await.expect("indexed");
        world
    }

    async fn poll(&self, feed: usize, numbers: &mut Numbers) {
        let (entries, tags) = (0..numbers.below(4)).map(|_| self.entry(feed, numbers)).unzip();
        let poll = SavedPoll {
            feed: format!("f{feed}"),
            url: self.feeds[feed].url.clone(),
            state: FeedState::default(),
            said: Some((Feed { entries, ..Feed::default() }, tags)),
            past: None,
            places: Places::default(),
            tagged_by: RulesHash::default(),
            at: self.now,
        };
        let poll = recognize(poll, &self.store).await.expect("decided");
        self.store.save_poll(poll).await.expect("saved");
    }

    fn entry(&self, feed: usize, numbers: &mut Numbers) -> (Entry, Vec<Tag>) {
        let (name, hours) = (format!("{:016x}", numbers.0), numbers.below(60) as i64);
        let words = ["alfa", "beta alfa", "gama"][numbers.below(3)];
        let tag = |topic: &str| Tag { topic: topic.to_owned(), score: 1.0, matched: Vec::new() };
        let topics = [numbers.below(2), 2 * numbers.below(9)].into_iter().filter(|at| *at < 2).map(|at| TOPICS[at]);
        let mut tags: Vec<Tag> = topics.map(tag).collect();
        tags.dedup();
        let entry = Entry {
            title: Some(format!("{words} {name}")),
            // Many have the same date.
            published: Some(self.now - TimeDelta::hours(hours - hours % 5)),
            language: Some(LANGUAGES[[0, 0, 0, 1][numbers.below(4)].max(if feed == 8 { 2 } else { 0 })].to_owned()),
            fingerprint: numbers.0 | 1,
            ..Entry::new(EntryKey::new(format!("id:{name}")).expect("a key"))
        };
        (entry, tags)
    }

    async fn all(&self) -> Vec<KeptEntry> {
        let all = Output { items: usize::MAX, collapse: Collapse::None, ..Output::new("all", "") };
        self.store.entries(&all).await.expect("read")
    }
}

fn has_any(entry: &KeptEntry, topics: &[&str], feeds: Option<&[String]>, languages: &[&str]) -> bool {
    let has = |topic: &str| entry.tags.iter().any(|tag| tag.topic == topic);
    let language = entry.entry.language.as_deref().unwrap_or_default();
    (topics.is_empty() || topics.iter().any(|topic| has(topic)))
        && feeds.is_none_or(|feeds| feeds.contains(&entry.feed.id))
        && (languages.is_empty() || languages.contains(&language))
}

fn numbers_of(entries: &[KeptEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.number).collect()
}

/// None, a few, or more than are merged at once.
fn random_feeds(numbers: &mut Numbers) -> Option<Vec<String>> {
    let count = [0, 1, 5, 100, 140][numbers.below(5)];
    let from = numbers.below(FEEDS);
    (count > 0).then(|| (from..from + count).map(|feed| format!("f{}", feed % FEEDS)).collect())
}

#[tokio::test]
async fn an_output_shows_the_newest_of_what_it_selects_whatever_that_is() {
    let mut numbers = Numbers(3);
    let world = World::random(&mut numbers).await;
    let all = world.all().await;
    assert!(all.len() > 300, "{}", all.len());
    assert!(all.is_sorted_by_key(|entry| std::cmp::Reverse((entry.sorted_at, entry.number))));
    assert!(all.iter().all(|entry| !entry.feed.id.ends_with('7')));
    for round in 0..300 {
        let (topics, languages) = (numbers.some(&TOPICS, 2), numbers.some(&LANGUAGES, 2));
        let (feeds, items) = (random_feeds(&mut numbers), 1 + numbers.below(120));
        let output = Output {
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            languages: languages.iter().map(|language| (*language).to_owned()).collect(),
            feeds: feeds.clone(),
            items,
            collapse: Collapse::None,
            ..Output::new("o", "")
        };
        let shown = world.store.entries(&output).await.expect("read");
        let naive = all.iter().filter(|entry| has_any(entry, &topics, feeds.as_deref(), &languages));
        let naive: Vec<i64> = naive.take(items).map(|entry| entry.number).collect();
        assert_eq!(numbers_of(&shown), naive, "round {round}: {output:?}");
    }
}

#[tokio::test]
async fn a_search_finds_the_newest_of_what_it_asks_for_whatever_that_is() {
    let mut numbers = Numbers(5);
    let world = World::random(&mut numbers).await;
    let all = world.all().await;
    let names = Names {
        topics: TOPICS.map(str::to_owned).to_vec(),
        feeds: world.feeds.iter().map(|feed| (feed.id.clone(), vec![format!("t{}", feed.id.len())])).collect(),
    };
    for _ in 0..200 {
        let word = ["alfa", "beta", "gama", "delta"][numbers.below(4)];
        let (topics, languages) = (numbers.some(&TOPICS, 1), numbers.some(&LANGUAGES[..3], 1));
        let (kind, items) = (numbers.below(4), 1 + numbers.below(60));
        let chosen = match kind {
            0 => vec!["f8".to_owned()],
            1 => world.feeds.iter().map(|feed| feed.id.clone()).filter(|id| id.len() == 2).collect(),
            2 => world.feeds.iter().map(|feed| feed.id.clone()).filter(|id| id.len() == 3).collect(),
            _ => Vec::new(),
        };
        let feeds = Some(&chosen[..]).filter(|feeds| !feeds.is_empty());
        let mut query = word.to_owned() + ["", " feed:f8", " tag:t2", " tag:t3"][[1, 2, 3, 0][kind]];
        topics.iter().for_each(|topic| query += &format!(" topic:{topic}"));
        languages.iter().for_each(|language| query += &format!(" lang:{language}"));
        let asked = search::read(&query, &names).unwrap_or_else(|error| panic!("{query}: {error}"));
        let found = world.store.search(asked, world.now, items).await.expect("searched");
        let has_word = |entry: &&KeptEntry| entry.entry.title.as_deref().is_some_and(|title| title.contains(word));
        let naive = all.iter().filter(has_word).filter(|entry| has_any(entry, &topics, feeds, &languages));
        let naive: Vec<i64> = naive.take(items).map(|entry| entry.number).collect();
        assert_eq!(numbers_of(&found), naive, "{query}");
    }
}

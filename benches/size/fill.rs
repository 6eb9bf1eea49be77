//! A store of many feeds and entries, made by the same doors that polls use, the same every time.

use crate::figures::progress;
use crate::news::{Desk, Numbers};
use crate::placing;
use chrono::{DateTime, TimeDelta, Utc};
use glasnik::config::{self, Config};
use glasnik::feed::{Entry, EntryKey, Feed, FeedState, RulesHash, Tag};
use glasnik::poll::Topics;
use glasnik::searching;
use glasnik::store::{GroupedEntry, PastPoll, Places, SavedPoll, Store, Ungrouped};
use glasnik::topics::Matcher;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Entries of one poll while the store is filled.
const AT_ONCE: usize = 10;
/// Polls that are kept together, in one commit; as many entries as are indexed in one go.
const POLLS: usize = 100;
/// Between two lines that say how far it is.
const TOLD_EVERY: usize = 100_000;
/// The languages of feeds: the second has one feed in a hundred, the last has one feed, which is silent.
pub const LANGUAGES: [&str; 5] = ["sr", "sq", "de", "el", "is"];
const ISLANDIC: usize = 4_001;
/// Topics by how many entries have them: a quarter, one in a hundred, one in twenty thousand.
pub const TOPICS: [&str; 3] = ["frequent", "seldom", "rare"];
/// Words that are in every second text, in one of a hundred, in one of twenty thousand.
pub const WORDS: [&str; 3] = ["stalno", "ponekad", "retkost"];

/// A tenth of the feeds fell silent when half of the entries had come.
pub fn is_silent(feed: usize) -> bool {
    feed % 10 == 1
}

pub struct World {
    pub store: Store,
    pub config: Config,
    pub now: DateTime<Utc>,
    folder: PathBuf,
    rules: RulesHash,
    entries: usize,
    window: usize,
    desk: Desk,
    numbers: Numbers,
    made: usize,
    next_feed: usize,
}

impl World {
    /// Opens the store in a folder, or begins one. New entries of a filled one tell other news.
    pub async fn open(folder: &Path, feeds: usize, entries: usize, window: usize) -> Result<Self, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let file = folder.join("feeds.toml");
        fs::write(&file, feeds_toml(feeds))?;
        let config = config::load(&file).map_err(|error| error.to_string())?;
        let store = Store::open(&config.store_path)?;
        store.sync_subscriptions(&config.subscriptions).await?;
        let matcher = Matcher::new(&config.words, &config.topics).map_err(|_| "bad topics")?;
        let rules = matcher.hash();
        Topics::new(matcher, &store).await?;
        let kept = store.entries_kept().await? as usize;
        let desk = if kept == 0 { Desk::new() } else { Desk::another() };
        let (folder, now, numbers) = (folder.to_owned(), Utc::now(), Numbers(11));
        Ok(Self { store, config, now, folder, rules, entries, window, desk, numbers, made: kept, next_feed: kept })
    }

    /// Adds entries until there are as many as asked for; they are grouped and indexed meanwhile, as the
    /// daemon does.
    pub async fn fill(&mut self) -> Result<(), Box<dyn Error>> {
        // Before there is any, so that all are grouped.
        self.store.begin_grouping(self.now).await?;
        while self.made < self.entries {
            // What came before the stories' window is sure to be new.
            let is_old = self.made + self.window < self.entries;
            let polls: Vec<SavedPoll> = (0..POLLS).map(|_| self.news(AT_ONCE)).collect();
            let store = self.store.clone();
            let saving = async {
                match is_old {
                    true => placing::save_new(&store, polls).await,
                    false => placing::save(&store, polls).await,
                }
            };
            let indexing = async { Ok(searching::index_some(&store).await?) };
            tokio::try_join!(saving, group(&store), indexing)?;
            if self.made % TOLD_EVERY < POLLS * AT_ONCE {
                progress(&format!("{} entries", self.made));
            }
        }
        group(&self.store).await?;
        searching::index_all(&self.store).await?;
        Ok(())
    }

    /// A poll that brings so many new entries of the next feed.
    pub fn news(&mut self, entries: usize) -> SavedPoll {
        let feeds = self.config.subscriptions.len();
        self.next_feed += 1;
        while self.made > self.entries / 2 && is_silent(self.next_feed % feeds) {
            self.next_feed += 1;
        }
        let feed = self.next_feed % feeds;
        let at = self.seen_at();
        let (entries, tags) = (0..entries).map(|_| self.entry(feed, at)).unzip();
        let said = Feed {
            language: Some(language(feed).to_owned()),
            title: Some(format!("Feed {feed}")),
            entries,
            ..Feed::default()
        };
        self.poll(feed, Some((said, tags)), at)
    }

    /// A poll of a feed that brings nothing.
    pub fn unchanged(&self, feed: usize) -> SavedPoll {
        self.poll(feed, None, self.now)
    }

    fn poll(&self, feed: usize, said: Option<(Feed, Vec<Vec<Tag>>)>, at: DateTime<Utc>) -> SavedPoll {
        let subscription = &self.config.subscriptions[feed];
        // Nobody is there: the daemon must not ask while its memory is looked at.
        let next_poll_at = Some(self.now + TimeDelta::days(30));
        let state =
            FeedState { next_poll_at, last_poll_at: Some(at), last_success_at: Some(at), ..FeedState::default() };
        let past = PastPoll {
            at,
            status: "changed".to_owned(),
            http: Some(200),
            new: 0,
            changed: 0,
            bytes: 30_000,
            took_ms: 90,
            error: None,
        };
        SavedPoll {
            feed: subscription.id.clone(),
            url: subscription.url.clone(),
            state,
            said,
            past: Some(past),
            places: Places::default(),
            tagged_by: self.rules,
            at,
        }
    }

    /// The last ones came within a week, the others in the months before it.
    fn seen_at(&self) -> DateTime<Utc> {
        let (window, before) = (self.window.min(self.entries), self.entries.saturating_sub(self.window));
        let ago_s = match self.made.checked_sub(before) {
            None => 7 * 86_400 + 160 * 86_400 * (before - self.made) / before,
            Some(within) => 86_400 * 68 / 10 * window.saturating_sub(within) / window.max(1),
        };
        self.now - TimeDelta::seconds(ago_s as i64)
    }

    fn entry(&mut self, feed: usize, at: DateTime<Utc>) -> (Entry, Vec<Tag>) {
        let (number, news) = (self.made, self.desk.next());
        self.made += 1;
        let link = format!("https://site{feed}.example/news/{number}-{}", news.title.replace(' ', "-"));
        let key = EntryKey::new(format!("id:site{feed}-{number}")).expect("it is not empty");
        let has = |numbers: &mut Numbers, one_in: usize| numbers.below(one_in) == 0;
        let shares = [4, 100, 20_000];
        let topics: Vec<Tag> = TOPICS
            .iter()
            .zip(shares)
            .filter(|(_, share)| has(&mut self.numbers, *share))
            .map(|(topic, _)| tag(topic))
            .collect();
        let words: Vec<&str> = WORDS
            .iter()
            .zip([2, 100, 20_000])
            .filter(|(_, share)| has(&mut self.numbers, *share))
            .map(|(word, _)| *word)
            .collect();
        let entry = Entry {
            id: Some(format!("site{feed}-{number}")),
            link: Some(link.clone()),
            canonical_link: Some(link),
            title: Some(news.title),
            content: Some(format!("<p>{}</p><p>{} {number}</p>", news.text, words.join(" "))),
            published: Some(at - TimeDelta::seconds(self.numbers.below(3 * 3600) as i64)),
            fingerprint: 1 + number as u64,
            ..Entry::new(key)
        };
        (entry, topics)
    }

    /// Of the database, in bytes.
    pub fn bytes(&self) -> Result<u64, Box<dyn Error>> {
        Ok(fs::metadata(self.folder.join("glasnik.db"))?.len())
    }
}

/// Every tenth entry tells of what the one before it tells.
async fn group(store: &Store) -> Result<(), Box<dyn Error>> {
    loop {
        let waiting = store.ungrouped_entries().await?;
        let Some(done_to) = waiting.last else { return Ok(()) };
        store.save_grouped(waiting.entries.iter().map(grouped).collect(), done_to).await?;
    }
}

fn grouped(waiting: &Ungrouped) -> GroupedEntry {
    let Ungrouped { number, feed, seen_at, .. } = *waiting;
    let story = if number % 10 == 0 { number - 1 } else { number };
    let (score, original, article) = (None, None, None);
    GroupedEntry { number, feed, seen_at, story, score, original, article, merged: Vec::new(), links: Vec::new() }
}

fn tag(topic: &str) -> Tag {
    Tag { topic: topic.to_owned(), score: 1.0, matched: Vec::new() }
}

fn language(feed: usize) -> &'static str {
    match feed {
        ISLANDIC => LANGUAGES[4],
        _ if feed % 100 == 7 => LANGUAGES[1],
        _ => [LANGUAGES[0], LANGUAGES[2], LANGUAGES[3]][feed % 3],
    }
}

fn feeds_toml(feeds: usize) -> String {
    let mut config = "[server]\nlisten = \"127.0.0.1:0\"\n[defaults]\nallow_private = true\n".to_owned();
    for feed in 0..feeds {
        let tags = if feed % 2 == 0 { "\ntags = [\"half\"]" } else { "" };
        let _ = writeln!(config, "[[feed]]\nid = \"feed-{feed}\"\nurl = \"http://127.0.0.1:1/{feed}.xml\"{tags}");
    }
    for topic in TOPICS {
        let _ = writeln!(config, "[[topic]]\nid = \"{topic}\"\nenough = [\"=nobody says {topic}\"]");
    }
    config
}

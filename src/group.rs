//! Groups kept entries: whose text an entry copies, and which entries tell of one event. In batches
//! between which polls are kept, so that it may take its time and may end at any line: what was not
//! written is found again. Does not know how alike texts are told.

use crate::ingest::normalize::plain_texts;
use crate::store::{self, Basis, GroupedEntry, MovedEntry, Override, Store, Ungrouped};
use crate::stories::{Article, Groups, Item, Moved, Placed};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tracing::{error, warn};

/// Groups what comes, and remembers the entries of the last days to do so.
#[derive(Default)]
pub struct Grouper {
    /// Not there before the first grouping, nor after one that could not be written.
    desk: Mutex<Option<Desk>>,
}

/// What was grouped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grouped {
    /// Entries that were placed.
    pub entries: usize,
    /// Those that have another's text.
    pub copies: usize,
    /// Those that tell of what others told before.
    pub joined: usize,
    /// Earlier ones that belong elsewhere than was thought.
    pub moved: usize,
}

/// Two weeks of a large newsroom's reading, or the week that texts are compared over.
const ENTRIES_MAX: usize = 300_000;

/// After so many entries, or so long, it is looked at again what belongs together: by then it is
/// clearer what a story is.
const REGROUPED_AFTER: usize = 200;
const REGROUPED_EVERY: TimeDelta = TimeDelta::minutes(10);

struct Desk {
    groups: Groups,
    /// Entries that were placed since the last look.
    new: usize,
    looked_at: DateTime<Utc>,
}

impl Grouper {
    /// Groups all entries that wait.
    pub async fn catch_up(&self, store: &Store, now: DateTime<Utc>) -> Result<Grouped, store::Error> {
        let mut grouped = Grouped::default();
        // Others may ask between two batches.
        while self.next_batch(store, now, &mut grouped).await? {}
        self.look_again(store, now, &mut grouped).await?;
        Ok(grouped)
    }

    /// The entries that are nearest to one, the nearest first; none where it is not among the newest.
    pub async fn near(&self, number: i64, count: usize) -> Vec<i64> {
        let desk = self.desk.lock().await;
        let near = desk.as_ref().map(|desk| desk.groups.near(number, count)).unwrap_or_default();
        near.into_iter().map(|(number, _)| number).collect()
    }

    /// Answers whether there may be more.
    async fn next_batch(&self, store: &Store, now: DateTime<Utc>, grouped: &mut Grouped) -> Result<bool, store::Error> {
        let mut place = self.desk.lock().await;
        let mut desk = match place.take() {
            Some(desk) => desk,
            None => Desk::restored(store, now).await?,
        };
        let waiting = store.ungrouped_entries().await?;
        let Some(done_to) = waiting.last else {
            *place = Some(desk);
            return Ok(false);
        };
        let alone: Vec<GroupedEntry> = waiting.entries.iter().map(alone).collect();
        let entries = match tokio::task::spawn_blocking(move || (desk.place(waiting.entries), desk)).await {
            Ok((entries, placed)) => {
                desk = placed;
                store.save_grouped(entries.clone(), done_to).await?;
                *place = Some(desk);
                entries
            }
            Err(_) => {
                // Better shown alone than not at all.
                error!("grouping broke at one of the entries up to {done_to}, please report it; they stay alone");
                store.save_grouped(alone.clone(), done_to).await?;
                alone
            }
        };
        grouped.entries += entries.len();
        grouped.copies += entries.iter().filter(|entry| entry.original.is_some()).count();
        grouped.joined += entries.iter().filter(|entry| entry.story != entry.number).count();
        Ok(true)
    }

    async fn look_again(&self, store: &Store, now: DateTime<Utc>, grouped: &mut Grouped) -> Result<(), store::Error> {
        let mut place = self.desk.lock().await;
        let is_due =
            |desk: &mut Desk| desk.new >= REGROUPED_AFTER || (desk.new > 0 && now - desk.looked_at >= REGROUPED_EVERY);
        let Some(mut desk) = place.take_if(is_due) else {
            return Ok(());
        };
        let looking = tokio::task::spawn_blocking(move || (desk.groups.regroup(now.timestamp()), desk));
        let Ok((moved, mut desk)) = looking.await else {
            error!("looking again at what belongs together broke, please report it");
            return Ok(());
        };
        (desk.new, desk.looked_at) = (0, now);
        grouped.moved += moved.len();
        if !moved.is_empty() {
            store.move_grouped(moved.into_iter().map(moved_entry).collect(), now).await?;
        }
        *place = Some(desk);
        Ok(())
    }
}

impl Desk {
    /// As it was when the last entry was placed.
    async fn restored(store: &Store, now: DateTime<Utc>) -> Result<Self, store::Error> {
        store.begin_grouping(now).await?;
        store.forget_old_articles(now).await?;
        let mut groups = Groups::new(ENTRIES_MAX);
        let mut after = 0;
        loop {
            let articles = store.articles(after).await?;
            let Some(last) = articles.last() else { break };
            after = last.number;
            let restoring = tokio::task::spawn_blocking(move || {
                for kept in articles {
                    match Article::from_bytes(&kept.bytes) {
                        Some(article) => {
                            groups.restore(kept.number, kept.feed.unsigned_abs(), kept.seen_at, article, kept.story);
                        }
                        // Made by another version: what comes is not compared with it.
                        None => warn!(entry = kept.number, "what it is compared by cannot be read"),
                    }
                }
                groups
            });
            groups = restoring.await.map_err(|_| store::Error::Stopped)?;
        }
        let mut desk = Self { groups, new: 0, looked_at: now };
        let moved = desk.obey(store.overrides().await?);
        if !moved.is_empty() {
            store.move_grouped(moved, now).await?;
        }
        Ok(desk)
    }

    /// Says again what the operator said; answers what is not so yet.
    fn obey(&mut self, overrides: Vec<Override>) -> Vec<MovedEntry> {
        let obeyed = overrides.into_iter().flat_map(|Override { one, other, is_together }| match is_together {
            true => self.groups.keep_together(one, other),
            false => self.groups.keep_apart(one, other),
        });
        obeyed.map(moved_entry).collect()
    }

    fn place(&mut self, entries: Vec<Ungrouped>) -> Vec<GroupedEntry> {
        self.new += entries.len();
        entries.iter().map(|entry| self.place_one(entry)).collect()
    }

    fn place_one(&mut self, waiting: &Ungrouped) -> GroupedEntry {
        let Ungrouped { number, feed, seen_at, .. } = *waiting;
        let Some(article) = article(waiting) else {
            warn!(entry = number, "what it is compared by cannot be read");
            return alone(waiting);
        };
        let unkept = matches!(waiting.basis, Basis::Entry(_));
        let kept = GroupedEntry { article: unkept.then(|| article.to_bytes()), ..alone(waiting) };
        // What is one article with another by its link or its id tells of the same, whatever it says.
        let of_root =
            (waiting.root != number).then(|| self.groups.story(waiting.root).or(waiting.root_story)).flatten();
        if let Some(story) = of_root {
            self.groups.restore(number, feed.unsigned_abs(), seen_at, article, story);
            return GroupedEntry { story, ..kept };
        }
        let Placed { original, story, score, merged } = self.groups.add(number, feed.unsigned_abs(), seen_at, article);
        GroupedEntry { story, score, original, merged, ..kept }
    }
}

fn moved_entry(moved: Moved) -> MovedEntry {
    MovedEntry { number: moved.number, from: moved.from, to: moved.to }
}

/// As an entry is that has nothing to do with any other.
fn alone(waiting: &Ungrouped) -> GroupedEntry {
    GroupedEntry {
        number: waiting.number,
        feed: waiting.feed,
        seen_at: waiting.seen_at,
        story: waiting.number,
        score: None,
        original: None,
        article: None,
        merged: Vec::new(),
    }
}

/// Nothing where the bytes are damaged or another version's.
fn article(waiting: &Ungrouped) -> Option<Article> {
    let entry = match &waiting.basis {
        Basis::Article(bytes) => return Article::from_bytes(bytes),
        Basis::Entry(entry) => entry,
    };
    let (feed, [summary, content]) = (waiting.feed.to_string(), plain_texts(entry));
    Some(Article::of(&Item::of(&feed, entry, &summary, &content), waiting.language.as_deref()))
}

//! Groups kept entries: whose text an entry copies, which entries tell of one event, and which stories
//! of other languages do. In batches between which polls are kept, so that it may take its time and may
//! end at any line: what was not written is found again. What the operator wishes is done in between.
//! Does not know how alike texts are told.

use crate::feed::Entry;
use crate::ingest::normalize::plain_texts;
use crate::store::{
    self, ArticleBytes, Basis, GroupedEntry, KeptArticle, MovedEntry, NewLink, Override, Store, Ungrouped,
};
use crate::stories::{Article, Groups, Item, Link, Links, Moved, Placed, Telling};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
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
    /// Stories that were found to be told in another language, too.
    pub linked: usize,
    /// Wishes of the operator that were done.
    pub wishes: usize,
}

/// Two weeks of a large newsroom's reading, or the week that texts are compared over.
const ENTRIES_MAX: usize = 300_000;

/// After so many entries, or so long, it is looked at again what belongs together: by then it is
/// clearer what a story is.
const REGROUPED_AFTER: usize = 200;
const REGROUPED_EVERY: TimeDelta = TimeDelta::minutes(10);

struct Desk {
    groups: Groups,
    links: Links,
    /// Entries that were placed since the last look.
    new: usize,
    looked_at: DateTime<Utc>,
}

impl Grouper {
    /// Groups all entries that wait, and does what the operator wishes.
    pub async fn catch_up(&self, store: &Store, now: DateTime<Utc>) -> Result<Grouped, store::Error> {
        let mut grouped = Grouped::default();
        loop {
            // Others may ask between two batches.
            while self.next_batch(store, now, &mut grouped).await? {}
            if !self.grant(store, now, &mut grouped).await? {
                break;
            }
        }
        self.look_again(store, now, &mut grouped).await?;
        Ok(grouped)
    }

    /// Does what the operator wishes of entries that are grouped; answers whether there was anything.
    async fn grant(&self, store: &Store, now: DateTime<Utc>, grouped: &mut Grouped) -> Result<bool, store::Error> {
        if !store.has_wishes().await? {
            return Ok(false);
        }
        let mut place = self.desk.lock().await;
        // It is written as by one who has the store for himself, and read back as after a start.
        *place = None;
        grouped.wishes += store.grant_wishes(now).await?;
        Ok(true)
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
        let entries = match tokio::task::spawn_blocking(move || (desk.place(&waiting.entries), desk)).await {
            Ok(((mut entries, found), placed)) => {
                desk = placed;
                let mut links = in_words(found, store).await?;
                for entry in &mut entries {
                    entry.links = links.remove(&entry.number).unwrap_or_default();
                }
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
        grouped.linked += entries.iter().map(|entry| entry.links.len()).sum::<usize>();
        Ok(true)
    }

    async fn look_again(&self, store: &Store, now: DateTime<Utc>, grouped: &mut Grouped) -> Result<(), store::Error> {
        let mut place = self.desk.lock().await;
        let is_due =
            |desk: &mut Desk| desk.new >= REGROUPED_AFTER || (desk.new > 0 && now - desk.looked_at >= REGROUPED_EVERY);
        let Some(mut desk) = place.take_if(is_due) else {
            return Ok(());
        };
        let looking = tokio::task::spawn_blocking(move || (desk.regroup(now), desk));
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
        let mut desk = Self { groups: Groups::new(ENTRIES_MAX), links: Links::default(), new: 0, looked_at: now };
        let mut articles = store.articles(0).await?;
        while let Some(last) = articles.last().map(|last| last.number) {
            let restoring = tokio::task::spawn_blocking(move || {
                articles.into_iter().for_each(|kept| desk.restore(kept));
                desk
            });
            // The next are read meanwhile.
            let (restored, next) = tokio::join!(restoring, store.articles(last));
            desk = restored.map_err(|_| store::Error::Stopped)?;
            articles = next?;
        }
        let moved = desk.obey(store.overrides().await?);
        if !moved.is_empty() {
            store.move_grouped(moved, now).await?;
        }
        Ok(desk)
    }

    fn restore(&mut self, kept: KeptArticle) {
        let KeptArticle { number, feed, seen_at, story, original, bytes } = kept;
        if let Some(telling) = Telling::from_bytes(&bytes.telling) {
            self.links.restore(story, seen_at, &telling);
        }
        match Article::from_bytes(&bytes.article) {
            Some(article) => self.groups.restore(number, feed.unsigned_abs(), seen_at, article, story, original),
            // Made by another version: what comes is not compared with it.
            None => warn!(entry = number, "what it is compared by cannot be read"),
        }
    }

    /// Says again what the operator said; answers what is not so yet.
    fn obey(&mut self, overrides: Vec<Override>) -> Vec<MovedEntry> {
        let obeyed = overrides.into_iter().flat_map(|Override { one, other, is_together }| match is_together {
            true => self.groups.keep_together(one, other),
            false => self.groups.keep_apart(one, other),
        });
        obeyed.map(moved_entry).collect()
    }

    fn place(&mut self, entries: &[Ungrouped]) -> (Vec<GroupedEntry>, Vec<Found>) {
        self.new += entries.len();
        let (placed, found): (Vec<GroupedEntry>, Vec<Option<Found>>) =
            entries.iter().map(|entry| self.place_one(entry)).unzip();
        (placed, found.into_iter().flatten().collect())
    }

    fn place_one(&mut self, waiting: &Ungrouped) -> (GroupedEntry, Option<Found>) {
        let Some((article, telling)) = article(waiting) else {
            warn!(entry = waiting.number, "what it is compared by cannot be read");
            return (alone(waiting), None);
        };
        let unkept = matches!(waiting.basis, Basis::Entry(_));
        let bytes = unkept.then(|| ArticleBytes {
            article: article.to_bytes(),
            telling: telling.map(|telling| telling.to_bytes()).unwrap_or_default(),
        });
        let placed = GroupedEntry { article: bytes, ..self.place_article(waiting, article) };
        for (ended, into) in &placed.merged {
            self.links.merge(*ended, *into);
        }
        let found = telling.map(|telling| Found {
            number: waiting.number,
            links: self.links.report(placed.story, waiting.seen_at, &telling),
            telling,
        });
        (placed, found.filter(|found| !found.links.is_empty()))
    }

    fn place_article(&mut self, waiting: &Ungrouped, article: Article) -> GroupedEntry {
        let Ungrouped { number, feed, seen_at, .. } = *waiting;
        // What is one article with another by its link or its id tells of the same, whatever it says.
        let of_root =
            (waiting.root != number).then(|| self.groups.story(waiting.root).or(waiting.root_story)).flatten();
        if let Some(story) = of_root {
            self.groups.add_to(number, feed.unsigned_abs(), seen_at, article, story);
            return GroupedEntry { story, ..alone(waiting) };
        }
        let Placed { original, story, score, merged } = self.groups.add(number, feed.unsigned_abs(), seen_at, article);
        GroupedEntry { story, score, original, merged, ..alone(waiting) }
    }

    fn regroup(&mut self, now: DateTime<Utc>) -> Vec<Moved> {
        let moved = self.groups.regroup(now.timestamp());
        // What a story was known by was mostly told by the entry that began it, and goes with it.
        for Moved { from, to, .. } in moved.iter().filter(|moved| moved.number == moved.from) {
            self.links.merge(*from, *to);
        }
        moved
    }
}

/// Links that were found when an entry came, before they are put in words.
struct Found {
    number: i64,
    telling: Telling,
    links: Vec<Link>,
}

/// Says in the words of each entry what it and its links name.
async fn in_words(found: Vec<Found>, store: &Store) -> Result<HashMap<i64, Vec<NewLink>>, store::Error> {
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let said: HashMap<i64, Entry> =
        store.said(found.iter().map(|found| found.number).collect()).await?.into_iter().collect();
    let named = found.into_iter().map(|Found { number, telling, links }| {
        let texts = said.get(&number).map(|entry| (entry, plain_texts(entry)));
        let words = |link: &Link| match &texts {
            Some((entry, [summary, content])) => telling.words(&Item::of("", entry, summary, content), &link.shared),
            None => Vec::new(),
        };
        let link = |link: Link| NewLink { shared: words(&link), story: link.story, score: link.score };
        (number, links.into_iter().map(link).collect())
    });
    Ok(named.collect())
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
        links: Vec::new(),
    }
}

/// Nothing where the bytes are damaged or another version's; the article alone where it was kept before
/// there were links.
fn article(waiting: &Ungrouped) -> Option<(Article, Option<Telling>)> {
    let entry = match &waiting.basis {
        Basis::Article(bytes) => {
            return Some((Article::from_bytes(&bytes.article)?, Telling::from_bytes(&bytes.telling)));
        }
        Basis::Entry(entry) => entry,
    };
    let (feed, [summary, content]) = (waiting.feed.to_string(), plain_texts(entry));
    let item = Item::of(&feed, entry, &summary, &content);
    let article = Article::of(&item, waiting.language.as_deref());
    let telling = Telling::of(&item, &article);
    Some((article, Some(telling)))
}

//! Copies and stories among the newest articles: whose text an article copies, and which articles tell
//! of one event. In memory, with a bound for the work that an article makes; the same articles in the
//! same order give the same answers, byte for byte.
//!
//! [`Groups::add`] places an article at once. [`Groups::regroup`] looks again at what was touched
//! since, when it is clearer what the story is, and says what moved. [`Groups::restore`] brings a
//! window back as it was. Numbers are the caller's and only grow; a story is called by the number of
//! the entry that began it, for ever.

use super::article::Article;
use super::copies::{Copies, copied, is_headline_copied};
use super::index::Index;
use super::terms::Term;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// The newest articles, and how they belong together.
#[derive(Debug)]
pub struct Groups {
    window: usize,
    /// Sorted by number.
    articles: VecDeque<Kept>,
    /// How many articles have left.
    gone: u32,
    stories: HashMap<i64, Story>,
    index: Index,
    copies: Copies,
    /// How many articles of the window have a word, by the first bits of its number.
    frequencies: Vec<u32>,
    /// Pairs that the operator joined or parted.
    together: BTreeMap<i64, Vec<i64>>,
    apart: BTreeMap<i64, Vec<i64>>,
}

#[derive(Debug)]
struct Kept {
    number: i64,
    feed: u64,
    seen_at: i64,
    moment: i64,
    is_dated: bool,
    story: i64,
    original: i64,
    article: Article,
    /// Which of its terms are in the index.
    indexed: u64,
}

#[derive(Debug, Default)]
struct Story {
    /// Positions of its articles in the window, sorted.
    members: Vec<u32>,
    last: i64,
}

/// Where an article belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The entry whose text it copies, and how alike they are, from 0 to 1.
    pub original: Option<(i64, f32)>,
    /// The number of the entry that began the story, itself if it is the first.
    pub story: i64,
    /// How sure it is that it belongs there, from 0 to 1; nothing for a story of its own.
    pub score: Option<f32>,
    /// Stories that ended, and the older one that they joined.
    pub merged: Vec<(i64, i64)>,
}

/// An article that belongs elsewhere than was said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The article.
    pub number: i64,
    /// The story that it was in.
    pub from: i64,
    /// The story that it is in.
    pub to: i64,
}

/// Articles leave after so long.
const WINDOW_S: i64 = 7 * 24 * 3600;
/// A story to which nothing was added for so long is over.
const QUIET_S: i64 = 4 * 24 * 3600;
/// What was published so far apart tells less surely of one event: a Gaussian's sigma.
const APART_S: f32 = 48.0 * 3600.0;
/// Words that lead to an article.
const INDEXED_MAX: usize = 12;
const JOIN_MIN: f32 = 0.22;
const FREQUENCY_BITS: u32 = 18;

impl Groups {
    /// For the newest `window` articles, at most 8 million, none of them older than a week.
    pub fn new(window: usize) -> Self {
        Self {
            window: window.max(1),
            articles: VecDeque::new(),
            gone: 0,
            stories: HashMap::new(),
            index: Index::default(),
            copies: Copies::of_newest(window),
            frequencies: vec![0; 1 << FREQUENCY_BITS],
            together: BTreeMap::new(),
            apart: BTreeMap::new(),
        }
    }

    /// How many articles are in the window.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// Places a new article. `feed` is any number of its feed, 0 for none; an article that is not
    /// newer than all others is not taken and has a story of its own.
    pub fn add(&mut self, number: i64, feed: u64, seen_at: i64, article: Article) -> Placed {
        let alone = Placed { original: None, story: number, score: None, merged: Vec::new() };
        if self.articles.back().is_some_and(|last| last.number >= number) {
            return alone;
        }
        self.let_go(seen_at);
        let original = self.original(&article, feed);
        let kept = Kept::new(number, feed, seen_at, article);
        let vector = self.vector(&kept.article);
        let best = match original {
            Some((original, alike)) => self.get(original).map(|kept| (kept.story, alike)),
            None => self.best_story(&kept, &vector),
        };
        let (story, score) = best.map_or((number, None), |(story, score)| (story, Some(score)));
        self.keep(Kept { story, original: original.map_or(number, |(original, _)| original), ..kept }, &vector);
        Placed { original, story, score, ..alone }
    }

    /// Takes an article back as it was placed before: nothing is decided. In the order of numbers.
    pub fn restore(&mut self, number: i64, feed: u64, seen_at: i64, article: Article, story: i64) {
        if self.articles.back().is_some_and(|last| last.number >= number) {
            return;
        }
        self.let_go(seen_at);
        let kept = Kept { story, ..Kept::new(number, feed, seen_at, article) };
        let vector = self.vector(&kept.article);
        self.keep(kept, &vector);
    }

    /// Looks again at the stories that were touched since; says what moved.
    pub fn regroup(&mut self, _now: i64) -> Vec<Moved> {
        Vec::new()
    }

    /// The operator's word that two articles tell of one event. For ever: it is to be said again
    /// after a start.
    pub fn keep_together(&mut self, one: i64, other: i64) -> Vec<Moved> {
        note(&mut self.together, one, other);
        let stories = self.story(one).zip(self.story(other));
        let Some((to, from)) = stories.map(|(one, other)| (one.min(other), one.max(other))) else { return Vec::new() };
        if to == from { Vec::new() } else { self.merge(from, to) }
    }

    /// The operator's word that two articles tell of two events: `other` leaves the story of `one`.
    /// For ever: it is to be said again after a start.
    pub fn keep_apart(&mut self, one: i64, other: i64) -> Vec<Moved> {
        note(&mut self.apart, one, other);
        match self.story(one).zip(self.story(other)) {
            Some((story, same)) if story == same => self.part(other, story),
            _ => Vec::new(),
        }
    }

    /// The story of an article of the window.
    pub fn story(&self, number: i64) -> Option<i64> {
        Some(self.get(number)?.story)
    }

    /// The articles that are nearest to one by their words, at most `count`, and how near they are,
    /// from 0 to 1.
    pub fn near(&self, number: i64, count: usize) -> Vec<(i64, f32)> {
        let Some(kept) = self.get(number) else { return Vec::new() };
        let vector = self.vector(&kept.article);
        let found = self.index.search(heaviest(&vector).into_iter());
        let mut near: Vec<(i64, f32)> = found
            .into_iter()
            .filter_map(|(position, _)| self.at(position))
            .filter(|other| other.number != number)
            .map(|other| (other.number, cosine(&vector, &self.vector(&other.article))))
            .collect();
        near.sort_by(|one, other| other.1.total_cmp(&one.1).then(other.0.cmp(&one.0)));
        near.truncate(count);
        near
    }

    fn get(&self, number: i64) -> Option<&Kept> {
        let at = self.articles.binary_search_by_key(&number, |kept| kept.number).ok()?;
        self.articles.get(at)
    }

    fn at(&self, position: u32) -> Option<&Kept> {
        self.articles.get(position.wrapping_sub(self.gone) as usize)
    }

    fn at_mut(&mut self, position: u32) -> Option<&mut Kept> {
        self.articles.get_mut(position.wrapping_sub(self.gone) as usize)
    }

    /// Whose text it is.
    fn original(&self, article: &Article, feed: u64) -> Option<(i64, f32)> {
        let next = self.gone.wrapping_add(self.articles.len() as u32).wrapping_add(1);
        let mut best: Option<(f32, &Kept)> = None;
        for found in self.copies.candidates(&article.anchors, next) {
            let Some(kept) = self.at(found.wrapping_sub(1)).filter(|kept| feed == 0 || kept.feed != feed) else {
                continue;
            };
            let copied = copied(&article.sketch, &kept.article.sketch)
                .or_else(|| is_headline_copied(&article.sketch, &kept.article.sketch).then_some(1.0));
            if let Some(alike) = copied.filter(|alike| best.is_none_or(|(most, _)| *alike > most)) {
                best = Some((alike, kept));
            }
        }
        best.map(|(alike, kept)| (kept.original, alike))
    }

    fn best_story(&self, kept: &Kept, vector: &[(u32, f32)]) -> Option<(i64, f32)> {
        let mut found: Vec<(i64, f32)> = self
            .index
            .search(heaviest(vector).into_iter())
            .into_iter()
            .filter_map(|(position, weight)| Some((self.at(position)?.story, weight)))
            .collect();
        found.sort_by_key(|(story, _)| *story);
        let mut stories: Vec<(i64, f32)> = found
            .chunk_by(|one, other| one.0 == other.0)
            .map(|same| (same[0].0, same.iter().map(|(_, weight)| *weight).fold(0.0, f32::max)))
            .collect();
        stories.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        stories.truncate(8);
        let scored = stories.into_iter().filter_map(|(story, _)| Some((story, self.score(kept, vector, story)?)));
        scored.filter(|(_, score)| *score >= JOIN_MIN).max_by(|one, other| one.1.total_cmp(&other.1))
    }

    fn score(&self, kept: &Kept, vector: &[(u32, f32)], number: i64) -> Option<f32> {
        let story = self.stories.get(&number)?;
        let is_over = kept.moment - story.last > QUIET_S;
        let members: Vec<&Kept> =
            story.members.iter().rev().take(16).filter_map(|position| self.at(*position)).collect();
        let differs = members.iter().any(|member| member.article.language.differs(kept.article.language));
        if is_over || differs || self.is_kept_apart(kept.number, number) {
            return None;
        }
        let mut sum: Vec<(u32, f32)> = members.iter().flat_map(|member| self.vector(&member.article)).collect();
        sum.sort_by_key(|(word, _)| *word);
        let mut centroid: Vec<(u32, f32)> = sum
            .chunk_by(|one, other| one.0 == other.0)
            .map(|same| (same[0].0, same.iter().map(|(_, weight)| weight).sum()))
            .collect();
        normalize(&mut centroid);
        let days = members.iter().filter(|member| member.is_dated && kept.is_dated);
        let apart = days.map(|member| (member.moment - kept.moment).abs()).min().unwrap_or(0) as f32 / APART_S;
        Some(cosine(vector, &centroid) * (-apart * apart / 2.0).exp())
    }

    fn is_kept_apart(&self, number: i64, story: i64) -> bool {
        self.apart.get(&number).is_some_and(|others| others.iter().any(|other| self.story(*other) == Some(story)))
    }

    /// How telling each word of an article is, sorted by word, of length 1.
    fn vector(&self, article: &Article) -> Vec<(u32, f32)> {
        let weigh = |term: &Term| {
            let times = term.count() as f32 + if term.is_in_title() { 2.0 } else { 0.0 };
            (term.word(), (1.0 + times.ln()) * self.rarity(term.word()))
        };
        let mut vector: Vec<(u32, f32)> = article.terms.iter().map(weigh).collect();
        vector.sort_unstable_by_key(|(word, _)| *word);
        normalize(&mut vector);
        vector
    }

    fn rarity(&self, word: u32) -> f32 {
        let count = self.frequencies[bucket(word)];
        ((self.articles.len() as f32 + 20.0) / (count as f32 + 1.0)).ln().max(0.1)
    }

    fn keep(&mut self, mut kept: Kept, vector: &[(u32, f32)]) {
        let position = self.gone.wrapping_add(self.articles.len() as u32);
        let words: Vec<u32> = heaviest(vector).into_iter().map(|(word, _)| word).collect();
        for (at, term) in kept.article.terms.iter().enumerate() {
            if words.contains(&term.word()) {
                kept.indexed |= 1 << at;
            }
            self.frequencies[bucket(term.word())] += 1;
        }
        self.index.insert(kept.indexed(), position);
        self.copies.insert(&std::mem::take(&mut kept.article.anchors), position.wrapping_add(1));
        let story = self.stories.entry(kept.story).or_default();
        story.last = if story.members.is_empty() { kept.moment } else { story.last.max(kept.moment) };
        story.members.push(position);
        self.articles.push_back(kept);
    }

    /// Forgets what is too old.
    fn let_go(&mut self, now: i64) {
        while self.articles.len() >= self.window
            || self.articles.front().is_some_and(|oldest| now - oldest.seen_at > WINDOW_S)
        {
            let Some(oldest) = self.articles.pop_front() else { return };
            self.index.remove_oldest(oldest.indexed(), self.gone);
            for term in &oldest.article.terms {
                self.frequencies[bucket(term.word())] -= 1;
            }
            if let Some(story) = self.stories.get_mut(&oldest.story) {
                story.members.retain(|position| *position != self.gone);
                if story.members.is_empty() {
                    self.stories.remove(&oldest.story);
                }
            }
            self.gone = self.gone.wrapping_add(1);
        }
    }

    fn merge(&mut self, from: i64, to: i64) -> Vec<Moved> {
        let Some(ended) = self.stories.remove(&from) else { return Vec::new() };
        let story = self.stories.entry(to).or_default();
        story.last = story.last.max(ended.last);
        story.members.extend(&ended.members);
        story.members.sort_unstable();
        let mut moved = Vec::new();
        for position in ended.members {
            if let Some(kept) = self.at_mut(position) {
                kept.story = to;
                moved.push(Moved { number: kept.number, from, to });
            }
        }
        moved
    }

    /// Lets one article leave its story for one of its own.
    fn part(&mut self, number: i64, from: i64) -> Vec<Moved> {
        let Ok(at) = self.articles.binary_search_by_key(&number, |kept| kept.number) else { return Vec::new() };
        let position = self.gone.wrapping_add(at as u32);
        let moment = self.articles[at].moment;
        if let Some(story) = self.stories.get_mut(&from) {
            story.members.retain(|member| *member != position);
        }
        self.articles[at].story = number;
        self.stories.insert(number, Story { members: vec![position], last: moment });
        vec![Moved { number, from, to: number }]
    }
}

impl Kept {
    fn new(number: i64, feed: u64, seen_at: i64, article: Article) -> Self {
        let published = article.sketch.published();
        Self {
            number,
            feed,
            seen_at,
            moment: published.unwrap_or(seen_at),
            is_dated: published.is_some(),
            story: number,
            original: number,
            article,
            indexed: 0,
        }
    }

    fn indexed(&self) -> impl Iterator<Item = u32> {
        let is_indexed = |at: &usize| self.indexed >> at & 1 == 1;
        (0..self.article.terms.len()).filter(is_indexed).map(|at| self.article.terms[at].word())
    }
}

fn note(pairs: &mut BTreeMap<i64, Vec<i64>>, one: i64, other: i64) {
    for (one, other) in [(one, other), (other, one)] {
        let others = pairs.entry(one).or_default();
        if !others.contains(&other) {
            others.push(other);
        }
    }
}

fn bucket(word: u32) -> usize {
    word as usize & ((1 << FREQUENCY_BITS) - 1)
}

fn heaviest(vector: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut words = vector.to_vec();
    words.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    words.truncate(INDEXED_MAX);
    words
}

fn normalize(vector: &mut [(u32, f32)]) {
    let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
    }
}

fn cosine(one: &[(u32, f32)], other: &[(u32, f32)]) -> f32 {
    let (mut at, mut beside, mut sum) = (0, 0, 0.0);
    while let (Some(left), Some(right)) = (one.get(at), other.get(beside)) {
        match left.0.cmp(&right.0) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => beside += 1,
            std::cmp::Ordering::Equal => {
                sum += left.1 * right.1;
                at += 1;
                beside += 1;
            }
        }
    }
    sum
}

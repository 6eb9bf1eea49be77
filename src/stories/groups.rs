//! Copies and stories among the newest articles: whose text an article copies, and which articles tell
//! of one event. In memory, with a bound for the work that an article makes; the same articles in the
//! same order give the same answers, byte for byte.
//!
//! [`Groups::add`] places an article at once. [`Groups::regroup`] looks again at what was touched
//! since, when it is clearer what the story is, and says what moved. [`Groups::restore`] brings a
//! window back as it was. Numbers are the caller's and only grow; a story is called by the number of
//! the entry that began it, for ever.

use super::article::Article;
use super::candidates::{Candidate, Nearest, sharing_the_most};
use super::copies::{Copies, copied, is_headline_copied};
use super::index::{Index, Met};
use super::language::Language;
use super::model::Model;
use super::profile::{Features, Nearness, Profile, Sought};
use super::rarity::Rarity;
use super::sketch::{Anchors, Wording};
use super::terms::Term;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// The newest articles, and how they belong together.
#[derive(Debug)]
pub struct Groups {
    window: usize,
    /// Sorted by number.
    articles: VecDeque<Kept>,
    /// The story of each of them, side by side: a search asks for hundreds.
    told: VecDeque<i64>,
    /// How many articles have left.
    gone: u32,
    stories: HashMap<i64, Story>,
    /// Stories whose profile is kept, the oldest first.
    profiled: VecDeque<i64>,
    index: Index,
    copies: Copies,
    rarity: Rarity,
    model: Model,
    /// Of the article that is compared just now: its memory is used for the next one.
    compared: RefCell<Profile>,
    /// Two stories are one where it is so sure.
    pub(super) merge_min: f32,
    /// Articles to be looked at again.
    touched: BTreeSet<i64>,
    /// Pairs that the operator joined or parted.
    together: BTreeMap<i64, Vec<i64>>,
    apart: BTreeMap<i64, Vec<i64>>,
}

/// An article of the window.
#[derive(Debug)]
struct Kept {
    number: i64,
    feed: u64,
    seen_at: i64,
    original: i64,
    wording: Wording,
    /// Sorted by word.
    terms: Box<[Term]>,
    language: Language,
    /// Which of its terms are in the index.
    indexed: u64,
}

#[derive(Debug, Default)]
struct Story {
    /// Positions of its articles in the window, sorted.
    members: Vec<u32>,
    span: Span,
    /// As far as it was computed since it changed.
    profile: Option<Box<Profile>>,
}

/// When something was told, and in which language.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    /// The first and the last publisher's date.
    published: Option<(i64, i64)>,
    seen_at: i64,
    language: Language,
}

/// What looks for its story: an article, or a story that may be part of another.
#[derive(Debug)]
struct Probe {
    profile: Profile,
    /// The words that lead to others.
    heaviest: Vec<(u32, f32)>,
    span: Span,
    /// The story that it is in, which is not looked at.
    within: Option<i64>,
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

/// What the model is asked: whether something belongs to a story.
#[derive(Debug)]
pub(super) struct Example {
    pub story: i64,
    pub features: Features,
}

/// Articles leave after so long.
const WINDOW_S: i64 = 7 * 24 * 3600;
/// A story to which nothing was added for so long is over.
const QUIET_S: i64 = 4 * 24 * 3600;
/// One event is told of for a day.
const DAY_S: i64 = 24 * 3600;
/// What was published further apart tells less surely of one event: a Gaussian's sigma.
const APART_S: f32 = 48.0 * 3600.0;
/// Words that lead to an article.
const INDEXED_MAX: usize = 12;
/// A story is what its newest articles tell.
const PROFILED_ARTICLES_MAX: usize = 32;
/// Profiles that are kept; others are computed when they are asked for.
const PROFILES_MAX: usize = 4_000;
/// An article joins where it is so sure.
pub(super) const JOIN_MIN: f32 = 0.75;
/// Two stories are one where it is so sure.
const MERGE_MIN: f32 = 0.65;

impl Groups {
    /// For the newest `window` articles, at most 8 million, none of them older than a week.
    pub fn new(window: usize) -> Self {
        Self {
            window: window.max(1),
            articles: VecDeque::new(),
            told: VecDeque::new(),
            gone: 0,
            stories: HashMap::new(),
            profiled: VecDeque::new(),
            index: Index::default(),
            copies: Copies::of_newest(window),
            rarity: Rarity::new(),
            model: Model::compiled_in(),
            compared: RefCell::default(),
            merge_min: MERGE_MIN,
            touched: BTreeSet::new(),
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
        let (kept, anchors) = Kept::new(number, feed, seen_at, article);
        let probe = Probe::new(self.profile(&kept), kept.span(), None);
        let copied = original.and_then(|(original, alike)| Some((self.story(original)?, alike)));
        let told = self.partner(number).or(copied).filter(|(story, _)| !self.are_kept_apart(&[number], *story));
        let scored = if told.is_none() { self.scored(&probe, &[number]) } else { Vec::new() };
        let best = told.or(scored.first().copied().filter(|(_, score)| *score >= JOIN_MIN));
        let (story, score) = best.map_or((number, None), |(story, score)| (story, Some(score)));
        let kept = Kept { original: original.map_or(number, |(original, _)| original), ..kept };
        self.keep(kept, &anchors, story, &probe.profile, &probe.heaviest);
        self.touched.insert(number);
        let mut placed = Placed { original, story, score, ..alone };
        if let [_, (second, score), ..] = scored[..]
            && score >= JOIN_MIN
            && let Some((ended, into)) = self.merge_alike(story, second)
        {
            placed.story = into;
            placed.merged.push((ended, into));
        }
        placed
    }

    /// Takes in a new article whose story is known: it is one with another by its link.
    pub fn add_to(&mut self, number: i64, feed: u64, seen_at: i64, article: Article, story: i64) {
        let original = self.original(&article, feed).map(|(original, _)| original);
        self.restore(number, feed, seen_at, article, story, original);
    }

    /// Takes an article back as it was placed before, with the one whose text it copies: nothing is
    /// decided and nothing compared. In the order of numbers.
    pub fn restore(
        &mut self,
        number: i64,
        feed: u64,
        seen_at: i64,
        article: Article,
        story: i64,
        original: Option<i64>,
    ) {
        if self.articles.back().is_some_and(|last| last.number >= number) {
            return;
        }
        self.let_go(seen_at);
        let (kept, anchors) = Kept::new(number, feed, seen_at, article);
        let kept = Kept { original: original.unwrap_or(number), ..kept };
        let profile = self.profile(&kept);
        let heaviest = profile.heaviest(INDEXED_MAX);
        self.keep(kept, &anchors, story, &profile, &heaviest);
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
            Some((story, same)) if story == same => self.part(if other == story { one } else { other }),
            _ => Vec::new(),
        }
    }

    /// The story of an article of the window.
    pub fn story(&self, number: i64) -> Option<i64> {
        self.told.get(self.place(number)?).copied()
    }

    /// The articles that are nearest to one by their words, at most `count`, and how near they are,
    /// from 0 to 1.
    pub fn near(&self, number: i64, count: usize) -> Vec<(i64, f32)> {
        let Some(kept) = self.get(number) else { return Vec::new() };
        let profile = self.profile(kept);
        let mut near: Vec<(i64, f32)> = self
            .index
            .search(&profile.heaviest(INDEXED_MAX))
            .articles()
            .iter()
            .filter_map(|(position, _)| self.at(*position))
            .filter(|other| other.number != number)
            .map(|other| (other.number, profile.cosine(&self.profile(other))))
            .collect();
        near.sort_by(|one, other| other.1.total_cmp(&one.1).then(other.0.cmp(&one.0)));
        near.truncate(count);
        near
    }

    fn place(&self, number: i64) -> Option<usize> {
        self.articles.binary_search_by_key(&number, |kept| kept.number).ok()
    }

    fn get(&self, number: i64) -> Option<&Kept> {
        self.articles.get(self.place(number)?)
    }

    fn at(&self, position: u32) -> Option<&Kept> {
        self.articles.get(position.wrapping_sub(self.gone) as usize)
    }

    fn told_at(&self, position: u32) -> Option<i64> {
        self.told.get(position.wrapping_sub(self.gone) as usize).copied()
    }

    /// Lets the article at a position be told of in another story.
    fn tell(&mut self, position: u32, from: i64, to: i64) -> Option<Moved> {
        *self.told.get_mut(position.wrapping_sub(self.gone) as usize)? = to;
        Some(Moved { number: self.at(position)?.number, from, to })
    }

    /// Whose text it is.
    fn original(&self, article: &Article, feed: u64) -> Option<(i64, f32)> {
        let next = self.gone.wrapping_add(self.articles.len() as u32).wrapping_add(1);
        let mut best: Option<(f32, &Kept)> = None;
        for found in self.copies.candidates(&article.anchors, next) {
            let Some(kept) = self.at(found.wrapping_sub(1)).filter(|kept| feed == 0 || kept.feed != feed) else {
                continue;
            };
            let copied = copied(&article.sketch, &kept.wording)
                .or_else(|| is_headline_copied(&article.sketch, &kept.wording).then_some(1.0));
            if let Some(alike) = copied.filter(|alike| best.is_none_or(|(most, _)| *alike > most)) {
                best = Some((alike, kept));
            }
        }
        best.map(|(alike, kept)| (kept.original, alike))
    }

    /// The story of an article that the operator joined with this one.
    fn partner(&self, number: i64) -> Option<(i64, f32)> {
        let others = self.together.get(&number)?;
        others.iter().filter_map(|other| self.story(*other)).min().map(|story| (story, 1.0))
    }

    /// Stories that `probe`, which is the articles `numbers`, may belong to, the surest first.
    fn scored(&mut self, probe: &Probe, numbers: &[i64]) -> Vec<(i64, f32)> {
        self.scored_among(self.candidates(probe), probe, numbers)
    }

    fn scored_among(&mut self, candidates: Vec<Candidate>, probe: &Probe, numbers: &[i64]) -> Vec<(i64, f32)> {
        let mut scored: Vec<(i64, f32)> = Vec::with_capacity(candidates.len());
        let sought = Sought::new(&probe.profile);
        for candidate in candidates {
            let near = self.stories.get(&candidate.story).map_or(0.0, |story| story.span.near(&probe.span));
            if near == 0.0 || self.are_kept_apart(numbers, candidate.story) {
                continue;
            }
            let features = self.features(&sought, &candidate);
            scored.push((candidate.story, self.model.score(&features) * near));
        }
        scored.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        scored
    }

    /// Articles that share telling words with `probe`, and how much these weigh.
    fn sharing(&self, probe: &Probe) -> Met {
        self.index.search(&probe.heaviest)
    }

    /// Stories with articles that share the most telling words of `probe`.
    fn candidates(&self, probe: &Probe) -> Vec<Candidate> {
        self.candidates_among(&self.sharing(probe), probe)
    }

    fn candidates_among(&self, met: &Met, probe: &Probe) -> Vec<Candidate> {
        let story = |position| self.told_at(position).filter(|story| Some(*story) != probe.within);
        sharing_the_most(met, story, |story| self.members(story))
    }

    /// Positions of a story's articles.
    fn members(&self, story: i64) -> &[u32] {
        self.stories.get(&story).map_or(&[], |story| &story.members)
    }

    fn features(&mut self, sought: &Sought<'_>, candidate: &Candidate) -> Features {
        let mut nearest = candidate.nearest().filter_map(|position| self.at(position));
        let is_one = self.members(candidate.story).len() < 2;
        if is_one && let Some(only) = nearest.next() {
            return sought.features(self.compared.borrow_mut().become_of(&only.terms, &self.rarity), None);
        }
        let near = |kept: &Kept| sought.nearness(&kept.terms, &self.rarity);
        let nearest = nearest.map(near).fold(Nearness::default(), Nearness::or);
        sought.features(self.story_profile(candidate.story), Some(nearest))
    }

    fn profile(&self, kept: &Kept) -> Profile {
        Profile::of(&kept.terms, &self.rarity)
    }

    fn story_profile(&mut self, number: i64) -> &Profile {
        let is_known = self.stories.get(&number).is_some_and(|story| story.profile.is_some());
        if !is_known {
            let profile = self.story_profile_anew(number);
            if self.profiled.len() == PROFILES_MAX
                && let Some(story) = self.profiled.pop_front().and_then(|oldest| self.stories.get_mut(&oldest))
            {
                story.profile = None;
            }
            self.profiled.push_back(number);
            self.stories.entry(number).or_default().profile = Some(Box::new(profile));
        }
        let story = self.stories.entry(number).or_default();
        story.profile.get_or_insert_default()
    }

    fn story_profile_anew(&self, number: i64) -> Profile {
        let members = self.members(number);
        let newest = &members[members.len().saturating_sub(PROFILED_ARTICLES_MAX)..];
        let mut articles = newest.iter().filter_map(|position| self.at(*position)).map(|kept| self.profile(kept));
        let mut profile = articles.next().unwrap_or_default();
        articles.for_each(|article| profile.add(&article));
        profile
    }

    fn are_kept_apart(&self, numbers: &[i64], story: i64) -> bool {
        let is_within = |other: &i64| self.story(*other) == Some(story);
        !self.apart.is_empty()
            && numbers.iter().any(|number| self.apart.get(number).is_some_and(|others| others.iter().any(is_within)))
    }

    fn keep(&mut self, mut kept: Kept, anchors: &[u32], story: i64, profile: &Profile, heaviest: &[(u32, f32)]) {
        let position = self.gone.wrapping_add(self.articles.len() as u32);
        for (word, _) in heaviest {
            if let Ok(at) = kept.terms.binary_search_by_key(word, |term| term.word()) {
                kept.indexed |= 1 << at;
            }
        }
        self.rarity.add(&kept.terms);
        self.index.insert(kept.indexed(), position);
        self.copies.insert(anchors, position.wrapping_add(1));
        self.told.push_back(story);
        let story = self.stories.entry(story).or_default();
        story.span = if story.members.is_empty() { kept.span() } else { story.span.with(&kept.span()) };
        story.members.push(position);
        match &mut story.profile {
            Some(known) if known.articles < PROFILED_ARTICLES_MAX as f32 => known.add(profile),
            known => *known = None,
        }
        self.articles.push_back(kept);
    }

    /// Forgets what is too old.
    pub(super) fn let_go(&mut self, now: i64) {
        while self.articles.len() >= self.window
            || self.articles.front().is_some_and(|oldest| now - oldest.seen_at > WINDOW_S)
        {
            let Some((oldest, told)) = self.articles.pop_front().zip(self.told.pop_front()) else { return };
            self.index.remove_oldest(oldest.indexed(), self.gone);
            self.rarity.remove(&oldest.terms);
            self.touched.remove(&oldest.number);
            if let Some(story) = self.stories.get_mut(&told) {
                story.members.retain(|position| *position != self.gone);
                if story.members.is_empty() {
                    self.stories.remove(&told);
                }
            }
            self.gone = self.gone.wrapping_add(1);
        }
    }

    /// Lets the younger of two stories join the older one, if they are sure to be one.
    fn merge_alike(&mut self, one: i64, other: i64) -> Option<(i64, i64)> {
        let (into, ended) = (one.min(other), one.max(other));
        let probe = self.story_probe(ended)?;
        let score = self.scored(&probe, &self.numbers(ended)).into_iter().find(|(story, _)| *story == into);
        score.filter(|(_, score)| *score >= self.merge_min)?;
        self.merge(ended, into);
        Some((ended, into))
    }

    fn story_probe(&mut self, number: i64) -> Option<Probe> {
        let span = self.stories.get(&number)?.span;
        Some(Probe::new(self.story_profile(number).clone(), span, Some(number)))
    }

    /// Decides by what was learned elsewhere.
    pub(super) fn with(mut self, rarity: Rarity, model: Model) -> Self {
        (self.rarity, self.model) = (rarity, model);
        self
    }

    /// Makes one of two stories from so sure an answer on.
    pub(super) fn merging_from(self, merge_min: f32) -> Self {
        Self { merge_min, ..self }
    }

    /// What the model would be asked of an article.
    pub(super) fn examples(&mut self, article: &Article) -> Vec<Example> {
        let (kept, _) = Kept::new(i64::MAX, 0, 0, article.clone());
        let probe = Probe::new(self.profile(&kept), kept.span(), None);
        self.examples_for(&probe)
    }

    /// What the model would be asked of a story.
    pub(super) fn story_examples(&mut self, number: i64) -> Vec<Example> {
        let probe = self.story_probe(number);
        probe.map(|probe| self.examples_for(&probe)).unwrap_or_default()
    }

    fn examples_for(&mut self, probe: &Probe) -> Vec<Example> {
        let sought = Sought::new(&probe.profile);
        let candidates = self.candidates(probe).into_iter();
        candidates.map(|asked| Example { story: asked.story, features: self.features(&sought, &asked) }).collect()
    }

    /// The articles of a story that are in the window.
    pub(super) fn numbers(&self, story: i64) -> Vec<i64> {
        self.members(story).iter().filter_map(|position| self.at(*position)).map(|kept| kept.number).collect()
    }

    pub(super) fn merge(&mut self, from: i64, to: i64) -> Vec<Moved> {
        let Some(ended) = self.stories.remove(&from) else { return Vec::new() };
        let story = self.stories.entry(to).or_default();
        story.span = story.span.with(&ended.span);
        story.profile = None;
        story.members.extend(&ended.members);
        story.members.sort_unstable();
        let moved: Vec<Moved> =
            ended.members.into_iter().filter_map(|position| self.tell(position, from, to)).collect();
        self.touched.extend(moved.iter().map(|moved| moved.number));
        moved
    }

    /// The articles to be looked at again, the oldest first, at most `count`.
    pub(super) fn take_touched(&mut self, count: usize) -> Vec<i64> {
        let taken: Vec<i64> = self.touched.iter().copied().take(count).collect();
        taken.iter().for_each(|number| {
            self.touched.remove(number);
        });
        taken
    }

    pub(super) fn touch_all(&mut self) {
        self.touched = self.articles.iter().map(|kept| kept.number).collect();
    }

    /// The story that another most surely is part of, or has as its part.
    pub(super) fn surest_for_story(&mut self, number: i64) -> Option<(i64, f32)> {
        let probe = self.story_probe(number)?;
        self.scored(&probe, &self.numbers(number)).first().copied()
    }

    /// How sure it is that an article belongs where it is, and the other story where it is the surest.
    /// Nothing for a copy, which goes with its original, and for what the operator joined.
    pub(super) fn own_and_surest(&mut self, number: i64) -> Option<(f32, Option<(i64, f32)>)> {
        let kept = self.get(number)?;
        let (story, is_copy) = (self.story(number)?, kept.original != number);
        let size = self.stories.get(&story)?.members.len();
        if size < 2 || is_copy || self.together.contains_key(&number) {
            return None;
        }
        let probe = Probe::new(self.profile(kept), kept.span(), Some(story));
        let mut rest = self.story_profile(story).clone();
        rest.take_away(&probe.profile);
        let sharing = self.sharing(&probe);
        let sought = Sought::new(&probe.profile);
        let nearest = self.nearest_within(&sharing, number, story);
        let nearest = nearest.map(|kept| sought.nearness(&kept.terms, &self.rarity));
        let nearest = nearest.fold(Nearness::default(), Nearness::or);
        let own = self.model.score(&sought.features(&rest, Some(nearest)));
        let candidates = self.candidates_among(&sharing, &probe);
        Some((own, self.scored_among(candidates, &probe, &[number]).first().copied()))
    }

    /// The articles of its story that share the most with one.
    fn nearest_within(&self, met: &Met, number: i64, story: i64) -> impl Iterator<Item = &Kept> {
        let is_other = |position: u32| self.at(position).is_some_and(|kept| kept.number != number);
        let mut nearest = Nearest::default();
        for article in met.articles().iter().filter(|(position, _)| self.told_at(*position) == Some(story)) {
            if is_other(article.0) {
                nearest.add(*article);
            }
        }
        nearest.positions().filter_map(|position| self.at(position))
    }

    /// Lets one article and its copies leave their story for another; for one of its own if that is
    /// its number.
    pub(super) fn transfer(&mut self, number: i64, to: i64) -> Vec<Moved> {
        let Some(from) = self.story(number).filter(|from| *from != to) else { return Vec::new() };
        let members = self.members(from).to_vec();
        let goes = |kept: &&Kept| kept.number == number || kept.original == number;
        let (leaving, staying): (Vec<u32>, Vec<u32>) =
            members.into_iter().partition(|position| self.at(*position).as_ref().is_some_and(goes));
        let mut moved = Vec::new();
        for position in leaving {
            let Some(span) = self.at(position).map(Kept::span) else { continue };
            moved.extend(self.tell(position, from, to));
            let story = self.stories.entry(to).or_default();
            story.span = if story.members.is_empty() { span } else { story.span.with(&span) };
            story.members.push(position);
            story.members.sort_unstable();
            story.profile = None;
        }
        let spans = staying.iter().filter_map(|position| self.at(*position)).map(Kept::span);
        match spans.reduce(|one, other| one.with(&other)) {
            None => {
                self.stories.remove(&from);
            }
            Some(span) => {
                self.stories.insert(from, Story { members: staying, span, profile: None });
            }
        }
        moved
    }

    /// Lets an article leave its story for one of its own, where that is not another's name.
    fn part(&mut self, number: i64) -> Vec<Moved> {
        if self.stories.contains_key(&number) { Vec::new() } else { self.transfer(number, number) }
    }
}

impl Probe {
    fn new(profile: Profile, span: Span, within: Option<i64>) -> Self {
        let heaviest = profile.heaviest(INDEXED_MAX);
        Self { profile, heaviest, span, within }
    }
}

impl Kept {
    /// And what leads to its copies.
    fn new(number: i64, feed: u64, seen_at: i64, article: Article) -> (Self, Anchors) {
        let Article { sketch, anchors, terms, language } = article;
        let wording = sketch.wording;
        (Self { number, feed, seen_at, original: number, wording, terms, language, indexed: 0 }, anchors)
    }

    fn span(&self) -> Span {
        let published = self.wording.published().map(|published| (published, published));
        Span { published, seen_at: self.seen_at, language: self.language }
    }

    fn indexed(&self) -> impl Iterator<Item = u32> {
        let is_indexed = |at: &usize| self.indexed >> at & 1 == 1;
        (0..self.terms.len()).filter(is_indexed).map(|at| self.terms[at].word())
    }
}

impl Span {
    fn with(&self, other: &Self) -> Self {
        let published = match (self.published, other.published) {
            (Some(one), Some(two)) => Some((one.0.min(two.0), one.1.max(two.1))),
            (one, two) => one.or(two),
        };
        let language = if self.language == Language::default() { other.language } else { self.language };
        Self { published, seen_at: self.seen_at.max(other.seen_at), language }
    }

    /// How much nearness in time speaks for one event, from 0 to 1.
    fn near(&self, other: &Self) -> f32 {
        let apart = match (self.published, other.published) {
            (Some(one), Some(two)) => (one.0 - two.1).max(two.0 - one.1).max(0),
            _ => 0,
        };
        let is_over = apart.max((self.seen_at - other.seen_at).abs()) > QUIET_S;
        let sigmas = (apart - DAY_S).max(0) as f32 / APART_S;
        if is_over || self.language.differs(other.language) { 0.0 } else { (-sigmas * sigmas / 2.0).exp() }
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

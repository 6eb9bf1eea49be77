//! What an article or a story is about, as weighed words, and how two of them compare.

use super::rarity::Rarity;
use super::terms::Term;

/// Weighed words of one article, or of the articles of a story added up.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    /// Sorted by word.
    words: Vec<Weighed>,
    /// Articles that were added up.
    pub articles: f32,
    all_length: f32,
    title_length: f32,
    names_length: f32,
    numbers_length: f32,
}

#[derive(Debug, Clone, Copy)]
struct Weighed {
    word: u32,
    all: f32,
    title: f32,
    is_name: bool,
    is_number: bool,
}

/// A story's lighter words tell nothing.
const WORDS_MAX: usize = 80;
/// A word of the title counts as if it stood in the text so many times.
const IN_TITLE: u32 = 2;
/// What has no words has no length either, and is divided by it all the same.
const LENGTH_MIN: f32 = 1e-6;

/// What the model sees of two profiles.
pub(super) const FEATURES: usize = 22;
pub(super) type Features = [f32; FEATURES];

impl Profile {
    /// Of an article's terms, which are sorted by word.
    pub fn of(terms: &[Term], rarity: &Rarity) -> Self {
        let mut profile = Self::default();
        profile.become_of(terms, rarity);
        profile
    }

    /// Makes an article's of it, in the memory that it has.
    pub fn become_of(&mut self, terms: &[Term], rarity: &Rarity) -> &Self {
        self.words.clear();
        // All are looked up before any is added up: the table is too large to be near.
        self.words.extend(terms.iter().map(|term| weighed(*term, rarity)));
        self.articles = 1.0;
        self.measure();
        let (all, title) = (self.all_length, self.title_length);
        for word in &mut self.words {
            word.all /= all;
            word.title /= title;
        }
        self.names_length = (self.names_length / all).max(LENGTH_MIN);
        self.numbers_length = (self.numbers_length / all).max(LENGTH_MIN);
        self.all_length = if all > LENGTH_MIN { 1.0 } else { LENGTH_MIN };
        self.title_length = if title > LENGTH_MIN { 1.0 } else { LENGTH_MIN };
        self
    }

    /// Adds an article or a story.
    pub fn add(&mut self, other: &Self) {
        let mut words = Vec::with_capacity(self.words.len() + other.words.len());
        let (mut at, mut beside) = (0, 0);
        loop {
            match (self.words.get(at), other.words.get(beside)) {
                (Some(one), Some(two)) if one.word == two.word => {
                    words.push(one.plus(two));
                    (at, beside) = (at + 1, beside + 1);
                }
                (Some(one), two) if two.is_none_or(|two| one.word < two.word) => {
                    words.push(*one);
                    at += 1;
                }
                (_, Some(two)) => {
                    words.push(*two);
                    beside += 1;
                }
                _ => break,
            }
        }
        self.words = words;
        self.articles += other.articles;
        if self.words.len() > WORDS_MAX {
            let heavier =
                |one: &Weighed, other: &Weighed| other.all.total_cmp(&one.all).then(one.word.cmp(&other.word));
            self.words.select_nth_unstable_by(WORDS_MAX - 1, heavier);
            self.words.truncate(WORDS_MAX);
            self.words.sort_unstable_by_key(|weighed| weighed.word);
        }
        self.measure();
    }

    /// Takes back an article that was added, as far as its words are still there.
    pub fn take_away(&mut self, article: &Self) {
        for known in &mut self.words {
            if let Ok(at) = article.words.binary_search_by_key(&known.word, |weighed| weighed.word) {
                known.all = (known.all - article.words[at].all).max(0.0);
                known.title = (known.title - article.words[at].title).max(0.0);
            }
        }
        self.words.retain(|word| word.all > 1e-4);
        self.articles = (self.articles - article.articles).max(1.0);
        self.measure();
    }

    fn measure(&mut self) {
        let (mut all, mut title, mut names, mut numbers) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for word in &self.words {
            let square = word.all * word.all;
            all += square;
            title += word.title * word.title;
            names += if word.is_name { square } else { 0.0 };
            numbers += if word.is_number { square } else { 0.0 };
        }
        self.all_length = all.sqrt().max(LENGTH_MIN);
        self.title_length = title.sqrt().max(LENGTH_MIN);
        self.names_length = names.sqrt().max(LENGTH_MIN);
        self.numbers_length = numbers.sqrt().max(LENGTH_MIN);
    }

    /// The words that tell the most, at most `count`, with their weights.
    pub fn heaviest(&self, count: usize) -> Vec<(u32, f32)> {
        let mut words: Vec<(u32, f32)> =
            self.words.iter().map(|weighed| (weighed.word, (weighed.all + weighed.title) / self.articles)).collect();
        let heavier = |one: &(u32, f32), other: &(u32, f32)| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
        if words.len() > count && count > 0 {
            words.select_nth_unstable_by(count - 1, heavier);
            words.truncate(count);
        }
        words.sort_unstable_by(heavier);
        words
    }

    /// How alike the words are, from 0 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        let mut sum = 0.0;
        self.shared(other, |one, two| sum += one.all * two.all);
        sum / (self.all_length * other.all_length)
    }

    fn shared(&self, other: &Self, mut each: impl FnMut(&Weighed, &Weighed)) {
        let (mut at, mut beside) = (0, 0);
        while let (Some(one), Some(two)) = (self.words.get(at), other.words.get(beside)) {
            match one.word.cmp(&two.word) {
                std::cmp::Ordering::Less => at += 1,
                std::cmp::Ordering::Greater => beside += 1,
                std::cmp::Ordering::Equal => {
                    each(one, two);
                    (at, beside) = (at + 1, beside + 1);
                }
            }
        }
    }

    /// How alike its articles are to one another on average.
    fn cohesion(&self) -> f32 {
        if self.articles < 2.0 {
            return 0.0;
        }
        let pairs = self.articles * (self.articles - 1.0);
        ((self.all_length * self.all_length - self.articles) / pairs).clamp(0.0, 1.0)
    }
}

/// A profile for which many others are searched: its words are found by their numbers.
#[derive(Debug)]
pub(super) struct Sought<'a> {
    profile: &'a Profile,
    /// A table with open addressing: where a word is in the profile, [`NOWHERE`] where none is.
    places: [u8; PLACES],
}

/// Three times the words of a story.
const PLACES: usize = 256;
const NOWHERE: u8 = u8::MAX;

/// How alike an article's words are to what is sought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nearness {
    all: f32,
    title: f32,
}

impl Nearness {
    /// The nearer of two, in either regard.
    pub fn or(self, other: Self) -> Self {
        Self { all: self.all.max(other.all), title: self.title.max(other.title) }
    }
}

impl<'a> Sought<'a> {
    pub fn new(profile: &'a Profile) -> Self {
        let mut places = [NOWHERE; PLACES];
        for (place, weighed) in profile.words.iter().enumerate().take(usize::from(NOWHERE)) {
            let mut at = weighed.word as usize % PLACES;
            while places[at] != NOWHERE {
                at = (at + 1) % PLACES;
            }
            places[at] = place as u8;
        }
        Self { profile, places }
    }

    fn find(&self, word: u32) -> Option<&Weighed> {
        let mut at = word as usize % PLACES;
        loop {
            let weighed = self.profile.words.get(usize::from(self.places[at]))?;
            if weighed.word == word {
                return Some(weighed);
            }
            at = (at + 1) % PLACES;
        }
    }

    fn shared(&self, words: &[Weighed], mut each: impl FnMut(&Weighed, &Weighed)) {
        for two in words {
            if let Some(one) = self.find(two.word) {
                each(one, two);
            }
        }
    }

    /// How near an article is.
    pub fn nearness(&self, terms: &[Term], rarity: &Rarity) -> Nearness {
        let (mut all, mut title, mut all_square, mut title_square) = (0.0, 0.0, 0.0_f32, 0.0_f32);
        for term in terms {
            let two = weighed(*term, rarity);
            all_square += two.all * two.all;
            title_square += two.title * two.title;
            if let Some(one) = self.find(two.word) {
                all += one.all * two.all;
                title += one.title * two.title;
            }
        }
        Nearness {
            all: all / (self.profile.all_length * all_square.sqrt().max(LENGTH_MIN)),
            title: title / (self.profile.title_length * title_square.sqrt().max(LENGTH_MIN)),
        }
    }

    /// What the model sees of what is sought beside a story; `nearest` is how near the nearest of its
    /// articles are, which is not said where the story is a single one.
    pub fn features(&self, story: &Profile, nearest: Option<Nearness>) -> Features {
        let sought = self.profile;
        let (mut all, mut title, mut one_cross, mut other_cross) = (0.0, 0.0, 0.0, 0.0);
        let (mut names, mut numbers, mut count, mut most) = (0.0, 0.0, 0.0_f32, 0.0_f32);
        let (mut title_covered, mut all_covered, mut story_covered) = (0.0, 0.0, 0.0);
        let (mut names_covered, mut story_names_covered, mut numbers_covered) = (0.0, 0.0, 0.0);
        self.shared(&story.words, |one, two| {
            let product = one.all * two.all;
            all += product;
            title += one.title * two.title;
            one_cross += one.title * two.all;
            other_cross += one.all * two.title;
            names += if one.is_name && two.is_name { product } else { 0.0 };
            numbers += if one.is_number && two.is_number { product } else { 0.0 };
            title_covered += one.title * one.title;
            all_covered += one.all * one.all;
            story_covered += two.all * two.all;
            names_covered += if one.is_name { one.all * one.all } else { 0.0 };
            story_names_covered += if two.is_name { two.all * two.all } else { 0.0 };
            numbers_covered += if one.is_number { one.all * one.all } else { 0.0 };
            count += 1.0;
            most = most.max(product);
        });
        let pairs = sought.articles * story.articles;
        let cohesion = story.cohesion();
        let of_story = Nearness {
            all: all / (sought.all_length * story.all_length),
            title: title / (sought.title_length * story.title_length),
        };
        let nearest = nearest.unwrap_or_else(|| Nearness::default().or(of_story));
        [
            all / pairs,
            title / pairs,
            of_story.all,
            of_story.title,
            one_cross / (sought.title_length * story.all_length),
            other_cross / (sought.all_length * story.title_length),
            names / (sought.names_length * story.names_length),
            numbers / (sought.numbers_length * story.numbers_length),
            title_covered / (sought.title_length * sought.title_length),
            all_covered / (sought.all_length * sought.all_length),
            nearest.all,
            nearest.title,
            (1.0 + count).ln() / 3.0,
            sought.articles.ln() / 4.0,
            story.articles.ln() / 4.0,
            cohesion,
            (1.0 + sought.words.len() as f32 / sought.articles).ln() / 4.0,
            most.sqrt() / (sought.all_length * story.all_length).sqrt(),
            story_covered / (story.all_length * story.all_length),
            names_covered / (sought.names_length * sought.names_length),
            story_names_covered / (story.names_length * story.names_length),
            numbers_covered / (sought.numbers_length * sought.numbers_length),
        ]
    }
}

fn weighed(term: Term, rarity: &Rarity) -> Weighed {
    let rare = rarity.of(term);
    let times = term.count() + if term.is_in_title() { IN_TITLE } else { 0 };
    Weighed {
        word: term.word(),
        all: rare * rarity.of_times(times),
        title: if term.is_in_title() { rare } else { 0.0 },
        is_name: term.is_name(),
        is_number: term.is_number(),
    }
}

impl Weighed {
    fn plus(&self, other: &Self) -> Self {
        Self {
            word: self.word,
            all: self.all + other.all,
            title: self.title + other.title,
            is_name: self.is_name || other.is_name,
            is_number: self.is_number,
        }
    }
}

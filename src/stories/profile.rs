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

/// What the model sees of two profiles.
pub(super) const FEATURES: usize = 22;
pub(super) type Features = [f32; FEATURES];

impl Profile {
    pub fn of(terms: &[Term], rarity: &Rarity) -> Self {
        let weigh = |term: &Term| {
            let rare = rarity.of(*term);
            let times = term.count() + if term.is_in_title() { IN_TITLE } else { 0 };
            Weighed {
                word: term.word(),
                all: rare * (1.0 + (times.max(1) as f32).ln()),
                title: if term.is_in_title() { rare } else { 0.0 },
                is_name: term.is_name(),
                is_number: term.is_number(),
            }
        };
        let mut words: Vec<Weighed> = terms.iter().map(weigh).collect();
        words.sort_unstable_by_key(|weighed| weighed.word);
        let length = |of: &dyn Fn(&Weighed) -> f32| words.iter().map(|word| of(word) * of(word)).sum::<f32>().sqrt();
        let (all, title) = (length(&|word| word.all).max(1e-6), length(&|word| word.title).max(1e-6));
        for word in &mut words {
            word.all /= all;
            word.title /= title;
        }
        let mut profile = Self { words, articles: 1.0, ..Self::default() };
        profile.measure();
        profile
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
            self.words.sort_by(|one, other| other.all.total_cmp(&one.all).then(one.word.cmp(&other.word)));
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
        let length = |of: &dyn Fn(&Weighed) -> f32| {
            self.words.iter().map(|word| of(word) * of(word)).sum::<f32>().sqrt().max(1e-6)
        };
        self.all_length = length(&|word| word.all);
        self.title_length = length(&|word| word.title);
        self.names_length = length(&|word| if word.is_name { word.all } else { 0.0 });
        self.numbers_length = length(&|word| if word.is_number { word.all } else { 0.0 });
    }

    /// The words that tell the most, at most `count`, with their weights.
    pub fn heaviest(&self, count: usize) -> Vec<(u32, f32)> {
        let mut words: Vec<(u32, f32)> =
            self.words.iter().map(|weighed| (weighed.word, (weighed.all + weighed.title) / self.articles)).collect();
        words.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        words.truncate(count);
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

    /// What the model sees of an article or a smaller story beside a story; `nearest` are two of the
    /// story's articles that share the most with it.
    pub fn features(&self, story: &Self, nearest: &[Self]) -> Features {
        let (mut all, mut title, mut one_cross, mut other_cross) = (0.0, 0.0, 0.0, 0.0);
        let (mut names, mut numbers, mut count, mut most) = (0.0, 0.0, 0.0_f32, 0.0_f32);
        let (mut title_covered, mut all_covered, mut story_covered) = (0.0, 0.0, 0.0);
        let (mut names_covered, mut story_names_covered, mut numbers_covered) = (0.0, 0.0, 0.0);
        self.shared(story, |one, two| {
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
        let pairs = self.articles * story.articles;
        let cohesion = story.cohesion();
        let (mut near, mut near_title) = (0.0_f32, 0.0_f32);
        for nearest in nearest {
            let (mut all, mut title) = (0.0, 0.0);
            self.shared(nearest, |one, two| {
                all += one.all * two.all;
                title += one.title * two.title;
            });
            near = near.max(all / (self.all_length * nearest.all_length));
            near_title = near_title.max(title / (self.title_length * nearest.title_length));
        }
        [
            all / pairs,
            title / pairs,
            all / (self.all_length * story.all_length),
            title / (self.title_length * story.title_length),
            one_cross / (self.title_length * story.all_length),
            other_cross / (self.all_length * story.title_length),
            names / (self.names_length * story.names_length),
            numbers / (self.numbers_length * story.numbers_length),
            title_covered / (self.title_length * self.title_length),
            all_covered / (self.all_length * self.all_length),
            near,
            near_title,
            (1.0 + count).ln() / 3.0,
            self.articles.ln() / 4.0,
            story.articles.ln() / 4.0,
            cohesion,
            (1.0 + self.words.len() as f32 / self.articles).ln() / 4.0,
            most.sqrt() / (self.all_length * story.all_length).sqrt(),
            story_covered / (story.all_length * story.all_length),
            names_covered / (self.names_length * self.names_length),
            story_names_covered / (story.names_length * story.names_length),
            numbers_covered / (self.numbers_length * self.numbers_length),
        ]
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

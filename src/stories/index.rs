//! Leads from words to the newest articles that are known by them. What a search costs has a bound,
//! whatever the window.

use std::collections::{HashMap, VecDeque};

/// Positions of articles under each word that they are known by.
#[derive(Debug, Default)]
pub(super) struct Index {
    lists: HashMap<u32, VecDeque<u32>>,
}

/// An older article under a word that so many newer ones have is found by a rarer one.
const LIST_MAX: usize = 128;
/// Postings that one search reads, the rarest words first.
const READ_MAX: usize = 600;

impl Index {
    /// Lets `words` lead to the article at `position`. Positions only grow.
    pub fn insert(&mut self, words: impl Iterator<Item = u32>, position: u32) {
        for word in words {
            let list = self.lists.entry(word).or_default();
            if list.len() == LIST_MAX {
                list.pop_front();
            }
            list.push_back(position);
        }
    }

    /// Forgets the oldest article.
    pub fn remove_oldest(&mut self, words: impl Iterator<Item = u32>, position: u32) {
        for word in words {
            let Some(list) = self.lists.get_mut(&word) else { continue };
            if list.front() == Some(&position) {
                list.pop_front();
            }
            if list.is_empty() {
                self.lists.remove(&word);
            }
        }
    }

    /// Adds up, for the articles under weighed words, the weights of what they share.
    pub fn search(&self, words: &[(u32, f32)]) -> Vec<(u32, f32)> {
        let mut lists: Vec<(&VecDeque<u32>, u32, f32)> =
            words.iter().filter_map(|(word, weight)| Some((self.lists.get(word)?, *word, *weight))).collect();
        lists.sort_unstable_by_key(|(list, word, _)| (list.len(), *word));
        let mut left = READ_MAX;
        let mut met = Met::new();
        for (list, _, weight) in lists {
            list.iter().rev().take(left).for_each(|position| met.add(*position, weight));
            left -= list.len().min(left);
        }
        met.articles
    }
}

/// Articles with what they share, in the order in which they were met.
struct Met {
    articles: Vec<(u32, f32)>,
    /// A table with open addressing: where a position is in `articles`, [`NOWHERE`] where none is.
    places: [u16; PLACES],
}

/// Three times what one search reads.
const PLACES: usize = 2_048;
const NOWHERE: u16 = u16::MAX;

impl Met {
    fn new() -> Self {
        Self { articles: Vec::with_capacity(READ_MAX), places: [NOWHERE; PLACES] }
    }

    fn add(&mut self, position: u32, weight: f32) {
        let mut at = position as usize % PLACES;
        loop {
            match self.articles.get_mut(usize::from(self.places[at])) {
                Some((known, sum)) if *known == position => return *sum += weight,
                Some(_) => at = (at + 1) % PLACES,
                None => break,
            }
        }
        self.places[at] = self.articles.len() as u16;
        self.articles.push((position, weight));
    }
}

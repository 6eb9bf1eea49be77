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
    pub fn search(&self, words: &[(u32, f32)]) -> Met {
        let mut lists: Vec<(&VecDeque<u32>, u32, f32)> =
            words.iter().filter_map(|(word, weight)| Some((self.lists.get(word)?, *word, *weight))).collect();
        lists.sort_unstable_by_key(|(list, word, _)| (list.len(), *word));
        let mut left = READ_MAX;
        let mut met = Met::new();
        for (list, _, weight) in lists {
            list.iter().rev().take(left).for_each(|position| met.add(*position, weight));
            left -= list.len().min(left);
        }
        met
    }
}

/// Articles with what they share, in the order in which they were met.
pub(super) struct Met {
    articles: [(u32, f32); READ_MAX],
    count: usize,
    /// A table with open addressing: where a position is in `articles`, [`NOWHERE`] where none is.
    places: [u16; PLACES],
}

/// Three times what one search reads.
const PLACES: usize = 2_048;
const NOWHERE: u16 = u16::MAX;

impl Met {
    pub fn new() -> Self {
        Self { articles: [(0, 0.0); READ_MAX], count: 0, places: [NOWHERE; PLACES] }
    }

    /// Adds to what the article at `position` shares. Not more than [`READ_MAX`] can be met.
    pub fn add(&mut self, position: u32, weight: f32) {
        match self.find(position) {
            Ok(place) => self.articles[place].1 += weight,
            Err(at) if self.count < READ_MAX => {
                self.places[at] = self.count as u16;
                self.articles[self.count] = (position, weight);
                self.count += 1;
            }
            Err(_) => {}
        }
    }

    /// Positions and what they share.
    pub fn articles(&self) -> &[(u32, f32)] {
        &self.articles[..self.count]
    }

    /// What the article at `position` shares, if it was met.
    pub fn shared(&self, position: u32) -> Option<f32> {
        self.find(position).ok().map(|place| self.articles[place].1)
    }

    /// Where it is in `articles`, or where in the table it would be noted.
    fn find(&self, position: u32) -> Result<usize, usize> {
        let mut at = position as usize % PLACES;
        loop {
            match self.articles.get(usize::from(self.places[at])) {
                None => return Err(at),
                Some((known, _)) if *known == position => return Ok(usize::from(self.places[at])),
                Some(_) => at = (at + 1) % PLACES,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_articles_share_is_added_up_and_the_rarest_words_come_first() {
        let mut index = Index::default();
        (0..200).for_each(|position| index.insert([1].into_iter(), position));
        index.insert([1, 2].into_iter(), 200);
        index.insert([2, 3].into_iter(), 2_248);
        let met = index.search(&[(1, 1.0), (2, 4.0), (3, 2.0), (9, 1.0)]);
        assert_eq!(met.articles()[..3], [(2_248, 6.0), (200, 5.0), (199, 1.0)]);
        assert_eq!((met.articles().len(), met.shared(200), met.shared(0)), (1 + LIST_MAX, Some(5.0), None));
    }

    #[test]
    fn a_search_reads_so_much_and_no_more() {
        let mut index = Index::default();
        (0..2_000).for_each(|position| index.insert([position % 10].into_iter(), position));
        let words: Vec<(u32, f32)> = (0..10).map(|word| (word, 1.0)).collect();
        assert_eq!(index.search(&words).articles().len(), READ_MAX);
    }
}

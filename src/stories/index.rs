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

    /// Adds up, for the articles under weighed words, the weights of what they share; sorted by
    /// position.
    pub fn search(&self, words: impl Iterator<Item = (u32, f32)>) -> Vec<(u32, f32)> {
        let mut lists: Vec<(&VecDeque<u32>, u32, f32)> =
            words.filter_map(|(word, weight)| Some((self.lists.get(&word)?, word, weight))).collect();
        lists.sort_unstable_by_key(|(list, word, _)| (list.len(), *word));
        let mut met: Vec<(u32, f32)> = Vec::with_capacity(READ_MAX);
        for (list, _, weight) in lists {
            let left = READ_MAX - met.len();
            met.extend(list.iter().rev().take(left).map(|position| (*position, weight)));
            if met.len() == READ_MAX {
                break;
            }
        }
        met.sort_unstable_by_key(|(position, _)| *position);
        met.chunk_by(|one, other| one.0 == other.0)
            .map(|same| (same[0].0, same.iter().map(|(_, weight)| weight).sum()))
            .collect()
    }
}

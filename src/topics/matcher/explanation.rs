//! Which words gave a topic, and how sure they make it.

use crate::feed::Match;

/// More words than these explain nothing better, and a long text has thousands.
const MATCHES_MAX: usize = 40;

/// Why a topic was given.
#[derive(Default)]
pub(super) struct Explanation {
    /// By term, the most that a place of it is worth.
    weights: Vec<(u32, f64)>,
    pub matched: Vec<Match>,
}

impl Explanation {
    /// Counts a term that was found.
    pub fn count(&mut self, term: u32, weight: f64) {
        match self.weights.iter_mut().find(|(known, _)| *known == term) {
            Some((_, most)) => *most = most.max(weight),
            None => self.weights.push((term, weight)),
        }
    }

    /// Shows a place where one was found, unless an equal one is shown already.
    pub fn show(&mut self, word: Match) {
        if self.matched.len() < MATCHES_MAX && !self.matched.contains(&word) {
            self.matched.push(word);
        }
    }

    /// Takes in another: each term at the most that either gives it.
    pub fn add(&mut self, other: Self) {
        other.weights.into_iter().for_each(|(term, weight)| self.count(term, weight));
        other.matched.into_iter().for_each(|word| self.show(word));
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The sum of what the terms are worth.
    pub fn score(&self) -> f64 {
        self.weights.iter().map(|(_, weight)| weight).sum()
    }
}

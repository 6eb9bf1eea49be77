//! Looks again at where articles belong, when it is clearer what the stories are: a story that turns
//! out to be part of another joins it, an article that fits better elsewhere moves.

use super::groups::{Groups, JOIN_MIN, Moved};
use std::collections::BTreeMap;

/// Articles that one call looks at, so that it ends soon.
const ARTICLES_MAX: usize = 500;
/// Rounds of it; hardly anything moves in a third.
const ROUNDS_MAX: usize = 3;
/// So much surer an article must be elsewhere, so that none goes back and forth.
const SURER: f32 = 0.1;

impl Groups {
    /// Looks again at what was added and touched since; says what moved. To be called every few
    /// hundred articles or every few minutes.
    pub fn regroup(&mut self, now: i64) -> Vec<Moved> {
        self.let_go(now);
        let mut moved = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let articles: Vec<i64> = self.take_touched(ARTICLES_MAX);
            let before = moved.len();
            self.regroup_once(&articles, &mut moved);
            if moved.len() == before {
                break;
            }
        }
        settled(moved)
    }

    /// Looks again at every article of the window.
    pub fn regroup_all(&mut self) -> Vec<Moved> {
        let mut moved = Vec::new();
        for _ in 0..ROUNDS_MAX {
            self.touch_all();
            let articles = self.take_touched(usize::MAX);
            let before = moved.len();
            self.regroup_once(&articles, &mut moved);
            if moved.len() == before {
                break;
            }
        }
        settled(moved)
    }

    fn regroup_once(&mut self, articles: &[i64], moved: &mut Vec<Moved>) {
        let mut stories: Vec<i64> = articles.iter().filter_map(|number| self.story(*number)).collect();
        stories.sort_unstable();
        stories.dedup();
        for story in stories {
            if let Some((other, score)) = self.surest_for_story(story)
                && score >= self.merge_min
            {
                moved.extend(self.merge(story.max(other), story.min(other)));
            }
        }
        for number in articles {
            let Some((own, best)) = self.own_and_surest(*number) else { continue };
            if let Some((other, score)) = best
                && score >= JOIN_MIN
                && score > own + SURER
            {
                moved.extend(self.transfer(*number, other));
            }
        }
    }
}

/// Each article once, from where it was to where it is.
fn settled(moved: Vec<Moved>) -> Vec<Moved> {
    let mut last: BTreeMap<i64, Moved> = BTreeMap::new();
    for step in moved {
        last.entry(step.number).and_modify(|known| known.to = step.to).or_insert(step);
    }
    last.into_values().filter(|moved| moved.from != moved.to).collect()
}

//! Of the articles that share telling words with one, the stories that are worth a comparison. Knows
//! no word.

use super::index::Met;

/// The position of an article, and how much it shares.
type Share = (u32, f32);

/// A story that something may belong to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub story: i64,
    most: Share,
    nearest: Nearest,
}

/// The two articles that share the most.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Nearest {
    first: Option<Share>,
    second: Option<Share>,
}

/// Stories that an article is compared with.
const COMPARED_MAX: usize = 6;
/// Of a larger story the articles are not looked up one by one.
const LOOKED_UP_MAX: usize = 64;

impl Candidate {
    /// The articles that share the most, the nearest first.
    pub fn nearest(&self) -> impl Iterator<Item = u32> + Clone {
        self.nearest.positions()
    }

    fn is_nearer(&self, other: &Self) -> bool {
        let (one, two) = (self.most.1, other.most.1);
        one > two || one == two && self.story < other.story
    }
}

impl Nearest {
    pub fn add(&mut self, article: Share) {
        if self.first.is_none_or(|first| is_nearer(article, first)) {
            (self.first, self.second) = (Some(article), self.first);
        } else if self.second.is_none_or(|second| is_nearer(article, second)) {
            self.second = Some(article);
        }
    }

    /// The nearest first.
    pub fn positions(self) -> impl Iterator<Item = u32> + Clone {
        [self.first, self.second].into_iter().flatten().map(|(position, _)| position)
    }
}

/// The stories with the articles that share the most; among equals the older story and the older
/// article. `story` says where an article is told of, nothing where it is not to be looked at;
/// `members` are the positions of a story's articles.
pub(super) fn sharing_the_most<'a>(
    met: &Met,
    story: impl Fn(u32) -> Option<i64>,
    members: impl Fn(i64) -> &'a [u32],
) -> Vec<Candidate> {
    let mut best: Vec<Candidate> = Vec::with_capacity(COMPARED_MAX + 1);
    for article in met.articles() {
        // Most share too little, and are not even asked for their story.
        if best.len() == COMPARED_MAX && article.1 < best[COMPARED_MAX - 1].most.1 {
            continue;
        }
        let Some(story) = story(article.0) else { continue };
        take(&mut best, Candidate { story, most: *article, nearest: Nearest::default() });
    }
    for candidate in &mut best {
        let members = members(candidate.story);
        if members.len() <= LOOKED_UP_MAX {
            let shared = members.iter().filter_map(|position| Some((*position, met.shared(*position)?)));
            shared.for_each(|article| candidate.nearest.add(article));
        } else {
            let of_story = met.articles().iter().filter(|(position, _)| story(*position) == Some(candidate.story));
            of_story.for_each(|article| candidate.nearest.add(*article));
        }
    }
    best
}

/// Puts a story in its place among the best, which are few.
fn take(best: &mut Vec<Candidate>, found: Candidate) {
    match best.iter_mut().find(|known| known.story == found.story) {
        Some(known) if is_nearer(found.most, known.most) => known.most = found.most,
        Some(_) => return,
        None => best.push(found),
    }
    let mut at = best.iter().position(|known| known.story == found.story).unwrap_or_default();
    while at > 0 && best[at].is_nearer(&best[at - 1]) {
        best.swap(at, at - 1);
        at -= 1;
    }
    best.truncate(COMPARED_MAX);
}

/// Whether an article shares more than another, or came before it.
fn is_nearer(one: Share, other: Share) -> bool {
    one.1 > other.1 || one.1 == other.1 && one.0 < other.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a search is to find, in the plainest way.
    fn plainly(articles: &[(u32, f32)], story: impl Fn(u32) -> Option<i64>) -> Vec<(i64, Vec<u32>)> {
        let mut stories: std::collections::BTreeMap<i64, Vec<(u32, f32)>> = Default::default();
        for article in articles {
            if let Some(story) = story(article.0) {
                stories.entry(story).or_default().push(*article);
            }
        }
        let by_share = |one: &(u32, f32), other: &(u32, f32)| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0));
        let mut stories: Vec<(i64, Vec<(u32, f32)>)> = stories.into_iter().collect();
        stories.iter_mut().for_each(|(_, of)| of.sort_by(by_share));
        stories.sort_by(|one, other| other.1[0].1.total_cmp(&one.1[0].1).then(one.0.cmp(&other.0)));
        stories.truncate(COMPARED_MAX);
        stories.into_iter().map(|(story, of)| (story, of.iter().take(2).map(|(at, _)| *at).collect())).collect()
    }

    #[test]
    fn the_best_stories_and_their_nearest_articles_are_found_as_by_sorting_all() {
        let mut number = 3_u64;
        let mut next = move |limit: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % limit
        };
        for stories in [1, 3, 7, 40, 400] {
            let told: Vec<i64> = (0..500).map(|_| next(stories) as i64 * 7).collect();
            let mut met = Met::new();
            (0..500).for_each(|_| met.add(next(500) as u32, next(5) as f32));
            let story = |position: u32| Some(told[position as usize]).filter(|story| *story != 7);
            let positions = |story: i64| (0..500).filter(|at| told[*at as usize] == story).collect::<Vec<u32>>();
            let members: std::collections::HashMap<i64, Vec<u32>> =
                told.iter().map(|story| (*story, positions(*story))).collect();
            let found = sharing_the_most(&met, story, |story| &members[&story]);
            let found: Vec<(i64, Vec<u32>)> = found.iter().map(|of| (of.story, of.nearest().collect())).collect();
            assert_eq!(found, plainly(met.articles(), story), "{stories} stories");
        }
    }
}

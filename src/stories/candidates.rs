//! Of the articles that share telling words with one, the stories that are worth a comparison. Knows
//! no word.

/// A story that it may belong to, with the articles that share the most.
#[derive(Debug)]
pub(super) struct Candidate {
    pub story: i64,
    pub nearest: Nearest,
}

/// Positions of articles, those that share more first.
pub(super) type Nearest = Vec<u32>;

/// Stories that an article is compared with.
const COMPARED_MAX: usize = 6;
/// Articles of a story that are looked at for what they share.
pub(super) const NEAREST: usize = 2;

/// A story with the two articles that share the most: their positions and what they share.
#[derive(Debug, Clone, Copy)]
struct Sharing {
    story: i64,
    first: (u32, f32),
    second: Option<(u32, f32)>,
}

/// Of articles with their story, their position and how much they share, the stories that have the
/// nearest; among equals the older story and the older article.
pub(super) fn sharing_the_most(articles: impl Iterator<Item = (i64, (u32, f32))>) -> Vec<Candidate> {
    let mut stories = Stories::new();
    articles.for_each(|(story, article)| stories.add(story, article));
    let mut found = stories.found;
    let nearer =
        |one: &Sharing, other: &Sharing| other.first.1.total_cmp(&one.first.1).then(one.story.cmp(&other.story));
    if found.len() > COMPARED_MAX {
        found.select_nth_unstable_by(COMPARED_MAX - 1, nearer);
        found.truncate(COMPARED_MAX);
    }
    found.sort_unstable_by(nearer);
    let nearest =
        |of: &Sharing| [Some(of.first), of.second].into_iter().flatten().map(|(position, _)| position).collect();
    found.iter().map(|of| Candidate { story: of.story, nearest: nearest(of) }).collect()
}

struct Stories {
    found: Vec<Sharing>,
    /// A table with open addressing: where a story is in `found`, [`NOWHERE`] where none is.
    places: [u16; PLACES],
}

/// Three times the articles that a search finds.
const PLACES: usize = 2_048;
const NOWHERE: u16 = u16::MAX;

impl Stories {
    fn new() -> Self {
        Self { found: Vec::with_capacity(64), places: [NOWHERE; PLACES] }
    }

    fn add(&mut self, story: i64, article: (u32, f32)) {
        let mut at = story as usize % PLACES;
        loop {
            match self.found.get_mut(usize::from(self.places[at])) {
                Some(known) if known.story == story => return known.add(article),
                Some(_) => at = (at + 1) % PLACES,
                None => break,
            }
        }
        if self.found.len() < PLACES / 2 {
            self.places[at] = self.found.len() as u16;
            self.found.push(Sharing { story, first: article, second: None });
        }
    }
}

impl Sharing {
    fn add(&mut self, article: (u32, f32)) {
        if is_nearer(article, self.first) {
            (self.first, self.second) = (article, Some(self.first));
        } else if self.second.is_none_or(|second| is_nearer(article, second)) {
            self.second = Some(article);
        }
    }
}

fn is_nearer(one: (u32, f32), other: (u32, f32)) -> bool {
    one.1 > other.1 || one.1 == other.1 && one.0 < other.0
}

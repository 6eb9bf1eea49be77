//! Which items of one document are entries that we have. The surest evidence is heard first, and
//! each kind of it has its doubts: a false "the same" loses an entry, a false "new" only repeats one.

use super::reading::{Item, Kind, Reading};
use super::sketch::{HEADLINE_WORDS_MIN, Sketch};
use crate::feed::Habits;
use std::collections::{HashMap, HashSet};

/// A known entry that an item may be, because they share keys.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Any number that stands for it.
    pub entry: usize,
    /// Whether it was read from the same feed.
    pub is_of_feed: bool,
    /// The kinds of keys that both have.
    pub shared: Kinds,
    /// What is remembered of it.
    pub sketch: &'a Sketch,
}

/// Some kinds of keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// With one more.
    pub fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Whether `kind` is among them.
    pub fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
}

/// Of keys and the entries that they lead to: each entry once, with the kinds of all its keys, the
/// oldest first.
pub fn sharing(found: impl Iterator<Item = (usize, Kind)>) -> Vec<(usize, Kinds)> {
    let mut entries: Vec<(usize, Kinds)> = Vec::new();
    for (entry, kind) in found {
        match entries.iter_mut().find(|(known, _)| *known == entry) {
            Some((_, kinds)) => *kinds = kinds.with(kind),
            None => entries.push((entry, Kinds::default().with(kind))),
        }
    }
    entries.sort_unstable_by_key(|(entry, _)| *entry);
    entries
}

/// For each item the entry that it is beyond doubt: because `settled` knows that it has the entry's
/// key and says what it said, or because it repeats an item before it of which that is known.
pub fn all_settled(items: &[Item<'_>], mut settled: impl FnMut(usize) -> Option<usize>) -> Vec<Option<usize>> {
    let mut by_link: HashMap<(&str, u64, Option<i64>), usize> = HashMap::new();
    let entries = items.iter().enumerate().map(|(at, item)| {
        let repeated = item.link.map(|link| (link, item.fingerprint, item.published));
        let entry = settled(at).or_else(|| by_link.get(&repeated?).copied());
        if let (Some(repeated), Some(entry)) = (repeated, entry) {
            by_link.insert(repeated, entry);
        }
        entry
    });
    entries.collect()
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Never seen before.
    New,
    /// Known, and nothing that a person reads has changed.
    Same,
    /// Known, and edited.
    Updated,
}

/// What was decided on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The entry of its feed that it is.
    pub entry: Option<usize>,
    /// The item before it in the document that it repeats.
    pub repeats: Option<usize>,
    /// The entry of another feed that is the same article.
    pub elsewhere: Option<usize>,
    /// What it is.
    pub verdict: Verdict,
    /// What made it known, here or elsewhere.
    pub by: Option<Kind>,
}

impl Decision {
    /// Whether a key of this kind is to lead to the entry from now on.
    pub fn keeps(&self, kind: Kind, habits: Habits) -> bool {
        self.entry.is_none() || kind != Kind::Id || !habits.makes_ids_anew()
    }
}

/// What was decided on a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// For each item, in order.
    pub items: Vec<Decision>,
    /// How many entries got new ids at once, where the whole site moved: worth a line in the log.
    pub moved: Option<usize>,
}

/// Decides on the items of one document of one feed. `candidates` has, for each of them, the known
/// entries that share a key with it, the oldest first; `settled` are the entries that other items of
/// the document are beyond doubt, because they have their ids and say just what they said.
pub fn decide(
    document: &[Reading],
    candidates: &[Vec<Candidate<'_>>],
    settled: &[usize],
    habits: &mut Habits,
) -> Decided {
    let claimed = settled.iter().copied().collect();
    let mut desk = Desk { document, candidates, settled, claimed, decisions: vec![NEW; document.len()] };
    desk.join_repeated();
    for evidence in &EVIDENCE {
        desk.hear(evidence);
    }
    let moved = desk.hear_of_a_move();
    desk.learn_ids(habits);
    desk.look_elsewhere();
    desk.tell_edits(habits);
    Decided { items: desk.decisions, moved }
}

const NEW: Decision = Decision { entry: None, repeats: None, elsewhere: None, verdict: Verdict::New, by: None };

/// One kind of evidence that an item is an entry of its feed.
struct Evidence {
    kind: Kind,
    /// Whether it is believed.
    is_good: fn(&Sketch, &Sketch) -> bool,
    /// An id names its entry even when another item of the document did so already.
    may_repeat: bool,
    /// Whether an entry that shares the key and is not believed makes the key worthless.
    must_be_alone: bool,
}

const EVIDENCE: [Evidence; 10] = [
    Evidence { kind: Kind::Id, is_good: is_not_reused, may_repeat: true, must_be_alone: false },
    Evidence { kind: Kind::Link, is_good: is_of_link, may_repeat: false, must_be_alone: true },
    Evidence { kind: Kind::Number, is_good: is_of_number, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::Slug, is_good: is_of_slug, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::IdPath, is_good: is_of_id_path, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::Title, is_good: is_of_moment, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::Title, is_good: is_of_path, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::Moment, is_good: is_of_moment_reworded, may_repeat: false, must_be_alone: true },
    Evidence { kind: Kind::Title, is_good: is_of_days, may_repeat: false, must_be_alone: false },
    Evidence { kind: Kind::Text, is_good: is_of_text, may_repeat: false, must_be_alone: true },
];

/// Titles that share so many words are two versions of one.
const ALIKE: f32 = 0.5;
const REWORDED: f32 = 0.6;
const VERY_ALIKE: f32 = 0.75;
/// So much of a text is the text.
const NEARLY_WHOLE: f32 = 0.8;
/// Within it, an entry that was published is still the same news.
const DAY_S: u64 = 24 * 3600;
/// A text that is mostly its own words.
const LONG_TEXT_WORDS: u16 = 60;
/// Fewer words stand over different articles.
const TITLE_WORDS_MIN: usize = 3;

/// An id that comes back with another link, title, text and day was given to another entry; so was
/// what stands for an id, where there is a text that is another.
fn is_not_reused(item: &Sketch, known: &Sketch) -> bool {
    let is_bare = item.id == 0 && known.id == 0;
    if is_bare && item.link == known.link {
        let is_days_apart = item.seconds_apart(known).is_some_and(|seconds| seconds > DAY_S);
        return !is_days_apart || !contradicts(item, known);
    }
    let has_other_link = item.link != known.link && item.path != known.path;
    let is_days_apart = item.seconds_apart(known).is_some_and(|seconds| seconds > DAY_S);
    !has_other_link || !is_days_apart || item.title_alike(known) >= VERY_ALIKE || item.text_alike(known) >= ALIKE
}

/// One link with two ids is one entry if the words agree; without ids it is the identity.
fn is_of_link(item: &Sketch, known: &Sketch) -> bool {
    let agrees = item.title_alike(known) >= ALIKE || item.text_alike(known) >= ALIKE;
    if item.id == 0 && known.id == 0 {
        return agrees || item.seconds_apart(known).is_none_or(|seconds| seconds <= DAY_S);
    }
    let apart = item.seconds_apart(known);
    let is_days_later = apart.is_some_and(|seconds| seconds > DAY_S);
    // A page of its own is written anew with every price, forecast and column.
    let is_whole = item.has_text() && item.text_alike(known) >= NEARLY_WHOLE && item.numbers_missing(known) == 0.0;
    let is_rewritten = is_days_later && item.text != known.text && !is_whole;
    let is_one = !item.numbers_differ(known) || item.text_alike(known) >= NEARLY_WHOLE;
    (agrees || apart == Some(0)) && is_one && !is_rewritten
}

fn is_of_number(item: &Sketch, known: &Sketch) -> bool {
    item.title_alike(known) >= 0.34 || item.text_alike(known) >= ALIKE
}

fn is_of_slug(item: &Sketch, known: &Sketch) -> bool {
    let is_near = match item.seconds_apart(known) {
        Some(0) | None => !is_numbered_apart(item, known),
        Some(seconds) => seconds <= 2 * DAY_S && !is_filed_apart(item, known),
    };
    is_near && !item.numbers_differ(known) && item.title_alike(known) >= VERY_ALIKE
}

fn is_of_id_path(item: &Sketch, known: &Sketch) -> bool {
    item.title_alike(known) >= ALIKE && !item.numbers_differ(known)
}

/// The same title at the same second.
fn is_of_moment(item: &Sketch, known: &Sketch) -> bool {
    let has_words = item.title_words().len() >= TITLE_WORDS_MIN || item.text_alike(known) >= ALIKE;
    item.seconds_apart(known) == Some(0) && has_words && !contradicts(item, known) && !is_numbered_apart(item, known)
}

/// Nearly the same title at a second at which the feed had one entry only. Midnight is a day.
fn is_of_moment_reworded(item: &Sketch, known: &Sketch) -> bool {
    let is_midnight = item.published().is_some_and(|second| second.rem_euclid(DAY_S as i64) == 0);
    let has_words = item.title_words().len().min(known.title_words().len()) >= HEADLINE_WORDS_MIN;
    let is_bare = !item.has_text() && !known.has_text();
    let is_reworded = is_bare && !is_midnight && has_words && item.title_alike(known) >= REWORDED;
    let agrees = is_reworded || item.title_alike(known) >= ALIKE && has_whole_text(item, known);
    agrees && !item.numbers_differ(known) && !is_numbered_apart(item, known)
}

/// Whether both have one text. In a short one a template's words are most of it: then all of it must
/// be the same.
fn has_whole_text(item: &Sketch, known: &Sketch) -> bool {
    let is_long = item.words().min(known.words()) >= LONG_TEXT_WORDS;
    item.has_text() && (item.text == known.text || is_long && item.text_alike(known) >= NEARLY_WHOLE)
}

/// The same headline within two days. What comes daily has a number in its title or its link.
fn is_of_days(item: &Sketch, known: &Sketch) -> bool {
    let is_near = item.seconds_apart(known).is_some_and(|seconds| seconds <= 2 * DAY_S);
    let has_words = item.title_words().len() >= HEADLINE_WORDS_MIN;
    let says_the_same = item.text == known.text || item.text_alike(known) >= NEARLY_WHOLE;
    is_near && has_words && says_the_same && !is_filed_apart(item, known)
}

/// Two texts that have nothing in common.
fn contradicts(item: &Sketch, known: &Sketch) -> bool {
    item.has_text() && known.has_text() && item.text_alike(known) < 0.2
}

/// The same title and path at another host.
fn is_of_path(item: &Sketch, known: &Sketch) -> bool {
    item.path != 0 && item.path == known.path && item.link != known.link
}

/// The same text within two days, under a title that may be another version.
fn is_of_text(item: &Sketch, known: &Sketch) -> bool {
    let is_near = match item.seconds_apart(known) {
        Some(0) => true,
        Some(seconds) => seconds <= 2 * DAY_S && item.title_alike(known) > 0.0 && !is_filed_apart(item, known),
        None => item.title == known.title,
    };
    let is_one = !item.numbers_differ(known) && item.numbers_missing(known) == 0.0;
    is_near && has_whole_text(item, known) && is_one && !is_numbered_apart(item, known)
}

/// Whether the links of both hold other numbers: a day, an issue, an article's own.
fn is_filed_apart(item: &Sketch, known: &Sketch) -> bool {
    item.site == known.site && item.digits != known.digits
}

/// Whether the publisher keeps both in one place under two numbers: then they are two.
fn is_numbered_apart(item: &Sketch, known: &Sketch) -> bool {
    let both = item.number != 0 && known.number != 0;
    both && item.number != known.number && item.site == known.site && item.shelf == known.shelf
}

struct Desk<'a> {
    document: &'a [Reading],
    candidates: &'a [Vec<Candidate<'a>>],
    settled: &'a [usize],
    /// Entries that an item is.
    claimed: HashSet<usize>,
    decisions: Vec<Decision>,
}

impl Desk<'_> {
    /// Two items of one document are two, unless their ids, or their links and all that they say, are
    /// the same.
    fn join_repeated(&mut self) {
        for at in 0..self.document.len() {
            let item = &self.document[at];
            let is_repeated = |before: &Reading| {
                let (one, other) = (&item.sketch, &before.sketch);
                let says_the_same = one.says_the_same(other);
                let has_one = |kind| item.key(kind).is_some_and(|key| before.key(kind) == Some(key));
                let is_of_moment = one.seconds_apart(other).is_none_or(|apart| apart == 0);
                let is_known_by_link = one.id == 0 && other.id == 0;
                has_one(Kind::Id) || has_one(Kind::Link) && says_the_same && (is_of_moment || is_known_by_link)
            };
            self.decisions[at].repeats = self.document[..at].iter().position(is_repeated);
        }
    }

    fn is_open(&self, at: usize) -> bool {
        self.decisions[at].entry.is_none() && self.decisions[at].repeats.is_none()
    }

    /// Joins each open item with the one entry of its feed that the evidence is good for. Two items
    /// that point to one entry, or an item that points to two, prove that the key is none.
    fn hear(&mut self, evidence: &Evidence) {
        let mut claims: Vec<(usize, usize)> = Vec::new();
        for (at, item) in self.document.iter().enumerate().filter(|(at, _)| self.is_open(*at)) {
            let holders =
                || self.candidates[at].iter().filter(|known| known.is_of_feed && known.shared.has(evidence.kind));
            if evidence.must_be_alone && holders().count() > 1 {
                continue;
            }
            let mut good = holders().filter(|known| {
                (evidence.is_good)(&item.sketch, known.sketch)
                    && (evidence.may_repeat || !self.claimed.contains(&known.entry))
            });
            // Of several entries that had an id, the last is the one that has it now.
            let found =
                if evidence.may_repeat { good.next_back() } else { good.next().filter(|_| good.next().is_none()) };
            claims.extend(found.map(|known| (at, known.entry)));
        }
        let mut items_of: HashMap<usize, usize> = HashMap::new();
        for (_, entry) in &claims {
            *items_of.entry(*entry).or_default() += 1;
        }
        for (at, entry) in &claims {
            if items_of[entry] == 1 || evidence.may_repeat {
                self.claimed.insert(*entry);
                self.decisions[*at].entry = Some(*entry);
                self.decisions[*at].by = Some(evidence.kind);
            }
        }
    }

    /// A site that moves gives every entry a new id, and most a new link and date. Then titles are
    /// enough, each for one entry, and nothing is news.
    fn hear_of_a_move(&mut self) -> Option<usize> {
        let with_new_id = |decision: &&Decision| decision.repeats.is_none() && decision.by != Some(Kind::Id);
        let unknown = self.decisions.iter().filter(with_new_id).count();
        if unknown < MOVED_MIN || unknown * 10 < (self.document.len() + self.settled.len()) * 6 {
            return None;
        }
        let before = self.decisions.clone();
        self.hear(&Evidence { kind: Kind::Title, is_good: |_, _| true, may_repeat: false, must_be_alone: false });
        let moved = self.decisions.iter().filter(with_new_id).filter(|decision| decision.entry.is_some()).count();
        if moved * 10 < unknown * 6 {
            self.decisions = before;
            return None;
        }
        Some(moved)
    }

    fn learn_ids(&self, habits: &mut Habits) {
        let known = || self.decisions.iter().enumerate().filter(|(_, decision)| decision.entry.is_some());
        let by_other =
            known().filter(|(at, decision)| decision.by != Some(Kind::Id) && self.document[*at].sketch.id != 0);
        let by_other = by_other.count();
        if by_other * 2 > known().count() + self.settled.len() {
            habits.new_ids = habits.new_ids.saturating_add(1);
        } else if !self.settled.is_empty() || known().any(|(_, decision)| decision.by == Some(Kind::Id)) {
            habits.new_ids = 0;
        }
    }

    /// Other feeds of a publisher, and planets, carry the same article; link blogs only its link.
    fn look_elsewhere(&mut self) {
        for at in 0..self.document.len() {
            if !self.is_open(at) {
                continue;
            }
            let item = &self.document[at].sketch;
            let others = self.candidates[at].iter().filter(|known| !known.is_of_feed);
            let found = others.filter_map(|known| Some((known.entry, elsewhere(item, known)?))).next();
            self.decisions[at].elsewhere = found.map(|(entry, _)| entry);
            self.decisions[at].by = found.map(|(_, kind)| kind);
        }
    }

    fn tell_edits(&mut self, habits: &mut Habits) {
        let mut counted = Vec::new();
        for at in 0..self.document.len() {
            let decision = self.decisions[at];
            if decision.repeats.is_some() || decision.elsewhere.is_some() {
                self.decisions[at].verdict = Verdict::Same;
            }
            let Some(known) =
                decision.entry.and_then(|entry| self.candidates[at].iter().find(|known| known.entry == entry))
            else {
                continue;
            };
            let (item, known) = (&self.document[at].sketch, known.sketch);
            self.decisions[at].verdict = if item.says_the_same(known) { Verdict::Same } else { Verdict::Updated };
            if self.decisions[at].verdict == Verdict::Updated && item.still == known.still {
                counted.push(at);
            }
        }
        // One number that changed was corrected; many at once are counters.
        habits.has_counters |= counted.len() >= COUNTERS_MIN;
        if habits.has_counters {
            counted.into_iter().for_each(|at| self.decisions[at].verdict = Verdict::Same);
        }
    }
}

/// Fewer items with new ids are news.
const MOVED_MIN: usize = 5;
/// So many counters at once are no corrections.
const COUNTERS_MIN: usize = 3;

/// By what an entry of another feed is the item, if it is.
fn elsewhere(item: &Sketch, known: &Candidate<'_>) -> Option<Kind> {
    let shared = known.shared;
    let known = known.sketch;
    let agrees = item.title_alike(known) >= ALIKE || item.text_alike(known) >= ALIKE;
    let is_one = !item.numbers_differ(known) || item.text_alike(known) >= NEARLY_WHOLE;
    let is_near = item.seconds_apart(known).is_none_or(|seconds| seconds <= 2 * DAY_S);
    let is_same_moment = item.seconds_apart(known) == Some(0);
    let says_the_same = item.text_alike(known) >= NEARLY_WHOLE || is_same_moment && !contradicts(item, known);
    let is_of_site = is_near && item.title_words().len() >= HEADLINE_WORDS_MIN && says_the_same;
    let evidence = [
        (Kind::Link, agrees && is_one),
        (Kind::Global, agrees && is_one),
        (Kind::SiteTitle, is_of_site && !is_numbered_apart(item, known)),
        (Kind::Number, is_near && item.title_alike(known) >= ALIKE && is_one),
        (Kind::Slug, is_of_slug(item, known) && is_near),
    ];
    evidence.into_iter().find(|(kind, is_good)| *is_good && shared.has(*kind)).map(|(kind, _)| kind)
}

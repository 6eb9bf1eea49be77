//! One pass over an item's texts, then the topics that were woken by what it found.

use crate::feed::{Match, Tag, language_key};
use crate::topics::Item;
use crate::topics::compile::{ANY, Rules, TopicRule, compile};
use crate::topics::rules::{Field, RuleError, Topic, WordList};
use crate::topics::terms::Kind;
use crate::topics::text::plain;
use crate::topics::tokens::{Token, is_in_capitals, scan};
use std::borrow::Cow;
use std::cmp::Reverse;

/// All rules, compiled.
#[derive(Debug)]
pub struct Matcher {
    rules: Rules,
    warnings: Vec<RuleError>,
}

/// More words than these explain nothing better, and a long text has thousands.
const MATCHES_MAX: usize = 40;

impl Matcher {
    /// Compiles the rules; every error at once.
    pub fn new(words: &[WordList], topics: &[Topic]) -> Result<Self, Vec<RuleError>> {
        let (rules, warnings) = compile(words, topics)?;
        Ok(Self { rules, warnings })
    }

    /// What is allowed but hardly meant: lists that nothing uses, `xx*` with few letters.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// The topics of an item, in the order of the configuration.
    ///
    /// The score adds up the different terms that were found: 1 for each, twice that in the title,
    /// and twice that again for one which is `enough` alone.
    pub fn tag(&self, item: &Item<'_>) -> Vec<Tag> {
        let rules = &self.rules;
        let reading = Reading::of(rules, item);
        let mut woken: Vec<u32> = Vec::new();
        for hits in reading.hits.chunk_by(|left, right| left.list == right.list) {
            woken.extend(&rules.lists[hits[0].list as usize].wakes);
        }
        woken.sort_unstable();
        woken.dedup();
        let mut tags: Vec<(u32, Tag)> = Vec::new();
        for number in woken {
            if let Some(tag) = reading.tag(&rules.topics[number as usize], item) {
                tags.push((number, tag));
            }
        }
        self.add_parents(&mut tags);
        tags.into_iter().map(|(_, tag)| tag).collect()
    }

    /// A parent that has no words of its own in the text shows those of its surest child.
    fn add_parents(&self, tags: &mut Vec<(u32, Tag)>) {
        for at in 0..tags.len() {
            let mut parent = self.rules.topics[tags[at].0 as usize].parent;
            while let Some(number) = parent {
                let rule = &self.rules.topics[number as usize];
                tags.push((number, Tag { topic: rule.id.clone(), ..tags[at].1.clone() }));
                parent = rule.parent;
            }
        }
        // Stable: a topic's own tag comes before those of its children.
        tags.sort_by_key(|(number, _)| *number);
        tags.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1.score = first.1.score.max(later.1.score);
            }
            is_same
        });
    }
}

/// What the rules found in an item.
struct Reading<'a> {
    rules: &'a Rules,
    language: Option<u32>,
    texts: Vec<Text<'a>>,
    occurrences: Vec<Occurrence>,
    /// Sorted by list.
    hits: Vec<Hit>,
}

struct Text<'a> {
    field: Field,
    plain: Cow<'a, str>,
}

/// A word of the rules found in the text that is being read.
#[derive(Debug, Clone, Copy)]
struct WordHit {
    word: u32,
    position: u32,
    start: usize,
    end: usize,
}

/// A term, or a part of one, found.
#[derive(Debug, Clone, Copy)]
struct Occurrence {
    term: u32,
    part: u32,
    text: u32,
    /// Places in words, both included.
    first: u32,
    last: u32,
    /// Places in bytes.
    start: usize,
    end: usize,
}

/// An occurrence that counts in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    list: u32,
    occurrence: u32,
}

/// A language that no list has.
const FOREIGN: u32 = u32::MAX;

impl<'a> Reading<'a> {
    fn of(rules: &'a Rules, item: &Item<'a>) -> Self {
        let number =
            |key: String| rules.languages.iter().position(|known| *known == key).map_or(FOREIGN, |at| at as u32);
        let language = item.language.map(|tag| number(language_key(tag)));
        let mut reading = Self { rules, language, texts: Vec::new(), occurrences: Vec::new(), hits: Vec::new() };
        reading.add(Field::Title, Cow::Borrowed(item.title));
        if rules.fields.has(Field::Summary) {
            reading.add(Field::Summary, plain(item.summary));
        }
        if rules.fields.has(Field::Content) {
            reading.add(Field::Content, plain(item.content));
        }
        for category in &item.categories {
            reading.add(Field::Categories, Cow::Borrowed(*category));
        }
        reading.find_hits();
        reading
    }

    fn add(&mut self, field: Field, plain: Cow<'a, str>) {
        if !self.rules.fields.has(field) {
            return;
        }
        let words = self.words(&plain);
        let number = self.texts.len() as u32;
        let mut parts = Vec::new();
        for (at, hit) in words.iter().enumerate() {
            for part in &self.rules.words[hit.word as usize].begins {
                let rule = &self.rules.parts[*part as usize];
                let Some(last) = follow(&rule.rest, *hit, &words[at..]) else {
                    continue;
                };
                let occurrence = Occurrence {
                    term: rule.term,
                    part: rule.number,
                    text: number,
                    first: hit.position,
                    last: last.position,
                    start: hit.start,
                    end: last.end.max(hit.end),
                };
                if self.rules.terms[rule.term as usize].distances.is_empty() {
                    self.occurrences.push(occurrence);
                } else {
                    parts.push(occurrence);
                }
            }
        }
        parts.sort_by_key(|part| (part.term, part.part, part.first, part.last));
        for parts in parts.chunk_by(|left, right| left.term == right.term) {
            let distances = &self.rules.terms[parts[0].term as usize].distances;
            self.occurrences.extend(join(parts, distances));
        }
        self.texts.push(Text { field, plain });
    }

    /// The words of the rules in a text, in order of place.
    fn words(&self, text: &str) -> Vec<WordHit> {
        let in_capitals = is_in_capitals(text);
        let mut hits: Vec<WordHit> = Vec::new();
        scan(text, in_capitals, |token| {
            if token.is_suffix {
                let base = hits.iter_mut().rev().take_while(|hit| hit.position == token.position);
                base.for_each(|hit| hit.end = token.end);
            }
            self.rules.index.find(token.folded, |word| {
                if self.is_meant(word, &token, text, in_capitals) {
                    hits.push(WordHit { word, position: token.position, start: token.start, end: token.end });
                }
            });
        });
        hits
    }

    /// Whether a word that the token is a form of also likes how the token is written.
    fn is_meant(&self, word: u32, token: &Token<'_>, text: &str, in_capitals: bool) -> bool {
        let rule = &self.rules.words[word as usize];
        match rule.kind {
            Kind::Forms | Kind::Prefix => true,
            Kind::Exact => text[token.start..token.end] == rule.text && (!in_capitals || self.may_be(rule.language)),
            Kind::HasCapital => token.has_upper,
            // Where all is in capitals they say nothing, so the language has to: `BE` is not `to be`.
            Kind::Capitals if in_capitals => self.may_be(rule.language),
            Kind::Capitals => token.has_upper && !token.has_lower,
        }
    }

    /// Whether the item may be in a list's language.
    fn may_be(&self, language: u32) -> bool {
        let is_any = self.rules.languages[language as usize] == ANY;
        is_any || self.language.is_none_or(|of_item| of_item == language)
    }

    /// What counts in which list, exceptions left out.
    fn find_hits(&mut self) {
        let excepts = Excepts::of(self.rules, &self.occurrences);
        for (number, occurrence) in self.occurrences.iter().enumerate() {
            for (list, set) in &self.rules.terms[occurrence.term as usize].counts_in {
                let lists = &self.rules.excepts[*set as usize];
                if !lists.iter().any(|list| excepts.cover(*list, occurrence)) {
                    self.hits.push(Hit { list: *list, occurrence: number as u32 });
                }
            }
        }
        self.hits.sort_unstable();
    }

    fn tag(&self, topic: &TopicRule, item: &Item<'_>) -> Option<Tag> {
        if !is_asked(topic, item) || self.has_any(&topic.never, topic) {
            return None;
        }
        let enough = self.found_in(&topic.enough, topic);
        let mut explanation = Explanation::default();
        self.explain(enough, 2.0, &mut explanation);
        if !topic.together.is_empty() && !self.has_any(&topic.unless, topic) {
            for slot in self.together(topic).unwrap_or_default() {
                self.explain(slot, 1.0, &mut explanation);
            }
        }
        let score = explanation.score();
        (score > 0.0).then(|| Tag { topic: topic.id.clone(), score, matched: explanation.matched })
    }

    /// What was found for each element of `together`, if something was for all.
    fn together<'r>(&'r self, topic: &'r TopicRule) -> Option<Vec<Vec<&'r Occurrence>>> {
        let slots: Vec<Vec<&Occurrence>> = topic.together.iter().map(|slot| self.found_in(slot, topic)).collect();
        if slots.iter().any(Vec::is_empty) {
            return None;
        }
        match topic.near {
            Some(near) => keep_near(&slots, near),
            None => Some(slots),
        }
    }

    fn found_in<'r>(&'r self, lists: &'r [u32], topic: &'r TopicRule) -> Vec<&'r Occurrence> {
        self.hits_of(lists, topic).collect()
    }

    fn has_any(&self, lists: &[u32], topic: &TopicRule) -> bool {
        self.hits_of(lists, topic).next().is_some()
    }

    fn hits_of<'r>(&'r self, lists: &'r [u32], topic: &'r TopicRule) -> impl Iterator<Item = &'r Occurrence> {
        let of_list = |list: &'r u32| {
            let start = self.hits.partition_point(|hit| hit.list < *list);
            self.hits[start..].iter().take_while(|hit| hit.list == *list)
        };
        let occurrence = |hit: &Hit| &self.occurrences[hit.occurrence as usize];
        let is_looked_at = |found: &&Occurrence| topic.fields.has(self.texts[found.text as usize].field);
        lists.iter().flat_map(of_list).map(occurrence).filter(is_looked_at)
    }

    /// Adds one word for each place: the longest, and in the item's language if there is one.
    fn explain(&self, mut found: Vec<&Occurrence>, weight: f64, explanation: &mut Explanation) {
        let is_foreign = |found: &Occurrence| self.language != Some(self.rules.terms[found.term as usize].language);
        found.sort_by_key(|found| (found.text, found.first, Reverse(found.last), is_foreign(found), found.term));
        let mut covered: Option<(u32, u32)> = None;
        for found in found {
            if covered.is_some_and(|(text, last)| text == found.text && found.last <= last) {
                continue;
            }
            covered = Some((found.text, found.last));
            let text = &self.texts[found.text as usize];
            let term = &self.rules.terms[found.term as usize];
            let field_weight = if text.field == Field::Title { 2.0 } else { 1.0 };
            explanation.count(found.term, weight * field_weight);
            explanation.show(Match {
                term: term.written.clone(),
                found: text.plain[found.start..found.end].to_owned(),
                field: text.field.name().to_owned(),
                language: self.rules.languages[term.language as usize].clone(),
            });
        }
    }
}

/// Whether the topic is for items of this language and this feed. What is unknown is not held
/// against an item: examples come from no feed.
fn is_asked(topic: &TopicRule, item: &Item<'_>) -> bool {
    let is_language =
        topic.languages.is_empty() || item.language.is_none_or(|tag| topic.languages.contains(&language_key(tag)));
    let is_feed = match (&topic.feeds, item.feed) {
        (Some(feeds), Some(feed)) => feeds.contains(feed),
        _ => true,
    };
    is_language && is_feed
}

/// The last word of a phrase whose first is `first`, if all the others follow. `words` begin with it.
fn follow(rest: &[(u32, u32)], first: WordHit, words: &[WordHit]) -> Option<WordHit> {
    let mut last = first;
    for (word, offset) in rest {
        let position = first.position + offset;
        let mut reached = words.iter().take_while(|hit| hit.position <= position);
        last = *reached.find(|hit| hit.position == position && hit.word == *word)?;
    }
    Some(last)
}

/// The places where each part is within its distance of the part before, in whichever order.
/// `parts` are those of one term, sorted by part and place.
fn join(parts: &[Occurrence], distances: &[u32]) -> Vec<Occurrence> {
    let mut by_part = parts.chunk_by(|left, right| left.part == right.part);
    let mut joined: Vec<Occurrence> = by_part.next().unwrap_or_default().to_vec();
    if joined.first().is_none_or(|first| first.part != 0) {
        return Vec::new();
    }
    // What the next part must be near to: the place of the last one, and what they span so far.
    let mut anchors: Vec<(Occurrence, Occurrence)> = joined.iter().map(|part| (*part, *part)).collect();
    for (number, distance) in distances.iter().enumerate() {
        let Some(next) = by_part.next().filter(|next| next[0].part as usize == number + 1) else {
            return Vec::new();
        };
        let near = |part: &Occurrence| {
            let after = anchors.partition_point(|(anchor, _)| anchor.first <= part.last);
            let before = anchors[..after].iter().rev().find(|(anchor, _)| anchor.last < part.first);
            let is_near = |anchor: &Occurrence| gap(anchor, part) <= *distance;
            let mut candidates = before.into_iter().chain(anchors.get(after));
            candidates.find(|(anchor, _)| is_near(anchor)).map(|(_, span)| (*part, union(span, part)))
        };
        anchors = next.iter().filter_map(near).collect();
    }
    joined.clear();
    joined.extend(anchors.into_iter().map(|(_, span)| span));
    joined
}

/// How many words one is from the other.
fn gap(left: &Occurrence, right: &Occurrence) -> u32 {
    if left.first <= right.first {
        right.first.saturating_sub(left.last)
    } else {
        left.first.saturating_sub(right.last)
    }
}

fn union(left: &Occurrence, right: &Occurrence) -> Occurrence {
    Occurrence {
        first: left.first.min(right.first),
        last: left.last.max(right.last),
        start: left.start.min(right.start),
        end: left.end.max(right.end),
        ..*left
    }
}

/// Of what was found for each slot, what lies within `near` words of something of every other.
fn keep_near<'o>(slots: &[Vec<&'o Occurrence>], near: u32) -> Option<Vec<Vec<&'o Occurrence>>> {
    let with_slot = |(slot, found): (usize, &Vec<&'o Occurrence>)| {
        found.iter().map(move |found| (slot, *found)).collect::<Vec<_>>()
    };
    let mut all: Vec<(usize, &Occurrence)> = slots.iter().enumerate().flat_map(with_slot).collect();
    all.sort_by_key(|(slot, found)| (found.text, found.first, *slot));
    let mut kept = vec![Vec::new(); slots.len()];
    let mut in_window = vec![0_u32; slots.len()];
    let (mut start, mut kept_to) = (0, 0);
    for (at, (slot, found)) in all.iter().enumerate() {
        in_window[*slot] += 1;
        while all[start].1.text != found.text || found.first - all[start].1.first > near {
            in_window[all[start].0] -= 1;
            start += 1;
        }
        if in_window.iter().all(|count| *count > 0) {
            for (slot, found) in &all[start.max(kept_to)..=at] {
                kept[*slot].push(*found);
            }
            kept_to = at + 1;
        }
    }
    kept.iter().all(|slot| !slot.is_empty()).then_some(kept)
}

/// The places that do not count, by list.
struct Excepts {
    /// List, text, first place, and the furthest last place of all up to here; sorted.
    places: Vec<(u32, u32, u32, u32)>,
}

impl Excepts {
    fn of(rules: &Rules, occurrences: &[Occurrence]) -> Self {
        let mut places = Vec::new();
        for found in occurrences {
            for list in &rules.terms[found.term as usize].excepted_in {
                places.push((*list, found.text, found.first, found.last));
            }
        }
        places.sort_unstable();
        for at in 1..places.len() {
            let (list, text, _, last) = places[at - 1];
            if (list, text) == (places[at].0, places[at].1) {
                places[at].3 = places[at].3.max(last);
            }
        }
        Self { places }
    }

    /// Whether the occurrence lies within an exception of the list.
    fn cover(&self, list: u32, found: &Occurrence) -> bool {
        let after = self.places.partition_point(|place| (place.0, place.1, place.2) <= (list, found.text, found.first));
        let before = after.checked_sub(1).map(|at| self.places[at]);
        before.is_some_and(|(of, text, _, last)| of == list && text == found.text && found.last <= last)
    }
}

/// Why a topic was given.
#[derive(Default)]
struct Explanation {
    /// By term, the most that a place of it is worth.
    weights: Vec<(u32, f64)>,
    matched: Vec<Match>,
}

impl Explanation {
    fn count(&mut self, term: u32, weight: f64) {
        match self.weights.iter_mut().find(|(known, _)| *known == term) {
            Some((_, most)) => *most = most.max(weight),
            None => self.weights.push((term, weight)),
        }
    }

    fn show(&mut self, word: Match) {
        if self.matched.len() < MATCHES_MAX && !self.matched.contains(&word) {
            self.matched.push(word);
        }
    }

    fn score(&self) -> f64 {
        self.weights.iter().map(|(_, weight)| weight).sum()
    }
}

#[cfg(test)]
mod tests;

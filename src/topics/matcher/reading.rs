//! What the rules find in one item, and what that means for one topic.

use super::excepts::Excepts;
use super::explanation::Explanation;
use super::near::{follow, join, keep_near};
use crate::feed::{Match, Tag, language_key};
use crate::topics::Item;
use crate::topics::TEXT_BYTES_MAX;
use crate::topics::compiled::{ANY, Rules, TopicRule};
use crate::topics::rules::Field;
use crate::topics::terms::Kind;
use crate::topics::text::{beginning, plain};
use crate::topics::tokens::{Token, blocks, is_in_capitals};
use std::borrow::Cow;
use std::cmp::Reverse;

/// What the rules found in an item.
pub(super) struct Reading<'a> {
    rules: &'a Rules,
    language: Option<u32>,
    texts: Vec<Text<'a>>,
    occurrences: Vec<Occurrence>,
    /// Sorted by list.
    pub hits: Vec<Hit>,
}

struct Text<'a> {
    field: Field,
    plain: Cow<'a, str>,
}

/// A word of the rules found in the text that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct WordHit {
    pub word: u32,
    pub position: u32,
    pub start: usize,
    pub end: usize,
}

/// A term, or a part of one, found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occurrence {
    pub term: u32,
    pub part: u32,
    pub text: u32,
    /// Places in words, both included.
    pub first: u32,
    pub last: u32,
    /// Places in bytes.
    pub start: usize,
    pub end: usize,
}

/// An occurrence that counts in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub list: u32,
    occurrence: u32,
}

/// About how much text there is to a word of the rules.
const BYTES_A_HIT: usize = 64;

/// A language that no list has.
const FOREIGN: u32 = u32::MAX;

impl<'a> Reading<'a> {
    /// Reads an item.
    pub fn of(rules: &'a Rules, item: &Item<'a>) -> Self {
        let number =
            |key: String| rules.languages.iter().position(|known| *known == key).map_or(FOREIGN, |at| at as u32);
        let language = item.language.map(|tag| number(language_key(tag)));
        let mut reading = Self { rules, language, texts: Vec::new(), occurrences: Vec::new(), hits: Vec::new() };
        reading.add(Field::Title, Cow::Borrowed(beginning(item.title, TEXT_BYTES_MAX)));
        if rules.fields.has(Field::Summary) {
            reading.add(Field::Summary, plain(beginning(item.summary, TEXT_BYTES_MAX)));
        }
        if rules.fields.has(Field::Content) {
            reading.add(Field::Content, plain(beginning(item.content, TEXT_BYTES_MAX)));
        }
        for category in &item.categories {
            reading.add(Field::Categories, Cow::Borrowed(beginning(category, TEXT_BYTES_MAX)));
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
        let mut hits: Vec<WordHit> = Vec::with_capacity(text.len() / BYTES_A_HIT);
        let mut likely = Vec::new();
        blocks(text, in_capitals, |block| {
            self.rules.index.likely(block, &mut likely);
            for (at, hash) in &likely {
                let token = &block.tokens[*at];
                if token.is_suffix {
                    let base = hits.iter_mut().rev().take_while(|hit| hit.position == token.position);
                    base.for_each(|hit| hit.end = token.end);
                }
                self.rules.index.find(block.folded(token), *hash, |word| {
                    if self.is_meant(word, token, text, in_capitals) {
                        hits.push(WordHit { word, position: token.position, start: token.start, end: token.end });
                    }
                });
            }
        });
        hits
    }

    /// Whether a word that the token is a form of also likes how the token is written.
    fn is_meant(&self, word: u32, token: &Token, text: &str, in_capitals: bool) -> bool {
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

    /// The tag, if what was found makes one.
    pub fn tag(&self, topic: &TopicRule, item: &Item<'_>) -> Option<Tag> {
        if !is_language(topic, item) || !is_feed(topic, item) || self.has_any(&topic.never, topic) {
            return None;
        }
        let mut explanation = Explanation::default();
        self.explain(self.found_in(&topic.enough, topic), topic.threshold, topic, &mut explanation);
        let has_more = !topic.together.is_empty() || !topic.points.is_empty();
        if has_more && !self.has_any(&topic.unless, topic) {
            for slot in self.together(topic).unwrap_or_default() {
                self.explain(slot, 1.0, topic, &mut explanation);
            }
            let mut points = Explanation::default();
            for (lists, worth) in &topic.points {
                self.explain(self.found_in(lists, topic), *worth, topic, &mut points);
            }
            if !explanation.is_empty() || points.score() >= topic.threshold {
                explanation.add(points);
            }
        }
        let score = explanation.score();
        (!explanation.is_empty()).then(|| Tag { topic: topic.id.clone(), score, matched: explanation.matched })
    }

    /// What was found for each element of `together`, if something was for all.
    pub fn together<'r>(&'r self, topic: &'r TopicRule) -> Option<Vec<Vec<&'r Occurrence>>> {
        if topic.together.is_empty() {
            return None;
        }
        let slots: Vec<Vec<&Occurrence>> = topic.together.iter().map(|slot| self.found_in(slot, topic)).collect();
        if slots.iter().any(Vec::is_empty) {
            return None;
        }
        match topic.near {
            Some(near) => keep_near(&slots, near),
            None => Some(slots),
        }
    }

    pub fn found_in<'r>(&'r self, lists: &'r [u32], topic: &'r TopicRule) -> Vec<&'r Occurrence> {
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
    pub fn explain(&self, mut found: Vec<&Occurrence>, worth: f64, topic: &TopicRule, explanation: &mut Explanation) {
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
            let times = if text.field == Field::Title { topic.title_times } else { 1.0 };
            explanation.count(found.term, worth * times);
            explanation.show(Match {
                term: term.written.clone(),
                found: text.plain[found.start..found.end].to_owned(),
                field: text.field.name().to_owned(),
                language: self.rules.languages[term.language as usize].clone(),
            });
        }
    }
}

/// Whether the topic is for items of this language. What is unknown is not held against an item.
pub(super) fn is_language(topic: &TopicRule, item: &Item<'_>) -> bool {
    topic.languages.is_empty() || item.language.is_none_or(|tag| topic.languages.contains(&language_key(tag)))
}

/// Whether the topic is for items of this feed; examples come from none.
pub(super) fn is_feed(topic: &TopicRule, item: &Item<'_>) -> bool {
    match (&topic.feeds, item.feed) {
        (Some(feeds), Some(feed)) => feeds.contains(feed),
        _ => true,
    }
}

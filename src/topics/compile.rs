//! From the rules as written to tables that the matcher looks things up in. Every error is found
//! here, and all of them at once.

use super::compiled::{ANY, Fields, ListRule, PartRule, Rules, TermRule, TopicRule, WordRule};
use super::endings;
use super::nearest::nearest;
use super::rules::{Place, RuleError, THRESHOLD, TITLE_TIMES, Topic, WordList};
use super::terms::{self, Element, Kind, Term};
use super::{shared, warnings};
use crate::fold::fold;
use std::collections::{HashMap, HashSet};

/// Compiles the rules; every error at once. The other result are warnings.
pub(super) fn compile(words: &[WordList], topics: &[Topic]) -> Result<(Rules, Vec<RuleError>), Vec<RuleError>> {
    let mut compiler = Compiler {
        rules: Rules { excepts: vec![Vec::new()], ..Rules::default() },
        names: words.iter().enumerate().map(|(number, list)| (list.name.as_str(), number as u32)).collect(),
        elements: Vec::new(),
        known_words: HashMap::new(),
        known_terms: HashMap::new(),
        places: Vec::new(),
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    compiler.read_lists(words);
    compiler.read_topics(topics);
    compiler.check_cycles(words);
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    compiler.connect(words);
    compiler.rules.index.finish();
    compiler.warnings.extend(warnings::collisions(&compiler.rules, &compiler.places));
    compiler.warnings.extend(shared::forms(&compiler.rules, &compiler.places));
    Ok((compiler.rules, compiler.warnings))
}

struct Compiler<'a> {
    rules: Rules,
    names: HashMap<&'a str, u32>,
    /// By list: what it holds.
    elements: Vec<Elements>,
    known_words: HashMap<(String, u32, Kind, bool), u32>,
    known_terms: HashMap<(String, u32), u32>,
    /// By term: where it is first met.
    places: Vec<Place>,
    errors: Vec<RuleError>,
    warnings: Vec<RuleError>,
}

/// What a list holds, by number.
#[derive(Debug, Default)]
struct Elements {
    terms: Vec<u32>,
    lists: Vec<(u32, Place)>,
    has_except: bool,
    /// For people.
    name: String,
}

impl Compiler<'_> {
    fn read_lists(&mut self, words: &[WordList]) {
        for (number, list) in words.iter().enumerate() {
            let has_except = !list.except.is_empty();
            let mut elements = Elements { has_except, name: format!("@{}", list.name), ..Elements::default() };
            for (language, terms) in &list.languages {
                for (index, written) in terms.iter().enumerate() {
                    let place = Place::Words { list: list.name.clone(), key: language.clone(), index };
                    self.read_element(written, language, place, &mut elements);
                }
            }
            self.elements.push(elements);
            self.read_excepts(list, number as u32);
        }
    }

    /// An exception has no language of its own, so it has the endings of all the list's languages.
    fn read_excepts(&mut self, list: &WordList, number: u32) {
        let mut languages: Vec<&str> = list.languages.iter().map(|(language, _)| language.as_str()).collect();
        languages.dedup();
        let languages = if languages.is_empty() { ANY.to_owned() } else { languages.join(" ") };
        for (index, written) in list.except.iter().enumerate() {
            let place = Place::Words { list: list.name.clone(), key: "except".into(), index };
            match terms::parse(written) {
                Err(message) => self.errors.push(RuleError { place, message }),
                Ok(Element::List(_)) => {
                    let message = format!("\"{written}\": \"except\" takes terms, not lists");
                    self.errors.push(RuleError { place, message });
                }
                Ok(Element::Term(term)) => {
                    let term = self.term(written, &languages, &term, &place);
                    self.rules.terms[term as usize].excepted_in.push(number);
                }
            }
        }
    }

    fn read_element(&mut self, written: &str, language: &str, place: Place, elements: &mut Elements) {
        match terms::parse(written) {
            Err(message) => self.errors.push(RuleError { place, message }),
            Ok(Element::List(name)) => match self.names.get(name.as_str()) {
                Some(list) => elements.lists.push((*list, place)),
                None => {
                    let mut message = format!("unknown list \"@{name}\"");
                    if let Some(meant) = nearest(&name, self.names.keys().copied()) {
                        message.push_str(&format!(", did you mean \"@{meant}\"?"));
                    }
                    self.errors.push(RuleError { place, message });
                }
            },
            Ok(Element::Term(term)) => {
                self.warn_of_short_prefix(written, &term, &place);
                elements.terms.push(self.term(written, language, &term, &place));
            }
        }
    }

    fn warn_of_short_prefix(&mut self, written: &str, term: &Term, place: &Place) {
        /// Fewer letters begin too many words.
        const PREFIX_LETTERS_MIN: usize = 4;
        let is_short = |word: &terms::Word| word.text.chars().count() < PREFIX_LETTERS_MIN;
        let mut words = term.parts.iter().flat_map(|part| &part.words);
        if words.any(|word| word.kind == Kind::Prefix && is_short(word)) {
            let message = format!(
                "\"{written}\" finds every word that begins so; give \"*\" at least {PREFIX_LETTERS_MIN} letters"
            );
            self.warnings.push(RuleError { place: place.clone(), message });
        }
    }

    /// The number of a term, which is compiled when it is first met.
    fn term(&mut self, written: &str, language: &str, term: &Term, place: &Place) -> u32 {
        let language = self.language(language);
        let written = written.trim();
        if let Some(number) = self.known_terms.get(&(written.to_owned(), language)) {
            return *number;
        }
        let number = self.rules.terms.len() as u32;
        self.known_terms.insert((written.to_owned(), language), number);
        self.places.push(place.clone());
        self.rules.terms.push(TermRule {
            written: written.to_owned(),
            language,
            distances: term.distances.clone(),
            counts_in: Vec::new(),
            excepted_in: Vec::new(),
        });
        for (part_number, part) in term.parts.iter().enumerate() {
            let in_phrase = part.words.len() > 1;
            let words: Vec<(u32, u32)> =
                part.words.iter().map(|word| (self.word(word, language, in_phrase), word.offset)).collect();
            let first = words[0].0;
            self.rules.words[first as usize].begins.push(self.rules.parts.len() as u32);
            self.rules.parts.push(PartRule { rest: words[1..].to_vec(), term: number, number: part_number as u32 });
        }
        number
    }

    fn word(&mut self, word: &terms::Word, language: u32, in_phrase: bool) -> u32 {
        let key = (word.text.clone(), language, word.kind, in_phrase);
        if let Some(number) = self.known_words.get(&key) {
            return *number;
        }
        let number = self.rules.words.len() as u32;
        self.known_words.insert(key, number);
        let index = &mut self.rules.index;
        match word.kind {
            Kind::Prefix => index.add_prefix(&fold(&word.text), number),
            Kind::Exact | Kind::Capitals | Kind::HasCapital => index.add_form(&fold(&word.text), number),
            Kind::Forms => {
                for language in self.rules.languages[language as usize].split(' ') {
                    endings::folded_forms(&word.text, language, in_phrase, &mut |form| index.add_form(form, number));
                }
            }
        }
        self.rules.words.push(WordRule { text: word.text.clone(), kind: word.kind, language, begins: Vec::new() });
        number
    }

    fn language(&mut self, key: &str) -> u32 {
        let languages = &mut self.rules.languages;
        let known = languages.iter().position(|known| known == key);
        known.unwrap_or_else(|| {
            languages.push(key.to_owned());
            languages.len() - 1
        }) as u32
    }

    fn read_topics(&mut self, topics: &[Topic]) {
        let ids: HashMap<&str, u32> =
            topics.iter().enumerate().map(|(number, topic)| (topic.id.as_str(), number as u32)).collect();
        for topic in topics {
            let place = |key, index| Place::Topic { topic: topic.id.clone(), key, index };
            let parent = topic.parent.as_deref().and_then(|parent| {
                let number = ids.get(parent).copied();
                if number.is_none() {
                    let mut message = format!("unknown topic \"{parent}\"");
                    if let Some(meant) = nearest(parent, ids.keys().copied().filter(|id| *id != topic.id)) {
                        message.push_str(&format!(", did you mean \"{meant}\"?"));
                    }
                    self.errors.push(RuleError { place: place("in", 0), message });
                }
                number
            });
            let (together, points) = (topic.together.iter().enumerate(), topic.points.iter().enumerate());
            let rule = TopicRule {
                id: topic.id.clone(),
                enough: self.slot(&topic.enough, |index| place("enough", index)),
                together: together.map(|(index, group)| self.slot(group, |_| place("together", index))).collect(),
                points: points
                    .map(|(index, (element, points))| {
                        let lists = self.slot(std::slice::from_ref(element), |_| place("points", index));
                        (lists, f64::from(*points))
                    })
                    .collect(),
                threshold: f64::from(topic.threshold.unwrap_or(THRESHOLD)),
                title_times: f64::from(topic.title_times.unwrap_or(TITLE_TIMES)),
                unless: self.slot(&topic.unless, |index| place("unless", index)),
                never: self.slot(&topic.never, |index| place("never", index)),
                near: topic.near,
                parent,
                fields: Fields::of(&topic.fields),
                languages: topic.languages.iter().map(|tag| crate::feed::language_key(tag)).collect(),
                feeds: topic.feeds.as_ref().map(|feeds| feeds.iter().cloned().collect()),
            };
            self.rules.fields.add(rule.fields);
            self.rules.topics.push(rule);
        }
        for (topic, rule) in topics.iter().zip(&self.rules.topics) {
            let above = |number: &u32| self.rules.topics[*number as usize].parent;
            // As many steps as there are topics lead to every ancestor, in a ring as well.
            let mut ancestors = std::iter::successors(rule.parent, above).take(topics.len());
            if ancestors.any(|number| self.rules.topics[number as usize].id == rule.id) {
                let place = Place::Topic { topic: topic.id.clone(), key: "in", index: 0 };
                self.errors.push(RuleError { place, message: format!("\"{}\" would be within itself", topic.id) });
            }
        }
    }

    /// The lists that a key of a topic names, and one more for the terms that stand there themselves.
    fn slot(&mut self, written: &[String], place: impl Fn(usize) -> Place) -> Vec<u32> {
        let mut own = Elements::default();
        for (index, element) in written.iter().enumerate() {
            self.read_element(element, ANY, place(index), &mut own);
        }
        let mut lists: Vec<u32> = own.lists.drain(..).map(|(list, _)| list).collect();
        if !own.terms.is_empty() {
            let terms = own.terms.iter().map(|term| format!("\"{}\"", self.rules.terms[*term as usize].written));
            own.name = terms.collect::<Vec<_>>().join(", ");
            lists.push(self.elements.len() as u32);
            self.elements.push(own);
        }
        lists
    }

    /// A list may not be in itself; said once for every ring.
    fn check_cycles(&mut self, words: &[WordList]) {
        let reached: Vec<HashSet<u32>> = (0..words.len() as u32)
            .map(|list| self.within(list).into_iter().skip(1).map(|(inner, _)| inner).collect())
            .collect();
        for number in 0..words.len() as u32 {
            let in_ring =
                |other: &u32| reached[number as usize].contains(other) && reached[*other as usize].contains(&number);
            let Some(first) = (0..=number).find(in_ring) else {
                continue;
            };
            if first == number {
                let leads_back =
                    |(list, _): &&(u32, Place)| *list == number || reached[*list as usize].contains(&number);
                if let Some((_, place)) = self.elements[number as usize].lists.iter().find(leads_back) {
                    let message = format!("the list \"@{}\" would be within itself", words[number as usize].name);
                    self.errors.push(RuleError { place: place.clone(), message });
                }
            }
        }
    }

    /// The list itself and every list in it, each with the list that led there. A list that leads
    /// back to itself comes a second time.
    fn within(&self, list: u32) -> Vec<(u32, Option<usize>)> {
        let mut found: Vec<(u32, Option<usize>)> = vec![(list, None)];
        let mut seen = HashSet::new();
        let mut next = 0;
        while next < found.len() {
            for (inner, _) in &self.elements[found[next].0 as usize].lists {
                if seen.insert(*inner) {
                    found.push((*inner, Some(next)));
                }
            }
            next += 1;
        }
        found
    }

    /// Lets terms know the lists that they count in, and lists the topics that they wake.
    fn connect(&mut self, words: &[WordList]) {
        let mut uses = vec![0_u32; self.elements.len()];
        for topic in &self.rules.topics {
            let slots = [&topic.enough, &topic.unless, &topic.never].into_iter().chain(&topic.together);
            let points = topic.points.iter().flat_map(|(lists, _)| lists);
            slots.flatten().chain(points).for_each(|list| uses[*list as usize] += 1);
        }
        let mut is_used = vec![false; self.elements.len()];
        for list in (0..self.elements.len() as u32).filter(|list| uses[*list as usize] > 0) {
            let within = self.within(list);
            for (inner, _) in &within {
                is_used[*inner as usize] = true;
            }
            for at in 0..within.len() {
                let excepts = self.excepts_on_the_way(&within, at);
                for term in &self.elements[within[at].0 as usize].terms {
                    self.rules.terms[*term as usize].counts_in.push((list, excepts));
                }
            }
        }
        let names = self.elements.iter_mut().map(|elements| std::mem::take(&mut elements.name));
        self.rules.lists.extend(names.map(|name| ListRule { name, wakes: Vec::new() }));
        for (number, topic) in self.rules.topics.iter().enumerate() {
            // `together` needs a hit of each, so that the list which fewest others use may wake it.
            let rarest =
                topic.together.iter().min_by_key(|slot| slot.iter().map(|list| uses[*list as usize]).sum::<u32>());
            let points = topic.points.iter().flat_map(|(lists, _)| lists);
            for list in topic.enough.iter().chain(rarest.into_iter().flatten()).chain(points) {
                self.rules.lists[*list as usize].wakes.push(number as u32);
            }
        }
        for (list, _) in words.iter().zip(&is_used).filter(|(_, is_used)| !**is_used) {
            let key = list.languages.first().map_or("except", |(language, _)| language.as_str());
            let place = Place::Words { list: list.name.clone(), key: key.into(), index: 0 };
            self.warnings.push(RuleError { place, message: format!("no topic uses the list \"@{}\"", list.name) });
        }
    }

    fn excepts_on_the_way(&mut self, within: &[(u32, Option<usize>)], at: usize) -> u32 {
        let way = std::iter::successors(Some(at), |at| within[*at].1).map(|at| within[at].0);
        let excepts: Vec<u32> = way.filter(|list| self.elements[*list as usize].has_except).collect();
        let sets = &mut self.rules.excepts;
        let known = sets.iter().position(|set| *set == excepts);
        known.unwrap_or_else(|| {
            sets.push(excepts);
            sets.len() - 1
        }) as u32
    }
}

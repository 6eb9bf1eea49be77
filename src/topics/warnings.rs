//! What rules are allowed to say but hardly mean: words that collide with other words. Found by
//! looking at forms, as a reader of the lists cannot.

use super::compiled::{ANY, Rules};
use super::language;
use super::rules::{Place, RuleError};
use std::collections::HashSet;

/// Every collision, in the order of the terms. `places` are those of the rules' terms.
pub(super) fn collisions(rules: &Rules, places: &[Place]) -> Vec<RuleError> {
    let opposed = opposed_lists(rules);
    let mut found: Vec<(u32, String)> = Vec::new();
    for (form, words) in rules.index.all() {
        let terms: Vec<u32> = words.filter_map(|word| lone_term(rules, word)).collect();
        for term in &terms {
            found.extend(everyday(rules, *term, form).map(|message| (*term, message)));
            found.extend(against(rules, *term, &terms, &opposed, form).map(|message| (*term, message)));
        }
    }
    found.sort();
    found.dedup();
    found.into_iter().map(|(term, message)| RuleError { place: places[term as usize].clone(), message }).collect()
}

/// The term that consists of this word alone, in any of its forms.
pub(super) fn lone_term(rules: &Rules, word: u32) -> Option<u32> {
    let rule = &rules.words[word as usize];
    let is_lone = |part: &u32| {
        let part = &rules.parts[*part as usize];
        part.rest.is_empty() && rules.terms[part.term as usize].distances.is_empty()
    };
    let part = rule.begins.iter().copied().find(is_lone)?;
    (rule.kind == super::terms::Kind::Forms).then(|| rules.parts[part as usize].term)
}

/// A word of one language may look like a small word of another, as the French goal (`but`) does.
fn everyday(rules: &Rules, term: u32, form: &str) -> Option<String> {
    let term = &rules.terms[term as usize];
    let own = rules.languages[term.language as usize].as_str();
    let languages = language::everyday(form);
    if languages.is_empty() || languages.contains(&own) {
        return None;
    }
    let of = languages.join(", ");
    Some(format!(
        "\"{}\" is found in \"{form}\" as well, an everyday word of {of}; list a phrase or \"=…\"",
        term.written
    ))
}

/// A word that a topic looks for may look like one that cancels it.
fn against(rules: &Rules, term: u32, others: &[u32], opposed: &HashSet<(u32, u32)>, form: &str) -> Option<String> {
    let rule = &rules.terms[term as usize];
    for other in others.iter().filter(|other| **other != term).map(|other| &rules.terms[*other as usize]) {
        let lists =
            |(mine, _): &(u32, u32)| other.counts_in.iter().any(|(theirs, _)| opposed.contains(&(*mine, *theirs)));
        if rule.counts_in.iter().any(lists) {
            let language = rules.languages[other.language as usize].as_str();
            let whose = if language == ANY { String::new() } else { format!(" ({language})") };
            let (written, other) = (&rule.written, &other.written);
            return Some(format!(
                "\"{written}\" is wanted and \"{other}\"{whose} is not, but both are found in \"{form}\""
            ));
        }
    }
    None
}

/// Pairs of lists of which the first speaks for a topic and the second against it.
fn opposed_lists(rules: &Rules) -> HashSet<(u32, u32)> {
    let mut opposed = HashSet::new();
    for topic in &rules.topics {
        let points = topic.points.iter().flat_map(|(lists, _)| lists);
        for wanted in topic.enough.iter().chain(topic.together.iter().flatten()).chain(points) {
            opposed.extend(topic.unless.iter().chain(&topic.never).map(|unwanted| (*wanted, *unwanted)));
        }
    }
    opposed
}

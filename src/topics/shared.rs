//! Warns of forms that words of two wanted lists share: one word of a text is then taken for both.
//! Lists that a topic joins with "either" may share what they like, and so may translations of a word.

use super::compiled::Rules;
use super::rules::{Place, RuleError};
use super::warnings::lone_term;
use crate::fold::fold;
use std::collections::BTreeMap;

/// So many words of two lists are named; who sees three knows what is wrong with the rest.
const SHOWN_MAX: usize = 3;

/// The warnings, at most so many for two lists.
pub(super) fn forms(rules: &Rules, places: &[Place]) -> Vec<RuleError> {
    let roles = roles(rules);
    let mut clashes = Clashes::new();
    for (form, words) in rules.index.all() {
        let terms: Vec<u32> = words.filter_map(|word| lone_term(rules, word)).collect();
        find(rules, &uses(rules, &roles, &terms), form, &mut clashes);
    }
    clashes.into_values().flat_map(|of_lists| told(rules, places, of_lists.into_values().collect())).collect()
}

/// What a list is to a topic that wants it: one of `together`, by number, or enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Enough,
    Part(u32),
}

/// A term, and what it is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    topic: u32,
    role: Role,
    list: u32,
    term: u32,
}

/// By pair of lists and then by term of the first: two uses of one word of a text, and that word. The
/// first is kept; what else the term clashes with or in which other forms says nothing more.
type Clashes = BTreeMap<(u32, u32), BTreeMap<u32, (Use, Use, String)>>;

/// What each list is to the topics that want it, by list.
fn roles(rules: &Rules) -> Vec<Vec<(u32, Role)>> {
    let mut roles = vec![Vec::new(); rules.lists.len()];
    for (topic, rule) in (0..).zip(&rules.topics) {
        let points = rule.points.iter().flat_map(|(lists, _)| lists);
        for list in rule.enough.iter().chain(points) {
            roles[*list as usize].push((topic, Role::Enough));
        }
        for (number, part) in (0..).zip(&rule.together) {
            part.iter().for_each(|list| roles[*list as usize].push((topic, Role::Part(number))));
        }
    }
    roles
}

fn uses(rules: &Rules, roles: &[Vec<(u32, Role)>], terms: &[u32]) -> Vec<Use> {
    let mut uses = Vec::new();
    for term in terms {
        for (list, _) in &rules.terms[*term as usize].counts_in {
            let roles = roles[*list as usize].iter();
            uses.extend(roles.map(|(topic, role)| Use { topic: *topic, role: *role, list: *list, term: *term }));
        }
    }
    uses.sort_unstable();
    uses
}

fn find(rules: &Rules, uses: &[Use], form: &str, clashes: &mut Clashes) {
    let wants = |topic: u32, term: u32| uses.iter().any(|other| other.topic == topic && other.term == term);
    for (at, left) in uses.iter().enumerate() {
        for right in &uses[at + 1..] {
            let is_clash = if left.topic == right.topic {
                // Sorted: were the word enough for the topic, that would come first.
                let is_enough = uses.iter().any(|other| other.topic == left.topic && other.role == Role::Enough);
                !is_enough && left.role != right.role
            } else {
                !wants(left.topic, right.term)
                    && !wants(right.topic, left.term)
                    && are_other_words(rules, left.term, right.term, form)
            };
            if is_clash {
                let of_lists = clashes.entry((left.list, right.list)).or_default();
                of_lists.entry(left.term).or_insert_with(|| (*left, *right, form.to_owned()));
            }
        }
    }
}

/// Whether two terms with this form are two words, as far as forms can tell. Translations of a word
/// are often alike; within a language, or where one word has an ending and the other has none, it is
/// chance.
fn are_other_words(rules: &Rules, left: u32, right: u32, form: &str) -> bool {
    let (left, right) = (&rules.terms[left as usize], &rules.terms[right as usize]);
    let (first, second) = (fold(&left.written), fold(&right.written));
    first != second && (left.language == right.language || (first == form) != (second == form))
}

fn told(rules: &Rules, places: &[Place], clashes: Vec<(Use, Use, String)>) -> Vec<RuleError> {
    let more = clashes.len().saturating_sub(SHOWN_MAX);
    let tell = |(at, (left, right, form)): (usize, (Use, Use, String))| {
        let written = |term: u32| &rules.terms[term as usize].written;
        let (mine, other, list) =
            (written(left.term), written(right.term), |of: Use| &rules.lists[of.list as usize].name);
        let what = if left.term == right.term {
            format!("\"{mine}\" is in {} and in {}", list(left), list(right))
        } else {
            format!("\"{mine}\" and \"{other}\" ({}) are both found in \"{form}\"", places[right.term as usize])
        };
        let topic = |of: Use| &rules.topics[of.topic as usize].id;
        let so = if left.topic == right.topic {
            format!("so this word alone is both {} and {} for topic {}", list(left), list(right), topic(left))
        } else {
            format!("so it counts for topic {} and for topic {}", topic(left), topic(right))
        };
        let rest = if at + 1 == SHOWN_MAX && more > 0 { format!(" ({more} more are alike)") } else { String::new() };
        RuleError { place: places[left.term as usize].clone(), message: format!("{what}, {so}{rest}") }
    };
    clashes.into_iter().take(SHOWN_MAX).enumerate().map(tell).collect()
}

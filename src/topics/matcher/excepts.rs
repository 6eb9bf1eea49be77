//! Places in a text that do not count: `Amaro Montenegro` is not the country.

use super::reading::Occurrence;
use crate::topics::compiled::Rules;

/// The places that do not count, by list.
pub(super) struct Excepts {
    /// List, text, first place, and the furthest last place of all up to here; sorted.
    places: Vec<(u32, u32, u32, u32)>,
}

impl Excepts {
    /// Those among what was found.
    pub fn of(rules: &Rules, occurrences: &[Occurrence]) -> Self {
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
    pub fn cover(&self, list: u32, found: &Occurrence) -> bool {
        let after = self.places.partition_point(|place| (place.0, place.1, place.2) <= (list, found.text, found.first));
        let before = after.checked_sub(1).map(|at| self.places[at]);
        before.is_some_and(|(of, text, _, last)| of == list && text == found.text && found.last <= last)
    }
}

//! Words in a row and words near each other. Each function is linear in what was found, so that no
//! text can make them slow.

use super::reading::{Occurrence, WordHit};

/// The last word of a phrase whose first is `first`, if all the others follow. `words` begin with it.
pub(super) fn follow(rest: &[(u32, u32)], first: WordHit, words: &[WordHit]) -> Option<WordHit> {
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
pub(super) fn join(parts: &[Occurrence], distances: &[u32]) -> Vec<Occurrence> {
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
pub(super) fn keep_near<'o>(slots: &[Vec<&'o Occurrence>], near: u32) -> Option<Vec<Vec<&'o Occurrence>>> {
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

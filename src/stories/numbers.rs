//! Small sorted sets of small numbers: the words of a title, the runs of a text.

/// Sorts, and leaves each number once.
pub(super) fn set(mut numbers: Vec<u16>) -> Vec<u16> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// How many numbers two sorted sets have in common.
pub(super) fn shared(one: &[u16], other: &[u16]) -> usize {
    let (mut at, mut beside, mut count) = (0, 0, 0);
    while let (Some(left), Some(right)) = (one.get(at), other.get(beside)) {
        match left.cmp(right) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => beside += 1,
            std::cmp::Ordering::Equal => {
                count += 1;
                at += 1;
                beside += 1;
            }
        }
    }
    count
}

/// The share of what both have in what either has (Jaccard); 1 for two empty sets.
pub(super) fn alike(one: &[u16], other: &[u16]) -> f32 {
    let both = shared(one, other);
    let either = one.len() + other.len() - both;
    if either == 0 { 1.0 } else { both as f32 / either as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_compared_by_what_they_share() {
        let (one, other) = (set(vec![3, 1, 2, 3]), set(vec![2, 3, 4]));
        assert_eq!((one.len(), shared(&one, &other)), (3, 2));
        assert_eq!(alike(&one, &other), 0.5);
        assert_eq!((alike(&[], &[]), alike(&one, &[])), (1.0, 0.0));
    }
}

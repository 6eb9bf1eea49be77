//! "Did you mean": which of the known names is nearest to a mistyped one.

/// The name that was probably meant.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = name.chars().count() / 3 + 1;
    known
        .map(|known| (edits(name, known), known))
        .filter(|(edits, _)| *edits <= most)
        .min_by(|left, right| left.cmp(right))
        .map(|(_, known)| known)
}

/// How many letters have to be added, removed or changed.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        assert_eq!(nearest(name, ["places", "security", "sport", "sports"].into_iter()), expected, "{name}");
    }

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        check("plases", Some("places"));
        check("place", Some("places"));
        check("secruity", Some("security"));
        check("sprt", Some("sport"));
        check("energy", None);
        check("", None);
    }
}

//! Words marked in a text: those that gave an entry its topics.

use super::super::item::Item;
use super::super::text::escaped;
use std::collections::HashSet;

/// More would be a painted page, and each costs bytes.
const MARKS_MAX: usize = 300;

/// The words that gave an entry its topics, in one of these fields; each once, as they stand there.
pub(super) fn words<'a>(item: &'a Item, fields: &[&str]) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    let hits = item.topics.iter().flat_map(|topic| &topic.matched);
    hits.filter(|hit| fields.contains(&hit.field.as_str()))
        .map(|hit| hit.found.trim())
        .filter(|word| !word.is_empty() && seen.insert(*word))
        .collect()
}

/// Marks words in text of HTML, which has its entities and no tags.
pub(super) struct Marker {
    /// As HTML writes them, longest first: of two that begin at one place, the longer is meant.
    words: Vec<String>,
    left: usize,
}

impl Marker {
    pub(super) fn new(words: &[&str]) -> Self {
        let mut words: Vec<String> = words.iter().map(|word| escaped(word)).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self { words, left: MARKS_MAX }
    }

    /// Writes `html` with the words marked that stand there whole.
    pub(super) fn mark(&mut self, html: &str, written: &mut String) {
        let mut rest = 0;
        while self.left > 0
            && let Some((start, end)) = self.next(html, rest)
        {
            written.push_str(&html[rest..start]);
            written.push_str("<mark>");
            written.push_str(&html[start..end]);
            written.push_str("</mark>");
            rest = end;
            self.left -= 1;
        }
        written.push_str(&html[rest..]);
    }

    /// The first place of any word, from `from` on.
    fn next(&self, html: &str, from: usize) -> Option<(usize, usize)> {
        let places = self.words.iter().filter_map(|word| {
            let mut found =
                html[from..].match_indices(word.as_str()).map(|(at, _)| (from + at, from + at + word.len()));
            found.find(|(start, end)| is_whole(html, *start, *end))
        });
        places.min_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)))
    }
}

/// Whether no letter stands before or after, and the place is not within an entity.
fn is_whole(html: &str, start: usize, end: usize) -> bool {
    let before = html[..start].chars().next_back();
    let after = html[end..].chars().next();
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    !is_letter(before) && !is_letter(after) && !is_in_entity(&html[..start])
}

/// Whether a text ends within an entity: after its `&`, before its `;`.
fn is_in_entity(before: &str) -> bool {
    let name = before.rfind('&').map(|at| &before[at + 1..]);
    name.is_some_and(|name| name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(words: &[&str], html: &str) -> String {
        let mut written = String::new();
        Marker::new(words).mark(html, &mut written);
        written
    }

    #[test]
    fn marks_whole_words_wherever_they_stand() {
        for (words, html, expected) in [
            (&["KFOR"][..], "KFOR, KFORa i KFOR", "<mark>KFOR</mark>, KFORa i <mark>KFOR</mark>"),
            (&["Kosovo", "northern Kosovo"], "in northern Kosovo", "in <mark>northern Kosovo</mark>"),
            (&["КФОР"], "„КФОР“ појачава", "„<mark>КФОР</mark>“ појачава"),
            (&["amp", "lt"], "R &amp; D &lt;b&gt; amp", "R &amp; D &lt;b&gt; <mark>amp</mark>"),
            (&["R&D"], "R&amp;D", "<mark>R&amp;D</mark>"),
            (&["<b>"], "a <b>c", "a <b>c"),
            (&["patrole", "x"], "", ""),
            (&[], "KFOR", "KFOR"),
        ] {
            assert_eq!(marked(words, html), expected, "{words:?}");
        }
    }

    #[test]
    fn marks_no_more_than_a_page_can_carry() {
        let text = "KFOR ".repeat(2 * MARKS_MAX);
        assert_eq!(marked(&["KFOR"], &text).matches("<mark>").count(), MARKS_MAX);
    }
}

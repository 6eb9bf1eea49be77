//! The words that an entry is found by, folded as topics fold them: script, case and marks do not
//! matter. What is asked goes the same way.

use super::{Phrase, Query};
use crate::feed::Entry;
use crate::fold::{Class, Folded, Folds};
use crate::topics;
use std::ops::Range;

/// What a long report has in two languages; with more of it, one entry could fill the index.
const INDEXED_BYTES_MAX: usize = 64 * 1024;

/// No word of any language is longer; the beginning of one that is finds it.
const WORD_BYTES_MAX: usize = 64;

/// Between fields, so that no phrase begins in one and ends in the next. No letter, so that no word
/// is this.
const BREAK: &str = "·";

/// The words of an entry: title, summary, content, the authors' names and the publisher's categories.
pub fn of_entry(entry: &Entry) -> String {
    let mut found = String::new();
    let content = folded_html(entry.content.as_deref());
    let summary = folded_html(entry.summary.as_deref());
    add(&mut found, &entry.title.as_deref().map(folded).unwrap_or_default());
    // Many feeds begin the content with the summary.
    if !content.starts_with(&summary) {
        add(&mut found, &summary);
    }
    add(&mut found, &content);
    for name in entry.authors.iter().filter_map(|author| author.name.as_deref()) {
        add(&mut found, &folded(name));
    }
    for category in &entry.categories {
        add(&mut found, &folded(category.label.as_deref().unwrap_or(&category.term)));
    }
    found.truncate(cut(&found));
    found
}

fn folded_html(html: Option<&str>) -> String {
    html.map(|html| folded(&topics::plain(topics::beginning(html, INDEXED_BYTES_MAX)))).unwrap_or_default()
}

fn add(found: &mut String, field: &str) {
    if !field.is_empty() {
        found.push_str(field);
        found.push_str(BREAK);
        found.push(' ');
    }
}

/// Where to end: between two words.
fn cut(text: &str) -> usize {
    match text.len() > INDEXED_BYTES_MAX {
        true => topics::beginning(text, INDEXED_BYTES_MAX).rfind(' ').unwrap_or(0),
        false => text.len(),
    }
}

/// The words of a text, each with a space after it.
pub(super) fn folded(text: &str) -> String {
    let mut folded = Vec::with_capacity(text.len() + 1);
    each_word(text, &mut folded, |folded, _| folded.push(b' '));
    String::from_utf8(folded).expect("folds are whole characters")
}

/// Adds every word of `text` to `out`, folded, and calls `each` behind it with where it stands in `text`.
fn each_word(text: &str, out: &mut Vec<u8>, mut each: impl FnMut(&mut Vec<u8>, Range<usize>)) {
    let folds = Folds::get();
    let (mut begin, mut place, mut at) = (out.len(), 0..0, 0);
    while let Some(letter) = text[at..].chars().next() {
        // Most words are of plain letters.
        let plain = text[at..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        let folded = folds.of(letter);
        let next = at + plain.max(letter.len_utf8());
        match folded.class {
            Class::Word => {
                if out.len() == begin {
                    place.start = at;
                }
                append(out, &text[at..at + plain], folded);
                place.end = next;
            }
            Class::Ignored => {}
            Class::Separator | Class::Hyphen | Class::Apostrophe => begin = end_word(out, begin, &place, &mut each),
        }
        at = next;
    }
    end_word(out, begin, &place, &mut each);
}

/// Adds plain letters, or one letter where there are none.
fn append(out: &mut Vec<u8>, plain: &str, folded: Folded) {
    if plain.is_empty() {
        return folded.append_to(out);
    }
    let begin = out.len();
    out.extend_from_slice(plain.as_bytes());
    out[begin..].make_ascii_lowercase();
}

/// Cuts the word that begins there where it is too long, and tells of it if there is any; answers where the
/// next one begins.
fn end_word(
    out: &mut Vec<u8>,
    begin: usize,
    place: &Range<usize>,
    each: &mut impl FnMut(&mut Vec<u8>, Range<usize>),
) -> usize {
    let mut end = out.len().min(begin + WORD_BYTES_MAX);
    // Between two letters.
    while out.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    out.truncate(end);
    if end > begin {
        each(out, place.clone());
    }
    out.len()
}

/// The words of a text that were asked for, as they stand there; each once.
pub fn asked<'a>(query: &Query, text: &'a str) -> Vec<&'a str> {
    let is_asked = |word: &str| query.phrases.iter().any(|phrase| has(phrase, word));
    let mut asked = Vec::new();
    each_word(text, &mut Vec::new(), |word, place| {
        let is_new = !asked.contains(&&text[place.clone()]);
        if is_new && std::str::from_utf8(word).is_ok_and(is_asked) {
            asked.push(&text[place]);
        }
        word.clear();
    });
    asked
}

fn has(phrase: &Phrase, word: &str) -> bool {
    let is_begun = phrase.is_prefix && phrase.words.last().is_some_and(|last| word.starts_with(last.as_str()));
    is_begun || phrase.words.iter().any(|asked| asked == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Category, EntryKey, Person};

    fn check(text: &str, expected: &str) {
        assert_eq!(folded(text), expected, "{text}");
    }

    #[test]
    fn both_scripts_any_case_and_no_marks_are_one_word() {
        check("Војска ВОЈСКА vojska Vojska", "vojska vojska vojska vojska ");
        check("Đukanović Ђукановић", "djukanovic djukanovic ");
        check("Kosovë KFOR-it l’État", "kosove kfor it l etat ");
    }

    #[test]
    fn what_cannot_be_seen_does_not_part_a_word() {
        check("Ko\u{00ad}so\u{200c}vo Tirane\u{308}", "kosovo tirane ");
    }

    #[test]
    fn what_is_no_word_leaves_nothing() {
        check("", "");
        check("\0 \" * ( ) : ^ · — 🙂", "");
        check("ь", "");
    }

    #[test]
    fn a_word_without_end_is_cut_between_letters() {
        check(&"a".repeat(1000), &format!("{} ", "a".repeat(WORD_BYTES_MAX)));
        check(&format!("a{}", "日".repeat(100)), &format!("a{} ", "日".repeat((WORD_BYTES_MAX - 1) / 3)));
    }

    fn entry() -> Entry {
        Entry::new(EntryKey::new("1").expect("not empty"))
    }

    #[test]
    fn an_entry_is_found_by_all_that_people_read_of_it() {
        let entry = Entry {
            title: Some("Talks & more".to_owned()),
            summary: Some("<p>In <b>Pri</b>ština</p>".to_owned()),
            content: Some("<p>Later</p>".to_owned()),
            authors: vec![Person { name: Some("Ана".to_owned()), ..Person::default() }],
            categories: vec![Category { term: "NATO".to_owned(), scheme: None, label: None }],
            ..entry()
        };
        assert_eq!(of_entry(&entry), "talks more · in pristina · later · ana · nato · ");
    }

    #[test]
    fn a_summary_that_the_content_begins_with_counts_once() {
        let summary = Some("<p>One two</p>".to_owned());
        let entry = Entry { summary, content: Some("One two three".to_owned()), ..entry() };
        assert_eq!(of_entry(&entry), "one two three · ");
    }

    #[test]
    fn one_entry_cannot_fill_the_index() {
        let entry = Entry { content: Some("word ".repeat(1_000_000)), title: Some("a".repeat(100)), ..entry() };
        let words = of_entry(&entry);
        assert!(words.len() <= INDEXED_BYTES_MAX && words.ends_with("word"), "{}", words.len());
    }

    #[test]
    fn names_words_as_they_are_written() {
        let names = crate::search::Names::default();
        let query = crate::search::read("vojska sever* -rat", &names).expect("a query");
        let text = "ВОЈСКА на северу, rat i Vojska; Vojska";
        assert_eq!(asked(&query, text), ["ВОЈСКА", "северу", "Vojska"]);
    }
}

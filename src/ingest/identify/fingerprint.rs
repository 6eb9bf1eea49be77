//! One number for what a person reads in an entry. Two readings of it have the same number when
//! only dates, markup, white space, punctuation, counters or the way of measuring differ.

use super::link::canonical_link;
use crate::feed::Entry;
use crate::words::{self, Counts};
use sha2::{Digest, Sha256};

/// The fingerprint of `entry`, whose summary and content say `texts` in plain words and whose link is
/// `link` in its canonical form.
pub(super) fn of(entry: &Entry, texts: &[String; 2], link: Option<&str>) -> u64 {
    let mut read = Vec::new();
    let mut field = |name: &str, write: &dyn Fn(&mut Vec<u8>)| {
        read.push(0);
        read.extend_from_slice(name.as_bytes());
        write(&mut read);
    };
    field("title", &|read| words(entry.title.as_deref().unwrap_or_default(), read));
    field("link", &|read| read.extend_from_slice(link.unwrap_or_default().as_bytes()));
    for (name, text) in ["summary", "content"].into_iter().zip(texts) {
        field(name, &|read| words(text, read));
    }
    for enclosure in &entry.enclosures {
        field("enclosure", &|read| read.extend_from_slice(file(&enclosure.url).as_bytes()));
    }
    let digest = Sha256::digest(&read);
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The words of a text, without its counters.
fn words(text: &str, read: &mut Vec<u8>) {
    let text = words::visible(text);
    // Between two words stands one byte at least: what is written is no longer than the text.
    read.reserve(text.len() + 1);
    for word in words::of(&text) {
        if word.counts != Counts::Yes {
            read.push(b' ');
            read.extend_from_slice(word.text.as_bytes());
        }
    }
}

/// The address of a file without its parameters, which measure and expire.
fn file(url: &str) -> String {
    let link = canonical_link(url).unwrap_or_else(|| url.to_owned());
    link.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(title: &str) -> Vec<u8> {
        let mut read = Vec::new();
        words(title, &mut read);
        read
    }

    #[test]
    fn counters_and_punctuation_do_not_count() {
        for (one, other) in [
            ("Road closed (12)", "Road closed (345)"),
            ("Road closed, 12 comments", "Road closed, 1 comments"),
            ("Points: 5 # Comments: 12", "Points: 17 # Comments: 99"),
            ("Пут затворен [3 коментара]", "Пут затворен [14 коментара]"),
            ("It’s “over” — says mayor", "It's \"over\" - says mayor"),
            ("a  b", "a b."),
            ("Road closed. 1,234 views", "Road closed. 1,312 views"),
            ("Road closed. Updated 3 hours ago", "Road closed. Updated 1 day ago"),
            ("12 points | 3 comments | Road closed", "15 points | 4 comments | Road closed"),
            ("5 votes", "6 votes"),
            ("Donau\u{AD}dampf\u{200D} x\u{200B}y", "Donaudampf xy"),
            ("می\u{200C}خواهم", "میخواهم"),
        ] {
            assert_eq!(number(one), number(other), "{one} / {other}");
        }
    }

    #[test]
    fn words_and_numbers_count() {
        for (one, other) in [
            ("Part 1", "Part 2"),
            ("v1.4.1", "v1.4.2"),
            ("4 dead", "5 dead"),
            ("3.5", "35"),
            ("ab c", "a bc"),
            ("Up 5", "Up 5%"),
            ("Пут", "Путеви"),
            ("👍", "👎"),
            ("Fire (Monday)", "Fire (Tuesday)"),
            ("likely 5", "unlikely 5"),
            ("Law passes with 61 votes", "Law passes with 62 votes"),
            ("Law passes, 61 votes", "Law passes, 62 votes"),
            ("Maria Smith (52) wins the race", "Maria Smith (53) wins the race"),
            ("Down 3 points", "Down 4 points"),
        ] {
            assert_ne!(number(one), number(other), "{one} / {other}");
        }
    }
}

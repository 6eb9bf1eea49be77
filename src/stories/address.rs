//! What a canonical link says of its article beside being its address: the site, the number that
//! the publisher gave it, the words in its path.

use url::Url;

/// A canonical link taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The domain under which a publisher has its hosts: `n.example` for `news.n.example`.
    pub site: String,
    /// Path and parameters, without the host; empty for a front page.
    pub path: String,
    /// The article's number: digits, or letters and digits that no word is written with.
    pub number: Option<String>,
    /// All digits of the path in order: a number, a day, a page.
    pub digits: String,
    /// The longest part of the path that is words, without the number.
    pub slug: Option<String>,
    /// The path without its last part and without whatever has digits: where the site keeps such
    /// articles.
    pub shelf: String,
}

/// Digits that are more than a year, a day or a page.
const NUMBER_DIGITS_MIN: usize = 6;
/// `article12345678`.
const MARK_LETTERS_MAX: usize = 7;
/// Letters and digits mixed that are more than a model's name.
const CODE_LETTERS_MIN: usize = 8;
/// Fewer words are a section's name.
const SLUG_WORDS_MIN: usize = 3;

impl Address {
    /// The parts of a canonical link; empty for anything else.
    pub fn of(link: &str) -> Self {
        let Ok(url) = Url::parse(link) else { return Self::default() };
        let host = url.host_str().unwrap_or_default();
        let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let mut path = url.path().trim_end_matches('/').to_owned();
        for (mark, rest) in [('?', url.query()), ('#', url.fragment())] {
            if let Some(rest) = rest {
                path.push(mark);
                path.push_str(rest);
            }
        }
        let has_digit = |segment: &str| segment.bytes().any(|byte| byte.is_ascii_digit());
        let shelf = segments.split_last().map_or(&[][..], |(_, folders)| folders);
        Self {
            site: site(host),
            digits: digits(url.path()),
            number: segments.iter().rev().find_map(|segment| number(segment)),
            slug: segments.iter().filter_map(|segment| slug(segment)).max_by_key(String::len),
            shelf: shelf.iter().filter(|segment| !has_digit(segment)).copied().collect::<Vec<_>>().join("/"),
            path,
        }
    }
}

fn digits(path: &str) -> String {
    let groups = path.split(|letter: char| !letter.is_ascii_digit()).filter(|group| !group.is_empty());
    groups.collect::<Vec<_>>().join(" ")
}

/// The last two labels of a host, three where the last but one only says what kind of name it is.
fn site(host: &str) -> String {
    const KINDS: [&str; 9] = ["co", "com", "org", "net", "gov", "edu", "ac", "in", "gob"];
    let labels: Vec<&str> = host.split('.').collect();
    let is_of_kind = |at: usize| labels.get(at).is_some_and(|label| KINDS.contains(label));
    let count = if labels.len() > 2 && is_of_kind(labels.len() - 2) { 3 } else { 2 };
    labels[labels.len().saturating_sub(count)..].join(".")
}

/// The number in a part of a path, if one is in it: `12345678` of `a-story-12345678.html`.
fn number(segment: &str) -> Option<String> {
    let stem = stem(segment);
    stem.split(['-', '_', '.', ',']).rev().find(|part| is_number(part) || is_code(part)).map(str::to_ascii_lowercase)
}

/// Digits, perhaps with the letter or the word for an article before them: `b1234567`.
fn is_number(part: &str) -> bool {
    let digits = part.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let is_day = digits.len() == 8 && (digits.starts_with("19") || digits.starts_with("20"));
    let is_marked = part.len() - digits.len() <= MARK_LETTERS_MAX;
    is_marked && digits.len() >= NUMBER_DIGITS_MIN && !is_day && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits that take turns, as in `8x7kq2vjw`; a word with a year at its end is none.
fn is_code(part: &str) -> bool {
    let is_digit: Vec<bool> = part.bytes().map(|byte| byte.is_ascii_digit()).collect();
    let turns = is_digit.windows(2).filter(|pair| pair[0] != pair[1]).count();
    part.len() >= CODE_LETTERS_MIN && turns >= 2 && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The words in a part of a path, without numbers, codes and the file's ending.
fn slug(segment: &str) -> Option<String> {
    let words: Vec<&str> =
        stem(segment).split(['-', '_']).filter(|word| !word.is_empty() && !is_number(word) && !is_code(word)).collect();
    (words.len() >= SLUG_WORDS_MIN).then(|| words.join("-").to_lowercase())
}

/// Without the ending that says what kind of file it is.
fn stem(segment: &str) -> &str {
    match segment.rsplit_once('.') {
        Some((stem, kind)) if (2..=5).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_alphabetic()) => stem,
        _ => segment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: &str, site: &str, number: &str, slug: &str) {
        let address = Address::of(link);
        let some = |found: &Option<String>| found.clone().unwrap_or_else(|| "-".to_owned());
        assert_eq!(
            (address.site.as_str(), &*some(&address.number), &*some(&address.slug)),
            (site, number, slug),
            "{link}"
        );
    }

    #[test]
    fn an_article_has_a_number_wherever_it_stands() {
        check(
            "https://news.n.co.uk/a/article-9902713/two-goals-in-derby.html",
            "n.co.uk",
            "9902713",
            "two-goals-in-derby",
        );
        check("https://n.example/5500123/x.html", "n.example", "5500123", "-");
        check("https://n.example/story-25188076", "n.example", "25188076", "-");
        check("https://n.example/news/a-story-b1234567.html", "n.example", "b1234567", "-");
        check("https://n.example/news/articles/cvgeydkz08go", "n.example", "cvgeydkz08go", "-");
        check("https://n.example/@a/how-we-cut-it-3f2a1b0c9d8e", "n.example", "3f2a1b0c9d8e", "how-we-cut-it");
    }

    #[test]
    fn a_date_a_page_and_a_word_are_no_numbers() {
        check("https://n.example/2018/05/31/a-b-c/", "n.example", "-", "a-b-c");
        check("https://n.example/20180531/a", "n.example", "-", "-");
        check("https://n.example/politics?page=2", "n.example", "-", "-");
        check("https://n.example/covid2021", "n.example", "-", "-");
        check("nonsense", "", "-", "-");
    }
}

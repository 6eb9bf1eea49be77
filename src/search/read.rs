//! The query language: words, "phrases", beginnings*, -what is not wanted, and filters such as
//! `topic:ID`. Every refusal says where, what, and what was probably meant.

use super::text::folded;
use super::{Moment, PREFIX_LETTERS_MIN, Phrase, QUERY_CHARS_MAX, Query, TERMS_MAX};
use crate::duration;
use crate::feed::language_key;
use crate::topics::nearest;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::fmt;

/// What filters may name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Topics' ids.
    pub topics: Vec<String>,
    /// Subscriptions' ids with their tags.
    pub feeds: Vec<(String, Vec<String>)>,
}

/// Why a query cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The part that is wrong, as it was written; empty where it is the whole.
    pub part: String,
    /// Where it begins, in letters from 1.
    pub place: usize,
    /// In words.
    pub reason: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part.is_empty() {
            true => f.write_str(&self.reason),
            false => write!(f, "{} (letter {}): {}", self.part, self.place, self.reason),
        }
    }
}

impl std::error::Error for Error {}

/// Reads a query. One that asks for nothing is refused.
pub fn read(text: &str, names: &Names) -> Result<Query, Error> {
    if text.chars().nth(QUERY_CHARS_MAX).is_some() {
        return Err(whole(format!("the query is longer than {QUERY_CHARS_MAX} letters")));
    }
    let mut reading = Reading { names, query: Query::default(), feeds: Feeds::default(), canonical: Vec::new() };
    let parts = parts(text)?;
    if parts.len() > TERMS_MAX {
        return Err(whole(format!("the query has more than {TERMS_MAX} words and filters")));
    }
    for part in &parts {
        reading.take(part).map_err(|reason| Error { part: part.written.clone(), place: part.place, reason })?;
    }
    reading.finish()
}

fn whole(reason: String) -> Error {
    Error { part: String::new(), place: 1, reason }
}

/// One word, phrase or filter.
struct Part {
    /// As it was written, for people.
    written: String,
    place: usize,
    is_unwanted: bool,
    /// Before the colon, where that is a word.
    key: Option<String>,
    text: String,
    is_prefix: bool,
}

fn parts(text: &str) -> Result<Vec<Part>, Error> {
    let letters: Vec<char> = text.chars().map(straight).collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        if letters[at].is_whitespace() || letters[at].is_control() {
            at += 1;
            continue;
        }
        let start = at;
        let is_unwanted = letters[at] == '-';
        at += usize::from(is_unwanted);
        let mut key = None;
        let name = letters[at..].iter().take_while(|letter| letter.is_ascii_alphabetic()).count();
        if name > 0 && letters.get(at + name) == Some(&':') {
            key = Some(letters[at..at + name].iter().collect::<String>().to_ascii_lowercase());
            at += name + 1;
        }
        let is_quoted = letters.get(at) == Some(&'"');
        let length =
            |ends: &dyn Fn(&char) -> bool, from: usize| letters[from..].iter().take_while(|l| !ends(l)).count();
        let text: String;
        if is_quoted {
            let inner = length(&|letter| *letter == '"', at + 1);
            text = letters[at + 1..at + 1 + inner].iter().collect();
            at += inner + 1;
            if at >= letters.len() {
                let written = letters[start..].iter().collect();
                return Err(Error {
                    part: written,
                    place: start + 1,
                    reason: "the closing quote is missing".to_owned(),
                });
            }
            at += 1;
        } else {
            let inner = length(&|letter| letter.is_whitespace() || letter.is_control() || *letter == '"', at);
            text = letters[at..at + inner].iter().collect();
            at += inner;
        }
        let mut is_prefix = text.ends_with('*');
        if is_quoted && letters.get(at) == Some(&'*') {
            is_prefix = true;
            at += 1;
        }
        let written = letters[start..at].iter().collect();
        parts.push(Part { written, place: start + 1, is_unwanted, key, text, is_prefix });
    }
    Ok(parts)
}

/// Quotes as they come out of a text that was set by a typographer.
fn straight(letter: char) -> char {
    match letter {
        '„' | '“' | '”' | '«' | '»' => '"',
        '–' | '−' => '-',
        _ => letter,
    }
}

const KEYS: [&str; 6] = ["topic", "feed", "tag", "lang", "since", "before"];

struct Reading<'a> {
    names: &'a Names,
    query: Query,
    feeds: Feeds,
    canonical: Vec<String>,
}

/// Places in `Names::feeds`.
#[derive(Default)]
struct Feeds {
    chosen: Option<Vec<usize>>,
    unwanted: Vec<usize>,
}

impl Reading<'_> {
    fn take(&mut self, part: &Part) -> Result<(), String> {
        match part.key.as_deref() {
            None => self.words(part),
            Some(key) => self.filter(part, key),
        }
    }

    fn words(&mut self, part: &Part) -> Result<(), String> {
        let inner = part.text.strip_suffix('*').unwrap_or(&part.text);
        if inner.contains('*') {
            return Err("a * stands at the end of a word and for its endings alone".to_owned());
        }
        let words: Vec<String> = folded(inner).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        // An `&` or a dash between words is none.
        let Some(last) = words.last() else {
            return Ok(());
        };
        if part.is_prefix && last.chars().count() < PREFIX_LETTERS_MIN {
            return Err(format!("at least {PREFIX_LETTERS_MIN} letters stand before a *"));
        }
        let phrase = Phrase { words, is_prefix: part.is_prefix };
        let list = if part.is_unwanted { &mut self.query.unwanted } else { &mut self.query.phrases };
        if !list.contains(&phrase) {
            self.canonical.push(written(&phrase, part.is_unwanted));
            list.push(phrase);
        }
        Ok(())
    }

    fn filter(&mut self, part: &Part, key: &str) -> Result<(), String> {
        if !KEYS.contains(&key) {
            let hint = did_you_mean(key, KEYS.into_iter(), ":");
            return Err(format!("no filter has this name{hint} (a colon that is looked for stands in quotes)"));
        }
        if part.text.is_empty() {
            return Err(format!("nothing stands after {key}:, not even a space may come between"));
        }
        let value = part.text.as_str();
        let canonical = match key {
            "topic" => self.topic(value, part.is_unwanted)?,
            "feed" | "tag" => self.feed(key, value, part.is_unwanted)?,
            "lang" => self.language(value, part.is_unwanted)?,
            _ => self.moment(key, value, part.is_unwanted)?,
        };
        let minus = if part.is_unwanted { "-" } else { "" };
        let quote = if canonical.contains(char::is_whitespace) { "\"" } else { "" };
        let canonical = format!("{minus}{key}:{quote}{canonical}{quote}");
        if !self.canonical.contains(&canonical) {
            self.canonical.push(canonical);
        }
        Ok(())
    }

    fn topic(&mut self, id: &str, is_unwanted: bool) -> Result<String, String> {
        if !self.names.topics.iter().any(|known| known == id) {
            let hint = did_you_mean(id, self.names.topics.iter().map(String::as_str), "");
            return Err(format!("there is no such topic{hint}"));
        }
        add(if is_unwanted { &mut self.query.unwanted_topics } else { &mut self.query.topics }, id);
        Ok(id.to_owned())
    }

    fn feed(&mut self, key: &str, name: &str, is_unwanted: bool) -> Result<String, String> {
        let all = &self.names.feeds;
        let is_named = |(id, tags): &(String, Vec<String>)| match key {
            "tag" => tags.iter().any(|tag| tag == name),
            _ => id == name,
        };
        let found: Vec<usize> = (0..all.len()).filter(|at| is_named(&all[*at])).collect();
        if found.is_empty() {
            let known: Vec<&str> = match key {
                "tag" => all.iter().flat_map(|(_, tags)| tags).map(String::as_str).collect(),
                _ => all.iter().map(|(id, _)| id.as_str()).collect(),
            };
            let hint = did_you_mean(name, known.into_iter(), "");
            let what = if key == "tag" { "no feed has this tag" } else { "there is no such feed" };
            return Err(format!("{what}{hint}"));
        }
        match is_unwanted {
            true => self.feeds.unwanted.extend(found),
            false => self.feeds.chosen.get_or_insert_default().extend(found),
        }
        Ok(name.to_owned())
    }

    fn language(&mut self, tag: &str, is_unwanted: bool) -> Result<String, String> {
        let key = language_key(tag);
        if !(2..=3).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err("a language is two or three letters, as in lang:sr".to_owned());
        }
        add(if is_unwanted { &mut self.query.unwanted_languages } else { &mut self.query.languages }, &key);
        Ok(key)
    }

    fn moment(&mut self, key: &str, value: &str, is_unwanted: bool) -> Result<String, String> {
        if is_unwanted {
            let other = if key == "since" { "before" } else { "since" };
            return Err(format!("a - is for words, topics, feeds and languages; say {other}:{value}"));
        }
        let place = if key == "since" { &mut self.query.since } else { &mut self.query.before };
        if place.is_some() {
            return Err(format!("{key}: stands there twice"));
        }
        let moment = moment(value)?;
        *place = Some(moment);
        Ok(match moment {
            Moment::Ago(duration) => duration::write(duration),
            Moment::At(at) => at.format("%Y-%m-%d").to_string(),
        })
    }

    fn finish(self) -> Result<Query, Error> {
        let Self { names, mut query, feeds, mut canonical } = self;
        let is_limited = feeds.chosen.is_some() || !feeds.unwanted.is_empty();
        let has_filter = is_limited || !query.topics.is_empty() || !query.languages.is_empty() || query.since.is_some();
        if query.phrases.is_empty() && !has_filter && query.before.is_none() {
            let said = if canonical.is_empty() { "" } else { " but only what not to look for" };
            return Err(whole(format!("the query says nothing to look for{said}")));
        }
        if is_limited {
            let is_chosen = |at: &usize| {
                feeds.chosen.as_ref().is_none_or(|chosen| chosen.contains(at)) && !feeds.unwanted.contains(at)
            };
            let chosen = (0..names.feeds.len()).filter(is_chosen).map(|at| names.feeds[at].0.clone());
            query.feeds = Some(chosen.collect());
        }
        // Two orders of the same words are one query.
        canonical.sort();
        query.phrases.sort();
        query.unwanted.sort();
        query.text = canonical.join(" ");
        Ok(query)
    }
}

fn add(list: &mut Vec<String>, value: &str) {
    if !list.iter().any(|known| known == value) {
        list.push(value.to_owned());
    }
}

/// As the query would be typed.
fn written(phrase: &Phrase, is_unwanted: bool) -> String {
    let minus = if is_unwanted { "-" } else { "" };
    let star = if phrase.is_prefix { "*" } else { "" };
    match phrase.words() {
        [word] => format!("{minus}{word}{star}"),
        words => format!("{minus}\"{}\"{star}", words.join(" ")),
    }
}

fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>, after: &str) -> String {
    nearest(name, known).map(|meant| format!(", did you mean \"{meant}{after}\"?")).unwrap_or_default()
}

/// `7d`, or a day.
fn moment(text: &str) -> Result<Moment, String> {
    if text.contains('-') {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        let day = day.ok_or("a day is written year-month-day, as in 2026-11-01")?;
        return Ok(Moment::At(DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc)));
    }
    duration::parse(text, "d").map(Moment::Ago)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn names() -> Names {
        let feed = |id: &str, tags: &[&str]| (id.to_owned(), tags.iter().map(|&tag| tag.to_owned()).collect());
        Names {
            topics: vec!["security".to_owned(), "energy".to_owned()],
            feeds: vec![
                feed("wire", &["regional", "two words"]),
                feed("balkan-insight", &["regional"]),
                feed("blog", &[]),
            ],
        }
    }

    fn query(text: &str) -> Query {
        read(text, &names()).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn same(texts: &[&str], expected: &str) {
        for text in texts {
            assert_eq!(query(text).text, expected, "{text}");
        }
    }

    fn refuses(text: &str, expected: &str) {
        assert_eq!(
            read(text, &names()).map(|query| query.text).map_err(|error| error.to_string()),
            Err(expected.to_owned()),
            "{text}"
        );
    }

    #[test]
    fn one_query_has_one_spelling() {
        same(&["vojska", "ВОЈСКА", "  Vojska ", "vojska, vojska", "\u{1}vojska\0", "\"vojska\""], "vojska");
        same(&["Kosovo vojska", "vojska  Косово"], "kosovo vojska");
        same(
            &["\"Severna Makedonija\"", "„Северна Македонија“", "severna-makedonija", "«severna  makedonija»"],
            "\"severna makedonija\"",
        );
        same(&["vojsk*", "\"vojsk\"*", "војск*"], "vojsk*");
        same(&["KFOR -sport -\"a b\"", "-\"A, B\" –sport kfor"], "-\"a b\" -sport kfor");
        same(&["lang:sr", "lang:HR lang:bs", "LANG:cnr"], "lang:hbs");
        same(&["since:7d kfor", "kfor since:1w"], "kfor since:7d");
        same(&["tag:\"two words\""], "tag:\"two words\"");
        same(&["R & D —"], "d r");
    }

    #[test]
    fn what_it_wrote_it_reads_again() {
        for text in [
            "a \"b cde\"* -d topic:security -feed:wire tag:\"two words\" lang:sr since:36h before:2026-11-01",
            "-x since:1d",
        ] {
            let first = query(text);
            assert_eq!(query(&first.text), first, "{text}");
        }
    }

    #[test]
    fn fts5_has_no_words_of_its_own_here() {
        same(&["NEAR(a b)"], "\"near a\" b");
        same(&["a OR b", "a or b"], "a b or");
        same(&["a^ (b) {c} 'd' \"e+f\"", "a b c d e-f"], "\"e f\" a b c d");
    }

    #[test]
    fn filters_are_read() {
        let asked = query("topic:security topic:energy -topic:energy lang:sr lang:en -lang:sq kfor");
        assert_eq!((asked.topics.len(), asked.unwanted_topics.len()), (2, 1));
        assert_eq!(
            (asked.languages, asked.unwanted_languages),
            (vec!["hbs".to_owned(), "en".to_owned()], vec!["sq".to_owned()])
        );
        let feeds = |text: &str| query(text).feeds;
        let of = |ids: &[&str]| Some(ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>());
        assert_eq!(feeds("a"), None);
        assert_eq!(feeds("feed:blog feed:wire"), of(&["wire", "blog"]));
        assert_eq!(feeds("tag:regional -feed:wire"), of(&["balkan-insight"]));
        assert_eq!(feeds("-tag:regional"), of(&["blog"]));
        assert_eq!(feeds("feed:wire -tag:regional"), of(&[]));
    }

    #[test]
    fn moments_are_days_and_spans() {
        let now: DateTime<Utc> = "2026-03-08T12:00:00Z".parse().expect("a date");
        let since = |text: &str| query(text).since.map(|moment| moment.seen_from(now).to_rfc3339());
        assert_eq!(since("since:2026-03-01").as_deref(), Some("2026-03-01T00:00:00+00:00"));
        assert_eq!(since("since:7d").as_deref(), Some("2026-03-01T12:00:00+00:00"));
        assert_eq!(query("before:12h").before, Some(Moment::Ago(Duration::from_secs(12 * 3600))));
        assert!(since("since:36500d").is_some(), "the longest one is no date before time");
    }

    #[test]
    fn refusals_say_where_what_and_what_was_meant() {
        refuses("", "the query says nothing to look for");
        refuses(" & \"\" — ", "the query says nothing to look for");
        refuses("-sport", "the query says nothing to look for but only what not to look for");
        refuses(
            "kfor topcis:x",
            "topcis:x (letter 6): no filter has this name, did you mean \"topic:\"? (a colon that is looked for stands in quotes)",
        );
        refuses("topic:secruity", "topic:secruity (letter 1): there is no such topic, did you mean \"security\"?");
        refuses("feed:bbc", "feed:bbc (letter 1): there is no such feed");
        refuses("-tag:regionl", "-tag:regionl (letter 1): no feed has this tag, did you mean \"regional\"?");
        refuses("topic: security", "topic: (letter 1): nothing stands after topic:, not even a space may come between");
        refuses("lang:serbian", "lang:serbian (letter 1): a language is two or three letters, as in lang:sr");
        refuses("lang:'or", "lang:'or (letter 1): a language is two or three letters, as in lang:sr");
        refuses("since:7", "since:7 (letter 1): 7 needs a unit, write \"7d\"");
        refuses("since:2026-13-01", "since:2026-13-01 (letter 1): a day is written year-month-day, as in 2026-11-01");
        refuses(
            "since:+12026-01-01",
            "since:+12026-01-01 (letter 1): a day is written year-month-day, as in 2026-11-01",
        );
        refuses("since:1d since:2d", "since:2d (letter 10): since: stands there twice");
        refuses("-since:1d", "-since:1d (letter 1): a - is for words, topics, feeds and languages; say before:1d");
        refuses("vo*", "vo* (letter 1): at least 3 letters stand before a *");
        refuses("a \"b", "\"b (letter 3): the closing quote is missing");
        refuses("v*ska", "v*ska (letter 1): a * stands at the end of a word and for its endings alone");
    }

    #[test]
    fn queries_without_end_are_refused() {
        let long = |text: String| read(&text, &names()).expect_err("too long").reason;
        assert_eq!(long("ж".repeat(QUERY_CHARS_MAX + 1)), "the query is longer than 400 letters");
        assert_eq!(long("a ".repeat(TERMS_MAX + 1)), "the query has more than 24 words and filters");
        assert!(read(&"ж".repeat(QUERY_CHARS_MAX), &names()).is_ok());
        assert!(read(&"a ".repeat(TERMS_MAX), &names()).is_ok());
    }
}

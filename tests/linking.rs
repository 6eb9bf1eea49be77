//! One event in several languages: how many of its stories are linked, and how many links are true.
//! `cargo nextest run --test linking --no-capture` prints the figures of docs/stories.md.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::Entry;
use glasnik::ingest::identify;
use glasnik::stories::{Article, Item, Link, Links, Telling};
use std::collections::HashMap;
use std::io::Write;

/// Its head says what is in it.
const EVENTS: &str = include_str!("linking/events.txt");

#[derive(Clone, Copy)]
struct Report {
    event: usize,
    at: DateTime<Utc>,
    language: &'static str,
    title: &'static str,
    text: &'static str,
}

fn reports() -> Vec<Report> {
    let monday: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().expect("a moment");
    let (mut event, mut at) = (0, monday);
    let mut reports = Vec::new();
    for line in EVENTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix("= ") {
            let mut parts = head.split(' ').skip(1).map(|part| part.parse::<i64>().expect("a number"));
            let [day, hour] = [(); 2].map(|()| parts.next().expect("day and hour"));
            (event, at) = (event + 1, monday + TimeDelta::days(day - 1) + TimeDelta::hours(hour));
            continue;
        }
        let (language, report) = line.split_once(' ').expect("a language");
        let (title, text) = report.split_once(" | ").expect("a title and a lead");
        at += TimeDelta::minutes(7);
        reports.push(Report { event, at, language, title, text });
    }
    reports.sort_by_key(|report| report.at);
    reports
}

/// Bosnian, Croatian and Serbian reports are one story, so that no link can join them.
fn story_language(language: &str) -> &str {
    if language == "hr" { "sr" } else { language }
}

/// Each report a story of its own, told in the order of time; answers the links as pairs of places.
fn linked(reports: &[Report]) -> Vec<(usize, usize, f32)> {
    let mut links = Links::default();
    let told = reports.iter().enumerate().map(|(at, report)| (at, told(&mut links, at as i64, report)));
    let place = |link: &Link| usize::try_from(link.story).expect("a place");
    told.flat_map(|(at, links)| links.iter().map(|link| (at, place(link), link.score)).collect::<Vec<_>>()).collect()
}

fn told(links: &mut Links, story: i64, report: &Report) -> Vec<Link> {
    links.report(story, report.at.timestamp(), &telling(report).0)
}

/// What a report names, and in its words what it shares with a link.
fn telling(report: &Report) -> (Telling, impl Fn(&Link) -> Vec<String>) {
    let Report { language, title, text, .. } = *report;
    let entry =
        Entry { title: Some(title.to_owned()), published: Some(report.at), ..Entry::new(identify::placeholder()) };
    let item = Item::of("", &entry, text, "");
    let article = Article::of(&item, Some(language).filter(|known| !known.is_empty()));
    let telling = Telling::of(&item, &article);
    (telling, move |link: &Link| telling.words(&Item::of("", &entry, text, ""), &link.shared))
}

/// One event, told in Serbian and some hours later in English.
fn twice(hours: i64) -> [Report; 2] {
    let at: DateTime<Utc> = "2026-03-02T08:00:00Z".parse().expect("a moment");
    let serbian = Report {
        event: 1,
        at,
        language: "sr",
        title: "Požar u termoelektrani Kostolac kod Požarevca",
        text: "Direktor Milan Petrović kaže da su povređena 63 radnika.",
    };
    let english = Report {
        at: at + TimeDelta::hours(hours),
        language: "en",
        title: "Fire at Kostolac plant near Pozarevac",
        text: "Director Milan Petrovic said 63 workers were hurt.",
        ..serbian
    };
    [serbian, english]
}

struct Figures {
    precision: f64,
    recall: f64,
}

fn figures(name: &str, reports: &[Report]) -> Figures {
    let pairs = linked(reports);
    let is_true = |(one, other, _): &&(usize, usize, f32)| reports[*one].event == reports[*other].event;
    let right = pairs.iter().filter(is_true).count();
    let mut all = 0;
    for (at, one) in reports.iter().enumerate() {
        let is_pair = |other: &&Report| {
            other.event == one.event && story_language(other.language) != story_language(one.language)
        };
        all += reports[..at].iter().filter(is_pair).count();
    }
    let (precision, recall) = (right as f64 / pairs.len() as f64, right as f64 / all as f64);
    let mut said = format!(
        "{name}: {} reports, {all} pairs to be linked, {} links, {right} true: precision {precision:.3}, recall {recall:.3}\n",
        reports.len(),
        pairs.len()
    );
    for (one, other, score) in pairs.iter().filter(|pair| !is_true(pair)) {
        said += &format!("  false {score:.2}: {} // {}\n", reports[*one].title, reports[*other].title);
    }
    std::io::stdout().write_all(said.as_bytes()).expect("written");
    Figures { precision, recall }
}

/// Every second four of the events, so that neighbours stay together, which are easily confused.
fn half(reports: &[Report], which: usize) -> Vec<Report> {
    reports.iter().filter(|report| (report.event - 1) / 4 % 2 == which).copied().collect()
}

#[test]
fn stories_are_linked_across_languages_and_hardly_ever_wrongly() {
    let all = reports();
    let chosen_on = figures("every second four events", &half(&all, 0));
    let held_out = figures("the others", &half(&all, 1));
    let together = figures("both halves in one week", &all);
    for figures in [&chosen_on, &held_out, &together] {
        assert!(figures.precision >= 0.95, "precision {}", figures.precision);
        assert!(figures.recall >= 0.65, "recall {}", figures.recall);
    }
}

#[test]
fn the_same_reports_in_the_same_order_give_the_same_links() {
    let all = reports();
    assert_eq!(linked(&all), linked(&all));
    let by_language: HashMap<&str, usize> = all.iter().fold(HashMap::new(), |mut counts, report| {
        *counts.entry(report.language).or_default() += 1;
        counts
    });
    assert!(by_language.len() >= 10, "{by_language:?}");
}

#[test]
fn what_was_restored_links_as_if_nothing_had_been_in_between() {
    let all = reports();
    let (before, after) = all.split_at(all.len() / 2);
    let (mut links, mut restored) = (Links::default(), Links::default());
    for (at, report) in before.iter().enumerate() {
        told(&mut links, at as i64, report);
        let bytes = telling(report).0.to_bytes();
        let telling = Telling::from_bytes(&bytes).expect("they read back");
        restored.restore(at as i64, report.at.timestamp(), &telling);
    }
    let mut found = 0;
    for (at, report) in after.iter().enumerate() {
        let story = (before.len() + at) as i64;
        let expected = told(&mut links, story, report);
        assert_eq!(told(&mut restored, story, report), expected);
        found += expected.len();
    }
    assert!(found > 100, "{found}");
    for damaged in [&b""[..], b"\x01sr", b"\x02sr01234567abcd", b"\x01sr01234567abc"] {
        assert!(Telling::from_bytes(damaged).is_none(), "{damaged:?}");
    }
}

#[test]
fn reports_in_one_language_or_days_apart_or_in_no_known_language_are_not_linked() {
    let links_of = |one: Report, other: Report| {
        let mut links = Links::default();
        told(&mut links, 1, &one);
        told(&mut links, 2, &other).len()
    };
    let [serbian, english] = twice(2);
    assert_eq!(links_of(serbian, english), 1);
    assert_eq!(links_of(serbian, Report { language: "hr", ..english }), 0, "one language here");
    assert_eq!(links_of(serbian, Report { language: "", title: "Kostolac, Pozarevac: Petrovic, 63", ..english }), 0);
    let [serbian, english] = twice(40);
    assert_eq!(links_of(serbian, english), 0);
}

#[test]
fn a_story_is_looked_at_again_when_it_has_doubled_and_goes_by_its_newer_name() {
    let [serbian, english] = twice(2);
    let vague = Report { title: "Veliki požar jutros", text: "Vatrogasci su na terenu.", ..serbian };
    let mut links = Links::default();
    told(&mut links, 7, &vague);
    assert_eq!(told(&mut links, 9, &english), []);
    let found = told(&mut links, 7, &serbian);
    assert_eq!(found.iter().map(|link| link.story).collect::<Vec<_>>(), [9]);
    let shared = telling(&serbian).1(&found[0]);
    assert!(["Kostolac", "Požarevca", "63"].iter().all(|word| shared.iter().any(|known| known == word)), "{shared:?}");
    assert_eq!(told(&mut links, 7, &serbian), [], "a third report tells it no better");

    links.merge(9, 3);
    links.merge(7, 3);
    links.merge(8, 3);
    let german = Report { language: "de", title: "Brand im Kraftwerk Kostolac bei Pozarevac", ..english };
    let named: Vec<i64> = told(&mut links, 11, &german).iter().map(|link| link.story).collect();
    assert_eq!(named, [3]);
}

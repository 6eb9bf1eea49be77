//! One event in several languages: how many of its stories are linked, and how many links are true.
//! `cargo nextest run --test linking --no-capture` prints the figures of docs/stories.md.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::Entry;
use glasnik::ingest::identify;
use glasnik::stories::{Article, Item, Link, Links, Voice};
use std::collections::HashMap;

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
    let mut pairs = Vec::new();
    for (at, report) in reports.iter().enumerate() {
        for Link { story, score, .. } in told(&mut links, at, report) {
            pairs.push((at, usize::try_from(story).expect("a place"), score));
        }
    }
    pairs
}

fn told(links: &mut Links, at: usize, report: &Report) -> Vec<Link> {
    let Report { language, title, text, .. } = *report;
    let entry = Entry {
        title: Some(title.to_owned()),
        summary: Some(text.to_owned()),
        published: Some(report.at),
        ..Entry::new(identify::placeholder())
    };
    let article = Article::of(&Item::of("", &entry, text, ""), Some(language));
    let linked = links.report(at as i64, report.at.timestamp(), Voice::of(&article), title, text);
    linked.map(|linked| linked.links).unwrap_or_default()
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
    println!(
        "{name}: {} reports, {all} pairs to be linked, {} links, {right} true: precision {precision:.3}, recall {recall:.3}",
        reports.len(),
        pairs.len()
    );
    for (one, other, score) in pairs.iter().filter(|pair| !is_true(pair)) {
        println!("  false {score:.2}: {} // {}", reports[*one].title, reports[*other].title);
    }
    Figures { precision, recall }
}

/// Every second four of the events, so that neighbours stay together, which are easily confused.
fn half(reports: &[Report], which: usize) -> Vec<Report> {
    reports.iter().filter(|report| (report.event - 1) / 4 % 2 == which).copied().collect()
}

#[test]
fn stories_are_linked_across_languages_and_hardly_ever_wrongly() {
    let all = reports();
    let chosen_on = figures("the half that the threshold was chosen on", &half(&all, 0));
    let held_out = figures("the half that was held out", &half(&all, 1));
    let together = figures("both halves in one week", &all);
    for figures in [&chosen_on, &held_out, &together] {
        assert!(figures.precision >= 0.95, "precision {}", figures.precision);
        assert!(figures.recall >= 0.7, "recall {}", figures.recall);
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

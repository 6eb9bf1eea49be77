//! One story: everyone who reports it, copies under their originals, and why each is here.

use super::super::Site;
use super::super::item::{Item, ItemTopic};
use super::elsewhere;
use super::list::topic_link;
use super::{Head, LONG, page, time};
use crate::feed::{ContentMode, KeptEntry, LinkedStory};
use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use std::collections::HashSet;

/// A story with all that tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoryView {
    /// Its name in `/stories/ID`.
    pub uid: String,
    /// Where the entry that stands for it is among them.
    pub first: usize,
    /// In the order in which they came; never empty.
    pub entries: Vec<Report>,
    /// Stories in other languages that tell of the same event.
    pub linked: Vec<LinkedStory>,
}

/// An entry of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The entry.
    pub kept: KeptEntry,
    /// Where the one is among them whose article it has, too.
    pub same_as: Option<usize>,
    /// Why it is here, in a few words: `likely the same event (0.62)`.
    pub why: String,
}

/// `/stories/ID`: one story.
pub fn story_page(site: &Site, story: &StoryView) -> Vec<u8> {
    let items: Vec<Item> =
        story.entries.iter().map(|report| Item::new(site, &report.kept, ContentMode::Title)).collect();
    let Some(first) = items.get(story.first).or(items.first()) else {
        return super::error_page(site, 404, "Nothing of this story is kept.");
    };
    let outlets: HashSet<String> = story.entries.iter().map(|report| report.kept.feed.outlet()).collect();
    let count = format!(
        "{} · {}",
        site.count("{} report|{} reports", items.len()),
        site.count("{} outlet|{} outlets", outlets.len())
    );
    let main = html! {
        div.head {
            p.kicker { (site.say("Story")) }
            h1 lang=[first.language.as_deref()] dir="auto" { (first.heading) }
            p.dim { (count) (span_of(site, &items)) }
        }
        div.two {
            section {
                @for (at, item) in items.iter().enumerate().filter(|(at, _)| story.entries[*at].same_as.is_none()) {
                    (report(site, story, &items, at, item))
                }
            }
            aside aria-label=(site.say("About this story")) {
                (elsewhere::section(site, &story.linked))
                (topics(site, &items))
            }
        }
    };
    let description = format!("{}: {count}", first.heading);
    page(site, &Head { title: &first.heading, description: &description, ..Head::default() }, &main)
}

/// ` · 3 March 2026, 14:05 – …`
fn span_of(site: &Site, items: &[Item]) -> Markup {
    let moments = || items.iter().map(|item| item.published);
    html! {
        @if let Some((first, last)) = moments().min().zip(moments().max()) {
            " · " (time(site, first, LONG))
            @if first != last { " – " (time(site, last, LONG)) }
        }
    }
}

const MOMENT: &str = "{day} {mon}, {time}";

/// An article with those that have it, too.
fn report(site: &Site, story: &StoryView, items: &[Item], at: usize, item: &Item) -> Markup {
    let copies = || items.iter().zip(&story.entries).filter(move |(_, report)| report.same_as == Some(at));
    html! {
        article.e {
            (gutter(site, item.published))
            div {
                h3 lang=[item.language.as_deref()] { (linked(item, &item.heading)) }
                p.m {
                    b { (item.source.title) }
                    span.s lang="en" { (story.entries[at].why) }
                    (details(site, item))
                }
                @for (copy, report) in copies() {
                    p.m {
                        (site.say("Also in")) " " (linked(copy, &copy.source.title))
                        @if copy.heading != item.heading { ": " bdi { (copy.heading) } }
                        span.s { (time(site, copy.published, MOMENT)) }
                        span.s lang="en" { (report.why) }
                        (details(site, copy))
                    }
                }
            }
        }
    }
}

fn gutter(site: &Site, at: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(at.to_rfc3339_opts(SecondsFormat::Secs, true)) {
            (site.date("{day} {mon}", at)) " " span { (site.date("{time}", at)) }
        }
    }
}

fn linked(item: &Item, text: &str) -> Markup {
    html! {
        @match &item.link {
            Some(link) => a href=(link) rel="nofollow" { (text) },
            None => (text),
        }
    }
}

fn details(site: &Site, item: &Item) -> Markup {
    html! {
        @if let Some(own_page) = site.entry_link(&item.uid) { span.s { a href=(own_page) { (site.say("details")) } } }
    }
}

/// The topics of all reports, those that most have first.
fn topics(site: &Site, items: &[Item]) -> Markup {
    let mut topics: Vec<(&ItemTopic, usize)> = Vec::new();
    for topic in items.iter().flat_map(|item| &item.topics) {
        match topics.iter_mut().find(|(known, _)| known.id == topic.id) {
            Some((_, count)) => *count += 1,
            None => topics.push((topic, 1)),
        }
    }
    topics.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    html! {
        @if !topics.is_empty() {
            section {
                h2 { (site.say("Topics")) }
                ul.l { @for (topic, count) in &topics { li { (topic_link(site, topic)) span.dim { (count) } } } }
            }
        }
    }
}

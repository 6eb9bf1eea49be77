//! One entry in a list: when, what, who reports it, and why it is here.

use super::super::item::{Item, ItemTopic};
use super::super::text::excerpt;
use super::super::{Format, Site};
use chrono::SecondsFormat;
use maud::{Markup, html};
use std::ops::Range;

/// How the time beside an entry is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gutter {
    /// The day stands above.
    Time,
    /// Entries of several days without their day above.
    DayAndTime,
}

/// Two lines on a wide screen. A hundred entries in Cyrillic stay below 100 KB.
const EXCERPT_CHARS: usize = 140;

/// Titles longer than this are texts.
const HEADING_CHARS: usize = 220;

/// With the words of the heading marked that gave the entry its topics.
pub(super) fn entry(site: &Site, item: &Item, gutter: Gutter, has_excerpt: bool) -> Markup {
    marked_entry(site, item, gutter, has_excerpt, &|part, text| match part {
        Part::Heading => topic_places(text, item),
        Part::Excerpt => Vec::new(),
    })
}

/// What is marked of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Heading,
    Excerpt,
}

/// What to mark in a part's text: places in bytes, in order.
type Places<'a> = dyn Fn(Part, &str) -> Vec<Range<usize>> + 'a;

/// With whatever marked that `places` names.
pub(super) fn marked_entry(site: &Site, item: &Item, gutter: Gutter, has_excerpt: bool, places: &Places<'_>) -> Markup {
    let own_page = site.entry_link(&item.uid);
    let text = if has_excerpt { shortened(&item.excerpt, EXCERPT_CHARS) } else { String::new() };
    let heading = shortened(&item.heading, HEADING_CHARS);
    html! {
        article.e {
            time datetime=(item.published.to_rfc3339_opts(SecondsFormat::Secs, true)) {
                @if gutter == Gutter::DayAndTime { (item.published.format("%-d %b").to_string()) " " br; }
                (item.published.format("%H:%M").to_string())
            }
            div {
                h3 lang=[item.language.as_deref()] {
                    @match item.link.as_ref().or(own_page.as_ref()) {
                        Some(link) => a href=(link) rel="nofollow" { (marked(&heading, &places(Part::Heading, &heading))) },
                        None => (marked(&heading, &places(Part::Heading, &heading))),
                    }
                }
                // A heading that was made of the text says it already.
                @if !text.is_empty() && item.title.is_some() {
                    p.x lang=[item.language.as_deref()] { (marked(&text, &places(Part::Excerpt, &text))) }
                }
                p.m {
                    b { (item.source.title) }
                    @for copy in &item.also_in {
                        ", "
                        @match &copy.link {
                            Some(link) => a href=(link) rel="nofollow" { (copy.feed.title) },
                            None => (copy.feed.title),
                        }
                    }
                    @for topic in &item.topics { span.s { (reason(site, topic)) } }
                    @if let Some(own_page) = &own_page { span.s { a href=(own_page) { "details" } } }
                }
            }
        }
    }
}

/// Enough to see why.
const WORDS_MAX: usize = 4;

/// A topic and the words that gave it.
fn reason(site: &Site, topic: &ItemTopic) -> Markup {
    let words = topic.words();
    html! {
        (topic_link(site, topic))
        @for word in words.iter().take(WORDS_MAX) { " " i { (word) } }
        @if words.len() > WORDS_MAX { " +" (words.len() - WORDS_MAX) }
    }
}

/// A topic's name, leading to the output that shows it best: the one with the fewest others.
pub(super) fn topic_link(site: &Site, topic: &ItemTopic) -> Markup {
    let showing = site.outputs.iter().filter(|output| output.topics.contains(&topic.id));
    let name = topic.title.as_ref().unwrap_or(&topic.id);
    html! {
        @match showing.min_by_key(|output| output.topics.len()) {
            Some(output) => a.t href=(site.output_link(&output.id, Format::Html)) { (name) },
            None => span.t { (name) },
        }
    }
}

/// Where the words stand that gave the entry its topics.
fn topic_places(heading: &str, item: &Item) -> Vec<Range<usize>> {
    let in_title = item.topics.iter().flat_map(|topic| &topic.matched).filter(|hit| hit.field == "title");
    let mut places: Vec<Range<usize>> = in_title
        .filter(|hit| !hit.found.is_empty())
        .filter_map(|hit| heading.find(&hit.found).map(|start| start..start + hit.found.len()))
        .collect();
    places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    places
}

/// The text with some places marked; of two that overlap the first.
fn marked(text: &str, places: &[Range<usize>]) -> Markup {
    let mut parts = Vec::new();
    let mut done = 0;
    for place in places.iter().filter(|place| !place.is_empty()) {
        if place.start >= done {
            parts.push((&text[done..place.start], &text[place.clone()]));
            done = place.end;
        }
    }
    html! {
        @for (before, word) in &parts { (before) mark { (word) } }
        (text[done..])
    }
}

/// Plain text, cut between words.
fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    excerpt(&super::super::text::escaped(text), chars_max)
}

//! One entry in a list: when, what, who reports it, and why it is here.

use super::super::item::{Item, ItemTopic};
use super::super::text::excerpt;
use super::super::{Format, Site};
use crate::feed::StoryName;
use chrono::SecondsFormat;
use maud::{Markup, html};

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

pub(super) fn entry(site: &Site, item: &Item, gutter: Gutter, has_excerpt: bool) -> Markup {
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
                        Some(link) => a href=(link) rel="nofollow" { (marked(&heading, item)) },
                        None => (marked(&heading, item)),
                    }
                }
                // A heading that was made of the text says it already.
                @if !text.is_empty() && item.title.is_some() {
                    p.x lang=[item.language.as_deref()] { (text) }
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
                    @if let Some(story) = item.story.as_ref().filter(|story| story.outlets > 1) {
                        span.s { (whole_story(site, story)) }
                    }
                    @for topic in &item.topics { span.s { (reason(site, topic)) } }
                    @if let Some(own_page) = &own_page { span.s { a href=(own_page) { "details" } } }
                }
            }
        }
    }
}

/// `3 outlets`, leading to the story where it has a page.
fn whole_story(site: &Site, story: &StoryName) -> Markup {
    html! {
        @match site.story_link(&story.uid) {
            Some(link) => a href=(link) { (story.outlets) " outlets" },
            None => span { (story.outlets) " outlets" },
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

/// The heading with the words marked that gave the entry its topics.
fn marked(heading: &str, item: &Item) -> Markup {
    let in_title = item.topics.iter().flat_map(|topic| &topic.matched).filter(|hit| hit.field == "title");
    let mut places: Vec<(usize, usize)> = in_title
        .filter(|hit| !hit.found.is_empty())
        .filter_map(|hit| Some((heading.find(&hit.found)?, hit.found.len())))
        .collect();
    places.sort_unstable_by_key(|(start, length)| (*start, std::cmp::Reverse(*length)));
    let mut parts = Vec::new();
    let mut end = 0;
    for (start, length) in places {
        if start >= end {
            parts.push((&heading[end..start], &heading[start..start + length]));
            end = start + length;
        }
    }
    html! {
        @for (before, word) in &parts { (before) mark { (word) } }
        (heading[end..])
    }
}

/// Plain text, cut between words.
fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    excerpt(&super::super::text::escaped(text), chars_max)
}

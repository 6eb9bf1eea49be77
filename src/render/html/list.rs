//! One entry in a list: when, what, who reports it, and why it is here.

use super::super::item::{Item, ItemTopic};
use super::super::text::{escaped, excerpt};
use super::super::{Format, Site};
use super::marks::{Marker, words};
use crate::feed::StoryName;
use crate::search::{Query, asked};
use chrono::SecondsFormat;
use maud::{Markup, PreEscaped, html};

/// How much of an entry a list shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Under its day: the time, the beginning of the text, and why it is here.
    OfDay,
    /// On the front page: the same with its day.
    Lead,
    /// The same without the text.
    Line,
    /// Its title, when and from whom.
    Brief,
}

/// Two lines on a wide screen. A hundred entries in Cyrillic stay below 100 KB.
const EXCERPT_CHARS: usize = 120;

/// Titles longer than this are texts.
const HEADING_CHARS: usize = 220;

/// With the words of the heading marked that gave the entry its topics.
pub(super) fn entry(site: &Site, item: &Item, look: Look) -> Markup {
    let text = match look {
        Look::OfDay | Look::Lead => html! { (beginning(item)) },
        Look::Line | Look::Brief => html! {},
    };
    marked_entry(site, item, look, &heading(item), &text)
}

/// With the words marked that were looked for.
pub(super) fn found_entry(site: &Site, item: &Item, query: &Query) -> Markup {
    let (heading, text) = (shortened(&item.heading, HEADING_CHARS), beginning(item));
    let heading = marked(&heading, &asked(query, &heading));
    marked_entry(site, item, Look::Lead, &heading, &marked(&text, &asked(query, &text)))
}

fn marked_entry(site: &Site, item: &Item, look: Look, heading: &Markup, text: &Markup) -> Markup {
    let own_page = site.entry_link(&item.uid);
    html! {
        article.e.brief[look == Look::Brief] {
            time datetime=(item.published.to_rfc3339_opts(SecondsFormat::Secs, true)) {
                @if look == Look::OfDay {
                    (site.date("{time}", item.published))
                } @else {
                    (site.date("{day} {mon}", item.published)) " " span { (site.date("{time}", item.published)) }
                }
            }
            div {
                h3 lang=[item.language.as_deref()] {
                    @match item.link.as_ref().or(own_page.as_ref()) {
                        Some(link) => a href=(link) rel="nofollow" { (heading) },
                        None => (heading),
                    }
                }
                // A heading that was made of the text says it already.
                @if !text.0.is_empty() && item.title.is_some() {
                    p.x lang=[item.language.as_deref()] { (text) }
                }
                p.m {
                    (reporters(item))
                    @if look != Look::Brief {
                        @for topic in &item.topics { span.s { (reason(site, topic)) } }
                    }
                    @if let Some(story) = item.story.as_ref().filter(|story| story.outlets > 1) {
                        span.s { (whole_story(site, story)) }
                    }
                    @if let Some(own_page) = &own_page { span.s { a href=(own_page) { (site.say("details")) } } }
                }
            }
        }
    }
}

/// The feed that had it first in bold, and those that also carry it.
fn reporters(item: &Item) -> Markup {
    html! {
        b { (item.source.title) }
        @for copy in &item.also_in {
            ", "
            @match &copy.link {
                Some(link) => a href=(link) rel="nofollow" { (copy.feed.title) },
                None => (copy.feed.title),
            }
        }
    }
}

/// `3 outlets`, leading to the story where it has a page.
fn whole_story(site: &Site, story: &StoryName) -> Markup {
    let outlets = site.count("{} outlet|{} outlets", story.outlets);
    html! {
        @match site.story_link(&story.uid) {
            Some(link) => a href=(link) { (outlets) },
            None => span { (outlets) },
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
        @for (place, word) in words.iter().take(WORDS_MAX).enumerate() {
            @if place == 0 { ": " } @else { ", " }
            (word)
        }
        @if words.len() > WORDS_MAX { " …" }
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
pub(super) fn heading(item: &Item) -> Markup {
    marked(&shortened(&item.heading, HEADING_CHARS), &words(item, &["title"]))
}

fn marked(text: &str, words: &[&str]) -> Markup {
    let mut marked = String::new();
    Marker::new(words).mark(&escaped(text), &mut marked);
    PreEscaped(marked)
}

/// Of the text.
fn beginning(item: &Item) -> String {
    shortened(&item.excerpt, EXCERPT_CHARS)
}

/// Plain text, cut between words.
fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().nth(chars_max).is_none() {
        return text.to_owned();
    }
    excerpt(&escaped(text), chars_max)
}

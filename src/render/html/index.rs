//! The front page: what is new on which topic, who reports it, and how to subscribe.

use super::super::item::{Item, item_feed};
use super::super::text::line;
use super::super::{Format, Site, channel};
use super::list::{Gutter, entry};
use super::output::counted;
use super::{Head, LONG, feed_links, label, page, time};
use crate::feed::{FeedName, KeptEntry, Output};
use maud::{Markup, html};

/// The first output leads the page; the others show what is newest.
const LEAD_ENTRIES: usize = 10;
const ENTRIES: usize = 5;

/// More are in the OPML list.
const SOURCES_MAX: usize = 60;

/// The front page: every output's newest, with feed links.
pub fn index(site: &Site, outputs: &[(Output, Vec<KeptEntry>)], feeds: &[FeedName]) -> Vec<u8> {
    let name = channel::site_title(site);
    let shown: Vec<(&Output, Vec<Item>)> = outputs
        .iter()
        .enumerate()
        .map(|(place, (output, entries))| {
            let count = if place == 0 { LEAD_ENTRIES } else { ENTRIES };
            (output, Item::all(site, output, &entries[..entries.len().min(count)]))
        })
        .collect();
    let updated = shown.iter().filter_map(|(_, items)| channel::updated(items)).max();
    let main = html! {
        p."dim line" {
            (counted(feeds.len(), "source", "sources")) ", " (counted(outputs.len(), "list", "lists"))
            @if let Some(updated) = updated { ", last change " (time(updated, LONG)) }
        }
        div.two {
            div {
                @for (output, items) in &shown { (section(site, output, items)) }
            }
            (aside(site, &shown, feeds))
        }
    };
    let head = Head {
        title: &name,
        description: &format!(
            "What is new in {}, by topic, as pages and as feeds.",
            counted(feeds.len(), "source", "sources")
        ),
        feeds: outputs.iter().map(|(output, _)| (output.id.as_str(), channel::title(output))).collect(),
        is_front: true,
        ..Head::default()
    };
    page(site, &head, &main)
}

fn section(site: &Site, output: &Output, items: &[Item]) -> Markup {
    let title = channel::title(output);
    html! {
        section.out {
            header {
                h2 { a href=(site.output_link(&output.id, Format::Html)) { (label(site, output)) } }
                (feed_links(site, &output.id, &title))
            }
            @for (place, item) in items.iter().enumerate() { (entry(site, item, Gutter::DayAndTime, place == 0)) }
            @if items.is_empty() { p.none { "Nothing here yet." } }
        }
    }
}

fn aside(site: &Site, shown: &[(&Output, Vec<Item>)], feeds: &[FeedName]) -> Markup {
    html! {
        aside {
            nav aria-labelledby="topics" {
                h2 #topics { "Topics" }
                ul.l {
                    @for (output, items) in shown {
                        li {
                            a href=(site.output_link(&output.id, Format::Html)) { (label(site, output)) }
                            @if let Some(item) = items.first() { span.dim { (time(item.published, "%-d %b")) } }
                        }
                    }
                }
            }
            section {
                h2 { "How to subscribe" }
                p {
                    "Every list here is a feed as well. Copy the address behind Atom, RSS or JSON into your feed reader, or "
                    "give it the " a href=(site.outputs_link()) { "list of all of them" } "."
                }
            }
            section {
                h2 { "Sources" }
                ul.l {
                    @for name in feeds.iter().take(SOURCES_MAX) { (source(name)) }
                }
                @if feeds.len() > SOURCES_MAX {
                    p { "And " (feeds.len() - SOURCES_MAX) " more, all in the " a href=(site.subscriptions_link()) { "list" } "." }
                }
            }
        }
    }
}

fn source(name: &FeedName) -> Markup {
    let feed = item_feed(name);
    html! {
        li {
            a href=(feed.link.as_ref().unwrap_or(&feed.url)) { (feed.title) }
            @if let Some(language) = name.language.as_deref().and_then(line) { span.dim { (language) } }
        }
    }
}

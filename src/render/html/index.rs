//! The front page: what is new on which topic, who reports it, and how to subscribe.

use super::super::item::{Item, item_feed};
use super::super::text::line;
use super::super::{Format, Site, channel};
use super::list::{Look, entry};
use super::subscribe::{subscribe, subscribe_briefly};
use super::{Head, LONG, label, page, time};
use crate::feed::{FeedName, KeptEntry, Output};
use maud::{Markup, html};

/// The first output leads the page; the others show what is newest.
const LEAD_ENTRIES: usize = 12;
const ENTRIES: usize = 5;

/// So many of the lead show how they begin.
const EXCERPTS: usize = 3;

/// More are in the OPML list.
const SOURCES_MAX: usize = 60;

/// The front page: every output's newest, with feed links.
pub fn index(site: &Site, outputs: &[(&Output, &[KeptEntry])], feeds: &[FeedName]) -> Vec<u8> {
    let name = channel::site_title(site);
    let shown: Vec<(&Output, Vec<Item>)> = outputs
        .iter()
        .enumerate()
        .map(|(place, (output, entries))| {
            let count = if place == 0 { LEAD_ENTRIES } else { ENTRIES };
            (*output, Item::all(site, output, &entries[..entries.len().min(count)]))
        })
        .collect();
    let updated = shown.iter().filter_map(|(_, items)| channel::updated(items)).max();
    let main = html! {
        p."dim line" {
            (site.count("{} source|{} sources", feeds.len())) " · " (site.count("{} list|{} lists", outputs.len()))
            @if let Some(updated) = updated { " · " (site.say("last change")) " " (time(site, updated, LONG)) }
        }
        div.two {
            div {
                @if let Some((output, items)) = shown.first() { (lead(site, output, items)) }
                @if shown.len() > 1 {
                    div.more { @for (output, items) in &shown[1..] { (section(site, output, items)) } }
                }
            }
            (aside(site, &shown, feeds))
        }
    };
    let head = Head {
        title: &name,
        description: &site.fill("What is new in {}, by topic, as pages and as feeds.", &name),
        feeds: outputs.iter().map(|(output, _)| (output.id.as_str(), channel::title(output))).collect(),
        is_front: true,
        ..Head::default()
    };
    page(site, &head, &main)
}

fn lead(site: &Site, output: &Output, items: &[Item]) -> Markup {
    let look = |place: usize| if place < EXCERPTS { Look::Lead } else { Look::Line };
    html! {
        section.out.lead {
            (header(site, output))
            @for (place, item) in items.iter().enumerate() { (entry(site, item, look(place))) }
            (end(site, output, items))
        }
    }
}

fn section(site: &Site, output: &Output, items: &[Item]) -> Markup {
    html! {
        section.out {
            (header(site, output))
            @for item in items { (entry(site, item, Look::Brief)) }
            (end(site, output, items))
        }
    }
}

fn header(site: &Site, output: &Output) -> Markup {
    html! {
        div.top2 {
            h2 { a href=(site.output_link(&output.id, Format::Html)) { (label(site, output)) } }
            (subscribe_briefly(site, output))
        }
    }
}

fn end(site: &Site, output: &Output, items: &[Item]) -> Markup {
    let all = site.output_link(&output.id, Format::Html);
    html! {
        @if items.is_empty() {
            p.none { (site.say("Nothing here yet.")) }
        } @else {
            p.go { a href=(all) { (site.fill("All of {}", &label(site, output))) " →" } }
        }
    }
}

fn aside(site: &Site, shown: &[(&Output, Vec<Item>)], feeds: &[FeedName]) -> Markup {
    html! {
        aside aria-label=(site.say("Topics, feeds and sources")) {
            @if let Some((lead, _)) = shown.first() { (subscribe(site, lead)) }
            nav aria-labelledby="topics" {
                h2 #topics { (site.say("Topics")) }
                ul.l {
                    @for (output, items) in shown {
                        li {
                            a href=(site.output_link(&output.id, Format::Html)) { (label(site, output)) }
                            @if let Some(item) = items.first() { span.dim { (time(site, item.published, SHORT)) } }
                        }
                    }
                }
                p { (site.say("Each is a feed of its own.")) " " a href=(site.outputs_link()) { (site.say("All of them")) " (OPML)" } }
            }
            section {
                h2 { (site.say("Sources")) }
                ul.l {
                    @for name in feeds.iter().take(SOURCES_MAX) { (source(name)) }
                }
                p {
                    @if feeds.len() > SOURCES_MAX { (site.count("And {} more.|And {} more.", feeds.len() - SOURCES_MAX)) " " }
                    a href=(site.subscriptions_link()) { (site.say("All of them")) " (OPML)" }
                }
            }
        }
    }
}

const SHORT: &str = "{day} {mon}";

fn source(name: &FeedName) -> Markup {
    let feed = item_feed(name);
    html! {
        li {
            a href=(feed.link.as_ref().unwrap_or(&feed.url)) rel="nofollow" { (feed.title) }
            @if let Some(language) = name.language.as_deref().and_then(line) { span.dim { (language) } }
        }
    }
}

//! One output: its entries by day.

use super::super::item::Item;
use super::super::{Site, channel};
use super::list::{Gutter, entry};
use super::{Head, LONG, feed_links, label, page, time};
use crate::feed::Output;
use maud::html;
use std::collections::BTreeSet;

/// An output as a page.
pub(in super::super) fn output_page(site: &Site, output: &Output, items: &[Item]) -> Vec<u8> {
    let title = channel::title(output);
    let description = channel::description(site, output);
    let sources: BTreeSet<&str> = items.iter().map(|item| item.source.id.as_str()).collect();
    let main = html! {
        div.head {
            h1 { (label(site, output)) }
            p.dim {
                @match channel::updated(items) {
                    None => "Nothing here yet. Entries appear when a feed brings one that belongs here.",
                    Some(updated) => {
                        (counted(items.len(), "entry", "entries")) " of " (counted(sources.len(), "source", "sources"))
                        ", last change " (time(updated, LONG))
                    },
                }
            }
            (feed_links(site, &output.id, &title))
        }
        @for day in items.chunk_by(|one, other| one.published.date_naive() == other.published.date_naive()) {
            section {
                h2.day { (time(day[0].published, "%A, %-d %B %Y")) }
                @for item in day { (entry(site, item, Gutter::Time, true)) }
            }
        }
    };
    let head = Head {
        title: &title,
        description: &description,
        output: Some(&output.id),
        feeds: vec![(&output.id, title.clone())],
        is_front: false,
        is_search: false,
    };
    page(site, &head, &main)
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

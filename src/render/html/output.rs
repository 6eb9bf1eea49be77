//! One output: its entries by day.

use super::super::item::Item;
use super::super::{Site, channel};
use super::list::{Look, entry};
use super::subscribe::subscribe;
use super::{Head, LONG, label, page, time};
use crate::feed::Output;
use maud::html;
use std::collections::BTreeSet;

/// An output as a page.
pub(in super::super) fn output_page(site: &Site, output: &Output, items: &[Item]) -> Vec<u8> {
    let title = channel::title(output);
    let sources: BTreeSet<&str> = items.iter().map(|item| item.source.id.as_str()).collect();
    let main = html! {
        div.two.head {
            div {
                h1 { (label(site, output)) }
                p.dim {
                    @match channel::updated(items) {
                        None => (site.say("Nothing here yet. Entries appear when a feed brings one that belongs here.")),
                        Some(updated) => {
                            (site.count("{} entry|{} entries", items.len())) " · "
                            (site.count("{} source|{} sources", sources.len())) " · "
                            (site.say("last change")) " " (time(site, updated, LONG))
                        },
                    }
                }
            }
            (subscribe(site, output))
        }
        @for day in items.chunk_by(|one, other| one.published.date_naive() == other.published.date_naive()) {
            section.list {
                h2.day { (time(site, day[0].published, DAY)) }
                @for item in day { (entry(site, item, Look::OfDay)) }
            }
        }
    };
    let head = Head {
        title: &title,
        description: &site.fill("{}: what is new, as a page and as feeds.", &title),
        output: Some(&output.id),
        feeds: vec![(&output.id, title.clone())],
        ..Head::default()
    };
    page(site, &head, &main)
}

const DAY: &str = "{weekday}, {day} {month} {year}";

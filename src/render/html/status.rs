//! How every feed is doing, what is broken first.

use super::super::Site;
use super::super::item::{ItemFeed, item_feed, moment};
use super::super::text::line;
use super::output::counted;
use super::{Head, LONG, page, time};
use crate::feed::FeedName;
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// A feed on the status page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedStatus {
    /// As outputs name it.
    pub feed: FeedName,
    /// Its health in words.
    pub sentence: String,
    /// Whether the last poll failed or the feed is gone.
    pub is_failing: bool,
    /// How many of its entries are kept.
    pub entries: i64,
    /// The last poll that was answered.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it is asked again.
    pub next_poll_at: Option<DateTime<Utc>>,
}

/// `/status`: how every feed is doing, what is broken first.
pub fn status_page(site: &Site, feeds: &[FeedStatus], now: DateTime<Utc>) -> Vec<u8> {
    let (failing, well): (Vec<&FeedStatus>, Vec<&FeedStatus>) = feeds.iter().partition(|status| status.is_failing);
    let entries: i64 = feeds.iter().map(|status| status.entries).sum();
    let main = html! {
        div.head {
            h1 {
                @match (feeds.len(), failing.len()) {
                    (0, _) => "No feeds yet",
                    (_, 0) => "All feeds are well",
                    (_, count) => { (counted(count, "feed needs", "feeds need")) " a look" }
                }
            }
            p.dim {
                (counted(feeds.len(), "feed", "feeds")) ", " (entries) " entries kept, as of " (time(now, LONG))
                ", glasnik " (site.generator_version)
            }
        }
        @if !feeds.is_empty() {
            table.r {
                thead {
                    tr { th scope="col" { "Feed" } th.n scope="col" { "Entries" } th scope="col" { "Last read" } th scope="col" { "Next" } }
                }
                tbody {
                    @for status in failing.into_iter().chain(well) { (row(status)) }
                }
            }
        }
    };
    page(site, &Head { title: "Status", ..Head::default() }, &main)
}

fn row(status: &FeedStatus) -> Markup {
    let feed: ItemFeed = item_feed(&status.feed);
    html! {
        tr.bad[status.is_failing] id={ "feed-" (feed.id) } {
            td {
                a href=(feed.link.as_ref().unwrap_or(&feed.url)) { (feed.title) }
                " " span.dim { (feed.id) }
                p { (line(&status.sentence).unwrap_or_default()) }
            }
            td.n data-k="entries" { (status.entries) }
            td data-k="last read" { (maybe(status.last_success_at)) }
            td data-k="next" { (maybe(status.next_poll_at)) }
        }
    }
}

fn maybe(at: Option<DateTime<Utc>>) -> Markup {
    html! {
        @match at {
            Some(at) => (time(moment(at), "%-d %b %H:%M")),
            None => "–",
        }
    }
}

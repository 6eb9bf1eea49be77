//! How every feed is doing, what is broken first, and how much each topic and output brings.

use super::super::Site;
use super::super::item::{ItemFeed, item_feed, moment};
use super::super::text::line;
use super::chart::bars;
use super::{Head, LONG, page, time};
use crate::feed::{Day, FeedName};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// What the status page shows.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// Every feed.
    pub feeds: Vec<FeedStatus>,
    /// Every topic, by what it was tagged with.
    pub topics: Vec<Activity>,
    /// Every output, by what it could show.
    pub outputs: Vec<Activity>,
}

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
    /// Its last weeks, oldest first.
    pub days: Vec<Day>,
    /// The last poll that was answered.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it is asked again.
    pub next_poll_at: Option<DateTime<Utc>>,
}

/// How many entries a topic or an output had, day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// For people.
    pub title: String,
    /// The last weeks, oldest first.
    pub days: Vec<Day>,
}

/// So many feeds a page can show; `glasnik status` shows them all.
const FEEDS_MAX: usize = 1_000;

/// `/status`: how every feed is doing, what is broken first.
pub fn status_page(site: &Site, status: &Status, now: DateTime<Utc>) -> Vec<u8> {
    let feeds = &status.feeds;
    let (failing, well): (Vec<&FeedStatus>, Vec<&FeedStatus>) = feeds.iter().partition(|status| status.is_failing);
    let entries: i64 = feeds.iter().map(|status| status.entries).sum();
    let main = html! {
        div.head {
            h1 {
                @match (feeds.len(), failing.len()) {
                    (0, _) => (site.say("No feeds yet")),
                    (_, 0) => (site.say("All feeds are well")),
                    (_, count) => (site.count("{} feed needs a look|{} feeds need a look", count)),
                }
            }
            p.dim {
                (site.count("{} feed|{} feeds", feeds.len())) " · "
                (site.count("{} entry kept|{} entries kept", usize::try_from(entries).unwrap_or(0))) " · "
                (time(site, now, LONG)) " · glasnik " (site.generator_version)
            }
        }
        @if !feeds.is_empty() {
            table.r {
                thead {
                    tr {
                        th scope="col" { (site.say("Feed")) }
                        th scope="col" { (site.say("Four weeks")) }
                        th.n scope="col" { (site.say("Entries")) }
                        th scope="col" { (site.say("Last read")) }
                        th scope="col" { (site.say("Next")) }
                    }
                }
                tbody { @for status in failing.into_iter().chain(well).take(FEEDS_MAX) { (row(site, status)) } }
            }
            @if feeds.len() > FEEDS_MAX { p.none { (site.count("And {} more.|And {} more.", feeds.len() - FEEDS_MAX)) " " code { "glasnik status" } } }
        }
        div.more {
            (activities(site, site.say("Topics"), &status.topics))
            (activities(site, site.say("What is published"), &status.outputs))
        }
    };
    page(site, &Head { title: site.say("Status"), ..Head::default() }, &main)
}

fn row(site: &Site, status: &FeedStatus) -> Markup {
    let feed: ItemFeed = item_feed(&status.feed);
    html! {
        tr.bad[status.is_failing] id={ "feed-" (feed.id) } {
            th scope="row" {
                a href=(feed.link.as_ref().unwrap_or(&feed.url)) rel="nofollow" { (feed.title) }
                " " span.dim { (feed.id) }
                // The same sentence as `glasnik status` has: in English.
                p lang="en" { (line(&status.sentence).unwrap_or_default()) }
            }
            td { (bars(&status.days, &in_words(site, &status.days))) }
            td.n data-k=(site.say("Entries")) { (status.entries) }
            td data-k=(site.say("Last read")) { (maybe(site, status.last_success_at)) }
            td data-k=(site.say("Next")) { (maybe(site, status.next_poll_at)) }
        }
    }
}

/// `37 new in 28 days, failures on 2`.
fn in_words(site: &Site, days: &[Day]) -> String {
    let new = site.count("{} new|{} new", days.iter().map(|day| day.new as usize).sum());
    let failures = days.iter().filter(|day| day.failed > 0).count();
    let mut words = format!("{new} · {}", site.count("{} day|{} days", days.len()));
    if failures > 0 {
        words += &format!(" · {}", site.count("failures on {} day|failures on {} days", failures));
    }
    words
}

fn activities(site: &Site, heading: &str, all: &[Activity]) -> Markup {
    html! {
        @if !all.is_empty() {
            section.out {
                div.top2 { h2 { (heading) } }
                ul.l.charts {
                    @for activity in all {
                        li {
                            span { (line(&activity.title).unwrap_or_default()) br; span.dim { (a_day(site, &activity.days)) } }
                            (bars(&activity.days, &in_words(site, &activity.days)))
                        }
                    }
                }
            }
        }
    }
}

/// `1.5 a day`.
fn a_day(site: &Site, days: &[Day]) -> String {
    let new: u64 = days.iter().map(|day| u64::from(day.new)).sum();
    let tenths = new * 10 / days.len().max(1) as u64;
    site.fill("{} a day", &format!("{}.{}", tenths / 10, tenths % 10))
}

fn maybe(site: &Site, at: Option<DateTime<Utc>>) -> Markup {
    html! {
        @match at {
            Some(at) => (time(site, moment(at), MOMENT)),
            None => "–",
        }
    }
}

const MOMENT: &str = "{day} {mon}, {time}";

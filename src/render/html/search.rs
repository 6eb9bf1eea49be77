//! The page that looks for words: a form, what was found, and how to ask.

use super::super::item::Item;
use super::super::{Site, search_output};
use super::list::{Gutter, marked_entry};
use super::output::counted;
use super::{Head, feed_links, page};
use crate::feed::KeptEntry;
use crate::search::{Query, marks};
use maud::{Markup, html};

/// What there is to show.
#[derive(Debug, Clone, Copy)]
pub enum Search<'a> {
    /// Nothing was asked.
    Unasked,
    /// What was asked cannot be: why.
    Refused(&'a str),
    /// What was found, at most so many.
    Found {
        /// As it was read.
        query: &'a Query,
        /// The newest first.
        entries: &'a [KeptEntry],
        /// Where these are as many, there may be more.
        items_max: usize,
    },
}

/// `/search`. `typed` is the query as somebody wrote it.
pub fn search_page(site: &Site, typed: &str, search: Search<'_>) -> Vec<u8> {
    let title = if typed.is_empty() { "Search".to_owned() } else { format!("Search: {typed}") };
    let mut head = Head { title: &title, is_search: true, ..Head::default() };
    let output = match search {
        Search::Found { query, items_max, .. } => search_output(&query.text, items_max),
        _ => return page(site, &head, &main_of(site, typed, search, html! {})),
    };
    head.feeds = vec![(&output.id, output.title.clone())];
    let links = feed_links(site, &output.id, &output.title);
    page(site, &head, &main_of(site, typed, search, links))
}

fn main_of(site: &Site, typed: &str, search: Search<'_>, feed_links: Markup) -> Markup {
    html! {
        div.head {
            h1 { "Search" }
            (form(site, typed))
            p.dim {
                @match search {
                    Search::Unasked => "Words in any script, with or without their marks; in all that is kept.",
                    Search::Refused(reason) => (reason),
                    Search::Found { entries: [], .. } => "Nothing was found. Fewer words find more, and so does the beginning of a word with a *.",
                    Search::Found { entries, items_max, .. } => {
                        @if entries.len() == items_max { "The newest " }
                        (counted(entries.len(), "entry", "entries")) ", newest first. This search is a feed, too:"
                    },
                }
            }
            (feed_links)
        }
        @if let Search::Found { query, entries, items_max } = search {
            @for item in &Item::all(site, &search_output(&query.text, items_max), entries) {
                (marked_entry(site, item, Gutter::DayAndTime, true, &|_, text| marks(query, text)))
            }
        }
        section { h2.day { "How to ask" } (help()) }
    }
}

/// The box of words to look for; none where there is nobody to look.
pub(super) fn form(site: &Site, typed: &str) -> Markup {
    html! {
        @if let Some(link) = site.search_link() {
            form.find action=(link) role="search" {
                input type="search" name="q" value=(typed) aria-label="Words to look for" maxlength=(crate::search::QUERY_CHARS_MAX);
                button { "Search" }
            }
        }
    }
}

fn help() -> Markup {
    let lines = [
        ("vojska Kosovo", "all of these words, in Latin or Cyrillic, in any case"),
        ("\"Republika Srpska\" vojsk*", "words in a row; whatever begins so"),
        ("KFOR -sport", "without a word"),
        ("topic:ID feed:ID tag:NAME lang:sr", "of a topic, a source, sources with a label, a language"),
        ("since:7d before:2026-11-01", "not older than, and older than"),
    ];
    html! {
        dl.ask {
            @for (example, meaning) in lines { dt { code { (example) } } dd { (meaning) } }
        }
    }
}

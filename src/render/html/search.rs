//! The page that looks for words: a form, what was found, and how to ask.

use super::super::item::Item;
use super::super::{Site, search_output};
use super::list::found_entry;
use super::subscribe::subscribe;
use super::{Head, page};
use crate::feed::{KeptEntry, Output};
use crate::search::{QUERY_CHARS_MAX, Query};
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
    let title = match typed {
        "" => site.say("Search").to_owned(),
        typed => site.fill("Search: {}", typed),
    };
    let head = Head { title: &title, is_search: true, ..Head::default() };
    let Search::Found { query, entries, items_max } = search else {
        return page(site, &head, &main_of(site, typed, search, html! {}, html! {}));
    };
    let output = Output { title: site.fill("Search: {}", &query.text), ..search_output(&query.text, items_max) };
    let found = html! {
        div.list {
            @for item in &Item::all(site, &output, entries) { (found_entry(site, item, query)) }
        }
    };
    let head = Head { feeds: vec![(&output.id, output.title.clone())], ..head };
    page(site, &head, &main_of(site, typed, search, subscribe(site, &output), found))
}

fn main_of(site: &Site, typed: &str, search: Search<'_>, subscribe: Markup, found: Markup) -> Markup {
    html! {
        div.two.head {
            div {
                h1 { (site.say("Search")) }
                (form(site, typed))
                (said(site, search))
            }
            (subscribe)
        }
        (found)
        section { h2.day { (site.say("How to ask")) } (help(site)) }
    }
}

/// What came of it.
fn said(site: &Site, search: Search<'_>) -> Markup {
    match search {
        Search::Unasked => html! {
            p.dim { (site.say("Words in any script, with or without their marks, in all that is kept.")) }
        },
        Search::Refused(reason) => html! { p.dim lang="en" { (reason) } },
        Search::Found { entries: [], .. } => html! {
            p.dim { (site.say("Nothing was found. Fewer words find more, and so does the beginning of a word with a *.")) }
        },
        Search::Found { entries, items_max, .. } => html! {
            p.dim {
                (site.count("{} entry|{} entries", entries.len())) " · " (site.say("newest first"))
                @if entries.len() == items_max { " · " (site.say("there may be older ones")) }
            }
        },
    }
}

/// The box of words to look for; none where there is nobody to look.
pub(super) fn form(site: &Site, typed: &str) -> Markup {
    html! {
        @if let Some(link) = site.search_link() {
            form.find action=(link) role="search" {
                input type="search" name="q" value=(typed) aria-label=(site.say("Words to look for")) maxlength=(QUERY_CHARS_MAX);
                button { (site.say("Search")) }
            }
        }
    }
}

fn help(site: &Site) -> Markup {
    let lines = [
        ("vojska Kosovo", site.say("all of these words, in Latin or Cyrillic, in any case")),
        ("\"Republika Srpska\" vojsk*", site.say("words in a row; whatever begins so")),
        ("KFOR -sport", site.say("without a word")),
        ("topic:ID feed:ID tag:NAME lang:sr", site.say("of a topic, a source, sources with a label, a language")),
        ("since:7d before:2026-11-01", site.say("not older than, and older than")),
    ];
    html! {
        dl.ask {
            @for (example, meaning) in lines { dt { code { (example) } } dd { (meaning) } }
        }
    }
}

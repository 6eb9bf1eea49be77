//! One entry: its text, where it was read, who else carries it, why it was tagged, and what it said
//! before.

use super::super::item::{Copy, Item, ItemFeed, ItemTopic};
use super::super::text::line;
use super::super::{Site, channel};
use super::body::body;
use super::elsewhere;
use super::list::{heading, topic_link};
use super::related::{self, Related};
use super::{Head, LONG, page, time};
use crate::feed::{ContentMode, KeptEntry, Revision};
use maud::{Markup, html};

/// `/entries/ID`: one entry, its sources, and why it was tagged. `revisions` are what it said before,
/// newest first.
pub fn entry_page(site: &Site, entry: &KeptEntry, revisions: &[Revision], related: &Related) -> Vec<u8> {
    // The copies have their own place on this page and need no foot under the text.
    let alone = KeptEntry { also_in: Vec::new(), ..entry.clone() };
    let item = Item::new(site, &alone, ContentMode::Full);
    let copies = Item::new(site, entry, ContentMode::Title).also_in;
    let main = html! {
        div.two.one {
            article {
                div.head {
                    p.kicker { (item.source.title) }
                    h1 lang=[item.language.as_deref()] dir="auto" { (heading(&item)) }
                    p.dim {
                        (names(&item))
                        (time(site, item.published, LONG))
                        @if item.updated != item.published { " · " (site.say("changed")) " " (time(site, item.updated, LONG)) }
                    }
                }
                (body(site, &item))
                @if let Some(link) = &item.link {
                    p.go { a href=(link) rel="nofollow" { (site.fill("Read it at {}", &host(link))) " →" } }
                }
                (related::section(site, related))
            }
            aside aria-label=(site.say("About this entry")) {
                (reasons(site, &item))
                (sources(site, &item, &copies))
                (elsewhere::section(site, &related.linked))
                (history(site, &item, revisions))
                (facts(site, &item))
            }
        }
    };
    let name = channel::site_title(site);
    let description = format!("{} · {name}", item.source.title);
    page(site, &Head { title: &item.heading, description: &description, ..Head::default() }, &main)
}

fn reasons(site: &Site, item: &Item) -> Markup {
    html! {
        @if !item.topics.is_empty() {
            section {
                h2 { (site.say("Why it is here")) }
                @for topic in &item.topics {
                    p.why { (topic_link(site, topic)) }
                    ul.l {
                        @for term in terms(topic) { li { (reason(site, &term)) } }
                        @if topic.matched.is_empty() { li { (site.say("It has a topic that belongs to this one.")) } }
                    }
                }
            }
        }
    }
}

/// A term of a word list, with all that it found.
struct Term<'a> {
    term: &'a str,
    language: &'a str,
    found: Vec<&'a str>,
    fields: Vec<&'a str>,
}

/// What made an entry have a topic, each term once.
fn terms(topic: &ItemTopic) -> Vec<Term<'_>> {
    let mut terms: Vec<Term<'_>> = Vec::new();
    for hit in &topic.matched {
        let known = terms.iter().position(|term| term.term == hit.term && term.language == hit.language);
        let place = known.unwrap_or_else(|| {
            terms.push(Term { term: &hit.term, language: &hit.language, found: Vec::new(), fields: Vec::new() });
            terms.len() - 1
        });
        let term = &mut terms[place];
        for (list, word) in [(&mut term.found, &*hit.found), (&mut term.fields, &*hit.field)] {
            if !list.contains(&word) {
                list.push(word);
            }
        }
    }
    terms
}

/// `КФОР · title, summary · “kfor” hbs`.
fn reason(site: &Site, term: &Term<'_>) -> Markup {
    let fields: Vec<&str> = term.fields.iter().map(|name| field(site, name)).collect();
    html! {
        span {
            @for (place, word) in term.found.iter().enumerate() { @if place > 0 { ", " } mark { (word) } }
            @if term.found.iter().any(|word| *word != term.term) { " ← " span.dim { (term.term) } }
        }
        span.dim {
            (fields.join(", "))
            @if term.language != "any" { " · " (term.language) }
        }
    }
}

fn field<'a>(site: &Site, name: &'a str) -> &'a str {
    match name {
        "title" => site.say("title"),
        "summary" => site.say("summary"),
        "content" => site.say("text"),
        "categories" => site.say("categories"),
        _ => name,
    }
}

fn sources(site: &Site, item: &Item, copies: &[Copy]) -> Markup {
    html! {
        section {
            h2 { (site.say("Who reports it")) }
            ul.l {
                li {
                    (reported(&item.source, item.link.as_deref(), None))
                    a.dim href=(item.source.url) { (site.say("feed")) }
                }
                @for copy in copies { li { (reported(&copy.feed, copy.link.as_deref(), copy.title.as_deref())) } }
            }
        }
    }
}

fn reported(feed: &ItemFeed, article: Option<&str>, title: Option<&str>) -> Markup {
    html! {
        span {
            @match article.or(feed.link.as_deref()) {
                Some(link) => a href=(link) rel="nofollow" { (feed.title) },
                None => (feed.title),
            }
            @if let Some(title) = title { ": " bdi { (title) } }
        }
    }
}

/// What the entry said before, where it was edited.
fn history(site: &Site, item: &Item, revisions: &[Revision]) -> Markup {
    html! {
        @if !revisions.is_empty() {
            section {
                h2 { (site.say("What it said before")) }
                ol.l {
                    @for (place, revision) in revisions.iter().enumerate() {
                        li {
                            span {
                                @match revision.title.as_deref().and_then(line).filter(|title| *title != item.heading) {
                                    Some(title) => bdi lang=[item.language.as_deref()] { (title) },
                                    None => span.dim { (site.say("the same title")) },
                                }
                            }
                            span.dim {
                                (site.fill("until {}", &site.date("{day} {mon}, {time}", revision.until)))
                                @if is_shorter_or_longer(revisions, place) { " · " (site.count("{} letter|{} letters", revision.letters)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a revision's length says something: it is not that of the one before.
fn is_shorter_or_longer(revisions: &[Revision], place: usize) -> bool {
    revisions.get(place + 1).is_none_or(|earlier| earlier.letters != revisions[place].letters)
}

fn facts(site: &Site, item: &Item) -> Markup {
    let categories: Vec<&str> =
        item.categories.iter().map(|category| category.label.as_deref().unwrap_or(&category.term)).collect();
    html! {
        section {
            h2 { (site.say("Facts")) }
            dl {
                dt { (site.say("Published")) } dd { (time(site, item.published, LONG)) }
                @if item.updated != item.published { dt { (site.say("Changed")) } dd { (time(site, item.updated, LONG)) } }
                dt { (site.say("First seen")) } dd { (time(site, item.first_seen, LONG)) }
                @if let Some(language) = &item.language { dt { (site.say("Language")) } dd { (language) } }
                @if !categories.is_empty() { dt { (site.say("Categories")) } dd { (categories.join(", ")) } }
                @if let Some(rights) = &item.rights { dt { (site.say("Rights")) } dd { (rights) } }
                @for enclosure in &item.enclosures {
                    dt { (site.say("Attached")) }
                    dd {
                        a href=(enclosure.url) rel="nofollow" { (enclosure.media_type.as_deref().unwrap_or(site.say("file"))) }
                        @if let Some(length) = enclosure.length.filter(|length| *length > 0) { ", " (bytes(length)) }
                    }
                }
                @if let Some(picture) = &item.thumbnail { dt { (site.say("Picture")) } dd { a href=(picture) rel="noreferrer nofollow" { (host(picture)) } } }
                @if let Some(comments) = &item.comments { dt { (site.say("Comments")) } dd { a href=(comments) rel="nofollow" { (host(comments)) } } }
                @if let Some(via) = &item.via { dt { (site.say("Said to be from")) } dd { a href=(via) rel="nofollow" { (host(via)) } } }
                dt { (site.say("Feed")) } dd { (item.source.id) }
                @if let Some(own_page) = site.entry_link(&item.uid) { dt { (site.say("Entry")) } dd { a href=(own_page) { (item.uid) } } }
            }
        }
    }
}

fn names(item: &Item) -> Markup {
    html! {
        @for (place, author) in item.authors.iter().enumerate() {
            @if place > 0 { ", " }
            @match &author.uri {
                Some(uri) => a href=(uri) rel="nofollow" { (author.name) },
                None => (author.name),
            }
        }
        @if !item.authors.is_empty() { " · " }
    }
}

/// The name of a link's server, without the `www.` that nobody says.
fn host(link: &str) -> String {
    let url = url::Url::parse(link).ok();
    let host = url.as_ref().and_then(url::Url::host_str).unwrap_or("its source");
    host.trim_start_matches("www.").to_owned()
}

/// `1.4 MB`.
fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_sizes_as_people_do() {
        assert_eq!([bytes(999), bytes(1_500), bytes(1_450_000)], ["999 B", "1 kB", "1.4 MB"]);
    }
}

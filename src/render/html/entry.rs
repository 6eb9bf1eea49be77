//! One entry: its text, where it was read, who else carries it, and why it was tagged.

use super::super::item::{Copy, Item, ItemFeed};
use super::super::text::{Piece, pieces};
use super::super::{Site, channel};
use super::list::topic_link;
use super::related::{self, Related};
use super::{Head, LONG, page, time};
use crate::feed::{ContentMode, KeptEntry, Match};
use maud::{Markup, PreEscaped, html};

/// `/entries/ID`: one entry, its sources, and why it was tagged.
pub fn entry_page(site: &Site, entry: &KeptEntry, related: &Related) -> Vec<u8> {
    // The copies have their own place on this page and need no foot under the text.
    let alone = KeptEntry { also_in: Vec::new(), ..entry.clone() };
    let item = Item::new(site, &alone, ContentMode::Full);
    let copies = Item::new(site, entry, ContentMode::Title).also_in;
    let main = html! {
        div."two one" {
            article {
                header.head {
                    p.kicker { (item.source.title) }
                    h1 lang=[item.language.as_deref()] dir="auto" { (item.heading) }
                    p.dim {
                        @if !item.authors.is_empty() { "By " (names(&item)) ", " }
                        (time(item.published, LONG))
                    }
                }
                (body(&item))
                @if let Some(link) = &item.link {
                    p.go { a href=(link) rel="nofollow" { "Read it at " (host(link)) } }
                }
                (related::section(site, related))
            }
            aside {
                (reasons(site, &item))
                (sources(&item, &copies))
                (facts(site, &item))
            }
        }
    };
    let name = channel::site_title(site);
    let description = format!("{}, collected by {name}", item.source.title);
    page(site, &Head { title: &item.heading, description: &description, ..Head::default() }, &main)
}

/// The entry's text. The only place where HTML from outside stands as it is: it was made safe when
/// it was read, by a list of allowed elements and attributes.
fn body(item: &Item) -> Markup {
    let text = item.content.as_ref().or(item.summary.as_ref());
    html! {
        @if let Some(text) = text {
            div.body lang=[item.language.as_deref()] dir="auto" { (PreEscaped(with_shy_images(text))) }
        }
    }
}

/// Pictures come when they are seen, and their server does not learn from which page.
fn with_shy_images(html: &str) -> String {
    let mut shy = String::with_capacity(html.len());
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) if is_image(tag) => {
                // The first of two equal attributes is the one that counts.
                shy.push_str("<img loading=\"lazy\" referrerpolicy=\"no-referrer\"");
                shy.push_str(&tag[IMAGE.len()..]);
            }
            Piece::Tag(text) | Piece::Text(text) => shy.push_str(text),
        }
    }
    shy
}

const IMAGE: &str = "<img";

fn is_image(tag: &str) -> bool {
    let bytes = tag.as_bytes();
    let has_name = bytes.get(..IMAGE.len()).is_some_and(|name| name.eq_ignore_ascii_case(IMAGE.as_bytes()));
    has_name && bytes.get(IMAGE.len()).is_some_and(|next| next.is_ascii_whitespace() || b"/>".contains(next))
}

fn reasons(site: &Site, item: &Item) -> Markup {
    html! {
        @if !item.topics.is_empty() {
            section {
                h2 { "Why it is here" }
                @for topic in &item.topics {
                    p.why { (topic_link(site, topic)) }
                    ul.l {
                        @for hit in &topic.matched { li { (reason(hit)) } }
                        @if topic.matched.is_empty() { li { "It has a topic that belongs to this one." } }
                    }
                }
            }
        }
    }
}

/// `КФОР in the title, by the term “kfor” (hbs)`.
fn reason(hit: &Match) -> Markup {
    html! {
        span {
            mark { (hit.found) } " in the " (hit.field)
            @if hit.term != hit.found { ", by the term “" (hit.term) "”" }
            @if hit.language != "any" { " (" (hit.language) ")" }
        }
    }
}

fn sources(item: &Item, copies: &[Copy]) -> Markup {
    html! {
        section {
            h2 { "Who reports it" }
            ul.l {
                li {
                    (reported(&item.source, item.link.as_deref(), None))
                    a.dim href=(item.source.url) { "feed" }
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

fn facts(site: &Site, item: &Item) -> Markup {
    let categories: Vec<&str> =
        item.categories.iter().map(|category| category.label.as_deref().unwrap_or(&category.term)).collect();
    html! {
        section {
            h2 { "Facts" }
            dl {
                dt { "Published" } dd { (time(item.published, LONG)) }
                @if item.updated != item.published { dt { "Changed" } dd { (time(item.updated, LONG)) } }
                dt { "First seen" } dd { (time(item.first_seen, LONG)) }
                @if let Some(language) = &item.language { dt { "Language" } dd { (language) } }
                @if !categories.is_empty() { dt { "Categories" } dd { (categories.join(", ")) } }
                @if let Some(rights) = &item.rights { dt { "Rights" } dd { (rights) } }
                @for enclosure in &item.enclosures {
                    dt { "Attached" }
                    dd {
                        a href=(enclosure.url) rel="nofollow" { (enclosure.media_type.as_deref().unwrap_or("file")) }
                        @if let Some(length) = enclosure.length.filter(|length| *length > 0) { ", " (bytes(length)) }
                    }
                }
                @if let Some(comments) = &item.comments { dt { "Comments" } dd { a href=(comments) rel="nofollow" { (host(comments)) } } }
                @if let Some(via) = &item.via { dt { "Said to be from" } dd { a href=(via) rel="nofollow" { (host(via)) } } }
                dt { "Feed" } dd { (item.source.id) }
                @if let Some(own_page) = site.entry_link(&item.uid) { dt { "Entry" } dd { a href=(own_page) { (item.uid) } } }
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
        0..1_000 => format!("{count} bytes"),
        1_000..1_000_000 => format!("{} kB", count / 1_000),
        _ => format!("{}.{} MB", count / 1_000_000, count / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_pictures_shy_and_nothing_else() {
        let shy = "<img loading=\"lazy\" referrerpolicy=\"no-referrer\"";
        for (html, expected) in [
            ("<p>a<img src=\"https://e.org/a.png\">b</p>", format!("<p>a{shy} src=\"https://e.org/a.png\">b</p>")),
            ("<IMG\nsrc=x>", format!("{shy}\nsrc=x>")),
            ("<img>", format!("{shy}>")),
            // An attribute that looks like a picture must stay within its quotes.
            ("<a title=\"<img src=x onerror=y>\">", "<a title=\"<img src=x onerror=y>\">".to_owned()),
            ("<imgx> &lt;img src", "<imgx> &lt;img src".to_owned()),
            ("<img", "<img".to_owned()),
            ("<имг", "<имг".to_owned()),
        ] {
            assert_eq!(with_shy_images(html), expected, "{html}");
        }
    }

    #[test]
    fn says_sizes_as_people_do() {
        assert_eq!([bytes(999), bytes(1_500), bytes(1_450_000)], ["999 bytes", "1 kB", "1.4 MB"]);
    }
}

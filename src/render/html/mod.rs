//! Pages for people: one stylesheet and one small script inside the page, nothing from anywhere else.
//! Everything is escaped by the templates; safe HTML goes unescaped in one place only, `body`. What a
//! page says of itself is in the language of whoever reads it: `language`.

mod body;
mod chart;
mod cyrillic;
mod elsewhere;
mod entry;
mod index;
mod language;
mod list;
mod marks;
mod output;
mod related;
mod search;
mod status;
mod story;
mod subscribe;

pub use entry::entry_page;
pub use index::index;
pub use language::PageLanguage;
pub(super) use output::output_page;
pub use related::Related;
pub use search::{Search, search_page};
pub use status::{Activity, FeedStatus, Status, status_page};
pub use story::{Report, StoryView, story_page};

use super::{Format, Links, Site, address, channel};
use crate::feed::Output;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use url::Url;

const STYLE: &str = include_str!("style.css");

/// Three lines of text, so that no browser asks for `/favicon.ico`.
const ICON: &str = concat!(
    "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2032%2032'%3E",
    "%3Crect%20width='32'%20height='32'%20rx='4'%20fill='%239b2318'/%3E",
    "%3Cpath%20d='M8%2010h16M8%2016h16M8%2022h9'%20stroke='%23fff'%20stroke-width='3'/%3E%3C/svg%3E",
);

/// The one stylesheet of all pages as a CSP source: `'sha256-…'`, with its quotes. With it in
/// `style-src`, no style that an entry smuggles in is applied.
pub fn style_hash() -> String {
    hash(STYLE)
}

/// The one script of all pages, for `script-src`: it copies a feed's address, and nothing else runs.
pub fn script_hash() -> String {
    hash(subscribe::SCRIPT)
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// A page that says what went wrong (`404`) and leads back to the front page.
pub fn error_page(site: &Site, status: u16, message: &str) -> Vec<u8> {
    let title = match status {
        404 => site.say("There is nothing here"),
        405 => site.say("This address is only for reading"),
        410 => site.say("This is no longer published"),
        503 => site.say("Not ready yet"),
        500.. => site.say("Something went wrong here"),
        _ => site.say("That did not work"),
    };
    let message = super::text::line(message).unwrap_or_default();
    let main = html! {
        div.head {
            p.dim { (status.to_string()) }
            h1 { (title) }
            p.dim lang="en" { (message) }
            p.get { a href=(site.home()) { (site.say("Front page")) } }
        }
    };
    page(site, &Head { title, ..Head::default() }, &main)
}

impl Site {
    fn home(&self) -> String {
        match self.links {
            Links::Served => self.root(),
            Links::Files(_) | Links::NoPages => format!("{}index.html", self.root()),
        }
    }

    fn output_link(&self, id: &str, format: Format) -> String {
        match self.links {
            Links::Served => format!("{}{}", self.root(), address::path(id, format)),
            _ => format!("{}{id}.{}", self.root(), format.extension()),
        }
    }

    fn subscriptions_link(&self) -> String {
        format!("{}subscriptions.opml", self.root())
    }

    fn outputs_link(&self) -> String {
        format!("{}outputs.opml", self.root())
    }

    /// What happens to feeds is an entry without a page.
    fn entry_link(&self, uid: &str) -> Option<String> {
        let has_page = match &self.links {
            Links::Served => !uid.contains('/'),
            Links::Files(files) => files.entries.contains(uid),
            Links::NoPages => false,
        };
        has_page.then(|| self.page_link("entries", uid))
    }

    fn story_link(&self, uid: &str) -> Option<String> {
        (self.links != Links::NoPages).then(|| self.page_link("stories", uid))
    }

    /// Web hosts give `index.html` for a folder's address, which is the one that feeds say; who opens
    /// files without a host needs its name.
    fn page_link(&self, folder: &str, uid: &str) -> String {
        let file = if self.links == Links::Served { "" } else { "/index.html" };
        format!("{}{folder}/{uid}{file}", self.root())
    }

    /// Files cannot look for anything.
    fn search_link(&self) -> Option<String> {
        (self.links == Links::Served).then(|| format!("{}search", self.root()))
    }

    /// Files cannot know how feeds are doing.
    fn status_link(&self) -> Option<String> {
        (self.links == Links::Served).then(|| format!("{}status", self.root()))
    }

    /// The way to the front page's folder. Of what is served that is the path of `base_url`: pages work
    /// under whatever name and port they are reached, and behind a proxy that puts them in a folder.
    fn root(&self) -> String {
        match &self.links {
            Links::Served => Url::parse(&self.base_url).map_or_else(|_| "/".to_owned(), |base| base.path().to_owned()),
            Links::Files(files) => "../".repeat(files.depth),
            Links::NoPages => String::new(),
        }
    }
}

/// What a page says in its head and its bar.
#[derive(Default)]
struct Head<'a> {
    title: &'a str,
    description: &'a str,
    /// The output that the page shows.
    output: Option<&'a str>,
    /// Outputs whose feeds readers find behind this page: id and title.
    feeds: Vec<(&'a str, String)>,
    is_front: bool,
    /// Has a box of words to look for of its own.
    is_search: bool,
}

fn page(site: &Site, head: &Head<'_>, main: &Markup) -> Vec<u8> {
    let name = channel::site_title(site);
    let page = html! {
        (DOCTYPE)
        html lang=(site.language.tag()) {
            head {
                meta charset="utf-8";
                title { (head.title) @if head.title != name { " – " (name) } }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                @if !head.description.is_empty() { meta name="description" content=(head.description); }
                link rel="icon" href=(ICON);
                @for (id, title) in &head.feeds {
                    @for (format, format_name) in Format::FEEDS {
                        link rel="alternate" type=(format.link_type()) title={ (title) " (" (format_name) ")" }
                            href=(site.output_link(id, format));
                    }
                }
                // Ours, and without a character that would end the element.
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (site.say("Skip to the entries")) }
                header.w {
                    div.top {
                        @if head.is_front { h1.name { (name) } } @else { a.name href=(site.home()) { (name) } }
                        (bar(site, head))
                        @if !head.is_search { (search::form(site, "")) }
                    }
                }
                main.w #main { (main) }
                div.w {
                    footer."foot dim" {
                        span { (site.say("All times are UTC")) }
                        a href=(site.subscriptions_link()) { (site.say("What we read")) " (OPML)" }
                        a href=(site.outputs_link()) { (site.say("What we publish")) " (OPML)" }
                        @if let Some(status) = site.status_link() { a href=(status) { (site.say("Status")) } }
                        span { "glasnik" }
                    }
                }
                script { (PreEscaped(subscribe::SCRIPT)) }
            }
        }
    };
    page.into_string().into_bytes()
}

/// More would be a second page before the page; the front page has them all.
const BAR_OUTPUTS_MAX: usize = 8;

/// The other outputs; on the front page only where the list beside the entries has no room.
fn bar(site: &Site, head: &Head<'_>) -> Markup {
    html! {
        @if !site.outputs.is_empty() {
            nav.push.narrow[head.is_front] aria-label=(site.say("What is published")) {
                ul.bar {
                    @for output in site.outputs.iter().take(BAR_OUTPUTS_MAX) {
                        @let is_this = head.output == Some(output.id.as_str());
                        li {
                            a href=(site.output_link(&output.id, Format::Html)) aria-current=[is_this.then_some("page")] {
                                (label(site, output))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An output's name beside the site's: the one that is named like the site has what is newest.
fn label(site: &Site, output: &Output) -> String {
    let title = channel::title(output);
    if title == channel::site_title(site) { site.say("Latest").to_owned() } else { title }
}

/// A moment, in words of the page's choosing and for programs.
fn time(site: &Site, at: DateTime<Utc>, form: &'static str) -> Markup {
    html! {
        time datetime=(at.to_rfc3339_opts(SecondsFormat::Secs, true)) { (site.date(form, at)) }
    }
}

const LONG: &str = "{day} {month} {year}, {time}";

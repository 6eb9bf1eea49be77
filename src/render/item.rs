//! What every format says of an entry, settled once: one id, safe addresses, clean texts, one place
//! in time. The formats take nothing from a `KeptEntry` but through here.

use super::Site;
use super::address::{is_absolute_iri, is_canonical, no_address, web};
use super::people::{Author, author};
use super::text::{clean, clean_html, escaped, excerpt, language, line, name};
use crate::feed::{
    AlsoIn, Category, Collapse, ContentMode, Copies, Enclosure, FeedName, KeptEntry, Match, Output, Relation,
    StoryName, Tag,
};
use chrono::{DateTime, NaiveDate, NaiveTime, SubsecRound, Utc};
use maud::html;
use std::collections::HashSet;

/// An entry, ready to be written in any format.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The publisher's id unchanged where it can be (RFC 4287 §4.2.6), else one of ours. Unique in
    /// its document.
    pub id: String,
    /// Later entries have larger ones.
    pub number: i64,
    /// Its name in `/entries/UID`.
    pub uid: String,
    /// The article.
    pub link: Option<String>,
    pub title: Option<String>,
    /// The title, or what stands for it where there is none.
    pub heading: String,
    /// Safe HTML.
    pub summary: Option<String>,
    /// Safe HTML.
    pub content: Option<String>,
    /// The beginning of the text, plain; empty if there is none or the output wants none.
    pub excerpt: String,
    /// Those that have a name.
    pub authors: Vec<Author>,
    pub contributors: Vec<Author>,
    /// Its place in the order of the document: never in the future.
    pub published: DateTime<Utc>,
    pub updated: DateTime<Utc>,
    pub first_seen: DateTime<Utc>,
    /// BCP 47 tag.
    pub language: Option<String>,
    pub rights: Option<String>,
    pub comments: Option<String>,
    pub enclosures: Vec<Enclosure>,
    pub thumbnail: Option<String>,
    /// Our topics.
    pub topics: Vec<ItemTopic>,
    /// The publisher's words.
    pub categories: Vec<Category>,
    /// The feed that we read it in.
    pub source: ItemFeed,
    /// Where the publisher says that it is from. Said as a link only: our source is the feed that
    /// we asked, whatever an entry claims.
    pub via: Option<String>,
    /// The other outlets, each once.
    pub also_in: Vec<Copy>,
    /// The story that it stands for, where whole stories are shown.
    pub story: Option<StoryName>,
}

/// A topic of ours and why the entry has it.
#[derive(Debug, Clone)]
pub(super) struct ItemTopic {
    pub id: String,
    pub title: Option<String>,
    pub score: f64,
    pub matched: Vec<Match>,
}

/// A feed as an item names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ItemFeed {
    /// The subscription's.
    pub id: String,
    /// The publisher's atom:id where it can be one, else the address.
    pub atom_id: String,
    pub title: String,
    /// The address that we ask.
    pub url: String,
    /// Its page.
    pub link: Option<String>,
}

/// What another outlet has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    pub feed: ItemFeed,
    pub link: Option<String>,
    pub title: Option<String>,
    pub relation: Relation,
}

/// Some publishers use categories as a store for search words.
const CATEGORIES_MAX: usize = 20;

/// An excerpt is three lines of a page or a reader's list.
const EXCERPT_CHARS: usize = 200;

/// A text that stands for a title is as long as a long title.
const HEADING_CHARS: usize = 90;

impl Item {
    /// The items of a document, in the order of `entries`.
    pub fn all(site: &Site, output: &Output, entries: &[KeptEntry]) -> Vec<Self> {
        let mut items: Vec<Self> = entries.iter().map(|kept| Self::of_output(site, output, kept)).collect();
        let mut by_age: Vec<usize> = (0..entries.len()).collect();
        by_age.sort_by_key(|at| entries[*at].number);
        // Two feeds can use one id, by accident or to hide each other's entries. Whose entry we
        // had first keeps it; an id of ours is taken by nobody else.
        let mut taken: HashSet<String> = items.iter().map(|item| ours(site, &item.uid)).collect();
        for at in by_age {
            let item = &mut items[at];
            if let Some(story) = item.story.as_ref().filter(|_| output.collapse == Collapse::Stories) {
                // The story's own, whoever stands for it.
                item.id = site.tag_uri(&format!("stories/{}", story.uid));
                continue;
            }
            item.id = match &entries[at].entry.id {
                Some(id) if is_absolute_iri(id) && *clean(id) == **id && taken.insert(id.clone()) => id.clone(),
                _ => ours(site, &item.uid),
            };
        }
        items
    }

    /// One entry, with as much of its copies as the output wants.
    fn of_output(site: &Site, output: &Output, kept: &KeptEntry) -> Self {
        let mut item = Self::new(site, kept, output.content);
        match output.also_in {
            Copies::Foot => {
                let foot = foot(&item.also_in, item.story.as_ref(), output.content);
                (item.summary, item.content) = with_foot(item.summary, item.content, foot);
            }
            Copies::Links => {}
            Copies::None => item.also_in.clear(),
        }
        item
    }

    /// One entry, with as much of its text as `mode` wants.
    pub fn new(site: &Site, kept: &KeptEntry, mode: ContentMode) -> Self {
        let entry = &kept.entry;
        let also_in: Vec<Copy> = kept.also_in.iter().map(copy).collect();
        let whole = entry.content.as_deref().or(entry.summary.as_deref()).unwrap_or_default();
        let brief = entry.summary.as_deref().filter(|summary| !excerpt(summary, 1).is_empty()).unwrap_or(whole);
        let (summary, content) = texts(entry.summary.as_deref(), entry.content.as_deref(), mode);
        let source = item_feed(&kept.feed);
        let title = entry.title.as_deref().and_then(line);
        let link = entry.link.as_deref().and_then(web);
        let published = moment(kept.sorted_at);
        Self {
            id: ours(site, &kept.uid),
            number: kept.number,
            uid: kept.uid.clone(),
            heading: title.clone().unwrap_or_else(|| stand_in(brief, link.as_deref(), &source.title)),
            excerpt: if mode == ContentMode::Title { String::new() } else { excerpt(brief, EXCERPT_CHARS) },
            summary,
            content,
            authors: entry.authors.iter().filter_map(author).collect(),
            contributors: entry.contributors.iter().filter_map(author).collect(),
            published,
            updated: moment(kept.updated_at).max(published),
            first_seen: moment(kept.first_seen_at),
            language: entry.language.as_deref().or(kept.feed.language.as_deref()).and_then(language),
            rights: entry.rights.as_deref().and_then(name),
            comments: entry.comments.as_deref().and_then(web),
            enclosures: enclosures(&entry.enclosures),
            thumbnail: entry.thumbnail.as_deref().and_then(web),
            topics: kept.tags.iter().map(|tag| topic(site, tag)).collect(),
            categories: categories(site, &entry.categories),
            via: entry.source.as_ref().and_then(|source| web(source.link.as_deref()?)),
            title,
            link,
            source,
            also_in,
            story: kept.story.clone(),
        }
    }

    /// The authors, or who stands in for them: an entry always says who speaks (RFC 4287 §4.1.2).
    pub fn authors_or_source(&self) -> Vec<Author> {
        if !self.authors.is_empty() {
            return self.authors.clone();
        }
        vec![Author { name: self.source.title.clone(), uri: self.source.link.clone() }]
    }
}

/// A feed's names, cleaned.
pub(super) fn item_feed(feed: &FeedName) -> ItemFeed {
    let url = web(&feed.url).unwrap_or_else(|| no_address(&feed.id));
    // What is not written canonically is mostly the bare address of a site, and no feed's alone.
    let is_id = |id: &&String| is_absolute_iri(id) && is_canonical(id) && *clean(id) == ***id;
    ItemFeed {
        atom_id: feed.publisher_id.as_ref().filter(is_id).cloned().unwrap_or_else(|| url.clone()),
        id: feed.id.clone(),
        title: name(&feed.title).unwrap_or_else(|| feed.id.clone()),
        url,
        link: feed.link.as_deref().and_then(web),
    }
}

fn ours(site: &Site, uid: &str) -> String {
    site.tag_uri(&format!("entries/{uid}"))
}

fn copy(also: &AlsoIn) -> Copy {
    Copy {
        feed: item_feed(&also.feed),
        link: also.link.as_deref().and_then(web),
        title: also.title.as_deref().and_then(name),
        relation: also.relation,
    }
}

/// Summary and content, as far as `mode` wants them.
fn texts(summary: Option<&str>, content: Option<&str>, mode: ContentMode) -> (Option<String>, Option<String>) {
    let is_text = |html: &&str| !html.trim().is_empty();
    let (summary, content) = (summary.filter(is_text), content.filter(is_text));
    match mode {
        ContentMode::Title => (None, None),
        ContentMode::Summary => match summary {
            Some(summary) => (Some(clean_html(summary)), None),
            None => {
                let summary = content.map(|content| escaped(&excerpt(content, SUMMARY_CHARS)));
                (summary.filter(|summary| !summary.is_empty()), None)
            }
        },
        // Many publishers write the same twice.
        ContentMode::Full => {
            (summary.filter(|summary| Some(*summary) != content).map(clean_html), content.map(clean_html))
        }
    }
}

/// A summary that we make of a longer text is about a paragraph.
const SUMMARY_CHARS: usize = 500;

fn with_foot(
    summary: Option<String>,
    content: Option<String>,
    foot: Option<String>,
) -> (Option<String>, Option<String>) {
    match (summary, content, foot) {
        (summary, Some(content), Some(foot)) => (summary, Some(content + &foot)),
        (Some(summary), None, Some(foot)) => (Some(summary + &foot), None),
        (None, None, Some(foot)) => (None, Some(foot)),
        (summary, content, None) => (summary, content),
    }
}

/// `3 outlets report this. Also in: …` for readers that show nothing but the text.
fn foot(also_in: &[Copy], story: Option<&StoryName>, mode: ContentMode) -> Option<String> {
    if also_in.is_empty() || mode == ContentMode::Title {
        return None;
    }
    let foot = html! {
        p {
            @if let Some(story) = story { (story.outlets) " outlets report this. " }
            "Also in: "
            @for (place, copy) in also_in.iter().enumerate() {
                @if place > 0 { ", " }
                @match &copy.link {
                    Some(link) => a href=(link) { (copy.feed.title) },
                    None => (copy.feed.title),
                }
            }
            @let unnamed = story.map_or(0, |story| story.outlets.saturating_sub(also_in.len() + 1));
            @if unnamed > 0 { " and " (unnamed) " more" }
        }
    };
    Some(foot.into_string())
}

fn stand_in(html: &str, link: Option<&str>, feed: &str) -> String {
    let text = excerpt(html, HEADING_CHARS);
    match (text.is_empty(), link) {
        (false, _) => text,
        (true, Some(link)) => link.to_owned(),
        (true, None) => format!("Untitled entry of {feed}"),
    }
}

/// A moment that every format can write and every reader believes, in whole seconds. The web is no
/// older than that: an earlier date is mostly a clock's zero, and validators take it for an error.
pub(super) fn moment(at: DateTime<Utc>) -> DateTime<Utc> {
    let first = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    at.trunc_subsecs(0).clamp(first, last)
}

/// Each address once.
fn enclosures(enclosures: &[Enclosure]) -> Vec<Enclosure> {
    let mut seen = HashSet::new();
    enclosures.iter().filter_map(enclosure).filter(|enclosure| seen.insert(enclosure.url.clone())).collect()
}

fn enclosure(enclosure: &Enclosure) -> Option<Enclosure> {
    let media_type = enclosure.media_type.as_deref().and_then(line).filter(|name| is_media_type(name));
    Some(Enclosure { url: web(&enclosure.url)?, media_type, length: enclosure.length })
}

/// `type/subtype` with nothing that a header or an attribute could trip over.
fn is_media_type(name: &str) -> bool {
    let is_token = |token: &str| {
        !token.is_empty() && token.chars().all(|letter| letter.is_ascii_alphanumeric() || "!#$&-^_.+".contains(letter))
    };
    name.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

fn topic(site: &Site, tag: &Tag) -> ItemTopic {
    let title = site.topics.iter().find(|topic| topic.id == tag.topic).and_then(|topic| line(&topic.title));
    let cleaned = |text: &String| clean(text).into_owned();
    let matched = tag
        .matched
        .iter()
        .map(|hit| Match {
            term: cleaned(&hit.term),
            found: cleaned(&hit.found),
            field: cleaned(&hit.field),
            language: cleaned(&hit.language),
        })
        .collect();
    ItemTopic { id: tag.topic.clone(), title, score: tag.score, matched }
}

/// Enough to see why, in a list of categories.
const LABEL_WORDS_MAX: usize = 5;

/// A label is one line; a phrase that would make it longer is left out, and never cut.
const LABEL_BYTES_MAX: usize = 120;

impl ItemTopic {
    /// For people: its name and the words that gave it, `Security: КФОР, patrole`; as many words as
    /// a reader's list has room for.
    pub fn label(&self) -> String {
        let mut label = self.title.clone().unwrap_or_else(|| self.id.clone());
        let mut separator = ": ";
        for word in self.words().into_iter().take(LABEL_WORDS_MAX) {
            if label.len() + separator.len() + word.len() <= LABEL_BYTES_MAX {
                label.push_str(separator);
                label.push_str(word);
                separator = ", ";
            }
        }
        label
    }

    /// What was found, each word once however it is capitalised.
    pub fn words(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let found = self.matched.iter().map(|hit| hit.found.trim());
        found.filter(|word| !word.is_empty() && seen.insert(word.to_lowercase())).collect()
    }
}

fn categories(site: &Site, categories: &[Category]) -> Vec<Category> {
    let mut seen = HashSet::new();
    let named = categories.iter().filter_map(|category| {
        let term = name(&category.term)?;
        // Nobody else puts entries into our topics.
        let scheme = category.scheme.as_deref().filter(|scheme| !scheme.starts_with(&site.base_url)).and_then(web);
        let label = category.label.as_deref().and_then(name).filter(|label| *label != term);
        seen.insert((term.to_lowercase(), scheme.clone())).then_some(Category { term, scheme, label })
    });
    named.take(CATEGORIES_MAX).collect()
}

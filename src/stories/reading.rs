//! One reading of one item: the keys that it may be known by, and the sketch that says what it said.

use super::address::Address;
use super::hash::{self, Run};
use super::language::Guess;
use super::sketch::{Anchors, HEADLINE_WORDS_MIN, Sketch, TEXT_WORDS_MIN, Text, Wording};
use super::spoken::{self, Spoken};
use super::terms::{self, Term, Terms};
use super::title::Title;
use crate::feed::Entry;
use crate::words::Counts;

/// An item as a publisher says it, in plain text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Item<'a> {
    /// The feed that it was read from, by any name that stays.
    pub feed: &'a str,
    /// What the publisher calls it, in one spelling; nothing where it has no id.
    pub id: Option<&'a str>,
    /// What its feed knows it by where it has neither an id nor a link: its enclosure, its title.
    pub stand_in: Option<&'a str>,
    /// Its canonical link; nothing where the link is no article's.
    pub link: Option<&'a str>,
    /// Plain text.
    pub title: &'a str,
    /// Plain text.
    pub summary: &'a str,
    /// Plain text.
    pub content: &'a str,
    /// The publisher's date, in seconds of Unix time.
    pub published: Option<i64>,
    /// Equal for two readings that a person could not tell apart; 0 where nobody knows.
    pub fingerprint: u64,
}

impl<'a> Item<'a> {
    /// The item behind an entry that was identified; `summary` and `content` are its texts without
    /// their markup.
    pub fn of(feed: &'a str, entry: &'a Entry, summary: &'a str, content: &'a str) -> Self {
        let key = entry.key.as_str();
        let id = key.strip_prefix("id:");
        Self {
            feed,
            id,
            stand_in: Some(key).filter(|key| id.is_none() && !key.starts_with("link:")),
            link: entry.canonical_link.as_deref(),
            title: entry.title.as_deref().unwrap_or_default(),
            summary,
            content,
            published: entry.published.or(entry.updated).map(|date| date.timestamp()),
            fingerprint: entry.fingerprint,
        }
    }

    /// The key that settles, together with the fingerprint, that nothing about it is new.
    pub(super) fn settling_key(&self) -> Option<u64> {
        let key = self.own_key().or_else(|| self.link.map(link_key));
        key.filter(|_| self.fingerprint != 0)
    }

    fn own_key(&self) -> Option<u64> {
        self.id.or(self.stand_in).map(|id| hash::key(Kind::Id as u8, self.feed.as_bytes(), id.as_bytes()))
    }
}

/// By what an item may be known again, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The publisher's id or what stands for it, in its feed.
    Id,
    /// The canonical link, anywhere.
    Link,
    /// The article's number, at its site.
    Number,
    /// The words of the path, at its site.
    Slug,
    /// The id without its host, in its feed.
    IdPath,
    /// The title, in its feed.
    Title,
    /// The title, at its site.
    SiteTitle,
    /// The second that it was published, in its feed.
    Moment,
    /// An id that can only be meant for one article anywhere.
    Global,
    /// The text, in its feed.
    Text,
}

/// How many kinds of keys there are.
pub(super) const KINDS: usize = 10;

impl Kind {
    /// All of them, the surest first.
    pub const ALL: [Self; KINDS] = [
        Self::Id,
        Self::Link,
        Self::Number,
        Self::Slug,
        Self::IdPath,
        Self::Title,
        Self::SiteTitle,
        Self::Moment,
        Self::Global,
        Self::Text,
    ];

    /// As it is kept and told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Link => "link",
            Self::Number => "number",
            Self::Slug => "slug",
            Self::IdPath => "id without host",
            Self::Title => "title",
            Self::SiteTitle => "title at its site",
            Self::Moment => "moment",
            Self::Global => "worldwide id",
            Self::Text => "text",
        }
    }
}

/// What one item said, ready to be compared.
#[derive(Debug, Clone)]
pub struct Reading {
    keys: [Option<u64>; KINDS],
    /// What is remembered of it.
    pub sketch: Sketch,
    /// What leads to copies of its text.
    pub(super) anchors: Anchors,
    /// What its story is known by.
    pub(super) terms: Box<[Term]>,
    /// Its language, as far as the words tell.
    pub(super) guess: Guess,
}

/// Shorter ids than this may be another feed's as well.
const GLOBAL_ID_BYTES_MIN: usize = 20;

impl Reading {
    /// Reads an item: every word of its texts once.
    pub fn of(item: &Item<'_>) -> Self {
        let mut terms = Terms::of(item.title, &item.link.map(terms::of_address).unwrap_or_default());
        let mut guess = Guess::new();
        spoken::read(item.title, |word| guess.hear(word));
        guess.next_text();
        let longer = if item.content.len() >= item.summary.len() { Part::Content } else { Part::Summary };
        let said = Said::of(item, |part, word| {
            if part == longer {
                terms.hear(word);
                guess.hear(word);
            }
        });
        let address = item.link.map(Address::of).unwrap_or_default();
        let keys = said.keys(item, &address);
        let (sketch, anchors) = said.sketch(item, &address);
        Self { keys, sketch, anchors, terms: terms.sorted(), guess }
    }

    /// The key of a kind, if the item has one.
    pub fn key(&self, kind: Kind) -> Option<u64> {
        self.keys[kind as usize]
    }

    /// All keys that the item has, the surest first.
    pub fn keys(&self) -> impl Iterator<Item = (Kind, u64)> {
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, self.key(kind)?)))
    }
}

fn link_key(link: &str) -> u64 {
    let host = link.match_indices('/').nth(2).map_or(link.len(), |(at, _)| at);
    let (host, path) = link.split_at(host);
    hash::key(Kind::Link as u8, host.as_bytes(), path.as_bytes())
}

/// What an item's title and texts say.
struct Said {
    title: Title,
    /// The longer one of its texts.
    text: Text,
    /// All words of its texts.
    all: Run,
    /// Without those that perhaps count.
    still: Run,
}

/// The two texts of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Summary,
    Content,
}

impl Said {
    /// Reads title and texts; `hear` gets each word of the texts, too.
    fn of(item: &Item<'_>, mut hear: impl FnMut(Part, &Spoken<'_>)) -> Self {
        let (mut all, mut still) = (Run::default(), Run::default());
        let mut read = |part: Part, plain: &str| {
            let mut text = Text::for_bytes(plain.len());
            spoken::read(plain, |word| {
                hear(part, word);
                if word.only_counts() || word.folded.is_empty() || word.is_tag() {
                    return;
                }
                all = all.with(word.number);
                if word.word.counts == Counts::No {
                    still = still.with(word.number);
                }
                text.push(word);
            });
            text
        };
        let (summary, content) = (read(Part::Summary, item.summary), read(Part::Content, item.content));
        let text = if content.words.len() >= summary.words.len() { content } else { summary };
        Self { title: Title::of(item.title), text, all, still }
    }

    fn has_text(&self) -> bool {
        self.text.words.len() >= usize::from(TEXT_WORDS_MIN)
    }

    fn keys(&self, item: &Item<'_>, address: &Address) -> [Option<u64>; KINDS] {
        let title = self.title.folded.as_bytes();
        let (feed, site) = (item.feed.as_bytes(), address.site.as_bytes());
        Kind::ALL.map(|kind| {
            let key = |scope: &[u8], part: &[u8]| Some(hash::key(kind as u8, scope, part));
            match kind {
                Kind::Id => item.own_key(),
                Kind::Link => item.link.map(link_key),
                Kind::Number => key(site, address.number.as_ref()?.as_bytes()),
                Kind::Slug => key(site, address.slug.as_ref()?.as_bytes()),
                Kind::IdPath => key(feed, id_path(item.id?)?.as_bytes()),
                Kind::Title if !title.is_empty() => key(feed, title),
                Kind::SiteTitle if !title.is_empty() && !site.is_empty() => key(site, title),
                Kind::Moment => key(feed, &item.published?.to_be_bytes()),
                Kind::Global => key(item.id.filter(|id| is_global(id))?.as_bytes(), b""),
                Kind::Text if self.has_text() => key(feed, &self.all.number().to_be_bytes()),
                Kind::Title | Kind::SiteTitle | Kind::Text => None,
            }
        })
    }

    /// What is remembered of it, and what leads to its copies.
    fn sketch(self, item: &Item<'_>, address: &Address) -> (Sketch, Anchors) {
        let short = |text: &str| if text.is_empty() { 0 } else { hash::word(text.as_bytes()).max(1) };
        let number = address.number.as_ref().filter(|number| ends_in_digits(number));
        let is_headline = !self.has_text() && self.title.words.len() >= HEADLINE_WORDS_MIN;
        let title = short(&self.title.folded);
        let (all, still) = (self.all.number(), self.still.number());
        let (wording, mut anchors) = Wording::of(self.title, self.text, item.published);
        let mut sketch = Sketch { wording, ..Sketch::default() };
        sketch.id = item.id.map_or(0, short);
        sketch.link = item.link.map_or(0, short);
        sketch.path = short(&address.path);
        sketch.site = short(&address.site);
        sketch.shelf = short(&address.shelf);
        sketch.digits = short(&address.digits);
        sketch.number = number.map_or(0, |number| short(number));
        sketch.wording.title = title;
        sketch.text = (all >> 32) as u32;
        sketch.still = (still >> 32) as u32 ^ title;
        if is_headline {
            anchors.push(title);
        }
        (sketch, anchors)
    }
}

fn ends_in_digits(number: &str) -> bool {
    number.bytes().rev().take(6).all(|byte| byte.is_ascii_digit())
}

/// What follows the host in an id that is an address.
fn id_path(id: &str) -> Option<&str> {
    let rest = id.strip_prefix("//")?;
    let path = rest[rest.find(['/', '?'])?..].trim_end_matches('/');
    (path.len() > 1).then_some(path)
}

fn is_global(id: &str) -> bool {
    id.len() >= GLOBAL_ID_BYTES_MIN && (id.starts_with("//") || id.contains(':'))
}

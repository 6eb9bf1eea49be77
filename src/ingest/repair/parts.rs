//! What was gathered of one feed, entry or source, the better source of each value kept.

use super::vocabulary::{DateField, Role};
use super::{TEXT_BYTES_MAX, Tally, VALUES_MAX, within};
use super::{mojibake, people};
use crate::feed::Skips;
use crate::ingest::dates;
use std::borrow::Cow;

/// How the characters of a text are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    Html,
    /// The dialect does not say: RSS titles.
    Unsure,
    /// The publisher does not say: an Atom content without a type.
    UnsureProse,
}

/// A text with how it is meant and against what its addresses resolve.
#[derive(Debug)]
pub(super) struct TextPart<'a> {
    pub rank: u8,
    pub form: Form,
    pub text: Cow<'a, str>,
    pub base: u32,
}

/// An address and the number of the base that it resolves against.
#[derive(Debug)]
pub(super) struct AddressPart<'a> {
    pub rank: u8,
    pub text: Cow<'a, str>,
    pub base: u32,
}

/// A link; what is missing is empty.
#[derive(Debug, Default)]
pub(super) struct LinkPart<'a> {
    pub href: Cow<'a, str>,
    pub base: u32,
    pub rel: Cow<'a, str>,
    pub media_type: Cow<'a, str>,
    pub title: Cow<'a, str>,
    pub hreflang: Cow<'a, str>,
    pub length: Cow<'a, str>,
}

/// A person, from fields of their own or from one text.
#[derive(Debug, Default)]
pub(super) struct PersonPart<'a> {
    pub rank: u8,
    pub base: u32,
    pub name: Cow<'a, str>,
    pub email: Cow<'a, str>,
    pub uri: Cow<'a, str>,
    /// All in one.
    pub text: Cow<'a, str>,
}

/// A category; what is missing is empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CategoryPart<'a> {
    pub term: Cow<'a, str>,
    pub scheme: Cow<'a, str>,
    pub label: Cow<'a, str>,
}

/// The program that made the feed; what is missing is empty.
#[derive(Debug, Default)]
pub(super) struct GeneratorPart<'a> {
    pub name: Cow<'a, str>,
    pub uri: Cow<'a, str>,
    pub version: Cow<'a, str>,
    pub base: u32,
}

/// A value that may be given by several elements.
type Best<'a> = Option<(u8, Cow<'a, str>)>;

/// Everything that a feed, an entry or a source may say.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub id: Best<'a>,
    /// The base of an `id` that is a relative reference.
    pub id_base: u32,
    /// RSS: whether `guid` says, or does not deny, that it is an address.
    pub is_permalink: Option<bool>,
    pub links: Vec<LinkPart<'a>>,
    /// The page that an entry's content is.
    pub content_link: Option<LinkPart<'a>>,
    pub original_link: Option<AddressPart<'a>>,
    pub title: Option<TextPart<'a>>,
    pub description: Option<TextPart<'a>>,
    /// The longer one where an entry has both a summary and a description.
    pub second_description: Option<TextPart<'a>>,
    pub content: Option<TextPart<'a>>,
    pub rights: Option<TextPart<'a>>,
    pub authors: Vec<PersonPart<'a>>,
    pub contributors: Vec<PersonPart<'a>>,
    pub publisher: Option<PersonPart<'a>>,
    pub categories: Vec<CategoryPart<'a>>,
    pub published: Best<'a>,
    pub updated: Best<'a>,
    pub language: Best<'a>,
    pub comments: Option<AddressPart<'a>>,
    /// An entry's thumbnail, a feed's logo.
    pub picture: Option<AddressPart<'a>>,
    pub icon: Option<AddressPart<'a>>,
    pub generator: Option<GeneratorPart<'a>>,
    pub ttl_minutes: Option<Cow<'a, str>>,
    pub update_period: Option<Cow<'a, str>>,
    pub update_frequency: Option<Cow<'a, str>>,
    pub skips: Skips,
    pub source: Option<Box<Parts<'a>>>,
}

impl<'a> Parts<'a> {
    pub(super) fn offer_id(&mut self, rank: u8, id: Cow<'a, str>, base: u32) {
        if offer_value(&mut self.id, rank, id) {
            self.id_base = base;
        }
    }

    pub(super) fn offer_language(&mut self, rank: u8, language: Cow<'a, str>) {
        let _ = offer_value(&mut self.language, rank, language);
    }

    pub(super) fn offer_date(&mut self, field: DateField, rank: u8, text: Cow<'a, str>) {
        match field {
            DateField::Published => offer_date(&mut self.published, rank, text),
            DateField::Updated => offer_date(&mut self.updated, rank, text),
            DateField::Either => {
                offer_date(&mut self.published, rank, text.clone());
                offer_date(&mut self.updated, rank, text);
            }
        }
    }

    pub(super) fn has_date(&self) -> bool {
        self.published.is_some() || self.updated.is_some()
    }

    /// The better of two descriptions is the summary; the other may be the content.
    pub(super) fn offer_description(&mut self, part: TextPart<'a>) {
        if let Some(rejected) = offer_text(&mut self.description, part)
            && rejected.rank <= SECOND_RANK_MAX
        {
            offer_text(&mut self.second_description, rejected);
        }
    }

    /// Takes back a second encoding of the texts for people.
    pub(super) fn mend_encoding(&mut self, tally: &Tally) {
        let Self { title, description, second_description, content, rights, authors, categories, .. } = self;
        let texts = [title, description, second_description, content, rights].into_iter().flatten();
        let texts = texts.map(|part| &mut part.text);
        let names = authors.iter_mut().map(|person| &mut person.name);
        let terms = categories.iter_mut().map(|category| &mut category.term);
        for text in texts.chain(names).chain(terms) {
            if let Some(mended) = mojibake::mend(text) {
                tally.add("text encoded twice", 1);
                *text = Cow::Owned(mended);
            }
        }
    }

    pub(super) fn add_link(&mut self, link: LinkPart<'a>) {
        if !link.href.trim().is_empty() {
            add(&mut self.links, link);
        }
    }

    pub(super) fn add_category(&mut self, mut category: CategoryPart<'a>) {
        category.term = trimmed(category.term);
        if category.term.is_empty() {
            category.term = trimmed(std::mem::take(&mut category.label));
        }
        if !category.term.is_empty() && !self.categories.contains(&category) {
            add(&mut self.categories, category);
        }
    }

    pub(super) fn add_person(&mut self, role: Role, mut person: PersonPart<'a>) {
        if person.name.is_empty() && person.email.is_empty() && !person.text.trim().is_empty() {
            let (name, email) = match &person.text {
                Cow::Borrowed(text) => {
                    let (name, email) = people::split(text);
                    (name, email.map(Cow::Borrowed))
                }
                Cow::Owned(text) => {
                    let (name, email) = people::split(text);
                    let owned = |text: &str| Cow::Owned(text.to_owned());
                    (name.as_deref().map(owned), email.map(owned))
                }
            };
            person.name = name.unwrap_or_default();
            person.email = email.unwrap_or_default();
        }
        person.name = trimmed(person.name);
        person.email = trimmed(person.email);
        person.uri = trimmed(person.uri);
        if person.name.is_empty() && person.email.is_empty() && person.uri.is_empty() {
            return;
        }
        match role {
            Role::Author => add_unique(&mut self.authors, person),
            Role::Contributor => add_unique(&mut self.contributors, person),
            Role::Publisher => {
                if self.publisher.as_ref().is_none_or(|known| person.rank < known.rank) {
                    self.publisher = Some(person);
                }
            }
        }
    }
}

/// Only RSS's own elements give an entry's content by being there twice.
const SECOND_RANK_MAX: u8 = 1;

/// Keeps the better of what is there and `part`, the first of equals, and gives back the other.
pub(super) fn offer_text<'a>(slot: &mut Option<TextPart<'a>>, part: TextPart<'a>) -> Option<TextPart<'a>> {
    if part.text.trim().is_empty() {
        return None;
    }
    if slot.as_ref().is_none_or(|known| part.rank < known.rank) {
        return slot.replace(part);
    }
    Some(part)
}

/// Keeps the better of what is there and `part`, the first of equals.
pub(super) fn offer_address<'a>(slot: &mut Option<AddressPart<'a>>, part: AddressPart<'a>) {
    let is_better = slot.as_ref().is_none_or(|known| part.rank < known.rank);
    if is_better && !part.text.trim().is_empty() {
        *slot = Some(part);
    }
}

/// Whether it was taken.
fn offer_value<'a>(slot: &mut Best<'a>, rank: u8, value: Cow<'a, str>) -> bool {
    let value = trimmed(value);
    let is_better = slot.as_ref().is_none_or(|(known, _)| rank < *known) && !value.is_empty();
    if is_better {
        *slot = Some((rank, value));
    }
    is_better
}

/// Keeps the better date that can be read, the last of equals.
fn offer_date<'a>(slot: &mut Best<'a>, rank: u8, text: Cow<'a, str>) {
    if text.trim().is_empty() {
        return;
    }
    let is_welcome = match slot {
        None => true,
        Some((known, _)) if rank <= *known => dates::parse(&text).is_some(),
        Some((_, known)) => dates::parse(known).is_none() && dates::parse(&text).is_some(),
    };
    if is_welcome {
        *slot = Some((rank, text));
    }
}

fn add<T>(values: &mut Vec<T>, value: T) {
    if values.len() < VALUES_MAX {
        values.push(value);
    }
}

/// A person who is named twice, by `author` and `dc:creator` say, is one. A worse source counts
/// only where there is no better one.
fn add_unique<'a>(people: &mut Vec<PersonPart<'a>>, person: PersonPart<'a>) {
    if people.iter().any(|known| known.rank < person.rank) {
        return;
    }
    people.retain(|known| known.rank <= person.rank);
    let is_same = |known: &&mut PersonPart<'_>| {
        let same = |a: &str, b: &str| !a.is_empty() && a == b;
        let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
        (same(&known.name, &person.name) || same(&known.email, &person.email))
            && !differ(&known.name, &person.name)
            && !differ(&known.email, &person.email)
    };
    match people.iter_mut().find(is_same) {
        Some(known) => {
            for (known, new) in
                [(&mut known.name, person.name), (&mut known.email, person.email), (&mut known.uri, person.uri)]
            {
                if known.is_empty() {
                    *known = new;
                }
            }
        }
        None => add(people, person),
    }
}

/// Appends `piece` without copying where it is the first; a text beyond the limit is cut off.
pub(super) fn append<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>, tally: &Tally) {
    let room = TEXT_BYTES_MAX.saturating_sub(text.len());
    let piece = if piece.len() <= room {
        piece
    } else {
        tally.add("text cut off", 1);
        Cow::Owned(within(&piece, room).to_owned())
    };
    if text.is_empty() {
        *text = piece;
    } else if !piece.is_empty() {
        text.to_mut().push_str(&piece);
    }
}

/// Without the white space around it, and without a copy.
pub(super) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

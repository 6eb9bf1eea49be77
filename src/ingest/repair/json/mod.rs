//! A JSON Feed (jsonfeed.org, 1.0 and 1.1) with its usual sins: numbers for texts, a text for
//! a person or a list, missing versions and titles. Items are written out as they are read, so that
//! a document that breaks off keeps those before the damage.

mod mend;
mod values;

use super::Tally;
use super::canonical::{Canonical, Writer};
use super::parts::{AddressPart, CategoryPart, Form, LinkPart, Parts, PersonPart, TextPart, append, offer_address};
use super::vocabulary::{DateField, Role};
use mend::mend;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use url::Url;
use values::{List, Text, Thing};

/// Reads a JSON Feed, which came from `url`, or says in a sentence why it is none.
pub(super) fn read(text: &str, url: Option<&Url>, tally: &Tally) -> Result<Canonical, String> {
    let mut document = Document::new(url, tally);
    let Err(error) = document.read(text) else { return document.finish() };
    if error.is_syntax() {
        let mended = mend(text);
        let mut second = Document::new(url, tally);
        let result = second.read(&mended);
        if result.is_ok() || second.writer.entries() > document.writer.entries() {
            tally.add("broken JSON", 1);
            tally.add("truncated document", usize::from(result.is_err()));
            return second.finish();
        }
    }
    if document.writer.entries() == 0 {
        return Err(format!("no feed found, this is broken JSON ({error})"));
    }
    tally.add("truncated document", 1);
    document.finish()
}

/// A document while it is read.
struct Document<'a, 't> {
    tally: &'t Tally,
    writer: Writer,
    feed: Parts<'a>,
    version: Cow<'a, str>,
    has_items: bool,
}

impl<'a, 't> Document<'a, 't> {
    fn new(url: Option<&Url>, tally: &'t Tally) -> Self {
        Self { tally, writer: Writer::new(url), feed: Parts::default(), version: Cow::Borrowed(""), has_items: false }
    }

    fn read(&mut self, text: &'a str) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer.deserialize_any(FeedVisitor(self))
    }

    fn finish(self) -> Result<Canonical, String> {
        if !self.has_items {
            return Err("no feed found, this is JSON of another kind".to_owned());
        }
        let number = self.version.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_number =
            !number.is_empty() && number.len() < 6 && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let format = if is_number { format!("json feed {number}") } else { "json feed".to_owned() };
        Ok(self.writer.finish(self.feed, format, self.tally))
    }
}

/// The outermost object.
struct FeedVisitor<'d, 'a, 't>(&'d mut Document<'a, 't>);

impl<'de> Visitor<'de> for FeedVisitor<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON Feed")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(document) = self;
        while let Some(key) = map.next_key::<Text<'de>>()? {
            let feed = &mut document.feed;
            match &*key.0 {
                "version" => document.version = map.next_value::<Text<'de>>()?.0,
                "title" => feed.title = title(map.next_value()?),
                "description" => feed.description = plain(map.next_value()?),
                "home_page_url" => add_link(feed, "alternate", map.next_value()?),
                "feed_url" => add_link(feed, "self", map.next_value()?),
                "next_url" => add_link(feed, "next", map.next_value()?),
                "icon" => offer_picture(feed, 0, map.next_value()?),
                "favicon" => offer_address(&mut feed.icon, address(0, map.next_value()?)),
                "language" => feed.offer_language(0, map.next_value::<Text<'de>>()?.0),
                "author" | "authors" => add_people(feed, map.next_value()?),
                "hubs" => {
                    for hub in map.next_value::<List<Thing<'de>>>()?.0 {
                        add_link(feed, "hub", Text(hub.url));
                    }
                }
                "items" => {
                    document.has_items = true;
                    map.next_value_seed(Items(document))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The list of items, each written out when it ends.
struct Items<'d, 'a, 't>(&'d mut Document<'a, 't>);

impl<'de> DeserializeSeed<'de> for Items<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(Item(parts)) = list.next_element::<Item<'de>>()? {
            self.0.writer.entry(parts, self.0.tally);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// One item.
struct Item<'a>(Parts<'a>);

impl<'de> Deserialize<'de> for Item<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemVisitor;
        impl<'de> Visitor<'de> for ItemVisitor {
            type Value = Item<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
                let mut entry = Parts::default();
                let mut text_content = None;
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    match &*key.0 {
                        "id" => entry.offer_id(0, map.next_value::<Text<'de>>()?.0, 0),
                        "url" => add_link(&mut entry, "alternate", map.next_value()?),
                        "external_url" => add_link(&mut entry, "related", map.next_value()?),
                        "title" => entry.title = title(map.next_value()?),
                        "summary" => entry.description = plain(map.next_value()?),
                        "content_html" => {
                            entry.content = plain(map.next_value()?).map(|part| TextPart { form: Form::Html, ..part });
                        }
                        "content_text" => text_content = plain(map.next_value()?),
                        "image" => offer_picture(&mut entry, 0, map.next_value()?),
                        "banner_image" => offer_picture(&mut entry, 1, map.next_value()?),
                        "date_published" => {
                            entry.offer_date(DateField::Published, 0, map.next_value::<Text<'de>>()?.0);
                        }
                        "date_modified" => entry.offer_date(DateField::Updated, 0, map.next_value::<Text<'de>>()?.0),
                        "language" => entry.offer_language(0, map.next_value::<Text<'de>>()?.0),
                        "author" | "authors" => add_people(&mut entry, map.next_value()?),
                        "tags" => {
                            for term in map.next_value::<List<Text<'de>>>()?.0 {
                                entry.add_category(CategoryPart { term: term.0, ..CategoryPart::default() });
                            }
                        }
                        "attachments" => {
                            for thing in map.next_value::<List<Thing<'de>>>()?.0 {
                                entry.add_link(LinkPart {
                                    href: thing.url,
                                    rel: Cow::Borrowed("enclosure"),
                                    media_type: thing.mime_type,
                                    title: thing.title,
                                    length: thing.size_in_bytes,
                                    ..LinkPart::default()
                                });
                            }
                        }
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                entry.content = entry.content.or(text_content);
                Ok(Item(entry))
            }
        }
        deserializer.deserialize_map(ItemVisitor)
    }
}

/// Plain by the format, but programs hand over the `&#8211;` of their pages.
fn title(text: Text<'_>) -> Option<TextPart<'_>> {
    plain(text).map(|part| TextPart { form: Form::Unsure, ..part })
}

fn plain(text: Text<'_>) -> Option<TextPart<'_>> {
    let mut whole = Cow::Borrowed("");
    append(&mut whole, text.0, &Tally::default());
    (!whole.trim().is_empty()).then_some(TextPart { rank: 0, form: Form::Plain, text: whole, base: 0 })
}

fn address(rank: u8, text: Text<'_>) -> AddressPart<'_> {
    AddressPart { rank, text: text.0, base: 0 }
}

fn offer_picture<'a>(parts: &mut Parts<'a>, rank: u8, text: Text<'a>) {
    offer_address(&mut parts.picture, address(rank, text));
}

fn add_link<'a>(parts: &mut Parts<'a>, rel: &'static str, href: Text<'a>) {
    parts.add_link(LinkPart { href: href.0, rel: Cow::Borrowed(rel), ..LinkPart::default() });
}

fn add_people<'a>(parts: &mut Parts<'a>, people: List<Thing<'a>>) {
    for Thing { text, name, url, email, .. } in people.0 {
        parts.add_person(Role::Author, PersonPart { text, name, uri: url, email, ..PersonPart::default() });
    }
}

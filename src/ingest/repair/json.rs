//! A JSON Feed (jsonfeed.org, 1.0 and 1.1) with its usual sins: numbers for texts, a text for
//! a person or a list, missing versions and titles. Items are written out as they are read, so that
//! a document that breaks off keeps those before the damage.

use super::canonical::{Canonical, Writer};
use super::parts::{AddressPart, CategoryPart, Form, LinkPart, Parts, PersonPart, TextPart, append, offer_address};
use super::vocabulary::{DateField, Role};
use super::{Tally, VALUES_MAX};
use crate::ingest::decode::is_xml;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use url::Url;

pub(super) fn read(text: &str, url: Option<&Url>, tally: &Tally) -> Result<Canonical, String> {
    let mut document = Document::new(text, url, tally);
    let result = document.read(text);
    if result.is_ok() {
        return document.finish();
    }
    if matches!(&result, Err(error) if error.is_syntax()) {
        let mended = mend(text);
        let mut second = Document::new(&mended, url, tally);
        if second.read(&mended).is_ok() {
            second.tally.add("broken JSON", 1);
            return second.finish();
        }
    }
    if document.writer.entries() == 0 {
        return Err(match result {
            Err(error) => format!("no feed found, this is broken JSON ({error})"),
            Ok(()) => "no feed found, this is JSON of another kind".to_owned(),
        });
    }
    document.tally.add("truncated document", 1);
    document.finish()
}

struct Document<'a, 't> {
    tally: &'t Tally,
    writer: Writer,
    feed: Parts<'a>,
    version: Cow<'a, str>,
    has_items: bool,
}

impl<'a, 't> Document<'a, 't> {
    fn new(text: &str, url: Option<&Url>, tally: &'t Tally) -> Self {
        let writer = Writer::new(url, text.len());
        Self { tally, writer, feed: Parts::default(), version: Cow::Borrowed(""), has_items: false }
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
                "title" => feed.title = plain(map.next_value()?),
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
                        "id" => entry.offer_id(0, map.next_value::<Text<'de>>()?.0),
                        "url" => add_link(&mut entry, "alternate", map.next_value()?),
                        "external_url" => add_link(&mut entry, "related", map.next_value()?),
                        "title" => entry.title = plain(map.next_value()?),
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

/// A text, a number, or nothing.
#[derive(Default)]
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Text(deserializer.deserialize_any(ThingVisitor)?.text))
    }
}

/// A text, or an object with some of these fields: an author, a hub, an attachment.
#[derive(Default)]
struct Thing<'a> {
    text: Cow<'a, str>,
    name: Cow<'a, str>,
    url: Cow<'a, str>,
    email: Cow<'a, str>,
    title: Cow<'a, str>,
    mime_type: Cow<'a, str>,
    size_in_bytes: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for Thing<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ThingVisitor)
    }
}

struct ThingVisitor;

impl<'de> ThingVisitor {
    fn text<E>(text: Cow<'de, str>) -> Result<Thing<'de>, E> {
        Ok(Thing { text, ..Thing::default() })
    }
}

impl<'de> Visitor<'de> for ThingVisitor {
    type Value = Thing<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or an object")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Thing<'de>, E> {
        Self::text(Cow::Borrowed(text))
    }

    /// Only a text with escapes comes this way; `\u0000` may be one.
    fn visit_str<E: Error>(self, text: &str) -> Result<Thing<'de>, E> {
        Self::text(Cow::Owned(text.chars().filter(|character| is_xml(*character)).collect()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Thing<'de>, E> {
        Self::text(Cow::Owned(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Thing<'de>, E> {
        Self::text(Cow::Owned(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Thing<'de>, E> {
        Self::text(Cow::Owned(number.to_string()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Thing<'de>, E> {
        Ok(Thing::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Thing<'de>, E> {
        Ok(Thing::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Thing<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Thing::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Thing<'de>, A::Error> {
        let mut thing = Thing::default();
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match &*key.0 {
                "name" => thing.name = map.next_value::<Text<'de>>()?.0,
                "url" => thing.url = map.next_value::<Text<'de>>()?.0,
                "email" => thing.email = map.next_value::<Text<'de>>()?.0,
                "title" => thing.title = map.next_value::<Text<'de>>()?.0,
                "mime_type" => thing.mime_type = map.next_value::<Text<'de>>()?.0,
                "size_in_bytes" => thing.size_in_bytes = map.next_value::<Text<'de>>()?.0,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(thing)
    }
}

/// A list, or its only element alone.
struct List<T>(Vec<T>);

impl<'de, T: Deserialize<'de> + From<Thing<'de>>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de> + From<Thing<'de>>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<List<T>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element::<T>()? {
                    if values.len() < VALUES_MAX {
                        values.push(value);
                    }
                }
                Ok(List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                Ok(List(vec![ThingVisitor.visit_map(map)?.into()]))
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<List<T>, E> {
                Ok(List(vec![ThingVisitor.visit_borrowed_str(text)?.into()]))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<List<T>, E> {
                Ok(List(vec![ThingVisitor.visit_str(text)?.into()]))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }

            fn visit_unit<E: Error>(self) -> Result<List<T>, E> {
                Ok(List(Vec::new()))
            }
        }
        deserializer.deserialize_any(ListVisitor(std::marker::PhantomData))
    }
}

impl<'a> From<Thing<'a>> for Text<'a> {
    fn from(thing: Thing<'a>) -> Self {
        Text(thing.text)
    }
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

/// Takes out what hand-made JSON gets wrong: line breaks in strings, commas before a closing bracket,
/// halves of surrogate pairs.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut is_in_string = false;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', ',', '\n', '\r', '\t']) {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = rest.as_bytes()[0];
        let mut length = 1;
        match found {
            b'\\' if is_in_string => {
                length = escape_length(rest);
                let is_half = length == 6 && unit(rest.as_bytes()).is_some_and(|unit| (0xd800..0xe000).contains(&unit));
                mended.push_str(if is_half { "\\ufffd" } else { &rest[..length] });
            }
            b'\n' | b'\r' | b'\t' if is_in_string => mended.push(' '),
            b',' if !is_in_string && rest[1..].trim_ascii_start().starts_with(['}', ']']) => {}
            _ => {
                is_in_string ^= found == b'"';
                mended.push(char::from(found));
            }
        }
        rest = &rest[length..];
    }
    mended.push_str(rest);
    mended
}

/// How long the escape at the start of `text` is: two halves of a pair are one.
fn escape_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_low = |unit: u16| (0xdc00..0xe000).contains(&unit);
    match unit(bytes) {
        Some(high) if (0xd800..0xdc00).contains(&high) && unit(&bytes[6..]).is_some_and(is_low) => 12,
        Some(_) => 6,
        None => 1 + text[1..].chars().next().map_or(0, char::len_utf8),
    }
}

/// The number of `\u1234` at the start of `bytes`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_what_hands_get_wrong() {
        for (broken, mended) in [
            ("{\"a\":\"b\nc\",}", "{\"a\":\"b c\"}"),
            ("[1, 2,\n]", "[1, 2\n]"),
            (r#"["a, ]", "\",]"]"#, r#"["a, ]", "\",]"]"#),
            (r#"["\ud83d\ude00 \ud83d x \ude00"]"#, r#"["\ud83d\ude00 \ufffd x \ufffd"]"#),
            (r#"["\"#, r#"["\"#),
            ("[\"\\n</pë\",]", "[\"\\n</pë\"]"),
            ("[\"\\é\\u12é\"]", "[\"\\é\\u12é\"]"),
        ] {
            assert_eq!(mend(broken), mended, "{broken}");
        }
    }
}

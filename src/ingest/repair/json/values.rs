//! Values that may be of several shapes: a text or a number, a text or an object, a list or its only
//! element.

use crate::ingest::decode::is_xml;
use crate::ingest::repair::VALUES_MAX;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A text, a number, or nothing.
#[derive(Default)]
pub(super) struct Text<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Text(deserializer.deserialize_any(ThingVisitor)?.text))
    }
}

/// A text, or an object with some of these fields: an author, a hub, an attachment.
#[derive(Default)]
pub(super) struct Thing<'a> {
    pub text: Cow<'a, str>,
    pub name: Cow<'a, str>,
    pub url: Cow<'a, str>,
    pub email: Cow<'a, str>,
    pub title: Cow<'a, str>,
    pub mime_type: Cow<'a, str>,
    pub size_in_bytes: Cow<'a, str>,
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
pub(super) struct List<T>(pub Vec<T>);

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

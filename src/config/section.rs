//! One table of feeds.toml while it is read: hands out its values by key, complains of those of
//! the wrong kind, and at the end of every key that nobody asked for. Read by hand rather than
//! through derived deserializers, which stop at the first fault of a file.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml_edit::{Array, Item, TableLike, Value};

use super::places::{Place, did_you_mean};
use super::text::{Reader, Text};
use crate::duration;

pub(super) struct Section<'a> {
    pub reader: Reader<'a>,
    /// `[server]`, for messages.
    name: String,
    pub place: Place,
    table: &'a dyn TableLike,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub fn new(reader: Reader<'a>, name: impl Into<String>, table: &'a dyn TableLike, place: Place) -> Self {
        Self { reader, name: name.into(), place, table, known: Vec::new() }
    }

    /// The item under `key`, which is a known key from now on.
    pub fn take(&mut self, key: &'static str) -> Option<&'a Item> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    pub fn text(&mut self, key: &'static str) -> Option<Text> {
        let item = self.take(key)?;
        self.reader.text(key, item)
    }

    /// Complains of a key that could be here but must not, if it is.
    pub fn forbid(&mut self, key: &'static str, reason: &str) {
        if self.table.contains_key(key) {
            self.known.push(key);
            self.refuse(self.key_place(key), format!("{key}: {reason}"));
        }
    }

    /// As [`Section::text`]; its absence is an error.
    pub fn required_text(&mut self, key: &'static str) -> Option<Text> {
        let text = self.text(key);
        if !self.table.contains_key(key) {
            self.reader.context.refuse(self.place, format!("{} needs the key \"{key}\"", self.name));
        }
        text
    }

    /// What is no text in the list is left out with a complaint.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<Text>> {
        let item = self.take(key)?;
        self.texts_of(key, item)
    }

    /// As [`Section::texts`], for a list that narrows something down: an empty one could mean
    /// nothing or everything, so that it is refused. `default` is what the key's absence means.
    pub fn selection(&mut self, key: &'static str, default: &str) -> Option<Vec<Text>> {
        let item = self.take(key)?;
        if item.as_array().is_some_and(Array::is_empty) {
            self.refuse(self.key_place(key), format!("{key}: an empty list, leave the key out for {default}"));
            return None;
        }
        self.texts_of(key, item)
    }

    pub fn texts_of(&self, key: &str, item: &Item) -> Option<Vec<Text>> {
        let values = self.values_of(key, item)?;
        Some(values.into_iter().filter_map(|value| self.reader.value_text(key, value)).collect())
    }

    pub fn values_of<'i>(&self, key: &str, item: &'i Item) -> Option<Vec<&'i Value>> {
        let place = self.reader.place(item.span());
        if let Some(text) = item.as_str() {
            self.refuse(place, format!("{key}: expected a list, write [{text:?}]"));
            return None;
        }
        let Some(array) = item.as_array() else {
            return self.reader.expected(key, "a list", item.type_name(), place);
        };
        Some(array.iter().collect())
    }

    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let item = self.take(key)?;
        let place = self.reader.place(item.span());
        item.as_bool().or_else(|| self.reader.expected(key, "true or false", item.type_name(), place))
    }

    pub fn number(&mut self, key: &'static str, allowed: RangeInclusive<i64>) -> Option<i64> {
        let item = self.take(key)?;
        self.number_of(key, item, allowed)
    }

    pub fn number_of(&self, key: &str, item: &Item, allowed: RangeInclusive<i64>) -> Option<i64> {
        let place = self.reader.place(item.span());
        let Some(number) = item.as_integer() else {
            return self.reader.expected(key, "a whole number", item.type_name(), place);
        };
        if !allowed.contains(&number) {
            let (least, most) = (allowed.start(), allowed.end());
            self.refuse(place, format!("{key}: {number} is not between {least} and {most}"));
            return None;
        }
        Some(number)
    }

    /// `unit` is the one to propose where the file has a bare number.
    pub fn duration(&mut self, key: &'static str, unit: &str, least: Duration) -> Option<Duration> {
        let item = self.take(key)?;
        let text = match item.as_integer() {
            Some(number) => Text { value: number.to_string(), place: self.reader.place(item.span()), is_secret: false },
            None => self.reader.text(key, item)?,
        };
        let reason = match duration::parse(&text.value, unit) {
            Ok(duration) if duration >= least => return Some(duration),
            Ok(_) => {
                let least = duration::write(least);
                format!("{} is too short, the least is {least}", text.value)
            }
            Err(reason) => reason,
        };
        let secret = "this secret is no duration that fits".to_owned();
        let reason = if text.is_secret { secret } else { reason };
        self.refuse(text.place, format!("{key}: {reason}"));
        None
    }

    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        self.choose(key, &text, choices)
    }

    pub fn choose<T: Copy>(&self, key: &str, text: &Text, choices: &[(&str, T)]) -> Option<T> {
        let chosen = choices.iter().find(|(name, _)| *name == text.value).map(|(_, choice)| *choice);
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let shown = text.shown();
            self.refuse(text.place, format!("{key}: {shown} is none of {}", names.join(", ")));
        }
        chosen
    }

    /// `[key]`, or the same written inline.
    pub fn section(&mut self, key: &'static str) -> Option<Self> {
        let item = self.take(key)?;
        if item.is_array_of_tables() {
            self.refuse(self.key_place(key), format!("{key}: write [{key}] with one bracket on each side"));
            return None;
        }
        self.section_of(key, format!("[{key}]"), item)
    }

    pub fn section_of(&self, key: &str, name: String, item: &'a Item) -> Option<Self> {
        let place = self.reader.place(item.span());
        match item.as_table_like() {
            Some(table) => Some(Self::new(self.reader, name, table, place)),
            None => self.reader.expected(key, "a table", item.type_name(), place),
        }
    }

    /// `[[key]]`, or the same written inline.
    pub fn sections(&mut self, key: &'static str, name: &str) -> Vec<Self> {
        let Some(item) = self.take(key) else {
            return Vec::new();
        };
        let mut tables: Vec<(&dyn TableLike, Place)> = Vec::new();
        if let Some(array) = item.as_array_of_tables() {
            tables.extend(array.iter().map(|table| (table as _, self.reader.place(table.span()))));
        } else if let Some(array) = item.as_array().filter(|array| array.iter().all(Value::is_inline_table)) {
            let inline = array.iter().filter_map(Value::as_inline_table);
            tables.extend(inline.map(|table| (table as _, self.reader.place(table.span()))));
        } else {
            self.refuse(self.key_place(key), format!("{key}: write {name} with two brackets on each side"));
        }
        let section = |(table, place)| Self::new(self.reader, name, table, place);
        tables.into_iter().map(section).collect()
    }

    /// Whether `key` is written as `[key]` or `[[key]]`.
    pub fn has_tables(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|item| item.is_table() || item.is_array_of_tables())
    }

    /// All keys and their items, for tables whose keys are names.
    pub fn items(&self) -> impl Iterator<Item = (&'a str, &'a Item)> + use<'a> {
        self.table.iter()
    }

    pub fn key_place(&self, key: &str) -> Place {
        self.reader.place(self.table.key(key).and_then(|key| key.span()))
    }

    pub fn refuse(&self, place: Place, message: impl Into<String>) {
        self.reader.context.refuse(place, message);
    }

    /// Complains of the keys that nobody asked for.
    pub fn finish(self) {
        for (key, _) in self.table.iter().filter(|(key, _)| !self.known.contains(key)) {
            let mut hint = did_you_mean(key, self.known.iter().copied());
            if hint.is_empty() {
                hint = format!(", {} knows {}", self.name, self.known.join(", "));
            }
            self.refuse(self.key_place(key), format!("unknown key \"{key}\"{hint}"));
        }
    }
}

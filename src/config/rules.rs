//! `[words]` and `[[topic]]`: read and checked for names; whether the rules themselves make sense
//! is for the matcher to say, and [`RulePlaces`] tells where it found fault.

use std::collections::HashMap;

use toml_edit::{Array, Item};

use super::Example;
use super::feeds::{check_id, check_language};
use super::places::{Context, Error, File, Place, did_you_mean};
use super::section::Section;
use super::selectors::Feeds;
use super::text::Text;
use crate::topics::{self, Field, RuleError, Topic, WordList};

/// Where the terms of the rules stand in the files.
#[derive(Debug, Clone, Default)]
pub struct RulePlaces {
    /// By list or topic, then by key: the place of each element.
    places: HashMap<(Owner, String), Vec<Place>>,
    /// The place of each list or topic itself.
    owners: HashMap<Owner, Place>,
    pub(super) files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Words(String),
    Topic(String),
}

impl RulePlaces {
    /// The error with its place in the files, as near as we know it.
    pub(super) fn explain(&self, error: &RuleError) -> Error {
        let (owner, key, index) = match &error.place {
            topics::Place::Words { list, key, index } => (Owner::Words(list.clone()), key.as_str(), *index),
            topics::Place::Topic { topic, key, index } => (Owner::Topic(topic.clone()), *key, *index),
        };
        let owner_place = self.owners.get(&owner);
        let places = self.places.get(&(owner, key.to_owned()));
        let place = places.and_then(|places| places.get(index)).or(owner_place);
        match place.and_then(|place| Some((self.files.get(place.file)?, place.offset))) {
            Some((file, offset)) => file.error(offset, format!("{key}: {}", error.message)),
            None => Error::new(error.to_string()),
        }
    }

    fn add(&mut self, owner: &Owner, key: &str, texts: &[Text]) {
        let places = texts.iter().map(|text| text.place).collect();
        self.places.insert((owner.clone(), key.to_owned()), places);
    }
}

/// Reads `[words]`.
pub(super) fn read_words(section: &Section<'_>, places: &mut RulePlaces) -> Vec<WordList> {
    let mut lists = Vec::new();
    for (name, item) in section.items() {
        let owner = Owner::Words(name.to_owned());
        let place = section.key_place(name);
        if let Some(first) = places.owners.insert(owner.clone(), place) {
            let first = section.reader.context.name(first);
            section.refuse(place, format!("words: the list \"{name}\" is already at {first}"));
        }
        if let Some(list) = section.section_of(name, format!("[words.{name}]"), item) {
            lists.push(read_list(&list, name, &owner, places));
        }
    }
    lists
}

fn read_list(section: &Section<'_>, name: &str, owner: &Owner, places: &mut RulePlaces) -> WordList {
    let mut list = WordList { name: name.to_owned(), ..WordList::default() };
    for (key, item) in section.items() {
        let is_language = (2..=3).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_language && key != "except" {
            let hint = did_you_mean(key, ["any", "except"]);
            section.refuse(section.key_place(key), format!("{key}: not a language like \"en\" or \"hbs\"{hint}"));
        }
        let Some(terms) = section.texts_of(key, item) else {
            continue;
        };
        places.add(owner, key, &terms);
        let terms = terms.into_iter().map(|term| term.value).collect();
        match key {
            "except" => list.except = terms,
            _ => list.languages.push((key.to_owned(), terms)),
        }
    }
    list
}

/// A `[[topic]]` as it is written; names of other things are not yet looked up.
pub(super) struct TopicKeys {
    pub id: Text,
    topic: Topic,
    parent: Option<Text>,
    feeds: Option<Vec<Text>>,
    has_rules: bool,
    place: Place,
}

const FIELDS: [(&str, Field); 4] = [
    ("title", Field::Title),
    ("summary", Field::Summary),
    ("content", Field::Content),
    ("categories", Field::Categories),
];

/// No rule reaches further: most entries are shorter.
const NEAR_MOST: i64 = 1000;

/// Reads a `[[topic]]` and its examples.
pub(super) fn read_topic(
    mut section: Section<'_>,
    places: &mut RulePlaces,
    examples: &mut Vec<Example>,
) -> Option<TopicKeys> {
    let id = section.required_text("id").inspect(|id| check_id(&section, "id", id));
    let owner = Owner::Topic(id.as_ref().map(|id| id.value.clone()).unwrap_or_default());
    let title = section.text("title");
    let is_empty = |item: &Item| {
        let table = item.as_table_like();
        item.as_array().is_some_and(Array::is_empty) || table.is_some_and(|table| table.is_empty())
    };
    let is_filled = |item: &Item| !is_empty(item);
    let has_rules = ["enough", "together", "points"].into_iter().any(|key| section.take(key).is_some_and(is_filled));
    let mut topic = read_terms(&mut section, &owner, places);
    read_points(&mut section, &owner, places, &mut topic);
    topic.near = section.number("near", 1..=NEAR_MOST).and_then(|near| u32::try_from(near).ok());
    topic.fields = read_fields(&mut section);
    topic.languages = read_languages(&mut section);
    let parent = section.text("in");
    places.add(&owner, "in", parent.as_slice());
    let feeds = section.selection("feeds", "all of them");
    for example in section.sections("example", "[[topic.example]]") {
        examples.extend(read_example(example, id.as_ref()));
    }
    let place = section.place;
    let context = section.reader.context;
    section.finish();
    let id = id?;
    if let Some(first) = places.owners.insert(owner, place) {
        context.refuse(id.place, format!("id: the topic {} is already at {}", id.shown(), context.name(first)));
    }
    topic.id.clone_from(&id.value);
    topic.title = title.map_or_else(|| id.value.clone(), |title| title.value);
    Some(TopicKeys { id, topic, parent, feeds, has_rules, place })
}

fn read_terms(section: &mut Section<'_>, owner: &Owner, places: &mut RulePlaces) -> Topic {
    let mut topic = Topic::default();
    let lists = [("enough", &mut topic.enough), ("unless", &mut topic.unless), ("never", &mut topic.never)];
    for (key, terms) in lists {
        let texts = section.texts(key).unwrap_or_default();
        places.add(owner, key, &texts);
        terms.extend(texts.into_iter().map(|text| text.value));
    }
    if let Some(item) = section.take("together") {
        let (groups, group_places) = read_together(section, item);
        topic.together = groups;
        places.places.insert((owner.clone(), "together".into()), group_places);
    }
    topic
}

/// An element is a term, or a list of terms of which either will do.
fn read_together(section: &Section<'_>, item: &Item) -> (Vec<Vec<String>>, Vec<Place>) {
    let (mut groups, mut places) = (Vec::new(), Vec::new());
    for value in section.values_of("together", item).unwrap_or_default() {
        let place = section.reader.place(value.span());
        let text = |value| section.reader.value_text("together", value).map(|text| text.value);
        let group: Vec<String> = match value.as_array() {
            Some(either) => either.iter().filter_map(text).collect(),
            None => text(value).into_iter().collect(),
        };
        if value.as_array().is_some_and(Array::is_empty) {
            section.refuse(place, "together: an empty list can never be found");
        }
        groups.push(group);
        places.push(place);
    }
    (groups, places)
}

/// `points`, `threshold` and `title_times`. Points without a threshold could mean any, and a threshold
/// without points is a slip.
fn read_points(section: &mut Section<'_>, owner: &Owner, places: &mut RulePlaces, topic: &mut Topic) {
    let small = |number: i64| u32::try_from(number).ok();
    if let Some(item) = section.take("points")
        && let Some(points) = section.section_of("points", "points".into(), item)
    {
        let mut points_places = Vec::new();
        for (element, item) in points.items() {
            let place = points.key_place(element);
            let Some(number) = points.number_of(element, item, 1..=POINTS_MOST).and_then(small) else {
                continue;
            };
            topic.points.push((element.to_owned(), number));
            points_places.push(place);
        }
        places.places.insert((owner.clone(), "points".into()), points_places);
    }
    for (key, number) in [("threshold", &mut topic.threshold), ("title_times", &mut topic.title_times)] {
        *number = section.number(key, 1..=POINTS_MOST).and_then(small);
    }
    if !topic.points.is_empty() && topic.threshold.is_none() {
        let place = section.key_place("points");
        section.refuse(place, "points: say how many of them tag, as in threshold = 5");
    }
    if topic.threshold.is_some() && section.take("points").is_none() {
        let place = section.key_place("threshold");
        section.refuse(place, "threshold: there are no points to count, as in points = { \"@name\" = 2 }");
    }
}

/// More tell nothing that a smaller threshold would not.
const POINTS_MOST: i64 = 1000;

fn read_fields(section: &mut Section<'_>) -> Vec<Field> {
    let Some(names) = section.selection("fields", "title, summary and categories") else {
        return vec![Field::Title, Field::Summary, Field::Categories];
    };
    names.iter().filter_map(|name| section.choose("fields", name, &FIELDS)).collect()
}

/// `languages` of a topic or an output.
pub(super) fn read_languages(section: &mut Section<'_>) -> Vec<String> {
    let languages = section.selection("languages", "all of them").unwrap_or_default();
    languages.into_iter().filter_map(|text| check_language(section, "languages", text)).collect()
}

fn read_example(mut section: Section<'_>, topic: Option<&Text>) -> Option<Example> {
    let text = section.required_text("text");
    let want = section.flag("want").unwrap_or(true);
    let context = section.reader.context;
    section.finish();
    let (text, topic) = (text?, topic?);
    let place = context.name(text.place);
    let place = place.rsplit_once(':').map_or(place.as_str(), |(line, _)| line).to_owned();
    Some(Example { topic: topic.value.clone(), text: text.value, want, place })
}

/// The topics with the names in them looked up.
pub(super) fn topics(context: &Context<'_>, keys: Vec<TopicKeys>, feeds: &Feeds<'_>) -> Vec<Topic> {
    let parents: HashMap<String, Option<String>> =
        keys.iter().map(|key| (key.id.value.clone(), key.parent.as_ref().map(|parent| parent.value.clone()))).collect();
    let mut topics = Vec::with_capacity(keys.len());
    for TopicKeys { mut topic, parent, feeds: selectors, has_rules, place, .. } in keys {
        if let Some(parent) = &parent {
            check_parent(context, &topic.id, parent, &parents);
        }
        let is_parent = parents.values().flatten().any(|parent| *parent == topic.id);
        if !has_rules && !is_parent {
            let id = &topic.id;
            context.refuse(
                place,
                format!("the topic \"{id}\" can never match, give it \"enough\", \"together\" or \"points\""),
            );
        }
        topic.parent = parent.map(|parent| parent.value);
        topic.feeds = selectors.map(|selectors| feeds.resolve(context, &selectors));
        topics.push(topic);
    }
    topics
}

fn check_parent(context: &Context<'_>, id: &str, parent: &Text, parents: &HashMap<String, Option<String>>) {
    let name = parent.value.as_str();
    if !parents.contains_key(name) {
        let hint = did_you_mean(name, parents.keys().map(String::as_str).filter(|known| *known != id));
        return context.refuse(parent.place, format!("in: unknown topic {}{hint}", parent.shown()));
    }
    let above = |topic: &&str| parents.get(*topic).and_then(|parent| parent.as_deref());
    // As many steps as there are topics lead to every ancestor, in a ring as well.
    let ancestors = std::iter::successors(Some(name), above).take(parents.len());
    if ancestors.into_iter().any(|ancestor| ancestor == id) {
        context.refuse(parent.place, format!("in: \"{id}\" would be within itself"));
    }
}

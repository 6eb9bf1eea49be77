//! `[[output]]`: what is published, and what is published if nothing is said.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::feeds::check_id;
use super::places::{Context, Place, did_you_mean};
use super::rules::read_languages;
use super::section::Section;
use super::selectors::Feeds;
use super::text::Text;
use crate::feed::{Collapse, ContentMode, Copies, Output};
use crate::topics::Topic;

/// An `[[output]]` as it is written; names of other things are not yet looked up.
pub(super) struct OutputKeys {
    id: Text,
    title: Option<String>,
    topics: Option<Vec<Text>>,
    feeds: Option<Vec<Text>>,
    languages: Vec<String>,
    collapse: Collapse,
    items: usize,
    at_least: Duration,
    aliases: Vec<Text>,
    content: ContentMode,
    also_in: Copies,
}

const ALL: &str = "all";

const ITEMS_MOST: i64 = Output::ITEMS_MOST as i64;

/// `/feeds/health.atom` tells which feeds are broken; `index.html` is the first page of what
/// `publish` writes.
const RESERVED: [&str; 2] = ["health", "index"];

const COLLAPSES: [(&str, Collapse); 3] =
    [("none", Collapse::None), ("duplicates", Collapse::Duplicates), ("stories", Collapse::Stories)];

const CONTENTS: [(&str, ContentMode); 3] =
    [("full", ContentMode::Full), ("summary", ContentMode::Summary), ("title", ContentMode::Title)];

const COPIES: [(&str, Copies); 3] = [("foot", Copies::Foot), ("links", Copies::Links), ("none", Copies::None)];

/// Reads an `[[output]]`.
pub(super) fn read_output(mut section: Section<'_>) -> Option<OutputKeys> {
    let id = section.required_text("id").inspect(|id| check_id(&section, "id", id));
    let title = section.text("title").map(|title| title.value);
    let topics = section.selection("topics", "all of them");
    let feeds = section.selection("feeds", "all of them");
    let languages = read_languages(&mut section);
    let collapse = section.choice("collapse", &COLLAPSES).unwrap_or_default();
    let items =
        section.number("items", 1..=ITEMS_MOST).and_then(|items| usize::try_from(items).ok()).unwrap_or(Output::ITEMS);
    let at_least = section.duration("at_least", "h", Duration::ZERO).unwrap_or(Output::AT_LEAST);
    let aliases = section.texts("aliases").unwrap_or_default();
    aliases.iter().for_each(|alias| check_id(&section, "aliases", alias));
    let content = section.choice("content", &CONTENTS).unwrap_or_default();
    let also_in = section.choice("also_in", &COPIES).unwrap_or_default();
    section.finish();
    Some(OutputKeys { id: id?, title, topics, feeds, languages, collapse, items, at_least, aliases, content, also_in })
}

/// All outputs: those of the files, else one for each topic; and `all` in any case.
pub(super) fn outputs(
    context: &Context<'_>,
    keys: Vec<OutputKeys>,
    title: &str,
    topics: &[Topic],
    feeds: &Feeds<'_>,
) -> Vec<Output> {
    let titles: HashMap<&str, &str> = topics.iter().map(|topic| (topic.id.as_str(), topic.title.as_str())).collect();
    check_ids(context, &keys);
    check_aliases(context, &keys);
    let mut outputs: Vec<Output> = Vec::with_capacity(keys.len() + 1);
    if keys.is_empty() {
        outputs.extend(topics.iter().map(of_topic));
    }
    for key in keys {
        let id = key.id.value;
        let own_title = if id == ALL { Some(title) } else { titles.get(id.as_str()).copied() };
        outputs.push(Output {
            title: key.title.unwrap_or_else(|| own_title.unwrap_or(&id).to_owned()),
            topics: key.topics.map(|topics| check_topics(context, topics, &titles)).unwrap_or_default(),
            feeds: key.feeds.map(|selectors| feeds.resolve(context, &selectors)),
            languages: key.languages,
            collapse: key.collapse,
            items: key.items,
            at_least: key.at_least,
            aliases: key.aliases.into_iter().map(|alias| alias.value).collect(),
            content: key.content,
            also_in: key.also_in,
            id,
        });
    }
    if !outputs.iter().any(|output| output.id == ALL) {
        outputs.insert(0, Output::new(ALL, title));
    }
    outputs
}

fn of_topic(topic: &Topic) -> Output {
    Output { topics: vec![topic.id.clone()], ..Output::new(&topic.id, &topic.title) }
}

/// Complains of topics whose automatic output would take a name that is not free.
pub(super) fn check_automatic_ids<'t>(context: &Context<'_>, topics: impl Iterator<Item = &'t Text>) {
    for id in topics {
        let owner = match id.value.as_str() {
            ALL => "the output of all entries",
            name if RESERVED.contains(&name) => "a page of glasnik's own",
            _ => continue,
        };
        let instead = "take another id, or write an [[output]] for the topic";
        context.refuse(id.place, format!("id: {} is taken by {owner}: {instead}", id.shown()));
    }
}

fn check_ids(context: &Context<'_>, keys: &[OutputKeys]) {
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for OutputKeys { id, .. } in keys {
        if RESERVED.contains(&id.value.as_str()) {
            context.refuse(id.place, format!("id: {} is taken by a page of glasnik's own", id.shown()));
        }
        match seen.get(id.value.as_str()) {
            Some(first) => {
                context
                    .refuse(id.place, format!("id: the output {} is already at {}", id.shown(), context.name(*first)));
            }
            None => {
                seen.insert(&id.value, id.place);
            }
        }
    }
}

/// An alias leads to one output, and an address that is in use leads nowhere else.
fn check_aliases(context: &Context<'_>, keys: &[OutputKeys]) {
    let ids: HashSet<&str> = keys.iter().map(|key| key.id.value.as_str()).chain([ALL]).collect();
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for alias in keys.iter().flat_map(|key| &key.aliases) {
        if RESERVED.contains(&alias.value.as_str()) {
            context.refuse(alias.place, format!("aliases: {} is taken by a page of glasnik's own", alias.shown()));
        } else if ids.contains(alias.value.as_str()) {
            let message = format!("aliases: {} is the id of an output, which keeps its address", alias.shown());
            context.refuse(alias.place, message);
        } else if let Some(first) = seen.insert(&alias.value, alias.place) {
            let message = format!("aliases: {} is already an alias at {}", alias.shown(), context.name(first));
            context.refuse(alias.place, message);
        }
    }
}

fn check_topics(context: &Context<'_>, topics: Vec<Text>, known: &HashMap<&str, &str>) -> Vec<String> {
    for topic in topics.iter().filter(|topic| !known.contains_key(topic.value.as_str())) {
        let hint = did_you_mean(&topic.value, known.keys().copied());
        context.refuse(topic.place, format!("topics: unknown topic {}{hint}", topic.shown()));
    }
    topics.into_iter().map(|topic| topic.value).collect()
}

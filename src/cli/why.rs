//! `why`: everything that is known of one entry, and which words gave it which topic.

use super::{Outcome, group, print_json};
use crate::config::Config;
use crate::feed::{AlsoIn, KeptEntry, Match};
use crate::ingest::identify::canonical_link;
use crate::store::{Joins, Store};
use crate::stories::{self, Kind, Reading};
use crate::topics::{Item, Matcher, Part, Verdict};
use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::io::{self, Write};

pub(super) async fn why(config: &Config, entry: &str, topic: Option<&str>, json: bool) -> Result<Outcome> {
    let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
    let store = Store::open_for_reading(&config.store_path)?;
    let kept = find("why", &store, entry).await?;
    let joins = store.joins(kept.number).await?;
    let story = store.story_with(kept.number).await?;
    let item = Item::of_entry(&kept.entry, &kept.feed.id);
    let verdicts: Vec<Verdict> = config.topics.iter().filter_map(|topic| matcher.why(&item, &topic.id)).collect();
    if let Some(wanted) = topic {
        let Some(verdict) = verdicts.iter().find(|verdict| verdict.topic == wanted) else {
            let known: Vec<&str> = config.topics.iter().map(|topic| topic.id.as_str()).collect();
            bail!("why: there is no topic \"{wanted}\" in feeds.toml, only {}", known.join(", "));
        };
        if json {
            print_json(verdict)?;
        } else {
            writeln!(io::stdout(), "{}", in_words(verdict))?;
        }
        return Ok(Outcome::Done);
    }
    if json {
        let mut shape = shape(&kept, &joins, &verdicts);
        shape["story"] = group::shape(&kept, &story);
        print_json(&shape)?;
    } else {
        write!(io::stdout(), "{}{}", page(&kept, &joins, &verdicts), group::section(&kept, &story))?;
    }
    Ok(Outcome::Done)
}

/// The entry that is meant: by its page here, by its article's address, or by how its id begins.
pub(super) async fn find(command: &str, store: &Store, entry: &str) -> Result<KeptEntry> {
    let is_address = entry.starts_with("http://") || entry.starts_with("https://");
    let id = entry.rsplit_once("/entries/").map(|(_, id)| id.trim_end_matches('/'));
    let mut found = match (id, is_address) {
        (None, true) => match canonical_link(entry) {
            // Copies of one article are one thing to whoever asks for it: the first stands for them.
            Some(link) => store.entries_with_link(&link, link_key(&link)).await?.into_iter().take(1).collect(),
            None => Vec::new(),
        },
        (id, _) => store.entries_named(&id.unwrap_or(entry).to_ascii_lowercase()).await?,
    };
    if found.len() > 1 {
        let names: Vec<String> = found.iter().map(|kept| format!("{} {}", kept.uid, title(kept))).collect();
        bail!("{command}: \"{entry}\" is how several ids begin:\n  {}", names.join("\n  "));
    }
    match found.pop() {
        Some(kept) => Ok(kept),
        None => bail!(
            "{command}: no entry is kept under \"{entry}\"; give the id or the address of a page /entries/ID, or the \
             address of the article"
        ),
    }
}

/// What entries with a link are known by.
fn link_key(link: &str) -> u64 {
    let key = Reading::of(&stories::Item { link: Some(link), ..stories::Item::default() }).key(Kind::Link);
    key.expect("an item with a link has its key")
}

fn title(kept: &KeptEntry) -> &str {
    kept.entry.title.as_deref().unwrap_or("without a title")
}

/// All of it, for people.
fn page(kept: &KeptEntry, joins: &Joins, verdicts: &[Verdict]) -> String {
    let entry = &kept.entry;
    let mut page = format!("{}\n", title(kept));
    let mut line = |name: &str, value: String| page += &format!("{name:<12} {value}\n");
    line("id", kept.uid.clone());
    if let Some(link) = &entry.link {
        line("link", link.clone());
    }
    line("from", format!("{} ({}), {}", kept.feed.id, kept.feed.title, kept.feed.url));
    line("first seen", moment(kept.first_seen_at));
    for (name, date) in [("published", entry.published), ("updated", entry.updated)] {
        line(name, date.map_or_else(|| "not said".to_owned(), |date| format!("{} as it says", moment(date))));
    }
    line("sorted at", moment(kept.sorted_at));
    line("changed", moment(kept.updated_at));
    line("language", entry.language.clone().unwrap_or_else(|| "unknown".to_owned()));
    line("known by", format!("{} ({})", key_kind(kept), entry.key.as_str()));
    if let Some((by, since)) = &joins.known_again {
        line("known again", format!("by {} since {}, when it came under another key", in_a_phrase(by), moment(*since)));
    }
    line("article", canonical(kept).unwrap_or_else(|| "no link that leads to it alone".to_owned()));
    for copy in &kept.also_in {
        let name = if std::ptr::eq(copy, &kept.also_in[0]) { "also in" } else { "" };
        let title = copy.title.as_deref().unwrap_or("without a title");
        line(
            name,
            format!("{} ({}): {title}; {}", copy.feed.id, copy.feed.title, in_words_of_join(joined_by(joins, copy))),
        );
    }
    if kept.also_in.is_empty() {
        line("also in", "no other feed".to_owned());
    }
    let (given, not_given): (Vec<&Verdict>, Vec<&Verdict>) = verdicts.iter().partition(|verdict| is_given(verdict));
    for (at, verdict) in given.iter().enumerate() {
        line(if at == 0 { "topics" } else { "" }, in_words(verdict));
    }
    if given.is_empty() {
        line("topics", "none".to_owned());
    }
    if !not_given.is_empty() {
        let ids: Vec<&str> = not_given.iter().map(|verdict| verdict.topic.as_str()).collect();
        line("not", format!("{} (--topic ID says what is missing)", ids.join(", ")));
    }
    if is_outdated(kept, verdicts) {
        let kept_topics: Vec<&str> = kept.tags.iter().map(|tag| tag.topic.as_str()).collect();
        let kept_topics = if kept_topics.is_empty() { "none".to_owned() } else { kept_topics.join(", ") };
        line("kept with", format!("{kept_topics}, by earlier topics; `glasnik retag` brings it up to date"));
    }
    page
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What the publisher said that made the key; `docs/identity.md` has the rest.
fn key_kind(kept: &KeptEntry) -> &'static str {
    match kept.entry.key.as_str().split(':').next() {
        Some("id") => "the publisher's id",
        Some("link") => "its link",
        Some("media") => "its enclosure",
        _ => "its text",
    }
}

fn canonical(kept: &KeptEntry) -> Option<String> {
    kept.entry.link.as_deref().and_then(canonical_link)
}

/// What joined a copy with the entry, in the store's word.
fn joined_by<'a>(joins: &'a Joins, copy: &AlsoIn) -> &'a str {
    let of_copy = joins.copies.iter().find(|(feed, link, _)| *feed == copy.feed.id && *link == copy.link);
    of_copy.map_or("", |(_, _, by)| by)
}

fn in_words_of_join(by: &str) -> String {
    if by.is_empty() { "joined".to_owned() } else { format!("joined by {}", in_a_phrase(by)) }
}

/// A kind of key as `stories` names it, in a sentence.
fn in_a_phrase(by: &str) -> &str {
    match by {
        "id" => "the publisher's id",
        "link" => "the article's link",
        "number" => "the article's number at its site",
        "slug" => "the words of its address",
        "id without host" => "the publisher's id without its host",
        "title" => "its title",
        "title at its site" => "its title at the same site",
        "moment" => "the second that it was published",
        "worldwide id" => "an id that holds in every feed",
        "text" => "its text",
        other => other,
    }
}

fn is_given(verdict: &Verdict) -> bool {
    verdict.score.is_some() || verdict.through.is_some()
}

fn is_outdated(kept: &KeptEntry, verdicts: &[Verdict]) -> bool {
    let mut now: Vec<&str> =
        verdicts.iter().filter(|verdict| is_given(verdict)).map(|verdict| verdict.topic.as_str()).collect();
    let mut then: Vec<&str> = kept.tags.iter().map(|tag| tag.topic.as_str()).collect();
    now.sort_unstable();
    then.sort_unstable();
    now != then
}

/// One topic: `energy, score 4: enough @energy "gasa" (gas, hbs, title); unless: none`, or what it
/// lacks: `not energy: enough: none of @energy`.
fn in_words(verdict: &Verdict) -> String {
    let topic = &verdict.topic;
    if let Some(key) = verdict.outside_of {
        return format!("not {topic}: the entry is outside of its {key}");
    }
    match (verdict.score, &verdict.through) {
        (Some(score), _) => format!("{topic}, score {score}: {}", given_by(verdict)),
        (None, Some(child)) => format!("{topic}: through {child}, which is in it"),
        (None, None) => format!("not {topic}: {}", lacks(verdict)),
    }
}

/// Which parts gave the topic.
fn given_by(verdict: &Verdict) -> String {
    let mut said = Vec::new();
    for (rule, parts) in by_rule(verdict) {
        let found: Vec<String> = parts.iter().filter(|part| !part.found.is_empty()).map(has).collect();
        match rule {
            "unless" | "never" if found.is_empty() => said.push(format!("{rule}: none")),
            _ if found.is_empty() => {}
            _ => said.push(format!("{rule} {}", found.join(" + "))),
        }
    }
    said.join("; ")
}

/// Which parts are not there that have to be, and which are there that must not be.
fn lacks(verdict: &Verdict) -> String {
    let mut said = Vec::new();
    for (rule, parts) in by_rule(verdict) {
        let (found, missing): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| !part.found.is_empty());
        let has: Vec<String> = found.into_iter().map(has).collect();
        let missing: Vec<String> = missing.into_iter().map(|part| part.lists.join(" or ")).collect();
        match rule {
            "unless" | "never" if has.is_empty() => {}
            "unless" | "never" => said.push(format!("{rule} {} cancels it", has.join(" + "))),
            "together" if missing.is_empty() && verdict.is_too_far_apart => {
                said.push(format!("together: has {}, too far apart", has.join(" + ")));
            }
            "together" if missing.is_empty() => said.push(format!("together: has {}", has.join(" + "))),
            "together" if has.is_empty() => said.push(format!("together: lacks {}", missing.join(" and "))),
            "together" => said.push(format!("together: has {}, lacks {}", has.join(" + "), missing.join(" and "))),
            _ if has.is_empty() => said.push(format!("{rule}: none of {}", missing.join(", "))),
            "points" => said.push(format!("points: too few from {}", has.join(" + "))),
            _ => said.push(format!("{rule}: has {}", has.join(" + "))),
        }
    }
    if said.is_empty() { "no topic within it is found".to_owned() } else { said.join("; ") }
}

/// The parts of each key, in order.
fn by_rule(verdict: &Verdict) -> impl Iterator<Item = (&'static str, &[Part])> {
    verdict.parts.chunk_by(|left, right| left.rule == right.rule).map(|parts| (parts[0].rule, parts))
}

/// `@places "Косова" (Kosovo, hbs, title)`
fn has(part: &Part) -> String {
    let word = |Match { term, found, field, language }: &Match| format!("\"{found}\" ({term}, {language}, {field})");
    let words: Vec<String> = part.found.iter().map(word).collect();
    format!("{} {}", part.lists.join(" or "), words.join(", "))
}

fn shape(kept: &KeptEntry, joins: &Joins, verdicts: &[Verdict]) -> Value {
    let KeptEntry { entry, feed, .. } = kept;
    let copy = |copy: &AlsoIn| {
        json!({
            "feed": { "id": copy.feed.id, "title": copy.feed.title, "url": copy.feed.url },
            "title": copy.title,
            "link": copy.link,
            "joined_by": joined_by(joins, copy),
        })
    };
    json!({
        "entry": kept.uid,
        "title": entry.title,
        "link": entry.link,
        "language": entry.language,
        "feed": { "id": feed.id, "title": feed.title, "url": feed.url },
        "first_seen": moment(kept.first_seen_at),
        "published": entry.published.map(moment),
        "updated": entry.updated.map(moment),
        "sorted_at": moment(kept.sorted_at),
        "changed_at": moment(kept.updated_at),
        "key": entry.key.as_str(),
        "known_again": joins.known_again.as_ref().map(|(by, since)| json!({ "by": by, "since": moment(*since) })),
        "canonical_link": canonical(kept),
        "also_in": kept.also_in.iter().map(copy).collect::<Vec<_>>(),
        "topics": verdicts,
        "kept_topics": kept.tags.iter().map(|tag| tag.topic.as_str()).collect::<Vec<_>>(),
        "is_up_to_date": !is_outdated(kept, verdicts),
    })
}

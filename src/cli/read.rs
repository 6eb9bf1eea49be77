//! `parse` and `tag`: the way in, tried on a document or an item without a store.

use super::{Outcome, lines, print_json};
use crate::config::Config;
use crate::feed::{Entry, Feed, Repair, Validators};
use crate::fetch::{self, Fetcher};
use crate::ingest;
use crate::topics::{Item, Matcher, TEXT_BYTES_MAX};
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use url::Url;

/// Larger than any feed that a poll accepts; a file by mistake should not fill the memory.
const SOURCE_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub(super) async fn parse(sources: &[String], base: Option<&Url>, content_type: Option<&str>) -> Result<Outcome> {
    let mut outcome = Outcome::Done;
    for source in sources {
        let parsed = match body(source).await {
            Ok((body, url, said)) => {
                let context =
                    ingest::Context { url: base.or(url.as_ref()), content_type: content_type.or(said.as_deref()) };
                ingest::read(&body, &context).map_err(|error| error.to_string())
            }
            Err(error) => Err(format!("{error:#}")),
        };
        match parsed {
            Ok(feed) => print_json(&Parsed::of(source, &feed))?,
            Err(error) => {
                print_json(&json!({ "source": source, "ok": false, "error": error }))?;
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// A source that could be read, in the shape that is printed.
#[derive(Serialize)]
struct Parsed<'a> {
    source: &'a str,
    ok: bool,
    format: &'a str,
    repairs: &'a [Repair],
    feed: &'a Feed,
    entries: &'a [Entry],
}

impl<'a> Parsed<'a> {
    fn of(source: &'a str, feed: &'a Feed) -> Self {
        Self { source, ok: true, format: &feed.format, repairs: &feed.repairs, feed, entries: &feed.entries }
    }
}

/// A source's bytes, with the address and the media type that it came with, if any.
async fn body(source: &str) -> Result<(Vec<u8>, Option<Url>, Option<String>)> {
    if source == "-" {
        return Ok((read_capped(io::stdin())?, None, None));
    }
    let is_address = source.starts_with("http://") || source.starts_with("https://");
    if !is_address {
        return Ok((read_capped(std::fs::File::open(source).context("open")?)?, None, None));
    }
    let url = Url::parse(source)?;
    // The user named the address: a private one is meant.
    let request = fetch::Request { url: &url, validators: &Validators::default(), headers: &[], allow_private: true };
    let response = Fetcher::new(&fetch::Settings::default())?.get(&request).await?;
    anyhow::ensure!(response.status == 200, "fetch: the server answered {}", response.status);
    Ok((response.body.to_vec(), Some(response.url), response.content_type))
}

fn read_capped(from: impl Read) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    from.take(SOURCE_BYTES_MAX + 1).read_to_end(&mut body)?;
    anyhow::ensure!(body.len() as u64 <= SOURCE_BYTES_MAX, "larger than {} MiB", SOURCE_BYTES_MAX >> 20);
    Ok(body)
}

pub(super) fn tag(config: &Config, file: &str) -> Result<Outcome> {
    let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
    for line in lines::of(file).context("tag")? {
        let (number, line) = line.context("tag")?;
        let item: Value = serde_json::from_str(&line).with_context(|| format!("tag: line {number}"))?;
        anyhow::ensure!(item.is_object(), "tag: line {number}: not a JSON object");
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let read = Item::of(text("title"), text("summary"), text("content"));
        let said = Some(text("lang")).filter(|said| !said.is_empty());
        let language = said.or_else(|| read.guess_language()).map(str::to_owned);
        let tags = matcher.tag(&Item { language: language.as_deref(), ..read });
        for key in ["title", "summary", "content"].into_iter().filter(|key| text(key).len() > TEXT_BYTES_MAX) {
            let limit = TEXT_BYTES_MAX >> 20;
            writeln!(io::stderr(), "tag: line {number}: only the first {limit} MiB of \"{key}\" were looked at")?;
        }
        let mut ours = vec![("topics", serde_json::to_value(tags)?)];
        if let Some(language) = language.filter(|_| said.is_none()) {
            ours.insert(0, ("lang", language.into()));
        }
        writeln!(io::stdout(), "{}", with_fields(&line, item, ours)?)?;
    }
    Ok(Outcome::Done)
}

/// A line with fields of ours. What was there is given back letter for letter: a number that is too
/// long for us is not for its owner. Only a line that has one of ours already is written anew.
fn with_fields(line: &str, mut item: Value, ours: Vec<(&str, Value)>) -> Result<String> {
    let is_empty = item.as_object().is_some_and(serde_json::Map::is_empty);
    let has_ours = ours.iter().any(|(key, _)| item.get(key).is_some());
    match line.trim().strip_suffix('}').filter(|_| !has_ours) {
        Some(open) => {
            let added: Vec<String> = ours.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
            Ok(format!("{open}{}{}}}", if is_empty { "" } else { "," }, added.join(",")))
        }
        None => {
            ours.into_iter().for_each(|(key, value)| item[key] = value);
            Ok(serde_json::to_string(&item)?)
        }
    }
}

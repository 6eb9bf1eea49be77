//! `parse` and `tag`: the way in, tried on a document or an item without a store.

use super::{Outcome, lines, print_json};
use crate::config::Config;
use crate::feed::{Feed, Validators};
use crate::fetch::{self, Fetcher};
use crate::ingest;
use crate::topics::{Item, Matcher};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::Read;
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
            Ok(feed) => print_json(&shape(source, &with_absolute_ids(feed)))?,
            Err(error) => {
                print_json(&json!({ "source": source, "ok": false, "error": error }))?;
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

/// `feed` with its ids as addresses where they are relative references (RFC 3986 §5).
fn with_absolute_ids(mut feed: Feed) -> Feed {
    feed.id = feed.absolute_id.take().or(feed.id);
    for entry in &mut feed.entries {
        entry.id = entry.absolute_id.take().or(entry.id.take());
    }
    feed
}

fn shape(source: &str, feed: &Feed) -> Value {
    json!({
        "source": source,
        "ok": true,
        "format": feed.format,
        "repairs": feed.repairs,
        "feed": feed,
        "entries": feed.entries,
    })
}

/// A source's bytes, with the address and the media type that it came with, if any.
async fn body(source: &str) -> Result<(Vec<u8>, Option<Url>, Option<String>)> {
    if source == "-" {
        return Ok((read_capped(std::io::stdin())?, None, None));
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
    for (number, line) in lines(file)?.enumerate() {
        let line = line.with_context(|| format!("tag: line {}", number + 1))?;
        if line.trim().is_empty() {
            continue;
        }
        let mut item: Value = serde_json::from_str(&line).with_context(|| format!("tag: line {}", number + 1))?;
        let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
        let read = Item::of(text("title"), text("summary"), text("content"));
        let said = Some(text("lang")).filter(|said| !said.is_empty());
        let language = said.or_else(|| read.guess_language()).map(str::to_owned);
        let tags = matcher.tag(&Item { language: language.as_deref(), ..read });
        let fields = item.as_object_mut().with_context(|| format!("tag: line {}: not a JSON object", number + 1))?;
        if let Some(language) = language {
            fields.insert("lang".to_owned(), language.into());
        }
        fields.insert("topics".to_owned(), serde_json::to_value(tags)?);
        print_json(&item)?;
    }
    Ok(Outcome::Done)
}

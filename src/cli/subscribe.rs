//! `add`, `import` and `export`: subscriptions into and out of feeds.toml.

use super::Outcome;
use crate::config::{self, Config};
use crate::feed::{FeedName, Validators};
use crate::fetch::{self, Fetcher};
use crate::{ingest, publish, render};
use anyhow::{Context, Result, bail};
use std::io::{self, Read, Write};
use std::path::Path;
use tracing::warn;
use url::Url;

/// Larger than any reading list of people.
const OPML_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(super) async fn add(path: &Path, page: &Url) -> Result<Outcome> {
    let fetcher = Fetcher::new(&fetch::Settings::default())?;
    let (url, title) = find_feed(&fetcher, page).await?;
    let mut out = io::stdout();
    if config::add_feed(path, &url, title.as_deref())? {
        writeln!(out, "{}: added {url}", path.display())?;
    } else {
        writeln!(out, "{}: {url} is there already", path.display())?;
    }
    Ok(Outcome::Done)
}

/// The address of a feed and its title: the page itself where it is one, else the first feed that
/// the page announces and that can be read.
async fn find_feed(fetcher: &Fetcher, page: &Url) -> Result<(String, Option<String>)> {
    let response = get(fetcher, page).await?;
    let context = ingest::Context { url: Some(&response.url), content_type: response.content_type.as_deref() };
    if let Ok(feed) = ingest::read(&response.body, &context) {
        let url = response.permanent_url.as_ref().unwrap_or(page);
        return Ok((url.to_string(), feed.title));
    }
    let announced = ingest::feed_links(&String::from_utf8_lossy(&response.body), &response.url);
    for candidate in &announced {
        let Ok(url) = Url::parse(candidate) else { continue };
        let Ok(response) = get(fetcher, &url).await else { continue };
        let context = ingest::Context { url: Some(&response.url), content_type: response.content_type.as_deref() };
        if let Ok(feed) = ingest::read(&response.body, &context) {
            return Ok((candidate.clone(), feed.title));
        }
    }
    match announced.len() {
        0 => bail!("add: {page} is no feed and announces none; give the feed's own address"),
        count => bail!("add: {page} announces {count} feeds, but none of them can be read"),
    }
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<fetch::Response> {
    // The user named the address: a private one is meant.
    let request = fetch::Request { url, validators: &Validators::default(), headers: &[], allow_private: true };
    let response = fetcher.get(&request).await?;
    anyhow::ensure!(response.status == 200, "fetch: {url} answered {}", response.status);
    Ok(response)
}

pub(super) fn import(path: &Path, file: &str) -> Result<Outcome> {
    let mut text = String::new();
    let source: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin()),
        file => Box::new(std::fs::File::open(file).with_context(|| format!("import: {file}"))?),
    };
    source.take(OPML_BYTES_MAX).read_to_string(&mut text).with_context(|| format!("import: {file}"))?;
    let outlines = render::read_opml(&text).map_err(|reason| anyhow::anyhow!("import: {file}: {reason}"))?;
    let outcomes = config::add_feeds(path, &outlines)?;
    let (mut added, mut known) = (0, 0);
    for (number, ((title, _), outcome)) in outlines.iter().zip(&outcomes).enumerate() {
        match outcome {
            Ok(true) => added += 1,
            Ok(false) => known += 1,
            // The address itself may hold a password.
            Err(reason) => {
                let title = title.as_deref().unwrap_or("without a title");
                warn!("feed {} of the list ({title}) was left out: {reason}", number + 1);
            }
        }
    }
    writeln!(io::stdout(), "{}: {added} feeds added, {known} were there already", path.display())?;
    Ok(if outcomes.iter().any(Result::is_err) { Outcome::Failed } else { Outcome::Done })
}

pub(super) fn export(config: &Config) -> Result<Outcome> {
    let feeds: Vec<FeedName> = config
        .subscriptions
        .iter()
        .map(|subscription| FeedName {
            id: subscription.id.clone(),
            title: subscription.title.clone().unwrap_or_else(|| subscription.id.clone()),
            url: subscription.url.to_string(),
            language: subscription.language.clone(),
            ..FeedName::default()
        })
        .collect();
    io::stdout().write_all(&render::subscriptions_opml(&publish::site(config), &feeds))?;
    Ok(Outcome::Done)
}

//! `add`, `import` and `export`: subscriptions into and out of feeds.toml.

use super::{Outcome, feed_in};
use crate::config::{self, Config, NewFeed};
use crate::feed::{FeedName, Validators};
use crate::fetch::{self, Fetcher, Problem};
use crate::{ingest, publish, render};
use anyhow::{Context, Result, bail};
use std::io::{self, Read, Write};
use std::path::Path;
use tracing::warn;
use url::Url;

/// Larger than any reading list of people.
const OPML_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(super) async fn add(path: &Path, page: &Url) -> Result<Outcome> {
    let fetcher = Fetcher::new(&config::load(path)?.fetch)?;
    let found = match find_feed(&fetcher, page, false).await {
        // The user named the address: if it is a private one, that is meant. Where it redirects to is
        // another matter.
        Err(error) if is_refused(&error, page) => find_feed(&fetcher, page, true).await,
        result => result,
    }?;
    let mut out = io::stdout();
    if config::add_feed(path, &found)? {
        writeln!(out, "{}: added {}", path.display(), found.url)?;
    } else {
        writeln!(out, "{}: {} is there already", path.display(), found.url)?;
    }
    Ok(Outcome::Done)
}

/// The page itself where it is a feed, else the first feed that the page announces and that can be
/// read. A page with a public address cannot lead to a private one.
async fn find_feed(fetcher: &Fetcher, page: &Url, allow_private: bool) -> Result<NewFeed> {
    let response = get(fetcher, page, allow_private).await?;
    if let Ok(feed) = feed_in(&response) {
        let url = response.permanent_url.as_ref().unwrap_or(page);
        return Ok(NewFeed { url: url.to_string(), title: feed.title, allow_private });
    }
    let announced = ingest::feed_links(&String::from_utf8_lossy(&response.body), &response.url);
    let mut complaints = Vec::new();
    for candidate in &announced {
        let Ok(url) = Url::parse(candidate) else { continue };
        match get(fetcher, &url, allow_private).await {
            Ok(response) => match feed_in(&response) {
                Ok(feed) => return Ok(NewFeed { url: candidate.clone(), title: feed.title, allow_private }),
                Err(error) => complaints.push(format!("{candidate}: {error}")),
            },
            Err(error) => complaints.push(format!("{error:#}")),
        }
    }
    match complaints.is_empty() {
        true => bail!("add: {page} is no feed and announces none; give the feed's own address"),
        false => bail!("add: {page} announces feeds, but none can be read: {}", complaints.join("; ")),
    }
}

async fn get(fetcher: &Fetcher, url: &Url, allow_private: bool) -> Result<fetch::Response> {
    let request = fetch::Request { url, validators: &Validators::default(), headers: &[], allow_private };
    let response = fetcher.get(&request).await?;
    anyhow::ensure!(response.status == 200, "fetch: {url} answered {}", response.status);
    Ok(response)
}

/// Whether our own rules forbid to ask the page's host itself.
fn is_refused(error: &anyhow::Error, page: &Url) -> bool {
    match error.downcast_ref() {
        Some(fetch::Error::Asking { host, problem: Problem::Refused(_), .. }) => page.host_str() == Some(host),
        _ => false,
    }
}

pub(super) fn import(path: &Path, file: &str) -> Result<Outcome> {
    let mut text = String::new();
    let source: Box<dyn Read> = match file {
        "-" => Box::new(io::stdin()),
        file => Box::new(std::fs::File::open(file).with_context(|| format!("import: {file}"))?),
    };
    source.take(OPML_BYTES_MAX).read_to_string(&mut text).with_context(|| format!("import: {file}"))?;
    let outlines = render::read_opml(&text).map_err(|reason| anyhow::anyhow!("import: {file}: {reason}"))?;
    let feeds: Vec<NewFeed> =
        outlines.into_iter().map(|(title, url)| NewFeed { url, title, allow_private: false }).collect();
    let outcomes = config::add_feeds(path, &feeds)?;
    let (mut added, mut known) = (0, 0);
    for (number, (NewFeed { title, .. }, outcome)) in feeds.iter().zip(&outcomes).enumerate() {
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
        .filter(|subscription| !subscription.has_secret_url)
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

//! `retag`: today's topics for the entries that are kept already, or what they would change.

use super::{Outcome, print_json};
use crate::config::Config;
use crate::poll::Topics;
use crate::retag::{self, Change, Changes, Sample};
use crate::store::{self, Store};
use crate::topics::Matcher;
use anyhow::Result;
use serde_json::json;
use std::io::{self, Write};
use std::sync::Arc;

pub(super) async fn retag(config: &Config, dry_run: bool, json: bool) -> Result<Outcome> {
    let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
    if dry_run {
        let store = Store::open_for_reading(&config.store_path)?;
        let changes = retag::preview(&store, Arc::new(matcher)).await?;
        show(&changes, false, json)?;
        return Ok(Outcome::Done);
    }
    // Not made where there is none: an empty store has nothing to tag.
    Store::open_for_reading(&config.store_path).map(drop).or_else(only_older)?;
    let store = match Store::open(&config.store_path) {
        Err(store::Error::Held { by, .. }) => return leave_to_the_daemon(config, &matcher, &by).await,
        result => result?,
    };
    store.sync_subscriptions(&config.subscriptions).await?;
    let rules = matcher.hash();
    let is_begun = store.tagging().await?.is_some_and(|tagging| tagging.rules == rules && !tagging.is_done());
    if !is_begun {
        store.tag_all_anew(rules).await?;
    }
    let topics = Topics::new(matcher, &store).await?;
    let changes = retag::apply(&store, topics.in_force().await).await?;
    show(&changes, true, json)?;
    Ok(Outcome::Done)
}

/// Opening it for writing brings an older store up to date.
fn only_older(error: store::Error) -> Result<(), store::Error> {
    match error {
        store::Error::Older => Ok(()),
        error => Err(error),
    }
}

/// One process writes, and a daemon tags by itself: all that is left to say is how far it is.
async fn leave_to_the_daemon(config: &Config, matcher: &Matcher, by: &str) -> Result<Outcome> {
    let store = Store::open_for_reading(&config.store_path)?;
    let tagging = store.tagging().await?.filter(|tagging| tagging.rules == matcher.hash());
    let mut err = io::stderr();
    match tagging {
        Some(tagging) if tagging.is_done() => {
            writeln!(err, "retag: nothing to do: the glasnik that holds the store ({by}) has these topics in force")?;
            Ok(Outcome::Done)
        }
        Some(_) => {
            writeln!(err, "retag: the glasnik that holds the store ({by}) is tagging by these topics right now")?;
            Ok(Outcome::Done)
        }
        None => {
            writeln!(
                err,
                "retag: the store is held by another glasnik ({by}) with other topics; a daemon takes up feeds.toml \
                 within seconds and tags by itself, if its log does not say why not"
            )?;
            Ok(Outcome::Failed)
        }
    }
}

fn show(changes: &Changes, applied: bool, json: bool) -> Result<()> {
    let mut out = io::stdout();
    for (topic, change) in &changes.topics {
        if json {
            print_json(&shape(topic, change, applied))?;
            continue;
        }
        writeln!(out, "{}", change.in_words(topic))?;
        for (sign, samples) in [('+', &change.samples_more), ('-', &change.samples_fewer)] {
            for Sample { entry, title } in samples {
                writeln!(out, "  {sign} {} ({entry})", title.as_deref().unwrap_or("without a title"))?;
            }
        }
    }
    let verb = if applied { "were" } else { "would be" };
    let Changes { entries, changed, .. } = changes;
    if json {
        print_json(&json!({ "entries": entries, "changed": changed, "applied": applied }))?;
    } else {
        writeln!(out, "{entries} kept entries, {changed} {verb} changed")?;
    }
    Ok(())
}

fn shape(topic: &str, change: &Change, applied: bool) -> serde_json::Value {
    json!({
        "topic": topic,
        "more": change.more,
        "fewer": change.fewer,
        "samples": { "more": change.samples_more, "fewer": change.samples_fewer },
        "applied": applied,
    })
}

//! `check`: is feeds.toml right, do the topics do what their examples say, does every feed answer?

use super::{Outcome, feed_in};
use crate::config::Config;
use crate::feed::{FeedState, Subscription};
use crate::fetch::{self, Fetcher};
use crate::health;
use crate::store::{self, FeedRecord, Store};
use crate::topics::{self, Item, Matcher};
use anyhow::Result;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::io::{self, Write};
use tokio::task::JoinSet;

pub(super) async fn check(config: &Config, online: bool) -> Result<Outcome> {
    let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
    if !matcher.warnings().is_empty() {
        let warnings = config.explain(matcher.warnings()).to_string();
        for warning in warnings.lines() {
            writeln!(io::stderr(), "warning: {warning}")?;
        }
    }
    let failed = run_examples(config, &matcher)?;
    if failed > 0 {
        writeln!(io::stdout(), "{failed} of {} examples are not tagged as they want", config.examples.len())?;
        return Ok(Outcome::Wrong);
    }
    writeln!(
        io::stdout(),
        "{}: {} feeds, {} topics, {} outputs, {} examples: all right",
        config.path.display(),
        config.subscriptions.len(),
        config.topics.len(),
        config.outputs.len(),
        config.examples.len()
    )?;
    if online { ask_everyone(config).await } else { Ok(Outcome::Done) }
}

fn run_examples(config: &Config, matcher: &Matcher) -> Result<usize> {
    let mut failed = 0;
    for example in &config.examples {
        let language = topics::guess_language(&example.text);
        let tags = matcher.tag(&Item { title: &example.text, language, ..Item::default() });
        let tag = tags.iter().find(|tag| tag.topic == example.topic);
        if tag.is_some() == example.want {
            continue;
        }
        failed += 1;
        let why = match tag {
            None => "is not tagged".to_owned(),
            Some(tag) => {
                let words: Vec<String> =
                    tag.matched.iter().map(|word| format!("\"{}\" ({})", word.found, word.term)).collect();
                format!("is tagged because of {}", words.join(", "))
            }
        };
        writeln!(io::stdout(), "{}: topic {}: \"{}\" {why}", example.place, example.topic, example.text)?;
    }
    Ok(failed)
}

/// What servers said to earlier polls holds here too: who asked to wait, or has ended, is not asked,
/// and who gave validators is asked for news only.
async fn ask_everyone(config: &Config) -> Result<Outcome> {
    let fetcher = Fetcher::new(&config.fetch)?;
    let mut known = states(config).await?;
    let mut asked = JoinSet::new();
    let mut outcome = Outcome::Done;
    for subscription in config.subscriptions.iter().filter(|subscription| subscription.is_enabled) {
        let state = known.remove(&subscription.id).unwrap_or_default();
        if let Some(reason) = reason_not_to_ask(&state, Utc::now()) {
            writeln!(io::stdout(), "{}: not asked: {reason}", subscription.id)?;
            outcome = if has_ended(&state) { Outcome::Failed } else { outcome };
            continue;
        }
        asked.spawn(ask(fetcher.clone(), subscription.clone(), state));
    }
    while let Some(ended) = asked.join_next().await {
        let (id, answer) = ended?;
        let line = answer.unwrap_or_else(|error| {
            outcome = Outcome::Failed;
            error
        });
        writeln!(io::stdout(), "{id}: {line}")?;
    }
    Ok(outcome)
}

/// What is known of feeds, where there is a store already that is of this version and of these feeds.
async fn states(config: &Config) -> Result<HashMap<String, FeedState>> {
    let store = match Store::open_for_reading(&config.store_path) {
        Err(store::Error::Missing { .. } | store::Error::Older) => return Ok(HashMap::new()),
        store => store?,
    };
    let urls: HashMap<&str, &str> =
        config.subscriptions.iter().map(|feed| (feed.id.as_str(), feed.shown_url())).collect();
    let is_same = |record: &FeedRecord| urls.get(record.name.id.as_str()) == Some(&record.name.url.as_str());
    let records = store.feeds().await?.into_iter().filter(is_same);
    Ok(records.map(|record| (record.name.id, record.state)).collect())
}

fn reason_not_to_ask(state: &FeedState, now: DateTime<Utc>) -> Option<String> {
    if has_ended(state) {
        return Some("the server says that this feed has ended (410)".to_owned());
    }
    let until = state.retry_at.filter(|at| *at > now)?;
    Some(format!("the server asked to wait until {}", health::minute(until)))
}

/// Whether it said so once; a poll asks a day later whether that was meant.
fn has_ended(state: &FeedState) -> bool {
    state.is_gone || state.gone_at.is_some()
}

/// One feed's line, or what is wrong with it.
async fn ask(fetcher: Fetcher, subscription: Subscription, state: FeedState) -> (String, Result<String, String>) {
    let request = fetch::Request {
        url: &subscription.url,
        validators: &state.validators,
        headers: &subscription.headers,
        allow_private: subscription.allow_private,
    };
    let line = match fetcher.get(&request).await {
        Err(error) => Err(error.to_string()),
        Ok(response) => match response.status {
            200 => feed_in(&response)
                .map(|feed| format!("{}, {} entries", feed.format, feed.entries.len()))
                .map_err(|error| error.to_string()),
            304 => Ok("unchanged since it was last read".to_owned()),
            status => Err(format!("the server answered {status}")),
        },
    };
    (subscription.id, line)
}

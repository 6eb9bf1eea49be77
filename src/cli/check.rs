//! `check`: is feeds.toml right, do the topics do what their examples say, does every feed answer?

use super::{Outcome, feed_in};
use crate::config::Config;
use crate::feed::Validators;
use crate::fetch::{self, Fetcher};
use crate::topics::{self, Item, Matcher};
use anyhow::Result;
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

async fn ask_everyone(config: &Config) -> Result<Outcome> {
    let fetcher = Fetcher::new(&config.fetch)?;
    let mut asked = JoinSet::new();
    for subscription in config.subscriptions.iter().filter(|subscription| subscription.is_enabled).cloned() {
        let fetcher = fetcher.clone();
        asked.spawn(async move {
            let request = fetch::Request {
                url: &subscription.url,
                validators: &Validators::default(),
                headers: &subscription.headers,
                allow_private: subscription.allow_private,
            };
            let answer = match fetcher.get(&request).await {
                Err(error) => Err(error.to_string()),
                Ok(response) if response.status != 200 => Err(format!("the server answered {}", response.status)),
                Ok(response) => feed_in(&response).map_err(|error| error.to_string()),
            };
            (subscription, answer)
        });
    }
    let mut outcome = Outcome::Done;
    while let Some(ended) = asked.join_next().await {
        let (subscription, answer) = ended?;
        match answer {
            Ok(feed) => writeln!(io::stdout(), "{}: {}, {} entries", subscription.id, feed.format, feed.entries.len())?,
            Err(error) => {
                writeln!(io::stdout(), "{}: {error}", subscription.id)?;
                outcome = Outcome::Failed;
            }
        }
    }
    Ok(outcome)
}

//! `status`: how each feed is doing, in a sentence, then totals.

use super::{Outcome, print_json};
use crate::config::Config;
use crate::health;
use crate::store::{FeedRecord, PastPoll, Store};
use anyhow::{Result, bail};
use chrono::{TimeDelta, Utc};
use serde_json::json;
use std::io::{self, Write};

pub(super) async fn status(config: &Config, only: &[String], json: bool) -> Result<Outcome> {
    let store = Store::open_for_reading(&config.store_path)?;
    let (mut records, counts) = (store.feeds().await?, store.entry_counts().await?);
    let entries = |record: &FeedRecord| counts.get(&record.name.id).copied().unwrap_or(0);
    if let Some(unknown) = only.iter().find(|id| !records.iter().any(|record| record.name.id == **id)) {
        bail!("there is no feed \"{unknown}\" in the store; `glasnik status` lists them");
    }
    if !only.is_empty() {
        records.retain(|record| only.contains(&record.name.id));
    }
    let now = Utc::now();
    for record in &records {
        let sentence = health::in_words(&record.state, record.is_enabled, now);
        // For thousands of feeds it would be a long list.
        let past = if only.is_empty() { Vec::new() } else { store.past_polls(&record.name.id).await? };
        if json {
            let mut shape = shape(record, entries(record), &sentence);
            if !only.is_empty() {
                shape["polls"] = json!(past);
            }
            print_json(&shape)?;
        } else {
            writeln!(io::stdout(), "{}: {sentence}", record.name.id)?;
            for poll in &past {
                writeln!(io::stdout(), "  {}", in_words(poll))?;
            }
        }
    }
    if !json {
        let failing = records.iter().filter(|record| record.state.failures > 0).count();
        let entries: i64 = records.iter().map(entries).sum();
        writeln!(io::stdout(), "{} feeds, {failing} failing, {entries} entries kept", records.len())?;
        if let Some((entries, since)) = store.waiting_to_be_grouped().await?.filter(|(_, since)| now - since > LATE) {
            let since = health::minute(since);
            writeln!(
                io::stdout(),
                "grouping fails: {entries} entries wait for it since {since}, and outputs that join entries do not show them; the log says why"
            )?;
        }
    }
    Ok(Outcome::Done)
}

/// Entries are grouped within seconds; the window of a week is read within minutes.
const LATE: TimeDelta = TimeDelta::minutes(10);

/// One poll of the past on a line.
fn in_words(poll: &PastPoll) -> String {
    let http = poll.http.map(|http| format!(" {http}")).unwrap_or_default();
    let error = poll.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
    format!(
        "{} {}{http}, {} new, {} changed, {} bytes in {} ms{error}",
        health::minute(poll.at),
        poll.status,
        poll.new,
        poll.changed,
        poll.bytes,
        poll.took_ms
    )
}

fn shape(record: &FeedRecord, entries: i64, sentence: &str) -> serde_json::Value {
    let state = &record.state;
    json!({
        "feed": record.name.id,
        "url": record.name.url,
        "title": record.name.title,
        "enabled": record.is_enabled,
        "entries": entries,
        "last_poll_at": state.last_poll_at,
        "last_success_at": state.last_success_at,
        "next_poll_at": state.next_poll_at.filter(|_| !state.is_gone),
        "failures": state.failures,
        "error": state.last_error,
        "repairs": state.repairs,
        "moved_to": state.moved_to,
        "asked_there": state.adopted.is_some(),
        "waits_for": state.waits_for,
        "gone": state.is_gone,
        "sentence": sentence,
    })
}

//! `poll`: one pass, a line a feed.

use super::{Outcome, print_json};
use crate::config::Config;
use crate::daemon::{Line, Setup, Turn};
use crate::feed::{FeedState, Subscription};
use crate::fetch::Fetcher;
use crate::group::Grouper;
use crate::health;
use crate::poll::{Report, Status, sketch_all};
use crate::retag;
use crate::schedule;
use crate::searching;
use crate::store::Store;
use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use tokio::task::JoinSet;
use tracing::info;

/// Which feeds, and how urgently.
pub(super) struct Which {
    pub all: bool,
    pub force: bool,
    pub feeds: Vec<String>,
}

pub(super) async fn poll(config: Config, which: &Which, json: bool) -> Result<Outcome> {
    let store = Store::open(&config.store_path)?;
    let fetcher = Fetcher::new(&config.fetch)?;
    let setup = Setup::new(config, &store, &fetcher).await?;
    if !which.force {
        setup.keep_waiting(&store).await?;
    }
    sketch_all(&store).await?;
    let now = Utc::now();
    let mut shown = Shown { json, ..Shown::default() };
    let mut wanted = HashMap::new();
    let mut turns = Vec::new();
    for (subscription, state) in chosen(&setup, &store, which).await? {
        if !which.wants(&state, now) {
            shown.line(&Report::waiting(&subscription, &state))?;
            continue;
        }
        let host = subscription.url.host_str().unwrap_or_default().to_owned();
        turns.push(Turn { id: subscription.id.clone(), host, is_failing: state.failures > 0 });
        wanted.insert(subscription.id.clone(), (subscription, state));
    }
    shown.of = turns.len();
    let mut line = Line::default();
    line.fill(turns);
    let mut polls = JoinSet::new();
    loop {
        // With our own network down the first ones tell as much as all of them.
        while setup.poller().network().lost_at().is_none() {
            let Some(turn) = line.next_turn() else {
                break;
            };
            if let Some((subscription, state)) = wanted.remove(&turn.id) {
                let poller = setup.poller().clone();
                polls.spawn(async move { (turn, poller.poll(&subscription, state, Utc::now()).await) });
            }
        }
        let Some(ended) = polls.join_next().await else {
            break;
        };
        let (turn, polled) = ended?;
        line.ended(&turn);
        shown.report(&polled?)?;
        shown.progress();
    }
    if !wanted.is_empty() {
        shown.totals()?;
        group(&store).await?;
        bail!("our own network seems to be down: {} feeds were not asked, and none is blamed", wanted.len());
    }
    shown.totals()?;
    let changes = retag::apply(&store, setup.poller().topics.in_force().await).await?;
    for (topic, change) in &changes.topics {
        info!("the topics changed: {}", change.in_words(topic));
    }
    group(&store).await?;
    searching::index_all(&store).await?;
    Ok(Outcome::Done)
}

/// What is remembered of the newest entries is read only where something came, or is wished for.
async fn group(store: &Store) -> Result<()> {
    if store.is_grouping_behind().await? || store.has_wishes().await? {
        Grouper::default().catch_up(store, Utc::now()).await?;
    }
    Ok(())
}

impl Which {
    fn wants(&self, state: &FeedState, now: DateTime<Utc>) -> bool {
        let is_due = state.next_poll_at.is_none_or(|at| at <= now) && !schedule::is_skipped(state.skips, now);
        let may_be_asked = !state.is_gone && state.retry_at.is_none_or(|at| at <= now);
        self.force || (may_be_asked && (self.all || is_due))
    }
}

async fn chosen(setup: &Setup, store: &Store, which: &Which) -> Result<Vec<(Subscription, FeedState)>> {
    if let Some(unknown) = which.feeds.iter().find(|id| setup.subscription(id).is_none()) {
        bail!("there is no feed \"{unknown}\" in feeds.toml; `glasnik status` lists them");
    }
    let mut states = store.states().await?;
    let is_chosen = |subscription: &&Subscription| match which.feeds.as_slice() {
        [] => subscription.is_enabled,
        feeds => feeds.contains(&subscription.id),
    };
    let mut state = |id: &str| states.remove(id).unwrap_or_default();
    let subscriptions = setup.config().subscriptions.iter().filter(is_chosen);
    Ok(subscriptions.map(|subscription| (subscription.clone(), state(&subscription.id))).collect())
}

/// What has been said so far.
#[derive(Default)]
struct Shown {
    json: bool,
    of: usize,
    polled: usize,
    new: usize,
    failed: usize,
}

impl Shown {
    /// A feed that was asked.
    fn report(&mut self, report: &Report) -> Result<()> {
        self.polled += 1;
        self.new += report.new;
        self.failed += usize::from(matches!(report.status, Status::Failed | Status::Gone));
        self.line(report)
    }

    /// What is said of a feed, asked or not.
    fn line(&self, report: &Report) -> Result<()> {
        if self.json { print_json(report) } else { Ok(writeln!(io::stdout(), "{}", in_words(report))?) }
    }

    fn progress(&self) {
        let mut err = io::stderr();
        if err.is_terminal() {
            // A terminal that is gone is no reason to stop polling.
            let _ = write!(err, "\r{}/{} polled", self.polled, self.of).and_then(|()| err.flush());
            if self.polled == self.of {
                let _ = writeln!(err);
            }
        }
    }

    fn totals(&self) -> Result<()> {
        if !self.json {
            writeln!(io::stdout(), "{} polled, {} new entries, {} failed", self.polled, self.new, self.failed)?;
        }
        Ok(())
    }
}

fn in_words(report: &Report) -> String {
    let feed = &report.feed;
    let until = report.next_poll_at.map(|at| format!(" until {}", health::minute(at))).unwrap_or_default();
    match (&report.status, &report.error) {
        (Status::Failed | Status::Gone, Some(error)) => format!("{feed}: {error}"),
        (Status::Waiting, _) => format!("{feed}: waits{until}"),
        (Status::Unchanged, _) => format!("{feed}: unchanged"),
        _ => format!("{feed}: {} new, {} changed, {} entries", report.new, report.changed, report.entries),
    }
}

//! The loop: what is due, poll it, publish what changed, wait; start, reload and stop. Does not
//! know how any of that is done.

mod grouping;
mod indexing;
mod line;
mod pages;
mod plan;
mod polls;
mod publishing;
mod reload;
mod retagging;
mod searching;
mod watching;

pub use line::{Line, Turn};

use crate::config::Config;
use crate::feed::Subscription;
use crate::fetch::Fetcher;
use crate::group::Grouper;
use crate::metrics::Metrics;
use crate::poll::{Poller, Topics, sketch_all};
use crate::schedule;
use crate::server::{self, Shelf};
use crate::store::{self, Edited, Store};
use crate::topics::Matcher;
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use grouping::Grouping;
use polls::Pulse;
use searching::Searches;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

/// Between two rounds of forgetting old text.
const FORGET_EVERY: Duration = Duration::from_secs(24 * 3600);

/// After entries that could not be sketched, as where the disk is full, before the next try.
const SKETCH_RETRY: Duration = Duration::from_secs(30);

/// After so long, what has not ended at a stop is dropped. Polls are dropped at once: whatever they
/// would have brought is asked for again.
const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// What feeds.toml made of us, replaced whole by a reload.
pub struct Setup {
    config: Config,
    subscriptions: HashMap<String, Subscription>,
    poller: Poller,
}

impl Setup {
    /// Checks the rules and makes the store follow the configuration.
    pub async fn new(config: Config, store: &Store, fetcher: &Fetcher) -> Result<Self> {
        let known = store.tagging().await?.map(|tagging| tagging.rules);
        let matcher = Matcher::of_known(&config.words, &config.topics, known);
        let matcher = matcher.map_err(|errors| config.explain(&errors))?;
        let subscriptions = followed(&config, store).await?;
        let topics = Topics::new(matcher, store).await?;
        let poller = Poller::new(fetcher.with_settings(&config.fetch), store.clone(), topics);
        let poller = poller.publishing_at(&config.base_url);
        Ok(Self { config, subscriptions, poller })
    }

    /// As [`Setup::new`], in the place of this one: polls under way go by the new topics as well.
    async fn replaced_by(&self, config: Config, store: &Store, fetcher: &Fetcher) -> Result<Self> {
        let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
        let subscriptions = followed(&config, store).await?;
        self.poller.topics.change(matcher, store).await?;
        let poller = self.poller.clone().asking_with(fetcher.with_settings(&config.fetch));
        let poller = poller.publishing_at(&config.base_url);
        Ok(Self { config, subscriptions, poller })
    }

    /// Makes the poller keep what servers asked for before this program was started.
    pub async fn keep_waiting(&self, store: &Store) -> Result<(), store::Error> {
        for (id, state) in store.told_to_wait().await? {
            if let Some(subscription) = self.subscriptions.get(&id) {
                self.poller.keep_waiting(subscription, &state);
            }
        }
        Ok(())
    }

    /// What was configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What polls.
    pub fn poller(&self) -> &Poller {
        &self.poller
    }

    /// What is subscribed under an id.
    pub fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions.get(id)
    }
}

/// Makes the store follow what is subscribed, by id.
async fn followed(config: &Config, store: &Store) -> Result<HashMap<String, Subscription>> {
    let edited = store.sync_subscriptions(&config.subscriptions).await?;
    let subscriptions: HashMap<String, Subscription> =
        config.subscriptions.iter().map(|subscription| (subscription.id.clone(), subscription.clone())).collect();
    store.postpone(moments_after(edited, &subscriptions)).await?;
    Ok(subscriptions)
}

/// When feeds are asked whose `[[feed]]` was edited: as they would have been, had it always been so.
fn moments_after(
    edited: Vec<Edited>,
    subscriptions: &HashMap<String, Subscription>,
) -> Vec<(String, DateTime<Utc>, String)> {
    let moved = |Edited { id, is_access_changed, state }: Edited| {
        let Subscription { every, url, .. } = subscriptions.get(&id)?;
        let next = schedule::after_an_edit(*every, is_access_changed, &state, url.as_str(), Utc::now())?;
        Some((id, next.at, next.reason))
    };
    edited.into_iter().filter_map(moved).collect()
}

/// A running daemon's handles, shared by its tasks.
struct Daemon {
    store: Store,
    fetcher: Fetcher,
    shelf: Shelf,
    /// Held by whoever puts documents on the shelf.
    shelving: Mutex<()>,
    setup: watch::Sender<Arc<Setup>>,
    has_news: Notify,
    /// Entries came, were edited or forgotten.
    has_words: Notify,
    searches: Searches,
    wake: Arc<Notify>,
    pulse: Pulse,
    metrics: Arc<Metrics>,
    grouper: Grouper,
    grouping: Grouping,
    /// Whether readers get what the store holds; else they get what it held before.
    is_published: AtomicBool,
    counts: pages::Counts,
    stop: watch::Receiver<bool>,
}

/// Polls, publishes and serves on `listener` until `stop` resolves. `wake` makes every feed due at
/// once.
pub async fn run(
    config: Config,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    wake: Arc<Notify>,
) -> Result<()> {
    let stamps = reload::stamps(&config.files);
    let store = Store::open(&config.store_path)?;
    store.begin_grouping(Utc::now()).await?;
    let fetcher = Fetcher::new(&config.fetch)?;
    let setup = Arc::new(Setup::new(config, &store, &fetcher).await?);
    setup.keep_waiting(&store).await?;
    info!(feeds = setup.subscriptions.len(), address = %setup.config.base_url, "started");
    let (stopped, stop_seen) = watch::channel(false);
    let daemon = Arc::new(Daemon {
        store,
        fetcher,
        shelf: Shelf::default(),
        shelving: Mutex::default(),
        setup: watch::Sender::new(setup),
        has_news: Notify::new(),
        has_words: Notify::new(),
        searches: Searches::default(),
        wake,
        pulse: Pulse::default(),
        metrics: Arc::default(),
        grouper: Grouper::default(),
        grouping: Grouping::default(),
        is_published: AtomicBool::new(true),
        counts: pages::Counts::default(),
        stop: stop_seen,
    });

    daemon.adjust_to_clock().await;

    let mut tasks = JoinSet::new();
    let server = server::serve(listener, daemon.shelf.clone(), daemon.live(), wait_for_stop(daemon.stop.clone()));
    tasks.spawn(async move { server.await.context("the server failed") });
    tasks.spawn(daemon.clone().poll_until_stopped());
    tasks.spawn(daemon.clone().publish_until_stopped());
    tasks.spawn(daemon.clone().obey_until_stopped());
    tasks.spawn(daemon.clone().reload_until_stopped(stamps));
    tasks.spawn(daemon.clone().retag_until_stopped());
    tasks.spawn(daemon.clone().index_until_stopped());
    tasks.spawn(daemon.clone().watch_until_stopped());
    tasks.spawn(daemon.clone().forget_until_stopped());
    tasks.spawn(daemon.clone().sketch_until_stopped());

    let mut outcome = Ok(());
    tokio::select! {
        () = stop => info!("stopping"),
        Some(ended) = tasks.join_next() => outcome = ended.context("a task broke").and_then(|result| result),
    }
    stopped.send_replace(true);
    if tokio::time::timeout(STOP_PATIENCE, async { while tasks.join_next().await.is_some() {} }).await.is_err() {
        warn!("some work did not end in time and was dropped; it is done again at the next start");
    }
    outcome
}

impl Daemon {
    fn now_setup(&self) -> Arc<Setup> {
        self.setup.borrow().clone()
    }

    /// Catches up with what an earlier version kept. Where it ends here, it goes on at the next start.
    async fn sketch_until_stopped(self: Arc<Self>) -> Result<()> {
        loop {
            let sketched = tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                sketched = sketch_all(&self.store) => sketched,
            };
            let retry = async {
                match sketched {
                    Ok(()) => std::future::pending().await,
                    Err(error) => error!(%error, "entries of an earlier version are known by their ids alone"),
                }
                tokio::time::sleep(SKETCH_RETRY).await;
            };
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = retry => {}
            }
        }
    }

    async fn forget_until_stopped(self: Arc<Self>) -> Result<()> {
        loop {
            match self.store.forget_old_text(Utc::now()).await {
                Ok(0) => {}
                Ok(entries) => {
                    info!(entries, "forgot text that was kept long enough");
                    self.has_news.notify_one();
                    self.has_words.notify_one();
                }
                Err(error) => error!(%error, "old text was not forgotten"),
            }
            if let Err(error) = self.store.forget_old_articles(Utc::now()).await {
                error!(%error, "what old entries were compared by was not forgotten");
            }
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = tokio::time::sleep(FORGET_EVERY) => {}
            }
        }
    }
}

async fn wait_for_stop(mut stop: watch::Receiver<bool>) {
    // An error means that the daemon itself is gone: that is a stop as well.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

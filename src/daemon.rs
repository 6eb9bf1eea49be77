//! The loop: what is due, poll it, publish what changed, wait; start, reload and stop. Does not
//! know how any of that is done.

use crate::config::{self, Config};
use crate::feed::{FeedState, Subscription};
use crate::fetch::Fetcher;
use crate::poll::{Poller, Report, Status};
use crate::server::{self, Document, Live, Shelf};
use crate::store::Store;
use crate::topics::Matcher;
use crate::{publish, schedule};
use anyhow::{Context, Result};
use chrono::Utc;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

/// How often the clock is looked at. Nothing is asked more often than once a minute, so that a
/// second is exact enough, and the look is one indexed query.
const TICK: Duration = Duration::from_secs(1);

/// Polls that may wait for their host or for a free place at once; the fetcher lets far fewer
/// through.
const POLLS_AT_ONCE_MAX: usize = 2_000;

/// After a poll that could not be stored, before that feed is asked again.
const STORE_PAUSE: Duration = Duration::from_secs(60);

/// Changes that come within this time are published together.
const PUBLISH_PAUSE: Duration = Duration::from_millis(500);

/// Between two looks at whether feeds.toml changed.
const RELOAD_LOOK: Duration = Duration::from_secs(1);

/// Between two rounds of forgetting old text.
const FORGET_EVERY: Duration = Duration::from_secs(24 * 3600);

/// After so long polls are dropped at a stop: whatever they would have brought is asked for again.
const STOP_PATIENCE: Duration = Duration::from_secs(8);

/// At a start, feeds that are overdue are asked over a time that grows by this for each, so that
/// ten thousand do not come at once.
const CATCH_UP_A_FEED: Duration = Duration::from_millis(50);

/// What feeds.toml made of us, replaced whole by a reload.
pub struct Setup {
    config: Config,
    subscriptions: HashMap<String, Subscription>,
    poller: Poller,
}

impl Setup {
    /// Compiles the rules and makes the store follow the configuration.
    pub async fn new(config: Config, store: &Store, fetcher: &Fetcher) -> Result<Self> {
        let matcher = Matcher::new(&config.words, &config.topics).map_err(|errors| config.explain(&errors))?;
        store.sync_subscriptions(&config.subscriptions).await?;
        let subscriptions =
            config.subscriptions.iter().map(|subscription| (subscription.id.clone(), subscription.clone())).collect();
        let poller =
            Poller { fetcher: fetcher.with_settings(&config.fetch), store: store.clone(), matcher: Arc::new(matcher) };
        Ok(Self { config, subscriptions, poller })
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

/// A running daemon's handles, shared by its tasks.
struct Daemon {
    store: Store,
    fetcher: Fetcher,
    shelf: Shelf,
    setup: watch::Sender<Arc<Setup>>,
    has_news: Notify,
    is_asked_to_poll: Notify,
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
    let store = Store::open(&config.store_path)?;
    let fetcher = Fetcher::new(&config.fetch)?;
    let setup = Arc::new(Setup::new(config, &store, &fetcher).await?);
    info!(feeds = setup.subscriptions.len(), address = %setup.config.base_url, "started");
    let (stopped, stop_seen) = watch::channel(false);
    let daemon = Arc::new(Daemon {
        store,
        fetcher,
        shelf: Shelf::default(),
        setup: watch::Sender::new(setup),
        has_news: Notify::new(),
        is_asked_to_poll: Notify::new(),
        stop: stop_seen,
    });
    daemon.publish().await?;
    daemon.spread_overdue().await?;

    let mut tasks = JoinSet::new();
    tasks.spawn(daemon.clone().poll_until_stopped());
    tasks.spawn(daemon.clone().publish_until_stopped());
    tasks.spawn(daemon.clone().reload_until_stopped());
    tasks.spawn(daemon.clone().forget_until_stopped());
    let server = server::serve(listener, daemon.shelf.clone(), daemon.live(), wait_for_stop(daemon.stop.clone()));
    tasks.spawn(async move { server.await.context("the server failed") });
    tasks.spawn(pass_on(wake, daemon.clone()));

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

    async fn poll_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut polls: JoinSet<String> = JoinSet::new();
        let mut in_flight: HashSet<String> = HashSet::new();
        let stop = wait_for_stop(self.stop.clone());
        tokio::pin!(stop);
        loop {
            self.start_due(&mut polls, &mut in_flight).await;
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(TICK) => {}
                () = self.is_asked_to_poll.notified() => self.make_all_due().await?,
            }
            while let Some(ended) = polls.try_join_next() {
                match ended {
                    Ok(id) => _ = in_flight.remove(&id),
                    // The id is lost with the task; rather ask that feed twice than never again.
                    Err(_) => in_flight.clear(),
                }
            }
        }
        while polls.join_next().await.is_some() {}
        Ok(())
    }

    async fn start_due(self: &Arc<Self>, polls: &mut JoinSet<String>, in_flight: &mut HashSet<String>) {
        let due = match self.store.due(Utc::now()).await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "cannot tell what is due");
                return;
            }
        };
        let setup = self.now_setup();
        for (id, state) in due {
            if in_flight.len() >= POLLS_AT_ONCE_MAX {
                return;
            }
            let Some(subscription) = setup.subscriptions.get(&id).filter(|_| !in_flight.contains(&id)) else {
                continue;
            };
            in_flight.insert(id.clone());
            let (id, stop) = (id.clone(), wait_for_stop(self.stop.clone()));
            let poll = self.clone().poll_one(setup.poller.clone(), subscription.clone(), state);
            polls.spawn(async move {
                tokio::select! {
                    () = stop => {}
                    () = poll => {}
                }
                id
            });
        }
    }

    async fn poll_one(self: Arc<Self>, poller: Poller, subscription: Subscription, state: FeedState) {
        match poller.poll(&subscription, state, Utc::now()).await {
            Ok(report) => {
                log(&report);
                if report.new + report.changed > 0 {
                    self.has_news.notify_one();
                }
            }
            Err(error) => {
                error!(feed = %subscription.id, %error, "the poll was not kept");
                // It is still due: without a pause we would ask the server again and again for
                // what we cannot store.
                tokio::time::sleep(STORE_PAUSE).await;
            }
        }
    }

    async fn publish_until_stopped(self: Arc<Self>) -> Result<()> {
        loop {
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = self.has_news.notified() => tokio::time::sleep(PUBLISH_PAUSE).await,
            }
            if let Err(error) = self.publish().await {
                error!(%error, "nothing new was published; readers get the last documents");
            }
        }
    }

    /// Renders everything and puts what differs on the shelf.
    async fn publish(&self) -> Result<()> {
        let setup = self.now_setup();
        let rendered = publish::documents(&setup.config, &self.store).await?;
        let paths: HashSet<String> = rendered.iter().map(|document| document.path.clone()).collect();
        let new: Vec<_> =
            rendered.into_iter().filter(|document| !self.shelf.has(&document.path, &document.body)).collect();
        let hashes = new.iter().map(|document| (document.path.clone(), server::body_hash(&document.body))).collect();
        let moments = self.store.documents_changed_at(hashes, Utc::now()).await?;
        let count = new.len();
        for (document, changed_at) in new.into_iter().zip(moments) {
            self.shelf.put(document.path, Document::new(document.body, document.media_type, changed_at));
        }
        self.shelf.keep_only(&paths);
        if count > 0 {
            info!(documents = count, "published");
        }
        Ok(())
    }

    async fn reload_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut seen = stamps(&self.now_setup().config.files);
        loop {
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = tokio::time::sleep(RELOAD_LOOK) => {}
            }
            let now = stamps(&self.now_setup().config.files);
            if now == seen {
                continue;
            }
            seen = now;
            match self.reload().await {
                // The list of files may be another one now.
                Ok(()) => seen = stamps(&self.now_setup().config.files),
                Err(error) => error!("{error:#}; the last good configuration stays in force"),
            }
        }
    }

    async fn reload(&self) -> Result<()> {
        let old = self.now_setup();
        let config = config::load(&old.config.path)?;
        if config.listen != old.config.listen || config.store_path != old.config.store_path {
            warn!("[server] listen and [store] path take effect at the next start");
        }
        let setup = Setup::new(config, &self.store, &self.fetcher).await?;
        info!(feeds = setup.subscriptions.len(), "feeds.toml changed and was read again");
        self.setup.send_replace(Arc::new(setup));
        self.has_news.notify_one();
        Ok(())
    }

    async fn forget_until_stopped(self: Arc<Self>) -> Result<()> {
        loop {
            match self.store.forget_old_text(Utc::now()).await {
                Ok(0) => {}
                Ok(entries) => info!(entries, "forgot text that was kept long enough"),
                Err(error) => error!(%error, "old text was not forgotten"),
            }
            tokio::select! {
                () = wait_for_stop(self.stop.clone()) => return Ok(()),
                () = tokio::time::sleep(FORGET_EVERY) => {}
            }
        }
    }

    /// Gives the feeds that are overdue moments of their own over the next minutes.
    async fn spread_overdue(&self) -> Result<()> {
        let now = Utc::now();
        let due = self.store.due(now).await?;
        let window = CATCH_UP_A_FEED.saturating_mul(u32::try_from(due.len()).unwrap_or(u32::MAX));
        let setup = self.now_setup();
        let moments = due
            .into_iter()
            .filter_map(|(id, _)| setup.subscriptions.get(&id))
            .map(|subscription| (subscription.id.clone(), schedule::first_poll(subscription.url.as_str(), window, now)))
            .collect();
        Ok(self.store.postpone(moments).await?)
    }

    async fn make_all_due(&self) -> Result<()> {
        let now = Utc::now();
        let moments = self.now_setup().subscriptions.keys().map(|id| (id.clone(), now)).collect();
        Ok(self.store.postpone(moments).await?)
    }

    fn live(self: &Arc<Self>) -> Live {
        todo!()
    }
}

async fn pass_on(wake: Arc<Notify>, daemon: Arc<Daemon>) -> Result<()> {
    loop {
        tokio::select! {
            () = wait_for_stop(daemon.stop.clone()) => return Ok(()),
            () = wake.notified() => daemon.is_asked_to_poll.notify_one(),
        }
    }
}

async fn wait_for_stop(mut stop: watch::Receiver<bool>) {
    // An error means that the daemon itself is gone: that is a stop as well.
    let _ = stop.wait_for(|is_stopped| *is_stopped).await;
}

fn log(report: &Report) {
    let feed = &report.feed;
    match (&report.status, &report.error) {
        (Status::Failed | Status::Gone, Some(error)) => warn!(%feed, next = ?report.next_poll_at, "{error}"),
        _ => info!(%feed, new = report.new, changed = report.changed, bytes = report.bytes, "polled"),
    }
}

/// Enough to see that a file is another one: its length and its last change.
fn stamps(files: &[PathBuf]) -> Vec<Option<(u64, SystemTime)>> {
    files
        .iter()
        .map(|path| path.metadata().ok().and_then(|about| Some((about.len(), about.modified().ok()?))))
        .collect()
}

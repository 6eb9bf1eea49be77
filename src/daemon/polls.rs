//! Which feeds are asked when: those that are due, each once at a time, and none while nothing can
//! be kept.

use super::line::{Line, Turn};
use super::{Daemon, Setup, wait_for_stop};
use crate::feed::Subscription;
use crate::health;
use crate::poll::{Poller, Report, Status};
use crate::schedule;
use anyhow::Result;
use chrono::{TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::{self, AbortHandle, JoinError, JoinSet};
use tracing::{error, info, warn};
use url::Url;

/// How often the clock is looked at. Nothing is asked more often than once a minute, so that a
/// second is exact enough, and the look is one walk over the feeds' rows.
const TICK: Duration = Duration::from_secs(1);

/// Between two tries of a store that takes nothing, as when its disk is full, or that tells nothing.
const STORE_PAUSE: Duration = Duration::from_secs(10);

/// Between two looks, only a machine that slept or a clock that was set makes such a gap.
const JUMP: TimeDelta = TimeDelta::minutes(2);

/// Without a look for so long, the loop hangs or the store cannot be read.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// How the loop is, for `/healthz`.
pub(super) struct Pulse {
    /// The last time that the store said what is due.
    looked_at: Mutex<Instant>,
    /// Whether the store takes nothing.
    pub(super) is_refused: AtomicBool,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { looked_at: Mutex::new(Instant::now()), is_refused: AtomicBool::new(false) }
    }
}

impl Pulse {
    /// What is wrong, in a word.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        let looked_at = *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        match self.is_refused.load(Ordering::Relaxed) {
            true => Some("unwritable"),
            false => (looked_at.elapsed() > STALLED_AFTER).then_some("stalled"),
        }
    }

    fn beats(&self) {
        *self.looked_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl Daemon {
    pub(super) async fn poll_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut polls = Polls::default();
        let mut unkept = Vec::new();
        let mut reloads = self.setup.subscribe();
        let mut stop = pin!(wait_for_stop(self.stop.clone()));
        let mut looked_at = Utc::now();
        let mut was_offline = false;
        loop {
            let is_offline = self.is_offline();
            if (Utc::now() - looked_at).abs() > JUMP || (was_offline && !is_offline) {
                self.adjust_to_clock().await;
            }
            (looked_at, was_offline) = (Utc::now(), is_offline);
            let is_store_well = self.put_off(&mut unkept).await && self.look(&mut polls).await;
            if !is_store_well {
                // Also those that wait at a host's gate: what they would bring cannot be kept.
                polls.tasks.abort_all();
                polls.line.clear();
            }
            let mut pause = pin!(tokio::time::sleep(if is_store_well { TICK } else { STORE_PAUSE }));
            loop {
                if is_store_well && self.is_offline() == was_offline {
                    self.start_next(&mut polls);
                }
                tokio::select! {
                    () = &mut stop => {
                        polls.tasks.shutdown().await;
                        return Ok(());
                    }
                    () = &mut pause => break,
                    () = self.wake.notified() => {
                        self.make_all_due().await;
                        break;
                    }
                    // An error would mean that there is no daemon any more.
                    _ = reloads.changed() => {
                        polls.drop_outdated(&self.now_setup());
                        break;
                    }
                    Some(ended) = polls.tasks.join_next_with_id() => {
                        let lost = polls.take_ended(ended);
                        let is_lost = lost.is_some();
                        unkept.extend(lost);
                        if is_lost && is_store_well {
                            break;
                        }
                    }
                }
            }
        }
    }

    /// Whether our own network seems to be down.
    pub(super) fn is_offline(&self) -> bool {
        self.now_setup().poller.network().lost_at().is_some()
    }

    /// Lines up what is due; answers whether the store could tell.
    async fn look(&self, polls: &mut Polls) -> bool {
        let now = Utc::now();
        let due = match self.store.due(now).await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "cannot tell what is due");
                return false;
            }
        };
        self.pulse.beats();
        let (skipped, due): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|due| due.was_asked && schedule::is_skipped(due.skips, now));
        self.leave_alone(skipped, now).await;
        let setup = self.now_setup();
        let turns = due.into_iter().filter_map(|due| {
            let subscription = setup.subscriptions.get(&due.id).filter(|wanted| !polls.asked.contains(&wanted.url))?;
            let host = subscription.url.host_str().unwrap_or_default().to_owned();
            Some(Turn { id: due.id, host, is_failing: due.is_failing })
        });
        polls.line.fill(turns);
        true
    }

    /// Starts as many polls as may be under way; one now and then while our network is down.
    fn start_next(self: &Arc<Self>, polls: &mut Polls) {
        let setup = self.now_setup();
        while !polls.line.is_empty() && setup.poller.network().may_try(Utc::now()) {
            let Some(turn) = polls.line.next_turn() else {
                break;
            };
            match setup.subscriptions.get(&turn.id).filter(|wanted| !polls.asked.contains(&wanted.url)) {
                Some(subscription) => {
                    let poll = self.clone().poll_one(setup.poller.clone(), subscription.clone());
                    polls.start(turn, subscription, poll);
                }
                None => polls.line.ended(&turn),
            }
        }
    }

    /// Answers whether what the poll brought was kept.
    async fn poll_one(self: Arc<Self>, poller: Poller, subscription: Subscription) -> bool {
        let now = Utc::now();
        let state = match self.store.state_if_due(&subscription.id, now).await {
            Ok(Some(state)) => state,
            // Put off since it was lined up.
            Ok(None) => return true,
            Err(error) => {
                error!(feed = %subscription.id, %error, "the poll did not begin");
                return false;
            }
        };
        match poller.poll(&subscription, state, now).await {
            Ok(report) => {
                log(&report);
                self.metrics.polled(report.status.name(), report.bytes, report.new);
                if report.new + report.changed > 0 {
                    self.has_news.notify_one();
                    self.has_words.notify_one();
                }
                true
            }
            Err(error) => {
                error!(feed = %subscription.id, %error, "the poll was not kept");
                false
            }
        }
    }
}

/// The polls under way and those next in line. An address is asked once at a time, also where its
/// feed's id has just become another one.
#[derive(Default)]
struct Polls {
    line: Line,
    tasks: JoinSet<bool>,
    under_way: HashMap<task::Id, UnderWay>,
    asked: HashSet<Url>,
}

struct UnderWay {
    turn: Turn,
    subscription: Subscription,
    handle: AbortHandle,
}

impl Polls {
    fn start(&mut self, turn: Turn, subscription: &Subscription, poll: impl Future<Output = bool> + Send + 'static) {
        let handle = self.tasks.spawn(poll);
        self.asked.insert(subscription.url.clone());
        self.under_way.insert(handle.id(), UnderWay { turn, subscription: subscription.clone(), handle });
    }

    /// Forgets one that ended; answers its feed where the poll was not kept.
    fn take_ended(&mut self, ended: Result<(task::Id, bool), JoinError>) -> Option<Subscription> {
        let (id, is_lost) = match &ended {
            Ok((id, is_kept)) => (*id, !is_kept),
            Err(error) => (error.id(), error.is_panic()),
        };
        let UnderWay { turn, subscription, .. } = self.under_way.remove(&id)?;
        self.line.ended(&turn);
        self.asked.remove(&subscription.url);
        if matches!(&ended, Err(error) if error.is_panic()) {
            error!(feed = %subscription.id, "the poll broke, please report it");
        }
        is_lost.then_some(subscription)
    }

    /// Drops the polls that feeds.toml would not have asked for any more: what they bring is not
    /// what it now means by that feed.
    fn drop_outdated(&self, setup: &Setup) {
        for UnderWay { subscription, handle, .. } in self.under_way.values() {
            if !setup.subscriptions.get(&subscription.id).is_some_and(|wanted| asks_the_same(subscription, wanted)) {
                handle.abort();
            }
        }
    }
}

fn asks_the_same(one: &Subscription, other: &Subscription) -> bool {
    one.url == other.url
        && one.headers == other.headers
        && one.allow_private == other.allow_private
        && one.is_enabled == other.is_enabled
}

fn log(report: &Report) {
    let feed = &report.feed;
    match (&report.status, &report.error) {
        (Status::Failed | Status::Gone, Some(error)) => match report.next_poll_at {
            Some(next) => warn!(%feed, next = %health::minute(next), "{error}"),
            None => warn!(%feed, "{error}"),
        },
        _ => info!(%feed, new = report.new, changed = report.changed, bytes = report.bytes, "polled"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::daemon::searching::Searches;
    use crate::fetch::Fetcher;
    use crate::server::Shelf;
    use crate::store::Store;
    use tokio::sync::{Notify, watch};

    fn subscription(id: &str, url: &str) -> Subscription {
        Subscription::new(id, url.parse().expect("an address"))
    }

    fn start(polls: &mut Polls, subscription: &Subscription, poll: impl Future<Output = bool> + Send + 'static) {
        let host = subscription.url.host_str().expect("a host").to_owned();
        polls.line.fill([Turn { id: subscription.id.clone(), host, is_failing: false }]);
        let turn = polls.line.next_turn().expect("the only one");
        polls.start(turn, subscription, poll);
    }

    async fn until_ended(polls: &mut Polls) -> Vec<String> {
        let mut unkept = Vec::new();
        while let Some(ended) = polls.tasks.join_next_with_id().await {
            unkept.extend(polls.take_ended(ended).map(|subscription| subscription.id));
        }
        unkept
    }

    #[tokio::test]
    async fn a_poll_that_breaks_is_that_feeds_trouble_alone() {
        let (broken, lost, kept) = (
            subscription("broken", "https://a.example/"),
            subscription("lost", "https://b.example/"),
            subscription("kept", "https://c.example/"),
        );
        let mut polls = Polls::default();
        start(&mut polls, &broken, async { panic!("as a bug would") });
        start(&mut polls, &lost, async { false });
        start(&mut polls, &kept, async { true });
        assert!(polls.asked.contains(&broken.url));
        let mut unkept = until_ended(&mut polls).await;
        unkept.sort();
        assert_eq!(unkept, ["broken", "lost"]);
        assert!(polls.asked.is_empty() && polls.under_way.is_empty());
    }

    #[tokio::test]
    async fn an_address_is_not_asked_twice_because_its_feed_was_renamed() {
        let mut polls = Polls::default();
        start(&mut polls, &subscription("old", "https://a.example/"), std::future::pending());
        assert!(polls.asked.contains(&subscription("new", "https://a.example/").url));
    }

    #[test]
    fn a_poll_goes_on_over_a_reload_that_does_not_change_what_is_asked() {
        let old = subscription("id", "https://a.example/");
        let renamed = Subscription { title: Some("T".to_owned()), every: Duration::from_secs(60), ..old.clone() };
        assert!(asks_the_same(&old, &renamed));
        let moved = Subscription { url: "https://b.example/".parse().expect("an address"), ..old.clone() };
        assert!(!asks_the_same(&old, &moved));
        assert!(!asks_the_same(&old, &Subscription { is_enabled: false, ..old.clone() }));
    }

    #[tokio::test]
    async fn while_the_store_takes_nothing_health_says_so_and_nothing_is_forgotten() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("feeds.toml");
        std::fs::write(&path, "feeds = [\"https://a.example/\"]").expect("written");
        let config = config::load(&path).expect("a configuration");
        let store = Store::open(&config.store_path).expect("a store");
        let only_readable = Store::open_for_reading(&config.store_path).expect("a store");
        let fetcher = Fetcher::new(&config.fetch).expect("a fetcher");
        let setup = Setup::new(config, &store, &fetcher).await.expect("a setup");
        let mut unkept: Vec<Subscription> = setup.subscriptions.values().cloned().collect();
        let daemon = Daemon {
            store: only_readable,
            fetcher,
            shelf: Shelf::default(),
            shelving: tokio::sync::Mutex::default(),
            setup: watch::Sender::new(Arc::new(setup)),
            has_news: Notify::new(),
            has_words: Notify::new(),
            searches: Searches::default(),
            wake: Arc::new(Notify::new()),
            pulse: Pulse::default(),
            metrics: Arc::default(),
            grouper: crate::group::Grouper::default(),
            grouping: super::super::grouping::Grouping::default(),
            is_published: AtomicBool::new(true),
            counts: super::super::pages::Counts::default(),
            stop: watch::channel(false).1,
        };
        assert!(!daemon.put_off(&mut unkept).await);
        assert_eq!((daemon.pulse.complaint(), unkept.len()), (Some("unwritable"), 1));
        assert!(!daemon.group().await);
        assert_eq!(daemon.grouping.complaint(), Some("ungrouped"));

        let mended = Daemon { store, ..daemon };
        assert!(mended.put_off(&mut unkept).await);
        assert_eq!((mended.pulse.complaint(), unkept.len()), (None, 0));
        assert_eq!(mended.store.due(Utc::now()).await.expect("read"), [], "it is asked after its usual interval");
    }
}

//! Which feeds are asked when: those that are due, each once at a time, and none while nothing can
//! be kept.

use super::{Daemon, Setup, wait_for_stop};
use crate::feed::{FeedState, Subscription};
use crate::health;
use crate::poll::{Poller, Report, Status};
use crate::schedule;
use crate::store;
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::{self, AbortHandle, JoinSet};
use tracing::{error, info, warn};
use url::Url;

/// How often the clock is looked at. Nothing is asked more often than once a minute, so that a
/// second is exact enough, and the look is one walk over the feeds' rows.
const TICK: Duration = Duration::from_secs(1);

/// Polls that may wait for their host or for a free place at once; the fetcher lets far fewer
/// through.
const POLLS_AT_ONCE_MAX: usize = 2_000;

/// Between two tries of a store that takes nothing, as when its disk is full, or that tells nothing.
const STORE_PAUSE: Duration = Duration::from_secs(10);

/// Up to so many overdue feeds are no burst, and a first start should show something at once.
const OVERDUE_AT_ONCE_MAX: usize = 100;

/// More than those are asked over a time that grows by this for each, so that ten thousand do not
/// come at once.
const CATCH_UP_A_FEED: Duration = Duration::from_millis(50);

/// Between two looks, only a machine that slept or a clock that was set makes such a gap.
const JUMP: TimeDelta = TimeDelta::minutes(2);

/// Without a look for so long, the loop hangs or the store cannot be read.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// How the loop is, for `/healthz`.
pub(super) struct Pulse {
    /// The last time that the store said what is due.
    looked_at: Mutex<Instant>,
    /// Whether the store takes nothing.
    is_refused: AtomicBool,
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
        loop {
            if (Utc::now() - looked_at).abs() > JUMP {
                self.adjust_to_clock().await;
            }
            looked_at = Utc::now();
            let is_store_well = self.put_off(&mut unkept).await && self.start_due(&mut polls).await;
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(if is_store_well { TICK } else { STORE_PAUSE }) => {}
                () = self.wake.notified() => self.make_all_due().await,
                // An error would mean that there is no daemon any more.
                _ = reloads.changed() => polls.drop_outdated(&self.now_setup()),
            }
            unkept.extend(polls.take_ended());
        }
        polls.tasks.shutdown().await;
        Ok(())
    }

    /// Makes the next polls fit the clock, at a start and after it jumped.
    pub(super) async fn adjust_to_clock(&self) {
        let now = Utc::now();
        let moments = async {
            let mut moments = self.spread_overdue(now).await?;
            moments.extend(self.bring_back(now).await?);
            Ok::<_, store::Error>(moments)
        };
        let outcome = match moments.await {
            Ok(moments) if moments.is_empty() => Ok(()),
            Ok(moments) => self.store.postpone(moments).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            warn!(%error, "the next polls were left as they are");
        }
    }

    /// Feeds that are overdue get moments of their own over the next minutes, where they are many.
    /// Those that were never asked come first.
    async fn spread_overdue(&self, now: DateTime<Utc>) -> Result<Vec<(String, DateTime<Utc>)>, store::Error> {
        let due = self.store.due(now).await?;
        let setup = self.now_setup();
        let late: Vec<&Subscription> =
            due.iter().skip(OVERDUE_AT_ONCE_MAX).filter_map(|(id, _)| setup.subscriptions.get(id)).collect();
        let window = CATCH_UP_A_FEED.saturating_mul(u32::try_from(late.len()).unwrap_or(u32::MAX));
        if !late.is_empty() {
            info!(feeds = late.len(), over_s = window.as_secs(), "many feeds are overdue, their polls are spread");
        }
        let moment = |feed: &Subscription| (feed.id.clone(), schedule::first_poll(feed.url.as_str(), window, now));
        Ok(late.into_iter().map(moment).collect())
    }

    /// Feeds that were asked in the future, by a clock that has been set back since, are asked an
    /// interval from now: neither at once again, nor when that future comes.
    async fn bring_back(&self, now: DateTime<Utc>) -> Result<Vec<(String, DateTime<Utc>)>, store::Error> {
        let setup = self.now_setup();
        let records = self.store.feeds().await?;
        let asked_in_the_future =
            records.into_iter().filter(|record| record.state.last_poll_at.is_some_and(|at| at > now));
        Ok(asked_in_the_future
            .filter_map(|record| {
                let at = an_interval_from(now, setup.subscriptions.get(&record.name.id)?);
                (record.state.next_poll_at? > at).then_some((record.name.id, at))
            })
            .collect())
    }

    /// What servers said of Retry-After holds all the same.
    async fn make_all_due(&self) {
        let now = Utc::now();
        let outcome = async {
            let records = self.store.feeds().await?;
            let may_be_asked = records.into_iter().filter(|record| record.state.retry_at.is_none_or(|at| at <= now));
            self.store.postpone(may_be_asked.map(|record| (record.name.id, now)).collect()).await
        };
        if let Err(error) = outcome.await {
            error!(%error, "the feeds were not made due");
        }
    }

    /// Puts off the feeds whose last poll was not kept, or they would be asked again at once for
    /// what cannot be kept. Answers whether the store takes it: as long as it does not, nothing is
    /// worth asking for.
    async fn put_off(&self, unkept: &mut Vec<Subscription>) -> bool {
        if unkept.is_empty() {
            return true;
        }
        let outcome = self.store.postpone(moments_after(unkept, Utc::now())).await;
        let was_refused = self.pulse.is_refused.swap(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Ok(()) => {
                if was_refused {
                    info!("the store takes again what is polled");
                }
                unkept.clear();
                true
            }
            Err(error) => {
                if !was_refused {
                    error!(%error, "the store takes nothing; no feed is asked until it does");
                }
                false
            }
        }
    }

    /// Answers whether the store could tell what is due.
    async fn start_due(self: &Arc<Self>, polls: &mut Polls) -> bool {
        let due = match self.store.due(Utc::now()).await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "cannot tell what is due");
                return false;
            }
        };
        self.pulse.beats();
        let setup = self.now_setup();
        for (id, state) in due {
            if polls.tasks.len() >= POLLS_AT_ONCE_MAX {
                break;
            }
            let Some(subscription) = setup.subscriptions.get(&id).filter(|due| !polls.is_asking(&due.url)) else {
                continue;
            };
            polls.start(subscription, self.clone().poll_one(setup.poller.clone(), subscription.clone(), state));
        }
        true
    }

    /// Answers whether what the poll brought was kept.
    async fn poll_one(self: Arc<Self>, poller: Poller, subscription: Subscription, state: FeedState) -> bool {
        match poller.poll(&subscription, state, Utc::now()).await {
            Ok(report) => {
                log(&report);
                if report.new + report.changed > 0 {
                    self.has_news.notify_one();
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

/// The polls under way. An address is asked once at a time, also where its feed's id has just
/// become another one.
#[derive(Default)]
struct Polls {
    tasks: JoinSet<bool>,
    under_way: HashMap<task::Id, (Subscription, AbortHandle)>,
    asked: HashSet<Url>,
}

impl Polls {
    fn is_asking(&self, url: &Url) -> bool {
        self.asked.contains(url)
    }

    fn start(&mut self, subscription: &Subscription, poll: impl Future<Output = bool> + Send + 'static) {
        let handle = self.tasks.spawn(poll);
        self.asked.insert(subscription.url.clone());
        self.under_way.insert(handle.id(), (subscription.clone(), handle));
    }

    /// Forgets those that ended; answers the feeds whose polls were not kept.
    fn take_ended(&mut self) -> Vec<Subscription> {
        let mut unkept = Vec::new();
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let (id, is_lost) = match &ended {
                Ok((id, is_kept)) => (*id, !is_kept),
                Err(error) => (error.id(), error.is_panic()),
            };
            let Some((subscription, _)) = self.under_way.remove(&id) else {
                continue;
            };
            self.asked.remove(&subscription.url);
            if matches!(&ended, Err(error) if error.is_panic()) {
                error!(feed = %subscription.id, "the poll broke, please report it");
            }
            if is_lost {
                unkept.push(subscription);
            }
        }
        unkept
    }

    /// Drops the polls that feeds.toml would not have asked for any more: what they bring is not
    /// what it now means by that feed.
    fn drop_outdated(&self, setup: &Setup) {
        for (asked, handle) in self.under_way.values() {
            if !setup.subscriptions.get(&asked.id).is_some_and(|wanted| asks_the_same(asked, wanted)) {
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

/// Each is asked again after its usual interval.
fn moments_after(unkept: &[Subscription], now: DateTime<Utc>) -> Vec<(String, DateTime<Utc>)> {
    unkept.iter().map(|feed| (feed.id.clone(), an_interval_from(now, feed))).collect()
}

fn an_interval_from(now: DateTime<Utc>, feed: &Subscription) -> DateTime<Utc> {
    let interval = TimeDelta::from_std(feed.every).unwrap_or(TimeDelta::days(1));
    now.checked_add_signed(interval).unwrap_or(now)
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
    use crate::fetch::Fetcher;
    use crate::server::Shelf;
    use crate::store::Store;
    use tokio::sync::{Notify, watch};

    fn subscription(id: &str, url: &str) -> Subscription {
        Subscription::new(id, url.parse().expect("an address"))
    }

    async fn until_ended(polls: &mut Polls) -> Vec<String> {
        let mut unkept = Vec::new();
        while !polls.under_way.is_empty() {
            unkept.extend(polls.take_ended().into_iter().map(|subscription| subscription.id));
            task::yield_now().await;
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
        polls.start(&broken, async { panic!("as a bug would") });
        polls.start(&lost, async { false });
        polls.start(&kept, async { true });
        assert!(polls.is_asking(&broken.url));
        let mut unkept = until_ended(&mut polls).await;
        unkept.sort();
        assert_eq!(unkept, ["broken", "lost"]);
        assert!(!polls.is_asking(&broken.url) && !polls.is_asking(&kept.url));
    }

    #[tokio::test]
    async fn an_address_is_not_asked_twice_because_its_feed_was_renamed() {
        let mut polls = Polls::default();
        polls.start(&subscription("old", "https://a.example/"), std::future::pending());
        assert!(polls.is_asking(&subscription("new", "https://a.example/").url));
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

    #[test]
    fn what_was_lost_is_asked_for_after_the_usual_interval() {
        let now = DateTime::UNIX_EPOCH;
        let moments = moments_after(&[subscription("id", "https://a.example/")], now);
        assert_eq!(moments, [("id".to_owned(), now + TimeDelta::hours(1))]);
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
            setup: watch::Sender::new(Arc::new(setup)),
            has_news: Notify::new(),
            wake: Arc::new(Notify::new()),
            pulse: Pulse::default(),
            is_published: AtomicBool::new(true),
            stop: watch::channel(false).1,
        };
        assert!(!daemon.put_off(&mut unkept).await);
        assert_eq!((daemon.pulse.complaint(), unkept.len()), (Some("unwritable"), 1));

        let mended = Daemon { store, ..daemon };
        assert!(mended.put_off(&mut unkept).await);
        assert_eq!((mended.pulse.complaint(), unkept.len()), (None, 0));
        assert_eq!(mended.store.due(Utc::now()).await.expect("read"), [], "it is asked after its usual interval");
    }
}

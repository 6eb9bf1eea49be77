//! Next polls that are moved all together: after a start, when the clock jumped, when the store took
//! nothing, when the operator says so.

use super::Daemon;
use crate::feed::Subscription;
use crate::schedule::{self, Next, Outcome};
use crate::store::{self, Due};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use tracing::{error, info, warn};

/// Up to so many overdue feeds are no burst, and a first start should show something at once.
const OVERDUE_AT_ONCE_MAX: usize = 100;

/// A feed, its next moment and why.
type Moved = (String, DateTime<Utc>, String);

impl Daemon {
    /// Makes the next polls fit the clock, at a start, after it jumped and when our network is back.
    pub(super) async fn adjust_to_clock(&self) {
        let now = Utc::now();
        let outcome = async {
            let brought_back = self.store.bring_back(now).await?;
            if brought_back > 0 {
                warn!(feeds = brought_back, "the clock was set back; these feeds wait as long as they were to");
            }
            let moments = self.spread_overdue(now).await?;
            if moments.is_empty() { Ok(()) } else { self.store.postpone(moments).await }
        };
        if let Err(error) = outcome.await {
            warn!(%error, "the next polls were left as they are");
        }
    }

    /// Feeds that are overdue get moments of their own over the next minutes, where they are many.
    /// Those that were never asked come first.
    async fn spread_overdue(&self, now: DateTime<Utc>) -> Result<Vec<Moved>, store::Error> {
        let due = self.store.due(now).await?;
        let late: Vec<Due> = due.into_iter().skip(OVERDUE_AT_ONCE_MAX).collect();
        let asked = late.iter().filter(|due| due.was_asked).count();
        let window = |were_asked: bool| {
            schedule::catch_up_window(if were_asked { asked } else { late.len() - asked }, were_asked)
        };
        let (of_asked, of_others) = (window(true), window(false));
        if !late.is_empty() {
            let over_s = of_asked.max(of_others).as_secs();
            info!(feeds = late.len(), over_s, "many feeds are overdue, their polls are spread");
        }
        let setup = self.now_setup();
        let moved = |due: &Due| {
            let url = setup.subscriptions.get(&due.id)?.url.as_str();
            let at = schedule::first_poll(url, if due.was_asked { of_asked } else { of_others }, now);
            let reason = if due.was_asked { "overdue like many others, one after another" } else { "its first turn" };
            Some((due.id.clone(), schedule::free_from(due.skips, at, url), reason.to_owned()))
        };
        Ok(late.iter().filter_map(moved).collect())
    }

    /// Moves feeds that are due at an hour or a day that they exclude.
    pub(super) async fn leave_alone(&self, skipped: Vec<Due>, now: DateTime<Utc>) {
        if skipped.is_empty() {
            return;
        }
        let setup = self.now_setup();
        let moved = |due: Due| {
            let url = setup.subscriptions.get(&due.id)?.url.as_str();
            Some((due.id, schedule::free_from(due.skips, now, url), "the feed excludes this hour or day".to_owned()))
        };
        if let Err(error) = self.store.postpone(skipped.into_iter().filter_map(moved).collect()).await {
            warn!(%error, "feeds that exclude this hour are still due");
        }
    }

    /// What servers said of Retry-After holds all the same, and who was asked within the last minute
    /// is not asked again.
    pub(super) async fn make_all_due(&self) {
        let now = Utc::now();
        let outcome = async {
            let records = self.store.feeds().await?;
            let setup = self.now_setup();
            let due = records.into_iter().filter(|record| {
                let feed = setup.subscriptions.get(&record.name.id);
                feed.is_some_and(|feed| schedule::may_be_refreshed(&record.state, feed.allow_private, now))
            });
            self.store.postpone(due.map(|record| (record.name.id, now, "you asked for it".to_owned())).collect()).await
        };
        if let Err(error) = outcome.await {
            warn!(%error, "the feeds could not be made due");
        }
    }

    /// Puts off the feeds whose last poll was not kept, or they would be asked again at once for
    /// what cannot be kept. Answers whether the store takes it: as long as it does not, nothing is
    /// worth asking for.
    pub(super) async fn put_off(&self, unkept: &mut Vec<Subscription>) -> bool {
        if unkept.is_empty() {
            return true;
        }
        let outcome = async { self.store.postpone(self.moments_after(unkept, Utc::now()).await?).await }.await;
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

    /// Each is asked again when it would be after an answer that nothing changed.
    async fn moments_after(&self, unkept: &[Subscription], now: DateTime<Utc>) -> Result<Vec<Moved>, store::Error> {
        let records = self.store.feeds().await?;
        let states: HashMap<_, _> = records.iter().map(|record| (record.name.id.as_str(), &record.state)).collect();
        let moment = |feed: &Subscription| {
            let state = states.get(feed.id.as_str())?;
            let (url, outcome) = (feed.url.as_str(), Outcome::remembered(state));
            let Next { at, .. } = schedule::next_poll(feed.every, 0, &outcome, url, now);
            Some((feed.id.clone(), at, "the last poll could not be kept".to_owned()))
        };
        Ok(unkept.iter().filter_map(moment).collect())
    }
}

//! Tells a failure of our own network from those of servers: where most of the hosts that were well
//! cannot be reached all at once, it is us. Then no feed is blamed, and one asks now and then until
//! an answer comes.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// The different hosts that were asked last: more than half of these decide. Five at once are no
/// accident where each was well before, and few feeds have to find out.
const HOSTS_REMEMBERED: usize = 8;

/// What was seen an hour ago says nothing of now.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(1);

/// Soon enough to notice that the network is back, and seldom enough to trouble nobody meanwhile.
const TRY_EVERY: TimeDelta = TimeDelta::seconds(15);

/// Whether our own network works, as far as polls can tell.
#[derive(Debug, Default)]
pub struct Network {
    /// Each host once, the one asked last at the end.
    seen: VecDeque<Seen>,
    has_reached: bool,
    lost_at: Option<DateTime<Utc>>,
    tried_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Seen {
    host: String,
    at: DateTime<Utc>,
    is_reached: bool,
}

/// What a poll changed in what we think of our network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It went.
    Lost,
    /// It came back.
    Found,
}

impl Network {
    /// A host answered, whatever it said.
    pub fn reached(&mut self, host: &str, now: DateTime<Utc>) -> Option<Change> {
        self.has_reached = true;
        if self.lost_at.take().is_some() {
            self.seen.clear();
            return Some(Change::Found);
        }
        self.note(host, true, now);
        None
    }

    /// No connection to a host came about. That it `was_well` the last time makes this news; until
    /// anything was reached at all, all others count too.
    pub fn missed(&mut self, host: &str, was_well: bool, now: DateTime<Utc>) -> Option<Change> {
        if self.lost_at.is_some() || (self.has_reached && !was_well) {
            return None;
        }
        self.note(host, false, now);
        let missed = self.seen.iter().filter(|seen| !seen.is_reached).count();
        if missed <= HOSTS_REMEMBERED / 2 {
            return None;
        }
        self.lost_at = Some(now);
        self.tried_at = Some(now);
        Some(Change::Lost)
    }

    /// Since when it has been gone.
    pub fn lost_at(&self) -> Option<DateTime<Utc>> {
        self.lost_at
    }

    /// Whether a feed may be asked: always, but while the network is gone only one now and then.
    pub fn may_try(&mut self, now: DateTime<Utc>) -> bool {
        if self.lost_at.is_none() {
            return true;
        }
        let is_time = self.tried_at.is_none_or(|at| (now - at).abs() >= TRY_EVERY);
        if is_time {
            self.tried_at = Some(now);
        }
        is_time
    }

    fn note(&mut self, host: &str, is_reached: bool, now: DateTime<Utc>) {
        self.seen.retain(|seen| seen.host != host && (now - seen.at).abs() < REMEMBERED_FOR);
        self.seen.push_back(Seen { host: host.to_owned(), at: now, is_reached });
        if self.seen.len() > HOSTS_REMEMBERED {
            self.seen.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a date")
    }

    /// Asks a host a second: `+` is reached, `-` missed though it was well, `x` missed as before.
    fn after(network: &mut Network, polls: &str) -> Option<Change> {
        let mut last = None;
        for (second, poll) in polls.chars().enumerate() {
            let (host, at) =
                (format!("{second}.example"), now() + TimeDelta::seconds(i64::try_from(second).expect("small")));
            last = match poll {
                '+' => network.reached(&host, at),
                _ => network.missed(&host, poll == '-', at),
            };
        }
        last
    }

    fn check(polls: &str, want: Option<Change>) {
        assert_eq!(after(&mut Network::default(), polls), want, "{polls}");
    }

    #[test]
    fn more_than_half_of_the_hosts_at_once_is_our_own_network() {
        check("++++++++----", None);
        check("++++++++-----", Some(Change::Lost));
        check("++++++++-+-+--", None);
        check("++++++++-+-+---", Some(Change::Lost));
        check("-+-+-+-+-+-+-+-+", None);
    }

    #[test]
    fn hosts_that_were_unreachable_before_say_nothing_once_another_was_reached() {
        check("+xxxxxxxxxxxxxx", None);
        check("xxxx", None);
        check("xxxxx", Some(Change::Lost));
    }

    #[test]
    fn one_host_counts_once_however_many_feeds_it_has() {
        let mut network = Network::default();
        for _ in 0..50 {
            assert_eq!(network.missed("a.example", true, now()), None);
        }
    }

    #[test]
    fn what_was_long_ago_says_nothing_of_now() {
        let mut network = Network::default();
        assert_eq!(after(&mut network, "----"), None);
        assert_eq!(network.missed("late.example", true, now() + TimeDelta::hours(2)), None);
    }

    #[test]
    fn one_answer_is_enough_to_be_back() {
        let mut network = Network::default();
        after(&mut network, "-----");
        assert!(network.lost_at().is_some());
        assert_eq!(network.reached("any.example", now()), Some(Change::Found));
        assert_eq!(network.lost_at(), None);
        assert_eq!(network.missed("a.example", true, now()), None, "the old misses are forgotten");
    }

    #[test]
    fn while_it_is_gone_one_tries_every_fifteen_seconds() {
        let mut network = Network::default();
        assert!(network.may_try(now()) && network.may_try(now()));
        after(&mut network, "-----");
        let tries = (0..120).filter(|second| network.may_try(now() + TimeDelta::seconds(*second))).count();
        assert!((7..=8).contains(&tries), "{tries}");
    }
}

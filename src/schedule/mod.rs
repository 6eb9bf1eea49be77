//! Decides when a feed is asked again, and says why. Pure: the same inputs give the same moment.
//! Every wish but the operator's only lengthens the wait.

mod network;
mod skips;

pub use network::{Change, Network};
pub use skips::{free_from, is_skipped};

use crate::caching::Caching;
use crate::feed::{FeedState, Skips};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// No server is asked more often for one feed, whatever feeds.toml says.
const INTERVAL_MIN: Duration = MINUTE;

/// An operator's wish beyond a year is a slip of the pen, and keeps moments within what a calendar
/// holds.
const INTERVAL_MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Servers that send `max-age=31536000` with everything do not mean that nobody should come for a
/// year.
const WISH_MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// A feed is quiet when its newest entry is older than a long weekend.
const QUIET_AFTER: Duration = Duration::from_secs(3 * 24 * 3600);

/// A quiet feed is asked this many times in its newest entry's age: what comes late comes late by
/// a small part of the silence before it.
const QUIET_PARTS: u32 = 24;

/// A broken feed is found mended within a day: this, and the hour that the spread may add.
const BACKOFF_MAX: Duration = Duration::from_secs(23 * 3600);

/// So that a feed that is asked daily is not asked for the second time after two days.
const FIRST_ROOM_MAX: Duration = Duration::from_secs(6 * 3600);

/// After so many daily tries an address at which there is nothing is asked weekly.
const NOT_FOUND_DAYS: u32 = 13;

/// How a poll ended, as far as the schedule cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With a feed or a 304.
    Answered,
    /// With a document that is no feed, or a 304 that nobody asked for.
    Unreadable,
    /// Not at all: no connection, no answer in time, refused by our own rules.
    Unreachable,
    /// With 410.
    Gone,
    /// With any other status code.
    HttpError(u16),
}

/// What the last poll learned, and what is known from those before it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How it ended.
    pub kind: Kind,
    /// What the headers said.
    pub caching: Caching,
    /// The feed's own wish, in seconds.
    pub ttl_s: Option<u64>,
    /// The feed's wish not to be asked then.
    pub skips: Skips,
    /// The newest entry's date.
    pub newest_entry_at: Option<DateTime<Utc>>,
    /// Whether the feed was never asked before.
    pub is_first: bool,
}

impl Outcome {
    /// What is known of a feed without asking it, as if it had answered that nothing changed.
    pub fn remembered(state: &FeedState) -> Self {
        Self {
            kind: Kind::Answered,
            caching: Caching { fresh_s: state.fresh_s, retry_after_s: None },
            ttl_s: state.ttl_s,
            skips: state.skips,
            newest_entry_at: state.newest_entry_at,
            is_first: false,
        }
    }
}

/// A moment and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Not before this.
    pub at: DateTime<Utc>,
    /// In a few words, for `status`: `every 1h`, `the server asked to wait 2h`.
    pub reason: String,
}

/// When to ask next. `failures` counts those in a row, this one included. The moment is up to a
/// tenth later than the reason says, by a part of the feed's own: feeds that were asked together
/// drift apart, and none comes early.
pub fn next_poll(every: Duration, failures: u32, outcome: &Outcome, url: &str, now: DateTime<Utc>) -> Next {
    let every = every.clamp(INTERVAL_MIN, INTERVAL_MAX);
    let asked = Duration::from_secs(outcome.caching.retry_after_s.unwrap_or(0));
    let (wait, reason) = match outcome.kind {
        Kind::Answered => after_an_answer(every, outcome, now),
        Kind::Gone => (DAY, "the server says that the feed has ended; it is asked once more to be sure".to_owned()),
        // A time that is named is an answer to how long; one shorter than our interval says nothing.
        Kind::HttpError(status @ (429 | 503)) => after_an_error(every, failures, Some(status), asked >= every),
        Kind::HttpError(status) => after_an_error(every, failures, Some(status), false),
        Kind::Unreadable | Kind::Unreachable => after_an_error(every, failures, None, false),
    };
    // Retry-After goes with any status, and is the server's word: nothing shortens it.
    let (wait, reason) = match asked >= wait {
        true => (asked, format!("the server asked to wait {}", in_words(asked))),
        false => (wait, reason),
    };
    // Feeds that were added together are asked together once, and apart from then on.
    let room = if outcome.is_first { every.min(FIRST_ROOM_MAX) } else { (wait / 10).min(HOUR) };
    let at = later(now, wait.saturating_add(part(room, url)));
    let free = free_from(outcome.skips, at, url);
    let reason = if free > at { format!("{reason}; not at the hours and days that the feed excludes") } else { reason };
    Next { at: free, reason }
}

/// When a feed is asked whose interval, headers or leave to be private the operator has changed;
/// `None` where that moves nothing. An interval counts from the last poll. What failed may have
/// failed for want of the new headers, and is tried soon.
pub fn after_an_edit(
    every: Duration,
    is_access_changed: bool,
    state: &FeedState,
    url: &str,
    now: DateTime<Utc>,
) -> Option<Next> {
    let last = state.last_poll_at?;
    let next = match (state.failures, is_access_changed) {
        (0, _) => next_poll(every, 0, &Outcome::remembered(state), url, last),
        (_, true) => Next { at: later(last, INTERVAL_MIN), reason: "feeds.toml was changed".to_owned() },
        (_, false) => return None,
    };
    let at = next.at.max(now).max(state.retry_at.unwrap_or(now));
    Some(Next { at: free_from(state.skips, at, url), ..next })
}

/// Whether the operator's word can have the feed asked now, whatever the clock says. What its server
/// said holds all the same, and twenty such words within a minute are one, unless the server may be
/// the operator's own (`allow_private`).
pub fn may_be_refreshed(state: &FeedState, allow_private: bool, now: DateTime<Utc>) -> bool {
    let was_just_asked =
        state.last_poll_at.is_some_and(|at| (now - at).abs().to_std().is_ok_and(|ago| ago < INTERVAL_MIN));
    !state.is_gone && state.retry_at.is_none_or(|at| at <= now) && (allow_private || !was_just_asked)
}

/// Over how long the polls of so many overdue feeds are spread: ten thousand come over half an hour,
/// those that were never asked sooner, since somebody waits for a first look.
pub fn catch_up_window(feeds: usize, were_asked: bool) -> Duration {
    let a_feed = Duration::from_millis(if were_asked { 180 } else { 50 });
    a_feed.saturating_mul(u32::try_from(feeds).unwrap_or(u32::MAX))
}

/// A moment of the feed's own between `now` and `now + window`, from the hash of its address.
pub fn first_poll(url: &str, window: Duration, now: DateTime<Utc>) -> DateTime<Utc> {
    later(now, part(window, url))
}

/// The longest of the operator's wish, the server's, the feed's and what its silence suggests.
fn after_an_answer(every: Duration, outcome: &Outcome, now: DateTime<Utc>) -> (Duration, String) {
    let wish = |seconds: Option<u64>| Duration::from_secs(seconds.unwrap_or(0)).min(WISH_MAX);
    let (fresh, ttl) = (wish(outcome.caching.fresh_s), wish(outcome.ttl_s));
    let quiet = quiet_interval(outcome.newest_entry_at, now);
    let longest = every.max(fresh).max(ttl).max(quiet);
    let reason = match longest {
        _ if longest == every => in_words_of_every(every),
        _ if longest == fresh => format!("the server says that nothing changes for {}", in_words(fresh)),
        _ if longest == ttl => format!("the feed asks for {} between polls", in_words(ttl)),
        _ => format!("quiet feed, asked every {}", in_words(quiet)),
    };
    (longest, reason)
}

/// Grows with the age of the newest entry, up to a day; nothing for a lively feed.
fn quiet_interval(newest_entry_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let age = newest_entry_at.and_then(|at| (now - at).to_std().ok()).unwrap_or_default();
    if age < QUIET_AFTER { Duration::ZERO } else { (age / QUIET_PARTS).min(DAY) }
}

/// Doubles with every failure up to a day. Who refuses us, or finds us too frequent without saying
/// how long to wait, is left alone sooner; where there is nothing for weeks, a look a week is enough.
fn after_an_error(every: Duration, failures: u32, status: Option<u16>, names_a_time: bool) -> (Duration, String) {
    let failures = failures.max(1);
    let doublings = match status {
        Some(401 | 403) => failures.saturating_mul(2),
        Some(429 | 503) if !names_a_time => failures,
        _ => failures - 1,
    };
    let most = every.max(if matches!(status, Some(401..=404 | 429)) { DAY } else { BACKOFF_MAX });
    let doubled = |times: u32| every.saturating_mul(2_u32.saturating_pow(times)).min(most);
    let was_daily_long = failures > NOT_FOUND_DAYS && doubled(failures - 1 - NOT_FOUND_DAYS) >= most;
    let wait = match status {
        Some(404) if was_daily_long => WISH_MAX.max(every),
        _ => doubled(doublings),
    };
    let what = match status {
        Some(401 | 403) => "refused",
        Some(404) => "not found",
        Some(429) => "told to slow down",
        _ => "failed",
    };
    let times = if failures == 1 { "once".to_owned() } else { format!("{failures} times") };
    (wait, format!("{what} {times}, next try in {}", in_words(wait)))
}

/// A part of `whole` that belongs to the address: evenly spread over addresses, the same on every
/// machine and in every version.
fn part(whole: Duration, url: &str) -> Duration {
    let hash = Sha256::digest(url);
    let [a, b, c, d] = [hash[0], hash[1], hash[2], hash[3]];
    let share = u128::from(u32::from_be_bytes([a, b, c, d]));
    Duration::from_millis(u64::try_from((whole.as_millis() * share) >> 32).unwrap_or(u64::MAX))
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn in_words_of_every(every: Duration) -> String {
    format!("every {}", in_words(every))
}

/// In the largest unit that says it exactly, else to the nearest of the largest that keeps two
/// digits: `90m`, `6h`, `7d`.
fn in_words(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let units = [(DAY.as_secs(), "d"), (HOUR.as_secs(), "h"), (MINUTE.as_secs(), "m")];
    let exact = units.iter().find(|(unit, name)| seconds.is_multiple_of(*unit) && (*name != "d" || seconds > 2 * unit));
    let near = units.iter().find(|(unit, _)| seconds >= 2 * unit);
    match exact.filter(|_| seconds > 0).or(near) {
        Some((unit, name)) => format!("{}{name}", (seconds + unit / 2) / unit),
        None => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://example.org/feed";

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a date")
    }

    fn ended(kind: Kind) -> Outcome {
        Outcome {
            kind,
            caching: Caching::default(),
            ttl_s: None,
            skips: Skips::default(),
            newest_entry_at: None,
            is_first: false,
        }
    }

    fn said(kind: Kind, fresh_s: Option<u64>, retry_after_s: Option<u64>) -> Outcome {
        Outcome { caching: Caching { fresh_s, retry_after_s }, ..ended(kind) }
    }

    /// The wait is the wanted one or up to a tenth longer, and the reason is exact.
    fn check(every: Duration, failures: u32, outcome: &Outcome, wait: Duration, reason: &str) {
        for url in [URL, "https://example.net/", "http://a.example/b"] {
            let next = next_poll(every, failures, outcome, url, now());
            let waited = (next.at - now()).to_std().expect("not before now");
            assert_eq!(next.reason, reason);
            assert!((wait..=wait + wait / 10).contains(&waited), "{waited:?} for {wait:?}: {outcome:?}");
        }
    }

    /// Thirty days of polls of one feed that always end alike: the hours between them.
    fn a_month(every: Duration, outcome: &Outcome) -> Vec<i64> {
        let fails = outcome.kind != Kind::Answered;
        let (mut at, mut waits, mut failures) = (now(), Vec::new(), 0);
        while at < now() + TimeDelta::days(30) {
            failures += u32::from(fails);
            let next = next_poll(every, failures, outcome, URL, at);
            waits.push((next.at - at).num_hours());
            at = next.at;
        }
        waits
    }

    #[test]
    fn a_lively_feed_is_asked_as_often_as_the_operator_wishes() {
        let newest = Some(now() - TimeDelta::hours(60));
        let outcome = Outcome { newest_entry_at: newest, ..ended(Kind::Answered) };
        check(HOUR, 0, &outcome, HOUR, "every 1h");
        check(HOUR * 3 / 2, 0, &outcome, HOUR * 3 / 2, "every 90m");
        check(DAY, 0, &outcome, DAY, "every 24h");
        check(Duration::from_secs(10), 0, &outcome, MINUTE, "every 1m");
    }

    #[test]
    fn freshness_lengthens_the_wait_up_to_a_week() {
        let fresh = |seconds| said(Kind::Answered, Some(seconds), None);
        check(HOUR, 0, &fresh(43_200), 12 * HOUR, "the server says that nothing changes for 12h");
        check(HOUR, 0, &fresh(60), HOUR, "every 1h");
        check(HOUR, 0, &fresh(0), HOUR, "every 1h");
        check(HOUR, 0, &fresh(u64::MAX), 7 * DAY, "the server says that nothing changes for 7d");
    }

    #[test]
    fn the_feeds_own_wish_lengthens_the_wait_up_to_a_week() {
        let ttl = |seconds| Outcome { ttl_s: Some(seconds), ..ended(Kind::Answered) };
        check(HOUR, 0, &ttl(10_800), 3 * HOUR, "the feed asks for 3h between polls");
        check(HOUR, 0, &ttl(60), HOUR, "every 1h");
        check(HOUR, 0, &ttl(u64::MAX), 7 * DAY, "the feed asks for 7d between polls");
    }

    #[test]
    fn a_quiet_feed_is_asked_less_and_less_up_to_daily() {
        let newest = |at| Outcome { newest_entry_at: Some(at), ..ended(Kind::Answered) };
        let days_old = |days| newest(now() - TimeDelta::days(days));
        check(HOUR, 0, &days_old(2), HOUR, "every 1h");
        check(HOUR, 0, &days_old(6), 6 * HOUR, "quiet feed, asked every 6h");
        check(HOUR, 0, &days_old(180), DAY, "quiet feed, asked every 24h");
        check(12 * HOUR, 0, &days_old(6), 12 * HOUR, "every 12h");
        for odd in [now() + TimeDelta::days(9000), DateTime::<Utc>::MAX_UTC] {
            check(HOUR, 0, &newest(odd), HOUR, "every 1h");
        }
        check(HOUR, 0, &newest(DateTime::<Utc>::MIN_UTC), DAY, "quiet feed, asked every 24h");
    }

    #[test]
    fn retry_after_is_obeyed_whatever_it_comes_with() {
        let day = "the server asked to wait 24h";
        for kind in [Kind::HttpError(429), Kind::HttpError(503), Kind::Answered] {
            check(HOUR, 1, &said(kind, None, Some(86_400)), DAY, day);
        }
        check(HOUR, 1, &said(Kind::HttpError(429), None, Some(3600)), HOUR, "the server asked to wait 1h");
        check(HOUR, 0, &said(Kind::Answered, None, Some(60)), HOUR, "every 1h");
        let hurried = said(Kind::HttpError(429), None, Some(1));
        check(HOUR, 1, &hurried, 2 * HOUR, "told to slow down once, next try in 2h");
        check(HOUR, 3, &hurried, 8 * HOUR, "told to slow down 3 times, next try in 8h");
        let month = "the server asked to wait 30d";
        check(HOUR, 1, &said(Kind::HttpError(429), None, Some(30 * 86_400)), 30 * DAY, month);
        check(HOUR, 1, &said(Kind::HttpError(500), None, Some(7200)), 2 * HOUR, "the server asked to wait 2h");
    }

    #[test]
    fn who_is_told_to_slow_down_waits_twice_as_long_each_time() {
        for (failures, hours) in [(1, 2), (2, 4), (4, 16), (5, 24), (99, 24)] {
            let next = next_poll(HOUR, failures, &ended(Kind::HttpError(429)), URL, now());
            assert!((next.at - now()).num_hours() >= hours, "{failures}: {next:?}");
        }
        check(HOUR, 1, &ended(Kind::HttpError(429)), 2 * HOUR, "told to slow down once, next try in 2h");
        check(HOUR, 2, &ended(Kind::HttpError(503)), 4 * HOUR, "failed 2 times, next try in 4h");
    }

    #[test]
    fn failures_double_the_wait_up_to_a_day() {
        check(HOUR, 1, &ended(Kind::Unreachable), HOUR, "failed once, next try in 1h");
        check(HOUR, 3, &ended(Kind::Unreadable), 4 * HOUR, "failed 3 times, next try in 4h");
        check(HOUR, u32::MAX, &ended(Kind::HttpError(500)), 23 * HOUR, "failed 4294967295 times, next try in 23h");
        check(7 * DAY, 5, &ended(Kind::Unreachable), 7 * DAY, "failed 5 times, next try in 7d");
        check(Duration::MAX, 5, &ended(Kind::Unreachable), INTERVAL_MAX, "failed 5 times, next try in 366d");
        check(HOUR, 0, &ended(Kind::Unreachable), HOUR, "failed once, next try in 1h");
    }

    #[test]
    fn a_month_of_troubles_is_a_month_of_patience() {
        let month = |kind| a_month(HOUR, &ended(kind));
        let failing = month(Kind::HttpError(500));
        assert_eq!(failing[..6], [1, 2, 4, 8, 16, 23], "doubling");
        assert!(failing.iter().all(|hours| *hours < 24), "a mended feed is found within a day: {failing:?}");
        assert!((30..=36).contains(&failing.len()), "{failing:?}");
        let refused = month(Kind::HttpError(403));
        assert!(refused[2..].iter().all(|hours| *hours == 24) && refused.len() <= 32, "{refused:?}");
        let missing = month(Kind::HttpError(404));
        assert!(missing[6..18].iter().all(|hours| *hours == 24), "daily: {missing:?}");
        assert!(missing[19..].iter().all(|hours| *hours >= 168), "then weekly: {missing:?}");
        assert!(missing.len() <= 22, "{missing:?}");
    }

    #[test]
    fn a_month_of_answers_never_comes_early() {
        let polls = a_month(HOUR, &ended(Kind::Answered)).len();
        assert!((654..=720).contains(&polls), "{polls}");
        let polls = a_month(HOUR, &said(Kind::Answered, Some(43_200), None));
        assert!(polls.iter().all(|hours| *hours >= 12) && polls.len() >= 54, "{polls:?}");
    }

    #[test]
    fn first_polls_are_spread_evenly_and_repeatably() {
        let minutes = |url: &str| (first_poll(url, HOUR, now()) - now()).num_minutes();
        let mut counts = [0_u32; 60];
        for number in 0..6000 {
            let minute = minutes(&format!("https://{number}.example/feed"));
            counts[usize::try_from(minute).expect("within the hour")] += 1;
        }
        assert!(counts.iter().all(|count| (50..=150).contains(count)), "{counts:?}");
        assert_eq!(first_poll(URL, HOUR, now()), first_poll(URL, HOUR, now()));
        assert_eq!(first_poll(URL, Duration::ZERO, now()), now());
        assert!(first_poll(URL, Duration::MAX, now()) > now());
    }

    #[test]
    fn five_hundred_feeds_do_not_come_together() {
        let mut minutes = vec![0_u32; 24 * 60];
        for number in 0..500 {
            let url = format!("https://{number}.example/feed");
            let mut at = first_poll(&url, HOUR, now());
            while at < now() + TimeDelta::days(1) {
                let minute = usize::try_from((at - now()).num_minutes()).expect("after the start");
                minutes[minute] += 1;
                at = next_poll(HOUR, 0, &ended(Kind::Answered), &url, at).at;
            }
        }
        let all: u32 = minutes.iter().sum();
        let mean = f64::from(all) / f64::from(24 * 60);
        let most = minutes.iter().max().copied().unwrap_or_default();
        assert!(f64::from(most) <= 3.0 * mean, "{most} in one minute, {mean} in the mean");
        let full_hours: u32 = minutes.iter().step_by(60).sum();
        assert!(full_hours * 100 <= all * 3, "{full_hours} of {all} at minute 0");
    }

    #[test]
    fn a65_twenty_refreshes_in_ten_seconds_are_one_request() {
        let mut state = FeedState { last_poll_at: Some(now() - TimeDelta::minutes(10)), ..FeedState::default() };
        let mut requests = 0;
        for half_seconds in 0..20 {
            let at = now() + TimeDelta::milliseconds(500 * half_seconds);
            if may_be_refreshed(&state, false, at) {
                (state.last_poll_at, requests) = (Some(at), requests + 1);
            }
        }
        assert_eq!(requests, 1);
        assert!(may_be_refreshed(&state, true, now()), "on a machine of one's own");
        let told = FeedState { retry_at: Some(now() + TimeDelta::hours(1)), ..FeedState::default() };
        assert!(!may_be_refreshed(&told, true, now()));
    }

    #[test]
    fn says_spans_in_few_letters() {
        let check = |seconds, want: &str| assert_eq!(in_words(Duration::from_secs(seconds)), want);
        check(0, "0s");
        check(59, "59s");
        check(60, "1m");
        check(90, "90s");
        check(5400, "90m");
        check(7500, "125m");
        check(22_000, "6h");
        check(86_400, "24h");
        check(172_800, "48h");
        check(200_000, "2d");
        check(604_800, "7d");
    }
}

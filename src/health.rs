//! A feed's health in a sentence, for `status` and the status page; and what of it is news. Pure.

use crate::feed::{EventKind, FeedState};
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt::Display;

/// A feed's health in a sentence.
pub fn in_words(state: &FeedState, is_enabled: bool, now: DateTime<Utc>) -> String {
    if !is_enabled {
        return "disabled in feeds.toml".to_owned();
    }
    let mut sentence = match (&state.last_error, state.last_success_at) {
        (Some(error), None) => format!("{error}; never read so far"),
        (Some(error), Some(at)) => format!("{error}; last read {}", ago(now - at)),
        (None, Some(at)) => format!("read {}", ago(now - at)),
        (None, None) => "not polled yet".to_owned(),
    };
    if let Some(moved_to) = &state.moved_to {
        let is_asked_there = if state.adopted.is_some() { " and is asked there" } else { "" };
        sentence += &format!("; moved to {moved_to}{is_asked_there}, update feeds.toml");
    }
    if let Some(repairs) = &state.repairs {
        sentence += &format!("; mended: {repairs}");
    }
    match state.next_poll_at.max(state.retry_at) {
        _ if state.is_gone => sentence += "; gone, not asked again until `glasnik poll FEED --force`",
        Some(at) if at > now => {
            let reason = state.waits_for.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            sentence += &format!("; next {}{reason}", minute(at));
        }
        _ => sentence += "; due now",
    }
    sentence
}

/// What an operator should know of a feed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of thing.
    pub kind: EventKind,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What it is, and what can be done.
    pub sentence: String,
}

/// One failure or two are nobody's business: most servers are well again within hours.
const FAILURES_MIN: u32 = 3;
const BROKEN_AFTER: TimeDelta = TimeDelta::hours(6);

/// Not even a quiet blog is asked after before a month is over.
const SILENT_AFTER: TimeDelta = TimeDelta::days(30);

/// What is wrong with a feed for long enough to be told.
pub fn troubles(state: &FeedState, is_enabled: bool, now: DateTime<Utc>) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    if !is_enabled {
        return troubles;
    }
    let mut tell = |kind, since, sentence| troubles.push(Trouble { kind, since, sentence });
    if let Some(moved_to) = &state.moved_to {
        let since = state.moving.as_ref().map_or(now, |moving| moving.since);
        tell(EventKind::Moved, since, format!("It moved to {moved_to}. Write that address into feeds.toml."));
    }
    let error = state.last_error.as_deref().unwrap_or("no reason is known");
    let read_at = state.last_success_at;
    if state.is_gone {
        let since = state.gone_at.or(read_at).unwrap_or_default();
        let step = "Take it out of feeds.toml, or ask once more with `glasnik poll FEED --force`.";
        tell(EventKind::Ended, since, format!("Its server says that it is gone for good. {step}"));
    } else if state.failures >= FAILURES_MIN && read_at.is_none_or(|at| now - at >= BROKEN_AFTER) {
        let last = read_at.map_or("never read so far".to_owned(), |at| format!("last read {}", minute(at)));
        let step = "It is asked again by itself, less and less often; look whether its address is still right.";
        tell(EventKind::Broken, read_at.unwrap_or_default(), format!("It cannot be read: {error}; {last}. {step}"));
    } else if let Some(newest) = state.newest_entry_at.filter(|at| state.failures == 0 && now - *at >= SILENT_AFTER) {
        let step = "Look whether the publisher has another feed now.";
        tell(EventKind::Silent, newest, format!("It is read, but its newest entry is of {}. {step}", minute(newest)));
    }
    troubles
}

/// That what was told of a feed is over, where that is news.
pub fn relief(over: EventKind, state: &FeedState, now: DateTime<Utc>) -> Option<Trouble> {
    let (since, sentence) = match over {
        EventKind::Broken | EventKind::Ended if state.failures == 0 && !state.is_gone => {
            (state.last_success_at.unwrap_or(now), "It can be read again.")
        }
        EventKind::Silent if state.failures == 0 && !state.is_gone => {
            (state.newest_entry_at.unwrap_or(now), "It brings new entries again.")
        }
        _ => return None,
    };
    Some(Trouble { kind: EventKind::Back, since, sentence: sentence.to_owned() })
}

/// A moment as people read it, to the minute.
pub fn minute(at: DateTime<Utc>) -> impl Display {
    at.format("%Y-%m-%d %H:%M UTC")
}

fn ago(span_since: TimeDelta) -> String {
    match u64::try_from(span_since.num_seconds()) {
        Ok(seconds) if seconds >= 60 => format!("{} ago", span(seconds)),
        _ => "just now".to_owned(),
    }
}

/// The largest unit that leaves no more than two digits of noise: `45m`, `3h`, `12d`.
fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a date")
    }

    #[test]
    fn says_in_a_sentence_how_a_feed_is_doing() {
        let hour = TimeDelta::hours(1);
        let healthy = FeedState {
            last_success_at: Some(now() - hour * 2),
            next_poll_at: Some(now() + hour),
            waits_for: Some("every 3h".to_owned()),
            ..FeedState::default()
        };
        assert_eq!(in_words(&healthy, true, now()), "read 2h ago; next 2026-03-01 13:00 UTC (every 3h)");
        let ended = FeedState { last_error: Some("gone".to_owned()), is_gone: true, ..FeedState::default() };
        assert_eq!(
            in_words(&ended, true, now()),
            "gone; never read so far; gone, not asked again until `glasnik poll FEED --force`"
        );
        assert_eq!(in_words(&FeedState::default(), true, now()), "not polled yet; due now");
        assert_eq!(in_words(&FeedState::default(), false, now()), "disabled in feeds.toml");
    }

    fn kinds(state: &FeedState) -> Vec<EventKind> {
        troubles(state, true, now()).into_iter().map(|trouble| trouble.kind).collect()
    }

    #[test]
    fn tells_of_a_failure_only_when_it_lasts() {
        let failing = |failures, hours| FeedState {
            failures,
            last_error: Some("fetch: no answer".to_owned()),
            last_success_at: Some(now() - TimeDelta::hours(hours)),
            ..FeedState::default()
        };
        assert_eq!(kinds(&failing(2, 100)), []);
        assert_eq!(kinds(&failing(9, 5)), []);
        assert_eq!(kinds(&failing(3, 6)), [EventKind::Broken]);
        assert_eq!(kinds(&FeedState { last_success_at: None, ..failing(3, 6) }), [EventKind::Broken]);
        assert_eq!(troubles(&failing(3, 6), false, now()), []);
        let told = &troubles(&failing(3, 6), true, now())[0];
        assert_eq!(told.since, now() - TimeDelta::hours(6));
        assert!(told.sentence.starts_with("It cannot be read: fetch: no answer; last read 2026-03-01 06:00 UTC."));
    }

    #[test]
    fn tells_of_silence_of_moving_and_of_the_end() {
        let silent = FeedState { newest_entry_at: Some(now() - TimeDelta::days(30)), ..FeedState::default() };
        assert_eq!(kinds(&silent), [EventKind::Silent]);
        let fresh = FeedState { newest_entry_at: Some(now() - TimeDelta::days(29)), ..FeedState::default() };
        assert_eq!(kinds(&fresh), []);
        let moved = FeedState { moved_to: Some("https://new.example/".to_owned()), ..FeedState::default() };
        assert_eq!(kinds(&moved), [EventKind::Moved]);
        let ended = FeedState { is_gone: true, failures: 9, gone_at: Some(now()), ..silent };
        assert_eq!(kinds(&ended), [EventKind::Ended]);
    }

    #[test]
    fn what_is_over_is_news_where_it_is_well_again() {
        let well = FeedState { last_success_at: Some(now()), newest_entry_at: Some(now()), ..FeedState::default() };
        for kind in [EventKind::Broken, EventKind::Silent, EventKind::Ended] {
            let back = relief(kind, &well, now()).expect("it is well again");
            assert_eq!((back.kind, back.since), (EventKind::Back, now()));
        }
        assert_eq!(relief(EventKind::Moved, &well, now()), None, "feeds.toml was edited, which the operator knows");
        let broken = FeedState { failures: 5, ..FeedState::default() };
        assert_eq!(relief(EventKind::Silent, &broken, now()), None, "it does not bring anything again");
    }
}

//! A feed's health in a sentence, for `status` and the status page. Pure.

use crate::feed::FeedState;
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
}

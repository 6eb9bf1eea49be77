//! A feed that moved for good: how long a permanent redirect must hold until the new address is
//! asked in place of the old one, and when the old one is tried again. feeds.toml stays as it is.

use crate::feed::{FeedState, Moving, Subscription, Validators, origin};
use crate::schedule::Kind;
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// A mistaken redirect is mended within the week.
const STEADY_FOR: TimeDelta = TimeDelta::days(7);

/// However seldom the feed is asked.
const STEADY_POLLS: u32 = 5;

/// So long an address that we chose ourselves may fail; then the operator's gets its turn again.
const ADOPTED_MAY_FAIL_FOR: TimeDelta = TimeDelta::days(3);

impl FeedState {
    /// Takes note of where the answer's permanent redirects lead (`to`), `None` where it came from
    /// the address that was asked or a temporary one. Only what answered with a feed gets here.
    pub(super) fn follow(&mut self, subscription: &Subscription, to: Option<&Url>, now: DateTime<Utc>) {
        self.moving = to.map(|to| match self.moving.take() {
            Some(moving) if moving.to == *to => Moving { polls: moving.polls.saturating_add(1), ..moving },
            _ => Moving { to: to.clone(), since: now, polls: 1 },
        });
        let is_steady = |moving: &mut Moving| moving.polls >= STEADY_POLLS && now - moving.since >= STEADY_FOR;
        if let Some(steady) = self.moving.take_if(is_steady) {
            self.adopted = Some(steady.to).filter(|to| *to != subscription.url);
        }
        // Where a secret address leads may repeat the secret.
        let shown = |url: &Url| if subscription.has_secret_url { origin(url) } else { url.as_str() }.to_owned();
        self.moved_to = self.moving.as_ref().map(|moving| &moving.to).or(self.adopted.as_ref()).map(shown);
    }

    /// Goes back to the configured address where the adopted one has ended or fails for days. The
    /// validators were of the address that is left.
    pub(super) fn leave_adopted(&mut self, kind: Kind, now: DateTime<Utc>) {
        let fails_long = self.last_success_at.is_none_or(|at| now - at >= ADOPTED_MAY_FAIL_FOR);
        if (kind == Kind::Gone || fails_long) && self.adopted.take().is_some() {
            self.validators = Validators::default();
            self.moved_to = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "https://old.example/feed";
    const NEW: &str = "https://new.example/feed";

    fn url(text: &str) -> Url {
        text.parse().expect("an address")
    }

    fn day(number: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(number)
    }

    /// A feed that was led to the given addresses, a poll a day.
    fn led(days: &[Option<&str>]) -> FeedState {
        let (subscription, mut state) = (Subscription::new("a", url(OLD)), FeedState::default());
        for (number, to) in (0..).zip(days) {
            state.follow(&subscription, to.map(url).as_ref(), day(number));
            state.last_success_at = Some(day(number));
        }
        state
    }

    #[test]
    fn an_address_is_adopted_after_five_polls_and_seven_days() {
        let week = [Some(NEW); 8];
        assert_eq!(led(&week[..7]).adopted, None);
        assert_eq!(led(&week).adopted, Some(url(NEW)));
        let (subscription, mut state) = (Subscription::new("a", url(OLD)), FeedState::default());
        for number in 0..4 {
            state.follow(&subscription, Some(&url(NEW)), day(number * 7));
        }
        assert_eq!(state.adopted, None, "seldom asked, four times");
    }

    #[test]
    fn another_target_or_none_begins_anew() {
        let mut days = [Some(NEW); 12];
        days[5] = None;
        assert_eq!(led(&days).adopted, None);
        days[5] = Some("https://third.example/feed");
        assert_eq!(led(&days).adopted, None);
        assert_eq!(led(&days).moved_to.as_deref(), Some(NEW));
    }

    #[test]
    fn an_adopted_address_that_moves_on_is_followed_in_the_same_way() {
        let mut days = [None; 20];
        days[..8].fill(Some(NEW));
        assert_eq!(led(&days).adopted, Some(url(NEW)));
        days[8..16].fill(Some("https://newer.example/feed"));
        assert_eq!(led(&days).adopted, Some(url("https://newer.example/feed")));
        days[8..16].fill(Some(OLD));
        assert_eq!(led(&days).adopted, None, "back home");
    }

    #[test]
    fn an_adopted_address_that_has_ended_or_fails_for_days_is_left() {
        let adopted = || led(&[Some(NEW); 8]);
        let left = |kind, days: i64| {
            let mut state = adopted();
            state.leave_adopted(kind, day(7 + days));
            (state.adopted.is_none(), state.moved_to.is_none())
        };
        assert_eq!(left(Kind::Gone, 0), (true, true));
        assert_eq!(left(Kind::HttpError(404), 2), (false, false));
        assert_eq!(left(Kind::HttpError(404), 3), (true, true));
        assert_eq!(left(Kind::Unreachable, 3), (true, true));
    }

    #[test]
    fn where_a_secret_address_leads_is_shown_down_to_its_host() {
        let secret = Subscription { has_secret_url: true, ..Subscription::new("a", url(OLD)) };
        let mut state = FeedState::default();
        state.follow(&secret, Some(&url("https://new.example/feed?token=hidden")), day(0));
        assert_eq!(state.moved_to.as_deref(), Some("https://new.example"));
    }
}

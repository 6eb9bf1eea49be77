//! Who was told to wait: after a 429 or 503 with Retry-After, nobody asks that origin with the same
//! credentials before the moment that it named. Whoever comes with others is another guest.

use super::{Request, lock};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;
use url::Url;

/// One feed's answer keeps its neighbours away for so long at most: on a host that many share, it
/// may be the word of one of them only.
const CLOSED_MAX: TimeDelta = TimeDelta::days(1);

/// More origins than are ever closed at once; beyond it each feed keeps to its own answer.
const CLOSED_DOORS_MAX: usize = 10_000;

/// The doors that are closed, and until when.
#[derive(Debug, Default)]
pub(super) struct Closed {
    doors: Mutex<HashMap<Door, DateTime<Utc>>>,
}

/// An origin as one guest meets it. A hash: it holds secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Door([u8; 32]);

impl Door {
    /// The door that a request to `hop` knocks at.
    pub fn of(hop: &Url, request: &Request<'_>) -> Self {
        let headers = if hop.origin() == request.url.origin() { request.headers } else { &[] };
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update(text.len().to_be_bytes());
            hasher.update(text);
        };
        add(&hop.origin().ascii_serialization());
        for (name, value) in headers {
            add(&name.to_ascii_lowercase());
            add(value);
        }
        Self(hasher.finalize().into())
    }
}

impl Closed {
    /// Keeps everyone from the door until `until`, but for a day at most.
    pub fn close(&self, door: Door, until: DateTime<Utc>, now: DateTime<Utc>) {
        let until = until.min(now + CLOSED_MAX);
        if until <= now {
            return;
        }
        let mut doors = lock(&self.doors);
        if doors.len() >= CLOSED_DOORS_MAX {
            doors.retain(|_, until| *until > now);
        }
        if doors.len() < CLOSED_DOORS_MAX || doors.contains_key(&door) {
            let known = doors.entry(door).or_insert(until);
            *known = until.max(*known);
        }
    }

    /// When the door opens again, if it is closed. A moment further away than any door is closed for
    /// was written by a clock that has been set back since.
    pub fn until(&self, door: Door, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = *lock(&self.doors).get(&door)?;
        (until > now && until <= now + CLOSED_MAX).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Validators;

    fn now() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().expect("a date")
    }

    fn door(first: &str, hop: &str, headers: &[(&str, &str)]) -> Door {
        let [first, hop] = [first, hop].map(|url| url.parse().expect("an address"));
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let validators = Validators::default();
        Door::of(&hop, &Request { url: &first, validators: &validators, headers: &headers, allow_private: false })
    }

    #[test]
    fn b58_a_door_is_the_origin_and_the_credentials_that_it_is_told() {
        let one = |url: &str, headers: &[(&str, &str)]| door(url, url, headers);
        let plain = one("https://a.example/x", &[]);
        assert_eq!(plain, one("https://a.example:443/y?z", &[]));
        let mine = one("https://a.example/x", &[("Authorization", "mine")]);
        assert_eq!(mine, one("https://a.example/y", &[("authorization", "mine")]));
        let others = [
            one("http://a.example/x", &[]),
            one("https://a.example:8443/x", &[]),
            one("https://b.example/x", &[]),
            one("https://a.example/x", &[("Authorization", "yours")]),
            mine,
        ];
        for other in others {
            assert_ne!(plain, other);
        }
        let away = door("https://b.example/x", "https://a.example/x", &[("Authorization", "mine")]);
        assert_eq!(plain, away, "what a redirect leads to is not told the credentials");
    }

    #[test]
    fn a23_a_door_stays_closed_until_the_moment_it_named_and_a_day_at_most() {
        let (closed, hour) = (Closed::default(), TimeDelta::hours(1));
        let at = door("https://a.example/", "https://a.example/", &[]);
        assert_eq!(closed.until(at, now()), None);
        closed.close(at, now() + hour * 2, now());
        closed.close(at, now() + hour, now());
        assert_eq!(closed.until(at, now()), Some(now() + hour * 2), "the later word counts");
        assert_eq!(closed.until(at, now() + hour * 2), None);
        closed.close(at, now() + hour * 1000, now());
        assert_eq!(closed.until(at, now()), Some(now() + CLOSED_MAX));
        assert_eq!(closed.until(at, now() - hour * 1000), None, "a clock that was set back");
    }

    #[test]
    fn b58_the_memory_for_closed_doors_has_a_bound() {
        let closed = Closed::default();
        let at = |number: usize| {
            let url = format!("https://{number}.example/");
            door(&url, &url, &[])
        };
        for number in 0..CLOSED_DOORS_MAX + 10 {
            closed.close(at(number), now() + TimeDelta::hours(1), now());
        }
        assert_eq!(lock(&closed.doors).len(), CLOSED_DOORS_MAX);
        let later = now() + TimeDelta::hours(2);
        closed.close(at(0), later + TimeDelta::hours(1), later);
        assert_eq!(lock(&closed.doors).len(), 1);
    }
}

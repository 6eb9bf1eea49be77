//! Moments that a publisher's `skipHours` and `skipDays` leave free.

use super::{HOUR, later, part};
use crate::feed::Skips;
use chrono::{DateTime, Datelike, DurationRound, TimeDelta, Timelike, Utc};

/// From the middle of one free hour a week to the next there are fewer.
const HOURS_LOOKED_AT: i64 = 8 * 24;

/// The moment itself where the publisher may be asked then, else one in the first free hour after
/// it, by a part of the feed's own: not every feed with the same wish comes when its hour strikes.
/// A wish that leaves no hour free is none.
pub fn free_from(skips: Skips, at: DateTime<Utc>, url: &str) -> DateTime<Utc> {
    if skips == Skips::default() || !is_skipped(skips, at) {
        return at;
    }
    let Ok(this_hour) = at.duration_trunc(TimeDelta::hours(1)) else {
        return at;
    };
    let hours = (1..=HOURS_LOOKED_AT).map_while(|hours| this_hour.checked_add_signed(TimeDelta::hours(hours)));
    let free = hours.into_iter().find(|hour| !is_skipped(skips, *hour));
    free.map_or(at, |hour| later(hour, part(HOUR, url)))
}

/// Whether the publisher wishes not to be asked at this moment.
pub fn is_skipped(skips: Skips, at: DateTime<Utc>) -> bool {
    skips.hours >> at.hour() & 1 == 1 || skips.days >> at.weekday().num_days_from_monday() & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUNDAY: u8 = 1 << 6;

    /// A moment is free as it is, or moves to the given hour.
    fn check(skips: Skips, at: &str, hour: &str) {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a date");
        for url in ["https://a.example/", "https://b.example/"] {
            let free = free_from(skips, moment(at), url);
            if at == hour {
                assert_eq!(free, moment(at), "{skips:?}");
            } else {
                assert!(
                    (moment(hour)..moment(hour) + TimeDelta::hours(1)).contains(&free),
                    "{free} for {at}, {skips:?}"
                );
            }
        }
    }

    #[test]
    fn a_skipped_moment_moves_into_the_first_free_hour() {
        let at_night = Skips { hours: 0b11_1111, days: 0 };
        check(at_night, "2026-03-02T03:30:00Z", "2026-03-02T06:00:00Z");
        check(at_night, "2026-03-02T06:30:00Z", "2026-03-02T06:30:00Z");
        check(at_night, "2026-03-02T23:59:59Z", "2026-03-02T23:59:59Z");
        // 1 March 2026 is a Sunday, and the night after it belongs to Monday.
        let sundays = Skips { hours: 0b11_1111, days: SUNDAY };
        check(sundays, "2026-03-01T12:00:00Z", "2026-03-02T06:00:00Z");
        let but_an_hour_a_week = Skips { hours: 0xff_fffe, days: 0x7e };
        check(but_an_hour_a_week, "2026-03-02T01:00:00Z", "2026-03-09T00:00:00Z");
    }

    #[test]
    fn a_wish_that_leaves_no_hour_free_is_none() {
        for skips in [Skips { hours: 0xff_ffff, days: 0 }, Skips { hours: 0, days: 0x7f }, Skips::default()] {
            check(skips, "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z");
        }
        let last = DateTime::<Utc>::MAX_UTC;
        assert!(free_from(Skips { hours: 0xff_fffe, days: 0 }, last, "https://a.example/") <= last);
    }
}

//! RSS `skipHours` and `skipDays`: when a publisher wishes not to be asked, in Greenwich's time.

use crate::feed::Skips;
use chrono::Weekday;

/// The bit of the hour that `text` names; none where it names no hour. RSS 0.91 counts from 1 to 24,
/// RSS 2.0 from 0 to 23: 24 is midnight.
pub(super) fn hour(text: &str) -> u32 {
    match text.trim().parse::<u32>() {
        Ok(hour @ 0..=24) => 1 << (hour % 24),
        _ => 0,
    }
}

/// The bit of the day that `text` names in English; none where it names none.
pub(super) fn day(text: &str) -> u8 {
    text.trim().parse::<Weekday>().map_or(0, |day| 1 << day.num_days_from_monday())
}

/// `skips` without the wish never to be asked.
pub(super) fn wished(skips: Skips) -> Skips {
    const ALL_HOURS: u32 = (1 << 24) - 1;
    const ALL_DAYS: u8 = (1 << 7) - 1;
    Skips {
        hours: if skips.hours == ALL_HOURS { 0 } else { skips.hours },
        days: if skips.days == ALL_DAYS { 0 } else { skips.days },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_count_from_midnight() {
        for (text, bit) in [("0", 1), (" 24 ", 1), ("1", 2), ("07", 1 << 7), ("23", 1 << 23)] {
            assert_eq!(hour(text), bit, "{text}");
        }
        for text in ["", "25", "-1", "noon", "99999999999", "7:30"] {
            assert_eq!(hour(text), 0, "{text}");
        }
    }

    #[test]
    fn days_have_english_names() {
        for (text, bit) in [("Monday", 1), ("sunday", 64), ("\nSaturday ", 32)] {
            assert_eq!(day(text), bit, "{text}");
        }
        for text in ["", "Montag", "7"] {
            assert_eq!(day(text), 0, "{text}");
        }
    }

    #[test]
    fn never_to_be_asked_is_no_wish() {
        let always = Skips { hours: (0..24).map(|text| hour(&text.to_string())).sum(), days: 127 };
        assert_eq!(wished(always), Skips::default());
        let some = Skips { hours: 3, days: 96 };
        assert_eq!(wished(some), some);
    }
}

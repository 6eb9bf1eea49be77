//! Reads the dates that feeds carry: RFC 822 and its sins, ISO 8601 and its parts, C's asctime,
//! numbers, and dates as people write them in the languages of our sources. One pass over a short
//! text; what cannot be made out for certain is no date, because an entry without a date is sorted
//! by its first sight, and one with a wrong date is lost.

mod free;
mod iso;
mod scan;
#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use scan::Scanner;

/// No spelling of a date is longer, its comment included.
const DATE_BYTES_MAX: usize = 128;

/// The years that can be meant: those of four digits.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// Midnights, in days from 1970, that are the zero of some program and no date: Windows, OLE twice,
/// C, Unix.
const ZEROS: [i64; 5] = [-134_774, -25_569, -25_568, -25_567, 0];

/// No place on earth is further from Greenwich.
const OFFSET_MINUTES_MAX: i32 = 14 * 60;

/// The moment that `text` names, between the years 1000 and 9999; `None` where none can be made
/// out, and for the midnights of 1 January 1601, 1900 and 1970 and their like, which programs write
/// that have no date.
///
/// Without a zone it is UTC, without a time midnight, without a day or month the first. An unknown
/// or ambiguous zone makes it `None`, and so does `03/04/2026`, which is April or March.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.is_empty() || text.len() > DATE_BYTES_MAX {
        return None;
    }
    let text = words::fold(text);
    number(&text).or_else(|| iso::parse(&text)).or_else(|| free::parse(&text))
}

/// A time of day, perhaps 24:00 or with a leap second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Clock {
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
}

/// The half of the day that a clock of twelve hours means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

impl Clock {
    /// The hour of the day for an hour of its half.
    fn in_half(self, half: Half) -> Option<Self> {
        let hour = match (half, self.hour) {
            (Half::Morning, 12) => 0,
            (Half::Afternoon, 1..=11) => self.hour + 12,
            // `14:05 PM` says twice what it means once.
            (Half::Morning, 0..=11) | (Half::Afternoon, 12..=23) => self.hour,
            _ => return None,
        };
        Some(Self { hour, ..self })
    }
}

/// The moment of a date and a time of day, `offset` minutes east of Greenwich.
fn moment(date: NaiveDate, clock: Clock, offset: i32) -> Option<DateTime<Utc>> {
    let Clock { hour, minute, second, nanosecond } = clock;
    let is_midnight = hour == 24 && minute == 0 && second == 0;
    if hour > 23 && !is_midnight || minute > 59 || second > 60 || offset.abs() > OFFSET_MINUTES_MAX {
        return None;
    }
    // Counted from midnight, 24:00 and the 60th second of a leap minute are the next ones.
    let seconds = i64::from(hour * 3600 + minute * 60 + second) - i64::from(offset) * 60;
    let moment = date.and_hms_opt(0, 0, 0)?.and_utc();
    moment
        .checked_add_signed(Duration::seconds(seconds) + Duration::nanoseconds(i64::from(nanosecond)))
        .filter(|moment| YEARS.contains(&moment.year()) && !is_zero(moment))
}

fn is_zero(moment: &DateTime<Utc>) -> bool {
    let seconds = moment.timestamp();
    seconds.rem_euclid(SECONDS_A_DAY) == 0 && ZEROS.contains(&(seconds / SECONDS_A_DAY))
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    YEARS.contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}

/// The year that `digits` digits of a year mean: two are 1970 to 2069, three count from 1900
/// (RFC 5322 §4.3: programs that forgot the year 2000).
fn full_year(year: u32, digits: usize) -> Option<i32> {
    let year = i32::try_from(year).ok()?;
    match digits {
        2 if year < 70 => Some(2000 + year),
        2 | 3 => Some(1900 + year),
        4 => Some(year),
        _ => None,
    }
}

/// Nothing but digits: a moment of Unix in seconds or milliseconds, or ISO 8601 without dashes.
fn number(text: &str) -> Option<DateTime<Utc>> {
    /// 1973 and 2100: before and after, a number means something else.
    const SECONDS: std::ops::Range<i64> = 100_000_000..4_102_444_800;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !fraction.is_empty() && whole.len() < 9 {
        return None;
    }
    let compact = || {
        let mut scanner = Scanner::new(whole);
        let date = date(full_year(scanner.number(4)?, 4)?, scanner.number(2)?, scanner.number(2)?)?;
        let hour = scanner.number(2)?;
        let clock = Clock { hour, minute: scanner.number(2)?, second: scanner.number(2).unwrap_or(0), nanosecond: 0 };
        moment(date, clock, 0)
    };
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 if SECONDS.contains(&number) => DateTime::from_timestamp(number, 0),
        14 => compact(),
        12 | 13 => compact()
            .filter(|_| whole.len() == 12)
            .or_else(|| SECONDS.contains(&(number / 1000)).then(|| DateTime::from_timestamp_millis(number)).flatten()),
        _ => None,
    }
}

//! Dates in the order of people: RFC 822, RFC 850, asctime, and days and months by their names.

use super::scan::Scanner;
use super::words::{half, is_filler, is_weekday, month, zone};
use super::{Clock, date, full_year, moment};
use chrono::{DateTime, NaiveDate, Utc};

/// More numbers than any date has outside of its time.
const NUMBERS_MAX: usize = 3;

/// What was found, in the order in which it stood.
#[derive(Default)]
struct Found {
    /// Value, count of digits, and whether a month's name stood before.
    numbers: Vec<(u32, usize)>,
    /// The sign after the first number: how an all-numeric date is to be read.
    separator: Option<char>,
    months: Vec<u32>,
    clock: Option<Clock>,
    has_half: bool,
    offset: Option<i32>,
}

/// The moment that the folded `text` names.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let mut scanner = Scanner::new(text);
    let mut found = Found::default();
    while let Some(character) = scanner.rest.chars().next() {
        if character.is_ascii_digit() {
            found.read_number(&mut scanner)?;
        } else if character.is_alphabetic() {
            found.read_word(&mut scanner)?;
        } else if found.is_offset(text, scanner) {
            found.offset = Some(scanner.offset()?);
        } else {
            scanner.eat(character);
        }
    }
    moment(found.date()?, found.clock.unwrap_or_default(), found.offset.unwrap_or(0))
}

impl Found {
    fn read_number(&mut self, scanner: &mut Scanner<'_>) -> Option<()> {
        let mut ahead = *scanner;
        let (number, length) = ahead.digits()?;
        let is_clock = length <= 2 && ahead.rest.starts_with(':')
            || length <= 2 && ahead.rest.starts_with('h') && !self.numbers.is_empty();
        if is_clock && self.clock.is_none() {
            self.clock = Some(read_clock(scanner, number)?);
            return Some(());
        }
        *scanner = ahead;
        // `5 pm`.
        if let Some(half) = (length <= 2 && self.clock.is_none()).then(|| scanner.half()).flatten() {
            self.has_half = true;
            self.clock = Some(Clock { hour: number, ..Clock::default() }.in_half(half)?);
            return Some(());
        }
        if self.numbers.is_empty() {
            self.separator = scanner.rest.trim_start().chars().next();
        }
        self.numbers.push((number, length));
        (self.numbers.len() <= NUMBERS_MAX).then_some(())
    }

    fn read_word(&mut self, scanner: &mut Scanner<'_>) -> Option<()> {
        let word = scanner.word();
        if is_weekday(word) {
            return Some(());
        }
        if let (Some(clock), Some(half), false) = (self.clock, half(word), self.has_half) {
            self.has_half = true;
            self.clock = Some(clock.in_half(half)?);
        } else if let Some(month) = month(word) {
            self.months.push(month);
        } else if let (Some(offset), true) = (zone(word), self.clock.is_some()) {
            self.offset = self.offset.or(Some(offset));
        } else if !is_filler(word) && (self.clock.is_some() || !self.numbers.is_empty()) {
            // Before all numbers stands the weekday, in whatever language; a later word that nobody
            // knows may be a zone or a condition.
            return None;
        }
        Some(())
    }

    /// Whether a sign begins an offset here: after a time, before digits, and not between the
    /// numbers of a date.
    fn is_offset(&self, text: &str, scanner: Scanner<'_>) -> bool {
        let before = &text[..text.len() - scanner.rest.len()];
        let is_between = before.ends_with(|c: char| c.is_ascii_digit())
            && before
                .rsplit(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))
                .next()
                .is_some_and(|run| !run.contains(':'));
        self.clock.is_some()
            && !is_between
            && scanner.rest.starts_with(['+', '-'])
            && scanner.rest[1..].starts_with(|c: char| c.is_ascii_digit())
    }

    fn date(&self) -> Option<NaiveDate> {
        // `mar. 5 févr. 2026`: the first name is a Tuesday. With three numbers no month has a name.
        match (self.months.last(), self.numbers.as_slice()) {
            (Some(month), [(year, 4)]) => date(full_year(*year, 4)?, *month, 1),
            (Some(month), [(year, digits @ 4), (day, 1 | 2)]) | (Some(month), [(day, 1 | 2), (year, digits)]) => {
                date(full_year(*year, *digits)?, *month, *day)
            }
            (_, [(first, 1 | 2), (second, 1 | 2), (year, digits)]) => {
                let (day, month) = self.day_and_month(*first, *second)?;
                date(full_year(*year, *digits)?, month, day)
            }
            _ => None,
        }
    }

    /// Dots are written where the day comes first, and a clock of twelve hours where the month
    /// does; with slashes and dashes both are customs, so only numbers beyond twelve tell.
    fn day_and_month(&self, first: u32, second: u32) -> Option<(u32, u32)> {
        match (first > 12, second > 12) {
            (true, true) => None,
            (true, false) => Some((first, second)),
            (false, true) => Some((second, first)),
            (false, false) if first == second || self.separator == Some('.') => Some((first, second)),
            (false, false) if self.separator == Some('/') && self.has_half => Some((second, first)),
            (false, false) => None,
        }
    }
}

/// `8:31`, or `8h31` as in French.
fn read_clock(scanner: &mut Scanner<'_>, hour: u32) -> Option<Clock> {
    let mut ahead = *scanner;
    ahead.digits()?;
    if !ahead.eat('h') {
        return scanner.clock();
    }
    let minute = ahead.number(2).unwrap_or(0);
    *scanner = ahead;
    Some(Clock { hour, minute, ..Clock::default() })
}

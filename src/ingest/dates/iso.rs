//! Dates that begin with the year: ISO 8601 and W3CDTF, whole or in part, with dashes, slashes,
//! dots or nothing between, and the same as written in East Asia and Hungary.

use super::scan::Scanner;
use super::words::month;
use super::{date, full_year, moment};
use chrono::{DateTime, NaiveDate, Utc, Weekday};

/// The moment that the folded `text` names.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let (text, offset_here) = units(text);
    let mut scanner = Scanner::new(&text);
    let date = calendar_date(&mut scanner)?;
    // `2026-01-02t03:04`, `2026-01-02, 03:04`, `2026-01-02_03:04`.
    scanner.skip_spaces();
    if !scanner.eat('t') && !scanner.eat(',') {
        scanner.eat('_');
    }
    let (clock, offset) = scanner.time_and_zone()?;
    moment(date, clock, offset.or(offset_here).unwrap_or(0))
}

/// The units of East Asian dates as dashes and colons, and the zone that the language tells: Korean
/// is written in one, Japanese and Chinese only where a word is not shared by both.
fn units(text: &str) -> (String, Option<i32>) {
    if text.is_ascii() {
        return (text.to_owned(), None);
    }
    let offset =
        if text.contains(|c| matches!(c, '\u{AC00}'..='\u{D7A3}')) || text.contains("午前") || text.contains("午後")
        {
            Some(9 * 60)
        } else if text.contains("上午") || text.contains("下午") {
            Some(8 * 60)
        } else {
            None
        };
    let unit = |character| match character {
        '年' | '月' | '년' | '월' => Some('-'),
        '日' | '일' | '秒' | '초' => Some(' '),
        '時' | '时' | '点' | '點' | '시' | '分' | '분' | '：' => Some(':'),
        _ => None,
    };
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match unit(character) {
            // The last unit divides nothing: `8:31:` and `2004-5-` are cut there.
            Some(unit) => out.push(unit),
            None => out.push(character),
        }
    }
    (out.trim_end_matches([':', '-', ' ']).to_owned(), offset)
}

fn calendar_date(scanner: &mut Scanner<'_>) -> Option<NaiveDate> {
    if scanner.eat('-') {
        // `-03-12` and `-0312`: the century is left out.
        let year = full_year(scanner.number(2)?, 2)?;
        scanner.eat('-');
        return date(year, scanner.number(2)?, 1);
    }
    let (number, length) = scanner.digits()?;
    match length {
        4 => after_year(full_year(number, 4)?, scanner),
        8 => date(full_year(number / 10_000, 4)?, number / 100 % 100, number % 100),
        7 => ordinal(full_year(number / 1000, 4)?, number % 1000),
        6 => date(full_year(number / 10_000, 2)?, number / 100 % 100, number % 100),
        5 => ordinal(full_year(number / 1000, 2)?, number % 1000),
        // `03-12-31`, as ISO 8601 once allowed. With other signs, or an end such as `2003`, the
        // year is the last.
        2 if scanner.eat('-') => {
            let month = scanner.number(2)?;
            let day = if scanner.eat('-') { scanner.number(2)? } else { 1 };
            let is_over = !scanner.rest.starts_with(|c: char| c.is_ascii_digit());
            is_over.then(|| date(full_year(number, 2)?, month, day)).flatten()
        }
        _ => None,
    }
}

fn after_year(year: i32, scanner: &mut Scanner<'_>) -> Option<NaiveDate> {
    let Some(separator) = scanner.rest.chars().next() else { return date(year, 1, 1) };
    match separator {
        't' => return date(year, 1, 1),
        'w' => {
            scanner.eat('w');
            let week = scanner.number(2)?;
            return week_date(year, week, scanner.number(1).unwrap_or(1));
        }
        '-' | '/' | '.' => scanner.eat(separator),
        _ => return None,
    };
    scanner.skip_spaces();
    if scanner.eat('w') {
        let week = scanner.number(2)?;
        let day = if scanner.eat('-') { scanner.number(1)? } else { 1 };
        return week_date(year, week, day);
    }
    let (first, length) = match scanner.digits() {
        Some(found) => found,
        None => (month(scanner.word())?, 2),
    };
    if length == 3 && separator == '-' {
        return ordinal(year, first);
    }
    if length > 2 {
        return None;
    }
    if !scanner.eat(separator) {
        return date(year, first, 1);
    }
    scanner.skip_spaces();
    let Some((day, length)) = scanner.digits() else { return date(year, first, 1) };
    if separator == '.' {
        scanner.eat('.');
    }
    if length > 2 { None } else { date(year, first, day) }
}

fn ordinal(year: i32, day: u32) -> Option<NaiveDate> {
    date(year, 1, 1)?;
    NaiveDate::from_yo_opt(year, day)
}

fn week_date(year: i32, week: u32, day: u32) -> Option<NaiveDate> {
    date(year, 1, 1)?;
    let weekday = Weekday::try_from(u8::try_from(day.checked_sub(1)?).ok()?).ok()?;
    NaiveDate::from_isoywd_opt(year, week, weekday)
}

//! Reads a folded date from left to right.

use super::words::{half, zone};
use super::{Clock, Half};

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Scanner<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// The longest run of digits, with its length; leaves it where it is no u32.
    pub(super) fn digits(&mut self) -> Option<(u32, usize)> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest[..length].parse().ok()?;
        self.rest = &self.rest[length..];
        Some((number, length))
    }

    /// Exactly `length` digits.
    pub(super) fn number(&mut self, length: usize) -> Option<u32> {
        let digits = self.rest.get(..length)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = &self.rest[length..];
        digits.parse().ok()
    }

    pub(super) fn eat(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// A run of letters, perhaps none. Dots inside belong to it: `a.m`.
    pub(super) fn word(&mut self) -> &'a str {
        let mut end = 0;
        for (at, character) in self.rest.char_indices() {
            let is_inner_dot = character == '.' && at > 0 && self.rest[at + 1..].starts_with(char::is_alphabetic);
            if !character.is_alphabetic() && !is_inner_dot {
                break;
            }
            end = at + character.len_utf8();
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// What may follow a date: a time and a zone, to the very end.
    pub(super) fn time_and_zone(&mut self) -> Option<(Clock, Option<i32>)> {
        let before = self.half();
        self.skip_spaces();
        if self.rest.is_empty() {
            return Some((Clock::default(), None));
        }
        let mut clock = self.clock()?;
        if let Some(half) = before.or_else(|| self.half()) {
            clock = clock.in_half(half)?;
        }
        let offset = self.zone()?;
        self.skip_spaces();
        self.rest.is_empty().then_some((clock, offset))
    }

    /// `8`, `8:31`, `08:31:22.5`, `083122`.
    pub(super) fn clock(&mut self) -> Option<Clock> {
        let (number, length) = self.digits()?;
        let mut clock = match length {
            1 | 2 => Clock { hour: number, ..Clock::default() },
            4 => Clock { hour: number / 100, minute: number % 100, ..Clock::default() },
            6 => Clock { hour: number / 10_000, minute: number / 100 % 100, second: number % 100, nanosecond: 0 },
            _ => return None,
        };
        let mut parts = 1;
        while length <= 2 && parts < 3 && self.rest.starts_with(':') {
            self.eat(':');
            self.skip_spaces();
            let (part, digits) = match self.digits() {
                Some(part) => part,
                // `8:31:` is cut off, but says enough.
                None => break,
            };
            if digits > 2 {
                return None;
            }
            if parts == 1 {
                clock.minute = part
            } else {
                clock.second = part
            }
            parts += 1;
        }
        if (parts == 3 || length == 6) && self.rest.starts_with(['.', ',']) {
            let fraction = &self.rest[1..];
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            clock.nanosecond = fraction[..length.min(9)]
                .parse::<u32>()
                .map_or(0, |number| number * 10_u32.pow(9 - u32::try_from(length.min(9)).unwrap_or(9)));
            self.rest = &fraction[length..];
        }
        Some(clock)
    }

    /// `am`, `p.m.` and their kin.
    pub(super) fn half(&mut self) -> Option<Half> {
        let mut ahead = *self;
        ahead.skip_spaces();
        let half = half(ahead.word())?;
        ahead.eat('.');
        self.rest = ahead.rest;
        Some(half)
    }

    /// Minutes east of Greenwich; `Some(None)` where nothing more is said, `None` where what is
    /// said is unknown. An offset beside a name (`GMT+2`, `-0500 EST`) has the last word.
    pub(super) fn zone(&mut self) -> Option<Option<i32>> {
        self.skip_spaces();
        let mut named = None;
        let word = self.word();
        if !word.is_empty() {
            named = Some(zone(word)?);
            self.skip_spaces();
        }
        if !self.rest.starts_with(['+', '-']) {
            return Some(named);
        }
        let offset = self.offset()?;
        self.skip_spaces();
        self.word();
        Some(Some(offset))
    }

    /// `+0200`, `-05:00`, `+2`, `+530`.
    pub(super) fn offset(&mut self) -> Option<i32> {
        let sign = if self.eat('-') { -1 } else { 1 };
        self.eat('+');
        let (number, length) = self.digits()?;
        let number = i32::try_from(number).ok()?;
        let minutes = match length {
            1 | 2 if self.eat(':') => number * 60 + i32::try_from(self.number(2)?).ok()?,
            1 | 2 => number * 60,
            3 | 4 => number / 100 * 60 + number % 100,
            _ => return None,
        };
        Some(sign * minutes)
    }
}

//! Durations as people write them: a number and a unit. A bare number is refused, since nobody
//! remembers whether it means seconds or minutes.

use std::time::Duration;

const UNITS: [(&str, u64); 5] = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)];

/// Far beyond any use, and small enough to be added to a date without overflow.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads `30m`; `unit` is the one to propose where it is missing.
pub(crate) fn parse(text: &str, unit: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, written) = text.split_at(digits);
    if written.is_empty() && digits > 0 {
        return Err(format!("{text} needs a unit, write \"{text}{unit}\""));
    }
    let seconds = UNITS.iter().find(|(name, _)| *name == written).map(|(_, seconds)| seconds);
    let (Some(seconds), Ok(number)) = (seconds, number.parse::<u64>()) else {
        return Err(format!("{text:?} is not a duration, write a number and s, m, h, d or w, as in \"1{unit}\""));
    };
    match number.checked_mul(*seconds).map(Duration::from_secs) {
        Some(duration) if duration <= LONGEST => Ok(duration),
        _ => Err(format!("{text} is too long, the most is {}", write(LONGEST))),
    }
}

/// As it would be written in the file, in the largest unit that is exact.
pub(crate) fn write(duration: Duration) -> String {
    let total = duration.as_secs();
    let exact = UNITS[..4].iter().rev().find(|(_, seconds)| total.is_multiple_of(*seconds));
    let (unit, seconds) = exact.unwrap_or(&UNITS[0]);
    format!("{}{unit}", total / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_and_a_unit() {
        for (text, seconds) in [("45s", 45), ("30m", 1800), ("2h", 7200), ("90d", 7_776_000), ("1w", 604_800)] {
            assert_eq!(parse(text, "m"), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest_with_a_hint() {
        let write_one = "is not a duration, write a number and s, m, h, d or w, as in \"1m\"";
        for (text, reason) in [
            ("30", "30 needs a unit, write \"30m\"".to_owned()),
            ("30min", format!("\"30min\" {write_one}")),
            ("m", format!("\"m\" {write_one}")),
            ("", format!("\"\" {write_one}")),
            ("-5m", format!("\"-5m\" {write_one}")),
            ("1.5h", format!("\"1.5h\" {write_one}")),
            ("99999999999999999999s", format!("\"99999999999999999999s\" {write_one}")),
            ("99999999999999999w", "99999999999999999w is too long, the most is 36500d".to_owned()),
        ] {
            assert_eq!(parse(text, "m"), Err(reason), "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["0s", "45s", "90s", "1m", "36h", "7d"] {
            let duration = parse(text, "m").expect(text);
            assert_eq!(parse(&write(duration), "m"), Ok(duration), "{text}");
        }
        assert_eq!(write(Duration::from_secs(5400)), "90m");
    }
}

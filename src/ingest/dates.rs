//! Reads the dates that feeds carry.

use chrono::{DateTime, Utc};

/// The moment that `text` names; `None` where none can be made out.
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc2822(text)
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .ok()
        .map(|date| date.with_timezone(&Utc))
}

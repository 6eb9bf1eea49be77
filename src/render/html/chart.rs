//! A few weeks in bars, a day each, drawn here: no script, and words for who does not see them.

use crate::feed::Day;
use maud::{Markup, html};

/// A day's bar with the gap after it.
const STEP: usize = 4;
const HEIGHT: u32 = 20;

/// The days, oldest first: what was new stands on the line, failures below it.
pub(super) fn bars(days: &[Day], in_words: &str) -> Markup {
    let width = days.len() * STEP;
    let most = days.iter().map(|day| day.new).max().unwrap_or(0).max(1);
    let mut new = String::new();
    let mut failed = String::new();
    for (place, day) in days.iter().enumerate() {
        let left = place * STEP;
        if day.new > 0 {
            let height = (u64::from(day.new) * u64::from(HEIGHT)).div_ceil(u64::from(most));
            new += &format!("M{left} {HEIGHT}v-{height}h3v{height}z");
        }
        if day.failed > 0 {
            failed += &format!("M{left} {}h3v3h-3z", HEIGHT + 2);
        }
    }
    html! {
        svg.bars role="img" aria-label=(in_words) viewBox={ "0 0 " (width) " " (HEIGHT + 5) } width=(width) height=(HEIGHT + 5) {
            title { (in_words) }
            path.base d={ "M0 " (HEIGHT) "h" (width) "v1H0z" } {}
            @if !new.is_empty() { path d=(new) {} }
            @if !failed.is_empty() { path.bad d=(failed) {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_a_day_as_high_as_it_had_news_and_marks_where_it_failed() {
        let day = |new, failed| Day { new, failed };
        let drawn = bars(&[day(0, 0), day(1, 0), day(200, 2)], "201 new <in> 3 days").into_string();
        assert!(drawn.contains("<path d=\"M4 20v-1h3v1zM8 20v-20h3v20z\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"bad\" d=\"M8 22h3v3h-3z\">"), "{drawn}");
        assert!(drawn.contains("aria-label=\"201 new &lt;in&gt; 3 days\""), "{drawn}");
        let huge = bars(&[day(u32::MAX, u32::MAX)], "").into_string();
        assert!(huge.contains("v-20h3"), "{huge}");
        assert!(!bars(&[], "").into_string().contains("class=\"bad\""));
    }
}

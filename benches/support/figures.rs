//! What every benchmark does with its figures: medians, lines for people.

use std::io::{self, Write};

/// The value in the middle, which one slow round does not move.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.len() / 2, values.len() % 2) {
        (0, 0) => f64::NAN,
        (middle, 0) => (values[middle - 1] + values[middle]) / 2.0,
        (middle, _) => values[middle],
    }
}

/// As many digits as anybody compares.
pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// A line for stdout. A reader that has left is no reason to stop.
pub fn print(line: &str) {
    let _ = writeln!(io::stdout(), "{}", line.trim_end());
}

/// A line that says how far we are.
pub fn progress(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

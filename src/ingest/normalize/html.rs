//! Safe HTML.

use super::TextKind;
use ::url::Url;

/// Safe HTML of `text`; `None` where nothing is left.
pub fn safe_html(text: &str, kind: TextKind, base: Option<&Url>) -> Option<String> {
    let _ = base;
    let safe = match kind {
        TextKind::Plain => ammonia::clean_text(text),
        TextKind::Html => ammonia::clean(text),
    };
    (!safe.trim().is_empty()).then_some(safe)
}

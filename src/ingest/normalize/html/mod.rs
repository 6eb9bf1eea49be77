//! Safe HTML: what a publisher wrote, without what acts, tracks, hides or breaks the page around.
//!
//! Two layers. Our writer makes every tag anew from short tables, so that its cost is one pass and
//! its nesting is bounded whatever comes in. What needed mending on the way then goes through
//! ammonia, a real HTML parser, which has the last word; clean markup needs none, because what we
//! wrote cannot be read in two ways.

mod attributes;
mod elements;
mod writer;

#[cfg(test)]
mod tests;

use super::TextKind;
use super::text::{head, plain_text_within, without_cdata};
use ::url::Url;
use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use tracing::instrument;

/// More text than the longest reports in feeds have; beyond it are pictures in `data:` addresses.
const HTML_BYTES_MAX: usize = 256 * 1024;

/// What remains of a text that is not shown as HTML.
const FALLBACK_BYTES_MAX: usize = 64 * 1024;

/// Escaping and absolute addresses make honest text longer, but never by more than this.
fn output_bytes_max(input_bytes: usize) -> usize {
    2 * input_bytes + 16 * 1024
}

/// Safe HTML of `text`; `None` where nothing is left of it.
///
/// Kept are phrases, blocks, lists, tables, links, pictures, audio and video, with the attributes
/// that say what they are; addresses become absolute against `base` and are `http` or `https` only
/// (`mailto` for links). Gone are scripts, styles, classes, ids, forms, frames, plug-ins, SVG and
/// MathML. Text beyond the limits (256 KiB, 128 levels, 64 open formatting elements, 64 attributes
/// of one tag, twice its own size) comes back as escaped plain text, at most 64 KiB of it.
///
/// The result is its own safe HTML: sanitizing it again changes nothing.
#[instrument(level = "trace", name = "sanitize", skip_all)]
pub fn safe_html(text: &str, kind: TextKind, base: Option<&Url>) -> Option<String> {
    if kind == TextKind::Plain || !text.contains('<') && !text.contains('&') {
        return escaped(text);
    }
    let html = without_cdata(text);
    let safe = if html.len() > HTML_BYTES_MAX { None } else { sanitized(html, base) };
    match safe {
        Some(safe) => trimmed(safe),
        None => escaped(&plain_text_within(html, TextKind::Html, FALLBACK_BYTES_MAX)?),
    }
}

/// `html` without what is unsafe; `None` where it is beyond the limits.
fn sanitized(html: &str, base: Option<&Url>) -> Option<String> {
    let bytes_max = output_bytes_max(html.len());
    let written = writer::write(html, base, bytes_max).ok()?;
    if !written.was_mended {
        return Some(written.html);
    }
    let parsed = AMMONIA.clean(&written.html).to_string();
    (parsed.len() <= bytes_max).then_some(parsed)
}

/// The second layer, with the tables of the first. It sees only what the first has written.
static AMMONIA: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    let of = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let (generic, particular): (Vec<_>, Vec<_>) = attributes::KEPT.iter().partition(|(element, _)| *element == "*");
    builder
        .tags(of(elements::NAMES))
        .clean_content_tags(of(&["script", "style"]))
        .generic_attributes(generic.iter().flat_map(|(_, names)| of(names)).collect())
        .tag_attributes(particular.iter().map(|(element, names)| (*element, of(names))).collect::<HashMap<_, _>>())
        .url_schemes(of(&["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some(writer::LINK_REL));
    builder
});

fn escaped(text: &str) -> Option<String> {
    let text = text.trim();
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    writer::escape(head(text, HTML_BYTES_MAX), &mut out);
    if out.len() > output_bytes_max(text.len()) {
        // Nothing but ampersands.
        out.clear();
        writer::escape(head(text, SIGNS_BYTES_MAX), &mut out);
    }
    trimmed(out)
}

/// Of a text that escaping makes longer than the limit: a sample.
const SIGNS_BYTES_MAX: usize = 8 * 1024;

/// `None` where nothing is to be seen or heard.
fn trimmed(html: String) -> Option<String> {
    let inside = html.trim();
    if is_blank(inside) {
        None
    } else if inside.len() == html.len() {
        Some(html)
    } else {
        Some(inside.to_owned())
    }
}

/// Whether `html` has no text and nothing that stands for itself.
fn is_blank(html: &str) -> bool {
    const SEEN: [&str; 4] = ["<img", "<audio", "<video", "<hr"];
    !html.starts_with(char::is_alphanumeric)
        && plain_text_within(html, TextKind::Html, 16).is_none()
        && !SEEN.iter().any(|tag| html.contains(tag))
}

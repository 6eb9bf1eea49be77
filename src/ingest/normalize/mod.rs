//! One shape for what publishers write: plain titles, safe HTML, absolute addresses.

mod characters;
mod entities;
mod html;
mod names;
pub(super) mod tags;
mod text;
mod url;

pub use entities::decode_entities;
pub use html::safe_html;
pub(super) use text::head;
pub use text::{TITLE_BYTES_MAX, plain_text, plain_text_within, plain_texts};
pub(super) use url::parse_url;
pub use url::{URL_BYTES_MAX, language, url};

/// What the characters of a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Themselves: `<` is a less-than sign.
    Plain,
    /// HTML source: `<b>` is markup and `&amp;` an ampersand.
    Html,
}

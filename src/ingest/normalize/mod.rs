//! One shape for what publishers write: plain titles, safe HTML, absolute addresses.

mod html;
mod text;
mod url;

pub use html::safe_html;
pub use text::{plain_text, plain_text_within};
pub use url::{language, url};

/// What the characters of a text mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Themselves: `<` is a less-than sign.
    Plain,
    /// HTML source: `<b>` is markup and `&amp;` an ampersand.
    Html,
}

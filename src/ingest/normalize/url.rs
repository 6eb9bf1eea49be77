//! Addresses and language tags.

use ::url::Url;

/// The address that `text` means; `None` where it is none.
pub fn url(text: &str, base: Option<&Url>) -> Option<String> {
    let options = Url::options().base_url(base);
    let url = options.parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// A BCP 47 tag; `None` for rubbish.
pub fn language(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    (!tag.is_empty()).then_some(tag)
}

//! What a document is that is no feed.

use crate::ingest::repair::within;

/// Elements that only an HTML page begins with.
const PAGE_ELEMENTS: [&str; 10] = ["html", "head", "body", "meta", "title", "script", "div", "p", "style", "center"];

/// Whether a document that begins with the element is an HTML page.
pub(super) fn is_of_page(name: &str) -> bool {
    PAGE_ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A sentence on the document, by its first element.
pub(super) fn no_feed(text: &str, first_element: &str) -> String {
    let local = first_element.rsplit(':').next().unwrap_or(first_element).to_ascii_lowercase();
    let head = within(text, 256).to_ascii_lowercase();
    let what = match local.as_str() {
        _ if is_of_page(&local) || head.contains("<!doctype html") => "an HTML page".to_owned(),
        "" => "plain text".to_owned(),
        "opml" => "an OPML list".to_owned(),
        "urlset" | "sitemapindex" => "a sitemap".to_owned(),
        _ => format!("XML of another kind (<{}>)", within(first_element, 40)),
    };
    format!("no feed found, this is {what}")
}

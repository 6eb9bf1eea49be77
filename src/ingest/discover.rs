//! Finds the feeds that a page announces. Asks nobody: whether a feed is there is the caller's
//! question.

use super::normalize;
use super::normalize::tags::{Piece, Tag, pieces};
use url::Url;

/// A page that announces more has a feed for every tag; the first ones are the page's own.
const LINKS_MAX: usize = 32;

/// Announcements stand in the head, but some pages begin with much script.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The media types of feeds. Plain `application/json` is a feed only where a link says so.
const FEED_TYPES: [&str; 8] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/json",
    "application/x.atom+xml",
    "application/x-rss+xml",
    "application/x-atom+xml",
];

/// The feeds that `html` announces by `<link rel="alternate">`, else those that its links lead to,
/// absolute, each once, in document order, at most 32.
pub fn feed_links(html: &str, base: &Url) -> Vec<String> {
    let mut base = base.clone();
    let mut has_base = false;
    let mut announced = Vec::new();
    let mut linked = Vec::new();
    for piece in pieces(normalize::head(html, PAGE_BYTES_MAX)) {
        let Piece::Start(tag) = piece else { continue };
        if tag.name.eq_ignore_ascii_case("link") {
            add(&mut announced, announcement(&tag), &base);
        } else if tag.name.eq_ignore_ascii_case("a") && announced.is_empty() {
            add(&mut linked, feed_like(&tag), &base);
        } else if tag.name.eq_ignore_ascii_case("base") && !has_base {
            // The first `<base href>` counts, and itself may be relative (HTML §4.2.3).
            let found = tag.attribute("href").and_then(|href| base.join(href.trim()).ok());
            if let Some(found) = found.filter(|url| matches!(url.scheme(), "http" | "https")) {
                base = found;
                has_base = true;
            }
        }
        if announced.len() >= LINKS_MAX {
            break;
        }
    }
    if announced.is_empty() { linked } else { announced }
}

fn add(links: &mut Vec<String>, href: Option<String>, base: &Url) {
    let Some(link) = href.and_then(|href| normalize::url(&href, Some(base))) else { return };
    if links.len() < LINKS_MAX && !links.contains(&link) {
        links.push(link);
    }
}

/// The address of `<link rel="alternate" type="application/rss+xml" href>`. Some write
/// `rel="feed"`, which needs no type.
fn announcement(tag: &Tag<'_>) -> Option<String> {
    let rel = tag.attribute("rel")?.to_ascii_lowercase();
    let has = |word: &str| rel.split_ascii_whitespace().any(|found| found == word);
    if has("stylesheet") {
        return None;
    }
    let is_feed = match tag.attribute("type") {
        Some(media_type) => has("alternate") && is_feed_type(&media_type) && !is_api(tag),
        None => false,
    };
    (is_feed || has("feed")).then(|| tag.attribute("href"))?.map(|href| href.into_owned())
}

fn is_feed_type(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    FEED_TYPES.iter().any(|known| known.eq_ignore_ascii_case(media_type))
}

/// WordPress announces each page's JSON and its oEmbed with the type of a feed.
fn is_api(tag: &Tag<'_>) -> bool {
    tag.attribute("href").is_some_and(|href| href.contains("/wp-json/") || href.contains("oembed"))
}

/// The address of a link to what has the name of a feed.
fn feed_like(tag: &Tag<'_>) -> Option<String> {
    let href = tag.attribute("href")?;
    let path = href.split(['?', '#']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_feed = matches!(
        name,
        "feed"
            | "feeds"
            | "rss"
            | "atom"
            | "rss.xml"
            | "atom.xml"
            | "feed.xml"
            | "index.xml"
            | "index.rdf"
            | "rss.php"
            | "feed.json"
            | "rss2.xml"
            | "feed.rss"
            | "feed.atom"
    ) || name.ends_with(".rss")
        || name.ends_with(".atom")
        || name.ends_with(".rdf");
    is_feed.then(|| href.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, want: &[&str]) {
        let base = Url::parse("https://example.org/news/page.html").expect("the base is a constant");
        assert_eq!(feed_links(html, &base), want, "{html:.200}");
    }

    #[test]
    fn finds_announced_feeds_in_order() {
        check(
            r#"<head><LINK REL=Alternate TYPE='application/rss+xml; charset=utf-8' HREF="/rss"><link rel="alternate home"
               type="application/atom+xml" href="atom.xml"><link rel=alternate type=application/feed+json href="//cdn.example.com/f.json">
               <link rel="alternate" type="application/rss+xml" href="/rss"><link rel=feed href=f></head>"#,
            &[
                "https://example.org/rss",
                "https://example.org/news/atom.xml",
                "https://cdn.example.com/f.json",
                "https://example.org/news/f",
            ],
        );
    }

    #[test]
    fn other_links_are_no_feeds() {
        check(
            r#"<link rel=stylesheet type=text/css href=/a><link rel=alternate hreflang=de href=/de>
               <link rel="alternate stylesheet" type="application/rss+xml" href=/b><link rel=alternate type=application/rss+xml>
               <link rel=alternate type=application/rss+xml href="javascript:x"><link rel=icon type=application/rss+xml href=/c>
               <link rel=alternate type=application/json href="/wp-json/wp/v2/pages/2"><!-- <link rel=alternate type=application/rss+xml href=/d> -->
               <script>"<link rel=alternate type=application/rss+xml href=/e>"</script>"#,
            &[],
        );
    }

    #[test]
    fn a_base_element_moves_relative_addresses() {
        let link = "<link rel=alternate type=application/rss+xml href=rss>";
        check(&format!("<base href=/sub/><base href=/other/>{link}"), &["https://example.org/sub/rss"]);
        check(&format!("<base href='https://a.example/x/'>{link}"), &["https://a.example/x/rss"]);
        check(&format!("<base href='data:x'>{link}"), &["https://example.org/news/rss"]);
    }

    #[test]
    fn links_to_feeds_count_where_none_is_announced() {
        let anchors = "<a href=/feed/>f</a><a href='/about'>a</a><a href=\"https://b.example/x.rss?y\">x</a><a href=RSS.xml>r</a><a href=mailto:rss>m</a>";
        check(anchors, &["https://example.org/feed/", "https://b.example/x.rss?y", "https://example.org/news/RSS.xml"]);
        check(&format!("{anchors}<link rel=alternate type=application/rss+xml href=/l>"), &["https://example.org/l"]);
    }

    #[test]
    fn huge_and_broken_pages_end() {
        check(&"<link rel=alternate type=application/rss+xml href=".repeat(50_000), &[]);
        check(&"<".repeat(1_000_000), &[]);
        check(&"<!--".repeat(200_000), &[]);
        let many: String = (0..1000).map(|n| format!("<link rel=feed href=/{n}>")).collect();
        let base = Url::parse("https://example.org/").expect("the base is a constant");
        assert_eq!(feed_links(&many, &base).len(), LINKS_MAX);
    }
}

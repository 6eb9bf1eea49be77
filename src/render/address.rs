//! Our addresses and ids, and which of other people's we repeat.

use super::{Format, Site};
use url::{Host, Position, Url, form_urlencoded};

/// The day on which the holder of `base_url` is taken to hold it, for tag URIs (RFC 4151 §2.1).
/// Fixed for ever: with another date every id of ours would be a new one.
const TAG_DATE: &str = "2026";

impl Site {
    /// Where an output is served, absolute.
    pub(super) fn output_address(&self, id: &str, format: Format) -> String {
        format!("{}{}", self.base_url, path(id, format))
    }

    /// What our topics are categories of. The front page lists them there.
    pub(super) fn topic_scheme(&self) -> String {
        format!("{}#topics", self.base_url)
    }

    /// An id of ours, for things that have none that others gave them (RFC 4151). It stays when
    /// the site moves to another port, path or from http to https.
    pub(super) fn tag_uri(&self, what: &str) -> String {
        let base = Url::parse(&self.base_url).ok();
        let authority = match base.as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            // A tag's authority has no brackets and no colons.
            Some(Host::Ipv6(_)) | None => "localhost".to_owned(),
        };
        format!("tag:{authority},{TAG_DATE}:{what}")
    }
}

/// Where an output is served, under the base. What a search finds is an output as well: its id is
/// `search?q=…`, which no id of the operator's can be.
pub(super) fn path(id: &str, format: Format) -> String {
    match (id.strip_prefix(SEARCH).filter(|query| query.starts_with('?')), format) {
        (Some(query), Format::Html) => format!("search{query}"),
        (Some(query), _) => format!("search.{}{query}", format.extension()),
        (None, _) => format!("feeds/{id}.{}", format.extension()),
    }
}

const SEARCH: &str = "search";

/// The id of what a query finds, in characters that every address takes.
pub(super) fn search_id(query: &str) -> String {
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    format!("{SEARCH}?q={query}")
}

/// `text` as an absolute http(s) address that is safe in every format, or `None`. Left as it is
/// where it can be; else percent-encoded.
pub(super) fn web(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    let has_two_slashes = text.split_once(':').is_some_and(|(_, rest)| rest.starts_with("//"));
    let is_clean =
        has_two_slashes && text.chars().all(|letter| letter.is_ascii_graphic() && !NOT_IN_URIS.contains(letter));
    Some(if is_clean { text.to_owned() } else { encoded(&url) })
}

/// An address as RFC 3986 has it. The URL Standard lets characters stand that this forbids.
fn encoded(url: &Url) -> String {
    let mut address = url[..Position::BeforePath].to_owned();
    for letter in url[Position::BeforePath..].chars() {
        match NOT_IN_URIS.contains(letter) {
            true => address.push_str(&format!("%{:02X}", u32::from(letter))),
            false => address.push(letter),
        }
    }
    address
}

/// What stands for the address of a feed that has none on the web: no configuration that was checked
/// leads here, and nothing happens to who follows it.
pub(super) fn no_address(feed: &str) -> String {
    format!("tag:localhost,{TAG_DATE}:feeds/{feed}")
}

/// Whether `id` can be an atom:id as it stands: an absolute IRI (RFC 3987 §2.2), and none that
/// runs if someone takes it for a link.
pub(super) fn is_absolute_iri(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let is_active = ["javascript", "vbscript", "data"].iter().any(|active| scheme.eq_ignore_ascii_case(active));
    let is_iri = |letter: char| !letter.is_whitespace() && !letter.is_control() && !NOT_IN_URIS.contains(letter);
    is_scheme && !is_active && !rest.is_empty() && rest.chars().all(is_iri)
}

const NOT_IN_URIS: &str = "<>\"{}|\\^`[]";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn repeats_web_addresses_only() {
        for (text, expected) in [
            ("https://example.org", Some("https://example.org")),
            (" http://example.org/a?b=1&c=%20#d ", Some("http://example.org/a?b=1&c=%20#d")),
            ("https://example.org/vijesti/č š", Some("https://example.org/vijesti/%C4%8D%20%C5%A1")),
            ("https:example.org/a", Some("https://example.org/a")),
            ("http://[::1]/a[b]|c?d[]={e}^#f", Some("http://[::1]/a%5Bb%5D%7Cc?d%5B%5D=%7Be%7D%5E#f")),
            ("javascript:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("data:text/html,<script>", None),
            ("//example.org/a", None),
            ("/a", None),
            ("", None),
        ] {
            assert_eq!(web(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn keeps_ids_that_are_iris() {
        for id in ["https://example.org/1", "tag:example.org,2020:x", "urn:uuid:1", "https://пример.срб/1"] {
            assert!(is_absolute_iri(id), "{id}");
        }
        for id in ["17", "a b:c", "2020:1", "x:", "https://example.org/a b", "JavaScript:alert(1)", "a:\"b", "a:<b", ""]
        {
            assert!(!is_absolute_iri(id), "{id}");
        }
    }

    #[test]
    fn ids_of_ours_stay_when_the_site_moves_within_its_host() {
        for (base_url, expected) in [
            ("https://feeds.example.org/", "tag:feeds.example.org,2026:x"),
            ("http://feeds.example.org:8080/news/", "tag:feeds.example.org,2026:x"),
            ("http://127.0.0.1:8080/", "tag:127.0.0.1,2026:x"),
            ("http://[::1]:8080/", "tag:localhost,2026:x"),
        ] {
            let site = Site { base_url: base_url.to_owned(), ..samples::site() };
            assert_eq!(site.tag_uri("x"), expected);
        }
    }
}

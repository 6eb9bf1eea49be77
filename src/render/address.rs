//! Our addresses and ids, and which of other people's we repeat.

use super::{Chain, Format, Links, Site};
use url::{Host, Position, Url, form_urlencoded};

/// The day on which the holder of `base_url` is taken to hold it, for tag URIs (RFC 4151 §2.1).
/// Fixed for ever: with another date every id of ours would be a new one.
const TAG_DATE: &str = "2026";

impl Site {
    /// Where an output is served, absolute.
    pub(super) fn output_address(&self, id: &str, format: Format) -> String {
        format!("{}{}", self.base_url, path(id, format))
    }

    /// Where a story's page is, absolute.
    pub(super) fn story_address(&self, uid: &str) -> Option<String> {
        (self.links != Links::NoPages).then(|| format!("{}stories/{uid}", self.base_url))
    }

    /// Where people see how the feeds are, absolute. No file can know.
    pub(super) fn status_address(&self) -> Option<String> {
        (self.links == Links::Served).then(|| format!("{}status", self.base_url))
    }

    /// Where the part of an output's archive that ends with an entry is served, absolute.
    pub(super) fn archive_address(&self, id: &str, last: i64, format: Format) -> String {
        format!("{}archive/{id}/{last}.{}", self.base_url, format.extension())
    }

    /// Where a document itself is served, absolute.
    pub(super) fn own_address(&self, id: &str, format: Format, chain: Chain) -> String {
        match chain.archive {
            Some(last) => self.archive_address(id, last, format),
            None => self.output_address(id, format),
        }
    }

    /// The links of RFC 5005 §4: relation and address.
    pub(super) fn chain_links(&self, id: &str, format: Format, chain: Chain) -> Vec<(&'static str, String)> {
        let older = chain.older.map(|last| ("prev-archive", self.archive_address(id, last, format)));
        let current = chain.archive.map(|_| ("current", self.output_address(id, format)));
        older.into_iter().chain(current).collect()
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

/// Whether `id` can be an atom:id as it stands: an absolute IRI (RFC 3987 §2.2) that keeps the rules
/// of its scheme, and none that runs if someone takes it for a link.
pub(super) fn is_absolute_iri(id: &str) -> bool {
    let Some((scheme, rest)) = id.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
    let is_active = ["javascript", "vbscript", "data"].iter().any(|active| scheme.eq_ignore_ascii_case(active));
    let is_iri = |letter: char| !letter.is_whitespace() && !letter.is_control() && !NOT_IN_URIS.contains(letter);
    is_scheme && !is_active && !rest.is_empty() && rest.chars().all(is_iri) && keeps_its_scheme(scheme, rest)
}

/// The rules of the schemes that ids are made with.
fn keeps_its_scheme(scheme: &str, rest: &str) -> bool {
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "ftp" => {
            rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        }
        "tag" => is_tag(rest),
        "urn" => is_urn(rest),
        _ => true,
    }
}

/// `example.org,2020-01-31:anything`, perhaps with a mail address in front (RFC 4151 §2.1).
fn is_tag(rest: &str) -> bool {
    let Some(((authority, date), _)) =
        rest.split_once(':').and_then(|(entity, specific)| Some((entity.split_once(',')?, specific)))
    else {
        return false;
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_host =
        !host.is_empty() && host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.".contains(letter));
    let is_number = |part: &str, digits| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = date.split('-');
    let is_year = parts.next().is_some_and(|year| is_number(year, 4));
    is_host && is_year && date.len() <= "2020-01-31".len() && parts.all(|part| is_number(part, 2))
}

/// `name:anything` (RFC 8141 §2), of which `uuid` has rules of its own (RFC 4122 §3).
fn is_urn(rest: &str) -> bool {
    let Some((name, specific)) = rest.split_once(':') else {
        return false;
    };
    let is_name = (2..=32).contains(&name.len())
        && !name.starts_with('-')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let is_uuid = || {
        let groups = specific.split('-').map(str::len);
        groups.eq([8, 4, 4, 4, 12]) && specific.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
    };
    is_name && !specific.is_empty() && (!name.eq_ignore_ascii_case("uuid") || is_uuid())
}

/// Whether no shorter or plainer writing of an http(s) address means the same (RFC 3986 §6.2); all
/// others are taken as they are.
pub(super) fn is_canonical(id: &str) -> bool {
    let Some(url) = Url::parse(id).ok().filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return true;
    };
    let is_reserved = |code: u8| !(code.is_ascii_alphanumeric() || b"-._~".contains(&code));
    let is_needed = |escape: &str| {
        let digits = escape.get(..2).unwrap_or_default();
        !digits.bytes().any(|digit| digit.is_ascii_lowercase()) && u8::from_str_radix(digits, 16).is_ok_and(is_reserved)
    };
    url.as_str() == id && id.split('%').skip(1).all(is_needed)
}

/// Feed Paging and Archiving (RFC 5005).
pub(super) const HISTORY: (&str, &str) = ("fh", "http://purl.org/syndication/history/1.0");

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
        for id in ["https://example.org/1", "tag:example.org,2020:x", "urn:isbn:1", "https://пример.срб/1"] {
            assert!(is_absolute_iri(id), "{id}");
        }
        for id in ["17", "a b:c", "2020:1", "x:", "https://example.org/a b", "JavaScript:alert(1)", "a:\"b", "a:<b", ""]
        {
            assert!(!is_absolute_iri(id), "{id}");
        }
    }

    #[test]
    fn an_id_keeps_the_rules_of_its_scheme() {
        for id in [
            "tag:ana@example.org,2020-01-31:x",
            "tag:blogger.com,1999:blog-1.post-2",
            "urn:uuid:f81d4fae-7dec-11d0-A765-00a0c91e6bf6",
            "urn:isbn:0451450523",
            "yt:video:x",
            "HTTP://example.org/%7e",
        ] {
            assert!(is_absolute_iri(id), "{id}");
        }
        for id in [
            "tag:example.org:17",
            "tag:example.org",
            "tag:example.org,20:x",
            "tag:example.org,2020-1:x",
            "tag:,2020:x",
            "urn:uuid:988EF5C55CDEA24EDE1251744888912",
            "urn:uuid:cdef5c6d5-gff8-4ebb-assa-80dwe44efkjo",
            "urn:a.b:1",
            "urn:-a:1",
            "urn:isbn",
            "http:///example.org/1",
            "https:1",
        ] {
            assert!(!is_absolute_iri(id), "{id}");
        }
    }

    #[test]
    fn knows_the_plainest_writing_of_an_address() {
        for id in ["http://example.org/", "https://example.org/a?b=%C4%8D#d", "tag:Example.org,2020:%7e"] {
            assert!(is_canonical(id), "{id}");
        }
        for id in ["http://example.org", "HTTP://example.org/", "http://example.org:80/", "http://example.org/a/../b"] {
            assert!(!is_canonical(id), "{id}");
        }
        for id in ["http://example.org/%7Ea", "http://example.org/%c4%8d", "http://example.org/%"] {
            assert!(!is_canonical(id), "{id}");
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

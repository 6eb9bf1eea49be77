//! Addresses and language tags: what a publisher wrote, absolute and safe, else nothing.

use ::url::Url;

/// Longer addresses are data in disguise, and many readers refuse them.
pub const URL_BYTES_MAX: usize = 2048;

/// The longest tag that RFC 5646 §4.4.1 asks anyone to support.
const LANGUAGE_BYTES_MAX: usize = 35;

/// The absolute `http` or `https` address that `text` means, at most [`URL_BYTES_MAX`] bytes.
///
/// Relative ones need a `base`. An absolute one keeps its spelling where nothing in it can be read
/// in two ways: no slash is added and no letter changed, because publishers compare addresses as
/// text. Everything else comes out as the URL standard writes it. Credentials are never kept.
pub fn url(text: &str, base: Option<&Url>) -> Option<String> {
    let text = clean(text)?;
    if is_plain(&text) {
        return (text.len() <= URL_BYTES_MAX).then_some(text);
    }
    let url = parsed(&text, base)?;
    let address = if is_plainly(&text, &url) { text } else { url.into() };
    (address.len() <= URL_BYTES_MAX).then_some(address)
}

/// [`url()`] taken apart.
pub(in crate::ingest) fn parse_url(text: &str) -> Option<Url> {
    parsed(&clean(text)?, None).filter(|url| url.as_str().len() <= URL_BYTES_MAX)
}

fn parsed(text: &str, base: Option<&Url>) -> Option<Url> {
    let mut url = Url::options().base_url(base).parse(text).ok()?;
    // The URL standard lets a quotation mark stand in a host; nothing on the internet is called so.
    let is_named = url.host_str().is_some_and(|host| host.bytes().all(is_allowed));
    if !matches!(url.scheme(), "http" | "https") || !is_named {
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
    }
    Some(url)
}

/// Without what the URL standard ignores: white space around, tabs and line ends inside.
fn clean(text: &str) -> Option<String> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if text.is_empty() || text.len() > 2 * URL_BYTES_MAX {
        return None;
    }
    Some(if text.contains(['\t', '\r', '\n']) { text.replace(['\t', '\r', '\n'], "") } else { text.to_owned() })
}

/// Whether `text` can only mean `url`: scheme, `//`, the same host and port, and nothing but
/// characters that RFC 3986 allows.
fn is_plainly(text: &str, url: &Url) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = url.host_str().unwrap_or_default();
    let is_same_place = match url.port() {
        Some(port) => authority
            .rsplit_once(':')
            .is_some_and(|(written, number)| written.eq_ignore_ascii_case(host) && number == port.to_string()),
        None => authority.eq_ignore_ascii_case(host),
    };
    scheme.eq_ignore_ascii_case(url.scheme()) && is_same_place && text.bytes().all(is_allowed)
}

/// Whether `text` would be kept as it is, told without parsing: most addresses are `https://`, a host
/// of plain labels and nothing that has a second spelling. Of any other nothing is said.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let scheme = [&b"https://"[..], b"http://"].into_iter().find(|scheme| bytes.starts_with(scheme));
    let Some(rest) = scheme.map(|scheme| &text[scheme.len()..]) else { return false };
    let host = &rest[..rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
    // Names in Punycode begin with `xn--` and may be wrong; a last label with a digit may be a number.
    let is_label = |label: &str| {
        let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(is_inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.contains("--")
    };
    host.len() <= HOST_BYTES_MAX
        && host.split('.').all(is_label)
        && host.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && bytes.iter().all(|byte| is_allowed(*byte))
}

/// The longest label and the longest name of the DNS (RFC 1035 §2.3.4).
const LABEL_BYTES_MAX: usize = 63;
const HOST_BYTES_MAX: usize = 253;

/// What RFC 3986 lets stand in an address.
fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

/// The BCP 47 tag that `text` is or nearly is (`en_US`, `sr_RS.UTF-8`); `None` for anything else,
/// `und` included. Letters keep their case.
pub fn language(text: &str) -> Option<String> {
    let tag = text.trim().split([',', ';', '.', '@', ' ']).next()?.replace('_', "-");
    if tag.len() > LANGUAGE_BYTES_MAX || tag.eq_ignore_ascii_case("und") {
        return None;
    }
    let mut subtags = tag.split('-');
    let primary = subtags.next()?;
    let is_language = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag = |subtag: &str| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric());
    // A single letter announces what follows it (RFC 5646 §2.2.6); `rss-0` is a version.
    let ends_whole = tag.rsplit('-').next().is_some_and(|last| last.len() > 1);
    (is_language && subtags.all(is_subtag) && ends_whole).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: Option<&str>) {
        let base = Url::parse("https://example.org/blog/feed.xml").expect("the base is a constant");
        let found = url(text, Some(&base));
        assert_eq!(found.as_deref(), want, "{text:?}");
        if let Some(address) = found {
            assert_eq!(url(&address, None).as_deref(), Some(address.as_str()), "not stable: {text:?}");
        }
    }

    #[test]
    fn absolute_addresses_keep_their_spelling() {
        for text in [
            "http://example.com",
            "https://Example.COM/Path?b=2&a=1#Top",
            "HTTP://example.com/a/../b",
            "https://example.com:8443/x",
            "https://example.com/%d0%ba?q=[1]&x=%20",
        ] {
            check(text, Some(text));
        }
    }

    #[test]
    fn a_host_has_a_name() {
        for text in ["https://e\".org/", "https://é\"x/", "https://{e}.org/", "http://`/", "https://"] {
            check(text, None);
        }
        check("https://[::1]/é", Some("https://[::1]/%C3%A9"));
    }

    #[test]
    fn what_is_plain_at_once_is_plain_to_the_parser() {
        let hosts = [
            "e.org",
            "E.Org",
            "a-b.c1.example",
            "localhost",
            "e.org.",
            ".e.org",
            "a..b",
            "-a.b",
            "a-.b",
            "a--b.c",
            "xn--e1afmkfd.com",
            "xn--a.b",
            "1.2.3.4",
            "a.1",
            "0x7f.1",
            "a.0x1",
            "e.org:80",
            "u@e.org",
            "a_b.c",
            "",
            "e%2eorg",
            "пр.срб",
            "a b.c",
            "[::1]",
        ];
        let rests = ["", "/", "/a?b#c", "?q", "#f", "/a/../b", "/%zz", "/a b", "/\\", "/{x}", "/é", "/a@b:80", "/a|b"];
        let mut plain = 0;
        for (scheme, host, rest) in
            ["http://", "https://", "HTTPS://", "ftp://", "https:"].into_iter().flat_map(|scheme| {
                hosts.into_iter().flat_map(move |host| rests.into_iter().map(move |rest| (scheme, host, rest)))
            })
        {
            let text = format!("{scheme}{host}{rest}");
            if is_plain(&text) {
                plain += 1;
                assert!(parsed(&text, None).is_some_and(|url| is_plainly(&text, &url)), "{text}");
            }
        }
        assert_eq!(plain, 2 * 4 * 8);
    }

    #[test]
    fn relative_addresses_are_resolved() {
        check("/a?b", Some("https://example.org/a?b"));
        check("c/d", Some("https://example.org/blog/c/d"));
        check("../x", Some("https://example.org/x"));
        check("?p=1", Some("https://example.org/blog/feed.xml?p=1"));
        check("//cdn.example.com/i.png", Some("https://cdn.example.com/i.png"));
        assert_eq!(url("/a", None), None);
    }

    #[test]
    fn white_space_and_line_ends_go() {
        check(" \n https://example.com/a\n\tb \r\n", Some("https://example.com/ab"));
        check("https://example.com/a b", Some("https://example.com/a%20b"));
    }

    #[test]
    fn what_can_be_read_two_ways_is_written_one_way() {
        check("http:\\\\example.com\\a", Some("http://example.com/a"));
        check("https:///example.com/a", Some("https://example.com/a"));
        check("http://example.com:80/", Some("http://example.com/"));
        check("http://2130706433/", Some("http://127.0.0.1/"));
        check("https://вести.срб/a", Some("https://xn--b1agj9af.xn--90a3ac/a"));
        check("https://example.com/вести", Some("https://example.com/%D0%B2%D0%B5%D1%81%D1%82%D0%B8"));
        check("https://example.com/\"onload=", Some("https://example.com/%22onload="));
    }

    #[test]
    fn credentials_are_not_kept() {
        check("https://user:secret@example.com/a", Some("https://example.com/a"));
        check("https://good.example@evil.example/", Some("https://evil.example/"));
    }

    #[test]
    fn other_schemes_and_rubbish_are_nothing() {
        for text in [
            "",
            "  ",
            "javascript:alert(1)",
            "JaVa\tScRiPt:alert(1)",
            "data:text/html,x",
            "mailto:a@b.c",
            "ftp://a/b",
            "file:///etc/passwd",
            "vbscript:x",
            "tag:example.org,2026:1",
            "urn:uuid:1",
            "http://",
            "https://[::1",
        ] {
            check(text, None);
        }
        check(&format!("https://example.com/{}", "a".repeat(URL_BYTES_MAX)), None);
    }

    #[test]
    fn language_tags_are_cleaned() {
        for (text, want) in [
            ("en_US", Some("en-US")),
            (" sr-Latn-RS ", Some("sr-Latn-RS")),
            ("sr_RS.UTF-8@latin", Some("sr-RS")),
            ("hbs", Some("hbs")),
            ("EN", Some("EN")),
            ("de,en;q=0.5", Some("de")),
            ("es-419", Some("es-419")),
            ("", None),
            ("english", None),
            ("e", None),
            ("en-", None),
            ("rss-0", None),
            ("und", None),
            ("1", None),
            ("срп", None),
            ("en-<script>", None),
            ("en-toolongsubtag", None),
        ] {
            assert_eq!(language(text).as_deref(), want, "{text}");
        }
    }
}

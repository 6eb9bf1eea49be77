//! One spelling for the links to an article: without what measures, routes or picks a layout.
//! Rather leaves two spellings apart than makes two articles one.

use super::noise::{counts_downloads, is_google, is_noise, is_place, same_host, target_parameters};
use crate::ingest::base64;
use crate::ingest::normalize::{URL_BYTES_MAX, parse_url};
use url::Url;

/// Redirectors in redirectors; no honest link has more.
const UNWRAPPED_MAX: usize = 4;

/// The canonical form of an `http` or `https` address: equal for two links to one article, and
/// itself a link, with `https`. `None` for anything else.
///
/// Its own canonical form is itself.
pub fn canonical_link(url: &str) -> Option<String> {
    canonical_link_from(url, &[])
}

/// [`canonical_link`] of an address that a feed gives. Some publishers write under every link that
/// leads away from them that it came from there: `?ref=` and one of the feed's own hosts, as
/// [`same_host`] has them.
pub(super) fn canonical_link_from(url: &str, hosts: &[String]) -> Option<String> {
    let mut url = parse_url(url)?;
    for _ in 0..UNWRAPPED_MAX {
        match target(&url) {
            Some(target) => url = target,
            None => break,
        }
    }
    spell(&url, hosts)
}

fn spell(url: &Url, hosts: &[String]) -> Option<String> {
    let host = same_host(url.host_str()?);
    let path = path(url.path());
    let mut parameters = parameters(url.query().unwrap_or_default(), hosts);
    let (path, mut parameters) = match (host.as_str(), path.as_str()) {
        ("youtu.be", _) if is_film(&path[1..]) => return Some(format!("https://youtube.com/watch?v={}", &path[1..])),
        ("youtube.com", "/watch") => {
            // A place in the film or a list around it is the same film.
            if parameters.iter().any(|parameter| parameter.starts_with("v=")) {
                parameters.retain(|parameter| parameter.starts_with("v="));
            }
            (path, parameters)
        }
        _ => (path, parameters),
    };
    if host.ends_with(".blogspot.com") {
        // The layout for a small screen.
        parameters.retain(|parameter| !matches!(parameter.as_str(), "m=0" | "m=1"));
    }
    let mut link = format!("https://{host}");
    if let Some(port) = url.port() {
        link.push_str(&format!(":{port}"));
    }
    link.push_str(&path);
    if !parameters.is_empty() {
        link.push('?');
        link.push_str(&parameters.join("&"));
    }
    if let Some(fragment) = url.fragment().filter(|fragment| !is_place(fragment, &path)) {
        link.push('#');
        link.push_str(fragment);
    }
    (link.len() <= URL_BYTES_MAX).then_some(link)
}

/// The name of a film at YouTube.
fn is_film(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The path in one spelling, without session, index file, AMP and slashes that say nothing.
fn path(path: &str) -> String {
    let path = spelled(path);
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let segment = without_session(segment);
        // Doubled slashes are one, unless they are part of an address inside of the path.
        let is_in_address = segments.last().is_some_and(|last| last.ends_with(':'));
        if !segment.is_empty() || is_in_address {
            segments.push(segment);
        }
    }
    // What one removes may lay bare what the other does: `/a-b/amp/index.html`.
    loop {
        let before = segments.len();
        while segments.last().is_some_and(|last| last.is_empty() || is_index(last)) {
            segments.pop();
        }
        remove_amp(&mut segments);
        if segments.len() == before {
            break;
        }
    }
    format!("/{}", segments.join("/"))
}

/// `a;jsessionid=12AB` is `a`.
fn without_session(segment: &str) -> &str {
    match segment.split_once(';') {
        // Without it, `..;jsessionid=` would become a step upwards.
        Some((name, parameter))
            if !matches!(name, "." | "..") && parameter.to_ascii_lowercase().starts_with("jsessionid=") =>
        {
            name
        }
        _ => segment,
    }
}

/// The file that servers send for its folder.
fn is_index(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase();
    let Some((name, kind)) = segment.split_once('.') else { return false };
    matches!(name, "index" | "default")
        && matches!(kind, "html" | "htm" | "php" | "asp" | "aspx" | "jsp" | "shtml" | "xhtml" | "php3" | "cfm")
}

/// Removes the marks of Accelerated Mobile Pages, where what is left still has the look of an
/// article: a shop's `/guitars/amp` is a page of its own.
fn remove_amp(segments: &mut Vec<&str>) {
    let is_article = |segments: &[&str]| {
        segments.iter().any(|segment| segment.contains('-') || segment.bytes().filter(u8::is_ascii_digit).count() >= 4)
    };
    let is_numbered = |segment: &str| segment.bytes().filter(u8::is_ascii_digit).count() >= 6;
    if let [rest @ .., "amp"] = segments.as_slice()
        && is_article(rest)
    {
        segments.pop();
    }
    if let ["amp", rest @ ..] = segments.as_slice()
        && is_article(rest)
    {
        segments.remove(0);
    }
    // `/article-10740117/amp/slug.html`
    if let Some(at) = (1..segments.len()).find(|at| segments[*at] == "amp" && is_numbered(segments[at - 1])) {
        segments.remove(at);
    }
    if let Some(last) = segments.last_mut() {
        while let Some(plain) = last.strip_suffix(".amp").or_else(|| last.strip_suffix(".amp.html"))
            && is_article(&[plain])
        {
            *last = plain;
        }
    }
}

/// The parameters that tell the article, by name. Repeated names keep their order; values without
/// a name have a place and no name, so that nothing moves.
fn parameters(query: &str, hosts: &[String]) -> Vec<String> {
    let query = spelled(query);
    let mut parameters: Vec<String> = Vec::new();
    for parameter in query.split('&') {
        // Links that were escaped twice.
        let parameter = parameter.trim_start_matches("amp;");
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !parameter.is_empty() && !is_noise(name, value) && !names_the_feed(name, value, hosts) {
            parameters.push(parameter.to_owned());
        }
    }
    if parameters.iter().all(|parameter| parameter.contains('=')) {
        parameters.sort_by(|one, other| name_of(one).cmp(name_of(other)));
    }
    parameters
}

fn names_the_feed(name: &str, value: &str, hosts: &[String]) -> bool {
    let says_from_where =
        ["ref", "referrer", "source", "via", "from"].iter().any(|known| known.eq_ignore_ascii_case(name));
    says_from_where && hosts.contains(&same_host(&value.to_ascii_lowercase()))
}

fn name_of(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

/// Percent-encoding in one spelling (RFC 3986 §6.2.2): capitals, and none where none is needed.
fn spelled(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let digits = rest.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            // A percent sign that stands for itself.
            out.push_str("%25");
            rest = &rest[at + 1..];
            continue;
        };
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    out
}

/// Where a redirector or a cache leads, when its address says so.
fn target(url: &Url) -> Option<Url> {
    let host = same_host(url.host_str()?);
    let path = url.path();
    for wanted in target_parameters(&host, path) {
        let found = url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if let Some(target) = found.and_then(|(_, value)| parse_url(&value)) {
            return Some(target);
        }
    }
    let cached = if is_google(&host) {
        path.strip_prefix("/amp/")
    } else if host.ends_with(".cdn.ampproject.org") {
        ["/c/", "/v/", "/wp/"].iter().find_map(|start| path.strip_prefix(start))
    } else if host == "news.google.com" {
        return google_news(path);
    } else if counts_downloads(&host) {
        return counted_file(url);
    } else {
        None
    }?;
    // `s/` stands for https; both schemes are one to us.
    let address = cached.strip_prefix("s/").unwrap_or(cached);
    let has_host = address.split('/').next().is_some_and(|host| host.contains('.'));
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    has_host.then(|| parse_url(&format!("https://{address}{query}")))?
}

/// Services that count the downloads of a podcast stand before the address of the file, one before
/// the other: `https://counter.example/e/other.example/track/7/host.example/1.mp3`.
fn counted_file(url: &Url) -> Option<Url> {
    let path = url.path().trim_start_matches('/');
    let start = path.match_indices('/').map(|(at, _)| at + 1).find(|start| {
        let (host, rest) = path[*start..].split_once('/').unwrap_or_default();
        is_host(host) && !rest.is_empty()
    })?;
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    parse_url(&format!("https://{}{query}", &path[start..]))
}

/// `redirect.mp3` and `v2.1` are none.
fn is_host(segment: &str) -> bool {
    let Some((name, domain)) = segment.rsplit_once('.') else { return false };
    let is_file = ["mp3", "m4a", "mp4", "aac", "ogg", "opus", "wav", "m4v"].contains(&domain);
    !name.is_empty() && domain.len() >= 2 && domain.bytes().all(|byte| byte.is_ascii_lowercase()) && !is_file
}

/// Older links of Google News hold the article's address in base64.
fn google_news(path: &str) -> Option<Url> {
    let code = path.rsplit('/').next()?;
    if !code.starts_with("CBM") {
        return None;
    }
    let bytes = base64::decode(code.trim_end_matches('=').bytes())?;
    let start = bytes.windows(4).position(|window| window == b"http")?;
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_graphic()).count();
    parse_url(str::from_utf8(&bytes[start..start + length]).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, want: &str) {
        let found = canonical_link(url);
        assert_eq!(found.as_deref().unwrap_or("none"), want, "{url}");
        if let Some(link) = found {
            assert_eq!(canonical_link(&link), Some(link), "not its own canonical form: {url}");
        }
    }

    #[track_caller]
    fn all_are(want: &str, urls: &[&str]) {
        for url in urls {
            check(url, want);
        }
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        all_are(
            "https://n.example/2026/a-story",
            &[
                "https://n.example/2026/a-story",
                "http://n.example/2026/a-story/",
                "HTTP://WWW.N.Example:80/x/../2026//a-story",
                "https://user:secret@m.n.example/2026/a-story",
                "https://mobile.n.example./2026/a-story/index.html",
                "https://www.n.example/2026/a-story/Default.aspx",
                "https://n.example/2026/a-story;jsessionid=0A1B2C",
                "https://n.example/2026/a-story#comments",
                "https://n.example/2026/a-story#comment-123",
                "https://n.example/2026/a-story#xtor=RSS-1",
                "https://n.example/2026/a-story#:~:text=some",
                "https://n.example/2026/a-story#section",
                "https://n.example/2026/a-story?",
            ],
        );
        all_are(
            "https://n.example/v%C4%8Desti/~a",
            &["https://n.example/v%c4%8desti/%7Ea", "https://n.example/v\u{10D}esti/~a"],
        );
        check("https://пример.срб/вест/1", "https://xn--e1afmkfd.xn--90a3ac/%D0%B2%D0%B5%D1%81%D1%82/1");
        check("https://n.example:8443/a", "https://n.example:8443/a");
        check("https://n.example", "https://n.example/");
        check(
            "https://web.archive.org/web/2026/https://n.example/a//b",
            "https://web.archive.org/web/2026/https://n.example/a/b",
        );
    }

    #[test]
    fn what_measures_is_dropped() {
        all_are(
            "https://n.example/a?id=5&lang=sr",
            &[
                "https://n.example/a?id=5&lang=sr",
                "https://n.example/a?lang=sr&id=5",
                "https://n.example/a?id=5&amp;lang=sr",
                "https://n.example/a?utm_source=rss&id=5&UTM_Medium=feed&lang=sr&fbclid=IwAR0",
                "https://n.example/a?id=5&lang=sr&ref=rss&source=rss-12------2&mod=rss_markets",
                "https://n.example/a?id=5&&lang=sr&at_medium=RSS&gclid=x&mc_cid=1&_ga=2&replytocom=9",
                "https://n.example/a?id=5&lang=sr&amp=1&outputType=amp",
            ],
        );
    }

    #[test]
    fn the_same_page_for_a_small_screen_is_the_same_article() {
        all_are(
            "https://n.example/2018/05/31/a-story",
            &[
                "https://n.example/2018/05/31/a-story/amp/",
                "https://n.example/amp/2018/05/31/a-story",
                "https://amp.n.example/2018/05/31/a-story",
                "https://n.example/2018/05/31/a-story.amp",
                "https://www.google.com/amp/s/www.n.example/2018/05/31/a-story/amp",
                "https://n-example.cdn.ampproject.org/c/s/n.example/2018/05/31/a-story",
            ],
        );
        check(
            "https://n.example/news/article-10740117/amp/A-b.html",
            "https://n.example/news/article-10740117/A-b.html",
        );
        check("https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A");
    }

    #[test]
    fn redirectors_that_say_where_they_lead_are_followed() {
        all_are(
            "https://n.example/a-story?id=1",
            &[
                "https://www.google.com/url?rct=j&sa=t&url=https://n.example/a-story%3Fid%3D1&ct=ga",
                "https://www.google.co.uk/url?q=https%3A%2F%2Fn.example%2Fa-story%3Fid%3D1",
                "https://l.facebook.com/l.php?u=https%3A%2F%2Fn.example%2Fa-story%3Fid%3D1%26fbclid%3Dx&h=AT0",
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fn.example%2Fa-story%3Fid%3D1&data=05",
                "https://vk.com/away.php?to=https%3A%2F%2Fn.example%2Fa-story%3Fid%3D1",
                "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fn.example%252Fa-story%253Fid%253D1",
            ],
        );
        // "\x08\x13\x22\x19https://n.example/a-story" in base64.
        check(
            "https://news.google.com/rss/articles/CBMiGWh0dHBzOi8vbi5leGFtcGxlL2Etc3Rvcnk?oc=5",
            "https://n.example/a-story",
        );
        check(
            "https://news.google.com/rss/articles/CBMiAUFVX3lxTA?oc=5",
            "https://news.google.com/rss/articles/CBMiAUFVX3lxTA?oc=5",
        );
        check("https://www.google.com/url?q=javascript:alert(1)", "https://google.com/url?q=javascript:alert(1)");
        check("https://youtu.be/dQw4w9WgXcQ?si=x", "https://youtube.com/watch?v=dQw4w9WgXcQ");
        check("https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=5", "https://youtube.com/watch?v=dQw4w9WgXcQ");
    }

    #[test]
    fn counters_of_downloads_lead_to_the_file() {
        all_are(
            "https://host.example/show/1.mp3",
            &[
                "https://dts.podtrac.com/redirect.mp3/host.example/show/1.mp3",
                "https://www.podtrac.com/pts/redirect.mp3/pdst.fm/e/chrt.fm/track/AB12/host.example/show/1.mp3",
                "https://op3.dev/e,pg=1-2/https://host.example/show/1.mp3?utm_source=x",
                "https://chtbl.com/track/7/host.example/show/1.mp3",
            ],
        );
        check("https://pdst.fm/e/none", "https://pdst.fm/e/none");
        check("https://host.example/e/other.example/1.mp3", "https://host.example/e/other.example/1.mp3");
    }

    #[test]
    fn a_feed_that_signs_its_links_adds_nothing_to_them() {
        let of = |url: &str| canonical_link_from(url, &["b.example".to_owned()]);
        assert_eq!(of("https://n.example/a?ref=www.b.example").as_deref(), Some("https://n.example/a"));
        assert_eq!(of("https://n.example/a?source=B.example&id=1").as_deref(), Some("https://n.example/a?id=1"));
        assert_eq!(of("https://n.example/a?ref=c.example").as_deref(), Some("https://n.example/a?ref=c.example"));
    }

    #[test]
    fn what_may_tell_the_article_stays() {
        for link in [
            "https://n.example/?id=5",
            "https://n.example/list?page=2",
            "https://git.example/x/y/blob?ref=v1",
            "https://n.example/trains?from=Zagreb&to=Split",
            "https://n.example/a?source=7",
            "https://n.example/a?cid=123",
            "https://n.example/watch/AbC",
            "https://spa.example/#/post/12",
            "https://spa.example/#!post/12",
            "https://n.example/#1a2b",
            "https://n.example/releases#v1.2.3",
            "https://n.example/guitars/amp",
            "https://n.example/amp",
            "https://m.co/a",
            "https://amp.dev/a",
            "https://n.example/a?5&6",
            "https://n.example/index.php/a",
            "https://n.example/a?tag=b&tag=a",
            "https://n.example/p/ab%2Fcd",
        ] {
            check(link, link);
        }
    }

    #[test]
    fn other_things_have_none() {
        for text in ["", "mailto:a@b.example", "javascript:alert(1)", "/relative", "urn:uuid:1", "http://"] {
            check(text, "none");
        }
        check(&format!("https://n.example/{}", "a/".repeat(2000)), "none");
    }

    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 33) as usize % limit
        }

        fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
            choices[self.below(choices.len())]
        }
    }

    #[test]
    fn every_disguise_of_an_article_is_the_article_and_no_two_are_one() {
        let mut numbers = Numbers(3);
        let mut articles = std::collections::HashMap::new();
        for _ in 0..3_000 {
            let host = numbers.pick(&["n.example", "a.n.example", "news.n.co.example", "n.example:8080"]);
            let path = format!(
                "{}/{}-{}{}",
                numbers.pick(&["", "/news", "/2026/01/02", "/News", "/lat/news"]),
                numbers.pick(&["story", "Story", "st%C5%99y", "a-b"]),
                numbers.below(40),
                numbers.pick(&["", ".html", ".php"]),
            );
            let id = numbers.below(30);
            let query = match numbers.below(4) {
                0 => format!("id={id}"),
                1 => format!("id={id}&page={}", numbers.below(3)),
                2 => format!("p={id}"),
                _ => String::new(),
            };
            let article = format!("{host}{path}?{query}");
            let noise: Vec<&str> = (0..numbers.below(3))
                .map(|_| numbers.pick(&["utm_source=x", "fbclid=1", "ref=rss", "xtor=RSS-3", "igsh=a"]))
                .collect();
            let disguised = format!(
                "{}://{}{host}{}{}?{}&{query}&{}{}",
                numbers.pick(&["http", "https"]),
                numbers.pick(&["", "www.", "m.", "WWW."]),
                path.replace('/', numbers.pick(&["/", "//"])),
                numbers.pick(&["", "/"]),
                noise.join("&"),
                numbers.pick(&["", "gclid=7"]),
                numbers.pick(&["", "#comments", "#top"]),
            );
            let link = canonical_link(&disguised).unwrap_or_default();
            assert_eq!(canonical_link(&link).as_deref(), Some(link.as_str()), "{disguised}");
            let known = articles.entry(link.clone()).or_insert_with(|| article.clone());
            assert_eq!(*known, article, "two articles have the link {link}");
        }
        let links: std::collections::HashSet<_> = articles.values().collect();
        assert_eq!(links.len(), articles.len(), "an article has two links");
    }

    #[test]
    fn any_address_has_a_canonical_form_that_is_its_own() {
        const PIECES: [&str; 36] = [
            "/",
            "//",
            "amp",
            "/amp/",
            "index.html",
            "?",
            "&",
            "=",
            "#",
            "#!",
            ";jsessionid=",
            "%",
            "%2F",
            "%7E",
            "%c4",
            "a-b",
            "123456",
            "www.",
            "m.",
            "ref",
            "rss",
            "utm_x",
            "id",
            ".amp",
            ".",
            "..",
            "é",
            ":",
            "@",
            "https://b.example/",
            "url=",
            " ",
            "amp;",
            "+",
            "'",
            "\\",
        ];
        let mut numbers = Numbers(9);
        for _ in 0..5_000 {
            let start = numbers.pick(&[
                "https://n.example/",
                "http://www.google.com/url?q=",
                "https://m.",
                "https://youtu.be/",
            ]);
            let url: String =
                start.chars().chain((0..numbers.below(10)).flat_map(|_| numbers.pick(&PIECES).chars())).collect();
            if let Some(link) = canonical_link(&url) {
                assert_eq!(canonical_link(&link).as_deref(), Some(link.as_str()), "{url}");
            }
        }
    }
}

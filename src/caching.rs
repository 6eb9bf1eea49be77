//! What HTTP headers say: validators, freshness, Retry-After. For the client and the server alike.
//! Pure; decides nothing: when to ask again is `schedule`'s business.

use crate::feed::Validators;
use chrono::{DateTime, Utc};
use http::header::{AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, LAST_MODIFIED, RETRY_AFTER};
use http::{HeaderMap, HeaderName};

/// Larger than any honest ETag, and little enough to keep one for each of ten thousand feeds.
const VALIDATOR_BYTES_MAX: usize = 1024;

/// What RFC 9111 §1.2.2 has caches count up to; a larger number of seconds means no more.
const DELTA_S_MAX: u64 = 1 << 31;

/// Nobody closes for longer and says so; a larger Retry-After is a mistake that would silence the
/// feed for years.
const RETRY_AFTER_S_MAX: u64 = 30 * 24 * 3600;

/// What a response says about when to ask again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caching {
    /// For how many more seconds the response is fresh (Cache-Control less Age, else Expires less
    /// Date); `None` where nothing is said.
    pub fresh_s: Option<u64>,
    /// Retry-After in seconds from the response's arrival; hostile values are absent.
    pub retry_after_s: Option<u64>,
}

impl Caching {
    /// What `headers` say to a client of its own (a private cache, RFC 9111 §4.2).
    pub fn of(headers: &HeaderMap, received_at: DateTime<Utc>) -> Self {
        // The server's own clock, where it tells it: it may be an hour off, and its dates with it.
        let sent_at = text(headers, &DATE).and_then(parse_date).unwrap_or(received_at);
        Self { fresh_s: fresh_s(headers, sent_at), retry_after_s: retry_after_s(headers, sent_at) }
    }
}

/// ETag and Last-Modified as received; what is empty or longer than a kilobyte is left out.
pub fn validators(headers: &HeaderMap) -> Validators {
    let bytes = |name: HeaderName| {
        let bytes = headers.get(name)?.as_bytes();
        (!bytes.is_empty() && bytes.len() <= VALIDATOR_BYTES_MAX).then(|| bytes.to_vec())
    };
    Validators { etag: bytes(ETAG), last_modified: bytes(LAST_MODIFIED), url: None }
}

/// Whether a request with these conditions is answered with 304 (RFC 9110 §13.2.2, for GET and
/// HEAD): If-None-Match decides where it is there, by weak comparison. `etag` is ours, with its
/// quotes; `changed_at` counts in whole seconds, as Last-Modified does. Several If-None-Match lines
/// are to be joined with commas.
pub fn is_not_modified(
    if_none_match: Option<&[u8]>,
    if_modified_since: Option<&[u8]>,
    etag: &[u8],
    changed_at: DateTime<Utc>,
) -> bool {
    if let Some(list) = if_none_match {
        return names_etag(list, etag);
    }
    let since = if_modified_since.and_then(moment);
    since.is_some_and(|since| changed_at.timestamp() <= since.timestamp())
}

/// A moment as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The moment that a date in any of HTTP's three spellings names (RFC 9110 §5.6.7).
pub fn moment(date: &[u8]) -> Option<DateTime<Utc>> {
    std::str::from_utf8(date).ok().and_then(parse_date)
}

/// A comma may stand inside a tag; a tag without its quotes is none, but there are clients that lose
/// them.
fn names_etag(list: &[u8], etag: &[u8]) -> bool {
    let mut is_quoted = false;
    let mut tags = list.split(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    list.trim_ascii() == b"*" || tags.any(|tag| opaque(tag.trim_ascii()) == opaque(etag))
}

/// A tag without `W/` and quotes: all that weak comparison looks at (RFC 9110 §8.8.3.2).
fn opaque(etag: &[u8]) -> &[u8] {
    let tag = etag.strip_prefix(b"W/").unwrap_or(etag);
    tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")).unwrap_or(tag)
}

fn fresh_s(headers: &HeaderMap, sent_at: DateTime<Utc>) -> Option<u64> {
    let lifetime_s = lifetime_s(headers, sent_at)?;
    let age_s = text(headers, &AGE).and_then(delta_s).unwrap_or(0);
    Some(lifetime_s.saturating_sub(age_s))
}

fn lifetime_s(headers: &HeaderMap, sent_at: DateTime<Utc>) -> Option<u64> {
    let mut max_age_s = None;
    for directive in headers.get_all(CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok()).flat_map(directives) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(0),
            // The first counts where there are several (RFC 9111 §4.2.1).
            "max-age" if max_age_s.is_none() => max_age_s = delta_s(value.trim().trim_matches('"')),
            _ => {}
        }
    }
    max_age_s.or_else(|| {
        // A value that is no date, `0` above all, means that it has expired (RFC 9111 §5.3).
        let expires = headers.get(EXPIRES)?.to_str().ok().and_then(parse_date);
        Some(expires.map_or(0, |expires| seconds_until(expires, sent_at)))
    })
}

/// The directives of a Cache-Control line; a comma inside quotes separates nothing.
fn directives(line: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    line.split(move |c| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    })
    .map(str::trim)
}

fn retry_after_s(headers: &HeaderMap, sent_at: DateTime<Utc>) -> Option<u64> {
    let value = text(headers, &RETRY_AFTER)?;
    let seconds = match delta_s(value) {
        Some(DELTA_S_MAX..) => None,
        Some(seconds) => Some(seconds),
        None => parse_date(value).map(|at| seconds_until(at, sent_at)),
    };
    seconds.filter(|seconds| *seconds > 0).map(|seconds| seconds.min(RETRY_AFTER_S_MAX))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A number of seconds: digits and nothing else (RFC 9111 §1.2.2); what is too large is the most.
fn delta_s(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(DELTA_S_MAX).min(DELTA_S_MAX))
}

fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text.trim()).ok().map(DateTime::from)
}

fn seconds_until(at: DateTime<Utc>, from: DateTime<Utc>) -> u64 {
    u64::try_from((at - from).num_seconds()).unwrap_or(0).min(DELTA_S_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    /// The moment of every response here.
    const NOW: &str = "2026-03-01T12:00:00Z";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a date")
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        let line = |line: &&str| {
            let (name, value) = line.split_once(": ").expect("a header line");
            (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_bytes(value.as_bytes()).expect("a value"))
        };
        lines.iter().map(line).collect()
    }

    fn check_fresh(lines: &[&str], want: Option<u64>) {
        assert_eq!(Caching::of(&headers(lines), at(NOW)).fresh_s, want, "{lines:?}");
    }

    fn check_retry(lines: &[&str], want: Option<u64>) {
        assert_eq!(Caching::of(&headers(lines), at(NOW)).retry_after_s, want, "{lines:?}");
    }

    #[test]
    fn max_age_says_how_long_a_response_is_fresh() {
        check_fresh(&[], None);
        check_fresh(&["cache-control: max-age=43200"], Some(43_200));
        check_fresh(&["cache-control: public, Max-Age=\"60\", must-revalidate"], Some(60));
        check_fresh(&["cache-control: public", "cache-control: max-age = 60"], Some(60));
        check_fresh(&["cache-control: max-age=60, max-age=7200"], Some(60));
        check_fresh(&["cache-control: s-maxage=7200"], None);
        check_fresh(&["cache-control: s-maxage=7200, max-age=60"], Some(60));
        check_fresh(&["cache-control: community=\"max-age=5,max-age=6\", max-age=60"], Some(60));
    }

    #[test]
    fn what_must_not_be_kept_is_never_fresh() {
        check_fresh(&["cache-control: no-store, max-age=60"], Some(0));
        check_fresh(&["cache-control: max-age=60, no-cache"], Some(0));
        check_fresh(&["cache-control: max-age=0"], Some(0));
    }

    #[test]
    fn a22_time_spent_in_caches_is_subtracted() {
        check_fresh(&["cache-control: max-age=100", "age: 40"], Some(60));
        check_fresh(&["cache-control: max-age=100", "age: 400"], Some(0));
        check_fresh(&["cache-control: max-age=100", "age: -40"], Some(100));
        check_fresh(&["cache-control: max-age=100", "age: 99999999999999999999"], Some(0));
    }

    #[test]
    fn a19_expires_is_read_by_the_servers_own_clock() {
        let an_hour_late = "date: Sun, 01 Mar 2026 11:00:00 GMT";
        check_fresh(&[an_hour_late, "expires: Sun, 01 Mar 2026 12:30:00 GMT"], Some(5400));
        check_fresh(&["expires: Sun, 01 Mar 2026 12:30:00 GMT"], Some(1800));
        check_fresh(&["expires: Sunday, 01-Mar-26 12:30:00 GMT"], Some(1800));
        check_fresh(&["expires: Sun, 01 Mar 2026 11:30:00 GMT"], Some(0));
        check_fresh(&["expires: 0"], Some(0));
        check_fresh(&["expires: -1", "cache-control: max-age=60"], Some(60));
    }

    #[test]
    fn hostile_lifetimes_are_no_more_than_large() {
        check_fresh(&["cache-control: max-age=99999999999999999999999"], Some(DELTA_S_MAX));
        check_fresh(&["expires: Fri, 31 Dec 9999 23:59:59 GMT"], Some(DELTA_S_MAX));
        for value in ["-5", "1e3", "60s", "", "\u{661}"] {
            check_fresh(&[&format!("cache-control: max-age={value}")], None);
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        check_retry(&[], None);
        check_retry(&["retry-after: 120"], Some(120));
        check_retry(&["retry-after: Sun, 01 Mar 2026 14:00:00 GMT"], Some(7200));
        let an_hour_late = "date: Sun, 01 Mar 2026 11:00:00 GMT";
        check_retry(&[an_hour_late, "retry-after: Sun, 01 Mar 2026 14:00:00 GMT"], Some(10_800));
    }

    #[test]
    fn a_hostile_retry_after_is_absent() {
        for value in ["0", "-60", "soon", "1.5", "99999999999999", "Sun, 01 Mar 2020 14:00:00 GMT", "Sun, 99 Mar"] {
            check_retry(&[&format!("retry-after: {value}")], None);
        }
        check_retry(&["retry-after: 31536000"], Some(RETRY_AFTER_S_MAX));
        check_retry(&["retry-after: Fri, 31 Dec 9999 23:59:59 GMT"], Some(RETRY_AFTER_S_MAX));
    }

    #[test]
    fn validators_are_kept_as_the_bytes_that_came() {
        let odd = [b'"', 0xe9, b'x', b'"'];
        let mut map = headers(&["last-modified: yesterday, about noon"]);
        map.insert(ETAG, HeaderValue::from_bytes(&odd).expect("a value"));
        let kept = validators(&map);
        assert_eq!(kept.etag.as_deref(), Some(&odd[..]));
        assert_eq!(kept.last_modified.as_deref(), Some(&b"yesterday, about noon"[..]));
    }

    #[test]
    fn an_empty_or_oversized_validator_is_left_out() {
        let etag = |value: &str| validators(&headers(&[&format!("etag: {value}")])).etag;
        assert_eq!(etag(""), None);
        assert_eq!(etag(&"x".repeat(VALIDATOR_BYTES_MAX)).map(|etag| etag.len()), Some(VALIDATOR_BYTES_MAX));
        assert_eq!(etag(&"x".repeat(VALIDATOR_BYTES_MAX + 1)), None);
    }

    #[test]
    fn if_none_match_is_a_list_compared_weakly() {
        let cases: [(&str, bool); 14] = [
            ("\"abc\"", true),
            ("W/\"abc\"", true),
            ("*", true),
            ("\"x\", \"abc\"", true),
            ("\"x\",,  W/\"abc\" ,\"y\"", true),
            ("\"a,b\", \"abc\"", true),
            ("abc", true),
            ("\"ABC\"", false),
            ("\"ab\"", false),
            ("\"abc", false),
            ("\"x\"junk\"abc\"", false),
            ("\"*\"", false),
            ("", false),
            (",,,", false),
        ];
        for (list, want) in cases {
            for etag in ["\"abc\"", "W/\"abc\""] {
                assert_eq!(
                    is_not_modified(Some(list.as_bytes()), None, etag.as_bytes(), at(NOW)),
                    want,
                    "{list} for {etag}"
                );
            }
        }
    }

    #[test]
    fn if_none_match_wins_over_if_modified_since() {
        let later = http_date(at(NOW));
        assert!(!is_not_modified(Some(b"\"old\""), Some(later.as_bytes()), b"\"abc\"", at(NOW)));
        assert!(is_not_modified(Some(b"\"abc\""), Some(b"Sun, 06 Nov 1994 08:49:37 GMT"), b"\"abc\"", at(NOW)));
    }

    #[test]
    fn if_modified_since_counts_in_whole_seconds() {
        let changed_at = at("2026-03-01T12:00:00.750Z");
        let is_not_modified = |since: &[u8]| is_not_modified(None, Some(since), b"\"abc\"", changed_at);
        assert!(is_not_modified(http_date(changed_at).as_bytes()));
        assert!(is_not_modified(b"Sunday, 01-Mar-26 12:00:00 GMT"));
        assert!(is_not_modified(b"Sun Mar  1 12:00:01 2026"));
        assert!(!is_not_modified(b"Sun, 01 Mar 2026 11:59:59 GMT"));
        for no_date in [&b"yesterday"[..], b"", b"\xff\xff", b"Sun, 01 Mar 2026 25:00:00 GMT"] {
            assert!(!is_not_modified(no_date), "{no_date:?}");
        }
    }

    #[test]
    fn writes_dates_as_http_wants_them() {
        assert_eq!(http_date(at("1994-11-06T08:49:37.999Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(at("2026-03-01T00:00:00Z")), "Sun, 01 Mar 2026 00:00:00 GMT");
    }
}

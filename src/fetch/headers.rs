//! What we send, and nothing else: no cookies, no Referer, no Cache-Control, no second face.

use super::Request;
use super::error::Problem;
use super::redirects::KEPT_BYTES_MAX;
use crate::caching;
use crate::feed::Validators;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, IF_MODIFIED_SINCE, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

/// Feeds by their types first; a server that knows none of these may still send what it has.
const FEEDS: HeaderValue = HeaderValue::from_static(
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9, \
     text/xml;q=0.9, application/json;q=0.8, */*;q=0.1",
);

/// What `coding` can undo.
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, br, zstd");

/// No honest media type comes near.
const CONTENT_TYPE_BYTES_MAX: usize = 256;

/// The headers of the request to `hop`, made anew for every hop.
pub(super) fn of_hop(hop: &Url, request: &Request<'_>, user_agent: &HeaderValue) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, user_agent.clone());
    headers.insert(ACCEPT, FEEDS);
    headers.insert(ACCEPT_ENCODING, CODINGS);
    if is_conditional(hop, request) {
        let validators =
            [(IF_NONE_MATCH, &request.validators.etag), (IF_MODIFIED_SINCE, &request.validators.last_modified)];
        for (name, bytes) in validators {
            // Bytes that were received in a header can be sent in one.
            if let Some(value) = bytes.as_deref().and_then(|bytes| HeaderValue::from_bytes(bytes).ok()) {
                headers.insert(name, value);
            }
        }
    }
    if hop.origin() == request.url.origin() {
        for (name, value) in request.headers {
            let pair = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
            let (header, mut value) = pair.ok_or_else(|| Problem::Header(name.clone()))?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
    }
    Ok(headers)
}

/// Whether `hop` is told the validators: the very address that gave them is, be it the first or one
/// that a redirect leads to, and no other.
pub(super) fn is_conditional(hop: &Url, request: &Request<'_>) -> bool {
    !request.validators.is_empty() && hop == request.validators.url.as_ref().unwrap_or(request.url)
}

/// The validators of an answer from `hop`, with its address where a redirect led there. An address
/// too long to be kept makes them worthless.
pub(super) fn validators(headers: &HeaderMap, hop: &Url, request: &Request<'_>) -> Validators {
    let said = caching::validators(headers);
    if said.is_empty() || hop == request.url {
        return said;
    }
    match hop.as_str().len() <= KEPT_BYTES_MAX {
        true => Validators { url: Some(hop.clone()), ..said },
        false => Validators::default(),
    }
}

/// Our name, and whom to write to: the same for every request. What cannot stand in the header's
/// comment is left out of the contact.
pub(super) fn user_agent(contact: Option<&str>) -> HeaderValue {
    const NAME: &str = concat!("glasnik/", env!("CARGO_PKG_VERSION"));
    let contact: String =
        contact.unwrap_or_default().chars().filter(|c| c.is_ascii_graphic() && !"()\\".contains(*c)).collect();
    let text = if contact.is_empty() { NAME.to_owned() } else { format!("{NAME} (+{contact})") };
    HeaderValue::from_str(&text).expect("it holds visible ASCII and spaces only")
}

/// The media type as received; what is no text or too long says nothing.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    (value.len() <= CONTENT_TYPE_BYTES_MAX).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a40_says_who_asks_and_whom_to_write_to() {
        let check = |contact: Option<&str>, want: &str| {
            let want = format!("glasnik/{}{want}", env!("CARGO_PKG_VERSION"));
            assert_eq!(user_agent(contact).to_str().ok(), Some(want.as_str()));
        };
        check(None, "");
        check(Some("mailto:desk@example.org"), " (+mailto:desk@example.org)");
        check(Some("https://example.org/a\r\nX: (y)"), " (+https://example.org/aX:y)");
        check(Some("\u{430}"), "");
    }

    #[test]
    fn b11_secrets_go_to_the_exact_origin_only() {
        let asked: Url = "https://a.example/feed".parse().expect("an address");
        let secrets = [("X-Api-Key".to_owned(), "secret".to_owned())];
        let validators = Validators::default();
        let request = Request { url: &asked, validators: &validators, headers: &secrets, allow_private: false };
        let is_told = |hop: &str| {
            let headers = of_hop(&hop.parse().expect("an address"), &request, &user_agent(None)).expect("headers");
            headers.contains_key("x-api-key")
        };
        assert!(is_told("https://a.example/feed") && is_told("https://a.example:443/other"));
        for hop in ["http://a.example/feed", "https://a.example:8443/feed", "https://www.a.example/feed"] {
            assert!(!is_told(hop), "{hop}");
        }
    }

    #[test]
    fn validators_go_back_to_the_very_address_that_gave_them_as_they_came() {
        let asked: Url = "http://a.example/feed".parse().expect("an address");
        let odd = vec![b'W', b'/', b'"', 0xe9, b'"'];
        let told = |from: Option<&str>, hop: &str| {
            let url = from.map(|url| url.parse().expect("an address"));
            let validators = Validators { etag: Some(odd.clone()), last_modified: Some(b"yesterday".to_vec()), url };
            let request = Request { url: &asked, validators: &validators, headers: &[], allow_private: false };
            let headers = of_hop(&hop.parse().expect("an address"), &request, &user_agent(None)).expect("headers");
            let bytes = |name| headers.get(name).map(|value: &HeaderValue| value.as_bytes().to_vec());
            (bytes(IF_NONE_MATCH), bytes(IF_MODIFIED_SINCE))
        };
        let both = (Some(odd.clone()), Some(b"yesterday".to_vec()));
        assert_eq!(told(None, "http://a.example/feed"), both);
        let elsewhere = Some("https://b.example/x?y");
        assert_eq!(told(elsewhere, "https://b.example/x?y"), both);
        for hop in
            ["https://a.example/feed", "http://a.example/feed/", "http://a.example:8080/feed", "http://b.example/feed"]
        {
            assert_eq!(told(None, hop), (None, None), "{hop}");
        }
        for hop in ["http://a.example/feed", "https://b.example/x", "http://b.example/x?y"] {
            assert_eq!(told(elsewhere, hop), (None, None), "{hop}");
        }
    }

    #[test]
    fn validators_are_kept_with_the_address_that_gave_them_unless_it_is_the_feeds_own() {
        let asked: Url = "http://a.example/feed".parse().expect("an address");
        let nothing = Validators::default();
        let request = Request { url: &asked, validators: &nothing, headers: &[], allow_private: false };
        let etag = HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("\"1\""))]);
        let of = |headers: &HeaderMap, hop: &str| validators(headers, &hop.parse().expect("an address"), &request);
        assert_eq!(
            (of(&etag, "http://a.example/feed").url, of(&HeaderMap::new(), "http://b.example/").url),
            (None, None)
        );
        assert_eq!(of(&etag, "http://b.example/").url, "http://b.example/".parse().ok());
        assert_eq!(of(&etag, &format!("http://b.example/{}", "x".repeat(KEPT_BYTES_MAX))), nothing);
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_named_without_its_value() {
        let asked: Url = "http://a.example/".parse().expect("an address");
        let secrets = [("X-Key".to_owned(), "sec\nret".to_owned())];
        let validators = Validators::default();
        let request = Request { url: &asked, validators: &validators, headers: &secrets, allow_private: false };
        let problem = of_hop(&asked, &request, &user_agent(None)).expect_err("a refusal").to_string();
        assert!(problem.contains("X-Key") && !problem.contains("ret"), "{problem}");
    }
}

//! What we send, and nothing else: no cookies, no Referer, no Cache-Control, no second face.

use super::Request;
use super::error::Problem;
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

/// Whether `hop` is told the validators. They are of the address that gave them: with a redirect
/// that is where it leads, and we follow the same way again, from http to https, to another path,
/// to or from `www.`. Another host or port is told nothing.
pub(super) fn is_conditional(hop: &Url, request: &Request<'_>) -> bool {
    fn name(url: &Url) -> &str {
        let host = url.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host)
    }
    !request.validators.is_empty() && name(hop) == name(request.url) && hop.port() == request.url.port()
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
    use crate::feed::Validators;

    #[test]
    fn says_who_asks_and_whom_to_write_to() {
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
    fn secrets_go_to_the_exact_origin_only() {
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
    fn validators_go_back_to_the_place_that_gave_them_as_they_came() {
        let asked: Url = "http://a.example/feed".parse().expect("an address");
        let odd = vec![b'W', b'/', b'"', 0xe9, b'"'];
        let validators = Validators { etag: Some(odd.clone()), last_modified: Some(b"yesterday".to_vec()) };
        let request = Request { url: &asked, validators: &validators, headers: &[], allow_private: false };
        let told = |hop: &str| {
            let headers = of_hop(&hop.parse().expect("an address"), &request, &user_agent(None)).expect("headers");
            let bytes = |name| headers.get(name).map(|value: &HeaderValue| value.as_bytes().to_vec());
            (bytes(IF_NONE_MATCH), bytes(IF_MODIFIED_SINCE))
        };
        for hop in ["http://a.example/feed", "https://a.example/feed/", "https://www.a.example/x"] {
            assert_eq!(told(hop), (Some(odd.clone()), Some(b"yesterday".to_vec())), "{hop}");
        }
        for hop in ["http://b.example/feed", "http://a.example:8080/feed", "http://a.example.org/feed"] {
            assert_eq!(told(hop), (None, None), "{hop}");
        }
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

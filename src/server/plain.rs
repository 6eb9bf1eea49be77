//! Whether a request asks for nothing but what stands at a path: GET by HTTP/1.1, without a body, on a
//! connection that stays. Read by hyper's own parser; where there is any doubt it is not plain. Pure.

use super::connections::HEADERS_MAX;
use super::negotiate;
use axum::http::header::{HeaderMap, HeaderValue};
use httparse::{Header, Request, Status};
use std::mem::MaybeUninit;

/// What the bytes are that came so far.
pub(super) enum Reading<'a> {
    /// The beginning of a request.
    Unfinished,
    Plain(Plain<'a>),
    /// Anything else, good or bad.
    Other,
}

pub(super) struct Plain<'a> {
    pub(super) path: &'a str,
    /// Those that decide what is answered: [`negotiate::decides`].
    pub(super) headers: HeaderMap,
    /// What it takes of the bytes.
    pub(super) length: usize,
}

pub(super) fn read(bytes: &[u8]) -> Reading<'_> {
    let mut headers = [const { MaybeUninit::uninit() }; HEADERS_MAX];
    let mut request = Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Reading::Unfinished,
        Err(_) => return Reading::Other,
    };
    match (request.method, request.version, request.path) {
        (Some("GET"), Some(1), Some(path)) if path.starts_with('/') => {
            deciding(request.headers).map_or(Reading::Other, |headers| Reading::Plain(Plain { path, headers, length }))
        }
        _ => Reading::Other,
    }
}

/// `None` where a header says that there is more to it.
fn deciding(headers: &[Header<'_>]) -> Option<HeaderMap> {
    let mut deciding = HeaderMap::new();
    for Header { name, value } in headers {
        if let Some(name) = negotiate::decides(name) {
            deciding.append(name, HeaderValue::from_bytes(value).ok()?);
        } else if !is_plain(name, value) {
            return None;
        }
    }
    Some(deciding)
}

/// Neither a body, nor the end of the connection, nor another protocol.
fn is_plain(name: &str, value: &[u8]) -> bool {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match name.len() {
        6 => !is("expect"),
        7 => !is("upgrade"),
        10 => !is("connection") || value.eq_ignore_ascii_case(b"keep-alive"),
        14 => !is("content-length"),
        17 => !is("transfer-encoding"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\n";

    fn read_text(text: &str) -> String {
        match read(text.as_bytes()) {
            Reading::Unfinished => "unfinished".to_owned(),
            Reading::Other => "other".to_owned(),
            Reading::Plain(plain) => format!("{} {} {:?}", plain.path, plain.length, plain.headers),
        }
    }

    #[test]
    fn a_plain_request_is_a_path_with_the_headers_that_decide() {
        let text = format!(
            "{PLAIN}User-Agent: a\r\nif-none-match: \"1\"\r\nIF-NONE-MATCH: \"2\"\r\nConnection: Keep-Alive\r\n\r\n"
        );
        let expected = format!(
            "/feeds/all.atom {} {{\"if-none-match\": \"\\\"1\\\"\", \"if-none-match\": \"\\\"2\\\"\"}}",
            text.len()
        );
        assert_eq!(read_text(&text), expected);
        assert_eq!(read_text(&format!("{text}GET /next HT")), expected, "what follows is for later");
    }

    #[test]
    fn every_beginning_of_a_plain_request_is_unfinished() {
        let text = format!("{PLAIN}Accept-Encoding: gzip\r\n\r\n");
        for end in 0..text.len() {
            assert_eq!(read_text(&text[..end]), "unfinished", "{:?}", &text[..end]);
        }
    }

    #[test]
    fn whatever_is_more_than_a_plain_request_is_another_one() {
        for line in [
            "HEAD / HTTP/1.1",
            "POST / HTTP/1.1",
            "get / HTTP/1.1",
            "GET / HTTP/1.0",
            "GET http://x/ HTTP/1.1",
            "GET * HTTP/1.1",
            "GET / HTTP/2.0",
            "GET /",
            "\u{16}\u{3}\u{1}",
            "GET / HTTP/1.1 ",
        ] {
            assert_eq!(read_text(&format!("{line}\r\nHost: x\r\n\r\n")), "other", "{line}");
        }
        for header in [
            "Content-Length: 0",
            "content-length: 5",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Connection: close",
            "Connection: keep-alive, Upgrade",
            "Upgrade: h2c",
            " folded",
            "Name : space",
            "no colon",
            "Accept-Encoding: gz\u{1}ip",
        ] {
            assert_eq!(read_text(&format!("{PLAIN}{header}\r\n\r\n")), "other", "{header}");
        }
        assert_eq!(read_text(&format!("{PLAIN}{}\r\n", "X: a\r\n".repeat(HEADERS_MAX))), "other");
    }
}

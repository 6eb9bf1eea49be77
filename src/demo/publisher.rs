//! A small server on loopback with sample feeds whose dates are near and that have news once.

use anyhow::Result;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

/// What can be subscribed to: the samples, one that is a page by now, and one that has moved.
pub(super) const SOURCES: [&str; 9] = [
    "courier.rss",
    "drina.atom",
    "vidik.rss",
    "fletorja.rdf",
    "vardar.json",
    "donauwarte.atom",
    "tramontana.json",
    "lipa-gazette.xml",
    "lopta.xml",
];

struct Sample {
    path: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const RSS: &str = "application/rss+xml; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const RDF: &str = "application/rdf+xml; charset=utf-8";
const JSON: &str = "application/feed+json";
const HTML: &str = "text/html; charset=utf-8";

const SAMPLES: [Sample; 9] = [
    Sample { path: "courier.rss", media_type: RSS, text: include_str!("feeds/courier.rss") },
    Sample { path: "drina.atom", media_type: ATOM, text: include_str!("feeds/drina.atom") },
    Sample { path: "vidik.rss", media_type: RSS, text: include_str!("feeds/vidik.rss") },
    Sample { path: "fletorja.rdf", media_type: RDF, text: include_str!("feeds/fletorja.rdf") },
    Sample { path: "vardar.json", media_type: JSON, text: include_str!("feeds/vardar.json") },
    Sample { path: "donauwarte.atom", media_type: ATOM, text: include_str!("feeds/donauwarte.atom") },
    Sample { path: "tramontana.json", media_type: JSON, text: include_str!("feeds/tramontana.json") },
    Sample { path: "lipa-gazette.xml", media_type: HTML, text: include_str!("feeds/gazette.html") },
    Sample { path: "lopta.rss", media_type: RSS, text: include_str!("feeds/lopta.rss") },
];

/// From where to where a feed has moved.
const MOVED: (&str, &str) = ("lopta.xml", "/lopta.rss");

/// The server; it goes when this is dropped.
pub(super) struct Publisher {
    base_url: Url,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

struct Shared {
    base_url: Url,
    started_at: DateTime<Utc>,
    has_news: AtomicBool,
}

impl Publisher {
    /// Serves on a free port of loopback.
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base_url = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let shared =
            Arc::new(Shared { base_url: base_url.clone(), started_at: Utc::now(), has_news: AtomicBool::new(false) });
        let router = Router::new().route("/{path}", get(answer)).with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends by being dropped and in no other way.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { base_url, shared, _server: server })
    }

    /// What its addresses begin with.
    pub(super) fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// From now on the samples are those of the second round.
    pub(super) fn has_news(&self) {
        self.shared.has_news.store(true, Ordering::Relaxed);
    }
}

async fn answer(State(shared): State<Arc<Shared>>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    if path == MOVED.0 {
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, MOVED.1)]).into_response();
    }
    let Some(sample) = SAMPLES.iter().find(|sample| sample.path == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let round = if shared.has_news.load(Ordering::Relaxed) { Round::Second } else { Round::First };
    let text = fill_in(sample, round, shared.started_at, shared.base_url.as_str());
    let etag =
        format!("\"{}\"", Sha256::digest(&text).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|asked| asked.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    ([(header::CONTENT_TYPE, sample.media_type.to_owned()), (header::ETAG, etag)], text).into_response()
}

#[derive(Clone, Copy, PartialEq)]
enum Round {
    First,
    Second,
}

/// A line that begins with `1|` or `2|` belongs to that round alone; `{-90m}` is the moment ninety
/// minutes before the start, as the format writes it; `{origin}` is what our addresses begin with.
fn fill_in(sample: &Sample, round: Round, started_at: DateTime<Utc>, base_url: &str) -> String {
    let mut text = String::with_capacity(sample.text.len());
    for line in sample.text.lines() {
        let line = match (line.strip_prefix("1|"), line.strip_prefix("2|"), round) {
            (Some(line), _, Round::First) | (_, Some(line), Round::Second) => line,
            (None, None, _) => line,
            _ => continue,
        };
        let mut rest = line;
        while let Some((before, placeholder, after)) = next_placeholder(rest) {
            text.push_str(before);
            match placeholder {
                Placeholder::Origin => text.push_str(base_url),
                Placeholder::Ago(span) if sample.media_type == RSS => text.push_str(&(started_at - span).to_rfc2822()),
                Placeholder::Ago(span) => {
                    text.push_str(&(started_at - span).to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
                }
            }
            rest = after;
        }
        text.push_str(rest);
        text.push('\n');
    }
    text
}

enum Placeholder {
    Origin,
    Ago(TimeDelta),
}

/// The next placeholder of a line, with what stands before and after it.
fn next_placeholder(line: &str) -> Option<(&str, Placeholder, &str)> {
    for (start, _) in line.match_indices('{') {
        let (inside, after) = line[start + 1..].split_once('}')?;
        let minutes = || inside.strip_prefix('-')?.strip_suffix('m')?.parse().ok();
        let placeholder = match inside {
            "origin" => Some(Placeholder::Origin),
            _ => minutes().and_then(TimeDelta::try_minutes).map(Placeholder::Ago),
        };
        if let Some(placeholder) = placeholder {
            return Some((&line[..start], placeholder, after));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &'static str, media_type: &'static str, round: Round) -> String {
        let sample = Sample { path: "x", media_type, text };
        let noon = "2026-03-01T12:00:00Z".parse().expect("a date");
        fill_in(&sample, round, noon, "http://origin/")
    }

    #[test]
    fn dates_are_written_as_the_format_writes_them() {
        let check = |media_type, expected: &str| {
            assert_eq!(filled("a{-90m}b{-0m}", media_type, Round::First), expected);
        };
        check(RSS, "aSun, 1 Mar 2026 10:30:00 +0000bSun, 1 Mar 2026 12:00:00 +0000\n");
        check(ATOM, "a2026-03-01T10:30:00Zb2026-03-01T12:00:00Z\n");
    }

    #[test]
    fn braces_that_are_no_placeholder_stay() {
        assert_eq!(
            filled("{\"a\": {\"b\": \"{origin}c\"}} {", JSON, Round::First),
            "{\"a\": {\"b\": \"http://origin/c\"}} {\n"
        );
    }

    #[test]
    fn a_line_can_belong_to_one_round() {
        let text = "0\n1|first\n2|second\n";
        assert_eq!(filled(text, RSS, Round::First), "0\nfirst\n");
        assert_eq!(filled(text, RSS, Round::Second), "0\nsecond\n");
    }

    #[test]
    fn every_source_has_an_answer() {
        for source in SOURCES {
            let is_there = source == MOVED.0 || SAMPLES.iter().any(|sample| sample.path == source);
            assert!(is_there, "{source}");
        }
    }

    #[test]
    fn json_samples_are_json_in_both_rounds() {
        for sample in SAMPLES.iter().filter(|sample| sample.media_type == JSON) {
            for round in [Round::First, Round::Second] {
                let text = fill_in(sample, round, Utc::now(), "http://origin/");
                assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}: {text}", sample.path);
            }
        }
    }
}

//! Why there is no answer, in words that name the host and never a secret of its address.

use super::Answer;
use super::address::Refused;
use super::names::Unknown;
use chrono::{DateTime, Utc};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpInfo;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::{fmt, io};

/// Longer messages from below are cut: they may quote what the server sent.
const DETAIL_CHARS_MAX: usize = 200;

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {
    /// No client could be made, for this reason.
    Setup(String),
    /// Asking `host` failed.
    Asking {
        /// The one that the last hop went to.
        host: String,
        /// What came of it.
        problem: Problem,
        /// What it said before that, if anything.
        answer: Option<Answer>,
    },
}

/// What can come of asking a host, other than an answer.
#[derive(Debug)]
pub enum Problem {
    /// Our own rules forbid the address, for this reason.
    Refused(String),
    /// A configured header that cannot be sent; its name.
    Header(String),
    /// The way to the host is not there, for this reason: no name service, no route, no sign of life.
    /// It may be our own network.
    NoWay(String),
    /// No connection, for this reason: the host or its name says no, or it is not who it should be.
    NoConnection(String),
    /// The connection broke, or what came is not HTTP.
    Broken(String),
    /// No whole answer within the time for it.
    TooLate {
        /// That time.
        seconds: u64,
    },
    /// The body came more slowly than any honest line.
    TooSlow,
    /// The body is longer than we take, on the wire or decoded.
    TooLarge {
        /// What we take.
        bytes_max: usize,
    },
    /// A content coding that we did not offer, or several.
    Coding(String),
    /// The body is not what its content coding says.
    Undecodable(String),
    /// A 304 to a request without validators.
    Unasked,
    /// A redirect that leads nowhere, for this reason.
    Redirect(String),
    /// Not to be asked before this moment: the server said so, just now or to another feed that comes
    /// with the same credentials.
    Wait {
        /// That moment.
        until: DateTime<Utc>,
    },
}

impl Error {
    /// Whether not even the way to the host was there: if it is so with many hosts at once, our own
    /// network is down.
    pub fn is_connection_level(&self) -> bool {
        matches!(self, Self::Asking { problem: Problem::NoWay(_), .. })
    }

    /// What the server said before things went wrong, if anything.
    pub fn into_answer(self) -> Option<Answer> {
        match self {
            Self::Setup(_) => None,
            Self::Asking { answer, .. } => answer,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(reason) => write!(f, "fetch: no HTTP client could be made: {reason}"),
            Self::Asking { host, problem, .. } => write!(f, "fetch: {host}: {problem}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => f.write_str(reason),
            Self::Header(name) => write!(f, "the configured header {name} cannot be sent"),
            Self::NoWay(reason) | Self::NoConnection(reason) => write!(f, "no connection: {reason}"),
            Self::Broken(reason) => write!(f, "the answer broke off or is not HTTP: {reason}"),
            Self::TooLate { seconds } => write!(f, "no whole answer within {seconds}s"),
            Self::TooSlow => f.write_str("the body came too slowly to wait for it"),
            Self::TooLarge { bytes_max } => write!(f, "the body is larger than {} MiB", bytes_max >> 20),
            Self::Coding(coding) => write!(f, "unsupported content-encoding {coding:?}"),
            Self::Undecodable(reason) => write!(f, "the body is not what its content-encoding says: {reason}"),
            Self::Unasked => f.write_str("answered 304 to an unconditional request"),
            Self::Redirect(reason) => f.write_str(reason),
            Self::Wait { until } => write!(f, "it asked to wait until {}", until.format("%Y-%m-%d %H:%M UTC")),
        }
    }
}

impl StdError for Error {}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused.to_string())
    }
}

impl From<reqwest::Error> for Problem {
    fn from(error: reqwest::Error) -> Self {
        if let Some(refused) = sources(&error).find_map(|source| source.downcast_ref::<Refused>()) {
            return Self::Refused(refused.to_string());
        }
        if let Some(unknown) = sources(&error).find_map(|source| source.downcast_ref::<Unknown>()) {
            return Self::from(unknown.clone());
        }
        let is_connect = error.is_connect();
        let has_no_way = error.is_timeout() || sources(&error).any(has_no_way);
        let detail = match error.is_timeout() {
            true => "it took too long".to_owned(),
            false => detail(&error.without_url()),
        };
        match (is_connect, has_no_way) {
            (true, true) => Self::NoWay(detail),
            (true, false) => Self::NoConnection(detail),
            (false, _) => Self::Broken(detail),
        }
    }
}

impl From<Unknown> for Problem {
    fn from(unknown: Unknown) -> Self {
        if unknown.is_passing { Self::NoWay(unknown.to_string()) } else { Self::NoConnection(unknown.to_string()) }
    }
}

fn has_no_way(source: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut};
    let kind = source.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(AddrNotAvailable | HostUnreachable | NetworkDown | NetworkUnreachable | TimedOut))
}

/// Our end of a connection that the server closed before the head of an answer was there. Whether
/// an answer had come over it before, the error does not know.
pub(super) fn closed_early(error: &reqwest::Error) -> Option<SocketAddr> {
    let is_closed = sources(error).any(|source| {
        let by_http = source.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message);
        by_http || source.downcast_ref::<io::Error>().is_some_and(|error| is_close(error.kind()))
    });
    let connection = sources(error).find_map(|source| source.downcast_ref::<legacy::Error>()?.connect_info());
    let mut known = http::Extensions::new();
    connection.filter(|_| is_closed && !error.is_connect())?.get_extras(&mut known);
    known.get::<HttpInfo>().map(HttpInfo::local_addr)
}

fn is_close(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

/// The innermost reason: what the layers around it add is where in our own stack it surfaced.
fn detail(error: &reqwest::Error) -> String {
    let innermost = sources(error).last().map_or_else(|| error.to_string(), ToString::to_string);
    let mut detail: String = innermost.chars().filter(|c| !c.is_control()).take(DETAIL_CHARS_MAX).collect();
    if detail.contains("UnknownIssuer") {
        detail += " (a certificate that nobody vouches for, or no ca-certificates on this machine)";
    }
    detail
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let source = next?;
        next = source.source();
        Some(source)
    })
}

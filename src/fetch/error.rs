//! Why there is no answer, in words that name the host and never a secret of its address.

use super::address::Refused;
use std::error::Error as StdError;
use std::fmt;

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
    },
}

/// What can come of asking a host, other than an answer.
#[derive(Debug)]
pub enum Problem {
    /// Our own rules forbid the address, for this reason.
    Refused(String),
    /// A configured header that cannot be sent; its name.
    Header(String),
    /// No connection, for this reason.
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
}

impl Error {
    /// Whether no connection came about: what a network that is down looks like.
    pub fn is_connection_level(&self) -> bool {
        matches!(self, Self::Asking { problem: Problem::NoConnection(_), .. })
    }

    /// Whether something from outside had a part in it, and not our own rules alone.
    pub fn is_from_outside(&self) -> bool {
        match self {
            Self::Setup(_) => false,
            Self::Asking { problem, .. } => !matches!(problem, Problem::Refused(_) | Problem::Header(_)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(reason) => write!(f, "fetch: no HTTP client could be made: {reason}"),
            Self::Asking { host, problem } => write!(f, "fetch: {host}: {problem}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => f.write_str(reason),
            Self::Header(name) => write!(f, "the configured header {name} cannot be sent"),
            Self::NoConnection(reason) => write!(f, "no connection: {reason}"),
            Self::Broken(reason) => write!(f, "the answer broke off or is not HTTP: {reason}"),
            Self::TooLate { seconds } => write!(f, "no whole answer within {seconds}s"),
            Self::TooSlow => f.write_str("the body came too slowly to wait for it"),
            Self::TooLarge { bytes_max } => write!(f, "the body is larger than {} MiB", bytes_max >> 20),
            Self::Coding(coding) => write!(f, "unsupported content-encoding {coding:?}"),
            Self::Undecodable(reason) => write!(f, "the body is not what its content-encoding says: {reason}"),
            Self::Unasked => f.write_str("answered 304 to an unconditional request"),
            Self::Redirect(reason) => f.write_str(reason),
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
        let is_connect = error.is_connect();
        let detail = match error.is_timeout() {
            true => "it took too long".to_owned(),
            false => detail(&error.without_url()),
        };
        if is_connect { Self::NoConnection(detail) } else { Self::Broken(detail) }
    }
}

/// Whether the connection ended before there was an answer, though it had been made.
pub(super) fn is_early_close(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout()
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

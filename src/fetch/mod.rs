//! The only HTTP client: conditional GET, limits, redirects hop by hop, the address guard, and one
//! gate per host. Does not know feeds, schedules or the store.
//!
//! A poll is one GET and what it redirects to: no HEAD, no second try with another face, no page
//! that nobody asked for.

mod address;
mod body;
mod client;
mod closed;
mod coding;
mod crowd;
mod error;
mod exchange;
mod gate;
mod headers;
mod limits;
mod names;
mod redirects;

pub use error::{Error, Problem};

use crate::caching::Caching;
use crate::feed::Validators;
use address::Guard;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use client::Clients;
use closed::{Closed, Door};
use crowd::Crowds;
use exchange::Step;
use gate::Gates;
use http::HeaderValue;
use limits::Limits;
use names::{Lookup, Names};
use redirects::Trail;
use rustls::RootCertStore;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// What servers are owed where no rule says otherwise.
pub const SPACING: Duration = Duration::from_secs(1);

/// How we present ourselves and how gently we ask.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Told to every server, in the User-Agent: a `mailto:` or `https:` address.
    pub contact: Option<String>,
    /// `[[host]]` rules; the first match wins.
    pub hosts: Vec<HostRule>,
}

/// `[[host]]`: politeness for servers that need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    /// A host name, or `*.example.org` for it and everything below it.
    pub pattern: String,
    /// Between the starts of two requests to one host.
    pub spacing: Duration,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The address as configured.
    pub url: &'a Url,
    /// Sent back byte for byte.
    pub validators: &'a Validators,
    /// Extra headers, secrets among them: for the exact origin of `url` only.
    pub headers: &'a [(String, String)],
    /// May the server live on a private, loopback or link-local address?
    pub allow_private: bool,
}

/// What a server said before any body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code; a redirect's where it could not be followed.
    pub status: u16,
    /// When to ask again.
    pub caching: Caching,
    /// Bytes of body that came over the wire, as far as they were counted.
    pub wire_bytes: u64,
    /// From the first byte sent to the last received, all redirects together, without the time spent
    /// waiting for a turn.
    pub took: Duration,
}

/// A final answer, whatever its status; its body whole and decoded.
#[derive(Debug, Clone)]
pub struct Response {
    /// The final hop's status code; never a redirect.
    pub status: u16,
    /// Where the final answer came from, without name and password.
    pub url: Url,
    /// Where a chain of permanent redirects (301, 308) from the start leads; `None` without one.
    pub permanent_url: Option<Url>,
    /// ETag and Last-Modified as received.
    pub validators: Validators,
    /// When to ask again.
    pub caching: Caching,
    /// As received.
    pub content_type: Option<String>,
    /// Decoded. Empty unless the status is 200.
    pub body: Bytes,
    /// Bytes of body that came over the wire.
    pub wire_bytes: u64,
    /// As [`Answer::took`].
    pub took: Duration,
    /// One of the places for requests under way, free again when the last clone is dropped: no more
    /// answers are held than may be asked for.
    pub place: Option<Arc<OwnedSemaphorePermit>>,
}

/// Asks servers. Cheap to clone; clones share connections and the gates of hosts.
#[derive(Clone)]
pub struct Fetcher {
    shared: Arc<Shared>,
    user_agent: HeaderValue,
    hosts: Arc<[HostRule]>,
}

/// What outlives a change of settings.
struct Shared {
    clients: Clients,
    names: Arc<Names>,
    gates: Gates,
    closed: Closed,
    crowds: Crowds,
    places: Arc<Semaphore>,
    limits: Limits,
    guard: Guard,
}

/// What a fetcher stands on; tests have other ground.
struct Ground {
    limits: Limits,
    guard: Guard,
    lookup: Lookup,
    /// Who vouches for servers; `None` for those whom the machine trusts.
    roots: Option<RootCertStore>,
}

impl Default for Ground {
    fn default() -> Self {
        Self { limits: Limits::default(), guard: Guard::default(), lookup: names::of_the_system(), roots: None }
    }
}

impl Fetcher {
    /// A fetcher with connections and gates of its own.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::on(Ground::default(), settings)
    }

    fn on(ground: Ground, settings: &Settings) -> Result<Self, Error> {
        let names = Arc::new(Names::new(ground.lookup.clone()));
        let shared = Shared {
            clients: Clients::new(&ground, &names)?,
            names,
            gates: Gates::default(),
            closed: Closed::default(),
            crowds: Crowds::new(ground.limits.at_one_address_max),
            places: Arc::new(Semaphore::new(ground.limits.in_flight_max)),
            limits: ground.limits,
            guard: ground.guard,
        };
        Ok(Self::sharing(Arc::new(shared), settings))
    }

    /// The same connections and gates under other settings.
    #[must_use]
    pub fn with_settings(&self, settings: &Settings) -> Self {
        Self::sharing(self.shared.clone(), settings)
    }

    fn sharing(shared: Arc<Shared>, settings: &Settings) -> Self {
        let user_agent = headers::user_agent(settings.contact.as_deref());
        Self { shared, user_agent, hosts: settings.hosts.clone().into() }
    }

    /// Keeps every request with the credentials of this one from its origin until `until`, but for a
    /// day at most: what a server said before this program was started.
    pub fn keep_away(&self, request: &Request<'_>, until: DateTime<Utc>) {
        self.shared.closed.close(Door::of(request.url, request), until, Utc::now());
    }

    /// Asks once, following redirects. Waits for the turn of every host that is asked; the time
    /// spent so counts for no limit. A 304 is given only where the validators were sent.
    pub async fn get(&self, request: &Request<'_>) -> Result<Response, Error> {
        let mut trail = Trail::starting_at(request.url);
        let total = self.shared.limits.total;
        let mut time_left = total;
        loop {
            let host = trail.here().host_str().unwrap_or_default().to_owned();
            let mut heard = None;
            let step = self.ask(&host, &trail, request, &mut time_left, &mut heard).await;
            let took = total - time_left;
            let step = match step {
                Ok(Step::Answered(response)) => return Ok(Response { took, ..*response }),
                Ok(Step::Redirected { status, location, wait }) => {
                    trail.follow(status, location.as_ref(), wait).map(|()| wait)
                }
                Err(problem) => Err(problem),
            };
            match step {
                Ok(wait) => tokio::time::sleep(wait).await,
                Err(problem) => {
                    let answer = heard.map(|answer| Answer { took, ..answer });
                    return Err(Error::Asking { host, problem, answer });
                }
            }
        }
    }

    fn spacing(&self, host: &str) -> Duration {
        self.hosts.iter().find(|rule| rule.names(host)).map_or(SPACING, |rule| rule.spacing)
    }
}

impl Response {
    /// What was said before the body.
    pub fn answer(&self) -> Answer {
        Answer { status: self.status, caching: self.caching.clone(), wire_bytes: self.wire_bytes, took: self.took }
    }
}

impl HostRule {
    fn names(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        match self.pattern.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|below| below.is_empty() || below.ends_with('.')),
            None => host == self.pattern,
        }
    }
}

/// No code panics while it holds these locks, and their values are whole between any two lines.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

//! The only HTTP client: conditional GET, limits, redirects hop by hop, the address guard, and one
//! gate per host. Does not know feeds, schedules or the store.
//!
//! A poll is one GET and what it redirects to: no HEAD, no second try with another face, no page
//! that nobody asked for.

mod address;
mod body;
mod client;
mod coding;
mod error;
mod gate;
mod headers;
mod limits;
mod redirects;

pub use error::{Error, Problem};

use crate::caching::{self, Caching};
use crate::feed::Validators;
use bytes::Bytes;
use client::Clients;
use gate::{Gates, Pass};
use http::{HeaderValue, StatusCode};
use limits::Limits;
use redirects::Trail;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
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
    /// One of the places for requests under way, free again when the last clone is dropped: no more
    /// answers are held than may be asked for.
    pub place: Option<Arc<OwnedSemaphorePermit>>,
}

/// Asks servers. Cheap to clone; clones share connections and the gates of hosts.
#[derive(Debug, Clone)]
pub struct Fetcher {
    shared: Arc<Shared>,
    user_agent: HeaderValue,
    hosts: Arc<[HostRule]>,
}

/// What outlives a change of settings.
#[derive(Debug)]
struct Shared {
    clients: Clients,
    gates: Gates,
    places: Arc<Semaphore>,
    limits: Limits,
}

impl Fetcher {
    /// A fetcher with connections and gates of its own.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        Self::with_limits(settings, Limits::default())
    }

    fn with_limits(settings: &Settings, limits: Limits) -> Result<Self, Error> {
        let shared = Shared {
            clients: Clients::new(&limits)?,
            gates: Gates::default(),
            places: Arc::new(Semaphore::new(limits.in_flight_max)),
            limits,
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

    /// Asks once, following redirects. Waits for the turn of every host that is asked; the time
    /// spent so counts for no limit. A 304 is given only where the validators were sent.
    pub async fn get(&self, request: &Request<'_>) -> Result<Response, Error> {
        let mut trail = Trail::starting_at(request.url);
        let mut time_left = self.shared.limits.total;
        loop {
            let host = trail.here().host_str().unwrap_or_default().to_owned();
            let in_asking = |problem| Error::Asking { host: host.clone(), problem };
            address::check(trail.here(), request.allow_private).map_err(|refused| in_asking(refused.into()))?;
            let answer = self.ask(&host, &trail, request, &mut time_left).await.map_err(in_asking)?;
            match answer {
                Answer::Final(response) => return Ok(*response),
                Answer::Redirect { status, location, wait } => {
                    trail.follow(status, location.as_ref(), wait).map_err(in_asking)?;
                    tokio::time::sleep(wait).await;
                }
            }
        }
    }

    /// One request to one host, when its turn has come. The gate is waited for before the place: a
    /// host with a long queue holds one place, not all of them.
    async fn ask(
        &self,
        host: &str,
        trail: &Trail<'_>,
        request: &Request<'_>,
        time_left: &mut Duration,
    ) -> Result<Answer, Problem> {
        let pass = self.shared.gates.enter(host).await;
        let place = self.shared.places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let start = Instant::now();
        pass.start(self.spacing(host));
        let answer = timeout(*time_left, self.exchange(trail, request, &pass, place)).await;
        *time_left = time_left.saturating_sub(start.elapsed());
        answer.map_err(|_| Problem::TooLate { seconds: self.shared.limits.total.as_secs() })?
    }

    async fn exchange(
        &self,
        trail: &Trail<'_>,
        request: &Request<'_>,
        pass: &Pass,
        place: OwnedSemaphorePermit,
    ) -> Result<Answer, Problem> {
        let limits = &self.shared.limits;
        let received = self.send(trail, request, pass).await?;
        pass.is_answered();
        let (status, url) = (received.status(), trail.here().clone());
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            let location = received.headers().get(http::header::LOCATION).cloned();
            let wait_s = Caching::of(received.headers(), chrono::Utc::now()).retry_after_s.unwrap_or(0);
            body::drain(received, limits).await;
            return Ok(Answer::Redirect { status: status.as_u16(), location, wait: Duration::from_secs(wait_s) });
        }
        if status == StatusCode::NOT_MODIFIED && !headers::is_conditional(&url, request) {
            // It would be taken for the word of the server that the validators are from.
            return Err(Problem::Unasked);
        }
        let headers = received.headers();
        let mut response = Response {
            status: status.as_u16(),
            url: redirects::without_credentials(url),
            permanent_url: trail.permanent_url().cloned(),
            validators: caching::validators(headers),
            caching: Caching::of(headers, chrono::Utc::now()),
            content_type: headers::content_type(headers),
            body: Bytes::new(),
            wire_bytes: 0,
            place: Some(Arc::new(place)),
        };
        if status == StatusCode::OK {
            let coding = coding::of(headers)?;
            let wire = body::read(received, limits).await?;
            response.wire_bytes = wire.len() as u64;
            response.body = coding::decode(wire, coding, limits.body_bytes_max).await?;
        } else {
            response.wire_bytes = body::drain(received, limits).await;
        }
        Ok(Answer::Final(Box::new(response)))
    }

    /// A connection kept from the last request may have been closed by the server the moment we
    /// used it; RFC 9112 §9.3.1 has a client try again then, once and on a new one.
    async fn send(&self, trail: &Trail<'_>, request: &Request<'_>, pass: &Pass) -> Result<reqwest::Response, Problem> {
        let client = self.shared.clients.of(request.allow_private);
        let headers = headers::of_hop(trail.here(), request, &self.user_agent)?;
        let outgoing = || client.get(trail.here().clone()).headers(headers.clone()).send();
        match outgoing().await {
            Err(error) if pass.may_be_stale() && error::is_early_close(&error) => Ok(outgoing().await?),
            result => Ok(result?),
        }
    }

    fn spacing(&self, host: &str) -> Duration {
        self.hosts.iter().find(|rule| rule.names(host)).map_or(SPACING, |rule| rule.spacing)
    }
}

/// What came of one request.
enum Answer {
    Final(Box<Response>),
    Redirect { status: u16, location: Option<HeaderValue>, wait: Duration },
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

#[cfg(test)]
mod tests;

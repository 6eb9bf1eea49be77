//! The only HTTP client: conditional GET, limits, redirects hop by hop, the address guard, and one
//! gate per host. Does not know feeds, schedules or the store.

use crate::caching::Caching;
use crate::feed::Validators;
use bytes::Bytes;
use std::time::Duration;
use url::Url;

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
    /// Where the final answer came from.
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
}

/// Asks servers. Cheap to clone; clones share connections and the gates of hosts.
#[derive(Debug, Clone)]
pub struct Fetcher {}

impl Fetcher {
    /// A fetcher with connections and gates of its own.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let _ = settings;
        todo!()
    }

    /// The same connections and gates under other settings.
    #[must_use]
    pub fn with_settings(&self, settings: &Settings) -> Self {
        let _ = settings;
        todo!()
    }

    /// Asks once, following redirects.
    pub async fn get(&self, request: &Request<'_>) -> Result<Response, Error> {
        let _ = request;
        todo!()
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Error {}

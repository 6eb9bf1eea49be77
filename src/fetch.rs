//! The only HTTP client: conditional GET, limits, redirects hop by hop, the address guard, and one
//! gate per host. Does not know feeds, schedules or the store.

use std::time::Duration;

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

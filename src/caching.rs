//! What HTTP headers say: validators, freshness, Retry-After. For the client and the server alike.

/// What a response says about when to ask again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caching {
    /// For how many more seconds the response is fresh (Cache-Control less Age, else Expires less
    /// Date); `None` where nothing is said.
    pub fresh_s: Option<u64>,
    /// Retry-After in seconds from the response's arrival; hostile values are absent.
    pub retry_after_s: Option<u64>,
}

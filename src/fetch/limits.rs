//! How long, how much and how often: every limit of the fetcher, with its reason.

use std::time::Duration;

/// A server that takes longer to say hello is down or far too busy for us.
const CONNECT: Duration = Duration::from_secs(10);

/// From the first byte sent to the last received, all redirects together. Slow honest servers take
/// ten seconds; a place in flight must not be held for minutes.
const TOTAL: Duration = Duration::from_secs(30);

/// Less than a kilobyte a second over ten seconds is no honest line but a body that drips to keep
/// us.
const PACE_WINDOW: Duration = Duration::from_secs(10);
const PACE_BYTES_MIN: usize = 10 * 1024;

/// Larger than any honest feed that we have seen (6 MB), on the wire and decoded: a compressed
/// body may not grow past what a plain one may be.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Reading the short text of an error keeps the connection usable; a longer one is cheaper to drop
/// with it.
const DRAIN_BYTES_MAX: u64 = 16 * 1024;
const DRAIN: Duration = Duration::from_secs(2);

/// Enough for ten thousand feeds an hour though one in ten hangs, and as many files as any system
/// lets a process open.
const IN_FLIGHT_MAX: usize = 128;

/// Hosts at one address share a machine or the front of one: enough for a front that serves half the
/// feeds there are, and few for a small machine with a hundred blogs.
const AT_ONE_ADDRESS_MAX: usize = 8;

/// Longer than the default spacing, so that the feeds of one host share a connection; shorter than
/// most servers' patience, and not so long that a round over many hosts runs out of files.
const IDLE: Duration = Duration::from_secs(2);

/// The limits in force; tests have smaller ones.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub connect: Duration,
    pub total: Duration,
    pub pace_window: Duration,
    pub pace_bytes_min: usize,
    pub body_bytes_max: usize,
    pub drain_bytes_max: u64,
    pub drain: Duration,
    pub in_flight_max: usize,
    pub at_one_address_max: usize,
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            total: TOTAL,
            pace_window: PACE_WINDOW,
            pace_bytes_min: PACE_BYTES_MIN,
            body_bytes_max: BODY_BYTES_MAX,
            drain_bytes_max: DRAIN_BYTES_MAX,
            drain: DRAIN,
            in_flight_max: IN_FLIGHT_MAX,
            at_one_address_max: AT_ONE_ADDRESS_MAX,
            idle: IDLE,
        }
    }
}

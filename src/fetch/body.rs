//! Bodies as they come over the wire: read whole with limits on size and pace, or thrown away.

use super::error::Problem;
use super::limits::Limits;
use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout, timeout_at};

/// The whole body, still encoded. One that ends before its time is an error.
pub(super) async fn read(mut response: reqwest::Response, limits: &Limits) -> Result<Bytes, Problem> {
    let too_large = || Problem::TooLarge { bytes_max: limits.body_bytes_max };
    if response.content_length().is_some_and(|length| length > limits.body_bytes_max as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    let mut window = Window { end: Instant::now() + limits.pace_window, bytes_before: 0 };
    loop {
        match timeout_at(window.end, response.chunk()).await {
            Ok(Ok(Some(chunk))) if chunk.len() > limits.body_bytes_max - body.len() => return Err(too_large()),
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return Ok(body.freeze()),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {}
        }
        if Instant::now() >= window.end {
            if body.len() - window.bytes_before < limits.pace_bytes_min {
                return Err(Problem::TooSlow);
            }
            window = Window { end: Instant::now() + limits.pace_window, bytes_before: body.len() };
        }
    }
}

/// A stretch of time in which enough has to come.
struct Window {
    end: Instant,
    bytes_before: usize,
}

/// Reads a body that nobody wants as far as that is cheaper than a new connection; gives the bytes
/// that came.
pub(super) async fn drain(mut response: reqwest::Response, limits: &Limits) -> u64 {
    let mut bytes = 0;
    if response.content_length().is_some_and(|length| length > limits.drain_bytes_max) {
        return bytes;
    }
    // What breaks or takes long here breaks no answer: its status and headers are known.
    let _ = timeout(limits.drain, async {
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes += chunk.len() as u64;
            if bytes > limits.drain_bytes_max {
                break;
            }
        }
    })
    .await;
    bytes
}

//! The whole thing at once with bundled sample feeds and no network.

use anyhow::Result;
use std::net::SocketAddr;

/// Serves sample feeds on loopback, polls, tags and publishes them on `listen` until `stop`.
pub async fn run(listen: SocketAddr, stop: impl Future<Output = ()>) -> Result<()> {
    let _ = (listen, stop.await);
    todo!()
}

//! Large bodies that the system holds as well, in a file without a name: it sends them from there to
//! any number of readers and copies nothing. Where it cannot, they are sent as others are.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Each takes one of the 1024 files that a process may have open by default.
static PLACES: Semaphore = Semaphore::const_new(32);

/// To copy less is as cheap as to have it sent.
const BYTES_MIN: usize = 32 * 1024;

/// A body that may be lent, as soon as it is. Cheap to clone; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Lending(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_asked_for: AtomicBool,
    /// `None` where it could not be; then it is not tried again.
    lent: OnceLock<Option<Arc<Lent>>>,
}

impl Lending {
    /// The file that a body is in. Whoever asks first has it made and does not wait for the disk.
    pub(super) fn of(&self, body: &Bytes) -> Option<Arc<Lent>> {
        if let Some(lent) = self.0.lent.get() {
            return lent.clone();
        }
        if body.len() >= BYTES_MIN && !self.0.is_asked_for.swap(true, Ordering::Relaxed) {
            let (state, body) = (self.0.clone(), body.clone());
            tokio::task::spawn_blocking(move || state.lent.set(Lent::new(&body)));
        }
        None
    }
}

/// A body in its file.
#[derive(Debug)]
pub(super) struct Lent {
    file: File,
    bytes: usize,
    _place: SemaphorePermit<'static>,
}

impl Lent {
    /// `None` where there are enough of them, and where there is no room for a file.
    pub(super) fn new(body: &[u8]) -> Option<Arc<Self>> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let place = PLACES.try_acquire().ok()?;
        // The pages of a file on a disk are larger than those of one in memory, and so cheaper to send.
        let mut file = tempfile::tempfile().ok()?;
        file.write_all(body).ok()?;
        Some(Arc::new(Self { file, bytes: body.len(), _place: place }))
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sends some of it to a stream that takes something now; answers how much.
    pub(super) fn send(&self, from: usize, stream: &TcpStream) -> io::Result<usize> {
        system::send_file(stream, &self.file, from, self.bytes - from)
    }
}

/// Likewise of a head; its end may wait for the body.
pub(super) fn send_head(head: &[u8], stream: &TcpStream) -> io::Result<usize> {
    system::send_with_more(stream, head)
}

#[cfg(target_os = "linux")]
mod system {
    use super::*;
    use rustix::fs::sendfile;
    use rustix::net::{SendFlags, send};

    pub(super) fn send_file(stream: &TcpStream, file: &File, from: usize, bytes: usize) -> io::Result<usize> {
        Ok(sendfile(stream, file, Some(&mut (from as u64)), bytes)?)
    }

    pub(super) fn send_with_more(stream: &TcpStream, head: &[u8]) -> io::Result<usize> {
        Ok(send(stream, head, SendFlags::MORE | SendFlags::NOSIGNAL)?)
    }
}

/// Others have it too, each in a way of its own; there, nothing is lent.
#[cfg(not(target_os = "linux"))]
mod system {
    use super::*;

    pub(super) fn send_file(_: &TcpStream, _: &File, _: usize, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn send_with_more(_: &TcpStream, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_lent_than_there_are_places() {
        let large = [b'a'; BYTES_MIN];
        let lent: Vec<_> = std::iter::from_fn(|| Lent::new(&large)).take(100).collect();
        assert!((1..=32).contains(&lent.len()), "{}", lent.len());
        assert!(lent.iter().all(|lent| lent.bytes() == BYTES_MIN));
        drop(lent);
        assert!(Lent::new(&large).is_some(), "a place is free again");
    }

    #[tokio::test]
    async fn only_what_is_large_is_lent_and_whoever_asks_first_waits_for_no_file() {
        let (small, unmoved) = (Bytes::from(vec![b'a'; BYTES_MIN - 1]), Lending::default());
        assert!(unmoved.of(&small).is_none() && !unmoved.0.is_asked_for.load(Ordering::Relaxed));
        let (large, lending) = (Bytes::from(vec![b'a'; BYTES_MIN]), Lending::default());
        assert!(lending.of(&large).is_none());
        while lending.clone().of(&large).is_none() {
            tokio::task::yield_now().await;
        }
    }
}

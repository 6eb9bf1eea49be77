//! Hands out what stands ready without a way through hyper: nearly all that is ever asked for. The
//! first request that is not plain, or asks for what must be made, is left to hyper with all after it.

use super::lent::{self, Lent};
use super::patience::{Deadline, Patient};
use super::plain::{self, Plain, Reading};
use axum::http::HeaderMap;
use bytes::Bytes;
use httpdate::HttpDate;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// An answer that stands ready.
#[derive(Debug)]
pub(super) struct Ready {
    /// Down to its last header: the date and the empty line are missing.
    pub(super) head: Bytes,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Bytes(Bytes),
    Lent(Arc<Lent>),
}

/// Most heads have room in it.
const ROOM_AT_FIRST: usize = 2 * 1024;

/// Answers until something else is asked for, whose bytes come back: its whole head, or so much that
/// it is refused. `None` at the end of the connection. A head may have `bytes_max`, and `patience` to
/// arrive.
pub(super) async fn attend(
    stream: &mut Patient<TcpStream>,
    answer: impl Fn(&str, &HeaderMap) -> Option<Ready>,
    (bytes_max, patience): (usize, Duration),
    stop: Pin<&mut impl Future<Output = ()>>,
) -> io::Result<Option<Bytes>> {
    let (bytes, deadline) = (vec![0; ROOM_AT_FIRST.min(bytes_max)], Deadline::after(patience));
    let mut visit = Visit { stream, stop, deadline, bytes_max, bytes, heard: 0 };
    let (mut head, mut date) = (Vec::new(), Date::default());
    loop {
        let ready = match plain::read(visit.heard()) {
            Reading::Unfinished if visit.heard < bytes_max => match visit.hears_more().await? {
                true => continue,
                false => return Ok(None),
            },
            Reading::Plain(Plain { path, headers, length }) => answer(path, &headers).map(|ready| (ready, length)),
            Reading::Unfinished | Reading::Other => None,
        };
        let Some((ready, length)) = ready else {
            return Ok(Some(Bytes::copy_from_slice(visit.heard())));
        };
        head.clear();
        head.extend_from_slice(&ready.head);
        head.extend_from_slice(date.line(SystemTime::now()));
        match &ready.body {
            Body::Bytes(body) => send(visit.stream, &head, body).await?,
            Body::Lent(body) => send_lent(visit.stream, &head, body).await?,
        }
        visit.is_answered(length);
    }
}

/// What was read of a connection and is not answered yet.
struct Visit<'a, F> {
    stream: &'a mut Patient<TcpStream>,
    /// Ends it where no request is there.
    stop: Pin<&'a mut F>,
    /// For the whole of the next head.
    deadline: Deadline,
    bytes_max: usize,
    bytes: Vec<u8>,
    heard: usize,
}

impl<F: Future<Output = ()>> Visit<'_, F> {
    fn heard(&self) -> &[u8] {
        &self.bytes[..self.heard]
    }

    /// Until there is more to be understood; false at the end of the connection, at a stop, and when it
    /// takes too long.
    async fn hears_more(&mut self) -> io::Result<bool> {
        let is_new = self.heard == 0;
        loop {
            if self.heard == self.bytes.len() {
                self.bytes.resize((self.heard * 2).min(self.bytes_max), 0);
            }
            let came = poll_fn(|context| self.poll_heard(context)).await?;
            let ends_a_line = self.bytes[self.heard..][..came].contains(&b'\n');
            self.heard += came;
            // Whoever sends a head in single bytes has it read once a line.
            if came == 0 || is_new || ends_a_line || self.heard == self.bytes_max {
                return Ok(came > 0);
            }
        }
    }

    /// How many bytes came.
    fn poll_heard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(0));
        }
        let mut room = ReadBuf::new(&mut self.bytes[self.heard..]);
        match Pin::new(&mut *self.stream).poll_read(context, &mut room) {
            Poll::Ready(read) => Poll::Ready(read.map(|()| room.filled().len())),
            Poll::Pending => self.deadline.poll_over(context).map(|()| Ok(0)),
        }
    }

    /// What follows was sent without waiting for the answer.
    fn is_answered(&mut self, length: usize) {
        self.bytes.copy_within(length..self.heard, 0);
        self.heard -= length;
        self.deadline.begin_anew();
    }
}

async fn send(stream: &mut Patient<TcpStream>, head: &[u8], body: &[u8]) -> io::Result<()> {
    let mut parts = [IoSlice::new(head), IoSlice::new(body)];
    let mut rest = if body.is_empty() { &mut parts[..1] } else { &mut parts[..] };
    while !rest.is_empty() {
        let written = poll_fn(|context| match &*rest {
            [only] => Pin::new(&mut *stream).poll_write(context, only),
            several => Pin::new(&mut *stream).poll_write_vectored(context, several),
        });
        let written = written.await.and_then(some)?;
        IoSlice::advance_slices(&mut rest, written);
    }
    Ok(())
}

async fn send_lent(stream: &mut Patient<TcpStream>, head: &[u8], body: &Lent) -> io::Result<()> {
    let mut sent = 0;
    while sent < head.len() {
        let attempt = |stream: &TcpStream| lent::send_head(&head[sent..], stream);
        sent += poll_fn(|context| stream.poll_write_by(context, attempt)).await.and_then(some)?;
    }
    let mut sent = 0;
    while sent < body.bytes() {
        let attempt = |stream: &TcpStream| body.send(sent, stream);
        sent += poll_fn(|context| stream.poll_write_by(context, attempt)).await.and_then(some)?;
    }
    Ok(())
}

/// Where nothing is written, nothing ever will be.
fn some(written: usize) -> io::Result<usize> {
    if written == 0 { Err(io::ErrorKind::WriteZero.into()) } else { Ok(written) }
}

/// The date and the end of a head, written once a second.
#[derive(Default)]
struct Date {
    second: u64,
    line: Vec<u8>,
}

impl Date {
    fn line(&mut self, now: SystemTime) -> &[u8] {
        // A clock that stands before 1970 is no reason not to answer.
        let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.line.is_empty() || second != self.second {
            let date = HttpDate::from(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
            *self = Self { second, line: format!("date: {date}\r\n\r\n").into_bytes() };
        }
        &self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_follows_the_clock() {
        let mut date = Date::default();
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_millis(second);
        assert_eq!(date.line(at(0)), b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
        assert_eq!(date.line(at(1_999)), b"date: Thu, 01 Jan 1970 00:00:01 GMT\r\n\r\n");
        assert_eq!(date.line(at(784_111_777_000)), b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(date.line(before), b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n");
    }
}

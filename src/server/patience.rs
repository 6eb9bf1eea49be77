//! A connection that is given up when its reader takes nothing for too long. Reading has its limit
//! in hyper; writing has none there.

use bytes::Bytes;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// A stream whose writes fail once nothing could be written for `patience`.
pub(super) struct Patient<S> {
    stream: S,
    /// Is read again before anything else.
    unread: Bytes,
    patience: Duration,
    /// Runs while the reader lets us wait.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, unread: Bytes::new(), patience, deadline: None }
    }

    /// Takes back what was read.
    pub(super) fn unread(self, bytes: Bytes) -> Self {
        Self { unread: bytes, ..self }
    }

    fn write(
        &mut self,
        context: &mut Context<'_>,
        attempt: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = attempt(Pin::new(&mut self.stream), context) {
            self.deadline = None;
            return Poll::Ready(result);
        }
        let patience = self.patience;
        let deadline =
            self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + patience)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Patient<TcpStream> {
    /// As a write, in another way.
    pub(super) fn poll_write_by(
        &mut self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| {
            loop {
                ready!(stream.poll_write_ready(context))?;
                match stream.try_io(Interest::WRITABLE, || attempt(&stream)) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return Poll::Ready(result),
                }
            }
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.unread.is_empty() {
            let length = self.unread.len().min(buffer.remaining());
            buffer.put_slice(&self.unread.split_to(length));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// One timer for many waits, each as long as the others: it is set anew only where it runs out.
pub(super) struct Deadline {
    patience: Duration,
    at: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Deadline {
    pub(super) fn after(patience: Duration) -> Self {
        let at = Instant::now() + patience;
        Self { patience, at, timer: Box::pin(tokio::time::sleep_until(at)) }
    }

    /// Another wait begins.
    pub(super) fn begin_anew(&mut self) {
        self.at = Instant::now() + self.patience;
    }

    /// Whether the wait is too long.
    pub(super) fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(context));
            if self.timer.deadline() >= self.at {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const PATIENCE: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn gives_up_on_a_reader_that_takes_nothing() {
        let (ours, _theirs) = tokio::io::duplex(8);
        let mut patient = Patient::new(ours, PATIENCE);
        let error = patient.write_all(&[0; 64]).await.expect_err("the reader takes eight bytes");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn serves_a_reader_that_takes_its_time() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let mut patient = Patient::new(ours, Duration::from_secs(30));
        let writing = tokio::spawn(async move { patient.write_all(&[7; 64]).await });
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).await.expect("an end");
        assert_eq!(heard, [7; 64]);
        writing.await.expect("no panic").expect("written");
    }
}

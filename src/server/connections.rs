//! Who is connected: a bounded number, each with limits on how slow and how long-winded it may be.
//! When the house is full, whoever was quiet the longest makes room. Does not know what is asked.

use super::patience::Patient;
use super::quick::{self, Ready};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tracing::{debug, warn};

/// How much connections may cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How many at once.
    pub(super) connections_max: usize,
    /// For the head of a request to arrive, and for a kept connection to send the next one.
    pub(super) head_patience: Duration,
    /// For a reader to take something of what we send.
    pub(super) write_patience: Duration,
    /// For requests under way at a stop.
    pub(super) stop_patience: Duration,
}

pub(super) const LIMITS: Limits = Limits {
    // Half of the 1024 files that a process may have open by default; polls and the store have the rest.
    connections_max: 512,
    head_patience: Duration::from_secs(10),
    write_patience: Duration::from_secs(30),
    stop_patience: Duration::from_secs(3),
};

/// Far more than browsers and proxies send; hyper needs at least 8 KiB.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A browser sends about fifteen, a chain of proxies a handful more each.
pub(super) const HEADERS_MAX: usize = 64;

/// When the system has no more files, the next moment may bring some back.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Answers requests.
pub(super) trait Answers: Clone + Send + Sync + 'static {
    /// The answer to a GET of a path where it stands ready, by the headers that decide.
    fn ready(&self, path: &str, headers: &HeaderMap) -> Option<Ready>;

    /// The answer to one request.
    fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response, Infallible>> + Send + use<Self>;
}

/// Answers until `stop` resolves.
pub(super) async fn serve(
    listener: TcpListener,
    answers: impl Answers,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut guests = Guests::default();
    let (stopped, stop_seen) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                guests.make_room(limits.connections_max);
                guests.welcome(|last_request| attend(stream, answers.clone(), limits, last_request, stop_seen.clone()));
            }
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    stopped.send_replace(true);
    // Those that are left then are dropped with the set.
    let all_gone = async { while guests.connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop_patience, all_gone).await.is_err() {
        debug!("some readers were too slow to be served to the end");
    }
}

/// One connection from its first byte to its end.
async fn attend(
    stream: TcpStream,
    answers: impl Answers,
    limits: Limits,
    last_request: LastRequest,
    mut stop: watch::Receiver<bool>,
) {
    // Without it the end of an answer may wait until its beginning is acknowledged.
    let _ = stream.set_nodelay(true);
    let mut stream = Patient::new(stream, limits.write_patience);
    let mut stop = pin!(async move {
        let _ = stop.wait_for(|is_stopped| *is_stopped).await;
    });
    let ready = |path: &str, headers: &HeaderMap| answers.ready(path, headers).inspect(|_| last_request.is_now());
    let quick = quick::attend(&mut stream, ready, (HEAD_BYTES_MAX, limits.head_patience), stop.as_mut());
    let heard = match quick.await {
        Ok(Some(heard)) => heard,
        Ok(None) => return,
        Err(error) => return debug!(%error, "a connection broke"),
    };
    let service = service_fn(move |request| {
        last_request.is_now();
        answers.answer(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_patience)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream.unread(heard)), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = stop => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Whatever a client does wrong here is no concern of ours.
        debug!(%error, "a connection broke");
    }
}

/// The connections, and how long each has been quiet.
#[derive(Default)]
struct Guests {
    connections: JoinSet<()>,
    present: Vec<(Arc<AtomicU64>, AbortHandle)>,
    /// Counts requests and arrivals: the order is all that matters, not the time.
    count: Arc<AtomicU64>,
}

/// Where a connection notes its requests.
struct LastRequest {
    number: Arc<AtomicU64>,
    count: Arc<AtomicU64>,
}

impl LastRequest {
    fn is_now(&self) {
        self.number.store(self.count.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Guests {
    fn welcome<F>(&mut self, attend: impl FnOnce(LastRequest) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let number = Arc::new(AtomicU64::new(0));
        let last_request = LastRequest { number: number.clone(), count: self.count.clone() };
        last_request.is_now();
        let task = self.connections.spawn(attend(last_request));
        self.present.push((number, task));
    }

    /// Sees that there is room for one more. Turning newcomers away instead would let a few hundred
    /// silent connections shut everyone else out.
    fn make_room(&mut self, connections_max: usize) {
        while self.connections.try_join_next().is_some() {}
        if self.present.len() < connections_max {
            return;
        }
        self.present.retain(|(_, task)| !task.is_finished());
        if self.present.len() < connections_max {
            return;
        }
        let quietest = self.present.iter().enumerate().min_by_key(|(_, (number, _))| number.load(Ordering::Relaxed));
        if let Some(place) = quietest.map(|(place, _)| place) {
            self.present.swap_remove(place).1.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lent::Lent;
    use super::*;
    use axum::body::Body;
    use bytes::Bytes;
    use std::future::ready;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(50);
    const PATIENT: Limits =
        Limits { connections_max: 3, head_patience: LONG, write_patience: LONG, stop_patience: LONG };

    /// What is asked of hyper, and what stands ready.
    const WAYS: [&str; 2] = ["/", "/ready"];

    #[derive(Clone)]
    struct Greeter;

    impl Answers for Greeter {
        fn ready(&self, path: &str, _: &HeaderMap) -> Option<Ready> {
            let ready = |body: Bytes| {
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len());
                Ready { head: head.into(), body: quick::Body::Bytes(body) }
            };
            match path {
                "/ready" => Some(ready(Bytes::from("hello"))),
                "/ready/large" => Some(ready(large())),
                "/ready/lent" => {
                    let body = quick::Body::Lent(Lent::new(&large()).expect("a place"));
                    Some(Ready { body, ..ready(large()) })
                }
                _ => None,
            }
        }

        fn answer(
            &self,
            request: Request<Incoming>,
        ) -> impl Future<Output = Result<Response, Infallible>> + Send + use<> {
            ready(Ok(Response::new(match request.uri().path() {
                "/large" => Body::from(large()),
                _ => Body::from("hello"),
            })))
        }
    }

    fn large() -> Bytes {
        Bytes::from(vec![b'x'; 32 * 1024 * 1024])
    }

    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let until_stopped = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, Greeter, limits, until_stopped));
        (address, stop, server)
    }

    async fn connect(address: SocketAddr) -> TcpStream {
        TcpStream::connect(address).await.expect("a connection")
    }

    async fn send(stream: &mut TcpStream, text: &str) {
        stream.write_all(text.as_bytes()).await.expect("sent");
    }

    async fn ask(stream: &mut TcpStream, path: &str) {
        send(stream, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        hear_greetings(stream, 1).await;
    }

    async fn hear_greetings(stream: &mut TcpStream, count: usize) {
        let mut heard = Vec::new();
        while String::from_utf8_lossy(&heard).matches("\r\n\r\nhello").count() < count {
            assert_ne!(stream.read_buf(&mut heard).await.expect("an answer"), 0, "closed");
        }
        assert!(heard.ends_with(b"hello"));
    }

    async fn is_closed(stream: &mut TcpStream) -> bool {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await;
        end.is_ok()
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_to_its_end_is_not_waited_for() {
        let (address, _stop, _server) = start(Limits { head_patience: SHORT, ..PATIENT }).await;
        let mut silent = connect(address).await;
        let mut slow = connect(address).await;
        send(&mut slow, "GET / HTT").await;
        let mut slower = connect(address).await;
        send(&mut slower, "POST / HTTP/1.1\r\nHost: x\r\n").await;
        assert!(is_closed(&mut silent).await && is_closed(&mut slow).await && is_closed(&mut slower).await);
    }

    #[tokio::test]
    async fn a_kept_connection_without_a_next_request_is_closed() {
        let (address, _stop, _server) = start(Limits { head_patience: SHORT, ..PATIENT }).await;
        for way in WAYS {
            let mut stream = connect(address).await;
            ask(&mut stream, way).await;
            assert!(is_closed(&mut stream).await, "{way}");
        }
    }

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_left_and_does_not_hold_up_a_stop() {
        for way in ["/large", "/ready/large", "/ready/lent"] {
            let (address, stop, server) = start(Limits { write_patience: SHORT, ..PATIENT }).await;
            let mut stream = connect(address).await;
            send(&mut stream, &format!("GET {way} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
            stream.readable().await.expect("the answer begins");
            stop.send(()).expect("the server waits for it");
            tokio::time::timeout(LONG / 2, server).await.expect("in time").expect("no panic");
        }
    }

    #[tokio::test]
    async fn an_answer_under_way_at_a_stop_comes_to_its_end() {
        for way in ["/large", "/ready/large", "/ready/lent"] {
            let (address, stop, server) = start(PATIENT).await;
            let mut stream = connect(address).await;
            send(&mut stream, &format!("GET {way} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
            stream.readable().await.expect("the answer begins");
            stop.send(()).expect("the server waits for it");
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).await.expect("an end");
            assert!(heard.ends_with(&large()), "{way}: {}", heard.len());
            server.await.expect("no panic");
        }
    }

    #[tokio::test]
    async fn whoever_was_quiet_the_longest_makes_room_for_a_newcomer() {
        for way in WAYS {
            let (address, _stop, _server) = start(PATIENT).await;
            let mut busy = connect(address).await;
            ask(&mut busy, way).await;
            let mut silent = connect(address).await;
            let mut other = connect(address).await;
            ask(&mut other, way).await;
            ask(&mut busy, way).await;
            let mut newcomer = connect(address).await;
            ask(&mut newcomer, way).await;
            assert!(is_closed(&mut silent).await, "{way}");
            ask(&mut busy, way).await;
            ask(&mut other, way).await;
        }
    }

    #[tokio::test]
    async fn a_half_sent_request_does_not_hold_up_a_stop_for_long() {
        for way in WAYS {
            let (address, stop, server) = start(Limits { stop_patience: SHORT, ..PATIENT }).await;
            let mut slow = connect(address).await;
            ask(&mut slow, way).await;
            send(&mut slow, "GET / HTT").await;
            stop.send(()).expect("the server waits for it");
            tokio::time::timeout(LONG / 2, server).await.expect("in time").expect("no panic");
        }
    }

    #[tokio::test]
    async fn requests_that_were_sent_at_once_are_answered_in_their_order() {
        let (address, _stop, _server) = start(PATIENT).await;
        let request = |way: &str| format!("GET {way} HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut stream = connect(address).await;
        let all = [request("/ready").repeat(100), "HEAD /ready HTTP/1.1\r\n\r\n".to_owned(), request("/ready")];
        send(&mut stream, &all.concat()).await;
        hear_greetings(&mut stream, 101).await;
        send(&mut stream, "\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /").await;
        hear_greetings(&mut stream, 1).await;
        ask(&mut stream, "/ready").await;
    }

    #[tokio::test]
    async fn a_request_may_come_in_pieces() {
        let (address, _stop, _server) = start(PATIENT).await;
        for way in WAYS {
            let mut stream = connect(address).await;
            let padding = "a".repeat(HEAD_BYTES_MAX / 2);
            for piece in ["G", "ET ", way, " HTTP/1.1\r", "\nHost: x\r\nX:", &padding, "\r\n", "\r", "\n"] {
                send(&mut stream, piece).await;
                tokio::task::yield_now().await;
            }
            hear_greetings(&mut stream, 1).await;
        }
    }

    #[tokio::test]
    async fn a_head_that_fills_its_room_is_refused_at_once() {
        let (address, _stop, _server) = start(PATIENT).await;
        let mut stream = connect(address).await;
        let line = "GET /ready HTTP/1.1\r\nX: ";
        send(&mut stream, &format!("{line}{}", "a".repeat(HEAD_BYTES_MAX - line.len()))).await;
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.expect("an end");
        assert!(heard.starts_with(b"HTTP/1.1 431 "), "{}", String::from_utf8_lossy(&heard));
    }
}

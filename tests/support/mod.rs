//! The world that tests need: a publisher that can be told how to behave, and the binary.

#![allow(dead_code, reason = "every test binary compiles this and uses a part")]

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{self, Runtime};
use tokio::sync::Notify;

/// The binary under test, reading `config`.
pub fn glasnik(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasnik"));
    command.arg("--config").arg(config).env_remove("GLASNIK_LOG");
    command
}

/// A web server on loopback that answers each path as it was last told, 404 where it was told
/// nothing, and remembers what it was asked. It lives on a thread of its own, so that a test may
/// block while the binary talks to it.
pub struct Publisher {
    address: SocketAddr,
    desk: Arc<Desk>,
    runtime: Option<Runtime>,
}

/// What a publisher was asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// With the query, if there was one.
    pub path: String,
    /// As received, in order.
    pub headers: Vec<(String, Vec<u8>)>,
}

#[derive(Clone)]
enum Behaviour {
    /// 200 with validators, or 304 to whoever has the document.
    Publishes { etag: String, body: Vec<u8> },
    /// 200 that promises the whole document and closes the connection before its end.
    Truncates { etag: String, body: Vec<u8>, missing_bytes: usize },
    /// These very things.
    Answers { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// Takes the request and says nothing.
    Hangs,
    /// Takes the request and says nothing until it is told what.
    Waits,
    /// Begins a document that has no end.
    SendsForever,
}

#[derive(Default)]
struct Desk {
    behaviours: Mutex<HashMap<String, Behaviour>>,
    requests: Mutex<Vec<Request>>,
    was_told: Notify,
}

impl Desk {
    async fn behaviour(&self, path: &str) -> Option<Behaviour> {
        loop {
            // Before the look, so that nothing is told in between.
            let told = self.was_told.notified();
            match lock(&self.behaviours).get(path).cloned() {
                Some(Behaviour::Waits) => {}
                behaviour => return behaviour,
            }
            told.await;
        }
    }
}

impl Publisher {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a fresh socket may be set");
        let address = listener.local_addr().expect("a bound socket has an address");
        let desk = Arc::new(Desk::default());
        runtime.spawn(serve(listener, desk.clone()));
        Self { address, desk, runtime: Some(runtime) }
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers 200 with a strong ETag and Last-Modified, and 304 to a matching If-None-Match.
    pub fn publishes(&self, path: &str, body: impl Into<Vec<u8>>) {
        let body = body.into();
        self.behaves(path, Behaviour::Publishes { etag: etag(&body), body });
    }

    /// Answers with exactly this, whatever the request says.
    pub fn answers(&self, path: &str, status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.behaves(path, Behaviour::Answers { status, headers, body: body.into() });
    }

    /// Answers 200 with the document published there, but closes the connection before its last
    /// bytes, although Content-Length counts them. Says so to conditional requests too.
    pub fn truncates(&self, path: &str, missing_bytes: usize) {
        let published = lock(&self.desk.behaviours).get(path).cloned();
        let Some(Behaviour::Publishes { etag, body } | Behaviour::Truncates { etag, body, .. }) = published else {
            panic!("nothing is published at {path} that could be truncated");
        };
        self.behaves(path, Behaviour::Truncates { etag, body, missing_bytes });
    }

    /// Answers 410.
    pub fn gone(&self, path: &str) {
        self.answers(path, 410, &[], "");
    }

    /// Answers with a redirect; Location is a path, as many servers send it.
    pub fn moves(&self, path: &str, status: u16, to: &str) {
        self.answers(path, status, &[("Location", to)], "");
    }

    /// Takes the request and never answers.
    pub fn hangs(&self, path: &str) {
        self.behaves(path, Behaviour::Hangs);
    }

    /// Takes the request and answers it as soon as it is told how.
    pub fn waits(&self, path: &str) {
        self.behaves(path, Behaviour::Waits);
    }

    /// Answers 200 with a feed that goes on until the reader leaves.
    pub fn sends_forever(&self, path: &str) {
        self.behaves(path, Behaviour::SendsForever);
    }

    /// All that was asked so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.desk.requests).clone()
    }

    /// How often `path` was asked for.
    pub fn requests_to(&self, path: &str) -> usize {
        lock(&self.desk.requests).iter().filter(|request| request.path == path).count()
    }

    fn behaves(&self, path: &str, behaviour: Behaviour) {
        lock(&self.desk.behaviours).insert(path.to_owned(), behaviour);
        self.desk.was_told.notify_waiters();
    }
}

impl Drop for Publisher {
    /// Without waiting: a hanging answer never ends by itself.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

/// Equal for equal bytes only.
fn etag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

async fn serve(listener: std::net::TcpListener, desk: Arc<Desk>) {
    let listener = TcpListener::from_std(listener).expect("within a runtime");
    loop {
        // A reader that was killed between connecting and being accepted is none of our business.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, desk.clone()));
        }
    }
}

/// One connection, request after request, until either side has enough. That the reader hangs up is
/// an ordinary end.
async fn converse(mut stream: TcpStream, desk: Arc<Desk>) -> io::Result<()> {
    let mut received = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut received).await? {
        lock(&desk.requests).push(request.clone());
        let behaviour = desk.behaviour(&request.path).await;
        let stays_open = answer(&mut stream, &request, behaviour).await?;
        if !stays_open {
            break;
        }
    }
    Ok(())
}

/// The next request's head (the reader sends no bodies); `None` when the reader has left.
async fn next_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> io::Result<Option<Request>> {
    const END_OF_HEAD: &[u8] = b"\r\n\r\n";
    loop {
        if let Some(end) = received.windows(END_OF_HEAD.len()).position(|bytes| bytes == END_OF_HEAD) {
            let head: Vec<u8> = received.drain(..end + END_OF_HEAD.len()).collect();
            return Ok(Some(Request::parse(&head[..end])));
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

/// Answers, and says whether the connection stays open.
async fn answer(stream: &mut TcpStream, request: &Request, behaviour: Option<Behaviour>) -> io::Result<bool> {
    match behaviour {
        None => send(stream, 404, &[], b"", 0).await,
        Some(Behaviour::Publishes { etag, .. }) if request.has(&etag) => {
            send(stream, 304, &[("ETag".to_owned(), etag)], b"", 0).await
        }
        Some(Behaviour::Publishes { etag, body }) => {
            send(stream, 200, &document_headers(&request.path, etag), &body, 0).await
        }
        Some(Behaviour::Truncates { etag, body, missing_bytes }) => {
            send(stream, 200, &document_headers(&request.path, etag), &body, missing_bytes).await
        }
        Some(Behaviour::Answers { status, headers, body }) => send(stream, status, &headers, &body, 0).await,
        Some(Behaviour::Hangs | Behaviour::Waits) => std::future::pending().await,
        Some(Behaviour::SendsForever) => send_forever(stream).await,
    }
}

fn document_headers(path: &str, etag: String) -> Vec<(String, String)> {
    let content_type = match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("json") => "application/feed+json",
        _ => "application/xml",
    };
    vec![
        ("Content-Type".to_owned(), content_type.to_owned()),
        ("ETag".to_owned(), etag),
        ("Last-Modified".to_owned(), "Mon, 05 Jan 2026 08:00:00 GMT".to_owned()),
    ]
}

async fn send(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(String, String)],
    body: &[u8],
    missing_bytes: usize,
) -> io::Result<bool> {
    let mut message = format!("HTTP/1.1 {status} As told\r\n");
    for (name, value) in headers {
        message += &format!("{name}: {value}\r\n");
    }
    // These two have no body, and so no length of one (RFC 9110 §8.6).
    if !matches!(status, 204 | 304) {
        message += &format!("Content-Length: {}\r\n", body.len());
    }
    let mut bytes = (message + "\r\n").into_bytes();
    bytes.extend(&body[..body.len().saturating_sub(missing_bytes)]);
    stream.write_all(&bytes).await?;
    Ok(missing_bytes == 0)
}

async fn send_forever(stream: &mut TcpStream) -> io::Result<bool> {
    let head = "HTTP/1.1 200 As told\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(b"<rss version=\"2.0\"><channel><title>Endless</title>").await?;
    let items = "<item><title>And another thing</title></item>".repeat(1000);
    loop {
        stream.write_all(items.as_bytes()).await?;
    }
}

impl Request {
    fn parse(head: &[u8]) -> Self {
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let target = lines.next().unwrap_or_default().split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let header = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((text(&line[..colon]), line[colon + 1..].trim_ascii().to_vec()))
        };
        Self { path: text(target), headers: lines.filter_map(header).collect() }
    }

    fn has(&self, etag: &str) -> bool {
        self.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("if-none-match") && value == etag.as_bytes())
    }
}

//! A thousand feeds on many loopback addresses, in a process of its own so that its work is in
//! nobody's figures. Told what to do on stdin, a line a command; answers on stdout, a line each.
//! Ends when stdin does.

use crate::feeds;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::io::{self, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request's head that is longer is none that a feed reader sends.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What the origin is like.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Settings {
    /// How many feeds
    #[arg(long, default_value_t = 1000)]
    pub feeds: usize,
    /// Over how many loopback addresses the feeds are spread; glasnik asks one at a time of each
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=250))]
    pub addresses: u8,
    /// Before each answer of the origin, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub latency_ms: u64,
}

impl Settings {
    /// As they are given to the process that is the origin.
    pub fn to_arguments(self) -> [String; 3] {
        let Self { feeds, addresses, latency_ms } = self;
        [format!("--feeds={feeds}"), format!("--addresses={addresses}"), format!("--latency-ms={latency_ms}")]
    }
}

/// A line on its stdin.
#[derive(Debug, Serialize, Deserialize)]
pub enum Command {
    /// Says what was asked since this was last said.
    Count,
    /// Lets this share of all items be new, one a feed.
    Advance(f64),
}

/// What it was asked.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub struct Counts {
    /// In all.
    pub requests: u64,
    /// Of these, answered with 304.
    pub not_modified: u64,
    /// Bytes of bodies as sent, that is compressed.
    pub body_bytes: u64,
}

struct Document {
    etag: String,
    plain: Bytes,
    gzip: Bytes,
}

struct World {
    settings: Settings,
    documents: RwLock<Vec<Arc<Document>>>,
    requests: AtomicU64,
    not_modified: AtomicU64,
    body_bytes: AtomicU64,
}

/// Serves until stdin ends. The first line on stdout is the list of addresses.
pub async fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let mut newest: Vec<u64> = (0..settings.feeds).map(feeds::first_newest).collect();
    let world = Arc::new(World {
        settings,
        documents: RwLock::new(documents(&newest)),
        requests: AtomicU64::new(0),
        not_modified: AtomicU64::new(0),
        body_bytes: AtomicU64::new(0),
    });
    let mut addresses = Vec::new();
    for n in 1..=settings.addresses {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), 0)).await?;
        addresses.push(listener.local_addr()?);
        tokio::spawn(serve(listener, world.clone()));
    }
    say::<Vec<SocketAddr>>(&addresses)?;
    let mut commands = BufReader::new(io::stdin()).lines();
    let mut round = 0;
    while let Some(line) = commands.next_line().await? {
        match serde_json::from_str(&line)? {
            Command::Count => say(&world.count())?,
            Command::Advance(share) => {
                round += 1;
                say(&world.advance(share, round, &mut newest))?;
            }
        }
    }
    Ok(())
}

fn say<T: Serialize>(value: &T) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Made by two threads: a hundred megabytes want to be compressed.
fn documents(newest: &[u64]) -> Vec<Arc<Document>> {
    let make = |(feed, newest): (usize, &u64)| Arc::new(Document::new(&feeds::document(feed, *newest)));
    let (left, right) = newest.split_at(newest.len() / 2);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| left.iter().enumerate().map(make).collect::<Vec<_>>());
        let second: Vec<_> = right.iter().enumerate().map(|(n, newest)| make((left.len() + n, newest))).collect();
        first.join().expect("feeds are made without panic").into_iter().chain(second).collect()
    })
}

impl Document {
    fn new(text: &str) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let gzip = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("memory takes all");
        let checksum = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { etag: format!("\"{checksum:016x}\""), plain: text.to_owned().into(), gzip: gzip.into() }
    }
}

impl World {
    fn count(&self) -> Counts {
        Counts {
            requests: self.requests.swap(0, Relaxed),
            not_modified: self.not_modified.swap(0, Relaxed),
            body_bytes: self.body_bytes.swap(0, Relaxed),
        }
    }

    /// Says how many items are new.
    fn advance(&self, share: f64, round: usize, newest: &mut [u64]) -> u64 {
        let items: u64 = (0..newest.len()).map(feeds::items_in).sum();
        let new = (items as f64 * share).round() as usize;
        let stride = (newest.len() / new.max(1)).max(1);
        let mut documents = self.documents.write().expect("nobody panics while holding it");
        for n in 0..new {
            let feed = (n * stride + round) % newest.len();
            newest[feed] += 1;
            documents[feed] = Arc::new(Document::new(&feeds::document(feed, newest[feed])));
        }
        new as u64
    }

    fn document(&self, path: &str) -> Option<Arc<Document>> {
        let feed: usize = path.strip_prefix("/feed/")?.strip_suffix(".xml")?.parse().ok()?;
        self.documents.read().expect("nobody panics while holding it").get(feed).cloned()
    }

    fn answer(&self, request: &str) -> (String, Bytes) {
        let wants = |name: &str, value: &str| {
            request.lines().filter_map(|line| line.split_once(':')).any(|(header, said)| {
                header.eq_ignore_ascii_case(name) && said.split(',').any(|part| part.trim() == value)
            })
        };
        self.requests.fetch_add(1, Relaxed);
        let Some(document) = request.split(' ').nth(1).and_then(|path| self.document(path)) else {
            return ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), Bytes::new());
        };
        let etag = &document.etag;
        if wants("if-none-match", etag) {
            self.not_modified.fetch_add(1, Relaxed);
            return (format!("HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n"), Bytes::new());
        }
        let (body, encoding) = match wants("accept-encoding", "gzip") {
            true => (document.gzip.clone(), "Content-Encoding: gzip\r\n"),
            false => (document.plain.clone(), ""),
        };
        self.body_bytes.fetch_add(body.len() as u64, Relaxed);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nETag: {etag}\r\n\
             Vary: Accept-Encoding\r\n{encoding}Content-Length: {}\r\n\r\n",
            body.len()
        );
        (head, body)
    }
}

async fn serve(listener: TcpListener, world: Arc<World>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, world.clone()));
        }
    }
}

/// One connection, request after request (which have no bodies), until the reader hangs up.
async fn converse(mut stream: TcpStream, world: Arc<World>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head: Vec<u8> = received.drain(..end + 4).collect();
            if world.settings.latency_ms > 0 {
                tokio::time::sleep(Duration::from_millis(world.settings.latency_ms)).await;
            }
            let (head, body) = world.answer(&String::from_utf8_lossy(&head));
            let mut message = Vec::with_capacity(head.len() + body.len());
            message.extend(head.into_bytes());
            message.extend(&body);
            stream.write_all(&message).await?;
        } else if received.len() > HEAD_BYTES_MAX || stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    }
}

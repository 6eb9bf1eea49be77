//! Many small feeds on many loopback addresses, each with one item that never changes. Knows when it
//! was asked for which.

use std::collections::HashMap;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Each stands for a server with as many feeds as a platform has.
const ADDRESSES: u8 = 250;

/// A request's head that is longer is none that a feed reader sends.
const HEAD_BYTES_MAX: usize = 16 * 1024;

pub struct Publishers {
    feeds: usize,
    addresses: Vec<SocketAddr>,
    manners: Arc<Manners>,
}

/// How requests are answered, and which there were.
#[derive(Default)]
struct Manners {
    latency_ms: AtomicUsize,
    hanging: AtomicUsize,
    asked: Mutex<HashMap<usize, SystemTime>>,
}

impl Publishers {
    pub async fn start(feeds: usize) -> Result<Self, Box<dyn Error>> {
        let manners = Arc::<Manners>::default();
        let mut addresses = Vec::new();
        for n in 1..=ADDRESSES {
            let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), 0)).await?;
            addresses.push(listener.local_addr()?);
            tokio::spawn(serve(listener, manners.clone()));
        }
        Ok(Self { feeds, addresses, manners })
    }

    pub fn urls(&self) -> impl Iterator<Item = String> {
        let address = |feed: usize| self.addresses[feed % self.addresses.len()];
        (0..self.feeds).map(move |feed| format!("http://{}/{feed}", address(feed)))
    }

    /// From now on answers take so long, and so many servers in a hundred give none. What was asked
    /// before is forgotten.
    pub fn slow_down(&self, latency: Duration, hanging: usize) {
        self.manners.asked().clear();
        self.manners.latency_ms.store(latency.as_millis() as usize, Relaxed);
        self.manners.hanging.store(hanging, Relaxed);
    }

    /// When a feed was asked for the first time since then.
    pub fn asked_at(&self, feed: usize) -> Option<SystemTime> {
        self.manners.asked().get(&feed).copied()
    }

    /// Whether a feed's server is one of those that hang.
    pub fn hangs(&self, feed: usize) -> bool {
        self.manners.hang(feed)
    }
}

impl Manners {
    /// All feeds of one server do, or none.
    fn hang(&self, feed: usize) -> bool {
        feed % usize::from(ADDRESSES) % 100 < self.hanging.load(Relaxed)
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, HashMap<usize, SystemTime>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, manners: Arc<Manners>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, manners.clone()));
        }
    }
}

async fn converse(mut stream: TcpStream, manners: Arc<Manners>) -> io::Result<()> {
    let mut received = Vec::new();
    loop {
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head: Vec<u8> = received.drain(..end + 4).collect();
            let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
            let path = head.split(' ').nth(1).and_then(|path| path.strip_prefix('/')?.parse::<usize>().ok());
            let feed = path.unwrap_or_default();
            manners.asked().entry(feed).or_insert_with(SystemTime::now);
            if manners.hang(feed) {
                return std::future::pending().await;
            }
            tokio::time::sleep(Duration::from_millis(manners.latency_ms.load(Relaxed) as u64)).await;
            stream.write_all(answer(feed, head.contains("\r\nif-none-match:")).as_bytes()).await?;
        } else if received.len() > HEAD_BYTES_MAX || stream.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
    }
}

/// Nothing ever changes, so that whoever has an ETag has the right one.
fn answer(feed: usize, is_known: bool) -> String {
    if is_known {
        return format!("HTTP/1.1 304 Not Modified\r\nETag: \"{feed}\"\r\n\r\n");
    }
    let body = format!(
        "<rss version=\"2.0\"><channel><title>Feed {feed}</title><link>https://{feed}.example/</link>\
         <description>One item</description><item><guid isPermaLink=\"false\">{feed}</guid>\
         <link>https://{feed}.example/1</link><title>The only item of feed {feed}</title></item></channel></rss>"
    );
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"{feed}\"\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

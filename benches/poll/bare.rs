//! What cannot be done without: fetch 64 at once, parse with feed-rs, insert the rows in large
//! transactions; or only the first of it. No repair, no sanitizing, no identity, no topics, no manners.
//! Built from the same crates as glasnik, so that a ratio says what glasnik adds.

use crate::feeds;
use feed_rs::model::{Entry, Text};
use flate2::read::GzDecoder;
use reqwest::{Client, StatusCode, header};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, mpsc};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Requests in flight.
const AT_ONCE: usize = 64;

/// Feeds in a transaction.
const BATCH: usize = 64;

/// How far it goes.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, clap::ValueEnum)]
pub enum Depth {
    /// Fetch and unpack.
    Fetch,
    /// And parse.
    Parse,
    /// And insert.
    Insert,
}

/// What came of a pass; a line on stdout.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Rows that were not there before.
    pub new: u64,
    /// Feeds that could not be read.
    pub failed: u64,
}

/// One pass over `urls` into the database at `path`; asks conditionally where it has been before.
pub async fn run(path: &Path, urls: Vec<String>, depth: Depth) -> Result<Outcome, Box<dyn Error>> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a TLS provider is there already")?;
    let database = open(path)?;
    let mut etags: HashMap<String, String> = database
        .prepare("SELECT url, etag FROM feed WHERE etag IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let client = Client::builder().no_proxy().build()?;
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let (to_writer, read) = mpsc::channel();
    let writer = std::thread::spawn(move || keep(database, &read));
    let mut feeds = JoinSet::new();
    for url in urls {
        let (client, places, to_writer) = (client.clone(), places.clone(), to_writer.clone());
        let etag = etags.remove(&url);
        feeds.spawn(async move {
            let _place = places.acquire().await.expect("never closed");
            match fetch(&client, url, etag, depth).await {
                Ok(Some(read)) if depth == Depth::Insert => to_writer.send(read).is_ok(),
                Ok(_) => true,
                Err(_) => false,
            }
        });
    }
    drop(to_writer);
    let mut outcome = Outcome::default();
    while let Some(done) = feeds.join_next().await {
        outcome.failed += u64::from(!done?);
    }
    outcome.new = writer.join().expect("the writer does not panic")?;
    Ok(outcome)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS feed (url TEXT PRIMARY KEY, etag TEXT);
         CREATE TABLE IF NOT EXISTS entry (feed TEXT, id TEXT, link TEXT, title TEXT, summary TEXT, content TEXT,
             published INTEGER, updated INTEGER, UNIQUE (feed, id));",
    )?;
    Ok(database)
}

/// A document that was read.
struct Read {
    url: String,
    etag: Option<String>,
    entries: Vec<Entry>,
}

async fn fetch(
    client: &Client,
    url: String,
    etag: Option<String>,
    depth: Depth,
) -> Result<Option<Read>, Box<dyn Error>> {
    let mut request = client.get(&url).header(header::ACCEPT_ENCODING, "gzip");
    if let Some(etag) = etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    let response = request.send().await?.error_for_status()?;
    if response.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let packed = response.bytes().await?;
    let mut body = Vec::with_capacity(packed.len() * 5);
    GzDecoder::new(&packed[..]).read_to_end(&mut body)?;
    if depth < Depth::Parse {
        return Ok(None);
    }
    let feed = feed_rs::parser::parse(&body[..])?;
    Ok(Some(Read { url, etag, entries: feed.entries }))
}

/// Inserts what arrives, a transaction for [`BATCH`] feeds, and says how many rows were new.
fn keep(mut database: Connection, read: &mpsc::Receiver<Read>) -> rusqlite::Result<u64> {
    let mut new = 0;
    while let Ok(first) = read.recv() {
        let transaction = database.transaction()?;
        for feed in std::iter::once(first).chain(read.iter().take(BATCH - 1)) {
            transaction
                .prepare_cached("INSERT INTO feed VALUES (?1, ?2) ON CONFLICT DO UPDATE SET etag = ?2")?
                .execute(params![feed.url, feed.etag])?;
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
            for entry in feed.entries {
                let text = |text: Option<Text>| text.map(|text| text.content);
                new += insert.execute(params![
                    feed.url,
                    entry.id,
                    entry.links.first().map(|link| &link.href),
                    text(entry.title),
                    text(entry.summary),
                    entry.content.and_then(|content| content.body),
                    entry.published.map(|at| at.timestamp()),
                    entry.updated.map(|at| at.timestamp()),
                ])? as u64;
            }
        }
        transaction.commit()?;
    }
    Ok(new)
}

/// The two floors under all of it, without a network: seconds of one core.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Floors {
    /// Putting the rows of all feeds into an empty database.
    pub insert_s: f64,
    /// Copying all documents once, unpacked.
    pub copy_s: f64,
}

/// Measures them over so many feeds.
pub fn floors(path: &Path, feeds: usize) -> Result<Floors, Box<dyn Error>> {
    let documents: Vec<String> = (0..feeds).map(|feed| feeds::document(feed, feeds::first_newest(feed))).collect();
    let (to_writer, read) = mpsc::channel();
    for (feed, document) in documents.iter().enumerate() {
        let entries = feed_rs::parser::parse(document.as_bytes())?.entries;
        to_writer.send(Read { url: feed.to_string(), etag: None, entries })?;
    }
    drop(to_writer);
    let database = open(path)?;
    let start = thread_s()?;
    keep(database, &read)?;
    let inserted = thread_s()?;
    for document in &documents {
        std::hint::black_box(document.clone());
    }
    Ok(Floors { insert_s: inserted - start, copy_s: thread_s()? - inserted })
}

/// What this thread has used; the kernel counts it in nanoseconds.
fn thread_s() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = stat.split_whitespace().next().ok_or("no time in schedstat")?.parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

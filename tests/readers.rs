//! Readers that other people wrote subscribe over HTTP and see exactly what is new, with the ids,
//! links, dates and topics that we meant: feed-rs always, feedparser and newsboat where they are.

mod support;

use chrono::{DateTime, Utc};
use glasnik::config;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::Publisher;
use tempfile::TempDir;

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a reader has of an item. Fields that it does not show are empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Seen {
    id: String,
    link: String,
    title: String,
    published: i64,
    topics: BTreeSet<String>,
}

type Items = BTreeMap<String, Seen>;

/// A publisher, our site that reads it, and a folder for what readers keep.
struct Site {
    publisher: Publisher,
    folder: TempDir,
    port: u16,
}

impl Site {
    async fn start() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        let site = Self { publisher: Publisher::start().await, folder: tempfile::tempdir().expect("a folder"), port };
        let config = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n[defaults]\nallow_private = true\n[[host]]\nmatch = \"127.0.0.1\"\n\
             spacing = \"0s\"\n[[feed]]\nurl = \"{}\"\nid = \"desk\"\n[[feed]]\nurl = \"http://127.0.0.1:{port}/feeds/all.atom\"\n\
             id = \"ourselves\"\n[[topic]]\nid = \"security\"\nenough = [\"KFOR\"]\n[[output]]\nid = \"all\"\ncollapse = \"none\"\n",
            site.publisher.url("/feed.xml"),
        );
        std::fs::write(site.config(), config).expect("written");
        config::load(&site.config()).expect("it is right");
        site
    }

    fn config(&self) -> std::path::PathBuf {
        self.folder.path().join("feeds.toml")
    }

    fn url(&self, extension: &str) -> String {
        format!("http://127.0.0.1:{}/feeds/all.{extension}", self.port)
    }

    /// Serves what is kept while `read` reads.
    fn serving<T>(&self, read: impl FnOnce() -> T) -> T {
        let mut daemon = self.daemon();
        let start = Instant::now();
        while get(&self.url("atom")).is_none() {
            assert!(start.elapsed() < PATIENCE, "the daemon never served");
            std::thread::sleep(Duration::from_millis(20));
        }
        let what = read();
        let _ = daemon.kill();
        let _ = daemon.wait();
        what
    }

    fn daemon(&self) -> Child {
        let mut command = support::glasnik(&self.config());
        command.arg("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    }

    fn polls(&self, feeds: &[&str]) -> String {
        let mut command = support::glasnik(&self.config());
        let output = command.args(["poll", "--all", "--json"]).args(feeds).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

/// What a plain GET brings, if the answer is 200.
fn get(url: &str) -> Option<Vec<u8>> {
    use std::io::{Read, Write};
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut stream = std::net::TcpStream::connect(host).ok()?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    answer[..end].windows(5).any(|word| word == b" 200 ").then(|| answer.split_off(end + 4))
}

/// Three items a round: one with an id of its own, one with a number for an id, one with nothing.
fn feed(rounds: u32) -> String {
    let mut feed = "<rss version=\"2.0\"><channel><title>Desk</title><link>https://d.example/</link>\
                    <description>D</description>"
        .to_owned();
    for round in (0..rounds).rev() {
        let date = format!("Mon, 02 Mar 2026 0{round}:00:0");
        feed += &format!(
            "<item><guid isPermaLink=\"false\">tag:d.example,2026:{round}</guid><link>https://d.example/{round}?a=1&amp;b=2</link>\
             <title>KFOR &amp;amp; EU, round {round}</title><pubDate>{date}2 GMT</pubDate><description>&lt;p>Text {round}&lt;/p></description></item>\
             <item><guid isPermaLink=\"false\">{round}</guid><link>https://d.example/n{round}</link><title>R&amp;amp;D &amp;lt;b> {round}</title>\
             <pubDate>{date}1 GMT</pubDate></item>\
             <item><link>https://d.example/x{round}</link><title>Вести {round}</title><pubDate>{date}0 GMT</pubDate></item>"
        );
    }
    feed + "</channel></rss>"
}

/// What everyone should see of one round.
fn expected(round: i64, ids: &Items) -> Vec<Seen> {
    let start = "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().expect("a date").timestamp() + round * 3600;
    let item = |link: String, title: String, second: i64, topics: &[&str]| Seen {
        id: ids.values().find(|seen| seen.link == link).expect("feed-rs has it").id.clone(),
        link,
        title,
        published: start + second,
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
    };
    vec![
        item(format!("https://d.example/{round}?a=1&b=2"), format!("KFOR & EU, round {round}"), 2, &["security"]),
        item(format!("https://d.example/n{round}"), format!("R&D <b> {round}"), 1, &[]),
        item(format!("https://d.example/x{round}"), format!("Вести {round}"), 0, &[]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reader_sees_exactly_the_new_items_of_three_rounds() {
    let site = Site::start().await;
    let readers = [Reader::FeedRs, Reader::Feedparser, Reader::Newsboat];
    let readers: Vec<Reader> = readers.into_iter().filter(|reader| reader.is_here()).collect();
    let mut seen: BTreeMap<(usize, &str), Items> = BTreeMap::new();
    for round in 0..3 {
        site.publisher.publishes("/feed.xml", feed(round + 1));
        tokio::task::block_in_place(|| site.polls(&["desk"]));
        let now_seen: Vec<(usize, &str, Items)> = tokio::task::block_in_place(|| {
            site.serving(|| {
                let reads = |(at, reader): (usize, &Reader)| {
                    let formats = reader.formats().iter();
                    formats.map(|format| (at, *format, reader.read(&site, format))).collect::<Vec<_>>()
                };
                readers.iter().enumerate().flat_map(reads).collect()
            })
        });
        let ids = now_seen[0].2.clone();
        for (at, format, items) in now_seen {
            let before = seen.insert((at, format), items.clone()).unwrap_or_default();
            let new: BTreeSet<Seen> =
                items.into_iter().filter(|(id, _)| !before.contains_key(id)).map(|(_, item)| item).collect();
            let told: BTreeSet<Seen> =
                expected(i64::from(round), &ids).into_iter().map(|item| readers[at].shows(item)).collect();
            assert_eq!(new, told, "{:?} {format} round {round}", readers[at]);
            assert!(before.keys().all(|id| seen[&(at, format)].contains_key(id)), "what was seen stays");
        }
    }
    let ids: BTreeSet<&str> = seen[&(0, "atom")].keys().map(String::as_str).collect();
    assert!(ids.contains("tag:d.example,2026:0"), "D6: the publisher's own id, {ids:?}");
    assert_eq!(ids.iter().filter(|id| id.starts_with("tag:127.0.0.1,2026:entries/")).count(), 6, "D7: {ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn d52_reading_our_own_output_brings_nothing() {
    let site = Site::start().await;
    site.publisher.publishes("/feed.xml", feed(3));
    tokio::task::block_in_place(|| site.polls(&["desk"]));
    for extension in ["atom", "rss", "json"] {
        let config = std::fs::read_to_string(site.config()).expect("it is there");
        let (before, _) = config.split_once("/feeds/all.").expect("we read ourselves");
        let after = config.split_once("/feeds/all.").and_then(|(_, after)| after.split_once('"')).expect("quoted").1;
        std::fs::write(site.config(), format!("{before}/feeds/all.{extension}\"{after}")).expect("written");
        // Two daemons cannot write to one store, so the document is taken from one and told by another.
        let document = tokio::task::block_in_place(|| site.serving(|| get(&site.url(extension)).expect("served")));
        let told = Publisher::start().await;
        told.publishes(&format!("/feeds/all.{extension}"), document);
        let own = std::fs::read_to_string(site.config()).expect("it is there");
        let own = own.replace(&site.url(extension), &told.url(&format!("/feeds/all.{extension}")));
        let aside = site.folder.path().join(format!("{extension}.toml"));
        std::fs::write(&aside, format!("base_url = \"http://127.0.0.1:{}/\"\n{own}", site.port)).expect("written");
        let mut command = support::glasnik(&aside);
        let command = command.args(["poll", "--all", "--json", "ourselves"]);
        let output = tokio::task::block_in_place(|| command.output()).expect("it runs");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let said: serde_json::Value = serde_json::from_str(said.trim()).expect("one line of JSON");
        assert_eq!((&said["http"], &said["new"]), (&200.into(), &0.into()), "{extension}: {said}");
    }
}

/// Programs that read feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    FeedRs,
    Feedparser,
    Newsboat,
}

impl Reader {
    /// Whether it is installed; says so where it is not.
    fn is_here(self) -> bool {
        let (program, arguments) = match self {
            Self::FeedRs => return true,
            Self::Feedparser => (PYTHON, &["-c", "import feedparser"][..]),
            Self::Newsboat => ("newsboat", &["--version"][..]),
        };
        let ran = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_here = ran.is_ok_and(|status| status.success());
        if !is_here {
            eprintln!("SKIPPED: {self:?} is not installed, ./check installs it where there is apt-get");
        }
        is_here
    }

    /// Those that it reads.
    fn formats(self) -> &'static [&'static str] {
        match self {
            Self::FeedRs => &["atom", "rss", "json"],
            Self::Feedparser | Self::Newsboat => &["atom", "rss"],
        }
    }

    /// As much of an item as it shows.
    fn shows(self, item: Seen) -> Seen {
        match self {
            Self::Newsboat => Seen { topics: BTreeSet::new(), ..item },
            _ => item,
        }
    }

    fn read(self, site: &Site, format: &str) -> Items {
        let items = match self {
            Self::FeedRs => by_feed_rs(&get(&site.url(format)).expect("served")),
            Self::Feedparser => by_feedparser(&site.url(format)),
            Self::Newsboat => by_newsboat(&site.url(format), &site.folder.path().join(format)),
        };
        items.into_iter().map(|item| (item.id.clone(), item)).collect()
    }
}

/// Debian's, for which Debian has the feedparser.
const PYTHON: &str = "/usr/bin/python3";

fn by_feed_rs(document: &[u8]) -> Vec<Seen> {
    let feed = feed_rs::parser::parse(document).expect("feed-rs reads it");
    let item = |entry: feed_rs::model::Entry| Seen {
        id: entry.id,
        link: entry.links.first().map(|link| link.href.clone()).unwrap_or_default(),
        title: decoded(&entry.title.expect("a title").content),
        published: entry.published.expect("a date").timestamp(),
        topics: entry.categories.into_iter().map(|category| category.term).collect(),
    };
    feed.entries.into_iter().map(item).collect()
}

/// Titles as readers show them: they take the entities that we double for them.
fn decoded(title: &str) -> String {
    title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

const FEEDPARSER: &str = "
import calendar, feedparser, json, sys
for entry in feedparser.parse(sys.argv[1]).entries:
    print(json.dumps([entry.id, entry.link, entry.title, calendar.timegm(entry.published_parsed), [tag.term for tag in entry.get('tags', [])]]))
";

fn by_feedparser(url: &str) -> Vec<Seen> {
    let output = Command::new(PYTHON).args(["-c", FEEDPARSER, url]).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let item = |line: &str| {
        let (id, link, title, published, topics): (String, String, String, i64, BTreeSet<String>) =
            serde_json::from_str(line).expect("JSON");
        Seen { id, link, title: decoded(&title), published, topics }
    };
    said.lines().map(item).collect()
}

/// Newsboat keeps what it has seen between two rounds, as it does for people.
fn by_newsboat(url: &str, folder: &Path) -> Vec<Seen> {
    std::fs::create_dir_all(folder).expect("a folder");
    let file = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(folder.join("urls"), url).expect("written");
    std::fs::write(folder.join("config"), "").expect("written");
    let (urls, cache, config) = (file("urls"), file("cache.db"), file("config"));
    let mut command = Command::new("newsboat");
    command.args(["-u", &urls, "-c", &cache, "-C", &config, "-x", "reload"]).env("HOME", folder).env("TERM", "dumb");
    let output = command.output().expect("newsboat runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cache = rusqlite::Connection::open(cache).expect("newsboat's own store");
    let mut items = cache.prepare("SELECT guid, url, title, pubDate FROM rss_item").expect("its table");
    let item = |row: &rusqlite::Row<'_>| {
        let title: String = row.get(2)?;
        let (id, link, published) = (row.get(0)?, row.get(1)?, row.get(3)?);
        Ok(Seen { id, link, title: decoded(&title), published, topics: BTreeSet::new() })
    };
    items.query_map([], item).expect("rows").collect::<Result<_, _>>().expect("items")
}

//! The daemon as a service manager meets it: start, serve, reload, refuse, stop, be killed.

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::Publisher;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(30);

struct Daemon {
    child: Child,
    port: u16,
    said: Arc<Mutex<String>>,
}

impl Daemon {
    fn start(config: &std::path::Path, port: u16) -> Self {
        let mut command = support::glasnik(config);
        let mut child = command.arg("run").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        let said = Arc::new(Mutex::new(String::new()));
        let (lines, heard) = (BufReader::new(child.stderr.take().expect("piped")).lines(), said.clone());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut said = heard.lock().expect("not poisoned");
                said.push_str(&line);
                said.push('\n');
            }
        });
        Self { child, port, said }
    }

    async fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        String::from_utf8(answer).ok()
    }

    async fn answers(&self, path: &str, text: &str) {
        self.until(&format!("{path} holds {text}"), async || {
            self.get(path).await.is_some_and(|answer| answer.contains(text))
        })
        .await;
    }

    async fn says(&self, text: &str) {
        self.until(&format!("stderr says {text}"), async || self.said.lock().expect("not poisoned").contains(text))
            .await;
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let start = Instant::now();
        while !is_so().await {
            let said = self.said.lock().expect("not poisoned").clone();
            assert!(start.elapsed() < PATIENCE, "never: {what}; stderr: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Gone already where the test waited for it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Desk {
    folder: TempDir,
    publisher: Publisher,
    port: u16,
}

impl Desk {
    async fn reading(feeds: &[&str]) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        let desk = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            publisher: Publisher::start().await,
            port,
        };
        desk.configure(feeds);
        desk
    }

    fn configure(&self, feeds: &[&str]) {
        let mut config = format!("[server]\nlisten = \"127.0.0.1:{}\"\n[defaults]\nallow_private = true\n", self.port);
        config += "[[host]]\nmatch = \"127.0.0.1\"\nspacing = \"0s\"\n";
        for path in feeds {
            config += &format!("[[feed]]\nurl = \"{}\"\n", self.publisher.url(path));
        }
        self.write(&config);
    }

    fn write(&self, config: &str) {
        std::fs::write(self.config(), config).expect("written");
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    /// How many entries are kept of each feed.
    async fn entries_kept(&self) -> Vec<u64> {
        let mut command = support::glasnik(&self.config());
        command.args(["status", "--json"]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
        let lines = String::from_utf8(output.stdout).expect("UTF-8");
        let entries = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["entries"].as_u64();
        lines.lines().map(|line| entries(line).expect("a number")).collect()
    }

    fn daemon(&self) -> Daemon {
        Daemon::start(&self.config(), self.port)
    }
}

fn rss(items: impl IntoIterator<Item = String>) -> String {
    let mut feed = "<rss version=\"2.0\"><channel><title>Outlet</title><link>https://o.example/</link><description>D</description>".to_owned();
    for title in items {
        feed += &format!("<item><guid isPermaLink=\"false\">{title}</guid><title>{title}</title></item>");
    }
    feed + "</channel></rss>"
}

#[tokio::test]
async fn polls_serves_and_stops_cleanly_on_sigterm() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Headline".to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.atom", "Headline").await;
    daemon.answers("/", "Headline").await;
    daemon.answers("/status", "Outlet").await;
    daemon.answers("/healthz", "200 OK").await;
    daemon.signal("TERM");
    assert_eq!(daemon.wait().code(), Some(0));
}

#[tokio::test]
async fn what_was_polled_is_found_a_little_later_in_every_form() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Vojska na severu".to_owned(), "Other <b> news".to_owned()]));
    let daemon = desk.daemon();
    let tries = std::cell::Cell::new(0);
    daemon
        .until("it is indexed", async || {
            // Another query each time: answers are kept for a while.
            tries.set(tries.get() + 1);
            let path = format!("/search.atom?q=%D0%B2%D0%BE%D1%98%D1%81%D0%BA%D0%B0+-not{}", tries.get());
            daemon.get(&path).await.is_some_and(|answer| answer.contains("Vojska na severu"))
        })
        .await;
    let of = async |path: &str| daemon.get(path).await.expect("an answer");
    for (path, media_type) in [
        ("/search.atom?q=vojska", "application/atom+xml"),
        ("/search.rss?q=vojska", "application/rss+xml"),
        ("/search.json?q=vojska", "application/feed+json"),
    ] {
        let answer = of(path).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(media_type), "{answer}");
        assert!(answer.contains("Vojska na severu") && !answer.contains("Other"), "{answer}");
        assert!(answer.contains(&format!("http://127.0.0.1:{}{path}", desk.port)), "names itself: {answer}");
    }
    for path in ["/search?q=%D0%92%D0%9E%D0%88%D0%A1%D0%9A%D0%90", "/search.html?q=vojska"] {
        let page = of(path).await;
        assert!(page.contains("<mark>Vojska</mark> na severu") && page.contains("search.atom?q=vojska"), "{page}");
    }
    let none = of("/search.atom?q=nowhere").await;
    assert!(none.starts_with("HTTP/1.1 200") && none.contains("<feed") && !none.contains("<entry>"), "{none}");
    let page = of("/search").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("How to ask"), "{page}");
    for path in ["/search.atom", "/search.rss?q=", "/search.json?q=a*", "/search.json?r=vojska"] {
        assert!(of(path).await.starts_with("HTTP/1.1 400"), "{path}");
    }
    let wrong = of("/search?q=%3Cscript%3E+topcis:%22%3Ci%3E%22").await;
    assert!(wrong.starts_with("HTTP/1.1 400") && !wrong.contains("<script> ") && !wrong.contains("<i>"), "{wrong}");
    assert!(wrong.contains("did you mean &quot;topic:&quot;?"), "{wrong}");
    daemon.signal("TERM");
    assert_eq!(daemon.wait().code(), Some(0));
}

#[tokio::test]
async fn takes_up_an_edited_feeds_toml_and_survives_a_broken_one() {
    let desk = Desk::reading(&["/a.xml"]).await;
    desk.publisher.publishes("/a.xml", rss(["First".to_owned()]));
    desk.publisher.publishes("/b.xml", rss(["Second".to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.rss", "First").await;
    desk.write("feeds = [\n\"https://a.example/\"\ntopcis = 1\n");
    daemon.says("feeds.toml:3").await;
    daemon.answers("/feeds/all.rss", "First").await;
    desk.configure(&["/a.xml", "/b.xml"]);
    daemon.answers("/feeds/all.rss", "Second").await;
    assert_eq!(desk.publisher.requests_to("/a.xml"), 1, "a reload asks for nothing that is not due");
    daemon.signal("INT");
    assert_eq!(daemon.wait().code(), Some(0));
}

#[tokio::test]
async fn a_second_daemon_says_who_holds_the_database_and_exits() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Headline".to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.atom", "Headline").await;
    let mut second = support::glasnik(&desk.config());
    second.arg("poll");
    let output = tokio::task::spawn_blocking(move || second.output()).await.expect("no panic").expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains(&format!("process {}", daemon.child.id())), "{said}");
}

#[tokio::test]
async fn a_restart_asks_for_nothing_and_serves_the_same_bytes() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Headline".to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.atom", "Headline").await;
    let headers_and_body = |answer: Option<String>| {
        let answer = answer.expect("an answer");
        let lines: Vec<String> =
            answer.lines().filter(|line| !line.to_lowercase().starts_with("date:")).map(str::to_owned).collect();
        lines.join("\n")
    };
    let before = headers_and_body(daemon.get("/feeds/all.atom").await);
    daemon.signal("TERM");
    daemon.wait();
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.atom", "Headline").await;
    assert_eq!(headers_and_body(daemon.get("/feeds/all.atom").await), before);
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 1);
}

#[tokio::test]
async fn a11_five_restarts_within_the_interval_ask_for_nothing() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Headline".to_owned()]));
    for _ in 0..6 {
        let daemon = desk.daemon();
        daemon.answers("/feeds/all.atom", "Headline").await;
        daemon.signal("TERM");
        daemon.wait();
    }
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 1);
}

#[tokio::test]
async fn a10_killed_in_the_middle_of_a_poll_nothing_is_lost_and_nothing_is_twice() {
    let paths: Vec<String> = (0..40).map(|n| format!("/{n}.xml")).collect();
    let desk = Desk::reading(&paths.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for (n, path) in paths.iter().enumerate() {
        desk.publisher.publishes(path, rss((0..5).map(|item| format!("feed-{n}-item-{item}"))));
    }
    for asked_before_the_kill in [3, 11, 25] {
        let daemon = desk.daemon();
        let start = desk.publisher.requests().len();
        let goal = asked_before_the_kill.min(40_usize.saturating_sub(start));
        daemon.until("some feeds were asked", async || desk.publisher.requests().len() >= start + goal).await;
        daemon.signal("KILL");
        daemon.wait();
    }
    let daemon = desk.daemon();
    daemon.until("every feed has its five entries", async || desk.entries_kept().await == [5; 40]).await;
    daemon.signal("TERM");
    daemon.wait();
}

#[tokio::test]
async fn an_emptied_feeds_toml_is_taken_for_one_that_is_half_written() {
    let desk = Desk::reading(&["/a.xml"]).await;
    desk.publisher.publishes("/a.xml", rss(["First".to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.rss", "First").await;
    desk.write("");
    daemon.says("no feeds are left").await;
    daemon.answers("/feeds/all.rss", "First").await;
    daemon.answers("/healthz", "ok").await;
}

#[tokio::test]
async fn kept_entries_follow_an_edited_topic_and_are_asked_for_once() {
    let desk = Desk::reading(&["/a.xml"]).await;
    desk.publisher.publishes("/a.xml", rss(["Gas prices fall".to_owned(), "Rain".to_owned()]));
    let plain = std::fs::read_to_string(desk.config()).expect("readable");
    let topic = |word: &str| format!("{plain}[[topic]]\nid = \"t\"\nenough = [\"{word}\"]\n");
    desk.write(&topic("gas"));
    let daemon = desk.daemon();
    daemon.answers("/feeds/t.atom", "Gas prices").await;
    desk.write(&topic("rain"));
    daemon.answers("/feeds/t.atom", "Rain").await;
    daemon.says("topic t: 1 more, 1 fewer").await;
    assert!(!daemon.get("/feeds/t.atom").await.expect("an answer").contains("Gas prices"));
    daemon.signal("TERM");
    daemon.wait();

    desk.write(&topic("prices"));
    let daemon = desk.daemon();
    daemon.answers("/feeds/t.atom", "Gas prices").await;
    assert_eq!(desk.publisher.requests_to("/a.xml"), 1);
    let mut retag = support::glasnik(&desk.config());
    retag.arg("retag");
    let output = tokio::task::spawn_blocking(move || retag.output()).await.expect("no panic").expect("it runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success() && said.contains("has these topics in force"), "{said}");
}

#[tokio::test]
async fn a_poll_under_way_at_a_reload_is_tagged_by_the_new_topics() {
    let desk = Desk::reading(&["/a.xml"]).await;
    desk.publisher.waits("/a.xml");
    let plain = std::fs::read_to_string(desk.config()).expect("readable");
    let topic = |word: &str| format!("{plain}[[topic]]\nid = \"t\"\nenough = [\"{word}\"]\n");
    desk.write(&topic("gas"));
    let daemon = desk.daemon();
    daemon.until("it was asked", async || desk.publisher.requests_to("/a.xml") == 1).await;
    desk.write(&topic("rain"));
    daemon.says("was read again").await;
    desk.publisher.publishes("/a.xml", rss(["Gas prices fall".to_owned(), "Rain".to_owned()]));
    daemon.answers("/feeds/all.atom", "Gas prices").await;
    daemon.answers("/feeds/t.atom", "Rain").await;
    assert!(!daemon.get("/feeds/t.atom").await.expect("an answer").contains("Gas prices"));
    assert_eq!(desk.publisher.requests_to("/a.xml"), 1);
}

/// What a part of an archive says of itself: the titles in it, and where it goes on.
fn titles_and_next(document: &str) -> (Vec<String>, Option<String>) {
    let is_title = |line: &&str| line.starts_with("  <title");
    let title = |line: &str| line.split(['<', '>']).nth(2).unwrap_or_default().to_owned();
    let next = document.lines().find(|line| line.contains("rel=\"prev-archive\""));
    let address = next.and_then(|line| line.split("href=\"").nth(1)?.split('"').next().map(str::to_owned));
    (document.lines().filter(is_title).map(title).collect(), address)
}

#[tokio::test]
async fn whoever_follows_prev_archive_gets_everything_that_is_kept() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss((0..230).map(|item| format!("Item {item}"))));
    let plain = std::fs::read_to_string(desk.config()).expect("readable");
    desk.write(&format!("{plain}[[output]]\nid = \"few\"\nitems = 10\nat_least = \"0s\"\n"));
    let daemon = desk.daemon();
    daemon.answers("/feeds/few.atom", "prev-archive").await;

    let base = format!("http://127.0.0.1:{}", desk.port);
    let (mut heard, mut parts) = (Vec::new(), 0);
    let mut next = Some(format!("{base}/feeds/few.atom"));
    while let Some(address) = next {
        let path = address.strip_prefix(&base).expect("an address of ours").to_owned();
        let document = daemon.get(&path).await.expect("an answer");
        assert!(document.starts_with("HTTP/1.1 200"), "{path}: {document}");
        assert!(document.contains(&format!("href=\"{address}\" rel=\"self\"")), "{document}");
        let is_part = path.starts_with("/archive/");
        for mark in ["<fh:archive>", "xmlns:fh=\"http://purl.org/syndication/history/1.0\"", "rel=\"current\""] {
            assert_eq!(document.contains(mark), is_part, "{mark} in {path}");
        }
        if is_part {
            let rss = daemon.get(&path.replace(".atom", ".rss")).await.expect("an answer");
            assert!(rss.contains("<fh:archive>") && rss.contains("rel=\"current\""), "{rss}");
            parts += 1;
        }
        let (titles, older) = titles_and_next(&document);
        heard.extend(titles.into_iter().filter(|_| is_part));
        next = older;
    }
    let mut expected: Vec<String> = (0..230).map(|item| format!("Item {item}")).collect();
    heard.sort();
    expected.sort();
    assert_eq!((heard, parts), (expected, 3), "each once");

    let json = daemon.get("/feeds/few.json").await.expect("an answer");
    let json: serde_json::Value = serde_json::from_str(json.lines().last().expect("a body")).expect("JSON");
    let next = json["next_url"].as_str().expect("an address");
    assert!(next.starts_with(&format!("{base}/archive/few/")) && next.ends_with(".json"), "{next}");
    daemon.answers(next.strip_prefix(&base).expect("ours"), "\"next_url\"").await;
    daemon.answers("/feeds/few.atom?before=101", "../archive/few/100.atom").await;
    daemon.answers("/feeds/few.atom?before=2100-01-01", "../archive/few/230.atom").await;
    daemon.answers("/feeds/few.atom?before=2000-01-01T00%3A00%3A00Z", "404 Not Found").await;
    daemon.answers("/metrics", "glasnik_polls_total{status=\"changed\"} 1").await;
    daemon.answers("/feeds/health.json", "\"items\":[]").await;
}

#[tokio::test]
async fn a_renamed_output_moves_and_a_removed_one_is_gone() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(["Headline".to_owned()]));
    let plain = std::fs::read_to_string(desk.config()).expect("readable");
    desk.write(&format!("{plain}[[output]]\nid = \"one\"\n[[output]]\nid = \"two\"\n"));
    let daemon = desk.daemon();
    daemon.answers("/feeds/two.rss", "Headline").await;
    desk.write(&format!("{plain}[[output]]\nid = \"news\"\naliases = [\"one\", \"older\"]\n"));
    daemon.answers("/feeds/news.rss", "Headline").await;
    daemon.answers("/feeds/one.rss", "301 Moved Permanently").await;
    daemon.answers("/feeds/one.rss", "location: news.rss").await;
    daemon.answers("/feeds/older.json", "location: news.json").await;
    daemon.answers("/archive/one/1.atom", "location: ../news/1.atom").await;
    daemon.answers("/feeds/two.html", "410 Gone").await;
    daemon.answers("/feeds/never.html", "404 Not Found").await;
    daemon.signal("TERM");
    daemon.wait();

    let daemon = desk.daemon();
    daemon.answers("/feeds/two.atom", "410 Gone").await;
}

#[tokio::test]
async fn a_copy_never_flashes_up_and_its_story_has_a_page() {
    let desk = Desk::reading(&["/a.xml"]).await;
    let headline = "Seven workers hurt in a fire at the Kostolac power plant on Saturday";
    desk.publisher.publishes("/a.xml", rss([headline.to_owned()]));
    let daemon = desk.daemon();
    daemon.answers("/feeds/all.json", headline).await;
    let document = daemon.get("/feeds/all.json").await.expect("an answer");
    let uid = document.split("\"uid\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a name").to_owned();
    daemon.answers(&format!("/stories/{uid}"), "1 report · 1 outlet").await;

    desk.publisher.publishes("/b.xml", rss([headline.to_owned(), "Rain".to_owned()]));
    desk.configure(&["/a.xml", "/b.xml"]);
    let titles = async || {
        let document = daemon.get("/feeds/all.json").await.expect("an answer");
        document.matches(&format!("\"title\":\"{headline}\"")).count()
    };
    daemon
        .until("the other news are there", async || {
            assert_eq!(titles().await, 1);
            daemon.get("/feeds/all.json").await.is_some_and(|document| document.contains("Rain"))
        })
        .await;
    assert_eq!(titles().await, 1);
    daemon.answers(&format!("/stories/{uid}"), "2 reports · 1 outlet").await;
    daemon.answers("/stories/aaaaaaaaaaaaaaaa", "404").await;
}

#[tokio::test]
async fn the_operator_joins_and_parts_while_the_daemon_holds_the_store() {
    let desk = Desk::reading(&["/a.xml", "/b.xml"]).await;
    desk.publisher.publishes("/a.xml", rss(["Rain in Prizren".to_owned()]));
    desk.publisher.publishes("/b.xml", rss(["A museum opens in Oslo".to_owned()]));
    let config = std::fs::read_to_string(desk.config()).expect("readable");
    desk.write(&format!("{config}[[output]]\nid = \"stories\"\ncollapse = \"stories\"\n"));
    let daemon = desk.daemon();
    daemon.answers("/feeds/stories.json", "Oslo").await;
    daemon.answers("/feeds/stories.json", "Prizren").await;
    let document = daemon.get("/feeds/all.json").await.expect("an answer");
    let uids: Vec<&str> =
        document.split("\"uid\":\"").skip(1).filter_map(|rest| rest.split('"').next()).take(2).collect();
    let glasnik = async |arguments: &[&str]| {
        let mut command = support::glasnik(&desk.config());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
    };

    let join = glasnik(&["join", uids[0], uids[1]]).await;
    let said = String::from_utf8_lossy(&join.stdout);
    assert!(join.status.success() && said.contains("are one story"), "{join:?}");
    let items = async || {
        let document = daemon.get("/feeds/stories.json").await.unwrap_or_default();
        document.matches("\"date_published\"").count()
    };
    daemon.until("both are one", async || items().await == 1).await;
    let oldest = said.split(", ").nth(1).expect("a name");
    daemon.answers(&format!("/stories/{oldest}"), "2 reports").await;

    let split = glasnik(&["split", uids[0], "--json"]).await;
    assert!(String::from_utf8_lossy(&split.stdout).contains("\"parted_from\":1"), "{split:?}");
    daemon.until("both are two", async || items().await == 2).await;

    for (refused, reason) in [("aaaaaaaaaaaaaaaa", "no entry is kept under"), (uids[0], "stands alone already")] {
        let split = glasnik(&["split", refused]).await;
        let said = String::from_utf8_lossy(&split.stderr);
        assert!(split.status.code() == Some(1) && said.contains(reason), "{split:?}");
    }
}

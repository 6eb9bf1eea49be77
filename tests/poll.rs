//! The journey of a feed: a fake publisher, the real binary, a real store.

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::Publisher;
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
    publisher: Publisher,
}

impl Desk {
    async fn reading(paths: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let publisher = Publisher::start().await;
        let desk = Self { folder, publisher };
        desk.configure(paths, "");
        desk
    }

    fn configure(&self, paths: &[&str], more: &str) {
        let mut config =
            "[defaults]\nallow_private = true\n[[host]]\nmatch = \"127.0.0.1\"\nspacing = \"0s\"\n".to_owned();
        for path in paths {
            let id = path.trim_matches('/').replace(['.', '/'], "-");
            config += &format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\n", self.publisher.url(path));
        }
        std::fs::write(self.config(), config + more).expect("written");
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    async fn glasnik(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = support::glasnik(&self.config());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
    }

    async fn poll(&self) -> Vec<Value> {
        let output = self.glasnik(&["poll", "--all", "--json"]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    async fn published(&self, file: &str) -> String {
        let folder = self.folder.path().join("public");
        let output = self.glasnik(&["publish", folder.to_str().expect("UTF-8")]).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        read(&folder.join(file))
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a document")
}

fn rss(items: &[(&str, &str)]) -> String {
    let mut feed = "<rss version=\"2.0\"><channel><title>Outlet</title><link>https://o.example/</link><description>D</description>".to_owned();
    for (id, title) in items {
        feed += &format!(
            "<item><guid isPermaLink=\"false\">{id}</guid><title>{title}</title><link>https://o.example/{id}</link></item>"
        );
    }
    feed + "</channel></rss>"
}

fn only(mut lines: Vec<Value>) -> Value {
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

#[tokio::test]
async fn the_first_poll_is_unconditional_and_the_second_is_answered_with_304() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One"), ("2", "Two")]));
    let first = only(desk.poll().await);
    assert_eq!((&first["status"], &first["new"], &first["http"]), (&"changed".into(), &2.into(), &200.into()));
    let second = only(desk.poll().await);
    assert_eq!((&second["status"], &second["new"], &second["http"]), (&"unchanged".into(), &0.into(), &304.into()));
    let seen = desk.publisher.requests();
    let conditional = |n: usize| seen[n].headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("if-none-match"));
    assert_eq!((conditional(0), conditional(1)), (false, true));
    let agent = seen[0].headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("user-agent")).expect("a User-Agent");
    assert!(agent.1.starts_with(b"glasnik/"), "{agent:?}");
}

#[tokio::test]
async fn an_edit_and_a_new_entry_are_counted_apart() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "Frist")]));
    desk.poll().await;
    desk.publisher.publishes("/feed.xml", rss(&[("2", "Second"), ("1", "First")]));
    let report = only(desk.poll().await);
    assert_eq!((&report["new"], &report["changed"], &report["entries"]), (&1.into(), &1.into(), &2.into()));
}

#[tokio::test]
async fn entries_that_are_written_as_before_are_known_and_others_are_read() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    let counts = |report: &Value| ["new", "changed", "entries"].map(|count| report[count].as_u64().expect("a count"));
    let (one, two, three) = (("1", "One"), ("2", "Two"), ("3", "Three"));
    desk.publisher.publishes("/feed.xml", rss(&[two, one]));
    assert_eq!(counts(&only(desk.poll().await)), [2, 0, 2]);
    desk.publisher.publishes("/feed.xml", rss(&[three, ("2", "Too"), one]));
    assert_eq!(counts(&only(desk.poll().await)), [1, 1, 3]);
    desk.publisher.publishes("/feed.xml", rss(&[three, two, one]));
    assert_eq!(counts(&only(desk.poll().await)), [0, 1, 3]);
    desk.publisher.publishes("/feed.xml", rss(&[one, two, three, three]));
    assert_eq!(counts(&only(desk.poll().await)), [0, 0, 4]);
    let feed = desk.published("feeds/all.atom").await;
    assert_eq!(["One", "Two", "Three"].map(|title| feed.matches(&format!(">{title}<")).count()), [1, 1, 1]);
}

#[tokio::test]
async fn an_entry_that_was_passed_over_is_read_when_its_neighbours_make_it_another() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    let item = |text: &str| format!("<item><title>Alarm</title><description>{text}</description></item>");
    let feed = |items: &str| format!("<rss version=\"2.0\"><channel><title>T</title>{items}</channel></rss>");
    let (fire, flood) = (item("A fire in the old mill at the river"), item("The river floods a village in the south"));
    desk.publisher.publishes("/feed.xml", feed(&fire));
    assert_eq!(only(desk.poll().await)["new"], 1);
    // Both have one title and no id: what they are called depends on the other.
    desk.publisher.publishes("/feed.xml", feed(&(flood.clone() + &fire)));
    assert_eq!(only(desk.poll().await)["entries"], 2);
    let published = desk.published("feeds/all.atom").await;
    assert_eq!(["old mill", "floods a village"].map(|text| published.contains(text)), [true, true], "{published}");
    desk.publisher.publishes("/feed.xml", feed(&(item("Nothing happened today") + &flood + &fire)));
    assert_eq!(only(desk.poll().await)["new"], 1);
    assert!(desk.published("feeds/all.atom").await.contains("old mill"));
}

#[tokio::test]
async fn a_poll_before_its_time_asks_nobody() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    desk.poll().await;
    let output = desk.glasnik(&["poll", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["status"], "waiting");
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 1);
}

#[tokio::test]
async fn retry_after_is_obeyed_even_by_all_but_not_by_force() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.answers("/feed.xml", 429, &[("Retry-After", "3600")], "");
    let report = only(desk.poll().await);
    assert_eq!((&report["status"], &report["http"]), (&"failed".into(), &429.into()));
    assert_eq!(only(desk.poll().await)["status"], "waiting");
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 1);
    desk.glasnik(&["poll", "--force"]).await;
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 2);
}

#[tokio::test]
async fn one_bad_feed_troubles_no_other_and_says_what_is_wrong() {
    let paths = ["/good.xml", "/page.html", "/missing.xml", "/half.xml"];
    let desk = Desk::reading(&paths).await;
    desk.publisher.publishes("/good.xml", rss(&[("1", "One")]));
    desk.publisher.publishes("/page.html", "<!doctype html><html><body>No feed</body></html>".to_owned());
    desk.publisher.answers("/missing.xml", 404, &[], "");
    let whole = rss(&[("1", "One"), ("2", "Two")]);
    let half = whole.len() - 60;
    desk.publisher.publishes("/half.xml", whole[..half].to_owned());
    let lines = desk.poll().await;
    let of = |id: &str| lines.iter().find(|line| line["feed"] == id).expect("a line for each feed").clone();
    assert_eq!((&of("good-xml")["status"], &of("good-xml")["new"]), (&"changed".into(), &1.into()));
    assert_eq!(of("page-html")["status"], "failed");
    assert!(of("page-html")["error"].as_str().expect("a reason").contains("HTML"), "{lines:?}");
    assert_eq!((&of("missing-xml")["status"], &of("missing-xml")["http"]), (&"failed".into(), &404.into()));
    assert!(of("half-xml")["new"].as_u64().expect("a number") >= 1, "what stands before the damage is kept: {lines:?}");
    let status = String::from_utf8(desk.glasnik(&["status"]).await.stdout).expect("UTF-8");
    assert!(status.contains("page-html:") && status.contains("HTML"), "{status}");
}

#[tokio::test]
async fn a_body_that_ends_early_loses_nothing() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    desk.poll().await;
    desk.publisher.truncates("/feed.xml", 40);
    assert_eq!(only(desk.poll().await)["status"], "failed");
    desk.publisher.publishes("/feed.xml", rss(&[("2", "Two"), ("1", "One")]));
    assert_eq!(only(desk.poll().await)["new"], 1);
}

#[tokio::test]
async fn a_gone_feed_is_not_asked_again_and_keeps_its_entries() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    desk.poll().await;
    desk.publisher.gone("/feed.xml");
    assert_eq!(only(desk.poll().await)["status"], "gone");
    assert_eq!(only(desk.poll().await)["status"], "gone");
    assert_eq!(desk.publisher.requests_to("/feed.xml"), 2);
    assert!(desk.published("all.atom").await.contains("One"));
}

#[tokio::test]
async fn a_moved_feed_is_followed_and_reported() {
    let desk = Desk::reading(&["/old.xml"]).await;
    desk.publisher.moves("/old.xml", 301, "/new.xml");
    desk.publisher.publishes("/new.xml", rss(&[("1", "One")]));
    let report = only(desk.poll().await);
    assert_eq!((&report["status"], &report["new"]), (&"moved".into(), &1.into()));
    let status = String::from_utf8(desk.glasnik(&["status"]).await.stdout).expect("UTF-8");
    assert!(status.contains("/new.xml"), "{status}");
}

#[tokio::test]
async fn the_same_article_from_two_feeds_is_published_once_with_both_names() {
    let desk = Desk::reading(&["/a.xml", "/b.xml"]).await;
    desk.publisher.publishes("/a.xml", rss(&[("1", "Once")]));
    let copy = rss(&[("1", "Once")])
        .replace("https://o.example/1<", "https://o.example/1?utm_source=b<")
        .replace(">1</guid>", ">b-1</guid>");
    desk.publisher.publishes("/b.xml", copy.replace("Outlet", "Other outlet"));
    desk.poll().await;
    let feed: Value = serde_json::from_str(&desk.published("all.json").await).expect("JSON");
    let items = feed["items"].as_array().expect("items");
    assert_eq!(items.len(), 1, "{feed}");
    let text = feed.to_string();
    assert!(text.contains("Outlet") && text.contains("Other outlet"), "{text}");
}

#[tokio::test]
async fn nothing_changed_means_the_same_bytes() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One"), ("2", "Two & more")]));
    desk.poll().await;
    let mut before = Vec::new();
    for format in ["atom", "rss", "json", "html"] {
        before.push(desk.published(&format!("all.{format}")).await);
    }
    desk.poll().await;
    for (format, before) in ["atom", "rss", "json", "html"].iter().zip(before) {
        assert_eq!(desk.published(&format!("all.{format}")).await, before, "{format}");
    }
}

#[tokio::test]
async fn a_private_address_is_refused_without_the_operators_word() {
    let desk = Desk::reading(&[]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    std::fs::write(desk.config(), format!("feeds = [\"{}\"]\n", desk.publisher.url("/feed.xml"))).expect("written");
    let report = only(desk.poll().await);
    assert!(report["error"].as_str().expect("a reason").contains("allow_private"), "{report}");
    assert_eq!(desk.publisher.requests().len(), 0);
}

#[tokio::test]
async fn a_feed_that_is_added_from_its_page_can_be_polled() {
    let desk = Desk::reading(&[]).await;
    let page = "<!doctype html><html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml\"></head></html>";
    desk.publisher.publishes("/page.html", page);
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    std::fs::write(desk.config(), "feeds = []\n").expect("written");
    let added = desk.glasnik(&["add", &desk.publisher.url("/page.html")]).await;
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(only(desk.poll().await)["new"], 1, "{}", read(&desk.config()));
}

#[tokio::test]
async fn a45_an_address_that_is_listed_twice_is_refused_and_not_asked() {
    let desk = Desk::reading(&[]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    let url = desk.publisher.url("/feed.xml");
    std::fs::write(desk.config(), format!("feeds = [\"{url}\", \"{url}#again\", \"{url}\"]\n")).expect("written");
    let output = desk.glasnik(&["poll", "--all"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), desk.publisher.requests().len()), (Some(2), 0), "{said}");
    assert!(said.contains("this url is already at"), "{said}");
}

#[tokio::test]
async fn a23_a_host_that_asked_one_feed_to_wait_is_left_alone_by_the_next_process_too() {
    let desk = Desk::reading(&["/a.xml"]).await;
    desk.publisher.answers("/a.xml", 429, &[("Retry-After", "3600")], "");
    desk.publisher.publishes("/b.xml", rss(&[("1", "One")]));
    desk.poll().await;
    desk.configure(&["/a.xml", "/b.xml"], "");
    for report in desk.poll().await {
        assert_eq!(report["status"], "waiting", "{report}");
    }
    assert_eq!(desk.publisher.requests_to("/b.xml"), 0);
    // The operator's word goes above it.
    desk.glasnik(&["poll", "--force", "b-xml"]).await;
    assert_eq!(desk.publisher.requests_to("/b.xml"), 1);
}

#[tokio::test]
async fn b07_a_proxy_in_the_environment_is_not_asked() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    let proxy = Publisher::start().await;
    let mut command = support::glasnik(&desk.config());
    command.args(["poll", "--all"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, proxy.url("/"));
    }
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((desk.publisher.requests_to("/feed.xml"), proxy.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_check_of_every_feed_keeps_what_servers_said_to_polls() {
    let desk = Desk::reading(&["/good.xml", "/busy.xml", "/gone.xml"]).await;
    desk.publisher.publishes("/good.xml", rss(&[("1", "One")]));
    desk.publisher.answers("/busy.xml", 200, &[("Retry-After", "3600")], rss(&[]));
    desk.publisher.gone("/gone.xml");
    let check = async || {
        let output = desk.glasnik(&["check", "--online"]).await;
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = check().await;
    assert!(code == Some(1) && said.contains("good-xml: rss 2.0, 1 entries") && said.contains("410"), "{said}");
    desk.poll().await;
    let before = desk.publisher.requests().len();
    let (code, said) = check().await;
    assert!(
        code == Some(1) && said.contains("gone-xml: not asked: the server says that this feed has ended"),
        "{said}"
    );
    assert!(said.contains("busy-xml: not asked: the server asked to wait until 20"), "{said}");
    assert!(said.contains("good-xml: unchanged since it was last read"), "{said}");
    assert_eq!(desk.publisher.requests().len() - before, 1);
}

#[tokio::test]
async fn status_of_one_feed_lists_its_last_polls() {
    let desk = Desk::reading(&["/feed.xml", "/other.xml"]).await;
    desk.publisher.publishes("/feed.xml", rss(&[("1", "One")]));
    desk.poll().await;
    desk.publisher.answers("/feed.xml", 500, &[], "");
    desk.poll().await;
    let said = String::from_utf8(desk.glasnik(&["status", "feed-xml"]).await.stdout).expect("UTF-8");
    assert!(said.contains("failed 500, 0 new") && said.contains("changed 200, 1 new"), "{said}");
    let json = desk.glasnik(&["status", "feed-xml", "--json"]).await.stdout;
    let shape: Value = serde_json::from_slice(&json).expect("JSON");
    let polls = shape["polls"].as_array().expect("polls");
    assert_eq!(polls.iter().map(|poll| &poll["status"]).collect::<Vec<_>>(), ["failed", "changed"]);
    assert_eq!((&polls[1]["new"], &polls[1]["http"]), (&1.into(), &200.into()));
}

/// A paper with five articles under ids and addresses that begin so.
fn paper(id: &str, address: &str) -> String {
    let titles = [
        "Council closes Harbour Street to cars",
        "Lorry overturns on the bridge",
        "How to bring roses through the winter",
        "Library opens on Sundays again",
        "Rowers win in Zadar",
    ];
    let mut feed = "<rss version=\"2.0\"><channel><title>Paper</title>".to_owned();
    for (number, title) in titles.iter().enumerate() {
        feed += &format!(
            "<item><guid isPermaLink=\"false\">{id}{number}</guid><title>{title}</title><link>{address}{number}</link>\
             <pubDate>Sun, 01 Mar 2026 08:2{number}:11 GMT</pubDate></item>"
        );
    }
    feed + "</channel></rss>"
}

fn ids(feed: &str) -> Vec<String> {
    let feed: Value = serde_json::from_str(feed).expect("JSON");
    let items = feed["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_site_that_moves_announces_nothing_and_keeps_the_ids_that_readers_know() {
    let desk = Desk::reading(&["/feed.xml"]).await;
    desk.publisher.publishes("/feed.xml", paper("tag:paper.example,2026:", "https://paper.example/a"));
    assert_eq!(only(desk.poll().await)["new"], 5);
    let before = ids(&desk.published("all.json").await);
    assert!(before.iter().all(|id| id.starts_with("tag:paper.example,2026:")), "{before:?}");

    desk.publisher.publishes("/feed.xml", paper("tag:news.example,2026:p", "https://news.example/paper/"));
    let output = desk.glasnik(&["poll", "--all", "--json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&report["new"], &report["changed"], &report["entries"]), (&0.into(), &0.into(), &5.into()));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said.matches("the site has moved").count(), 1, "{said}");
    assert_eq!(ids(&desk.published("all.json").await), before);

    let why = desk.glasnik(&["why", "https://news.example/paper/0"]).await;
    let said = String::from_utf8_lossy(&why.stdout).into_owned();
    assert!(said.contains("known again  by its title since 20"), "{said}");
    assert!(said.contains("known by     the publisher's id (id:tag:paper.example,2026:0)"), "{said}");
}

#[tokio::test]
async fn an_outlets_two_feeds_with_other_ids_are_read_at_once_and_shown_once() {
    let desk = Desk::reading(&["/all.xml", "/news.xml"]).await;
    desk.publisher.publishes("/all.xml", paper("1-", "https://paper.example/a"));
    desk.publisher.publishes("/news.xml", paper("2-", "https://paper.example/a"));
    desk.poll().await;
    assert_eq!(ids(&desk.published("all.json").await).len(), 5);
    let why = desk.glasnik(&["why", "https://paper.example/a3", "--json"]).await;
    let said: Value = serde_json::from_slice(&why.stdout).expect("JSON");
    assert_eq!(said["also_in"][0]["joined_by"], "link", "{said}");
}

//! Topics over kept entries: edited, applied and explained by the real binary over a real store.

mod support;

use serde_json::Value;
use support::Publisher;
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
    publisher: Publisher,
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

const WORDS: &str = r#"
[words.places]
en = ["Kosovo"]
hbs = ["Kosovo", "sever Kosova"]
[words.army]
hbs = ["vojnik"]
en = ["soldier"]
[words.sport]
en = ["football"]
"#;

const SECURITY: &str = r#"
[[topic]]
id = "security"
together = ["@places", "@army"]
unless = ["@sport"]
"#;

impl Desk {
    /// Two feeds that carry one article, and more; polled with the given topics.
    async fn with(topics: &str) -> Self {
        let (folder, publisher) = (tempfile::tempdir().expect("a temporary folder"), Publisher::start().await);
        let item = |guid: &str, title: &str, text: &str, link: &str| {
            format!(
                "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title><description>{text}</description>\
                 <link>{link}</link></item>"
            )
        };
        let rss = |items: &[String]| {
            format!(
                "<rss version=\"2.0\"><channel><title>Outlet</title><link>https://o.example/</link><description/>{}\
                 </channel></rss>",
                items.concat()
            )
        };
        let article = "https://news.example/1";
        let first = rss(&[
            item("g1", "Војници на северу Косова", "", article),
            item("g2", "Soldiers rest", "Quiet in Pristina", "https://news.example/2"),
            item("g3", "Kosovo soldiers play football", "", "https://news.example/3"),
        ]);
        publisher.publishes("/a.xml", first);
        publisher.publishes(
            "/b.xml",
            rss(&[item("x", "Vojnici na severu Kosova", "", "http://www.news.example/1?utm_source=b")]),
        );
        let desk = Self { folder, publisher };
        desk.write(topics);
        assert_eq!(desk.run(&["poll", "a"]).await.code, Some(0));
        assert_eq!(desk.run(&["poll", "b"]).await.code, Some(0));
        desk
    }

    fn write(&self, topics: &str) {
        let mut config =
            "[defaults]\nallow_private = true\n[[host]]\nmatch = \"127.0.0.1\"\nspacing = \"0s\"\n".to_owned();
        for id in ["a", "b"] {
            config += &format!("[[feed]]\nid = \"{id}\"\nurl = \"{}\"\n", self.publisher.url(&format!("/{id}.xml")));
        }
        std::fs::write(self.folder.path().join("feeds.toml"), config + WORDS + topics).expect("written");
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = support::glasnik(&self.folder.path().join("feeds.toml"));
        command.args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The titles in the document of an output.
    async fn titles(&self, output: &str) -> Vec<String> {
        let folder = self.folder.path().join("public");
        let ran = self.run(&["publish", folder.to_str().expect("UTF-8")]).await;
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let text = std::fs::read_to_string(folder.join(format!("{output}.json"))).expect("published");
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let items = document["items"].as_array().expect("items");
        items.iter().map(|item| item["title"].as_str().expect("a title").to_owned()).collect()
    }
}

#[tokio::test]
async fn retag_says_what_an_edit_changes_then_does_it_and_then_nothing() {
    let desk = Desk::with(SECURITY).await;
    assert_eq!(desk.titles("security").await, ["Војници на северу Косова"]);
    desk.write("[[topic]]\nid = \"security\"\nenough = [\"Pristina\"]\n");

    let said = "topic security: 1 more, 2 fewer\n  + Soldiers rest";
    let dry = desk.run(&["retag", "--dry-run"]).await;
    assert!(dry.out.starts_with(said) && dry.out.ends_with("4 kept entries, 3 would be changed\n"), "{}", dry.out);
    assert_eq!(desk.titles("security").await, ["Војници на северу Косова"], "a dry run changes nothing");

    let wet = desk.run(&["retag"]).await;
    assert!(wet.out.starts_with(said) && wet.out.ends_with("4 kept entries, 3 were changed\n"), "{}", wet.out);
    assert_eq!(desk.titles("security").await, ["Soldiers rest"]);
    assert_eq!(desk.run(&["retag"]).await.out, "4 kept entries, 0 were changed\n");
}

#[tokio::test]
async fn retag_prints_json_with_samples() {
    let desk = Desk::with(SECURITY).await;
    desk.write("[[topic]]\nid = \"rest\"\nenough = [\"rest\"]\n");
    let lines = desk.run(&["retag", "--dry-run", "--json"]).await.json();
    assert_eq!((&lines[0]["topic"], &lines[0]["more"], &lines[0]["fewer"]), (&"rest".into(), &1.into(), &0.into()));
    assert_eq!(lines[0]["samples"]["more"][0]["title"], "Soldiers rest");
    assert_eq!((&lines[1]["topic"], &lines[1]["fewer"]), (&"security".into(), &2.into()));
    assert_eq!((&lines[2]["entries"], &lines[2]["applied"]), (&4.into(), &false.into()));
}

#[tokio::test]
async fn a_poll_after_an_edit_tags_what_is_kept_as_well() {
    let desk = Desk::with("").await;
    desk.write(SECURITY);
    let ran = desk.run(&["poll"]).await;
    assert!(ran.err.contains("topic security: 2 more, 0 fewer"), "{}", ran.err);
    assert_eq!(desk.titles("security").await, ["Војници на северу Косова"]);
}

#[tokio::test]
async fn retag_before_the_first_poll_makes_no_store() {
    let desk = Desk { folder: tempfile::tempdir().expect("a temporary folder"), publisher: Publisher::start().await };
    desk.write(SECURITY);
    let ran = desk.run(&["retag"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("glasnik run"), "{}", ran.err);
    assert!(!desk.folder.path().join("glasnik.db").exists());
}

#[tokio::test]
async fn why_says_where_an_entry_is_from_and_which_words_gave_what() {
    let desk = Desk::with(SECURITY).await;
    let ran = desk.run(&["why", "https://news.example/1"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for part in [
        "Војници на северу Косова\n",
        "from         a (Outlet), http://127.0.0.1:",
        "known by     the publisher's id (id:g1)",
        "article      https://news.example/1",
        "also in      b (Outlet): Vojnici na severu Kosova; joined by the article's link",
        "topics       security, score 4: together @places \"северу Косова\" (sever Kosova, hbs, title) + @army \"Војници\" (vojnik, hbs, title); unless: none",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
}

#[tokio::test]
async fn why_takes_an_id_its_beginning_or_a_page() {
    let desk = Desk::with(SECURITY).await;
    let shown = desk.run(&["why", "https://news.example/2", "--json"]).await.json().remove(0);
    let id = shown["entry"].as_str().expect("an id").to_owned();
    for entry in [id.clone(), id[..8].to_owned(), format!("http://127.0.0.1:8080/entries/{id}")] {
        assert_eq!(desk.run(&["why", &entry, "--json"]).await.json()[0], shown, "{entry}");
    }
    let unknown = desk.run(&["why", "no-such-entry"]).await;
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("no entry is kept under \"no-such-entry\""), "{}", unknown.err);
}

#[tokio::test]
async fn why_not_says_what_is_missing_and_what_cancels() {
    let desk = Desk::with(SECURITY).await;
    let why = async |entry: &str| desk.run(&["why", entry, "--topic", "security"]).await.out;
    assert_eq!(
        why("https://news.example/2").await,
        "not security: together: has @army \"Soldiers\" (soldier, en, title), lacks @places\n"
    );
    let cancelled = why("https://news.example/3").await;
    assert!(cancelled.ends_with("; unless @sport \"football\" (football, en, title) cancels it\n"), "{cancelled}");
    let unknown = desk.run(&["why", "https://news.example/2", "--topic", "energy"]).await;
    assert!(unknown.err.contains("no topic \"energy\""), "{}", unknown.err);
}

//! The binary as a user meets it: commands, exit codes, messages.

#[allow(clippy::disallowed_methods)]
mod support;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn with(config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("feeds.toml"), config).expect("written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_glasnik"))
            .arg("--config")
            .arg(self.path("feeds.toml"))
            .args(arguments)
            .env_remove("GLASNIK_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        Ran::of(child.wait_with_output().expect("it ends"))
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

const FEED: &str = r#"<rss version="2.0"><channel><title>T</title><link>https://t.example/</link><description>D</description>
<item><title>One</title><link>https://t.example/1</link><guid isPermaLink="false">g1</guid></item></channel></rss>"#;

#[test]
fn a_wrong_key_is_named_with_its_place_and_its_likely_meaning() {
    let ran = Desk::with("feeds = []\n\n[[output]]\nid = \"x\"\ntopcis = []\n").run(&["check"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("feeds.toml:5:"), "{ran:?}");
    assert!(ran.err.contains("topcis") && ran.err.contains("topics"), "{ran:?}");
}

#[test]
fn a_missing_configuration_says_where_it_looked() {
    let desk = Desk::with("");
    std::fs::remove_file(desk.path("feeds.toml")).expect("removed");
    let ran = desk.run(&["status"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("feeds.toml"), "{ran:?}");
}

#[test]
fn an_unknown_command_is_the_command_lines_fault() {
    assert_eq!(Desk::with("").run(&["frobnicate"]).code, Some(2));
}

#[test]
fn the_repositorys_own_feeds_toml_passes_its_examples() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("feeds.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_glasnik")).arg("--config").arg(file).arg("check").output();
    let ran = Ran::of(output.expect("it runs"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn an_example_that_is_not_tagged_as_it_wants_is_shown() {
    let topic =
        "[[topic]]\nid = \"t\"\nenough = [\"army\"]\n[[topic.example]]\ntext = \"The armies met\"\nwant = false\n";
    let ran = Desk::with(topic).run(&["check"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("The armies met"), "{ran:?}");
}

#[test]
fn same_says_which_items_are_one_entry_whose_copies_they_are_and_which_story_they_tell() {
    let text = "The city council voted on Tuesday night to close Harbour Street to cars from June, ending a long dispute \
                between shop owners and residents over noise and delivery access to the shops.";
    let line = |id: &str, feed: &str, document: &str, guid: &str, link: &str| {
        serde_json::json!({ "id": id, "feed": feed, "document": document, "guid": guid, "link": link,
            "title": "Street to close", "summary": text })
        .to_string()
    };
    let lines = [
        line("a", "https://n.example/rss", "1", "1", "https://n.example/street"),
        line("b", "https://n.example/rss", "2", "77", "https://www.n.example/street/?utm_source=rss"),
        line("c", "https://o.example/rss", "3", "x", "https://o.example/close"),
        r#"{"id": "d"}"#.to_owned(),
    ];
    let ran = Desk::with("").run_with(&["same"], &lines.join("\n"));
    let found: Vec<String> = ran.out.lines().map(str::to_owned).collect();
    let want = |id: &str, entry: &str, verdict: &str, original: &str| {
        let story = if id == "d" { "d" } else { "a" };
        format!(
            r#"{{"id":"{id}","entry":"{entry}","verdict":"{verdict}","duplicate_of":{original},"story":"{story}"}}"#
        )
    };
    let wanted = [
        want("a", "a", "new", "null"),
        want("b", "a", "same", "null"),
        want("c", "c", "new", "\"a\""),
        want("d", "d", "new", "null"),
    ];
    assert_eq!((ran.code, found), (Some(0), wanted.to_vec()));
}

#[test]
fn same_names_the_line_that_it_cannot_read() {
    for broken in ["{\"id\": 1}", "{}", "no json", "[]"] {
        let ran = Desk::with("").run_with(&["same", "-"], &format!("{{\"id\": \"a\"}}\n{broken}\n"));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("same: line 2"), "{ran:?}");
    }
}

#[test]
fn parse_says_what_it_made_of_a_file() {
    let desk = Desk::with("");
    std::fs::write(desk.path("feed.xml"), FEED).expect("written");
    let file = desk.path("feed.xml").display().to_string();
    let parsed = desk.run(&["parse", "--json", &file]).json().remove(0);
    assert_eq!((&parsed["source"], &parsed["ok"]), (&Value::from(file), &Value::from(true)));
    assert_eq!(parsed["format"], "rss 2.0");
    assert_eq!(parsed["feed"]["title"], "T");
    assert_eq!(parsed["entries"][0]["id"], "g1");
    assert_eq!(parsed["entries"][0]["link"], "https://t.example/1");
}

#[test]
fn parse_fails_for_one_source_and_still_reads_the_others() {
    let desk = Desk::with("");
    std::fs::write(desk.path("page.html"), "<!doctype html><html><title>Hi</title></html>").expect("written");
    let page = desk.path("page.html").display().to_string();
    let ran = desk.run_with(&["parse", &page, "-"], FEED);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let lines = ran.json();
    assert_eq!(lines[0]["ok"], false);
    assert!(lines[0]["error"].as_str().expect("a reason").contains("HTML"), "{ran:?}");
    assert_eq!(lines[1]["ok"], true);
}

#[test]
fn parse_needs_no_feeds_toml() {
    let desk = Desk::with("");
    std::fs::remove_file(desk.path("feeds.toml")).expect("removed");
    assert_eq!(desk.run_with(&["parse", "-"], FEED).code, Some(0));
}

#[test]
fn tag_gives_the_same_lines_back_with_topics() {
    let config = "[words.arms]\nhbs = [\"vojska\"]\n[[topic]]\nid = \"army\"\nenough = [\"@arms\"]\n";
    let input = "{\"title\":\"Са војском на граници\",\"x\":1}\n{\"title\":\"Kiša\"}\n";
    let ran = Desk::with(config).run_with(&["tag"], input);
    let lines = ran.json();
    assert_eq!(lines[0]["x"], 1);
    assert_eq!(lines[0]["topics"][0]["id"], "army");
    let matched = &lines[0]["topics"][0]["matched"][0];
    assert_eq!((&matched["term"], &matched["found"]), (&Value::from("vojska"), &Value::from("војском")));
    assert_eq!((&matched["field"], &matched["language"]), (&Value::from("title"), &Value::from("hbs")));
    assert_eq!(lines[1]["topics"], Value::Array(vec![]));
}

#[test]
fn tag_gives_every_digit_back_and_replaces_what_is_its_own() {
    let input = "{\"title\": \"Kiša pada i ne prestaje\", \"n\": 123456789012345678901234567890.10}\n{}\n{\"topics\":1,\"lang\":\"en\"}\n";
    let ran = Desk::with("").run_with(&["tag"], input);
    let expected = "{\"title\": \"Kiša pada i ne prestaje\", \"n\": 123456789012345678901234567890.10,\"lang\":\"hbs\",\"topics\":[]}\n\
        {\"topics\":[]}\n{\"topics\":[],\"lang\":\"en\"}\n";
    assert_eq!(ran.out, expected, "{ran:?}");
}

#[test]
fn tag_looks_at_the_first_mebibyte_of_a_field_and_says_so() {
    let title = format!("{}oil", "gas ".repeat(1 << 18));
    let topics = "[[topic]]\nid = \"a\"\nenough = [\"gas\"]\n[[topic]]\nid = \"b\"\nenough = [\"oil\"]\n";
    let ran = Desk::with(topics).run_with(&["tag"], &format!("{{\"lang\":\"en\",\"title\":\"{title}\"}}\n"));
    assert_eq!(ran.json()[0]["topics"].as_array().expect("topics").len(), 1);
    assert!(ran.err.contains("line 1: only the first 1 MiB of \"title\""), "{}", ran.err);
}

#[test]
fn tag_shows_the_score_in_points() {
    let topic = "[[topic]]\nid = \"t\"\npoints = { gas = 2, oil = 3 }\nthreshold = 5\ntitle_times = 1\n";
    let ran = Desk::with(topic).run_with(&["tag"], "{\"title\":\"Gas and oil\"}\n{\"title\":\"Oil\"}\n");
    assert_eq!(ran.json()[0]["topics"][0]["score"], 5.0);
    assert_eq!(ran.json()[1]["topics"], Value::Array(vec![]));
}

#[test]
fn a_term_with_points_is_checked_like_any_other() {
    let config =
        "[words.missions]\nany = [\"KFOR\"]\n[[topic]]\nid = \"t\"\npoints = { \"@mission\" = 2 }\nthreshold = 5\n";
    let ran = Desk::with(config).run(&["check"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.contains("feeds.toml:5:12: points: unknown list \"@mission\", did you mean \"@missions\"?"),
        "{ran:?}"
    );
}

#[test]
fn tag_names_the_line_that_is_no_json() {
    let ran = Desk::with("").run_with(&["tag", "-"], "{}\nnonsense\n");
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("line 2"), "{ran:?}");
}

#[test]
fn status_before_the_first_poll_says_what_to_do() {
    let ran = Desk::with("feeds = [\"https://a.example/feed\"]").run(&["status"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("glasnik run"), "{ran:?}");
}

#[test]
fn opml_goes_in_and_out_and_comments_stay() {
    let desk = Desk::with("# my feeds\nfeeds = [\"https://a.example/feed\"] # the first\n");
    let opml = r#"<opml version="2.0"><body><outline text="B" xmlUrl="https://b.example/feed"/>
        <outline text="folder"><outline text="A" xmlUrl="https://a.example/feed"/></outline></body></opml>"#;
    let ran = desk.run_with(&["import", "-"], opml);
    assert!(ran.out.contains("1 feeds added, 1 were there already"), "{ran:?}");
    let file = std::fs::read_to_string(desk.path("feeds.toml")).expect("readable");
    assert!(file.contains("# my feeds") && file.contains("# the first"), "{file}");
    let exported = desk.run(&["export"]).out;
    assert!(exported.contains("https://a.example/feed") && exported.contains("https://b.example/feed"), "{exported}");
}

#[test]
fn import_refuses_what_is_no_opml() {
    let ran = Desk::with("").run_with(&["import", "-"], "<html></html>");
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[tokio::test]
async fn search_finds_what_was_polled_and_says_what_is_wrong_with_a_query() {
    let publisher = support::Publisher::start().await;
    publisher.publishes("/feed.xml", FEED.replace("One", "Војска \u{9b}2J на северу"));
    let desk = Desk::with(&format!(
        "[server]\nlisten = \"127.0.0.1:9\"\n[[feed]]\nid = \"wire\"\nurl = \"{}\"\nallow_private = true\n",
        publisher.url("/feed.xml")
    ));
    let none = desk.run(&["search", "vojska"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "{none:?}");
    assert!(!desk.path("glasnik.db").exists(), "nothing is made by a search");

    assert_eq!(desk.run(&["poll"]).code, Some(0));
    let found = desk.run(&["search", "vojska", "severu"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(found.out.contains("  T  Војска") && found.out.contains("http://127.0.0.1:9/entries/"), "{found:?}");
    assert!(!found.out.contains('\u{9b}'), "{found:?}");

    let found = desk.run(&["search", "vojsk* -rat feed:wire", "--json"]);
    let [line] = found.json().try_into().expect("one");
    let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    assert_eq!((text("feed"), text("link")), ("wire".to_owned(), "https://t.example/1".to_owned()));
    assert_eq!(text("page"), format!("http://127.0.0.1:9/entries/{}", text("id")));
    for key in ["title", "published", "topics", "language"] {
        assert!(line.get(key).is_some(), "{key}: {line}");
    }

    let nothing = desk.run(&["search", "rat"]);
    assert_eq!((nothing.code, nothing.out.as_str(), nothing.err.as_str()), (Some(0), "", "nothing was found\n"));
    for (query, said) in
        [("feed:wrie", "did you mean \"wire\"?"), ("topcis:x", "did you mean \"topic:\"?"), ("v*", "3 letters")]
    {
        let ran = desk.run(&["search", query]);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.err.contains(query) && ran.err.contains(said), "{ran:?}");
    }
}

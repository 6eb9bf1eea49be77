#![allow(clippy::unwrap_used)]

mod broken;
mod shipped;

use std::fs;

use super::*;
use crate::feed::{Collapse, ContentMode, Copies};
use crate::topics::{self, Field};

/// A folder of files, and an environment with two variables.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = desk.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self) -> Result<Config, Errors> {
        load_with(&self.path("feeds.toml"), &|name| match name {
            "TOKEN" => Some("s3cret".into()),
            "EMPTY" => Some("".into()),
            _ => None,
        })
    }

    /// The complaints, with the folder cut off.
    fn complaints(&self) -> String {
        let folder = format!("{}/", self.0.path().display());
        self.load().map(|_| String::new()).unwrap_or_else(|errors| errors.to_string().replace(&folder, ""))
    }
}

fn config(text: &str) -> Config {
    Desk::new(&[("feeds.toml", text)]).load().unwrap()
}

#[test]
fn an_empty_file_is_a_configuration_with_defaults() {
    let desk = Desk::new(&[("feeds.toml", "")]);
    let config = desk.load().unwrap();
    assert_eq!(config.title, "glasnik");
    assert_eq!(config.base_url, "http://127.0.0.1:8080/");
    assert_eq!(config.store_path, desk.path("glasnik.db"));
    assert_eq!(config.files, [desk.path("feeds.toml")]);
    assert_eq!(config.subscriptions, []);
    let ids: Vec<&str> = config.outputs.iter().map(|output| output.id.as_str()).collect();
    assert_eq!(ids, ["all"]);
}

#[test]
fn every_key_arrives() {
    let config = config(
        r#"
title    = "Western Balkans monitor"
base_url = "https://feeds.example.org"
contact  = "mailto:desk@example.org"
feeds    = ["https://example.org/feed#top"]

[server]
listen = "0.0.0.0:9000"

[store]
path = "/var/lib/glasnik.db"

[defaults]
every = "2h"
tags  = ["regional"]
priority = -3
headers = { Accept-Language = "sr" }

[[feed]]
url     = "https://balkaninsight.com/feed/"
id      = "bi"
title   = "Balkan Insight"
lang    = "sr-Latn"
tags    = ["english"]
every   = "30m"
keep    = "1w"
enabled = false
priority = 10
allow_private = true
headers = { Authorization = { env = "TOKEN" } }

[[host]]
match   = "*.Reddit.com"
spacing = "60s"

[words.places]
any = ["KFOR"]
hbs = ["Kosovo", "Srbija"]
except = ["Amaro Montenegro"]

[[topic]]
id = "balkans"

[[topic]]
id        = "security"
title     = "Security"
enough    = ["@places"]
together  = ["@places", ["army", "police"]]
unless    = ["football"]
never     = ["=horoscope"]
points    = { "@places" = 2, "Dodik ~8 secession" = 3 }
threshold = 5
title_times = 3
near      = 12
in        = "balkans"
fields    = ["title", "content"]
languages = ["en", "sr"]
feeds     = ["tag:english", "!example-org"]

[[topic.example]]
text = "KFOR patrols"

[[topic.example]]
text = "The match"
want = false

[[output]]
id        = "security"
topics    = ["security"]
feeds     = ["!bi"]
languages = ["en"]
collapse  = "none"
items     = 20
content   = "summary"
also_in   = "links"
"#,
    );
    assert_eq!(config.base_url, "https://feeds.example.org/");
    assert_eq!(config.listen, "0.0.0.0:9000".parse().unwrap());
    assert_eq!(config.store_path, Path::new("/var/lib/glasnik.db"));
    assert_eq!(config.fetch.contact.as_deref(), Some("mailto:desk@example.org"));
    let spacing = Duration::from_secs(60);
    assert_eq!(config.fetch.hosts, [HostRule { pattern: "*.reddit.com".into(), spacing }]);

    let short = Subscription {
        id: "example-org".into(),
        url: Url::parse("https://example.org/feed").unwrap(),
        title: None,
        language: None,
        tags: vec!["regional".into()],
        every: Duration::from_secs(2 * 3600),
        keep: Duration::from_secs(180 * 86_400),
        allow_private: false,
        has_secret_url: false,
        headers: vec![("Accept-Language".into(), "sr".into())],
        is_enabled: true,
        priority: -3,
    };
    let long = Subscription {
        id: "bi".into(),
        url: Url::parse("https://balkaninsight.com/feed/").unwrap(),
        title: Some("Balkan Insight".into()),
        language: Some("sr-Latn".into()),
        tags: vec!["english".into()],
        every: Duration::from_secs(30 * 60),
        keep: Duration::from_secs(7 * 86_400),
        allow_private: true,
        has_secret_url: false,
        headers: vec![("Authorization".into(), "s3cret".into())],
        is_enabled: false,
        priority: 10,
    };
    assert_eq!(config.subscriptions, [short, long]);

    let places = WordList {
        name: "places".into(),
        languages: vec![("any".into(), vec!["KFOR".into()]), ("hbs".into(), vec!["Kosovo".into(), "Srbija".into()])],
        except: vec!["Amaro Montenegro".into()],
    };
    assert_eq!(config.words, [places]);

    let parent = Topic {
        id: "balkans".into(),
        title: "balkans".into(),
        fields: vec![Field::Title, Field::Summary, Field::Categories],
        ..Topic::default()
    };
    let topic = Topic {
        id: "security".into(),
        title: "Security".into(),
        enough: vec!["@places".into()],
        together: vec![vec!["@places".into()], vec!["army".into(), "police".into()]],
        unless: vec!["football".into()],
        never: vec!["=horoscope".into()],
        points: vec![("@places".into(), 2), ("Dodik ~8 secession".into(), 3)],
        threshold: Some(5),
        title_times: Some(3),
        near: Some(12),
        parent: Some("balkans".into()),
        fields: vec![Field::Title, Field::Content],
        languages: vec!["en".into(), "sr".into()],
        feeds: Some(vec!["bi".into()]),
    };
    assert_eq!(config.topics, [parent, topic]);

    let examples: Vec<_> = config.examples.iter().map(|e| (e.topic.as_str(), e.text.as_str(), e.want)).collect();
    assert_eq!(examples, [("security", "KFOR patrols", true), ("security", "The match", false)]);
    assert!(config.examples[0].place.ends_with("feeds.toml:61"), "{}", config.examples[0].place);

    let all = Output {
        id: "all".into(),
        title: "Western Balkans monitor".into(),
        topics: vec![],
        feeds: None,
        languages: vec![],
        collapse: Collapse::Duplicates,
        items: 100,
        at_least: Output::AT_LEAST,
        aliases: Vec::new(),
        content: ContentMode::Full,
        also_in: Copies::Foot,
    };
    let output = Output {
        id: "security".into(),
        title: "Security".into(),
        topics: vec!["security".into()],
        feeds: Some(vec!["example-org".into()]),
        languages: vec!["en".into()],
        collapse: Collapse::None,
        items: 20,
        at_least: Output::AT_LEAST,
        aliases: Vec::new(),
        content: ContentMode::Summary,
        also_in: Copies::Links,
    };
    assert_eq!(config.outputs, [all, output]);
}

#[test]
fn a_host_is_known_in_any_spelling() {
    for (written, pattern) in [
        ("Example.ORG", "example.org"),
        ("*.Пример.срб", "*.xn--e1afmkfd.xn--90a3ac"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
    ] {
        let config = config(&format!("[[host]]\nmatch = \"{written}\""));
        assert_eq!(config.fetch.hosts[0].pattern, pattern, "{written}");
    }
}

#[test]
fn a_topic_named_like_a_page_of_ours_can_have_an_output_of_another_name() {
    let config =
        config("[[topic]]\nid = \"health\"\nenough = [\"a\"]\n[[output]]\nid = \"medicine\"\ntopics = [\"health\"]");
    let ids: Vec<&str> = config.outputs.iter().map(|output| output.id.as_str()).collect();
    assert_eq!(ids, ["all", "medicine"]);
}

#[test]
fn every_topic_has_an_output_if_the_file_has_none() {
    let config = config("[[topic]]\nid = \"energy\"\ntitle = \"Energy\"\nenough = [\"gas\"]");
    let outputs: Vec<_> = config.outputs.iter().map(|o| (o.id.as_str(), o.title.as_str(), o.topics.clone())).collect();
    assert_eq!(outputs, [("all", "glasnik", vec![]), ("energy", "Energy", vec!["energy".to_owned()])]);
}

#[test]
fn the_output_all_can_be_redefined() {
    let config = config("title = \"Mine\"\n[[output]]\nid = \"all\"\nitems = 5");
    let outputs: Vec<_> = config.outputs.iter().map(|o| (o.id.as_str(), o.title.as_str(), o.items)).collect();
    assert_eq!(outputs, [("all", "Mine", 5)]);
}

#[test]
fn feeds_are_chosen_by_id_and_tag() {
    let file = r#"
feeds = ["https://a.example/", "https://b.example/"]
[[feed]]
url = "https://c.example/"
tags = ["x"]
[[feed]]
url = "https://d.example/"
tags = ["x", "y"]
[[output]]
id = "all"
feeds = "#;
    for (selectors, chosen) in [
        (r#"["b-example"]"#, vec!["b-example"]),
        (r#"["tag:x", "a-example"]"#, vec!["a-example", "c-example", "d-example"]),
        (r#"["!b-example"]"#, vec!["a-example", "c-example", "d-example"]),
        (r#"["!tag:x"]"#, vec!["a-example", "b-example"]),
        (r#"["!tag:y", "tag:x"]"#, vec!["c-example"]),
    ] {
        let config = config(&format!("{file}{selectors}"));
        let feeds = config.outputs[0].feeds.clone().unwrap();
        assert_eq!(feeds, chosen, "{selectors}");
    }
}

#[test]
fn inline_tables_are_as_good_as_headed_ones() {
    let config = config(
        r#"
server = { listen = "127.0.0.1:1" }
feed = [{ url = "https://a.example/", headers.X-Key = "k" }, { url = "https://b.example/" }]
words.places.en = ["Kosovo"]
"#,
    );
    assert_eq!(config.listen.port(), 1);
    assert_eq!(config.subscriptions[0].headers, [("X-Key".to_owned(), "k".to_owned())]);
    assert_eq!(config.subscriptions.len(), 2);
    assert_eq!(config.words[0].languages, [("en".to_owned(), vec!["Kosovo".to_owned()])]);
}

#[test]
fn a_secret_comes_from_a_file_without_its_last_newline() {
    let desk = Desk::new(&[
        ("feeds.toml", "[[feed]]\nurl = { file = \"secrets/url\" }"),
        ("secrets/url", "https://example.org/token-1/feed\n"),
    ]);
    let config = desk.load().unwrap();
    assert_eq!(config.subscriptions[0].url.as_str(), "https://example.org/token-1/feed");
    assert_eq!(config.subscriptions[0].id, "example-org", "the path of a secret url is not told");
    assert_eq!(config.subscriptions[0].shown_url(), "https://example.org");
    assert_eq!(config.files, [desk.path("feeds.toml"), desk.path("secrets/url")]);
}

#[test]
fn included_files_add_feeds_and_rules() {
    let desk = Desk::new(&[
        ("feeds.toml", "include = [\"feeds.d/*.toml\", \"more.toml\", \"*.toml\"]\n[defaults]\nevery = \"3h\""),
        ("feeds.d/b.toml", "[[topic]]\nid = \"t\"\nenough = [\"@w\"]\nfeeds = [\"a-example\"]"),
        ("feeds.d/a.toml", "feeds = [\"https://a.example/\"]\n[words.w]\nen = [\"x\"]"),
        ("feeds.d/.#a.toml", "broken"),
        ("feeds.d/notes.txt", "broken"),
        ("more.toml", "[[host]]\nmatch = \"a.example\""),
    ]);
    let config = desk.load().unwrap();
    let files = ["feeds.toml", "feeds.d/a.toml", "feeds.d/b.toml", "more.toml"].map(|name| desk.path(name));
    let folders = [desk.path("feeds.d"), desk.0.path().to_owned()];
    assert_eq!(config.files, [&files[..], &folders[..]].concat(), "a file that comes to a folder is seen as well");
    assert_eq!(config.subscriptions[0].every, Duration::from_secs(3 * 3600));
    assert_eq!(config.topics[0].feeds, Some(vec!["a-example".to_owned()]));
    assert_eq!(config.fetch.hosts.len(), 1);
}

#[test]
fn a_fault_in_an_included_file_is_told_with_its_name() {
    let desk = Desk::new(&[
        ("feeds.toml", "include = [\"d/*.toml\", \"gone.toml\", \"no/*.toml\", \"*/a.toml\"]\ntitel = 1"),
        ("d/a.toml", "[server]\nlisten = \"127.0.0.1:1\"\n[[feed]]\nurl = 1"),
        ("d/b.toml", "x = "),
    ]);
    let expected = "\
feeds.toml:1:24: include: gone.toml: no such file
feeds.toml:1:37: include: no/*.toml: no such folder
feeds.toml:1:50: include: */a.toml: only the last part of the path may hold *
feeds.toml:2:1: unknown key \"titel\", did you mean \"title\"?
d/a.toml:1:2: server: belongs into feeds.toml itself, not into an included file
d/a.toml:4:7: url: expected text in quotes, found a number
d/b.toml:1:5: not TOML: string values must be quoted, expected literal string";
    assert_eq!(desk.complaints().replace(&format!("{}/", desk.0.path().display()), ""), expected);
}

#[test]
fn two_files_may_not_name_the_same_thing() {
    let part = "feeds = [\"https://a.example/\"]\n[[feed]]\nurl = \"https://b.example/?\"\nid = \"b\"\n[words.w]\nen = [\"x\"]\n[[topic]]\nid = \"t\"\nenough = [\"x\"]\n[[output]]\nid = \"o\"\n";
    let desk = Desk::new(&[("feeds.toml", &format!("include = [\"more.toml\"]\n{part}")), ("more.toml", part)]);
    let expected = "\
more.toml:1:10: this url is already at feeds.toml:2:10
more.toml:3:7: this url is already at feeds.toml:4:7
more.toml:4:6: id: \"b\" is already taken at feeds.toml:5:6
more.toml:5:8: words: the list \"w\" is already at feeds.toml:6:8
more.toml:8:6: id: the topic \"t\" is already at feeds.toml:8:1
more.toml:11:6: id: the output \"o\" is already at feeds.toml:12:6";
    assert_eq!(desk.complaints(), expected);
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let desk = Desk::new(&[]);
    assert_eq!(desk.complaints(), "feeds.toml: no such file");
    let desk = Desk::new(&[("feeds.toml/x", "")]);
    assert_eq!(desk.complaints(), "feeds.toml: is a folder");
    let desk = Desk::new(&[("feeds.toml", &"#".repeat(8 * 1024 * 1024 + 1))]);
    assert_eq!(desk.complaints(), "feeds.toml: larger than 8192 KiB");
    let desk = Desk::new(&[]);
    fs::write(desk.path("feeds.toml"), b"title = \"a\"\ntitle = \"\xff\"").unwrap();
    assert_eq!(desk.complaints(), "feeds.toml: line 2 is not UTF-8");
}

#[test]
fn a_byte_order_mark_is_not_counted() {
    let desk = Desk::new(&[("feeds.toml", "\u{feff}titel = \"x\"")]);
    assert_eq!(desk.complaints(), "feeds.toml:1:1: unknown key \"titel\", did you mean \"title\"?");
}

#[test]
fn all_faults_of_a_file_are_told_at_once_and_in_its_order() {
    let text = "[[output]]\nid = \"o\"\ntopics = [\"x\"]\n\n[[feed]]\nurl = 1\nkeep = 2\n\n[server]\nlisten = 3\n";
    let complaints = Desk::new(&[("feeds.toml", text)]).complaints();
    let lines: Vec<&str> = complaints.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(lines, ["feeds.toml:3:11", "feeds.toml:6:7", "feeds.toml:7:8", "feeds.toml:10:10"]);
}

#[test]
fn complaints_have_an_end() {
    let text: String = (0..1000).map(|n| format!("key-{n} = 1\n")).collect();
    assert_eq!(Desk::new(&[("feeds.toml", &text)]).complaints().lines().count(), 200);
}

#[test]
fn a_secret_is_never_told() {
    for key in ["url", "id", "tags", "lang", "every"] {
        let value = if key == "tags" { "[{ env = \"TOKEN\" }]" } else { "{ env = \"TOKEN\" }" };
        let url = if key == "url" { "" } else { "url = \"https://a.example/\"\n" };
        let text = format!("[[feed]]\n{url}{key} = {value}\n[[output]]\nid = \"o\"\nfeeds = [{{ env = \"TOKEN\" }}]");
        let complaints = Desk::new(&[("feeds.toml", &text)]).complaints();
        assert!(!complaints.contains("s3cret"), "{complaints}");
    }
}

#[test]
fn what_the_matcher_refuses_gets_its_place() {
    let desk = Desk::new(&[
        (
            "feeds.toml",
            "include = [\"w.toml\"]\n[[topic]]\nid = \"t\"\nenough = [\"a\",\n  \"@x\"]\ntogether = [\"b\", [\"c\", \"@y\"]]",
        ),
        ("w.toml", "[words.w]\nen = [\"one\", \"~\"]\nexcept = [\"=\"]"),
    ]);
    let words = |key: &str, index| topics::Place::Words { list: "w".into(), key: key.into(), index };
    let topic = |key, index| topics::Place::Topic { topic: "t".into(), key, index };
    let errors = [
        (words("en", 1), "w.toml:2:14: en: bad"),
        (words("except", 0), "w.toml:3:11: except: bad"),
        (words("de", 0), "w.toml:1:8: de: bad"),
        (topic("enough", 1), "feeds.toml:5:3: enough: bad"),
        (topic("together", 1), "feeds.toml:6:18: together: bad"),
        (topic("together", 9), "feeds.toml:2:1: together: bad"),
        (topics::Place::Words { list: "gone".into(), key: "en".into(), index: 0 }, "words.gone.en: bad"),
    ];
    let config = desk.load().unwrap();
    let folder = format!("{}/", desk.0.path().display());
    for (place, expected) in errors {
        let error = RuleError { place, message: "bad".into() };
        assert_eq!(config.explain(&[error]).to_string().replace(&folder, ""), expected);
    }
}

#[test]
fn feeds_toml_is_found_where_it_should_be() {
    let all = ["GLASNIK_CONFIG=/g.toml", "XDG_CONFIG_HOME=/x", "HOME=/home/me"];
    let told = |explicit: Option<&str>, environment: &[&str], files: &[&str]| {
        let variable = |name: &str| {
            let value = environment.iter().find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.map(OsString::from)
        };
        let found =
            find_among(explicit.map(Path::new), &variable, &|path| files.iter().any(|file| Path::new(file) == path));
        found.map_or_else(|error| error.to_string(), |path| path.display().to_string())
    };
    let etc = "/etc/glasnik/feeds.toml";
    let files =
        ["a.toml", "/g.toml", "feeds.toml", "/x/glasnik/feeds.toml", "/home/me/.config/glasnik/feeds.toml", etc];
    assert_eq!(told(Some("a.toml"), &all, &files), files[0]);
    assert_eq!(told(None, &all, &files), files[1]);
    assert_eq!(told(None, &all[1..], &files), files[2]);
    assert_eq!(told(None, &all[1..], &files[3..]), files[3]);
    assert_eq!(told(None, &all[2..], &files[3..]), files[4]);
    assert_eq!(told(None, &["XDG_CONFIG_HOME=", "HOME=/home/me"], &files[3..]), files[4]);
    assert_eq!(told(None, &[], &files[3..]), etc);
    assert_eq!(told(Some("b.toml"), &all, &files), "--config: b.toml: no such file");
    assert_eq!(told(None, &all, &[]), "GLASNIK_CONFIG: /g.toml: no such file");
    assert_eq!(
        told(None, &all[2..], &[]),
        "no feeds.toml, neither feeds.toml nor /home/me/.config/glasnik/feeds.toml nor /etc/glasnik/feeds.toml; \
         write one (one line will do: feeds = [\"https://example.org/feed.xml\"]) or name it with --config"
    );
}

#[test]
fn a_named_file_that_cannot_be_read_is_not_said_to_be_missing() {
    let desk = tempfile::tempdir().unwrap();
    let path = find(Some(desk.path())).unwrap();
    assert_eq!(load(&path).unwrap_err().to_string(), format!("{}: is a folder", desk.path().display()));
    let gone = desk.path().join("feeds.toml");
    assert_eq!(find(Some(&gone)).unwrap_err().to_string(), format!("--config: {}: no such file", gone.display()));
}

//! The house rules, held by reading the sources: imports run downward, each outside crate has one
//! home, the middle is pure, files are short and say what they are for. ARCHITECTURE.md has the
//! reasons. A rule that is in the way is changed here and there, in the same commit.

#[path = "tidy/source.rs"]
mod source;

use source::{Named, Source};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

/// The rooms from the ground up, each with the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("feed", &[]),
    ("caching", &["feed"]),
    ("schedule", &["caching", "feed"]),
    ("health", &["feed"]),
    ("duration", &[]),
    ("fold", &[]),
    ("words", &[]),
    ("ingest", &["feed", "words"]),
    ("stories", &["feed", "fold", "words"]),
    ("topics", &["feed", "fold"]),
    ("search", &["duration", "feed", "fold", "topics"]),
    ("render", &["feed", "search"]),
    ("store", &["feed", "search"]),
    ("fetch", &["caching", "feed"]),
    ("config", &["duration", "feed", "fetch", "topics"]),
    ("metrics", &[]),
    ("server", &["caching", "feed", "health", "metrics", "store"]),
    ("poll", &["caching", "feed", "fetch", "ingest", "schedule", "store", "stories", "topics"]),
    ("publish", &["config", "feed", "health", "render", "store"]),
    ("group", &["feed", "ingest", "store", "stories"]),
    ("retag", &["feed", "store", "topics"]),
    ("searching", &["config", "search", "store"]),
    (
        "daemon",
        &[
            "config",
            "feed",
            "fetch",
            "group",
            "health",
            "metrics",
            "poll",
            "publish",
            "render",
            "retag",
            "schedule",
            "search",
            "searching",
            "server",
            "store",
            "topics",
        ],
    ),
    ("demo", &["config", "daemon", "feed", "fetch", "server", "topics"]),
    (
        "cli",
        &[
            "config",
            "daemon",
            "demo",
            "feed",
            "fetch",
            "group",
            "health",
            "ingest",
            "poll",
            "publish",
            "render",
            "retag",
            "schedule",
            "search",
            "searching",
            "server",
            "store",
            "stories",
            "topics",
        ],
    ),
    ("main", &["cli", "config"]),
];

/// Steps: values in, values out.
const PURE_ROOMS: &[&str] = &[
    "feed", "caching", "schedule", "health", "duration", "fold", "words", "ingest", "stories", "topics", "search",
    "render",
];

/// What a pure room does not know: disk, network, process, clock, chance, waiting.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "Instant::now",
    "rand",
    "tokio",
    "async",
];

/// Where an outside crate may be named: files and folders under `src`.
const HOMES: &[(&str, &[&str])] = &[
    ("ammonia", &["ingest/normalize"]),
    ("anyhow", &["cli", "daemon", "demo", "main"]),
    ("atom_syndication", &["render"]),
    ("axum", &["demo", "server"]),
    ("base64", &["render"]),
    ("brotli", &["server"]),
    ("brotli_decompressor", &["fetch/coding"]),
    ("clap", &["cli", "main"]),
    ("encoding_rs", &["ingest/decode"]),
    ("feed_rs", &["ingest/parse"]),
    ("flate2", &["fetch/coding", "ingest/decode", "server"]),
    ("httpdate", &["caching", "server"]),
    ("html5ever", &["ingest"]),
    ("http", &["caching", "fetch", "server"]),
    ("httparse", &["server"]),
    ("hyper", &["fetch/error", "server"]),
    ("hyper_util", &["fetch", "server"]),
    ("maud", &["render", "server"]),
    ("quick_xml", &["render"]),
    ("memchr", &["ingest", "topics", "words"]),
    ("reqwest", &["fetch"]),
    ("rss", &["render"]),
    ("rusqlite", &["store"]),
    ("rustls", &["fetch"]),
    ("rustls_platform_verifier", &["fetch"]),
    ("simdutf8", &["ingest/decode"]),
    ("rustix", &["server"]),
    ("tempfile", &["demo", "server"]),
    ("toml_edit", &["config"]),
    ("tracing_subscriber", &["main"]),
    ("unicode_normalization", &["fold", "topics"]),
    ("zstd", &["fetch/coding"]),
];

/// The language of the whole house: values, hashes, logs, and waiting outside of the pure rooms.
const CRATES_AT_HOME_EVERYWHERE: &[&str] =
    &["bytes", "chrono", "serde", "serde_json", "sha2", "tokio", "tracing", "url"];

/// Past this, look for the second idea in a file.
const LINES_MAX: usize = 700;

/// Files that may be longer, and why.
const LONG_FILES: &[(&str, &str)] = &[];

#[test]
fn imports_run_downward() {
    check_sources(import_violations);
}

#[test]
fn each_outside_crate_has_one_home() {
    check_sources(home_violations);
}

#[test]
fn the_middle_knows_no_clock_no_disk_and_no_network() {
    check_sources(purity_violations);
}

#[test]
fn no_file_is_long_without_a_reason() {
    check_sources(length_violations);
    for (path, reason) in LONG_FILES {
        assert!(lines(&read(path)) > LINES_MAX, "{path} is short again, take it from the list ({reason})");
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    check_sources(doc_violations);
}

#[test]
fn the_table_of_rooms_itself_has_no_circle() {
    let mut below = HashSet::new();
    for (room, may_import) in ROOMS {
        for import in *may_import {
            assert!(below.contains(import), "{import} does not stand below {room}");
        }
        assert!(below.insert(room), "{room} stands there twice");
    }
}

#[test]
fn every_dependency_has_a_home() {
    let manifest = read("Cargo.toml");
    let dependencies = manifest.split("\n[").find_map(|table| table.strip_prefix("dependencies]")).expect("some");
    let names = dependencies.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let has_home = |name: &String| {
        HOMES.iter().any(|(known, _)| known == name) || CRATES_AT_HOME_EVERYWHERE.contains(&name.as_str())
    };
    let homeless: Vec<String> = names.map(|(name, _)| name.replace('-', "_")).filter(|name| !has_home(name)).collect();
    assert!(homeless.is_empty(), "give these a home in {}: {}", file!(), homeless.join(", "));
}

#[test]
fn the_fuzzer_stands_apart_and_reads_with_the_same_crates() {
    let manifest = read("fuzz/Cargo.toml");
    assert!(manifest.contains("\n[workspace]\n"), "fuzz/ is a workspace of its own");
    assert!(read("fuzz/fuzz_targets/read.rs").starts_with("//! "));
    let version = |manifest: &str, name: &str| {
        let value = manifest.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
        value.split('"').find(|part| part.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned)
    };
    for name in ["ammonia", "html5ever", "url"] {
        let ours = version(&read("Cargo.toml"), name);
        assert!(ours.is_some() && version(&manifest, name) == ours, "{name} is {ours:?}");
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Violation {
    file: String,
    line: usize,
    rule: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

fn check_sources(rule: fn(&Source) -> Vec<Violation>) {
    let sources = sources();
    assert!(sources.len() > ROOMS.len(), "only {} sources were found", sources.len());
    let violations: Vec<String> = sources.iter().flat_map(rule).map(|violation| violation.to_string()).collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

fn import_violations(source: &Source) -> Vec<Violation> {
    let Some(room) = source.room() else { return Vec::new() };
    let Some((_, may_import)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![source.violation(1, format!("the room {room} is new: give it a floor in {}", file!()))];
    };
    let of_name = |named: Named| {
        let import = source.room_of(&named)?;
        (import != room && !may_import.contains(&import.as_str()))
            .then(|| source.violation(named.line, format!("{room} may not import {import}")))
    };
    source.named().into_iter().filter_map(of_name).collect()
}

fn home_violations(source: &Source) -> Vec<Violation> {
    let all = source.named();
    let of_name = |named: &Named| {
        let (name, homes) = HOMES.iter().find(|(name, _)| *name == named.parts[0])?;
        // A word alone is a variable.
        let is_crate = named.parts.len() > 1 && !is_module_of_ours(&all, name);
        let is_home = homes.iter().any(|home| source.is_in(home));
        (is_crate && !is_home).then(|| source.violation(named.line, format!("{name} lives in {}", homes.join(" and "))))
    };
    all.iter().filter_map(of_name).collect()
}

/// `mod base64;` and `use super::base64;` make the name mean something else in that file.
fn is_module_of_ours(all: &[Named], name: &str) -> bool {
    let is_imported = all.iter().any(|named| {
        let is_inside = ["crate", "self", "super"].contains(&named.parts[0].as_str());
        is_inside && named.parts.last().is_some_and(|last| last == name)
    });
    is_imported || all.windows(2).any(|pair| pair[0].parts == ["mod"] && pair[1].parts == [name])
}

fn purity_violations(source: &Source) -> Vec<Violation> {
    let Some(room) = source.room().filter(|room| PURE_ROOMS.contains(&room.as_str())) else { return Vec::new() };
    let of_name = |named: Named| {
        let impure = IMPURE.iter().find(|impure| named.is_or_holds(impure))?;
        Some(source.violation(named.line, format!("{room} is pure and may not use {impure}")))
    };
    source.named().into_iter().filter_map(of_name).collect()
}

fn length_violations(source: &Source) -> Vec<Violation> {
    let is_excused = LONG_FILES.iter().any(|(path, _)| *path == source.path);
    let lines = lines(&source.text);
    match lines > LINES_MAX && !is_excused {
        true => vec![source.violation(lines, format!("more than {LINES_MAX} lines: which second idea is in it?"))],
        false => Vec::new(),
    }
}

fn doc_violations(source: &Source) -> Vec<Violation> {
    match source.text.starts_with("//! ") {
        true => Vec::new(),
        false => vec![source.violation(1, "begin with //! and say what the file is for".to_owned())],
    }
}

impl Source {
    fn violation(&self, line: usize, rule: String) -> Violation {
        Violation { file: self.path.clone(), line, rule }
    }

    /// `["ingest", "parse"]` for `src/ingest/parse.rs`; empty for the crate's root.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.trim_end_matches("/mod");
        if path == "lib" { Vec::new() } else { path.split('/').collect() }
    }

    fn room(&self) -> Option<String> {
        self.module().first().map(|room| (*room).to_owned())
    }

    fn is_in(&self, home: &str) -> bool {
        let module = self.module().join("/");
        module.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The room that a name leads into; `None` for names from outside and of the file itself.
    fn room_of(&self, named: &Named) -> Option<String> {
        let mut parts = named.parts.iter().map(String::as_str).peekable();
        let mut module = match parts.next()? {
            "crate" | "glasnik" => Vec::new(),
            "self" => self.module(),
            "super" => {
                let mut module = self.module();
                module.pop();
                module
            }
            _ => return None,
        };
        while parts.next_if(|part| *part == "super").is_some() {
            module.pop();
        }
        module.first().copied().or_else(|| parts.next()).map(str::to_owned)
    }
}

impl Named {
    /// `chrono::Utc::now` holds `Utc::now`; a word alone must come first.
    fn is_or_holds(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split("::").collect();
        match path.len() {
            1 => self.parts[0] == path[0],
            length => self.parts.windows(length).any(|parts| parts == path),
        }
    }
}

/// All of `src` but the files that are compiled for tests alone, in order.
fn sources() -> Vec<Source> {
    let mut sources = BTreeMap::new();
    let mut folders = vec!["src".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(&folder)).expect("a folder") {
            let entry = entry.expect("a readable folder");
            let path = format!("{folder}/{}", entry.file_name().to_str().expect("an ASCII name"));
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".rs") {
                sources.insert(path.clone(), Source::new(&path, &read(&path)));
            }
        }
    }
    let tests: Vec<String> = sources.values().flat_map(test_files).collect();
    let is_test =
        |path: &str| tests.iter().any(|test| path.strip_prefix(test).is_some_and(|rest| rest.starts_with(['.', '/'])));
    sources.into_values().filter(|source| !is_test(&source.path)).collect()
}

/// `src/config/tests` for `#[cfg(test)] mod tests;` in `src/config/mod.rs`: a file or a folder.
fn test_files(source: &Source) -> Vec<String> {
    let folder = match source.path.strip_suffix("/mod.rs").or(source.path.strip_suffix("/lib.rs")) {
        Some(folder) => folder,
        None => source.path.trim_end_matches(".rs"),
    };
    source.test_modules.iter().map(|module| format!("{folder}/{module}")).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a text of this repository")
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

/// The checker on small sources: `found` is each violation's line with its rule.
fn check(rule: fn(&Source) -> Vec<Violation>, path: &str, text: &str, found: &[&str]) {
    let violations = rule(&Source::new(path, text));
    let violations: Vec<String> = violations.iter().map(|found| format!("{}: {}", found.line, found.rule)).collect();
    assert_eq!(violations, found, "{path}: {text}");
}

#[test]
fn finds_an_import_that_runs_upward() {
    let check = |path, text, found: &[&str]| check(import_violations, path, text, found);
    check(
        "src/ingest/parse.rs",
        "use crate::feed::Feed;\nuse crate::store::Store;",
        &["2: ingest may not import store"],
    );
    check(
        "src/render/mod.rs",
        "use crate::{\n    feed::{self, Entry},\n    config::Config,\n};",
        &["3: render may not import config"],
    );
    check("src/poll.rs", "fn f() { let x = crate::publish::documents(); }", &["1: poll may not import publish"]);
    check("src/topics/fold.rs", "use super::super::fetch;\nuse super::rules;", &["1: topics may not import fetch"]);
    check("src/feed.rs", "use super::store as s;", &["1: feed may not import store"]);
    check("src/main.rs", "use glasnik::store::Store;\nuse glasnik::cli;", &["1: main may not import store"]);
    check("src/sitemap.rs", "", &["1: the room sitemap is new: give it a floor in tests/tidy.rs"]);
    check(
        "src/ingest/parse.rs",
        "// crate::store\nconst A: &str = \"crate::store\"; use self::x; fn f(a: crate::feed::Feed) {}",
        &[],
    );
}

#[test]
fn finds_a_crate_away_from_home() {
    let check = |path, text, found: &[&str]| check(home_violations, path, text, found);
    check("src/poll.rs", "fn f(c: &reqwest::Client) {}", &["1: reqwest lives in fetch"]);
    check("src/poll.rs", "use {std::fmt, ::rusqlite::Connection};", &["1: rusqlite lives in store"]);
    check(
        "src/ingest/normalize.rs",
        "#[derive(x)]\nuse feed_rs::{model, parser};",
        &["2: feed_rs lives in ingest/parse"; 2],
    );
    check("src/ingest/parser.rs", "use feed_rs::model;", &["1: feed_rs lives in ingest/parse"]);
    check("src/ingest/parse/links.rs", "use feed_rs::model;", &[]);
    check("src/publish.rs", "use super::base64;\nfn f() { base64::decode(); }\nmod brotli; use brotli::x;", &[]);
    check("src/publish.rs", "let rss = render::rss::document(rss.len());", &[]);
}

#[test]
fn finds_what_is_not_pure() {
    let check = |path, text, found: &[&str]| check(purity_violations, path, text, found);
    check("src/schedule.rs", "let now = chrono::Utc::now();", &["1: schedule is pure and may not use Utc::now"]);
    check("src/render/mod.rs", "use std::{fmt, fs};", &["1: render is pure and may not use std::fs"]);
    check("src/ingest/mod.rs", "pub async fn read() {}", &["1: ingest is pure and may not use async"]);
    check("src/ingest/mod.rs", "#[tokio::test]\nfn f() {}", &["1: ingest is pure and may not use tokio"]);
    check("src/poll.rs", "let now = Utc::now();", &[]);
    check(
        "src/topics/mod.rs",
        "/* Utc::now /* nested */ */ let a = r#\"tokio::\"#; let b = ('\"', '\\'', b'x'); // async",
        &[],
    );
    check("src/topics/mod.rs", "fn f<'a>(x: &'a str) { x.tokio(); }\n#[cfg(test)]\nmod tests {\n use std::fs;\n}", &[]);
    check(
        "src/topics/mod.rs",
        "#[cfg(test)]\nmod tests { const A: char = '}'; }\nuse std::net::IpAddr;",
        &["3: topics is pure and may not use std::net"],
    );
}

#[test]
fn finds_long_files_and_silent_ones() {
    let long = "//! Long.\n".to_owned() + &"\n".repeat(LINES_MAX);
    check(length_violations, "src/feed.rs", &long, &["701: more than 700 lines: which second idea is in it?"]);
    check(length_violations, "src/feed.rs", "//! Short.\n", &[]);
    check(doc_violations, "src/feed.rs", "use url::Url;\n", &["1: begin with //! and say what the file is for"]);
}

#[test]
fn leaves_out_files_that_are_for_tests_alone() {
    let source =
        Source::new("src/config/mod.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod samples;\nmod edit;");
    assert_eq!(test_files(&source), ["src/config/tests", "src/config/samples"]);
    assert_eq!(test_files(&Source::new("src/store.rs", "#[cfg(test)] mod tests;")), ["src/store/tests"]);
}

//! What reading costs in memory, seen from outside: the peak of the real binary, over what it needs
//! for an empty feed.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// A document is there as it came and as entries, each with what its values weigh; the steps
/// between the two let go of it as they go.
const RATIO_MAX: usize = 6;

/// What does not grow with a document: 2,000 entries without their texts, the tables that the first
/// HTML loads, the tree of one text at a time, and the allocator's crumbs.
const WORK_BYTES: usize = 6 * 1024 * 1024;

#[test]
fn many_small_entries_cost_at_most_six_times_their_size() {
    check(&entries(1_990, |number| {
        format!(
            "<item><title>Naslov {number}</title><link>http://e.org/vesti/{number}</link><guid>e-{number}</guid>\
             <pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate><category>vesti</category><dc:creator>Ana</dc:creator>\
             <description>{}</description></item>",
            "Vlada je danas usvojila odluku o novim mjerama. ".repeat(12)
        )
    }));
}

#[test]
fn many_small_values_cost_at_most_six_times_their_size() {
    check(&entries(2_000, |number| {
        let keywords: String = (0..64).map(|keyword| format!("{keyword},")).collect();
        format!("<item><guid>{number}</guid><itunes:keywords>{keywords}</itunes:keywords></item>")
    }));
}

#[test]
fn markup_that_must_be_mended_costs_at_most_six_times_its_size() {
    check(&entries(1, |_| format!("<item><description><![CDATA[{}]]></description></item>", "<p>a".repeat(60_000))));
    check(&entries(1, |_| format!("<item><description><![CDATA[{}]]></description></item>", "<p>a<b>b".repeat(4_900))));
}

#[test]
fn signs_that_are_longer_when_written_cost_at_most_six_times_their_size() {
    check(&entries(400, |number| {
        let category = format!("<category>{}</category>", "&".repeat(600));
        format!("<item><guid>{number}</guid><description>{}</description>{category}</item>", "&".repeat(1_200))
    }));
}

fn entries(count: usize, entry: impl Fn(usize) -> String) -> String {
    rss(&(0..count).map(entry).collect::<String>())
}

fn check(document: &str) {
    let peak = peak_bytes(document).saturating_sub(peak_bytes(&rss("")));
    let most = RATIO_MAX * document.len() + WORK_BYTES;
    assert!(peak <= most, "{peak} bytes for a document of {}: {document:.300}", document.len());
}

#[test]
fn a_million_entries_fit_into_150_megabytes() {
    let peak = peak_bytes(&rss(&"<item/>".repeat(1_000_000)));
    assert!(peak <= 150_000_000, "{peak} bytes");
}

fn rss(inside: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>t</title>{inside}</channel></rss>")
}

/// The most that `glasnik parse` held at any time for `document`. A second source that never comes
/// holds the process where its peak can be read.
fn peak_bytes(document: &str) -> usize {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), document).expect("it is written");
    let mut glasnik = Command::new(env!("CARGO_BIN_EXE_glasnik"));
    glasnik.arg("parse").arg(file.path()).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut glasnik = glasnik.spawn().expect("the binary starts");
    let mut answer = BufReader::new(glasnik.stdout.take().expect("a pipe"));
    let mut line = String::new();
    answer.read_line(&mut line).expect("it answers");
    assert!(line.contains("\"ok\":true"), "{line:.200}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", glasnik.id())).expect("it is alive");
    drop(glasnik.stdin.take());
    answer.read_to_string(&mut line).expect("it ends");
    glasnik.wait().expect("it ends");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux says it");
    let kibibytes: usize = peak.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kibibytes * 1024
}

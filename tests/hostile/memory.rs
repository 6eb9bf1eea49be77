//! What reading costs in memory, seen from outside: the peak of the real binary, over what it needs
//! for an empty feed.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// A document is there as it came and as entries, each with what its values weigh; the steps
/// between the two let go of it as they go.
const RATIO_MAX: usize = 6;

/// One entry on its way, whatever its document's size, and the allocator's crumbs.
const SLACK_BYTES: usize = 4 * 1024 * 1024;

#[test]
fn a_document_costs_at_most_six_times_its_size() {
    let empty = peak_bytes(&rss(""));
    let entries = |count: usize, entry: &dyn Fn(usize) -> String| rss(&(0..count).map(entry).collect::<String>());
    let prose = "Vlada je danas usvojila odluku o novim mjerama. ";
    let json = |inside: String| format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{inside}]}}");
    let documents = [
        (
            "many small entries",
            entries(1_990, &|number| {
                format!(
                    "<item><title>Naslov {number}</title><link>http://e.org/vesti/{number}</link><guid>e-{number}</guid>\
                     <pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate><category>vesti</category><dc:creator>Ana</dc:creator>\
                     <description>{}</description></item>",
                    prose.repeat(7)
                )
            }),
        ),
        (
            "many links",
            entries(300, &|number| {
                let link = |at| format!("<atom:link href=\"http://e.org/{number}/{at}\"/>");
                format!("<item><guid>{number}</guid>{}</item>", (0..64).map(link).collect::<String>())
            }),
        ),
        (
            "many categories and people",
            entries(400, &|number| {
                let value = |at| format!("<category>tema {at}</category><dc:creator>Osoba {at}</dc:creator>");
                format!("<item><guid>{number}</guid>{}</item>", (0..64).map(value).collect::<String>())
            }),
        ),
        ("one long text", entries(1, &|_| format!("<item><description>{}</description></item>", prose.repeat(25_000)))),
        (
            "escaped markup",
            entries(100, &|number| {
                let text = format!("&lt;p&gt;{prose}&amp;nbsp;&lt;/p&gt;").repeat(150);
                format!("<item><guid>{number}</guid><description>{text}</description></item>")
            }),
        ),
        (
            "bare ampersands",
            entries(300, &|number| {
                let value = |at| format!("<category>{at}{}</category>", "&".repeat(200));
                format!("<item><guid>{number}</guid>{}</item>", (0..20).map(value).collect::<String>())
            }),
        ),
        (
            "json",
            json(
                (0..1_000)
                    .map(|number| format!("{{\"id\":{number},\"content_html\":\"<p>{}\\n</p>\"}}", prose.repeat(20)))
                    .collect::<Vec<_>>()
                    .join(","),
            ),
        ),
        ("broken json", json(format!("{{\"content_text\":\"{}\n\"}},", prose.repeat(20)).repeat(1_000))),
    ];
    for (name, document) in documents {
        let peak = peak_bytes(&document).saturating_sub(empty);
        let most = RATIO_MAX * document.len() + SLACK_BYTES;
        assert!(peak <= most, "{name}: {peak} bytes for a document of {}", document.len());
    }
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

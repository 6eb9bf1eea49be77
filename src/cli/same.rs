//! `same`: which items are one entry seen again, and whose copies they are, tried on lines without a
//! store.

use super::{Outcome, lines};
use crate::feed::{Entry, Feed};
use crate::ingest::normalize::{TextKind, plain_text};
use crate::ingest::{dates, identify};
use crate::poll::plain_texts;
use crate::stories::identity::Verdict;
use crate::stories::{Item, Known, Seen};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::io::{self, BufWriter, Write};

/// Copies are looked for among so many entries, a week of a large newsroom's reading.
const WINDOW: usize = 200_000;
/// More than a feed is read with at once.
const DOCUMENT_ITEMS_MAX: usize = 10_000;

/// An item as it comes in.
#[derive(Debug, Deserialize)]
struct Line {
    id: String,
    feed: Option<String>,
    document: Option<String>,
    guid: Option<String>,
    link: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    published: Option<String>,
}

/// What is said of it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    entry: &'a str,
    verdict: &'static str,
    duplicate_of: Option<&'a str>,
    story: Option<&'a str>,
}

/// Items with the same document are seen together, so a line is answered when its document is over.
pub(super) fn same(file: &str) -> Result<Outcome> {
    let mut desk = Desk { known: Known::new(WINDOW), names: Vec::new(), out: BufWriter::new(io::stdout().lock()) };
    let mut document: Vec<Line> = Vec::new();
    for line in lines::of(file).context("same")? {
        let (number, line) = line.context("same")?;
        let item: Line = serde_json::from_str(&line).with_context(|| format!("same: line {number}"))?;
        let is_of_document = document
            .last()
            .is_none_or(|last| last.feed == item.feed && last.document == item.document && item.document.is_some());
        if !is_of_document {
            desk.read(std::mem::take(&mut document))?;
        }
        document.push(item);
        ensure!(
            document.len() <= DOCUMENT_ITEMS_MAX,
            "same: line {number}: a document with more than {DOCUMENT_ITEMS_MAX} items"
        );
    }
    desk.read(document)?;
    desk.out.flush()?;
    Ok(Outcome::Done)
}

struct Desk<W: Write> {
    known: Known,
    /// What the first item of each entry is called.
    names: Vec<String>,
    out: W,
}

impl<W: Write> Desk<W> {
    fn read(&mut self, document: Vec<Line>) -> Result<()> {
        let name = document.first().and_then(|line| line.feed.clone()).unwrap_or_default();
        let mut feed = Feed { self_link: Some(name.clone()), ..Feed::default() };
        feed.entries = document.iter().map(entry).collect();
        identify::entries(&mut feed);
        let texts: Vec<[String; 2]> = feed.entries.iter().map(plain_texts).collect();
        let items: Vec<Item<'_>> = feed
            .entries
            .iter()
            .zip(&texts)
            .map(|(entry, [summary, content])| Item::of(&name, entry, summary, content))
            .collect();
        let seen = self.known.see(&name, &items);
        for (line, seen) in document.iter().zip(seen) {
            self.answer(line, &seen)?;
        }
        Ok(())
    }

    fn answer(&mut self, line: &Line, seen: &Seen) -> Result<()> {
        if seen.own == self.names.len() {
            self.names.push(line.id.clone());
        }
        let answer = Answer {
            id: &line.id,
            entry: &self.names[seen.entry],
            verdict: match seen.verdict {
                Verdict::New => "new",
                Verdict::Same => "same",
                Verdict::Updated => "updated",
            },
            duplicate_of: seen.duplicate_of.map(|entry| self.names[entry].as_str()),
            // Nothing groups entries into stories yet.
            story: None,
        };
        // As an I/O error, so that a closed pipe is known for one.
        serde_json::to_writer(&mut self.out, &answer).map_err(io::Error::from)?;
        writeln!(self.out)?;
        Ok(())
    }
}

fn entry(line: &Line) -> Entry {
    let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Entry {
        id: some(&line.guid),
        link: some(&line.link),
        title: line.title.as_deref().and_then(|title| plain_text(title, TextKind::Html)),
        summary: some(&line.summary),
        content: some(&line.content),
        published: line.published.as_deref().and_then(dates::parse),
        ..Entry::new(identify::placeholder())
    }
}

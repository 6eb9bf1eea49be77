//! `same`: which items are one entry seen again, whose copies they are and which story they tell, tried
//! on lines without a store.
//!
//! What a story is becomes clearer while it is told, so a line is answered late: when so many others
//! came after it, or at the end of the input.

use super::{Outcome, lines};
use crate::feed::{Entry, Feed};
use crate::ingest::normalize::{TextKind, plain_text};
use crate::ingest::{dates, identify};
use crate::stories::identity::Verdict;
use crate::stories::{Article, Groups, Item, Known, Seen};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::io::{self, BufWriter, Write};

/// Copies are looked for among so many entries, a week of a large newsroom's reading.
const WINDOW: usize = 200_000;
/// Lines that wait for their answer; two days of a large newsroom's reading.
const WAITING_MAX: usize = 20_000;
/// After so many new entries it is looked again which belong together.
const REGROUPED_EACH: usize = 200;
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
    lang: Option<String>,
}

/// What is said of it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    id: &'a str,
    entry: &'a str,
    verdict: &'static str,
    duplicate_of: Option<&'a str>,
    story: &'a str,
}

/// What waits to be said of an item.
struct Waiting {
    id: String,
    seen: Seen,
}

/// Items with the same document are seen together. With `at_once`, a line is answered when its
/// document is over, by what is known then.
pub(super) fn same(file: &str, at_once: bool) -> Result<Outcome> {
    let mut desk = Desk {
        known: Known::new(WINDOW),
        groups: Groups::new(WINDOW),
        names: Vec::new(),
        feeds: HashMap::new(),
        told: Vec::new(),
        waiting: VecDeque::new(),
        waiting_max: if at_once { 0 } else { WAITING_MAX },
        out: BufWriter::new(io::stdout().lock()),
    };
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
    if !at_once {
        desk.groups.regroup_all();
    }
    desk.answer_all_but(0)?;
    desk.out.flush()?;
    Ok(Outcome::Done)
}

struct Desk<W: Write> {
    known: Known,
    groups: Groups,
    /// What the first item of each entry is called.
    names: Vec<String>,
    /// A number for each feed.
    feeds: HashMap<String, u64>,
    /// The story of each entry when it was first grouped, for those that left the window.
    told: Vec<u32>,
    waiting: VecDeque<Waiting>,
    waiting_max: usize,
    out: W,
}

impl<W: Write> Desk<W> {
    fn read(&mut self, document: Vec<Line>) -> Result<()> {
        let name = document.first().and_then(|line| line.feed.clone()).unwrap_or_default();
        let mut feed = Feed { self_link: Some(name.clone()), ..Feed::default() };
        feed.entries = document.iter().map(entry).collect();
        identify::entries(&mut feed);
        let items: Vec<Item<'_>> = feed
            .entries
            .iter()
            .zip(&feed.plain_texts)
            .map(|(entry, [summary, content])| Item::of(&name, entry, summary, content))
            .collect();
        let mut articles: Vec<Option<Article>> = items.iter().map(|_| None).collect();
        let seen = self.known.see_reading(&name, &items, |at, reading| {
            articles[at] = Some(Article::of_reading(reading, document[at].lang.as_deref()));
        });
        for ((line, article), seen) in document.into_iter().zip(articles).zip(seen) {
            if seen.own == self.names.len() {
                self.names.push(line.id.clone());
                self.group(&name, &seen, article);
            }
            self.waiting.push_back(Waiting { id: line.id, seen });
        }
        self.answer_all_but(self.waiting_max)
    }

    /// Finds the story of a new entry. An article that another feed carried first has its story.
    fn group(&mut self, name: &str, seen: &Seen, article: Option<Article>) {
        let Some(article) = article.filter(|_| seen.entry == seen.own) else {
            self.told.push(seen.entry as u32);
            return;
        };
        let next = self.feeds.len() as u64 + 1;
        let feed = if name.is_empty() { 0 } else { *self.feeds.entry(name.to_owned()).or_insert(next) };
        // Nobody says when an item was seen; its own date is part of the article.
        let placed = self.groups.add(seen.own as i64, feed, 0, article);
        self.told.push(u32::try_from(placed.story).unwrap_or(seen.own as u32));
        if self.names.len().is_multiple_of(REGROUPED_EACH) {
            self.groups.regroup(0);
        }
    }

    fn answer_all_but(&mut self, count: usize) -> Result<()> {
        while self.waiting.len() > count {
            let Some(Waiting { id, seen }) = self.waiting.pop_front() else { break };
            self.answer(&id, &seen)?;
        }
        Ok(())
    }

    /// The entry that began the story of another.
    fn story(&self, entry: usize) -> usize {
        let number = self.groups.story(entry as i64).and_then(|number| usize::try_from(number).ok());
        number.unwrap_or(self.told[entry] as usize)
    }

    fn answer(&mut self, id: &str, seen: &Seen) -> Result<()> {
        let story = self.story(seen.entry);
        let answer = Answer {
            id,
            entry: &self.names[seen.entry],
            verdict: match seen.verdict {
                Verdict::New => "new",
                Verdict::Same => "same",
                Verdict::Updated => "updated",
            },
            duplicate_of: seen.duplicate_of.map(|entry| self.names[entry].as_str()),
            story: &self.names[story],
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

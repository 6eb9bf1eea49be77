//! The pages of entries and stories, as files: of those that the documents show, and of the stories that
//! these entries belong to. What is related and has no page leads to its article.

use super::files::Names;
use super::folder::{File, Folder, made_of};
use super::{Error, blocking};
use crate::feed::{KeptEntry, Revision};
use crate::render::{self, Files, Links, Related, Report, Site, StoryView};
use crate::store::{FoundStory, KeptStory, RelatedEntries, Store, StoryEntry};
use std::collections::BTreeSet;

/// Pages that are rendered before they are written: they reach the disk together.
const AT_ONCE: usize = 64;

/// As many as on the pages that are served.
const RELATED_MAX: usize = 8;

/// Writes the pages into `folder`.
pub(super) async fn write(site: &Site, store: &Store, folder: &mut Folder<'_>, names: Names) -> Result<(), Error> {
    let Names { entries, mut stories } = names;
    let mut desk = Desk { site, folder, listed: &entries, waiting: Vec::new() };
    for uid in &entries {
        let Some(view) = EntryView::read(store, uid).await? else { continue };
        stories.extend(view.related.story.as_ref().map(|story| story.uid.clone()));
        desk.add(format!("entries/{uid}/index.html"), Page::Entry(Box::new(view))).await?;
    }
    for uid in &stories {
        if let Some(story) = whole(store, uid).await? {
            desk.add(format!("stories/{uid}/index.html"), Page::Story(story_view(&story))).await?;
        }
    }
    desk.clear().await
}

/// A story under a name; one that became part of another meanwhile is that other.
async fn whole(store: &Store, uid: &str) -> Result<Option<KeptStory>, Error> {
    match store.story(uid).await? {
        Some(FoundStory::Whole(story)) => Ok(Some(story)),
        Some(FoundStory::PartOf(other)) => match store.story(&other).await? {
            Some(FoundStory::Whole(story)) => Ok(Some(story)),
            Some(FoundStory::PartOf(_)) | None => Ok(None),
        },
        None => Ok(None),
    }
}

/// What the page of a story shows.
pub fn story_view(story: &KeptStory) -> StoryView {
    let place = |number: i64| story.entries.iter().position(|entry| entry.kept.number == number);
    let first_with = |root: i64| story.entries.iter().position(|entry| entry.root == root);
    let report = |(at, entry): (usize, &StoryEntry)| Report {
        kept: entry.kept.clone(),
        same_as: first_with(entry.root).filter(|first| *first != at),
        why: entry.placed.in_words(),
    };
    StoryView {
        uid: story.uid.clone(),
        first: place(story.first).unwrap_or(0),
        entries: story.entries.iter().enumerate().map(report).collect(),
        linked: story.linked.clone(),
    }
}

/// What a page is made of.
#[derive(Debug)]
enum Page {
    Entry(Box<EntryView>),
    Story(StoryView),
}

#[derive(Debug)]
struct EntryView {
    entry: KeptEntry,
    revisions: Vec<Revision>,
    related: Related,
}

impl EntryView {
    async fn read(store: &Store, uid: &str) -> Result<Option<Self>, Error> {
        let Some(entry) = store.entry(uid).await? else {
            return Ok(None);
        };
        let revisions = store.revisions(entry.number).await?;
        let RelatedEntries { story, of_story, posts, linked } =
            store.related(entry.number, Vec::new(), RELATED_MAX).await?;
        Ok(Some(Self { entry, revisions, related: Related { story, of_story, posts, linked } }))
    }
}

impl Page {
    /// The entries that it may lead to.
    fn entries(&self) -> impl Iterator<Item = &KeptEntry> {
        let (own, related, reports, linked) = match self {
            Self::Entry(view) => (Some(&view.entry), &view.related.posts[..], &[][..], &view.related.linked),
            Self::Story(story) => (None, &[][..], &story.entries[..], &story.linked),
        };
        let reports = reports.iter().map(|report| &report.kept);
        own.into_iter().chain(related).chain(reports).chain(linked.iter().map(|story| &story.first))
    }

    fn rendered(&self, site: &Site) -> Vec<u8> {
        match self {
            Self::Entry(view) => render::entry_page(site, &view.entry, &view.revisions, &view.related),
            Self::Story(story) => render::story_page(site, story),
        }
    }
}

/// Where pages wait until there are enough of them.
struct Desk<'a, 'b> {
    site: &'a Site,
    folder: &'a mut Folder<'b>,
    /// The entries that have pages.
    listed: &'a BTreeSet<String>,
    waiting: Vec<Waiting>,
}

struct Waiting {
    path: String,
    site: Site,
    page: Page,
    made_of: String,
}

impl Desk<'_, '_> {
    async fn add(&mut self, path: String, page: Page) -> Result<(), Error> {
        // Of all entries those alone that matter here: what else is published does not change the page.
        let uids = page.entries().map(|kept| &kept.uid).filter(|uid| self.listed.contains(*uid));
        let links = Links::Files(Files { depth: 2, entries: uids.cloned().collect() });
        let site = Site { links, ..self.site.clone() };
        let made_of = made_of(&(&site, &page));
        if self.folder.keeps(std::slice::from_ref(&path), &made_of) {
            return Ok(());
        }
        self.waiting.push(Waiting { path, site, page, made_of });
        if self.waiting.len() == AT_ONCE { self.clear().await } else { Ok(()) }
    }

    async fn clear(&mut self) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting);
        let file = |Waiting { path, site, page, made_of }: Waiting| File {
            body: page.rendered(&site),
            path,
            made_of: Some(made_of),
        };
        let files: Vec<File> = blocking(move || waiting.into_iter().map(file).collect()).await?;
        Ok(self.folder.put(&files)?)
    }
}

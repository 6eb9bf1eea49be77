//! What is known and shown: a kept entry, its feed's names, and who else has it.

use super::{Entry, Tag};
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

/// A feed as the outputs name it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedName {
    /// The subscription's id.
    pub id: String,
    /// The operator's title, else the publisher's, else the host.
    pub title: String,
    /// The address that we poll, a secret one down to its host.
    pub url: String,
    /// The page that the feed belongs to.
    pub link: Option<String>,
    /// The publisher's own id for the feed.
    pub publisher_id: Option<String>,
    /// BCP 47 tag: the operator's word, else the publisher's.
    pub language: Option<String>,
    /// When the feed last brought something new or changed.
    pub updated: Option<DateTime<Utc>>,
}

impl FeedName {
    /// Whose feed it is: one publisher's feeds count as one outlet. The host of its page, or of its
    /// address; the feed itself where that is no name.
    pub fn outlet(&self) -> String {
        let host = |address: &str| {
            let url = Url::parse(address).ok()?;
            let name = url.domain()?.trim_start_matches("www.");
            name.contains('.').then(|| name.to_owned())
        };
        self.link.as_deref().and_then(host).or_else(|| host(&self.url)).unwrap_or_else(|| self.id.clone())
    }
}

/// An entry as it is kept, with all that an output says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptEntry {
    /// Its number in the store; later entries have larger ones.
    pub number: i64,
    /// Its name in `/entries/ID` and in ids of ours: 16 characters of `a-z2-7`, never reused.
    pub uid: String,
    /// The feed it was read from.
    pub feed: FeedName,
    /// What the publisher said, last time.
    pub entry: Entry,
    /// When we first saw it.
    pub first_seen_at: DateTime<Utc>,
    /// Its place in time: published, but never after `first_seen_at`. Never changes.
    pub sorted_at: DateTime<Utc>,
    /// The last change that a person would notice. Never moves back.
    pub updated_at: DateTime<Utc>,
    /// Our topics.
    pub tags: Vec<Tag>,
    /// The other outlets that carry the same, each once; by what an output joins.
    pub also_in: Vec<AlsoIn>,
    /// The story that it stands for, where whole stories are shown.
    pub story: Option<StoryName>,
}

/// A story as an entry that stands for it names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryName {
    /// Its name in `/stories/ID` and in ids of ours: that of the entry that began it, for ever.
    pub uid: String,
    /// How many outlets report it.
    pub outlets: usize,
}

/// A story in another language that tells of the same event.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedStory {
    /// Its name, and how many outlets report it.
    pub story: StoryName,
    /// The entry that stands for it.
    pub first: KeptEntry,
    /// How sure it is that it tells of the same, from 0 to 1.
    pub score: f32,
    /// The names, numbers and words that both have, as the later of them writes them.
    pub shared: Vec<String>,
}

/// What another outlet has of a kept entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlsoIn {
    /// The feed that carries it.
    pub feed: FeedName,
    /// The copy's page there.
    pub link: Option<String>,
    /// The copy's title there.
    pub title: Option<String>,
    /// What the two have in common.
    pub relation: Relation,
}

/// What two entries have in common, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// They are one article, by its link or its id.
    Same,
    /// They have one text.
    Copy,
    /// They tell of one event.
    Story,
}

/// Something that an operator should know of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its number in the store; later events have larger ones.
    pub number: i64,
    /// The feed.
    pub feed: FeedName,
    /// What kind of thing.
    pub kind: EventKind,
    /// Since when it is so; with feed and kind it tells events apart.
    pub since: DateTime<Utc>,
    /// When it was noticed.
    pub at: DateTime<Utc>,
    /// In words.
    pub sentence: String,
}

/// What happens to feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It cannot be read.
    Broken,
    /// It is read and brings nothing.
    Silent,
    /// Its address is another one.
    Moved,
    /// Its server says that it is no more.
    Ended,
    /// It can be read again, or brings something again.
    Back,
}

impl EventKind {
    const WORDS: [(Self, &'static str); 5] = [
        (Self::Broken, "broken"),
        (Self::Silent, "silent"),
        (Self::Moved, "moved"),
        (Self::Ended, "ended"),
        (Self::Back, "back"),
    ];

    /// As the store and ids have it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind behind a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::FeedName;

    #[test]
    fn one_publishers_feeds_are_one_outlet() {
        let outlet = |link: Option<&str>, url: &str| {
            let link = link.map(str::to_owned);
            FeedName { id: "own".to_owned(), link, url: url.to_owned(), ..FeedName::default() }.outlet()
        };
        assert_eq!(outlet(Some("https://www.a.example/"), "https://feeds.b.example/1"), "a.example");
        assert_eq!(outlet(Some("/news"), "https://a.example/politics.xml"), "a.example");
        assert_eq!(outlet(None, "http://127.0.0.1:8080/a.xml"), "own");
        assert_eq!(outlet(None, "http://localhost/a.xml"), "own");
    }
}

/// What an entry said before it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// When it was replaced by what came after.
    pub until: DateTime<Utc>,
    /// Its title then.
    pub title: Option<String>,
    /// How long its text was, in characters.
    pub letters: usize,
}

/// A day of a feed, a topic or an output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Entries never seen before.
    pub new: u32,
    /// Polls that failed.
    pub failed: u32,
}

//! The nouns, and nothing else: what the operator asked for ([`Subscription`]), what a publisher
//! said in one response ([`Feed`], [`Entry`]), what we know between two polls ([`FeedState`]), and
//! what we keep of an entry ([`KeptEntry`]). Nothing here reads, decides or writes.

mod kept;

pub use kept::{AlsoIn, Day, EventKind, FeedEvent, FeedName, KeptEntry, LinkedStory, Relation, Revision, StoryName};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::{Position, Url};

/// What the operator asked for: one `[[feed]]` of feeds.toml with the defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Stable name for rules, files and logs: `a-z`, `0-9` and `-`, unique in the configuration.
    pub id: String,
    /// The address as it was written, less any fragment.
    pub url: Url,
    /// Whether the address came from the environment or a file of secrets: then it is for its server
    /// alone.
    pub has_secret_url: bool,
    /// The operator's name for it; the publisher's is used where this is missing.
    pub title: Option<String>,
    /// The operator's word on its language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The operator's own labels, used by `tag:NAME` in rules and outputs.
    pub tags: Vec<String>,
    /// The wished interval between two polls.
    pub every: Duration,
    /// How long text is kept; identity stays for ever.
    pub keep: Duration,
    /// May this feed live on a private, loopback or link-local address?
    pub allow_private: bool,
    /// Extra request headers, secrets already resolved. Sent to the origin of `url` only.
    pub headers: Vec<(String, String)>,
    /// Polled only when true; a disabled feed keeps its entries and its state.
    pub is_enabled: bool,
    /// Of those that say the same at the same time, the one with the largest stands for the others.
    pub priority: i64,
}

impl Subscription {
    /// What is asked for where feeds.toml says nothing but an address.
    pub fn new(id: impl Into<String>, url: Url) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            id: id.into(),
            url,
            has_secret_url: false,
            title: None,
            language: None,
            tags: Vec::new(),
            every: DAY / 24,
            keep: DAY * 180,
            allow_private: false,
            headers: Vec::new(),
            is_enabled: true,
            priority: 0,
        }
    }

    /// The address as others may see it: a secret one down to its host.
    pub fn shown_url(&self) -> &str {
        if self.has_secret_url { origin(&self.url) } else { self.url.as_str() }
    }
}

/// Scheme, host and port of an address.
pub fn origin(url: &Url) -> &str {
    &url[..Position::BeforePath]
}

/// What the operator wants published: one `[[output]]` of feeds.toml with the defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Name in addresses: `/feeds/ID.atom`.
    pub id: String,
    /// For people.
    pub title: String,
    /// Entries tagged with any of these topics; empty means every entry.
    pub topics: Vec<String>,
    /// Entries of these subscriptions; `None` means of all. `tag:` and `!` are already resolved.
    pub feeds: Option<Vec<String>>,
    /// Entries in these languages (primary subtag decides); empty means all.
    pub languages: Vec<String>,
    /// What is shown once.
    pub collapse: Collapse,
    /// How many entries the document holds.
    pub items: usize,
    /// For how long an entry stays in it after it was first seen, however many come after it.
    pub at_least: Duration,
    /// Ids that it had before: their addresses lead here.
    pub aliases: Vec<String>,
    /// How much of each entry it carries.
    pub content: ContentMode,
    /// How it says where else an entry stood.
    pub also_in: Copies,
}

impl Output {
    /// A document of a thousand full articles has several megabytes; older ones are in the archive.
    pub const ITEMS_MOST: usize = 1000;

    /// Readers that come once a day miss nothing.
    pub const AT_LEAST: Duration = Duration::from_secs(24 * 3600);

    /// How many entries a document holds where nobody says.
    pub const ITEMS: usize = 100;

    /// What is published where feeds.toml says nothing but a name.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            topics: Vec::new(),
            feeds: None,
            languages: Vec::new(),
            collapse: Collapse::default(),
            items: Self::ITEMS,
            at_least: Self::AT_LEAST,
            aliases: Vec::new(),
            content: ContentMode::default(),
            also_in: Copies::default(),
        }
    }
}

/// Which entries an output joins into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collapse {
    /// Every entry stands alone.
    None,
    /// The same article from several feeds is one entry that names the others.
    #[default]
    Duplicates,
    /// All that tells of one event is one entry that names the outlets, and changes as they grow.
    Stories,
}

/// How much of an entry an output carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentMode {
    /// Summary and content.
    #[default]
    Full,
    /// The summary only.
    Summary,
    /// Title and link only.
    Title,
}

/// How an output names the other feeds that carry the same article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Copies {
    /// As links, and in a line at the text's foot.
    #[default]
    Foot,
    /// As links, which not every reader shows.
    Links,
    /// Not at all.
    None,
}

/// What one response said: a feed and its entries, in one shape for all formats.
///
/// Serialized, this is the `feed` object of `glasnik parse` (the entries travel beside it).
/// Texts are plain, URLs absolute where a base is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Feed {
    /// The dialect in words, `rss 2.0` or `atom 1.0`.
    #[serde(skip)]
    pub format: String,
    /// What had to be mended before it could be read.
    #[serde(skip)]
    pub repairs: Vec<Repair>,
    /// Summary and content of each entry without their markup, in the order of the entries, from who made
    /// them for whoever needs them next; none where nobody did.
    #[serde(skip)]
    pub plain_texts: Vec<[String; 2]>,
    /// The publisher's own id for the feed (atom:id, rdf:about).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The page that the feed belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Every link that the feed carries, the above included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Where the feed says that it lives (rel=self).
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    pub self_link: Option<String>,
    /// WebSub hubs, in document order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hubs: Vec<String>,
    /// BCP 47 tag as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When the feed says it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<DateTime<Utc>>,
    /// When the feed says it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<DateTime<Utc>>,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    /// The program that made the feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generator: Option<Generator>,
    /// A small square picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// A larger picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Who writes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// Who helps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Person>,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Person>,
    /// The publisher's words on the whole feed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// How long the publisher wishes not to be asked again, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// When the publisher wishes not to be asked.
    #[serde(flatten)]
    pub skips: Skips,
    /// The entries, in document order.
    #[serde(skip)]
    pub entries: Vec<Entry>,
}

/// Hours and days of the week at which a publisher wishes not to be asked (RSS `skipHours` and
/// `skipDays`), in UTC. Never all of the hours or all of the days: that wish is no wish.
///
/// Serialized, the numbers of the hours and the English names of the days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "WrittenSkips", from = "WrittenSkips")]
pub struct Skips {
    /// Bit `h` is the hour that begins at `h` o'clock, 0 to 23.
    pub hours: u32,
    /// Bit 0 is Monday, bit 6 Sunday.
    pub days: u8,
}

/// [`Skips`] as `glasnik parse` shows them.
#[derive(Serialize, Deserialize)]
struct WrittenSkips {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skip_hours: Vec<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skip_days: Vec<String>,
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

impl From<Skips> for WrittenSkips {
    fn from(skips: Skips) -> Self {
        let has_day = |(day, _): &(usize, &&str)| skips.days >> day & 1 == 1;
        Self {
            skip_hours: (0..24).filter(|hour| skips.hours >> hour & 1 == 1).collect(),
            skip_days: DAYS.iter().enumerate().filter(has_day).map(|(_, name)| (*name).to_owned()).collect(),
        }
    }
}

impl From<WrittenSkips> for Skips {
    fn from(written: WrittenSkips) -> Self {
        let hours = written.skip_hours.iter().filter(|hour| **hour < 24).fold(0, |hours, hour| hours | 1 << hour);
        let days = DAYS.iter().enumerate().filter(|(_, name)| written.skip_days.iter().any(|day| day == *name));
        Self { hours, days: days.fold(0, |days, (day, _)| days | 1 << day) }
    }
}

/// One kind of damage that was mended, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// In words: `bare ampersand`.
    pub what: String,
    /// How many places.
    pub count: usize,
}

/// An entry's identity within its feed. Never empty; the same from poll to poll.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryKey(String);

impl EntryKey {
    /// The key, or `None` where `text` is empty.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One item of a feed. Serialized, it is an element of `entries` of `glasnik parse`.
///
/// Titles and names are plain text, `summary` and `content` safe HTML, URLs absolute where a base
/// is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Our identity for it.
    pub key: EntryKey,
    /// What the publisher wrote (guid, atom:id, rdf:about); missing where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// RSS `isPermaLink`: whether `id` is also the entry's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_is_permalink: Option<bool>,
    /// The entry's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Every link, the above included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Safe HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Safe HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Person>,
    /// Who helped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Person>,
    /// The publisher's words on it (ours are [`Tag`]s).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// First published, as the publisher says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<DateTime<Utc>>,
    /// Last changed, as the publisher says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<DateTime<Utc>>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    /// The page with the comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    /// Attached media.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    /// A picture for lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// The feed that the publisher says it took the entry from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The link without what only measures or routes: equal for two links to one article.
    #[serde(skip)]
    pub canonical_link: Option<String>,
    /// Equal for two readings of an entry in which nothing that a person reads differs.
    #[serde(skip)]
    pub fingerprint: u64,
}

impl Entry {
    /// An entry of which nothing is known but its identity.
    pub fn new(key: EntryKey) -> Self {
        Self {
            key,
            id: None,
            id_is_permalink: None,
            link: None,
            links: Vec::new(),
            title: None,
            summary: None,
            content: None,
            authors: Vec::new(),
            contributors: Vec::new(),
            categories: Vec::new(),
            published: None,
            updated: None,
            language: None,
            rights: None,
            comments: None,
            enclosures: Vec::new(),
            thumbnail: None,
            source: None,
            canonical_link: None,
            fingerprint: 0,
        }
    }
}

/// A link with its relation (RFC 4287 §4.2.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Absolute where a base is known; `http` and `https` only.
    pub href: String,
    /// `alternate` where the publisher wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
    /// Media type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Language of the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hreflang: Option<String>,
    /// Bytes, as the publisher says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// A person or an organisation. At least one field is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Mail address, unverified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Their page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

/// The publisher's word on an entry or a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// The word.
    pub term: String,
    /// The vocabulary that it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The word for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Attached media.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Absolute; `http` and `https` only.
    pub url: String,
    /// Media type.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Bytes, as the publisher says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
}

/// The feed that an entry says it comes from (RSS `<source>`, atom:source).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// atom:id of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The program that made a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generator {
    /// Plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// As written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Our word on an entry: a topic that it was tagged with, how strongly, and by which words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// The topic's id.
    #[serde(rename = "id")]
    pub topic: String,
    /// Larger is surer; comparable within one topic only.
    pub score: f64,
    /// The words that made it so.
    pub matched: Vec<Match>,
}

/// The rules of all topics in short: equal for rules that tag alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RulesHash(pub [u8; 32]);

/// One word of a rule found in an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// As the word list has it.
    pub term: String,
    /// As the entry has it.
    pub found: String,
    /// `title`, `summary`, `content` or `categories`.
    pub field: String,
    /// The word list's language key, `any` where it has none.
    pub language: String,
}

/// ETag and Last-Modified, the very bytes received (RFC 9110 §8.8): sent back as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// With its quotes and its `W/`, whatever bytes they are.
    pub etag: Option<Vec<u8>>,
    /// As written, parsed by nobody.
    pub last_modified: Option<Vec<u8>>,
    /// Where a redirect leads, if the answer there gave them: they are told to that very address and
    /// to no other. `None`: the subscription's own address gave them.
    pub url: Option<Url>,
}

impl Validators {
    /// Whether a request with these would be unconditional.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// What we know of a feed between two polls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedState {
    /// For the next conditional GET.
    pub validators: Validators,
    /// SHA-256 of the last body that was read whole: an equal one needs no work.
    pub body_hash: Option<Vec<u8>>,
    /// Never asked again before; `None` for a feed that was never polled.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// The last attempt.
    pub last_poll_at: Option<DateTime<Utc>>,
    /// The last attempt that was answered with a feed or a 304.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Failures since then.
    pub failures: u32,
    /// What went wrong last, in a sentence; cleared by success.
    pub last_error: Option<String>,
    /// Why the feed is not asked before `next_poll_at`, in a few words.
    pub waits_for: Option<String>,
    /// What had to be mended in the last body, in a few words.
    pub repairs: Option<String>,
    /// Where permanent redirects (301, 308) lead, as people may see it: a secret address down to its
    /// host.
    pub moved_to: Option<String>,
    /// Retry-After's word: not even the operator's `poll --all` asks before this.
    pub retry_at: Option<DateTime<Utc>>,
    /// The first 410 of those that nothing else but failures came between.
    pub gone_at: Option<DateTime<Utc>>,
    /// Answered 410 again a day later: never asked again until the operator says so.
    pub is_gone: bool,
    /// How long the last answer was fresh, in seconds.
    pub fresh_s: Option<u64>,
    /// The last body's wish, in seconds (`ttl`): a 304 does not repeat it.
    pub ttl_s: Option<u64>,
    /// The last body's wish not to be asked at certain hours and days.
    pub skips: Skips,
    /// The newest date in the last body, none later than its reading.
    pub newest_entry_at: Option<DateTime<Utc>>,
    /// Where permanent redirects lead by now, though not yet for long enough to be believed.
    pub moving: Option<Moving>,
    /// Where they led for long enough: asked in place of the configured address.
    pub adopted: Option<Url>,
}

impl FeedState {
    /// The address that is asked.
    pub fn asked_url<'a>(&'a self, subscription: &'a Subscription) -> &'a Url {
        self.adopted.as_ref().unwrap_or(&subscription.url)
    }
}

/// A permanent redirect (301, 308) to a feed, and how steady it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// Where it leads.
    pub to: Url,
    /// The first poll that was led there.
    pub since: DateTime<Utc>,
    /// Polls that were led there, one after another.
    pub polls: u32,
}

/// What was learned of how a feed behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Habits {
    /// Documents in a row in which most known entries had other ids than before: the ids of such a
    /// feed are not worth keeping.
    pub new_ids: u8,
    /// Whether its texts hold numbers that change from reading to reading.
    pub has_counters: bool,
}

impl Habits {
    /// Whether ids are made anew for every reading.
    pub fn makes_ids_anew(self) -> bool {
        self.new_ids >= 3
    }
}

/// The key that languages are compared by: the primary subtag in lower case, and `hbs` for
/// Bosnian, Croatian, Montenegrin and Serbian, which are told apart by nobody's filter.
pub fn language_key(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim().to_ascii_lowercase();
    match primary.as_str() {
        "bs" | "hr" | "sr" | "sh" | "cnr" | "me" => "hbs".to_owned(),
        _ => primary,
    }
}

#[cfg(test)]
mod tests {
    use super::language_key;

    #[test]
    fn counts_the_four_standards_as_one_language() {
        for tag in ["sr", "sr-Latn-RS", "HR", "bs_BA", "cnr", "hbs"] {
            assert_eq!(language_key(tag), "hbs", "{tag}");
        }
        assert_eq!(language_key("en-GB"), "en");
    }
}

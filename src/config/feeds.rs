//! `feeds`, `[[feed]]` and `[defaults]`: what is written becomes subscriptions.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use super::places::{Context, Place};
use super::section::Section;
use super::text::Text;
use crate::feed::Subscription;

/// One feed as it is written, nothing filled in.
pub(super) struct FeedKeys {
    place: Place,
    url: Option<Text>,
    id: Option<Text>,
    pub tags: Option<Vec<Text>>,
    shared: Shared,
}

/// The keys of `[[feed]]` that may also stand in `[defaults]`, `tags` excepted.
#[derive(Default)]
pub(super) struct Shared {
    title: Option<String>,
    language: Option<String>,
    is_enabled: Option<bool>,
    every: Option<Duration>,
    keep: Option<Duration>,
    allow_private: Option<bool>,
    headers: Option<Vec<(String, String)>>,
    priority: Option<i64>,
}

/// `[defaults]`.
#[derive(Default)]
pub(super) struct Defaults {
    shared: Shared,
    tags: Vec<Text>,
}

/// More often than this is a burden on any server and brings nothing that a feed could hold.
const EVERY_LEAST: Duration = Duration::from_secs(60);

/// Entries must at least live to be published.
const KEEP_LEAST: Duration = Duration::from_secs(86_400);

/// As long as browsers and servers still agree on.
const URL_BYTES_MAX: usize = 2048;

/// Wide enough for any order of outlets that people keep in mind.
const PRIORITIES: RangeInclusive<i64> = -100..=100;

/// An id names files and stands in addresses.
const ID_BYTES_MAX: usize = 64;

impl FeedKeys {
    /// An element of the short list `feeds`.
    pub fn short(url: Text) -> Self {
        Self { place: url.place, url: Some(url), id: None, tags: None, shared: Shared::default() }
    }

    /// A `[[feed]]`.
    pub fn read(mut section: Section<'_>) -> Self {
        let url = section.required_text("url");
        let id = section.text("id").inspect(|id| check_id(&section, "id", id));
        let shared = Shared::read(&mut section);
        let tags = read_tags(&mut section);
        let place = section.place;
        section.finish();
        Self { place, url, id, tags, shared }
    }
}

impl Defaults {
    pub fn read(mut section: Section<'_>) -> Self {
        let shared = Shared::read(&mut section);
        let tags = read_tags(&mut section).unwrap_or_default();
        section.finish();
        Self { shared, tags }
    }
}

impl Shared {
    fn read(section: &mut Section<'_>) -> Self {
        Self {
            title: section.text("title").map(|title| title.value),
            language: section.text("lang").and_then(|language| check_language(section, "lang", language)),
            is_enabled: section.flag("enabled"),
            every: section.duration("every", "m", EVERY_LEAST),
            keep: section.duration("keep", "d", KEEP_LEAST),
            allow_private: section.flag("allow_private"),
            headers: read_headers(section),
            priority: section.number("priority", PRIORITIES),
        }
    }
}

fn read_tags(section: &mut Section<'_>) -> Option<Vec<Text>> {
    let tags = section.texts("tags")?;
    for tag in &tags {
        check_id(section, "tags", tag);
    }
    Some(tags)
}

/// Written by whoever fetches; a second one would break the request.
const HEADERS_OF_OURS: [&str; 8] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "if-modified-since",
    "if-none-match",
    "range",
    "transfer-encoding",
];

fn read_headers(section: &mut Section<'_>) -> Option<Vec<(String, String)>> {
    let item = section.take("headers")?;
    let table = section.section_of("headers", "headers".into(), item)?;
    let mut headers = Vec::new();
    for (name, item) in table.items() {
        let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if name.is_empty() || !is_token {
            table.refuse(table.key_place(name), format!("headers: {name:?} is no header name"));
        } else if HEADERS_OF_OURS.contains(&name.to_ascii_lowercase().as_str()) {
            table.refuse(table.key_place(name), format!("headers: {name} is set by glasnik itself"));
        }
        let Some(value) = table.reader.text(name, item) else {
            continue;
        };
        if !value.value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
            table.refuse(value.place, format!("{name}: a header holds one line of plain ASCII"));
        }
        headers.push((name.to_owned(), value.value));
    }
    Some(headers)
}

/// The subscriptions, with ids for those that have none.
pub(super) fn subscriptions(context: &Context<'_>, defaults: &Defaults, feeds: Vec<FeedKeys>) -> Vec<Subscription> {
    let mut ids = written_ids(context, &feeds);
    let mut urls: HashMap<Url, Place> = HashMap::with_capacity(feeds.len());
    let mut subscriptions = Vec::with_capacity(feeds.len());
    for feed in feeds {
        let Some(text) = &feed.url else {
            continue;
        };
        let url = match check_url(&text.value) {
            Ok(url) => url,
            Err(reason) => {
                context.refuse(text.place, format!("url: {reason}"));
                continue;
            }
        };
        if let Some(first) = urls.insert(url.clone(), text.place) {
            context.refuse(text.place, format!("this url is already at {}", context.name(first)));
            continue;
        }
        let id = match feed.id {
            Some(id) => id.value,
            None => new_id(&url, text.is_secret, |id| ids.contains_key(id)),
        };
        ids.insert(id.clone(), feed.place);
        let tags = feed.tags.as_ref().unwrap_or(&defaults.tags).iter().map(|tag| tag.value.clone()).collect();
        subscriptions.push(subscription(id, url, text.is_secret, tags, feed.shared, &defaults.shared));
    }
    subscriptions
}

fn subscription(
    id: String,
    url: Url,
    has_secret_url: bool,
    tags: Vec<String>,
    own: Shared,
    defaults: &Shared,
) -> Subscription {
    let unsaid = Subscription::new(id, url);
    Subscription {
        has_secret_url,
        title: own.title.or_else(|| defaults.title.clone()),
        language: own.language.or_else(|| defaults.language.clone()),
        tags,
        every: own.every.or(defaults.every).unwrap_or(unsaid.every),
        keep: own.keep.or(defaults.keep).unwrap_or(unsaid.keep),
        allow_private: own.allow_private.or(defaults.allow_private).unwrap_or(unsaid.allow_private),
        headers: own.headers.or_else(|| defaults.headers.clone()).unwrap_or_default(),
        is_enabled: own.is_enabled.or(defaults.is_enabled).unwrap_or(unsaid.is_enabled),
        priority: own.priority.or(defaults.priority).unwrap_or(unsaid.priority),
        ..unsaid
    }
}

/// The ids that stand in the files, which no id of our making may take.
fn written_ids(context: &Context<'_>, feeds: &[FeedKeys]) -> HashMap<String, Place> {
    let mut ids: HashMap<String, Place> = HashMap::with_capacity(feeds.len());
    for id in feeds.iter().filter_map(|feed| feed.id.as_ref()) {
        match ids.get(&id.value) {
            Some(first) => {
                context.refuse(id.place, format!("id: {} is already taken at {}", id.shown(), context.name(*first)));
            }
            None => {
                ids.insert(id.value.clone(), id.place);
            }
        }
    }
    ids
}

/// A url that can be polled, without its fragment. The reasons never repeat the url: it may hold a
/// secret.
pub(super) fn check_url(text: &str) -> Result<Url, String> {
    if text.len() > URL_BYTES_MAX {
        return Err(format!("longer than {URL_BYTES_MAX} bytes"));
    }
    let mut url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            return Err("must begin with https:// or http://".into());
        }
        Err(error) => return Err(format!("not an address: {error}")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("only http and https are polled, not {}", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let instead = "headers = { Authorization = { env = \"NAME\" } }";
        return Err(format!("a name or password does not belong in a url, write {instead}"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// An id made from the url: host and path, without the words that every feed's path has. The
/// first feed in the file gets the short form; one that would collide gets a longer one that
/// depends on nothing but its url, so that appending feeds never renames any.
fn new_id(url: &Url, is_secret: bool, is_taken: impl Fn(&str) -> bool) -> String {
    const SAYS_NOTHING: [&str; 9] = ["feed", "feeds", "rss", "rss2", "atom", "xml", "rdf", "index", "api"];
    let host = slug(url.host_str().unwrap_or_default().trim_start_matches("www."));
    let host = if host.is_empty() { "feed".to_owned() } else { host };
    let host = url.port().map_or(host.clone(), |port| format!("{host}-{port}"));
    // The path of a secret url is part of the secret.
    let path = if is_secret { "" } else { url.path() };
    let words = slug(path);
    let telling = words.split('-').filter(|word| !SAYS_NOTHING.contains(word));
    let short = slug(&format!("{host}-{}", telling.collect::<Vec<_>>().join("-")));
    let long = slug(&format!("{host}-{words}"));
    let hash = Sha256::digest(url.as_str());
    let hashed = slug(&format!("{short:.50}-{:02x}{:02x}{:02x}{:02x}", hash[0], hash[1], hash[2], hash[3]));
    [short, long].into_iter().find(|id| !is_taken(id)).unwrap_or(hashed)
}

/// `text` in the letters of an id.
pub(super) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    slug.truncate(ID_BYTES_MAX);
    slug.trim_end_matches('-').to_owned()
}

/// Complains of an id that could not stand in an address or a file name.
pub(super) fn check_id(section: &Section<'_>, key: &str, id: &Text) {
    let proposed = slug(&id.value);
    if proposed == id.value {
        return;
    }
    let hint = match proposed.is_empty() || !id.value.is_ascii() || id.is_secret {
        true => String::new(),
        false => format!(", write \"{proposed}\""),
    };
    let most = if id.value.len() > ID_BYTES_MAX { format!(", at most {ID_BYTES_MAX}") } else { String::new() };
    section.refuse(id.place, format!("{key}: {} may hold only a-z, 0-9 and single -{most}{hint}", id.shown()));
}

/// A language tag in the form of BCP 47, which is not to say that the language exists.
pub(super) fn check_language(section: &Section<'_>, key: &str, language: Text) -> Option<String> {
    let mut subtags = language.value.split('-');
    let is_primary = |tag: &str| (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_other = |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if subtags.next().is_some_and(is_primary) && subtags.all(is_other) {
        return Some(language.value);
    }
    let shown = language.shown();
    section.refuse(language.place, format!("{key}: {shown} is not a language tag like \"en\" or \"sr-Latn\""));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(url: &str) -> String {
        new_id(&Url::parse(url).expect(url), false, |_| false)
    }

    #[test]
    fn an_id_is_made_from_host_and_path() {
        for (url, expected) in [
            ("https://balkaninsight.com/feed/", "balkaninsight-com"),
            ("https://www.slobodnaevropa.org/api/", "slobodnaevropa-org"),
            ("https://www.klix.ba/rss/svevijesti", "klix-ba-svevijesti"),
            ("http://127.0.0.1:8080/a.xml", "127-0-0-1-8080-a"),
            ("https://пример.срб/вести", "xn--e1afmkfd-xn--90a3ac"),
            ("https://[::1]/feed", "1"),
            ("https://_/news", "feed-news"),
            ("https://www./", "feed"),
        ] {
            let expected = expected.replace("--", "-");
            assert!(id(url).starts_with(&expected), "{url}: {}", id(url));
        }
        assert!(id(&format!("https://example.org/{}", "a-".repeat(200))).len() <= ID_BYTES_MAX);
    }

    #[test]
    fn a_secret_url_gives_its_host_alone_to_the_id() {
        let url = Url::parse("https://example.org/k3y/feed").expect("a url");
        assert_eq!(new_id(&url, true, |_| false), "example-org");
    }

    #[test]
    fn an_id_that_collides_depends_on_its_url_alone() {
        let url = Url::parse("https://example.org/rss").expect("a url");
        assert_eq!(new_id(&url, false, |id| id == "example-org"), "example-org-rss");
        assert_eq!(new_id(&url, false, |_| true), "example-org-36f840d5");
        let cut_at_a_word = Url::parse(&format!("https://a.b/{}/c", "d".repeat(45))).expect("a url");
        let hashed = new_id(&cut_at_a_word, false, |_| true);
        assert_eq!(hashed, slug(&hashed), "it could be written in the file");
    }
}

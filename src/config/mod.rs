//! feeds.toml: found, read and checked, with errors that name file, line, column and the likely
//! meaning; and edited, where the operator says so. Does not know how anything in it is done.

mod edit;
mod feeds;
mod outputs;
mod places;
mod rules;
mod section;
mod selectors;
mod sources;
mod text;

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::{Host, Url};

pub use edit::{NewFeed, add_feed, add_feeds};
pub use places::{Error, Errors};
pub use rules::RulePlaces;

use crate::feed::{Output, Subscription};
use crate::fetch::{self, HostRule};
use crate::topics::{RuleError, Topic, WordList};
use feeds::{Defaults, FeedKeys};
use outputs::OutputKeys;
use places::{Context, Place};
use rules::TopicKeys;
use section::Section;
use selectors::Feeds;
use text::Reader;

/// feeds.toml with all defaults filled in, all names looked up and all secrets fetched.
#[derive(Debug, Clone)]
pub struct Config {
    /// feeds.toml itself.
    pub path: PathBuf,
    /// All that it was read from: feeds.toml first, then the files that it includes, files of
    /// secrets, and the folders in which a `*` may find another file tomorrow.
    pub files: Vec<PathBuf>,
    /// Of the output `all`.
    pub title: String,
    /// What our addresses and ids begin with; ends with `/`.
    pub base_url: String,
    /// Where to serve.
    pub listen: SocketAddr,
    /// The database.
    pub store_path: PathBuf,
    /// How to ask servers.
    pub fetch: fetch::Settings,
    /// What to read, in the order of the files.
    pub subscriptions: Vec<Subscription>,
    /// The word lists that topics refer to.
    pub words: Vec<WordList>,
    /// What to look for.
    pub topics: Vec<Topic>,
    /// The topics' tests.
    pub examples: Vec<Example>,
    /// What to publish; `all` is always among them.
    pub outputs: Vec<Output>,
    /// Where the rules stand, for [`Config::explain`].
    pub rule_places: RulePlaces,
}

/// `[[topic.example]]`: a test of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The topic's id.
    pub topic: String,
    /// What is given to the topic, as a title.
    pub text: String,
    /// Whether the topic should match.
    pub want: bool,
    /// `feeds.toml:41`.
    pub place: String,
}

impl Config {
    /// What the matcher refused, with the places in the files.
    pub fn explain(&self, errors: &[RuleError]) -> Errors {
        Errors(errors.iter().map(|error| self.rule_places.explain(error)).collect())
    }
}

/// Which file to use: `explicit`, else `$GLASNIK_CONFIG`, else the first of the usual places that
/// has one.
pub fn find(explicit: Option<&Path>) -> Result<PathBuf, Error> {
    // What may not be looked at is there as far as we know: reading it will say what is wrong.
    find_among(explicit, &|name| std::env::var_os(name), &|path| path.try_exists().unwrap_or(true))
}

fn find_among(
    explicit: Option<&Path>,
    environment: &dyn Fn(&str) -> Option<OsString>,
    exists: &dyn Fn(&Path) -> bool,
) -> Result<PathBuf, Error> {
    let folder = |name| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let from_environment = folder("GLASNIK_CONFIG");
    let named = match (explicit, &from_environment) {
        (Some(path), _) => Some((path, "--config")),
        (None, Some(path)) => Some((path.as_path(), "GLASNIK_CONFIG")),
        (None, None) => None,
    };
    if let Some((path, by)) = named {
        return match exists(path) {
            true => Ok(path.to_owned()),
            false => Err(Error::new(format!("{by}: {}: no such file", path.display()))),
        };
    }
    let xdg = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    let mut places = vec![PathBuf::from("feeds.toml")];
    places.extend(xdg.map(|xdg| xdg.join("glasnik/feeds.toml")));
    places.push("/etc/glasnik/feeds.toml".into());
    if let Some(path) = places.iter().find(|path| exists(path)) {
        return Ok(path.clone());
    }
    let places: Vec<String> = places.iter().map(|path| path.display().to_string()).collect();
    Err(Error::new(format!(
        "no feeds.toml, neither {}; write one (one line will do: feeds = [\"https://example.org/feed.xml\"]) or name it with --config",
        places.join(" nor ")
    )))
}

/// Reads and checks `path` and all that it includes.
pub fn load(path: &Path) -> Result<Config, Errors> {
    load_with(path, &|name| std::env::var_os(name))
}

fn load_with(path: &Path, environment: &dyn Fn(&str) -> Option<OsString>) -> Result<Config, Errors> {
    let context = Context::new(environment);
    let folder = sources::folder_of(path);
    let sources = sources::read(&context, path)?;
    let has_all_files = context.errors().is_none();

    let mut main = Main::default();
    let mut parts = Parts::default();
    for source in &sources {
        let reader = Reader { context: &context, file: source.file, folder };
        let place = Place { file: source.file, offset: 0 };
        let mut root = Section::new(reader, "the top of the file", source.document.as_table(), place);
        match source.file {
            0 => main.read(&mut root),
            _ => refuse_main_keys(&mut root),
        }
        parts.read(&mut root);
        root.finish();
    }
    // A file that is missing takes its names with it: to complain of each would hide the cause.
    if let (false, Some(errors)) = (has_all_files, context.errors()) {
        return Err(errors);
    }

    if parts.outputs.is_empty() {
        outputs::check_automatic_ids(&context, parts.topics.iter().map(|topic| &topic.id));
    }
    let subscriptions = feeds::subscriptions(&context, &main.defaults, parts.feeds);
    let feeds = Feeds::new(&subscriptions);
    let topics = rules::topics(&context, parts.topics, &feeds);
    let outputs = outputs::outputs(&context, parts.outputs, &main.title, &topics, &feeds);
    match context.errors() {
        Some(errors) => Err(errors),
        None => {
            let mut rule_places = parts.rule_places;
            rule_places.files = context.files.into_inner();
            let mut files: Vec<PathBuf> = rule_places.files.iter().map(|file| file.path.clone()).collect();
            files.extend(context.secret_files.into_inner());
            files.extend(context.folders.into_inner());
            Ok(Config {
                path: path.to_owned(),
                files,
                base_url: main.base_url.unwrap_or_else(|| format!("http://{}/", main.listen)),
                title: main.title,
                listen: main.listen,
                store_path: folder.join(main.store_path),
                fetch: fetch::Settings { contact: main.contact, hosts: parts.hosts },
                subscriptions,
                words: parts.words,
                topics,
                examples: parts.examples,
                outputs,
                rule_places,
            })
        }
    }
}

/// What only feeds.toml itself may say.
struct Main {
    title: String,
    base_url: Option<String>,
    contact: Option<String>,
    listen: SocketAddr,
    store_path: String,
    defaults: Defaults,
}

impl Default for Main {
    fn default() -> Self {
        Self {
            title: "glasnik".into(),
            base_url: None,
            contact: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            store_path: "glasnik.db".into(),
            defaults: Defaults::default(),
        }
    }
}

impl Main {
    fn read(&mut self, root: &mut Section<'_>) {
        if let Some(title) = root.text("title") {
            self.title = title.value;
        }
        self.base_url = read_base_url(root);
        self.contact = read_contact(root);
        root.take("include");
        if let Some(mut server) = root.section("server") {
            if let Some(listen) = read_listen(&mut server) {
                self.listen = listen;
            }
            server.finish();
        }
        if let Some(mut store) = root.section("store") {
            if let Some(path) = store.text("path") {
                self.store_path = path.value;
            }
            store.forbid("url", "PostgreSQL is not supported yet, write path = \"glasnik.db\"");
            store.finish();
        }
        if let Some(defaults) = root.section("defaults") {
            self.defaults = Defaults::read(defaults);
        }
    }
}

fn read_base_url(root: &mut Section<'_>) -> Option<String> {
    let text = root.text("base_url")?;
    let url = Url::parse(&text.value).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    match url {
        Some(url) if url.query().is_none() && url.fragment().is_none() && !has_credentials(&url) => {
            let url = url.to_string();
            Some(if url.ends_with('/') { url } else { format!("{url}/") })
        }
        _ => {
            root.refuse(text.place, "base_url: write it as \"https://feeds.example.org/\"");
            None
        }
    }
}

/// Whether a name or password stands in the address.
fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn read_contact(root: &mut Section<'_>) -> Option<String> {
    let text = root.text("contact")?;
    let scheme = Url::parse(&text.value).map(|url| url.scheme().to_owned()).unwrap_or_default();
    // It goes into a header between parentheses.
    let is_plain = text.value.bytes().all(|byte| byte.is_ascii_graphic() && !b"()\\".contains(&byte));
    if is_plain && matches!(scheme.as_str(), "mailto" | "http" | "https") {
        return Some(text.value);
    }
    root.refuse(text.place, "contact: write \"mailto:you@example.org\" or \"https://example.org/about\"");
    None
}

fn read_listen(server: &mut Section<'_>) -> Option<SocketAddr> {
    let text = server.text("listen")?;
    let address = text.value.parse().ok();
    if address.is_none() {
        let shown = text.shown();
        let message = format!("listen: {shown} is not an address and a port, write \"127.0.0.1:8080\"");
        server.refuse(text.place, message);
    }
    address
}

fn refuse_main_keys(root: &mut Section<'_>) {
    for key in ["title", "base_url", "contact", "include", "server", "store", "defaults"] {
        root.forbid(key, "belongs into feeds.toml itself, not into an included file");
    }
}

/// What any of the files may add to.
#[derive(Default)]
struct Parts {
    feeds: Vec<FeedKeys>,
    hosts: Vec<HostRule>,
    words: Vec<WordList>,
    topics: Vec<TopicKeys>,
    examples: Vec<Example>,
    outputs: Vec<OutputKeys>,
    rule_places: RulePlaces,
}

impl Parts {
    fn read(&mut self, root: &mut Section<'_>) {
        match root.has_tables("feeds") {
            true => root.forbid("feeds", "write [[feed]], or a list: feeds = [\"https://example.org/feed.xml\"]"),
            false => self.feeds.extend(root.texts("feeds").unwrap_or_default().into_iter().map(FeedKeys::short)),
        }
        self.feeds.extend(root.sections("feed", "[[feed]]").into_iter().map(FeedKeys::read));
        self.hosts.extend(root.sections("host", "[[host]]").into_iter().filter_map(read_host));
        root.forbid("opml", "reading lists are not supported yet, use `glasnik import FILE.opml`");
        if let Some(words) = root.section("words") {
            self.words.extend(rules::read_words(&words, &mut self.rule_places));
        }
        for topic in root.sections("topic", "[[topic]]") {
            self.topics.extend(rules::read_topic(topic, &mut self.rule_places, &mut self.examples));
        }
        self.outputs.extend(root.sections("output", "[[output]]").into_iter().filter_map(outputs::read_output));
    }
}

fn read_host(mut section: Section<'_>) -> Option<HostRule> {
    let pattern = section.required_text("match");
    let spacing = section.duration("spacing", "s", Duration::ZERO).unwrap_or(fetch::SPACING);
    let context = section.reader.context;
    section.finish();
    let written = pattern?;
    let pattern = host_pattern(&written.value);
    if pattern.is_none() {
        let shown = written.shown();
        let message = format!("match: {shown} is not a host like \"example.org\" or \"*.example.org\"");
        context.refuse(written.place, message);
    }
    Some(HostRule { pattern: pattern?, spacing })
}

/// The pattern with its host as urls have it: lower case, and other alphabets in Punycode.
fn host_pattern(written: &str) -> Option<String> {
    let (star, name) = match written.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", written),
    };
    let host = Host::parse(name).ok()?;
    let is_domain = matches!(host, Host::Domain(_));
    let host = host.to_string();
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte));
    (is_plain && (is_domain || star.is_empty())).then(|| format!("{star}{host}"))
}

#[cfg(test)]
mod tests;

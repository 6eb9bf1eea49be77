//! What holds of every feed that was read, whatever the document was. Knows nothing of how it is
//! made so: the tables here are written anew, and the HTML is read by html5ever and by ammonia.

use ammonia::{Builder, UrlRelative};
use glasnik::feed::{Category, Entry, Feed, Link, Person};
use glasnik::ingest::normalize::{TextKind, safe_html};
use html5ever::tokenizer::{BufferQueue, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use url::Url;

const ENTRIES_MAX: usize = 2_000;
const VALUES_MAX: usize = 64;
const TITLE_BYTES_MAX: usize = 1_024;
const RIGHTS_BYTES_MAX: usize = 4 * 1_024;
const ADDRESS_BYTES_MAX: usize = 2 * 1_024;
const ENTITY_GROWTH_BYTES_MAX: usize = 256 * 1_024;
/// Twice the longest text that is taken for HTML, and a little.
const HTML_BYTES_MAX: usize = 2 * 256 * 1_024 + 16 * 1_024;

/// The elements that a page may show.
#[rustfmt::skip]
const ELEMENTS: [&str; 76] = [
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite",
    "code", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "mark", "nav", "ol", "p",
    "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "source", "span", "strong", "sub",
    "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "track", "u", "ul", "var",
    "video", "wbr", "col", "colgroup", "center",
];

/// What may stand in their tags; none of it acts.
#[rustfmt::skip]
const ATTRIBUTES: [&str; 33] = [
    "alt", "cite", "colspan", "controls", "datetime", "default", "dir", "height", "href", "hreflang", "kind", "label",
    "lang", "loop", "media", "muted", "open", "poster", "rel", "reversed", "rowspan", "scope", "sizes", "src",
    "srclang", "srcset", "start", "title", "type", "value", "width", "span", "align",
];

/// Those of them that lead elsewhere.
const ADDRESSES: [&str; 4] = ["href", "src", "poster", "cite"];

/// Fails where something does not hold of `feed`, which a document of `document_bytes` became.
pub fn hold(feed: &Feed, document_bytes: usize) {
    holds_of_feed(feed);
    assert!(feed.entries.len() <= ENTRIES_MAX, "{} entries", feed.entries.len());
    let mut by_key: HashMap<&str, u64> = HashMap::new();
    let mut html_bytes = 0;
    for entry in &feed.entries {
        holds_of_entry(entry);
        html_bytes += [&entry.summary, &entry.content].into_iter().flatten().map(String::len).sum::<usize>();
        let first = *by_key.entry(entry.key.as_str()).or_insert(entry.fingerprint);
        assert_eq!(first, entry.fingerprint, "two entries have the key {:?}", entry.key);
    }
    // A byte of an old charset may be three, and escaping makes honest text at most twice as long;
    // entities that the document declares make it longer, once.
    let texts = 2 * feed.entries.len();
    let bytes_max = 6 * document_bytes + texts * 16 * 1_024 + 2 * ENTITY_GROWTH_BYTES_MAX;
    assert!(html_bytes <= bytes_max, "{html_bytes} bytes of {document_bytes}");
}

fn holds_of_feed(feed: &Feed) {
    plain(&feed.title, TITLE_BYTES_MAX);
    plain(&feed.subtitle, TITLE_BYTES_MAX);
    plain(&feed.rights, RIGHTS_BYTES_MAX);
    plain(&feed.id, ADDRESS_BYTES_MAX);
    plain(&feed.language, 35);
    let hubs = feed.hubs.iter();
    hubs.chain([&feed.link, &feed.self_link, &feed.icon, &feed.logo].into_iter().flatten())
        .for_each(|url| address(url));
    if let Some(generator) = &feed.generator {
        plain(&generator.name, TITLE_BYTES_MAX);
        plain(&generator.version, TITLE_BYTES_MAX);
        generator.uri.iter().for_each(|url| address(url));
    }
    links(&feed.links);
    people(feed.authors.iter().chain(&feed.contributors).chain(&feed.publisher));
    categories(&feed.categories);
    assert!(feed.ttl_s.is_none_or(|ttl| (1..=365 * 86_400).contains(&ttl)), "{:?}", feed.ttl_s);
}

fn holds_of_entry(entry: &Entry) {
    assert!(!entry.key.as_str().is_empty() && entry.key.as_str().len() <= ADDRESS_BYTES_MAX, "{:?}", entry.key);
    plain(&entry.id, ADDRESS_BYTES_MAX);
    plain(&entry.title, TITLE_BYTES_MAX);
    plain(&entry.rights, RIGHTS_BYTES_MAX);
    plain(&entry.language, 35);
    [&entry.link, &entry.comments, &entry.thumbnail, &entry.canonical_link]
        .into_iter()
        .flatten()
        .for_each(|url| address(url));
    links(&entry.links);
    people(entry.authors.iter().chain(&entry.contributors));
    categories(&entry.categories);
    assert!(entry.enclosures.len() <= VALUES_MAX);
    for enclosure in &entry.enclosures {
        address(&enclosure.url);
        plain(&enclosure.media_type, TITLE_BYTES_MAX);
    }
    if let Some(source) = &entry.source {
        plain(&source.id, ADDRESS_BYTES_MAX);
        plain(&source.title, TITLE_BYTES_MAX);
        source.link.iter().for_each(|url| address(url));
    }
    [&entry.summary, &entry.content].into_iter().flatten().for_each(|html| is_safe(html));
}

fn plain(text: &Option<String>, bytes_max: usize) {
    let Some(text) = text else { return };
    assert!(!text.trim().is_empty(), "an empty text is no text");
    assert!(text.len() <= bytes_max, "{} bytes: {text:.80}", text.len());
    legal(text);
}

/// No character that XML 1.0 §2.2 forbids.
fn legal(text: &str) {
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
    assert!(text.chars().all(is_legal), "an illegal character: {text:.200?}");
}

fn address(text: &str) {
    let url = Url::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(matches!(url.scheme(), "http" | "https"), "{text}");
    assert!(text.len() <= ADDRESS_BYTES_MAX, "{text}");
    assert!(url.username().is_empty() && url.password().is_none(), "{text}");
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>');
    assert!(!text.contains(breaks), "{text}");
}

fn links(links: &[Link]) {
    assert!(links.len() <= VALUES_MAX);
    for link in links {
        address(&link.href);
        for text in [&link.rel, &link.media_type, &link.title, &link.hreflang] {
            plain(text, TITLE_BYTES_MAX);
        }
    }
}

fn people<'a>(people: impl Iterator<Item = &'a Person>) {
    for person in people {
        assert_ne!(*person, Person::default());
        plain(&person.name, TITLE_BYTES_MAX);
        plain(&person.email, TITLE_BYTES_MAX);
        person.uri.iter().for_each(|url| address(url));
    }
}

fn categories(categories: &[Category]) {
    assert!(categories.len() <= VALUES_MAX);
    for category in categories {
        plain(&Some(category.term.clone()), 256);
        plain(&category.scheme, 256);
        plain(&category.label, 256);
    }
}

/// Fails where `html` has anything that acts, or is not its own safe HTML.
pub fn is_safe(html: &str) {
    legal(html);
    assert!(!html.trim().is_empty() && html.len() <= HTML_BYTES_MAX, "{} bytes", html.len());
    for tag in tags(html) {
        assert!(ELEMENTS.contains(&&*tag.name), "<{}> in {html:.300}", tag.name);
        for attribute in &tag.attrs {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            assert!(ATTRIBUTES.contains(&name), "{name} in {html:.300}");
            if ADDRESSES.contains(&name) {
                leads_somewhere_safe(value, name == "href");
            }
            if name == "srcset" {
                let candidates = value.split(", ").map(|candidate| candidate.split(' ').next().unwrap_or_default());
                candidates.for_each(|candidate| leads_somewhere_safe(candidate, false));
            }
        }
    }
    assert_eq!(PARSER.clean(html).to_string(), html, "a parser reads it differently");
    assert_eq!(safe_html(html, TextKind::Html, None).as_deref(), Some(html), "it is not its own safe HTML");
}

fn leads_somewhere_safe(text: &str, may_be_mail: bool) {
    if !(may_be_mail && text.starts_with("mailto:")) {
        address(text);
    }
}

/// The tags of `html`, by the tokenizer of a browser.
fn tags(html: &str) -> Vec<html5ever::tokenizer::Tag> {
    #[derive(Default)]
    struct Tags(RefCell<Vec<html5ever::tokenizer::Tag>>);
    impl TokenSink for Tags {
        type Handle = ();
        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            match token {
                TagToken(tag) => self.0.borrow_mut().push(tag),
                Token::CommentToken(text) => panic!("a comment was kept: {text}"),
                Token::DoctypeToken(_) => panic!("a doctype was kept"),
                _ => {}
            }
            TokenSinkResult::Continue
        }
    }
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// A sanitizer with the tables from above: it changes nothing of what is safe.
static PARSER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .generic_attributes(HashSet::from(ATTRIBUTES))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    builder
});

//! What the elements of every dialect mean. RSS, Atom and CDF share one vocabulary, since feeds mix
//! them freely; the modules have one each. A smaller rank is the better source of the same value.

/// Which vocabulary a name is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    /// RSS of every version, Atom of every version, CDF, and whatever a root declares as default.
    Core,
    /// The default namespace of RSS 1.1, where the root is named `Channel`.
    Rss11,
    /// Atom before RFC 4287.
    OldAtom,
    /// RSS 0.90 and Netscape.
    Netscape,
    Rdf,
    DublinCore,
    Content,
    Syndication,
    Media,
    Itunes,
    FeedBurner,
    Admin,
    CreativeCommons,
    Xhtml,
    /// Any other: its elements say nothing that we keep.
    Other,
}

/// Namespaces by address, without scheme, `www.`, final `/` and `#`, and in lower case.
const ADDRESSES: [(&str, Namespace); 37] = [
    ("w3.org/2005/atom", Namespace::Core),
    ("purl.org/atom/ns", Namespace::OldAtom),
    ("purl.org/pie", Namespace::OldAtom),
    ("purl.org/echo", Namespace::OldAtom),
    ("example.com/newformat", Namespace::OldAtom),
    ("example.com/necho", Namespace::OldAtom),
    ("uri/of/echo/namespace", Namespace::OldAtom),
    ("purl.org/rss/1.0", Namespace::Core),
    ("purl.org/rss/1.0/modules/rss091", Namespace::Core),
    ("blogs.law.harvard.edu/tech/rss", Namespace::Core),
    ("cyber.law.harvard.edu/rss/rss.html", Namespace::Core),
    ("rssboard.org/rss-specification", Namespace::Core),
    ("purl.org/net/rss1.1", Namespace::Rss11),
    ("my.netscape.com/rdf/simple/0.9", Namespace::Netscape),
    ("channel.netscape.com/rdf/simple/0.9", Namespace::Netscape),
    ("my.netscape.com/publish/formats/rss-0.91.dtd", Namespace::Core),
    ("w3.org/1999/02/22-rdf-syntax-ns", Namespace::Rdf),
    ("purl.org/dc/elements/1.1", Namespace::DublinCore),
    ("purl.org/dc/elements/1.0", Namespace::DublinCore),
    ("purl.org/dc/terms", Namespace::DublinCore),
    ("purl.org/rss/1.0/modules/dc", Namespace::DublinCore),
    ("purl.org/rss/1.0/modules/dcterms", Namespace::DublinCore),
    ("purl.org/rss/1.0/modules/content", Namespace::Content),
    ("purl.org/rss/1.0/modules/syndication", Namespace::Syndication),
    ("search.yahoo.com/mrss", Namespace::Media),
    ("video.search.yahoo.com/mrss", Namespace::Media),
    ("itunes.com/dtds/podcast-1.0.dtd", Namespace::Itunes),
    ("itunes.apple.com/dtds/podcast-1.0.dtd", Namespace::Itunes),
    ("example.com/dtds/podcast-1.0.dtd", Namespace::Itunes),
    ("google.com/schemas/play-podcasts/1.0", Namespace::Itunes),
    ("rssnamespace.org/feedburner/ext/1.0", Namespace::FeedBurner),
    ("webns.net/mvcb", Namespace::Admin),
    ("creativecommons.org/ns", Namespace::CreativeCommons),
    ("web.resource.org/cc", Namespace::CreativeCommons),
    ("backend.userland.com/creativecommonsrssmodule", Namespace::CreativeCommons),
    ("cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", Namespace::CreativeCommons),
    ("w3.org/1999/xhtml", Namespace::Xhtml),
];

/// What a prefix stands for where nobody declared it.
const PREFIXES: [(&str, Namespace); 22] = [
    ("atom", Namespace::Core),
    ("atom10", Namespace::Core),
    ("a10", Namespace::Core),
    ("atom03", Namespace::OldAtom),
    ("rss", Namespace::Core),
    ("rdf", Namespace::Rdf),
    ("dc", Namespace::DublinCore),
    ("dcterms", Namespace::DublinCore),
    ("dct", Namespace::DublinCore),
    ("content", Namespace::Content),
    ("sy", Namespace::Syndication),
    ("media", Namespace::Media),
    ("itunes", Namespace::Itunes),
    ("googleplay", Namespace::Itunes),
    ("feedburner", Namespace::FeedBurner),
    ("admin", Namespace::Admin),
    ("cc", Namespace::CreativeCommons),
    ("creativecommons", Namespace::CreativeCommons),
    ("xhtml", Namespace::Xhtml),
    ("html", Namespace::Xhtml),
    ("h", Namespace::Xhtml),
    ("xh", Namespace::Xhtml),
];

/// The namespace behind an address, or `None` where it is not one that we know.
pub(super) fn of_address(address: &str) -> Option<Namespace> {
    let lower = address.trim().to_ascii_lowercase();
    let bare = lower.trim_start_matches("http://").trim_start_matches("https://").trim_start_matches("www.");
    let bare = bare.trim_end_matches(['/', '#']);
    if bare.starts_with("backend.userland.com/rss") {
        // Every version had an address of its own.
        return Some(Namespace::Core);
    }
    ADDRESSES.iter().find(|(known, _)| *known == bare).map(|(_, namespace)| *namespace)
}

/// The namespace that a prefix usually stands for.
pub(super) fn of_prefix(prefix: &str) -> Namespace {
    let known = PREFIXES.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix));
    known.map_or(Namespace::Other, |(_, namespace)| *namespace)
}

/// What an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// `rss`, `feed`, `RDF`, `channel`.
    Feed,
    /// `item`, `entry`.
    Entry,
    /// The feed that an entry came from.
    Source,
    /// A picture with its own title and link.
    Image,
    /// A form with its own title and link.
    TextInput,
    /// Atom's `author` with `name`, `email` and `uri`, or RSS's with all in one text.
    Person(Role),
    Name,
    Email,
    Uri,
    Text(TextField),
    Date(DateField),
    Id,
    Link,
    /// Where a proxied entry really is.
    OriginalLink,
    Enclosure,
    /// An address as an attribute or a text (RFC 4946 has it as a link).
    License,
    Comments,
    Category,
    /// Categories in one text with commas.
    Keywords,
    Language,
    Generator,
    GeneratorAgent,
    Icon,
    Logo,
    /// A picture's address as an attribute.
    ImageLink,
    Thumbnail,
    MediaContent,
    TimeToLive,
    UpdatePeriod,
    UpdateFrequency,
    SkippedHour,
    SkippedDay,
    /// A wrapper: its children count as its parent's.
    Wrapper,
    /// Nothing that we keep.
    Unknown,
}

/// What a person is to a feed or an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Author,
    Contributor,
    Publisher,
}

/// The texts that may hold markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextField {
    Title,
    /// An entry's summary, a feed's subtitle.
    Description,
    Content,
    Rights,
}

/// The two dates that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateField {
    Published,
    Updated,
    /// Dublin Core does not say which.
    Either,
}

/// A meaning and how good a source of it the element is; 0 is best.
pub(super) type Ranked = (Meaning, u8);

/// Longer than every name in the table below.
const NAME_BYTES_MAX: usize = 24;

/// What `local` means in `namespace`, in whatever case it is written.
pub(super) fn meaning(namespace: Namespace, local: &str) -> Ranked {
    let mut lower = [0; NAME_BYTES_MAX];
    let Some(lower) = lower.get_mut(..local.len()) else { return (Meaning::Unknown, 0) };
    lower.copy_from_slice(local.as_bytes());
    lower.make_ascii_lowercase();
    let name = std::str::from_utf8(lower).unwrap_or_default();
    match namespace {
        Namespace::Core | Namespace::Rss11 | Namespace::OldAtom | Namespace::Netscape => core(name),
        Namespace::Rdf => rdf(name),
        Namespace::DublinCore => dublin_core(name),
        Namespace::Content => content(name),
        Namespace::Syndication => syndication(name),
        Namespace::Media => media(name),
        Namespace::Itunes => itunes(name),
        Namespace::FeedBurner => feedburner(name),
        Namespace::Admin if name == "generatoragent" => (Meaning::GeneratorAgent, 0),
        Namespace::Xhtml if name == "body" => (Meaning::Text(TextField::Content), 1),
        Namespace::CreativeCommons if name == "license" => (Meaning::License, 0),
        Namespace::Admin | Namespace::CreativeCommons | Namespace::Xhtml | Namespace::Other => (Meaning::Unknown, 0),
    }
}

fn core(name: &str) -> Ranked {
    use DateField::{Published, Updated};
    use TextField::{Content, Description, Rights, Title};
    match name {
        "rss" | "feed" | "rdf" | "channel" => (Meaning::Feed, 0),
        "item" | "entry" => (Meaning::Entry, 0),
        "source" => (Meaning::Source, 0),
        "image" => (Meaning::Image, 0),
        "textinput" => (Meaning::TextInput, 0),

        "author" | "managingeditor" => (Meaning::Person(Role::Author), 0),
        "contributor" => (Meaning::Person(Role::Contributor), 0),
        "webmaster" => (Meaning::Person(Role::Publisher), 0),
        "name" => (Meaning::Name, 0),
        "email" => (Meaning::Email, 0),
        "uri" | "url" | "homepage" => (Meaning::Uri, 0),

        "title" => (Meaning::Text(Title), 0),
        "summary" | "subtitle" | "tagline" => (Meaning::Text(Description), 0),
        "description" | "abstract" => (Meaning::Text(Description), 1),
        "content" => (Meaning::Text(Content), 0),
        "fullitem" | "body" => (Meaning::Text(Content), 1),
        "rights" | "copyright" => (Meaning::Text(Rights), 0),

        "published" | "issued" | "pubdate" => (Meaning::Date(Published), 0),
        "created" => (Meaning::Date(Published), 3),
        "updated" | "modified" | "lastbuilddate" => (Meaning::Date(Updated), 0),

        "id" | "guid" => (Meaning::Id, 0),
        "link" => (Meaning::Link, 0),
        "enclosure" => (Meaning::Enclosure, 0),
        "comments" => (Meaning::Comments, 0),
        "category" | "keywords" => (Meaning::Category, 0),
        "tags" => (Meaning::Keywords, 0),
        "language" => (Meaning::Language, 0),
        "generator" => (Meaning::Generator, 0),
        "icon" => (Meaning::Icon, 0),
        "logo" => (Meaning::Logo, 0),
        "ttl" => (Meaning::TimeToLive, 0),
        "skiphours" | "skipdays" => (Meaning::Wrapper, 0),
        "hour" => (Meaning::SkippedHour, 0),
        "day" => (Meaning::SkippedDay, 0),
        "items" => (Meaning::Wrapper, 0),
        _ => (Meaning::Unknown, 0),
    }
}

fn rdf(name: &str) -> Ranked {
    match name {
        "rdf" => (Meaning::Feed, 0),
        // RSS written with rdf: as the prefix of everything, or a list around the items.
        "channel" | "item" => core(name),
        "seq" | "bag" | "li" | "description" => (Meaning::Wrapper, 0),
        _ => (Meaning::Unknown, 0),
    }
}

fn dublin_core(name: &str) -> Ranked {
    use DateField::{Either, Published, Updated};
    match name {
        "title" => (Meaning::Text(TextField::Title), 1),
        "description" | "abstract" => (Meaning::Text(TextField::Description), 2),
        "rights" => (Meaning::Text(TextField::Rights), 1),
        "creator" | "author" => (Meaning::Person(Role::Author), 0),
        "contributor" => (Meaning::Person(Role::Contributor), 0),
        "publisher" => (Meaning::Person(Role::Publisher), 1),
        "subject" => (Meaning::Category, 0),
        "language" => (Meaning::Language, 1),
        "issued" | "available" => (Meaning::Date(Published), 1),
        "created" => (Meaning::Date(Published), 3),
        "modified" => (Meaning::Date(Updated), 1),
        "date" => (Meaning::Date(Either), 2),
        _ => (Meaning::Unknown, 0),
    }
}

fn content(name: &str) -> Ranked {
    match name {
        "encoded" => (Meaning::Text(TextField::Content), 0),
        _ => (Meaning::Unknown, 0),
    }
}

fn syndication(name: &str) -> Ranked {
    match name {
        "updateperiod" => (Meaning::UpdatePeriod, 0),
        "updatefrequency" => (Meaning::UpdateFrequency, 0),
        _ => (Meaning::Unknown, 0),
    }
}

fn media(name: &str) -> Ranked {
    match name {
        "group" => (Meaning::Wrapper, 0),
        "content" => (Meaning::MediaContent, 0),
        "thumbnail" => (Meaning::Thumbnail, 0),
        "title" => (Meaning::Text(TextField::Title), 3),
        "description" => (Meaning::Text(TextField::Description), 5),
        "copyright" => (Meaning::Text(TextField::Rights), 2),
        "category" => (Meaning::Category, 0),
        "keywords" => (Meaning::Keywords, 0),
        _ => (Meaning::Unknown, 0),
    }
}

fn itunes(name: &str) -> Ranked {
    match name {
        "author" => (Meaning::Person(Role::Author), 1),
        "owner" => (Meaning::Person(Role::Publisher), 0),
        "name" => (Meaning::Name, 0),
        "email" => (Meaning::Email, 0),
        "title" => (Meaning::Text(TextField::Title), 2),
        "summary" | "description" => (Meaning::Text(TextField::Description), 3),
        "subtitle" => (Meaning::Text(TextField::Description), 4),
        "category" => (Meaning::Category, 0),
        "keywords" => (Meaning::Keywords, 0),
        "image" | "link" => (Meaning::ImageLink, 1),
        _ => (Meaning::Unknown, 0),
    }
}

fn feedburner(name: &str) -> Ranked {
    match name {
        "origlink" => (Meaning::OriginalLink, 0),
        _ => (Meaning::Unknown, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_in_every_spelling() {
        for address in ["http://www.w3.org/2005/Atom", "https://www.w3.org/2005/atom/", " http://www.w3.org/2005/Atom "]
        {
            assert_eq!(of_address(address), Some(Namespace::Core), "{address}");
        }
        assert_eq!(of_address("http://search.yahoo.com/mrss"), Some(Namespace::Media));
        assert_eq!(of_address("http://www.itunes.com/DTDs/PodCast-1.0.dtd"), Some(Namespace::Itunes));
        assert_eq!(of_address("http://backend.userland.com/rss2"), Some(Namespace::Core));
        assert_eq!(of_address("http://example.org/mine"), None);
    }

    #[test]
    fn a_name_means_the_same_in_every_case() {
        assert_eq!(meaning(Namespace::Core, "pubDate"), (Meaning::Date(DateField::Published), 0));
        assert_eq!(meaning(Namespace::Core, "PUBDATE"), (Meaning::Date(DateField::Published), 0));
        assert_eq!(meaning(Namespace::Core, "a_name_that_is_longer_than_every_known"), (Meaning::Unknown, 0));
        assert_eq!(meaning(Namespace::Core, "čitatelj"), (Meaning::Unknown, 0));
    }
}

//! The elements that safe HTML has, and how each behaves among others. None of them changes how a
//! tokenizer reads what follows, which is what makes the written result safe.

/// An element as we write it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// In lower case.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// How an element behaves among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Ends an open paragraph.
    Block,
    /// As a block, and another heading ends it.
    Heading,
    /// As a block; `li`, `dt` and `dd` end their elder sibling.
    Item,
    /// The lists, as blocks: an item's end does not reach beyond its list.
    List,
    /// Marks words: browsers reopen it in the next paragraph when it was left open.
    Formatting,
    /// Any other element inside of a line.
    Inline,
    /// A link, which holds no other.
    Link,
    /// Parts of ruby annotations, which end one another.
    Ruby,
    /// Has no content.
    Void,
    /// Has no content and ends an open paragraph.
    VoidBlock,
    /// A table.
    Table,
    /// `thead`, `tbody`, `tfoot`.
    RowGroup,
    /// `tr`.
    Row,
    /// `td`, `th`, `caption`: what is open outside stays out of reach.
    Cell,
}

/// What becomes of a publisher's element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is written, perhaps under its modern name.
    Kept(&'static Element),
    /// The tag goes, what it holds stays.
    Unwrapped,
    /// It goes with all that it holds.
    Removed,
}

/// What becomes of the element `name`, in any case.
pub(super) fn fate(name: &str) -> Fate {
    let mut lower = [0; NAME_BYTES_MAX];
    let Some(lower) = lower.get_mut(..name.len()) else { return Fate::Unwrapped };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let Ok(name) = str::from_utf8(lower) else { return Fate::Unwrapped };
    match name {
        "head" | "iframe" | "math" | "noembed" | "noframes" | "script" | "select" | "style" | "svg" | "template"
        | "textarea" | "title" => Fate::Removed,
        _ => kept(name).map_or(Fate::Unwrapped, Fate::Kept),
    }
}

/// The longest name that we know: `blockquote`, `figcaption`.
const NAME_BYTES_MAX: usize = 10;

macro_rules! elements {
    ($($pattern:pat => $name:literal $kind:ident,)*) => {
        fn kept(name: &str) -> Option<&'static Element> {
            match name {
                $($pattern => {
                    const ELEMENT: &Element = &Element { name: $name, kind: Kind::$kind };
                    Some(ELEMENT)
                })*
                _ => None,
            }
        }

        /// The names of all elements that are written.
        pub(super) const NAMES: &[&str] = &[$($name),*];
    };
}

elements! {
    "p" => "p" Block,
    "a" => "a" Link,
    "br" => "br" Void,
    "img" => "img" Void,
    "div" | "center" | "main" | "fieldset" | "legend" | "dialog" | "menu" => "div" Block,
    "span" => "span" Inline,
    "b" => "b" Formatting,
    "i" => "i" Formatting,
    "em" => "em" Formatting,
    "strong" => "strong" Formatting,
    "u" => "u" Formatting,
    "s" | "strike" => "s" Formatting,
    "code" | "tt" => "code" Formatting,
    "small" => "small" Formatting,
    "abbr" | "acronym" => "abbr" Inline,
    "bdi" => "bdi" Inline,
    "bdo" => "bdo" Inline,
    "cite" => "cite" Inline,
    "del" => "del" Inline,
    "dfn" => "dfn" Inline,
    "ins" => "ins" Inline,
    "kbd" => "kbd" Inline,
    "mark" => "mark" Inline,
    "q" => "q" Inline,
    "samp" => "samp" Inline,
    "sub" => "sub" Inline,
    "sup" => "sup" Inline,
    "time" => "time" Inline,
    "var" => "var" Inline,
    "ul" | "dir" => "ul" List,
    "ol" => "ol" List,
    "dl" => "dl" List,
    "li" => "li" Item,
    "dt" => "dt" Item,
    "dd" => "dd" Item,
    "h1" => "h1" Heading,
    "h2" => "h2" Heading,
    "h3" => "h3" Heading,
    "h4" => "h4" Heading,
    "h5" => "h5" Heading,
    "h6" => "h6" Heading,
    "blockquote" => "blockquote" Block,
    "pre" | "listing" | "xmp" => "pre" Block,
    "figure" => "figure" Block,
    "figcaption" => "figcaption" Block,
    "address" => "address" Block,
    "article" => "article" Block,
    "aside" => "aside" Block,
    "details" => "details" Block,
    "footer" => "footer" Block,
    "header" => "header" Block,
    "hgroup" => "hgroup" Block,
    "nav" => "nav" Block,
    "section" => "section" Block,
    "summary" => "summary" Block,
    "hr" => "hr" VoidBlock,
    "wbr" => "wbr" Void,
    "picture" => "picture" Inline,
    "audio" => "audio" Inline,
    "video" => "video" Inline,
    "source" => "source" Void,
    "track" => "track" Void,
    "ruby" => "ruby" Inline,
    "rt" => "rt" Ruby,
    "rp" => "rp" Ruby,
    "table" => "table" Table,
    "thead" => "thead" RowGroup,
    "tbody" => "tbody" RowGroup,
    "tfoot" => "tfoot" RowGroup,
    "tr" => "tr" Row,
    "td" => "td" Cell,
    "th" => "th" Cell,
    "caption" => "caption" Cell,
}

impl Kind {
    /// Whether it ends an open paragraph.
    pub(super) fn ends_paragraph(self) -> bool {
        use Kind::{Block, Heading, Item, List, Table, VoidBlock};
        matches!(self, Block | Heading | Item | List | Table | VoidBlock)
    }

    /// Whether it stands inside of a line.
    pub(super) fn is_phrase(self) -> bool {
        matches!(self, Self::Formatting | Self::Inline | Self::Link | Self::Ruby)
    }

    /// Whether only rows, groups of rows and cells may stand in it.
    pub(super) fn is_grid(self) -> bool {
        matches!(self, Self::Table | Self::RowGroup | Self::Row)
    }

    /// Whether it has no content.
    pub(super) fn is_void(self) -> bool {
        matches!(self, Self::Void | Self::VoidBlock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_in_any_case() {
        assert!(matches!(fate("BlockQuote"), Fate::Kept(Element { name: "blockquote", .. })));
        assert!(matches!(fate("CENTER"), Fate::Kept(Element { name: "div", .. })));
        assert_eq!(fate("ScRiPt"), Fate::Removed);
        assert_eq!(fate("font"), Fate::Unwrapped);
        assert_eq!(fate("a-very-long-custom-element"), Fate::Unwrapped);
        assert_eq!(fate("bł"), Fate::Unwrapped);
    }

    #[test]
    fn no_kept_element_changes_how_the_rest_is_read() {
        for name in [
            "script",
            "style",
            "title",
            "textarea",
            "iframe",
            "xmp",
            "noembed",
            "noframes",
            "noscript",
            "plaintext",
            "svg",
            "math",
            "template",
            "select",
            "form",
            "base",
            "link",
            "meta",
            "embed",
            "object",
        ] {
            assert!(!NAMES.contains(&name), "{name}");
        }
    }
}

//! The names of HTML's elements, and what each does to the text around it.

/// What a tag does to a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Stands apart from its neighbours: a space in text.
    Block,
    /// Is part of a word.
    Inline,
    /// No element of HTML.
    Unknown,
}

/// The element `name`, in any case.
pub(super) fn element(name: &str) -> Element {
    // The most frequent ones first; the tables are long.
    if is_one_of(name, &["p", "br", "div", "li"]) {
        Element::Block
    } else if is_one_of(name, &["a", "img", "span", "strong", "em", "b", "i"]) {
        Element::Inline
    } else if is_one_of(name, &BLOCKS) {
        Element::Block
    } else if is_one_of(name, &INLINES) || is_custom(name) {
        Element::Inline
    } else {
        Element::Unknown
    }
}

pub(super) fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `g-emoji`, `o:p`: names of custom elements and of other vocabularies have a hyphen or a colon
/// inside; `https:` of `<https://…>` has it at the end.
fn is_custom(name: &str) -> bool {
    let name = name.as_bytes();
    name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_' | b'.'))
        && name.iter().skip(1).any(|byte| matches!(byte, b'-' | b':'))
        && name.last().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

#[rustfmt::skip]
const BLOCKS: [&str; 68] = [
    "address", "article", "aside", "audio", "blockquote", "body", "br", "button", "caption", "center", "col",
    "colgroup", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
    "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
    "li", "main", "nav", "noframes", "object", "ol", "option", "p", "pre", "script", "section", "select", "style",
    "summary", "table", "tbody", "td", "textarea", "th", "title", "tr", "tfoot", "thead", "ul", "video", "menu",
    "dir", "hgroup", "optgroup", "xmp", "listing",
];

#[rustfmt::skip]
const INLINES: [&str; 63] = [
    "a", "abbr", "acronym", "applet", "area", "b", "base", "basefont", "bdi", "bdo", "big", "blink", "canvas",
    "cite", "code", "data", "datalist", "del", "dfn", "em", "embed", "font", "i", "img", "input", "ins", "kbd",
    "label", "link", "map", "mark", "marquee", "math", "meta", "meter", "nobr", "noembed", "noscript", "output",
    "param", "picture", "progress", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike",
    "strong", "sub", "sup", "svg", "template", "time", "track", "tt", "u", "var", "wbr",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_elements_from_words_in_angle_brackets() {
        for (name, want) in [
            ("P", Element::Block),
            ("table", Element::Block),
            ("Span", Element::Inline),
            ("g-emoji", Element::Inline),
            ("o:p", Element::Inline),
            ("T", Element::Unknown),
            ("u8", Element::Unknown),
            ("https:", Element::Unknown),
            ("me@example.org", Element::Unknown),
        ] {
            assert_eq!(element(name), want, "{name}");
        }
    }
}

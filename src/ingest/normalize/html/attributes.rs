//! The attributes that safe HTML has, each with what its value may be.

use super::super::url::url;
use super::elements::Element;
use ::url::Url;
use std::borrow::Cow;

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// An `http` or `https` address.
    Address,
    /// That, or a mail address: where a link leads.
    Target,
    /// Addresses with descriptors, divided by commas.
    AddressSet,
    /// For people.
    Text,
    /// Up to five digits; more breaks pages and spans.
    Number,
    /// A number that may be negative.
    SignedNumber,
    /// There or not.
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Letters, digits and `-`: language tags and tokens.
    Token,
    /// A date, a duration, a media type or a media query.
    Phrase,
}

/// The rule for `attribute` (in lower case) on `element`; `None` where it is not kept.
fn rule(element: &str, attribute: &str) -> Option<Rule> {
    use Rule::{Address, AddressSet, Flag, Number, OneOf, Phrase, SignedNumber, Target, Text, Token};
    Some(match (attribute, element) {
        ("href", "a") => Target,
        ("src", "img" | "audio" | "video" | "source" | "track") | ("poster", "video") => Address,
        ("cite", "blockquote" | "q" | "del" | "ins") => Address,
        ("srcset", "img" | "source") => AddressSet,
        ("alt", "img") | ("title", _) | ("label", "track") => Text,
        ("width" | "height", "img" | "video") => Number,
        ("colspan" | "rowspan", "td" | "th") => Number,
        ("start", "ol") | ("value", "li") => SignedNumber,
        ("controls" | "loop", "audio" | "video") | ("reversed", "ol") | ("open", "details") => Flag,
        ("muted", "video") | ("default", "track") => Flag,
        ("type", "ol") => OneOf(&["1", "a", "A", "i", "I"]),
        ("dir", _) => OneOf(&["ltr", "rtl", "auto"]),
        ("scope", "th") => OneOf(&["row", "col", "rowgroup", "colgroup"]),
        ("kind", "track") => OneOf(&["subtitles", "captions", "descriptions", "chapters", "metadata"]),
        ("lang", _) | ("hreflang", "a") | ("srclang", "track") => Token,
        ("datetime", "time" | "del" | "ins") | ("type", "source" | "a") => Phrase,
        ("media", "source") | ("sizes", "img" | "source") => Phrase,
        _ => return None,
    })
}

/// Every pair of attribute and element that [`rule`] knows, for the second sanitizer's table; `*`
/// is any element.
pub(super) const KEPT: &[(&str, &[&str])] = &[
    ("*", &["title", "dir", "lang"]),
    ("a", &["href", "hreflang", "type"]),
    ("img", &["src", "srcset", "sizes", "alt", "width", "height"]),
    ("audio", &["src", "controls", "loop"]),
    ("video", &["src", "poster", "width", "height", "controls", "loop", "muted"]),
    ("source", &["src", "srcset", "sizes", "media", "type"]),
    ("track", &["src", "kind", "srclang", "label", "default"]),
    ("blockquote", &["cite"]),
    ("q", &["cite"]),
    ("del", &["cite", "datetime"]),
    ("ins", &["cite", "datetime"]),
    ("time", &["datetime"]),
    ("ol", &["start", "reversed", "type"]),
    ("li", &["value"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("details", &["open"]),
];

/// The attribute's name as it is written, where it is kept at all.
pub(super) fn known_name(element: &Element, written: &str) -> Option<&'static str> {
    let of = |name: &str| KEPT.iter().find(|(element, _)| *element == name).map_or(&[][..], |(_, names)| names);
    of("*").iter().chain(of(element.name)).find(|name| name.eq_ignore_ascii_case(written)).copied()
}

/// `value` as it may be written; `None` where it may not.
pub(super) fn value<'a>(
    element: &Element,
    name: &str,
    value: Cow<'a, str>,
    base: Option<&Url>,
) -> Option<Cow<'a, str>> {
    match rule(element.name, name)? {
        Rule::Text => Some(value),
        Rule::Address => url(&value, base).map(Cow::Owned),
        Rule::Target => url(&value, base).or_else(|| mail_address(&value)).map(Cow::Owned),
        Rule::AddressSet => address_set(&value, base).map(Cow::Owned),
        Rule::Flag => Some(Cow::Borrowed("")),
        Rule::Number => number(&value).map(|number| Cow::Owned(number.to_owned())),
        Rule::SignedNumber => {
            let text = value.trim();
            let digits = number(text.strip_prefix('-').unwrap_or(text))?;
            Some(Cow::Owned(if text.starts_with('-') { format!("-{digits}") } else { digits.to_owned() }))
        }
        Rule::OneOf(values) => values.contains(&value.trim()).then(|| Cow::Owned(value.trim().to_owned())),
        Rule::Token => is_made_of(&value, |byte| byte == b'-').then_some(value),
        Rule::Phrase => is_made_of(&value, |byte| b" -_+.,:;/()%=<>".contains(&byte)).then_some(value),
    }
}

fn number(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.strip_suffix("px").unwrap_or(text);
    ((1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Longer values of that kind say nothing.
const PHRASE_BYTES_MAX: usize = 256;

fn is_made_of(text: &str, is_extra: impl Fn(u8) -> bool) -> bool {
    !text.is_empty()
        && text.len() <= PHRASE_BYTES_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_extra(byte))
}

fn mail_address(text: &str) -> Option<String> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    (url.scheme() == "mailto" && url.as_str().len() <= super::super::url::URL_BYTES_MAX).then(|| url.into())
}

/// More pictures than screens have densities.
const CANDIDATES_MAX: usize = 16;

/// `srcset` (HTML §4.8.4.2.1): each candidate is an address, then perhaps a width or density.
fn address_set(text: &str, base: Option<&Url>) -> Option<String> {
    let mut candidates = Vec::new();
    let mut rest = text;
    while candidates.len() < CANDIDATES_MAX {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            break;
        }
        let (address, after) = rest.split_at(rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len()));
        let (descriptor, after) =
            if address.ends_with(',') { ("", after) } else { after.split_at(after.find(',').unwrap_or(after.len())) };
        rest = after;
        let descriptor = descriptor.trim();
        let Some(address) = url(address.trim_end_matches(','), base) else { continue };
        if descriptor.is_empty() {
            candidates.push(address);
        } else if is_made_of(descriptor, |byte| byte == b'.') {
            candidates.push(format!("{address} {descriptor}"));
        }
    }
    (!candidates.is_empty()).then(|| candidates.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_say_the_same() {
        for (element, names) in KEPT {
            for name in *names {
                assert!(rule(element, name).is_some(), "{element} {name}");
            }
        }
        assert_eq!(rule("img", "onerror"), None);
        assert_eq!(rule("a", "ping"), None);
        assert_eq!(rule("p", "style"), None);
    }

    #[test]
    fn reads_sets_of_addresses() {
        let base = Url::parse("https://example.org/").ok();
        let check = |text: &str, want: Option<&str>| {
            assert_eq!(address_set(text, base.as_ref()).as_deref(), want, "{text}");
        };
        check("a.png, b.png 2x", Some("https://example.org/a.png, https://example.org/b.png 2x"));
        check(
            "https://a.example/i,w_10/x.png 10w,  /c 20w,",
            Some("https://a.example/i,w_10/x.png 10w, https://example.org/c 20w"),
        );
        check("javascript:alert(1) 1x, /d 2x", Some("https://example.org/d 2x"));
        check("javascript:alert(1)", None);
        check("/e 1x\" onerror=\"", None);
        check("", None);
    }
}

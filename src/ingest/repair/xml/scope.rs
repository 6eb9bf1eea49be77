//! What an element's attributes declare for all inside of it: namespaces, base and language.

use super::Reader;
use super::refusal::is_of_page;
use crate::ingest::repair::tokens::Attributes;
use crate::ingest::repair::vocabulary::{self, Meaning, Namespace};
use crate::ingest::repair::within;
use std::borrow::Cow;

/// Namespace declarations in force at once. Real feeds have up to 30.
const BINDINGS_MAX: usize = 64;

/// Longer than any address or label that an attribute holds.
const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;

impl<'a> Reader<'a, '_> {
    /// Takes the namespaces, the base and the language that an element declares.
    pub(super) fn scope(&mut self, attributes: Attributes<'a>) -> Option<Cow<'a, str>> {
        let mut language = None;
        for (name, value) in attributes {
            if let Some(prefix) = name.strip_prefix("xmlns") {
                let prefix = prefix.strip_prefix(':').unwrap_or(prefix);
                let of_address = vocabulary::of_address(value);
                // An unknown default namespace on a feed is a whim; on a prefix it is a module.
                let namespace = of_address.unwrap_or(match prefix {
                    "" if self.entry_at.is_none() || value.is_empty() => Namespace::Core,
                    _ => Namespace::Other,
                });
                if self.bindings.len() < BINDINGS_MAX {
                    self.bindings.push((prefix, namespace));
                }
            } else if name == "xml:base" || name.eq_ignore_ascii_case("base") {
                // CDF is written in capitals.
                let value = self.entities.decode(value, self.tally);
                self.base = self.writer.bases.resolve(self.base, &value);
            } else if name == "xml:lang" || name == "lang" {
                language = Some(self.entities.decode(value, self.tally));
            }
        }
        language
    }

    /// The namespace that a name is in: as declared, or as its prefix is usually meant.
    pub(super) fn namespace(&self, name: &str) -> Namespace {
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        match bound {
            Some((_, namespace)) => *namespace,
            None if prefix.is_empty() => Namespace::Core,
            None => vocabulary::of_prefix(prefix),
        }
    }

    /// Whether a name has a prefix that nobody declared and that says something all the same.
    pub(super) fn is_undeclared(&self, name: &str, namespace: Namespace) -> bool {
        let prefix = name.split_once(':').map(|(prefix, _)| prefix);
        namespace != Namespace::Other
            && prefix.is_some_and(|prefix| self.bindings.iter().all(|(known, _)| *known != prefix))
    }

    /// Whether a feed begins here. What stands before it, warnings of the server say, is skipped.
    pub(super) fn is_root(&mut self, name: &'a str, meaning: Meaning) -> bool {
        if self.first_element.is_empty() {
            self.first_element = name;
        }
        match meaning {
            Meaning::Feed => !is_of_page(self.first_element) || !name.eq_ignore_ascii_case("channel"),
            Meaning::Entry => !is_of_page(self.first_element),
            _ => false,
        }
    }

    /// Whether the default namespace is that of a feed.
    pub(super) fn has_feed_namespace(&self) -> bool {
        self.bindings.iter().any(|(prefix, namespace)| prefix.is_empty() && *namespace != Namespace::Other)
    }

    /// The dialect in words.
    pub(super) fn format_of(&self, local: &str, namespace: Namespace, attributes: Attributes<'a>) -> String {
        let version = attributes.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("version"));
        let version = version.map_or("", |(_, version)| version.trim());
        let is_sane = version.len() <= 8 && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let version = if is_sane { version } else { "" };
        let is_bound = |wanted| self.bindings.iter().any(|(_, namespace)| *namespace == wanted);
        match local.to_ascii_lowercase().as_str() {
            "rss" => format!("rss {version}").trim_end().to_owned(),
            "rdf" if is_bound(Namespace::Netscape) => "rss 0.90".to_owned(),
            "rdf" => "rss 1.0".to_owned(),
            "channel" if namespace == Namespace::Rss11 => "rss 1.1".to_owned(),
            "channel" => "cdf".to_owned(),
            _ if version.starts_with("0.") => format!("atom {version}"),
            _ if namespace == Namespace::OldAtom => "atom 0.3".to_owned(),
            _ => "atom 1.0".to_owned(),
        }
    }

    pub(super) fn is_atom(&self) -> bool {
        self.format.as_deref().is_some_and(|format| format.starts_with("atom"))
    }

    /// The address that RSS has in `url`, Atom in `href`, and somebody in `uri`.
    pub(super) fn address_of(&mut self, attributes: Attributes<'a>) -> Option<Cow<'a, str>> {
        ["href", "url", "uri", "resource"].iter().find_map(|name| self.attribute(attributes, name))
    }

    /// The value of an attribute, whatever its prefix, if it says anything.
    pub(super) fn attribute(&self, attributes: Attributes<'a>, wanted: &str) -> Option<Cow<'a, str>> {
        let is_wanted = |name: &str| {
            let local = name.rsplit(':').next().unwrap_or(name);
            local.eq_ignore_ascii_case(wanted) && !name.starts_with("xmlns")
        };
        let (_, value) = attributes.into_iter().find(|(name, _)| is_wanted(name))?;
        let value = self.entities.decode(within(value, ATTRIBUTE_BYTES_MAX), self.tally);
        (!value.trim().is_empty()).then_some(value)
    }
}

//! Who wrote an entry, by name.

use super::address::web;
use super::text::name as plain;
use crate::feed::Person;

/// Someone with a name. Mail addresses stay with the publisher: on our pages they would only be
/// harvested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    pub name: String,
    pub uri: Option<String>,
}

/// The person's name and page; `None` for one without a name.
pub(super) fn author(person: &Person) -> Option<Author> {
    let name = person.name.as_deref().and_then(plain);
    let from_email = || Some(person.email.as_deref()?.split('@').next()?.to_owned());
    // A mail address in the name's place is common in RSS, where `author` must be one.
    let name = match name {
        Some(name) if !name.contains('@') || name.starts_with('@') => name,
        Some(name) => without_email(&name),
        None => from_email().and_then(|name| plain(&name))?,
    };
    (!name.is_empty()).then(|| Author { name, uri: person.uri.as_deref().and_then(web) })
}

/// `desk@example.org (The desk)` becomes `The desk`, `desk@example.org` alone `desk`.
fn without_email(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').filter(|word| !word.contains('@')).collect();
    let rest = words.join(" ");
    let rest = rest.trim_matches(|letter: char| "()<>,;\"".contains(letter) || letter.is_whitespace());
    if rest.is_empty() {
        name.split('@').next().unwrap_or_default().trim_matches(['<', '(']).to_owned()
    } else {
        rest.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_people_without_their_mail_addresses() {
        for (name, email, expected) in [
            (Some(" Ana\n Kovač "), Some("ana@example.org"), Some("Ana Kovač")),
            (Some("desk@example.org (The desk)"), None, Some("The desk")),
            (Some("Ana <ana@example.org>"), None, Some("Ana")),
            (Some("desk@example.org"), None, Some("desk")),
            (Some("@ana"), None, Some("@ana")),
            (None, Some("ana@example.org"), Some("ana")),
            (Some(" "), None, None),
            (None, Some("@"), None),
            (None, None, None),
        ] {
            let person = Person { name: name.map(str::to_owned), email: email.map(str::to_owned), uri: None };
            assert_eq!(author(&person).map(|author| author.name).as_deref(), expected, "{name:?} {email:?}");
        }
    }
}

//! A person in one text, as RSS has them: `mail (Name)`, `Name <mail>`, `mailto:mail`, `Name`.

use std::borrow::Cow;

/// The name and the mail address of a person in one text.
pub(super) fn split(text: &str) -> (Option<Cow<'_, str>>, Option<&str>) {
    let text = text.trim();
    let Some((start, end)) = address(text) else {
        return ((!text.is_empty()).then_some(Cow::Borrowed(text)), None);
    };
    let before = text[..start].strip_suffix("mailto:").unwrap_or(&text[..start]);
    // `mailto:ana@example.org?subject=Feed` has a part that is nobody's name.
    let after = &text[end..];
    let after = if after.starts_with('?') { after.trim_start_matches(|c: char| !c.is_whitespace()) } else { after };
    let rest = [before, after].map(trim);
    let name = match rest.map(|part| if part.chars().any(char::is_alphanumeric) { part } else { "" }) {
        ["", name] | [name, ""] => Cow::Borrowed(name),
        [before, after] => Cow::Owned(format!("{before} {after}")),
    };
    ((!name.is_empty()).then_some(name), Some(&text[start..end]))
}

/// Where the mail address stands: the letters around the first `@` that has some on both sides.
fn address(text: &str) -> Option<(usize, usize)> {
    text.match_indices('@').find_map(|(at, _)| {
        let before = text[..at].bytes().rev().take_while(|byte| is_address(byte) || *byte == b'\'').count();
        // An Irish name has an apostrophe inside; at the beginning it is a quote.
        let before = text[at - before..at].trim_start_matches('\'').len();
        let after = text[at + 1..].bytes().take_while(is_address).count();
        let host = text[at + 1..at + 1 + after].trim_end_matches('.');
        let is_address = before > 0 && host.contains('.') && !host.starts_with('.');
        is_address.then_some((at - before, at + 1 + host.len()))
    })
}

fn is_address(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-".contains(byte)
}

/// Without the brackets and dashes that stood around the address or the name.
fn trim(text: &str) -> &str {
    let around = |c: char| c.is_whitespace() || "()<>[]\"',;:-«»（）：".contains(c);
    let name = text.trim_matches(around);
    if name.contains('(') && !name.contains(')') {
        // The bracket belongs to the name: `Ana (foto)`.
        return text.trim_start_matches(around).trim_end_matches(|c| c != ')' && around(c));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str, email: &str) {
        let (found_name, found_email) = split(text);
        assert_eq!((found_name.as_deref().unwrap_or(""), found_email.unwrap_or("")), (name, email), "{text}");
    }

    #[test]
    fn finds_the_address_in_every_spelling() {
        check("ana@example.org (Ana Anić)", "Ana Anić", "ana@example.org");
        check("Ana Anić (ana@example.org)", "Ana Anić", "ana@example.org");
        check("Ana Anić <ana+feed@example.org>", "Ana Anić", "ana+feed@example.org");
        check("mailto:ana@example.org", "", "ana@example.org");
        check("ana@example.org", "", "ana@example.org");
        check("ana@example.org.", "", "ana@example.org");
        check("r.o'neill@example.org (Róisín O'Neill)", "Róisín O'Neill", "r.o'neill@example.org");
        check("'ana@example.org'", "", "ana@example.org");
        check("mailto:ana@example.org?subject=RSS_feed", "", "ana@example.org");
    }

    #[test]
    fn a_name_alone_is_a_name() {
        check("Ana Anić", "Ana Anić", "");
        check("@ana", "@ana", "");
        check("ana@localhost", "ana@localhost", "");
        check("Ana (foto)", "Ana (foto)", "");
        check("  ", "", "");
    }

    #[test]
    fn letters_beside_the_address_may_be_of_any_script() {
        check("ana@example.org（山田太郎）", "山田太郎", "ana@example.org");
        check("記者：ana@example.org", "記者", "ana@example.org");
        check("Јован «ana@example.org»", "Јован", "ana@example.org");
    }
}

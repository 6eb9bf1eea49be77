//! Tags and text of anything that looks like XML. Never fails: what is no tag is text, and a tag
//! that does not end, ends where the next one begins. Comments and processing instructions are left
//! out. Every byte is looked at a fixed number of times.

use super::Tally;
use memchr::memchr;

/// A piece of the document; names and attributes as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name attributes>`, or `<name attributes/>` where `is_empty`.
    Start { name: &'a str, attributes: Attributes<'a>, is_empty: bool },
    /// `</name>`
    End { name: &'a str },
    /// With its references still in it.
    Text(&'a str),
    /// Characters that mean themselves.
    Literal(&'a str),
    /// The inside of `<!DOCTYPE …>`.
    Doctype(&'a str),
}

/// A reader of tokens.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// No more `"` and `'` after here: searched once, and not again for every open quote.
    quotes_ended: [bool; 2],
    comments_ended: bool,
    /// No `]>` that ends a doctype's inside after here.
    subsets_ended: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, quotes_ended: [false; 2], comments_ended: false, subsets_ended: false }
    }

    /// The next token, or `None` at the end.
    pub(super) fn next(&mut self, tally: &Tally) -> Option<Token<'a>> {
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                let length = memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.at += length;
                return Some(Token::Text(&rest[..length]));
            }
            match rest.as_bytes().get(1) {
                Some(b'!') => match self.declaration(rest, tally) {
                    Some(token) => return Some(token),
                    None => continue,
                },
                Some(b'?') => {
                    let length = rest.find('>').map_or(rest.len(), |end| end + 1);
                    // `?>` ends it; a `>` alone does where there is none.
                    let length = rest[..length].ends_with("?>").then_some(length);
                    self.at += length.or_else(|| rest.find("?>").map(|end| end + 2)).unwrap_or(rest.len());
                }
                Some(b'/') if rest[2..].starts_with(is_name_start) => return Some(self.end(rest)),
                Some(_) if rest[1..].starts_with(is_name_start) => return Some(self.start(rest, tally)),
                _ => return Some(self.literal(rest, tally)),
            }
        }
    }

    /// `<` that begins nothing.
    fn literal(&mut self, rest: &'a str, tally: &Tally) -> Token<'a> {
        tally.add("bare less-than sign", 1);
        self.at += 1;
        Token::Literal(&rest[..1])
    }

    /// `<!…`: a comment is skipped, CDATA is text.
    fn declaration(&mut self, rest: &'a str, tally: &Tally) -> Option<Token<'a>> {
        if let Some(inside) = rest.strip_prefix("<!--") {
            let end = if self.comments_ended { None } else { inside.find("-->") };
            if end.is_none() {
                self.comments_ended = true;
                tally.add("unclosed comment", 1);
            }
            let length = end.map(|end| end + 3).or_else(|| inside.find('>').map(|end| end + 1));
            self.at += 4 + length.unwrap_or(inside.len());
            return None;
        }
        if let Some(inside) = rest.strip_prefix("<![CDATA[") {
            let end = cdata_end(inside);
            if end.is_none() {
                tally.add("unclosed CDATA section", 1);
            }
            self.at += 9 + end.map_or(inside.len(), |end| end + 3);
            return Some(Token::Literal(&inside[..end.unwrap_or(inside.len())]));
        }
        let keyword = &rest.as_bytes()[2..rest.len().min(9)];
        if keyword.eq_ignore_ascii_case(b"doctype") {
            let whole = if self.subsets_ended { None } else { doctype_length(rest) };
            self.subsets_ended |= whole.is_none();
            // Where the internal subset has no end the first `>` has to do.
            let length = whole.or_else(|| rest.find('>').map(|end| end + 1)).unwrap_or(rest.len());
            self.at += length;
            return Some(Token::Doctype(&rest[9..length]));
        }
        if keyword.first().is_some_and(u8::is_ascii_uppercase) {
            // `<!ELEMENT …>` outside of a doctype.
            self.at += rest.find('>').map_or(rest.len(), |end| end + 1);
            return None;
        }
        Some(self.literal(rest, tally))
    }

    fn end(&mut self, rest: &'a str) -> Token<'a> {
        let inside = &rest[2..];
        let length = inside.find(['>', '<']).unwrap_or(inside.len());
        let closes = usize::from(inside[length..].starts_with('>'));
        self.at += 2 + length + closes;
        let name = inside[..length].split(|c: char| c.is_ascii_whitespace() || c == '/').next();
        Token::End { name: name.unwrap_or_default() }
    }

    fn start(&mut self, rest: &'a str, tally: &Tally) -> Token<'a> {
        let bytes = rest.as_bytes();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'<' | b'/');
        let name_end = bytes[1..].iter().position(is_end).map_or(bytes.len(), |length| 1 + length);
        let mut at = name_end;
        let mut after_equals = false;
        while at < bytes.len() {
            match bytes[at] {
                b'>' | b'<' => break,
                quote @ (b'"' | b'\'') if after_equals => match self.quoted(&rest[at + 1..], quote) {
                    Some(length) => at += 1 + length,
                    None => tally.add("unclosed quote", 1),
                },
                _ => {}
            }
            after_equals = bytes[at] == b'=' || after_equals && bytes[at].is_ascii_whitespace();
            at += 1;
        }
        let is_closed = bytes.get(at) == Some(&b'>');
        if !is_closed {
            tally.add("unclosed tag", 1);
        }
        self.at += at + usize::from(is_closed);
        let inside = &rest[name_end..at];
        let is_empty = inside.ends_with('/');
        let attributes = Attributes { rest: inside.strip_suffix('/').unwrap_or(inside) };
        Token::Start { name: &rest[1..name_end], attributes, is_empty }
    }

    /// How far the quoted value goes, if it can be believed: one that holds a whole `>` and then
    /// a `<` has lost its closing quote and found that of another tag.
    fn quoted(&mut self, rest: &str, quote: u8) -> Option<usize> {
        let ended = &mut self.quotes_ended[usize::from(quote == b'"')];
        if *ended {
            return None;
        }
        let Some(length) = rest.find(char::from(quote)) else {
            *ended = true;
            return None;
        };
        let value = &rest[..length];
        let has_lost_its_end = value.find('>').is_some_and(|end| value[end..].contains('<'));
        (!has_lost_its_end).then_some(length)
    }
}

/// Where `]]>` stands: brackets are rare, and looked for a word of the machine at a time.
pub(super) fn cdata_end(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = memchr(b']', &text.as_bytes()[from..]) {
        if text[from + at..].starts_with("]]>") {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// The whole of `<!DOCTYPE … [ … ]>`, if it has an end.
fn doctype_length(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'>' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// Names and raw values of a start tag, in order. Takes them unquoted or without a value too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// As written, between the name and the end of the tag.
    pub(super) fn raw(self) -> &'a str {
        self.rest
    }
}

/// More attributes on one element are an attack, or nothing that a feed needs.
const ATTRIBUTES_MAX: usize = 64;

impl<'a> IntoIterator for Attributes<'a> {
    type Item = (&'a str, &'a str);
    type IntoIter = std::iter::Take<AttributeIter<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        AttributeIter { rest: self.rest }.take(ATTRIBUTES_MAX)
    }
}

/// See [`Attributes`].
pub(super) struct AttributeIter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for AttributeIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest =
            self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '"' | '\'' | '='));
        if rest.is_empty() {
            return None;
        }
        let name_end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let Some(after) = after.trim_ascii_start().strip_prefix('=') else {
            self.rest = after;
            return Some((name, ""));
        };
        let after = after.trim_ascii_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let quoted = quote.and_then(|quote| after[1..].split_once(quote));
        let (value, after) = quoted.unwrap_or_else(|| {
            let end = after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len());
            (after[..end].trim_start_matches(['"', '\'']), &after[end..])
        });
        self.rest = after;
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let (mut tokens, tally, mut told) = (Tokens::new(text), Tally::default(), String::new());
        while let Some(token) = tokens.next(&tally) {
            match token {
                Token::Start { name, attributes, is_empty } => {
                    let attributes: Vec<String> =
                        attributes.into_iter().map(|(name, value)| format!(" {name}[{value}]")).collect();
                    told += &format!("({name}{}{})", attributes.concat(), if is_empty { "/" } else { "" });
                }
                Token::End { name } => told += &format!("(/{name})"),
                Token::Text(text) => told += text,
                Token::Literal(text) => told += &format!("[{text}]"),
                Token::Doctype(inside) => told += &format!("(doctype{inside})"),
            }
        }
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn reads_what_is_well_formed() {
        check("<a x='1' y=\"2>\">t<b/></a >", "(a x[1] y[2>])t(b/)(/a)");
        check("<?xml version='1.0'?><!-- c > --><a><![CDATA[<&]]></a>", "(a)[<&](/a)");
        check("<!DOCTYPE rss [ <!ENTITY a \"b\"> ]><rss/>", "(doctype rss [ <!ENTITY a \"b\"> ]>)(rss/)");
    }

    #[test]
    fn a_sign_that_begins_nothing_is_text() {
        check("a < b <3 </> <!' <", "a [<] b [<]3 [<]/> [<]!' [<]");
    }

    #[test]
    fn a_tag_without_an_end_ends_before_the_next() {
        check("<a x='1' <b>", "(a x[1])(b)");
        check("<a></a<b>", "(a)(/a)(b)");
        check("<a", "(a)");
    }

    #[test]
    fn a_quote_that_never_closes_is_a_character() {
        check("<a x=\"1>t</a>", "(a x[1])t(/a)");
        check("<a x=\"1>t</a><b y=\"2\">", "(a x[1])t(/a)(b y[2])");
    }

    #[test]
    fn attributes_may_lack_quotes_values_and_blanks() {
        check("<a x=1 y z='2'w=\"3\"/>", "(a x[1] y[] z[2] w[3]/)");
        check("<a x = '1' = />", "(a x[1]/)");
    }

    #[test]
    fn what_never_closes_ends_with_the_document() {
        check("<a><![CDATA[x <b>", "(a)[x <b>]");
        check("<a><!-- x ><b>", "(a)(b)");
        check("<!DOCTYPE x [ <a>", "(doctype x [ <a>)");
    }

    #[test]
    fn a_megabyte_of_open_quotes_takes_linear_time() {
        let bomb = "<a b=\"".repeat(200_000) + &"<!--".repeat(200_000) + &"<a b='".repeat(200_000);
        let (mut tokens, tally) = (Tokens::new(&bomb), Tally::default());
        while tokens.next(&tally).is_some() {}
    }
}

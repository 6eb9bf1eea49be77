//! Feeds with everything that publishers write into entries, made from numbers: the same in every
//! run.

use std::fmt::Write;

/// Numbers that look random (splitmix64).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).expect("smaller than a usize")
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// Pieces of titles, names and labels.
#[rustfmt::skip]
const TEXTS: [&str; 26] = [
    "KFOR pojačava patrole", "КФОР", "Kosovë", "R & D", "AT&T", "a < b > c", "&amp;", "&lt;b&gt;", "&#8217;", "]]>",
    "<![CDATA[", "<b>bold</b>", "</title>", "<script>alert(1)</script>", "<!-- -->", "\u{202e}abc\u{202c}", "\u{feff}",
    "e\u{301}\u{302}\u{303}", "\u{200b}", "\u{1f1fd}\u{1f1f0}", "\u{2028}", "\u{fffd}", "\"quoted\" 'twice'", "100%",
    "x,y;z", "{\"a\":[1]}",
];

/// What cannot stand in XML as it is, and references to it.
const ILLEGAL: [&str; 8] = ["\u{0}", "\u{8}", "\u{b}", "\u{fffe}", "&#0;", "&#xD800;", "&#xFFFF;", "\u{85}"];

#[rustfmt::skip]
const HTML: [&str; 14] = [
    "<p>One &amp; two</p>", "<p>]]&gt;</p>", "<img src='https://x.example/a b.png' alt='&quot;'>", "text only", "<br>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='/relative?a=1&amp;b=2'>y</a>", "<p>unclosed <b>bold", "<table><tr><td>1",
    "<script>alert(1)</script>", "<pre>  two  spaces\n</pre>", "&nbsp;&copy;&#x1F600;", "<p title='<img src=x onerror=y>'>t</p>",
    "<blockquote cite='https://x.example/'>q</blockquote>",
];

#[rustfmt::skip]
const IDS: [&str; 18] = [
    "https://o.example/", "https://o.example/?p=", "HTTP://O.example/%7e", "tag:o.example,2020:", "tag:o.example:", "urn:uuid:",
    "urn:isbn:", "17-", " spaced id ", "yt:video:", "a:", "javascript:alert", "http:///x", "//o.example/", "id with < & > \" ",
    "https://пример.срб/вест/", "mailto:a@b.example?", "same",
];

#[rustfmt::skip]
const ADDRESSES: [&str; 11] = [
    "https://o.example/a?b=1&amp;c=2#d", "https://o.example/a b", "https://o.example/č/š", "/relative", "http://o.example:80/",
    "https://o.example/[x]|{y}^`", "javascript:alert(1)", "ftp://o.example/a", "", "https://o.example/%zz",
    "https://intranet/file.mp3",
];

#[rustfmt::skip]
const DATES: [&str; 14] = [
    "2026-03-01T08:00:00Z", "2026-03-01T08:00:00.999+02:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "9999-12-31T23:59:59Z", "99999-01-01T00:00:00Z",
    "yesterday", "", "2026-02-30T25:61:61Z", "Mon, 01 Mar 2026 08:00:00 GMT",
];

const LANGUAGES: [&str; 8] = ["sr-Cyrl", "sq", "hbs", "en_GB", "x", "<b>", "en--", "sr-and-far-more-than-anyone-needs"];

/// An Atom feed of a few entries. Whoever reads it repairs what has to be repaired.
pub fn feed(numbers: &mut Numbers) -> String {
    let mut feed =
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:media=\"http://search.yahoo.com/mrss/\">".to_owned();
    write!(feed, "<title>{}</title><id>https://o.example/feed</id>", escaped(&text(numbers)))
        .expect("a String takes all");
    for _ in 0..1 + numbers.below(4) {
        feed += "<entry>";
        feed += &entry(numbers);
        feed += "</entry>";
    }
    feed + "</feed>"
}

fn entry(numbers: &mut Numbers) -> String {
    let mut parts: Vec<String> = Vec::new();
    let is_there = |numbers: &mut Numbers| numbers.below(4) > 0;
    if is_there(numbers) {
        let id = format!("{}{}", numbers.one_of(&IDS), numbers.below(30));
        parts.push(format!("<id>{}</id>", escaped(&id)));
    }
    if is_there(numbers) {
        parts.push(format!("<title>{}</title>", escaped(&text(numbers))));
    }
    if numbers.below(40) == 0 {
        parts.push(format!("<title>{}</title>", "long ".repeat(20_000)));
    }
    if is_there(numbers) {
        parts.push(format!("<link href=\"{}\"/>", numbers.one_of(&ADDRESSES)));
    }
    for element in ["summary", "content"] {
        if is_there(numbers) {
            let html: String = (0..1 + numbers.below(3)).map(|_| numbers.one_of(&HTML)).collect();
            parts.push(format!("<{element} type=\"html\">{}{}</{element}>", escaped(&html), illegal(numbers)));
        }
    }
    for element in ["published", "updated"] {
        parts.push(format!("<{element}>{}</{element}>", numbers.one_of(&DATES)));
    }
    for _ in 0..numbers.below(4) {
        parts.push(format!("<category term=\"{}\"/>", escaped(&text(numbers))));
        parts.push(format!("<author><name>{}</name></author>", escaped(&text(numbers))));
    }
    for _ in 0..numbers.below(9) {
        let address = numbers.one_of(&ADDRESSES);
        parts.push(format!("<link rel=\"enclosure\" href=\"{address}\" type=\"audio/mpeg\" length=\"-1\"/>"));
    }
    if numbers.below(3) == 0 {
        parts.push(format!("<media:thumbnail url=\"{}\"/>", numbers.one_of(&ADDRESSES)));
        parts.push(format!("<rights>{}</rights>", escaped(&text(numbers))));
        parts.push(
            "<source><id>https://agency.example/</id><link href=\"https://agency.example/\"/></source>".to_owned(),
        );
    }
    let language = numbers.one_of(&LANGUAGES);
    parts.concat().replacen("<title>", &format!("<title xml:lang=\"{}\">", escaped(language)), 1)
}

fn text(numbers: &mut Numbers) -> String {
    let words: Vec<&str> = (0..1 + numbers.below(4)).map(|_| numbers.one_of(&TEXTS)).collect();
    words.join(" ") + illegal(numbers)
}

fn illegal(numbers: &mut Numbers) -> &'static str {
    if numbers.below(4) == 0 { numbers.one_of(&ILLEGAL) } else { "" }
}

/// All but references to what is illegal, which are to be met as such.
fn escaped(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    ILLEGAL
        .iter()
        .filter(|illegal| illegal.starts_with('&'))
        .fold(escaped, |text, reference| text.replace(&reference.replace('&', "&amp;"), reference))
}

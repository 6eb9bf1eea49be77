//! An entry's text, as it stands on our page. It was made safe when it was read; here it is made
//! quiet: nothing in it asks anyone for anything until a reader says so. Pictures and recordings
//! become links, headings stand below ours, and the words that gave the entry its topics are marked.

use super::super::Site;
use super::super::address::web;
use super::super::item::Item;
use super::super::text::{Piece, decoded, escaped, line, pieces};
use super::marks::{Marker, words};
use maud::{Markup, PreEscaped, html};

/// The entry's text. The only place where HTML from outside stands as it is.
pub(super) fn body(site: &Site, item: &Item) -> Markup {
    let text = item.content.as_ref().or(item.summary.as_ref());
    let marker = Marker::new(&words(item, &["summary", "content", "title"]));
    html! {
        @if let Some(text) = text {
            div.body lang=[item.language.as_deref()] dir="auto" { (PreEscaped(quiet(site, text, marker))) }
        }
    }
}

fn quiet(site: &Site, html: &str, mut marker: Marker) -> String {
    let mut quiet = Quiet { site, written: String::with_capacity(html.len()), is_in_link: false, recording: None };
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => marker.mark(text, &mut quiet.written),
            Piece::Tag(tag) => quiet.tag(tag),
        }
    }
    quiet.written
}

struct Quiet<'a> {
    site: &'a Site,
    written: String,
    is_in_link: bool,
    /// What an open `audio` or `video` is called; `None` once it has its link.
    recording: Option<&'static str>,
}

impl Quiet<'_> {
    fn tag(&mut self, tag: &str) {
        let is_end = tag.starts_with("</");
        let name = name(tag);
        match name.as_str() {
            "img" => self.link(self.site.say("Picture"), tag, "src"),
            "video" | "audio" => {
                let what = if name == "video" { self.site.say("Video") } else { self.site.say("Recording") };
                self.recording = Some(what).filter(|_| !is_end);
                self.recorded(tag);
            }
            "source" => self.recorded(tag),
            "picture" | "track" => {}
            "a" => {
                self.is_in_link = !is_end;
                self.written.push_str(tag);
            }
            // Ours are h1 and h2.
            "h1" | "h2" | "h3" | "h4" => self.renamed(tag, &name, if name == "h1" { "h3" } else { "h4" }),
            // The page's own landmarks lead through it.
            "nav" | "aside" | "header" | "footer" | "main" | "article" | "section" => self.renamed(tag, &name, "div"),
            _ => self.written.push_str(tag),
        }
    }

    fn renamed(&mut self, tag: &str, name: &str, to: &str) {
        let slash = if tag.starts_with("</") { "/" } else { "" };
        self.written.push_str(&format!("<{slash}{to}{}", &tag[1 + slash.len() + name.len()..]));
    }

    /// The first address of a recording becomes its link.
    fn recorded(&mut self, tag: &str) {
        if let Some(what) = self.recording
            && attribute(tag, "src").is_some()
        {
            self.link(what, tag, "src");
            self.recording = None;
        }
    }

    /// `Picture: soldiers at a bridge`, leading to what would have been loaded; a word alone within a
    /// link, which holds no other.
    fn link(&mut self, what: &str, tag: &str, address: &str) {
        let words = attribute(tag, "alt").or(attribute(tag, "title")).and_then(|words| line(&words));
        let text = words.map_or(what.to_owned(), |words| format!("{what}: {words}"));
        let target = attribute(tag, address).and_then(|address| web(&address)).filter(|_| !self.is_in_link);
        let text = escaped(&text);
        match target {
            Some(target) => self.written.push_str(&format!(
                "<a class=\"pic\" href=\"{}\" rel=\"noopener noreferrer nofollow\">{text}</a>",
                escaped(&target)
            )),
            None => self.written.push_str(&format!("<span class=\"pic\">{text}</span>")),
        }
    }
}

/// In lower case.
fn name(tag: &str) -> String {
    let name = tag.trim_start_matches(['<', '/']);
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase()
}

/// An attribute's value, as text. Safe HTML writes every value in double quotes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.trim_end_matches(['>', '/']);
    rest = rest.split_once(|letter: char| letter.is_ascii_whitespace())?.1;
    while let Some((before, after)) = rest.split_once("=\"") {
        let (value, next) = after.split_once('"')?;
        let found = before.rsplit(|letter: char| letter.is_ascii_whitespace()).next()?;
        if found.eq_ignore_ascii_case(name) {
            return Some(decoded(value));
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples::site;

    fn check(html: &str, expected: &str) {
        assert_eq!(quiet(&site(), html, Marker::new(&["KFOR"])), expected, "{html}");
    }

    const LINK: &str = "<a class=\"pic\" href=\"https://e.org/a\" rel=\"noopener noreferrer nofollow\">";

    #[test]
    fn pictures_and_recordings_wait_for_a_click() {
        check("<p>a<img src=\"https://e.org/a\">b</p>", &format!("<p>a{LINK}Picture</a>b</p>"));
        check(
            "<img alt=\"a &lt; b\" src=\"https://e.org/a\" srcset=\"x 2x\">",
            &format!("{LINK}Picture: a &lt; b</a>"),
        );
        check(
            "<a href=\"x\"><img src=\"https://e.org/a\" alt=\"A\"></a>",
            "<a href=\"x\"><span class=\"pic\">Picture: A</span></a>",
        );
        check("<picture><source srcset=\"x\"><img src=\"https://e.org/a\"></picture>", &format!("{LINK}Picture</a>"));
        check(
            "<video poster=\"x\"><source src=\"https://e.org/a\"><source src=\"https://e.org/b\"><track src=\"y\">old</video>",
            &format!("{LINK}Video</a>old"),
        );
        check("<audio src=\"https://e.org/a\" controls></audio>", &format!("{LINK}Recording</a>"));
        check("<img src=\"javascript:x\">", "<span class=\"pic\">Picture</span>");
        check("<img>", "<span class=\"pic\">Picture</span>");
        check("<IMG", "<span class=\"pic\">Picture</span>");
        // What looks like a picture stays within its quotes.
        check("<a title=\"<img src=x>\">b</a>", "<a title=\"<img src=x>\">b</a>");
        check("<p title='x' data=\"1\">&lt;img", "<p title='x' data=\"1\">&lt;img");
    }

    #[test]
    fn headings_stand_below_ours_and_landmarks_are_ours_alone() {
        check("<h1 lang=\"sr\">a</h1><h2>b</h2><h5>c</h5>", "<h3 lang=\"sr\">a</h3><h4>b</h4><h5>c</h5>");
        check("<nav>a</nav><main dir=\"rtl\">b</main>", "<div>a</div><div dir=\"rtl\">b</div>");
    }

    #[test]
    fn marks_words_in_texts_and_never_in_tags() {
        check("<a href=\"/KFOR\" title=\"KFOR\">KFOR</a>", "<a href=\"/KFOR\" title=\"KFOR\"><mark>KFOR</mark></a>");
    }
}

//! The stories of other languages that tell of the same: which languages, and whose report stands for
//! each. What makes us think so is for `why`.

use super::super::item::Item;
use super::super::{Links, Site};
use crate::feed::{ContentMode, LinkedStory};
use maud::{Markup, html};

/// A part of a page's side; nothing where there are none.
pub(super) fn section(site: &Site, linked: &[LinkedStory]) -> Markup {
    html! {
        @if !linked.is_empty() {
            section #languages {
                h2 { (site.say("In other languages")) }
                ul.l { @for story in linked { li { (one(site, story)) } } }
            }
        }
    }
}

fn one(site: &Site, linked: &LinkedStory) -> Markup {
    let item = Item::new(site, &linked.first, ContentMode::Title);
    let page = match site.links {
        Links::Served => site.story_link(&linked.story.uid),
        // Not every story has a file.
        _ => site.entry_link(&item.uid),
    };
    html! {
        span {
            @if let Some(tag) = item.language.as_deref() { b lang=(tag) { (name(tag)) } ": " }
            @match page.as_ref().or(item.link.as_ref()) {
                Some(link) => a href=(link) rel=[page.is_none().then_some("nofollow")] {
                    bdi lang=[item.language.as_deref()] { (item.heading) }
                },
                None => bdi lang=[item.language.as_deref()] { (item.heading) },
            }
            " "
            span.dim {
                @match &item.link {
                    Some(link) => a href=(link) rel="nofollow" { (item.source.title) },
                    None => (item.source.title),
                }
            }
        }
        @if linked.story.outlets > 1 {
            span.dim { (site.count("{} outlet|{} outlets", linked.story.outlets)) }
        }
    }
}

/// A language as its speakers call it, so that they see it in whatever language the page is; its tag
/// where it is none of those that our readers are likely to meet.
fn name(tag: &str) -> &str {
    let primary = tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase();
    match primary.as_str() {
        "ar" => "العربية",
        "bg" => "български",
        "bs" => "bosanski",
        "cnr" => "crnogorski",
        "cs" => "čeština",
        "de" => "Deutsch",
        "el" => "ελληνικά",
        "en" => "English",
        "es" => "español",
        "fr" => "français",
        "hbs" | "sh" => "srpskohrvatski",
        "hr" => "hrvatski",
        "hu" => "magyar",
        "it" => "italiano",
        "mk" => "македонски",
        "nl" => "Nederlands",
        "pl" => "polski",
        "pt" => "português",
        "ro" => "română",
        "ru" => "русский",
        "sk" => "slovenčina",
        "sl" => "slovenščina",
        "sq" => "shqip",
        "sr" => "srpski",
        "tr" => "Türkçe",
        "uk" => "українська",
        _ => tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_called_as_its_speakers_call_it() {
        assert_eq!(["sq", "de-AT", "EL", "xx"].map(name), ["shqip", "Deutsch", "ελληνικά", "xx"]);
    }
}

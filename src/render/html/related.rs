//! What else may interest whoever reads an entry: its story, and related posts.

use super::super::Site;
use super::super::item::Item;
use super::{LONG, time};
use crate::feed::{ContentMode, KeptEntry, LinkedStory, StoryName};
use maud::{Markup, html};

/// What an entry's page shows beside it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Related {
    /// The entry's story, where more than one entry tells of it.
    pub story: Option<StoryName>,
    /// How many of `posts` tell of the same event; those come first.
    pub of_story: usize,
    /// The nearest first.
    pub posts: Vec<KeptEntry>,
    /// Stories in other languages that tell of the same event.
    pub linked: Vec<LinkedStory>,
}

/// The part of an entry's page; nothing where nothing is related.
pub(super) fn section(site: &Site, related: &Related) -> Markup {
    html! {
        @if let Some(story) = &related.story {
            p.go {
                a href=[site.story_link(&story.uid)] {
                    (site.say("The whole story")) " · " (site.count("{} outlet|{} outlets", story.outlets)) " →"
                }
            }
        }
        @if !related.posts.is_empty() {
            section.out #related {
                div.top2 { h2 { (site.say("Related posts")) } }
                @for (place, kept) in related.posts.iter().enumerate() { (post(site, kept, place < related.of_story)) }
            }
        }
    }
}

fn post(site: &Site, kept: &KeptEntry, is_of_story: bool) -> Markup {
    let item = Item::new(site, kept, ContentMode::Title);
    html! {
        article.e.brief {
            h3 lang=[item.language.as_deref()] dir="auto" {
                @match (site.entry_link(&item.uid), &item.link) {
                    (Some(page), _) => a href=(page) { (item.heading) },
                    (None, Some(link)) => a href=(link) rel="nofollow" { (item.heading) },
                    (None, None) => (item.heading),
                }
            }
            p.m {
                b { (item.source.title) }
                span.s { (time(site, item.published, LONG)) }
                @if is_of_story { span.s { (site.say("the same story")) } }
            }
        }
    }
}

//! How to subscribe: an output's address, ready to be copied, and its formats. The one script of all
//! pages makes the buttons copy; without it they stay hidden, and a click on an address selects it.

use super::super::{Format, Site, channel};
use super::label;
use crate::feed::Output;
use maud::{Markup, html};

/// What makes the buttons copy.
pub(super) const SCRIPT: &str = include_str!("copy.js");

/// An output's address to be copied, with a word on what it is for, and the other formats.
pub(super) fn subscribe(site: &Site, output: &Output) -> Markup {
    html! {
        section.sub aria-label=(site.fill("Subscribe to {}", &label(site, output))) {
            p { b { (site.say("Subscribe")) } " " (site.say("Give this address to your feed reader:")) }
            p.field {
                code { (site.output_address(&output.id, Format::Atom)) }
                (copy_button(site, output))
            }
            (feed_links(site, output))
        }
    }
}

/// The address again is not worth its room: a button and the formats.
pub(super) fn subscribe_briefly(site: &Site, output: &Output) -> Markup {
    html! {
        div.brief { (feed_links(site, output)) (copy_button(site, output)) }
    }
}

fn copy_button(site: &Site, output: &Output) -> Markup {
    let name = label(site, output);
    html! {
        button type="button" hidden aria-live="polite" title=(site.fill("Copy the address of {}", &name))
            data-copy=(site.output_address(&output.id, Format::Atom)) data-done=(site.say("Copied")) {
            (site.say("Copy address"))
        }
    }
}

/// Links to an output's feeds.
fn feed_links(site: &Site, output: &Output) -> Markup {
    let title = channel::title(output);
    html! {
        p.get {
            @for (format, name) in Format::FEEDS {
                a href=(site.output_link(&output.id, format)) type=(format.link_type()) aria-label={ (name) ": " (title) } { (name) }
            }
        }
    }
}

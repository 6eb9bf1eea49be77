//! The feed of the feeds' health: what broke, fell silent, moved, ended or came back, an entry each.

use super::{Chain, Format, Site, document_in};
use crate::feed::{Collapse, Entry, EntryKey, EventKind, FeedEvent, KeptEntry, Output};

/// Its id among the outputs; no other may have it.
pub const HEALTH: &str = "health";

/// The events in one format, the newest first as they come.
pub fn health_document(site: &Site, format: Format, events: &[FeedEvent]) -> Vec<u8> {
    let output = Output {
        languages: vec!["en".to_owned()],
        collapse: Collapse::None,
        items: events.len(),
        at_least: std::time::Duration::ZERO,
        ..Output::new(HEALTH, "Health of the feeds")
    };
    let entries: Vec<KeptEntry> = events.iter().filter_map(|event| entry(site, event)).collect();
    document_in(site, &output, format, &entries, Chain::default())
}

fn entry(site: &Site, event: &FeedEvent) -> Option<KeptEntry> {
    let feed = &event.feed;
    let name = format!("health/{}/{}/{}", feed.id, event.kind.word(), event.since.timestamp());
    let what = match event.kind {
        EventKind::Broken => "cannot be read",
        EventKind::Silent => "has fallen silent",
        EventKind::Moved => "has moved",
        EventKind::Ended => "has ended",
        EventKind::Back => "is back",
    };
    let id = site.tag_uri(&name);
    let entry = Entry {
        id: Some(id.clone()),
        title: Some(format!("{} {what}", feed.title)),
        summary: Some(format!("<p>{}</p>", super::text::escaped(&event.sentence))),
        link: site.status_address(),
        language: Some("en".to_owned()),
        published: Some(event.at),
        ..Entry::new(EntryKey::new(id)?)
    };
    Some(KeptEntry {
        number: event.number,
        uid: name,
        feed: feed.clone(),
        entry,
        first_seen_at: event.at,
        sorted_at: event.at,
        updated_at: event.at,
        tags: Vec::new(),
        also_in: Vec::new(),
        story: None,
    })
}

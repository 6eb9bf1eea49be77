//! JSON Feed 1.1, with what it has no words for under `_glasnik`.

use super::item::{Copy, Item, ItemFeed, ItemTopic};
use super::people::Author;
use super::text::excerpt;
use super::{Chain, Format, Site, channel};
use crate::feed::{Match, Output, Relation};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

/// An output as JSON Feed.
pub(super) fn write(site: &Site, output: &Output, items: &[Item], chain: Chain) -> Vec<u8> {
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: channel::title(output),
        description: channel::description(site, output),
        home_page_url: site.output_address(&output.id, Format::Html),
        feed_url: site.own_address(&output.id, Format::Json, chain),
        next_url: chain.older.map(|last| site.archive_address(&output.id, last, Format::Json)),
        language: channel::language_of(output),
        authors: vec![JsonAuthor { name: channel::site_title(site), url: Some(site.base_url.clone()) }],
        items: items.iter().map(|item| json_item(site, item)).collect(),
    };
    let mut document = serde_json::to_vec(&feed).expect("plain structs with text keys always serialize");
    document.push(b'\n');
    document
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: String,
    description: String,
    home_page_url: String,
    feed_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    authors: Vec<JsonAuthor>,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_html: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: String,
    date_modified: String,
    authors: Vec<JsonAuthor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
    _glasnik: Ours<'a>,
}

#[derive(Serialize)]
struct JsonAuthor {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

/// Where an item comes from and why it is here.
#[derive(Serialize)]
struct Ours<'a> {
    uid: &'a str,
    feed: JsonSource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a str>,
    topics: Vec<JsonTopic<'a>>,
    also_in: Vec<JsonCopy<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<JsonStory<'a>>,
    first_seen: String,
}

/// The story that an item stands for.
#[derive(Serialize)]
struct JsonStory<'a> {
    uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    outlets: usize,
}

#[derive(Serialize)]
struct JsonSource<'a> {
    id: &'a str,
    title: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonTopic<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    score: f64,
    matched: &'a [Match],
}

#[derive(Serialize)]
struct JsonCopy<'a> {
    feed: JsonSource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    relation: Relation,
}

fn json_item<'a>(site: &Site, item: &'a Item) -> JsonItem<'a> {
    let content_html = item.content.as_deref().or(item.summary.as_deref());
    // Only beside a longer text: else it is the content.
    let summary = item.content.as_ref().and(item.summary.as_deref()).map(|html| excerpt(html, SUMMARY_CHARS));
    JsonItem {
        id: &item.id,
        url: item.link.as_deref(),
        title: item.title.as_deref(),
        content_html,
        content_text: content_html.is_none().then_some(&item.heading),
        summary: summary.filter(|summary| !summary.is_empty()),
        image: item.thumbnail.as_deref(),
        date_published: date(item.published),
        date_modified: date(item.updated),
        authors: item.authors_or_source().into_iter().map(author).collect(),
        tags: tags(item),
        language: item.language.as_deref(),
        attachments: item.enclosures.iter().map(attachment).collect(),
        _glasnik: Ours {
            uid: &item.uid,
            feed: source(&item.source),
            via: item.via.as_deref(),
            topics: item.topics.iter().map(topic).collect(),
            also_in: item.also_in.iter().map(copy).collect(),
            story: item.story.as_ref().map(|story| JsonStory {
                uid: &story.uid,
                url: site.story_address(&story.uid),
                outlets: story.outlets,
            }),
            first_seen: date(item.first_seen),
        },
    }
}

/// A summary is plain text here, of "a sentence or two".
const SUMMARY_CHARS: usize = 1000;

fn author(author: Author) -> JsonAuthor {
    JsonAuthor { name: author.name, url: author.uri }
}

fn tags(item: &Item) -> Vec<&str> {
    let mut tags: Vec<&str> = item.topics.iter().map(|topic| topic.id.as_str()).collect();
    for category in &item.categories {
        if !tags.contains(&category.term.as_str()) {
            tags.push(&category.term);
        }
    }
    tags
}

fn attachment(enclosure: &crate::feed::Enclosure) -> Attachment<'_> {
    Attachment {
        url: &enclosure.url,
        mime_type: enclosure.media_type.as_deref().unwrap_or("application/octet-stream"),
        size_in_bytes: enclosure.length,
    }
}

fn source(feed: &ItemFeed) -> JsonSource<'_> {
    JsonSource { id: &feed.id, title: &feed.title, url: &feed.url, link: feed.link.as_deref() }
}

fn topic(topic: &ItemTopic) -> JsonTopic<'_> {
    JsonTopic { id: &topic.id, title: topic.title.as_deref(), score: topic.score, matched: &topic.matched }
}

fn copy(copy: &Copy) -> JsonCopy<'_> {
    JsonCopy {
        feed: source(&copy.feed),
        url: copy.link.as_deref(),
        title: copy.title.as_deref(),
        relation: copy.relation,
    }
}

fn date(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use crate::render::samples::{full, output, site, small};
    use crate::render::{Format, document};
    use serde_json::{Value, json};

    #[test]
    fn writes_all_that_is_known_of_an_entry_and_no_more() {
        let document = document(&site(), &output("security", &["security"]), Format::Json, &[full(), small()]);
        let document: Value = serde_json::from_slice(&document).expect("JSON");
        let expected = json!({
         "version": "https://jsonfeed.org/version/1.1",
         "title": "Western Balkans security",
         "description": "Western Balkans security, collected by Western Balkans monitor",
         "home_page_url": "https://feeds.example.org/feeds/security.html",
         "feed_url": "https://feeds.example.org/feeds/security.json",
         "authors": [
          {
           "name": "Western Balkans monitor",
           "url": "https://feeds.example.org/"
          }
         ],
         "items": [
          {
           "id": "tag:balkan.example,2026:17",
           "url": "https://balkan.example/17?a=1&b=2",
           "title": "КФОР појачава патроле & „мере“ <на северу>",
           "content_html": "<p>KFOR pojačava <b>patrole</b>. ]]&gt;</p><img src=\"https://balkan.example/a.png\"><p>Also in: <a href=\"https://wire.example/kfor\">The wire</a></p>",
           "summary": "Више патрола & мера.",
           "image": "https://balkan.example/17.jpg?w=1&h=2",
           "date_published": "2026-03-02T09:00:00Z",
           "date_modified": "2026-03-02T10:30:00Z",
           "authors": [
            {
             "name": "Ана Ковач",
             "url": "https://balkan.example/ana"
            }
           ],
           "tags": [
            "security",
            "Вести",
            "NATO & EU"
           ],
           "language": "sr-Cyrl",
           "attachments": [
            {
             "url": "https://balkan.example/17.mp3",
             "mime_type": "audio/mpeg",
             "size_in_bytes": 1234
            },
            {
             "url": "https://balkan.example/17.pdf",
             "mime_type": "application/pdf",
             "size_in_bytes": 1234
            }
           ],
           "_glasnik": {
            "uid": "bbbbbbbbbbbbbbb3",
            "feed": {
             "id": "balkan",
             "title": "Balkan desk",
             "url": "https://balkan.example/feed",
             "link": "https://balkan.example/"
            },
            "via": "https://agency.example/feed",
            "topics": [
             {
              "id": "security",
              "title": "Western Balkans security",
              "score": 2.0,
              "matched": [
               {
                "term": "kfor",
                "found": "КФОР",
                "field": "title",
                "language": "any"
               },
               {
                "term": "patrola",
                "found": "patrole",
                "field": "content",
                "language": "hbs"
               }
              ]
             }
            ],
            "also_in": [
             {
              "feed": {
               "id": "wire",
               "title": "The wire",
               "url": "https://wire.example/feed",
               "link": "https://wire.example/"
              },
              "url": "https://wire.example/kfor",
              "title": "KFOR steps up patrols",
              "relation": "copy"
             }
            ],
            "first_seen": "2026-03-02T09:05:00Z"
           }
          },
          {
           "id": "https://wire.example/1",
           "url": "https://wire.example/1",
           "title": "Talks resume",
           "content_text": "Talks resume",
           "date_published": "2026-03-01T08:00:00Z",
           "date_modified": "2026-03-01T08:00:00Z",
           "authors": [
            {
             "name": "The wire",
             "url": "https://wire.example/"
            }
           ],
           "_glasnik": {
            "uid": "aaaaaaaaaaaaaaa2",
            "feed": {
             "id": "wire",
             "title": "The wire",
             "url": "https://wire.example/feed",
             "link": "https://wire.example/"
            },
            "topics": [],
            "also_in": [],
            "first_seen": "2026-03-01T08:00:00Z"
           }
          }
         ]
        });
        assert_eq!(document, expected);
    }
}

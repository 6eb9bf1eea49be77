//! Script that hides in feeds: every vector in every field of every dialect, read, and what is left
//! of it read again by strangers. Texts may show a vector as text; nothing may act.

use super::invariants;
use super::vectors::{ADDRESSES, HTML};
use glasnik::feed::Feed;
use glasnik::ingest::{self, Context};
use serde_json::json;
use url::Url;

#[test]
fn no_script_survives_in_rss() {
    let items = vectors(|vector| {
        let (text, cdata) = (escaped(vector), vector.replace("]]>", "]]]]><![CDATA[>"));
        format!(
            "<item><title>{text}</title><guid>{text}</guid><link>{text}</link><comments>{text}</comments>\
             <author>{text}</author><dc:creator>{text}</dc:creator><category domain=\"{text}\">{text}</category>\
             <description>{text}</description><content:encoded><![CDATA[{cdata}]]></content:encoded>\
             <dc:rights>{text}</dc:rights><source url=\"{text}\">{text}</source><cc:license>{text}</cc:license>\
             <enclosure url=\"{text}\" type=\"{text}\" length=\"{text}\"/><pubDate>{text}</pubDate>\
             <media:group><media:content url=\"{text}\" type=\"video/{text}\"/><media:thumbnail url=\"{text}\"/>\
             <media:title>{text}</media:title><media:description type=\"html\">{text}</media:description></media:group>\
             <itunes:image href=\"{text}\"/><itunes:keywords>{text}</itunes:keywords><itunes:author>{text}</itunes:author>\
             <feedburner:origLink>{text}</feedburner:origLink><xhtml:body>{text}</xhtml:body></item>\
             <item><guid>2{text}</guid><itunes:summary>{text}</itunes:summary><itunes:subtitle>{text}</itunes:subtitle></item>\
             <item><guid>3{text}</guid><media:description>{text}</media:description><dc:description>{text}</dc:description></item>\
             <item><guid>4{text}</guid><summary>{text}</summary><description>{text}</description></item>"
        )
    });
    check("rss", &format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>"));
}

#[test]
fn no_script_survives_in_a_feeds_own_fields() {
    for vector in HTML.iter().chain(&ADDRESSES) {
        let text = escaped(vector);
        check(
            vector,
            &format!(
                "<rss version=\"2.0\"><channel><title>{text}</title><link>{text}</link><description>{text}</description>\
                 <language>{text}</language><copyright>{text}</copyright><managingEditor>{text}</managingEditor>\
                 <webMaster>{text}</webMaster><category>{text}</category><generator uri=\"{text}\">{text}</generator>\
                 <atom:link rel=\"hub\" href=\"{text}\"/><atom:link rel=\"self\" href=\"{text}\" title=\"{text}\"/>\
                 <image><url>{text}</url><title>{text}</title><link>{text}</link></image><ttl>{text}</ttl>\
                 <itunes:owner><itunes:name>{text}</itunes:name><itunes:email>{text}</itunes:email></itunes:owner>\
                 </channel></rss>"
            ),
        );
        check(
            vector,
            &format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"{text}\"><id>{text}</id><icon>{text}</icon>\
                 <logo>{text}</logo><title type=\"html\">{text}</title><subtitle type=\"html\">{text}</subtitle>\
                 <rights type=\"html\">{text}</rights><generator uri=\"{text}\" version=\"{text}\">{text}</generator>\
                 <author><name>{text}</name><uri>{text}</uri><email>{text}</email></author></feed>"
            ),
        );
    }
}

#[test]
fn no_script_survives_in_atom() {
    for kind in ["text", "html", "application/xhtml+xml", ""] {
        let entries = vectors(|vector| {
            let text = escaped(vector);
            format!(
                "<entry xml:base=\"{text}\" xml:lang=\"{text}\"><id>{text}</id><title type=\"{kind}\">{text}</title>\
                 <link href=\"{text}\" rel=\"{text}\" type=\"{text}\" title=\"{text}\" hreflang=\"{text}\"/>\
                 <link href=\"{text}\"/><link rel=\"enclosure\" href=\"{text}\" type=\"image/png\"/>\
                 <link rel=\"replies\" type=\"text/html\" href=\"{text}\"/>\
                 <author><name>{text}</name><uri>{text}</uri><email>{text}</email></author>\
                 <contributor><name>{text}</name></contributor><rights type=\"{kind}\">{text}</rights>\
                 <category term=\"{text}\" label=\"{text}\" scheme=\"{text}\"/><summary type=\"{kind}\">{text}</summary>\
                 <source><id>{text}</id><title type=\"{kind}\">{text}</title><link href=\"{text}\"/></source>\
                 <content type=\"{kind}\">{text}</content></entry>\
                 <entry><id>2{text}</id><content src=\"{text}\" type=\"{text}\"/></entry>"
            )
        });
        check(kind, &format!("<feed xmlns=\"http://www.w3.org/2005/Atom\">{entries}</feed>"));
    }
}

#[test]
fn no_script_survives_in_markup_that_is_not_escaped() {
    for vector in HTML {
        check(
            vector,
            &format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>1</id><content type=\"xhtml\">\
                 <div xmlns=\"http://www.w3.org/1999/xhtml\">{vector}</div></content></entry></feed>"
            ),
        );
        check(
            vector,
            &format!("<rss><channel><item><guid>1</guid><description>{vector}</description></item></channel></rss>"),
        );
        check(vector, &format!("<rss><channel><item><guid>1</guid><title>{vector}</title></item></channel></rss>"));
    }
}

#[test]
fn no_script_survives_in_base64() {
    let entries = vectors(|vector| {
        let text = base64(vector);
        format!(
            "<entry><id>{text}</id><title mode=\"base64\" type=\"text/html\">{text}</title>\
             <summary mode=\"base64\" type=\"text/html\">{text}</summary>\
             <content mode=\"base64\" type=\"text/html\">{text}</content></entry>\
             <entry><id>2{text}</id><content type=\"application/octet-stream\">{text}</content></entry>"
        )
    });
    check("base64", &format!("<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\">{entries}</feed>"));
}

#[test]
fn no_script_survives_in_json() {
    let items: Vec<_> = HTML
        .iter()
        .chain(&ADDRESSES)
        .enumerate()
        .map(|(number, vector)| {
            json!({
                "id": format!("{number}{vector}"), "url": vector, "external_url": vector, "title": vector,
                "summary": vector, "content_html": vector, "image": vector, "banner_image": vector,
                "date_published": vector, "language": vector, "tags": [vector],
                "authors": [{ "name": vector, "url": vector, "avatar": vector }],
                "attachments": [{ "url": vector, "mime_type": vector, "title": vector, "size_in_bytes": vector }],
            })
        })
        .collect();
    let vector = ADDRESSES[0];
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": HTML[0], "description": HTML[0], "items": items,
        "home_page_url": vector, "feed_url": vector, "icon": vector, "favicon": vector, "next_url": vector,
        "hubs": [{ "type": "WebSub", "url": vector }], "language": vector,
        "authors": [{ "name": HTML[0], "url": vector }],
    });
    check("json", &feed.to_string());
    check("json", &feed.to_string().replace("content_html", "content_text"));
}

#[test]
fn there_are_vectors_enough() {
    assert!(HTML.len() + ADDRESSES.len() >= 100, "{}", HTML.len() + ADDRESSES.len());
}

fn check(name: &str, document: &str) {
    let url = Url::parse("https://rijeka.example/feed").expect("an address");
    for url in [None, Some(&url)] {
        let context = Context { url, content_type: None };
        let feed: Feed = ingest::read(document.as_bytes(), &context).unwrap_or_else(|error| panic!("{name}: {error}"));
        invariants::hold(&feed, document.len());
    }
}

/// What `write` makes of each vector, HTML and addresses alike.
fn vectors(write: impl Fn(&str) -> String) -> String {
    HTML.iter().chain(&ADDRESSES).map(|vector| write(vector)).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..=three.len() {
            encoded.push(char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]));
        }
    }
    encoded
}

use super::read;
use crate::ingest::repair::{Canonical, ENTRIES_MAX, Tally};
use url::Url;

/// The canonical document, its pieces without the root, and what was mended.
fn canonical(text: &str) -> (Canonical, String, String) {
    let tally = Tally::default();
    let url = Url::parse("http://example.org/feed").expect("an address");
    let canonical = read(text, Some(&url), &tally).unwrap_or_else(|reason| panic!("{reason}: {text}"));
    let inside = canonical.entries.iter().map(|entry| &*entry.xml).collect::<String>() + &canonical.xml;
    let repairs: Vec<String> =
        tally.repairs().iter().map(|repair| format!("{} {}", repair.count, repair.what)).collect();
    (canonical, inside, repairs.join(", "))
}

fn check(text: &str, expected: &str, repairs: &str) {
    let (_, inside, mended) = canonical(text);
    assert_eq!((inside.as_str(), mended.as_str()), (expected, repairs), "{text}");
}

/// An RSS item with `inside`, as the entry that it becomes.
fn check_item(inside: &str, expected: &str, repairs: &str) {
    let text = format!("<rss version='2.0'><channel><item>{inside}</item></channel></rss>");
    check(&text, &format!("<entry>{expected}</entry>"), repairs);
}

#[test]
fn rss_becomes_atom() {
    check(
        "<rss version='2.0'><channel><title>R &amp; D</title><link>/</link><description>x</description>\
         <item><title>One</title><link>http://example.org/1</link><guid>1</guid>\
         <pubDate>Tue, 02 Jan 2024 10:00:00 GMT</pubDate><description>&lt;p&gt;text&lt;/p&gt;</description></item>\
         </channel></rss>",
        "<entry><id>1</id><title type=\"text\">One</title><summary type=\"html\"><![CDATA[<p>text</p>]]></summary>\
         <link href=\"0 http://example.org/1\"/><published>Tue, 02 Jan 2024 10:00:00 GMT</published></entry>\
         <title type=\"text\"><![CDATA[R & D]]></title><subtitle type=\"html\">x</subtitle><link href=\"0 /\"/>",
        "",
    );
}

#[test]
fn every_root_has_its_name() {
    for (root, format) in [
        ("<rss version='2.0'><channel/></rss>", "rss 2.0"),
        ("<rss><channel/></rss>", "rss"),
        ("<rss version='javascript:'><channel/></rss>", "rss"),
        ("<RSS version='0.94'><channel/></RSS>", "rss 0.94"),
        ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'><channel/></rdf:RDF>", "rss 1.0"),
        ("<rdf:RDF xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel/></rdf:RDF>", "rss 0.90"),
        ("<Channel xmlns='http://purl.org/net/rss1.1#'/>", "rss 1.1"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "atom 1.0"),
        ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'/>", "atom 1.0"),
        ("<feed version='0.3' xmlns='http://purl.org/atom/ns#'/>", "atom 0.3"),
        ("<entry xmlns='http://www.w3.org/2005/Atom'/>", "atom 1.0"),
        ("<channel href='/'><item href='/1'/></channel>", "cdf"),
        ("<br />\n<b>Warning</b>: x in <b>y.php</b><?xml version='1.0'?><rss version='2.0'/>", "rss 2.0"),
        ("<soap:Envelope><soap:Body><rss version='0.91'/></soap:Body></soap:Envelope>", "rss 0.91"),
    ] {
        assert_eq!(canonical(root).0.format, format, "{root}");
    }
}

#[test]
fn what_is_no_feed_is_named() {
    for (text, reason) in [
        ("<!DOCTYPE html><html><body><p>x</p></body></html>", "this is an HTML page"),
        ("<HTML><item>x</item></HTML>", "this is an HTML page"),
        ("<div>x</div>", "this is an HTML page"),
        ("hello", "this is plain text"),
        ("<opml><body/></opml>", "this is an OPML list"),
        ("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "this is a sitemap"),
        ("<svg><title>x</title></svg>", "this is XML of another kind (<svg>)"),
        ("<rdf:RDF><foaf:Person/></rdf:RDF>", "this is XML of another kind (<rdf:RDF>)"),
    ] {
        let refusal = read(text, None, &Tally::default()).err();
        assert_eq!(refusal, Some(format!("no feed found, {reason}")), "{text}");
    }
}

#[test]
fn a_text_without_its_end_tag_ends_where_the_next_element_begins() {
    check_item(
        "<title>One</title><link>http://example.org/1<guid>1</guid>",
        "<id>1</id><title type=\"text\">One</title><link href=\"0 http://example.org/1\"/>",
        "1 unclosed element",
    );
    check_item(
        "<title>One<pubDate>2024-01-02</pubDate>",
        "<title type=\"text\">One</title><published>2024-01-02</published>",
        "1 unclosed element",
    );
}

#[test]
fn an_item_without_its_end_tag_ends_where_the_next_begins() {
    check(
        "<rss><channel><item><guid>1</guid><item><guid>2</guid></item></channel></rss>",
        "<entry><id>1</id></entry><entry><id>2</id></entry>",
        "1 unclosed element",
    );
}

#[test]
fn stray_end_tags_close_nothing() {
    check_item("<title>a</b></title></x><guid>1</guid>", "<id>1</id><title type=\"text\">a</title>", "2 stray end tag");
}

#[test]
fn markup_in_a_text_is_part_of_it() {
    check_item(
        "<description>a &lt; b <b class='x'>c & d</b><br>e<img src=1/><h:i/></description>",
        "<summary type=\"html\"><![CDATA[a < b <b class='x'>c &amp; d</b><br>e<img src=1><i></i>]]></summary>",
        "1 unescaped markup, 1 bare ampersand",
    );
    check_item(
        "<title>R&amp;D <i>x</i></title>",
        "<title type=\"html\"><![CDATA[R&amp;D <i>x</i>]]></title>",
        "1 unescaped markup",
    );
}

#[test]
fn the_end_of_a_text_ends_the_markup_in_it() {
    check_item(
        "<description><p>one<p>two</description><guid>1</guid>",
        "<id>1</id><summary type=\"html\"><![CDATA[<p>one<p>two</p></p>]]></summary>",
        "1 unescaped markup, 2 unclosed element",
    );
}

#[test]
fn xhtml_loses_its_wrapper_and_its_prefixes() {
    check(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>\
         <x:div xmlns:x='http://www.w3.org/1999/xhtml'>a <x:b>b</x:b> &lt; <![CDATA[<c>]]><x:br/></x:div></content></entry></feed>",
        "<entry><content type=\"html\"><![CDATA[a <b>b</b> &lt; &lt;c&gt;<br>]]></content></entry>",
        "",
    );
}

#[test]
fn types_and_modes_of_every_atom_are_understood() {
    for (attributes, text, expected) in [
        ("", "a &lt;b&gt;", "<title type=\"text\"><![CDATA[a <b>]]></title>"),
        ("type='html'", "a &lt;b&gt;", "<title type=\"html\"><![CDATA[a <b>]]></title>"),
        ("type='TEXT/HTML' mode='escaped'", "a &lt;b&gt;", "<title type=\"html\"><![CDATA[a <b>]]></title>"),
        ("type='text/plain'", "a", "<title type=\"text\">a</title>"),
        ("type='application/xhtml+xml'", "a &lt; <i>b</i>", "<title type=\"html\"><![CDATA[a &lt; <i>b</i>]]></title>"),
        ("mode='base64' type='text/html'", "PGI+eDwvYj4=", "<title type=\"html\"><![CDATA[<b>x</b>]]></title>"),
        ("type=''", "a", "<title type=\"text\">a</title>"),
        ("type='image/png'", "not base64!", "<title type=\"text\">not base64!</title>"),
    ] {
        let text = format!("<feed version='0.3'><title {attributes}>{text}</title></feed>");
        assert_eq!(canonical(&text).1, expected, "{attributes}");
    }
}

#[test]
fn the_better_source_of_a_value_is_kept() {
    check_item(
        "<media:title>m</media:title><dc:title>d</dc:title><title>t</title><title>second</title>",
        "<title type=\"text\">t</title>",
        "2 undeclared prefix",
    );
    check_item(
        "<pubDate>nonsense</pubDate><dc:date>2024-01-02T03:04:05Z</dc:date>",
        "<updated>2024-01-02T03:04:05Z</updated><published>2024-01-02T03:04:05Z</published>",
        "1 undeclared prefix",
    );
    check_item(
        "<summary>s</summary><description>d</description>",
        "<summary type=\"text\">s</summary><content type=\"html\">d</content>",
        "",
    );
    check_item(
        "<itunes:author>i</itunes:author><author>a</author>",
        "<author><name>a</name></author>",
        "1 undeclared prefix",
    );
}

#[test]
fn modules_may_be_undeclared_or_declared_in_any_spelling() {
    for declaration in
        ["", "xmlns:dc='http://purl.org/dc/elements/1.1/'", "xmlns:dc='HTTPS://purl.org/DC/elements/1.1'"]
    {
        let text = format!("<rss {declaration}><channel><item><dc:subject>x</dc:subject></item></channel></rss>");
        assert_eq!(canonical(&text).1, "<entry><category term=\"x\"/></entry>", "{declaration}");
    }
    check_item("<x:title xmlns:x='urn:other'>x</x:title><guid>1</guid>", "<id>1</id>", "");
    check_item("<geo:Point><title>x</title></geo:Point><guid>1</guid>", "<id>1</id>", "");
}

#[test]
fn an_entry_in_an_unknown_element_is_an_entry_like_any() {
    check(
        "<rss><channel><foo><title>f</title><item><geo:Point><title>p</title></geo:Point><guid>1</guid></item>\
         <title>g</title></foo><title>t</title></channel></rss>",
        "<entry><id>1</id></entry><title type=\"text\">t</title>",
        "",
    );
}

#[test]
fn a_whim_of_a_default_namespace_changes_nothing() {
    check(
        "<rss version='2.0' xmlns='http://example.org/mine'><channel><title>t</title></channel></rss>",
        "<title type=\"text\">t</title>",
        "",
    );
}

#[test]
fn pictures_and_forms_keep_their_titles_and_links() {
    check(
        "<rss><channel><image><title>i</title><link>/i</link><url>/i.png</url></image>\
         <textInput><title>f</title><link>/f</link></textInput><title>t</title><link>/t</link></channel></rss>",
        "<title type=\"text\">t</title><link href=\"0 /t\"/><logo>0 /i.png</logo>",
        "",
    );
}

#[test]
fn content_that_is_elsewhere_is_a_link() {
    check(
        "<feed><entry><content src='/p'/></entry><entry><content src='/f' type='audio/mpeg'/></entry></feed>",
        "<entry><link href=\"0 /p\" rel=\"alternate\"/></entry>\
         <entry><link href=\"0 /f\" rel=\"enclosure\" type=\"audio/mpeg\"/></entry>",
        "",
    );
}

#[test]
fn licences_are_links() {
    let expected = "<link href=\"0 http://example.org/l\" rel=\"license\"/>";
    check_item("<cc:license rdf:resource='http://example.org/l'/>", expected, "1 undeclared prefix");
    check_item(
        "<creativeCommons:license>http://example.org/l</creativeCommons:license>",
        expected,
        "1 undeclared prefix",
    );
}

#[test]
fn people_are_told_from_their_addresses() {
    check_item(
        "<author>ana@example.org (Ana)</author><dc:creator>Ana</dc:creator><dc:creator>Iva</dc:creator>",
        "<author><name>Ana</name><email>ana@example.org</email></author><author><name>Iva</name></author>",
        "2 undeclared prefix",
    );
    check_item("<author><uri>/ana</uri></author>", "<author><name> </name><uri>0 /ana</uri></author>", "");
}

#[test]
fn addresses_carry_the_number_of_their_base() {
    let (canonical, inside, _) = canonical(
        "<feed xml:base='http://example.org/a/'><entry xml:base='b/'><link href='c'/></entry><link href='d'/></feed>",
    );
    assert_eq!(inside, "<entry><link href=\"2 c\"/></entry><link href=\"1 d\"/>");
    let bases: Vec<&str> = canonical.bases.iter().flatten().map(Url::as_str).collect();
    assert_eq!(bases, ["http://example.org/feed", "http://example.org/a/", "http://example.org/a/b/"]);
}

#[test]
fn what_feed_rs_has_no_room_for_travels_beside() {
    let (canonical, ..) = canonical(
        "<rss><channel><ttl>60</ttl><language>sr</language><webMaster>web@example.org</webMaster>\
         <item xml:lang='hr'><guid isPermaLink='false'>1</guid><comments>/c</comments><source url='/s'>S</source>\
         <media:group><media:thumbnail url='/t.png'/></media:group></item></channel></rss>",
    );
    assert_eq!(canonical.feed.ttl_s, Some(3_600));
    assert_eq!(canonical.feed.language.as_deref(), Some("sr"));
    assert_eq!(canonical.feed.publisher.map(|person| person.email).as_deref(), Some("web@example.org"));
    let entry = &canonical.entries[0].aside;
    assert_eq!(entry.id_is_permalink, Some(false));
    assert_eq!(entry.language.as_deref(), Some("hr"));
    assert_eq!(entry.comments.as_deref(), Some("0 /c"));
    assert_eq!(entry.thumbnail.as_deref(), Some("0 /t.png"));
    let source = entry.source.as_ref().expect("a source");
    assert_eq!((source.title.as_deref(), source.link.as_deref()), (Some("S"), Some("0 /s")));
}

#[test]
fn a_truncated_entry_is_kept_only_with_its_identity() {
    let start = "<rss><channel><item><guid>1</guid></item><item><title>Two</title>";
    check(start, "<entry><id>1</id></entry>", "1 truncated document, 1 entry without its end");
    check(
        &format!("{start}<guid>2</guid><description>cut o"),
        "<entry><id>1</id></entry><entry><id>2</id><title type=\"text\">Two</title><summary type=\"html\">cut o</summary></entry>",
        "1 truncated document",
    );
}

#[test]
fn a_truncated_entry_is_not_kept_without_the_date_that_others_have() {
    let date = "<pubDate>Mon, 05 Jan 2026 08:00:00 GMT</pubDate>";
    let start = format!("<rss><channel><item><guid>1</guid>{date}</item><item><guid>2</guid>");
    let (undated, _, repairs) = canonical(&format!("{start}<link>https://a.example/hal"));
    assert_eq!((undated.entries.len(), repairs.as_str()), (1, "1 truncated document, 1 entry without its end"));
    let (dated, inside, _) = canonical(&format!("{start}{date}<link>https://a.example/hal"));
    assert_eq!(dated.entries.len(), 2);
    assert!(!inside.contains("hal"), "half an address leads elsewhere: {inside}");
}

#[test]
fn entries_beyond_the_limit_are_counted() {
    let text = format!("<rss><channel>{}</channel></rss>", "<item><title>x</title></item>".repeat(ENTRIES_MAX + 3));
    let (canonical, _, repairs) = canonical(&text);
    assert_eq!(canonical.entries.len(), ENTRIES_MAX);
    assert_eq!(repairs, "3 entry beyond the newest 2000");
}

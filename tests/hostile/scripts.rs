//! Script that hides in feeds: every vector in every field of every dialect, read, and what is left
//! of it read again by strangers. Texts may show a vector as text; nothing may act.

use super::invariants;
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
    for kind in ["text", "html", "text/html", "text/plain", "application/xhtml+xml", ""] {
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

/// Addresses that run, or that a browser reads otherwise than they look.
#[rustfmt::skip]
const ADDRESSES: [&str; 44] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61vascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\r\nscript:alert(1)",
    " javascript:alert(1)",
    "\u{1}javascript:alert(1)",
    "\u{a0}javascript:alert(1)",
    "\u{feff}javascript:alert(1)",
    "\u{200b}javascript:alert(1)",
    "java\0script:alert(1)",
    "javascript://example.org/%0aalert(1)",
    "javascript:http://example.org/",
    "javascript:/*--></title></style></script><svg onload=alert(1)>",
    "feed:javascript:alert(1)",
    "view-source:javascript:alert(1)",
    "jar:javascript:alert(1)",
    "vbscript:msgbox(1)",
    "VBScript:MsgBox 1",
    "livescript:x",
    "mocha:x",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "DATA:text/html;charset=utf-7,+ADw-script+AD4-",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "filesystem:https://example.org/1",
    "about:blank",
    "intent://example.org#Intent;scheme=javascript;end",
    "ms-its:x",
    "http://user:secret@example.org/",
    "https://example.org/\"onmouseover=\"alert(1)",
    "https://example.org/'><script>alert(1)</script>",
    "https://example.org/ onload=alert(1)",
    "https:javascript:alert(1)",
    "http://javascript:alert(1)/",
    "//example.org/\\\"><script>",
    "https://example.org/\u{202e}gpj.exe",
    "?\"><script>alert(1)</script>",
];

/// Markup that runs, or that one parser reads otherwise than another.
#[rustfmt::skip]
const HTML: [&str; 100] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//example.org/x.js></SCRIPT>",
    "<script src=data:,alert(1)>",
    "<script\u{c}src=x>",
    "<script/x>alert(1)</script >",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<script>alert(1)//<</script>",
    "<script>alert(1)",
    "<script type=module>import 'x'</script>",
    "<script xlink:href=x>",
    "<img src=x onerror=alert(1)>",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<img/src/onerror=alert(1)>",
    "<img src=`x` onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img src=x onerror\u{c}=alert(1)>",
    "<img src=x\u{b}onerror=alert(1)>",
    "<img src=\"x\"onerror=\"alert(1)\">",
    "<img alt=\"`<script>alert(1)</script>\" src=/x>",
    "<img src=/x alt=\"&quot; onerror=&quot;alert(1)\">",
    "<img src=javascript:alert(1)>",
    "<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
    "<img srcset=\"javascript:alert(1) 1x, data:text/html,x 2x, /a 3x\">",
    "<img src=data:image/svg+xml,<svg/onload=alert(1)>>",
    "<img src='/x' style='background:url(javascript:alert(1))'>",
    "<picture><source srcset=javascript:alert(1) onerror=alert(1)><img src=/x></picture>",
    "<body onload=alert(1)>x",
    "<p onclick=alert(1)>x</p>",
    "<b/onmouseover=alert(1)>x</b>",
    "<details ontoggle=alert(1) open><summary onfocus=alert(1)>x</summary></details>",
    "<video poster=javascript:alert(1) onloadstart=alert(1)><source onerror=alert(1) src=/x></video>",
    "<audio src=/x onplay=alert(1) autoplay>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<input onfocus=alert(1) autofocus>",
    "<select onfocus=alert(1) autofocus><option>x</select>",
    "<textarea onfocus=alert(1)>x</textarea>",
    "<keygen onfocus=alert(1)>",
    "<div onpointerover=alert(1) onanimationstart=alert(1)>x</div>",
    "<p ONCLICK\n=\nalert(1)>x</p>",
    "<p on\u{212a}eydown=alert(1)>x</p>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>",
    "<a href=\"jav&Tab;ascript&colon;alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=/x ping=//example.org/p target=_blank rel=opener>x</a>",
    "<a\u{c}onclick=alert(1)\u{c}href=/>x</a>",
    "<a href=/x id=y name=z class=w data-x=1 is=v slot=u part=t>x</a>",
    "<a href=\"mailto:a@example.org?body=%0d%0aBcc:x\">x</a>",
    "<a xlink:href=javascript:alert(1)>x</a>",
    "<base href=//example.org>",
    "<link rel=stylesheet href=//example.org/x.css>",
    "<link rel=import href=//example.org/x>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>@import '//example.org/x.css'</style>",
    "<style>p{behavior:url(x.htc)}</style>",
    "<p style='position:fixed;background:url(//example.org/t)'>x</p>",
    "<p style=\"width:expression(alert(1))\">x</p>",
    "<iframe src=//example.org></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
    "<object data=//example.org/x.swf><param name=x value=y></object>",
    "<object data=javascript:alert(1)>",
    "<embed src=//example.org/x.swf>",
    "<applet code=x></applet>",
    "<form action=//example.org><button formaction=javascript:alert(1)>x</button><input type=password></form>",
    "<isindex action=javascript:alert(1)>",
    "<dialog open onclose=alert(1)>x</dialog>",
    "<portal src=javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script href=data:,alert(1) /></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><set attributeName=onmouseover to=alert(1) /></svg>",
    "<svg><use href=data:image/svg+xml,x#y /></svg>",
    "<svg><foreignObject><iframe srcdoc=x></iframe></foreignObject></svg>",
    "<svg><style><a title=\"</style><img src onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><desc><title><a title=\"</title><img src onerror=alert(1)>\">",
    "<svg><![CDATA[<img src onerror=alert(1)>]]></svg>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<xmp><a title=\"</xmp><img src onerror=alert(1)>\">",
    "<title><img src=x onerror=alert(1)></title>",
    "<noembed><img title=\"</noembed><img src onerror=alert(1)>\"></noembed>",
    "<plaintext><script>alert(1)</script>",
    "<template><img src=x onerror=alert(1)></template>",
    "<template shadowrootmode=open><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href=javascript:alert(1)?><?php echo 1 ?><%= x %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<table><td background=javascript:alert(1)>x<tr><script>alert(1)</script></table>",
];

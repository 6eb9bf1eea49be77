use super::*;

fn base() -> Url {
    Url::parse("https://example.org/blog/post").expect("the base is a constant")
}

/// Sanitizes, and holds what every result must hold.
fn safe(html: &str) -> String {
    let safe = safe_html(html, TextKind::Html, Some(&base())).unwrap_or_default();
    assert!(safe.len() <= output_bytes_max(html.len()), "{html:.200}: {} bytes", safe.len());
    assert_eq!(AMMONIA.clean(&safe).to_string(), safe, "the parser reads the result differently: {html:.200}");
    let again = safe_html(&safe, TextKind::Html, None).unwrap_or_default();
    assert_eq!(again, safe, "not its own safe HTML: {html:.200}");
    safe
}

#[track_caller]
fn check(html: &str, want: &str) {
    assert_eq!(safe(html), want, "{html}");
}

#[track_caller]
fn keeps(html: &str) {
    check(html, html);
}

const REL: &str = r#"rel="noopener noreferrer nofollow""#;

#[test]
fn text_without_markup_is_only_escaped() {
    keeps("nothing to see");
    check("a < b > c \"d\"", "a &lt; b &gt; c \"d\"");
    assert_eq!(safe_html("AT&amp;T <b>", TextKind::Plain, None).as_deref(), Some("AT&amp;amp;T &lt;b&gt;"));
    check("R&D &amp; caf&eacute;&nbsp;&#8217;", "R&amp;D &amp; café&nbsp;’");
}

#[test]
fn keeps_what_a_text_is_made_of() {
    for html in [
        "<p>one <b>two <i>three</i></b> <code>x &lt; y</code></p><p>four</p>",
        "<h2>a</h2><ul><li>b<ul><li>c</li></ul></li><li>d</li></ul><ol start=\"3\" reversed=\"\"><li value=\"7\">e</li></ol>",
        "<dl><dt>a</dt><dd>b</dd></dl><blockquote cite=\"https://a.example/\"><p>c</p></blockquote><hr><pre>d\n e</pre>",
        "<figure><img src=\"https://a.example/i.png\" alt=\"x\" width=\"3\" height=\"4\"><figcaption>y</figcaption></figure>",
        "<p dir=\"rtl\" lang=\"he\" title=\"t\">שלום</p>",
        "<video controls=\"\" poster=\"https://a.example/p.jpg\"><source src=\"https://a.example/v.mp4\" type=\"video/mp4\"></video>",
        "<table><caption>t</caption><thead><tr><th scope=\"col\">a</th></tr></thead><tbody><tr><td colspan=\"2\">b</td></tr></tbody></table>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> H<sub>2</sub>O <del>x</del><br>",
        "<time datetime=\"2026-01-02T03:04:05+01:00\">now</time> <abbr title=\"a &amp; &quot;b&quot;\">c</abbr>",
    ] {
        keeps(html);
    }
}

#[test]
fn links_are_absolute_and_tell_nothing() {
    check(
        "<a href=\"/x?a=1&amp;b=2\" target=_blank ping=//evil class=c>y</a>",
        &format!(r#"<a href="https://example.org/x?a=1&amp;b=2" {REL}>y</a>"#),
    );
    check("<a rel=sponsored href='mailto:a@b.example'>y</a>", &format!(r#"<a href="mailto:a@b.example" {REL}>y</a>"#));
    check("<a name=top>y</a><a href=\"javascript:alert(1)\">z</a>", "yz");
    check(
        "<img src=i.png srcset='i2.png 2x, javascript:x 3x'>",
        r#"<img src="https://example.org/blog/i.png" srcset="https://example.org/blog/i2.png 2x">"#,
    );
    check("<blockquote cite=../c>q</blockquote>", r#"<blockquote cite="https://example.org/c">q</blockquote>"#);
    assert_eq!(safe_html("<a href=/x>y</a>", TextKind::Html, None).as_deref(), Some("y"));
}

#[test]
fn nothing_acts() {
    for html in [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//evil/x.js></SCRIPT>",
        "<style>@import 'x'</style>",
        "<iframe src=//evil srcdoc='<script>alert(1)</script>'></iframe>",
        "<svg onload=alert(1)><script>x</script></svg>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "<template><img src=x onerror=alert(1)></template>",
        "<link rel=stylesheet href=//evil>",
        "<meta http-equiv=refresh content='0;url=//evil'>",
        "<base href=//evil>",
        "<embed src=//evil>",
        "<input onfocus=alert(1) autofocus>",
        "<select><option>x</select>",
        "<title><img src=x onerror=alert(1)></title>",
        "<textarea><img src=x onerror=alert(1)></textarea>",
        "<!--[if IE]><script>alert(1)</script><![endif]-->",
        "<!-- <img src=--><!-->",
        "<p></p>",
        "&nbsp;<br>",
    ] {
        check(html, "");
    }
    check("<p onclick=alert(1) style='position:fixed' class=x id=y data-z=1>a</p>", "<p>a</p>");
    check("<form action=//evil><button formaction=javascript:x>go</button></form>", "go");
    check("<object data=//evil>instead</object>", "instead");
    check("<img src=x onerror=alert(1)>", r#"<img src="https://example.org/blog/x">"#);
    check("<img src='data:image/svg+xml;base64,x' alt='a picture'>", r#"<img alt="a picture">"#);
    check("<img onerror=alert(1) alt=' '>", "");
    check("<noscript><img src=/real.png></noscript>", r#"<img src="https://example.org/real.png">"#);
}

#[test]
fn a_drawing_leaves_its_words() {
    check("a<svg><title>R &amp; D</title><desc>two <b>words</b></desc><path/></svg>b", "a R &amp; D two words b");
    check("<svg><desc>x<script>alert(1)</script><style>y</style></desc></svg>", "x");
    check("<svg><title><img src=x onerror=alert(1)></title></svg>", "&lt;img src=x onerror=alert(1)&gt;");
    for silent in ["<svg><g><title>x</title></g></svg>", "<svg><title/><path/>x</svg>", "<math><title>x</title></math>"]
    {
        check(silent, "");
    }
}

#[test]
fn what_only_looks_like_a_declaration_is_text() {
    check("&lt;!' &lt;b&gt;", "&lt;!' &lt;b&gt;");
    check("<!' <b>x</b>", "&lt;!' <b>x</b>");
    check(" <!DOCTYPE ", "&lt;!DOCTYPE");
    for declaration in ["<!DOCTYPE html>", "<!-- x", "<![if x]>", "<![CDATA[ x"] {
        check(declaration, "");
    }
}

#[test]
fn known_tricks_come_out_harmless() {
    for html in [
        "<svg><style><a title=\"</style><img src onerror=alert(1)>\">",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<xmp><a title=\"</xmp><img src onerror=alert(1)>\">",
        "<plaintext><script>alert(1)</script>",
        "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href=\"java\0script:alert(1)\">x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
        "<img src=`x` onerror=alert(1)>",
        "<img/src/onerror=alert(1)>",
        "<<script>alert(1)//<</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<b/onmouseover=alert(1)>x</b>",
        "<p title='\"><script>alert(1)</script>'>x</p>",
        "<img alt=\"`<script>alert(1)</script>\" src=/x>",
        "<table><td background=javascript:alert(1)>x",
        "<a\u{c}onclick=alert(1)\u{c}href=/>x</a>",
        "<img src=/x alt=\"&quot; onerror=&quot;alert(1)\">",
        "<q cite=javascript:alert(1)>x</q>",
        "<video poster=javascript:alert(1)><source onerror=alert(1) src=x></video>",
        "<details ontoggle=alert(1) open>x</details>",
        "<![CDATA[<script>alert(1)</script>]]>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<p>]]></p>",
        "\u{feff}<b>\u{feff}x</b>",
    ] {
        let safe = safe(html);
        for piece in super::super::tags::pieces(&safe) {
            if let super::super::tags::Piece::Start(tag) = piece {
                assert!(elements::NAMES.contains(&tag.name), "{html}: {safe}");
                for (name, value) in tag.attributes() {
                    let is_known = name == "rel" || attributes::KEPT.iter().any(|(_, names)| names.contains(&name));
                    assert!(is_known, "{html}: {safe}");
                    let is_address = matches!(name, "href" | "src" | "srcset" | "poster" | "cite");
                    assert!(!is_address || value.starts_with("http"), "{html}: {safe}");
                }
            }
        }
    }
}

#[test]
fn sloppy_markup_is_put_right() {
    check("<p>a<p>b", "<p>a</p><p>b</p>");
    check("<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c");
    check("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>");
    check("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c");
    check("<b><p>a</b></p>b", "<b><p>a</p></b>b");
    check("a</p></div></b>b</br>c", "ab<br>c");
    check("<p>a<div>b</div>c</p>", "<p>a</p><div>b</div>c");
    check("<h1>a<h2>b</h3>", "<h1>a</h1><h2>b</h2>");
    check(
        "<a href=/1>a<a href=/2>b</a>",
        &format!(r#"<a href="https://example.org/1" {REL}>a</a><a href="https://example.org/2" {REL}>b</a>"#),
    );
    check("<center><font color=red>a</font></center><tt>b</tt>", "<div>a</div><code>b</code>");
    check("<div/>a</div>b", "<div>a</div>b");
    check("text <a href=\"/cut", "text");
    check("<html><head><title>t</title></head><body><p>a</p></body></html>", "<p>a</p>");
}

#[test]
fn tables_get_the_parts_that_they_lack() {
    check(
        "<table><tr><td>a<td>b<tr><td>c</table>d",
        "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>d",
    );
    check("<table>a<td>b</table>", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>");
    check(
        "<table><thead><th>a</thead><tr><td>b</td></tr></table>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
    );
    check("<td>a</td><tr>b", "ab");
    check(
        "<table><tr><td><p>a<table><tr><td>b</table>c</table>",
        "<table><tbody><tr><td><p>a</p><table><tbody><tr><td>b</td></tr></tbody></table>c</td></tr></tbody></table>",
    );
    check(
        "<b><table><tr><td>a</b>c</td></tr></table></b>",
        "<b><table><tbody><tr><td>ac</td></tr></tbody></table></b>",
    );
}

#[test]
fn line_ends_survive_but_for_the_first_of_a_pre() {
    check("<pre>\n\n a\r\nb\rc</pre>", "<pre> a\nb\nc</pre>");
    check("<pre><code>\na</code></pre>", "<pre><code>\na</code></pre>");
    check("<pre>&#10;&#13;a&#13;b</pre>", "<pre>a\nb</pre>");
}

#[test]
fn characters_that_xml_forbids_are_dropped() {
    check("<p title='a\u{b}b&#1;'>c\0d&#xFFFE;e\u{1f}f don\u{92}t</p>", "<p title=\"ab\">cdef don’t</p>");
    check("a\u{202E}b\u{200F}c", "ab\u{200F}c");
}

#[test]
fn what_is_deep_or_large_or_made_to_explode_becomes_text() {
    let bombs = [
        "<div>".repeat(DEPTH) + "deep",
        "<b>".repeat(65) + "deep",
        format!("<p {}>deep</p>", (0..65).map(|n| format!("a{n} ")).collect::<String>()),
        format!("<p>deep</p>{}", "x".repeat(HTML_BYTES_MAX)),
        format!("deep{}", "<a href=a>a</a>".repeat(10_000)),
        "<ul><li>".repeat(DEPTH) + "deep",
    ];
    for bomb in bombs {
        let safe = safe(&bomb);
        assert!(safe.starts_with("deep") && !safe.contains('<'), "{bomb:.60}: {safe:.60}");
        assert!(safe.len() <= FALLBACK_BYTES_MAX, "{bomb:.60}");
    }
}

const DEPTH: usize = 129;

/// Enough to come out far beyond the bound where nothing holds it, and quick without optimization.
const BOMB_BYTES: usize = 16 * 1024;

#[test]
fn bombs_cost_no_more_than_their_size() {
    // Each takes a parser without limits seconds to minutes, or comes out hundreds of times as large.
    let names = |tag: &str, count: usize| (0..count).map(|n| format!("<{tag} title={n}>")).collect::<String>();
    let bombs = [
        "<div>".repeat(50_000),
        "<div></x>".repeat(25_000),
        "<b><div></b>".repeat(20_000),
        "<p><b>".repeat(40_000),
        "<table>".repeat(30_000),
        "<table><b>".repeat(20_000),
        "<a href=/>".repeat(20_000),
        "</p>".repeat(60_000),
        "<".repeat(250_000),
        "<a ".repeat(80_000),
        "<a \"".repeat(60_000),
        "&".repeat(250_000),
        "&amp".repeat(60_000),
        "&CounterClockwiseContourIntegra".repeat(8_000),
        "<!--".repeat(60_000),
        "<script>".repeat(30_000),
        "</".repeat(120_000),
        format!("<p {}>", "a ".repeat(120_000)),
        format!("{}{}", names("b", 60), "<p>x</b></p>".repeat(15_000)),
        format!("<p>{}<div>{}", names("i", 63), "<p>x</p>".repeat(15_000)),
        format!("<table>{}{}", names("u", 60), "<tr></tr>x".repeat(15_000)),
        format!("{}{}", names("b", 30), format!("{}x</b></i>", names("i", 30)).repeat(300)),
    ];
    for bomb in bombs {
        let bomb = head(&bomb, BOMB_BYTES);
        let safe = safe_html(bomb, TextKind::Html, Some(&base())).unwrap_or_default();
        assert!(safe.len() <= output_bytes_max(bomb.len()), "{bomb:.60}");
    }
}

/// A small generator of numbers, so that the tests need no crate for it and repeat exactly.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn any_soup_of_tags_comes_out_as_its_own_safe_html() {
    const PIECES: [&str; 66] = [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<i title=x>",
        "</i>",
        "<a href=/x>",
        "</a>",
        "<div>",
        "</div>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<table>",
        "</table>",
        "<tr>",
        "</tr>",
        "<td>",
        "</td>",
        "<caption>",
        "</caption>",
        "<tbody>",
        "</tbody>",
        "<h1>",
        "</h1>",
        "<h2>",
        "<pre>",
        "</pre>",
        "\n",
        "text",
        " ",
        "&amp;",
        "&#10;",
        "<br>",
        "</br>",
        "<hr>",
        "<img src=/i>",
        "<dl>",
        "<dt>",
        "<dd>",
        "</dl>",
        "<span>",
        "</span>",
        "<blockquote>",
        "</blockquote>",
        "<svg>",
        "<title>",
        "</title>",
        "<desc>",
        "</desc>",
        "</svg>",
        "<script>",
        "</script>",
        "<ruby>",
        "<rt>",
        "</ruby>",
        "<video>",
        "</video>",
        "<!-- x -->",
        "<font>",
        "<th>",
        "<thead>",
        "<ol>",
        "</ol>",
        "<section>",
    ];
    let mut numbers = Numbers(7);
    for _ in 0..1_500 {
        let soup: String = (0..numbers.below(24)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        safe(&soup);
    }
}

#[test]
fn any_bytes_come_out_as_their_own_safe_html() {
    const PIECES: [&str; 34] = [
        "<",
        ">",
        "/",
        "\"",
        "'",
        "=",
        " ",
        "a",
        "b",
        "p",
        "href",
        "src",
        "img",
        "&",
        ";",
        "#",
        "x",
        "1",
        "!",
        "--",
        "-",
        "?",
        "[CDATA[",
        "]]>",
        "\u{a0}",
        "é",
        "\u{feff}",
        "\u{202e}",
        "\r",
        "\n",
        "script",
        "http://a.example/",
        "\0",
        "😀",
    ];
    let mut numbers = Numbers(11);
    for _ in 0..1_500 {
        let text: String = (0..numbers.below(30)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        safe(&text);
    }
}

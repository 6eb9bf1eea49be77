//! What readers get, over real connections: types, ETag and 304, HEAD, codings, refusals, health.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use glasnik::server::{self, Document, Languages, Live, Page, SearchForm, Searched, Shelf, Signs, Story};
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const ATOM: &str = "application/atom+xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const ENTRY: &str = "abcdefghijklm234";

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(20);

struct Site {
    address: SocketAddr,
    shelf: Shelf,
    /// How often the store was troubled for an entry.
    asked_for_entries: Arc<AtomicUsize>,
    /// And for a part of an archive.
    asked_for_parts: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Site {
    /// With one feed, long enough to be worth compressing, and a front page.
    async fn start() -> Self {
        let site = Self::empty(Ok(())).await;
        site.publish("/feeds/all.atom", &feed_text("first"), ATOM);
        site.publish("/", "<!doctype html><title>Front</title>", HTML);
        let all = ["/feeds/all.atom", "/"].map(str::to_owned);
        site.shelf.keep_only(&HashSet::from(all));
        site
    }

    async fn empty(health: Result<(), &'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (shelf, asked_for_entries) = (Shelf::default(), Arc::new(AtomicUsize::new(0)));
        let asked_for_parts = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = oneshot::channel::<()>();
        let live = live(shelf.clone(), asked_for_entries.clone(), asked_for_parts.clone(), health);
        let until_stopped = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(server::serve(listener, shelf.clone(), live, until_stopped));
        Self { address, shelf, asked_for_entries, asked_for_parts, stop: Some(stop), server }
    }

    fn publish(&self, path: &str, text: &str, media_type: &'static str) {
        self.shelf.put(path.to_owned(), Document::new(text.as_bytes().to_vec(), media_type, changed_at()));
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[]).await
    }

    async fn ask(&self, line: &str, headers: &[(&str, &str)]) -> Answer {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.send(&format!("{line} HTTP/1.1\r\nHost: evil.example\r\n{headers}Connection: close\r\n\r\n")).await
    }

    async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        // The server may refuse before it has read to the end.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an answer in time");
        if read.is_err() {
            assert!(!bytes.is_empty(), "an answer before the connection was reset");
        }
        Answer::parse(&bytes)
    }
}

fn live(
    shelf: Shelf,
    asked_for_entries: Arc<AtomicUsize>,
    asked_for_parts: Arc<AtomicUsize>,
    health: Result<(), &'static str>,
) -> Live {
    let page = |result: Result<Option<&str>, &str>| -> Page {
        let result = result.map(|page| page.map(|page| Bytes::from(page.to_owned()))).map_err(str::to_owned);
        Box::pin(async { result })
    };
    Live {
        document: Arc::new(move |path| {
            let text = feed_text(&path).into_bytes();
            let made = match path.as_str() {
                "/feeds/early.atom" => {
                    shelf.put(path, Document::new(text, ATOM, changed_at()));
                    Ok(())
                }
                "/feeds/broken.atom" => Err("the store is on fire at /var/lib/secret".to_owned()),
                _ => Ok(()),
            };
            Box::pin(async { made })
        }),
        entry: Arc::new(move |id, language| {
            asked_for_entries.fetch_add(1, Ordering::Relaxed);
            match id.as_str() {
                ENTRY if language == "sq" => page(Ok(Some("<!doctype html><title>Artikulli</title>"))),
                ENTRY => page(Ok(Some("<!doctype html><title>Entry</title>"))),
                "aaaaaaaaaaaaaaaa" => page(Err("the store is on fire at /var/lib/secret")),
                "bbbbbbbbbbbbbbbb" => Box::pin(async { panic!("a page that breaks") }),
                _ => page(Ok(None)),
            }
        }),
        story: Arc::new(|id, _| {
            Box::pin(async move {
                Ok(match id.as_str() {
                    ENTRY => Some(Story::Whole(Bytes::from("<!doctype html><title>Story</title>"))),
                    "aaaaaaaaaaaaaaaa" => Some(Story::PartOf(ENTRY.to_owned())),
                    _ => None,
                })
            })
        }),
        status: Arc::new(move |_| page(Ok(Some("<!doctype html><title>Status</title>")))),
        search: Arc::new(|search| {
            let text = format!("{:?} finds {:?}", search.form, search.query);
            let media_type = if matches!(search.form, SearchForm::Page(_)) { HTML } else { ATOM };
            let document = || Arc::new(Document::new(text.clone().into_bytes(), media_type, changed_at()));
            let searched = match search.query.as_str() {
                "wrong" => Ok(Searched::Refused { media_type: "text/plain; charset=utf-8", body: "no".into() }),
                "long" => Ok(Searched::TooLong),
                "fire" => Err("the store is on fire at /var/lib/secret".to_owned()),
                _ => Ok(Searched::Found(document())),
            };
            Box::pin(async { searched })
        }),
        archive: Arc::new(move |output, last, extension| {
            asked_for_parts.fetch_add(1, Ordering::Relaxed);
            let text = feed_text(&format!("{output} to {last} as {extension}"));
            Box::pin(async move { Ok((last < 1000).then(|| (text.into_bytes(), ATOM))) })
        }),
        before: Arc::new(|when| {
            let number = when.parse::<i64>().ok().map(|number| number - 1);
            Box::pin(async move { Ok(number) })
        }),
        metrics: Arc::default(),
        error: Arc::new(|status, message, _| Bytes::from(format!("<!doctype html><h1>{status}</h1><p>{message}</p>"))),
        health: Arc::new(move || health.map_err(str::to_owned)),
        style_hash: "'sha256-AAAA'".to_owned(),
        script_hash: "'sha256-BBBB'".to_owned(),
        languages: Languages { first: "en", nearest: |tag| ["en", "sq"].into_iter().find(|known| *known == tag) },
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

fn feed_text(title: &str) -> String {
    format!("<feed>{}</feed>", format!("<entry><title>{title}</title></entry>").repeat(200))
}

fn changed_at() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().expect("a date")
}

#[tokio::test]
async fn a_feed_has_its_type_and_all_that_caches_need() {
    let site = Site::start().await;
    let answer = site.get("/feeds/all.atom").await;
    assert_eq!((answer.status, answer.text()), (200, feed_text("first").as_str()));
    assert_eq!(answer.header("content-type"), Some(ATOM));
    assert_eq!(answer.header("content-length"), Some(feed_text("first").len().to_string().as_str()));
    assert_eq!(answer.header("last-modified"), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
    assert_eq!(answer.header("vary"), Some("accept-encoding"));
    assert_eq!(answer.header("accept-ranges"), Some("none"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("date").is_some());
    let cached = answer.header("cache-control").expect("a word on caching");
    for directive in ["public", "max-age=300", "stale-while-revalidate=", "stale-if-error="] {
        assert!(cached.contains(directive), "{cached}");
    }
}

#[tokio::test]
async fn a_reader_that_has_the_bytes_gets_304_with_the_same_validators_and_no_body() {
    let site = Site::start().await;
    let full = site.get("/feeds/all.atom").await;
    let etag = full.header("etag").expect("a tag").to_owned();
    let check = async |name: &str, value: &str, expected: u16| {
        let answer = site.ask("GET /feeds/all.atom", &[(name, value)]).await;
        assert_eq!(answer.status, expected, "{name}: {value}");
        if expected == 304 {
            assert!(answer.body.is_empty(), "{answer:?}");
            for name in ["etag", "cache-control", "vary", "last-modified"] {
                assert_eq!(answer.header(name), full.header(name), "{name}");
            }
            assert!(answer.header("date").is_some());
            assert_eq!((answer.header("content-type"), answer.header("content-length")), (None, None));
        }
    };
    check("If-None-Match", &etag, 304).await;
    check("If-None-Match", &format!("W/{etag}"), 304).await;
    check("If-None-Match", &format!("\"other\", {etag}"), 304).await;
    check("If-None-Match", &format!("\"other\"\r\nIf-None-Match: {etag}"), 304).await;
    check("If-None-Match", "*", 304).await;
    check("If-None-Match", "\"other\"", 200).await;
    check("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT", 304).await;
    check("If-Modified-Since", "Sun, 01 Mar 2026 11:59:59 GMT", 200).await;
    check("If-Modified-Since", "yesterday", 200).await;
    check("If-None-Match", "\"other\"\r\nIf-Modified-Since: Sun, 01 Mar 2026 12:00:00 GMT", 200).await;

    site.publish("/feeds/all.atom", &feed_text("second"), ATOM);
    let answer = site.ask("GET /feeds/all.atom", &[("If-None-Match", &etag)]).await;
    assert_eq!((answer.status, answer.text()), (200, feed_text("second").as_str()));
}

#[tokio::test]
async fn head_answers_as_get_does_but_without_the_body() {
    let site = Site::start().await;
    for path in [
        "/feeds/all.atom",
        "/",
        "/healthz",
        "/status",
        "/nothing",
        &format!("/entries/{ENTRY}"),
        &format!("/stories/{ENTRY}"),
    ] {
        let (get, head) = (site.get(path).await, site.ask(&format!("HEAD {path}"), &[]).await);
        let without_date = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("date");
            headers
        };
        assert_eq!((head.status, without_date(&head)), (get.status, without_date(&get)), "{path}");
        assert!(head.body.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn sends_the_coding_that_the_reader_likes_best_under_a_tag_of_its_own() {
    let site = Site::start().await;
    let ask = async |accept: &str| site.ask("GET /feeds/all.atom", &[("Accept-Encoding", accept)]).await;

    let gzip = ask("gzip").await;
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&gzip.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(text, feed_text("first"));

    let brotli = ask("gzip, deflate, br").await;
    assert_eq!(brotli.header("content-encoding"), Some("br"));
    let plain = ask("gzip;q=0, br;q=0").await;
    assert_eq!(plain.header("content-encoding"), None);

    let tags: Vec<_> = [&gzip, &brotli, &plain].map(|answer| answer.header("etag").expect("a tag")).to_vec();
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    let again = [("Accept-Encoding", "gzip"), ("If-None-Match", tags[0])];
    assert_eq!(site.ask("GET /feeds/all.atom", &again).await.status, 304);
    let other_coding = [("Accept-Encoding", "identity"), ("If-None-Match", tags[0])];
    assert_eq!(site.ask("GET /feeds/all.atom", &other_coding).await.status, 200);
}

#[tokio::test]
async fn a_kept_connection_gets_the_same_answers_as_one_that_ends() {
    let site = Site::start().await;
    // Small enough to be sent as others are; the feed is not.
    site.publish("/feeds/small.atom", "<feed/>", ATOM);
    for (place, language) in [("/page", "en"), (&Shelf::place_in("/page", "sq"), "sq")] {
        let page = format!("<!doctype html><title>{language}</title>").repeat(30);
        site.shelf.put(place.to_owned(), Document::new(page.into_bytes(), HTML, changed_at()).in_language(language));
    }
    site.publish("/feeds/large.atom", &feed_text("large").repeat(100), ATOM);
    let etag = site.get("/feeds/all.atom").await.header("etag").expect("a tag").to_owned();
    let mut kept = TcpStream::connect(site.address).await.expect("a connection");
    for path in ["/feeds/all.atom", "/feeds/small.atom", "/feeds/large.atom", "/page", "/feeds/all.atom?a=b", "/none"] {
        for headers in [
            vec![],
            vec![("Accept-Encoding", "gzip")],
            vec![("accept-encoding", "br;q=0.5, gzip;q=0.4")],
            vec![("If-None-Match", etag.as_str())],
            vec![("If-None-Match", "\"other\""), ("if-none-match", etag.as_str())],
            vec![("If-None-Match", "*"), ("Accept-Encoding", "gzip")],
            vec![("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT")],
            vec![("Accept-Language", "sq"), ("User-Agent", "a"), ("Range", "bytes=0-3")],
        ] {
            let ended = site.ask(&format!("GET {path}"), &headers).await;
            let answer = ask_on(&mut kept, path, &headers, ended.body.len()).await;
            let of = |answer: &Answer| {
                let mut headers = answer.headers.clone();
                let date = headers.remove("date").expect("a date");
                assert_eq!(date.len(), "Sun, 01 Mar 2026 12:00:00 GMT".len());
                headers.remove("connection");
                headers
            };
            assert_eq!((answer.status, of(&answer)), (ended.status, of(&ended)), "{path} {headers:?}");
            assert!(answer.body == ended.body, "{path} {headers:?}");
        }
    }
}

/// As [`Site::ask`], on a connection that stays.
async fn ask_on(stream: &mut TcpStream, path: &str, headers: &[(&str, &str)], body_bytes: usize) -> Answer {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    let is_whole = |bytes: &[u8]| {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        end.is_some_and(|end| bytes.len() >= end + 4 + body_bytes)
    };
    while !is_whole(&bytes) {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("an answer in time");
        assert_ne!(read.expect("an answer"), 0, "closed too early");
    }
    Answer::parse(&bytes)
}

#[tokio::test]
async fn every_answer_has_the_rules_for_browsers() {
    let site = Site::start().await;
    let long = format!("GET /{}", "a".repeat(5000));
    let entry = format!("GET /entries/{ENTRY}");
    let broken = "GET /entries/aaaaaaaaaaaaaaaa";
    let lines =
        ["GET /", "GET /feeds/all.atom", "GET /status", "GET /healthz", "GET /%3Cscript%3E", "POST /", "OPTIONS /"];
    for line in lines.iter().chain(&[entry.as_str(), broken, "HEAD /status", "DELETE /status", long.as_str()]) {
        let answer = site.ask(line, &[("If-None-Match", "*")]).await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{line}: {answer:?}"));
        for directive in [
            "default-src 'none'",
            "style-src 'sha256-AAAA'",
            "script-src 'sha256-BBBB'",
            "img-src data:;",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(directive), "{line}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{line}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_a_page_for_browsers_and_a_line_for_programs() {
    let site = Site::start().await;
    for path in ["/nothing", "/feeds/../glasnik.db", "/feeds/..%2fglasnik.db", "/feeds/all.atom%00", "//feeds/all.atom"]
    {
        let line = site.get(path).await;
        assert_eq!((line.status, line.text()), (404, "There is nothing at this address.\n"), "{path}");
        assert_eq!(line.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(line.header("cache-control"), Some("no-store"));
    }
    let page = site.ask("GET /%3Cscript%3Ealert(1)%3C/script%3E", &[("Accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!((page.status, page.header("content-type")), (404, Some(HTML)));
    assert!(page.text().contains("<h1>404</h1>") && !page.text().contains("script"), "{page:?}");
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_allowed() {
    let site = Site::start().await;
    for path in [
        "/",
        "/feeds/all.atom",
        "/status",
        "/healthz",
        &format!("/entries/{ENTRY}"),
        &format!("/stories/{ENTRY}"),
        "/nothing",
    ] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
            let answer = site.ask(&format!("{method} {path}"), &[]).await;
            let allowed = (answer.status, answer.header("allow"));
            assert_eq!(allowed, (405, Some("GET, HEAD, OPTIONS")), "{method} {path}");
        }
    }
    let asks = [("Origin", "https://reader.example"), ("Access-Control-Request-Headers", "if-none-match")];
    let answer = site.ask("OPTIONS /feeds/all.atom", &asks).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, Some("*")));
    assert!(answer.header("access-control-allow-headers").is_some_and(|names| names.contains("if-none-match")));
}

#[tokio::test]
async fn an_entry_is_asked_for_only_by_what_can_be_its_name() {
    let site = Site::start().await;
    for id in
        ["short", "AAAAAAAAAAAAAAAA", "abcdefghijklm019", "abcdefghijklm23%00", "abcdefghijklm234x", "..%2f..%2fstatus"]
    {
        assert_eq!(site.get(&format!("/entries/{id}")).await.status, 404, "{id}");
    }
    assert_eq!(site.asked_for_entries.load(Ordering::Relaxed), 0);

    let page = site.get(&format!("/entries/{ENTRY}")).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some(HTML)));
    let etag = page.header("etag").expect("a tag");
    let again = site.ask(&format!("GET /entries/{ENTRY}"), &[("If-None-Match", etag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(site.get("/entries/ccccccccccccccca").await.status, 404);
}

#[tokio::test]
async fn a_page_that_fails_or_breaks_is_500_and_tells_readers_nothing() {
    let site = Site::start().await;
    for id in ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"] {
        let answer = site.get(&format!("/entries/{id}")).await;
        assert_eq!((answer.status, answer.text()), (500, "Something went wrong on our side.\n"), "{id}");
    }
    assert_eq!(site.get("/status").await.status, 200, "and the next one is made");
}

#[tokio::test]
async fn a_search_is_asked_for_what_was_typed_in_the_form_of_its_address() {
    let site = Site::start().await;
    for (path, expected) in [
        ("/search?q=%D0%B2%D0%BE%D1%98%D1%81%D0%BA%D0%B0+%22a+b%22", "Page(\"en\") finds \"војска \\\"a b\\\"\""),
        ("/search.html?q=a&q=b", "Page(\"en\") finds \"a\""),
        ("/search", "Page(\"en\") finds \"\""),
        ("/search.atom?x=1&q=a%26b", "Atom finds \"a&b\""),
        ("/search.rss?q=%00%FF", "Rss finds \"\\0\u{fffd}\""),
        ("/search.json?q", "Json finds \"\""),
    ] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.text()), (200, expected), "{path}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex, nofollow"), "{path}");
        let etag = answer.header("etag").expect("a tag");
        let again = site.ask(&format!("GET {path}"), &[("If-None-Match", etag)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let head = site.ask(&format!("HEAD {path}"), &[]).await;
        assert_eq!((head.status, head.header("etag"), head.body.len()), (200, Some(etag), 0), "{path}");
        assert_eq!(site.ask(&format!("POST {path}"), &[]).await.status, 405, "{path}");
    }
    assert_eq!(site.get("/search.atom?q=a").await.header("access-control-allow-origin"), Some("*"));
    assert_eq!(site.get("/search?q=a").await.header("access-control-allow-origin"), None);
    assert_eq!(site.get("/search.xml?q=a").await.status, 404);
}

#[tokio::test]
async fn a_search_that_cannot_be_answered_says_so_and_is_cached_nowhere() {
    let site = Site::start().await;
    for (query, status) in [("wrong", 400), ("long", 503), ("fire", 500)] {
        let answer = site.get(&format!("/search.atom?q={query}")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, Some("no-store")), "{query}");
        assert!(!answer.text().contains("secret"), "{answer:?}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex, nofollow"));
    }
    let long = format!("/search?q={}", "%D1%88".repeat(3000));
    assert!(matches!(site.get(&long).await.status, 414 | 431), "no head is so long");
}

#[tokio::test]
async fn health_is_one_word() {
    let healthy = Site::start().await.get("/healthz").await;
    assert_eq!((healthy.status, healthy.text()), (200, "ok\n"));
    let stalled = Site::empty(Err("stalled")).await.get("/healthz").await;
    assert_eq!((stalled.status, stalled.text()), (503, "stalled\n"));
    assert_eq!(stalled.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn before_the_first_publication_readers_are_told_to_come_back() {
    let site = Site::empty(Ok(())).await;
    let answer = site.get("/feeds/all.atom").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
}

#[tokio::test]
async fn before_the_first_publication_is_whole_what_a_reader_asks_for_is_made_first() {
    let site = Site::empty(Ok(())).await;
    let early = site.get("/feeds/early.atom").await;
    assert_eq!((early.status, early.text()), (200, &feed_text("/feeds/early.atom")[..]));
    let broken = site.get("/feeds/broken.atom").await;
    assert_eq!(broken.status, 500);
    assert!(!broken.text().contains("secret"));
    site.shelf.keep_only(&HashSet::new());
    assert_eq!(site.get("/feeds/early.atom").await.status, 404, "all that is published stands there by now");
}

#[tokio::test]
async fn pages_are_for_people_and_not_for_scripts_of_other_sites() {
    let answer = Site::start().await.get("/").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(HTML)));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn heads_without_end_are_refused() {
    let site = Site::start().await;
    let long_line = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000));
    assert!(matches!(site.send(&long_line).await.status, 414 | 431));
    let long_header = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(100_000));
    assert_eq!(site.send(&long_header).await.status, 431);
    let headers: String = (0..200).map(|number| format!("X-{number}: a\r\n")).collect();
    assert_eq!(site.send(&format!("GET / HTTP/1.1\r\n{headers}\r\n")).await.status, 431);
    assert_eq!(site.send("nonsense\r\n\r\n").await.status, 400);
}

#[tokio::test]
async fn an_address_may_name_a_foreign_host_and_a_query_and_changes_nothing() {
    let site = Site::start().await;
    let plain = site.get("/feeds/all.atom").await;
    for path in ["http://evil.example/feeds/all.atom", "/feeds/all.atom?utm_source=reader"] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, &answer.body), (200, &plain.body), "{path}");
    }
}

#[tokio::test]
async fn a_story_that_became_part_of_another_leads_there() {
    let site = Site::start().await;
    let page = site.get(&format!("/stories/{ENTRY}")).await;
    assert_eq!((page.status, page.text()), (200, "<!doctype html><title>Story</title>"));
    let moved = site.get("/stories/aaaaaaaaaaaaaaaa").await;
    assert_eq!((moved.status, moved.header("location")), (308, Some(ENTRY)));
    for nothing in ["/stories/cccccccccccccccc", "/stories/x", "/stories/AAAAAAAAAAAAAAAA", "/stories/"] {
        assert_eq!(site.get(nothing).await.status, 404, "{nothing}");
    }
}

#[tokio::test]
async fn several_requests_share_a_connection_and_a_stop_ends_it() {
    let mut site = Site::start().await;
    let mut stream = TcpStream::connect(site.address).await.expect("a connection");
    let mut silent = TcpStream::connect(site.address).await.expect("a connection");
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
        let mut heard = Vec::new();
        while !heard.ends_with(b"ok\n") {
            assert_ne!(stream.read_buf(&mut heard).await.expect("an answer"), 0, "closed too early");
        }
    }
    site.stop.take().expect("not yet stopped").send(()).expect("the server waits for it");
    let ended = tokio::time::timeout(PATIENCE, site.server).await.expect("idle connections hold up no stop");
    assert!(ended.expect("no panic").is_ok());
    for stream in [&mut stream, &mut silent] {
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0);
    }
    assert!(TcpStream::connect(site.address).await.is_err(), "and nobody new is let in");
}

#[tokio::test]
async fn a_page_comes_in_the_language_that_its_reader_asks_for() {
    let site = Site::start().await;
    for (place, text, language) in [("/", "Latest", "en"), (&Shelf::place_in("/", "sq"), "Të rejat", "sq")] {
        let page = Document::new(text.as_bytes().to_vec(), HTML, changed_at());
        site.shelf.put(place.to_owned(), page.in_language(language));
    }
    let check = async |line: &str, accept: &str, expected: (&str, &str)| {
        let answer = site.ask(line, &[("Accept-Language", accept)]).await;
        assert_eq!(
            (answer.text(), answer.header("content-language").unwrap_or_default()),
            expected,
            "{line}: {accept}"
        );
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("accept-language")), "{answer:?}");
        answer
    };
    let first = check("GET /", "de", ("Latest", "en")).await;
    let second = check("GET /", "sq, en;q=0.5", ("Të rejat", "sq")).await;
    assert_ne!(first.header("etag"), second.header("etag"));
    check(&format!("GET /entries/{ENTRY}"), "sq", ("<!doctype html><title>Artikulli</title>", "sq")).await;
    let feed = site.ask("GET /feeds/all.atom", &[("Accept-Language", "sq")]).await;
    assert_eq!((feed.header("vary"), feed.header("content-language")), (Some("accept-encoding"), None));
}

#[tokio::test]
async fn parts_of_an_archive_are_made_once_and_may_be_kept_for_long() {
    let site = Site::start().await;
    let part = site.get("/archive/all/17.atom").await;
    assert_eq!((part.status, part.text()), (200, feed_text("all to 17 as atom").as_str()));
    assert_eq!((part.header("content-type"), part.header("last-modified")), (Some(ATOM), None));
    assert!(part.header("cache-control").is_some_and(|cached| cached.contains("max-age=2592000")), "{part:?}");
    assert_eq!(part.header("access-control-allow-origin"), Some("*"));
    let etag = part.header("etag").expect("a tag");
    assert_eq!(site.ask("GET /archive/all/17.atom", &[("If-None-Match", etag)]).await.status, 304);
    let since = [("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT")];
    assert_eq!(site.ask("GET /archive/all/17.atom", &since).await.status, 200);
    let packed = site.ask("GET /archive/all/17.atom", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(site.ask("HEAD /archive/all/17.atom", &[]).await.body.len(), 0);
    assert_eq!(site.asked_for_parts.load(Ordering::Relaxed), 1);

    for path in ["all/1000.atom", "all/017.atom", "all/0.atom", "all/17.exe", "all/17", "all/-1.atom", "all/+1.atom"] {
        assert_eq!(site.get(&format!("/archive/{path}")).await.status, 404, "{path}");
    }
    for path in ["all/99999999999999999999.atom", "nothing/17.atom", "%2e%2e/17.atom", "ALL/17.atom"] {
        assert_eq!(site.get(&format!("/archive/{path}")).await.status, 404, "{path}");
    }
    assert_eq!(site.asked_for_parts.load(Ordering::Relaxed), 2, "only what can be there is looked for");
}

#[tokio::test]
async fn what_came_before_is_in_the_archive() {
    let site = Site::start().await;
    let led = site.get("/feeds/all.json?x=1&before=18").await;
    assert_eq!(led.status, 404, "there is no such document on this shelf: {led:?}");
    for format in ["atom", "rss"] {
        site.publish(&format!("/feeds/all.{format}"), &feed_text("first"), ATOM);
        let led = site.get(&format!("/feeds/all.{format}?x=1&before=18")).await;
        assert_eq!((led.status, led.header("location")), (302, Some(format!("../archive/all/17.{format}").as_str())));
    }
    assert_eq!(site.get("/feeds/all.atom?before=1").await.status, 404);
    assert_eq!(site.get("/feeds/all.atom?before=yesterday").await.status, 400);
    assert_eq!(site.get("/feeds/other.atom?before=18").await.status, 404);
    assert_eq!(site.get(&format!("/feeds/all.atom?before={}", "9".repeat(500))).await.status, 400);
}

#[tokio::test]
async fn a_renamed_output_leads_to_its_new_address_and_a_removed_one_is_gone() {
    let site = Site::start().await;
    let moved = HashMap::from([("everything".to_owned(), "all".to_owned())]);
    site.shelf.put_signs(Signs { moved, gone: HashSet::from(["energy".to_owned()]) });
    for extension in ["atom", "rss", "json", "html"] {
        let led = site.get(&format!("/feeds/everything.{extension}")).await;
        let to = format!("all.{extension}");
        assert_eq!((led.status, led.header("location")), (301, Some(to.as_str())));
        assert_eq!(site.get(&format!("/feeds/energy.{extension}")).await.status, 410);
    }
    let led = site.get("/archive/everything/17.rss").await;
    assert_eq!((led.status, led.header("location")), (301, Some("../all/17.rss")));
    let gone = site.get("/archive/energy/17.rss").await;
    assert_eq!((gone.status, gone.text()), (410, "This is no longer published.\n"));
    for path in ["/feeds/never.atom", "/feeds/energy.exe", "/feeds/energy", "/energy.atom", "/archive/never/1.atom"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_the_class_of_their_status() {
    let site = Site::start().await;
    let mut kept = TcpStream::connect(site.address).await.expect("a connection");
    ask_on(&mut kept, "/feeds/all.atom", &[], feed_text("first").len()).await;
    ask_on(&mut kept, "/feeds/all.atom", &[("If-None-Match", "*")], 0).await;
    for path in ["/", "/nothing"] {
        site.get(path).await;
    }
    let metrics = site.get("/metrics").await;
    assert_eq!(metrics.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(metrics.header("cache-control"), Some("no-store"));
    for (class, count) in [("2xx", 2), ("3xx", 1), ("4xx", 1)] {
        let line = format!("glasnik_http_requests_total{{class=\"{class}\"}} {count}");
        assert!(metrics.text().lines().any(|known| known == line), "{}", metrics.text());
    }
    for line in metrics.text().lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(name.starts_with("glasnik_") && value.parse::<f64>().is_ok(), "{line}");
    }
}

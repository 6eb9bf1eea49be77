//! The fetcher against servers on loopback that answer what they are told, byte for byte.

use super::*;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a server says to the request with this head.
type Script = Arc<dyn Fn(&str) -> Say + Send + Sync>;

/// What a server does when it was asked.
enum Say {
    /// These bytes; the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes, and no more on this connection.
    AndClose(Vec<u8>),
    /// These bytes, then this one for ever, with a pause before each.
    AndDrip(Vec<u8>, u8, Duration),
    /// These bytes, then these again and again.
    AndRepeat(Vec<u8>, Vec<u8>),
    /// Nothing, ever.
    Nothing,
}

struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    async fn start(script: impl Fn(&str) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = Self { port, heads: Arc::default(), connections: Arc::default() };
        let (script, heads, connections): (Script, _, _) =
            (Arc::new(script), server.heads.clone(), server.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().expect("not poisoned") += 1;
                tokio::spawn(serve(stream, script.clone(), heads.clone()));
            }
        });
        server
    }

    async fn answering(answer: &'static str) -> Self {
        Self::start(move |_| Say::Bytes(answer.into())).await
    }

    fn url(&self, path: &str) -> Url {
        format!("http://127.0.0.1:{}{path}", self.port).parse().expect("an address")
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }

    fn connections(&self) -> usize {
        *self.connections.lock().expect("not poisoned")
    }
}

/// An error means that the client has gone, which is its right.
async fn serve(mut stream: TcpStream, script: Script, heads: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(stream.read_u8().await?));
        }
        heads.lock().expect("not poisoned").push(head.clone());
        match script(&head) {
            Say::Bytes(bytes) => stream.write_all(&bytes).await?,
            Say::AndClose(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Say::AndDrip(bytes, byte, pause) => {
                stream.write_all(&bytes).await?;
                loop {
                    tokio::time::sleep(pause).await;
                    stream.write_all(&[byte]).await?;
                }
            }
            Say::AndRepeat(bytes, again) => {
                stream.write_all(&bytes).await?;
                loop {
                    stream.write_all(&again).await?;
                }
            }
            Say::Nothing => std::future::pending().await,
        }
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} There\r\nLocation: {to}\r\nContent-Length: 4\r\n\r\nmove").into_bytes()
}

/// Short enough to run into, long enough for a busy machine.
fn small_limits() -> Limits {
    Limits { total: Duration::from_secs(20), drain: Duration::from_millis(50), ..Limits::default() }
}

fn unhurried() -> Settings {
    let hosts = ["127.0.0.1", "localhost", "*.example"];
    let rule = |host: &str| HostRule { pattern: host.to_owned(), spacing: Duration::ZERO };
    Settings { contact: None, hosts: hosts.into_iter().map(rule).collect() }
}

fn fetcher(limits: Limits) -> Fetcher {
    standing_on(Ground { limits, ..Ground::default() })
}

fn standing_on(ground: Ground) -> Fetcher {
    Fetcher::on(ground, &unhurried()).expect("a client")
}

async fn get(url: &Url) -> Result<Response, Error> {
    get_with(&fetcher(small_limits()), url, &Validators::default(), &[]).await
}

async fn get_with(
    fetcher: &Fetcher,
    url: &Url,
    validators: &Validators,
    headers: &[(String, String)],
) -> Result<Response, Error> {
    fetcher.get(&Request { url, validators, headers, allow_private: true }).await
}

async fn refusal(url: &Url) -> String {
    get(url).await.expect_err("a refusal").to_string()
}

/// The request as it came, less the parts that differ from machine to machine.
fn lines(head: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = head.trim_end().lines().filter(|line| !line.starts_with("host:")).collect();
    lines[1..].sort_unstable_by_key(|line| line.split(':').next());
    lines
}

#[tokio::test]
async fn a39_sends_what_is_needed_and_nothing_else() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n").await;
    let fetcher = fetcher(small_limits());
    let validators = Validators { etag: Some(b"W/\"a,b\"".to_vec()), last_modified: Some(b"once".to_vec()), url: None };
    let headers = [("X-Api-Key".to_owned(), "secret".to_owned())];
    let url = server.url("/a%2Fb/?q=%20#part");
    for _ in 0..2 {
        get_with(&fetcher, &url, &validators, &headers).await.expect("an answer");
    }
    let accept = "accept: application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, \
                  application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";
    let user_agent = format!("user-agent: glasnik/{}", env!("CARGO_PKG_VERSION"));
    let want = [
        "GET /a%2Fb/?q=%20 HTTP/1.1",
        accept,
        "accept-encoding: gzip, br, zstd",
        "if-modified-since: once",
        "if-none-match: W/\"a,b\"",
        user_agent.as_str(),
        "x-api-key: secret",
    ];
    for head in server.heads() {
        assert_eq!(lines(&head), want);
    }
    assert_eq!((server.heads().len(), server.connections()), (2, 1), "one connection for both");
}

#[tokio::test]
async fn gives_what_was_answered() {
    let headers = "ETag: \"1\"\r\nLast-Modified: today\r\nContent-Type: text/xml\r\nCache-Control: max-age=60\r\n";
    let server = Server::start(move |_| Say::Bytes(ok(headers, b"<rss/>"))).await;
    let response = get(&server.url("/feed")).await.expect("an answer");
    assert_eq!((response.status, &response.body[..], response.wire_bytes), (200, &b"<rss/>"[..], 6));
    assert_eq!(response.url, server.url("/feed"));
    assert_eq!((response.permanent_url, response.content_type.as_deref()), (None, Some("text/xml")));
    assert_eq!((response.validators.etag, response.caching.fresh_s), (Some(b"\"1\"".to_vec()), Some(60)));
}

#[tokio::test]
async fn a48_other_settings_share_connections() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let first = fetcher(small_limits());
    let second = first.with_settings(&Settings { contact: Some("mailto:desk@example.org".to_owned()), ..unhurried() });
    for fetcher in [&first, &second] {
        get_with(fetcher, &server.url("/"), &Validators::default(), &[]).await.expect("an answer");
    }
    assert_eq!(server.connections(), 1);
    assert!(server.heads()[1].contains("(+mailto:desk@example.org)"), "{}", server.heads()[1]);
}

#[tokio::test]
async fn a_redirect_to_another_server_takes_neither_secrets_nor_validators_along() {
    let target = Server::answering("HTTP/1.1 200 OK\r\nETag: \"b\"\r\nContent-Length: 0\r\n\r\n").await;
    let to = target.url("/b").to_string();
    let server = Server::start(move |_| Say::Bytes(redirect(301, &to))).await;
    let validators = Validators { etag: Some(b"\"a\"".to_vec()), last_modified: None, url: None };
    let headers = [("Authorization".to_owned(), "secret".to_owned()), ("X-Api-Key".to_owned(), "secret".to_owned())];
    let response = get_with(&fetcher(small_limits()), &server.url("/a?token=secret"), &validators, &headers).await;
    let response = response.expect("an answer");
    assert!(server.heads()[0].contains("x-api-key") && server.heads()[0].contains("if-none-match"));
    let head = target.heads().remove(0);
    for word in ["secret", "if-none-match", "referer", "token"] {
        assert!(!head.contains(word), "{head}");
    }
    assert_eq!(response.url, target.url("/b"));
    assert_eq!(response.permanent_url, Some(target.url("/b")));
    assert_eq!(response.validators.etag, Some(b"\"b\"".to_vec()));
}

/// Validators that the address gave.
fn from(url: &Url, etag: &str) -> Validators {
    Validators { etag: Some(etag.into()), last_modified: None, url: Some(url.clone()) }
}

#[tokio::test]
async fn a33_the_validators_of_where_a_redirect_leads_go_there_and_not_to_the_redirect() {
    let target = Server::answering("HTTP/1.1 304 Not Modified\r\nETag: \"2\"\r\n\r\n").await;
    let to = target.url("/new").to_string();
    let server = Server::start(move |head| match head.starts_with("GET /old ") {
        true => Say::Bytes(redirect(302, "/on")),
        false => Say::Bytes(redirect(301, &to)),
    })
    .await;
    let validators = from(&target.url("/new"), "\"1\"");
    let response = get_with(&fetcher(small_limits()), &server.url("/old"), &validators, &[]).await.expect("an answer");
    assert_eq!((response.status, response.permanent_url), (304, None));
    assert_eq!(response.validators, from(&target.url("/new"), "\"2\""));
    assert!(target.heads()[0].contains("if-none-match: \"1\""), "{}", target.heads()[0]);
    assert!(server.heads().iter().all(|head| !head.contains("if-none-match")), "{:?}", server.heads());
    assert_eq!(server.connections(), 1, "the short body of a redirect costs no connection");
}

#[tokio::test]
async fn a_304_from_another_server_that_was_told_no_validators_is_an_error() {
    let target = Server::answering("HTTP/1.1 304 Not Modified\r\n\r\n").await;
    let to = target.url("/b").to_string();
    let server = Server::start(move |_| Say::Bytes(redirect(302, &to))).await;
    let validators = Validators { etag: Some(b"\"a\"".to_vec()), last_modified: None, url: None };
    let result = get_with(&fetcher(small_limits()), &server.url("/a"), &validators, &[]).await;
    assert!(result.expect_err("no answer").to_string().contains("unconditional"));
}

#[tokio::test]
async fn b35_a_circle_of_redirects_ends_with_the_first_repetition() {
    let server = Server::start(|head| match head.starts_with("GET /a ") {
        true => Say::Bytes(redirect(302, "/b")),
        false => Say::Bytes(redirect(302, "/a")),
    })
    .await;
    assert!(refusal(&server.url("/a")).await.contains("in a circle"));
    assert_eq!(server.heads().len(), 2);
}

#[tokio::test]
async fn a_redirect_that_cannot_be_followed_is_no_answer() {
    for to in ["file:///etc/passwd", "gopher://127.0.0.1/", "http://"] {
        let server = Server::start(move |_| Say::Bytes(redirect(302, to))).await;
        assert!(refusal(&server.url("/")).await.contains("a redirect (302)"), "{to}");
    }
    let server = Server::answering("HTTP/1.1 300 Choose\r\nContent-Length: 0\r\n\r\n").await;
    assert!(refusal(&server.url("/")).await.contains("a redirect (300)"));
}

#[tokio::test]
async fn b01_without_the_operators_word_nothing_private_is_even_connected_to() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let fetcher = fetcher(small_limits());
    let validators = Validators::default();
    // A connection that was opened with the operator's word waits in the pool.
    get_with(&fetcher, &server.url("/"), &validators, &[]).await.expect("an answer");
    for host in ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"] {
        let url: Url = format!("http://{host}:{}/", server.port).parse().expect("an address");
        let request = Request { url: &url, validators: &validators, headers: &[], allow_private: false };
        let refusal = fetcher.get(&request).await.expect_err("a refusal").to_string();
        assert!(refusal.contains("allow_private") && refusal.contains("loopback"), "{host}: {refusal}");
    }
    assert_eq!((server.connections(), server.heads().len()), (1, 1));
}

#[tokio::test]
async fn bodies_are_decoded_and_counted_as_they_came() {
    let plain = "<rss/>".repeat(1000);
    let zstd = zstd::encode_all(plain.as_bytes(), 3).expect("memory takes all");
    let wire_bytes = zstd.len() as u64;
    let answer = ok("Content-Encoding: zstd\r\n", &zstd);
    let server = Server::start(move |_| Say::Bytes(answer.clone())).await;
    let response = get(&server.url("/")).await.expect("an answer");
    assert_eq!((&response.body[..], response.wire_bytes), (plain.as_bytes(), wire_bytes));
}

#[tokio::test]
async fn b30_a_bomb_is_cut_and_double_coding_refused() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&vec![0; 11 << 20]).expect("memory takes all");
    let answer = ok("Content-Encoding: gzip\r\n", &encoder.finish().expect("memory takes all"));
    assert!(answer.len() < 16 << 10, "a thousand to one");
    let server = Server::start(move |_| Say::Bytes(answer.clone())).await;
    assert!(refusal(&server.url("/")).await.contains("larger than 10 MiB"));
    let server = Server::start(|_| Say::Bytes(ok("Content-Encoding: gzip, gzip\r\n", b"x"))).await;
    assert!(refusal(&server.url("/")).await.contains("unsupported content-encoding \"gzip, gzip\""));
}

#[tokio::test]
async fn b31_a_body_without_end_is_cut_at_the_limit() {
    let limits = Limits { body_bytes_max: 1 << 20, ..small_limits() };
    let chunk = b"1000\r\n".iter().copied().chain(std::iter::repeat_n(b'x', 4096)).chain(*b"\r\n");
    let chunk: Vec<u8> = chunk.collect();
    let server = Server::start(move |_| {
        Say::AndRepeat(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), chunk.clone())
    })
    .await;
    let result = get_with(&fetcher(limits.clone()), &server.url("/"), &Validators::default(), &[]).await;
    assert!(result.expect_err("a refusal").to_string().contains("larger than 1 MiB"));
    // What is announced as too long is not even begun.
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await;
    let result = get_with(&fetcher(limits), &server.url("/"), &Validators::default(), &[]).await;
    assert!(result.expect_err("a refusal").to_string().contains("larger than 1 MiB"));
}

#[tokio::test]
async fn b32_a_dripping_body_and_a_silent_server_are_given_up() {
    let drip = || {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".to_vec();
        Say::AndDrip(head, b'x', Duration::from_millis(5))
    };
    let limits = Limits { pace_window: Duration::from_millis(300), ..small_limits() };
    let server = Server::start(move |_| drip()).await;
    let result = get_with(&fetcher(limits), &server.url("/"), &Validators::default(), &[]).await;
    assert!(result.expect_err("a refusal").to_string().contains("too slowly"));
    // However lively the drip, the whole has its time.
    let limits = Limits { total: Duration::from_millis(300), ..small_limits() };
    for script in [drip as fn() -> Say, || Say::Nothing, || Say::AndDrip(Vec::new(), b'H', Duration::from_millis(5))] {
        let server = Server::start(move |_| script()).await;
        let result = get_with(&fetcher(limits.clone()), &server.url("/"), &Validators::default(), &[]).await;
        assert!(result.expect_err("a refusal").to_string().contains("no whole answer"));
    }
}

#[tokio::test]
async fn a_body_that_ends_early_is_an_error() {
    for headers in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let answer = format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n10\r\n0123456789abcdef\r\n").into_bytes();
        let server = Server::start(move |_| Say::AndClose(answer.clone())).await;
        assert!(refusal(&server.url("/")).await.contains("broke off"), "{headers}");
    }
}

#[tokio::test]
async fn the_body_of_a_refusal_is_not_read() {
    let server = Server::start(|head| match head.contains("/long") {
        true => {
            Say::AndRepeat(b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), b"1\r\nx\r\n".to_vec())
        }
        false => Say::Bytes(b"HTTP/1.1 410 Gone\r\nRetry-After: 60\r\nContent-Length: 4\r\n\r\ngone".to_vec()),
    })
    .await;
    let response = get(&server.url("/long")).await.expect("an answer");
    assert_eq!((response.status, response.body.len()), (404, 0));
    let response = get(&server.url("/")).await.expect("an answer");
    assert_eq!((response.status, response.body.len(), response.caching.retry_after_s), (410, 0, Some(60)));
}

#[tokio::test]
async fn b33_a_bomb_of_headers_is_an_error_and_a_long_validator_is_dropped() {
    let mut many = "HTTP/1.1 200 OK\r\n".to_owned();
    for number in 0..101 {
        let _ = write!(many, "Set-Cookie: a{number}=b\r\n");
    }
    let answer = (many + "Content-Length: 0\r\n\r\n").into_bytes();
    let server = Server::start(move |_| Say::Bytes(answer.clone())).await;
    assert!(refusal(&server.url("/")).await.contains("not HTTP"));
    let endless = (b"HTTP/1.1 200 OK\r\nX: ".to_vec(), b"x".repeat(4096));
    let server = Server::start(move |_| Say::AndRepeat(endless.0.clone(), endless.1.clone())).await;
    assert!(refusal(&server.url("/")).await.contains("not HTTP"));
    let headers = format!("ETag: \"{}\"\r\n", "x".repeat(2000));
    let server = Server::start(move |_| Say::Bytes(ok(&headers, b""))).await;
    assert_eq!(get(&server.url("/")).await.expect("an answer").validators, Validators::default());
}

#[tokio::test]
async fn an_odd_header_line_costs_no_feed() {
    let headers = "X Y: 1\r\nX-Folded: a\r\n b\r\nETag: \"1\"\r\n";
    let server = Server::start(move |_| Say::Bytes(ok(headers, b"x"))).await;
    let response = get(&server.url("/")).await.expect("an answer");
    assert_eq!((&response.body[..], response.validators.etag), (&b"x"[..], Some(b"\"1\"".to_vec())));
}

#[tokio::test]
async fn a44_only_a_kept_connection_that_breaks_before_an_answer_is_replaced_and_once() {
    // What is asked in a row, what the last of it does, and the requests that the server then saw.
    let check = async |paths: &[&str], last: fn() -> Say, want: usize| {
        let server = Server::start(move |head| match head.contains("/last") {
            true => last(),
            false => Say::Bytes(ok("", b"x")),
        })
        .await;
        let fetcher = fetcher(small_limits());
        for path in paths {
            let result = get_with(&fetcher, &server.url(path), &Validators::default(), &[]).await;
            assert_eq!(result.is_ok(), !path.contains("last"), "{path}");
        }
        assert_eq!(server.heads().len(), want, "{paths:?}");
    };
    let closes = || Say::AndClose(Vec::new());
    check(&["/last"], closes, 1).await;
    check(&["/first", "/last"], closes, 3).await;
    // The second connection broke without an answer: it was never a kept one.
    check(&["/first", "/last", "/last"], closes, 4).await;
    check(&["/first", "/last"], || Say::AndClose(b"SMTP ready\r\n\r\n".to_vec()), 2).await;
    check(&["/first", "/last"], || Say::AndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec()), 2).await;
    check(&["/first", "/last"], || Say::AndClose(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n".to_vec()), 2).await;
}

#[tokio::test]
async fn a_host_is_asked_once_at_a_time_and_another_does_not_wait() {
    let silent = Server::start(|_| Say::Nothing).await;
    let other = Server::start(|_| Say::Bytes(ok("", b"x"))).await;
    let fetcher = fetcher(Limits { in_flight_max: 2, ..small_limits() });
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (fetcher, url) = (fetcher.clone(), silent.url("/"));
        waiting.spawn(async move { get_with(&fetcher, &url, &Validators::default(), &[]).await });
    }
    while silent.heads().is_empty() {
        tokio::task::yield_now().await;
    }
    let url: Url = format!("http://localhost:{}/", other.port).parse().expect("an address");
    get_with(&fetcher, &url, &Validators::default(), &[]).await.expect("an answer");
    assert_eq!(silent.heads().len(), 1);
}

#[tokio::test]
async fn no_secret_of_an_address_gets_into_an_error() {
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let url: Url = format!("http://user:secret@127.0.0.1:{port}/secret?token=secret").parse().expect("an address");
    let said = refusal(&url).await;
    assert!(said.starts_with("fetch: 127.0.0.1: no connection") && !said.contains("secret"), "{said}");
}

#[test]
fn the_first_rule_that_names_a_host_decides() {
    let rule = |pattern: &str, seconds| HostRule { pattern: pattern.to_owned(), spacing: Duration::from_secs(seconds) };
    let hosts = vec![rule("api.reddit.com", 5), rule("*.reddit.com", 60), rule("*.com", 7)];
    let fetcher = Fetcher::new(&Settings { contact: None, hosts }).expect("a client");
    let check = |host: &str, seconds| assert_eq!(fetcher.spacing(host), Duration::from_secs(seconds), "{host}");
    check("api.reddit.com", 5);
    check("old.reddit.com.", 60);
    check("reddit.com", 60);
    check("notreddit.com", 7);
    check("example.org", 1);
}

mod guests;
mod tls;

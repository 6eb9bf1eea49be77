//! What a server may expect of all requests together, and what a request may meet on its way: hosts
//! that asked to wait, that share a machine, that hang, and names that lie.

use super::*;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A name service that finds every name on loopback.
fn everything_here() -> Lookup {
    Arc::new(|_| Box::pin(async { Ok(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))]) }))
}

fn at(host: &str, server: &Server, path: &str) -> Url {
    format!("http://{host}:{}{path}", server.port).parse().expect("an address")
}

async fn asked(fetcher: &Fetcher, url: &Url, headers: &[(String, String)]) -> Result<Response, Error> {
    get_with(fetcher, url, &Validators::default(), headers).await
}

fn told_to_wait(result: Result<Response, Error>) -> bool {
    matches!(result, Err(Error::Asking { problem: Problem::Wait { .. }, .. }))
}

fn key(value: &str) -> [(String, String); 1] {
    [("X-Api-Key".to_owned(), value.to_owned())]
}

#[tokio::test]
async fn a23_after_a_429_or_503_with_retry_after_nobody_asks_that_origin() {
    for (status, retry_after, is_closed) in [
        (429, "Retry-After: 60\r\n", true),
        (503, "Retry-After: 60\r\n", true),
        (429, "", false),
        (500, "Retry-After: 60\r\n", false),
        (404, "Retry-After: 60\r\n", false),
    ] {
        let server = Server::start(move |_| {
            Say::Bytes(format!("HTTP/1.1 {status} No\r\n{retry_after}Content-Length: 0\r\n\r\n").into_bytes())
        })
        .await;
        let fetcher = fetcher(small_limits());
        assert_eq!(asked(&fetcher, &server.url("/a"), &[]).await.expect("an answer").status, status);
        assert_eq!(told_to_wait(asked(&fetcher, &server.url("/b"), &[]).await), is_closed, "{status} {retry_after}");
        assert_eq!(server.heads().len(), if is_closed { 1 } else { 2 });
    }
}

#[tokio::test]
async fn a23_those_who_wait_for_their_turn_hear_of_it_too() {
    let server = Server::answering("HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n").await;
    let (fetcher, url) = (fetcher(small_limits()), server.url("/"));
    let ask = || asked(&fetcher, &url, &[]);
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert!(first.is_ok() && told_to_wait(second) && told_to_wait(third));
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn b58_what_one_guest_is_told_keeps_no_other_away() {
    let server = Server::start(|head| match head.contains("mine") {
        true => Say::Bytes(b"HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n".to_vec()),
        false => Say::Bytes(ok("", b"x")),
    })
    .await;
    let fetcher = fetcher(small_limits());
    asked(&fetcher, &server.url("/a"), &key("mine")).await.expect("an answer");
    assert!(told_to_wait(asked(&fetcher, &server.url("/b"), &key("mine")).await));
    asked(&fetcher, &server.url("/b"), &key("yours")).await.expect("an answer");
    asked(&fetcher, &server.url("/b"), &[]).await.expect("an answer");
    asked(&fetcher, &at("localhost", &server, "/b"), &key("else")).await.expect("an answer");
}

#[tokio::test]
async fn a23_what_was_said_before_a_restart_can_be_told() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let (fetcher, url, validators) = (fetcher(small_limits()), server.url("/a"), Validators::default());
    let request = Request { url: &url, validators: &validators, headers: &[], allow_private: true };
    fetcher.keep_away(&request, Utc::now() + chrono::TimeDelta::hours(1));
    assert!(told_to_wait(asked(&fetcher, &server.url("/b"), &[]).await));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn b04_a_redirect_to_a_private_place_ends_at_that_hop() {
    // One loopback address passes for a public one; all others are what they are.
    fn kind(ip: IpAddr) -> Option<&'static str> {
        (ip != IpAddr::V4(Ipv4Addr::LOCALHOST)).then(|| (Guard::default().kind)(ip)).flatten()
    }
    let hidden = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let private = |_: &str| vec![SocketAddr::from(([127, 0, 0, 2], 0))];
    let lookup: Lookup = Arc::new(move |name| {
        let found = if name == "inside.example" { private(&name) } else { vec![([127, 0, 0, 1], 0).into()] };
        Box::pin(async { Ok(found) })
    });
    let fetcher = standing_on(Ground { limits: small_limits(), guard: Guard { kind }, lookup, roots: None });
    for status in [301, 302, 303, 307, 308] {
        for host in ["127.0.0.2", "[::1]", "169.254.169.254", "10.0.0.1", "2130706434", "0x7f.0.0.2", "inside.example"]
        {
            let to = format!("http://{host}:{}/", hidden.port);
            let server = Server::start(move |_| Say::Bytes(redirect(status, &to))).await;
            let (url, validators) = (at("public.example", &server, "/"), Validators::default());
            let request = Request { url: &url, validators: &validators, headers: &[], allow_private: false };
            let refusal = fetcher.get(&request).await.expect_err("a refusal").to_string();
            assert!(refusal.contains("allow_private"), "{status} {host}: {refusal}");
            assert_eq!(server.heads().len(), 1);
        }
    }
    assert_eq!(hidden.connections(), 0);
}

#[tokio::test]
async fn b05_a_name_that_changes_between_check_and_connection_leads_nowhere_private() {
    fn kind(ip: IpAddr) -> Option<&'static str> {
        (ip != IpAddr::V4(Ipv4Addr::LOCALHOST)).then(|| (Guard::default().kind)(ip)).flatten()
    }
    // The first answer passes for public, all later ones are private: nobody asks for a later one.
    let times = Arc::new(AtomicUsize::new(0));
    let count = times.clone();
    let lookup: Lookup = Arc::new(move |_| {
        let last = if count.fetch_add(1, Ordering::Relaxed) == 0 { 1 } else { 2 };
        Box::pin(async move { Ok(vec![([127, 0, 0, last], 0).into()]) })
    });
    let server = Server::answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    let fetcher = standing_on(Ground { limits: small_limits(), guard: Guard { kind }, lookup, roots: None });
    let (url, validators) = (at("rebinds.example", &server, "/"), Validators::default());
    for _ in 0..3 {
        let request = Request { url: &url, validators: &validators, headers: &[], allow_private: false };
        fetcher.get(&request).await.expect("an answer");
    }
    assert_eq!((times.load(Ordering::Relaxed), server.connections() >= 1), (1, true));
}

#[tokio::test]
async fn b05_the_connection_itself_is_guarded_whatever_was_checked_before() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let ground = Ground { lookup: everything_here(), ..Ground::default() };
    let clients = Clients::new(&ground, &Arc::new(Names::new(ground.lookup.clone()))).expect("clients");
    let refusal = clients.of(false).get(at("a.example", &server, "/")).send().await.expect_err("a refusal");
    assert!(matches!(Problem::from(refusal), Problem::Refused(_)));
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a47_hosts_at_one_address_are_asked_a_few_at_a_time() {
    let server = Server::start(|_| Say::Nothing).await;
    let limits = Limits { at_one_address_max: 3, ..small_limits() };
    let fetcher = standing_on(Ground { limits, lookup: everything_here(), ..Ground::default() });
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (fetcher, url) = (fetcher.clone(), at(&format!("{number}.example"), &server, "/"));
        waiting.spawn(async move { asked(&fetcher, &url, &[]).await });
    }
    while server.heads().len() < 3 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_millis(200), waiting.join_next()).await.expect_err("all wait");
    assert_eq!(server.heads().len(), 3);
}

#[tokio::test]
async fn a56_hosts_that_hang_hold_their_places_for_the_limit_and_no_longer() {
    let hangs = Server::start(|_| Say::Nothing).await;
    let works = Server::start(|_| Say::Bytes(ok("", b"x"))).await;
    let limits =
        Limits { total: Duration::from_millis(300), in_flight_max: 4, at_one_address_max: 100, ..small_limits() };
    let fetcher = standing_on(Ground { limits, lookup: everything_here(), ..Ground::default() });
    let mut waiting = tokio::task::JoinSet::new();
    // Two hosts with long queues, and a few that hang alone.
    for number in 0..40 {
        let host = format!("{}.example", if number < 36 { number % 2 } else { number });
        let (fetcher, url) = (fetcher.clone(), at(&host, &hangs, "/"));
        waiting.spawn(async move { asked(&fetcher, &url, &[]).await });
    }
    while hangs.heads().len() < 4 {
        tokio::task::yield_now().await;
    }
    let start = tokio::time::Instant::now();
    asked(&fetcher, &at("works.example", &works, "/"), &[]).await.expect("an answer");
    // The long queues would take six seconds; one round of those who hang takes a third of one.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}

#[test]
fn a56_the_limits_are_those_that_publishers_are_told() {
    let limits = Limits::default();
    assert_eq!((limits.connect.as_secs(), limits.total.as_secs(), limits.pace_window.as_secs()), (10, 30, 10));
    assert_eq!((limits.body_bytes_max, limits.pace_bytes_min), (10 << 20, 10 << 10));
    assert_eq!((limits.at_one_address_max, SPACING.as_secs()), (8, 1));
}

/// What is known of an answer that came to nothing.
async fn answer_lost(answer: impl Into<Vec<u8>>) -> (String, Option<Answer>) {
    let answer = answer.into();
    let server = Server::start(move |_| Say::AndClose(answer.clone())).await;
    let error = get(&server.url("/")).await.expect_err("no answer");
    (error.to_string(), error.into_answer())
}

#[tokio::test]
async fn what_was_said_before_an_answer_broke_is_not_lost() {
    let check = async |status: &str, headers: &str, why: &str| {
        let head =
            format!("HTTP/1.1 {status} There\r\nRetry-After: 90\r\nCache-Control: max-age=60\r\n{headers}\r\n\r\nx");
        let (error, answer) = answer_lost(head).await;
        assert!(error.contains(why), "{error}");
        let answer = answer.expect("the server said something");
        let Caching { fresh_s, retry_after_s, .. } = answer.caching;
        assert_eq!((answer.status.to_string().as_str(), fresh_s, retry_after_s), (status, Some(60), Some(90)), "{why}");
    };
    check("200", "Content-Length: 99999999999", "larger than").await;
    check("200", "Content-Length: 9", "broke off").await;
    check("200", "Content-Encoding: rot13\r\nContent-Length: 1", "content-encoding").await;
    check("200", "Content-Encoding: gzip\r\nContent-Length: 1", "not what its content-encoding says").await;
    check("300", "Content-Length: 1", "a redirect (300)").await;
    check("304", "X: y", "unconditional").await;
    // A27: too long to wait for before it is followed.
    check("301", "Location: /x\r\nContent-Length: 1", "it asked to wait until").await;
    assert_eq!(answer_lost("").await.1, None);
}

#[tokio::test]
async fn a27_a_short_wait_before_a_redirect_is_kept() {
    let server = Server::start(|head| match head.starts_with("GET /old ") {
        true => {
            Say::Bytes(b"HTTP/1.1 301 There\r\nRetry-After: 1\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n".to_vec())
        }
        false => Say::Bytes(ok("", b"x")),
    })
    .await;
    let start = tokio::time::Instant::now();
    let response = get(&server.url("/old")).await.expect("an answer");
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert!(response.took < Duration::from_secs(1), "waiting is not counted: {:?}", response.took);
}

#[tokio::test]
async fn b42_what_a_server_sends_makes_no_header_of_ours() {
    let folded = "ETag: \"a\r\n X-Evil: 1\"\r\nLast-Modified: b\r\n\tX-Evil: 2\r\n";
    let server = Server::start(move |_| Say::Bytes(ok(folded, b"x"))).await;
    let (fetcher, url) = (fetcher(small_limits()), server.url("/"));
    let first = asked(&fetcher, &url, &[]).await.expect("an answer");
    get_with(&fetcher, &url, &first.validators, &[]).await.expect("an answer");
    let names: Vec<String> =
        server.heads()[1].lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
    let ours = ["accept", "accept-encoding", "host", "if-modified-since", "if-none-match", "user-agent"];
    assert!(names.iter().all(|name| ours.contains(&name.as_str())), "{names:?}");
}

#[tokio::test]
async fn b10_an_address_means_what_the_url_standard_says() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let check = async |address: &str, want: &str| {
        let url = address.replace("HERE", &format!("127.0.0.1:{}", server.port)).parse().expect("an address");
        get(&url).await.expect("an answer");
        let head = server.heads().pop().expect("a request");
        assert!(head.starts_with(&format!("GET {want} HTTP/1.1")), "{address}: {head}");
    };
    check("http://HERE\\@evil.example/", "/@evil.example/").await;
    check("http://evil.example@HERE/x", "/x").await;
    check("ht\ntp://HERE/a\tb\r\nc", "/abc").await;
    check("HTTP://HERE/%41?", "/%41?").await;
    check("http:\\\\HERE\\a", "/a").await;
    assert!("http://[::1".parse::<Url>().is_err());
}

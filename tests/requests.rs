//! What a server gets to see of a feed's polls, and what becomes of its answers: the poller with a
//! store on disk against a publisher on loopback that answers as it is told.

mod support;

use flate2::{Compression, write::GzEncoder};
use glasnik::feed::{FeedState, Subscription};
use glasnik::fetch::{Fetcher, HostRule, Settings};
use glasnik::poll::{Poller, Report, Status, Topics};
use glasnik::store::Store;
use glasnik::topics::Matcher;
use std::io::Write;
use std::time::Duration;
use support::{Publisher, Request};
use tempfile::TempDir;

const FEED: &str = "<rss version=\"2.0\"><channel><title>T</title><link>https://o.example/</link>\
                    <item><guid isPermaLink=\"false\">1</guid><title>One</title></item></channel></rss>";
const PAGE: &str = "<!doctype html><html><body>This name is for sale</body></html>";
const PATH: &str = "/feed.xml";

/// One feed, polled without looking at the clock.
struct Guest {
    publisher: Publisher,
    poller: Poller,
    subscription: Subscription,
    _folder: TempDir,
}

impl Guest {
    async fn at(path: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let publisher = Publisher::start().await;
        let store = Store::open(&folder.path().join("glasnik.db")).expect("a new store");
        let unhurried = HostRule { pattern: "127.0.0.1".to_owned(), spacing: Duration::ZERO };
        let fetcher = Fetcher::new(&Settings { contact: None, hosts: vec![unhurried] }).expect("a client");
        let topics = Topics::new(Matcher::new(&[], &[]).expect("no rules"), &store).await.expect("in force");
        let url = publisher.url(path).parse().expect("an address");
        let subscription = Subscription { allow_private: true, ..Subscription::new("feed", url) };
        store.sync_subscriptions(std::slice::from_ref(&subscription)).await.expect("synced");
        Self { publisher, poller: Poller::new(fetcher, store, topics), subscription, _folder: folder }
    }

    async fn poll(&self) -> Report {
        self.poller.poll(&self.subscription, self.state().await, chrono::Utc::now()).await.expect("kept")
    }

    async fn state(&self) -> FeedState {
        self.poller.store.feeds().await.expect("read").remove(0).state
    }

    async fn entries(&self) -> i64 {
        self.poller.store.entry_counts().await.expect("read").get("feed").copied().unwrap_or(0)
    }

    /// Polls once for each answer.
    async fn hears(&self, answers: &[Said<'_>]) -> Report {
        let mut last = None;
        for (status, headers, body) in answers {
            self.publisher.answers(PATH, *status, headers, *body);
            last = Some(self.poll().await);
        }
        last.expect("an answer")
    }

    fn last_request(&self) -> Request {
        self.publisher.requests().pop().expect("a request")
    }
}

type Said<'a> = (u16, &'a [(&'a str, &'a str)], &'a str);

fn header(request: &Request, name: &str) -> Option<String> {
    let value = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?.1.clone();
    Some(String::from_utf8(value).expect("the tests send UTF-8"))
}

fn validators(request: &Request) -> (Option<String>, Option<String>) {
    (header(request, "if-none-match"), header(request, "if-modified-since"))
}

/// After these answers a request carries this If-None-Match and this If-Modified-Since.
async fn check_next(answers: &[Said<'_>], want: (Option<&str>, Option<&str>)) {
    let guest = Guest::at(PATH).await;
    guest.hears(answers).await;
    guest.poll().await;
    assert_eq!(
        validators(&guest.last_request()),
        (want.0.map(str::to_owned), want.1.map(str::to_owned)),
        "{answers:?}"
    );
}

#[tokio::test]
async fn a01_validators_come_back_byte_for_byte() {
    let both: &[_] = &[("ETag", "W/\"a, b\""), ("Last-Modified", "Mon, 05 Jan 2026 08:00:00 GMT")];
    check_next(&[(200, both, FEED)], (Some("W/\"a, b\""), Some("Mon, 05 Jan 2026 08:00:00 GMT"))).await;
    check_next(&[(200, &[("Last-Modified", "yesterday")], FEED)], (None, Some("yesterday"))).await;
    check_next(&[(200, &[], FEED)], (None, None)).await;
}

#[tokio::test]
async fn a02_an_odd_etag_comes_back_byte_for_byte_and_an_endless_one_not_at_all() {
    let (longest, too_long) = ("x".repeat(1024), "x".repeat(1025));
    for etag in ["unquoted", "\"\u{e9}\u{416}\"", "\"", "W/", "\"a\" \"b\"", &longest] {
        check_next(&[(200, &[("ETag", etag)], FEED)], (Some(etag), None)).await;
    }
    check_next(&[(200, &[("ETag", &too_long), ("Last-Modified", "b")], FEED)], (None, Some("b"))).await;
}

#[tokio::test]
async fn a03_a_touched_document_brings_new_validators_though_it_is_the_same() {
    let (old, new): (&[_], &[_]) =
        (&[("ETag", "\"1\""), ("Last-Modified", "a")], &[("ETag", "\"2\""), ("Last-Modified", "b")]);
    check_next(&[(200, old, FEED), (200, new, FEED)], (Some("\"2\""), Some("b"))).await;
    // A4 and A5: one of the two changes.
    check_next(
        &[(200, old, FEED), (200, &[("ETag", "\"2\""), ("Last-Modified", "a")], FEED)],
        (Some("\"2\""), Some("a")),
    )
    .await;
    check_next(
        &[(200, old, FEED), (200, &[("ETag", "\"1\""), ("Last-Modified", "b")], FEED)],
        (Some("\"1\""), Some("b")),
    )
    .await;
}

#[tokio::test]
async fn a06_a_304_may_change_one_validator_and_keeps_the_other() {
    let old: &[_] = &[("ETag", "\"1\""), ("Last-Modified", "a")];
    check_next(&[(200, old, FEED), (304, &[("ETag", "\"2\"")], "")], (Some("\"2\""), Some("a"))).await;
    check_next(&[(200, old, FEED), (304, &[("Last-Modified", "b")], "")], (Some("\"1\""), Some("b"))).await;
    check_next(&[(200, old, FEED), (304, &[], "")], (Some("\"1\""), Some("a"))).await;
}

#[tokio::test]
async fn a07_what_a_later_200_no_longer_says_is_no_longer_sent() {
    let old: &[_] = &[("ETag", "\"1\""), ("Last-Modified", "a")];
    check_next(&[(200, old, FEED), (200, &[("ETag", "\"2\"")], FEED)], (Some("\"2\""), None)).await;
    check_next(&[(200, old, FEED), (200, &[], FEED)], (None, None)).await;
}

#[tokio::test]
async fn a08_a_304_that_nobody_asked_for_is_a_failure() {
    let guest = Guest::at(PATH).await;
    let report = guest.hears(&[(304, &[("ETag", "\"1\"")], "")]).await;
    assert_eq!((report.status, report.http), (Status::Failed, Some(304)));
    let state = guest.state().await;
    assert_eq!((state.failures, state.last_success_at), (1, None));
    guest.hears(&[(200, &[], FEED)]).await;
    assert_eq!((validators(&guest.last_request()), guest.entries().await), ((None, None), 1));
}

#[tokio::test]
async fn a09_what_cannot_be_read_leaves_the_validators_of_what_could() {
    let good: Said<'_> = (200, &[("ETag", "\"1\"")], FEED);
    let bad: [Said<'_>; 5] = [
        (200, &[("ETag", "\"2\"")], PAGE),
        (200, &[("ETag", "\"2\"")], ""),
        (200, &[("ETag", "\"2\""), ("Content-Encoding", "gzip")], FEED),
        (404, &[("ETag", "\"2\"")], FEED),
        (500, &[("ETag", "\"2\"")], FEED),
    ];
    for bad in bad {
        check_next(&[good, bad], (Some("\"1\""), None)).await;
    }
}

#[tokio::test]
async fn a13_a_hundred_polls_are_conditional_but_the_first() {
    let guest = Guest::at(PATH).await;
    guest.publisher.publishes(PATH, FEED);
    for _ in 0..100 {
        guest.poll().await;
    }
    let requests = guest.publisher.requests();
    let unconditional = requests.iter().filter(|request| validators(request) == (None, None)).count();
    assert_eq!((requests.len(), unconditional), (100, 1));
    assert!(requests.iter().all(|request| request.path == PATH), "no parameters, no other paths");
}

#[tokio::test]
async fn a14_the_target_is_the_address_as_it_was_written() {
    for (written, want) in [
        ("/a%2Fb/", "/a%2Fb/"),
        ("/feed?", "/feed?"),
        ("/feed?b=%20&a=+&b", "/feed?b=%20&a=+&b"),
        ("/feed#part", "/feed"),
        ("//a//", "//a//"),
        ("/%41~!$'()*", "/%41~!$'()*"),
    ] {
        let guest = Guest::at(written).await;
        guest.poll().await;
        assert_eq!(guest.last_request().path, want);
    }
}

#[tokio::test]
async fn a20_what_must_not_be_kept_is_still_asked_for_conditionally() {
    for (name, value) in [
        ("Cache-Control", "no-cache"),
        ("Cache-Control", "no-store"),
        ("Cache-Control", "max-age=0"),
        ("Expires", "0"),
        ("Pragma", "no-cache"),
    ] {
        let headers: &[_] = &[(name, value), ("ETag", "\"1\"")];
        check_next(&[(200, headers, FEED)], (Some("\"1\""), None)).await;
        let guest = Guest::at(PATH).await;
        let report = guest.hears(&[(200, headers, FEED)]).await;
        let wait = report.next_poll_at.expect("a moment") - chrono::Utc::now();
        assert!(wait > chrono::TimeDelta::minutes(59), "{value}: {wait}");
    }
}

#[tokio::test]
async fn a25_retry_after_is_kept_as_seconds_or_a_date_with_any_status() {
    let in_two_hours =
        (chrono::Utc::now() + chrono::TimeDelta::hours(2)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for status in [429, 503, 500, 404, 200] {
        for value in ["7200", &in_two_hours] {
            let guest = Guest::at(PATH).await;
            let report = guest.hears(&[(status, &[("Retry-After", value)], FEED)]).await;
            let wait = guest.state().await.retry_at.expect("a moment") - chrono::Utc::now();
            assert!((7100..=7200).contains(&wait.num_seconds()), "{status} {value}: {wait}");
            assert!(report.next_poll_at >= guest.state().await.retry_at);
        }
    }
}

#[tokio::test]
async fn a26_a_hostile_retry_after_is_as_good_as_none() {
    for value in ["0", "-1", "soon", "", "99999999999999", "Sun, 01 Mar 2020 14:00:00 GMT", "1e9", "\u{661}"] {
        let guest = Guest::at(PATH).await;
        let report = guest.hears(&[(429, &[("Retry-After", value)], "")]).await;
        assert_eq!((guest.state().await.retry_at, report.http), (None, Some(429)), "{value:?}");
        assert_eq!(guest.poll().await.http, Some(429), "the door is not closed by {value:?}");
    }
}

#[tokio::test]
async fn a23_a_feed_whose_neighbour_was_told_to_wait_is_put_off_and_not_asked() {
    let guest = Guest::at(PATH).await;
    guest.publisher.answers(PATH, 200, &[("ETag", "\"1\"")], FEED);
    guest.poll().await;
    guest.publisher.answers("/other.xml", 429, &[("Retry-After", "7200")], "");
    let url = guest.publisher.url("/other.xml").parse().expect("an address");
    let other = Subscription { allow_private: true, ..Subscription::new("other", url) };
    let both = [guest.subscription.clone(), other.clone()];
    guest.poller.store.sync_subscriptions(&both).await.expect("synced");
    guest.poller.poll(&other, FeedState::default(), chrono::Utc::now()).await.expect("kept");

    let before = guest.state().await;
    let report = guest.poll().await;
    assert_eq!((report.status, report.http, report.error), (Status::Waiting, None, None));
    assert_eq!((guest.publisher.requests_to(PATH), guest.publisher.requests_to("/other.xml")), (1, 1));
    let state = guest.state().await;
    let wait = state.next_poll_at.expect("a moment") - chrono::Utc::now();
    assert!((7100..=7200 + 360).contains(&wait.num_seconds()), "{wait}");
    let as_before = FeedState { next_poll_at: before.next_poll_at, waits_for: before.waits_for.clone(), ..state };
    assert_eq!(as_before, before, "nothing else is concluded from it");

    // Another process learns of it from the store.
    let fetcher = Fetcher::new(&Settings::default()).expect("a client");
    let stranger = Poller::new(fetcher, guest.poller.store.clone(), guest.poller.topics.clone());
    for record in guest.poller.store.feeds().await.expect("read") {
        let subscription = both.iter().find(|known| known.id == record.name.id).expect("subscribed");
        stranger.keep_waiting(subscription, &record.state);
    }
    let report = stranger.poll(&guest.subscription, as_before, chrono::Utc::now()).await.expect("kept");
    assert_eq!((report.status, guest.publisher.requests_to(PATH)), (Status::Waiting, 1));
}

#[tokio::test]
async fn a27_a_redirect_that_asks_to_wait_long_is_not_followed_now() {
    let guest = Guest::at(PATH).await;
    let report = guest.hears(&[(301, &[("Location", "/new.xml"), ("Retry-After", "7200")], "")]).await;
    assert_eq!((report.status, report.http), (Status::Waiting, Some(301)));
    let state = guest.state().await;
    assert_eq!((state.failures, state.last_error), (0, None));
    assert!(state.retry_at.expect("a moment") - chrono::Utc::now() > chrono::TimeDelta::minutes(118));
    assert!(state.next_poll_at >= state.retry_at);
    assert_eq!(guest.publisher.requests().len(), 1);
}

#[tokio::test]
async fn a33_a_feed_behind_a_redirect_is_conditional_where_it_leads_and_begins_at_its_own_address() {
    for status in [301, 302, 303, 307, 308] {
        let guest = Guest::at("/old.xml").await;
        guest.publisher.moves("/old.xml", status, PATH);
        guest.publisher.publishes(PATH, FEED);
        guest.poll().await;
        assert_eq!(guest.poll().await.http, Some(304), "{status}");
        let seen: Vec<(String, bool)> = guest
            .publisher
            .requests()
            .into_iter()
            .map(|request| (request.path.clone(), validators(&request) != (None, None)))
            .collect();
        let want = [("/old.xml", false), (PATH, false), ("/old.xml", false), (PATH, true)];
        assert_eq!(seen, want.map(|(path, is_conditional)| (path.to_owned(), is_conditional)), "{status}");
    }
}

#[tokio::test]
async fn a33_validators_of_one_place_are_told_to_no_other() {
    let guest = Guest::at("/old.xml").await;
    guest.publisher.moves("/old.xml", 302, PATH);
    guest.publisher.publishes(PATH, FEED);
    guest.publisher.publishes("/elsewhere.xml", FEED);
    guest.poll().await;
    guest.publisher.moves("/old.xml", 302, "/elsewhere.xml");
    guest.poll().await;
    assert_eq!(
        (guest.last_request().path.as_str(), validators(&guest.last_request())),
        ("/elsewhere.xml", (None, None))
    );
    guest.publisher.publishes("/old.xml", FEED);
    guest.poll().await;
    assert_eq!((guest.last_request().path.as_str(), validators(&guest.last_request())), ("/old.xml", (None, None)));
    assert_eq!(guest.poll().await.http, Some(304));
}

#[tokio::test]
async fn a34_of_a_chain_only_the_permanent_beginning_is_reported() {
    let guest = Guest::at("/a.xml").await;
    guest.publisher.moves("/a.xml", 301, "/b.xml");
    guest.publisher.moves("/b.xml", 302, "/c.xml");
    guest.publisher.moves("/c.xml", 301, PATH);
    guest.publisher.publishes(PATH, FEED);
    assert_eq!(guest.poll().await.status, Status::Moved);
    assert_eq!(guest.state().await.moved_to, Some(guest.publisher.url("/b.xml")));
}

#[tokio::test]
async fn a35_a_loop_or_a_long_chain_ends_soon_and_is_a_failure() {
    let guest = Guest::at("/0.xml").await;
    for number in 0..20 {
        guest.publisher.moves(&format!("/{number}.xml"), 302, &format!("/{}.xml", number + 1));
    }
    assert_eq!(guest.poll().await.status, Status::Failed);
    assert!(guest.publisher.requests().len() <= 10, "{}", guest.publisher.requests().len());
    guest.publisher.moves("/1.xml", 302, "/0.xml");
    let before = guest.publisher.requests().len();
    let report = guest.poll().await;
    assert_eq!((report.status, report.http), (Status::Failed, Some(302)));
    assert_eq!(guest.publisher.requests().len() - before, 2);
}

#[tokio::test]
async fn a36_a_redirect_to_a_page_for_sale_moves_nothing() {
    let guest = Guest::at(PATH).await;
    guest.hears(&[(200, &[], FEED)]).await;
    guest.publisher.moves(PATH, 301, "/parked.html");
    guest.publisher.publishes("/parked.html", PAGE);
    assert_eq!(guest.poll().await.status, Status::Failed);
    assert_eq!((guest.state().await.moved_to, guest.entries().await), (None, 1));
}

#[tokio::test]
async fn a38_compressed_answers_are_asked_for_and_understood() {
    let guest = Guest::at(PATH).await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(FEED.as_bytes()).expect("memory takes all");
    let gzip = gzip.finish().expect("memory takes all");
    let wire_bytes = gzip.len() as u64;
    guest.publisher.answers(PATH, 200, &[("Content-Encoding", "gzip")], gzip);
    let report = guest.poll().await;
    assert_eq!((report.status, report.new, report.bytes), (Status::Changed, 1, wire_bytes));
    assert_eq!(header(&guest.last_request(), "accept-encoding").as_deref(), Some("gzip, br, zstd"));
}

#[tokio::test]
async fn a41_a_poll_is_one_request_without_a_memory_or_a_second_face() {
    for status in [200, 304, 401, 403, 404, 406, 415, 429, 500] {
        let guest = Guest::at(PATH).await;
        let body = FEED.replace("</item>", "<link>/article.html</link><enclosure url=\"/a.mp3\"/></item>");
        let headers: &[_] = &[("Set-Cookie", "id=1; Path=/"), ("Link", "</hub>; rel=hub, </icon.png>; rel=icon")];
        guest.publisher.answers(PATH, status, headers, body.as_str());
        guest.poll().await;
        guest.poll().await;
        let requests = guest.publisher.requests();
        let targets: Vec<_> = requests.iter().map(|request| request.path.as_str()).collect();
        assert_eq!(targets, [PATH, PATH], "{status}: no robots.txt, icons, hubs, articles or second tries");
        let names =
            |request: &Request| -> Vec<String> { request.headers.iter().map(|(name, _)| name.clone()).collect() };
        assert_eq!(names(&requests[0]), names(&requests[1]), "{status}");
        for forbidden in ["cookie", "referer", "cache-control", "pragma", "authorization", "from", "dnt"] {
            assert_eq!(header(&requests[1], forbidden), None, "{status}");
        }
        assert_eq!(header(&requests[0], "user-agent"), header(&requests[1], "user-agent"));
    }
}

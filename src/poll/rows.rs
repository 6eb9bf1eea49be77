//! Thirty days of polls under a settable clock, a scripted origin a row: what it does, and when it is
//! asked for it. docs/politeness.md says the same in words.

use super::conclude::{Heard, conclude};
use crate::caching::{self, Caching};
use crate::feed::{Entry, EntryKey, Feed, FeedState, Skips, Subscription};
use crate::fetch::Response;
use crate::ingest;
use crate::schedule;
use bytes::Bytes;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use url::Url;

const HOUR: Duration = Duration::from_secs(3600);
const URL: &str = "https://a.example/feed";

/// What a scripted origin answers.
#[derive(Clone, Default)]
struct Said {
    /// 0 where it cannot be reached.
    status: u16,
    headers: Vec<(&'static str, String)>,
    /// With a 200: the feed, else it is a page for people.
    feed: Option<Feed>,
    permanent_url: Option<&'static str>,
}

fn says(status: u16, headers: &[(&'static str, &str)]) -> Said {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Said { status, headers, ..Said::default() }
}

/// A 200 with a feed whose newest entry is of that moment.
fn feed(newest: DateTime<Utc>) -> Said {
    let entry = EntryKey::new("1").map(|key| Entry { published: Some(newest), ..empty_entry(key) });
    Said { feed: Some(Feed { entries: entry.into_iter().collect(), ..Feed::default() }), ..says(200, &[]) }
}

fn empty_entry(key: EntryKey) -> Entry {
    serde_json::from_value(serde_json::json!({ "key": key })).expect("an entry")
}

/// A request that the origin got.
#[derive(Debug)]
struct Asked {
    at: DateTime<Utc>,
    url: Url,
    is_conditional: bool,
}

fn start() -> DateTime<Utc> {
    // A Sunday.
    "2026-03-01T12:00:00Z".parse().expect("a date")
}

/// Every request of thirty days, and the state at their end.
fn a_month(subscription: &Subscription, origin: impl Fn(DateTime<Utc>, &Url) -> Said) -> (Vec<Asked>, FeedState) {
    days(30, subscription, FeedState { next_poll_at: Some(start()), ..FeedState::default() }, origin)
}

fn days(
    days: i64,
    subscription: &Subscription,
    mut state: FeedState,
    origin: impl Fn(DateTime<Utc>, &Url) -> Said,
) -> (Vec<Asked>, FeedState) {
    let (begin, mut asked) = (state.next_poll_at.expect("a first moment"), Vec::new());
    while let Some(at) = state.next_poll_at.filter(|at| !state.is_gone && *at < begin + TimeDelta::days(days)) {
        let url = state.asked_url(subscription).clone();
        let said = origin(at, &url);
        asked.push(Asked { at, url: url.clone(), is_conditional: !state.validators.is_empty() });
        state = conclude(subscription, state, heard(said, url, at), at).1.state;
    }
    (asked, state)
}

fn heard(said: Said, url: Url, at: DateTime<Utc>) -> Heard {
    let name = |name: &str| name.parse::<HeaderName>().expect("a name");
    let header = |(key, value): &(&str, String)| (name(key), HeaderValue::from_str(value).expect("a value"));
    let headers: HeaderMap = said.headers.iter().map(header).collect();
    let response = Response {
        status: said.status,
        url,
        permanent_url: said.permanent_url.map(|url| url.parse().expect("an address")),
        validators: caching::validators(&headers),
        caching: Caching::of(&headers, at),
        content_type: None,
        body: Bytes::new(),
        wire_bytes: 0,
        took: Duration::ZERO,
        place: None,
    };
    let failed = |answer| Heard::Failed { error: "it failed".to_owned(), answer };
    match (said.status, said.feed) {
        (0, _) => failed(None),
        (304, _) => Heard::Same(response),
        (200, Some(feed)) => Heard::New { response, body_hash: vec![1], feed: Box::new(feed) },
        _ => failed(Some(response.answer())),
    }
}

fn hourly() -> Subscription {
    Subscription::new("a", URL.parse().expect("an address"))
}

/// The hours between the requests of a month, rounded down.
fn gaps(origin: impl Fn(DateTime<Utc>, &Url) -> Said) -> Vec<i64> {
    let (asked, _) = a_month(&hourly(), origin);
    asked.windows(2).map(|pair| (pair[1].at - pair[0].at).num_hours()).collect()
}

/// All waits, but for the first, are of so many hours or up to a tenth more.
fn check(origin: impl Fn(DateTime<Utc>, &Url) -> Said, hours: i64) {
    let (asked, _) = a_month(&hourly(), origin);
    let most = TimeDelta::minutes(hours * 60 + (hours * 6).min(60));
    for pair in asked.windows(2).skip(1) {
        let wait = pair[1].at - pair[0].at;
        assert!((TimeDelta::hours(hours)..=most).contains(&wait), "{wait} for {hours}h");
    }
    let polls = i64::try_from(asked.len()).expect("few");
    assert!((30 * 24 * 10 / (hours * 11 + 10)..=30 * 24 / hours + 1).contains(&polls), "{polls} polls of {hours}h");
}

/// News on every other day, 304s with these headers between them.
fn unchanged(headers: &'static [(&'static str, &'static str)]) -> impl Fn(DateTime<Utc>, &Url) -> Said {
    move |at, _| if (at - start()).num_days() % 2 == 0 { lively(at, headers) } else { says(304, headers) }
}

fn lively(at: DateTime<Utc>, headers: &[(&'static str, &str)]) -> Said {
    Said { headers: says(200, headers).headers, ..feed(at) }
}

#[test]
fn a11_a_restart_changes_no_moment_because_all_of_it_is_kept() {
    let (one_run, _) = days(2, &hourly(), FeedState { next_poll_at: Some(start()), ..FeedState::default() }, news);
    // A start only reads the state: whoever looks five times within the interval finds nothing due.
    let state =
        conclude(&hourly(), FeedState::default(), heard(news(start(), &hourly().url), hourly().url, start()), start())
            .1
            .state;
    for minutes in [1, 10, 20, 40, 59] {
        assert!(state.next_poll_at > Some(start() + TimeDelta::minutes(minutes)));
    }
    assert_eq!(state.next_poll_at, Some(one_run[1].at));
}

/// News with every answer.
fn news(at: DateTime<Utc>, _: &Url) -> Said {
    Said { headers: says(200, &[("etag", "\"1\"")]).headers, ..feed(at) }
}

#[test]
fn a12_an_edit_of_the_interval_keeps_the_validators_and_pulls_the_next_poll_nearer() {
    let daily = Subscription { every: HOUR * 24, ..hourly() };
    let first = FeedState { next_poll_at: Some(start()), ..FeedState::default() };
    let (_, state) = days(1, &daily, first, news);
    let last = state.last_poll_at.expect("asked");
    let edited = |every, hours| {
        schedule::after_an_edit(every, false, &state, URL, last + TimeDelta::hours(hours)).expect("moved").at
    };
    assert!((last + TimeDelta::hours(2)..last + TimeDelta::hours(3)).contains(&edited(HOUR * 2, 1)));
    assert_eq!(edited(HOUR * 2, 5), last + TimeDelta::hours(5), "overdue by the new interval: now");
    assert!(edited(Duration::ZERO, 0) >= last + TimeDelta::minutes(1), "never sooner than a minute");
    assert!(!state.validators.is_empty());
}

#[test]
fn a12_a_new_header_makes_only_a_failing_feed_due() {
    let state = |failures| FeedState { failures, last_poll_at: Some(start()), ..FeedState::default() };
    let later = start() + TimeDelta::hours(9);
    let edited = |state: &FeedState, is_access_changed| {
        schedule::after_an_edit(HOUR * 24, is_access_changed, state, URL, later).map(|next| next.at)
    };
    assert_eq!(edited(&state(5), true), Some(later));
    assert_eq!(edited(&state(5), false), None);
    assert!(edited(&state(0), true) >= Some(start() + TimeDelta::days(1)));
    let told = FeedState { retry_at: Some(later + TimeDelta::hours(1)), ..state(5) };
    assert_eq!(edited(&told, true), told.retry_at);
}

#[test]
fn a13_after_the_first_no_request_is_unconditional() {
    let (asked, _) = a_month(&hourly(), news);
    assert!(asked.len() > 600);
    assert!(asked.iter().skip(1).all(|asked| asked.is_conditional));
}

#[test]
fn a15_steady_answers_are_never_asked_for_sooner_than_the_interval() {
    check(news, 1);
    check(unchanged(&[]), 1);
}

#[test]
fn a16_five_hundred_feeds_do_not_come_together_after_their_first_hours() {
    let mut minutes = [0_u32; 48 * 60];
    for number in 0..500 {
        let url = format!("https://{number}.example/feed").parse().expect("an address");
        let first = FeedState { next_poll_at: Some(start()), ..FeedState::default() };
        for asked in days(2, &Subscription::new("a", url), first, news).0 {
            minutes[usize::try_from((asked.at - start()).num_minutes()).expect("within")] += 1;
        }
    }
    // All were added in the same minute, and asked at once; from the second poll on they are apart.
    let day = &minutes[24 * 60..];
    let (all, most) = (day.iter().sum::<u32>(), day.iter().max().copied().unwrap_or_default());
    assert!(most * 24 * 60 <= all * 3, "{most} in a minute of {all} a day");
    let full_hours: u32 = day.iter().step_by(60).sum();
    assert!(full_hours * 100 <= all * 3, "{full_hours} of {all} at minute 0");
    assert!(minutes[60..120].iter().all(|count| *count <= 25), "the second poll of each is spread over an hour");
}

#[test]
fn a17_max_age_holds_for_twelve_hours() {
    check(|at, _| lively(at, &[("cache-control", "max-age=43200")]), 12);
}

#[test]
fn a18_max_age_of_a_304_holds_as_well() {
    check(unchanged(&[("cache-control", "max-age=43200")]), 12);
}

#[test]
fn a20_what_must_not_be_kept_is_asked_for_at_the_interval_and_conditionally() {
    for cache in ["no-cache", "no-store", "max-age=0"] {
        let origin = move |at, _: &Url| lively(at, &[("cache-control", cache), ("expires", "0"), ("etag", "\"1\"")]);
        check(origin, 1);
        assert!(a_month(&hourly(), origin).0.iter().skip(1).all(|asked| asked.is_conditional));
    }
}

#[test]
fn a21_ten_years_of_max_age_are_a_week_and_said_so() {
    let origin = |at, _: &Url| lively(at, &[("cache-control", "max-age=315360000")]);
    let (asked, state) = a_month(&hourly(), origin);
    assert_eq!(asked.len(), 5);
    assert_eq!(state.waits_for.as_deref(), Some("the server says that nothing changes for 7d"));
}

#[test]
fn a23_429_with_a_day_of_retry_after_is_left_alone_for_a_day() {
    check(|_, _| says(429, &[("retry-after", "86400")]), 24);
}

#[test]
fn a24_429_without_retry_after_doubles_from_twice_the_interval() {
    assert_eq!(gaps(|_, _| says(429, &[]))[..5], [2, 4, 8, 16, 24]);
}

#[test]
fn a24_429_with_a_tiny_retry_after_doubles_all_the_same() {
    assert_eq!(gaps(|_, _| says(429, &[("retry-after", "1")]))[..5], [2, 4, 8, 16, 24]);
}

#[test]
fn a25_503_with_retry_after_date_waits_until_the_date() {
    let opens = start() + TimeDelta::days(3);
    let origin = move |at: DateTime<Utc>, _: &Url| match at < opens {
        true => Said { headers: vec![("retry-after", caching::http_date(opens))], ..says(503, &[]) },
        false => feed(at),
    };
    let (asked, state) = a_month(&hourly(), origin);
    assert!((opens..opens + TimeDelta::hours(2)).contains(&asked[1].at), "{:?}", asked[1]);
    assert_eq!((state.failures, state.retry_at), (0, None));
}

#[test]
fn a26_a_hostile_retry_after_is_as_none() {
    for value in ["-60", "soon", "0", "99999999999999", "Sun, 01 Mar 2020 14:00:00 GMT", "99999999999999999999999"] {
        let gaps = gaps(move |_, _| says(429, &[("retry-after", value)]));
        assert_eq!(gaps[..5], [2, 4, 8, 16, 24], "{value}");
    }
}

#[test]
fn a28_500_for_ten_days_backs_off_and_recovers_within_a_day() {
    let mended = start() + TimeDelta::days(10);
    let origin = move |at: DateTime<Utc>, _: &Url| if at < mended { says(500, &[]) } else { feed(at) };
    let (asked, state) = a_month(&hourly(), origin);
    let broken: Vec<_> = asked.iter().filter(|asked| asked.at < mended).collect();
    assert!(broken.len() <= 16, "{}", broken.len());
    assert!(asked[broken.len()].at <= mended + TimeDelta::days(1));
    assert_eq!(state.failures, 0);
    assert!(state.waits_for.is_some_and(|reason| reason == "every 1h"));
}

#[test]
fn a29_404_for_a_month_comes_down_to_daily_then_weekly() {
    let (asked, _) = a_month(&hourly(), |_, _| says(404, &[]));
    let between =
        |from: i64, to: i64| asked.iter().filter(|asked| (from..to).contains(&(asked.at - start()).num_days())).count();
    assert!((3..14).all(|day| between(day, day + 1) <= 1), "{asked:?}");
    assert!(between(15, 22) <= 1 && between(22, 29) <= 1, "{asked:?}");
    assert!(asked.len() <= 22);
}

#[test]
fn a30_410_is_confirmed_once_after_a_day_and_then_final() {
    let (asked, state) = a_month(&hourly(), |_, _| says(410, &[]));
    assert_eq!(asked.len(), 2);
    assert!(asked[1].at - asked[0].at >= TimeDelta::days(1));
    assert!(state.is_gone && state.gone_at == Some(start()));
}

#[test]
fn a30_410_by_mistake_ends_nothing() {
    let origin = |at: DateTime<Utc>, _: &Url| if at == start() { says(410, &[]) } else { feed(at) };
    let (asked, state) = a_month(&hourly(), origin);
    assert!(asked.len() > 500 && !state.is_gone && state.gone_at.is_none());
}

#[test]
fn a30_not_even_poll_all_asks_again_before_the_day_is_over() {
    let said = heard(says(410, &[]), hourly().url, start());
    let state = conclude(&hourly(), FeedState::default(), said, start()).1.state;
    assert!(!state.is_gone);
    assert!(state.retry_at >= Some(start() + TimeDelta::days(1)));
}

#[test]
fn a31_403_backs_off_to_daily() {
    for status in [401, 403] {
        let gaps = gaps(move |_, _| says(status, &[]));
        assert_eq!(gaps[..2], [4, 16], "{status}");
        assert!(gaps[2..].iter().all(|hours| *hours >= 24), "{status}: {gaps:?}");
    }
}

const NEW: &str = "https://b.example/feed";

#[test]
fn a32_a_permanent_redirect_of_a_week_is_adopted() {
    let origin = |at, url: &Url| Said { permanent_url: (url.as_str() == URL).then_some(NEW), ..news(at, url) };
    let (asked, state) = a_month(&hourly(), origin);
    let old: Vec<_> = asked.iter().filter(|asked| asked.url.as_str() == URL).collect();
    let until = old.last().expect("some").at - start();
    assert!((TimeDelta::days(7)..TimeDelta::days(7) + TimeDelta::hours(2)).contains(&until), "{until}");
    assert!(asked[old.len()..].iter().all(|asked| asked.url.as_str() == NEW && asked.is_conditional));
    assert_eq!((state.adopted.as_ref().map(Url::as_str), state.moved_to.as_deref()), (Some(NEW), Some(NEW)));
}

#[test]
fn a34_only_the_permanent_part_of_a_chain_is_adopted() {
    // A 301 to `b`, which answers by way of a 302: the fetcher names `b` while `a` is asked, and
    // nothing while `b` is.
    let origin = |at, url: &Url| Said { permanent_url: (url.as_str() == URL).then_some(NEW), ..news(at, url) };
    assert_eq!(a_month(&hourly(), origin).1.adopted.as_ref().map(Url::as_str), Some(NEW));
    // A 302 first: nothing is named.
    assert_eq!(a_month(&hourly(), news).1.adopted, None);
}

#[test]
fn a36_a_permanent_redirect_to_a_page_is_never_adopted() {
    let parked = |_: DateTime<Utc>, _: &Url| Said { permanent_url: Some(NEW), ..says(200, &[]) };
    let (asked, state) = a_month(&hourly(), parked);
    assert!(asked.iter().all(|asked| asked.url.as_str() == URL));
    assert_eq!((state.adopted, state.moving, state.failures > 20), (None, None, true));
}

#[test]
fn a36_an_adopted_address_that_fails_for_days_gives_way_to_the_old_one() {
    for broken in [404, 410, 0] {
        let parked = start() + TimeDelta::days(10);
        let origin = move |at: DateTime<Utc>, url: &Url| match (url.as_str(), at < parked) {
            (URL, is_early) => Said { permanent_url: is_early.then_some(NEW), ..news(at, url) },
            (_, true) => news(at, url),
            (_, false) => says(broken, &[]),
        };
        let (asked, state) = a_month(&hourly(), origin);
        let back = asked.iter().find(|asked| asked.at > parked && asked.url.as_str() == URL).expect("back");
        assert!(back.at - parked < TimeDelta::days(5), "{broken}: {}", back.at);
        assert!(!back.is_conditional, "what the other address said is not told to this one");
        assert_eq!((state.adopted, state.moved_to, state.failures, state.is_gone), (None, None, 0, false), "{broken}");
    }
}

#[test]
fn a50_ttl_lengthens_the_interval() {
    let with_ttl = |ttl_s| {
        move |at: DateTime<Utc>, _: &Url| {
            let said = feed(at);
            Said { feed: said.feed.map(|feed| Feed { ttl_s: Some(ttl_s), ..feed }), ..said }
        }
    };
    check(with_ttl(180 * 60), 3);
    // And so it does with the 304s that follow it.
    let once =
        move |at: DateTime<Utc>, url: &Url| if at == start() { with_ttl(180 * 60)(at, url) } else { says(304, &[]) };
    assert!(gaps(once).iter().all(|hours| *hours >= 3));
}

#[test]
fn a51_no_poll_falls_into_skipped_hours_and_days() {
    // At night and on Sundays; the feed says so once, and the 304s after it do not.
    let skips = Skips { hours: 0b1111_1111, days: 1 << 6 };
    let monday = start() + TimeDelta::days(1);
    let first = FeedState { next_poll_at: Some(monday), ..FeedState::default() };
    let origin = move |at: DateTime<Utc>, _: &Url| {
        let said = feed(at);
        if at == monday { Said { feed: said.feed.map(|feed| Feed { skips, ..feed }), ..said } } else { says(304, &[]) }
    };
    let (asked, _) = days(30, &hourly(), first, origin);
    assert!(asked.len() > 50, "{}", asked.len());
    for asked in asked {
        assert!(asked.at.hour() >= 8 && asked.at.weekday() != Weekday::Sun, "{}", asked.at);
    }
}

#[test]
fn a51_a_feed_that_excludes_every_hour_is_asked_as_if_it_excluded_none() {
    let skips = Skips { hours: (1 << 24) - 1, days: 0 };
    check(
        move |at, _| {
            let said = feed(at);
            Said { feed: said.feed.map(|feed| Feed { skips, ..feed }), ..said }
        },
        1,
    );
}

#[test]
fn a53_a_feed_that_falls_silent_is_asked_daily_and_hourly_again_after_news() {
    let back = start() + TimeDelta::days(29);
    let origin = move |at: DateTime<Utc>, _: &Url| {
        // Silent for half a year already, without a Last-Modified, until there are news.
        if at == start() {
            feed(at - TimeDelta::days(180))
        } else if at < back {
            says(304, &[])
        } else {
            feed(at)
        }
    };
    let gaps = gaps(origin);
    let daily = gaps.iter().take_while(|hours| **hours >= 24).count();
    assert!((27..=29).contains(&daily), "{gaps:?}");
    assert!(gaps.len() > daily && gaps[daily..].iter().all(|hours| *hours == 1), "{gaps:?}");
}

#[test]
fn a53_a_feed_without_any_dates_grows_quiet_from_its_last_change() {
    let undated = || Said {
        feed: Some(Feed { entries: vec![empty_entry(EntryKey::new("1").expect("a key"))], ..Feed::default() }),
        ..says(200, &[])
    };
    let gaps = gaps(|at, _| if at == start() { undated() } else { says(304, &[]) });
    assert!(gaps[..60].iter().all(|hours| *hours <= 2), "{gaps:?}");
    assert!(gaps.last().is_some_and(|hours| *hours >= 20), "{gaps:?}");
}

#[test]
fn a_daily_feed_is_never_early_and_moves_through_the_day() {
    let daily = Subscription { every: HOUR * 24, ..hourly() };
    let (asked, _) = a_month(&daily, news);
    let waits: Vec<_> = asked.windows(2).skip(1).map(|pair| pair[1].at - pair[0].at).collect();
    let most = TimeDelta::hours(25);
    assert!(waits.iter().all(|wait| (TimeDelta::days(1) + TimeDelta::seconds(1)..=most).contains(wait)), "{waits:?}");
    assert!(asked.len() >= 28);
}

#[test]
fn a49_after_three_days_off_ten_thousand_feeds_are_asked_once_each_over_half_an_hour() {
    let now = start() + TimeDelta::days(3);
    let window = schedule::catch_up_window(10_000, true);
    assert!(window >= HOUR / 2, "{window:?}");
    let mut minutes = vec![0_u32; 31];
    for number in 0..10_000 {
        let url: Url = format!("https://a{number}.example/feed").parse().expect("an address");
        let feed = Subscription::new("a", url.clone());
        let at = schedule::first_poll(url.as_str(), window, now);
        minutes[usize::try_from((at - now).num_minutes()).expect("not before")] += 1;
        let state = FeedState { last_poll_at: Some(start()), next_poll_at: Some(at), ..FeedState::default() };
        let (_, poll) = conclude(&feed, state, heard(says(304, &[]), url, at), at);
        assert!(poll.state.next_poll_at >= Some(at + TimeDelta::hours(1)), "a second time so soon");
    }
    assert!(minutes[..30].iter().all(|polls| (200..=500).contains(polls)), "{minutes:?}");
}

#[test]
fn a52_twice_daily_by_the_syndication_module_is_every_twelve_hours() {
    let document = "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>T</title>\
        <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency></channel></rss>";
    let read = || ingest::read(document.as_bytes(), &ingest::Context::default()).expect("a feed");
    check(|_, _| Said { feed: Some(read()), ..says(200, &[]) }, 12);
}

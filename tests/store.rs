//! The store's contract, in words of the domain, on a real SQLite file.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{
    Collapse, Day, Entry, Feed, FeedState, Moving, Output, RulesHash, Skips, Subscription, Tag, Validators,
};
use glasnik::poll::recognize;
use glasnik::store::{DAYS_KEPT, Error, PastPoll, Places, Saved, SavedPoll, Store};
use tempfile::TempDir;
use url::Url;

struct World {
    store: Store,
    directory: TempDir,
    now: DateTime<Utc>,
}

impl World {
    async fn with(feeds: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        let world = Self { store, directory, now: "2026-03-01T12:00:00Z".parse().expect("a date") };
        world.subscribe(feeds).await;
        world
    }

    async fn subscribe(&self, feeds: &[&str]) {
        let subscriptions: Vec<Subscription> = feeds.iter().map(|id| subscription(id)).collect();
        self.store.sync_subscriptions(&subscriptions).await.expect("synced");
    }

    async fn poll(&self, feed: &str, entries: Vec<Entry>) -> Saved {
        self.poll_tagged(feed, entries.into_iter().map(|entry| (entry, Vec::new())).collect()).await
    }

    async fn poll_tagged(&self, feed: &str, entries: Vec<(Entry, Vec<Tag>)>) -> Saved {
        self.poll_of(feed, self.url(feed).await, entries).await
    }

    async fn poll_of(&self, feed: &str, url: Url, entries: Vec<(Entry, Vec<Tag>)>) -> Saved {
        let (entries, tags) = entries.into_iter().unzip();
        let said = Feed { title: Some(format!("The {feed}")), entries, ..Feed::default() };
        let poll = SavedPoll {
            feed: feed.to_owned(),
            url,
            state: FeedState::default(),
            said: Some((said, tags)),
            past: None,
            places: Places::default(),
            tagged_by: RulesHash::default(),
            at: self.now,
        };
        let poll = recognize(poll, &self.store).await.expect("decided");
        self.store.save_poll(poll).await.expect("saved")
    }

    /// Where the feed lives by now, as the daemon would ask it.
    async fn url(&self, feed: &str) -> Url {
        let records = self.store.feeds().await.expect("read");
        let record = records.into_iter().find(|record| record.name.id == feed);
        record.map_or_else(|| subscription(feed).url, |record| record.name.url.parse().expect("a URL"))
    }

    async fn shown(&self, output: &Output) -> Vec<String> {
        let entries = self.store.entries(output).await.expect("read");
        entries.into_iter().map(|kept| kept.entry.title.unwrap_or_default()).collect()
    }

    fn later(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
    }
}

fn subscription(id: &str) -> Subscription {
    Subscription::new(id, format!("https://{id}.example/feed").parse().expect("a URL"))
}

fn entry(key: &str, title: &str) -> Entry {
    let json = serde_json::json!({ "key": format!("id:{key}"), "id": key, "title": title });
    let mut entry: Entry = serde_json::from_value(json).expect("an entry");
    entry.fingerprint = title.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    entry
}

fn linked(key: &str, title: &str, link: &str) -> Entry {
    Entry { link: Some(link.to_owned()), canonical_link: Some(link.to_owned()), ..entry(key, title) }
}

fn dated(key: &str, title: &str, published: DateTime<Utc>) -> Entry {
    Entry { published: Some(published), ..entry(key, title) }
}

fn everything() -> Output {
    Output::new("all", "All")
}

fn tag(topic: &str) -> Tag {
    Tag { topic: topic.to_owned(), score: 1.0, matched: Vec::new() }
}

#[tokio::test]
async fn an_entry_seen_again_is_not_new() {
    let world = World::with(&["a"]).await;
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await, Saved { new: 1, changed: 0 });
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await, Saved { new: 0, changed: 0 });
}

#[tokio::test]
async fn an_undated_entry_that_returns_is_not_new() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "One"), entry("2", "Two")]).await;
    world.later(1);
    world.poll("a", vec![entry("2", "Two")]).await;
    world.later(1);
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await, Saved::default());
}

#[tokio::test]
async fn an_edit_keeps_the_id_and_its_place_and_moves_updated() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "Frist")]).await;
    let before = world.store.entries(&everything()).await.expect("read").remove(0);
    world.later(2);
    assert_eq!(world.poll("a", vec![entry("1", "First")]).await, Saved { new: 0, changed: 1 });
    let after = world.store.entries(&everything()).await.expect("read").remove(0);
    assert_eq!((&after.uid, after.sorted_at), (&before.uid, before.sorted_at));
    assert_eq!(after.updated_at, before.updated_at + TimeDelta::hours(2));
    assert_eq!(after.entry.title.as_deref(), Some("First"));
}

#[tokio::test]
async fn a_date_from_the_future_does_not_pin_an_entry_on_top() {
    let mut world = World::with(&["a"]).await;
    let next_century = "2099-01-01T00:00:00Z".parse().expect("a date");
    world.poll("a", vec![dated("1", "From 2099", next_century)]).await;
    world.later(1);
    world.poll("a", vec![entry("2", "An hour later")]).await;
    assert_eq!(world.shown(&everything()).await, ["An hour later", "From 2099"]);
}

#[tokio::test]
async fn one_article_in_two_feeds_is_shown_once_with_its_other_source() {
    let mut world = World::with(&["a", "b"]).await;
    world.poll("a", vec![linked("1", "Gas flows again", "https://news.example/1")]).await;
    world.later(1);
    assert_eq!(world.poll("b", vec![linked("x", "Gas flows again at last", "https://news.example/1")]).await.new, 1);
    let shown = world.store.entries(&everything()).await.expect("read");
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].entry.title.as_deref(), Some("Gas flows again"));
    assert_eq!(shown[0].also_in[0].feed.id, "b");
    assert_eq!(shown[0].also_in[0].title.as_deref(), Some("Gas flows again at last"));

    let only_b = Output { feeds: Some(vec!["b".to_owned()]), ..everything() };
    assert_eq!(world.shown(&only_b).await, ["Gas flows again at last"]);
    let apart = Output { collapse: Collapse::None, ..everything() };
    assert_eq!(world.shown(&apart).await, ["Gas flows again at last", "Gas flows again"]);
}

#[tokio::test]
async fn one_link_for_many_entries_joins_nothing() {
    let world = World::with(&["weather", "mirror"]).await;
    let link = "https://weather.example/belgrade";
    world.poll("weather", vec![linked("1", "Sun", link), linked("2", "Rain", link)]).await;
    world.poll("mirror", vec![linked("3", "Snow", link)]).await;
    assert_eq!(world.shown(&everything()).await.len(), 3);
}

#[tokio::test]
async fn a_front_page_is_no_article() {
    let world = World::with(&["a", "b"]).await;
    world.poll("a", vec![linked("1", "One", "https://news.example/")]).await;
    world.poll("b", vec![linked("2", "Two", "https://news.example/")]).await;
    assert_eq!(world.shown(&everything()).await.len(), 2);
}

#[tokio::test]
async fn two_feeds_may_use_the_same_id_for_different_entries() {
    let world = World::with(&["a", "b"]).await;
    world.poll("a", vec![entry("1", "Of a")]).await;
    assert_eq!(world.poll("b", vec![entry("1", "Of b")]).await.new, 1);
}

#[tokio::test]
async fn outputs_select_by_topic_feed_and_language() {
    let world = World::with(&["a", "b"]).await;
    let german = Entry { language: Some("de-AT".to_owned()), ..entry("2", "Auf Deutsch") };
    let croatian = Entry { language: Some("hr".to_owned()), ..entry("3", "Na hrvatskom") };
    world
        .poll_tagged("a", vec![(entry("1", "Tagged"), vec![tag("energy")]), (german, vec![]), (croatian, vec![])])
        .await;
    world.poll("b", vec![entry("4", "Of b")]).await;
    let topic = Output { topics: vec!["energy".to_owned()], ..everything() };
    assert_eq!(world.shown(&topic).await, ["Tagged"]);
    let unknown = Output { topics: vec!["nothing".to_owned()], ..everything() };
    assert_eq!(world.shown(&unknown).await, [""; 0]);
    let feed = Output { feeds: Some(vec!["b".to_owned()]), ..everything() };
    assert_eq!(world.shown(&feed).await, ["Of b"]);
    let serbian = Output { languages: vec!["sr".to_owned()], ..everything() };
    assert_eq!(world.shown(&serbian).await, ["Na hrvatskom"]);
}

#[tokio::test]
async fn an_edit_changes_the_topics_too() {
    let mut world = World::with(&["a"]).await;
    world.poll_tagged("a", vec![(entry("1", "Gas"), vec![tag("energy")])]).await;
    world.later(1);
    world.poll_tagged("a", vec![(entry("1", "Cakes"), vec![tag("food")])]).await;
    let energy = Output { topics: vec!["energy".to_owned()], ..everything() };
    let food = Output { topics: vec!["food".to_owned()], ..everything() };
    assert_eq!((world.shown(&energy).await.len(), world.shown(&food).await.len()), (0, 1));
}

#[tokio::test]
async fn more_entries_than_a_page_come_in_order_and_up_to_the_limit() {
    let world = World::with(&["a"]).await;
    let start = world.now - TimeDelta::days(30);
    let entries = (0..600).map(|n| dated(&n.to_string(), &format!("{n}"), start + TimeDelta::minutes(n))).collect();
    world.poll("a", entries).await;
    let shown = world.shown(&Output { items: 500, ..everything() }).await;
    let expected: Vec<String> = (100..600).rev().map(|n| n.to_string()).collect();
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn forgetting_text_does_not_forget_identity() {
    let mut world = World::with(&["a"]).await;
    world.poll_tagged("a", vec![(entry("1", "Old"), vec![tag("energy")])]).await;
    world.later(24 * 181);
    world.poll("a", vec![entry("2", "Young")]).await;
    assert_eq!(world.store.forget_old_text(world.now).await.expect("forgotten"), 1);
    assert_eq!(world.shown(&everything()).await, ["Young"]);
    assert_eq!(world.poll("a", vec![entry("1", "Old")]).await, Saved::default());
    assert_eq!(world.store.forget_old_text(world.now).await.expect("nothing left"), 0);
}

#[tokio::test]
async fn a_feed_that_leaves_and_comes_back_brings_nothing_twice() {
    let world = World::with(&["a", "b"]).await;
    world.poll("a", vec![entry("1", "One")]).await;
    world.subscribe(&["b"]).await;
    assert_eq!(world.shown(&everything()).await, [""; 0]);
    world.subscribe(&["a", "b"]).await;
    assert_eq!(world.shown(&everything()).await, ["One"]);
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await, Saved::default());
}

#[tokio::test]
async fn a_feed_under_a_new_id_is_known_by_its_address() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "One")]).await;
    let uid = world.store.entries(&everything()).await.expect("read")[0].uid.clone();
    let renamed = Subscription { id: "better-name".to_owned(), ..subscription("a") };
    let newcomer = Subscription { url: "https://other.example/".parse().expect("a URL"), ..subscription("a") };
    world.store.sync_subscriptions(&[]).await.expect("synced");
    world.store.sync_subscriptions(&[renamed, newcomer]).await.expect("synced");
    assert_eq!(world.poll("better-name", vec![entry("1", "One")]).await, Saved::default());
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await.new, 1);
    let shown = world.store.entry(&uid).await.expect("read").expect("still there");
    assert_eq!(shown.feed.id, "better-name");
}

#[tokio::test]
async fn ids_that_change_hands_take_no_entries_along() {
    let world = World::with(&["a", "b"]).await;
    world.poll("a", vec![entry("1", "Of a")]).await;
    world.poll("b", vec![entry("1", "Of b")]).await;
    // As when the line of a is deleted and the id of b is made anew.
    let b_as_a = Subscription { id: "a".to_owned(), ..subscription("b") };
    world.store.sync_subscriptions(std::slice::from_ref(&b_as_a)).await.expect("synced");
    assert_eq!(world.shown(&everything()).await, ["Of b"]);
    assert_eq!(world.poll("a", vec![entry("1", "Of b")]).await, Saved::default());
    let a_as_b = Subscription { id: "b".to_owned(), ..subscription("a") };
    world.store.sync_subscriptions(&[a_as_b, b_as_a]).await.expect("synced");
    assert_eq!(world.poll("b", vec![entry("1", "Of a")]).await, Saved::default());
    assert_eq!(world.shown(&everything()).await.len(), 2);
}

#[tokio::test]
async fn a_feed_with_a_new_address_keeps_its_entries() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "One")]).await;
    let moved = Subscription { url: "https://moved.example/feed".parse().expect("a URL"), ..subscription("a") };
    world.store.sync_subscriptions(&[moved]).await.expect("synced");
    assert_eq!(world.poll("a", vec![entry("1", "One")]).await, Saved::default());
}

#[tokio::test]
async fn an_edit_that_changes_the_language_moves_the_entry_to_that_languages_outputs() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "Vest")]).await;
    world.later(1);
    let known = Entry { language: Some("sr".to_owned()), ..entry("1", "Vest, sada cela") };
    world.poll("a", vec![known]).await;
    let serbian = Output { languages: vec!["sr".to_owned()], ..everything() };
    assert_eq!(world.shown(&serbian).await, ["Vest, sada cela"]);
}

#[tokio::test]
async fn a_new_address_makes_the_old_validators_void() {
    let world = World::with(&["a"]).await;
    let url = Url::parse("https://cdn.example/feed").ok();
    let validators = Validators { etag: Some(b"\"\xe9\"".to_vec()), last_modified: None, url };
    let state = FeedState { validators: validators.clone(), failures: 3, ..FeedState::default() };
    keep(&world, state).await;
    world.subscribe(&["a"]).await;
    assert_eq!(world.store.feeds().await.expect("read")[0].state.validators, validators);
    let moved = Subscription { url: "https://new.example/feed".parse().expect("a URL"), ..subscription("a") };
    world.store.sync_subscriptions(&[moved]).await.expect("synced");
    let state = world.store.feeds().await.expect("read").remove(0).state;
    assert_eq!((state.validators.is_empty(), state.failures), (true, 0));
}

#[tokio::test]
async fn a_secret_address_is_kept_but_shown_to_nobody() {
    let world = World::with(&[]).await;
    let url = "https://secret.example/feed?token=hidden";
    let secret = Subscription { url: url.parse().expect("a URL"), has_secret_url: true, ..subscription("secret") };
    world.store.sync_subscriptions(std::slice::from_ref(&secret)).await.expect("synced");
    world.poll_of("secret", secret.url.clone(), vec![(entry("1", "One"), Vec::new())]).await;
    let shown = world.store.entries(&everything()).await.expect("read").remove(0);
    assert_eq!(shown.feed.url, "https://secret.example");
    assert_eq!(world.store.feeds().await.expect("read")[0].name.url, "https://secret.example");
}

#[tokio::test]
async fn an_answer_from_an_address_that_is_no_longer_the_feeds_is_not_kept() {
    let world = World::with(&["a"]).await;
    let moved = Subscription { url: "https://moved.example/feed".parse().expect("a URL"), ..subscription("a") };
    world.store.sync_subscriptions(&[moved]).await.expect("synced");
    let late = world.poll_of("a", subscription("a").url, vec![(entry("1", "Late"), Vec::new())]).await;
    assert_eq!(late, Saved::default());
    assert_eq!(world.shown(&everything()).await, [""; 0]);
    assert_eq!(world.store.feeds().await.expect("read")[0].state.last_poll_at, None);
}

#[tokio::test]
async fn what_is_due_comes_longest_overdue_first() {
    let world = World::with(&["a", "b", "c", "d"]).await;
    let hour = TimeDelta::hours(1);
    let moments = vec![
        ("a".to_owned(), world.now - hour, "a".to_owned()),
        ("b".to_owned(), world.now - hour * 2, "b".to_owned()),
        ("c".to_owned(), world.now + hour, "c".to_owned()),
    ];
    world.store.postpone(moments).await.expect("postponed");
    let gone = SavedPoll {
        feed: "d".to_owned(),
        url: subscription("d").url,
        state: FeedState { is_gone: true, ..FeedState::default() },
        said: None,
        past: None,
        places: Places::default(),
        tagged_by: RulesHash::default(),
        at: world.now,
    };
    world.store.save_poll(gone).await.expect("saved");
    let due: Vec<String> = world.store.due(world.now).await.expect("read").into_iter().map(|due| due.id).collect();
    assert_eq!(due, ["b", "a"]);
}

#[tokio::test]
async fn a_second_writer_is_told_who_holds_the_database() {
    let world = World::with(&["a"]).await;
    let path = world.directory.path().join("glasnik.db");
    match Store::open(&path) {
        Err(Error::Held { by, .. }) => assert_eq!(by, format!("process {}", std::process::id())),
        other => panic!("{:?}", other.map(|_| "opened")),
    }
    assert!(Store::open_for_reading(&path).is_ok());
    drop(world.store);
    assert!(Store::open(&path).is_ok());
}

#[tokio::test]
async fn reading_where_there_is_nothing_says_what_makes_it() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let refused = Store::open_for_reading(&directory.path().join("none.db")).err().expect("refused").to_string();
    assert!(refused.contains("glasnik run"), "{refused}");
}

#[tokio::test]
async fn a_poll_for_an_unknown_feed_takes_nothing_else_down() {
    let world = World::with(&["a"]).await;
    let stray = SavedPoll {
        feed: "stray".to_owned(),
        url: subscription("stray").url,
        state: FeedState::default(),
        said: None,
        past: None,
        places: Places::default(),
        tagged_by: RulesHash::default(),
        at: world.now,
    };
    let (stray, good) = tokio::join!(world.store.save_poll(stray), world.poll("a", vec![entry("1", "One")]));
    assert!(stray.is_err());
    assert_eq!(good.new, 1);
}

#[tokio::test]
async fn a_documents_date_moves_only_when_its_bytes_do() {
    let world = World::with(&[]).await;
    let ask =
        |hash: &[u8], at| world.store.documents_changed_at(vec![("/feeds/all.atom".to_owned(), hash.to_vec())], at);
    let hour = TimeDelta::hours(1);
    assert_eq!(ask(b"1", world.now).await.expect("kept"), [world.now]);
    assert_eq!(ask(b"1", world.now + hour).await.expect("kept"), [world.now]);
    assert_eq!(ask(b"2", world.now - hour).await.expect("kept"), [world.now + TimeDelta::seconds(1)]);
}

#[tokio::test]
async fn the_last_ten_polls_of_a_feed_are_kept_the_newest_first() {
    let mut world = World::with(&["a"]).await;
    for number in 0..13 {
        let past = PastPoll {
            at: world.now,
            status: "changed".to_owned(),
            http: Some(200),
            new: 0,
            changed: 0,
            bytes: number,
            took_ms: 5,
            error: None,
        };
        let said = Feed { entries: vec![entry(&number.to_string(), "New")], ..Feed::default() };
        let poll = SavedPoll {
            feed: "a".to_owned(),
            url: subscription("a").url,
            state: FeedState::default(),
            said: Some((said, vec![Vec::new()])),
            places: Places::default(),
            tagged_by: RulesHash::default(),
            past: Some(past),
            at: world.now,
        };
        let poll = recognize(poll, &world.store).await.expect("decided");
        world.store.save_poll(poll).await.expect("saved");
        // Two in the same second keep their order.
        world.later(i64::try_from(number % 2).expect("small"));
    }
    let past = world.store.past_polls("a").await.expect("read");
    let bytes: Vec<u64> = past.iter().map(|poll| poll.bytes).collect();
    assert_eq!(bytes, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    assert!(past.iter().all(|poll| (poll.new, poll.took_ms, poll.http) == (1, 5, Some(200))), "{past:?}");
    assert_eq!(world.store.past_polls("b").await.expect("read"), []);
}

async fn keep(world: &World, state: FeedState) {
    let poll = SavedPoll {
        feed: "a".to_owned(),
        url: subscription("a").url,
        state,
        said: None,
        places: Places::default(),
        tagged_by: RulesHash::default(),
        past: None,
        at: world.now,
    };
    world.store.save_poll(poll).await.expect("saved");
}

#[tokio::test]
async fn everything_known_of_a_feed_is_kept_as_it_was() {
    let world = World::with(&["a"]).await;
    let (url, at) = (subscription("new").url, Some(world.now));
    let state = FeedState {
        validators: Validators { etag: Some(b"1".to_vec()), last_modified: None, url: Some(url.clone()) },
        body_hash: Some(vec![1]),
        next_poll_at: at,
        last_poll_at: at,
        last_success_at: at,
        failures: 2,
        last_error: Some("e".to_owned()),
        waits_for: Some("w".to_owned()),
        repairs: Some("r".to_owned()),
        moved_to: Some("m".to_owned()),
        retry_at: at,
        gone_at: at,
        is_gone: true,
        fresh_s: Some(3),
        ttl_s: Some(4),
        skips: Skips { hours: 5, days: 6 },
        newest_entry_at: at,
        moving: Some(Moving { to: url.clone(), since: world.now, polls: 7 }),
        adopted: Some(url),
    };
    keep(&world, state.clone()).await;
    assert_eq!(world.store.feeds().await.expect("read")[0].state, state);
}

#[tokio::test]
async fn a_feed_that_is_asked_otherwise_than_before_is_named() {
    let world = World::with(&["a", "b"]).await;
    let edited = async |feeds: &[Subscription]| {
        let edited = world.store.sync_subscriptions(feeds).await.expect("synced");
        edited.into_iter().map(|edited| (edited.id, edited.is_access_changed)).collect::<Vec<_>>()
    };
    let (a, b) = (subscription("a"), subscription("b"));
    let seldom = Subscription { every: a.every * 2, ..a.clone() };
    let titled = Subscription { title: Some("B".to_owned()), ..b.clone() };
    assert_eq!(edited(&[seldom.clone(), titled]).await, [("a".to_owned(), false)]);
    assert_eq!(edited(&[seldom.clone(), b.clone()]).await, []);
    let with_token = Subscription { headers: vec![("Authorization".to_owned(), "t".to_owned())], ..b };
    assert_eq!(edited(&[seldom, with_token]).await, [("b".to_owned(), true)]);
}

#[tokio::test]
async fn an_edit_to_where_the_feed_was_seen_to_move_keeps_all_and_the_entries_too() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![entry("1", "One")]).await;
    let new = subscription("new").url;
    let validators = Validators { etag: Some(b"1".to_vec()), ..Validators::default() };
    let state = FeedState { validators: validators.clone(), adopted: Some(new.clone()), ..FeedState::default() };
    keep(&world, state).await;
    // Its id is made of its address, and so becomes another one.
    let moved = Subscription { id: "new".to_owned(), url: new, ..subscription("a") };
    world.store.sync_subscriptions(&[moved]).await.expect("synced");
    let state = world.store.feeds().await.expect("read").remove(0).state;
    assert_eq!((state.validators, state.adopted), (validators, None));
    assert_eq!(world.shown(&everything()).await, ["One"]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_a_year_lengthens_no_wait() {
    let mut world = World::with(&["a"]).await;
    let (now, hour) = (world.now, TimeDelta::hours(1));
    let moments = |at: DateTime<Utc>| FeedState {
        last_poll_at: Some(at),
        next_poll_at: Some(at + hour * 3),
        retry_at: Some(at + hour),
        ..FeedState::default()
    };
    keep(&world, moments(now)).await;
    world.later(-24 * 365);
    assert_eq!(world.store.bring_back(world.now).await.expect("moved"), 1);
    assert_eq!(world.store.feeds().await.expect("read")[0].state, moments(world.now));
    assert_eq!(world.store.bring_back(world.now).await.expect("moved"), 0);
}

#[tokio::test]
async fn retry_after_holds_for_a_feed_that_was_made_due() {
    let world = World::with(&["a"]).await;
    let until = world.now + TimeDelta::hours(1);
    keep(&world, FeedState { retry_at: Some(until), ..FeedState::default() }).await;
    world.store.postpone(vec![("a".to_owned(), world.now, "asked for".to_owned())]).await.expect("postponed");
    assert_eq!(world.store.due(world.now).await.expect("read"), []);
    assert_eq!(world.store.state_if_due("a", world.now).await.expect("read"), None);
    assert!(world.store.state_if_due("a", until).await.expect("read").is_some());
}

#[tokio::test]
async fn tags_of_topics_that_are_no_more_in_force_are_given_back() {
    let world = World::with(&["a"]).await;
    world.store.use_rules(RulesHash([1; 32])).await.expect("written");
    let poll = SavedPoll {
        feed: "a".to_owned(),
        url: subscription("a").url,
        state: FeedState::default(),
        said: Some((Feed { entries: vec![entry("1", "One")], ..Feed::default() }, vec![vec![tag("old")]])),
        places: Places::default(),
        tagged_by: RulesHash::default(),
        past: None,
        at: world.now,
    };
    let poll = recognize(poll, &world.store).await.expect("decided");
    let Err(Error::OtherTopics(back)) = world.store.save_poll(poll).await else {
        panic!("it was kept");
    };
    assert_eq!(world.shown(&everything()).await, [""; 0]);
    let saved = world.store.save_poll(SavedPoll { tagged_by: RulesHash([1; 32]), ..*back }).await;
    assert_eq!(saved.expect("kept").new, 1);
}

#[tokio::test]
async fn tagging_anew_goes_on_where_it_was_and_ends_where_other_rules_come() {
    let world = World::with(&["a"]).await;
    let (first, second) = (RulesHash([1; 32]), RulesHash([2; 32]));
    world.poll_tagged("a", vec![(entry("1", "One"), vec![tag("x")]), (entry("2", "Two"), vec![])]).await;
    let tagging = async || world.store.tagging().await.expect("read").expect("rules are in force");
    world.store.use_rules(first).await.expect("written");
    assert!(!tagging().await.is_done());

    let mut batch = world.store.tagged_entries(0, tagging().await.until).await.expect("read");
    assert_eq!(batch.entries.len(), 2);
    batch.entries[0].tags = vec![tag("y")];
    batch.entries[1].tags = vec![];
    assert!(world.store.retag(first, batch.entries.clone(), 1).await.expect("written"));
    world.store.use_rules(first).await.expect("written");
    assert_eq!(tagging().await.done_to, 1, "the same rules begin nothing anew");
    let of = async |topic: &str| world.shown(&Output { topics: vec![topic.to_owned()], ..everything() }).await;
    assert_eq!((of("y").await, of("x").await), (vec!["Two".to_owned()], vec![]));

    world.store.use_rules(second).await.expect("written");
    assert!(!world.store.retag(first, batch.entries, 2).await.expect("no error"));
    assert_eq!(tagging().await.done_to, 0);
}

#[tokio::test]
async fn an_entry_that_was_edited_meanwhile_keeps_the_tags_of_its_edit() {
    let mut world = World::with(&["a"]).await;
    world.poll_tagged("a", vec![(entry("1", "One"), vec![tag("x")])]).await;
    let rules = RulesHash([1; 32]);
    let mut batch = world.store.tagged_entries(0, 9).await.expect("read");
    world.later(1);
    world.poll_tagged("a", vec![(entry("1", "Another"), vec![tag("x")])]).await;
    world.store.use_rules(rules).await.expect("written");
    batch.entries[0].tags = vec![tag("y")];
    assert!(world.store.retag(rules, batch.entries, 1).await.expect("written"));
    assert_eq!(world.shown(&Output { topics: vec!["x".to_owned()], ..everything() }).await, ["Another"]);
}

#[tokio::test]
async fn what_an_entry_said_before_is_kept_for_ten_edits_and_forgotten_with_its_text() {
    let mut world = World::with(&["a"]).await;
    let words = [
        "nula",
        "jedan",
        "dva",
        "tri",
        "četiri",
        "pet",
        "šest",
        "sedam",
        "osam",
        "devet",
        "deset",
        "jedanaest",
        "dvanaest",
    ];
    let number = async |world: &World| world.store.entries(&everything()).await.expect("read")[0].number;
    world.poll("a", vec![Entry { summary: Some("<b>ab</b>".to_owned()), ..entry("1", words[0]) }]).await;
    let number = number(&world).await;
    assert_eq!(world.store.revisions(number).await.expect("read"), []);
    for edit in 1..=12 {
        world.later(1);
        world.poll("a", vec![entry("1", words[edit])]).await;
        world.poll("a", vec![entry("1", words[edit])]).await;
        if edit == 1 {
            let revisions = world.store.revisions(number).await.expect("read");
            let said = revisions.iter().map(|one| (one.until, one.title.as_deref(), one.letters));
            assert_eq!(said.collect::<Vec<_>>(), [(world.now, Some(words[0]), 2)]);
        }
    }
    let revisions = world.store.revisions(number).await.expect("read");
    let titles: Vec<&str> = revisions.iter().filter_map(|revision| revision.title.as_deref()).collect();
    assert_eq!((titles.len(), titles[0], titles[9]), (10, words[11], words[2]));
    world.later(24 * 181);
    assert_eq!(world.store.forget_old_text(world.now).await.expect("forgotten"), 1);
    assert_eq!(world.store.revisions(number).await.expect("read"), []);
}

#[tokio::test]
async fn four_weeks_are_counted_day_by_day_by_feed_topic_and_output() {
    let mut world = World::with(&["a"]).await;
    let past = |at, error: Option<&str>| PastPoll {
        at,
        status: "changed".to_owned(),
        http: None,
        new: 0,
        changed: 0,
        bytes: 0,
        took_ms: 0,
        error: error.map(str::to_owned),
    };
    for day in 0..30 {
        let entries: Vec<Entry> = (0..=day % 3).map(|n| entry(&format!("{day}.{n}"), &format!("{day} {n}"))).collect();
        let tags = vec![vec![tag("energy")]; entries.len()];
        let poll = SavedPoll {
            feed: "a".to_owned(),
            url: world.url("a").await,
            state: FeedState::default(),
            said: Some((Feed { entries, ..Feed::default() }, tags)),
            places: Places::default(),
            past: Some(past(world.now, (day == 29).then_some("it broke"))),
            tagged_by: RulesHash::default(),
            at: world.now,
        };
        let poll = recognize(poll, &world.store).await.expect("decided");
        world.store.save_poll(poll).await.expect("saved");
        world.later(24);
    }
    world.later(-24);
    // Days 2 to 29 are the last four weeks.
    let expected: Vec<Day> = (2..30).map(|day| Day { new: day % 3 + 1, failed: u32::from(day == 29) }).collect();
    assert_eq!(expected.len(), DAYS_KEPT);
    assert_eq!(world.store.feed_days(world.now).await.expect("read")["a"], expected);
    let without_failures: Vec<Day> = expected.iter().map(|day| Day { failed: 0, ..*day }).collect();
    assert_eq!(world.store.topic_days(world.now).await.expect("read")["energy"], without_failures);
    for topics in [vec![], vec!["energy".to_owned()]] {
        let output = Output { topics, ..everything() };
        assert_eq!(world.store.output_days(&output, world.now).await.expect("read"), without_failures);
    }
    let none = Output { topics: vec!["nothing".to_owned()], ..everything() };
    assert_eq!(world.store.output_days(&none, world.now).await.expect("read"), vec![Day::default(); DAYS_KEPT]);
    world.later(24 * 28);
    assert_eq!(world.store.feed_days(world.now).await.expect("read")["a"], vec![Day::default(); DAYS_KEPT]);
}

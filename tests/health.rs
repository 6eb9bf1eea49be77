//! The health of the feeds as a feed: each thing is told once, when it begins and when it is over.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{EventKind, FeedState, Subscription};
use glasnik::publish;
use glasnik::render::{Files, Format, Links, PageLanguage, Site, health_document};
use glasnik::store::Store;
use tempfile::TempDir;

struct World {
    store: Store,
    _directory: TempDir,
    now: DateTime<Utc>,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        let mut subscription = Subscription::new("a", "https://a.example/feed?token=s3cret".parse().expect("a URL"));
        subscription.has_secret_url = true;
        store.sync_subscriptions(&[subscription]).await.expect("synced");
        Self { store, _directory: directory, now: "2026-03-01T12:00:00Z".parse().expect("a date") }
    }

    /// Looks at the feed in a state; answers how much was noted.
    async fn look(&mut self, state: &FeedState) -> usize {
        let mut records = self.store.feeds().await.expect("read");
        records[0].state = state.clone();
        let noted = publish::note_health(&self.store, &records, self.now).await.expect("noted");
        self.now += TimeDelta::minutes(1);
        noted
    }

    async fn told(&self) -> Vec<EventKind> {
        self.store.feed_events(100).await.expect("read").into_iter().map(|event| event.kind).collect()
    }
}

fn failing(since: DateTime<Utc>) -> FeedState {
    let error = Some("the server answered 500".to_owned());
    FeedState { failures: 4, last_error: error, last_success_at: Some(since), ..FeedState::default() }
}

#[tokio::test]
async fn what_broke_is_told_once_and_so_is_that_it_is_back() {
    let mut world = World::new().await;
    let broke_at = world.now - TimeDelta::days(1);
    assert_eq!(world.look(&FeedState::default()).await, 0);
    assert_eq!(world.look(&failing(broke_at)).await, 1);
    let worse = FeedState { failures: 50, last_error: Some("no answer".to_owned()), ..failing(broke_at) };
    assert_eq!(world.look(&worse).await, 0);
    let well = FeedState { last_success_at: Some(world.now), ..FeedState::default() };
    assert_eq!(world.look(&well).await, 2, "one thing is over, and that is another");
    assert_eq!(world.look(&well).await, 0);
    assert_eq!(world.told().await, [EventKind::Back, EventKind::Broken]);

    let again = failing(world.now - TimeDelta::hours(7));
    assert_eq!(world.look(&again).await, 1);
    assert_eq!(world.told().await, [EventKind::Broken, EventKind::Back, EventKind::Broken]);
}

#[tokio::test]
async fn the_same_failure_seen_again_is_no_other_one() {
    let mut world = World::new().await;
    let state = failing(world.now - TimeDelta::days(1));
    for _ in 0..3 {
        world.look(&state).await;
        world.look(&FeedState { failures: 1, ..state.clone() }).await;
        assert_eq!(world.look(&FeedState { failures: 1, ..state.clone() }).await, 0, "nothing is noted twice");
    }
    assert_eq!(world.told().await, [EventKind::Broken]);
}

#[tokio::test]
async fn the_document_says_what_happened_where_and_what_can_be_done_and_no_secret() {
    let mut world = World::new().await;
    world.look(&failing(world.now - TimeDelta::days(1))).await;
    let events = world.store.feed_events(100).await.expect("read");
    let site = Site {
        title: "Monitor".to_owned(),
        base_url: "https://feeds.example.org/".to_owned(),
        generator_version: "0.0.0",
        outputs: Vec::new(),
        topics: Vec::new(),
        links: Links::Served,
        language: PageLanguage::English,
    };
    for format in Format::ALL {
        let document = String::from_utf8(health_document(&site, format, &events)).expect("UTF-8");
        assert!(document.contains("a.example cannot be read"), "{document}");
        assert!(document.contains("the server answered 500"), "{document}");
        // The page shows the beginning only.
        assert!(format == Format::Html || document.contains("look whether its address"), "{document}");
        assert!(!document.contains("s3cret") && !document.contains("/entries/health"), "{document}");
        let again = String::from_utf8(health_document(&site, format, &events)).expect("UTF-8");
        assert_eq!(document, again);
    }
    let in_files = Site { links: Links::Files(Files::default()), ..site.clone() };
    for (site, has_link) in [(&site, true), (&in_files, false)] {
        let document = String::from_utf8(health_document(site, Format::Rss, &events)).expect("UTF-8");
        assert_eq!(document.contains("https://feeds.example.org/status"), has_link, "{document}");
    }
    let atom = String::from_utf8(health_document(&site, Format::Atom, &events)).expect("UTF-8");
    let since = (world.now - TimeDelta::days(1) - TimeDelta::minutes(1)).timestamp();
    assert!(atom.contains(&format!("<id>tag:feeds.example.org,2026:health/a/broken/{since}</id>")), "{atom}");
    assert!(atom.contains("<link href=\"https://feeds.example.org/feeds/health.atom\" rel=\"self\""), "{atom}");
}

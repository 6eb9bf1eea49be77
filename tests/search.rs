//! What a search finds, on a real SQLite file: in every script, after every edit, and whatever is
//! typed.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{Entry, EntryKey, Feed, FeedState, RulesHash, Subscription, Tag};
use glasnik::poll::recognize;
use glasnik::search::{self, Names};
use glasnik::searching;
use glasnik::store::{Places, Saved, SavedPoll, Store};
use tempfile::TempDir;

struct World {
    store: Store,
    directory: TempDir,
    now: DateTime<Utc>,
    feeds: Vec<Subscription>,
}

impl World {
    async fn with(feeds: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        let address = |id: &str| format!("https://{id}.example/feed").parse().expect("a URL");
        let feeds: Vec<Subscription> = feeds.iter().map(|id| Subscription::new(*id, address(id))).collect();
        store.sync_subscriptions(&feeds).await.expect("synced");
        Self { store, directory, now: "2026-03-01T12:00:00Z".parse().expect("a date"), feeds }
    }

    async fn poll(&self, feed: &str, entries: Vec<(Entry, &[&str])>) -> Saved {
        let tag = |topic: &&str| Tag { topic: (*topic).to_owned(), score: 1.0, matched: Vec::new() };
        let (entries, tags) =
            entries.into_iter().map(|(entry, topics)| (entry, topics.iter().map(tag).collect())).unzip();
        let subscription = self.feeds.iter().find(|known| known.id == feed).expect("subscribed");
        let poll = SavedPoll {
            feed: feed.to_owned(),
            url: subscription.url.clone(),
            state: FeedState::default(),
            said: Some((Feed { entries, ..Feed::default() }, tags)),
            past: None,
            places: Places::default(),
            tagged_by: RulesHash::default(),
            at: self.now,
        };
        let poll = recognize(poll, &self.store).await.expect("decided");
        self.store.save_poll(poll).await.expect("saved")
    }

    /// Titles in the order of the answer.
    async fn finds(&self, query: &str) -> Vec<String> {
        self.finds_most(query, 100).await
    }

    async fn finds_most(&self, query: &str, items: usize) -> Vec<String> {
        let names = Names {
            topics: vec!["security".to_owned(), "sport".to_owned()],
            feeds: self.feeds.iter().map(|feed| (feed.id.clone(), Vec::new())).collect(),
        };
        let query = search::read(query, &names).unwrap_or_else(|error| panic!("{query}: {error}"));
        let found = self.store.search(query, self.now, items).await.expect("searched");
        found.into_iter().map(|kept| kept.entry.title.unwrap_or_default()).collect()
    }

    async fn index(&self) -> usize {
        searching::index_all(&self.store).await.expect("indexed")
    }

    fn later(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
    }
}

fn entry(key: &str, title: &str) -> Entry {
    let fingerprint = title.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Entry { title: Some(title.to_owned()), fingerprint, ..Entry::new(EntryKey::new(key).expect("not empty")) }
}

fn plain(key: &str, title: &str) -> (Entry, &'static [&'static str]) {
    (entry(key, title), &[])
}

#[tokio::test]
async fn every_script_and_spelling_finds_every_other() {
    let world = World::with(&["a"]).await;
    let titles = ["Војска на северу", "VOJSKA na severu", "Vojska na severu"];
    world.poll("a", titles.iter().enumerate().map(|(at, title)| plain(&at.to_string(), title)).collect()).await;
    world.poll("a", vec![plain("x", "Vojni sud u Đakovici")]).await;
    world.index().await;
    for query in ["војска", "VOJSKA", "vojska", "\"vojska na\"", "„војска на северу“", "vojsk*", "SEVERU vojska"]
    {
        assert_eq!(world.finds(query).await.len(), 3, "{query}");
    }
    for query in ["djakovici", "Ђаковици", "Đakovici", "\"sud u djakovici\"", "sud -sever*"] {
        assert_eq!(world.finds(query).await, ["Vojni sud u Đakovici"], "{query}");
    }
    for query in ["vojska sud", "\"na vojska\"", "vojsk", "vojska -severu"] {
        assert_eq!(world.finds(query).await, [""; 0], "{query}");
    }
}

#[tokio::test]
async fn all_that_people_read_is_found() {
    let world = World::with(&["a"]).await;
    let whole = Entry {
        summary: Some("<p>In the <b>sum</b>mary</p>".to_owned()),
        content: Some("<p>And a <a href=\"https://hidden.example/address\">body</a></p>".to_owned()),
        ..entry("1", "Heading")
    };
    world.poll("a", vec![(whole, &[])]).await;
    world.index().await;
    for query in ["heading", "summary", "\"and a body\"", "heading body"] {
        assert_eq!(world.finds(query).await, ["Heading"], "{query}");
    }
    for query in ["hidden", "href", "\"heading in\""] {
        assert_eq!(world.finds(query).await, [""; 0], "{query}: no markup, and no phrase over two fields");
    }
}

#[tokio::test]
async fn an_edit_changes_what_an_entry_is_found_by() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "Talks begin")]).await;
    assert_eq!(world.index().await, 1);
    assert_eq!(world.index().await, 0, "once is enough");
    world.later(1);
    world.poll("a", vec![plain("1", "Talks end")]).await;
    assert_eq!(world.finds("begin").await, ["Talks end"], "until the index follows");
    assert!(!world.store.is_indexed().await.expect("read"));
    assert_eq!(world.index().await, 1);
    assert!(world.store.is_indexed().await.expect("read"));
    assert_eq!(world.finds("begin").await, [""; 0]);
    assert_eq!(world.finds("talks end").await, ["Talks end"]);
}

#[tokio::test]
async fn an_edit_between_reading_and_indexing_is_not_lost() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "Talks begin")]).await;
    for (title, query) in [("Talks end", "end"), ("Talks fail", "fail")] {
        let read = world.store.unindexed().await.expect("read").expect("something waits");
        world.later(1);
        world.poll("a", vec![plain("1", title)]).await;
        let words = vec!["talks begin ".to_owned(); read.entries.len()];
        world.store.index(read, words).await.expect("indexed");
        assert!(!world.store.is_indexed().await.expect("read"), "{title}");
        if title == "Talks fail" {
            world.index().await;
            assert_eq!((world.finds(query).await.len(), world.finds("begin").await.len()), (1, 0));
        }
    }
}

#[tokio::test]
async fn forgotten_text_is_not_found_and_leaves_the_index() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "Talks begin")]).await;
    world.index().await;
    world.later(24 * 365);
    assert_eq!(world.store.forget_old_text(world.now).await.expect("forgotten"), 1);
    assert_eq!(world.finds("talks").await, [""; 0], "at once");
    assert_eq!(world.index().await, 1);
    assert!(world.store.is_indexed().await.expect("read"));
    assert_eq!(world.finds("talks").await, [""; 0]);
}

#[tokio::test]
async fn what_was_not_indexed_when_the_program_died_is_indexed_later() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "One")]).await;
    world.index().await;
    world.poll("a", vec![plain("1", "Other"), plain("2", "Two")]).await;
    let World { store, directory, .. } = world;
    drop(store);
    let store = Store::open(&directory.path().join("glasnik.db")).expect("opened again");
    assert_eq!(searching::index_all(&store).await.expect("indexed"), 2);
}

#[tokio::test]
async fn the_newest_by_date_come_first_whenever_they_were_read() {
    let mut world = World::with(&["a", "b"]).await;
    let dated = |key: &str, title: &str, hours: i64| {
        let published = Some(world.now - TimeDelta::hours(hours));
        (Entry { published, ..entry(key, title) }, [].as_slice())
    };
    let of_a = vec![dated("1", "news a1", 1), dated("2", "news a5", 5)];
    let of_b = vec![dated("1", "news b2", 2), dated("2", "news b900", 900), dated("3", "news b3", 3)];
    world.poll("a", of_a).await;
    world.poll("b", of_b).await;
    world.index().await;
    assert_eq!(world.finds("news").await, ["news a1", "news b2", "news b3", "news a5", "news b900"]);
    assert_eq!(world.finds_most("news", 2).await, ["news a1", "news b2"]);
    assert_eq!(world.finds("news since:4h").await, ["news a1", "news b2", "news b3"]);
    assert_eq!(world.finds("news before:4h").await, ["news a5", "news b900"]);
    assert_eq!(world.finds("news since:2026-02-01 before:2026-03-01").await, [""; 0]);
    world.later(24 * 30);
    world.poll("a", vec![plain("3", "news of today")]).await;
    world.index().await;
    assert_eq!(world.finds_most("news", 1).await, ["news of today"]);
}

#[tokio::test]
async fn filters_narrow_with_words_and_without() {
    let world = World::with(&["a", "b"]).await;
    let in_language =
        |key: &str, title: &str, language: &str| Entry { language: Some(language.to_owned()), ..entry(key, title) };
    world
        .poll("a", vec![(in_language("1", "army one", "sr"), &["security"]), (in_language("2", "army two", "en"), &[])])
        .await;
    world
        .poll(
            "b",
            vec![(in_language("1", "army three", "hr"), &["security", "sport"]), (entry("2", "army four"), &["sport"])],
        )
        .await;
    world.index().await;
    for word in ["army ", "arm* ", ""] {
        let check = async |filter: &str, expected: &[&str]| {
            let mut found = world.finds(&format!("{word}{filter}")).await;
            found.sort();
            assert_eq!(found, expected, "{word}{filter}");
        };
        check("topic:security", &["army one", "army three"]).await;
        check("topic:security -topic:sport", &["army one"]).await;
        check("topic:security topic:sport", &["army four", "army one", "army three"]).await;
        check("feed:a", &["army one", "army two"]).await;
        check("-feed:a", &["army four", "army three"]).await;
        check("feed:a -feed:a", &[]).await;
        check("lang:bs", &["army one", "army three"]).await;
        check("feed:a -lang:sr", &["army two"]).await;
        check("feed:b -lang:sr", &["army four"]).await;
        check("topic:sport -three", &["army four"]).await;
        check("topic:sport -\"army three\" -four", &[]).await;
        check("since:1d lang:sr feed:b", &["army three"]).await;
    }
}

#[tokio::test]
async fn an_article_is_shown_once_as_the_copy_that_came_first() {
    let mut world = World::with(&["a", "b", "c"]).await;
    let copy = |title: &str| {
        let link = Some("https://x.example/article".to_owned());
        (Entry { link: link.clone(), canonical_link: link, ..entry("1", title) }, [].as_slice())
    };
    let titles = [
        "Army closes the bridge at the border with Serbia",
        "Army closes the bridge at the border with Serbia, police",
        "Police: Army closes the bridge at the border with Serbia",
    ];
    for (feed, title) in ["a", "b", "c"].into_iter().zip(titles) {
        world.poll(feed, vec![copy(title)]).await;
        world.later(1);
    }
    world.index().await;
    assert_eq!(world.finds("army").await, [titles[0]]);
    assert_eq!(world.finds("police").await, [titles[1]]);
    assert_eq!(world.finds("army feed:c").await, [titles[2]]);
    assert_eq!(world.finds_most("army", 0).await, [""; 0]);
}

#[tokio::test]
async fn nothing_that_is_typed_reaches_the_database_as_syntax() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "near words and or not column")]).await;
    world.index().await;
    let typed = [
        "NEAR(words, 3)",
        "words AND NOT",
        "OR OR",
        "words^2",
        "^words",
        "{words}",
        "(words",
        "words)",
        "'words",
        "words'; DROP TABLE text; --",
        "\"words\" + \"and\"",
        "words\0and",
        "\u{1}\u{7f}words",
        "words AND",
        "NOT words",
        "-words near",
        "wo*rds",
        "\"",
        "\"\"\"",
        "*",
        "**",
        "words**",
        "col:x",
        ":",
        "::words",
        "-:words",
        "words:",
        "--words",
        "- words",
        "\\words",
        "%words_",
        "🙂 words",
        "ﷺ words",
        "\u{202e}words",
        "w\u{300}\u{301}ords",
    ];
    for text in typed {
        // Refused or answered, but never an error of the database.
        if let Ok(query) = search::read(text, &Names::default()) {
            world.store.search(query, world.now, 10).await.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }
    let many = (0..24).map(|number| format!("-\"word{number} x\"*")).collect::<Vec<_>>().join(" ");
    assert!(search::read(&many, &Names::default()).is_err(), "nothing to look for");
    let many = (0..23).map(|number| format!("w{number}00*")).collect::<Vec<_>>().join(" ");
    assert_eq!(world.finds(&many).await, [""; 0]);
    assert_eq!(world.finds("words -\"w\" near and or not").await.len(), 1);
}

#[tokio::test]
async fn a_search_for_reading_sees_what_is_indexed_so_far() {
    let world = World::with(&["a"]).await;
    world.poll("a", vec![plain("1", "One")]).await;
    world.index().await;
    let reader = Store::open_for_reading(&world.directory.path().join("glasnik.db")).expect("opened");
    let query = search::read("one", &Names::default()).expect("a query");
    assert_eq!(reader.search(query, world.now, 10).await.expect("searched").len(), 1);
}

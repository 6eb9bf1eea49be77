//! What belongs together, as the store keeps it: names of stories that ended, links between languages,
//! the operator's wishes, and how far grouping has come.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{Entry, Feed, FeedState, Output, RulesHash, Subscription};
use glasnik::group::Grouper;
use glasnik::poll::recognize;
use glasnik::store::{Error, FoundStory, GroupedEntry, MovedEntry, NewLink, Places, SavedPoll, Store, Wish, Wished};
use std::path::PathBuf;
use tempfile::TempDir;

struct World {
    store: Store,
    directory: TempDir,
    now: DateTime<Utc>,
}

impl World {
    /// A feed for each of `titles`, with one entry each, which have the numbers 1, 2 and so on.
    async fn with(titles: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&directory.path().join("glasnik.db")).expect("a new store");
        let world = Self { store, directory, now: "2026-03-01T12:00:00Z".parse().expect("a date") };
        let subscriptions: Vec<Subscription> = (1..=titles.len()).map(subscription).collect();
        world.store.sync_subscriptions(&subscriptions).await.expect("synced");
        for (at, title) in titles.iter().enumerate() {
            world.poll(at + 1, title).await;
        }
        world
    }

    async fn poll(&self, feed: usize, title: &str) {
        let json = serde_json::json!({ "key": format!("id:{title}"), "id": title, "title": title });
        let entry: Entry = serde_json::from_value(json).expect("an entry");
        let said = Feed { entries: vec![entry], ..Feed::default() };
        let Subscription { id, url, .. } = subscription(feed);
        let poll = SavedPoll {
            feed: id,
            url,
            state: FeedState::default(),
            said: Some((said, vec![Vec::new()])),
            past: None,
            places: Places::default(),
            tagged_by: RulesHash::default(),
            at: self.now,
        };
        let poll = recognize(poll, &self.store).await.expect("decided");
        self.store.save_poll(poll).await.expect("saved");
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("glasnik.db")
    }

    /// Keeps entries each in a story of its own, but for what `change` says of them.
    async fn grouped(&self, count: i64, change: impl Fn(GroupedEntry) -> GroupedEntry) {
        self.store.begin_grouping(self.now).await.expect("begun");
        let entries = (1..=count).map(|number| change(self.alone(number))).collect();
        self.store.save_grouped(entries, count).await.expect("kept");
    }

    fn alone(&self, number: i64) -> GroupedEntry {
        GroupedEntry {
            number,
            feed: number,
            seen_at: self.now.timestamp(),
            story: number,
            score: None,
            original: None,
            article: None,
            merged: Vec::new(),
            links: Vec::new(),
        }
    }

    async fn moves(&self, moved: &[(i64, i64, i64)]) {
        let moved = moved.iter().map(|(number, from, to)| MovedEntry { number: *number, from: *from, to: *to });
        self.store.move_grouped(moved.collect(), self.now).await.expect("moved");
    }

    async fn uid(&self, number: i64) -> String {
        let entries = self.store.entries(&Output::new("all", "All")).await.expect("read");
        entries.into_iter().find(|kept| kept.number == number).expect("kept").uid
    }

    /// The entries of the story behind an entry's name, or the name that it leads to.
    async fn story(&self, number: i64) -> Result<Vec<i64>, String> {
        match self.store.story(&self.uid(number).await).await.expect("read").expect("found") {
            FoundStory::Whole(story) => Ok(story.entries.iter().map(|entry| entry.kept.number).collect()),
            FoundStory::PartOf(uid) => Err(uid),
        }
    }

    /// What a story is linked with, by the entries that began these.
    async fn linked(&self, number: i64) -> Vec<(String, f32, Vec<String>)> {
        let story = self.store.story_with(number).await.expect("read");
        story.linked.into_iter().map(|linked| (linked.story.uid, linked.score, linked.shared)).collect()
    }
}

fn subscription(feed: usize) -> Subscription {
    Subscription::new(format!("f{feed}"), format!("https://f{feed}.example/feed").parse().expect("a URL"))
}

fn link(story: i64, score: f32, shared: &str) -> NewLink {
    NewLink { story, score, shared: vec![shared.to_owned()] }
}

#[tokio::test]
async fn a_story_that_ended_leads_to_the_older_one_also_through_others() {
    let world = World::with(&["One", "Two", "Three", "Four"]).await;
    world.grouped(4, |entry| entry).await;
    world.moves(&[(4, 4, 3)]).await;
    assert_eq!(world.story(4).await, Err(world.uid(3).await));
    world.moves(&[(3, 3, 2), (4, 3, 2)]).await;
    for ended in [3, 4] {
        assert_eq!(world.story(ended).await, Err(world.uid(2).await), "{ended}");
    }
    assert_eq!(world.story(2).await, Ok(vec![2, 3, 4]));

    let last = GroupedEntry { story: 1, merged: vec![(2, 1)], ..world.alone(4) };
    world.store.save_grouped(vec![last], 4).await.expect("kept");
    for ended in [2, 3, 4] {
        assert_eq!(world.story(ended).await, Err(world.uid(1).await), "{ended}");
    }
    assert_eq!(world.story(1).await, Ok(vec![1, 2, 3, 4]));
}

#[tokio::test]
async fn a_name_that_led_elsewhere_is_a_story_again_when_its_entry_returns() {
    let world = World::with(&["One", "Two"]).await;
    world.grouped(2, |entry| entry).await;
    world.moves(&[(2, 2, 1)]).await;
    assert_eq!(world.story(2).await, Err(world.uid(1).await));
    world.moves(&[(2, 1, 2)]).await;
    assert_eq!((world.story(1).await, world.story(2).await), (Ok(vec![1]), Ok(vec![2])));
}

#[tokio::test]
async fn an_upgrade_groups_the_last_seven_days_and_shows_all_meanwhile() {
    let mut world = World::with(&["Old", "x", "x"]).await;
    world.now += TimeDelta::days(9);
    world.poll(2, "New").await;
    world.poll(3, "Newest").await;
    world.store.begin_grouping(world.now).await.expect("begun");
    let output = Output::new("all", "All");
    assert_eq!(world.store.entries(&output).await.expect("read").len(), 5, "nothing is hidden while it is done");
    world.poll(1, "Later").await;
    assert_eq!(world.store.entries(&output).await.expect("read").len(), 5, "what comes later waits");
    let waiting = world.store.waiting_to_be_grouped().await.expect("read");
    assert_eq!(waiting, Some((3, world.now)));

    let grouped = Grouper::default().catch_up(&world.store, world.now).await.expect("grouped");
    assert_eq!(grouped.entries, 3);
    let articles = world.store.articles(0).await.expect("read");
    assert_eq!(articles.iter().map(|article| article.number).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(world.store.entries(&output).await.expect("read").len(), 6);
    assert_eq!(world.store.waiting_to_be_grouped().await.expect("read"), None);
}

#[tokio::test]
async fn what_could_not_be_grouped_waits_and_says_since_when() {
    let world = World::with(&["One"]).await;
    world.store.begin_grouping(world.now).await.expect("begun");
    world.poll(1, "Two").await;
    let only_readable = Store::open_for_reading(&world.path()).expect("open");
    assert!(matches!(Grouper::default().catch_up(&only_readable, world.now).await, Err(Error::Stopped)));
    assert_eq!(world.store.waiting_to_be_grouped().await.expect("read"), Some((2, world.now)));
}

#[tokio::test]
async fn of_two_reasons_for_a_link_the_better_one_stays_and_links_follow_stories() {
    let world = World::with(&["One", "Two", "Three", "Four"]).await;
    let links = |number| match number {
        3 => vec![link(1, 0.5, "Kurti"), link(2, 0.4, "Osmani")],
        4 => vec![link(1, 0.3, "63")],
        _ => Vec::new(),
    };
    world.grouped(4, |entry| GroupedEntry { links: links(entry.number), ..entry }).await;
    let (one, two, three) = (world.uid(1).await, world.uid(2).await, world.uid(3).await);
    let expected = [(one.clone(), 0.5, vec!["Kurti".to_owned()]), (two, 0.4, vec!["Osmani".to_owned()])];
    assert_eq!(world.linked(3).await, expected);

    world.moves(&[(2, 2, 1), (4, 4, 3)]).await;
    assert_eq!(world.linked(3).await, [(one, 0.5, vec!["Kurti".to_owned()])]);
    assert_eq!(world.linked(1).await, [(three, 0.5, vec!["Kurti".to_owned()])]);
    world.moves(&[(3, 3, 1), (4, 3, 1)]).await;
    assert_eq!(world.linked(1).await, [], "a story is not linked with itself");
}

#[tokio::test]
async fn wishes_are_granted_in_their_order_by_who_holds_the_store() {
    let world = World::with(&["One", "Two"]).await;
    world.grouped(2, |entry| entry).await;
    let wish = |wish| Store::wish_beside(&world.path(), &wish).expect("kept");
    let ids = [Wish::Join(vec![1, 2]), Wish::Split(2), Wish::Split(2)].map(wish);
    assert!(world.store.has_wishes().await.expect("read"));
    assert_eq!(world.store.wished(ids[0]).await.expect("read"), None);

    let grouped = Grouper::default().catch_up(&world.store, world.now).await.expect("grouped");
    assert_eq!((grouped.wishes, world.store.has_wishes().await.expect("read")), (3, false));
    let (one, two) = (world.uid(1).await, world.uid(2).await);
    let came_of = [
        Wished::Joined(one),
        Wished::Parted(1, two),
        Wished::Refused("it stands alone already; nothing was joined with it".to_owned()),
    ];
    for (id, expected) in ids.into_iter().zip(came_of) {
        assert_eq!(world.store.wished(id).await.expect("read"), Some(expected));
    }
    let overrides = world.store.overrides().await.expect("read");
    assert_eq!(overrides.iter().map(|said| said.is_together).collect::<Vec<_>>(), [false], "the last word counts");
}

#[tokio::test]
async fn a_wish_that_nobody_can_read_keeps_no_other_waiting() {
    let world = World::with(&["One", "Two"]).await;
    world.grouped(2, |entry| entry).await;
    let database = rusqlite::Connection::open(world.path()).expect("the store");
    database.execute("INSERT INTO wish (wished) VALUES ('?')", []).expect("written");
    let id = Store::wish_beside(&world.path(), &Wish::Join(vec![1, 2])).expect("kept");
    assert_eq!(world.store.grant_wishes(world.now).await.expect("granted"), 2);
    assert!(matches!(world.store.wished(id).await.expect("read"), Some(Wished::Joined(_))));
    assert!(matches!(world.store.wished(id - 1).await.expect("read"), Some(Wished::Refused(_))));
}

#[test]
fn no_wish_is_left_where_there_is_no_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("glasnik.db");
    assert!(Store::wish_beside(&path, &Wish::Split(1)).is_err());
    assert!(!path.exists());
}

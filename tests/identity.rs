//! Which items are entries that we have, whatever became of their ids, addresses and texts: documents
//! as publishers send them, on a real SQLite file.

use chrono::{DateTime, TimeDelta, Utc};
use glasnik::feed::{Feed, FeedState, KeptEntry, Output, RulesHash, Subscription};
use glasnik::ingest;
use glasnik::poll::{recognize, sketch_all};
use glasnik::store::{Error, Place, Places, Saved, SavedPoll, Store};
use tempfile::TempDir;

struct World {
    store: Store,
    folder: TempDir,
    now: DateTime<Utc>,
}

/// One item of an RSS document; what is empty is left out.
#[derive(Clone, Copy, Default)]
struct Item {
    guid: &'static str,
    link: &'static str,
    title: &'static str,
    text: &'static str,
    date: &'static str,
}

const NOTHING: Saved = Saved { new: 0, changed: 0 };

const SUNDAY: &str = "Sun, 01 Mar 2026 08:20:11 GMT";
const NOISE: &str = "The city council voted 7 to 2 on Tuesday night to close Harbour Street to cars from June, ending a \
                     long dispute between shop owners and residents over noise and delivery access.";
const LORRY: &str = "Police closed two lanes of the bridge after a lorry with timber overturned shortly before 7 in the \
                     morning; nobody was hurt, and traffic was flowing again by noon.";
const ROSES: &str = "Roses want a dry place in winter: heap the soil around each stem before the first frost comes, and \
                     cut nothing back until the buds swell in March.";

impl World {
    async fn with(feeds: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("glasnik.db")).expect("a new store");
        let subscriptions: Vec<Subscription> = feeds.iter().map(|id| subscription(id)).collect();
        store.sync_subscriptions(&subscriptions).await.expect("synced");
        Self { store, folder, now: "2026-03-01T12:00:00Z".parse().expect("a date") }
    }

    /// What a poll of a feed brings, an hour after the last one.
    async fn poll(&mut self, feed: &str, items: &[Item]) -> Saved {
        self.now += TimeDelta::hours(1);
        let poll = self.decided(feed, items).await;
        self.store.save_poll(poll).await.expect("saved")
    }

    async fn decided(&self, feed: &str, items: &[Item]) -> SavedPoll {
        recognize(self.heard(feed, items), &self.store).await.expect("decided")
    }

    fn heard(&self, feed: &str, items: &[Item]) -> SavedPoll {
        let context = ingest::Context::default();
        let document = rss(items).replace("<title>Outlet<", &format!("<title>Outlet {feed}<"));
        let said: Feed = ingest::read(document.as_bytes(), &context).expect("a feed");
        let tags = vec![Vec::new(); said.entries.len()];
        SavedPoll {
            feed: feed.to_owned(),
            url: subscription(feed).url,
            state: FeedState::default(),
            said: Some((said, tags)),
            places: Places::default(),
            past: None,
            tagged_by: RulesHash::default(),
            at: self.now,
        }
    }

    /// All that is shown, by title.
    async fn shown(&self) -> Vec<KeptEntry> {
        let output = Output::new("all", "All");
        let mut entries = self.store.entries(&output).await.expect("read");
        entries.sort_by(|one, other| one.entry.title.cmp(&other.entry.title));
        entries
    }

    async fn titles(&self) -> Vec<String> {
        self.shown().await.into_iter().map(|kept| kept.entry.title.unwrap_or_default()).collect()
    }

    /// What readers know entries by: our name and the publisher's id.
    async fn names(&self) -> Vec<(String, Option<String>)> {
        self.shown().await.into_iter().map(|kept| (kept.uid, kept.entry.id)).collect()
    }

    /// Closes the database, changes it by hand and opens it again.
    fn reopened_after(self, sql: &str) -> Self {
        let Self { store, folder, now } = self;
        drop(store);
        let path = folder.path().join("glasnik.db");
        rusqlite::Connection::open(&path).expect("a database").execute_batch(sql).expect("changed");
        Self { store: Store::open(&path).expect("a store"), folder, now }
    }
}

fn subscription(id: &str) -> Subscription {
    Subscription::new(id, format!("https://{id}.example/feed").parse().expect("a URL"))
}

fn rss(items: &[Item]) -> String {
    let mut feed = "<rss version=\"2.0\"><channel><title>Outlet</title><link>https://o.example/</link>".to_owned();
    for item in items {
        feed += "<item>";
        let elements = [
            ("guid", item.guid),
            ("link", item.link),
            ("title", item.title),
            ("description", item.text),
            ("pubDate", item.date),
        ];
        for (name, value) in elements {
            if !value.is_empty() {
                feed += &format!("<{name}>{value}</{name}>");
            }
        }
        feed += "</item>";
    }
    feed + "</channel></rss>"
}

/// A small paper's front page.
const PAPER: [Item; 5] = [
    Item {
        guid: "1",
        link: "https://o.example/a1",
        title: "Council closes Harbour Street to cars",
        text: NOISE,
        date: SUNDAY,
    },
    Item {
        guid: "2",
        link: "https://o.example/a2",
        title: "Lorry overturns on the bridge",
        text: LORRY,
        date: "Sun, 01 Mar 2026 07:10:09 GMT",
    },
    Item {
        guid: "3",
        link: "https://o.example/a3",
        title: "How to bring roses through the winter",
        text: ROSES,
        date: "Sat, 28 Feb 2026 18:33:40 GMT",
    },
    Item {
        guid: "4",
        link: "https://o.example/a4",
        title: "Library opens on Sundays again",
        text: "",
        date: "Sat, 28 Feb 2026 11:02:51 GMT",
    },
    Item {
        guid: "5",
        link: "https://o.example/a5",
        title: "Rowers win in Zadar",
        text: "",
        date: "Fri, 27 Feb 2026 20:45:13 GMT",
    },
];

/// The same, with something about each item changed.
fn paper(change: impl Fn(usize, &mut Item)) -> Vec<Item> {
    let mut items = PAPER;
    items.iter_mut().enumerate().for_each(|(at, item)| change(at, item));
    items.to_vec()
}

const NEW_GUIDS: [&str; 5] = ["x-91", "x-92", "x-93", "x-94", "x-95"];
const NEW_LINKS: [&str; 5] = [
    "https://news.o.example/2026/council-closes-harbour-street",
    "https://news.o.example/2026/lorry-overturns-bridge",
    "https://news.o.example/2026/roses-through-winter",
    "https://news.o.example/2026/library-sundays-again",
    "https://news.o.example/2026/rowers-win-zadar",
];
const OTHER_HOST: [&str; 5] = [
    "https://paper.example/a1",
    "https://paper.example/a2",
    "https://paper.example/a3",
    "https://paper.example/a4",
    "https://paper.example/a5",
];
const NEW_DATES: [&str; 5] = [
    "Mon, 02 Mar 2026 09:00:01 GMT",
    "Mon, 02 Mar 2026 09:00:02 GMT",
    "Mon, 02 Mar 2026 09:00:03 GMT",
    "Mon, 02 Mar 2026 09:00:04 GMT",
    "Mon, 02 Mar 2026 09:00:05 GMT",
];

/// Polls the paper, then the paper as it became: nothing of it is news, the names that readers know
/// stay, and from then on all of it is known without a second look.
async fn check_nothing_is_announced(change: impl Fn(usize, &mut Item)) {
    let mut world = World::with(&["a"]).await;
    assert_eq!(world.poll("a", &PAPER).await, Saved { new: 5, changed: 0 });
    let names = world.names().await;
    let after = paper(change);
    assert_eq!(world.poll("a", &after).await, NOTHING);
    assert_eq!(world.names().await, names);
    assert!(world.decided("a", &after).await.places.items.iter().all(|place| *place == Place::Settled));
    assert_eq!(world.poll("a", &PAPER).await, NOTHING, "and back again");
}

#[tokio::test]
async fn an_outlet_that_changes_all_its_ids_announces_nothing() {
    check_nothing_is_announced(|at, item| item.guid = NEW_GUIDS[at]).await;
}

#[tokio::test]
async fn an_outlet_that_moves_to_another_host_announces_nothing() {
    check_nothing_is_announced(|at, item| (item.guid, item.link) = (OTHER_HOST[at], OTHER_HOST[at])).await;
}

#[tokio::test]
async fn an_outlet_that_moves_to_another_system_announces_nothing() {
    let moved = |at: usize, item: &mut Item| {
        (item.guid, item.link, item.date) = (NEW_GUIDS[at], NEW_LINKS[at], NEW_DATES[at]);
    };
    check_nothing_is_announced(moved).await;
}

#[tokio::test]
async fn news_among_entries_with_new_ids_is_news() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    let mut after = paper(|at, item| (item.guid, item.link) = (NEW_GUIDS[at], NEW_LINKS[at]));
    after.insert(
        0,
        Item { guid: "x-96", link: "https://news.o.example/2026/ferry", title: "Ferry runs at night", ..PAPER[0] },
    );
    after[0].text = "";
    assert_eq!(world.poll("a", &after).await, Saved { new: 1, changed: 0 });
    assert_eq!(world.titles().await.len(), 6);
}

#[tokio::test]
async fn links_that_lead_elsewhere_by_now_are_shown_without_an_edit() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    let before = world.shown().await;
    world.poll("a", &paper(|at, item| item.link = NEW_LINKS[at])).await;
    let after = world.shown().await;
    assert_eq!(after[0].entry.link.as_deref(), Some(NEW_LINKS[0]));
    let dates = |entries: &[KeptEntry]| entries.iter().map(|kept| kept.updated_at).collect::<Vec<_>>();
    assert_eq!(dates(&after), dates(&before));
}

#[tokio::test]
async fn ids_that_are_made_anew_for_every_reading_are_never_news() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    let names = world.names().await;
    for round in 0..6 {
        let guid: &'static str = ["r", "s", "t", "u", "v", "w"][round];
        let after = paper(|at, item| item.guid = Box::leak(format!("{guid}-{at}").into_boxed_str()));
        assert_eq!(world.poll("a", &after).await, NOTHING, "{round}");
    }
    assert_eq!(world.names().await, names);
    let memory = world.store.remember("a", &[]).expect("read").expect("subscribed");
    assert!(memory.habits.makes_ids_anew());
    let fresh = paper(|at, item| item.guid = ["z-1", "z-2", "z-3", "z-4", "z-5"][at]);
    let places = world.decided("a", &fresh).await.places;
    assert!(places.items.iter().all(|place| *place == Place::Settled), "nothing is kept of such ids");
}

#[tokio::test]
async fn an_undated_item_without_id_and_link_is_known_when_it_returns() {
    let mut world = World::with(&["a"]).await;
    let bare = Item { title: "Roses", text: ROSES, ..Item::default() };
    world.poll("a", &[bare]).await;
    world.poll("a", &[PAPER[0]]).await;
    assert_eq!(world.poll("a", &[bare]).await, NOTHING);
    assert_eq!(world.poll("a", &[Item { text: LORRY, ..bare }]).await, Saved { new: 0, changed: 1 });
}

#[tokio::test]
async fn an_item_that_returns_under_another_id_is_known() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    world.poll("a", &PAPER[..2]).await;
    assert_eq!(world.poll("a", &[Item { guid: "r-3", ..PAPER[2] }]).await, NOTHING);
}

#[tokio::test]
async fn an_item_whose_text_was_forgotten_is_known_under_another_id() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    world.now += TimeDelta::days(200);
    assert_eq!(world.store.forget_old_text(world.now).await.expect("forgotten"), 5);
    assert_eq!(world.poll("a", &[Item { guid: "r-3", ..PAPER[2] }]).await, NOTHING);
}

#[tokio::test]
async fn ids_that_stand_for_nothing_and_one_link_for_all_lose_no_entry() {
    let mut world = World::with(&["a"]).await;
    let items = paper(|_, item| (item.guid, item.link) = ("N/A", "https://o.example/news"));
    assert_eq!(world.poll("a", &items).await, Saved { new: 5, changed: 0 });
    assert_eq!(world.poll("a", &items).await, NOTHING);
    let twice = paper(|_, item| item.guid = "7");
    assert_eq!(world.poll("a", &twice).await, NOTHING);
    assert_eq!(world.titles().await.len(), 5);
}

#[tokio::test]
async fn one_item_listed_twice_is_one_entry() {
    let mut world = World::with(&["a"]).await;
    let (bare, one) = (Item { guid: "", ..PAPER[0] }, PAPER[0]);
    assert_eq!(world.poll("a", &[one, one]).await, Saved { new: 1, changed: 0 });
    assert_eq!(world.poll("a", &[bare, Item { date: NEW_DATES[0], ..bare }]).await, NOTHING);
    assert_eq!(world.titles().await.len(), 1);
}

#[tokio::test]
async fn a_new_title_is_an_edit_with_an_id_or_a_link_alone() {
    for guid in ["1", ""] {
        let mut world = World::with(&["a"]).await;
        let one = Item { guid, ..PAPER[0] };
        world.poll("a", &[one]).await;
        let names = world.names().await;
        let edited = Item { title: "Council bans cars from Harbour Street", ..one };
        assert_eq!(world.poll("a", &[edited]).await, Saved { new: 0, changed: 1 }, "{guid:?}");
        assert_eq!(world.names().await, names);
        assert_eq!(world.titles().await, [edited.title]);
    }
}

#[tokio::test]
async fn counters_and_dates_that_change_with_every_reading_are_no_edits() {
    let mut world = World::with(&["a"]).await;
    let counting = |round: usize| {
        paper(|at, item| {
            item.date = NEW_DATES[round];
            item.text =
                Box::leak(format!("{}: {} views, {} comments", item.title, 100 + round, at + round).into_boxed_str());
        })
    };
    world.poll("a", &counting(0)).await;
    let before = world.shown().await;
    for round in 1..5 {
        assert_eq!(world.poll("a", &counting(round)).await, NOTHING, "{round}");
    }
    assert_eq!(world.shown().await, before, "not a byte of what readers get");
}

#[tokio::test]
async fn an_id_that_is_given_to_another_article_later_takes_nothing_away() {
    let mut world = World::with(&["a"]).await;
    let old = Item { guid: "tag:o.example,2026:7", ..PAPER[0] };
    world.poll("a", &[old]).await;
    let names = world.names().await;
    world.now += TimeDelta::days(30);
    let later = Item { date: "Tue, 31 Mar 2026 10:00:00 GMT", guid: old.guid, ..PAPER[2] };
    assert_eq!(world.poll("a", &[later]).await, Saved { new: 1, changed: 0 });
    assert_eq!(world.titles().await, [old.title, later.title]);
    let both = world.names().await;
    assert_eq!(both[0], names[0]);
    assert_eq!(both[1].1, None, "its id is another's for ever");
    assert_eq!(world.poll("a", &[later]).await, NOTHING);
    assert_eq!(
        world.poll("a", &[Item { title: "How to bring roses through winter", ..later }]).await,
        Saved { new: 0, changed: 1 }
    );
    assert_eq!(world.names().await, both);
}

#[tokio::test]
async fn an_id_that_goes_to_another_item_in_the_same_poll_overwrites_nothing() {
    let mut world = World::with(&["a"]).await;
    let a = PAPER[0];
    world.poll("a", &[a]).await;
    let names = world.names().await;
    let b = Item { guid: a.guid, date: "Wed, 04 Mar 2026 10:00:00 GMT", ..PAPER[1] };
    assert_eq!(world.poll("a", &[b, Item { guid: "1b", ..a }]).await, Saved { new: 1, changed: 0 });
    assert_eq!(world.titles().await, [a.title, b.title]);
    assert_eq!(world.names().await[0], names[0]);
}

#[tokio::test]
async fn the_same_article_in_another_feed_is_joined_and_a_remark_on_it_is_not() {
    let mut world = World::with(&["a", "b", "c"]).await;
    world.poll("a", &[PAPER[0]]).await;
    assert_eq!(world.poll("b", &[Item { guid: "b-1", ..PAPER[0] }]).await.new, 1);
    world.poll("c", &[Item { guid: "c-1", title: "Good riddance", text: ROSES, ..PAPER[0] }]).await;
    let shown = world.shown().await;
    assert_eq!(world.titles().await, [PAPER[0].title, "Good riddance"]);
    assert_eq!(shown[0].also_in.iter().map(|copy| copy.feed.id.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[tokio::test]
async fn what_others_kept_meanwhile_is_looked_at_before_a_poll_is_kept() {
    let mut world = World::with(&["a", "b"]).await;
    let early = world.decided("b", &[Item { guid: "b-1", ..PAPER[0] }]).await;
    world.poll("a", &[PAPER[0]]).await;
    let Err(Error::Undecided(early)) = world.store.save_poll(early).await else {
        panic!("it was kept as news");
    };
    let poll = recognize(*early, &world.store).await.expect("decided");
    world.store.save_poll(poll).await.expect("saved");
    assert_eq!(world.shown().await.len(), 1);
    assert!(
        matches!(world.store.save_poll(world.heard("a", &PAPER)).await, Err(Error::Undecided(_)),),
        "nothing is kept of what nobody decided on"
    );
}

/// As the migration leaves what an earlier version kept.
const BEFORE_SKETCHES: &str = "DELETE FROM entry_key; DELETE FROM sketch;
    UPDATE sketching SET done_to = 0, until = (SELECT max(id) FROM entry);";

#[tokio::test]
async fn after_an_upgrade_nothing_is_announced_again() {
    for is_caught_up in [false, true] {
        let mut world = World::with(&["a", "b"]).await;
        world.poll("a", &PAPER).await;
        let names = world.names().await;
        let mut world = world.reopened_after(BEFORE_SKETCHES);
        if is_caught_up {
            sketch_all(&world.store).await.expect("sketched");
            assert_eq!(world.store.unsketched().await.expect("read"), None);
        }
        assert_eq!(world.poll("a", &PAPER).await, NOTHING);
        let moved = paper(|at, item| (item.guid, item.link) = (NEW_GUIDS[at], NEW_LINKS[at]));
        assert_eq!(world.poll("a", &moved).await, NOTHING);
        assert_eq!(world.names().await, names);
        if is_caught_up {
            world.poll("b", &[Item { guid: "b-1", ..PAPER[4] }]).await;
            assert_eq!(world.titles().await.len(), 5, "copies of what was kept before are found");
        }
    }
}

#[tokio::test]
async fn entries_whose_text_was_forgotten_before_an_upgrade_are_known_by_their_keys() {
    let mut world = World::with(&["a"]).await;
    world.poll("a", &PAPER).await;
    world.now += TimeDelta::days(200);
    world.store.forget_old_text(world.now).await.expect("forgotten");
    let mut world = world.reopened_after(BEFORE_SKETCHES);
    sketch_all(&world.store).await.expect("nothing to sketch");
    assert_eq!(world.poll("a", &PAPER).await, NOTHING);
    let edited = paper(|at, item| {
        if at == 0 {
            item.title = "Council bans cars"
        }
    });
    assert_eq!(world.poll("a", &edited).await, Saved { new: 0, changed: 1 });
}

//! Copies and stories, from three outlets' feeds to our documents: the real binary, a real store.

mod support;

use serde_json::Value;
use std::path::PathBuf;
use support::Publisher;
use tempfile::TempDir;

/// The text of the first outlet. The second has it in Cyrillic under another headline.
const TEXT: &str = "Ministarstvo energetike saopštilo je da je u subotu ujutru u termoelektrani Kostolac izbio požar \
    u kojem je povređeno sedam radnika. Vatrogasci su plamen ugasili posle četiri sata, a proizvodnja struje u dva bloka \
    obustavljena je do daljeg. Direktor elektrane Milan Petrović rekao je da uzrok još nije poznat i da istragu vodi \
    tužilaštvo u Požarevcu. Povređeni su prevezeni u bolnicu, troje je teže povređeno. Snabdevanje građana strujom nije \
    ugroženo, navodi se u saopštenju.";

const IN_CYRILLIC: &str = "Министарство енергетике саопштило је да је у суботу ујутру у термоелектрани Костолац избио пожар \
    у којем је повређено седам радника. Ватрогасци су пламен угасили после четири сата, а производња струје у два блока \
    обустављена је до даљег. Директор електране Милан Петровић рекао је да узрок још није познат и да истрагу води \
    тужилаштво у Пожаревцу. Повређени су превезени у болницу, троје је теже повређено. Снабдевање грађана струјом није \
    угрожено, наводи се у саопштењу.";

/// The third outlet was there itself.
const OWN_REPORT: &str = "Sedam radnika povređeno je u požaru koji je u subotu zahvatio termoelektranu Kostolac. Naš reporter \
    javlja da se gust dim video kilometrima daleko, a vatrogasci iz Požarevca su se sa plamenom borili satima. Dva bloka \
    elektrane ne rade. Radnici iz Kostolca kažu da je oprema stara i da su na opasnost upozoravali direktora Petrovića.";

struct Desk {
    folder: TempDir,
    publisher: Publisher,
}

impl Desk {
    async fn with(outlets: &[&str]) -> Self {
        let desk =
            Self { folder: tempfile::tempdir().expect("a temporary folder"), publisher: Publisher::start().await };
        let mut config =
            "[defaults]\nallow_private = true\nlang = \"sr\"\n[[host]]\nmatch = \"127.0.0.1\"\nspacing = \"0s\"\n"
                .to_owned();
        for outlet in outlets {
            let url = desk.publisher.url(&format!("/{outlet}.xml"));
            config += &format!("[[feed]]\nid = \"{outlet}\"\nurl = \"{url}\"\n");
        }
        for collapse in ["none", "duplicates", "stories"] {
            config += &format!("[[output]]\nid = \"by-{collapse}\"\ncollapse = \"{collapse}\"\n");
        }
        std::fs::write(desk.config(), config).expect("written");
        desk
    }

    /// Three outlets, of which the second copies the first and the third reports the same.
    async fn with_one_event() -> Self {
        let desk = Self::with(&["a", "b", "c"]).await;
        desk.publishes("a", &[("Požar u elektrani Kostolac", TEXT, "08:00")]);
        desk.publishes("b", &[("Повређено седам радника у Костолцу", IN_CYRILLIC, "08:30")]);
        desk.publishes("c", &[("U požaru u termoelektrani Kostolac povređeno sedam radnika", OWN_REPORT, "09:00")]);
        desk
    }

    fn publishes(&self, outlet: &str, items: &[(&str, &str, &str)]) {
        self.publisher.publishes(&format!("/{outlet}.xml"), rss(outlet, items));
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    async fn glasnik(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = support::glasnik(&self.config());
        command.args(arguments);
        tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it runs")
    }

    async fn says(&self, arguments: &[&str]) -> String {
        let output = self.glasnik(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    async fn poll(&self, feeds: &[&str]) {
        self.says(&[&["poll", "--all"], feeds].concat()).await;
    }

    async fn published(&self, file: &str) -> String {
        let folder = self.folder.path().join("public");
        self.says(&["publish", folder.to_str().expect("UTF-8")]).await;
        std::fs::read_to_string(folder.join(file)).expect("a document")
    }

    /// The items of an output, as JSON.
    async fn items(&self, output: &str) -> Vec<Value> {
        let document: Value = serde_json::from_str(&self.published(&format!("{output}.json")).await).expect("JSON");
        document["items"].as_array().expect("items").clone()
    }
}

fn rss(outlet: &str, items: &[(&str, &str, &str)]) -> String {
    let mut feed = format!(
        "<rss version=\"2.0\"><channel><title>Outlet {outlet}</title><link>https://{outlet}.example/</link><description>D</description>"
    );
    for (at, (title, text, time)) in items.iter().enumerate() {
        feed += &format!(
            "<item><guid>https://{outlet}.example/{at}</guid><link>https://{outlet}.example/{at}</link><title>{title}</title>\
             <description>{text}</description><pubDate>Mon, 02 Mar 2026 {time}:00 GMT</pubDate></item>"
        );
    }
    feed + "</channel></rss>"
}

/// The outlets that an item names besides its own, with what they have in common.
fn also_in(item: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let also_in = item["_glasnik"]["also_in"].as_array().expect("a list");
    also_in.iter().map(|also| (text(&also["feed"]["id"]), text(&also["relation"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(feed, relation)| ((*feed).to_owned(), (*relation).to_owned())).collect()
}

#[tokio::test]
async fn copies_and_stories_are_joined_as_an_output_asks() {
    let desk = Desk::with_one_event().await;
    desk.poll(&[]).await;
    assert_eq!(desk.items("by-none").await.len(), 3);

    let duplicates = desk.items("by-duplicates").await;
    let shown: Vec<&Value> = duplicates.iter().map(|item| &item["url"]).collect();
    assert_eq!(shown, ["https://c.example/0", "https://a.example/0"]);
    assert_eq!(also_in(&duplicates[0]), []);
    assert_eq!(also_in(&duplicates[1]), pairs(&[("b", "copy")]));

    let stories = desk.items("by-stories").await;
    assert_eq!(stories.len(), 1);
    let mut others = also_in(&stories[0]);
    others.sort();
    assert_eq!(others, pairs(&[("b", "copy"), ("c", "story")]));
    assert_eq!(stories[0]["url"], "https://a.example/0");
    assert_eq!(stories[0]["_glasnik"]["story"]["outlets"], 3);
    assert!(stories[0]["id"].as_str().expect("an id").contains(",2026:stories/"), "{}", stories[0]["id"]);
    for format in ["atom", "rss"] {
        let document = desk.published(&format!("by-stories.{format}")).await;
        for text in ["https://b.example/0", "https://c.example/0", "3 outlets report this."] {
            assert!(document.contains(text), "{text} is not in {document}");
        }
        let document = desk.published(&format!("by-duplicates.{format}")).await;
        assert!(document.contains("https://b.example/0"), "{document}");
    }
}

#[tokio::test]
async fn what_stands_for_a_story_and_its_id_stay_as_coverage_grows() {
    let desk = Desk::with_one_event().await;
    desk.poll(&["a"]).await;
    let before = desk.items("by-stories").await.remove(0);
    desk.poll(&["b"]).await;
    desk.poll(&["c"]).await;
    let after = desk.items("by-stories").await.remove(0);
    for same in ["id", "url", "date_published"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(also_in(&after), pairs(&[("b", "copy"), ("c", "story")]));
    let moment = |item: &Value| item["date_modified"].as_str().expect("a date").to_owned();
    assert!(moment(&after) > moment(&before), "{after}");
    let duplicates = desk.items("by-duplicates").await;
    assert_eq!(duplicates[1]["date_modified"], before["date_published"], "a copy is no change of the original");
}

#[tokio::test]
async fn the_operators_favourite_stands_for_what_came_together() {
    let desk = Desk::with_one_event().await;
    let config = std::fs::read_to_string(desk.config()).expect("readable");
    let config = config.replace("id = \"b\"\n", "id = \"b\"\npriority = 1\n");
    std::fs::write(desk.config(), config).expect("written");
    desk.poll(&[]).await;
    let duplicates = desk.items("by-duplicates").await;
    assert_eq!(duplicates[1]["url"], "https://b.example/0");
    assert_eq!(also_in(&duplicates[1]), pairs(&[("a", "copy")]));
}

#[tokio::test]
async fn two_feeds_of_an_outlet_count_once() {
    let desk = Desk::with(&["a", "b", "b2"]).await;
    desk.publishes("a", &[("Požar u elektrani Kostolac", TEXT, "08:00")]);
    desk.publishes("b", &[("Повређено седам радника у Костолцу", IN_CYRILLIC, "08:30")]);
    let twin = rss("b", &[("Radnici povređeni u požaru", TEXT, "08:40")]).replace("b.example/0", "b.example/99");
    desk.publisher.publishes("/b2.xml", twin);
    desk.poll(&[]).await;
    let duplicates = desk.items("by-duplicates").await;
    assert_eq!(duplicates.len(), 1);
    assert_eq!(also_in(&duplicates[0]).len(), 1, "{}", duplicates[0]["_glasnik"]);
    assert_eq!(desk.items("by-stories").await[0]["_glasnik"]["story"]["outlets"], 2);
}

#[tokio::test]
async fn what_the_operator_parts_stays_apart_and_what_he_joins_stays_together() {
    let desk = Desk::with_one_event().await;
    desk.poll(&[]).await;
    let split: Value =
        serde_json::from_str(&desk.says(&["split", "https://b.example/0", "--json"]).await).expect("JSON");
    assert_eq!(split["parted_from"], 2);
    assert_eq!(desk.items("by-duplicates").await.len(), 3);
    assert_eq!(desk.items("by-stories").await.len(), 2);

    // A newer text of the same event comes to the one story, and the other stays alone.
    desk.publishes(
        "c",
        &[
            ("U požaru u termoelektrani Kostolac povređeno sedam radnika", OWN_REPORT, "09:00"),
            ("Kostolac: sedam radnika povređeno u požaru u termoelektrani", OWN_REPORT, "11:00"),
        ],
    );
    desk.poll(&[]).await;
    let stories = desk.items("by-stories").await;
    assert_eq!(stories.len(), 2, "{stories:?}");

    let again = desk.glasnik(&["split", "https://b.example/0"]).await;
    let said = String::from_utf8(again.stderr).expect("UTF-8");
    assert!(again.status.code() == Some(1) && said.contains("stands alone already"), "{said}");
    let twice = desk.glasnik(&["join", "https://b.example/0", "https://b.example/0"]).await;
    let said = String::from_utf8(twice.stderr).expect("UTF-8");
    assert!(twice.status.code() == Some(1) && said.contains("which is among them already"), "{said}");
    assert_eq!(desk.glasnik(&["join", "https://b.example/0"]).await.status.code(), Some(2));

    let join = desk.says(&["join", "https://b.example/0", "https://a.example/0", "--json"]).await;
    assert!(serde_json::from_str::<Value>(&join).expect("JSON")["story"].is_string(), "{join}");
    let stories = desk.items("by-stories").await;
    assert_eq!(stories.len(), 1);
    assert_eq!(stories[0]["_glasnik"]["story"]["outlets"], 3);
    assert_eq!(desk.items("by-duplicates").await.len(), 4, "one event is not one text");
    let why = desk.says(&["why", "https://b.example/0"]).await;
    assert!(why.contains("put here by the operator"), "{why}");
}

#[tokio::test]
async fn why_says_whose_copy_it_is_and_what_joined_it() {
    let desk = Desk::with_one_event().await;
    desk.poll(&["a"]).await;
    desk.poll(&["b", "c"]).await;
    let copy = desk.says(&["why", "https://b.example/0"]).await;
    assert!(copy.contains("its text is that of") && copy.contains("% alike"), "{copy}");
    let why: Value = serde_json::from_str(&desk.says(&["why", "https://c.example/0", "--json"]).await).expect("JSON");
    let entries = why["story"]["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), 3);
    let own = entries.iter().find(|entry| entry["is_this"] == true).expect("itself");
    assert!(own["score"].as_f64().is_some_and(|score| score > 0.0), "{why}");
}

/// The same fire, as an English outlet tells it.
const IN_ENGLISH: &str = "Seven workers were hurt on Saturday when a fire broke out at the Kostolac power plant near \
    Pozarevac, the energy ministry said. Two units are shut down, director Milan Petrovic said, and prosecutors are \
    looking into the cause.";

async fn in_two_languages() -> Desk {
    let desk = Desk::with(&["a", "b", "c"]).await;
    let config = std::fs::read_to_string(desk.config()).expect("readable");
    std::fs::write(desk.config(), config.replace("id = \"c\"\n", "id = \"c\"\nlang = \"en\"\n")).expect("written");
    desk.publishes("a", &[("Požar u elektrani Kostolac kod Požarevca", TEXT, "08:00")]);
    desk.publishes("b", &[("Повређено седам радника у Костолцу", IN_CYRILLIC, "08:30")]);
    desk.publishes("c", &[("Fire at Kostolac power plant near Pozarevac hurts seven", IN_ENGLISH, "09:00")]);
    desk
}

#[tokio::test]
async fn stories_in_other_languages_are_linked_and_never_merged() {
    let desk = in_two_languages().await;
    desk.poll(&["a"]).await;
    desk.poll(&["c"]).await;
    desk.poll(&["b"]).await;
    let stories = desk.items("by-stories").await;
    assert_eq!(stories.len(), 2);
    let why: Value = serde_json::from_str(&desk.says(&["why", "https://b.example/0", "--json"]).await).expect("JSON");
    let linked = why["story"]["in_other_languages"].as_array().expect("a list");
    assert_eq!(linked.len(), 1, "{why}");
    assert_eq!((&linked[0]["language"], &linked[0]["feed"]), (&Value::from("en"), &Value::from("c")));
    let shared = linked[0]["shared"].to_string();
    assert!(shared.contains("Kostolac") && shared.contains("Pozarevac"), "{shared}");
    let other = desk.says(&["why", "https://c.example/0"]).await;
    assert!(other.contains("told also    in sr by the story") && other.contains("both name"), "{other}");

    let name = |at: usize| stories[at]["_glasnik"]["story"]["uid"].as_str().expect("a name").to_owned();
    let english = desk.published(&format!("stories/{}/index.html", name(0))).await;
    assert!(english.contains("In other languages") && english.contains(">srpski<"), "{english}");
    let serbian = desk.published(&format!("stories/{}/index.html", name(1))).await;
    assert!(serbian.contains(">English<") && serbian.contains("Fire at Kostolac"), "{serbian}");
    let entry = stories[0]["_glasnik"]["uid"].as_str().expect("a name").to_owned();
    let entry = desk.published(&format!("entries/{entry}/index.html")).await;
    assert!(entry.contains("In other languages") && entry.contains("Požar u elektrani"), "{entry}");
}

#[tokio::test]
async fn links_follow_their_stories_into_others() {
    let desk = in_two_languages().await;
    desk.publishes(
        "a",
        &[
            ("Požar u elektrani Kostolac kod Požarevca", TEXT, "08:00"),
            ("Muzej u Valjevu otvara izložbu fotografija", "Na izložbi u Valjevu biće šezdeset radova.", "07:00"),
        ],
    );
    desk.poll(&["a"]).await;
    desk.poll(&["c"]).await;
    desk.says(&["join", "https://a.example/0", "https://a.example/1"]).await;
    let why: Value = serde_json::from_str(&desk.says(&["why", "https://c.example/0", "--json"]).await).expect("JSON");
    let linked = why["story"]["in_other_languages"].as_array().expect("a list");
    assert_eq!(linked.len(), 1, "{why}");
    let joined: Value =
        serde_json::from_str(&desk.says(&["why", "https://a.example/1", "--json"]).await).expect("JSON");
    assert_eq!(joined["story"]["id"], linked[0]["story"]);
    assert_eq!(joined["story"]["in_other_languages"].as_array().map(Vec::len), Some(1), "{joined}");
}

#[tokio::test]
async fn no_date_of_a_story_moves_back_when_an_entry_is_parted_from_it() {
    let desk = Desk::with_one_event().await;
    desk.poll(&["a"]).await;
    desk.poll(&["c"]).await;
    let updated = async || {
        let stories = desk.items("by-stories").await;
        let own = stories.iter().find(|story| story["url"] == "https://a.example/0").expect("the first");
        (own["id"].clone(), own["date_modified"].as_str().expect("a date").to_owned())
    };
    let before = updated().await;
    desk.says(&["split", "https://c.example/0"]).await;
    let after = updated().await;
    assert_eq!(after.0, before.0);
    assert!(after.1 >= before.1, "{after:?} is before {before:?}");
}

#[tokio::test]
async fn what_a_crash_left_ungrouped_is_grouped_before_it_is_shown() {
    let desk = Desk::with_one_event().await;
    desk.poll(&[]).await;
    let before = [desk.items("by-duplicates").await, desk.items("by-stories").await];
    let database = rusqlite::Connection::open(desk.folder.path().join("glasnik.db")).expect("the store");
    database
        .execute_batch(
            "DELETE FROM grouped; DELETE FROM article; UPDATE grouping SET done_to = 0, until = 0;
             UPDATE entry SET root = id, root_by = NULL;",
        )
        .expect("as it was between the poll and the grouping");
    drop(database);
    assert_eq!([desk.items("by-duplicates").await, desk.items("by-stories").await], before);
}

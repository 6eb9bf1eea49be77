//! `publish DIR` as whoever keeps a static site uses it: what is written, left alone, taken away, refused.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::Publisher;
use tempfile::TempDir;

/// Words that no other item has: each tells of something else.
fn text(number: usize) -> String {
    (0..12).map(|word| format!("w{number}x{word} ")).collect()
}

struct Desk {
    folder: TempDir,
    publisher: Publisher,
}

impl Desk {
    async fn new(items: usize) -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a folder"), publisher: Publisher::start().await };
        desk.configure("[[output]]\nid = \"few\"\nitems = 5\nat_least = \"0s\"\n[[output]]\nid = \"more\"\n");
        desk.reads(items);
        desk
    }

    fn configure(&self, outputs: &str) {
        let feed = format!("[[feed]]\nurl = \"{}\"\n", self.publisher.url("/feed.xml"));
        let config = format!("base_url = \"https://n.example/\"\n[defaults]\nallow_private = true\n{feed}{outputs}");
        fs::write(self.config(), config).expect("written");
    }

    fn reads(&self, items: usize) {
        let items: String = (0..items)
            .map(|number| {
                format!("<item><guid isPermaLink=\"false\">{number}</guid><title>Item {number}.</title><description>{}</description></item>", text(number))
            })
            .collect();
        let head = "<title>Outlet</title><link>https://o.example/</link><description>D</description>";
        self.publisher.publishes("/feed.xml", format!("<rss version=\"2.0\"><channel>{head}{items}</channel></rss>"));
        self.run(&["poll", "--all"]);
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn try_run(&self, arguments: &[&str]) -> Output {
        support::glasnik(&self.config()).args(arguments).output().expect("it runs")
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.try_run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn publish(&self) {
        self.run(&["publish", self.site().to_str().expect("UTF-8")]);
    }
}

/// Every file with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("inside").to_str().expect("UTF-8").to_owned();
                files.insert(name, fs::read(path).expect("readable"));
            }
        }
    }
    files
}

fn inode(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata(path).expect("it is there"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_has_what_the_addresses_say_the_archive_and_a_front_page() {
    let desk = Desk::new(120).await;
    desk.publish();
    let site = files(&desk.site());
    let names: Vec<&str> = site.keys().map(String::as_str).collect();
    for name in ["index.html", "all.atom", "few.json", "few.html", "subscriptions.opml", "health.atom"] {
        assert!(names.contains(&name) && names.contains(&format!("feeds/{name}").as_str()), "{name} of {names:?}");
    }
    let text = |name: &str| String::from_utf8_lossy(&site[name]).into_owned();
    let mut next = Some("feeds/few.atom".to_owned());
    let mut walked = Vec::new();
    while let Some(name) = next {
        let document = text(&name);
        let older = document.lines().find(|line| line.contains("prev-archive"));
        next = older.and_then(|line| Some(line.split("https://n.example/").nth(1)?.split('"').next()?.to_owned()));
        walked.push(document);
    }
    assert_eq!(walked.len(), 3);
    for number in 0..120 {
        assert!(walked.iter().any(|document| document.contains(&format!(">Item {number}.<"))), "Item {number}");
    }
}

/// Where a link leads within the folder; `None` where it leads elsewhere.
fn target(from: &str, link: &str) -> Option<String> {
    let base = url::Url::parse("https://n.example/").expect("an address");
    let mut url = base.join(from).expect("a path").join(link).ok()?;
    url.set_fragment(None);
    url.as_str().strip_prefix(base.as_str()).map(str::to_owned)
}

/// Every link of every file that leads into the folder, with the file that has it.
fn links(site: &BTreeMap<String, Vec<u8>>) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for (name, body) in site {
        let text = String::from_utf8_lossy(body).replace("\\/", "/");
        let of_pages = text.split("href=\"").skip(1).filter(|_| name.ends_with(".html"));
        let ours = text.match_indices("https://n.example/").map(|(at, _)| &text[at..]);
        for rest in of_pages.chain(ours) {
            let link = rest.split(['"', '<', '&', ' ', '\'']).next().expect("one at least");
            links.extend(target(name, link).map(|target| (name.clone(), target)));
        }
    }
    links
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_into_the_folder_finds_a_file() {
    let desk = Desk::new(0).await;
    let all = "[[output]]\nid = \"all\"\nitems = 2\nat_least = \"0s\"\n";
    desk.configure(&format!(
        "{all}[[output]]\nid = \"few\"\nitems = 5\nat_least = \"0s\"\n\
         [[output]]\nid = \"told\"\ncollapse = \"stories\"\nitems = 3\nat_least = \"0s\"\n"
    ));
    desk.reads(20);
    desk.publish();
    desk.publisher.publishes("/feed.xml", "<html>no feed</html>");
    desk.run(&["poll", "--all"]);
    desk.publish();
    let site = files(&desk.site());
    let links = links(&site);
    for (name, link) in &links {
        let is_there = |file: String| site.contains_key(file.trim_start_matches('/'));
        assert!(is_there(link.clone()) || is_there(format!("{link}/index.html")), "{name} leads to {link}");
    }
    let leads = |from: &str, to: &str| links.iter().any(|(name, link)| name.starts_with(from) && link.starts_with(to));
    assert!(leads("few.html", "entries/") && leads("feeds/few.html", "entries/") && leads("index.html", "entries/"));
    assert!(leads("entries/", "few.html") && leads("stories/", "told.html"), "and back");
    assert!(leads("feeds/told.json", "stories/"));
    assert!(site.keys().filter(|name| name.starts_with("entries/")).count() <= 8, "of what is shown, not of all");
    let health = String::from_utf8_lossy(&site["health.atom"]).into_owned();
    assert!(!health.contains("/status"), "{health}");
    assert!(site.keys().any(|name| name.starts_with("archive/told/")));

    desk.configure(all);
    desk.publish();
    let after = files(&desk.site());
    let pages: Vec<&String> = after.keys().filter(|name| name.starts_with("entries/")).collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
    let folders = fs::read_dir(desk.site().join("entries")).expect("a folder").count();
    assert!(folders == 2 && after.keys().all(|name| !name.starts_with("stories/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_or_a_page_that_was_changed_by_hand_or_is_made_of_something_else_is_made_again() {
    let desk = Desk::new(20).await;
    desk.publish();
    let before = files(&desk.site());
    let of = |folder: &str| before.keys().find(|name| name.starts_with(folder)).expect("one").clone();
    let (part, page) = (of("archive/few/"), of("entries/"));
    for name in [&part, &page] {
        fs::write(desk.site().join(name), "").expect("written");
    }
    desk.publish();
    assert_eq!(files(&desk.site()), before);
    let config = fs::read_to_string(desk.config()).expect("readable");
    fs::write(desk.config(), format!("title = \"Another name\"\n{config}")).expect("written");
    desk.publish();
    let after = files(&desk.site());
    assert!(after[&page] != before[&page] && after[&part] != before[&part]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_touched_and_what_is_gone_is_taken_away() {
    let desk = Desk::new(20).await;
    desk.publish();
    let before = files(&desk.site());
    let front = inode(&desk.site().join("index.html"));
    desk.publish();
    assert_eq!(files(&desk.site()), before);
    assert_eq!(inode(&desk.site().join("index.html")), front);

    fs::write(desk.site().join("mine.txt"), "mine").expect("written");
    fs::write(desk.site().join("more.rss"), "edited by hand").expect("written");
    desk.configure("[[output]]\nid = \"few\"\nitems = 5\nat_least = \"0s\"\n");
    desk.publish();
    let after = files(&desk.site());
    assert!(after.contains_key("mine.txt") && after.contains_key("few.atom"));
    assert!(!after.contains_key("more.atom") && !after.contains_key("feeds/more.json"), "{:?}", after.keys());
    assert!(after.contains_key("more.rss"), "it is no longer what we wrote");
    assert_ne!(inode(&desk.site().join("index.html")), front);
    desk.configure("");
    desk.publish();
    assert!(!desk.site().join("archive").exists(), "with the last part its folder goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_a_page_of_somebody_elses_is_left_as_it_is() {
    let desk = Desk::new(3).await;
    fs::create_dir(desk.site()).expect("made");
    fs::write(desk.site().join("index.html"), "my home page").expect("written");
    let output = desk.try_run(&["publish", desk.site().to_str().expect("UTF-8")]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("index.html is there and not from glasnik"), "{said}");
    assert_eq!(files(&desk.site()), BTreeMap::from([("index.html".to_owned(), b"my home page".to_vec())]));

    fs::remove_file(desk.site().join("index.html")).expect("removed");
    fs::write(desk.site().join(".glasnik-files"), "0 ../feeds.toml\n0 /etc/passwd\n").expect("written");
    desk.publish();
    assert!(desk.config().exists(), "a list that leads out of the folder leads nowhere");
}

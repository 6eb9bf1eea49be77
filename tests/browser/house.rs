//! A glasnik of the test's own, on a thread of its own, with something to read in it.

use glasnik::demo::Demo;
use glasnik::{config, daemon};
use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::{Notify, oneshot};

/// Far longer than anything here takes; a hanging test should end.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct House {
    /// Ends with `/`.
    pub base_url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl House {
    /// The demo, once its samples are read.
    pub fn of_samples() -> Self {
        let house = Self::start(async |sender, stop| {
            let demo = Demo::start("127.0.0.1:0".parse().expect("an address")).await.expect("a demo");
            sender.send(demo.base_url().to_owned()).expect("somebody waits");
            demo.play(std::future::pending(), stop).await.expect("it runs");
        });
        for page in ["feeds/western-balkans-security.html", "feeds/all.html", ""] {
            house.wait_for(page, "KFOR");
        }
        house
    }

    /// A daemon that reads the one feed at `url`, once it has read it.
    pub fn reading(url: &str, last_title: &str) -> Self {
        let url = url.to_owned();
        let house = Self::start(async move |sender, stop| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let path = folder.path().join("feeds.toml");
            let text = format!(
                "title = \"Hostile\"\n[[feed]]\nurl = \"{url}\"\nid = \"hostile\"\nallow_private = true\n\
                 [[topic]]\nid = \"x\"\ntitle = \"X <b>\"\nenough = [\"x\", \"alert\"]\nfields = [\"title\", \"content\"]\n\
                 [[output]]\nid = \"all\"\ntitle = \"Hostile\"\nitems = 1000\n"
            );
            std::fs::write(&path, text).expect("a file");
            let mut config = config::load(&path).expect("feeds.toml is right");
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            config.base_url = format!("http://{}/", listener.local_addr().expect("an address")).parse().expect("a URL");
            sender.send(config.base_url.to_string()).expect("somebody waits");
            daemon::run(config, listener, stop, Arc::new(Notify::new())).await.expect("it runs");
        });
        house.wait_for("feeds/all.html", last_title);
        house.wait_for("", "/entries/");
        house
    }

    fn start<F: Future<Output = ()>>(live: impl FnOnce(Sender<String>, StopSeen) -> F + Send + 'static) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (sender, base_url) = channel();
        let thread = std::thread::spawn(move || {
            let stopped: StopSeen = Box::pin(async {
                let _ = stopped.await;
            });
            Runtime::new().expect("a runtime").block_on(live(sender, stopped));
        });
        let base_url = base_url.recv_timeout(PATIENCE).expect("it says where it is");
        Self { base_url, stop: Some(stop), thread: Some(thread) }
    }

    /// The body at a path that is there.
    pub fn get(&self, path: &str) -> String {
        let address = self.base_url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request = format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned())
    }

    fn wait_for(&self, path: &str, text: &str) {
        let start = Instant::now();
        while !self.get(path).contains(text) {
            assert!(start.elapsed() < PATIENCE, "never in {path}: {text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The pages that people read: the front page, an output, an entry, the status, and a wrong turn.
    pub fn pages(&self) -> Vec<String> {
        let output = self.get("feeds/all.html");
        let entry = entries(&output).into_iter().next().expect("an entry");
        let paths = ["", "feeds/all.html", "feeds/western-balkans-security.html", &entry, "status"];
        paths.map(|path| format!("{}{path}", self.base_url)).into()
    }
}

type StopSeen = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The addresses of the entries' own pages that a list links to.
pub fn entries(list: &str) -> Vec<String> {
    let links = list.split("href=\"/entries/").skip(1);
    links.filter_map(|rest| Some(format!("entries/{}", rest.split('"').next()?))).collect()
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(ended.is_some_and(|ended| ended.is_ok()), "it ended well");
        }
    }
}

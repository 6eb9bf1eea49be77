//! The whole thing at once with bundled sample feeds and no network: a publisher on loopback, the
//! daemon itself, and a word on what to look at.

mod publisher;

use crate::config::{self, Config};
use crate::daemon;
use crate::feed::{Output, Subscription};
use crate::fetch::{self, HostRule};
use crate::topics::Topic;
use anyhow::{Context, Result};
use publisher::{Publisher, SOURCES};
use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use url::Url;

/// Long enough to open the page, short enough not to leave before.
const NEWS_AFTER: Duration = Duration::from_secs(12);

/// The topics of the demo are those that we ship.
const SHIPPED: &str = include_str!("../../feeds.toml");

/// Serves sample feeds on loopback, polls, tags and publishes them on `listen` until `stop`.
pub async fn run(listen: SocketAddr, stop: impl Future<Output = ()>) -> Result<()> {
    let demo = Demo::start(listen).await?;
    say(&demo.greeting())?;
    demo.play(tokio::time::sleep(NEWS_AFTER), stop).await
}

/// A demo that is ready to begin. What it keeps on disk goes with it.
pub struct Demo {
    /// What our addresses begin with.
    base_url: String,
    config: Config,
    listener: TcpListener,
    publisher: Publisher,
    folder: TempDir,
}

impl Demo {
    /// Takes its place on `listen` and starts the publisher of the samples.
    pub async fn start(listen: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen on {listen}; another program may; --listen changes it"))?;
        let base_url = format!("http://{}/", listener.local_addr()?);
        let publisher = Publisher::start().await?;
        let folder = tempfile::Builder::new().prefix("glasnik-demo-").tempdir()?;
        let config = configure(&folder, &base_url, publisher.base_url())?;
        Ok(Self { base_url, config, listener, publisher, folder })
    }

    /// What its addresses begin with; ends with `/`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Polls and publishes until `stop`. When `news` resolves, the samples have some.
    pub async fn play(self, news: impl Future<Output = ()>, stop: impl Future<Output = ()>) -> Result<()> {
        let wake = Arc::new(Notify::new());
        let mut daemon = pin!(daemon::run(self.config, self.listener, stop, wake.clone()));
        tokio::select! {
            outcome = &mut daemon => return outcome,
            () = news => {}
        }
        self.publisher.has_news();
        wake.notify_one();
        // Nobody needs to be listening any more.
        let _ = say(NEWS);
        let outcome = daemon.await;
        // The daemon has closed its store: nothing is in use any more.
        self.folder.close()?;
        outcome
    }

    fn greeting(&self) -> String {
        let Self { base_url, .. } = self;
        let outputs: String =
            self.config.outputs.iter().map(|output| format!("  {base_url}feeds/{}.atom\n", output.id)).collect();
        format!(
            "{} sample feeds in six languages are polled, tagged and published. Open

  {base_url}

and look at how one article from two feeds stands there once. For a feed reader (.rss, .json and .html as well):

{outputs}
One feed is broken and one has moved: {base_url}status says so.
In {} seconds new items arrive. Ctrl-C ends it, and nothing stays behind.
",
            SOURCES.len(),
            NEWS_AFTER.as_secs(),
        )
    }
}

const NEWS: &str = "
The samples have news: two new items, one that was edited, and one that a second feed copied. Reload the page.
";

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The samples as sources; words, topics and outputs as shipped, for all feeds.
fn configure(folder: &TempDir, base_url: &str, publisher: &Url) -> Result<Config> {
    let path = folder.path().join("feeds.toml");
    std::fs::write(&path, SHIPPED)?;
    let shipped = config::load(&path)?;
    Ok(Config {
        base_url: base_url.to_owned(),
        store_path: folder.path().join("glasnik.db"),
        fetch: fetch::Settings {
            contact: None,
            hosts: vec![HostRule {
                pattern: publisher.host_str().unwrap_or_default().to_owned(),
                spacing: Duration::ZERO,
            }],
        },
        subscriptions: SOURCES.iter().map(|id| subscription(id, publisher)).collect::<Result<_>>()?,
        topics: shipped.topics.into_iter().map(|topic| Topic { feeds: None, ..topic }).collect(),
        outputs: shipped.outputs.into_iter().map(|output| Output { feeds: None, ..output }).collect(),
        ..shipped
    })
}

fn subscription(path: &str, publisher: &Url) -> Result<Subscription> {
    let id = path.split('.').next().unwrap_or(path);
    Ok(Subscription { allow_private: true, ..Subscription::new(id, publisher.join(path)?) })
}

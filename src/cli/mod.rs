//! The commands, each a few lines. Data goes to stdout, everything else to stderr.

mod check;
mod forms;
mod group;
mod lines;
mod poll;
mod publish;
mod read;
mod retag;
mod run;
mod same;
mod search;
mod status;
mod subscribe;
mod why;

use crate::config::{self, Config};
use crate::feed::Feed;
use crate::{fetch, ingest};
use anyhow::Result;
use clap::{ArgAction, Parser, Subcommand};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Polls feeds, removes duplicates, tags by topic, and publishes merged feeds.
#[derive(Debug, Parser)]
#[command(name = "glasnik", version, max_term_width = 100)]
pub struct Arguments {
    /// Where feeds.toml is [default: $GLASNIK_CONFIG, ./feeds.toml, ~/.config/glasnik, /etc/glasnik]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Say more on stderr (twice: everything)
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,

    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print one JSON object a line
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

impl Arguments {
    /// Whether the program is to go on for as long as nobody stops it.
    pub fn runs_on(&self) -> bool {
        matches!(self.command, Command::Run)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The daemon: polls what is due, tags, publishes and serves until it is stopped
    Run,
    /// Everything at once with sample feeds, without a network
    Demo {
        /// Where to serve [default: a free port]
        #[arg(long, default_value = "127.0.0.1:0", hide_default_value = true, value_name = "ADDRESS")]
        listen: std::net::SocketAddr,
    },
    /// One pass over what is due, then exit
    Poll {
        /// Over everything, whatever the clock says; Retry-After is still obeyed
        #[arg(long)]
        all: bool,
        /// Ask even where Retry-After or a 410 says no
        #[arg(long)]
        force: bool,
        /// Only these feeds, by id
        feeds: Vec<String>,
    },
    /// Write the whole site as files, for any web host; only what changed is touched
    Publish {
        /// The folder; it is made where there is none
        directory: PathBuf,
    },
    /// Say what glasnik makes of a feed, as JSON, one line a source
    Parse {
        /// What relative links are relative to
        #[arg(long, value_name = "URL")]
        base: Option<url::Url>,
        /// The Content-Type that it came with
        #[arg(long, value_name = "TYPE")]
        content_type: Option<String>,
        /// Files, addresses, or `-` for stdin
        #[arg(required = true, value_name = "FILE|URL|-")]
        sources: Vec<String>,
    },
    /// Tag items: JSON lines in, the same lines with topics out
    Tag {
        /// A file, or `-` for stdin
        #[arg(default_value = "-")]
        file: String,
    },
    /// Which items are one entry, which entries are copies and which tell one story: JSON lines in, a line each out
    ///
    /// What a story is becomes clearer while it is told: lines are answered at the end of the input, or
    /// when 20,000 others came after them.
    Same {
        /// A file, or `-` for stdin
        #[arg(default_value = "-")]
        file: String,
        /// Answer each line when it is read, by what is known then
        #[arg(long)]
        at_once: bool,
    },
    /// The forms under which a listed word is found
    Forms {
        /// The key of the word list: hbs, sl, mk, bg, sq, el, tr, de, en, fr, it, or any
        #[arg(long, default_value = "any", value_name = "LANGUAGE")]
        lang: String,
        /// Words as they would stand in the list
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
    },
    /// Tag the kept entries by today's topics; a daemon does so by itself when feeds.toml changes
    Retag {
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Put entries into one story, for ever
    Join {
        /// Their ids (or how they begin), their pages here, or the addresses of the articles
        #[arg(required = true, num_args = 2.., value_name = "ENTRY")]
        entries: Vec<String>,
    },
    /// Part an entry from its copies and its story, for ever
    Split {
        /// Its id (or how it begins), its page here, or the address of the article
        entry: String,
    },
    /// Say where an entry comes from, what it was known by, and which words gave it its topics
    Why {
        /// Its id (or how it begins), its page here, or the address of the article
        entry: String,
        /// Only this topic: what gives it, or what it lacks
        #[arg(long, value_name = "ID")]
        topic: Option<String>,
    },
    /// Find kept entries by their words, in any script, with or without marks; the newest first
    Search {
        /// How many at most
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
        count: u16,
        /// Words, "phrases in quotes", beginnings*, -without, topic:ID, feed:ID, tag:NAME, lang:sr, since:7d
        #[arg(required = true)]
        query: Vec<String>,
    },
    /// Read feeds.toml, run the topics' examples, and say what is wrong
    Check {
        /// Also ask every feed once
        #[arg(long)]
        online: bool,
    },
    /// Find the feed behind a page and add it to feeds.toml
    Add {
        /// The page or the feed itself
        url: url::Url,
    },
    /// Add the feeds of an OPML file to feeds.toml
    Import {
        /// The OPML file, or `-` for stdin
        file: String,
    },
    /// Print the subscriptions as OPML
    Export,
    /// How each feed is doing
    Status {
        /// Only these feeds, by id
        feeds: Vec<String>,
    },
}

/// Does what the command line says. An error that is a [`config::Errors`] is the user's to mend;
/// any other is a failure.
pub fn run(arguments: Arguments) -> Result<Outcome> {
    let Arguments { config, json, command, .. } = arguments;
    let config = config.as_deref();
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Run => run::daemon(load(config)?).await,
            Command::Demo { listen } => run::demo(listen).await,
            Command::Poll { all, force, feeds } => {
                poll::poll(load(config)?, &poll::Which { all, force, feeds }, json).await
            }
            Command::Publish { directory } => publish::publish(&load(config)?, &directory).await,
            Command::Parse { base, content_type, sources } => {
                read::parse(&sources, base.as_ref(), content_type.as_deref()).await
            }
            Command::Tag { file } => read::tag(&load(config)?, &file),
            Command::Same { file, at_once } => same::same(&file, at_once),
            Command::Forms { lang, words } => forms::forms(&words, &lang, json),
            Command::Retag { dry_run } => retag::retag(&load(config)?, dry_run, json).await,
            Command::Join { entries } => group::join(&load(config)?, &entries, json).await,
            Command::Split { entry } => group::split(&load(config)?, &entry, json).await,
            Command::Why { entry, topic } => why::why(&load(config)?, &entry, topic.as_deref(), json).await,
            Command::Search { count, query } => {
                search::search(&load(config)?, &query.join(" "), count.into(), json).await
            }
            Command::Check { online } => check::check(&load(config)?, online).await,
            Command::Add { url } => subscribe::add(&config::find(config)?, &url).await,
            Command::Import { file } => subscribe::import(&config::find(config)?, &file),
            Command::Export => subscribe::export(&load(config)?),
            Command::Status { feeds } => status::status(&load(config)?, &feeds, json).await,
        }
    });
    // A thread that still chews on a hostile document is no reason not to end.
    runtime.shutdown_timeout(LAST_WORK);
    outcome
}

/// What goes on in other threads at the end has so long.
const LAST_WORK: Duration = Duration::from_secs(2);

/// How a command that could be carried out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1; what failed has been said.
    Failed,
    /// Exit code 2: feeds.toml or what was asked is wrong; what is wrong has been said.
    Wrong,
}

fn load(path: Option<&Path>) -> Result<Config> {
    Ok(config::load(&config::find(path)?)?)
}

/// What a server answered, as a feed.
fn feed_in(response: &fetch::Response) -> Result<Feed, ingest::Error> {
    let context = ingest::Context { url: Some(&response.url), content_type: response.content_type.as_deref() };
    ingest::read(&response.body, &context)
}

/// One JSON object on a line of its own.
fn print_json(value: &impl serde::Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    // As an I/O error, so that a closed pipe is known for one.
    serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

//! Keeps subscriptions' state, entries and tags in one SQLite file, behind words of the domain.
//!
//! One thread writes: whatever waits for it when it is free goes into one transaction. Readers have
//! connections of their own and never wait for it (WAL). Nothing outside this room sees SQL.

mod archives;
mod connections;
mod coverage;
mod days;
mod entries;
mod events;
mod feeds;
mod grouping;
mod history;
mod identity;
mod indexing;
mod keys;
mod links;
mod lookup;
mod names;
mod newest;
mod overrides;
mod polls;
mod revisions;
mod schema;
mod search;
mod selection;
mod stories;
mod subscriptions;
mod tagging;
mod wishes;

pub use archives::Shown;
pub use days::DAYS_KEPT;
pub use events::FeedChange;
pub use feeds::{Due, FeedRecord};
pub use grouping::{ArticleBytes, Basis, GroupedEntry, KeptArticle, MovedEntry, Ungrouped, WINDOW, Waiting};
pub use history::PastPoll;
pub use identity::{Change, Holders, KnownAgain, Marks, Memory, Place, Places, Remembered, Sketched, Unsketched};
pub use indexing::{Unindexed, UnindexedEntry};
pub use links::NewLink;
pub use lookup::Joins;
pub use overrides::Override;
pub use polls::{Saved, SavedPoll};
pub use stories::{FoundStory, KeptStory, PlacedAs, RelatedEntries, StoryEntry};
pub use subscriptions::Edited;
pub use tagging::{Batch, TaggedEntry, Tagging};
pub use wishes::{Wish, Wished};

use connections::{Readers, Writer};
use names::Names;
use rusqlite::Connection;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kept entries and all that is known of feeds. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: Arc<Readers>,
    names: Names,
    writer: Option<Arc<Writer>>,
}

impl Store {
    /// Opens the database for reading and writing, making it where there is none. Only one process
    /// at a time can hold a database so.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let lock = hold(path)?;
        let mut connection = connections::open_writer(path)?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            readers: Arc::new(Readers::new(path)),
            names: Names::default(),
            writer: Some(Arc::new(Writer::start(connection, lock)?)),
        })
    }

    /// Opens an existing database for reading, also while a daemon writes to it.
    pub fn open_for_reading(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            return Err(Error::Missing { path: path.to_owned() });
        }
        let readers = Readers::new(path);
        readers.check_version()?;
        Ok(Self { readers: Arc::new(readers), names: Names::default(), writer: None })
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let readers = self.readers.clone();
        match tokio::task::spawn_blocking(move || readers.with(work)).await {
            Ok(result) => result,
            Err(_) => Err(Error::Stopped),
        }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.write_with(false, work).await
    }

    /// As [`Self::write`]; what is patient waits for others to share its commit.
    async fn write_with<T: Send + 'static>(
        &self,
        is_patient: bool,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match &self.writer {
            Some(writer) => writer.run(is_patient, work).await,
            None => Err(Error::Stopped),
        }
    }
}

/// Why the store could not do it.
#[derive(Debug)]
pub enum Error {
    /// Another process holds the database.
    Held {
        /// The database.
        path: PathBuf,
        /// Who holds it, as it says itself.
        by: String,
    },
    /// There is no database yet.
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// An earlier version of this program made the database, and we may only read.
    Older,
    /// A later version of this program has changed the database.
    Newer {
        /// The migrations that the database has seen.
        seen: usize,
        /// Those that this program knows.
        known: usize,
    },
    /// The database was opened for reading only, or the program is stopping.
    Stopped,
    /// The file beside the database could not be made or locked.
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// SQLite's own words.
    Sqlite(rusqlite::Error),
    /// The transaction could not begin or could not be committed: nothing of it was kept.
    Failed(String),
    /// The poll was tagged by topics that are not in force any more; nothing of it was kept.
    OtherTopics(Box<SavedPoll>),
    /// A search took longer than one may.
    TooLong,
    /// Entries came since the poll's items were decided on that they may be; nothing of it was kept.
    Undecided(Box<SavedPoll>),
    /// A kept row does not read back: the database was changed by other hands.
    Damaged(String),
}

impl std::error::Error for Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held { path, by } => {
                write!(f, "store: {} is held by another glasnik ({by}); stop that one first", path.display())
            }
            Self::Missing { path } => {
                write!(f, "store: there is no {} yet; `glasnik run` or `glasnik poll` makes it", path.display())
            }
            Self::Newer { seen, known } => {
                write!(
                    f,
                    "store: the database has {seen} migrations and this glasnik knows {known}; use the newer glasnik that wrote it"
                )
            }
            Self::Older => write!(
                f,
                "store: the database is from an older glasnik; `glasnik run` or `glasnik poll` brings it up to date"
            ),
            Self::Stopped => write!(f, "store: not open for writing"),
            Self::Lock { path, reason } => write!(f, "store: {}: {reason}", path.display()),
            Self::Sqlite(error) => write!(f, "store: {error}"),
            Self::Failed(reason) => write!(f, "store: nothing was written: {reason}"),
            Self::OtherTopics(poll) => {
                write!(f, "store: feed {}: tagged by topics that are not in force any more", poll.feed)
            }
            Self::TooLong => write!(f, "store: the search took too long"),
            Self::Undecided(poll) => {
                write!(f, "store: feed {}: nobody decided which of its items are known", poll.feed)
            }
            Self::Damaged(what) => write!(f, "store: {what}; restore a backup"),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Locks the file beside the database. The kernel lets go of it when the process ends, however it
/// ends, so that a lock is never stale.
fn hold(database: &Path) -> Result<File, Error> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let refused = |error: std::io::Error| Error::Lock { path: path.clone(), reason: error.to_string() };
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(refused)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(refused)?;
            write!(file, "process {}", std::process::id()).map_err(refused)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut by = String::new();
            // A holder that has not yet written its name is still a holder.
            let _ = file.take(HOLDER_BYTES_MAX).read_to_string(&mut by);
            Err(Error::Held { path: database.to_owned(), by })
        }
        Err(TryLockError::Error(error)) => Err(refused(error)),
    }
}

/// A process number with its word is far shorter.
const HOLDER_BYTES_MAX: u64 = 64;

//! Who touches the file: one writing thread with group commit, and a handful of reading
//! connections. Does not know what is read or written.

use super::{Error, schema};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most polls that share one commit: bounds what a crash can make us ask for again.
const JOBS_A_COMMIT_MAX: usize = 128;

/// Keys are hashes, so every new entry touches pages all over its indexes: these should stay.
const WRITER_CACHE_KIB: i64 = 24 * 1024;

/// 16 MiB of log before it is copied into the database: a page that many commits touch is copied once.
const CHECKPOINT_PAGES: i64 = 4096;

/// Reading connections kept open.
const READERS_KEPT: usize = 8;

/// Reading connections there are at once; whoever needs another waits. To open one reads the schema and
/// plans every statement anew, which takes longer than most reads.
const READERS_MAX: usize = 16;

/// Prepared statements kept on each connection; we have about thirty.
const STATEMENTS_KEPT: usize = 64;

/// Opens the connection that writes. WAL lets readers go on meanwhile; NORMAL may lose the last
/// commits in a power cut, entries and validators alike, so that the next poll brings them back.
pub(super) fn open_writer(path: &Path) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    // What refers to an entry is written with it or after it, and no entry is ever deleted: builds for tests
    // look after every row, so that a released one need not.
    connection.pragma_update(None, "foreign_keys", cfg!(debug_assertions))?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // Each poll is a savepoint, and what it can take back would go through a file of its own.
    connection.pragma_update(None, "temp_store", "memory")?;
    settle(&connection)?;
    Ok(connection)
}

/// Opens a connection for one small row beside the process that writes: the log is shared, and whoever
/// comes second waits for a moment.
pub(super) fn open_beside(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    settle(&connection)?;
    schema::check(&connection)?;
    Ok(connection)
}

fn settle(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Without it SQLite plans a query that may use a partial index anew whenever a value is bound,
    // which is for every entry.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// So long a commit waits for more of what is in no hurry: a poll that brought nothing new.
const GATHERED_FOR: Duration = Duration::from_millis(5);

struct Job {
    work: Work,
    /// Whether its commit may wait for others.
    is_patient: bool,
}

/// Work inside a transaction (or the reason why there is none), and what to tell its owner when
/// the commit is known.
type Work = Box<dyn FnOnce(Result<&Connection, &str>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// The writing thread. Dropping it finishes what waits, then closes the database.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// The lock lives as long as the thread that writes.
    pub(super) fn start(connection: Connection, lock: File) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                write_until_dropped(&connection, &waiting);
                drop(connection);
                drop(lock);
            })
            .map_err(|_| Error::Stopped)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` in the next transaction; returns when that is committed. One that is patient waits a
    /// moment for others to share its commit.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        is_patient: bool,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, told) = oneshot::channel();
        let work: Work = Box::new(move |begun| {
            let result = match begun {
                Ok(connection) => in_savepoint(connection, work),
                Err(reason) => Err(Error::Failed(reason.to_owned())),
            };
            Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => result,
                    Err(reason) => Err(Error::Failed(reason)),
                };
                // Nobody waits any more where the asking task was stopped; the work is done all the same.
                let _ = tell.send(outcome);
            })
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Job { work, is_patient }).is_ok());
        if !sent {
            return Err(Error::Stopped);
        }
        told.await.unwrap_or(Err(Error::Stopped))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was reported by the panic hook; there is nothing left to save.
            let _ = thread.join();
        }
    }
}

fn write_until_dropped(connection: &Connection, waiting: &mpsc::Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        let gathered = gathered(first, waiting);
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| error.to_string());
        let mut answers = Vec::new();
        let mut is_open = begun;
        for job in gathered {
            answers.push((job.work)(is_open.as_ref().map(|()| connection).map_err(String::as_str)));
            if is_open.is_ok() && connection.is_autocommit() {
                // A full disk makes SQLite take back the whole transaction; a job that came next would
                // be committed alone, and be told that it failed.
                is_open = Err("the transaction was taken back".to_owned());
            }
        }
        let committed = is_open.and_then(|()| connection.execute_batch("COMMIT").map_err(|error| error.to_string()));
        if committed.is_err() && !connection.is_autocommit() {
            // What could not be committed must not be mixed with the next transaction.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// The jobs of the next commit.
fn gathered(first: Job, waiting: &mpsc::Receiver<Job>) -> Vec<Job> {
    let until = Instant::now() + GATHERED_FOR;
    let mut gathered = vec![first];
    while gathered.len() < JOBS_A_COMMIT_MAX {
        let patience = match gathered.iter().all(|job| job.is_patient) {
            true => until.saturating_duration_since(Instant::now()),
            false => Duration::ZERO,
        };
        let Ok(job) = waiting.recv_timeout(patience) else { break };
        gathered.push(job);
    }
    gathered
}

/// One job's failure takes back that job alone, not those that share the commit.
fn in_savepoint<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let result = work(connection);
    if result.is_err() {
        connection.execute_batch("ROLLBACK TO job")?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    result
}

/// Reading connections, opened when they are first needed.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Mutex<usize>,
    has_place: Condvar,
}

/// A place among those who read. Given back whatever becomes of its holder.
struct Place<'r>(&'r Readers);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.places.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.has_place.notify_one();
    }
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            idle: Mutex::default(),
            places: Mutex::new(READERS_MAX),
            has_place: Condvar::new(),
        }
    }

    /// Runs `work` on one snapshot of the database. Blocks: call it where blocking is allowed.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let _place = self.place();
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let snapshot = connection.transaction()?;
        let result = work(&snapshot);
        drop(snapshot);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < READERS_KEPT {
            idle.push(connection);
        }
        result
    }

    fn place(&self) -> Place<'_> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = self.has_place.wait_while(places, |places| *places == 0);
        *wait.unwrap_or_else(PoisonError::into_inner) -= 1;
        Place(self)
    }

    /// Refuses a database that this program would misread.
    pub(super) fn check_version(&self) -> Result<(), Error> {
        self.with(schema::check)
    }

    fn open(&self) -> Result<Connection, Error> {
        let connection = Connection::open_with_flags(
            &self.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        settle(&connection)?;
        Ok(connection)
    }
}

//! Names and where they lead, looked up once in a while and once at a time. What is remembered is
//! what the system said; the guard looks at it each time that it is used.

use super::lock;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

/// What the system does not tell us: how long the answer holds. Servers move with a longer notice,
/// and feeds of one host are asked within it.
const FOUND: Duration = Duration::from_secs(300);

/// A name that does not exist is not going to within minutes (RFC 2308 §5).
const MISSING: Duration = Duration::from_secs(300);

/// A name server that was not reached says nothing about the name.
const NOT_REACHED: Duration = Duration::from_secs(30);

/// As long as a connection may take; each lookup costs a thread for as long as it takes.
const LOOKUP: Duration = Duration::from_secs(10);
const LOOKUPS_AT_ONCE_MAX: usize = 100;

/// More hosts than are asked in five minutes.
const NAMES_MAX: usize = 10_000;

/// With fewer names nobody looks for old ones.
const SWEEP_FROM: usize = 64;

/// Asks the system for the addresses of a name.
pub(super) type Lookup = Arc<dyn Fn(String) -> Lookups + Send + Sync>;
pub(super) type Lookups = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's own name service.
pub(super) fn of_the_system() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

/// What is known of names.
pub(super) struct Names {
    lookup: Lookup,
    turns: Arc<Semaphore>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    names: HashMap<String, watch::Receiver<Option<Found>>>,
    sweep_at: usize,
}

/// What a lookup came to; nothing while it is under way.
#[derive(Clone)]
struct Found {
    addresses: Result<Arc<[SocketAddr]>, Unknown>,
    good_until: Instant,
}

/// Why a name leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    why: Arc<str>,
    /// Whether the name service was not reached, rather than having said no.
    pub is_passing: bool,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unknown {}

impl Unknown {
    fn passing(why: &str) -> Self {
        Self { why: why.into(), is_passing: true }
    }
}

impl Names {
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup, turns: Arc::new(Semaphore::new(LOOKUPS_AT_ONCE_MAX)), known: Mutex::default() }
    }

    /// The addresses of a name, with port 0, as the system gave them within the last minutes.
    pub async fn find(&self, name: &str) -> Result<Arc<[SocketAddr]>, Unknown> {
        let mut found = self.known_or_begun(name);
        match found.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(found)) => found.addresses.clone(),
            _ => Err(Unknown::passing("the lookup of the name was dropped")),
        }
    }

    fn known_or_begun(&self, name: &str) -> watch::Receiver<Option<Found>> {
        let mut known = lock(&self.known);
        if let Some(found) = known.names.get(name).filter(|found| is_of_use(found)) {
            return found.clone();
        }
        let (tell, found) = watch::channel(None);
        // In a task of its own: who waits for it may give up, and the next one need not begin anew.
        tokio::spawn(look_up((self.lookup)(name.to_owned()), self.turns.clone(), tell));
        known.remember(name, found.clone());
        found
    }
}

impl Known {
    /// Looks through all names only when they have doubled, so that a new one stays cheap.
    fn remember(&mut self, name: &str, found: watch::Receiver<Option<Found>>) {
        if self.names.len() >= self.sweep_at.max(SWEEP_FROM) {
            self.names.retain(|_, found| is_of_use(found));
            self.sweep_at = self.names.len().saturating_mul(2).min(NAMES_MAX);
        }
        if self.names.len() < NAMES_MAX || self.names.contains_key(name) {
            self.names.insert(name.to_owned(), found);
        }
    }
}

/// Whether it is still under way, or still holds.
fn is_of_use(found: &watch::Receiver<Option<Found>>) -> bool {
    match &*found.borrow() {
        Some(found) => found.good_until > Instant::now(),
        // Without a sender it was dropped on the way.
        None => found.has_changed().is_ok(),
    }
}

async fn look_up(lookup: Lookups, turns: Arc<Semaphore>, tell: watch::Sender<Option<Found>>) {
    let _turn = turns.acquire_owned().await.expect("the semaphore is never closed");
    let addresses = match timeout(LOOKUP, lookup).await {
        Ok(Ok(addresses)) => Ok(addresses.into()),
        Ok(Err(error)) => Err(Unknown { why: error.to_string().into(), is_passing: is_passing(&error) }),
        Err(_) => Err(Unknown::passing("the name was not found within 10s")),
    };
    let good_for = match &addresses {
        Ok(_) => FOUND,
        Err(unknown) if unknown.is_passing => NOT_REACHED,
        Err(_) => MISSING,
    };
    tell.send_replace(Some(Found { addresses, good_until: Instant::now() + good_for }));
}

/// Whether the name service was not reached. The standard library gives its words and not its code: `Temporary failure in name resolution` (glibc), `Try again` (musl).
fn is_passing(error: &io::Error) -> bool {
    let words = error.to_string();
    error.raw_os_error().is_some() || words.contains("emporary failure") || words.contains("ry again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const HOUR: Duration = Duration::from_secs(3600);

    /// Names under a service that takes a second for an answer, and how often it was asked.
    fn names(
        answer: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> (Names, Arc<AtomicUsize>) {
        let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let count = asked.clone();
        let lookup: Lookup = Arc::new(move |name| {
            count.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                answer(&name)
            })
        });
        (Names::new(lookup), asked)
    }

    fn somewhere() -> Vec<SocketAddr> {
        vec![SocketAddr::from(([192, 0, 2, 1], 0))]
    }

    fn said(words: &str) -> io::Error {
        io::Error::other(format!("failed to lookup address information: {words}"))
    }

    #[tokio::test(start_paused = true)]
    async fn a55_a_name_is_looked_up_once_in_five_minutes() {
        let start = Instant::now();
        let (names, asked) = names(|_| Ok(somewhere()));
        for (minute, want) in [(0, 1), (2, 1), (4, 1), (6, 2), (10, 2), (12, 3)] {
            tokio::time::sleep_until(start + Duration::from_secs(60 * minute)).await;
            assert_eq!(*names.find("a.example").await.expect("found"), *somewhere());
            assert_eq!(asked.load(Ordering::Relaxed), want, "minute {minute}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a55_a_name_that_does_not_exist_is_not_looked_for_again_for_five_minutes() {
        let check = async |words: &'static str, seconds: u64| {
            let (names, asked) = names(move |_| Err(said(words)));
            let unknown = names.find("a.example").await.expect_err("unknown");
            assert!(unknown.to_string().ends_with(words), "{unknown}");
            tokio::time::sleep(Duration::from_secs(seconds - 1)).await;
            names.find("a.example").await.expect_err("unknown");
            assert_eq!(asked.load(Ordering::Relaxed), 1, "{words}");
            tokio::time::sleep(Duration::from_secs(2)).await;
            names.find("a.example").await.expect_err("unknown");
            assert_eq!(asked.load(Ordering::Relaxed), 2, "{words}");
        };
        check("Name or service not known", 300).await;
        check("Temporary failure in name resolution", 30).await;
        check("Try again", 30).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a55_those_who_ask_together_share_one_lookup_also_when_the_first_gives_up() {
        let (names, asked) = names(|_| Ok(somewhere()));
        let impatient = timeout(Duration::from_millis(10), names.find("a.example"));
        let (gave_up, one, other) = tokio::join!(impatient, names.find("a.example"), names.find("a.example"));
        assert!(gave_up.is_err() && one.is_ok() && other.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn names_do_not_wait_for_one_that_hangs_and_it_ends() {
        let start = Instant::now();
        let hangs: Lookup = Arc::new(|name| match name.as_str() {
            "hangs.example" => Box::pin(std::future::pending()),
            _ => Box::pin(async { Ok(somewhere()) }),
        });
        let names = Names::new(hangs);
        let (hanging, found) = tokio::join!(names.find("hangs.example"), async {
            let found = names.find("a.example").await;
            assert!(start.elapsed() < Duration::from_secs(1));
            found
        });
        assert!(hanging.is_err() && found.is_ok());
        assert_eq!(start.elapsed(), LOOKUP);
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_for_names_has_a_bound() {
        let (names, _) = names(|_| Ok(Vec::new()));
        for number in 0..NAMES_MAX + 100 {
            names.find(&format!("{number}.example")).await.expect("no error");
            if number % 100 == 0 {
                assert!(lock(&names.known).names.len() <= NAMES_MAX);
            }
        }
        // A name a second: those of the last five minutes, and as many that nobody has looked at.
        let kept = lock(&names.known).names.len();
        assert!(kept <= 700, "{kept} names");
        tokio::time::sleep(HOUR).await;
        lock(&names.known).sweep_at = 0;
        names.find("last.example").await.expect("no error");
        assert_eq!(lock(&names.known).names.len(), 1);
    }
}

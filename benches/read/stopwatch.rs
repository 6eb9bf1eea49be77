//! Listens to the library's spans and adds up how long each step was the innermost one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The steps, by the names of their spans.
pub const STEPS: [&str; 6] = ["decode", "repair", "parse", "normalize", "sanitize", "identify"];

/// Where the rooms of the way in are.
const ROOM: &str = "glasnik::ingest";

/// How long each of [`STEPS`] took while `work` was done here.
pub fn time(work: impl FnOnce()) -> [Duration; STEPS.len()] {
    let laps = Arc::new(Mutex::new(Laps { open: Vec::new(), since: Instant::now(), spent: Default::default() }));
    tracing::subscriber::with_default(Stopwatch(laps.clone()), work);
    laps.lock().unwrap_or_else(PoisonError::into_inner).spent
}

struct Laps {
    /// The steps that have begun and not ended, the innermost last.
    open: Vec<usize>,
    /// When the innermost was the innermost for the first time.
    since: Instant,
    spent: [Duration; STEPS.len()],
}

impl Laps {
    /// Charges the innermost step with the time since the last change.
    fn charge(&mut self) {
        let now = Instant::now();
        if let Some(step) = self.open.last() {
            self.spent[*step] += now - self.since;
        }
        self.since = now;
    }
}

struct Stopwatch(Arc<Mutex<Laps>>);

impl Stopwatch {
    fn laps(&self) -> MutexGuard<'_, Laps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Stopwatch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.target().starts_with(ROOM) && STEPS.contains(&metadata.name())
    }

    /// All spans of one step have one id: nobody asks which is which.
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let step = STEPS.iter().position(|step| *step == span.metadata().name()).unwrap_or_default();
        Id::from_u64(step as u64 + 1)
    }

    fn enter(&self, span: &Id) {
        let mut laps = self.laps();
        laps.charge();
        laps.open.push(span.into_u64() as usize - 1);
    }

    fn exit(&self, _: &Id) {
        let mut laps = self.laps();
        laps.charge();
        laps.open.pop();
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}
}

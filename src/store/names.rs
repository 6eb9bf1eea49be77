//! The numbers of subscribed feeds by their names, in memory: an output may select thousands, and is
//! looked up whenever it is made.

use super::Error;
use super::selection::FEED_NUMBER;
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So few are asked for one by one.
const ASKED_MAX: usize = 32;

type Numbers = HashMap<String, i64>;

/// What is known, until subscriptions change. Cheap to clone; clones share it.
#[derive(Clone, Default)]
pub(super) struct Names(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// How often subscriptions changed.
    changes: u64,
    numbers: Option<Arc<Numbers>>,
}

/// The names as they are at a moment. To be taken before the snapshot that they are read from: else what
/// an old snapshot says could be kept after a change.
pub(super) struct NamesNow {
    names: Names,
    changes: u64,
}

impl Names {
    pub(super) fn now(&self) -> NamesNow {
        NamesNow { names: self.clone(), changes: self.known().changes }
    }

    /// Subscriptions have changed.
    pub(super) fn forget(&self) {
        let mut known = self.known();
        *known = Known { changes: known.changes + 1, numbers: None };
    }

    // A map that is replaced whole is whole after any panic.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NamesNow {
    /// The numbers of those feeds that are subscribed, in their order.
    pub(super) fn numbers(&self, connection: &Connection, names: &[String]) -> Result<Vec<i64>, Error> {
        let mut numbers = Vec::with_capacity(names.len());
        if names.len() <= ASKED_MAX {
            let mut statement = connection.prepare_cached(FEED_NUMBER)?;
            for name in names {
                numbers.extend(statement.query_row([name], |row| row.get::<_, i64>(0)).optional()?);
            }
        } else {
            let all = self.all(connection)?;
            numbers.extend(names.iter().filter_map(|name| all.get(name)));
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    fn all(&self, connection: &Connection) -> Result<Arc<Numbers>, Error> {
        if let Some(numbers) = &self.names.known().numbers {
            return Ok(numbers.clone());
        }
        let sql = "SELECT name, id FROM feed INDEXED BY feed_subscribed WHERE is_subscribed";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let numbers = Arc::new(rows.collect::<Result<Numbers, _>>()?);
        let mut known = self.names.known();
        if known.changes == self.changes {
            known.numbers = Some(numbers.clone());
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_old_snapshot_says_is_not_kept_after_a_change() {
        let mut connection = Connection::open_in_memory().expect("a database");
        super::super::schema::migrate(&mut connection).expect("migrated");
        let add = |number: i64| {
            let sql = format!(
                "INSERT INTO feed (id, name, seed, url, keep_s, is_subscribed, is_enabled)
                 VALUES ({number}, 'f{number}', 's', 'u', 1, 1, 1)"
            );
            connection.execute_batch(&sql).expect("a feed");
        };
        (0..40).for_each(add);
        let wanted: Vec<String> = (0..41).rev().map(|number| format!("f{number}")).collect();
        let names = Names::default();
        let before = names.now();
        names.forget();
        assert_eq!(before.numbers(&connection, &wanted).expect("read"), (0..40).collect::<Vec<_>>());
        add(40);
        assert_eq!(names.now().numbers(&connection, &wanted).expect("read"), (0..41).collect::<Vec<_>>());
        assert_eq!(names.now().numbers(&connection, &wanted[..2]).expect("read"), [39, 40]);
    }
}

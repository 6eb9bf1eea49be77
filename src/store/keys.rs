//! What leads to entries beside their own keys, some ten keys each. Keys are hashes: each would go into
//! another page of a large table. So they come into a small one first, which stays in memory, and move
//! on in the order of their hashes, many at once into one page.

use super::Error;
use rusqlite::Connection;

/// Entries that one key leads to and that are compared, the newest. What more entries have is no
/// identity.
const HOLDERS_MAX: usize = 16;

/// Keys that stay fresh: of some thirty thousand entries, in a few megabytes.
const FRESH_KEYS: i64 = 256 * 1024;

/// Keys that move on at once.
const MOVED_AT_ONCE: usize = 1024;

/// The keys of so many of the newest entries are all fresh: a poll that was decided on this short a
/// while ago looks nowhere else for what came since.
const FRESH_ENTRIES: i64 = 8192;

/// Lets keys lead to entries: all of a poll at once, and those that lie side by side in a row.
pub(super) fn add(connection: &Connection, mut keys: Vec<(u64, i64)>) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    keys.sort_unstable();
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO fresh_key (hash, entry) VALUES (?1, ?2)")?;
    let mut added = 0;
    for (key, entry) in keys {
        added += statement.execute([key.cast_signed(), entry])? as i64;
    }
    let fresh: i64 = connection
        .prepare_cached("UPDATE key_moving SET fresh = fresh + ?1 RETURNING fresh")?
        .query_row([added], |row| row.get(0))?;
    if fresh > FRESH_KEYS {
        move_some(connection)?;
    }
    Ok(())
}

/// Moves the next keys on, in the order of their hashes, from the first to the last and round again.
fn move_some(connection: &Connection) -> Result<(), Error> {
    let sql = format!(
        "SELECT hash, entry FROM fresh_key
         WHERE (hash, entry) > (SELECT hash, entry FROM key_moving) ORDER BY hash, entry LIMIT {MOVED_AT_ONCE}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let next: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    let newest: i64 =
        connection.prepare_cached("SELECT coalesce(max(id), 0) FROM entry")?.query_row([], |row| row.get(0))?;
    let mut into = connection.prepare_cached("INSERT OR IGNORE INTO entry_key (hash, entry) VALUES (?1, ?2)")?;
    let mut out_of = connection.prepare_cached("DELETE FROM fresh_key WHERE hash = ?1 AND entry = ?2")?;
    let mut moved = 0;
    for (hash, entry) in next.iter().filter(|(_, entry)| *entry <= newest - FRESH_ENTRIES) {
        into.execute([hash, entry])?;
        moved += out_of.execute([hash, entry])? as i64;
    }
    let (hash, entry) = if next.len() < MOVED_AT_ONCE { (i64::MIN, 0) } else { next[next.len() - 1] };
    connection
        .prepare_cached("UPDATE key_moving SET hash = ?1, entry = ?2, fresh = fresh - ?3")?
        .execute([hash, entry, moved])?;
    Ok(())
}

/// The entries that a key leads to, the newest first.
pub(super) fn holders_of(connection: &Connection, key: u64) -> Result<Vec<i64>, Error> {
    let mut entries: Vec<i64> = Vec::new();
    for sql in [FRESH_HOLDERS, OLDER_HOLDERS] {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([key.cast_signed(), HOLDERS_MAX as i64])?;
        while let Some(row) = rows.next()? {
            entries.push(row.get(0)?);
        }
    }
    entries.sort_unstable_by(|one, other| other.cmp(one));
    entries.dedup();
    entries.truncate(HOLDERS_MAX);
    Ok(entries)
}

const FRESH_HOLDERS: &str = "SELECT entry FROM fresh_key WHERE hash = ?1 ORDER BY entry DESC LIMIT ?2";
const OLDER_HOLDERS: &str = "SELECT entry FROM entry_key WHERE hash = ?1 ORDER BY entry DESC LIMIT ?2";

/// Whether any of the keys leads to an entry behind `known`, where `newest` is the last one.
pub(super) fn lead_behind(connection: &Connection, keys: &[u64], known: i64, newest: i64) -> Result<bool, Error> {
    let fresh = "SELECT 1 FROM fresh_key WHERE hash = ?1 AND entry > ?2";
    let all = "SELECT 1 FROM fresh_key WHERE hash = ?1 AND entry > ?2
               UNION ALL SELECT 1 FROM entry_key WHERE hash = ?1 AND entry > ?2";
    let is_fresh = newest - known < FRESH_ENTRIES;
    let mut statement = connection.prepare_cached(if is_fresh { fresh } else { all })?;
    for key in keys {
        if statement.exists([key.cast_signed(), known])? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lead_to_their_entries_before_and_after_they_moved() {
        let mut connection = Connection::open_in_memory().expect("a database");
        super::super::schema::migrate(&mut connection).expect("migrated");
        connection.pragma_update(None, "foreign_keys", false).expect("keys alone are looked at");
        connection.execute_batch("INSERT INTO entry (id, feed, key, fingerprint, root, first_seen_at, sorted_at, updated_at) VALUES (100000, 1, x'00', 0, 1, 0, 0, 0)").expect("a newest entry");
        let key = |number: i64| (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for number in 1..3000 {
            add(&connection, vec![(key(number), number), (7, number)]).expect("added");
        }
        let count = |table: &str| -> i64 {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted")
        };
        assert_eq!((count("fresh_key"), count("entry_key")), (5998, 0));
        for _ in 0..3 {
            move_some(&connection).expect("moved");
        }
        let (fresh, moved) = (count("fresh_key"), count("entry_key"));
        assert_eq!((fresh + moved, moved), (5998, 3 * MOVED_AT_ONCE as i64));
        let noted: i64 = connection.query_row("SELECT fresh FROM key_moving", [], |row| row.get(0)).expect("noted");
        assert_eq!(noted, fresh);
        for number in 1..3000 {
            assert_eq!(holders_of(&connection, key(number)).expect("found"), [number]);
        }
        assert_eq!(holders_of(&connection, 7).expect("found"), (2984..3000).rev().collect::<Vec<_>>());
        let is_behind = |known, newest| lead_behind(&connection, &[key(2000)], known, newest).expect("told");
        assert!(is_behind(1999, 100_000) && !is_behind(2000, 100_000));
    }

    #[test]
    fn the_newest_entries_keep_their_keys_fresh() {
        let mut connection = Connection::open_in_memory().expect("a database");
        super::super::schema::migrate(&mut connection).expect("migrated");
        connection.pragma_update(None, "foreign_keys", false).expect("keys alone are looked at");
        connection.execute_batch("INSERT INTO entry (id, feed, key, fingerprint, root, first_seen_at, sorted_at, updated_at) VALUES (9000, 1, x'00', 0, 1, 0, 0, 0)").expect("a newest entry");
        add(&connection, vec![(1, 700), (2, 9000), (3, 9000)]).expect("added");
        move_some(&connection).expect("moved");
        let fresh: i64 = connection.query_row("SELECT count(*) FROM fresh_key", [], |row| row.get(0)).expect("counted");
        assert_eq!(fresh, 2);
        assert!(lead_behind(&connection, &[3], 8999, 9000).expect("told"));
    }
}

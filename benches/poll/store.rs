//! What glasnik's store says from outside, read beside the process that writes it.

use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

pub fn open(store: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// One number; 0 where the store or the row is not there yet.
pub fn number(store: &Connection, sql: &str) -> i64 {
    store.query_row(sql, [], |row| row.get(0)).unwrap_or_default()
}

/// What went into the log of a store.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log {
    pub commits: u64,
    pub bytes: u64,
}

/// Which tables something changes, and what it writes. While it is looked at nobody else empties the
/// log, so that all of it can be read afterwards.
pub fn written(
    store: &Path,
    change: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<(Vec<String>, Log), Box<dyn Error>> {
    let looking = open(store)?;
    let before = tables(&looking)?;
    change()?;
    let log = log(&fs::read(store.with_extension("db-wal"))?);
    let after = tables(&looking)?;
    let changed = after.into_iter().filter(|(table, sum)| before.get(table) != Some(sum));
    Ok((changed.map(|(table, _)| table).collect(), log))
}

/// A checksum of each table of ours.
fn tables(store: &Connection) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%' \
               AND name NOT LIKE 'word_index_%' AND name NOT LIKE 'sqlite_%'";
    let names: Vec<String> = store.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.into_iter().map(|name| Ok((name.clone(), checksum(store, &name)?))).collect()
}

fn checksum(store: &Connection, table: &str) -> Result<u64, Box<dyn Error>> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hash = DefaultHasher::new();
    let mut statement = store.prepare(&format!("SELECT * FROM {table}"))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            format!("{:?}", row.get_ref(column)?).hash(&mut hash);
        }
    }
    Ok(hash.finish())
}

/// Counts the frames that end a transaction: those that say how large the database is afterwards
/// (<https://sqlite.org/fileformat2.html#walformat>).
fn log(file: &[u8]) -> Log {
    const HEAD: usize = 32;
    const FRAME_HEAD: usize = 24;
    let word = |at: usize| file.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let (Some(page), Some(salt)) = (word(8), word(16)) else {
        return Log::default();
    };
    let mut log = Log::default();
    for frame in (HEAD..file.len()).step_by(FRAME_HEAD + page as usize) {
        if word(frame + 8) != Some(salt) {
            break;
        }
        log.bytes += FRAME_HEAD as u64 + u64::from(page);
        log.commits += u64::from(word(frame + 4).is_some_and(|pages| pages > 0));
    }
    log
}

//! How the entries of each feed's last document were written: what is written so again need not be read.

use super::{Error, Store};
use crate::feed::Feed;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

impl Store {
    /// The fingerprints of the entries that a feed's last document had, by their digests.
    pub async fn known_readings(&self, feed: &str) -> Result<HashMap<u64, u64>, Error> {
        let feed = feed.to_owned();
        self.read(move |connection| {
            let sql = "SELECT bytes FROM reading JOIN feed ON feed.id = reading.feed WHERE feed.name = ?1";
            let bytes: Option<Vec<u8>> =
                connection.prepare_cached(sql)?.query_row([feed], |row| row.get(0)).optional()?;
            Ok(from_bytes(&bytes.unwrap_or_default()))
        })
        .await
    }
}

/// Keeps how the entries of a document were written, with those entries themselves.
pub(super) fn save(connection: &Connection, feed: i64, said: &Feed) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO reading (feed, bytes) VALUES (?1, ?2)")?
        .execute(params![feed, to_bytes(said)])?;
    Ok(())
}

/// Sixteen bytes an entry.
fn to_bytes(said: &Feed) -> Vec<u8> {
    let looked_at = said.entries.iter().zip(&said.readings).filter(|(_, reading)| reading.digest != 0);
    looked_at.flat_map(|(entry, reading)| [reading.digest, entry.fingerprint]).flat_map(u64::to_le_bytes).collect()
}

fn from_bytes(bytes: &[u8]) -> HashMap<u64, u64> {
    let (numbers, _) = bytes.as_chunks::<8>();
    let (pairs, _) = numbers.as_chunks::<2>();
    pairs.iter().map(|[digest, fingerprint]| (u64::from_le_bytes(*digest), u64::from_le_bytes(*fingerprint))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Entry, EntryKey, EntryReading};

    #[test]
    fn readings_are_kept_for_the_entries_that_were_looked_at() {
        let entry = |fingerprint| Entry { fingerprint, ..Entry::new(EntryKey::new("id:a").expect("a key")) };
        let reading = |digest| EntryReading { digest, ..EntryReading::default() };
        let entries = vec![entry(1), entry(2), entry(3)];
        let said = Feed { entries, readings: vec![reading(7), reading(0), reading(u64::MAX)], ..Feed::default() };
        assert_eq!(from_bytes(&to_bytes(&said)), HashMap::from([(7, 1), (u64::MAX, 3)]));
        assert_eq!(from_bytes(&[1; 23]).len(), 1, "what is damaged is less");
    }
}

//! The migrations: an ordered list, only ever appended to. A database says in `user_version` how
//! many of them it has seen.

use super::Error;
use rusqlite::{Connection, TransactionBehavior};
use std::cmp::Ordering;

/// Brings an older database to this program's shape, one transaction a step.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let seen = version(connection)?;
    if seen > MIGRATIONS.len() {
        return Err(Error::Newer { seen, known: MIGRATIONS.len() });
    }
    for (number, sql) in MIGRATIONS.iter().enumerate().skip(seen) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", (number + 1) as i64)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a database in another shape than this program reads.
pub(super) fn check(connection: &Connection) -> Result<(), Error> {
    let seen = version(connection)?;
    match seen.cmp(&MIGRATIONS.len()) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(Error::Older),
        Ordering::Greater => Err(Error::Newer { seen, known: MIGRATIONS.len() }),
    }
}

fn version(connection: &Connection) -> Result<usize, Error> {
    let seen: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(seen).unwrap_or(usize::MAX))
}

const MIGRATIONS: &[&str] = &[
    "
-- What the operator asked for, what the publisher said of the feed as a whole, and what we know.
CREATE TABLE feed (
  id              INTEGER PRIMARY KEY,
  name            TEXT NOT NULL UNIQUE,  -- the subscription's id
  seed            TEXT NOT NULL,         -- the name it was first kept under: entry keys are hashed with it
  url             TEXT NOT NULL,
  asked_title     TEXT,
  asked_language  TEXT,
  keep_s          INTEGER NOT NULL,
  is_subscribed   INTEGER NOT NULL,      -- 0 when it left feeds.toml: its entries wait for it
  is_enabled      INTEGER NOT NULL,
  title           TEXT,
  link            TEXT,
  publisher_id    TEXT,
  language        TEXT,
  changed_at      INTEGER,
  etag            BLOB,
  last_modified   BLOB,
  body_hash       BLOB,
  next_poll_at    INTEGER,
  last_poll_at    INTEGER,
  last_success_at INTEGER,
  failures        INTEGER NOT NULL DEFAULT 0,
  last_error      TEXT,
  waits_for       TEXT,
  repairs         TEXT,
  moved_to        TEXT,
  retry_at        INTEGER,
  is_gone         INTEGER NOT NULL DEFAULT 0,
  ttl_s           INTEGER
) STRICT;

-- Identity: a row for ever, small, so that an item that returns after years is not new.
CREATE TABLE entry (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  feed          INTEGER NOT NULL REFERENCES feed (id),
  key           BLOB NOT NULL UNIQUE,    -- 16 bytes of SHA-256 over the feed's seed and the entry's key
  fingerprint   INTEGER NOT NULL,
  link_hash     INTEGER,                 -- 8 bytes of SHA-256 over the canonical link
  root          INTEGER NOT NULL,        -- the first kept entry of the same article, itself if it is the first
  language      TEXT,
  first_seen_at INTEGER NOT NULL,
  sorted_at     INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_by_link ON entry (link_hash) WHERE link_hash IS NOT NULL;
CREATE INDEX entry_by_root ON entry (root) WHERE root <> id;
CREATE INDEX entry_by_time ON entry (sorted_at, id);
CREATE INDEX entry_by_feed ON entry (feed, sorted_at, id);

-- What was said, and our tags with the words that made them: forgotten when `keep` is over.
CREATE TABLE text (
  entry INTEGER PRIMARY KEY REFERENCES entry (id),
  said  TEXT NOT NULL,
  tags  TEXT NOT NULL
) STRICT;

CREATE TABLE topic (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- The newest of a topic without sorting: the key is the answer.
CREATE TABLE tag (
  topic     INTEGER NOT NULL REFERENCES topic (id),
  sorted_at INTEGER NOT NULL,
  entry     INTEGER NOT NULL REFERENCES entry (id),
  PRIMARY KEY (topic, sorted_at, entry)
) STRICT, WITHOUT ROWID;

-- When the bytes behind an address last changed, so that Last-Modified survives a restart.
CREATE TABLE document (
  path       TEXT PRIMARY KEY,
  hash       BLOB NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
",
    "
-- Where the url is a secret: what may be shown of it.
ALTER TABLE feed ADD COLUMN shown_url TEXT;
",
    "
-- The address that gave etag and last_modified, where it is not the feed's own.
ALTER TABLE feed ADD COLUMN validators_url TEXT;
",
    "
-- How the feed is asked, to see when the operator changes it.
ALTER TABLE feed ADD COLUMN every_s INTEGER;
ALTER TABLE feed ADD COLUMN access INTEGER;       -- 4 bytes of SHA-256 over what a request carries
-- What a 304 does not repeat.
ALTER TABLE feed ADD COLUMN fresh_s INTEGER;
ALTER TABLE feed ADD COLUMN skip_hours INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN skip_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN newest_entry_at INTEGER;
-- Where it moves, where it is asked since it moved, and since when it says that it has ended.
ALTER TABLE feed ADD COLUMN moving_to TEXT;
ALTER TABLE feed ADD COLUMN moving_since INTEGER;
ALTER TABLE feed ADD COLUMN moving_polls INTEGER;
ALTER TABLE feed ADD COLUMN adopted_url TEXT;
ALTER TABLE feed ADD COLUMN gone_at INTEGER;
UPDATE feed SET gone_at = last_poll_at WHERE is_gone;

-- The last polls of each feed, the next one in the place of the oldest.
ALTER TABLE feed ADD COLUMN polls INTEGER NOT NULL DEFAULT 0;
CREATE TABLE past_poll (
  feed    INTEGER NOT NULL REFERENCES feed (id),
  slot    INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  status  TEXT NOT NULL,
  http    INTEGER,
  new     INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  error   TEXT,
  PRIMARY KEY (feed, slot)
) STRICT, WITHOUT ROWID;
",
    "
-- By which topics entries are tagged: one row. Those in (done_to, until] wait for the tags of these.
CREATE TABLE tagging (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  rules   BLOB NOT NULL,     -- SHA-256 of the rules in force
  done_to INTEGER NOT NULL,
  until   INTEGER NOT NULL   -- the last entry that was kept when they came in force
) STRICT;
",
    "
-- What else leads to an entry beside its own key: links, numbers, titles, and ids that it got later.
CREATE TABLE entry_key (
  hash  INTEGER NOT NULL,
  entry INTEGER NOT NULL REFERENCES entry (id),
  PRIMARY KEY (hash, entry)
) STRICT, WITHOUT ROWID;

-- What an entry said when it was last read, in some hundred bytes: kept when its text is forgotten.
CREATE TABLE sketch (
  entry INTEGER PRIMARY KEY REFERENCES entry (id),
  bytes BLOB NOT NULL
) STRICT;

-- What made an entry known again that came without its own key, and what joined it with its root.
ALTER TABLE entry ADD COLUMN known_by TEXT;
ALTER TABLE entry ADD COLUMN known_at INTEGER;
ALTER TABLE entry ADD COLUMN root_by TEXT;
UPDATE entry SET root_by = 'link' WHERE root <> id;

ALTER TABLE feed ADD COLUMN new_ids INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN has_counters INTEGER NOT NULL DEFAULT 0;

-- Entries in (done_to, until] were kept before there were sketches: one row.
CREATE TABLE sketching (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  done_to INTEGER NOT NULL,
  until   INTEGER NOT NULL
) STRICT;
INSERT INTO sketching SELECT 1, 0, coalesce(max(id), 0) FROM entry;
",
    "
-- Where the closed parts of an output's archive end: each holds the entries after the last one's end.
CREATE TABLE archive (
  output    TEXT NOT NULL,
  last      INTEGER NOT NULL,   -- the number of an entry
  closed_at INTEGER NOT NULL,
  PRIMARY KEY (output, last)
) STRICT, WITHOUT ROWID;

-- What feeds went through that an operator should know.
CREATE TABLE feed_event (
  id       INTEGER PRIMARY KEY,
  feed     INTEGER NOT NULL REFERENCES feed (id),
  kind     TEXT NOT NULL,
  since    INTEGER NOT NULL,    -- what tells two events of one kind apart
  at       INTEGER NOT NULL,    -- when it was noticed
  sentence TEXT NOT NULL,
  is_over  INTEGER NOT NULL DEFAULT 0,
  UNIQUE (feed, kind, since)
) STRICT;
",
    "
-- How far grouping has come: one row, none before anybody groups. Entries above done_to wait for it,
-- and no output that joins entries shows them before; those up to until were kept without it.
CREATE TABLE grouping (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  done_to INTEGER NOT NULL,
  until   INTEGER NOT NULL
) STRICT;

-- Where an entry belongs. A story is called by the number of the entry that began it, for ever.
CREATE TABLE grouped (
  entry     INTEGER PRIMARY KEY REFERENCES entry (id),
  story     INTEGER NOT NULL,
  joined_at INTEGER NOT NULL,  -- when it came into that story
  score     REAL,              -- how sure it is that it belongs there; none where nothing was compared
  original  INTEGER,           -- the entry whose text it copies
  alike     REAL               -- how alike the two are
) STRICT;
CREATE INDEX grouped_by_story ON grouped (story, entry);

-- What the newest entries are compared by: goes when they leave the window.
CREATE TABLE article (
  entry   INTEGER PRIMARY KEY REFERENCES entry (id),
  feed    INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  bytes   BLOB NOT NULL
) STRICT;

-- Stories that ended in others: their addresses lead there.
CREATE TABLE story_alias (
  old INTEGER PRIMARY KEY,
  new INTEGER NOT NULL
) STRICT;
CREATE INDEX story_alias_by_new ON story_alias (new);

-- The operator's word on two entries, one < other, for ever.
CREATE TABLE override (
  one         INTEGER NOT NULL REFERENCES entry (id),
  other       INTEGER NOT NULL REFERENCES entry (id),
  is_together INTEGER NOT NULL,
  PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;

-- Which outlet stands for others that say the same.
ALTER TABLE feed ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
",
    "
-- The last four weeks of each feed, a day in the place of the one four weeks before. Days without
-- news and failures are not there.
CREATE TABLE feed_day (
  feed   INTEGER NOT NULL REFERENCES feed (id),
  slot   INTEGER NOT NULL,
  day    INTEGER NOT NULL,   -- since 1970
  new    INTEGER NOT NULL,
  failed INTEGER NOT NULL,   -- polls
  PRIMARY KEY (feed, slot)
) STRICT, WITHOUT ROWID;
INSERT OR REPLACE INTO feed_day
  SELECT feed, first_seen_at / 86400 % 28, first_seen_at / 86400, count(*), 0
  FROM entry WHERE first_seen_at >= 0 GROUP BY feed, first_seen_at / 86400 ORDER BY first_seen_at / 86400;

-- What an entry said before it was edited.
CREATE TABLE revision (
  entry   INTEGER NOT NULL REFERENCES entry (id),
  until   INTEGER NOT NULL,
  title   TEXT,
  letters INTEGER NOT NULL,
  PRIMARY KEY (entry, until)
) STRICT, WITHOUT ROWID;
",
    "
-- By which words entries are found, folded: an index alone, since text has what was said. Where the
-- folding changes, a migration empties it ('delete-all') and sets indexed_to back.
CREATE VIRTUAL TABLE word_index USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii');
-- How far the index follows what is kept: one row.
CREATE TABLE indexing (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_to INTEGER NOT NULL    -- entries behind this one are not in the index yet
) STRICT;
INSERT INTO indexing VALUES (1, 0);
-- Entries whose text was edited or forgotten: what the index has of them is old.
CREATE TABLE outdated (
  entry INTEGER PRIMARY KEY REFERENCES entry (id)
) STRICT;
",
    "
-- What an entry's story was known by in other languages when it was told anew with this entry.
ALTER TABLE article ADD COLUMN telling BLOB;

-- Stories of two languages, one < other, that tell of one event.
CREATE TABLE story_link (
  one    INTEGER NOT NULL,
  other  INTEGER NOT NULL,
  score  REAL NOT NULL,    -- how sure it is
  shared TEXT NOT NULL,    -- the words that both have
  PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_link_by_other ON story_link (other);

-- When an entry last left a story: what readers were told of the story is of no earlier date.
CREATE TABLE story_parted (
  story INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL
) STRICT;

-- What the operator wishes to be joined or parted, until whoever holds the database has done it.
CREATE TABLE wish (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  wished  TEXT NOT NULL,
  outcome TEXT               -- none while it waits
) STRICT;
CREATE INDEX wish_waiting ON wish (id) WHERE outcome IS NULL;
",
    "
-- Whether an entry has its text. What outputs look through holds those that have it alone, and with
-- them all that outputs ask, is_kept itself too: no row of any entry is read to pass it over.
ALTER TABLE entry ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 1;
UPDATE entry SET is_kept = 0 WHERE id NOT IN (SELECT entry FROM text);
DROP INDEX entry_by_time;
DROP INDEX entry_by_feed;
CREATE INDEX entry_by_time ON entry (sorted_at, id, feed, language, is_kept) WHERE is_kept;
CREATE INDEX entry_by_feed ON entry (feed, sorted_at, id, language, is_kept) WHERE is_kept;
CREATE INDEX entry_by_language ON entry (language, sorted_at, id, feed, is_kept) WHERE is_kept;

CREATE TABLE tag_with_feed (
  topic     INTEGER NOT NULL REFERENCES topic (id),
  sorted_at INTEGER NOT NULL,
  entry     INTEGER NOT NULL REFERENCES entry (id),
  feed      INTEGER NOT NULL,   -- as in the entry's row
  language  TEXT,
  PRIMARY KEY (topic, sorted_at, entry)
) STRICT, WITHOUT ROWID;
INSERT INTO tag_with_feed
  SELECT t.topic, t.sorted_at, t.entry, e.feed, e.language FROM tag t CROSS JOIN entry e ON e.id = t.entry
  ORDER BY t.topic, t.sorted_at, t.entry;
DROP TABLE tag;
ALTER TABLE tag_with_feed RENAME TO tag;
CREATE INDEX tag_by_feed ON tag (topic, feed, sorted_at, entry, language);

-- In which languages a feed ever had entries.
CREATE TABLE feed_language (
  language TEXT NOT NULL,
  feed     INTEGER NOT NULL REFERENCES feed (id),
  PRIMARY KEY (language, feed)
) STRICT, WITHOUT ROWID;
INSERT INTO feed_language SELECT DISTINCT language, feed FROM entry WHERE language IS NOT NULL;

-- How many of a feed's entries have their text.
ALTER TABLE feed ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
UPDATE feed SET kept = (SELECT count(*) FROM entry e WHERE e.feed = feed.id AND e.is_kept);
CREATE INDEX feed_subscribed ON feed (name, is_subscribed) WHERE is_subscribed;
CREATE INDEX feed_unsubscribed ON feed (is_subscribed) WHERE NOT is_subscribed;

-- Words that say of which feed an entry is and in what language come into the index of words: it is
-- made anew.
INSERT INTO word_index (word_index) VALUES ('delete-all');
UPDATE indexing SET indexed_to = 0;
DELETE FROM outdated;
",
    "
-- Keys come here first, and move on to entry_key in the order of their hashes.
CREATE TABLE fresh_key (
  hash  INTEGER NOT NULL,
  entry INTEGER NOT NULL REFERENCES entry (id),
  PRIMARY KEY (hash, entry)
) STRICT, WITHOUT ROWID;
-- How many keys are fresh, and the last one that moved on: one row.
CREATE TABLE key_moving (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  fresh INTEGER NOT NULL,
  hash  INTEGER NOT NULL,
  entry INTEGER NOT NULL
) STRICT;
INSERT INTO key_moving VALUES (1, 0, -9223372036854775808, 0);
-- Entries are found by their links through those keys.
DROP INDEX entry_by_link;
",
    "
-- How the entries of a feed's last document were written, with their fingerprints: 16 bytes an entry.
-- Apart from the feeds, whose rows are looked through all the time.
CREATE TABLE reading (
  feed  INTEGER PRIMARY KEY REFERENCES feed (id),
  bytes BLOB NOT NULL
) STRICT;
",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_an_earlier_version_wait_for_their_sketches() {
        let mut connection = Connection::open_in_memory().expect("a database");
        for sql in &MIGRATIONS[..5] {
            connection.execute_batch(sql).expect("migrated");
        }
        let old = "INSERT INTO feed (id, name, seed, url, keep_s, is_subscribed, is_enabled) VALUES (1, 'a', 'a', 'u', 1, 1, 1);
             INSERT INTO entry (id, feed, key, fingerprint, root, first_seen_at, sorted_at, updated_at)
             VALUES (7, 1, x'01', 0, 7, 0, 0, 0), (9, 1, x'02', 0, 7, 0, 0, 0);
             PRAGMA user_version = 5;";
        connection.execute_batch(old).expect("an earlier version's rows");
        migrate(&mut connection).expect("migrated");
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a row");
        assert_eq!(text("SELECT done_to || ' to ' || until FROM sketching"), "0 to 9");
        assert_eq!(text("SELECT group_concat(coalesce(root_by, '-')) FROM entry"), "-,link");
    }
    #[test]
    fn entries_of_an_earlier_version_are_found_by_feed_language_and_topic() {
        let mut connection = Connection::open_in_memory().expect("a database");
        for sql in &MIGRATIONS[..10] {
            connection.execute_batch(sql).expect("migrated");
        }
        let old = "INSERT INTO feed (id, name, seed, url, keep_s, is_subscribed, is_enabled) VALUES (1, 'a', 'a', 'u', 1, 1, 1), (2, 'b', 'b', 'v', 1, 0, 1);
             INSERT INTO entry (id, feed, key, fingerprint, root, language, first_seen_at, sorted_at, updated_at)
             VALUES (7, 1, x'01', 0, 7, 'sr', 5, 5, 5), (8, 1, x'02', 0, 8, 'sr', 6, 6, 6), (9, 2, x'03', 0, 9, NULL, 4, 4, 4);
             INSERT INTO text VALUES (8, '{}', '[]'), (9, '{}', '[]');
             INSERT INTO topic VALUES (3, 't');
             INSERT INTO tag VALUES (3, 6, 8), (3, 4, 9);
             INSERT INTO entry_key VALUES (99, 8);
             UPDATE indexing SET indexed_to = 9;
             PRAGMA user_version = 10;";
        connection.execute_batch(old).expect("an earlier version's rows");
        connection.pragma_update(None, "foreign_keys", true).expect("as in a store");
        migrate(&mut connection).expect("migrated");
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a row");
        assert_eq!(text("SELECT group_concat(id || ' ' || is_kept, ', ') FROM entry"), "7 0, 8 1, 9 1");
        assert_eq!(text("SELECT group_concat(name || ' ' || kept, ', ') FROM feed"), "a 1, b 1");
        let tags = "SELECT group_concat(topic || ' ' || sorted_at || ' ' || entry || ' ' || feed || ' ' || coalesce(language, '-'), ', ') FROM (SELECT * FROM tag ORDER BY topic, sorted_at)";
        assert_eq!(text(tags), "3 4 9 2 -, 3 6 8 1 sr");
        assert_eq!(text("SELECT group_concat(language || ' ' || feed) FROM feed_language"), "sr 1");
        assert_eq!(text("SELECT indexed_to || ' ' || (SELECT count(*) FROM word_index) FROM indexing"), "0 0");
        assert_eq!(super::super::keys::holders_of(&connection, 99).expect("found"), [8]);
        let broken = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
        assert!(!broken.expect("checked"));
    }
}

//! The newest entries of a selection, without sorting and without reading any entry's row: the indexes
//! are in their order and hold what is asked of each. Often there are two ways, a broad one that is
//! good where much is selected, and a narrow one that is good where little is; nobody knows which,
//! so the one that took less so far goes on, and whichever is first has it. That costs hardly more
//! than twice the better one.

use super::Error;
use super::selection::Selection;
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::collections::{BinaryHeap, HashSet, VecDeque};

/// Where an entry stands among all: by its date, then by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) sorted_at: i64,
    pub(super) number: i64,
}

impl Place {
    /// Before which all stand.
    pub(super) const NEWEST: Self = Self { sorted_at: i64::MAX, number: i64::MAX };
}

/// Up to so many indexes' ends are merged without a look at the broad way.
const MERGED_AT_ONCE: usize = 64;

/// Rows that a way looks at in its first turn; in each turn after it as many as in all before. The broad
/// way begins.
const FIRST_TURN: usize = 1024;

/// To find the place in an index takes as long as so many rows; more where its page is not in memory.
const SEEK_ROWS: usize = 32;

/// So does what an entry's row or the index of words is asked.
const CONDITION_ROWS: usize = 16;

/// Rows that are read at once from one index, from and to.
const ROWS_MIN: usize = 4;
const ROWS_MAX: usize = 256;

/// The places of a selection's entries, the newest first.
pub(super) struct Newest<'s> {
    selection: &'s Selection,
    ways: Vec<Way>,
    /// How many places were given out.
    given: usize,
}

impl<'s> Newest<'s> {
    pub(super) fn of(selection: &'s Selection) -> Self {
        Self { selection, ways: ways(selection), given: 0 }
    }

    /// The next place; `None` where there are no more.
    pub(super) fn next(&mut self, connection: &Connection) -> Result<Option<Place>, Error> {
        match self.look(connection, &mut { usize::MAX })? {
            Look::Found(place) => Ok(Some(place)),
            Look::Paused | Look::End => Ok(None),
        }
    }

    /// Looks for the next place as long as `rows` are left.
    pub(super) fn look(&mut self, connection: &Connection, rows: &mut usize) -> Result<Look, Error> {
        loop {
            let found = self.ways.iter().find_map(|way| way.found.get(self.given));
            if let Some(place) = found {
                self.given += 1;
                return Ok(Look::Found(*place));
            }
            if self.ways.iter().any(|way| way.has_ended) {
                return Ok(Look::End);
            }
            if *rows == 0 {
                return Ok(Look::Paused);
            }
            let is_alone = self.ways.len() == 1;
            let Some(way) = self.ways.iter_mut().min_by_key(|way| way.spent) else { return Ok(Look::End) };
            let turn = if is_alone { *rows } else { way.spent.max(FIRST_TURN).min(*rows) };
            let mut left = turn;
            way.go_on(connection, self.selection, self.given + 1, &mut left)?;
            way.spent += turn - left;
            *rows = rows.saturating_sub(turn - left);
        }
    }
}

/// What came of looking for the next place.
pub(super) enum Look {
    Found(Place),
    /// There may be more.
    Paused,
    End,
}

/// The ways that lead to a selection's entries, the broad one first.
fn ways(selection: &Selection) -> Vec<Way> {
    let Selection { topics, feeds, languages, .. } = selection;
    let of_languages = || languages.iter().cloned().map(Index::Language).collect();
    let of_topics = || topics.iter().copied().map(Index::Topic).collect();
    let narrow = feeds.as_ref().map(|feeds| match topics.is_empty() {
        true => feeds.iter().copied().map(Index::Feed).collect::<Vec<_>>(),
        false => {
            let pairs = topics.iter().flat_map(|topic| feeds.iter().map(|feed| (*topic, *feed)));
            pairs.map(|(topic, feed)| Index::TopicOfFeed(topic, feed)).collect()
        }
    });
    let mut ways = Vec::new();
    if narrow.as_ref().is_none_or(|indexes| indexes.len() > MERGED_AT_ONCE) {
        ways.push(Way::of(match (topics.is_empty(), languages.is_empty()) {
            (false, _) => of_topics(),
            (true, false) => of_languages(),
            (true, true) => vec![Index::Time],
        }));
        if !topics.is_empty() && !languages.is_empty() && narrow.is_none() {
            ways.push(Way::of(of_languages()));
        }
    }
    ways.extend(narrow.map(Way::of));
    ways
}

/// An index whose rows are in the order of places, from a key on.
#[derive(Debug, Clone)]
enum Index {
    Time,
    Feed(i64),
    Language(String),
    Topic(i64),
    TopicOfFeed(i64, i64),
}

impl Index {
    /// Place, feed and language of the rows before the place (?1, ?2), ?3 of them; the key is in ?4
    /// and ?5.
    fn sql(&self) -> &'static str {
        match self {
            Self::Time => {
                "SELECT sorted_at, id, feed, language FROM entry INDEXED BY entry_by_time
                 WHERE is_kept AND (sorted_at, id) < (?1, ?2) AND ?4 IS NULL AND ?5 IS NULL
                 ORDER BY sorted_at DESC, id DESC LIMIT ?3"
            }
            Self::Feed(_) => {
                "SELECT sorted_at, id, feed, language FROM entry INDEXED BY entry_by_feed
                 WHERE is_kept AND feed = ?4 AND (sorted_at, id) < (?1, ?2) AND ?5 IS NULL
                 ORDER BY sorted_at DESC, id DESC LIMIT ?3"
            }
            Self::Language(_) => {
                "SELECT sorted_at, id, feed, language FROM entry INDEXED BY entry_by_language
                 WHERE is_kept AND language = ?4 AND (sorted_at, id) < (?1, ?2) AND ?5 IS NULL
                 ORDER BY sorted_at DESC, id DESC LIMIT ?3"
            }
            Self::Topic(_) => {
                "SELECT sorted_at, entry, feed, language FROM tag NOT INDEXED
                 WHERE topic = ?4 AND (sorted_at, entry) < (?1, ?2) AND ?5 IS NULL
                 ORDER BY sorted_at DESC, entry DESC LIMIT ?3"
            }
            Self::TopicOfFeed(..) => {
                "SELECT sorted_at, entry, feed, language FROM tag INDEXED BY tag_by_feed
                 WHERE topic = ?4 AND feed = ?5 AND (sorted_at, entry) < (?1, ?2)
                 ORDER BY sorted_at DESC, entry DESC LIMIT ?3"
            }
        }
    }

    fn key(&self) -> [Value; 2] {
        match self {
            Self::Time => [Value::Null, Value::Null],
            Self::Feed(number) | Self::Topic(number) => [Value::Integer(*number), Value::Null],
            Self::Language(key) => [Value::Text(key.clone()), Value::Null],
            Self::TopicOfFeed(topic, feed) => [Value::Integer(*topic), Value::Integer(*feed)],
        }
    }

    fn has_topics(&self) -> bool {
        matches!(self, Self::Topic(_) | Self::TopicOfFeed(..))
    }
}

/// Several indexes, merged.
struct Way {
    streams: Vec<Stream>,
    /// The head of each stream that has one, by its place.
    heads: BinaryHeap<(Place, usize)>,
    /// Streams that have no head yet and did not end.
    waiting: Vec<usize>,
    found: Vec<Place>,
    has_ended: bool,
    has_begun: bool,
    /// Rows that it looked at so far.
    spent: usize,
}

impl Way {
    fn of(indexes: Vec<Index>) -> Self {
        let streams: Vec<Stream> = indexes.into_iter().map(Stream::of).collect();
        let waiting = (0..streams.len()).collect();
        let (heads, found) = (BinaryHeap::new(), Vec::new());
        Self { streams, heads, waiting, found, has_ended: false, has_begun: false, spent: 0 }
    }

    /// Looks on until so many places are found, or as many rows were looked at.
    fn go_on(
        &mut self,
        connection: &Connection,
        selection: &Selection,
        wanted: usize,
        rows: &mut usize,
    ) -> Result<(), Error> {
        if !self.has_begun {
            self.begin(connection, selection)?;
        }
        while self.found.len() < wanted && *rows > 0 {
            while let Some(stream) = self.waiting.pop() {
                if *rows == 0 {
                    self.waiting.push(stream);
                    return Ok(());
                }
                *rows = rows.saturating_sub(self.streams[stream].read(connection, selection)?);
                self.line_up(stream);
            }
            if *rows == 0 {
                return Ok(());
            }
            let Some((place, stream)) = self.heads.pop() else {
                self.has_ended = true;
                return Ok(());
            };
            self.line_up(stream);
            *rows -= 1;
            // One that has two of the topics comes twice.
            if self.found.last() == Some(&place) {
                continue;
            }
            let has_topic = self.streams[stream].index.has_topics() || selection.has_topic(connection, place)?;
            if has_topic && selection.admits(connection, place.number)? {
                self.found.push(place);
            }
            if selection.condition.is_some() {
                *rows = rows.saturating_sub(CONDITION_ROWS);
            }
        }
        Ok(())
    }

    /// Leaves out feeds that never had an entry in one of the languages.
    fn begin(&mut self, connection: &Connection, selection: &Selection) -> Result<(), Error> {
        self.has_begun = true;
        let is_of_feeds = |stream: &Stream| matches!(stream.index, Index::Feed(_) | Index::TopicOfFeed(..));
        if selection.languages.is_empty() || !self.streams.iter().all(is_of_feeds) {
            return Ok(());
        }
        let mut speak = HashSet::new();
        let mut statement = connection.prepare_cached("SELECT feed FROM feed_language WHERE language = ?1")?;
        for language in &selection.languages {
            for feed in statement.query_map([language], |row| row.get::<_, i64>(0))? {
                speak.insert(feed?);
            }
        }
        self.streams.retain(|stream| match stream.index {
            Index::Feed(feed) | Index::TopicOfFeed(_, feed) => speak.contains(&feed),
            Index::Time | Index::Language(_) | Index::Topic(_) => true,
        });
        self.waiting = (0..self.streams.len()).collect();
        Ok(())
    }

    fn line_up(&mut self, stream: usize) {
        match self.streams[stream].ahead.pop_front() {
            Some(place) => self.heads.push((place, stream)),
            None if !self.streams[stream].has_ended => self.waiting.push(stream),
            None => {}
        }
    }
}

/// One index, read in pieces.
struct Stream {
    index: Index,
    /// Places that were read and are selected.
    ahead: VecDeque<Place>,
    last: Option<Place>,
    rows: usize,
    has_ended: bool,
}

impl Stream {
    fn of(index: Index) -> Self {
        Self { index, ahead: VecDeque::new(), last: None, rows: ROWS_MIN, has_ended: false }
    }

    /// Reads the next piece; answers what that took, in rows.
    fn read(&mut self, connection: &Connection, selection: &Selection) -> Result<usize, Error> {
        let mut statement = connection.prepare_cached(self.index.sql())?;
        let [key, other] = self.index.key();
        let from = self.last.unwrap_or(selection.before);
        let mut rows = statement.query(params![from.sorted_at, from.number, self.rows as i64, key, other])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            let place = Place { sorted_at: row.get(0)?, number: row.get(1)? };
            if place.sorted_at < selection.since {
                self.has_ended = true;
                break;
            }
            self.last = Some(place);
            let language = row.get_ref(3)?.as_str_or_null().unwrap_or_default();
            if selection.takes(place.number, row.get(2)?, language) {
                self.ahead.push_back(place);
            }
        }
        self.has_ended |= count < self.rows;
        self.rows = (self.rows * 4).min(ROWS_MAX);
        Ok(count + SEEK_ROWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::{Collapse, Output};
    use crate::store::names::Names;
    use crate::store::{schema, selection};

    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
        let rows = statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
        rows.expect("a plan").join("; ")
    }

    #[test]
    fn no_index_is_walked_from_its_end_and_no_row_is_read_to_pass_it_over() {
        let mut connection = Connection::open_in_memory().expect("a database");
        schema::migrate(&mut connection).expect("migrated");
        let plans = [
            (Index::Time, "SEARCH entry USING COVERING INDEX entry_by_time ("),
            (Index::Feed(1), "SEARCH entry USING COVERING INDEX entry_by_feed (feed=? AND "),
            (Index::Language("sr".to_owned()), "SEARCH entry USING COVERING INDEX entry_by_language (language=? AND "),
            (Index::Topic(1), "SEARCH tag USING PRIMARY KEY (topic=? AND "),
            (Index::TopicOfFeed(1, 2), "SEARCH tag USING COVERING INDEX tag_by_feed (topic=? AND feed=? AND "),
        ];
        for (index, expected) in plans {
            let plan = plan(&connection, index.sql());
            let is_as_expected = plan.starts_with(expected) && plan.contains("sorted_at") && !plan.contains("TEMP");
            assert!(is_as_expected, "{index:?}: {plan}");
        }
        assert_eq!(
            plan(&connection, selection::FEED_NUMBER),
            "SEARCH feed USING COVERING INDEX feed_subscribed (name=?)"
        );
        assert!(plan(&connection, selection::UNSUBSCRIBED).contains("COVERING INDEX feed_unsubscribed"));
    }

    /// The newest places of the feeds from 2 to 101, which fell silent before feed 1 had 20,000 entries.
    fn silent(connection: &Connection, given: usize) -> (usize, usize) {
        let all = Output { collapse: Collapse::None, ..Output::new("all", "") };
        let selection = Selection::of(connection, &all, &Names::default().now()).expect("read");
        let mut selection = selection.expect("possible");
        selection.feeds = Some((2..=101).collect());
        let mut newest = Newest::of(&selection);
        while newest.given < given && newest.next(connection).expect("read").is_some() {}
        (newest.given, newest.ways.iter().map(|way| way.spent).sum())
    }

    #[test]
    fn what_the_broad_way_does_not_find_costs_little_more_than_the_narrow_one() {
        let mut connection = Connection::open_in_memory().expect("a database");
        schema::migrate(&mut connection).expect("migrated");
        connection.pragma_update(None, "foreign_keys", false).expect("entries alone are looked at");
        let sql = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 20300)
             INSERT INTO entry (id, feed, key, fingerprint, root, first_seen_at, sorted_at, updated_at, is_kept)
             SELECT n, iif(n <= 300, 2 + n % 100, 1), CAST(n AS BLOB), 0, n, n, n, n, 1 FROM number";
        connection.execute_batch(sql).expect("entries");
        let (found, rows) = silent(&connection, 1);
        assert_eq!(found, 1);
        assert!(rows < 10_000, "{rows}");
        let (found, more) = silent(&connection, 300);
        assert_eq!(found, 300);
        assert!(more < 10_000, "{rows}, then {more}");
    }
}

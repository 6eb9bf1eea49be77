//! The last weeks, day by day: what each feed brought and where it failed, and how much each topic and
//! output had. For the status page.

use super::selection::{Selection, list};
use super::{Error, PastPoll, Store};
use crate::feed::{Day, Output};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Four weeks: a habit shows, holidays too.
pub const DAYS_KEPT: usize = 28;

const DAY_S: i64 = 24 * 3600;

impl Store {
    /// The last weeks of every subscribed feed, oldest day first.
    pub async fn feed_days(&self, now: DateTime<Utc>) -> Result<HashMap<String, Vec<Day>>, Error> {
        let today = day(now.timestamp());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT feed.name, day, new, failed FROM feed_day JOIN feed ON feed.id = feed_day.feed WHERE is_subscribed",
            )?;
            let mut rows = statement.query([])?;
            let mut feeds = HashMap::new();
            while let Some(row) = rows.next()? {
                let days = feeds.entry(row.get(0)?).or_insert_with(none);
                add(days, today, row.get(1)?, Day { new: count(row.get(2)?), failed: count(row.get(3)?) });
            }
            Ok(feeds)
        })
        .await
    }

    /// How many entries each topic was given, day by day, oldest first.
    pub async fn topic_days(&self, now: DateTime<Utc>) -> Result<HashMap<String, Vec<Day>>, Error> {
        let today = day(now.timestamp());
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT topic.name, sorted_at / ?2, count(*) FROM topic CROSS JOIN tag ON tag.topic = topic.id
                 WHERE sorted_at >= ?1 GROUP BY topic.id, 2",
            )?;
            let mut rows = statement.query([first(today), DAY_S])?;
            let mut topics = HashMap::new();
            while let Some(row) = rows.next()? {
                let days = topics.entry(row.get(0)?).or_insert_with(none);
                add(days, today, row.get(1)?, Day { new: count(row.get(2)?), failed: 0 });
            }
            Ok(topics)
        })
        .await
    }

    /// How many entries `output` could show, day by day, oldest first; copies count.
    pub async fn output_days(&self, output: &Output, now: DateTime<Utc>) -> Result<Vec<Day>, Error> {
        let (output, names, today) = (output.clone(), self.names.now(), day(now.timestamp()));
        self.read(move |connection| {
            let mut days = none();
            let Some(selection) = Selection::of(connection, &output, &names)? else { return Ok(days) };
            // Indexes that hold what is asked of each entry: no row of any is read.
            let from = match selection.topics.as_slice() {
                [] => "SELECT sorted_at, feed, language FROM entry INDEXED BY entry_by_time WHERE is_kept AND sorted_at >= ?1".to_owned(),
                topics => format!("SELECT DISTINCT sorted_at, feed, language, entry FROM tag NOT INDEXED WHERE topic IN ({}) AND sorted_at >= ?1", list(topics)),
            };
            let sql = format!("SELECT sorted_at / ?2, feed, language, count(*) FROM ({from}) GROUP BY 1, 2, 3");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([first(today), DAY_S])?;
            let mut counted: HashMap<i64, u32> = HashMap::new();
            while let Some(row) = rows.next()? {
                let language = row.get_ref(2)?.as_str_or_null().unwrap_or_default();
                if selection.takes(0, row.get(1)?, language) {
                    let of_day = counted.entry(row.get(0)?).or_default();
                    *of_day = of_day.saturating_add(count(row.get(3)?));
                }
            }
            for (day, new) in counted {
                add(&mut days, today, day, Day { new, failed: 0 });
            }
            Ok(days)
        })
        .await
    }
}

/// Adds a poll to its feed's day. One that brought nothing and did not fail leaves no trace.
pub(super) fn save(connection: &Connection, feed: i64, poll: &PastPoll) -> Result<(), Error> {
    let failed = i64::from(poll.error.is_some());
    if poll.new == 0 && failed == 0 {
        return Ok(());
    }
    let day = day(poll.at.timestamp());
    connection
        .prepare_cached(
            "INSERT INTO feed_day (feed, slot, day, new, failed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (feed, slot) DO UPDATE SET
               new = excluded.new + iif(day = excluded.day, new, 0),
               failed = excluded.failed + iif(day = excluded.day, failed, 0),
               day = excluded.day",
        )?
        .execute(params![feed, day.rem_euclid(DAYS_KEPT as i64), day, poll.new as i64, failed])?;
    Ok(())
}

/// Days since 1970, as UTC counts them.
fn day(seconds: i64) -> i64 {
    seconds.div_euclid(DAY_S)
}

/// The first second that is shown.
fn first(today: i64) -> i64 {
    (today + 1 - DAYS_KEPT as i64) * DAY_S
}

fn none() -> Vec<Day> {
    vec![Day::default(); DAYS_KEPT]
}

/// Puts a day in its place, if it is among those that are shown.
fn add(days: &mut [Day], today: i64, number: i64, day: Day) {
    let place = usize::try_from(number - today + DAYS_KEPT as i64 - 1).ok();
    if let Some(place) = place.and_then(|place| days.get_mut(place)) {
        *place = day;
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

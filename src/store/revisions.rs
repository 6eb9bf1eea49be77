//! What entries said before they were edited: the last few titles, and how long the text was. The
//! texts themselves are not kept twice. Forgotten with the text.

use super::entries::read_json;
use super::feeds::moment;
use super::{Error, Store};
use crate::feed::{Entry, Revision};
use rusqlite::{Connection, OptionalExtension, params};

/// Live tickers are edited all day: nobody reads more of it than this.
const REVISIONS_KEPT: i64 = 10;

impl Store {
    /// What an entry said before, the newest first; by its number.
    pub async fn revisions(&self, entry: i64) -> Result<Vec<Revision>, Error> {
        self.read(move |connection| {
            let sql = "SELECT until, title, letters FROM revision WHERE entry = ?1 ORDER BY until DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([entry], |row| {
                Ok(Revision {
                    until: moment(row.get(0)?).unwrap_or_default(),
                    title: row.get(1)?,
                    letters: row.get::<_, i64>(2)?.try_into().unwrap_or(0),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Keeps what an entry said until now, if its text is still kept: called before it is replaced.
pub(super) fn keep(connection: &Connection, entry: i64, now: i64) -> Result<(), Error> {
    let said: Option<String> = connection
        .prepare_cached("SELECT said FROM text WHERE entry = ?1")?
        .query_row([entry], |row| row.get(0))
        .optional()?;
    let Some(said) = said else { return Ok(()) };
    let said: Entry = read_json(&said)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO revision (entry, until, title, letters) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![entry, now, said.title, letters(&said)])?;
    connection
        .prepare_cached(
            "DELETE FROM revision WHERE entry = ?1
             AND until NOT IN (SELECT until FROM revision WHERE entry = ?1 ORDER BY until DESC LIMIT ?2)",
        )?
        .execute([entry, REVISIONS_KEPT])?;
    Ok(())
}

/// Forgets what an entry said before.
pub(super) fn forget(connection: &Connection, entry: i64) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM revision WHERE entry = ?1")?.execute([entry])?;
    Ok(())
}

/// The characters of an entry's text that are outside of its tags.
fn letters(entry: &Entry) -> i64 {
    let text = entry.content.as_deref().or(entry.summary.as_deref()).unwrap_or_default();
    let mut is_in_tag = false;
    let is_text = |letter: &char| {
        is_in_tag = *letter == '<' || (is_in_tag && *letter != '>');
        !is_in_tag && *letter != '>'
    };
    i64::try_from(text.chars().filter(is_text).count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::EntryKey;

    #[test]
    fn counts_the_letters_that_people_read() {
        let count = |html: &str| {
            letters(&Entry { summary: Some(html.to_owned()), ..Entry::new(EntryKey::new("1").expect("not empty")) })
        };
        assert_eq!([count(""), count("Шта"), count("<p title=\"x\">ab<br>c</p>")], [0, 3, 3]);
    }
}

//! Answers searches, and keeps each answer for a little while: readers of a search ask again and
//! again, and what they would find does not change by the minute.

use super::Daemon;
use crate::feed::KeptEntry;
use crate::render::{self, Format, Site};
use crate::search::{self, Query};
use crate::server::{Document, Search, SearchForm, Searched, Searching};
use crate::{searching, store};
use chrono::Utc;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An answer is given again for so long.
const KEPT_FOR: Duration = Duration::from_secs(120);

/// And for so long when entries were indexed since, which on a busy site is all the time.
const KEPT_ON_NEWS: Duration = Duration::from_secs(10);

/// The answers that are kept take so much memory at most.
const KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// And there are so many at most, however small.
const KEPT_MAX: usize = 1000;

impl Daemon {
    pub(super) fn search(self: Arc<Self>, asked: Search) -> Searching {
        Box::pin(async move { self.answer(asked).await })
    }

    async fn answer(&self, asked: Search) -> Result<Searched, String> {
        let setup = self.now_setup();
        let typed = asked.query.trim().to_owned();
        let language = match asked.form {
            SearchForm::Page(language) => Some(language),
            SearchForm::Atom | SearchForm::Rss | SearchForm::Json => None,
        };
        let site = self.site_in(language.unwrap_or_default());
        let query = match search::read(&typed, &searching::names(&setup.config)) {
            Ok(query) => Some(query),
            Err(_) if language.is_some() && typed.is_empty() => None,
            Err(error) => return Ok(refused(&site, &typed, asked.form, &error)),
        };
        // A page shows the query as it was typed; feeds are the same for every spelling.
        let spelling = query.as_ref().filter(|_| language.is_none()).map_or(&typed, |query| &query.text);
        let key = Search { query: spelling.clone(), form: asked.form };
        let known = self.searches.get(&key);
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh()) {
            return Ok(Searched::Found(known.document.clone()));
        }
        let found = match &query {
            Some(query) => self.store.search(query.clone(), Utc::now(), searching::ITEMS_MAX).await,
            None => Ok(Vec::new()),
        };
        let entries = match found {
            Ok(entries) => entries,
            Err(store::Error::TooLong) => return Ok(Searched::TooLong),
            Err(error) => return Err(error.to_string()),
        };
        // Compressing takes its time.
        let making = move || {
            let (body, media_type) = written(&site, &typed, asked.form, query.as_ref(), &entries);
            match known.map(|known| known.document).filter(|known| *known.body() == body) {
                // With the date that it had.
                Some(same) => same,
                None => Arc::new(match language {
                    Some(language) => Document::translated(body, media_type, Utc::now(), language),
                    None => Document::new(body, media_type, Utc::now()),
                }),
            }
        };
        let document = tokio::task::spawn_blocking(making).await.map_err(|error| error.to_string())?;
        self.searches.keep(key, document.clone());
        Ok(Searched::Found(document))
    }
}

fn refused(site: &Site, typed: &str, form: SearchForm, error: &search::Error) -> Searched {
    let reason = error.to_string();
    match form {
        SearchForm::Page(_) => {
            let page = render::search_page(site, typed, render::Search::Refused(&reason));
            Searched::Refused { media_type: Format::Html.media_type(), body: page.into() }
        }
        _ => Searched::Refused { media_type: "text/plain; charset=utf-8", body: format!("search: {reason}\n").into() },
    }
}

/// The answer and its media type.
fn written(
    site: &Site,
    typed: &str,
    form: SearchForm,
    query: Option<&Query>,
    entries: &[KeptEntry],
) -> (Vec<u8>, &'static str) {
    let items_max = searching::ITEMS_MAX;
    let format = match form {
        SearchForm::Page(_) => Format::Html,
        SearchForm::Atom => Format::Atom,
        SearchForm::Rss => Format::Rss,
        SearchForm::Json => Format::Json,
    };
    let body = match (query, format) {
        (None, _) => render::search_page(site, typed, render::Search::Unasked),
        (Some(query), Format::Html) => {
            render::search_page(site, typed, render::Search::Found { query, entries, items_max })
        }
        (Some(query), _) => render::document(site, &render::search_output(&query.text, items_max), format, entries),
    };
    (body, format.media_type())
}

/// Answers that were given, for those who ask the same.
#[derive(Default)]
pub(super) struct Searches {
    kept: Mutex<HashMap<Search, Kept>>,
}

#[derive(Clone)]
struct Kept {
    document: Arc<Document>,
    fresh_until: Instant,
}

impl Kept {
    fn is_fresh(&self) -> bool {
        Instant::now() < self.fresh_until
    }
}

impl Searches {
    fn get(&self, search: &Search) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(search).cloned()
    }

    /// Entries were indexed: what was found before is soon looked for again.
    pub(super) fn outdate(&self) {
        let soon = Instant::now() + KEPT_ON_NEWS;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.values_mut().for_each(|kept| kept.fresh_until = kept.fresh_until.min(soon));
    }

    /// Keeps an answer; the stalest make room for it.
    fn keep(&self, search: Search, document: Arc<Document>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(search, Kept { document, fresh_until: Instant::now() + KEPT_FOR });
        let mut bytes: usize = kept.values().map(|kept| kept.document.bytes()).sum();
        while bytes > KEPT_BYTES_MAX || kept.len() > KEPT_MAX {
            let Some(oldest) = kept.iter().min_by_key(|(_, kept)| kept.fresh_until).map(|(search, _)| search.clone())
            else {
                return;
            };
            bytes -= kept.remove(&oldest).map_or(0, |kept| kept.document.bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Search {
        Search { query: query.to_owned(), form: SearchForm::Atom }
    }

    fn document(bytes: usize) -> Arc<Document> {
        Arc::new(Document::new(vec![b'a'; bytes], "text/plain", chrono::DateTime::UNIX_EPOCH))
    }

    #[test]
    fn answers_make_room_for_one_another() {
        let searches = Searches::default();
        for number in 0..KEPT_MAX + 10 {
            searches.keep(search(&number.to_string()), document(1));
        }
        assert_eq!(searches.kept.lock().expect("whole").len(), KEPT_MAX);
        assert!(searches.get(&search("0")).is_none() && searches.get(&search("500")).is_some());
        searches.keep(search("large"), document(KEPT_BYTES_MAX - 10_000));
        searches.keep(search("larger"), document(20_000));
        assert!(searches.get(&search("large")).is_none() && searches.get(&search("larger")).is_some());
        searches.keep(search("too large"), document(KEPT_BYTES_MAX + 1));
        assert!(searches.kept.lock().expect("whole").is_empty(), "it is given once and not kept");
    }

    #[test]
    fn news_make_an_answer_old_sooner() {
        let searches = Searches::default();
        searches.keep(search("a"), document(1));
        let until = |searches: &Searches| searches.get(&search("a")).expect("kept").fresh_until;
        let before = until(&searches);
        searches.outdate();
        let after = until(&searches);
        assert!(after < before && after > Instant::now());
        searches.outdate();
        assert_eq!(until(&searches), after, "and not later by more news");
    }
}

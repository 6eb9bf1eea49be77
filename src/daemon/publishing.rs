//! When documents are made and put on the shelf.

use super::{Daemon, wait_for_stop};
use crate::config::Config;
use crate::publish::{self, Rendered};
use crate::render::PageLanguage;
use crate::server::{self, Document, Shelf, Signs};
use anyhow::{Context, Result};
use chrono::Utc;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use tracing::{error, info, warn};

/// Changes that come within this time are published together.
const PAUSE: Duration = Duration::from_millis(500);

/// Where news never end, publishing rests so many times as long as it took: it has a fifth of one
/// core at most, and a small site is never late.
const REST: u32 = 4;

/// For readers whose language is none of ours.
const FIRST: PageLanguage = PageLanguage::English;

/// After what could not be published, before it is tried again without news.
const RETRY: Duration = Duration::from_secs(30);

impl Daemon {
    pub(super) async fn publish_until_stopped(self: Arc<Self>) -> Result<()> {
        let mut stop = std::pin::pin!(wait_for_stop(self.stop.clone()));
        let mut rests_until = Instant::now();
        // As the store was left. Readers that come meanwhile have what they ask for made.
        tokio::select! {
            () = &mut stop => return Ok(()),
            () = self.publish_and_tell() => {}
        }
        tokio::select! {
            () = &mut stop => return Ok(()),
            has_changed = self.group() => if has_changed { self.has_news.notify_one() },
        }
        loop {
            let is_published = self.is_published.load(Ordering::Relaxed);
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = self.has_news.notified() => {}
                () = tokio::time::sleep(RETRY), if !is_published => {}
                () = self.grouping.retry() => {}
            }
            tokio::select! {
                () = &mut stop => return Ok(()),
                () = tokio::time::sleep_until(rests_until.max(Instant::now() + PAUSE)) => {}
            }
            let start = Instant::now();
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = self.group() => {}
            }
            self.publish_and_tell().await;
            rests_until = Instant::now() + start.elapsed() * REST;
        }
    }

    /// Publishes, and notes whether it worked.
    pub(super) async fn publish_and_tell(&self) {
        let start = Instant::now();
        let outcome = self.publish().await;
        self.metrics.published(start.elapsed(), outcome.is_ok());
        self.is_published.store(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Ok(0) => {}
            Ok(documents) => info!(documents, "published"),
            Err(error) => error!("nothing new was published: {error:#}; readers get the last documents"),
        }
    }

    /// Renders everything and puts what differs on the shelf; answers how many documents.
    async fn publish(&self) -> Result<usize> {
        let setup = self.now_setup();
        let rendered = publish::documents(&setup.config, &self.store).await?;
        let paths: HashSet<String> = rendered.iter().map(place).collect();
        let signs = self.signs(&setup.config).await;
        let _alone = self.shelving.lock().await;
        let count = self.shelve(rendered).await?;
        self.shelf.put_signs(signs);
        self.shelf.keep_only(&paths);
        Ok(count)
    }

    /// Makes what is published at a path, for a reader that came before all of it was made.
    pub(super) async fn publish_at(&self, path: &str) -> Result<()> {
        let rendered = publish::documents_at(&self.now_setup().config, &self.store, path).await?;
        let _alone = self.shelving.lock().await;
        // What was published meanwhile is newer.
        if !self.shelf.is_whole() {
            self.shelve(rendered).await?;
        }
        Ok(())
    }

    /// Puts what differs on the shelf; answers how many documents.
    async fn shelve(&self, rendered: Vec<Rendered>) -> Result<usize> {
        let new: Vec<Rendered> =
            rendered.into_iter().filter(|document| !self.shelf.has(&place(document), &document.body)).collect();
        let (count, now) = (new.len(), Utc::now());
        let hashes = new.iter().map(|document| (place(document), server::body_hash(&document.body))).collect();
        let moments = self.store.documents_changed_at(hashes, now).await.unwrap_or_else(|error| {
            // A full disk is no reason to keep from readers what can be read.
            warn!(%error, "the documents' dates were not kept");
            vec![now; count]
        });
        let shelf = self.shelf.clone();
        // Compressing takes its time.
        let putting = tokio::task::spawn_blocking(move || {
            for (document, changed_at) in new.into_iter().zip(moments) {
                let place = place(&document);
                let Rendered { body, media_type, language, .. } = document;
                let ready = match language {
                    None => Document::new(body, media_type, changed_at),
                    Some(FIRST) => Document::new(body, media_type, changed_at).in_language(FIRST.tag()),
                    Some(other) => Document::translated(body, media_type, changed_at, other.tag()),
                };
                shelf.put(place, ready);
            }
        });
        putting.await.context("a document could not be made ready")?;
        Ok(count)
    }

    /// What is said of outputs that are not here: they have another id, or were here once.
    async fn signs(&self, config: &Config) -> Signs {
        let moved = config.outputs.iter().flat_map(|output| {
            output.aliases.iter().map(|alias| (alias.clone(), output.id.clone())).collect::<Vec<_>>()
        });
        let ever = self.store.outputs_ever().await.unwrap_or_else(|error| {
            warn!(%error, "which outputs there were is not known");
            HashSet::new()
        });
        let is_here = |id: &String| config.outputs.iter().any(|output| output.id == *id);
        Signs { moved: moved.collect(), gone: ever.into_iter().filter(|id| !is_here(id)).collect() }
    }
}

/// Where a document stands: pages in other languages than the first beside it.
fn place(document: &Rendered) -> String {
    match document.language {
        None | Some(FIRST) => document.path.clone(),
        Some(other) => Shelf::place_in(&document.path, other.tag()),
    }
}

//! What writing costs at one size: a new entry, its words, and a poll that brings nothing.

use crate::fill::World;
use crate::placing::save;
use crate::process::running_s;
use glasnik::searching;
use std::error::Error;

/// New entries that are timed at once, two a poll, and polls that bring nothing.
const NEW: usize = 2_000;
const UNCHANGED: usize = 8_000;

/// In microseconds of CPU.
pub struct Growth {
    /// A new entry, recognized and kept.
    pub kept_us: f64,
    /// Its words, put into the index.
    pub indexed_us: f64,
    /// A poll that brings nothing.
    pub unchanged_us: f64,
}

impl Growth {
    pub async fn measure(world: &mut World) -> Result<Self, Box<dyn Error>> {
        let news = (0..NEW / 2).map(|_| world.news(2)).collect();
        let start = running_s()?;
        let new = save(&world.store, news).await?;
        let kept = running_s()?;
        if new != NEW {
            return Err(format!("{new} of {NEW} entries were new").into());
        }
        searching::index_all(&world.store).await?;
        let indexed = running_s()?;
        let feeds = world.config.subscriptions.len();
        let unchanged = (0..UNCHANGED).map(|feed| world.unchanged(feed % feeds)).collect();
        let before = running_s()?;
        save(&world.store, unchanged).await?;
        let done = running_s()?;
        let us = |seconds: f64, count: usize| seconds * 1e6 / count as f64;
        Ok(Self {
            kept_us: us(kept - start, NEW),
            indexed_us: us(indexed - kept, NEW),
            unchanged_us: us(done - before, UNCHANGED),
        })
    }
}

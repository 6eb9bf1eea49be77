//! New entries are grouped before they are published, so that no output shows for a moment what it
//! joins with another.

use super::Daemon;
use chrono::Utc;
use tracing::{error, info};

impl Daemon {
    /// Answers whether anything was grouped.
    pub(super) async fn group(&self) -> bool {
        match self.grouper.catch_up(&self.store, Utc::now()).await {
            Ok(grouped) => {
                let (entries, copies, joined, moved) = (grouped.entries, grouped.copies, grouped.joined, grouped.moved);
                if copies + joined + moved > 0 {
                    info!(entries, copies, joined, moved, "grouped");
                }
                entries + moved > 0
            }
            Err(error) => {
                error!(%error, "new entries were not grouped; outputs that join entries show them later");
                false
            }
        }
    }
}

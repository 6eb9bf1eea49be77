//! What we published ourselves adds nothing when we read it again. Without this an output that reads
//! itself, or a site that reads ours and that we read, would grow with every poll.

use super::Poller;
use crate::feed::Feed;

impl Poller {
    /// The same, knowing where our own outputs stand.
    pub fn publishing_at(self, base_url: &str) -> Self {
        Self { published_at: Some(format!("{base_url}feeds/").into()), ..self }
    }

    /// Leaves out what we have already: everything if the feed is an output of ours, else the entries
    /// that bear the id of a kept one.
    pub(super) async fn leave_out_our_own(&self, feed: &mut Feed) {
        let is_own_output = |own: &str| feed.self_link.as_deref().is_some_and(|link| link.starts_with(own));
        if self.published_at.as_deref().is_some_and(is_own_output) {
            feed.entries.clear();
            feed.plain_texts.clear();
            return;
        }
        let mut is_ours = Vec::with_capacity(feed.entries.len());
        for entry in &feed.entries {
            is_ours.push(match entry.id.as_deref().and_then(uid) {
                // An entry too many is better than one that is lost.
                Some(uid) => self.store.entry(uid).await.is_ok_and(|found| found.is_some()),
                None => false,
            });
        }
        let (mut of_entries, mut of_texts) = (is_ours.iter(), is_ours.iter());
        feed.entries.retain(|_| !of_entries.next().is_some_and(|is_ours| *is_ours));
        feed.plain_texts.retain(|_| !of_texts.next().is_some_and(|is_ours| *is_ours));
    }
}

/// The name of the entry that an id of the kind that we make speaks of.
fn uid(id: &str) -> Option<&str> {
    id.strip_prefix("tag:")?.rsplit_once(":entries/").map(|(_, uid)| uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_ids_that_we_make() {
        let ours = "tag:feeds.example.org,2026:entries/aaaaaaaaaaaaaaa2";
        assert_eq!(uid(ours), Some("aaaaaaaaaaaaaaa2"));
        for other in [&ours[4..], "tag:feeds.example.org,2026:feeds/all", "17"] {
            assert_eq!(uid(other), None, "{other}");
        }
    }
}

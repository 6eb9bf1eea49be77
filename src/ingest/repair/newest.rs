//! The newest entries of a document that has too many, in the document's order, in one pass and
//! bounded memory.

use chrono::{DateTime, Utc};

/// A collector of at most twice `max` entries at any time, and `max` at the end.
///
/// An entry without a date is as old as the one before it, and at the beginning of a document it is
/// new: of a feed without dates the first are kept, which are the newest by custom.
pub(super) struct Newest<T> {
    max: usize,
    kept: Vec<(Rank, T)>,
    /// So old is the last place; what is not newer has none. Known once there are `max`.
    floor: Option<Rank>,
    /// Of the last entry that came.
    last: Rank,
    offered: usize,
}

/// Seconds since 1970; larger is newer.
pub(super) type Rank = i64;

impl<T> Newest<T> {
    pub(super) fn new(max: usize) -> Self {
        Self { max, kept: Vec::new(), floor: None, last: Rank::MAX, offered: 0 }
    }

    /// Counts one more entry, and gives the rank to push it with if it may be among the newest.
    pub(super) fn admit(&mut self, date: Option<DateTime<Utc>>) -> Option<Rank> {
        self.offered += 1;
        self.last = date.map_or(self.last, |date| date.timestamp());
        self.floor.is_none_or(|floor| self.last > floor).then_some(self.last)
    }

    pub(super) fn push(&mut self, rank: Rank, entry: T) {
        self.kept.push((rank, entry));
        if self.kept.len() == 2 * self.max || self.kept.len() == self.max && self.floor.is_none() {
            self.prune();
        }
    }

    /// How many have come.
    pub(super) fn offered(&self) -> usize {
        self.offered
    }

    /// How many of them have no place.
    pub(super) fn left_out(&self) -> usize {
        self.offered.saturating_sub(self.max)
    }

    /// The newest, in the order in which they came.
    pub(super) fn take(mut self) -> Vec<T> {
        self.prune();
        self.kept.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Leaves the `max` newest, of equals those that came first.
    fn prune(&mut self) {
        let Some(last_place) = self.max.checked_sub(1).filter(|at| *at < self.kept.len()) else { return };
        let mut ranks: Vec<Rank> = self.kept.iter().map(|(rank, _)| *rank).collect();
        ranks.sort_unstable_by(|one, other| other.cmp(one));
        let floor = ranks[last_place];
        let mut room = self.max - ranks.partition_point(|rank| *rank > floor);
        self.kept.retain(|(rank, _)| {
            let has_place = *rank > floor || *rank == floor && room > 0;
            room -= usize::from(has_place && *rank == floor);
            has_place
        });
        self.floor = Some(floor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of entries (0 has no date) and the places of those that are kept, three at most.
    fn check(days: &[i64], kept: &[usize]) {
        let mut newest = Newest::new(3);
        for (place, day) in days.iter().enumerate() {
            let date = DateTime::from_timestamp(day * 86_400, 0).filter(|_| *day != 0);
            if let Some(rank) = newest.admit(date) {
                newest.push(rank, place);
            }
            assert!(newest.kept.len() < 6);
        }
        assert_eq!((newest.offered(), newest.left_out()), (days.len(), days.len().saturating_sub(3)));
        assert_eq!(newest.take(), kept, "{days:?}");
    }

    #[test]
    fn the_newest_are_kept_in_whatever_order_they_come() {
        check(&[9, 8, 7, 6, 5, 4, 3, 2, 1], &[0, 1, 2]);
        check(&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[6, 7, 8]);
        check(&[5, 1, 9, 2, 8, 3, 7, 4, 6], &[2, 4, 6]);
        check(&[2, 1], &[0, 1]);
        check(&[1, 2, 3], &[0, 1, 2]);
        check(&[], &[]);
    }

    #[test]
    fn of_equals_the_first_are_kept() {
        check(&[5, 5, 5, 5, 5, 5, 5, 5], &[0, 1, 2]);
        check(&[5, 5, 5, 5, 6, 5, 5, 6], &[0, 4, 7]);
    }

    #[test]
    fn what_has_no_date_is_as_old_as_what_stands_before_it() {
        check(&[0, 0, 0, 0, 0, 0, 0, 0], &[0, 1, 2]);
        check(&[0, 9, 8, 0, 7, 6, 5], &[0, 1, 2]);
        check(&[1, 2, 3, 4, 5, 6, 0], &[4, 5, 6]);
        check(&[1, 0, 0, 0, 0, 2, 0], &[0, 5, 6]);
    }
}

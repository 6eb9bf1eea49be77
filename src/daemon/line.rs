//! Whose turn it is. Of the feeds that are due the longest overdue come first, but no host has more
//! than a few under way, hosts take turns, and feeds that failed the last time leave room for the
//! others. Pure; what waits here is names, and the store knows them too.

use std::collections::{HashMap, VecDeque};

/// More than the fetcher lets through at once, so that it never runs dry; few enough to hold their
/// states in memory.
const AT_ONCE_MAX: usize = 512;

/// One is asked, one waits for its second, others are being read: more would only wait.
const AT_ONCE_A_HOST_MAX: usize = 4;

/// Half of the fetcher's places. A server that hangs holds a place for half a minute, and most of
/// those that hang did so the last time.
const FAILING_AT_ONCE_MAX: usize = 64;

/// A feed that waits to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The subscription's id.
    pub id: String,
    /// The host that it is asked from.
    pub host: String,
    /// Whether its last poll failed.
    pub is_failing: bool,
}

/// The feeds that wait, and how many are under way.
#[derive(Debug, Default)]
pub struct Line {
    waiting: HashMap<String, VecDeque<Turn>>,
    /// Those with somebody waiting who may go, the one that waits longest first.
    hosts: VecDeque<String>,
    under_way: HashMap<String, usize>,
    all_under_way: usize,
    failing_under_way: usize,
}

impl Line {
    /// Replaces those that wait; the first comes first.
    pub fn fill(&mut self, due: impl IntoIterator<Item = Turn>) {
        self.clear();
        for turn in due {
            if !self.waiting.contains_key(&turn.host) && self.has_room(&turn.host) {
                self.hosts.push_back(turn.host.clone());
            }
            self.waiting.entry(turn.host.clone()).or_default().push_back(turn);
        }
    }

    /// Sends home all that wait.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.hosts.clear();
    }

    /// Whether nobody may go.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// The next one, under way from now on; `None` where nobody may go.
    pub fn next_turn(&mut self) -> Option<Turn> {
        if self.all_under_way >= AT_ONCE_MAX {
            return None;
        }
        for _ in 0..self.hosts.len() {
            let host = self.hosts.pop_front()?;
            let Some(turns) = self.waiting.get_mut(&host) else {
                continue;
            };
            let may_go = |turn: &Turn| !turn.is_failing || self.failing_under_way < FAILING_AT_ONCE_MAX;
            let Some(turn) = turns.iter().position(may_go).and_then(|first| turns.remove(first)) else {
                self.hosts.push_back(host);
                continue;
            };
            let is_last = turns.is_empty();
            *self.under_way.entry(host.clone()).or_default() += 1;
            self.all_under_way += 1;
            self.failing_under_way += usize::from(turn.is_failing);
            if is_last {
                self.waiting.remove(&host);
            } else if self.has_room(&host) {
                self.hosts.push_back(host);
            }
            return Some(turn);
        }
        None
    }

    /// One that was under way has ended.
    pub fn ended(&mut self, turn: &Turn) {
        let had_room = self.has_room(&turn.host);
        if let Some(count) = self.under_way.get_mut(&turn.host) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&turn.host);
            }
            self.all_under_way -= 1;
            self.failing_under_way -= usize::from(turn.is_failing);
        }
        if !had_room && self.waiting.contains_key(&turn.host) {
            self.hosts.push_back(turn.host.clone());
        }
    }

    fn has_room(&self, host: &str) -> bool {
        self.under_way.get(host).is_none_or(|count| *count < AT_ONCE_A_HOST_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(host: &str, number: usize, is_failing: bool) -> Turn {
        Turn { id: format!("{host}-{number}"), host: host.to_owned(), is_failing }
    }

    fn all(line: &mut Line) -> Vec<String> {
        std::iter::from_fn(|| line.next_turn()).map(|turn| turn.id).collect()
    }

    #[test]
    fn hosts_take_turns_and_each_has_a_few_under_way() {
        let mut line = Line::default();
        let many = (0..9).map(|number| turn("a", number, false));
        line.fill(many.chain([turn("b", 0, false), turn("c", 0, false)]));
        assert_eq!(all(&mut line), ["a-0", "b-0", "c-0", "a-1", "a-2", "a-3"]);
        line.ended(&turn("a", 1, false));
        line.ended(&turn("b", 0, false));
        assert_eq!(all(&mut line), ["a-4"]);
    }

    #[test]
    fn who_is_under_way_counts_when_the_line_is_filled_anew() {
        let mut line = Line::default();
        line.fill((0..4).map(|number| turn("a", number, false)));
        assert_eq!(all(&mut line).len(), 4);
        line.fill([turn("a", 4, false), turn("b", 0, false)]);
        assert_eq!(all(&mut line), ["b-0"]);
        line.ended(&turn("a", 0, false));
        assert_eq!(all(&mut line), ["a-4"]);
    }

    #[test]
    fn hosts_that_hung_leave_room_for_the_others() {
        let mut line = Line::default();
        let broken = (0..500).map(|number| turn(&format!("broken-{number}"), 0, true));
        let well = (0..2000).map(|number| turn(&format!("well-{number}"), 0, false));
        line.fill(broken.chain(well));
        let first = all(&mut line);
        let failing = first.iter().filter(|id| id.starts_with("broken")).count();
        assert_eq!((failing, first.len()), (FAILING_AT_ONCE_MAX, AT_ONCE_MAX));
        // Servers that hang end none of their turns: the well ones go on all the same.
        let mut done = 0;
        let mut under_way: VecDeque<String> = first.into_iter().filter(|id| id.starts_with("well")).collect();
        while let Some(id) = under_way.pop_front() {
            let host = id.strip_suffix("-0").expect("its only feed");
            line.ended(&turn(host, 0, false));
            done += 1;
            under_way.extend(all(&mut line));
        }
        assert_eq!(done, 2000);
    }

    #[test]
    fn a_failing_feed_does_not_hold_up_its_hosts_others() {
        let mut line = Line::default();
        line.fill((0..FAILING_AT_ONCE_MAX).map(|number| turn(&format!("broken-{number}"), 0, true)));
        assert_eq!(all(&mut line).len(), FAILING_AT_ONCE_MAX);
        line.fill([turn("a", 0, true), turn("a", 1, false)]);
        assert_eq!(all(&mut line), ["a-1"]);
    }
}

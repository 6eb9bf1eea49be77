//! A smaller run of the simulation that `cargo bench --bench schedule` makes, and what must hold in it.

#[path = "../benches/schedule/world.rs"]
mod world;

use chrono::TimeDelta;

#[test]
fn ten_days_of_three_hundred_feeds_of_which_a_third_is_broken() {
    let figures = world::run(300, 10);
    let (healthy, broken) = (figures.feeds.0 as u64, figures.feeds.1 as u64);
    assert_eq!((healthy, broken), (210, 90));
    assert!(figures.shortest_gap >= Some(TimeDelta::hours(1)), "{:?}", figures.shortest_gap);
    assert!(figures.healthy_requests.iter().all(|requests| *requests <= healthy * 24), "hourly at most");
    assert!(figures.broken_requests[3..].iter().all(|requests| *requests <= broken * 5 / 4), "daily after three days");
    assert!(figures.busiest_to_mean(1) <= 6.0, "{}", figures.busiest_to_mean(1));
    assert!(figures.lateness(990) <= 60, "{}", figures.lateness(990));
}

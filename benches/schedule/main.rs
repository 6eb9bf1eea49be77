//! What a month of ten thousand feeds asks of servers, in virtual time: docs/politeness.md.

mod world;

use std::io::{self, Write};
use std::time::Instant;

fn main() -> io::Result<()> {
    let (feeds, days) = (10_000, 30);
    let begun = Instant::now();
    let figures = world::run(feeds, days);
    let mut out = io::stdout().lock();
    let (healthy, broken) = figures.feeds;
    writeln!(
        out,
        "{feeds} feeds ({broken} of them broken) over {days} days, in {:.1} s",
        begun.elapsed().as_secs_f64()
    )?;
    writeln!(out, "requests a feed and day    healthy  broken")?;
    for day in [0, 1, 2, 6, 13, days - 1] {
        let each = |requests: u64, feeds: usize| requests as f64 / feeds as f64;
        let (well, ill) = (each(figures.healthy_requests[day], healthy), each(figures.broken_requests[day], broken));
        writeln!(out, "  day {:>2}                   {well:>7.2} {ill:>7.2}", day + 1)?;
    }
    let all: u64 = figures.healthy_requests.iter().chain(&figures.broken_requests).sum();
    writeln!(out, "requests in all            {all}")?;
    writeln!(out, "busiest minute to mean     {:.2} from the first day on", figures.busiest_to_mean(0))?;
    writeln!(out, "                           {:.2} from the second day on", figures.busiest_to_mean(1))?;
    let (p50, p99, most) = (figures.lateness(500), figures.lateness(990), figures.lateness(1000));
    writeln!(out, "healthy feeds late by      {p50} s (half), {p99} s (99 of 100), {most} s (the latest)")?;
    let shortest = figures.shortest_gap.map(|gap| gap.num_seconds()).unwrap_or_default();
    writeln!(out, "shortest gap of a feed     {shortest} s")
}

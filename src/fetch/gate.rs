//! One gate per host: one request in flight, and a pause between the starts of two. Those who wait
//! pass in the order of arrival. Gates that nobody needs are forgotten.

use super::lock;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// With fewer gates nobody looks for idle ones.
const SWEEP_FROM: usize = 64;

/// The gates of all hosts that were asked a moment ago.
#[derive(Debug, Default)]
pub(super) struct Gates {
    hosts: Mutex<Hosts>,
}

#[derive(Debug, Default)]
struct Hosts {
    gates: HashMap<String, Arc<Gate>>,
    sweep_at: usize,
}

#[derive(Debug)]
struct Gate {
    turn: Arc<Semaphore>,
    moments: Mutex<Moments>,
}

#[derive(Debug)]
struct Moments {
    /// No start before this.
    free_at: Instant,
    /// Our end of the connection that the last answer came over.
    answered_over: Option<SocketAddr>,
}

/// The right to ask a host; the next in line waits until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Arc<Gate>,
    _turn: OwnedSemaphorePermit,
}

impl Gates {
    /// Waits for the host's turn.
    pub async fn enter(&self, host: &str) -> Pass {
        let gate = lock(&self.hosts).gate(host);
        let turn = gate.turn.clone().acquire_owned().await.expect("the semaphore is never closed");
        let free_at = lock(&gate.moments).free_at;
        // A timer ends at a full millisecond: too long where nothing is to be waited for.
        if free_at > Instant::now() {
            sleep_until(free_at).await;
        }
        Pass { gate, _turn: turn }
    }
}

impl Pass {
    /// Says that the request begins now; the next may not begin before `spacing` has passed.
    pub fn start(&self, spacing: Duration) {
        let now = Instant::now();
        lock(&self.gate.moments).free_at = now.checked_add(spacing).unwrap_or(now);
    }

    /// Notes the connection that an answer came over, by our end of it.
    pub fn is_answered(&self, over: Option<SocketAddr>) {
        lock(&self.gate.moments).answered_over = over;
    }

    /// Whether an answer came over this connection before.
    pub fn has_answered(&self, over: SocketAddr) -> bool {
        lock(&self.gate.moments).answered_over == Some(over)
    }
}

impl Hosts {
    fn gate(&mut self, host: &str) -> Arc<Gate> {
        if let Some(gate) = self.gates.get(host) {
            return gate.clone();
        }
        self.sweep();
        let moments = Mutex::new(Moments { free_at: Instant::now(), answered_over: None });
        let gate = Arc::new(Gate { turn: Arc::new(Semaphore::new(1)), moments });
        self.gates.insert(host.to_owned(), gate.clone());
        gate
    }

    /// Looks through all gates only when they have doubled, so that a new one stays cheap.
    fn sweep(&mut self) {
        if self.gates.len() < self.sweep_at.max(SWEEP_FROM) {
            return;
        }
        let now = Instant::now();
        self.gates.retain(|_, gate| Arc::strong_count(gate) > 1 || lock(&gate.moments).free_at > now);
        self.sweep_at = self.gates.len().saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Enters, starts and leaves after `takes`; gives the second of the start.
    async fn visit(gates: &Gates, host: &str, spacing: Duration, takes: Duration, start: Instant) -> u64 {
        let pass = gates.enter(host).await;
        pass.start(spacing);
        let started = start.elapsed().as_secs();
        tokio::time::sleep(takes).await;
        started
    }

    #[tokio::test(start_paused = true)]
    async fn a46_starts_to_one_host_are_spaced() {
        let (gates, start) = (Gates::default(), Instant::now());
        let quick = || visit(&gates, "a.example", SECOND * 60, SECOND, start);
        assert_eq!(tokio::join!(quick(), quick(), quick()), (0, 60, 120));
    }

    #[tokio::test(start_paused = true)]
    async fn a46_one_host_answers_one_request_at_a_time_in_the_order_of_arrival() {
        let (gates, start) = (Gates::default(), Instant::now());
        let slow = |takes: u32| visit(&gates, "a.example", SECOND, SECOND * takes, start);
        assert_eq!(tokio::join!(slow(30), slow(5), slow(5)), (0, 30, 35));
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_do_not_wait_for_each_other() {
        let (gates, start) = (Gates::default(), Instant::now());
        let slow = |host: &'static str| visit(&gates, host, SECOND, SECOND * 30, start);
        assert_eq!(tokio::join!(slow("a.example"), slow("b.example")), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn no_spacing_means_no_pause() {
        let (gates, start) = (Gates::default(), Instant::now());
        let quick = || visit(&gates, "a.example", Duration::ZERO, Duration::ZERO, start);
        assert_eq!(tokio::join!(quick(), quick()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_in_the_queue_lets_the_next_one_pass() {
        let (gates, start) = (Gates::default(), Instant::now());
        let first = visit(&gates, "a.example", SECOND, SECOND * 20, start);
        let impatient = tokio::time::timeout(SECOND * 5, visit(&gates, "a.example", SECOND, SECOND, start));
        let last = visit(&gates, "a.example", SECOND, SECOND, start);
        let (first, impatient, last) = tokio::join!(first, impatient, last);
        assert_eq!((first, impatient.ok(), last), (0, None, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn idle_gates_are_forgotten_and_owed_pauses_are_not() {
        let gates = Gates::default();
        gates.enter("slow.example").await.start(SECOND * 3600);
        for number in 0..10_000 {
            gates.enter(&format!("{number}.example")).await.start(SECOND);
            tokio::time::advance(SECOND / 10).await;
        }
        let hosts = lock(&gates.hosts);
        assert!(hosts.gates.len() <= SWEEP_FROM + 1, "{} gates", hosts.gates.len());
        assert!(hosts.gates.contains_key("slow.example"));
    }
}

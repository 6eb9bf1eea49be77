//! Hosts that live at one address share a machine, or the door of one: so many of them are asked at
//! once, and the next ones wait in the order of arrival.

use super::lock;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// With fewer addresses nobody looks for deserted ones.
const SWEEP_FROM: usize = 64;

/// The addresses that are asked at the moment.
#[derive(Debug)]
pub(super) struct Crowds {
    size_max: usize,
    crowds: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

impl Crowds {
    /// No more than `size_max` at one address.
    pub fn new(size_max: usize) -> Self {
        Self { size_max, crowds: Mutex::default() }
    }

    /// Waits for a place at the address; it is free again when the permit is dropped.
    pub async fn enter(&self, address: IpAddr) -> OwnedSemaphorePermit {
        let crowd = self.crowd(address);
        crowd.acquire_owned().await.expect("the semaphore is never closed")
    }

    fn crowd(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut crowds = lock(&self.crowds);
        if crowds.len() >= SWEEP_FROM && !crowds.contains_key(&address) {
            // Who holds a permit or waits for one holds the semaphore too: few are under way at once.
            crowds.retain(|_, crowd| Arc::strong_count(crowd) > 1);
        }
        crowds.entry(address).or_insert_with(|| Arc::new(Semaphore::new(self.size_max))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u32) -> IpAddr {
        IpAddr::from(number.to_be_bytes())
    }

    #[tokio::test]
    async fn a47_no_more_than_a_few_are_at_one_address_at_once() {
        let crowds = Crowds::new(2);
        let first = crowds.enter(address(1)).await;
        let _second = crowds.enter(address(1)).await;
        let _elsewhere = crowds.enter(address(2)).await;
        let mut third = std::pin::pin!(crowds.enter(address(1)));
        tokio::select! {
            biased;
            _ = &mut third => panic!("a third one got in"),
            () = tokio::task::yield_now() => {}
        }
        drop(first);
        drop(third.await);
    }

    #[tokio::test]
    async fn deserted_addresses_are_forgotten() {
        let crowds = Crowds::new(1);
        let _stays = crowds.enter(address(0)).await;
        for number in 1..1000 {
            drop(crowds.enter(address(number)).await);
        }
        let known = lock(&crowds.crowds);
        assert!(known.len() <= SWEEP_FROM + 1 && known.contains_key(&address(0)), "{}", known.len());
    }
}

//! Whether two belong to one story: a small network over what [`Profile`](super::profile::Profile)
//! compares. Its numbers are in `weights.rs`, which the training writes.

use super::profile::{FEATURES, Features};
use super::weights;

/// Units between the features and the answer.
pub(super) const HIDDEN: usize = 16;

/// Networks that were learned from other beginnings: what one got wrong by chance, most have not.
pub(super) const NETWORKS: usize = 5;

/// What was learned.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub networks: Vec<Network>,
}

/// One network.
#[derive(Debug, Clone)]
pub(super) struct Network {
    /// For each feature its weights in the units, and what is added to them.
    pub hidden: [[f32; HIDDEN]; FEATURES + 1],
    /// The answer's weights of the units, and what is added.
    pub output: [f32; HIDDEN + 1],
}

impl Model {
    pub fn compiled_in() -> Self {
        Self { networks: weights::LEARNED.to_vec() }
    }

    /// How sure it is that they do, from 0 to 1: what the networks say on average.
    pub fn score(&self, features: &Features) -> f32 {
        let sum = self.networks.iter().map(|network| network.score(features)).sum::<f32>();
        sum / self.networks.len().max(1) as f32
    }
}

impl Network {
    pub fn score(&self, features: &Features) -> f32 {
        let units = self.units(features);
        let sum = units.iter().zip(&self.output).map(|(unit, weight)| unit * weight).sum::<f32>();
        1.0 / (1.0 + (-(sum + self.output[HIDDEN])).exp())
    }

    /// The units' answers to features. All units take in one feature after the other, which is quicker
    /// than one unit after the other.
    pub fn units(&self, features: &Features) -> [f32; HIDDEN] {
        let mut units = [0.0_f32; HIDDEN];
        for (feature, weights) in features.iter().zip(&self.hidden) {
            for (unit, weight) in units.iter_mut().zip(weights) {
                *unit += feature * weight;
            }
        }
        for (unit, weight) in units.iter_mut().zip(&self.hidden[FEATURES]) {
            *unit = (*unit + weight).max(0.0);
        }
        units
    }
}

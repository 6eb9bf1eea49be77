//! Whether two belong to one story: a small network over what [`Profile`](super::profile::Profile)
//! compares. Its numbers are in `weights.rs`, which the training writes.

use super::profile::{FEATURES, Features};
use super::weights;

/// Units between the features and the answer.
pub(super) const HIDDEN: usize = 16;

/// What was learned.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// For each unit its weights of the features, and what is added.
    pub hidden: [[f32; FEATURES + 1]; HIDDEN],
    /// The answer's weights of the units, and what is added.
    pub output: [f32; HIDDEN + 1],
}

impl Model {
    pub fn compiled_in() -> Self {
        Self { hidden: weights::HIDDEN_UNITS, output: weights::OUTPUT }
    }

    /// How sure it is that they do, from 0 to 1.
    pub fn score(&self, features: &Features) -> f32 {
        let units = self.units(features);
        let sum = units.iter().zip(&self.output).map(|(unit, weight)| unit * weight).sum::<f32>();
        1.0 / (1.0 + (-(sum + self.output[HIDDEN])).exp())
    }

    /// The units' answers to features.
    pub fn units(&self, features: &Features) -> [f32; HIDDEN] {
        self.hidden.map(|weights| {
            let sum = features.iter().zip(&weights).map(|(feature, weight)| feature * weight).sum::<f32>();
            (sum + weights[FEATURES]).max(0.0)
        })
    }
}

//! Written by `cargo run --release --example train_stories`.

use super::model::HIDDEN;
use super::profile::FEATURES;

pub(super) const HIDDEN_UNITS: [[f32; FEATURES + 1]; HIDDEN] = [[0.0; FEATURES + 1]; HIDDEN];
pub(super) const OUTPUT: [f32; HIDDEN + 1] = [0.0; HIDDEN + 1];

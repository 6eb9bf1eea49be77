//! Learns the background and the network from labelled articles; `examples/train_stories.rs` writes
//! down what comes of it. The same articles give the same numbers.
//!
//! The stories are told in shuffled order and without dates. At every article the engine's own
//! candidates become examples: the share of a candidate's articles that are of the article's label
//! is what the network should answer. At first the articles are placed by their labels, then by the
//! network itself, so that it learns from the errors that it makes.

use super::article::Article;
use super::groups::{Example, Groups};
use super::model::{HIDDEN, Model, NETWORKS, Network};
use super::profile::FEATURES;
use super::rarity::{BUCKETS_BITS, Rarity};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// An article and the event that it tells of.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// What was read.
    pub article: Article,
    /// The event.
    pub label: u32,
    /// The collection that it is from; events of two are not mixed.
    pub collection: u32,
}

/// What was learned, to be written down.
#[derive(Debug)]
pub struct Learned {
    /// The contents of `background.bin`.
    pub background: Vec<u8>,
    /// The contents of `weights.rs`.
    pub weights: String,
    model: Model,
}

/// Rounds over the collections, each in another order.
const ROUNDS: usize = 12;
/// Of which so many are placed by labels.
const GIVEN_ROUNDS: usize = 3;
/// While labels place, one article in so many begins a story although there is one.
const BROKEN_ONE_IN: usize = 12;
const EPOCHS: usize = 24;
const BATCH: usize = 64;
const STEP: f64 = 0.004;
const DECAY: f64 = 1e-4;
/// Words of fewer articles are too rare for the background to know.
const ARTICLES_MIN: u32 = 2;

/// Learns from labelled articles.
pub fn train(articles: &[Labelled]) -> Learned {
    let background = background(articles);
    let mut numbers = Numbers(7);
    let mut model = Model { networks: vec![beginning(&mut numbers)] };
    let mut examples: Vec<(Example, f32)> = Vec::new();
    let collections: BTreeMap<u32, Vec<&Labelled>> = articles.iter().fold(BTreeMap::new(), |mut all, one| {
        all.entry(one.collection).or_insert_with(Vec::new).push(one);
        all
    });
    let largest = collections.values().map(Vec::len).max().unwrap_or_default();
    for round in 0..ROUNDS {
        // A small collection is told more often, so that all count for as much.
        let told = collections.values().flat_map(|all| std::iter::repeat_n(all, (largest / all.len()).clamp(1, 5)));
        for collection in told {
            tell(collection, &background, (round >= GIVEN_ROUNDS).then_some(&model), &mut numbers, &mut examples);
        }
        if round + 1 >= GIVEN_ROUNDS && (round + 1) % 3 == 0 {
            // One network finds the errors that all of them learn from.
            let count = if round + 1 == ROUNDS { NETWORKS } else { 1 };
            let networks = (0..count).map(|beginning| fit(&examples, &mut Numbers((round + 100 * beginning) as u64)));
            model = Model { networks: networks.collect() };
        }
    }
    Learned { background, weights: written(&model), model }
}

impl Learned {
    /// An empty window that decides by what was learned.
    pub fn groups(&self, window: usize) -> Groups {
        Groups::new(window).with(Rarity::over(&self.background), self.model.clone())
    }
}

/// Stories become one a little later while the networks learn: with what they get to see then they place
/// unseen articles better (docs/stories.md).
const MERGE_MIN_LEARNING: f32 = 0.7;

/// Tells one collection in another order; adds what the engine was asked.
fn tell(
    articles: &[&Labelled],
    background: &[u8],
    model: Option<&Model>,
    numbers: &mut Numbers,
    examples: &mut Vec<(Example, f32)>,
) {
    let mut order: Vec<&Labelled> = articles.to_vec();
    // A part of the events, so that their number is not learned.
    let left_out = numbers.below(3) as u32;
    order.retain(|one| one.label % 4 != left_out + 1);
    numbers.shuffle(&mut order);
    let given = Model { networks: vec![beginning(&mut Numbers(0))] };
    let groups = Groups::new(articles.len()).with(Rarity::over(background), model.unwrap_or(&given).clone());
    let mut groups = groups.merging_from(MERGE_MIN_LEARNING);
    let mut begun: HashMap<u32, i64> = HashMap::new();
    for (number, one) in order.iter().enumerate() {
        let number = number as i64;
        let share = |groups: &Groups, story: i64| {
            let of = groups.numbers(story);
            of.iter().filter(|other| order[**other as usize].label == one.label).count() as f32 / of.len().max(1) as f32
        };
        let asked = groups.examples(&one.article);
        examples.extend(asked.into_iter().map(|example| {
            let share = share(&groups, example.story);
            (example, share)
        }));
        match model {
            Some(_) => {
                groups.add(number, 0, 0, one.article.clone());
                if number % 100 == 99 {
                    groups.regroup(0);
                }
            }
            None => {
                let is_broken = numbers.below(BROKEN_ONE_IN) == 0;
                let story = if is_broken { number } else { begun.get(&one.label).copied().unwrap_or(number) };
                if is_broken || story == number {
                    begun.insert(one.label, number);
                }
                groups.restore(number, 0, 0, one.article.clone(), story, None);
            }
        }
        if number % 3 == 0 {
            let story = groups.story(number).unwrap_or(number);
            let ours = groups.numbers(story);
            for example in groups.story_examples(story) {
                let theirs = groups.numbers(example.story);
                let label = |number: &i64| order[*number as usize].label;
                let same: usize =
                    ours.iter().map(|one| theirs.iter().filter(|other| label(one) == label(other)).count()).sum();
                let share = same as f32 / (ours.len() * theirs.len()).max(1) as f32;
                examples.push((example, share));
            }
        }
    }
}

/// Each word of several articles, and how rare it is.
fn background(articles: &[Labelled]) -> Vec<u8> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for term in articles.iter().flat_map(|one| one.article.terms.iter()) {
        *counts.entry(term.word() & ((1 << BUCKETS_BITS) - 1)).or_default() += 1;
    }
    let known = counts.into_iter().filter(|(_, count)| *count >= ARTICLES_MIN);
    known
        .flat_map(|(word, count)| {
            let rare = (articles.len() as f64 / f64::from(count)).ln() * 8.0;
            let [one, two, three, _] = word.to_le_bytes();
            [one, two, three, rare.round() as u8]
        })
        .collect()
}

fn beginning(numbers: &mut Numbers) -> Network {
    let mut any = |range: f32| (numbers.below(2_001) as f32 / 1_000.0 - 1.0) * range;
    let mut network = Network { hidden: [[0.0; HIDDEN]; FEATURES + 1], output: [0.0; HIDDEN + 1] };
    network.hidden.iter_mut().flatten().for_each(|weight| *weight = any(0.6));
    network.output.iter_mut().for_each(|weight| *weight = any(0.6));
    network
}

/// Gradient descent with momentum and scaled steps (Adam).
fn fit(examples: &[(Example, f32)], numbers: &mut Numbers) -> Network {
    let mut network = beginning(numbers);
    let count = HIDDEN * (FEATURES + 1) + HIDDEN + 1;
    let (mut first, mut second) = (vec![0.0_f64; count], vec![0.0_f64; count]);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut steps = 0;
    for epoch in 0..EPOCHS {
        numbers.shuffle(&mut order);
        let step = STEP * (1.0 - epoch as f64 / EPOCHS as f64);
        for batch in order.chunks(BATCH) {
            let mut slope = vec![0.0_f64; count];
            batch.iter().for_each(|at| add_slope(&network, &examples[*at], &mut slope));
            steps += 1;
            let weights = network.hidden.iter_mut().flatten().chain(network.output.iter_mut());
            for (at, weight) in weights.enumerate() {
                let slope = slope[at] / batch.len() as f64 + DECAY * f64::from(*weight);
                first[at] = 0.9 * first[at] + 0.1 * slope;
                second[at] = 0.999 * second[at] + 0.001 * slope * slope;
                let (one, two) = (1.0 - 0.9_f64.powi(steps), 1.0 - 0.999_f64.powi(steps));
                *weight -= (step * (first[at] / one) / ((second[at] / two).sqrt() + 1e-8)) as f32;
            }
        }
    }
    network
}

fn add_slope(network: &Network, (example, wanted): &(Example, f32), slope: &mut [f64]) {
    let units = network.units(&example.features);
    let error = f64::from(network.score(&example.features) - wanted);
    let output = HIDDEN * (FEATURES + 1);
    for unit in 0..HIDDEN {
        slope[output + unit] += error * f64::from(units[unit]);
        if units[unit] > 0.0 {
            let error = error * f64::from(network.output[unit]);
            example.features.iter().enumerate().for_each(|(feature, value)| {
                slope[feature * HIDDEN + unit] += error * f64::from(*value);
            });
            slope[FEATURES * HIDDEN + unit] += error;
        }
    }
    slope[output + HIDDEN] += error;
}

fn written(model: &Model) -> String {
    let mut text = String::from(
        "//! Written by `cargo run --release --example train_stories`: see docs/stories.md.\n\n\
         use super::model::{NETWORKS, Network};\n\n\
         #[allow(clippy::approx_constant, reason = \"they are learned\")]\n\
         #[rustfmt::skip]\npub(super) const LEARNED: [Network; NETWORKS] = [\n",
    );
    let row = |weights: &[f32]| weights.iter().map(|weight| written_weight(*weight)).collect::<Vec<_>>().join(", ");
    for network in &model.networks {
        text.push_str("    Network { hidden: [\n");
        for feature in &network.hidden {
            let _ = writeln!(text, "        [{}],", row(feature));
        }
        let _ = writeln!(text, "    ], output:\n        [{}] }},", row(&network.output));
    }
    text.push_str("];\n");
    text
}

/// To three places, and zero without a sign.
fn written_weight(weight: f32) -> String {
    let text = format!("{weight:.3}");
    text.strip_prefix('-').filter(|digits| *digits == "0.000").map(str::to_owned).unwrap_or(text)
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, self.below(at + 1));
        }
    }
}

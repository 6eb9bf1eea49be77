//! Learns from labelled articles what belongs to a story, and writes what it learned where it is
//! compiled in: `src/stories/weights.rs` and `src/stories/background.bin`. docs/stories.md says where
//! the articles are had. The same files give the same bytes.
//!
//! `cargo run --release --example train_stories -- FILE.jsonl …` writes;
//! `… -- --hold-out FILE.jsonl …` learns from one half of the events, reports the other, both ways
//! round and for several divisions, and writes nothing.

use glasnik::stories::training::{Labelled, Learned, train};
use glasnik::stories::{Article, Item};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;

/// An article, a line each.
#[derive(Deserialize)]
struct Line {
    title: Option<String>,
    summary: Option<String>,
    content: Option<String>,
    link: Option<String>,
    label: String,
}

/// Articles between two looks at the stories.
const REGROUPED_EACH: usize = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let mut articles = Vec::new();
    for (collection, file) in files.iter().enumerate() {
        articles.extend(read(file, collection as u32)?);
    }
    if articles.is_empty() {
        return Err("train_stories: give files of JSON lines with title, summary and label".into());
    }
    let mut out = std::io::stdout().lock();
    match options.first().map(String::as_str) {
        None => {
            let learned = train(&articles);
            std::fs::write("src/stories/weights.rs", &learned.weights)?;
            std::fs::write("src/stories/background.bin", &learned.background)?;
            writeln!(out, "learned from {} articles", articles.len())?;
        }
        Some("--hold-out") => hold_out(&articles, &files, &mut out)?,
        Some(other) => return Err(format!("train_stories: unknown option {other}").into()),
    }
    Ok(())
}

/// Divisions of the events that are held out: which half is learned from matters more than anything else.
const DIVISIONS: u32 = 3;

/// Learns from the events of one half and tells how the other is grouped; at the end on average.
fn hold_out(articles: &[Labelled], files: &[String], out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut measured: BTreeMap<(&str, &str), Vec<[f64; 3]>> = BTreeMap::new();
    for (division, half) in (0..DIVISIONS).flat_map(|division| [(division, 0), (division, 1)]) {
        let is_learned_from = |one: &Labelled| half_of(one, division) == half;
        let (learned_from, held_out): (Vec<Labelled>, Vec<Labelled>) =
            articles.iter().cloned().partition(is_learned_from);
        let learned = train(&learned_from);
        for (collection, file) in files.iter().enumerate() {
            let of = |all: &[Labelled]| {
                all.iter().filter(|one| one.collection == collection as u32).cloned().collect::<Vec<Labelled>>()
            };
            let alone = of(&held_out);
            let mut among_others = of(articles);
            shuffle(&mut among_others);
            for (told, articles) in [("alone", &alone), ("among others", &among_others)] {
                let counts = |one: &Labelled| !is_learned_from(one);
                let [precision, recall, f1] = bcubed(articles, &stories(&learned, articles), counts);
                writeln!(
                    out,
                    "division {division}, half {half}: {file}, {told}: precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}"
                )?;
                measured.entry((file, told)).or_default().push([precision, recall, f1]);
            }
        }
    }
    for ((file, told), all) in measured {
        let mean = |at: usize| all.iter().map(|figures| figures[at]).sum::<f64>() / all.len() as f64;
        let least = all.iter().map(|figures| figures[2]).fold(1.0, f64::min);
        let [precision, recall, f1] = [mean(0), mean(1), mean(2)];
        writeln!(
            out,
            "on average: {file}, {told}: precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}, at least {least:.3}"
        )?;
    }
    Ok(())
}

/// Events of one topic are told apart with most trouble, so that a topic is in one half.
fn half_of(one: &Labelled, division: u32) -> u32 {
    let mixed =
        (one.label >> TOPIC_SHIFT).wrapping_add(1).wrapping_mul(0x9E37_79B1 ^ division.wrapping_mul(0x85EB_CA77));
    (mixed ^ mixed >> 15).wrapping_mul(0x2C1B_3C6D) >> 31
}

/// A label has its topic in the bits from here.
const TOPIC_SHIFT: u32 = 16;

fn read(file: &str, collection: u32) -> Result<Vec<Labelled>, Box<dyn Error>> {
    let mut labels: BTreeMap<String, u32> = BTreeMap::new();
    let mut topics: BTreeMap<String, u32> = BTreeMap::new();
    let mut articles = Vec::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let line: Line = serde_json::from_str(line)?;
        // `1ecb` and `1ecbplus` are two events of topic 1.
        let topic = line.label.trim_end_matches("plus").trim_end_matches("ecb").to_owned();
        let next = topics.len() as u32;
        let topic = *topics.entry(topic).or_insert(next);
        let next = topic << TOPIC_SHIFT | labels.len() as u32;
        let label = *labels.entry(line.label).or_insert(next);
        let item = Item {
            title: line.title.as_deref().unwrap_or_default(),
            summary: line.summary.as_deref().unwrap_or_default(),
            content: line.content.as_deref().unwrap_or_default(),
            link: line.link.as_deref(),
            ..Item::default()
        };
        articles.push(Labelled { article: Article::of(&item, None), label, collection });
    }
    Ok(articles)
}

fn stories(learned: &Learned, articles: &[Labelled]) -> Vec<i64> {
    let mut groups = learned.groups(articles.len());
    for (number, one) in articles.iter().enumerate() {
        groups.add(number as i64, 0, 0, one.article.clone());
        if (number + 1) % REGROUPED_EACH == 0 {
            groups.regroup(0);
        }
    }
    groups.regroup_all();
    (0..articles.len() as i64).map(|number| groups.story(number).unwrap_or(number)).collect()
}

/// Precision, recall and F1, averaged over the articles that count (Bagga and Baldwin's B-cubed);
/// stories and events consist of these alone.
fn bcubed(articles: &[Labelled], stories: &[i64], counts: impl Fn(&Labelled) -> bool) -> [f64; 3] {
    let (mut by_story, mut by_label, mut by_both) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut count = 0.0;
    for (one, story) in articles.iter().zip(stories).filter(|(one, _)| counts(one)) {
        *by_story.entry(*story).or_insert(0.0) += 1.0;
        *by_label.entry(one.label).or_insert(0.0) += 1.0;
        *by_both.entry((*story, one.label)).or_insert(0.0) += 1.0;
        count += 1.0;
    }
    let precision: f64 = by_both.iter().map(|((story, _), both): (_, &f64)| both * both / by_story[story]).sum();
    let recall: f64 = by_both.iter().map(|((_, label), both): (_, &f64)| both * both / by_label[label]).sum();
    let (precision, recall) = (precision / count, recall / count);
    [precision, recall, 2.0 * precision * recall / (precision + recall)]
}

/// Another order, the same in every run.
fn shuffle<T>(all: &mut [T]) {
    let mut number = 12_345_u64;
    for at in (1..all.len()).rev() {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        all.swap(at, (number >> 33) as usize % (at + 1));
    }
}

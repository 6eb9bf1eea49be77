//! The figures as a part of docs/performance.md, with what they were made by and on.

use crate::parts::Part;
use crate::root;
use crate::rows::Circumstances;
use std::error::Error;
use std::fmt::Write;
use std::fs;

/// Between these two lines the page is written here.
const BEGIN: &str = "<!-- Written by `cargo bench --bench bed`. -->\n";
const END: &str = "<!-- The end of what is written. -->\n";

/// Where others keep more than a tenth of the cores busy, times say little.
fn is_busy(circumstances: &Circumstances) -> bool {
    circumstances.others.is_some_and(|others| others > circumstances.cores as f64 / 10.0)
}

fn markdown(circumstances: &Circumstances, parts: &[Part]) -> String {
    let Circumstances { command, commit, date, cores, .. } = circumstances;
    let mut text = format!("\nGathered by `{command}`, commit {commit}, {date}, {cores} cores.\n");
    if command.contains("--gather") {
        text += "Each part was run for itself, and may be of an earlier commit: it says which.\n";
    }
    parts.iter().for_each(|part| text += &section(part));
    text + "\n"
}

fn section(part: &Part) -> String {
    let Part { name, what, circumstances, rows, failure } = part;
    let mut text = format!("\n### {name}\n\n");
    if let Some(failure) = failure {
        return text + &format!("No figures: {failure}.\n");
    }
    let _ = writeln!(text, "{what}.\n");
    if let Some(circumstances) = circumstances {
        let _ = writeln!(text, "{circumstances}.");
        if is_busy(circumstances) {
            text += "**The machine was busy: only ratios mean something, and even these are rough.**\n";
        }
    }
    text += "\n| | glasnik | beside | ratio | target | |\n|---|---|---|---|---|---|\n";
    for row in rows {
        let _ = writeln!(text, "| {} |", row.cells().join(" | "));
    }
    text
}

/// Puts the figures into the page.
pub fn write(circumstances: &Circumstances, parts: &[Part]) -> Result<(), Box<dyn Error>> {
    let file = root().join("docs/performance.md");
    let page = fs::read_to_string(&file)?;
    let (before, rest) = page.split_once(BEGIN).ok_or("docs/performance.md has no place for figures")?;
    let (_, after) = rest.split_once(END).ok_or("docs/performance.md has no end of figures")?;
    Ok(fs::write(file, [before, BEGIN, &markdown(circumstances, parts), END, after].concat())?)
}

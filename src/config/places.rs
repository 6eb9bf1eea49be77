//! Where things stand in the files, what is wrong there, and what was probably meant.
//! Knows nothing of feeds, topics or outputs.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something in feeds.toml, or about it, that must be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The file, where it is in one.
    pub file: Option<PathBuf>,
    /// Line and column, both from 1; the column counts characters.
    pub at: Option<(usize, usize)>,
    /// What is wrong and, where we know it, what to do.
    pub message: String,
}

impl Error {
    /// An error that is in no file.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { file: None, at: None, message: message.into() }
    }

    /// An error about a whole file.
    pub(super) fn of_file(path: &Path, message: impl Into<String>) -> Self {
        Self { file: Some(path.to_owned()), at: None, message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some((line, column)) = self.at {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// All that was found wrong, in the order of the files; one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errors(pub Vec<Error>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// A place in one of the files: which file, and how many bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub file: usize,
    pub offset: usize,
}

/// A file that was read, ready to turn offsets into lines and columns.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub path: PathBuf,
    pub text: Arc<str>,
    line_starts: Vec<usize>,
}

impl File {
    pub fn new(path: PathBuf, text: Arc<str>) -> Self {
        let after_newlines = text.match_indices('\n').map(|(offset, _)| offset + 1);
        let line_starts = std::iter::once(0).chain(after_newlines).collect();
        Self { path, text, line_starts }
    }

    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|&start| start <= offset);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = before.trim_start_matches('\u{feff}').chars().count() + 1;
        (line, column)
    }

    pub fn error(&self, offset: usize, message: String) -> Error {
        Error { file: Some(self.path.clone()), at: Some(self.line_column(offset)), message }
    }
}

/// What all readers of the files share: the files, the environment, and what was wrong so far.
pub(super) struct Context<'e> {
    pub files: RefCell<Vec<File>>,
    /// Files that held secrets; the configuration depends on them as well.
    pub secret_files: RefCell<Vec<PathBuf>>,
    /// Folders that were searched for files to include.
    pub folders: RefCell<Vec<PathBuf>>,
    pub environment: &'e dyn Fn(&str) -> Option<OsString>,
    problems: RefCell<Vec<(Place, String)>>,
}

/// Nobody reads more in one go, and a hostile file must not fill the memory with complaints.
const PROBLEMS_MAX: usize = 200;

impl<'e> Context<'e> {
    pub fn new(environment: &'e dyn Fn(&str) -> Option<OsString>) -> Self {
        Self {
            files: RefCell::default(),
            secret_files: RefCell::default(),
            folders: RefCell::default(),
            environment,
            problems: RefCell::default(),
        }
    }

    pub fn refuse(&self, place: Place, message: impl Into<String>) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < PROBLEMS_MAX {
            problems.push((place, message.into()));
        }
    }

    /// `feeds.toml:41:7`, for messages that name a second place.
    pub fn name(&self, place: Place) -> String {
        let files = self.files.borrow();
        let file = &files[place.file];
        let (line, column) = file.line_column(place.offset);
        format!("{}:{line}:{column}", file.path.display())
    }

    /// What was refused, in the order of the files; none if all is well.
    pub fn errors(&self) -> Option<Errors> {
        let mut problems = self.problems.borrow().clone();
        if problems.is_empty() {
            return None;
        }
        problems.sort_by_key(|(place, _)| *place);
        let files = self.files.borrow();
        let errors = problems.into_iter().map(|(place, message)| files[place.file].error(place.offset, message));
        Some(Errors(errors.collect()))
    }
}

/// `, did you mean "topics"?` where one of `known` is near enough to `word`, else nothing.
pub(super) fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    // Of one or two letters nearly everything is a neighbour.
    let tolerance = if word.len() < 3 { 0 } else { word.len() / 3 };
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        if letters.len().abs_diff(word.len()) > tolerance {
            continue;
        }
        let distance = distance(&word, &letters);
        if distance <= tolerance && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| format!(", did you mean \"{candidate}\"?")).unwrap_or_default()
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_becomes_a_line_and_a_column_in_characters() {
        let file = File::new("f".into(), "a\nšđ = 1\n".into());
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(2), (2, 1));
        assert_eq!(file.line_column(7), (2, 4));
        assert_eq!(file.line_column(11), (3, 1));
        assert_eq!(file.line_column(99), (3, 1), "past the end");
    }

    #[test]
    fn guesses_what_was_meant() {
        let known = ["topics", "title", "feeds"];
        for (word, guess) in [
            ("topcis", ", did you mean \"topics\"?"),
            ("Title", ", did you mean \"title\"?"),
            ("feed", ", did you mean \"feeds\"?"),
            ("entirely-else", ""),
            ("id", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(word, known), guess, "{word}");
        }
    }
}

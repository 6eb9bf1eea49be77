//! The documents that are read: those of the newsroom that the benchmark of polls has, too, or
//! whatever lies in a folder.

use crate::feeds;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// Six languages, RSS and Atom, HTML in CDATA and escaped: every kind of made-up feed comes twice.
const MADE: usize = 72;

/// A document by its name.
pub struct Document {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The same on every machine.
pub fn made() -> Vec<Document> {
    let of = |feed| {
        let text = feeds::document(feed, feeds::first_newest(feed));
        Document { name: format!("made-up feed {feed}"), bytes: text.into_bytes() }
    };
    (0..MADE).map(of).collect()
}

/// All files in `folders`, however deep, in the order of their names.
pub fn found(folders: &[PathBuf]) -> Result<Vec<Document>, Box<dyn Error>> {
    let mut documents = Vec::new();
    for folder in folders {
        gather(folder, &mut documents).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    match documents.is_empty() {
        true => Err("there is no file in these folders".into()),
        false => Ok(documents),
    }
}

fn gather(path: &Path, documents: &mut Vec<Document>) -> Result<(), Box<dyn Error>> {
    if !path.is_dir() {
        documents.push(Document { name: path.display().to_string(), bytes: fs::read(path)? });
        return Ok(());
    }
    let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    inside.sort();
    inside.iter().try_for_each(|path| gather(path, documents))
}

//! The site as a folder that any web host can serve, and how it is written: only what differs, each
//! file aside first, and nothing that others put there.

use super::{Contents, Error, blocking};
use crate::config::Config;
use crate::feed::{KeptEntry, Output};
use crate::render::{self, Chain, Format, Links};
use crate::store::Store;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::{fs, io};

/// A file of the folder, by its path in it.
pub type File = (String, Vec<u8>);

/// Every file of the site. The folder belongs where `base_url` leads: then every address in the feeds
/// is the file of that name, under `feeds/` and `archive/`. What is in `feeds/` stands at the top as
/// well, so that the folder has a front page and works anywhere else too.
pub async fn files(config: &Config, store: &Store) -> Result<Vec<File>, Error> {
    let contents = Contents::read(config, store).await?;
    let archives = archives(config, store, &contents).await?;
    blocking(move || contents.files(archives)).await
}

/// A part of an output's archive.
struct Archive {
    output: Output,
    chain: Chain,
    entries: Vec<KeptEntry>,
}

async fn archives(config: &Config, store: &Store, contents: &Contents) -> Result<Vec<Archive>, Error> {
    let mut archives = Vec::new();
    for output in &config.outputs {
        let shown = contents.outputs.iter().find(|(other, _)| other.id == output.id);
        let mut next = shown.and_then(|(_, shown)| shown.older);
        while let Some(last) = next {
            let Some(shown) = store.archived(output, last).await? else {
                break;
            };
            // Each part leads further back; anything else would lead in circles.
            next = shown.older.filter(|older| *older < last);
            let chain = Chain { archive: Some(last), older: next };
            archives.push(Archive { output: output.clone(), chain, entries: shown.entries });
        }
    }
    Ok(archives)
}

impl Contents {
    fn files(mut self, archives: Vec<Archive>) -> Vec<File> {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut add = |path: String, body: Vec<u8>| files.insert(path, body);
        for archive in &archives {
            let Some(last) = archive.chain.archive else { continue };
            for format in [Format::Atom, Format::Rss, Format::Json] {
                let body = render::document_in(&self.site, &archive.output, format, &archive.entries, archive.chain);
                add(format!("archive/{}/{last}.{}", archive.output.id, format.extension()), body);
            }
        }
        // Pages link to the files beside them.
        self.site.links = Links::Files;
        for document in self.documents() {
            let file = beside_the_others(&document.path);
            add(format!("feeds/{file}"), document.body.clone());
            add(file, document.body);
        }
        files.into_iter().collect()
    }
}

/// `/feeds/all.atom` is `all.atom`, and `/` the file that web hosts give for a folder.
fn beside_the_others(path: &str) -> String {
    match path.trim_start_matches("/feeds").trim_start_matches('/') {
        "" => "index.html".to_owned(),
        file => file.to_owned(),
    }
}

/// What became of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files that were written: new ones and changed ones.
    pub written: usize,
    /// Files of ours that were taken away.
    pub removed: usize,
}

/// Which files are ours, with the hash of what was last written there: only those are ever replaced or
/// taken away.
const MANIFEST: &str = ".glasnik-files";

/// Makes the folder hold `files`, each written aside first and then renamed, so that nobody ever reads
/// half of one. A file that has these bytes already is not touched; one that others put there is an
/// error, before anything is written.
pub fn write(directory: &Path, files: &[File]) -> io::Result<Written> {
    fs::create_dir_all(directory)?;
    let ours = Manifest::read(directory)?;
    let mut changed = Vec::new();
    for (path, body) in files {
        match fs::read(directory.join(path)) {
            Ok(old) if old == *body => {}
            Ok(_) if !ours.0.contains_key(path) => {
                let message = format!("{path} is there and not from glasnik; move it away, or name another folder");
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => changed.push((path, body)),
        }
    }
    let new = Manifest(files.iter().map(|(path, body)| (path.clone(), hash(body))).collect());
    // First what may be ours: were we stopped in between, the next time knows all that we wrote.
    let mut both = ours.0.clone();
    both.extend(new.0.clone());
    if both != ours.0 {
        Manifest(both).write(directory)?;
    }
    for (path, body) in &changed {
        replace(&directory.join(path), body)?;
    }
    let removed = ours.remove_all_but(directory, &files.iter().map(|(path, _)| path.as_str()).collect())?;
    if removed > 0 || new.0.len() < ours.0.len() {
        new.write(directory)?;
    }
    Ok(Written { written: changed.len(), removed })
}

fn replace(path: &Path, body: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let aside = path.with_file_name(format!(".{name}.new"));
    fs::write(&aside, body)?;
    fs::rename(&aside, path)
}

fn hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Manifest(BTreeMap<String, String>);

impl Manifest {
    fn read(directory: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(directory.join(MANIFEST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let lines = text.lines().filter_map(|line| line.split_once(' '));
        // A line that leads out of the folder is not from us.
        let is_inside = |path: &str| path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        let files = lines.filter(|(_, path)| is_inside(path));
        Ok(Self(files.map(|(hash, path)| (path.to_owned(), hash.to_owned())).collect()))
    }

    fn write(&self, directory: &Path) -> io::Result<()> {
        let text: String = self.0.iter().map(|(path, hash)| format!("{hash} {path}\n")).collect();
        replace(&directory.join(MANIFEST), text.as_bytes())
    }

    /// Takes away what is no longer published, where it still is what we wrote.
    fn remove_all_but(&self, directory: &Path, kept: &HashSet<&str>) -> io::Result<usize> {
        let mut removed = 0;
        for (path, known) in self.0.iter().filter(|(path, _)| !kept.contains(path.as_str())) {
            let file = directory.join(path);
            if fs::read(&file).is_ok_and(|body| hash(&body) == *known) {
                fs::remove_file(&file)?;
                removed += 1;
            }
            // Folders of ours that are empty go too; others' are not empty.
            for folder in Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
                if fs::remove_dir(directory.join(folder)).is_err() {
                    break;
                }
            }
        }
        Ok(removed)
    }
}

//! The site as a folder that any web host can serve, and how it is written: only what differs, each
//! file aside first, and nothing that others put there.

use super::{Contents, Error, blocking};
use crate::config::Config;
use crate::feed::{KeptEntry, Output};
use crate::render::{self, Chain, Format, Links, Site};
use crate::store::Store;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::{fs, io};

/// A file of the folder, by its path in it.
type File = (String, Vec<u8>);

/// Writes the site into a folder. It belongs where `base_url` leads: then every address in the feeds is
/// the file of that name, under `feeds/` and `archive/`. What is in `feeds/` stands at the top as well,
/// so that the folder has a front page and works anywhere else too.
pub async fn write_site(config: &Config, store: &Store, directory: &Path) -> Result<Written, Error> {
    let contents = Contents::read(config, store).await?;
    let chains: Vec<(Output, Option<i64>)> =
        contents.outputs.iter().map(|(output, shown)| (output.clone(), shown.older)).collect();
    let site = contents.site.clone();
    let mut folder = Folder::open(directory)?;
    folder.put(&blocking(move || contents.files()).await?)?;
    // One after another: an archive may be larger than the memory.
    for (output, mut next) in chains {
        while let Some(last) = next {
            let Some(shown) = store.archived(&output, last).await? else {
                break;
            };
            // Each part leads further back; anything else would lead in circles.
            next = shown.older.filter(|older| *older < last);
            let chain = Chain { archive: Some(last), older: next };
            let (site, output) = (site.clone(), output.clone());
            folder.put(&blocking(move || part(&site, &output, &shown.entries, chain, last)).await?)?;
        }
    }
    Ok(folder.finish()?)
}

fn part(site: &Site, output: &Output, entries: &[KeptEntry], chain: Chain, last: i64) -> Vec<File> {
    let file = |format: Format| {
        let path = format!("archive/{}/{last}.{}", output.id, format.extension());
        (path, render::document_in(site, output, format, entries, chain))
    };
    [Format::Atom, Format::Rss, Format::Json].map(file).into()
}

impl Contents {
    fn files(mut self) -> Vec<File> {
        // Pages link to the files beside them.
        self.site.links = Links::Files;
        let mut files = Vec::new();
        for document in self.documents() {
            let file = beside_the_others(&document.path);
            files.push((format!("feeds/{file}"), document.body.clone()));
            files.push((file, document.body));
        }
        files
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

/// A folder that is being written.
struct Folder<'a> {
    directory: &'a Path,
    /// What we wrote before.
    ours: Manifest,
    /// What it is to hold.
    wanted: Manifest,
    written: usize,
}

impl<'a> Folder<'a> {
    fn open(directory: &'a Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let ours = Manifest::read(directory)?;
        Ok(Self { directory, ours, wanted: Manifest(BTreeMap::new()), written: 0 })
    }

    /// Writes files, each aside first and then renamed, so that nobody ever reads half of one. A file
    /// that has these bytes already is not touched; one that others put there is an error, before any
    /// of these is written.
    fn put(&mut self, files: &[File]) -> io::Result<()> {
        let mut changed = Vec::new();
        for (path, body) in files {
            match fs::read(self.directory.join(path)) {
                Ok(old) if old == *body => {}
                Ok(_) if !self.ours.0.contains_key(path) => {
                    let message = format!("{path} is there and not from glasnik; move it away, or name another folder");
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => changed.push((path, body)),
            }
        }
        let lines: BTreeMap<String, String> = files.iter().map(|(path, body)| (path.clone(), hash(body))).collect();
        let is_known = |(path, hash): (&String, &String)| self.ours.0.get(path) == Some(hash);
        if !lines.iter().all(is_known) {
            // First what will be ours: were we stopped in between, the next time knows all that we wrote.
            Manifest(lines.clone()).append(self.directory)?;
        }
        for (path, body) in &changed {
            replace(&self.directory.join(path), body)?;
        }
        self.written += changed.len();
        self.wanted.0.extend(lines);
        Ok(())
    }

    /// Takes away what is no longer published.
    fn finish(self) -> io::Result<Written> {
        let kept = self.wanted.0.keys().map(String::as_str).collect();
        let removed = self.ours.remove_all_but(self.directory, &kept)?;
        if self.wanted.0 != self.ours.0 {
            self.wanted.write(self.directory)?;
        }
        Ok(Written { written: self.written, removed })
    }
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

    fn text(&self) -> String {
        self.0.iter().map(|(path, hash)| format!("{hash} {path}\n")).collect()
    }

    fn write(&self, directory: &Path) -> io::Result<()> {
        replace(&directory.join(MANIFEST), self.text().as_bytes())
    }

    /// Of two lines for one file the later counts.
    fn append(&self, directory: &Path) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(directory.join(MANIFEST))?;
        file.write_all(self.text().as_bytes())
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

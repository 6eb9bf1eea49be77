//! A folder with files of ours among others': only what differs is written, each file aside first, and
//! nothing is taken away that others put there.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A file of the folder.
pub(super) struct File {
    /// Its path in the folder.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
    /// What it was made of, where that can be told without making it.
    pub(super) made_of: Option<String>,
}

/// What became of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files that were written: new ones and changed ones.
    pub written: usize,
    /// Files of ours that were taken away.
    pub removed: usize,
}

/// A folder that is being written.
pub(super) struct Folder<'a> {
    directory: &'a Path,
    /// What we wrote before.
    ours: Manifest,
    /// What it is to hold.
    wanted: Manifest,
    written: usize,
}

impl<'a> Folder<'a> {
    pub(super) fn open(directory: &'a Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let ours = Manifest::read(directory)?;
        Ok(Self { directory, ours, wanted: Manifest::default(), written: 0 })
    }

    /// Whether these files are here as we wrote them and would be made of the same again: then they stay.
    pub(super) fn keeps(&mut self, paths: &[String], made_of: &str) -> bool {
        let mut lines = Manifest::default();
        for path in paths {
            let line = self.ours.0.get(path).filter(|line| line.made_of.as_deref() == Some(made_of));
            let is_ours = |line: &&Line| fs::read(self.directory.join(path)).is_ok_and(|body| hash(&body) == line.hash);
            let Some(line) = line.filter(is_ours) else {
                return false;
            };
            lines.0.insert(path.clone(), line.clone());
        }
        self.wanted.0.extend(lines.0);
        true
    }

    /// Those of the files that are not here with these bytes. One that others put here is an error.
    pub(super) fn changed<'b>(&self, files: &'b [File]) -> io::Result<Vec<&'b File>> {
        let mut changed = Vec::new();
        for file in files {
            let path = &file.path;
            match fs::read(self.directory.join(path)) {
                Ok(old) if old == file.body => {}
                Ok(_) if !self.ours.0.contains_key(path) => {
                    let message = format!("{path} is there and not from glasnik; move it away, or name another folder");
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => changed.push(file),
            }
        }
        Ok(changed)
    }

    /// Writes files, so that nobody ever reads half of one, not even after a crash. One that has these
    /// bytes already is not touched.
    pub(super) fn put(&mut self, files: &[File]) -> io::Result<()> {
        let changed = self.changed(files)?;
        let lines = Manifest(files.iter().map(Line::of).collect());
        if !lines.0.iter().all(|(path, line)| self.ours.0.get(path) == Some(line)) {
            // First what will be ours: were we stopped in between, the next time knows all that we wrote.
            lines.append(self.directory)?;
        }
        let written: io::Result<Vec<Aside>> =
            changed.iter().map(|file| Aside::write(self.directory.join(&file.path), &file.body)).collect();
        // Together they reach the disk sooner than one after another.
        written?.into_iter().try_for_each(Aside::put_in_place)?;
        self.written += changed.len();
        self.wanted.0.extend(lines.0);
        Ok(())
    }

    /// Takes away what is no longer published.
    pub(super) fn finish(self) -> io::Result<Written> {
        let kept = self.wanted.0.keys().map(String::as_str).collect();
        let removed = self.ours.remove_all_but(self.directory, &kept)?;
        if self.wanted.0 != self.ours.0 {
            self.wanted.write(self.directory)?;
        }
        Ok(Written { written: self.written, removed })
    }
}

/// A file's bytes beside their place.
struct Aside {
    file: fs::File,
    aside: PathBuf,
    path: PathBuf,
}

impl Aside {
    fn write(path: PathBuf, body: &[u8]) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let aside = path.with_file_name(format!(".{name}.new"));
        let mut file = fs::File::create(&aside)?;
        file.write_all(body)?;
        Ok(Self { file, aside, path })
    }

    /// On the disk first: a name that a crash leaves has all its bytes.
    fn put_in_place(self) -> io::Result<()> {
        self.file.sync_data()?;
        fs::rename(&self.aside, &self.path)
    }
}

/// What something says of itself for programmers, all of it, in a few letters.
pub(super) fn made_of(all: &impl fmt::Debug) -> String {
    struct Into(Sha256);
    impl fmt::Write for Into {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.update(text);
            Ok(())
        }
    }
    let mut into = Into(Sha256::new());
    // Only a `Debug` that fails could fail here, and what it left out would be left out each time.
    let _ = write!(into, "{all:?}");
    hex(&into.0.finalize())
}

fn hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which files are ours: only those are ever replaced or taken away.
const MANIFEST: &str = ".glasnik-files";

/// By their paths.
#[derive(Default, PartialEq, Eq)]
struct Manifest(BTreeMap<String, Line>);

/// What was last written into a file: its hash, and the hash of what it was made of.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    hash: String,
    made_of: Option<String>,
}

impl Line {
    fn of(file: &File) -> (String, Self) {
        (file.path.clone(), Self { hash: hash(&file.body), made_of: file.made_of.clone() })
    }
}

impl Manifest {
    fn read(directory: &Path) -> io::Result<Self> {
        let text = match fs::read_to_string(directory.join(MANIFEST)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        // A line that leads out of the folder is not from us.
        let is_inside = |path: &str| path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        let lines = text.lines().filter_map(|line| line.split_once(' ')).filter(|(_, path)| is_inside(path));
        let line = |hashes: &str| match hashes.split_once(':') {
            Some((hash, made_of)) => Line { hash: hash.to_owned(), made_of: Some(made_of.to_owned()) },
            None => Line { hash: hashes.to_owned(), made_of: None },
        };
        Ok(Self(lines.map(|(hashes, path)| (path.to_owned(), line(hashes))).collect()))
    }

    fn text(&self) -> String {
        let hashes = |line: &Line| match &line.made_of {
            Some(made_of) => format!("{}:{made_of}", line.hash),
            None => line.hash.clone(),
        };
        self.0.iter().map(|(path, line)| format!("{} {path}\n", hashes(line))).collect()
    }

    fn write(&self, directory: &Path) -> io::Result<()> {
        Aside::write(directory.join(MANIFEST), self.text().as_bytes())?.put_in_place()
    }

    /// Of two lines for one file the later counts.
    fn append(&self, directory: &Path) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(directory.join(MANIFEST))?;
        file.write_all(self.text().as_bytes())?;
        file.sync_data()
    }

    /// Takes away what is no longer published, where it still is what we wrote.
    fn remove_all_but(&self, directory: &Path, kept: &HashSet<&str>) -> io::Result<usize> {
        let mut removed = 0;
        for (path, known) in self.0.iter().filter(|(path, _)| !kept.contains(path.as_str())) {
            let file = directory.join(path);
            if fs::read(&file).is_ok_and(|body| hash(&body) == known.hash) {
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

//! Reads feeds.toml and the files that it includes, as TOML and no further.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml_edit::{Document, TomlError};

use super::places::{Context, Error, Errors, File, Place};
use super::section::Section;
use super::text::{Reader, read_limited};

/// One file, parsed.
pub(super) struct Source {
    /// Its index among the files of the context; 0 is feeds.toml itself.
    pub file: usize,
    pub document: Document<Arc<str>>,
}

/// Forty thousand feeds with titles and tags fit in; a log file named by mistake does not.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// More than any sane `feeds.d`; a pattern that hits a folder of other things is stopped here.
const FILES_MAX: usize = 1000;

/// The main file and what it includes. Only a main file that is no TOML is fatal: of an included
/// one the context complains, and the rest goes on.
pub(super) fn read(context: &Context<'_>, path: &Path) -> Result<Vec<Source>, Errors> {
    let text = read_limited(path, FILE_BYTES_MAX).map_err(|reason| Errors(vec![Error::of_file(path, reason)]))?;
    let Some(main) = parse(context, path.to_owned(), text) else {
        return Err(context.errors().unwrap_or(Errors(Vec::new())));
    };
    let folder = folder_of(path);
    let included = included(context, path, folder, &main);
    let mut sources = vec![main];
    for (path, place) in included {
        match read_limited(&path, FILE_BYTES_MAX) {
            Ok(text) => sources.extend(parse(context, path, text)),
            Err(reason) => context.refuse(place, format!("include: {}: {reason}", path.display())),
        }
    }
    Ok(sources)
}

/// What paths in `path` are relative to.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn parse(context: &Context<'_>, path: PathBuf, text: String) -> Option<Source> {
    let text: Arc<str> = text.into();
    let file = context.files.borrow().len();
    context.files.borrow_mut().push(File::new(path, text.clone()));
    match Document::parse(text) {
        Ok(document) => Some(Source { file, document }),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            context.refuse(Place { file, offset }, reason(&error, &context.files.borrow()[file].text));
            None
        }
    }
}

/// What the TOML parser says, in one line.
fn reason(error: &TomlError, text: &str) -> String {
    let lines: Vec<&str> = error.message().lines().collect();
    let message = lines.join(", ");
    let key = error.span().and_then(|span| text.get(span)).filter(|_| message == "duplicate key");
    key.map_or_else(|| format!("not TOML: {message}"), |key| format!("not TOML: duplicate key \"{key}\""))
}

/// The files that `include` names, each once, with the place where it is named.
fn included(context: &Context<'_>, path: &Path, folder: &Path, main: &Source) -> Vec<(PathBuf, Place)> {
    let reader = Reader { context, file: main.file, folder };
    let root = Place { file: main.file, offset: 0 };
    let mut section = Section::new(reader, "feeds.toml", main.document.as_table(), root);
    let mut files: Vec<(PathBuf, Place)> = Vec::new();
    for pattern in section.texts("include").unwrap_or_default() {
        let found = matching(context, folder, &pattern.value).unwrap_or_else(|reason| {
            section.refuse(pattern.place, format!("include: {}: {reason}", pattern.value));
            Vec::new()
        });
        for file in found {
            let is_new = file != path && !files.iter().any(|(known, _)| *known == file);
            if is_new && files.len() == FILES_MAX {
                section.refuse(pattern.place, format!("include: more than {FILES_MAX} files"));
                return files;
            }
            if is_new {
                files.push((file, pattern.place));
            }
        }
    }
    files
}

/// The files that `pattern` stands for, sorted by name. Hidden ones are left out: editors keep
/// their unsaved copies in them.
fn matching(context: &Context<'_>, folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, String> {
    let (within, name) = pattern.rsplit_once('/').map_or(("", pattern), |(within, name)| (within, name));
    if within.contains('*') {
        return Err("only the last part of the path may hold *".into());
    }
    let within = if pattern.starts_with('/') && within.is_empty() { "/" } else { within };
    let folder = if within.is_empty() { folder.to_owned() } else { folder.join(within) };
    if !name.contains('*') {
        return Ok(vec![folder.join(name)]);
    }
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
    context.folders.borrow_mut().push(listed.to_owned());
    let listing = std::fs::read_dir(listed).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such folder".to_owned(),
        _ => format!("cannot be read: {error}"),
    })?;
    let names = listing.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let visible = names.filter(|file| matches(name, file) && !file.starts_with('.'));
    let mut files: Vec<PathBuf> = visible.map(|file| folder.join(file)).filter(|file| file.is_file()).collect();
    files.sort();
    Ok(files)
}

/// Whether `name` fits `pattern`, in which `*` stands for any letters or none.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let ends = name.char_indices().map(|(offset, _)| offset).chain([name.len()]);
    ends.into_iter().any(|offset| matches(rest, &name[offset..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, fits) in [
            ("*.toml", "a.toml", true),
            ("*.toml", ".toml", true),
            ("*.toml", "a.toml~", false),
            ("feeds-*.toml", "feeds-é.toml", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "acb", false),
            ("plain", "plain", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}

//! A text in the file: as written, or fetched from the environment or from another file, so that
//! secrets need not stand in feeds.toml. A secret is never repeated in a message.

use std::path::Path;

use toml_edit::{Item, TableLike, Value};

use super::places::{Context, Place};

/// A text and the place where it, or the word for it, stands.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub value: String,
    pub place: Place,
    pub is_secret: bool,
}

impl Text {
    /// For messages: in quotes, or only its kind if it is a secret.
    pub fn shown(&self) -> String {
        if self.is_secret { "this secret".into() } else { format!("{:?}", self.value) }
    }
}

/// One file while it is read: what turns its items into values, or into complaints.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub context: &'a Context<'a>,
    pub file: usize,
    /// Paths in the configuration are relative to the folder of the main file.
    pub folder: &'a Path,
}

/// Longer than any token or key, and short enough to read a wrong file by mistake.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

impl Reader<'_> {
    pub fn place(&self, span: Option<std::ops::Range<usize>>) -> Place {
        Place { file: self.file, offset: span.map_or(0, |span| span.start) }
    }

    pub fn text(&self, key: &str, item: &Item) -> Option<Text> {
        match item {
            Item::Value(value) => self.value_text(key, value),
            Item::Table(table) => self.secret(key, table, self.place(table.span())),
            _ => self.expected(key, "text in quotes", item.type_name(), self.place(item.span())),
        }
    }

    pub fn value_text(&self, key: &str, value: &Value) -> Option<Text> {
        let place = self.place(value.span());
        match value {
            Value::String(text) if text.value().is_empty() => {
                self.context.refuse(place, format!("{key}: must not be empty"));
                None
            }
            Value::String(text) => Some(Text { value: text.value().clone(), place, is_secret: false }),
            Value::InlineTable(table) => self.secret(key, table, place),
            _ => self.expected(key, "text in quotes", value.type_name(), place),
        }
    }

    /// Says what was expected instead of a value of the TOML type `found`.
    pub fn expected<T>(&self, key: &str, expected: &str, found: &str, place: Place) -> Option<T> {
        let found = match found {
            "string" => "text",
            "integer" | "float" => "a number",
            "boolean" => "true or false",
            "datetime" => "a date",
            "array" => "a list",
            "array of tables" => "a list of tables",
            _ => "a table",
        };
        self.context.refuse(place, format!("{key}: expected {expected}, found {found}"));
        None
    }

    fn secret(&self, key: &str, table: &dyn TableLike, place: Place) -> Option<Text> {
        let entry = table.iter().next().filter(|_| table.len() == 1);
        let found = match entry.and_then(|(from, item)| Some((from, item.as_str()?))) {
            Some(("env", name)) => self.variable(name),
            Some(("file", path)) => self.content(path),
            _ => Err("expected text in quotes, { env = \"NAME\" } or { file = \"path\" }".into()),
        };
        match found {
            Ok(value) => Some(Text { value, place, is_secret: true }),
            Err(reason) => {
                self.context.refuse(place, format!("{key}: {reason}"));
                None
            }
        }
    }

    fn variable(&self, name: &str) -> Result<String, String> {
        let Some(value) = (self.context.environment)(name) else {
            return Err(format!("the environment variable {name} is not set"));
        };
        match value.into_string() {
            Ok(value) if value.is_empty() => Err(format!("the environment variable {name} is empty")),
            Ok(value) => Ok(value),
            Err(_) => Err(format!("the environment variable {name} is not UTF-8")),
        }
    }

    fn content(&self, path: &str) -> Result<String, String> {
        let full = self.folder.join(path);
        let value = read_limited(&full, SECRET_BYTES_MAX).map_err(|reason| format!("{path}: {reason}"))?;
        self.context.secret_files.borrow_mut().push(full);
        // Editors and `echo` end a file with a newline that is no part of the secret.
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(format!("{path}: the file is empty"));
        }
        Ok(value.to_owned())
    }
}

/// A whole file as text, or the reason why not in a few words.
pub(super) fn read_limited(path: &Path, bytes_max: u64) -> Result<String, String> {
    use std::io::{ErrorKind, Read};
    let read = || {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes: Vec<u8> = read().map_err(|error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "no such file".to_owned(),
        ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        ErrorKind::IsADirectory => "is a folder".to_owned(),
        _ => format!("cannot be read: {error}"),
    })?;
    if bytes.len() as u64 > bytes_max {
        return Err(format!("larger than {} KiB", bytes_max / 1024));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        format!("line {} is not UTF-8", valid.iter().filter(|&&byte| byte == b'\n').count() + 1)
    })
}

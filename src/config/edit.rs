//! Adds feeds to feeds.toml on the operator's word. Comments, order and spacing stay as they are.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::slice;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};
use url::Url;

use super::feeds::check_url;
use super::load;
use super::places::Error;

/// A feed to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFeed {
    /// Its address, not yet checked.
    pub url: String,
    /// What it calls itself.
    pub title: Option<String>,
    /// Whether it may live on a private address; written only where it may.
    pub allow_private: bool,
}

/// Adds `feed` to the file, to the short list `feeds` if the file has that alone and the feed needs
/// no other key, else as a `[[feed]]`. False if it is there already, in the file or in one that it
/// includes.
pub fn add_feed(path: &Path, feed: &NewFeed) -> Result<bool, Error> {
    let refuse = |reason: String| Error::new(format!("url: {reason}"));
    check_url(&feed.url).map_err(refuse)?;
    let outcomes = add_feeds(path, slice::from_ref(feed))?;
    outcomes.into_iter().next().unwrap_or(Ok(false)).map_err(refuse)
}

/// Adds many feeds in one change of the file. Answers for each whether it was added, or why its url
/// cannot be polled; those are left out.
pub fn add_feeds(path: &Path, feeds: &[NewFeed]) -> Result<Vec<Result<bool, String>>, Error> {
    let refuse = |reason: String| Error::of_file(path, reason);
    let config = load(path).map_err(|errors| first(path, errors.0))?;
    let mut known: HashSet<Url> = config.subscriptions.into_iter().map(|feed| feed.url).collect();
    let mut added: Vec<(Url, &NewFeed)> = Vec::new();
    let mut outcomes = Vec::with_capacity(feeds.len());
    for feed in feeds {
        outcomes.push(check_url(&feed.url).map(|url| {
            let is_new = known.insert(url.clone());
            added.extend(is_new.then_some((url, feed)));
            is_new
        }));
    }
    if added.is_empty() {
        return Ok(outcomes);
    }
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let mut document: DocumentMut = text.parse().map_err(|error| refuse(format!("{error}")))?;
    if !insert(&mut document, &added) {
        return Err(refuse("feed: written inline, write each as [[feed]] so that one can be added".into()));
    }
    replace(path, &document.to_string()).map_err(|error| refuse(format!("cannot be written: {error}")))?;
    Ok(outcomes)
}

fn first(path: &Path, mut errors: Vec<Error>) -> Error {
    match errors.is_empty() {
        true => Error::of_file(path, "cannot be read"),
        false => errors.swap_remove(0),
    }
}

/// False if the file has its feeds in a form that we do not add to.
fn insert(document: &mut DocumentMut, added: &[(Url, &NewFeed)]) -> bool {
    let needs_tables = document.contains_key("feed") || added.iter().any(|(_, feed)| feed.allow_private);
    if let (false, Some(list)) = (needs_tables, document.get_mut("feeds").and_then(Item::as_array_mut)) {
        for (url, _) in added {
            extend(list, url.as_str());
        }
        return true;
    }
    let feeds = document.entry("feed").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(feeds) = feeds.as_array_of_tables_mut() else {
        return false;
    };
    let before = feeds.len();
    for (url, feed) in added {
        feeds.push(table(url, feed));
    }
    keep_last_comment(document, before);
    true
}

fn table(url: &Url, feed: &NewFeed) -> Table {
    let mut table = Table::new();
    table.insert("url", value(url.as_str()));
    if let Some(title) = &feed.title {
        table.insert("title", value(title));
    }
    if feed.allow_private {
        table.insert("allow_private", value(true));
    }
    table
}

/// A comment at the end of the file stays before feeds that are added there, those from `index` on:
/// it may belong to the table above, and must not come to stand in a new one.
fn keep_last_comment(document: &mut DocumentMut, index: usize) {
    let comment = document.trailing().as_str().unwrap_or_default().trim_end().to_owned();
    if comment.is_empty() {
        return;
    }
    let all = document.to_string();
    let Some(feeds) = document.get_mut("feed").and_then(Item::as_array_of_tables_mut) else {
        return;
    };
    let last = feeds.iter().last().map(Table::to_string).unwrap_or_default();
    let is_at_end = all.trim_end().strip_suffix(&comment).is_some_and(|before| before.ends_with(&last));
    if let (true, Some(feed)) = (is_at_end, feeds.get_mut(index)) {
        feed.decor_mut().set_prefix(format!("{comment}\n\n"));
        document.set_trailing("");
    }
}

/// Adds to the list in the way it is laid out: on the same line, or on a line of its own. A
/// comment behind the last element stays behind it.
fn extend(list: &mut Array, url: &str) {
    let last = list.len().checked_sub(1).and_then(|index| list.get_mut(index));
    let decor = last.map(Value::decor_mut);
    let before = decor.as_ref().and_then(|decor| decor.prefix()?.as_str()).unwrap_or_default().to_owned();
    let after = decor.as_ref().and_then(|decor| decor.suffix()?.as_str()).unwrap_or_default().to_owned();
    let trailing = list.trailing().as_str().unwrap_or_default().to_owned();
    let mut added = Value::from(url);
    let Some((_, indent)) = before.rsplit_once('\n') else {
        added.decor_mut().set_prefix(if list.is_empty() { "" } else { " " });
        list.push_formatted(added);
        return;
    };
    if let Some(last) = list.len().checked_sub(1).and_then(|index| list.get_mut(index)) {
        last.decor_mut().set_suffix("");
    }
    let kept = format!("{after}{trailing}");
    let kept = kept.trim_end_matches([' ', '\t']).strip_suffix('\n').unwrap_or(&kept);
    added.decor_mut().set_prefix(format!("{kept}\n{indent}"));
    list.push_formatted(added);
    list.set_trailing("\n");
    list.set_trailing_comma(true);
}

/// The file with new content: whoever reads it, and whenever we die, sees the old or the new one
/// whole. A symbolic link stays, and so do the permissions.
fn replace(path: &Path, content: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write_new(&new, content, fs::metadata(&path)?.permissions()).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        // The first error is the one to tell; a leftover is harmless.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_new(path: &Path, content: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.set_permissions(permissions)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const URL: &str = "https://new.example/feed";

    fn feed(url: &str, title: Option<&str>) -> NewFeed {
        NewFeed { url: url.to_owned(), title: title.map(str::to_owned), allow_private: false }
    }

    #[test]
    fn a_private_feed_is_written_so_that_it_can_be_polled() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("feeds.toml");
        fs::write(&path, "feeds = [\"https://a.example/\"]\n").unwrap();
        let private = NewFeed { allow_private: true, ..feed("http://192.168.1.1/feed", None) };
        assert_eq!(add_feed(&path, &private), Ok(true));
        let expected =
            "feeds = [\"https://a.example/\"]\n\n[[feed]]\nurl = \"http://192.168.1.1/feed\"\nallow_private = true\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        assert!(load(&path).unwrap().subscriptions[1].allow_private);
    }

    /// Adds `URL` to `before` and compares the whole file.
    fn check(before: &str, title: Option<&str>, after: &str) {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("feeds.toml");
        fs::write(&path, before).unwrap();
        assert!(add_feed(&path, &feed(URL, title)).unwrap(), "{before}");
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        assert!(!add_feed(&path, &feed(URL, title)).unwrap(), "it is there now");
        assert_eq!(fs::read_dir(desk.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn extends_a_list_on_one_line() {
        let after = "feeds = [\"https://a.example/\", \"https://new.example/feed\"] # mine\n";
        check("feeds = [\"https://a.example/\"] # mine\n", None, after);
        check("feeds = []\n", Some("New"), "feeds = [\"https://new.example/feed\"]\n");
    }

    #[test]
    fn extends_a_list_on_many_lines_and_leaves_comments_where_they_are() {
        let before = "\
# What we read.
feeds = [
  # regional
  \"https://a.example/\", # A
  \"https://b.example/\"  # B
  # the end
]

[server] # here
listen = \"127.0.0.1:8080\"
";
        let after = "\
# What we read.
feeds = [
  # regional
  \"https://a.example/\", # A
  \"https://b.example/\",  # B
  # the end
  \"https://new.example/feed\",
]

[server] # here
listen = \"127.0.0.1:8080\"
";
        check(before, None, after);
        check(
            "feeds = [\n    \"https://a.example/\",\n]\n",
            None,
            "feeds = [\n    \"https://a.example/\",\n    \"https://new.example/feed\",\n]\n",
        );
    }

    #[test]
    fn adds_a_table_behind_the_last_one() {
        let before = "\
[[feed]] # first
url = \"https://a.example/\"

# Topics.
[[topic]]
id = \"t\"
enough = [\"x\"]
";
        let after = "\
[[feed]] # first
url = \"https://a.example/\"

[[feed]]
url = \"https://new.example/feed\"
title = 'The \"New\"'

# Topics.
[[topic]]
id = \"t\"
enough = [\"x\"]
";
        check(before, Some("The \"New\""), after);
    }

    #[test]
    fn adds_the_first_table() {
        check("", None, "[[feed]]\nurl = \"https://new.example/feed\"\n");
        let after = "# mine\n\n[[feed]]\nurl = \"https://new.example/feed\"\n";
        check("# mine", None, after);
        let after = "[server]\n# listen\n\n[[feed]]\nurl = \"https://new.example/feed\"\n";
        check("[server]\n# listen\n", None, after);
    }

    #[test]
    fn adds_many_at_once_and_leaves_out_what_cannot_be_polled() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("feeds.toml");
        let feeds =
            ["https://b.example/", "feed:x", "https://a.example/", "https://c.example/", "https://b.example/#x"];
        let feeds = feeds.map(|url| feed(url, Some(&format!("T {}", url.len()))));
        for (before, after) in [
            (
                "feeds = [\"https://a.example/\"]\n",
                "feeds = [\"https://a.example/\", \"https://b.example/\", \"https://c.example/\"]\n",
            ),
            (
                "[[feed]]\nurl = \"https://a.example/\"\n# the end\n",
                "[[feed]]\nurl = \"https://a.example/\"\n# the end\n\n\
                 [[feed]]\nurl = \"https://b.example/\"\ntitle = \"T 18\"\n\n\
                 [[feed]]\nurl = \"https://c.example/\"\ntitle = \"T 18\"\n",
            ),
        ] {
            fs::write(&path, before).unwrap();
            let reason = "only http and https are polled, not feed".to_owned();
            let expected = vec![Ok(true), Err(reason), Ok(false), Ok(true), Ok(false)];
            assert_eq!(add_feeds(&path, &feeds), Ok(expected));
            assert_eq!(fs::read_to_string(&path).unwrap(), after);
        }
    }

    #[test]
    fn finds_a_feed_in_an_included_file() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("feeds.toml");
        fs::write(&path, "include = [\"more.toml\"]").unwrap();
        fs::write(desk.path().join("more.toml"), format!("feeds = [\"{URL}\"]")).unwrap();
        assert_eq!(add_feed(&path, &feed(&format!("{URL}#top"), None)), Ok(false));
    }

    #[test]
    fn refuses_what_it_cannot_do() {
        let desk = tempfile::tempdir().unwrap();
        let path = desk.path().join("feeds.toml");
        let refused = |url: &str| {
            let error = add_feed(&path, &feed(url, None)).unwrap_err().to_string();
            error.replace(&path.display().to_string(), "feeds.toml")
        };
        assert_eq!(refused(URL), "feeds.toml: no such file");
        fs::write(&path, "titel = 1").unwrap();
        assert_eq!(refused(URL), "feeds.toml:1:1: unknown key \"titel\", did you mean \"title\"?");
        assert_eq!(refused("mailto:x"), "url: only http and https are polled, not mailto");
        fs::write(&path, "feed = [{ url = \"https://a.example/\" }]").unwrap();
        let inline = "feeds.toml: feed: written inline, write each as [[feed]] so that one can be added";
        assert_eq!(refused(URL), inline);
    }

    #[cfg(unix)]
    #[test]
    fn keeps_permissions_and_the_symbolic_link() {
        use std::os::unix::fs::PermissionsExt;
        let desk = tempfile::tempdir().unwrap();
        let (real, link) = (desk.path().join("real.toml"), desk.path().join("feeds.toml"));
        fs::write(&real, "feeds = []").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert_eq!(add_feed(&link, &feed(URL, None)), Ok(true));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

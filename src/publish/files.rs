//! The site as a folder that any web host can serve.

use super::folder::{File, Folder, Written, made_of};
use super::{Contents, Error, blocking, pages};
use crate::config::Config;
use crate::feed::Output;
use crate::render::{self, Chain, Files, Format, Links, Site};
use crate::store::Store;
use std::collections::BTreeSet;
use std::path::Path;

/// Writes the site into a folder. It belongs where `base_url` leads: then every address in the feeds is
/// the file of that name, or the page of the folder of that name. What is in `feeds/` stands at the top
/// as well, so that the folder has a front page and works anywhere else too.
///
/// What others lead to is written before them, and what was in the way is said before anything is.
pub async fn write_site(config: &Config, store: &Store, directory: &Path) -> Result<Written, Error> {
    let mut contents = Contents::read(config, store).await?;
    let listed = contents.names();
    let (site, chains) = (contents.site.clone(), contents.chains());
    contents.site.links = Links::Files(Files::default());
    let (documents, contents) = blocking(move || (contents.files(), contents)).await?;
    let mut folder = Folder::open(directory)?;
    folder.changed(&documents)?;
    pages::write(&contents.site, store, &mut folder, listed).await?;
    drop(contents);
    for (output, newest) in chains {
        write_archive(&site, store, &mut folder, &output, newest).await?;
    }
    folder.put(&documents)?;
    Ok(folder.finish()?)
}

/// One part after another: an archive may be larger than the memory.
async fn write_archive(
    site: &Site,
    store: &Store,
    folder: &mut Folder<'_>,
    output: &Output,
    newest: Option<i64>,
) -> Result<(), Error> {
    // Parts stay for years, and entries' and stories' pages do not.
    let site = Site { links: Links::NoPages, ..site.clone() };
    let mut next = newest;
    while let Some(last) = next {
        let Some(shown) = store.archived(output, last).await? else {
            break;
        };
        // Each part leads further back; anything else would lead in circles.
        next = shown.older.filter(|older| *older < last);
        let chain = Chain { archive: Some(last), older: next };
        let formats = [Format::Atom, Format::Rss, Format::Json];
        let paths = formats.map(|format| format!("archive/{}/{last}.{}", output.id, format.extension()));
        let made_of = made_of(&(&site, output, chain, &shown.entries));
        if folder.keeps(&paths, &made_of) {
            continue;
        }
        let (site, output) = (site.clone(), output.clone());
        let bodies = blocking(move || render::documents_in(&site, &output, formats, &shown.entries, chain)).await?;
        let part = |(path, body)| File { path, body, made_of: Some(made_of.clone()) };
        folder.put(&paths.into_iter().zip(bodies).map(part).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The names of entries and stories.
pub(super) struct Names {
    pub(super) entries: BTreeSet<String>,
    pub(super) stories: BTreeSet<String>,
}

impl Contents {
    /// Those that documents lead to: they have pages.
    fn names(&self) -> Names {
        let kept = || self.outputs.iter().flat_map(|(_, shown)| &shown.entries);
        Names {
            entries: kept().map(|kept| kept.uid.clone()).collect(),
            stories: kept().filter_map(|kept| Some(kept.story.as_ref()?.uid.clone())).collect(),
        }
    }

    /// Where the archive of each output begins.
    fn chains(&self) -> Vec<(Output, Option<i64>)> {
        self.outputs.iter().map(|(output, shown)| (output.clone(), shown.older)).collect()
    }

    /// Feeds are the same in both places; a web host that has files gives everyone the same page.
    fn files(&self) -> Vec<File> {
        let file = |path, body| File { path, body, made_of: None };
        let mut files = Vec::new();
        for document in self.feeds() {
            let name = beside_the_others(&document.path);
            files.push(file(format!("feeds/{name}"), document.body.clone()));
            files.push(file(name, document.body));
        }
        let entries = self.names().entries;
        for (folder, depth) in [("", 0), ("feeds/", 1)] {
            let links = Links::Files(Files { depth, entries: entries.clone() });
            for page in self.pages(&Site { links, ..self.site.clone() }) {
                files.push(file(format!("{folder}{}", beside_the_others(&page.path)), page.body));
            }
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

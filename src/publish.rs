//! For each output: entries from the store, rendered, kept as bytes if they differ. Does not know
//! what was polled.

use crate::config::Config;
use crate::feed::{FeedName, KeptEntry, Output};
use crate::render::{self, Format, Links, PageLanguage, Site, TopicTitle};
use crate::store::{self, Store};
use std::path::Path;
use std::{fs, io};

/// A rendered document and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The address that the server answers: `/feeds/all.atom`.
    pub path: String,
    /// The file that `publish` writes: `all.atom`.
    pub file: String,
    /// With its charset.
    pub media_type: &'static str,
    /// Of a page; feeds are the same whoever reads them.
    pub language: Option<PageLanguage>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Every document of the site as the store stands now, for the server.
pub async fn documents(config: &Config, store: &Store) -> Result<Vec<Rendered>, Error> {
    render(site(config), config, store).await
}

/// The same for a folder: pages link to the files beside them. The feeds are the same bytes, so the
/// folder belongs where their addresses say: at `/feeds/`.
pub async fn files(config: &Config, store: &Store) -> Result<Vec<Rendered>, Error> {
    render(Site { links: Links::Files, ..site(config) }, config, store).await
}

async fn render(site: Site, config: &Config, store: &Store) -> Result<Vec<Rendered>, Error> {
    let mut outputs = Vec::with_capacity(config.outputs.len());
    for output in &config.outputs {
        outputs.push((output.clone(), store.entries(output).await?));
    }
    let feeds: Vec<FeedName> = store.feeds().await?.into_iter().map(|record| record.name).collect();
    match tokio::task::spawn_blocking(move || render_all(&site, &outputs, &feeds)).await {
        Ok(rendered) => Ok(rendered),
        Err(_) => Err(Error::Broke),
    }
}

/// Why there are no documents.
#[derive(Debug)]
pub enum Error {
    /// The entries cannot be read.
    Store(store::Error),
    /// Rendering panicked.
    Broke,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Broke => write!(f, "publish: an entry broke the rendering, please report it"),
        }
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// What every document of this site shares.
pub fn site(config: &Config) -> Site {
    Site {
        title: config.title.clone(),
        base_url: config.base_url.clone(),
        generator_version: env!("CARGO_PKG_VERSION"),
        outputs: config.outputs.clone(),
        topics: config
            .topics
            .iter()
            .map(|topic| TopicTitle { id: topic.id.clone(), title: topic.title.clone() })
            .collect(),
        links: Links::Served,
        language: PageLanguage::default(),
    }
}

/// Writes the documents as files, each aside first and then renamed, so that nobody ever reads
/// half of one. A file that has these bytes already is not touched. Answers how many were written.
pub fn write_files(directory: &Path, documents: &[Rendered]) -> io::Result<usize> {
    fs::create_dir_all(directory)?;
    let mut written = 0;
    for document in documents {
        let path = directory.join(&document.file);
        if fs::read(&path).is_ok_and(|old| old == document.body) {
            continue;
        }
        let aside = directory.join(format!(".{}.new", document.file));
        fs::write(&aside, &document.body)?;
        fs::rename(&aside, &path)?;
        written += 1;
    }
    Ok(written)
}

fn render_all(site: &Site, outputs: &[(Output, Vec<KeptEntry>)], feeds: &[FeedName]) -> Vec<Rendered> {
    let mut rendered = Vec::new();
    let sites = in_languages(site);
    for (output, entries) in outputs {
        for format in Format::ALL {
            let file = format!("{}.{}", output.id, format.extension());
            let path = format!("/feeds/{file}");
            let sites = if format == Format::Html { &sites[..] } else { std::slice::from_ref(site) };
            for site in sites {
                rendered.push(Rendered {
                    path: path.clone(),
                    file: file.clone(),
                    media_type: format.media_type(),
                    language: (format == Format::Html).then_some(site.language),
                    body: render::document(site, output, format, entries),
                });
            }
        }
    }
    rendered.extend(sites.iter().map(|site| Rendered {
        path: "/".to_owned(),
        file: "index.html".to_owned(),
        media_type: Format::Html.media_type(),
        language: Some(site.language),
        body: render::index(site, outputs, feeds),
    }));
    let named: Vec<Output> = outputs.iter().map(|(output, _)| output.clone()).collect();
    for (file, body) in [
        ("subscriptions.opml", render::subscriptions_opml(site, feeds)),
        ("outputs.opml", render::outputs_opml(site, &named)),
    ] {
        let media_type = render::OPML_MEDIA_TYPE;
        rendered.push(Rendered { path: format!("/{file}"), file: file.to_owned(), media_type, language: None, body });
    }
    rendered
}

/// The site in each language that it is read in, the first one first. A web host that has files gives
/// everyone the same.
fn in_languages(site: &Site) -> Vec<Site> {
    match site.links {
        Links::Served => PageLanguage::ALL.map(|language| Site { language, ..site.clone() }).into(),
        Links::Files => vec![site.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touches_no_file_whose_bytes_are_the_same() {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let folder = directory.path().join("site");
        let document = |file: &str, body: &str| Rendered {
            path: format!("/feeds/{file}"),
            file: file.to_owned(),
            media_type: "text/plain",
            language: None,
            body: body.as_bytes().to_vec(),
        };
        let write = |documents: &[Rendered]| write_files(&folder, documents).expect("the folder takes files");
        assert_eq!(write(&[document("a.atom", "1"), document("b.atom", "1")]), 2);
        assert_eq!(write(&[document("a.atom", "1"), document("b.atom", "2")]), 1);
        assert_eq!(fs::read_to_string(folder.join("b.atom")).expect("it was written"), "2");
        let left = fs::read_dir(&folder).expect("it is there").count();
        assert_eq!(left, 2, "nothing is left aside");
    }
}

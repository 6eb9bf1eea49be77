//! For each output: entries from the store, rendered, kept as bytes if they differ. Does not know
//! what was polled.

mod files;
mod folder;
mod health;
mod pages;

pub use files::write_site;
pub use folder::Written;
pub use health::note_health;
pub use pages::story_view;

use crate::config::Config;
use crate::feed::{FeedEvent, FeedName, KeptEntry, Output};
use crate::render::{self, Chain, Format, Links, PageLanguage, Site, TopicTitle};
use crate::store::{self, Shown, Store};
use chrono::Utc;

/// The one page that shows all outputs.
const FRONT: &str = "/";

/// A rendered document and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The address that the server answers: `/feeds/all.atom`.
    pub path: String,
    /// With its charset.
    pub media_type: &'static str,
    /// Of a page; feeds are the same whoever reads them.
    pub language: Option<PageLanguage>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Every document of the site as the store stands now, but for what is made for one request.
pub async fn documents(config: &Config, store: &Store) -> Result<Vec<Rendered>, Error> {
    let contents = Contents::read(config, store).await?;
    blocking(move || contents.documents()).await
}

/// The documents at one address, a page in every language; none where nothing is published there. For
/// readers that come before [`documents`] are made: no output is read but the one that they ask for.
pub async fn documents_at(config: &Config, store: &Store, path: &str) -> Result<Vec<Rendered>, Error> {
    let file = path.strip_prefix("/feeds/").and_then(|file| file.rsplit_once('.'));
    let format = file.and_then(|(_, ending)| Format::ALL.into_iter().find(|format| format.extension() == ending));
    let own = config.outputs.iter().find(|output| file.is_some_and(|(id, _)| id == output.id));
    let outputs = match own {
        Some(output) => std::slice::from_ref(output),
        None if path == FRONT => &config.outputs[..],
        None => &[],
    };
    let (contents, path) = (Contents::of(config, outputs, store).await?, path.to_owned());
    blocking(move || {
        let mut documents = match format {
            Some(Format::Html) | None => contents.documents(),
            Some(format) => contents.in_formats(&contents.site, [format]),
        };
        documents.retain(|document| document.path == path);
        documents
    })
    .await
}

/// The part of an output's archive that ends with entry `last`; `None` where there is no such entry.
pub async fn archived(
    config: &Config,
    store: &Store,
    output: &Output,
    last: i64,
    format: Format,
) -> Result<Option<Vec<u8>>, Error> {
    let Some(shown) = store.archived(output, last).await? else {
        return Ok(None);
    };
    let (site, output) = (site(config), output.clone());
    let chain = Chain { archive: Some(last), older: shown.older };
    blocking(move || Some(render::document_in(&site, &output, format, &shown.entries, chain))).await
}

/// Renders where waiting is allowed; what breaks there is an error here.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Broke)
}

/// All that the documents are made of.
struct Contents {
    site: Site,
    outputs: Vec<(Output, Shown)>,
    feeds: Vec<FeedName>,
    events: Vec<FeedEvent>,
}

impl Contents {
    async fn read(config: &Config, store: &Store) -> Result<Self, Error> {
        Self::of(config, &config.outputs, store).await
    }

    async fn of(config: &Config, wanted: &[Output], store: &Store) -> Result<Self, Error> {
        let mut outputs = Vec::with_capacity(wanted.len());
        for output in wanted {
            outputs.push((output.clone(), store.shown(output, Utc::now()).await?));
        }
        let feeds = store.feeds().await?.into_iter().map(|record| record.name).collect();
        let events = store.feed_events(health::EVENTS_SHOWN).await?;
        Ok(Self { site: site(config), outputs, feeds, events })
    }

    fn documents(&self) -> Vec<Rendered> {
        let mut documents = self.feeds();
        // The first language first.
        for language in PageLanguage::ALL {
            documents.extend(self.pages(&Site { language, ..self.site.clone() }));
        }
        documents
    }

    /// What is the same whoever reads it.
    fn feeds(&self) -> Vec<Rendered> {
        let mut documents = self.in_formats(&self.site, [Format::Atom, Format::Rss, Format::Json]);
        let named: Vec<Output> = self.outputs.iter().map(|(output, _)| output.clone()).collect();
        let media_type = render::OPML_MEDIA_TYPE;
        let opml = |path: &str, body| Rendered { path: path.to_owned(), media_type, language: None, body };
        documents.push(opml("/subscriptions.opml", render::subscriptions_opml(&self.site, &self.feeds)));
        documents.push(opml("/outputs.opml", render::outputs_opml(&self.site, &named)));
        documents
    }

    fn pages(&self, site: &Site) -> Vec<Rendered> {
        let mut pages = self.in_formats(site, [Format::Html]);
        pages.push(self.front(site));
        pages
    }

    fn front(&self, site: &Site) -> Rendered {
        let outputs: Vec<(&Output, &[KeptEntry])> =
            self.outputs.iter().map(|(output, shown)| (output, &shown.entries[..])).collect();
        let body = render::index(site, &outputs, &self.feeds);
        let media_type = Format::Html.media_type();
        Rendered { path: FRONT.to_owned(), media_type, language: Some(site.language), body }
    }

    fn in_formats<const COUNT: usize>(&self, site: &Site, formats: [Format; COUNT]) -> Vec<Rendered> {
        let rendered = |id: &str, format: Format, body| {
            let path = format!("/feeds/{id}.{}", format.extension());
            let language = (format == Format::Html).then_some(site.language);
            Rendered { path, media_type: format.media_type(), language, body }
        };
        let mut documents: Vec<Rendered> = Vec::new();
        for (output, shown) in &self.outputs {
            let chain = Chain { archive: None, older: shown.older };
            let bodies = render::documents_in(site, output, formats, &shown.entries, chain);
            documents.extend(formats.into_iter().zip(bodies).map(|(format, body)| rendered(&output.id, format, body)));
        }
        let health = |format| rendered(render::HEALTH, format, render::health_document(site, format, &self.events));
        documents.extend(formats.map(health));
        documents
    }
}

/// Why there are no documents.
#[derive(Debug)]
pub enum Error {
    /// The entries cannot be read.
    Store(store::Error),
    /// Rendering panicked.
    Broke,
    /// The folder does not take files.
    Folder(std::io::Error),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Folder(error) => error.fmt(f),
            Self::Broke => write!(f, "publish: an entry broke the rendering, please report it"),
        }
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Folder(error)
    }
}

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

//! The addresses and what each answers. Whatever is answered carries the same rules for browsers:
//! no script, no style but ours, no frame, no guessing of types. The Host header is read by nobody.

use super::negotiate;
use super::shelf::{Coding, Document, Shelf, body_hash, hexadecimal};
use super::{Live, Search, SearchForm, Searched};
use crate::caching;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tracing::{debug, error};
use url::form_urlencoded;

/// All that the answers need.
struct Site {
    shelf: Shelf,
    live: Live,
    /// Places for pages that are made for one request.
    live_places: Arc<Semaphore>,
    content_security_policy: HeaderValue,
}

type Shared = State<Arc<Site>>;

/// The addresses.
pub(super) fn router(shelf: Shelf, live: Live) -> Router {
    let site = Arc::new(Site {
        content_security_policy: content_security_policy(&live.style_hash),
        live_places: Arc::new(Semaphore::new(LIVE_PAGES_AT_ONCE)),
        shelf,
        live,
    });
    let refuse =
        |site: Shared, headers: HeaderMap| async move { site.refuse(StatusCode::METHOD_NOT_ALLOWED, &headers) };
    Router::new()
        .route("/healthz", get(health).options(options).fallback(refuse))
        .route("/status", get(status).options(options).fallback(refuse))
        .route("/entries/{id}", get(entry).options(options).fallback(refuse))
        .route("/search", search(SearchForm::Page).options(options).fallback(refuse))
        .route("/search.html", search(SearchForm::Page).options(options).fallback(refuse))
        .route("/search.atom", search(SearchForm::Atom).options(options).fallback(refuse))
        .route("/search.rss", search(SearchForm::Rss).options(options).fallback(refuse))
        .route("/search.json", search(SearchForm::Json).options(options).fallback(refuse))
        .fallback(get(document).options(options).fallback(refuse).with_state(site.clone()))
        .layer(middleware::from_fn_with_state(site.clone(), sign))
        .with_state(site)
}

/// Readers that ask again within five minutes would learn nothing: feeds are asked once an hour.
/// Caches may go on showing what they have while they ask, and for a week while we are away.
const CACHED: HeaderValue =
    HeaderValue::from_static("public, max-age=300, stale-while-revalidate=3600, stale-if-error=604800");

/// What is true for this moment only.
const NOT_CACHED: HeaderValue = HeaderValue::from_static("no-store");

/// A published document, or the 304 that stands for it.
async fn document(State(site): Shared, request: Request) -> Response {
    let Some(document) = site.shelf.get(request.uri().path()) else {
        // Before the first publication nobody can tell what there will be, and a reader that is
        // told 404 may never come back.
        let status = if site.shelf.is_empty() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NOT_FOUND };
        return site.refuse(status, request.headers());
    };
    present(&document, request.headers())
}

/// A document, or the 304 that stands for it.
fn present(document: &Document, asked: &HeaderMap) -> Response {
    let offer = document.representations.iter().map(|representation| representation.coding);
    let coding = negotiate::coding(asked, offer);
    let representation = document
        .representations
        .iter()
        .find(|representation| representation.coding == coding)
        .unwrap_or(&document.representations[0]);
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::ETAG, text(&representation.etag));
    headers.insert(header::LAST_MODIFIED, document.last_modified.clone());
    headers.insert(header::CACHE_CONTROL, CACHED);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !document.is_page() {
        open_to_other_sites(&mut headers);
    }
    if is_not_modified(asked, &representation.etag, Some(document)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    if coding != Coding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    (headers, Body::from(representation.body.clone())).into_response()
}

/// An entry's name is read before anyone is troubled with it.
async fn entry(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let is_id = id.len() == 16 && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
    if !is_id {
        return site.refuse(StatusCode::NOT_FOUND, &headers);
    }
    match site.make((site.live.entry)(id)).await {
        Ok(Some(page)) => {
            let etag = format!("\"{}\"", hexadecimal(&body_hash(&page)));
            let about = [(header::ETAG, text(&etag)), (header::CACHE_CONTROL, CACHED)];
            match is_not_modified(&headers, &etag, None) {
                true => (StatusCode::NOT_MODIFIED, about).into_response(),
                false => (about, [(header::CONTENT_TYPE, HTML)], page).into_response(),
            }
        }
        Ok(None) => site.refuse(StatusCode::NOT_FOUND, &headers),
        Err(status) => site.refuse(status, &headers),
    }
}

/// What a query finds. Where there is no `q`, it is empty.
fn search(form: SearchForm) -> MethodRouter<Arc<Site>> {
    get(async move |State(site): Shared, request: Request| {
        let of_query = |query: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "q").map(|(_, value)| value.into_owned())
        };
        let query = request.uri().query().and_then(of_query).unwrap_or_default();
        let searched = site.make((site.live.search)(Search { query, form })).await;
        let mut response = match searched {
            Ok(Searched::Found(document)) => present(&document, request.headers()),
            Ok(Searched::Refused { media_type, body }) => {
                let media_type = HeaderValue::from_static(media_type);
                let about = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, NOT_CACHED)];
                (StatusCode::BAD_REQUEST, about, body).into_response()
            }
            Ok(Searched::TooLong) => site.refuse(StatusCode::SERVICE_UNAVAILABLE, request.headers()),
            Err(status) => site.refuse(status, request.headers()),
        };
        // There are as many searches as words; those who index pages would ask for all of them.
        response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
        response
    })
}

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

async fn status(State(site): Shared, headers: HeaderMap) -> Response {
    match site.make((site.live.status)()).await {
        Ok(Some(page)) => ([(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, NOT_CACHED)], page).into_response(),
        Ok(None) => site.refuse(StatusCode::NOT_FOUND, &headers),
        Err(status) => site.refuse(status, &headers),
    }
}

async fn health(State(site): Shared) -> Response {
    let (status, word) = match (site.live.health)() {
        Ok(()) => (StatusCode::OK, "ok".to_owned()),
        Err(word) => (StatusCode::SERVICE_UNAVAILABLE, word),
    };
    (status, [(header::CONTENT_TYPE, PLAIN), (header::CACHE_CONTROL, NOT_CACHED)], word + "\n").into_response()
}

/// Also answers a browser that asks first whether another site's script may send If-None-Match.
async fn options() -> Response {
    let mut headers = HeaderMap::new();
    open_to_other_sites(&mut headers);
    headers.insert(header::ALLOW, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("if-none-match, if-modified-since, cache-control"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    (StatusCode::NO_CONTENT, headers).into_response()
}

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Each asks the store; more at once would only wait for it, and keep the polls from it.
const LIVE_PAGES_AT_ONCE: usize = 8;

/// A reader that waited so long for a place is told to come back.
const LIVE_PAGE_PATIENCE: Duration = Duration::from_secs(5);

impl Site {
    /// Makes a page in a task of its own: what breaks there is an answer here.
    async fn make<T: Send + 'static>(
        &self,
        page: Pin<Box<dyn Future<Output = Result<T, String>> + Send>>,
    ) -> Result<T, StatusCode> {
        let place = self.live_places.clone().acquire_owned();
        let Ok(Ok(place)) = tokio::time::timeout(LIVE_PAGE_PATIENCE, place).await else {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        };
        let made = tokio::spawn(async move {
            let page = page.await;
            drop(place);
            page
        });
        match made.await {
            Ok(Ok(page)) => Ok(page),
            Ok(Err(error)) => {
                error!(%error, "a page could not be made");
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Err(_) => {
                error!("a page broke while it was made, please report it");
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Says what went wrong: a page for people, a line for programs. Nothing of the request is in it.
    fn refuse(&self, status: StatusCode, headers: &HeaderMap) -> Response {
        let message = match status {
            StatusCode::NOT_FOUND => "There is nothing at this address.",
            StatusCode::METHOD_NOT_ALLOWED => "This address can be read (GET, HEAD), and nothing else.",
            StatusCode::SERVICE_UNAVAILABLE => "Not ready at the moment; try again in a few seconds.",
            _ => "Something went wrong on our side.",
        };
        let mut response = match negotiate::wants_page(headers) {
            true => ([(header::CONTENT_TYPE, HTML)], (self.live.error)(status.as_u16(), message)).into_response(),
            false => ([(header::CONTENT_TYPE, PLAIN)], format!("{message}\n")).into_response(),
        };
        *response.status_mut() = status;
        response.headers_mut().insert(header::CACHE_CONTROL, NOT_CACHED);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, METHODS);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Puts the rules for browsers on every answer, and a line in the log.
async fn sign(State(site): Shared, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, site.content_security_policy.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    debug!(%method, path = ?uri.path(), status = response.status().as_u16(), took = ?start.elapsed(), "answered");
    response
}

/// What browsers may do with our answers: show them, with our one style, and with pictures that come
/// over TLS or in the page itself.
fn content_security_policy(style_hash: &str) -> HeaderValue {
    const STRICT: &str = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    HeaderValue::try_from(format!("{STRICT}; img-src https: data:; style-src {style_hash}"))
        .unwrap_or_else(|_| HeaderValue::from_static(STRICT))
}

/// Anyone may read feeds, from a script in any page; nothing here depends on who asks.
fn open_to_other_sites(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, link"));
}

fn is_not_modified(headers: &HeaderMap, etag: &str, document: Option<&Document>) -> bool {
    let if_none_match = lines(headers, &header::IF_NONE_MATCH);
    let since = headers.get(header::IF_MODIFIED_SINCE).map(HeaderValue::as_bytes);
    match document {
        Some(document) => caching::is_not_modified(if_none_match.as_deref(), since, etag, document.changed_at),
        None => if_none_match.is_some_and(|list| caching::is_not_modified(Some(&list), None, etag, Default::default())),
    }
}

/// A list that was sent in several lines, as one (RFC 9110 §5.3).
fn lines(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let lines: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!lines.is_empty()).then(|| lines.join(&b", "[..]))
}

/// A tag of ours: quotes, hexadecimal digits and letters.
fn text(etag: &str) -> HeaderValue {
    HeaderValue::from_str(etag).expect("a tag is made of visible ASCII")
}

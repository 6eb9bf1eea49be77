//! The addresses and what each answers. Whatever is answered carries the same rules for browsers:
//! no script and no style but ours, no frame, no guessing of types. The Host header is read by nobody.

use super::archive;
use super::connections::Answers;
use super::negotiate;
use super::quick::{Body, Ready};
use super::shelf::{Coding, Document, Representation, Shelf, body_hash, hexadecimal};
use super::{Live, Search, SearchForm, Searched, Story};
use crate::{caching, metrics};
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tracing::{debug, error};
use url::form_urlencoded;

/// All that the answers need.
pub(super) struct Site {
    pub(super) shelf: Shelf,
    pub(super) live: Live,
    /// Places for pages that are made for one request.
    live_places: Arc<Semaphore>,
    content_security_policy: HeaderValue,
}

pub(super) type Shared = State<Arc<Site>>;

/// Answers at all addresses.
#[derive(Clone)]
pub(super) struct Addresses {
    site: Arc<Site>,
    router: TowerToHyperService<Router>,
}

impl Addresses {
    pub(super) fn new(shelf: Shelf, live: Live) -> Self {
        let site = Arc::new(Site {
            content_security_policy: content_security_policy(&live.style_hash, &live.script_hash),
            live_places: Arc::new(Semaphore::new(LIVE_PAGES_AT_ONCE)),
            shelf,
            live,
        });
        Self { router: TowerToHyperService::new(router(site.clone())), site }
    }
}

impl Answers for Addresses {
    fn ready(&self, path: &str, headers: &HeaderMap) -> Option<Ready> {
        let start = Instant::now();
        let document = self.site.shelved(path, headers)?;
        let Choice { representation, is_not_modified } = Choice::of(headers, &document);
        let head = representation.heads[usize::from(is_not_modified)].get_or_init(|| {
            let mut response = hand_out(headers, &document, CACHED);
            self.site.put_rules(&mut response);
            written(response.status(), response.headers(), representation.body.len())
        });
        let status = if is_not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        self.site.note(status, &Method::GET, path, start);
        let body = match is_not_modified {
            true => Body::Bytes(Bytes::new()),
            false => match representation.lending.of(&representation.body) {
                Some(lent) => Body::Lent(lent),
                None => Body::Bytes(representation.body.clone()),
            },
        };
        Some(Ready { head: head.clone(), body })
    }

    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Result<Response, Infallible>> + Send + use<> {
        self.router.call(request)
    }
}

/// A head as it is sent, without its date and its end.
fn written(status: StatusCode, headers: &HeaderMap, body_bytes: usize) -> Bytes {
    let mut head =
        format!("HTTP/1.1 {} {}\r\n", status.as_str(), status.canonical_reason().unwrap_or_default()).into_bytes();
    for (name, value) in headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if status != StatusCode::NOT_MODIFIED {
        head.extend(format!("content-length: {body_bytes}\r\n").bytes());
    }
    head.into()
}

fn router(site: Arc<Site>) -> Router {
    let refuse =
        |site: Shared, headers: HeaderMap| async move { site.refuse(StatusCode::METHOD_NOT_ALLOWED, &headers) };
    Router::new()
        .route("/healthz", get(health).options(options).fallback(refuse))
        .route("/status", get(status).options(options).fallback(refuse))
        .route("/metrics", get(count).options(options).fallback(refuse))
        .route("/archive/{id}/{file}", get(archive::part).options(options).fallback(refuse))
        .route("/entries/{id}", get(entry).options(options).fallback(refuse))
        .route("/stories/{id}", get(story).options(options).fallback(refuse))
        .route("/search", search(SearchForm::Page).options(options).fallback(refuse))
        .route("/search.html", search(SearchForm::Page).options(options).fallback(refuse))
        .route("/search.atom", search(|_| SearchForm::Atom).options(options).fallback(refuse))
        .route("/search.rss", search(|_| SearchForm::Rss).options(options).fallback(refuse))
        .route("/search.json", search(|_| SearchForm::Json).options(options).fallback(refuse))
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
    let (path, headers) = (request.uri().path(), request.headers());
    let before = request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("before=")));
    if let Some(when) = before
        && let Some(response) = archive::before(&site, path, when, headers).await
    {
        return response;
    }
    let mut found = site.shelved(path, headers);
    let was_whole = site.shelf.is_whole();
    if found.is_none() && !was_whole {
        if let Err(status) = site.make((site.live.document)(path.to_owned())).await {
            return site.refuse(status, headers);
        }
        found = site.shelved(path, headers);
    }
    match found {
        Some(document) => hand_out(headers, &document, CACHED),
        // Before the first publication nobody can tell what there was, and a reader that is
        // told 404 may never come back.
        None if !was_whole => site.refuse(StatusCode::SERVICE_UNAVAILABLE, headers),
        None => site.absent_document(path, headers),
    }
}

/// What a reader gets of a document.
struct Choice<'a> {
    representation: &'a Representation,
    is_not_modified: bool,
}

impl<'a> Choice<'a> {
    /// The coding that the reader likes best, unless he has it.
    fn of(request: &HeaderMap, document: &'a Document) -> Self {
        let all = &document.representations;
        let coding = negotiate::coding(request, all.iter().map(|representation| representation.coding));
        let representation = all.iter().find(|representation| representation.coding == coding).unwrap_or(&all[0]);
        let is_not_modified = is_not_modified(request, representation.etag.as_bytes(), document.changed_at);
        Self { representation, is_not_modified }
    }
}

/// A document in the coding that the reader likes best, or the 304 that stands for it.
pub(super) fn hand_out(request: &HeaderMap, document: &Document, cached: HeaderValue) -> Response {
    let Choice { representation, is_not_modified } = Choice::of(request, document);
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::ETAG, representation.etag.clone());
    headers.extend(document.last_modified.clone().map(|moment| (header::LAST_MODIFIED, moment)));
    headers.insert(header::CACHE_CONTROL, cached);
    match document.language {
        None => {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        Some(language) => {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language"));
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
        }
    }
    if !document.is_page() {
        open_to_other_sites(&mut headers);
    }
    if is_not_modified {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.media_type));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("none"));
    if representation.coding != Coding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(representation.coding.name()));
    }
    (headers, representation.body.clone()).into_response()
}

/// An entry's name is read before anyone is troubled with it.
async fn entry(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if !is_id(&id) {
        return site.refuse(StatusCode::NOT_FOUND, &headers);
    }
    let language = negotiate::language(&headers, site.live.languages);
    match site.make((site.live.entry)(id, language)).await {
        Ok(Some(page)) => cached_page(page, language, &headers),
        Ok(None) => site.refuse(StatusCode::NOT_FOUND, &headers),
        Err(status) => site.refuse(status, &headers),
    }
}

/// The name of a story that became part of another leads there, for ever.
async fn story(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if !is_id(&id) {
        return site.refuse(StatusCode::NOT_FOUND, &headers);
    }
    let language = negotiate::language(&headers, site.live.languages);
    match site.make((site.live.story)(id, language)).await {
        Ok(Some(Story::Whole(page))) => cached_page(page, language, &headers),
        // Relative to the address that was asked for: a proxy may have us in a folder.
        Ok(Some(Story::PartOf(uid))) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, text(&uid)), (header::CACHE_CONTROL, CACHED)])
                .into_response()
        }
        Ok(None) => site.refuse(StatusCode::NOT_FOUND, &headers),
        Err(status) => site.refuse(status, &headers),
    }
}

/// What a query finds, in the form for a reader of a language. Where there is no `q`, it is empty.
fn search(form: fn(&'static str) -> SearchForm) -> MethodRouter<Arc<Site>> {
    get(async move |State(site): Shared, request: Request| {
        let of_query = |query: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "q").map(|(_, value)| value.into_owned())
        };
        let query = request.uri().query().and_then(of_query).unwrap_or_default();
        let form = form(negotiate::language(request.headers(), site.live.languages));
        let searched = site.make((site.live.search)(Search { query, form })).await;
        let mut response = match searched {
            Ok(Searched::Found(document)) => hand_out(request.headers(), &document, CACHED),
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
fn is_id(id: &str) -> bool {
    id.len() == 16 && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// A page that was made for one request, or the 304 that stands for it.
fn cached_page(page: Bytes, language: &'static str, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hexadecimal(&body_hash(&page)));
    let about = [
        (header::ETAG, text(&etag)),
        (header::CACHE_CONTROL, CACHED),
        (header::VARY, ACCEPT_LANGUAGE),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language)),
    ];
    match is_not_modified(headers, etag.as_bytes(), None) {
        true => (StatusCode::NOT_MODIFIED, about).into_response(),
        false => (about, [(header::CONTENT_TYPE, HTML)], page).into_response(),
    }
}

async fn status(State(site): Shared, headers: HeaderMap) -> Response {
    let language = negotiate::language(&headers, site.live.languages);
    match site.make((site.live.status)(language)).await {
        Ok(Some(page)) => {
            let about = [
                (header::CONTENT_TYPE, HTML),
                (header::CACHE_CONTROL, NOT_CACHED),
                (header::CONTENT_LANGUAGE, HeaderValue::from_static(language)),
            ];
            (about, page).into_response()
        }
        Ok(None) => site.refuse(StatusCode::NOT_FOUND, &headers),
        Err(status) => site.refuse(status, &headers),
    }
}

async fn count(State(site): Shared) -> Response {
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(metrics::MEDIA_TYPE)), (header::CACHE_CONTROL, NOT_CACHED)];
    (headers, site.live.metrics.text()).into_response()
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
const ACCEPT_LANGUAGE: HeaderValue = HeaderValue::from_static("accept-language");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Each asks the store; more at once would only wait for it, and keep the polls from it.
const LIVE_PAGES_AT_ONCE: usize = 8;

/// A reader that waited so long for a place is told to come back.
const LIVE_PAGE_PATIENCE: Duration = Duration::from_secs(5);

impl Site {
    /// What stands ready at an address, for a reader of some language.
    fn shelved(&self, path: &str, headers: &HeaderMap) -> Option<Arc<Document>> {
        self.shelf.get_in(path, || negotiate::language(headers, self.live.languages))
    }

    /// Puts the rules for browsers on an answer.
    fn put_rules(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.content_security_policy.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }

    /// Counts an answer, and puts a line in the log.
    fn note(&self, status: StatusCode, method: &Method, path: &str, start: Instant) {
        self.live.metrics.answered(status.as_u16());
        debug!(%method, ?path, status = status.as_u16(), took = ?start.elapsed(), "answered");
    }

    /// Makes a page in a task of its own: what breaks there is an answer here.
    pub(super) async fn make<T: Send + 'static>(
        &self,
        page: impl Future<Output = Result<T, String>> + Send + 'static,
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
    pub(super) fn refuse(&self, status: StatusCode, headers: &HeaderMap) -> Response {
        let message = match status {
            StatusCode::NOT_FOUND => "There is nothing at this address.",
            StatusCode::GONE => "This is no longer published.",
            StatusCode::BAD_REQUEST => "That is neither an entry's number nor a date like 2026-03-01.",
            StatusCode::METHOD_NOT_ALLOWED => "This address can be read (GET, HEAD), and nothing else.",
            StatusCode::SERVICE_UNAVAILABLE => "Not ready at the moment; try again in a few seconds.",
            _ => "Something went wrong on our side.",
        };
        let mut response = match negotiate::wants_page(headers) {
            true => {
                let language = negotiate::language(headers, self.live.languages);
                let page = (self.live.error)(status.as_u16(), message, language);
                ([(header::CONTENT_TYPE, HTML), (header::CONTENT_LANGUAGE, HeaderValue::from_static(language))], page)
                    .into_response()
            }
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

/// Puts the rules for browsers on what the router answers, and notes it.
async fn sign(State(site): Shared, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    site.put_rules(&mut response);
    site.note(response.status(), &method, uri.path(), start);
    response
}

/// What browsers may do with our answers: show them, with our one style, our one script and the
/// picture in the page itself, and ask nobody for anything.
fn content_security_policy(style_hash: &str, script_hash: &str) -> HeaderValue {
    const STRICT: &str = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    HeaderValue::try_from(format!("{STRICT}; img-src data:; style-src {style_hash}; script-src {script_hash}"))
        .unwrap_or_else(|_| HeaderValue::from_static(STRICT))
}

/// Anyone may read feeds, from a script in any page; nothing here depends on who asks.
fn open_to_other_sites(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag, link"));
}

fn is_not_modified(headers: &HeaderMap, etag: &[u8], changed_at: Option<DateTime<Utc>>) -> bool {
    let if_none_match = lines(headers, &header::IF_NONE_MATCH);
    // What has no date was not changed since none.
    let since = headers.get(header::IF_MODIFIED_SINCE).filter(|_| changed_at.is_some()).map(HeaderValue::as_bytes);
    caching::is_not_modified(if_none_match.as_deref(), since, etag, changed_at.unwrap_or_default())
}

/// A list that was sent in several lines, as one (RFC 9110 §5.3).
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let first = lines.next()?;
    let more: Vec<&[u8]> = lines.collect();
    Some(if more.is_empty() { first.into() } else { [&[first], &more[..]].concat().join(&b", "[..]).into() })
}

/// A tag or a name of ours: quotes, digits and letters.
fn text(name: &str) -> HeaderValue {
    HeaderValue::from_str(name).expect("tags and names are made of visible ASCII")
}

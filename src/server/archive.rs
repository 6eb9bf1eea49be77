//! What is older than the documents on the shelf: the parts of the archives, and the way to them. Also
//! what is said of outputs that are not here any more.

use super::answers::{Shared, Site, hand_out};
use super::shelf::{Document, Sign};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// A part that is closed gets no new entries: it may be kept for a month. After that time at the latest
/// text that was forgotten here is forgotten there.
const CACHED_LONG: HeaderValue =
    HeaderValue::from_static("public, max-age=2592000, stale-while-revalidate=86400, stale-if-error=604800");

/// For a year at least an old address leads to the new one; who keeps to it may ask again in a day.
const CACHED_FOR_A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// The next entries belong to the answer as well.
const CACHED_SHORTLY: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// `/archive/ID/LAST.EXTENSION`.
pub(super) async fn part(
    State(site): Shared,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some((last, extension)) = number_and_extension(&file).filter(|_| is_id(&id)) else {
        return site.refuse(StatusCode::NOT_FOUND, &headers);
    };
    if !site.shelf.has_output(&id) {
        return site.absent(&id, &format!("../{{}}/{file}"), &headers);
    }
    let path = format!("/archive/{id}/{file}");
    let document = match site.shelf.made.get(&path) {
        Some(document) => document,
        None => match make(&site, id, last, extension).await {
            Ok(Some(document)) => {
                site.shelf.made.put(path, document.clone());
                document
            }
            Ok(None) => return site.refuse(StatusCode::NOT_FOUND, &headers),
            Err(status) => return site.refuse(status, &headers),
        },
    };
    hand_out(&headers, &document, CACHED_LONG)
}

async fn make(site: &Site, id: String, last: i64, extension: &str) -> Result<Option<Arc<Document>>, StatusCode> {
    let making = (site.live.archive)(id, last, extension.to_owned());
    site.make(Box::pin(async move {
        let Some((body, media_type)) = making.await? else {
            return Ok(None);
        };
        // Compressing takes its time.
        let ready = tokio::task::spawn_blocking(move || Arc::new(Document::undated(body, media_type)));
        ready.await.map(Some).map_err(|error| error.to_string())
    }))
    .await
}

/// `/feeds/ID.EXTENSION?before=WHEN` leads into the archive.
pub(super) async fn before(site: &Site, path: &str, when: &str, headers: &HeaderMap) -> Option<Response> {
    let (id, extension) = output_file(path)?;
    site.shelf.get(path)?;
    if when.len() > WHEN_BYTES_MAX {
        return Some(site.refuse(StatusCode::BAD_REQUEST, headers));
    }
    let response = match site.make((site.live.before)(when.to_owned())).await {
        Ok(Some(last)) if last > 0 => {
            led(StatusCode::FOUND, &format!("../archive/{id}/{last}.{extension}"), CACHED_SHORTLY)
        }
        Ok(Some(_)) => site.refuse(StatusCode::NOT_FOUND, headers),
        Ok(None) => site.refuse(StatusCode::BAD_REQUEST, headers),
        Err(status) => site.refuse(status, headers),
    };
    Some(response)
}

/// The longest way to write a moment, with its `+` and `:` as percent codes.
const WHEN_BYTES_MAX: usize = 64;

impl Site {
    /// Says what became of an output; `to` is its address from here with `{}` for the new id.
    pub(super) fn absent(&self, id: &str, to: &str, headers: &HeaderMap) -> Response {
        match self.shelf.sign(id) {
            Some(Sign::Moved(new)) => led(StatusCode::MOVED_PERMANENTLY, &to.replace("{}", &new), CACHED_FOR_A_DAY),
            Some(Sign::Gone) => self.refuse(StatusCode::GONE, headers),
            None => self.refuse(StatusCode::NOT_FOUND, headers),
        }
    }

    /// What became of the output behind an address that nothing stands at.
    pub(super) fn absent_document(&self, path: &str, headers: &HeaderMap) -> Response {
        match output_file(path) {
            Some((id, extension)) => self.absent(id, &format!("{{}}.{extension}"), headers),
            None => self.refuse(StatusCode::NOT_FOUND, headers),
        }
    }
}

/// To an address beside this one: whatever name and folder this is reached by, it leads there.
fn led(status: StatusCode, to: &str, cached: HeaderValue) -> Response {
    // Ids and extensions have letters, digits and hyphens only.
    let Ok(location) = HeaderValue::from_str(to) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, cached);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    (status, headers).into_response()
}

const EXTENSIONS: [&str; 4] = ["atom", "rss", "json", "html"];

/// `all` and `atom` for `/feeds/all.atom`.
fn output_file(path: &str) -> Option<(&str, &str)> {
    let (id, extension) = path.strip_prefix("/feeds/")?.rsplit_once('.')?;
    (is_id(id) && EXTENSIONS.contains(&extension)).then_some((id, extension))
}

/// One way to write a number, so that one part has one address.
fn number_and_extension(file: &str) -> Option<(i64, &str)> {
    let (digits, extension) = file.split_once('.')?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let number = digits.parse().ok().filter(|_| is_plain && EXTENSIONS.contains(&extension))?;
    Some((number, extension))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

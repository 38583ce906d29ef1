//! The pages, embedded in the program; and, where none were built, a notice that says what this server is.

mod encoding;
mod guard;
mod notice;

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, VARY,
};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

use self::encoding::{Accepted, Encoding};
use super::Site;

/// What `npm run build` made; only its marker in a fresh clone. Builds with debug assertions read the folder when they are
/// asked, so that pages may be built after such a server; all others hold the files in themselves.
#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Pages;

/// What keeps the folder in the repository.
const MARKER: &str = ".gitkeep";
/// The page of every address that is one.
const INDEX: &str = "index.html";
/// Below it stands a call's id, whatever that is made of.
const JOURNEYS: &str = "journey/";
/// Files a build names by their content.
const ASSETS: &str = "assets/";

/// One file of a build.
struct File {
    data: Cow<'static, [u8]>,
    hash: [u8; 32],
    /// Its media type.
    kind: String,
}

impl Pages {
    fn file(path: &str) -> Option<File> {
        let file = Self::get(path)?;
        let kind = file.metadata.mimetype().to_owned();
        Some(File { hash: file.metadata.sha256_hash(), data: file.data, kind })
    }
}

/// Whether there are pages to serve.
pub(crate) fn has_pages() -> bool {
    Pages::get(INDEX).is_some()
}

/// Every path that is nothing else.
pub(super) async fn page(State(site): State<Arc<Site>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, "Pages are read with GET.\n").into_response();
    }
    let path = uri.path().trim_start_matches('/');
    match answer(Pages::file, path, &headers) {
        Some(response) => response,
        None if path.is_empty() => notice::notice(&site, &headers),
        None => (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response(),
    }
}

/// What a folder's files make of an address.
fn answer(folder: impl Fn(&str) -> Option<File>, path: &str, headers: &HeaderMap) -> Option<Response> {
    if is_address(path)
        && let Some(file) = folder(path)
    {
        return Some(served(folder, path, file, headers));
    }
    // An address within a page has no extension; what has one is a file that does not exist.
    let is_plain = !path.rsplit('/').next().unwrap_or(path).contains('.');
    let within_page = path.starts_with(JOURNEYS) || is_plain && !path.starts_with("v1/");
    let index = folder(INDEX).filter(|_| within_page)?;
    Some(served(folder, INDEX, index, headers))
}

/// Whether a file may be asked for by that path: not one that stands for another, nor outside the folder.
fn is_address(path: &str) -> bool {
    let steps_aside = path.contains('\\') || path.split('/').any(|step| matches!(step, "" | "." | ".."));
    !steps_aside && path != MARKER && !Encoding::ALL.iter().any(|encoding| path.ends_with(encoding.suffix()))
}

/// The file in the form the client likes best of those there are.
fn served(folder: impl Fn(&str) -> Option<File>, path: &str, file: File, headers: &HeaderMap) -> Response {
    let encoded = |encoding: Encoding| folder(&format!("{path}{}", encoding.suffix()));
    let is_text = file.kind.starts_with("text/") || file.kind.ends_with("javascript");
    let kind = format!("{}{}", file.kind, if is_text { "; charset=utf-8" } else { "" });
    let mut plain = Some(file);
    let chosen = Accepted::of(headers).by_preference().find_map(|form| {
        let file = match form {
            None => plain.take(),
            Some(encoding) => encoded(encoding),
        };
        file.map(|file| (form, file))
    });
    let vary = (VARY, HeaderValue::from_name(ACCEPT_ENCODING));
    let Some((form, file)) = chosen else {
        return (StatusCode::NOT_ACCEPTABLE, [vary], "This file is not here in a form you accept.\n").into_response();
    };
    // Of the bytes that are sent, so that each form has its own.
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.hash[..16]));
    let cache = if path.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let is_known = knows(headers, &tag);
    let always = ([vary], [(ETAG, tag), (CACHE_CONTROL, cache.to_owned())]);
    if is_known {
        return (StatusCode::NOT_MODIFIED, always).into_response();
    }
    let guard = guard::guard(headers, "'self'");
    let mut response = (always, [(CONTENT_TYPE, kind)], guard, Body::from(file.data)).into_response();
    if let Some(form) = form {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(form.name()));
    }
    response
}

/// Whether the client has what this tag stands for (RFC 9110, 13.1.2).
fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).any(|known| {
        // A cache on the way may have made it a weak one.
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests;

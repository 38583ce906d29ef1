//! The pages, embedded in the program; and, where none were built, a notice that says what this server is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, IF_NONE_MATCH,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::Site;

/// What `npm run build` made; only its marker in a fresh clone.
#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Pages;

/// What keeps the folder in the repository.
const MARKER: &str = ".gitkeep";
const NOTICE: &str = include_str!("pages/notice.html");
/// Pages load what they need from here and nothing from elsewhere. WebSockets to here are `'self'` too.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
                      script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every path that is nothing else.
pub(super) async fn page(State(site): State<Arc<Site>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, "Pages are read with GET.\n").into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if path != MARKER
        && let Some(file) = Pages::get(path)
    {
        return served(path, file, &headers);
    }
    // An address within a page has no extension; what has one is a file that does not exist.
    let within_page = !path.starts_with("v1/") && !path.rsplit('/').next().unwrap_or(path).contains('.');
    match Pages::get("index.html") {
        Some(index) if within_page => served("index.html", index, &headers),
        None if path.is_empty() => notice(&site, &headers),
        Some(_) | None => (StatusCode::NOT_FOUND, "There is nothing at this address.\n").into_response(),
    }
}

fn served(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..16]));
    // A build names its assets by their content.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut kind = file.metadata.mimetype().to_owned();
    if kind.starts_with("text/") || kind.ends_with("javascript") {
        kind.push_str("; charset=utf-8");
    }
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let always = [(ETAG, tag), (CACHE_CONTROL, cache.to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, always).into_response();
    }
    (always, guarded(kind), file.data.into_owned()).into_response()
}

fn notice(site: &Site, headers: &HeaderMap) -> Response {
    // Checked before: it is one of this server's names.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let values = [
        ("{{host}}", host),
        ("{{instance}}", &site.instance),
        ("{{domain}}", &site.domain),
        ("{{version}}", env!("CARGO_PKG_VERSION")),
    ];
    let page = values.iter().fold(NOTICE.to_owned(), |page, (place, value)| page.replace(place, &escaped(value)));
    let kind = "text/html; charset=utf-8".to_owned();
    ([(CACHE_CONTROL, "no-cache")], guarded(kind), page).into_response()
}

fn guarded(kind: String) -> [(HeaderName, String); 4] {
    [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{NOTICE, escaped};

    #[test]
    fn the_notice_has_its_places_and_what_stands_in_them_is_escaped() {
        for place in ["{{host}}", "{{instance}}", "{{domain}}", "{{version}}"] {
            assert!(NOTICE.contains(place), "{place}");
        }
        assert_eq!(escaped("<a href=\"&\">"), "&lt;a href=&quot;&amp;&quot;&gt;");
    }
}

//! What stands at `/` where no pages were built: what this server is, and how to look at it.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::guard::guard;
use crate::http::Site;

const NOTICE: &str = include_str!("notice.html");
/// Its one style, which the policy allows by its hash: it is one file, complete in itself.
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style(NOTICE).as_bytes()))));

pub(super) fn notice(site: &Site, headers: &HeaderMap) -> Response {
    // Checked before: it is one of this server's names.
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let values = [
        ("{{host}}", host),
        ("{{instance}}", &site.instance),
        ("{{domain}}", &site.domain),
        ("{{version}}", env!("CARGO_PKG_VERSION")),
    ];
    let page = values.iter().fold(NOTICE.to_owned(), |page, (place, value)| page.replace(place, &escaped(value)));
    let kind = [(CACHE_CONTROL, "no-cache"), (CONTENT_TYPE, "text/html; charset=utf-8")];
    (kind, guard(headers, &STYLE), page).into_response()
}

/// What stands between a page's `<style>` and `</style>`.
fn style(page: &str) -> &str {
    let (_, rest) = page.split_once("<style>").unwrap_or_default();
    rest.split_once("</style>").unwrap_or_default().0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{NOTICE, STYLE, escaped, style};

    #[test]
    fn it_has_its_places_and_what_stands_in_them_is_escaped() {
        for place in ["{{host}}", "{{instance}}", "{{domain}}", "{{version}}"] {
            assert!(NOTICE.contains(place), "{place}");
            assert!(!style(NOTICE).contains(place), "{place} in the style, whose hash is that of the file");
        }
        assert_eq!(escaped("<a href=\"&\">"), "&lt;a href=&quot;&amp;&quot;&gt;");
    }

    #[test]
    fn its_one_style_is_hashed_and_nothing_else_in_it_is_inline() {
        assert_eq!(NOTICE.matches("<style").count(), 1);
        assert!(style(NOTICE).contains("color-scheme"), "{}", style(NOTICE));
        assert!(!NOTICE.contains("style=") && !NOTICE.contains("<script"));
        assert_eq!(STYLE.len(), "'sha256-'".len() + 44);
    }
}

//! What addresses give, on a folder in memory.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};

use super::{File, answer};

/// A build of pages: `index.html` and a script are there in every form, a picture only as it is.
const FILES: [(&str, &str); 10] = [
    (".gitkeep", ""),
    ("index.html", "the page"),
    ("index.html.br", "page by brotli"),
    ("index.html.gz", "page by gzip"),
    ("assets/main-1f.js", "the script"),
    ("assets/main-1f.js.br", "script by brotli"),
    ("assets/main-1f.js.gz", "script by gzip"),
    ("assets/desk-2e.wasm", "the module"),
    ("assets/desk-2e.wasm.gz", "module by gzip"),
    ("icon.png", "a picture"),
];

fn folder(path: &str) -> Option<File> {
    let (name, text) = FILES.into_iter().find(|(name, _)| *name == path)?;
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    Some(File { data: text.as_bytes().into(), hash: Sha256::digest(text).into(), kind: kind.to_owned() })
}

fn get(path: &str, headers: &[(&'static str, &str)]) -> Option<Response<Body>> {
    let sent = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect::<HeaderMap>();
    answer(folder, path, &sent)
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

async fn text(response: Option<Response<Body>>) -> Option<String> {
    let bytes = response?.into_body().collect().await.unwrap().to_bytes();
    Some(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_file_comes_in_the_form_that_is_liked_best() {
    for (accepted, coding, body) in [
        ("gzip, deflate, br", Some("br"), "script by brotli"),
        ("gzip, br;q=0.1", Some("gzip"), "script by gzip"),
        ("br;q=0, gzip;q=0", None, "the script"),
        ("zstd", None, "the script"),
    ] {
        let response = get("assets/main-1f.js", &[("accept-encoding", accepted)]).unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{accepted}");
        assert_eq!(header(&response, "content-encoding"), coding, "{accepted}");
        assert_eq!(header(&response, "content-type"), Some("text/javascript; charset=utf-8"), "{accepted}");
        assert_eq!(header(&response, "vary"), Some("accept-encoding"), "{accepted}");
        assert_eq!(header(&response, "cache-control"), Some("public, max-age=31536000, immutable"), "{accepted}");
        assert_eq!(text(Some(response)).await.as_deref(), Some(body), "{accepted}");
    }
}

#[tokio::test]
async fn what_lies_there_in_fewer_forms_comes_in_one_of_them() {
    let module = get("assets/desk-2e.wasm", &[("accept-encoding", "br, gzip")]).unwrap();
    assert_eq!(header(&module, "content-type"), Some("application/wasm"));
    assert_eq!(header(&module, "content-encoding"), Some("gzip"));
    let picture = get("icon.png", &[("accept-encoding", "br, gzip")]).unwrap();
    assert_eq!(header(&picture, "content-encoding"), None);
    assert_eq!(header(&picture, "cache-control"), Some("no-cache"));
    assert_eq!(text(Some(picture)).await.as_deref(), Some("a picture"));
    let none = get("icon.png", &[("accept-encoding", "br, identity;q=0")]).unwrap();
    assert_eq!(none.status(), StatusCode::NOT_ACCEPTABLE);
}

#[test]
fn each_form_has_a_tag_of_its_own_and_is_not_sent_twice() {
    let tag_of = |accepted: &str| {
        let response = get("", &[("accept-encoding", accepted)]).unwrap();
        header(&response, "etag").unwrap().to_owned()
    };
    let tags = ["br", "gzip", ""].map(tag_of);
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    for known in [tags[0].clone(), format!("W/{}", tags[0]), format!("\"other\", {}", tags[0]), "*".to_owned()] {
        let response = get("", &[("accept-encoding", "br"), ("if-none-match", &known)]).unwrap();
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&response, "etag"), Some(&*tags[0]));
        assert_eq!(header(&response, "vary"), Some("accept-encoding"));
        assert_eq!(header(&response, "content-encoding"), None);
    }
    let other = get("", &[("accept-encoding", "gzip"), ("if-none-match", &tags[0])]).unwrap();
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn addresses_within_the_pages_are_the_page() {
    for path in
        ["", "index.html", "wallboard", "journey", "journey/", "journey/17", "journey/a.b", "journey/1.br", "desktop"]
    {
        assert_eq!(text(get(path, &[])).await.as_deref(), Some("the page"), "{path}");
    }
}

#[test]
fn nothing_else_is_an_address() {
    for path in [
        "index.html.br",
        "assets/main-1f.js.gz",
        ".gitkeep",
        "missing.js",
        "assets/../icon.png",
        "./icon.png",
        "assets//main-1f.js",
        "assets\\main-1f.js",
        "v1/nothing",
    ] {
        assert!(get(path, &[]).is_none(), "{path}");
    }
}

#[test]
fn a_page_is_guarded() {
    let page = get("wallboard", &[("host", "localhost:8430")]).unwrap();
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self'; ") && policy.contains(" ws://localhost:8430 "), "{policy}");
    assert_eq!(header(&page, "cross-origin-opener-policy"), Some("same-origin"));
    assert_eq!(header(&page, "x-content-type-options"), Some("nosniff"));
    assert!(header(&page, "permissions-policy").unwrap().contains("camera=()"));
}

#[test]
fn where_no_pages_were_built_no_address_is_one() {
    assert!(answer(|path| folder(path).filter(|_| path == ".gitkeep"), "wallboard", &HeaderMap::new()).is_none());
}

//! Who may use the listener from a browser: a page of another site must not reach it (`Origin`), nor a name that another
//! site made point here (`Host`).

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::info;

use super::Site;
use crate::config::Listen;

/// What is let in, in lower case.
#[derive(Debug)]
pub(super) struct Origins {
    hosts: BTreeSet<String>,
    origins: BTreeSet<String>,
}

impl Origins {
    /// The listener's own names on `port`, and those of the configuration.
    pub(super) fn new(listen: &Listen, port: u16) -> Self {
        let address = match listen.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        let mut hosts = BTreeSet::new();
        for name in ["localhost", "127.0.0.1", "[::1]", &address] {
            hosts.insert(format!("{name}:{port}"));
            if port == 80 {
                hosts.insert(name.to_owned());
            }
        }
        let mut origins: BTreeSet<String> = hosts.iter().map(|host| format!("http://{host}")).collect();
        hosts.extend(listen.hosts.iter().map(|host| host.to_ascii_lowercase()));
        origins.extend(listen.origins.iter().map(|origin| origin.to_ascii_lowercase()));
        Self { hosts, origins }
    }

    /// Whether a request may pass; what is wrong with it otherwise.
    fn judge(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Foreign> {
        // A request in absolute form names its host there, and that counts.
        let named = uri.authority().map(axum::http::uri::Authority::as_str);
        let host = only(headers, &HOST).map_err(|()| Foreign::Host)?;
        if host.or(named).is_none() || [host, named].into_iter().flatten().any(|host| !contains(&self.hosts, host)) {
            return Err(Foreign::Host);
        }
        match only(headers, &ORIGIN) {
            Ok(None) => Ok(()),
            Ok(Some(origin)) if contains(&self.origins, origin) => Ok(()),
            Ok(Some(_)) | Err(()) => Err(Foreign::Origin),
        }
    }
}

fn contains(known: &BTreeSet<String>, name: &str) -> bool {
    known.contains(name) || known.contains(&name.to_ascii_lowercase())
}

/// A header's value where it stands once; `Err` where it stands twice or is no text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Foreign {
    Host,
    Origin,
}

/// The first thing every request meets.
pub(super) async fn check(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let what = match site.origins.judge(request.uri(), request.headers()) {
        Ok(()) => return share(request, next).await,
        Err(Foreign::Host) => "This server is not known under that Host. Add it to `listen.hosts` if it is.\n",
        Err(Foreign::Origin) => {
            "Pages of that Origin may not use this server. Add it to `listen.origins` if they may.\n"
        }
    };
    site.counts.origins_refused.fetch_add(1, Ordering::Relaxed);
    info!(host = ?request.headers().get(HOST), origin = ?request.headers().get(ORIGIN), "refused a request from elsewhere");
    (StatusCode::FORBIDDEN, what).into_response()
}

/// Lets pages of a known origin read the answer (the Fetch standard's CORS protocol), and tells them what they may send.
async fn share(request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(ORIGIN).cloned() else { return next.run(request).await };
    let asks_first =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(VARY, HeaderValue::from_static("origin"));
    if asks_first {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        let sent = "authorization, content-type, last-event-id";
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(sent));
        // A day: what is allowed does not change while the server runs.
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

    use super::{Foreign, Origins};
    use crate::config::Listen;

    fn judge(uri: &str, host: &[&str], origin: &[&str]) -> Result<(), Foreign> {
        let listen = Listen {
            hosts: vec!["Desk.example.com".into()],
            origins: vec!["https://desk.example.com".into()],
            ..Listen::default()
        };
        let mut headers = HeaderMap::new();
        for (name, values) in [(HOST, host), (ORIGIN, origin)] {
            for value in values {
                headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
        }
        Origins::new(&listen, 8430).judge(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn its_own_names_pass() {
        for host in ["localhost:8430", "LOCALHOST:8430", "127.0.0.1:8430", "[::1]:8430", "desk.example.com"] {
            assert_eq!(judge("/", &[host], &[]), Ok(()), "{host}");
        }
        for origin in ["http://localhost:8430", "http://127.0.0.1:8430", "https://desk.example.com"] {
            assert_eq!(judge("/", &["localhost:8430"], &[origin]), Ok(()), "{origin}");
        }
    }

    #[test]
    fn foreign_hosts_do_not() {
        for host in [
            &[][..],
            &[""],
            &["localhost"],
            &["localhost:8431"],
            &["evil.example:8430"],
            &["localhost:8430.evil.example"],
            &["localhost:8430", "localhost:8430"],
            &["ü:8430"],
        ] {
            assert_eq!(judge("/", host, &[]), Err(Foreign::Host), "{host:?}");
        }
        assert_eq!(judge("http://evil.example:8430/", &["localhost:8430"], &[]), Err(Foreign::Host));
        assert_eq!(judge("http://localhost:8430/", &["localhost:8430"], &[]), Ok(()));
    }

    #[test]
    fn foreign_origins_do_not() {
        for origin in [
            &["null"][..],
            &[""],
            &["http://localhost"],
            &["https://localhost:8430"],
            &["http://desk.example.com"],
            &["http://evil.example:8430"],
            &["http://localhost:8430", "http://localhost:8430"],
        ] {
            assert_eq!(judge("/", &["localhost:8430"], origin), Err(Foreign::Origin), "{origin:?}");
        }
    }
}

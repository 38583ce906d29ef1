//! What every page is sent with: where it may load from, and what it may not ask of a browser.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
/// Pages use none of these, and nothing that got into one may ask for them.
const NOT_ASKED_FOR: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The headers, for a page with these styles.
pub(super) fn guard(headers: &HeaderMap, styles: &str) -> [(HeaderName, String); 5] {
    [
        (CONTENT_SECURITY_POLICY, policy(headers, styles)),
        (OPENER_POLICY, "same-origin".to_owned()),
        (PERMISSIONS_POLICY, NOT_ASKED_FOR.to_owned()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ]
}

/// Pages load what they need from here and nothing from elsewhere, and no text of a page is a script or a style.
fn policy(headers: &HeaderMap, styles: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src {styles}; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        sockets(headers)
    )
}

/// WebSockets to here by name: not in every browser are they `'self'`. The host was checked before: it is one of this
/// server's names. One of an IPv6 address cannot stand in a policy, and is left to `'self'`.
fn sockets(headers: &HeaderMap) -> String {
    let can_stand = |host: &&str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte));
    match headers.get(HOST).and_then(|host| host.to_str().ok()).filter(can_stand) {
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::{HOST, HeaderMap, HeaderValue};

    use super::policy;

    fn of(host: Option<&'static str>) -> String {
        let host = host.map(|host| (HOST, HeaderValue::from_static(host)));
        policy(&host.into_iter().collect::<HeaderMap>(), "'self'")
    }

    #[test]
    fn sockets_to_here_are_allowed_by_name() {
        let policy = of(Some("desk.example.com:8430"));
        let connect = "connect-src 'self' ws://desk.example.com:8430 wss://desk.example.com:8430;";
        assert!(policy.contains(connect), "{policy}");
    }

    #[test]
    fn a_host_that_cannot_stand_in_a_policy_does_not() {
        for host in [None, Some("[::1]:8430"), Some("a;script-src *"), Some("a b"), Some("a,b")] {
            let policy = of(host);
            assert!(policy.contains("connect-src 'self'; worker-src"), "{policy}");
        }
    }

    #[test]
    fn nothing_inline_and_nothing_from_elsewhere() {
        let policy = of(Some("localhost:8430"));
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';"));
        for loose in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:"] {
            assert!(!policy.contains(loose), "{loose}");
        }
    }
}

//! The server's own pages, or what stands in their place where none were built: how they are sent, and what is no page.

use interaction_tests::{Fault, Server, raw};

async fn get(server: &Server, path: &str, headers: &str) -> Result<(u16, String), Fault> {
    let address = &server.address;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n");
    let (status, text) = raw::http(address, &request).await?;
    Ok((status, text.to_lowercase()))
}

#[tokio::test]
async fn are_sent_with_a_strict_policy() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let (status, text) = get(&server, "/", "").await?;
    assert_eq!(status, 200, "{text}");
    let policy = text.lines().find_map(|line| line.strip_prefix("content-security-policy: ")).expect("a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src "), "{policy}");
    let sockets = format!("connect-src 'self' ws://{0} wss://{0};", server.address);
    for rule in [&*sockets, "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "worker-src 'self'"] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    for header in [
        "content-type: text/html; charset=utf-8",
        "cross-origin-opener-policy: same-origin",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "permissions-policy: camera=()",
    ] {
        assert!(text.contains(&format!("\n{header}")), "{header} in {text}");
    }
    Ok(())
}

#[tokio::test]
async fn have_addresses_without_extensions() -> Result<(), Fault> {
    let server = Server::silent().await?;
    // Both are there where the pages were built, and neither is where they were not.
    let (index, _) = get(&server, "/index.html", "").await?;
    for path in ["/wallboard?agent=1000", "/journey", "/journey/1a2-0001-7", "/journey/a.b", "/desktop"] {
        let (status, text) = get(&server, path, "").await?;
        assert_eq!(status, index, "{path}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn are_nothing_beside_their_folder() -> Result<(), Fault> {
    let server = Server::silent().await?;
    for path in [
        "/missing.js",
        "/index.html.br",
        "/index.html.gz",
        "/.gitkeep",
        "/../package.json",
        "/..%2fpackage.json",
        "/%2e%2e/package.json",
        "/assets/../index.html",
        "//etc/passwd.txt",
        "/v1/nothing",
    ] {
        let (status, text) = get(&server, path, "").await?;
        assert_eq!(status, 404, "{path}: {text}");
    }
    Ok(())
}

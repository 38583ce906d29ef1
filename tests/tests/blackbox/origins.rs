//! Requests of pages that are not the server's own, and under names that are not: 403 before anything else.

use interaction_tests::{Fault, Server, Settings, raw};

#[tokio::test]
async fn of_other_pages_and_hosts_are_refused_everywhere() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let address = &server.address;
    for path in ["/v1/ws", "/", "/metrics", "/nowhere"] {
        let get =
            |host: &str, headers: &str| raw::handshake(host, headers).replace("GET /v1/ws", &format!("GET {path}"));
        for origin in
            ["http://evil.example", "null", "https://127.0.0.1.evil.example", &format!("http://{address}.evil.example")]
        {
            let (status, text) = raw::http(address, &get(address, &format!("Origin: {origin}\r\n"))).await?;
            assert_eq!(status, 403, "{path} from {origin}: {text}");
        }
        for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
            let (status, text) = raw::http(address, &get(host, "")).await?;
            assert_eq!(status, 403, "{path} as {host}: {text}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn of_its_own_pages_and_of_none_pass() -> Result<(), Fault> {
    let server = Server::silent().await?;
    let address = &server.address;
    let (status, text) = raw::http(address, &raw::handshake(address, &format!("Origin: http://{address}\r\n"))).await?;
    assert_eq!(status, 101, "{text}");
    let (status, text) = raw::http(address, &raw::handshake(address, "")).await?;
    assert_eq!(status, 101, "{text}");
    Ok(())
}

#[tokio::test]
async fn that_are_listed_pass() -> Result<(), Fault> {
    let server =
        Server::start(Settings::default().listen("origins = [\"https://desk.example\"]\nhosts = [\"desk.example\"]"))
            .await?;
    let (status, text) =
        raw::http(&server.address, &raw::handshake("desk.example", "Origin: https://desk.example\r\n")).await?;
    assert_eq!(status, 101, "{text}");
    let (status, _) =
        raw::http(&server.address, &raw::handshake("desk.example", "Origin: https://other.example\r\n")).await?;
    assert_eq!(status, 403);
    Ok(())
}

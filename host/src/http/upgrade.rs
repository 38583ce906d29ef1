//! The WebSocket handshake (RFC 6455, section 4.2), after which the stream is taken back from HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::{debug, error};

use super::Site;
use super::connection::Permit;
use super::key::resume_key;
use crate::happening::Happening;
use crate::socket::{Line, read};

/// `GET /v1/ws`.
pub(super) async fn upgrade(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<SocketAddr>,
    Extension(permit): Extension<Permit>,
    mut request: Request,
) -> axum::response::Response {
    let accept = match accept(request.headers()) {
        Ok(accept) => accept,
        Err(refused) => return refused.into_response(),
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "This is a WebSocket: connect with HTTP/1.1 and an upgrade.\n")
            .into_response();
    };
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => serve(&site, peer, upgraded).await,
            Err(error) => debug!("a handshake was not finished: {error}"),
        }
        drop(permit);
    });
    let response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, accept)
        .body(Body::empty());
    response.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), IntoResponse::into_response)
}

/// A request that is no handshake of this protocol: status, what is spoken here, and what to do.
type NoHandshake = (StatusCode, [(HeaderName, &'static str); 2], &'static str);

/// What proves that the handshake was understood.
fn accept(headers: &HeaderMap) -> Result<String, NoHandshake> {
    let spoken = [(UPGRADE, "websocket"), (SEC_WEBSOCKET_VERSION, "13")];
    let has = |name: &HeaderName, word: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    if !has(&CONNECTION, "upgrade") || !has(&UPGRADE, "websocket") {
        let what = "This is a WebSocket: connect with `Connection: upgrade` and `Upgrade: websocket`.\n";
        return Err((StatusCode::UPGRADE_REQUIRED, spoken, what));
    }
    if !has(&SEC_WEBSOCKET_VERSION, "13") {
        let what = "This server speaks version 13 of the WebSocket protocol.\n";
        return Err((StatusCode::UPGRADE_REQUIRED, spoken, what));
    }
    match headers.get(SEC_WEBSOCKET_KEY) {
        Some(key) if key.len() == 24 => Ok(derive_accept_key(key.as_bytes())),
        _ => Err((StatusCode::BAD_REQUEST, spoken, "Sec-WebSocket-Key must be 16 bytes in base64.\n")),
    }
}

/// Hands the stream to the engine's loop and reads it until it ends.
async fn serve(site: &Site, peer: SocketAddr, upgraded: Upgraded) {
    let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        error!("an upgraded connection is no TCP stream");
        return;
    };
    let Some(key) = resume_key(&site.instance) else {
        error!("the system gives no random bytes: the socket is closed");
        return;
    };
    let socket = site.numbers.socket();
    let line = Arc::new(Line::new(parts.io.into_inner()));
    let peer = peer.ip().to_canonical().to_string().into();
    let opened = Happening::Opened { socket, line: Arc::clone(&line), peer, key };
    if site.happenings.send(opened).await.is_ok() {
        read(socket, line, parts.read_buf, site.message_bytes_max, site.happenings.clone()).await;
    }
}

//! Links by HTTP, for networks that block WebSocket: `connect` and messages are posted, messages come by long polls or as
//! Server-Sent Events.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use hyper::body::{Frame, SizeHint};
use interaction_core::failure::Code;
use interaction_core::ids::SocketId;
use interaction_core::input::{Carrier, Closed, KeyHash};
use interaction_core::limits::POLL_WAIT_MS_MAX;
use interaction_core::wire::intake::key_hash;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::Site;
use super::bearer::bearer;
use super::connection::Permit;
use super::key::resume_key;
use crate::exchange::Reply;
use crate::happening::{Addressee, Happening, Received};
use crate::socket::received;

/// How long a posted message may take to come in full: as long as its header.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// How long the engine's loop may take to answer, a poll's wait not counted: its turns take milliseconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a poll waits that does not say, in seconds.
const WAIT_DEFAULT: u64 = 25;
/// The name under which event streams tell what they have seen.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies that buffer responses must not buffer this one.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `POST /v1/connect`.
pub(super) async fn connect(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<SocketAddr>,
    request: Request,
) -> Response {
    let Some(key) = resume_key(&site.instance) else { return unavailable("The system gives no random bytes.") };
    post(&site, peer, Addressee::Fresh(key), request).await
}

/// `POST /v1/messages`.
pub(super) async fn message(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<SocketAddr>,
    request: Request,
) -> Response {
    match link_key(request.headers()) {
        Some(key) => post(&site, peer, Addressee::Link(key), request).await,
        None => no_key(),
    }
}

/// `GET /v1/messages?after=N&wait=25`.
pub(super) async fn poll(State(site): State<Arc<Site>>, request: Request) -> Response {
    let Some(key) = link_key(request.headers()) else { return no_key() };
    let query = request.uri().query().unwrap_or_default();
    let (after, wait) = match (number(query, "after"), number(query, "wait")) {
        (Ok(after), Ok(wait)) => (after.unwrap_or(0), wait.unwrap_or(WAIT_DEFAULT)),
        (Err(name), _) | (_, Err(name)) => return invalid(name, "must be one whole number"),
    };
    let wait_ms = u32::try_from(wait.saturating_mul(1_000)).unwrap_or(u32::MAX).min(POLL_WAIT_MS_MAX);
    let within = ANSWER_WITHIN + Duration::from_millis(u64::from(wait_ms));
    attach(&site, key, after, Carrier::Poll { wait_ms }, within).await
}

/// `GET /v1/events`.
pub(super) async fn events(
    State(site): State<Arc<Site>>,
    Extension(permit): Extension<Permit>,
    headers: HeaderMap,
) -> Response {
    let Some(key) = link_key(&headers) else { return no_key() };
    let mut seen = headers.get_all(LAST_EVENT_ID).iter();
    let after = match (seen.next(), seen.next()) {
        (None, _) => Some(0),
        (Some(value), None) => value.to_str().ok().and_then(whole),
        (Some(_), Some(_)) => None,
    };
    let Some(after) = after else { return invalid("Last-Event-ID", "must be one whole number") };
    permit.stays();
    attach(&site, key, after, Carrier::Stream, ANSWER_WITHIN).await
}

/// Reads a message, hands it to the loop and waits for what it comes to.
async fn post(site: &Site, peer: SocketAddr, to: Addressee, request: Request) -> Response {
    if !is_json(request.headers()) {
        let what = "`Content-Type` must be application/json. Send one JSON object.";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::RequestInvalid, what);
    }
    let what = match timeout(BODY_WITHIN, read(request.into_body(), site.message_bytes_max)).await {
        Ok(Some(what)) => what,
        Ok(None) => return refused(StatusCode::BAD_REQUEST, Code::RequestMalformed, "The body broke off."),
        Err(_) => {
            let what = "The body did not come in time. Send it at once.";
            return refused(StatusCode::REQUEST_TIMEOUT, Code::RequestDeadline, what);
        }
    };
    let socket = site.numbers.request();
    let (reply, replied) = oneshot::channel();
    let peer = peer.ip().to_canonical().to_string().into();
    let posted = Happening::Posted { socket, peer, to, what, reply };
    ask(site, socket, posted, replied, ANSWER_WITHIN).await
}

async fn attach(site: &Site, key: KeyHash, after: u64, carrier: Carrier, within: Duration) -> Response {
    let socket = site.numbers.request();
    let (reply, replied) = oneshot::channel();
    ask(site, socket, Happening::Attached { socket, key, after, carrier, reply }, replied, within).await
}

/// Hands a request to the loop and answers with what it replies.
async fn ask(
    site: &Site,
    socket: SocketId,
    happening: Happening,
    replied: oneshot::Receiver<Reply>,
    within: Duration,
) -> Response {
    if site.happenings.send(happening).await.is_err() {
        return unavailable("The server goes down.");
    }
    // From here on the loop is told when the response is gone, however that comes.
    let gone = Gone { socket, happenings: site.happenings.clone() };
    match timeout(within, replied).await {
        Ok(Ok(reply)) => response(reply, gone),
        Ok(Err(_)) => unavailable("The server goes down."),
        Err(_) => unavailable("The engine's loop does not answer."),
    }
}

/// Tells the loop that a response is gone: sent, or not wanted any more.
struct Gone {
    socket: SocketId,
    happenings: mpsc::Sender<Happening>,
}

impl Drop for Gone {
    fn drop(&mut self) {
        let left = Happening::Left { socket: self.socket, why: Closed::Gone };
        if let Err(mpsc::error::TrySendError::Full(left)) = self.happenings.try_send(left) {
            let happenings = self.happenings.clone();
            // The loop is gone only when the server ends.
            tokio::spawn(async move { drop(happenings.send(left).await) });
        }
    }
}

/// A body that is there, with its length.
struct Whole {
    body: Option<Bytes>,
    _gone: Gone,
}

impl hyper::body::Body for Whole {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.body.take().map(|body| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.as_ref().map_or(0, |body| body.len() as u64))
    }
}

fn response(reply: Reply, gone: Gone) -> Response {
    match reply {
        Reply::Whole(status, body) => {
            let body = Body::new(Whole { body: Some(body).filter(|body| !body.is_empty()), _gone: gone });
            let status = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            json_response(status, body)
        }
        Reply::Stream(events) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (ACCEL_BUFFERING, HeaderValue::from_static("no")),
            ];
            let body = Body::from_stream(events.map(move |piece| {
                let _open = &gone;
                piece
            }));
            (headers, body).into_response()
        }
    }
}

fn json_response(status: StatusCode, body: Body) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (status, headers, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        // The body says it to the millisecond.
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The whole body as a message, unless it breaks off.
async fn read(body: Body, bytes_max: u32) -> Option<Received> {
    let mut body = body.into_data_stream();
    let mut message = Vec::new();
    while let Some(piece) = body.next().await {
        let piece = piece.ok()?;
        let len = message.len() + piece.len();
        if len > bytes_max as usize {
            return Some(Received::TooLarge { bytes: len as u64 });
        }
        message.extend_from_slice(&piece);
    }
    Some(received(&mut message))
}

/// The hash of the key that names the link.
fn link_key(headers: &HeaderMap) -> Option<KeyHash> {
    bearer(headers).map(key_hash)
}

fn no_key() -> Response {
    let what = "`Authorization` must be `Bearer` and the `resumeKey` of the link's `connected`, once.";
    refused(StatusCode::UNAUTHORIZED, Code::LinkRequired, what)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// A number of the query, where it stands at most once; its name where it is none.
fn number(query: &str, name: &'static str) -> Result<Option<u64>, &'static str> {
    let mut values = query.split('&').filter_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then_some(value)
    });
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => whole(value).map(Some).ok_or(name),
        (Some(_), Some(_)) => Err(name),
    }
}

fn whole(text: &str) -> Option<u64> {
    // `parse` would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn invalid(name: &str, must: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, Code::RequestInvalid, &format!("`{name}` {must}."))
}

fn unavailable(what: &str) -> Response {
    refused(StatusCode::SERVICE_UNAVAILABLE, Code::InternalError, what)
}

/// Refuses a request that the engine is not asked about.
fn refused(status: StatusCode, code: Code, what: &str) -> Response {
    let failure = json!({"code": code.as_str(), "message": what, "context": ""});
    let body = json!({"messageType": "coreError", "failure": failure}).to_string();
    json_response(status, body.into())
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_of_a_query_stand_once_and_are_whole() {
        assert_eq!(number("after=17&wait=25", "after"), Ok(Some(17)));
        assert_eq!(number("after=17&wait=25", "wait"), Ok(Some(25)));
        assert_eq!(number("", "after"), Ok(None));
        assert_eq!(number("afterwards=1", "after"), Ok(None));
        assert_eq!(number("after=18446744073709551615", "after"), Ok(Some(u64::MAX)));
        for query in [
            "after",
            "after=",
            "after=-1",
            "after=+1",
            "after=1.5",
            "after=%31",
            "after=1&after=1",
            "after=18446744073709551616",
        ] {
            assert_eq!(number(query, "after"), Err("after"), "{query}");
        }
    }
}

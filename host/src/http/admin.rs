//! What only an operator may do.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::Site;
use super::health::refused;

/// `POST /v1/admin/engine`: puts the build of the engine that the configuration names in the place of the one that runs.
pub(super) async fn engine(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    if site.tokens.is_none() {
        let what = "This needs a token with the scope `admin`, and this server asks for none: set `listen.require-tokens`, or \
                    send it SIGHUP.\n";
        return (StatusCode::FORBIDDEN, what).into_response();
    }
    if let Some(refused) = refused(&site, &headers) {
        return refused;
    }
    let Some(replacing) = &site.replacing else {
        return told("the engine is native: `engine.kind` is \"component\" where it can be replaced");
    };
    let (answer, answered) = oneshot::channel();
    if replacing.try_send(answer).is_err() {
        return told("it is being replaced already");
    }
    match answered.await {
        Ok(Ok(replaced)) => answer_with(StatusCode::OK, &replaced),
        Ok(Err(what)) => told(&what),
        Err(_) => told("the server goes down"),
    }
}

/// The engine goes on as it was.
fn told(what: &str) -> Response {
    answer_with(StatusCode::CONFLICT, &json!({"error": what}))
}

fn answer_with(status: StatusCode, body: &impl Serialize) -> Response {
    // INVARIANT: what is answered here has a JSON form.
    let text = serde_json::to_string(body).expect("a JSON form");
    (status, [(CONTENT_TYPE, "application/json")], text).into_response()
}

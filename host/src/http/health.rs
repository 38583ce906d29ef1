//! Whether the server lives, whether it is ready, and what it counts.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use interaction_core::input::Claims;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Site;
use super::bearer::bearer;
use crate::happening::Happening;
use crate::metrics::{self, Observation};

/// How long the engine's loop may take to answer: its turns take milliseconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Lives: the engine's loop turns.
pub(super) async fn healthz(State(site): State<Arc<Site>>) -> Response {
    match observe(&site).await {
        Some(_) => (StatusCode::OK, "ok\n").into_response(),
        None => stuck(),
    }
}

/// Ready: it listens, and the telephony platform was known in full once.
pub(super) async fn readyz(State(site): State<Arc<Site>>) -> Response {
    if *site.in_service.borrow() {
        return (StatusCode::OK, "ready\n").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, "not ready: waiting for the telephony platform\n").into_response()
}

/// Everything it counts, for whoever may know it.
pub(super) async fn metrics(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    if let Some(refused) = refused(&site, &headers) {
        return refused;
    }
    let Some(observation) = observe(&site).await else { return stuck() };
    let adapter = site.counting.counts().await;
    match metrics::render(observation, adapter, site.counts(), site.clock.started()) {
        Ok(page) => {
            ([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], page).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

async fn observe(site: &Site) -> Option<Observation> {
    let (answer, answered) = oneshot::channel();
    let asked = async {
        site.happenings.send(Happening::Observe(answer)).await.ok()?;
        answered.await.ok()
    };
    timeout(ANSWER_WITHIN, asked).await.ok().flatten()
}

/// Where tokens are asked for: the refusal of a request without one that has the scope `admin`.
pub(super) fn refused(site: &Site, headers: &HeaderMap) -> Option<Response> {
    let tokens = site.tokens.as_ref()?;
    let claims = bearer(headers).map_or(Claims::Bad, |token| tokens.borrow().claims(site.clock.now(), token));
    match claims {
        Claims::Good { scopes, .. } | Claims::Known { scopes, .. } if scopes.admin => None,
        Claims::Good { .. } | Claims::Known { .. } => {
            Some((StatusCode::FORBIDDEN, "This needs a token with the scope `admin`.\n").into_response())
        }
        Claims::Bad => {
            let what = "Send `Authorization: Bearer` and a token with the scope `admin`.\n";
            Some((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], what).into_response())
        }
    }
}

fn stuck() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "the engine's loop does not answer\n").into_response()
}

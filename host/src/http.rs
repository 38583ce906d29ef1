//! The listener: HTTP for pages, health, metrics and links, and the WebSocket handshake.

mod admin;
mod bearer;
mod connection;
mod exchange;
mod health;
mod key;
mod origin;
mod pages;
mod upgrade;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};
use tokio::sync::{mpsc, watch};

pub(crate) use self::connection::listen;
pub(crate) use self::key::push_random;
use self::origin::Origins;
pub(crate) use self::pages::has_pages;
use crate::clock::Clock;
use crate::config::Settings;
use crate::happening::Happening;
use crate::metrics::HttpCounts;
use crate::replacing::Asked;
use crate::socket::Numbers;
use crate::switches::Counting;
use crate::tokens::Tokens;

/// What every request sees.
#[derive(Debug)]
pub(crate) struct Site {
    clock: Clock,
    instance: String,
    domain: String,
    message_bytes_max: u32,
    origins: Origins,
    happenings: mpsc::Sender<Happening>,
    counting: Counting,
    in_service: watch::Receiver<bool>,
    /// Where what is the operator's needs a token: those there are.
    tokens: Option<watch::Receiver<Tokens>>,
    /// Who replaces the engine, where it can be.
    replacing: Option<mpsc::Sender<Asked>>,
    numbers: Arc<Numbers>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    connections_refused: AtomicU64,
    origins_refused: AtomicU64,
}

/// What a site reaches behind it.
pub(crate) struct Behind {
    /// The engine's loop.
    pub(crate) happenings: mpsc::Sender<Happening>,
    /// What the platform's adapter counts.
    pub(crate) counting: Counting,
    /// Whether the platform was known in full.
    pub(crate) in_service: watch::Receiver<bool>,
    /// The tokens there are.
    pub(crate) tokens: watch::Receiver<Tokens>,
    /// Who replaces the engine, where it can be.
    pub(crate) replacing: Option<mpsc::Sender<Asked>>,
    /// The numbers of sockets.
    pub(crate) numbers: Arc<Numbers>,
}

impl Site {
    /// A site on `port`, in front of an engine's loop.
    pub(crate) fn new(settings: &Settings, port: u16, clock: Clock, behind: Behind) -> Self {
        let Behind { happenings, counting, in_service, tokens, replacing, numbers } = behind;
        Self {
            clock,
            instance: settings.server.instance.clone(),
            domain: settings.server.domain.clone(),
            message_bytes_max: settings.limits.message_bytes,
            origins: Origins::new(&settings.listen, port),
            happenings,
            counting,
            in_service,
            tokens: settings.listen.asks_for_tokens().then_some(tokens),
            replacing,
            numbers,
            counts: Counts::default(),
        }
    }

    fn counts(&self) -> HttpCounts {
        HttpCounts {
            connections: self.counts.connections.load(Ordering::Relaxed),
            connections_refused: self.counts.connections_refused.load(Ordering::Relaxed),
            origins_refused: self.counts.origins_refused.load(Ordering::Relaxed),
        }
    }
}

/// The routes. The check of `Origin` and `Host` comes before all of them.
fn routes(site: Arc<Site>) -> Router {
    Router::new()
        .route("/v1/ws", get(upgrade::upgrade))
        .route("/v1/connect", post(exchange::connect))
        .route("/v1/messages", get(exchange::poll).post(exchange::message))
        .route("/v1/events", get(exchange::events))
        .route("/v1/admin/engine", post(admin::engine))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(pages::page)
        .layer(middleware::from_fn_with_state(Arc::clone(&site), origin::check))
        .with_state(site)
}

//! TCP connections: accepted up to a bound, and served with a deadline for every header.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::{Site, routes};
use crate::config::Listen;

/// How long one HTTP connection may last: a page and what it needs take seconds, and a browser connects again.
const CONNECTION_WITHIN: Duration = Duration::from_secs(600);
/// How long the last answer on a connection may take after that: a poll's whole wait, and a slow network.
const LAST_ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// The largest request header, in bytes. Cookies of other servers on this host come along.
const HEADER_BYTES_MAX: usize = 32 << 10;
/// After how long without anything received TCP asks whether the peer is there, how often, and how many times.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(30), Duration::from_secs(10), 3);
/// How long what was written may stay unacknowledged, as that of a peer that is gone does: event streams, on which clients
/// say nothing, are found dead by it.
const UNACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(45);
/// How long to wait when the system can give no more sockets.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// The right to one connection, given back when it is dropped.
#[derive(Clone, Debug)]
pub(super) struct Permit {
    shared: Arc<Held>,
}

impl Permit {
    /// An event stream begins: it lasts as long as the engine lets it.
    pub(super) fn stays(&self) {
        self.shared.stays.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Held {
    site: Arc<Site>,
    /// Whether an event stream began on it.
    stays: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.site.counts.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves a listener until the task is dropped.
pub(crate) async fn listen(listener: TcpListener, site: Arc<Site>, listen: Listen) {
    let permits = Arc::new(Semaphore::new(listen.connections_max as usize));
    let header_within = Duration::from_millis(u64::from(listen.header_ms));
    let routes = routes(Arc::clone(&site));
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Those of one connection pass; those of the system (no more files) want a pause.
                warn!("a connection could not be accepted: {error}");
                sleep(EXHAUSTED_WAIT).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            site.counts.connections_refused.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        site.counts.connections.fetch_add(1, Ordering::Relaxed);
        let permit = Permit {
            shared: Arc::new(Held { site: Arc::clone(&site), stays: AtomicBool::new(false), _permit: permit }),
        };
        if let Err(error) = prepare(&stream) {
            debug!("a connection ended at once: {error}");
            continue;
        }
        let routes = routes.clone();
        tokio::spawn(serve(stream, peer, permit, routes, header_within));
    }
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (idle, interval, count) = KEEPALIVE;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, idle)?;
    sockopt::set_tcp_keepintvl(stream, interval)?;
    sockopt::set_tcp_keepcnt(stream, count)?;
    sockopt::set_tcp_user_timeout(stream, u32::try_from(UNACKNOWLEDGED_WITHIN.as_millis()).unwrap_or(u32::MAX))?;
    Ok(())
}

async fn serve(stream: TcpStream, peer: std::net::SocketAddr, permit: Permit, routes: Router, header_within: Duration) {
    let routes = TowerToHyperService::new(routes);
    let shared = Arc::clone(&permit.shared);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(permit.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new()
        // Without a timer hyper ignores every deadline.
        .timer(TokioTimer::new())
        .header_read_timeout(header_within)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = match timeout(CONNECTION_WITHIN, connection.as_mut()).await {
        Ok(ended) => Some(ended),
        Err(_) => {
            // What is being answered is answered yet; nothing new begins.
            connection.as_mut().graceful_shutdown();
            if shared.stays.load(Ordering::Relaxed) {
                Some(connection.await)
            } else {
                timeout(LAST_ANSWER_WITHIN, connection).await.ok()
            }
        }
    };
    match ended {
        Some(Ok(())) => {}
        Some(Err(error)) => debug!("a connection ended: {error}"),
        None => debug!("a connection was cut after {} s", (CONNECTION_WITHIN + LAST_ANSWER_WITHIN).as_secs()),
    }
}

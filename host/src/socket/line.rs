//! What the engine's loop and a socket's task share: the stream, which both use without a lock, and the loop's orders.

use std::io;
use std::sync::atomic::{AtomicU8, Ordering};

use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// One WebSocket's stream.
#[derive(Debug)]
pub(crate) struct Line {
    /// The loop writes it, the task reads it.
    pub(super) stream: TcpStream,
    orders: AtomicU8,
    signal: Notify,
}

/// What the loop wants of a socket's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders(u8);

impl Orders {
    /// Say when the stream takes bytes again.
    pub(super) const AWAIT_WRITABLE: Self = Self(1);
    /// The socket closes: what comes is nothing any more but the client's own close, and there is a deadline.
    pub(super) const CLOSE: Self = Self(2);
    /// Everything is written, the close frame too.
    pub(super) const WRITTEN: Self = Self(4);

    /// Whether these contain `other`.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Line {
    /// A stream after its handshake.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, orders: AtomicU8::new(0), signal: Notify::new() }
    }

    /// Writes what the stream takes of it, which may be nothing. Past the runtime, which would look up first whether the
    /// stream was writable when it last heard: memory that is not in the cache. Whoever is to wait asks the stream itself.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match send(&self.stream, bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Err(Errno::WOULDBLOCK) => return Ok(0),
                Err(Errno::INTR) => {}
                result => return Ok(result?),
            }
        }
    }

    /// Orders, from the loop.
    pub(super) fn order(&self, orders: Orders) {
        self.orders.fetch_or(orders.0, Ordering::Release);
        self.signal.notify_one();
    }

    /// The orders given since the last call; waits for some. For the task alone.
    pub(super) async fn ordered(&self) -> Orders {
        loop {
            let orders = self.orders.swap(0, Ordering::Acquire);
            if orders != 0 {
                return Orders(orders);
            }
            self.signal.notified().await;
        }
    }
}

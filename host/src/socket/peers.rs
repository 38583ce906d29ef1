//! The loop's table of sockets: what it sends is queued here and written at the end of the turn, once for each socket.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use foldhash::fast::FixedState;
use interaction_core::ids::SocketId;
use interaction_core::output::CloseCode;
use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;
use tracing::{debug, info};

use super::line::{Line, Orders};
use super::outbox::{Outbox, Spare};

/// What waits within a turn is written before the turn's end once it is this much, in bytes: it would not stay in the cache.
const WRITE_AT_BYTES: usize = 64 << 10;

/// The table.
#[derive(Debug)]
pub(crate) struct Peers {
    /// Numbers are ours and ascend, so nobody can choose them to collide.
    table: HashMap<SocketId, Peer, FixedState>,
    /// Those with something to write, each once.
    dirty: Vec<SocketId>,
    spare: Spare,
    pending_bytes_max: usize,
    /// What the engine is to be told.
    told: VecDeque<Told>,
}

#[derive(Debug)]
struct Peer {
    line: Arc<Line>,
    outbox: Outbox,
    phase: Phase,
    /// The engine knows it.
    known: bool,
    dirty: bool,
    /// The stream would block, and the task has been asked to say when it does not.
    waiting: bool,
    /// What waits, as it was told last.
    told: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// In use.
    Open,
    /// The close frame is queued.
    Closing,
    /// The close frame is written.
    Closed,
}

/// What the engine is to be told of what waits for a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// So many bytes wait.
    Backlog(SocketId, u64),
    /// What waited passed the bound, and the socket is being closed.
    Slow(SocketId),
}

impl Peers {
    /// An empty table. A socket for which more live bytes wait than `pending_bytes_max` is closed.
    pub(crate) fn new(pending_bytes_max: u32) -> Self {
        let max = pending_bytes_max as usize;
        Self {
            table: HashMap::default(),
            dirty: Vec::new(),
            spare: Spare::default(),
            // The engine counts messages; here each has a header of a few bytes more.
            pending_bytes_max: max + max / 32,
            told: VecDeque::new(),
        }
    }

    /// Enters a socket.
    pub(crate) fn open(&mut self, socket: SocketId, line: Arc<Line>) {
        let outbox = Outbox::default();
        let phase = Phase::Open;
        self.table.insert(socket, Peer { line, outbox, phase, known: true, dirty: false, waiting: false, told: 0 });
    }

    /// Queues a message. To a socket that is gone or going, nothing is sent.
    /// False for a number that is none of these.
    pub(crate) fn send(&mut self, socket: SocketId, head: &[u8], tail: &Arc<[u8]>, live: bool) -> bool {
        self.queue(socket, |outbox, spare| outbox.text(head, tail, live, spare))
    }

    /// Queues a message that has secrets in it.
    /// False for a number that is none of these.
    pub(crate) fn send_secret(&mut self, socket: SocketId, message: &[u8], live: bool) -> bool {
        self.queue(socket, |outbox, _| outbox.secret_text(message, live))
    }

    /// Queues a ping. False for a number that is none of these.
    pub(crate) fn ping(&mut self, socket: SocketId) -> bool {
        self.queue(socket, |outbox, spare| outbox.control(Control::Ping, b"", spare))
    }

    /// Queues the answer to a client's ping.
    pub(crate) fn pong(&mut self, socket: SocketId, payload: &[u8]) {
        self.queue(socket, |outbox, spare| outbox.control(Control::Pong, payload, spare));
    }

    /// Closes a socket once what waits for it is written, or a deadline has passed. True if the engine knew it till now.
    pub(crate) fn close(&mut self, socket: SocketId, code: u16, reason: &str) -> bool {
        let Some(peer) = self.table.get_mut(&socket) else { return false };
        let known = std::mem::take(&mut peer.known);
        if matches!(peer.phase, Phase::Closing | Phase::Closed) {
            return known;
        }
        peer.close(code, reason, &mut self.spare);
        if !peer.dirty {
            peer.dirty = true;
            self.dirty.push(socket);
        }
        known
    }

    /// The engine knows a socket no more. True if it did till now.
    pub(crate) fn forgotten(&mut self, socket: SocketId) -> bool {
        self.table.get_mut(&socket).is_some_and(|peer| std::mem::take(&mut peer.known))
    }

    /// The stream takes bytes again.
    pub(crate) fn writable(&mut self, socket: SocketId) {
        if let Some(peer) = self.table.get_mut(&socket) {
            peer.waiting = false;
            if !peer.dirty {
                peer.dirty = true;
                self.dirty.push(socket);
            }
        }
    }

    /// The socket's task ended. True if the engine knew it till now.
    pub(crate) fn left(&mut self, socket: SocketId) -> bool {
        self.table.remove(&socket).is_some_and(|peer| peer.known)
    }

    /// Whether the engine knows it.
    pub(crate) fn is_known(&self, socket: SocketId) -> bool {
        self.table.get(&socket).is_some_and(|peer| peer.known)
    }

    /// Writes what waits, once for each socket.
    pub(crate) fn flush(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for socket in dirty.drain(..) {
            let Some(peer) = self.table.get_mut(&socket) else { continue };
            peer.dirty = false;
            peer.write(&mut self.spare);
            self.told.extend(peer.notice(socket, self.pending_bytes_max, &mut self.spare));
        }
        self.dirty = dirty;
    }

    /// The next thing the engine is to be told.
    pub(crate) fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// All sockets the engine knows.
    pub(crate) fn all_known(&self) -> Vec<SocketId> {
        let mut known: Vec<_> = self.table.iter().filter(|(_, peer)| peer.known).map(|(socket, _)| *socket).collect();
        known.sort_unstable();
        known
    }

    /// How many there are, and how many bytes wait for them in all.
    pub(crate) fn gauges(&self) -> (usize, usize) {
        (self.table.len(), self.table.values().map(|peer| peer.outbox.bytes()).sum())
    }

    /// Whether none is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn queue(&mut self, socket: SocketId, add: impl FnOnce(&mut Outbox, &mut Spare)) -> bool {
        let Some(peer) = self.table.get_mut(&socket) else { return false };
        if peer.phase != Phase::Open {
            return true;
        }
        if !peer.dirty {
            peer.dirty = true;
            self.dirty.push(socket);
        }
        add(&mut peer.outbox, &mut self.spare);
        // Noticed within the turn, so that the engine, which is about to be fed the next input, knows what waits.
        if peer.outbox.bytes() >= WRITE_AT_BYTES {
            peer.write(&mut self.spare);
            self.told.extend(peer.notice(socket, self.pending_bytes_max, &mut self.spare));
        }
        true
    }
}

impl Peer {
    fn close(&mut self, code: u16, reason: &str, spare: &mut Spare) {
        let mut payload = code.to_be_bytes().to_vec();
        payload.extend_from_slice(reason.as_bytes());
        payload.truncate(125);
        self.outbox.control(Control::Close, &payload, spare);
        self.phase = Phase::Closing;
        self.line.order(Orders::CLOSE);
    }

    /// What the engine is to be told after a write. A socket past its bound is closed: the rest of the message that is begun
    /// is still written, nothing else.
    fn notice(&mut self, socket: SocketId, pending_bytes_max: usize, spare: &mut Spare) -> Option<Told> {
        if self.phase != Phase::Open {
            return None;
        }
        let waits = self.outbox.live();
        if waits > pending_bytes_max {
            info!(socket = socket.0, waits, "closed: too slow");
            self.outbox.cut(spare);
            self.close(CloseCode::Slow.code(), CloseCode::Slow.reason(), spare);
            self.write(spare);
            return Some(Told::Slow(socket));
        }
        let tell = if waits == 0 { self.told > 0 } else { waits >= 2 * self.told };
        tell.then(|| {
            self.told = waits;
            Told::Backlog(socket, waits as u64)
        })
    }

    /// Writes what the stream takes. The task is asked to wait for the rest.
    fn write(&mut self, spare: &mut Spare) {
        if self.waiting {
            return;
        }
        match self.outbox.write(spare, |slices| self.line.stream.try_write_vectored(slices)) {
            Ok(true) => {
                if self.phase == Phase::Closing {
                    self.phase = Phase::Closed;
                    self.line.order(Orders::WRITTEN);
                }
            }
            Ok(false) => {
                self.waiting = true;
                self.line.order(Orders::AWAIT_WRITABLE);
            }
            Err(error) => {
                debug!("a write failed: {error}");
                // The task finds the stream broken too, at the latest at the deadline.
                self.outbox = Outbox::default();
                self.line.order(Orders::CLOSE);
            }
        }
    }
}

//! The loop's table of sockets: what it sends is held for the turn and written at its end, once for each socket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::{io, mem};

use interaction_core::ids::SocketId;
use interaction_core::output::{CloseCode, Delivery};
use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;
use tracing::{debug, info};

use super::line::{Line, Orders};
use super::numbers::{Numbers, place};
use super::outbox::{COPY_BYTES_MAX, Outbox, Spare};
use super::turn::{Chain, Composed, PartNo, TurnLog};

/// What is sent to a socket within a turn is written before the turn's end once it is this much, in bytes: it would not stay
/// in the cache.
const WRITE_AT_BYTES: u32 = 64 << 10;

/// The table.
#[derive(Debug)]
pub(crate) struct Peers {
    numbers: Arc<Numbers>,
    /// By the place in their numbers.
    places: Vec<Option<Peer>>,
    count: usize,
    /// Those with something to write, each once.
    dirty: Vec<SocketId>,
    writer: Writer,
    pending_bytes_max: usize,
    /// What the engine is to be told.
    told: VecDeque<Told>,
}

/// What all sockets are written from.
#[derive(Debug, Default)]
struct Writer {
    turn: TurnLog,
    /// The frames of the socket that is being written.
    composed: Composed,
    spare: Spare,
}

#[derive(Debug)]
struct Peer {
    id: SocketId,
    /// Of this turn.
    chain: Chain,
    phase: Phase,
    /// The engine knows it.
    known: bool,
    dirty: bool,
    /// The stream would block, and the task has been asked to say when it does not.
    waiting: bool,
    line: Arc<Line>,
    /// What waits from earlier turns, or is not held in the turn.
    outbox: Option<Box<Outbox>>,
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
    pub(crate) fn new(numbers: Arc<Numbers>, pending_bytes_max: u32) -> Self {
        let max = pending_bytes_max as usize;
        Self {
            numbers,
            places: Vec::new(),
            count: 0,
            dirty: Vec::new(),
            writer: Writer::default(),
            // The engine counts messages; here each has a header of a few bytes more.
            pending_bytes_max: max + max / 32,
            told: VecDeque::new(),
        }
    }

    /// Enters a socket.
    pub(crate) fn open(&mut self, id: SocketId, line: Arc<Line>) {
        let Some(place) = place(id) else { return };
        if place >= self.places.len() {
            self.places.resize_with(place + 1, || None);
        }
        self.count += 1;
        self.places[place] = Some(Peer {
            id,
            chain: Chain::EMPTY,
            phase: Phase::Open,
            known: true,
            dirty: false,
            waiting: false,
            line,
            outbox: None,
            told: 0,
        });
    }

    /// Sends one event to many: those sockets that are none of these are handed to `other`. To a socket that is gone or
    /// going, nothing is sent.
    pub(crate) fn fan(
        &mut self,
        to: &[Delivery],
        prefix: &[u8],
        suffix: &[u8],
        tail: &Arc<[u8]>,
        mut other: impl FnMut(Delivery),
    ) {
        if tail.len() > COPY_BYTES_MAX {
            let mut head = Vec::new();
            for delivery in to {
                head.clear();
                delivery.write_head(prefix, suffix, &mut head);
                if !self.send(delivery.socket, &head, tail, true) {
                    other(*delivery);
                }
            }
            return;
        }
        let part = self.writer.turn.fan(prefix, suffix, tail);
        for delivery in to {
            if !self.chain(delivery.socket, part, delivery.seq) {
                other(*delivery);
            }
        }
        if self.writer.turn.is_full() {
            self.flush();
        }
    }

    /// Queues a message. To a socket that is gone or going, nothing is sent.
    /// False for a number that is none of these.
    pub(crate) fn send(&mut self, socket: SocketId, head: &[u8], tail: &Arc<[u8]>, live: bool) -> bool {
        if tail.len() > COPY_BYTES_MAX {
            return self.queue(socket, |outbox, spare| outbox.text(head, tail, live, spare));
        }
        if peer(&mut self.places, socket).is_none() {
            return false;
        }
        let part = self.writer.turn.text(head, tail, live);
        self.chain(socket, part, 0);
        if self.writer.turn.is_full() {
            self.flush();
        }
        true
    }

    /// Queues a message that has secrets in it.
    /// False for a number that is none of these.
    pub(crate) fn send_secret(&mut self, socket: SocketId, message: &[u8], live: bool) -> bool {
        self.queue(socket, |outbox, _| outbox.secret_text(message, live))
    }

    /// Queues a ping. False for a number that is none of these.
    pub(crate) fn ping(&mut self, socket: SocketId) -> bool {
        let part = self.writer.turn.control(Control::Ping, b"");
        self.chain(socket, part, 0)
    }

    /// Queues the answer to a client's ping.
    pub(crate) fn pong(&mut self, socket: SocketId, payload: &[u8]) {
        let part = self.writer.turn.control(Control::Pong, payload);
        self.chain(socket, part, 0);
    }

    /// Closes a socket once what waits for it is written, or a deadline has passed. True if the engine knew it till now.
    pub(crate) fn close(&mut self, socket: SocketId, code: u16, reason: &str) -> bool {
        let Some(peer) = peer(&mut self.places, socket) else { return false };
        let known = mem::take(&mut peer.known);
        if peer.phase == Phase::Open {
            let part = self.writer.turn.control(Control::Close, &close_payload(code, reason));
            self.chain(socket, part, 0);
            self.closing(socket);
        }
        known
    }

    /// The engine knows a socket no more. True if it did till now.
    pub(crate) fn forgotten(&mut self, socket: SocketId) -> bool {
        peer(&mut self.places, socket).is_some_and(|peer| mem::take(&mut peer.known))
    }

    /// The stream takes bytes again.
    pub(crate) fn writable(&mut self, socket: SocketId) {
        if let Some(peer) = peer(&mut self.places, socket) {
            peer.waiting = false;
            peer.mark(&mut self.dirty);
        }
    }

    /// The socket's task ended. True if the engine knew it till now.
    pub(crate) fn left(&mut self, socket: SocketId) -> bool {
        let Some(peer) = peer(&mut self.places, socket) else { return false };
        let known = peer.known;
        if let Some(place) = place(socket) {
            self.places[place] = None;
        }
        self.count -= 1;
        self.numbers.give_back(socket);
        known
    }

    /// Whether the engine knows it.
    pub(crate) fn is_known(&self, socket: SocketId) -> bool {
        let peer = place(socket).and_then(|place| self.places.get(place)?.as_ref());
        peer.is_some_and(|peer| peer.id == socket && peer.known)
    }

    /// Writes what waits, once for each socket.
    pub(crate) fn flush(&mut self) {
        let mut dirty = mem::take(&mut self.dirty);
        for socket in dirty.drain(..) {
            let Some(peer) = peer(&mut self.places, socket) else { continue };
            peer.dirty = false;
            peer.write(&mut self.writer);
            self.told.extend(peer.notice(self.pending_bytes_max, &mut self.writer));
        }
        self.dirty = dirty;
        let Writer { turn, composed, .. } = &mut self.writer;
        turn.clear(composed);
    }

    /// The next thing the engine is to be told.
    pub(crate) fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// All sockets the engine knows.
    pub(crate) fn all_known(&self) -> Vec<SocketId> {
        let mut known: Vec<_> = self.peers().filter(|peer| peer.known).map(|peer| peer.id).collect();
        known.sort_unstable();
        known
    }

    /// How many there are, and how many bytes wait for them in all.
    pub(crate) fn gauges(&self) -> (usize, usize) {
        let waiting = self.peers().filter_map(|peer| peer.outbox.as_ref());
        (self.count, waiting.map(|outbox| outbox.bytes()).sum())
    }

    /// Whether none is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.places.iter().flatten()
    }

    /// Adds a message of the turn to what a socket is sent.
    fn chain(&mut self, socket: SocketId, part: PartNo, seq: u64) -> bool {
        let Some(peer) = peer(&mut self.places, socket) else { return false };
        if peer.phase != Phase::Open {
            return true;
        }
        self.writer.turn.chain(&mut peer.chain, part, seq);
        peer.mark(&mut self.dirty);
        if peer.chain.bytes_max >= WRITE_AT_BYTES {
            peer.write(&mut self.writer);
            // Noticed within the turn, so that the engine, which is about to be fed the next input, knows what waits.
            self.told.extend(peer.notice(self.pending_bytes_max, &mut self.writer));
        }
        true
    }

    /// Queues what is not held in the turn, behind what is.
    fn queue(&mut self, socket: SocketId, add: impl FnOnce(&mut Outbox, &mut Spare)) -> bool {
        let Some(peer) = peer(&mut self.places, socket) else { return false };
        if peer.phase != Phase::Open {
            return true;
        }
        peer.mark(&mut self.dirty);
        peer.settle(&mut self.writer);
        let outbox = peer.outbox.get_or_insert_default();
        add(outbox, &mut self.writer.spare);
        if outbox.bytes() >= WRITE_AT_BYTES as usize {
            peer.write(&mut self.writer);
            self.told.extend(peer.notice(self.pending_bytes_max, &mut self.writer));
        }
        true
    }

    fn closing(&mut self, socket: SocketId) {
        if let Some(peer) = peer(&mut self.places, socket) {
            peer.phase = Phase::Closing;
            peer.line.order(Orders::CLOSE);
        }
    }
}

fn peer(places: &mut [Option<Peer>], socket: SocketId) -> Option<&mut Peer> {
    places.get_mut(place(socket)?)?.as_mut().filter(|peer| peer.id == socket)
}

fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    payload.truncate(125);
    payload
}

impl Peer {
    fn mark(&mut self, dirty: &mut Vec<SocketId>) {
        if !mem::replace(&mut self.dirty, true) {
            dirty.push(self.id);
        }
    }

    /// Moves what the turn holds for the socket behind what waits.
    fn settle(&mut self, writer: &mut Writer) {
        let chain = mem::replace(&mut self.chain, Chain::EMPTY);
        if !chain.is_empty() {
            let Writer { turn, composed, spare } = writer;
            turn.compose(chain, composed);
            self.outbox.get_or_insert_default().frames(composed.bytes(), 0, composed.live(), spare);
        }
    }

    /// What the engine is to be told after a write. A socket past its bound is closed: the rest of the message that is begun
    /// is still written, nothing else.
    fn notice(&mut self, pending_bytes_max: usize, writer: &mut Writer) -> Option<Told> {
        if self.phase != Phase::Open {
            return None;
        }
        let waits = self.outbox.as_ref().map_or(0, |outbox| outbox.live());
        if waits > pending_bytes_max {
            info!(socket = self.id.0, waits, "closed: too slow");
            if let Some(outbox) = &mut self.outbox {
                outbox.cut(&mut writer.spare);
                let (code, reason) = (CloseCode::Slow.code(), CloseCode::Slow.reason());
                outbox.control(Control::Close, &close_payload(code, reason), &mut writer.spare);
            }
            self.phase = Phase::Closing;
            self.line.order(Orders::CLOSE);
            self.write(writer);
            return Some(Told::Slow(self.id));
        }
        let tell = if waits == 0 { self.told > 0 } else { waits >= 2 * self.told };
        tell.then(|| {
            self.told = waits;
            Told::Backlog(self.id, waits as u64)
        })
    }

    /// Writes what the stream takes. The task is asked to wait for the rest.
    fn write(&mut self, writer: &mut Writer) {
        match self.try_write(writer) {
            Ok(true) => {
                self.outbox = None;
                if self.phase == Phase::Closing {
                    self.phase = Phase::Closed;
                    self.line.order(Orders::WRITTEN);
                }
            }
            Ok(false) if self.waiting => {}
            Ok(false) => {
                self.waiting = true;
                self.line.order(Orders::AWAIT_WRITABLE);
            }
            Err(error) => {
                debug!("a write failed: {error}");
                // The task finds the stream broken too, at the latest at the deadline.
                self.outbox = None;
                self.line.order(Orders::CLOSE);
            }
        }
    }

    /// True when nothing waits any more, false when the stream would block.
    fn try_write(&mut self, writer: &mut Writer) -> io::Result<bool> {
        if self.waiting || self.outbox.is_some() {
            self.settle(writer);
        } else {
            let chain = mem::replace(&mut self.chain, Chain::EMPTY);
            let Writer { turn, composed, spare } = &mut *writer;
            turn.compose(chain, composed);
            let frames = composed.bytes();
            let written = if frames.is_empty() { 0 } else { self.line.try_write(frames)? };
            if written < frames.len() {
                self.outbox.get_or_insert_default().frames(frames, written, composed.live(), spare);
            }
        }
        if self.waiting {
            return Ok(false);
        }
        match &mut self.outbox {
            Some(outbox) => outbox.write(&mut writer.spare, |slices| self.line.stream.try_write_vectored(slices)),
            None => Ok(true),
        }
    }
}

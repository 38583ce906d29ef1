//! What the loop holds of HTTP requests that wait for it: posted messages, long polls, event streams.

mod feed;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use foldhash::fast::FixedState;
use interaction_core::ids::SocketId;
use interaction_core::output::Status;
use tokio::sync::oneshot;
use tracing::info;

pub(crate) use self::feed::{Events, Feed};
use crate::socket::Told;

/// What a request is answered with.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A status, and a JSON text or nothing.
    Whole(Status, Bytes),
    /// What comes, as it comes.
    Stream(Events),
}

/// The requests, by number. One that was answered stays until its response is gone.
#[derive(Debug)]
pub(crate) struct Exchanges {
    /// Numbers are ours and ascend, so nobody can choose them to collide.
    table: HashMap<SocketId, Exchange, FixedState>,
    /// Streams with something to hand over.
    dirty: Vec<SocketId>,
    pending_bytes_max: usize,
    told: VecDeque<Told>,
}

#[derive(Debug)]
enum Exchange {
    /// A posted message, a poll, or a stream that has not begun.
    Waits(Waiting),
    Streams(Streaming),
    /// Its response is on its way.
    Answered,
}

#[derive(Debug)]
struct Waiting {
    kind: Kind,
    reply: oneshot::Sender<Reply>,
    /// Messages, joined by commas.
    body: Vec<u8>,
    is_secret: bool,
}

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A posted message.
    Post,
    /// A long poll.
    Poll,
    /// An event stream.
    Stream,
}

#[derive(Debug)]
struct Streaming {
    feed: Feed,
    /// Of this turn.
    written: Vec<u8>,
    is_secret: bool,
    live: usize,
    /// What waits, as it was told last.
    told: usize,
}

impl Exchanges {
    /// None yet. A stream for which more live bytes wait than `pending_bytes_max` is ended.
    pub(crate) fn new(pending_bytes_max: u32) -> Self {
        let max = pending_bytes_max as usize;
        // Each message has some bytes around it that the engine does not count.
        let pending_bytes_max = max + max / 32;
        Self { table: HashMap::default(), dirty: Vec::new(), pending_bytes_max, told: VecDeque::new() }
    }

    /// Enters a request.
    pub(crate) fn open(&mut self, socket: SocketId, kind: Kind, reply: oneshot::Sender<Reply>) {
        let waiting = Waiting { kind, reply, body: Vec::new(), is_secret: false };
        self.table.insert(socket, Exchange::Waits(waiting));
    }

    /// Takes a message for a request; nothing for one that is gone or answered.
    pub(crate) fn send(&mut self, socket: SocketId, head: &[u8], tail: &[u8], live: bool, is_secret: bool) {
        match self.table.get_mut(&socket) {
            Some(Exchange::Waits(waiting)) => {
                if !waiting.body.is_empty() {
                    waiting.body.push(b',');
                }
                waiting.body.reserve_exact(head.len() + tail.len());
                waiting.body.extend_from_slice(head);
                waiting.body.extend_from_slice(tail);
                waiting.is_secret |= is_secret;
            }
            Some(Exchange::Streams(streaming)) => {
                let before = streaming.written.len();
                if before == 0 {
                    self.dirty.push(socket);
                }
                feed::event(head, tail, &mut streaming.written);
                streaming.live += if live { streaming.written.len() - before } else { 0 };
                streaming.is_secret |= is_secret;
            }
            Some(Exchange::Answered) | None => {}
        }
    }

    /// A sign of life for a stream; the first one begins it.
    pub(crate) fn ping(&mut self, socket: SocketId) {
        let Some(exchange) = self.table.get_mut(&socket) else { return };
        if let Exchange::Waits(waiting) = exchange
            && waiting.kind == Kind::Stream
        {
            let (feed, events) = feed::feed();
            let streaming = Streaming { feed, written: Vec::new(), is_secret: false, live: 0, told: 0 };
            let Exchange::Waits(waiting) = std::mem::replace(exchange, Exchange::Streams(streaming)) else { return };
            // Whoever asked may be gone, which it tells.
            let _ = waiting.reply.send(Reply::Stream(events));
        }
        if let Exchange::Streams(streaming) = exchange {
            if streaming.written.is_empty() {
                self.dirty.push(socket);
            }
            streaming.written.extend_from_slice(feed::COMMENT);
        }
    }

    /// Answers a request with what was sent to it.
    pub(crate) fn answer(&mut self, socket: SocketId, status: Status) {
        let Some(exchange) = self.table.get_mut(&socket) else { return };
        let Exchange::Waits(waiting) = std::mem::replace(exchange, Exchange::Answered) else { return };
        let Waiting { kind, reply, body, is_secret } = waiting;
        let body = if kind == Kind::Poll && status == Status::Done {
            let mut whole = Vec::with_capacity(body.len() + 15);
            whole.extend_from_slice(b"{\"messages\":[");
            whole.extend_from_slice(&body);
            whole.extend_from_slice(b"]}");
            if is_secret {
                wipe(body);
            }
            whole
        } else {
            body
        };
        let _ = reply.send(Reply::Whole(status, bytes(body, is_secret)));
    }

    /// Ends a stream once what waits for it is read. True if the number is one of these requests.
    pub(crate) fn close(&mut self, socket: SocketId, code: u16, reason: &str) -> bool {
        let Some(exchange) = self.table.get_mut(&socket) else { return false };
        match std::mem::replace(exchange, Exchange::Answered) {
            Exchange::Streams(mut streaming) => {
                feed::close(code, reason, &mut streaming.written);
                streaming.hand_over();
                streaming.feed.end();
            }
            Exchange::Waits(Waiting { reply, .. }) => {
                let _ = reply.send(Reply::Whole(Status::Restart, Bytes::new()));
            }
            Exchange::Answered => {}
        }
        true
    }

    /// A response is gone, sent or not. True if the engine waits for it yet.
    pub(crate) fn left(&mut self, socket: SocketId) -> bool {
        self.table.remove(&socket).is_some_and(|exchange| !matches!(exchange, Exchange::Answered))
    }

    /// Hands over what streams were sent.
    pub(crate) fn flush(&mut self) {
        for socket in std::mem::take(&mut self.dirty) {
            let Some(exchange) = self.table.get_mut(&socket) else { continue };
            let Exchange::Streams(streaming) = exchange else { continue };
            streaming.hand_over();
            let waits = streaming.feed.live();
            if waits > self.pending_bytes_max {
                info!(socket = socket.0, waits, "ended: too slow");
                streaming.feed.cut();
                *exchange = Exchange::Answered;
                self.told.push_back(Told::Slow(socket));
                continue;
            }
            if if waits == 0 { streaming.told > 0 } else { waits >= 2 * streaming.told } {
                streaming.told = waits;
                self.told.push_back(Told::Backlog(socket, waits as u64));
            }
        }
    }

    /// The next thing the engine is to be told.
    pub(crate) fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// Whether the engine knows it.
    pub(crate) fn is_known(&self, socket: SocketId) -> bool {
        self.table.get(&socket).is_some_and(|exchange| !matches!(exchange, Exchange::Answered))
    }

    /// Whether the number is one of these requests, answered or not.
    pub(crate) fn has(&self, socket: SocketId) -> bool {
        self.table.contains_key(&socket)
    }

    /// All the engine knows.
    pub(crate) fn all_known(&self) -> Vec<SocketId> {
        let known = self.table.iter().filter(|(_, exchange)| !matches!(exchange, Exchange::Answered));
        let mut known: Vec<_> = known.map(|(socket, _)| *socket).collect();
        known.sort_unstable();
        known
    }

    /// How many polls and streams there are.
    pub(crate) fn gauges(&self) -> (usize, usize) {
        let count = |is: fn(&Exchange) -> bool| self.table.values().filter(|exchange| is(exchange)).count();
        (
            count(|exchange| matches!(exchange, Exchange::Waits(waiting) if waiting.kind == Kind::Poll)),
            count(|exchange| matches!(exchange, Exchange::Streams(_))),
        )
    }

    /// Whether none is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

impl Streaming {
    fn hand_over(&mut self) {
        let (is_secret, live) = (std::mem::take(&mut self.is_secret), std::mem::take(&mut self.live));
        let written = std::mem::take(&mut self.written);
        if !written.is_empty() {
            self.feed.push(bytes(written, is_secret), live);
        }
    }
}

/// Bytes that overwrite their memory when they held a secret.
fn bytes(written: Vec<u8>, is_secret: bool) -> Bytes {
    if is_secret { Bytes::from_owner(Wiped(written)) } else { written.into() }
}

struct Wiped(Vec<u8>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.0));
    }
}

/// Overwrites a message that held a secret.
pub(crate) fn wipe(mut message: Vec<u8>) {
    message.fill(0);
    std::hint::black_box(&mut message);
}

#[cfg(test)]
mod tests;

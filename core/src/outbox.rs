//! What the engine wants done and has not been asked for yet.

use std::ops::Range;
use std::sync::Arc;

use crate::audit::AuditRecord;
use crate::cti::{Command, RequestNo};
use crate::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use crate::output::{CloseCode, Delivery, Output, Sending, Splice, Status};
use crate::report::journey::JourneyRecord;

/// The queue of outputs. Heads of messages stand one after another in one buffer, which empties with the queue.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Vec<Queued>,
    /// How many of the queue were lent already.
    lent: usize,
    heads: Vec<u8>,
    splices: Vec<Splice>,
    /// The tails of queued messages.
    tails: Vec<Arc<[u8]>>,
    fans: Vec<FanText>,
    deliveries: Vec<Delivery>,
    /// Where a tail is written before its length is known.
    scratch: Vec<u8>,
}

/// The largest room kept for the next tail, in bytes: few are larger.
const SCRATCH_BYTES: usize = 16 << 10;

/// What the messages of a fan have in common.
#[derive(Debug)]
struct FanText {
    prefix: Range<u32>,
    suffix: Range<u32>,
    tail: u32,
}

/// A fan of this turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FanNo(u32);

#[derive(Debug)]
enum Queued {
    Send { socket: SocketId, head: Range<u32>, splices: Range<u32>, tail: u32, sending: Sending },
    Ping(SocketId),
    Close(SocketId, CloseCode),
    Cti(Box<(RequestNo, Command, Option<SecretRef>)>),
    Forget(SecretRef),
    Claim(Box<(ClaimNo, AgentId, bool, Box<str>)>),
    Release(AgentId),
    Store(Box<JourneyRecord>),
    LoadJourney(QueryNo, CallId),
    LoadRecent(Box<(QueryNo, u32, Option<Box<str>>)>),
    Audit(Box<AuditRecord>),
    Answer(SocketId, Status),
    Fan { fan: FanNo, to: Range<u32> },
}

impl Outbox {
    /// Whether everything was asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.lent == self.queue.len()
    }

    /// An empty buffer to write a tail into; to be given back by [`Outbox::share`].
    pub(crate) fn take_scratch(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.scratch)
    }

    /// A tail of exactly what was written, and the buffer is free again.
    pub(crate) fn share(&mut self, mut written: Vec<u8>) -> Arc<[u8]> {
        let tail = written.as_slice().into();
        if written.capacity() <= SCRATCH_BYTES {
            written.clear();
            self.scratch = written;
        }
        tail
    }

    /// Queues one message; `write_head` appends its head. The places of `splices` are counted from the tail's start.
    pub(crate) fn send(
        &mut self,
        socket: SocketId,
        sending: Sending,
        tail: &Arc<[u8]>,
        splices: &[Splice],
        write_head: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = offset(self.heads.len());
        write_head(&mut self.heads);
        let end = offset(self.heads.len());
        let first = offset(self.splices.len());
        self.splices.extend(splices.iter().map(|splice| Splice { at: splice.at + (end - start), ..*splice }));
        let splices = first..offset(self.splices.len());
        let tail = self.tail(tail);
        self.queue.push(Queued::Send { socket, head: start..end, splices, tail, sending });
    }

    /// Begins a fan: an event for many, who are named by [`Outbox::deliver`]. `write_before` appends what stands before the
    /// number, `write_after` what stands between it and the tail.
    pub(crate) fn fan(
        &mut self,
        write_before: impl FnOnce(&mut Vec<u8>),
        write_after: impl FnOnce(&mut Vec<u8>),
        tail: &Arc<[u8]>,
    ) -> FanNo {
        let start = offset(self.heads.len());
        write_before(&mut self.heads);
        let number = offset(self.heads.len());
        write_after(&mut self.heads);
        let (prefix, suffix) = (start..number, number..offset(self.heads.len()));
        let tail = self.tail(tail);
        self.fans.push(FanText { prefix, suffix, tail });
        FanNo(offset(self.fans.len() - 1))
    }

    /// Adds a receiver to a fan.
    pub(crate) fn deliver(&mut self, fan: FanNo, socket: SocketId, seq: u64) {
        let end = offset(self.deliveries.len());
        self.deliveries.push(Delivery { socket, seq });
        match self.queue.last_mut() {
            Some(Queued::Fan { fan: last, to }) if *last == fan => to.end = end + 1,
            _ => self.queue.push(Queued::Fan { fan, to: end..end + 1 }),
        }
    }

    pub(crate) fn ping(&mut self, socket: SocketId) {
        self.queue.push(Queued::Ping(socket));
    }

    pub(crate) fn close(&mut self, socket: SocketId, code: CloseCode) {
        self.queue.push(Queued::Close(socket, code));
    }

    pub(crate) fn answer(&mut self, socket: SocketId, status: Status) {
        self.queue.push(Queued::Answer(socket, status));
    }

    pub(crate) fn cti(&mut self, request: RequestNo, command: Command, secret: Option<SecretRef>) {
        self.queue.push(Queued::Cti(Box::new((request, command, secret))));
    }

    pub(crate) fn forget(&mut self, secret: SecretRef) {
        self.queue.push(Queued::Forget(secret));
    }

    pub(crate) fn claim(&mut self, claim: ClaimNo, agent: AgentId, override_: bool, client: Box<str>) {
        self.queue.push(Queued::Claim(Box::new((claim, agent, override_, client))));
    }

    pub(crate) fn release(&mut self, agent: AgentId) {
        self.queue.push(Queued::Release(agent));
    }

    pub(crate) fn store(&mut self, journey: JourneyRecord) {
        self.queue.push(Queued::Store(Box::new(journey)));
    }

    pub(crate) fn load_journey(&mut self, query: QueryNo, call: CallId) {
        self.queue.push(Queued::LoadJourney(query, call));
    }

    pub(crate) fn load_recent(&mut self, query: QueryNo, limit: u32, number: Option<Box<str>>) {
        self.queue.push(Queued::LoadRecent(Box::new((query, limit, number))));
    }

    pub(crate) fn audit(&mut self, record: AuditRecord) {
        self.queue.push(Queued::Audit(Box::new(record)));
    }

    /// Lends the next output.
    pub(crate) fn poll(&mut self) -> Option<Output<'_>> {
        if self.is_empty() {
            self.queue.clear();
            self.lent = 0;
            self.heads.clear();
            self.splices.clear();
            self.tails.clear();
            self.fans.clear();
            self.deliveries.clear();
            return None;
        }
        let next = &self.queue[self.lent];
        self.lent += 1;
        Some(match next {
            Queued::Send { socket, head, splices, tail, sending } => Output::Send {
                socket: *socket,
                head: &self.heads[index(head)],
                tail: &self.tails[*tail as usize],
                splices: &self.splices[index(splices)],
                sending: *sending,
            },
            Queued::Ping(socket) => Output::Ping { socket: *socket },
            Queued::Close(socket, code) => Output::Close { socket: *socket, code: *code },
            Queued::Cti(cti) => Output::Cti { request: cti.0, command: &cti.1, secret: cti.2 },
            Queued::Forget(secret) => Output::Forget { secret: *secret },
            Queued::Claim(claim) => {
                Output::Claim { claim: claim.0, agent: &claim.1, override_: claim.2, client: &claim.3 }
            }
            Queued::Release(agent) => Output::Release { agent },
            Queued::Store(journey) => Output::Store { journey },
            Queued::LoadJourney(query, call) => Output::LoadJourney { query: *query, call },
            Queued::Answer(socket, status) => Output::Answer { socket: *socket, status: *status },
            Queued::LoadRecent(load) => Output::LoadRecent { query: load.0, limit: load.1, number: load.2.as_deref() },
            Queued::Audit(record) => Output::Audit { record },
            Queued::Fan { fan, to } => {
                let FanText { prefix, suffix, tail } = &self.fans[fan.0 as usize];
                Output::Fan {
                    to: &self.deliveries[index(to)],
                    prefix: &self.heads[index(prefix)],
                    suffix: &self.heads[index(suffix)],
                    tail: &self.tails[*tail as usize],
                }
            }
        })
    }

    /// Holds a tail; a run of messages with the same one, as an event for several subscriptions is, holds it once.
    fn tail(&mut self, tail: &Arc<[u8]>) -> u32 {
        if self.tails.last().is_none_or(|last| !Arc::ptr_eq(last, tail)) {
            self.tails.push(Arc::clone(tail));
        }
        offset(self.tails.len() - 1)
    }
}

/// INVARIANT: what one turn queues stays below 2^32: a turn sends at most one head of under 1 KiB for each kept message.
fn offset(len: usize) -> u32 {
    u32::try_from(len).expect("what one turn queues stays below 2^32")
}

fn index(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

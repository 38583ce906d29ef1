//! Links by HTTP, as section 1 has them under "Transports": posted messages, long polls, event streams.
//!
//! A posted message stands for its turn as a socket that is answered once. A poll carries its link until it was told something
//! or has waited long enough; a stream carries it as a WebSocket does, save that nothing comes on it.

use std::time::Duration;

use interaction_core::input::{Access, Carrier, Scopes};

use super::link::Verdict;
use super::{Deadline, Expected, Fate, Fault, Model, Retry, text};

/// CHOICE: the longest a poll waits.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long to wait where the first refusal of a second told it already, in milliseconds.
const RETRY_MS: u64 = 1_000;

/// How a client reaches its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    WebSocket,
    /// One posted message, answered once.
    Posted,
    /// A long poll, and whether it was told something: then the step's end answers it.
    Poll {
        was_told: bool,
    },
    Stream,
}

/// Why a request is refused, and with which status.
type Refusal = (u16, Fault);

fn no_link(status: u16) -> Refusal {
    (status, Fault::new("link.required"))
}

/// What a request is answered where a WebSocket would be closed with this code.
fn status_of(code: u16) -> u16 {
    match code {
        1000 => 200,
        1009 => 413,
        4000 => 400,
        4001 => 409,
        4003 => 401,
        4029 => 429,
        _ => 503,
    }
}

impl Model {
    /// A message was posted: a `connect` where no key came with it, else for the link of that key.
    pub(super) fn posted(&mut self, number: u64, peer: &str, access: Access, to: Option<u64>, body: &str) {
        let link = match to.map(|key| self.link_of_key(key)).transpose() {
            Ok(link) => link,
            Err(refusal) => return self.refuse_request(number, &refusal),
        };
        self.add_socket(number, peer, access, Kind::Posted);
        self.speaker = text::address_key(peer);
        // CHOICE: whoever posts lives, though the answers go elsewhere.
        if let Some(carrier) = link.and_then(|link| self.links[&link].socket) {
            self.heard(carrier);
        }
        if body.len() > self.config.limits.message_bytes as usize {
            self.complain_unlinked(number, None, &Fault::new("request.toolarge"));
            return self.answer_request(number, 413);
        }
        match (text::read(body), link) {
            (None, link) => {
                if self.within_rate(number, link, None) {
                    self.complain_unlinked(number, None, &Fault::new("request.malformed"));
                    self.answer_request(number, 400);
                }
            }
            (Some(message), Some(link)) => self.said_on_link(number, link, &message),
            (Some(message), None) => self.said_before_link(number, &message),
        }
        // A link that was connected waits for a poll, a stream or a socket.
        if self.link_of(number).is_some() {
            self.close(number, Some(1000));
        }
        // Taken: what it brings comes by another way. Without a link nothing could be made of it.
        self.answer_request(number, if link.is_some() { 202 } else { 400 });
    }

    /// A poll or a stream goes on after a number, which acknowledges it.
    pub(super) fn attached(&mut self, number: u64, key: u64, after: u64, carrier: Carrier) {
        let link = match self.link_of_key(key) {
            // What follows is not kept any more; the link goes on, and another `connect` makes a fresh one of it.
            Ok(link) if self.links[&link].can_resume(after) != Fate::Kept => Err(no_link(409)),
            found => found,
        };
        let link = match link {
            Ok(link) => link,
            Err(refusal) => return self.refuse_request(number, &refusal),
        };
        self.take_over(link);
        let remembered_max = self.config.limits.remembered_max;
        if let Some(link) = self.links.get_mut(&link) {
            link.acknowledge(after, remembered_max);
        }
        let kind = match carrier {
            Carrier::Poll { .. } => Kind::Poll { was_told: false },
            Carrier::Stream => Kind::Stream,
        };
        self.add_socket(number, "", Access::Open(Scopes::default()), kind);
        self.attach(number, link);
        match carrier {
            Carrier::Poll { wait_ms } => {
                let wait = Duration::from_millis(wait_ms.into()).min(LONGEST_WAIT);
                self.deadlines.insert(Deadline::Poll(number), self.now + wait);
            }
            // CHOICE: a stream begins with a sign of life, so that its client sees that it stands.
            Carrier::Stream => self.said.push(Expected::Ping { socket: number }),
        }
        self.replay(link, number);
        self.owner_returned(link);
        self.review_rights(link);
    }

    /// The link of a key, for whoever speaks for it by that key alone.
    fn link_of_key(&self, key: u64) -> Result<u64, Refusal> {
        let Some((number, link)) = self.links.iter().find(|(_, link)| link.key == key) else {
            return Err(no_link(if self.ended_keys.contains(&key) { 410 } else { 401 }));
        };
        if link.expires.is_some_and(|expires| expires <= self.now) {
            return Err((401, Fault::new("access.denied")));
        }
        Ok(*number)
    }

    fn refuse_request(&mut self, number: u64, (status, fault): &Refusal) {
        self.complain_unlinked(number, None, fault);
        self.said.push(Expected::Answered { socket: number, status: *status });
    }

    /// Answers a posted message, unless it was answered.
    pub(super) fn answer_request(&mut self, number: u64, status: u16) {
        if self.kind_of(number) == Some(Kind::Posted) {
            self.drop_socket(number, None);
            self.said.push(Expected::Answered { socket: number, status });
        }
    }

    pub(super) fn kind_of(&self, number: u64) -> Option<Kind> {
        self.sockets.get(&number).map(|socket| socket.kind)
    }

    /// What a request is told where a socket would be closed. A poll that has its messages is answered with them.
    pub(super) fn end_request(&mut self, number: u64, kind: Kind, code: u16) {
        let told = |code| match code {
            1000 => Some(no_link(410)),
            4001 => Some(no_link(409)),
            4003 => Some((401, Fault::new("access.denied"))),
            4029 => Some((429, Fault::new("rate.limited"))),
            _ => None,
        };
        match kind {
            Kind::WebSocket | Kind::Stream => self.said.push(Expected::Closed { socket: number, code }),
            Kind::Poll { was_told: true } => self.said.push(Expected::Answered { socket: number, status: 200 }),
            Kind::Poll { was_told: false } => match told(code) {
                Some(refusal) => self.refuse_request(number, &refusal),
                None => self.said.push(Expected::Answered { socket: number, status: status_of(code) }),
            },
            Kind::Posted => self.said.push(Expected::Answered { socket: number, status: status_of(code) }),
        }
    }

    /// A poll has waited long enough, or was told something.
    pub(super) fn poll_is_over(&mut self, number: u64) {
        self.said.push(Expected::Answered { socket: number, status: 200 });
        self.close(number, None);
    }

    /// Polls that were told something in this step are answered as it ends.
    pub(super) fn answer_polls(&mut self) {
        let told = self.sockets.iter().filter(|(_, socket)| socket.kind == Kind::Poll { was_told: true });
        for number in told.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.poll_is_over(number);
        }
    }

    /// A posted message beyond the rate is told so each time; ten times as many cost the link what carries it.
    pub(super) fn refuse_posted(&mut self, number: u64, link: Option<u64>, request: Option<&str>, verdict: &Verdict) {
        let left = if let Verdict::Tell(left) = verdict { *left } else { RETRY_MS };
        self.complain_unlinked(number, request, &Fault::new("rate.limited").retry(Retry::InMs(left)));
        self.answer_request(number, 429);
        let carrier = link.and_then(|link| self.links.get(&link)).and_then(|link| link.socket);
        if let (Verdict::Flood, Some(carrier)) = (verdict, carrier) {
            self.close(carrier, Some(4029));
        }
    }
}

//! The model: what the protocol's text says, written down to be obvious. Plain maps and lists, everything computed again
//! whenever it is asked for, nothing shared with the engine but the vocabulary of its inputs and outputs.
//!
//! [`Model::hear`] takes one thing that happens and says everything that must come of it. Ids, numbers and words are the
//! engine's to choose: the model names the first two itself (`X_session_3_X`), and says nothing of the last; what stands
//! for what is [`crate::compare`]'s to find out.
//!
//! Where the text leaves a choice the model makes the engine's; each such place says so, beginning with `CHOICE:`.

mod calls;
mod fault;
mod guesses;
mod http;
mod link;
mod network;
mod people;
mod platform;
mod prepare;
mod reports;
mod requests;
mod said;
mod session;
mod socket;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interaction_core::config::Config;
use interaction_core::input::{Access, Carrier, Closed, Frame, Input};
use interaction_core::time::Time;
use serde_json::{Value, json};

pub(crate) use calls::{Calls, Leg};
pub(crate) use fault::{Fault, Retry};
pub(crate) use link::{Fate, Link, Request};
pub(crate) use said::{Expected, Way};
pub(crate) use session::{ACTIONS, Place, Session, State as SessionState};

use guesses::Guesses;
use people::People;
use platform::{Platform, Purpose};
use prepare::Prepare;
use reports::Reports;
use socket::Socket;

/// One thing that happens, as the model hears it: numbers and ids are the model's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happening {
    /// A socket stands.
    Opened {
        /// Its number, which also names the resume key drawn for it: `resume-key-<number>`.
        socket: u64,
        /// The peer's address.
        peer: String,
        /// What its listener gives.
        access: Access,
    },
    /// A client says something, well-formed or not.
    Said {
        /// On which socket.
        socket: u64,
        /// What.
        text: String,
    },
    /// A client posts a message.
    Posted {
        /// The request's number, which also names the resume key drawn for it.
        socket: u64,
        /// The peer's address.
        peer: String,
        /// What its listener gives.
        access: Access,
        /// The key of the link it is for; none: a `connect`.
        to: Option<u64>,
        /// What, well-formed or not.
        text: String,
    },
    /// A client polls, or opens a stream.
    Attached {
        /// The request's number.
        socket: u64,
        /// The key of the link.
        key: u64,
        /// The number of the last message it got.
        after: u64,
        /// Which of the two.
        carrier: Carrier,
    },
    /// Anything else.
    Input(Input<'static>),
}

/// What a deadline is for. Of two at the same moment the first here comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deadline {
    Connect(u64),
    Heartbeat(u64),
    Grace(u64),
    Token(u64),
    Request(u64),
    Session(u64),
    Poll(u64),
    WrapUp(u64),
    Calls,
    Day,
}

/// Everything the protocol remembers.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) config: Config,
    pub(crate) start: Time,
    /// Whether the model knows the journey of every call.
    pub(crate) knows_calls: bool,
    pub(crate) now: Time,
    next: u64,
    said: Vec<Expected>,
    deadlines: BTreeMap<Deadline, Time>,
    pub(crate) sockets: BTreeMap<u64, Socket>,
    /// The address of whoever speaks in this step.
    speaker: String,
    pub(crate) links: BTreeMap<u64, Link>,
    /// The link each socket carries, or carried last.
    carried: BTreeMap<u64, u64>,
    /// Sockets whose keys ended links had, oldest first.
    ended_keys: Vec<u64>,
    pub(crate) platform: Platform,
    /// What each command the platform has not answered is for.
    asked: BTreeMap<u64, Purpose>,
    prepares: BTreeMap<u64, Prepare>,
    /// Claims nobody waits for any more, and whose agents they are for.
    orphans: BTreeMap<u64, String>,
    guesses: Guesses,
    pub(crate) sessions: BTreeMap<u64, Session>,
    pub(crate) people: People,
    pub(crate) calls: Calls,
    /// The whole truth while it is being told.
    staged: Option<People>,
    /// The platform is away, or has not told the whole truth since.
    frozen: bool,
    pub(crate) reports: Reports,
    /// Links whose sessions ended in this step.
    bereft: BTreeSet<u64>,
    /// Agents whose sessions or claims ended in this step.
    vacated: Vec<String>,
}

impl Model {
    /// A processor in which nothing has happened.
    pub(crate) fn new(config: Config, start: Time) -> Self {
        Self {
            config,
            start,
            knows_calls: true,
            now: start,
            next: 0,
            said: Vec::new(),
            deadlines: BTreeMap::new(),
            sockets: BTreeMap::new(),
            speaker: String::new(),
            links: BTreeMap::new(),
            carried: BTreeMap::new(),
            ended_keys: Vec::new(),
            platform: Platform::default(),
            asked: BTreeMap::new(),
            prepares: BTreeMap::new(),
            orphans: BTreeMap::new(),
            guesses: Guesses::default(),
            sessions: BTreeMap::new(),
            people: People::default(),
            calls: Calls::default(),
            staged: None,
            frozen: false,
            reports: Reports::default(),
            bereft: BTreeSet::new(),
            vacated: Vec::new(),
        }
    }

    /// Something happens at `now`; what must come of it, in order.
    pub(crate) fn hear(&mut self, now: Time, happening: &Happening) -> Vec<Expected> {
        self.now = now;
        match happening {
            Happening::Opened { socket, peer, access } => self.opened(*socket, peer, *access),
            Happening::Said { socket, text } => self.said(*socket, text),
            Happening::Posted { socket, peer, access, to, text } => self.posted(*socket, peer, *access, *to, text),
            Happening::Attached { socket, key, after, carrier } => self.attached(*socket, *key, *after, *carrier),
            Happening::Input(input) => self.input(input),
        }
        // CHOICE: a deadline that passed while nobody looked is met after what happens now, not before.
        self.expire();
        for link in std::mem::take(&mut self.bereft) {
            self.review_rights(link);
        }
        self.give_back();
        self.tell_followers();
        self.answer_polls();
        self.arm_day();
        std::mem::take(&mut self.said)
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.values().copied().chain(self.reports.journeys.next_deadline()).min()
    }

    /// Whether nothing is left that could ever happen by itself.
    pub(crate) fn is_idle(&self) -> bool {
        self.deadlines.is_empty() && self.links.is_empty() && self.sockets.is_empty() && self.sessions.is_empty()
    }

    fn input(&mut self, input: &Input<'static>) {
        match input {
            Input::Tick => {}
            Input::Stalled { for_us } => self.stalled(Duration::from_micros(*for_us)),
            Input::Alive { socket } => self.heard(socket.0),
            Input::Backlog { socket, bytes } => self.backlog(socket.0, *bytes),
            Input::SocketClosed { socket, why: Closed::Gone | Closed::Slow | Closed::Protocol } => {
                self.close(socket.0, None);
            }
            Input::Cti(event) => self.platform_tells(event),
            Input::Claimed { claim, answer } => self.claimed(claim.0, answer),
            Input::Loaded { query, answer } => self.loaded(query.0, Some(answer)),
            Input::ShutDown { grace_ms } => self.shut_down(*grace_ms),
            Input::Frame { socket, frame: Frame::TooLarge { .. } } => self.too_large(socket.0),
            Input::Frame { socket, frame: Frame::Malformed { .. } } => self.malformed(socket.0),
            Input::Frame { frame: Frame::Text { .. }, .. } | Input::SocketOpened { .. } => {
                unreachable!("told as `Said` and `Opened`")
            }
            Input::Posted { .. } | Input::Attached { .. } => unreachable!("told as `Posted` and `Attached`"),
            Input::TokenChanged { .. } => unreachable!("the world's clients keep their tokens"),
        }
    }

    /// Meets every deadline that has come, in order.
    fn expire(&mut self) {
        loop {
            let due = self.deadlines.iter().map(|(what, at)| (*at, *what)).min().filter(|(at, _)| *at <= self.now);
            let Some((_, what)) = due else { break };
            self.deadlines.remove(&what);
            match what {
                Deadline::Connect(socket) => self.close(socket, Some(4002)),
                Deadline::Heartbeat(socket) => self.heartbeat(socket),
                Deadline::Grace(link) => self.end_link(link, 1000),
                Deadline::Token(link) => self.token_due(link),
                Deadline::Request(number) => self.request_due(number),
                Deadline::Session(session) => self.session_due(session),
                Deadline::Poll(socket) => self.poll_is_over(socket),
                Deadline::WrapUp(session) => self.wrap_up_due(session),
                Deadline::Calls => self.look_for_silent_calls(),
                Deadline::Day => {
                    self.roll_day();
                    self.tell_queue_watchers();
                }
            }
        }
        self.journeys_due();
    }

    /// The machine slept: deadlines on clients' silence and absence move, others do not.
    fn stalled(&mut self, by: Duration) {
        for socket in self.sockets.values_mut() {
            socket.heard = (socket.heard + by).min(self.now);
        }
        for (what, at) in &mut self.deadlines {
            match what {
                Deadline::Connect(_) | Deadline::Heartbeat(_) | Deadline::Grace(_) | Deadline::Session(_) => {
                    *at = *at + by;
                }
                Deadline::Token(_)
                | Deadline::Request(_)
                | Deadline::Poll(_)
                | Deadline::WrapUp(_)
                | Deadline::Calls
                | Deadline::Day => {}
            }
        }
    }

    /// The server goes down: everybody is told, once.
    fn shut_down(&mut self, grace_ms: u32) {
        if !self.platform.is_shutting_down {
            self.platform.is_shutting_down = true;
            self.tell_service_status();
            for link in self.links.keys().copied().collect::<Vec<_>>() {
                self.core_event(link, "shutdown", json!({"graceMs": grace_ms}));
            }
        }
        if grace_ms == 0 {
            for socket in self.sockets.keys().copied().collect::<Vec<_>>() {
                self.close(socket, Some(1012));
            }
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A name for something the engine names itself.
    pub(crate) fn name(&mut self, kind: &str) -> String {
        let number = self.number();
        format!("X_{kind}_{number}_X")
    }

    pub(crate) fn in_ms(&self, millis: u32) -> Time {
        self.now + Duration::from_millis(millis.into())
    }

    pub(crate) fn core_event(&mut self, link: u64, name: &str, data: Value) {
        self.tell(link, json!({"messageType": "coreEvent", "event": {"name": name, "data": data}}));
    }

    /// The link that a socket carries.
    pub(crate) fn link_of(&self, socket: u64) -> Option<u64> {
        self.sockets.get(&socket)?.link
    }
}

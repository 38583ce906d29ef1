//! The client's side of the protocol as a sans-IO engine: one link, resumed over as many sockets as it takes, and mirrors of
//! what the server told. The same in a browser, in Node and in the command line.
//!
//! 1. The driver feeds a [`DeskInput`] with the present time: what came from a socket, what the application wants.
//! 2. It drains the outputs and performs each in order: opens, sends, closes, asks for a token; and tells the application
//!    its answers, events and changes.
//! 3. It asks when to feed [`DeskInput::Tick`] at the latest, and waits for that moment or the next input.
//!
//! What is promised to the application:
//! * every call is answered exactly once, by its deadline at the latest;
//! * every event comes once and in order, across any number of sockets; where the link could not go on, that is told
//!   ([`DeskOutput::Resnapshotted`]), and the mirrors are read anew: nothing is lost silently;
//! * a mirror is always a snapshot the server gave, with every event since applied to it.

mod address;
mod backoff;
mod calls;
mod config;
mod connection;
mod events;
mod greeting;
mod input;
pub mod limits;
mod link;
mod mirror;
mod mirrors;
mod network;
mod output;
mod pace;
mod pending;
mod phase;
mod problem;
mod read;
mod reports;
mod sending;
mod sorted;
mod subscriptions;
mod transport;

use std::collections::VecDeque;
use std::time::Duration;

pub use config::{Config, ConfigError};
pub use connection::{Connection, FreshReason, Loss, LossReason};
pub use input::{DeskInput, DeskRequest, To};
pub use mirror::{Journey, Object, ObjectKind, Queues, Roster, Service, Services, Session, Team};
pub use output::{Answer, Change, DeskOutput, EndReason, Event, MirrorKind, TokenPurpose};
pub use problem::{Local, Problem};

use self::address::Addresses;
use self::backoff::Backoff;
use self::link::Link;
use self::mirrors::Mirrors;
use self::network::Network;
use self::pace::Pace;
use self::pending::{Calls, Table};
use self::phase::Phase;
use self::reports::Reports;
use crate::config::Seed;
use crate::secret::Secret;
use crate::time::Time;

/// The client of one link as a plain value.
///
/// Call [`handle_input`](Self::handle_input), drain [`poll_output`](Self::poll_output), then wait until
/// [`poll_timeout`](Self::poll_timeout) for the next input.
#[derive(Debug)]
pub struct Desk {
    config: Config,
    /// The latest moment that was told.
    now: Time,
    outbox: VecDeque<DeskOutput>,
    phase: Phase,
    /// The number of the last socket that was asked for.
    attempt: u64,
    /// For the next `connect`.
    token: Option<Secret>,
    /// When to ask for a new token once more.
    renew_at: Option<Time>,
    /// What the platform says of its network.
    is_online: bool,
    addresses: Addresses,
    backoff: Backoff,
    link: Link,
    table: Table,
    pace: Pace,
    /// When more may be sent.
    pump_at: Option<Time>,
    calls: Calls,
    network: Network,
    mirrors: Mirrors,
    reports: Reports,
}

impl Desk {
    /// A desk that is not started. The seed draws the waits before reconnections.
    pub fn new(config: Config, seed: Seed, now: Time) -> Self {
        let addresses = Addresses::new(config.urls.clone());
        Self {
            config,
            now,
            outbox: VecDeque::new(),
            phase: Phase::Idle,
            attempt: 0,
            token: None,
            renew_at: None,
            is_online: true,
            addresses,
            backoff: Backoff::new(seed.0),
            link: Link::default(),
            table: Table::default(),
            pace: Pace::default(),
            pump_at: None,
            calls: Calls::default(),
            network: Network::default(),
            mirrors: Mirrors::default(),
            reports: Reports::default(),
        }
    }

    /// Applies one input. A moment before the last one counts as that one; inputs about a socket that is over change nothing.
    pub fn handle_input(&mut self, now: Time, input: DeskInput<'_>) {
        let late = self.poll_timeout().map_or(Duration::ZERO, |due| now.since(due));
        self.now = self.now.max(now);
        if late >= limits::SLEPT_AFTER {
            self.slept(late);
        }
        match input {
            DeskInput::Tick => {}
            DeskInput::Start => self.start(),
            DeskInput::Stop => self.stop(),
            DeskInput::Retry => self.retry(),
            DeskInput::Opened { attempt } => self.opened(attempt),
            DeskInput::Text { attempt, text } => self.text(attempt, text),
            DeskInput::Binary { attempt } => self.binary(attempt),
            DeskInput::Closed { attempt, code, reason } => self.closed(attempt, code, reason),
            DeskInput::Token { token } => self.token_given(token),
            DeskInput::TokenFailed { why, again } => self.token_failed(why, again),
            DeskInput::Network { online } => self.network_changed(online),
            DeskInput::Visible => self.visible(),
            DeskInput::Call { call, request, within } => self.call(call, &request, within),
            DeskInput::Cancel { call } => self.cancel(call),
        }
        self.fire(late);
        self.pump();
    }

    /// The next thing to do or to tell.
    pub fn poll_output(&mut self) -> Option<DeskOutput> {
        self.outbox.pop_front()
    }

    /// When to feed a tick at the latest.
    pub fn poll_timeout(&self) -> Option<Time> {
        let is_live = matches!(self.phase, Phase::Live(_));
        let live =
            [self.link.ack_at(), self.table.next_deadline(), self.pump_at, self.renew_at, self.network.next_ask()];
        let live = live.into_iter().filter(|_| is_live);
        let always = [self.phase.deadline(), self.calls.next_deadline()];
        live.chain(self.mirrors.next_again().filter(|_| is_live).map(Some)).chain(always).flatten().min()
    }

    /// How the connection is.
    pub fn connection(&self) -> Connection {
        self.phase.connection(&self.reports)
    }

    /// The services, where they were told.
    pub fn services(&self) -> Option<&Services> {
        self.mirrors.services()
    }

    /// A session that was prepared or bound, by its resource's id.
    pub fn session(&self, resource: &str) -> Option<&Session> {
        self.mirrors.session(resource)
    }

    /// The teams of an agent that is subscribed to.
    pub fn roster(&self, agent: &str) -> Option<&Roster> {
        self.mirrors.roster(agent)
    }

    /// The queues of an agent that is subscribed to.
    pub fn queues(&self, agent: &str) -> Option<&Queues> {
        self.mirrors.queues(agent)
    }

    /// The journey of a call that is followed.
    pub fn journey(&self, call: &str) -> Option<&Journey> {
        self.mirrors.journey(call)
    }

    /// A mirror as JSON: `current`, and what it shows. `kind` is a [`MirrorKind`] as it stands in outputs; `key` the session's
    /// resource, the agent or the call, and empty for services.
    pub fn mirror_json(&self, kind: &str, key: &str) -> Option<String> {
        self.mirrors.json(kind, key)
    }

    /// What is due.
    fn fire(&mut self, late: Duration) {
        self.fire_phase(late);
        while let Some(call) = self.calls.expired(self.now) {
            self.expire(call);
        }
        if !matches!(self.phase, Phase::Live(_)) {
            return;
        }
        while let Some(id) = self.table.expired(self.now) {
            self.unanswered(id);
        }
        while let Some(key) = self.mirrors.due(self.now) {
            self.ask_to_begin(key);
        }
        if self.renew_at.take_if(|at| *at <= self.now).is_some() {
            self.outbox.push_back(DeskOutput::WantToken { purpose: TokenPurpose::Renew });
        }
        self.acknowledge();
    }
}

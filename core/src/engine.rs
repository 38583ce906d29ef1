//! The engine: owns the parts and routes each input to one of them.

mod deadlines;
mod platform;
mod posts;
mod requests;
mod snapshot;

pub use snapshot::{RestoreError, SNAPSHOT_VERSION};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attach::{self, Connected, Parted};
use crate::calls::Calls;
use crate::config::{Config, Seed};
use crate::counters::{Counters, Gauges, Observed};
use crate::cti_state::{CtiState, Reach, ServiceStatus};
use crate::ids::{LinkId, SecretRef, SocketId};
use crate::input::{Claims, Closed, Input, KeyHash};
use crate::limits::JourneyLimits;
use crate::link::{HeadText, Link, Links};
use crate::map::Map;
use crate::outbox::Outbox;
use crate::output::{CloseCode, Output};
use crate::processor::{self, Lockouts, Prepares};
use crate::report::journey::Journeys;
use crate::report::queuestatus::QueueStatus;
use crate::report::resource::{self, JourneyOut, Reports};
use crate::report::roster::Roster;
use crate::report::teamstatus::TeamStatus;
use crate::session::{self, Sessions};
use crate::socket::Sockets;
use crate::time::Time;
use crate::timers::{TimerName, Timers};
use crate::turn::{Ids, Turn};
use crate::wire::write;

/// The interaction processor as a plain value.
///
/// 1. Feed what happened: [`Engine::handle_input`].
/// 2. Do what it wants: [`Engine::poll_output`] until there is nothing more.
/// 3. Arm a timer for [`Engine::poll_timeout`]; when it fires, feed [`Input::Tick`].
///
/// The same inputs at the same times give the same outputs, byte for byte, on every target.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    now: Time,
    parts: Parts,
    outbox: Outbox,
    counters: Counters,
}

/// All state that a snapshot holds.
#[derive(Debug)]
struct Parts {
    links: Links,
    timers: Timers,
    ids: Ids,
    world: World,
}

/// What behaves.
#[derive(Debug, Serialize, Deserialize)]
struct World {
    sockets: Sockets,
    cti: CtiState,
    prepares: Prepares,
    lockouts: Lockouts,
    sessions: Sessions,
    calls: Calls,
    reports: Reports,
}

/// The caller's mistake; nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// An input came before the outputs of the one before were drained.
    NotDrained,
    /// Time went backwards.
    TimeWentBack,
    /// No such socket is open.
    UnknownSocket(SocketId),
    /// This socket is open already.
    SocketExists(SocketId),
    /// As many sockets are open as may be: close this one.
    TooManySockets,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDrained => f.write_str("poll_output was not called until there was nothing more"),
            Self::TimeWentBack => f.write_str("now is earlier than it was"),
            Self::UnknownSocket(socket) => write!(f, "socket {} is not open", socket.0),
            Self::SocketExists(socket) => write!(f, "socket {} is open already", socket.0),
            Self::TooManySockets => f.write_str("as many sockets are open as may be"),
        }
    }
}

impl std::error::Error for Misuse {}

impl Engine {
    /// An engine in which nothing has happened yet.
    pub fn new(config: Config, seed: Seed, now: Time) -> Self {
        let seed = seed.0;
        let text = HeadText::new(&config.service_id, &config.reports_id);
        let parts = Parts {
            links: Links::new(seed, text, config.limits.clone()),
            timers: Timers::new(seed),
            ids: Ids::new(seed, now),
            world: World {
                sockets: Map::new(seed),
                cti: CtiState::new(seed),
                prepares: Prepares::new(seed),
                lockouts: Lockouts::new(seed),
                sessions: Sessions::new(seed),
                calls: Calls::new(seed),
                reports: Reports {
                    roster: Roster::new(seed),
                    teamstatus: TeamStatus::new(seed),
                    queuestatus: QueueStatus::new(seed),
                    journeys: Journeys::new(seed, JourneyLimits::default()),
                    queries: Map::new(seed),
                },
            },
        };
        Self { config, now, parts, outbox: Outbox::default(), counters: Counters::default() }
    }

    /// Applies one input at `now`.
    ///
    /// # Errors
    /// The caller's mistake, and nothing changed.
    pub fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Misuse> {
        self.admit(now, &input)?;
        self.now = now;
        let Self { config, parts, outbox, counters, .. } = self;
        let Parts { links, timers, ids, world } = parts;
        let mut turn = Turn {
            now,
            config,
            outbox,
            links,
            timers,
            ids,
            counters,
            secrets: Vec::new(),
            bereft: Vec::new(),
            vacated: Vec::new(),
        };
        world.apply(&mut turn, input);
        world.expire(&mut turn);
        world.review_bereft(&mut turn);
        world.prepares.give_back(&mut turn, &world.sessions);
        world.reports.journeys.flush(now, &mut JourneyOut { turn: &mut turn });
        posts::answer_polls(world, &mut turn);
        world.arm_day(&mut turn);
        match world.reports.journeys.poll_timeout() {
            Some(at) => turn.timers.set(TimerName::Journeys, at),
            None => turn.timers.clear(TimerName::Journeys),
        }
        Ok(())
    }

    /// Lends the next thing to do; nothing when all is done.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        self.outbox.poll()
    }

    /// When to feed [`Input::Tick`] at the latest, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, TimerName)> {
        self.parts.timers.next()
    }

    /// What happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What is there now.
    pub fn gauges(&self) -> Gauges {
        let Parts { links, world, .. } = &self.parts;
        Gauges {
            links: links.len(),
            sockets: world.sockets.len(),
            sessions: world.sessions.len(),
            subscriptions: world.reports.teamstatus.len() + world.reports.queuestatus.len(),
            journeys: world.reports.journeys.len(),
            waiting: world.prepares.len() + world.cti.asked.len() + world.reports.queries.len(),
            deadlines: self.parts.timers.len(),
            kept_bytes: links.iter().map(Link::kept_bytes).sum(),
            deliveries: links.deliveries,
            ready: world.cti.synced_once,
            cti_in_service: world.cti.reach == Reach::InService,
        }
    }

    /// Both, as they pass to a driver in another module.
    pub fn observe(&self) -> Observed {
        Observed { gauges: self.gauges(), counters: self.counters.clone() }
    }

    fn admit(&self, now: Time, input: &Input<'_>) -> Result<(), Misuse> {
        if !self.outbox.is_empty() {
            return Err(Misuse::NotDrained);
        }
        if now < self.now {
            return Err(Misuse::TimeWentBack);
        }
        let sockets = &self.parts.world.sockets;
        match input {
            Input::SocketOpened { socket, .. } | Input::Posted { socket, .. } | Input::Attached { socket, .. }
                if sockets.contains_key(socket) =>
            {
                Err(Misuse::SocketExists(*socket))
            }
            Input::SocketOpened { .. } => {
                let limits = &self.config.limits;
                let most = limits.sockets_max as usize + limits.links_max as usize;
                if sockets.len() >= most { Err(Misuse::TooManySockets) } else { Ok(()) }
            }
            Input::Frame { socket, .. } | Input::Alive { socket } | Input::Backlog { socket, .. } => {
                if sockets.contains_key(socket) { Ok(()) } else { Err(Misuse::UnknownSocket(*socket)) }
            }
            // A socket the engine closed is closed by the driver afterwards: that it is unknown by then is as it should be.
            Input::SocketClosed { .. }
            | Input::Tick
            | Input::Stalled { .. }
            | Input::Cti(_)
            | Input::Claimed { .. }
            | Input::Loaded { .. }
            | Input::ShutDown { .. }
            // They carry a link, of which there are as many as may be, or are gone with the turn.
            | Input::Posted { .. }
            | Input::Attached { .. }
            | Input::TokenChanged { .. } => Ok(()),
        }
    }
}

impl World {
    fn apply(&mut self, turn: &mut Turn<'_>, input: Input<'_>) {
        match input {
            Input::Tick => {}
            Input::Stalled { for_us } => self.stalled(turn, for_us),
            Input::SocketOpened { socket, peer, access, key } => {
                attach::opened(turn, &mut self.sockets, socket, &peer, access, key);
            }
            Input::Frame { socket, frame } => requests::frame(self, turn, socket, frame),
            Input::Alive { socket } => self.heard(turn.now, socket),
            Input::Backlog { socket, bytes } => {
                let link = self.sockets.get(&socket).and_then(|socket| socket.link);
                if let Some(link) = link.and_then(|link| turn.links.get_mut(link)) {
                    link.backlog_bytes = bytes;
                }
            }
            Input::SocketClosed { socket, why } => {
                match why {
                    Closed::Slow => turn.counters.slow += 1,
                    Closed::Gone | Closed::Protocol => {}
                }
                let parted = attach::close(turn, &mut self.sockets, socket, None);
                self.parted(turn, parted);
            }
            Input::Cti(event) => self.cti(turn, event),
            Input::Claimed { claim, answer } => {
                let Self { prepares, sessions, cti, reports, .. } = self;
                processor::claimed(turn, prepares, sessions, cti, reports, claim, answer);
            }
            Input::Loaded { query, answer } => {
                resource::loaded(turn, &mut self.reports, &self.sessions, query, Some(answer));
            }
            Input::ShutDown { grace_ms } => self.shut_down(turn, grace_ms),
            Input::Posted { socket, peer, access, to, frame } => {
                posts::posted(self, turn, socket, &peer, access, to, &frame);
            }
            Input::Attached { socket, key, after, carrier } => {
                posts::attached(self, turn, socket, &key, after, carrier);
            }
            Input::TokenChanged { token, claims } => self.token_changed(turn, &token, &claims),
        }
    }

    /// A token permits something else now, or nothing: so do the links that live by it.
    fn token_changed(&mut self, turn: &mut Turn<'_>, token: &KeyHash, claims: &Claims) {
        let links: Vec<LinkId> =
            turn.links.iter().filter(|link| link.token.as_ref() == Some(token)).map(|link| link.id).collect();
        for link in links {
            let is_good = attach::token_changed(turn, link, claims);
            // Before the socket closes, so that it is told what ends.
            resource::review_rights(turn, &mut self.reports, &self.sessions, link);
            let socket = turn.links.get(link).and_then(|link| link.socket).filter(|_| !is_good);
            if let Some(socket) = socket {
                let parted = attach::close(turn, &mut self.sockets, socket, Some(CloseCode::Token));
                self.parted(turn, parted);
            }
        }
    }

    fn heard(&mut self, now: Time, socket: SocketId) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.heard = now;
        }
    }

    /// What follows from a link's losing its socket, or its end.
    fn parted(&mut self, turn: &mut Turn<'_>, parted: Option<Parted>) {
        match parted {
            None => {}
            Some(Parted::Detached(link)) => session::owner_gone(turn, &mut self.sessions, link),
            Some(Parted::Ended(link)) => {
                session::owner_gone(turn, &mut self.sessions, link);
                self.forget_link(turn, link);
            }
        }
    }

    fn forget_link(&mut self, turn: &mut Turn<'_>, link: LinkId) {
        self.prepares.drop_link(turn, &mut self.cti, link);
        resource::drop_link(turn, &mut self.reports, link);
    }

    /// What follows from a `connect`.
    fn connected(&mut self, turn: &mut Turn<'_>, connected: Connected) {
        match connected {
            Connected::Refused => {}
            Connected::Attached(link) => {
                session::owner_returned(turn, &mut self.sessions, link);
                posts::connected(self, turn, link);
                // A link may resume with a token that permits less than the one before.
                resource::review_rights(turn, &mut self.reports, &self.sessions, link);
            }
            Connected::Replaced { old, new } => {
                session::owner_replaced(turn, &mut self.sessions, old, new);
                self.forget_link(turn, old);
            }
        }
    }

    /// Sessions ended: what their links watched by their rights ends too.
    fn review_bereft(&mut self, turn: &mut Turn<'_>) {
        let mut links = std::mem::take(&mut turn.bereft);
        links.sort_unstable();
        links.dedup();
        for link in links {
            resource::review_rights(turn, &mut self.reports, &self.sessions, link);
        }
    }

    fn tell_status(&mut self, turn: &mut Turn<'_>, status: ServiceStatus) {
        let mut body = Vec::new();
        crate::network::write_status(turn, status, &mut body);
        let service = turn.config.service_id.clone();
        attach::tell_all(turn, true, "serviceStatus", |out| {
            out.push(b'{');
            write::text_property(out, "serviceId", &service);
            out.extend_from_slice(b",\"serviceStatus\":");
            out.extend_from_slice(&body);
            out.push(b'}');
        });
    }

    fn shut_down(&mut self, turn: &mut Turn<'_>, grace_ms: u32) {
        let before = self.cti.status();
        self.cti.shutting_down = true;
        if before != ServiceStatus::Stopping {
            self.tell_status(turn, ServiceStatus::Stopping);
            attach::tell_all(turn, false, "shutdown", |out| {
                out.push(b'{');
                write::number_property(out, "graceMs", grace_ms.into());
                out.push(b'}');
            });
        }
        self.reports.journeys.store_all(turn.now);
        if grace_ms == 0 {
            let sockets: Vec<SocketId> = self.sockets.keys().copied().collect();
            for socket in sockets {
                let parted = attach::close(turn, &mut self.sockets, socket, Some(CloseCode::Restart));
                self.parted(turn, parted);
            }
        }
    }

    /// Forgets secrets of a frame that nobody took over.
    fn forget(turn: &mut Turn<'_>) {
        let left: Vec<SecretRef> = std::mem::take(&mut turn.secrets);
        for secret in left {
            turn.outbox.forget(secret);
        }
    }
}

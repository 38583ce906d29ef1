//! The engine: owns the parts and routes each input to one of them.

mod posts;
mod requests;
mod snapshot;

pub use snapshot::RestoreError;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::attach::{self, Connected, Parted};
use crate::calls::Calls;
use crate::config::{Config, Seed};
use crate::counters::Counters;
use crate::cti::{AgentState, Answer, Event, Outcome, RequestNo};
use crate::cti_state::{CtiState, Purpose, Reach, ServiceStatus};
use crate::ids::{LinkId, QueryNo, SecretRef, SocketId};
use crate::input::{Claims, Closed, Input, KeyHash};
use crate::limits::{CALL_SILENCE, CALL_SWEEP, JourneyLimits};
use crate::link::{HeadText, Link, Links};
use crate::map::Map;
use crate::outbox::Outbox;
use crate::output::{CloseCode, Output};
use crate::processor::{self, Lockouts, Prepares};
use crate::report::journey::Journeys;
use crate::report::queuestatus::QueueStatus;
use crate::report::resource::{self, FanOut, JourneyOut, Reports};
use crate::report::roster::Roster;
use crate::report::teamstatus::TeamStatus;
use crate::session::{self, Around, Sessions};
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

/// What is there now, for the driver's gauges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauges {
    /// Links.
    pub links: usize,
    /// Sockets, with a link or before one.
    pub sockets: usize,
    /// Agent sessions.
    pub sessions: usize,
    /// Subscriptions of team and queue status.
    pub subscriptions: usize,
    /// Calls in progress, and those that ended a moment ago.
    pub journeys: usize,
    /// Requests that wait for the platform, the directory or the store, and commands nobody waits for.
    pub waiting: usize,
    /// Deadlines.
    pub deadlines: usize,
    /// Bytes kept for replay, of all links together, shared ones counted for each.
    pub kept_bytes: u64,
    /// Messages put to links so far.
    pub deliveries: u64,
    /// Whether the first full roster was read.
    pub ready: bool,
    /// Whether the platform is in service.
    pub cti_in_service: bool,
}

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

    /// Everything whose deadline has come.
    fn expire(&mut self, turn: &mut Turn<'_>) {
        while let Some((_, name)) = turn.timers.expire(turn.now) {
            match name {
                TimerName::Connect(socket) => {
                    let parted = attach::close(turn, &mut self.sockets, socket, Some(CloseCode::Silent));
                    self.parted(turn, parted);
                }
                TimerName::Heartbeat(socket) => {
                    let parted = attach::heartbeat(turn, &mut self.sockets, socket);
                    self.parted(turn, parted);
                }
                TimerName::LinkGrace(link) => {
                    let parted = attach::end(turn, &mut self.sockets, link, CloseCode::Normal);
                    self.parted(turn, parted);
                }
                TimerName::Token(link) => {
                    let parted = attach::token_due(turn, &mut self.sockets, link);
                    self.parted(turn, parted);
                }
                TimerName::Request(number) => self.deadline(turn, number),
                TimerName::Session(serial) => {
                    session::due(turn, &mut self.sessions, &mut self.cti, &self.reports.roster, serial);
                }
                TimerName::Journeys => self.reports.journeys.tick(turn.now),
                TimerName::Poll(socket) => {
                    let parted = attach::http::poll_due(turn, &mut self.sockets, socket);
                    self.parted(turn, parted);
                }
                TimerName::WrapUp(serial) => {
                    let Self { sessions, cti, calls, reports, .. } = self;
                    session::wrap_up_due(turn, sessions, cti, (calls, &reports.roster), serial);
                }
                TimerName::Calls => self.sweep_calls(turn),
                TimerName::Day => self.new_day(turn),
            }
        }
    }

    fn deadline(&mut self, turn: &mut Turn<'_>, number: RequestNo) {
        match self.cti.asked.swap_remove(&number) {
            Some(Purpose::Login { session }) => self.login_answered(turn, session, None),
            Some(Purpose::Logout { session }) => self.logout_answered(turn, session, None),
            Some(Purpose::Session { session }) => self.session_answered(turn, session, number, None),
            Some(Purpose::Verify | Purpose::Policy) | None => {
                self.prepares.deadline(turn, &mut self.cti, number);
                resource::loaded(turn, &mut self.reports, &self.sessions, QueryNo(number.0), None);
            }
        }
    }

    fn heard(&mut self, now: Time, socket: SocketId) {
        if let Some(socket) = self.sockets.get_mut(&socket) {
            socket.heard = now;
        }
    }

    /// The driver was held up: nobody is blamed for silence meanwhile.
    fn stalled(&mut self, turn: &mut Turn<'_>, for_us: u64) {
        let by = std::time::Duration::from_micros(for_us);
        for socket in self.sockets.values_mut() {
            socket.heard = (socket.heard + by).min(turn.now);
        }
        turn.timers.postpone(by, |name| match name {
            TimerName::Connect(_) | TimerName::Heartbeat(_) | TimerName::LinkGrace(_) | TimerName::Session(_) => true,
            TimerName::Token(_)
            | TimerName::Request(_)
            | TimerName::Journeys
            | TimerName::Poll(_)
            | TimerName::WrapUp(_)
            | TimerName::Calls
            | TimerName::Day => false,
        });
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
                // A link may resume with a token that permits less than the one before.
                resource::review_rights(turn, &mut self.reports, &self.sessions, link);
            }
            Connected::Replaced { old, new } => {
                session::owner_replaced(turn, &mut self.sessions, old, new);
                self.forget_link(turn, old);
            }
        }
    }

    fn cti(&mut self, turn: &mut Turn<'_>, event: Event) {
        let before = self.cti.status();
        self.reports.queuestatus.roll(turn.now, turn.config.day_starts_min);
        match event {
            Event::Up(platform) => {
                // Said again while in service, it tells what is new of the platform and nothing else.
                if self.cti.reach != Reach::InService {
                    self.cti.reach = Reach::Resyncing;
                }
                self.cti.platform = Some(platform);
            }
            Event::Down { .. } => {
                self.cti.reach = Reach::Away;
                self.change_people(turn, &event);
                self.reports.journeys.down();
                self.unanswered(turn);
                self.look_all(turn);
            }
            Event::ResyncBegin => {
                self.cti.reach = Reach::Resyncing;
                self.reports.journeys.resync_begin();
                self.calls.resync_begin();
                self.change_people(turn, &event);
            }
            // An end without a beginning tells nothing.
            Event::ResyncEnd if !self.reports.roster.is_resyncing() => turn.counters.records_refused += 1,
            Event::ResyncEnd => {
                self.cti.reach = Reach::InService;
                self.cti.synced_once = true;
                self.change_people(turn, &event);
                self.reports.journeys.resync_end(turn.now);
                self.calls.resync_end();
                self.look_all(turn);
                self.reconcile(turn);
            }
            Event::Queue(ref queue) => {
                self.reports.journeys.queue(queue);
                self.change_people(turn, &event);
            }
            Event::QueueRemoved { ref queue } => {
                self.reports.journeys.queue_removed(queue);
                self.change_people(turn, &event);
            }
            Event::AgentStatus(ref status) => {
                self.change_people(turn, &event);
                let names = &self.reports.roster;
                self.reports.journeys.agent_status(turn.now, &status.agent, status.state, status.since, names);
                self.agent_changed(turn, status.agent.as_str());
            }
            Event::AgentRemoved { ref agent } => {
                let names = &self.reports.roster;
                self.reports.journeys.agent_status(turn.now, agent, AgentState::LoggedOut, None, names);
                self.change_people(turn, &event);
                self.agent_changed(turn, agent.as_str());
            }
            Event::Agent(_)
            | Event::Team(_)
            | Event::TeamRemoved { .. }
            | Event::TeamChanged { .. }
            | Event::Serves(_) => self.change_people(turn, &event),
            Event::Call(ref call) => {
                self.reports.queuestatus.call(turn.now, call);
                self.reports.journeys.apply(turn.now, call, &self.reports.roster);
                self.call(turn, call);
            }
            Event::Answer(answer) => self.answered(turn, &answer),
        }
        self.publish_queues(turn);
        let after = self.cti.status();
        if after != before {
            self.tell_status(turn, after);
        }
    }

    fn change_people(&mut self, turn: &mut Turn<'_>, event: &Event) {
        match self.reports.roster.apply(turn.now, event) {
            Ok(delta) => {
                let Reports { roster, teamstatus, queuestatus, .. } = &mut self.reports;
                teamstatus.publish(roster, &delta, turn.now, &mut FanOut { links: turn.links, outbox: turn.outbox });
                if queuestatus.apply(event, roster, &delta).is_err() {
                    turn.counters.records_refused += 1;
                }
                let related: Vec<_> = delta.relations().map(|(agent, ..)| agent.clone()).collect();
                if !related.is_empty() {
                    self.review_rights(turn);
                    // After a resynchronisation every session looks again, once all of it is applied.
                    for agent in related.iter().filter(|_| *event != Event::ResyncEnd) {
                        self.look_again(turn, agent.as_str());
                    }
                }
            }
            Err(_) => turn.counters.records_refused += 1,
        }
    }

    /// What the input changed about queues, once.
    fn publish_queues(&mut self, turn: &mut Turn<'_>) {
        let Reports { roster, queuestatus, .. } = &mut self.reports;
        queuestatus.publish(roster, turn.now, &mut FanOut { links: turn.links, outbox: turn.outbox });
    }

    fn new_day(&mut self, turn: &mut Turn<'_>) {
        self.reports.queuestatus.roll(turn.now, turn.config.day_starts_min);
        self.publish_queues(turn);
    }

    fn arm_day(&mut self, turn: &mut Turn<'_>) {
        match self.reports.queuestatus.poll_rearm() {
            Some(Some(at)) => turn.timers.set(TimerName::Day, at),
            Some(None) => turn.timers.clear(TimerName::Day),
            None => {}
        }
    }

    /// Who supervises whom changed: subscriptions that lived by it may end.
    fn review_rights(&mut self, turn: &mut Turn<'_>) {
        let links: Vec<LinkId> = turn
            .links
            .iter()
            .filter(|link| !link.scopes.reports && !link.resources.is_empty())
            .map(|link| link.id)
            .collect();
        for link in links {
            resource::review_rights(turn, &mut self.reports, &self.sessions, link);
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

    fn agent_changed(&mut self, turn: &mut Turn<'_>, agent: &str) {
        if self.cti.reach == Reach::InService {
            self.look_again(turn, agent);
            session::agent_changed(turn, &mut self.sessions, &mut self.cti, &self.reports.roster, agent);
        }
    }

    /// What happened to a leg reaches the sessions of the agents on it.
    fn call(&mut self, turn: &mut Turn<'_>, event: &crate::cti::CallEvent) {
        let Self { sessions, cti, calls, reports, .. } = self;
        let roster = &reports.roster;
        let touched = calls.apply(
            turn.now,
            event,
            |agent| sessions.of_agent(agent).is_some(),
            |queue| roster.queue_name(queue.as_str()).map(Into::into),
        );
        if !calls.is_empty() && !turn.timers.is_set(TimerName::Calls) {
            turn.timers.set(TimerName::Calls, turn.now + CALL_SWEEP);
        }
        session::call_changed(turn, sessions, Around { cti, calls, roster }, event.call(), &touched);
        if cti.reach == Reach::InService {
            for agent in &touched.agents {
                session::call_changed_for(turn, sessions, cti, roster, agent.as_str());
            }
        }
    }

    /// Legs that nothing was heard of for too long are over.
    fn sweep_calls(&mut self, turn: &mut Turn<'_>) {
        let agents = self.calls.sweep(turn.now, CALL_SILENCE);
        for agent in agents {
            self.agent_changed(turn, agent.as_str());
        }
        if !self.calls.is_empty() {
            turn.timers.set(TimerName::Calls, turn.now + CALL_SWEEP);
        }
    }

    fn look_again(&mut self, turn: &mut Turn<'_>, agent: &str) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::look_again(turn, sessions, Around { cti, calls, roster: &reports.roster }, agent);
    }

    fn look_all(&mut self, turn: &mut Turn<'_>) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::look_all(turn, sessions, Around { cti, calls, roster: &reports.roster });
    }

    fn login_answered(&mut self, turn: &mut Turn<'_>, session: u64, outcome: Option<&Outcome>) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::login_answered(turn, sessions, Around { cti, calls, roster: &reports.roster }, session, outcome);
    }

    fn session_answered(&mut self, turn: &mut Turn<'_>, session: u64, number: RequestNo, outcome: Option<&Outcome>) {
        let Self { sessions, cti, calls, reports, .. } = self;
        session::answered(turn, sessions, Around { cti, calls, roster: &reports.roster }, session, number, outcome);
    }

    /// The platform told everything: sessions of agents that are logged out by now end.
    fn reconcile(&mut self, turn: &mut Turn<'_>) {
        for agent in self.sessions.agents() {
            self.agent_changed(turn, agent.as_str());
        }
    }

    fn answered(&mut self, turn: &mut Turn<'_>, answer: &Answer) {
        let Some(purpose) = self.cti.asked.swap_remove(&answer.request) else { return };
        self.resolve(turn, answer.request, purpose, &answer.outcome);
    }

    fn resolve(&mut self, turn: &mut Turn<'_>, number: RequestNo, purpose: Purpose, outcome: &Outcome) {
        match purpose {
            // The directory is asked next, within the same time.
            Purpose::Verify => {}
            Purpose::Login { .. } | Purpose::Logout { .. } | Purpose::Policy | Purpose::Session { .. } => {
                turn.timers.clear(TimerName::Request(number));
            }
        }
        match purpose {
            Purpose::Verify => {
                let Self { prepares, lockouts, sessions, cti, reports, .. } = self;
                processor::verified(turn, prepares, lockouts, sessions, cti, reports, number, outcome);
            }
            Purpose::Login { session } => self.login_answered(turn, session, Some(outcome)),
            Purpose::Session { session } => self.session_answered(turn, session, number, Some(outcome)),
            Purpose::Logout { session } => self.logout_answered(turn, session, Some(outcome)),
            Purpose::Policy => {}
        }
    }

    fn logout_answered(&mut self, turn: &mut Turn<'_>, session: u64, outcome: Option<&Outcome>) {
        let goes_on = session::logout_answered(turn, &mut self.sessions, session, outcome);
        // The platform may have told of the agent's end meanwhile, which was left to the answer.
        if let Some(agent) = goes_on {
            self.agent_changed(turn, agent.as_str());
        }
    }

    /// The platform is away: what it was asked fails.
    fn unanswered(&mut self, turn: &mut Turn<'_>) {
        let mut asked: Vec<(RequestNo, Purpose)> = self.cti.asked.drain(..).collect();
        asked.sort_unstable_by_key(|(number, _)| *number);
        let outcome = Outcome::Refused(crate::cti::Refusal {
            kind: crate::cti::RefusalKind::Unavailable,
            text: "the platform is away".into(),
        });
        for (number, purpose) in asked {
            self.resolve(turn, number, purpose, &outcome);
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

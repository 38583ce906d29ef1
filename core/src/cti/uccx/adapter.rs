//! The adapter: inputs go to the session, to the mapping or to the commands; what they make is put out in order.

use std::collections::VecDeque;
use std::fmt::{self, Debug, Formatter};

use super::codec::{Framer, Message};
use super::commands::Pending;
use super::config::{ConfigError, UccxConfig};
use super::diagnostics::{Diagnostics, Phase};
use super::mapping::{Calls, RoleRules, Roster};
use super::session::{AgentSessions, Nodes, Session};
use crate::cti::{Adapter, AdapterCount, AdapterInput, AdapterOutput, CallEvent, ConnectionId, Event};
use crate::secret::Secret;
use crate::time::Time;

/// The longest ClientPassword, in bytes.
const PASSWORD_BYTES_MAX: usize = 64;
/// Call events held back while everything is read; past it the calls are told as they stand then.
const HELD_EVENTS_MAX: usize = 10_000;

/// Speaks with the CTI servers of a UCCX, in bridge mode, as the [`Adapter`] it is.
///
/// It keeps one session with whichever of the nodes is the master. After every (re)connection it reads everything (the
/// configuration, the teams, the agents' states), and only then says [`Event::Up`] and tells it all between
/// [`Event::ResyncBegin`] and [`Event::ResyncEnd`] as it is at that moment; call events that came meanwhile follow.
pub struct UccxAdapter {
    pub(super) config: UccxConfig,
    pub(super) password: Option<Secret>,
    pub(super) now: Time,
    pub(super) outbox: VecDeque<AdapterOutput>,
    pub(super) nodes: Nodes,
    pub(super) session: Session,
    pub(super) last_connection: u32,
    pub(super) rules: RoleRules,
    pub(super) roster: Roster,
    /// What is being read, to take the place of `roster` when all is.
    pub(super) staging: Option<Roster>,
    pub(super) calls: Calls,
    pub(super) pending: Pending,
    /// Sessions of agents, where the bridge session may not control.
    pub(super) agents: AgentSessions,
    /// The engine knows that the platform is reached.
    pub(super) told_up: bool,
    pub(super) diagnostics: Diagnostics,
    /// Why the last session ended, or there was none, as long as nobody asked.
    pub(super) trouble: Option<Box<str>>,
}

impl UccxAdapter {
    /// An adapter that begins to connect with its first input. `seed` is drawn anew for each start of the process: it keeps
    /// the ids of calls apart from those of every other start, and spreads attempts to connect.
    ///
    /// # Errors
    /// The configuration is not valid; the key is named.
    pub fn new(config: UccxConfig, password: Option<Secret>, seed: u64, now: Time) -> Result<Self, ConfigError> {
        config.validate()?;
        if password.as_ref().is_some_and(|password| !(1..=PASSWORD_BYTES_MAX).contains(&password.expose().len())) {
            return Err(ConfigError { key: "client_password", remedy: "give 1 to 64 bytes, or none" });
        }
        let boot = format!("u{:x}{:04x}", now.as_micros(), seed >> 48);
        Ok(Self {
            rules: RoleRules::new(&config),
            calls: Calls::new(boot.into(), config.calls_max as usize),
            nodes: Nodes::new(&config, seed),
            session: Session::Waiting { until: now },
            password,
            now,
            outbox: VecDeque::new(),
            last_connection: 0,
            roster: Roster::default(),
            staging: None,
            pending: Pending::default(),
            agents: AgentSessions::default(),
            told_up: false,
            diagnostics: Diagnostics::default(),
            trouble: None,
            config,
        })
    }

    /// How things stand, and what happened so far.
    pub fn diagnostics(&self) -> Diagnostics {
        let (agents, teams, queues) = self.roster.counts();
        let mut diagnostics = self.diagnostics.clone();
        diagnostics.phase = match &self.session {
            Session::Waiting { .. } => Phase::Waiting,
            Session::Connecting { .. } => Phase::Connecting,
            Session::Opening { .. } => Phase::Opening,
            Session::Open(open) if open.is_offline() => Phase::Offline,
            Session::Open(open) if open.is_reading() => Phase::Reading,
            Session::Open(_) => Phase::InService,
        };
        diagnostics.node = self.session.link().map(|link| link.node);
        diagnostics.nodes = self.nodes.report(&self.config);
        diagnostics.widths = self.session.link().map(|link| link.widths).or(diagnostics.widths);
        diagnostics.dropped += self.calls.dropped;
        diagnostics.agent_sessions = self.agents.len();
        (diagnostics.calls, diagnostics.agents) = (self.calls.len(), agents);
        (diagnostics.teams, diagnostics.queues) = (teams, queues);
        diagnostics
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.outbox.push_back(AdapterOutput::Event(event));
    }

    /// Tells what happened to calls: at once, or after what is being read; nothing while the platform is away.
    pub(super) fn emit_calls(&mut self, events: Vec<CallEvent>) {
        if let Session::Open(open) = &mut self.session
            && let Some(reading) = &mut open.reading
        {
            let room = reading.held.as_ref().map_or(0, |held| HELD_EVENTS_MAX.saturating_sub(held.len()));
            match &mut reading.held {
                Some(held) if events.len() <= room => held.extend(events),
                held => *held = None,
            }
        } else if self.told_up {
            self.outbox.extend(events.into_iter().map(|event| AdapterOutput::Event(Event::Call(event))));
        }
    }

    fn received(&mut self, connection: ConnectionId, mut bytes: &[u8]) {
        if self.agents.has(connection) {
            return self.agent_received(connection, bytes);
        }
        let Some(link) = self.session.link_mut().filter(|link| link.connection == connection) else { return };
        let mut framer = std::mem::take(&mut link.framer);
        loop {
            let Some(widths) = self.session.link().filter(|link| link.connection == connection).map(|link| link.widths)
            else {
                return; // A message ended the connection, the bytes behind it go with it.
            };
            let frame = match framer.next_frame(&mut bytes) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => return self.lose(&format!("the byte stream cannot be read: {error}")),
            };
            self.diagnostics.frames += 1;
            let widths = self.session.widths_of(frame, self.config.widths).unwrap_or(widths);
            let message_id = frame.message_id;
            match Message::decode(frame, widths) {
                Ok(message) => self.on_message(message_id, &message),
                Err(error) => {
                    self.diagnostics.refused_frames += 1;
                    self.diagnostics.error(self.now, error.to_string());
                }
            }
        }
        self.give_back(connection, framer);
    }

    fn give_back(&mut self, connection: ConnectionId, framer: Framer) {
        if let Some(link) = self.session.link_mut().filter(|link| link.connection == connection) {
            link.framer = framer;
        }
    }

    fn on_message(&mut self, message_id: u32, message: &Message<'_>) {
        for field in message.extra().iter() {
            self.diagnostics.unknown_field(message_id, field.tag);
        }
        if let Message::Unknown(unknown) = message {
            self.diagnostics.unknown_message(unknown.message_id);
            return;
        }
        if self.on_session(message) || self.on_answer(message) || self.on_platform(message) {
            return;
        }
        self.diagnostics.unexpected += 1;
    }
}

impl Adapter for UccxAdapter {
    fn handle_input(&mut self, now: Time, input: AdapterInput<'_>) {
        self.now = self.now.max(now);
        // What was due comes before what comes now.
        self.on_time();
        match input {
            AdapterInput::Tick => {}
            AdapterInput::Command { request, command, secret } => self.command(request, &command, secret),
            AdapterInput::Connected { connection } => self.connected(connection),
            AdapterInput::Received { connection, bytes } => self.received(connection, bytes),
            AdapterInput::Disconnected { connection, why } => self.disconnected(connection, why),
        }
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        self.outbox.pop_front()
    }

    fn poll_timeout(&self) -> Option<Time> {
        let agents = self.agents.poll_timeout();
        [self.session.poll_timeout(), self.pending.poll_timeout(), self.calls.poll_timeout(), agents]
            .into_iter()
            .flatten()
            .min()
    }

    fn counts(&self) -> Vec<AdapterCount> {
        self.diagnostics().counts()
    }

    fn trouble(&mut self) -> Option<Box<str>> {
        self.trouble.take()
    }
}

/// What waits to be sent may hold passwords: only the state of things is shown.
impl Debug for UccxAdapter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("UccxAdapter").field("diagnostics", &self.diagnostics()).finish_non_exhaustive()
    }
}

//! Sessions in agent mode: one for each agent who is to be controlled, where the bridge session is not granted control.
//!
//! Only what is asked for an agent goes over the agent's session, and only its answers are heard there: what happens is told by the
//! bridge session. It is opened with the first command, and closed when the agent has logged out or the bridge session ends.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{HEARTBEATS_UNCONFIRMED, Link};
use crate::cti::uccx::adapter::UccxAdapter;
use crate::cti::uccx::codec::messages::{CloseReq, HeartbeatReq, OpenConf, OpenReq};
use crate::cti::uccx::codec::names::{services, status};
use crate::cti::uccx::codec::{Framer, Message, Secret, Text};
use crate::cti::uccx::mapping::refusals::{of_status, refusal, status_words};
use crate::cti::{AdapterOutput, ConnectionId, Refusal, RefusalKind};
use crate::ids::AgentId;
use crate::time::Time;

/// What is asked for.
const WANTED: u32 = services::CLIENT_EVENTS | services::CLIENT_CONTROL | services::CALL_DATA_UPDATE;
/// How long an agent's session that was refused is not asked for again, as the guide says of every session.
const REFUSED: Duration = Duration::from_secs(10);
/// The longest AgentExtension, its NUL aside.
const EXTENSION_BYTES_MAX: usize = 15;

/// The sessions of agents.
#[derive(Default)]
pub(in crate::cti::uccx) struct AgentSessions {
    sessions: BTreeMap<AgentId, AgentSession>,
    agents: BTreeMap<ConnectionId, AgentId>,
    due: BTreeSet<(Time, AgentId)>,
}

struct AgentSession {
    link: Link,
    line: Option<Box<str>>,
    stage: Stage,
    due: Time,
    waiting: Vec<Asked>,
}

enum Stage {
    Connecting,
    Opening { invoke: u32 },
    Open { granted: u32, unconfirmed: BTreeSet<u32> },
    Refused(Refusal),
}

/// A request, ready to be sent over an agent's session.
pub(in crate::cti::uccx) struct Asked {
    pub(in crate::cti::uccx) invoke: u32,
    /// The services of which one is needed.
    pub(in crate::cti::uccx) needs: u32,
    pub(in crate::cti::uccx) bytes: Vec<u8>,
}

/// It may hold a password.
impl Drop for Asked {
    fn drop(&mut self) {
        self.bytes.fill(0);
    }
}

impl AgentSessions {
    pub(in crate::cti::uccx) fn poll_timeout(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(in crate::cti::uccx) fn len(&self) -> usize {
        self.agents.len()
    }

    pub(in crate::cti::uccx) fn has(&self, connection: ConnectionId) -> bool {
        self.agents.contains_key(&connection)
    }

    fn insert(&mut self, agent: AgentId, session: AgentSession) {
        self.due.insert((session.due, agent.clone()));
        self.agents.insert(session.link.connection, agent.clone());
        self.sessions.insert(agent, session);
    }

    fn remove(&mut self, agent: &AgentId) -> Option<AgentSession> {
        let session = self.sessions.remove(agent)?;
        self.due.remove(&(session.due, agent.clone()));
        self.agents.remove(&session.link.connection);
        Some(session)
    }

    fn put_off(&mut self, agent: &AgentId, due: Time) {
        let Some(session) = self.sessions.get_mut(agent) else { return };
        self.due.remove(&(session.due, agent.clone()));
        session.due = due;
        self.due.insert((due, agent.clone()));
    }
}

impl UccxAdapter {
    /// Sends a request over the agent's session, or as soon as that is open.
    pub(in crate::cti::uccx) fn ask_for_agent(
        &mut self,
        agent: &AgentId,
        line: Option<Box<str>>,
        asked: Asked,
    ) -> Result<(), Refusal> {
        if let Some(session) = self.agents.sessions.get_mut(agent) {
            match &session.stage {
                Stage::Open { granted, .. } => {
                    let (granted, connection) = (*granted, session.link.connection);
                    return self.send_granted(connection, granted, asked);
                }
                Stage::Refused(refused) => return Err(refused.clone()),
                Stage::Connecting | Stage::Opening { .. } => session.waiting.push(asked),
            }
            return Ok(());
        }
        if self.agents.len() >= self.config.agent_sessions_max as usize {
            return Err(refusal(RefusalKind::Unavailable, "too many agents are controlled by sessions of their own"));
        }
        let Some((node, widths)) = self.session.link().map(|link| (link.node, link.widths)) else {
            return Err(refusal(RefusalKind::Unavailable, "the platform is away"));
        };
        self.last_connection = self.last_connection.wrapping_add(1);
        let connection = ConnectionId(self.last_connection);
        let link = Link { connection, node, framer: Framer::default(), widths };
        let due = self.now + self.config.step_timeout();
        let session = AgentSession { link, line, stage: Stage::Connecting, due, waiting: vec![asked] };
        self.agents.insert(agent.clone(), session);
        self.outbox.push_back(AdapterOutput::Connect { connection, address: node });
        Ok(())
    }

    fn send_granted(&mut self, connection: ConnectionId, granted: u32, mut asked: Asked) -> Result<(), Refusal> {
        if granted & asked.needs == 0 {
            let why = "the platform grants neither this client nor the agent's own session to do this";
            return Err(refusal(RefusalKind::Unsupported, why));
        }
        self.outbox.push_back(AdapterOutput::Send { connection, bytes: std::mem::take(&mut asked.bytes) });
        Ok(())
    }

    /// An agent's connection stands: OPEN_REQ.
    pub(super) fn agent_connected(&mut self, connection: ConnectionId) {
        let Some(agent) = self.agents.agents.get(&connection).cloned() else { return };
        let invoke = self.pending.next_invoke();
        let version = self.version_asked();
        let Some(session) = self.agents.sessions.get_mut(&agent) else { return };
        session.stage = Stage::Opening { invoke };
        let (line, widths) = (session.line.clone(), session.link.widths);
        let line = line.as_deref();
        let extension = line.filter(|line| line.len() <= EXTENSION_BYTES_MAX);
        let client_id = self.config.client_id.clone();
        let password = self.password.take();
        let request = OpenReq {
            invoke_id: invoke,
            version_number: version,
            idle_timeout: self.config.idle_timeout_s,
            services_requested: WANTED,
            client_id: Some(Text::from(&*client_id)),
            client_password: password.as_ref().map(|password| Secret::new(password.expose().as_bytes())),
            agent_id: Some(Text::from(agent.as_str())),
            agent_instrument: line.map(Text::from),
            agent_extension: extension.map(Text::from),
            ..OpenReq::default()
        };
        self.send_on(connection, widths, &request.into());
        self.password = password;
        self.agents.put_off(&agent, self.now + self.config.step_timeout());
    }

    /// Bytes of an agent's connection.
    pub(in crate::cti::uccx) fn agent_received(&mut self, connection: ConnectionId, mut bytes: &[u8]) {
        let Some(agent) = self.agents.agents.get(&connection).cloned() else { return };
        let Some(session) = self.agents.sessions.get_mut(&agent) else { return };
        let (mut framer, widths) = (std::mem::take(&mut session.link.framer), session.link.widths);
        loop {
            let frame = match framer.next_frame(&mut bytes) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => return self.lose_agent(&agent, &format!("the byte stream cannot be read: {error}")),
            };
            self.diagnostics.frames += 1;
            match Message::decode(frame, widths) {
                Ok(message) => self.on_agent_message(&agent, &message),
                Err(error) => {
                    self.diagnostics.refused_frames += 1;
                    self.diagnostics.error(self.now, error.to_string());
                }
            }
            if !self.agents.has(connection) {
                return; // A message ended it, the bytes behind it go with it.
            }
        }
        if let Some(session) = self.agents.sessions.get_mut(&agent) {
            session.link.framer = framer;
        }
    }

    fn on_agent_message(&mut self, agent: &AgentId, message: &Message<'_>) {
        let Some(session) = self.agents.sessions.get_mut(agent) else { return };
        let opening = |id: u32| matches!(session.stage, Stage::Opening { invoke } if invoke == id || id == 0);
        match message {
            Message::OpenConf(conf) if opening(conf.invoke_id) => self.agent_opened(agent, conf),
            Message::FailureConf(conf) if opening(conf.invoke_id) => {
                self.refuse_agent(agent, of_status(conf.status, conf.text));
            }
            Message::HeartbeatConf(conf) => {
                if let Stage::Open { unconfirmed, .. } = &mut session.stage {
                    unconfirmed.retain(|known| *known > conf.invoke_id);
                }
            }
            Message::FailureEvent(event) => match event.status {
                status::SESSION_NOT_OPEN
                | status::NEW_SESSION_OPENED
                | status::CLIENT_DISCONNECTED
                | status::SERVER_NOT_MASTER => self.lose_agent(agent, &status_words(event.status, event.text)),
                _ => {}
            },
            Message::CloseReq(_) | Message::CloseConf(_) => self.lose_agent(agent, "the server closed the session"),
            // Whatever answers no command is told by the bridge session too.
            other => {
                self.on_answer(other);
            }
        }
    }

    fn agent_opened(&mut self, agent: &AgentId, conf: &OpenConf<'_>) {
        let granted = conf.services_granted;
        if granted & services::CLIENT_CONTROL == 0 {
            let why = "the platform grants neither this client nor the agent's own session to control";
            return self.refuse_agent(agent, refusal(RefusalKind::Unsupported, why));
        }
        let Some(session) = self.agents.sessions.get_mut(agent) else { return };
        session.stage = Stage::Open { granted, unconfirmed: BTreeSet::new() };
        let (connection, waiting) = (session.link.connection, std::mem::take(&mut session.waiting));
        self.agents.put_off(agent, self.now + self.config.heartbeat());
        for asked in waiting {
            let invoke = asked.invoke;
            if let Err(refused) = self.send_granted(connection, granted, asked) {
                self.refused(invoke, refused);
            }
        }
    }

    /// The platform does not open the agent's session: it is not asked again for a while.
    fn refuse_agent(&mut self, agent: &AgentId, refused: Refusal) {
        self.end_agent(agent, &refused, true);
        let Some(mut session) = self.agents.remove(agent) else { return };
        session.stage = Stage::Refused(refused);
        session.due = self.now + REFUSED;
        self.agents.due.insert((session.due, agent.clone()));
        self.agents.sessions.insert(agent.clone(), session);
    }

    /// The agent's session failed; the next command opens another one.
    fn lose_agent(&mut self, agent: &AgentId, why: &str) {
        self.end_agent(agent, &refusal(RefusalKind::Unavailable, why), true);
        self.agents.remove(agent);
    }

    fn end_agent(&mut self, agent: &AgentId, refused: &Refusal, close: bool) {
        let Some(session) = self.agents.sessions.get_mut(agent) else { return };
        session.waiting.clear();
        let connection = session.link.connection;
        if close {
            self.outbox.push_back(AdapterOutput::Disconnect { connection });
        }
        self.diagnostics.error(self.now, format!("the session of agent {agent}: {}", refused.text));
        self.fail_commands_of(agent, refused);
    }

    /// A connection ended, or could not be made; whether it was an agent's.
    pub(super) fn agent_disconnected(&mut self, connection: ConnectionId, why: &str) -> bool {
        let Some(agent) = self.agents.agents.get(&connection).cloned() else { return false };
        self.end_agent(&agent, &refusal(RefusalKind::Unavailable, &format!("the connection ended: {why}")), false);
        self.agents.remove(&agent);
        true
    }

    /// The agent logged out: the session has served, unless something is still asked over it.
    pub(in crate::cti::uccx) fn agent_left(&mut self, agent: &AgentId) {
        let idle =
            matches!(self.agents.sessions.get(agent), Some(session) if matches!(session.stage, Stage::Open { .. }));
        if idle && !self.pending.asks_over(agent) {
            self.close_agent(agent);
        }
    }

    /// The bridge session is over, and those of agents with it.
    pub(super) fn close_agents(&mut self) {
        while let Some(agent) = self.agents.sessions.keys().next().cloned() {
            self.close_agent(&agent);
        }
    }

    fn close_agent(&mut self, agent: &AgentId) {
        let Some(session) = self.agents.remove(agent) else { return };
        let (connection, widths) = (session.link.connection, session.link.widths);
        match session.stage {
            Stage::Refused(_) => return,
            Stage::Open { .. } => {
                let invoke_id = self.pending.next_invoke();
                let bye = CloseReq { invoke_id, status: status::NO_ERROR, ..CloseReq::default() };
                self.send_on(connection, widths, &bye.into());
            }
            Stage::Connecting | Stage::Opening { .. } => {}
        }
        self.outbox.push_back(AdapterOutput::Disconnect { connection });
    }

    /// Does what is due for agents' sessions.
    pub(super) fn agents_on_time(&mut self) {
        while let Some((_, agent)) = self.agents.due.first().filter(|(at, _)| *at <= self.now).cloned() {
            let Some(session) = self.agents.sessions.get_mut(&agent) else { return };
            match &mut session.stage {
                Stage::Connecting => self.lose_agent(&agent, "no connection for the agent's session in time"),
                Stage::Opening { .. } => self.lose_agent(&agent, "the agent's session was not opened in time"),
                Stage::Refused(_) => drop(self.agents.remove(&agent)),
                Stage::Open { unconfirmed, .. } if unconfirmed.len() >= HEARTBEATS_UNCONFIRMED => {
                    self.lose_agent(&agent, "the server does not confirm heartbeats of the agent's session");
                }
                Stage::Open { unconfirmed, .. } => {
                    let invoke_id = self.pending.next_invoke();
                    unconfirmed.insert(invoke_id);
                    let (connection, widths) = (session.link.connection, session.link.widths);
                    self.agents.put_off(&agent, self.now + self.config.heartbeat());
                    self.diagnostics.heartbeats += 1;
                    self.send_on(connection, widths, &HeartbeatReq { invoke_id, ..HeartbeatReq::default() }.into());
                }
            }
        }
    }
}

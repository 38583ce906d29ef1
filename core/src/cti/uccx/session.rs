//! The session with one node: connecting, opening, staying alive, and what ends it.

mod agents;
mod nodes;
mod opening;
mod reading;

use std::collections::BTreeSet;

pub(super) use self::agents::{AgentSessions, Asked};
pub(super) use self::nodes::Nodes;
pub(super) use self::reading::Reading;
use super::adapter::UccxAdapter;
use super::codec::messages::{CloseReq, HeartbeatReq};
use super::codec::names::{status, system_event};
use super::codec::{Frame, Framer, Message, Widths};
use super::config::HeaderWidths;
use super::diagnostics::NodeRole;
use super::mapping::refusals::status_words;
use crate::cti::{AdapterOutput, ConnectionId, Event};
use crate::time::Time;

/// Where to look when nothing listens: the guides disagree about the port, and it listens only while its subsystem serves.
const PORT: &str = "is RmCm in service, and is this its port (RmCm TCP Port in the system parameters)?";
/// Heartbeats that may be unconfirmed when the next one is due.
const HEARTBEATS_UNCONFIRMED: usize = 3;

/// Where the session is.
#[derive(Debug)]
pub(super) enum Session {
    /// No node may be asked before `until`.
    Waiting { until: Time },
    /// A connection was asked for.
    Connecting { link: Link, deadline: Time },
    /// OPEN_REQ was sent, and is not answered.
    Opening { link: Link, invoke: u32, deadline: Time },
    /// The session is open.
    Open(Box<Open>),
}

/// A connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: ConnectionId,
    pub(super) node: usize,
    pub(super) framer: Framer,
    pub(super) widths: Widths,
}

/// An open session.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) link: Link,
    pub(super) granted: u32,
    next_heartbeat: Time,
    /// Heartbeats that are not confirmed.
    unconfirmed: BTreeSet<u32>,
    /// The system is offline; by then it has to be online.
    offline: Option<Time>,
    /// Everything is being read.
    pub(super) reading: Option<Box<Reading>>,
    in_service_since: Option<Time>,
}

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The connection or the server failed.
    Failed,
    /// The server refused.
    Refused,
    /// The server is not the master.
    Standby,
}

impl Session {
    pub(super) fn link(&self) -> Option<&Link> {
        match self {
            Self::Waiting { .. } => None,
            Self::Connecting { link, .. } | Self::Opening { link, .. } => Some(link),
            Self::Open(open) => Some(&open.link),
        }
    }

    pub(super) fn link_mut(&mut self) -> Option<&mut Link> {
        match self {
            Self::Waiting { .. } => None,
            Self::Connecting { link, .. } | Self::Opening { link, .. } => Some(link),
            Self::Open(open) => Some(&mut open.link),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        match self {
            Self::Waiting { until } => Some(*until),
            Self::Connecting { deadline, .. } | Self::Opening { deadline, .. } => Some(*deadline),
            Self::Open(open) => {
                let reading = open.reading.as_ref().map(|reading| reading.poll_timeout());
                [Some(open.next_heartbeat), open.offline, reading].into_iter().flatten().min()
            }
        }
    }

    /// The widths a frame is read with: those of version 18 show in OPEN_CONF.
    pub(super) fn widths_of(&mut self, frame: Frame<'_>, setting: HeaderWidths) -> Option<Widths> {
        let Self::Opening { link, .. } = self else { return None };
        if setting == HeaderWidths::Auto && link.widths == Widths::V18 {
            link.widths = Widths::detect_v18(frame).unwrap_or(link.widths);
        }
        Some(link.widths)
    }
}

impl Open {
    pub(super) const fn is_offline(&self) -> bool {
        self.offline.is_some()
    }

    pub(super) const fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    pub(super) const fn grants(&self, service: u32) -> bool {
        self.granted & service != 0
    }
}

impl UccxAdapter {
    /// Does what is due.
    pub(super) fn on_time(&mut self) {
        let now = self.now;
        let mut ended = Vec::new();
        self.calls.expire(now, &mut ended);
        if !ended.is_empty() {
            self.emit_calls(ended);
        }
        self.expire_commands();
        self.agents_on_time();
        match &self.session {
            Session::Waiting { until } if *until <= now => self.connect(),
            Session::Connecting { deadline, .. } if *deadline <= now => {
                self.lose(&format!("no connection in time: {PORT}, and does a firewall let it through?"));
            }
            Session::Opening { deadline, .. } if *deadline <= now => {
                self.lose("OPEN_REQ was not answered in time: is this the port of the CTI server?");
            }
            Session::Open(open) if open.offline.is_some_and(|deadline| deadline <= now) => {
                self.lose("the system stayed offline");
            }
            Session::Open(open) if open.next_heartbeat <= now => {
                self.heartbeat();
                self.read_on_time();
            }
            Session::Open(_) => self.read_on_time(),
            Session::Waiting { .. } | Session::Connecting { .. } | Session::Opening { .. } => {}
        }
    }

    /// A connection stands.
    pub(super) fn connected(&mut self, connection: ConnectionId) {
        if matches!(&self.session, Session::Connecting { link, .. } if link.connection == connection) {
            self.open();
        } else {
            self.agent_connected(connection);
        }
    }

    /// A connection ended, or could not be made.
    pub(super) fn disconnected(&mut self, connection: ConnectionId, why: &str) {
        if self.agent_disconnected(connection, why) {
            return;
        }
        if self.session.link().is_some_and(|link| link.connection == connection) {
            let connecting = matches!(self.session, Session::Connecting { .. });
            let why = if connecting {
                format!("no connection: {why}; {PORT}")
            } else {
                format!("the connection ended: {why}")
            };
            self.end_session(&why, false, End::Failed);
        }
    }

    /// Gives the connection up and tries again, on another node where there is one.
    pub(super) fn lose(&mut self, why: &str) {
        self.end_session(why, true, End::Failed);
    }

    /// The same, for a node that refused: it is left alone for ten seconds at least.
    fn refuse(&mut self, why: &str) {
        self.end_session(why, true, End::Refused);
    }

    /// Ends whatever session there is.
    pub(super) fn end_session(&mut self, why: &str, close: bool, end: End) {
        let now = self.now;
        let session = std::mem::replace(&mut self.session, Session::Waiting { until: now });
        let Some(link) = session.link() else { return };
        let (connection, node) = (link.connection, link.node);
        let unreachable = matches!(session, Session::Connecting { .. });
        if let Session::Open(open) = &session {
            let served =
                open.in_service_since.is_some_and(|since| now.since(since).as_secs() >= self.config.stable_s.into());
            if served {
                self.nodes.forgive(node);
            }
            if close {
                let bye =
                    CloseReq { invoke_id: self.pending.next_invoke(), status: status::NO_ERROR, ..CloseReq::default() };
                self.send_on(connection, open.link.widths, &bye.into());
            }
        }
        if close {
            self.outbox.push_back(AdapterOutput::Disconnect { connection });
        }
        match end {
            End::Standby => self.nodes.stands_by(now, node),
            End::Failed | End::Refused => {
                self.nodes.is(node, if unreachable { NodeRole::Unreachable } else { NodeRole::Unknown });
                self.nodes.failed(now, node, &self.config, end == End::Refused);
            }
        }
        self.diagnostics.error(now, why);
        let address = self.config.nodes.get(node).map_or("a node", |address| address);
        self.trouble = Some(format!("{address}: {why}").into());
        self.staging = None;
        self.go_down(why);
        self.wait();
    }

    /// Waits until a node may be asked, which may be now.
    fn wait(&mut self) {
        let (_, until) = self.nodes.next(self.now);
        self.session = Session::Waiting { until };
        if until <= self.now {
            self.connect();
        }
    }

    /// The engine hears that the platform is away, and commands that wait that they failed.
    fn go_down(&mut self, why: &str) {
        self.fail_commands(why);
        self.close_agents();
        self.calls.doubt();
        if std::mem::take(&mut self.told_up) {
            self.emit(Event::Down { why: why.into() });
        }
    }

    fn connect(&mut self) {
        let (node, _) = self.nodes.next(self.now);
        self.nodes.asked(node);
        self.last_connection = self.last_connection.wrapping_add(1);
        let connection = ConnectionId(self.last_connection);
        let widths = self.config.widths.at_version(self.version_asked());
        let link = Link { connection, node, framer: Framer::default(), widths };
        self.diagnostics.connects += 1;
        self.session = Session::Connecting { link, deadline: self.now + self.config.step_timeout() };
        self.outbox.push_back(AdapterOutput::Connect { connection, address: node });
    }

    /// Sends the next heartbeat, unless too many are unconfirmed.
    fn heartbeat(&mut self) {
        let Session::Open(open) = &mut self.session else { return };
        if open.unconfirmed.len() >= HEARTBEATS_UNCONFIRMED {
            return self.lose("the server does not confirm heartbeats");
        }
        let invoke_id = self.pending.next_invoke();
        open.unconfirmed.insert(invoke_id);
        open.next_heartbeat = self.now + self.config.heartbeat();
        self.diagnostics.heartbeats += 1;
        self.send(&HeartbeatReq { invoke_id, ..HeartbeatReq::default() }.into());
    }

    /// Takes messages that keep the session or end it; whether this was one.
    pub(super) fn on_session(&mut self, message: &Message<'_>) -> bool {
        match message {
            Message::OpenConf(conf) => self.opened(conf),
            Message::FailureConf(conf) if self.is_opening(conf.invoke_id) => self.not_opened(conf.status, conf.text),
            Message::HeartbeatConf(conf) => {
                let Session::Open(open) = &mut self.session else { return false };
                // Whoever confirms one was alive for those before it too.
                let behind = conf.invoke_id.wrapping_add(1);
                let known = open.unconfirmed.contains(&conf.invoke_id);
                if known {
                    open.unconfirmed = open.unconfirmed.split_off(&behind);
                }
                return known;
            }
            Message::FailureConf(conf) if self.is_heartbeat(conf.invoke_id) => {
                let why = status_words(conf.status, conf.text);
                if conf.status == status::SERVER_NOT_MASTER {
                    self.stand_by(&why);
                } else {
                    self.refuse(&format!("the server answers a heartbeat with {why}"));
                }
            }
            Message::FailureEvent(event) => {
                let why = status_words(event.status, event.text);
                match event.status {
                    status::AUTO_CONFIG_RESET => self.read_again(),
                    status::SERVER_NOT_MASTER => self.stand_by(&why),
                    status::SESSION_NOT_OPEN | status::NEW_SESSION_OPENED | status::CLIENT_DISCONNECTED => {
                        self.refuse(&format!("the server ended the session: {why}"));
                    }
                    _ => self.diagnostics.error(self.now, why),
                }
            }
            Message::SystemEvent(event) => match event.system_event_id {
                system_event::CCX_ONLINE => self.online(),
                system_event::CCX_OFFLINE => self.offline(),
                _ => {}
            },
            Message::CloseReq(_) | Message::CloseConf(_) => self.lose("the server closed the session"),
            _ => return false,
        }
        true
    }

    fn is_heartbeat(&self, invoke: u32) -> bool {
        matches!(&self.session, Session::Open(open) if open.unconfirmed.contains(&invoke))
    }

    pub(super) fn send(&mut self, message: &Message<'_>) {
        if let Some((connection, widths)) = self.session.link().map(|link| (link.connection, link.widths)) {
            self.send_on(connection, widths, message);
        }
    }

    pub(super) fn send_on(&mut self, connection: ConnectionId, widths: Widths, message: &Message<'_>) {
        let mut bytes = Vec::new();
        match message.encode(widths, &mut bytes) {
            Ok(()) => self.outbox.push_back(AdapterOutput::Send { connection, bytes }),
            Err(error) => self.diagnostics.error(self.now, error.to_string()),
        }
    }
}

//! Coming and going: connections, OPEN_REQ with everything it may be refused for, heartbeats, CLOSE_REQ.

use std::time::Duration;

use super::clients::Session;
use super::failure::Failure;
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{
    CloseConf, CloseReq, FailureEvent, HeartbeatConf, HeartbeatReq, OpenConf, OpenReq,
};
use crate::cti::uccx::codec::names::{agent_state, services, status};
use crate::cti::uccx::codec::{Secret, Widths};
use crate::cti::uccx::mapping::states;
use crate::cti::uccx::sim::words::text;

/// The least IdleTimeout, in seconds, and the first that is too long.
const IDLE_S: std::ops::Range<u32> = 20..120;
/// The protocol version from which field headers have wider tags.
const WIDE_VERSION: u32 = 18;
/// The version from which an agent's other lines are told.
const MULTILINE_VERSION: u32 = 14;

impl UccxSim {
    /// A client connected.
    pub(super) fn accepted(&mut self, id: ClientId, node: usize) {
        let is_up = node < self.config.nodes && self.alive[node];
        let full = self.crowd.is_full();
        self.crowd.add(id, node);
        self.crowd.note_of(id, "connected");
        if !is_up {
            self.crowd.reset(id);
        } else if full {
            self.crowd.note_of(id, "there are too many clients");
            self.crowd.close(id);
        }
    }

    /// The widths of what a client sends: from OPEN_REQ on those of the version it asks for.
    pub(super) fn widths_at(&self, version: u32) -> Widths {
        let by_version = if version >= WIDE_VERSION { Widths::V18 } else { Widths::V10 };
        self.config.widths.unwrap_or(by_version)
    }

    pub(super) fn speaks(&self, version: u32) -> bool {
        (self.config.version_min..=self.config.version_max).contains(&version)
    }

    /// OPEN_REQ.
    pub(super) fn open(&mut self, id: ClientId, request: &OpenReq<'_>) {
        let (version, invoke_id) = (request.version_number, request.invoke_id);
        let name = request.client_id.map(|name| name.to_str_lossy().into_owned()).unwrap_or_default();
        let asked = services::names(request.services_requested).collect::<Vec<_>>().join("|");
        self.crowd.note_of(id, &format!("OPEN_REQ version {version}, client {name:?}, services {asked}"));
        let session = match self.admit(id, request) {
            Ok(session) => session,
            Err(failure) => return self.fail(id, invoke_id, "OPEN_REQ", &failure),
        };
        let older = session.agent.as_ref().and_then(|agent| self.crowd.session_of(agent));
        if let Some(older) = older {
            let event = FailureEvent { status: status::NEW_SESSION_OPENED, ..FailureEvent::default() };
            self.crowd.send(older, &event.into());
            self.crowd.close(older);
        }
        let granted = services::names(session.services).collect::<Vec<_>>().join("|");
        self.crowd.note_of(id, &format!("OPEN_CONF services {granted}"));
        let agent = session.agent.clone();
        let state = agent.as_ref().and_then(|agent| self.world.truth().status(agent));
        let line = state.as_ref().and_then(|state| state.extension.as_deref()).unwrap_or_default();
        let conf = OpenConf {
            invoke_id,
            services_granted: session.services,
            ccx_online: self.is_online().into(),
            resv_22: 21,
            agent_state: state.as_ref().map_or(agent_state::LOGIN, |state| states::to_wire(state.state)),
            agent_extension: text(line, 16),
            agent_instrument: text(line, 64),
            agent_id: agent.as_ref().and_then(|agent| text(agent.as_str(), 129)),
            num_peripherals: Some(1),
            flt_peripheral_id: Some(1),
            multiline_agent_control: (version >= MULTILINE_VERSION).then_some(1),
            config_msg_mask_granted: (version >= WIDE_VERSION)
                .then(|| u16::try_from(session.config_mask & 0x1F).unwrap_or(0)),
            ..OpenConf::default()
        };
        if let Some(client) = self.crowd.client_mut(id) {
            client.session = Some(session);
        }
        self.crowd.send(id, &conf.into());
        if let Some(status) = state {
            self.crowd_status(id, &status);
        }
    }

    fn admit(&self, id: ClientId, request: &OpenReq<'_>) -> Result<Session, Failure> {
        let Some(client) = self.crowd.client(id) else { return Err(Failure::status(status::SESSION_NOT_OPEN, "gone")) };
        if client.session.is_some() {
            return Err(Failure::status(status::SESSION_ALREADY_OPEN, "the session is open already"));
        }
        if self.master != Some(client.node) {
            return Err(Failure::status(status::SERVER_NOT_MASTER, "this node stands by"));
        }
        let version = request.version_number;
        if !self.speaks(version) {
            let (least, most) = (self.config.version_min, self.config.version_max);
            return Err(Failure::status(
                status::INVALID_VERSION,
                &format!("versions {least} to {most} are spoken here"),
            ));
        }
        if request.resv_12 != 0 {
            return Err(Failure::status(status::INVALID_PERIPHERAL_ID, "the reserved word at byte 12 must be 0"));
        }
        if !IDLE_S.contains(&request.idle_timeout) {
            return Err(Failure::status(status::INVALID_TIMEOUT, "IdleTimeout must be 20 to 119 seconds"));
        }
        let wanted = self.config.client_password.as_ref().map(|wanted| wanted.expose().as_bytes());
        let given = request.client_password.map(Secret::expose);
        if wanted.is_some() && wanted != given {
            return Err(Failure::status(status::INVALID_PASSWORD, "ClientPassword is wrong"));
        }
        let asked = request.services_requested;
        let bridge = asked & services::ALL_EVENTS != 0;
        if bridge && asked & services::CLIENT_EVENTS != 0 {
            return Err(Failure::status(status::INVALID_FIELD, "ALL_EVENTS and CLIENT_EVENTS exclude each other"));
        }
        let names = [request.agent_id, request.agent_extension, request.agent_instrument];
        let agent = match names.iter().flatten().next() {
            Some(_) if bridge => {
                return Err(Failure::status(status::INVALID_AGENT_DATA, "bridge mode carries no agent fields"));
            }
            Some(_) => Some(self.agent_named(request.agent_id, request.agent_instrument.or(request.agent_extension))?),
            None if asked & services::CLIENT_EVENTS != 0 => {
                return Err(Failure::missing("AgentID, AgentExtension or AgentInstrument"));
            }
            None => None,
        };
        let mut granted = asked & self.config.services;
        if bridge && !self.config.bridge_control {
            granted &= !(services::CLIENT_CONTROL | services::AGENT_STATE_CONTROL_ONLY);
        }
        Ok(Session {
            version,
            widths: self.widths_at(version),
            services: granted,
            call_mask: request.call_msg_mask,
            state_mask: request.agent_state_mask,
            config_mask: request.config_msg_mask,
            idle: Duration::from_secs(request.idle_timeout.into()),
            agent,
            configured: false,
            teams: false,
        })
    }

    /// HEARTBEAT_REQ.
    pub(super) fn heartbeat(&mut self, id: ClientId, request: &HeartbeatReq<'_>) {
        self.crowd.send(id, &HeartbeatConf { invoke_id: request.invoke_id, ..HeartbeatConf::default() }.into());
    }

    /// CLOSE_REQ.
    pub(super) fn close(&mut self, id: ClientId, request: &CloseReq<'_>) {
        self.crowd.note_of(id, &format!("CLOSE_REQ status {}", request.status));
        self.crowd.send(id, &CloseConf { invoke_id: request.invoke_id, ..CloseConf::default() }.into());
        self.crowd.close(id);
    }
}

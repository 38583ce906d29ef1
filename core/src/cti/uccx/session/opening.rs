//! Opening: versions and services that are asked for, what is granted, and refusals.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{End, Open, Session};
use crate::cti::uccx::adapter::UccxAdapter;
use crate::cti::uccx::codec::messages::{OpenConf, OpenReq};
use crate::cti::uccx::codec::names::{agent_state_mask, call_message_mask, config_message_mask, services, status};
use crate::cti::uccx::codec::{Secret, Text};
use crate::cti::uccx::diagnostics::NodeRole;
use crate::cti::uccx::mapping::refusals::status_words;
use crate::cti::{Event, Offers, Platform, ReportKind};

/// What cannot be done without.
const NEEDED: u32 = services::ALL_EVENTS;
/// What is asked for; fewer each time a server calls the mask wrong.
const WANTED: [u32; 3] = [
    services::CALL_DATA_UPDATE
        | services::CLIENT_CONTROL
        | services::ALL_EVENTS
        | services::SUPERVISOR
        | services::CONFIG_EVENTS,
    services::AGENT_STATE_CONTROL_ONLY | services::ALL_EVENTS | services::SUPERVISOR | services::CONFIG_EVENTS,
    services::ALL_EVENTS | services::SUPERVISOR | services::CONFIG_EVENTS,
];
/// Every call event up to DEQUEUED.
const CALL_EVENTS: u32 = call_message_mask::DELIVERED
    | call_message_mask::QUEUED
    | call_message_mask::ESTABLISHED
    | call_message_mask::HELD
    | call_message_mask::RETRIEVED
    | call_message_mask::CLEARED
    | call_message_mask::CONNECTION_CLEARED
    | call_message_mask::ORIGINATED
    | call_message_mask::CONFERENCED
    | call_message_mask::TRANSFERRED
    | call_message_mask::DIVERTED
    | call_message_mask::SERVICE_INITIATED
    | call_message_mask::BEGIN
    | call_message_mask::END
    | call_message_mask::DATA_UPDATE
    | call_message_mask::FAILED
    | call_message_mask::REACHED_NETWORK
    | call_message_mask::DEQUEUED;
/// Every state of UCCX.
const AGENT_STATES: u32 = (agent_state_mask::RESERVED << 1) - 1;
const CONFIG_MESSAGES: u32 = config_message_mask::AGENT
    | config_message_mask::CSQ
    | config_message_mask::APPLICATION
    | config_message_mask::DEVICE;

/// Which version and which services are asked for: the next ones after each refusal of these.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cti::uccx) struct Asking {
    pub(super) version: usize,
    pub(super) services: usize,
}

impl UccxAdapter {
    pub(super) fn version_asked(&self) -> u32 {
        let index = self.nodes.asking.version % self.config.versions.len().max(1);
        self.config.versions.get(index).copied().unwrap_or(17)
    }

    /// The connection stands: OPEN_REQ.
    pub(super) fn open(&mut self) {
        let before = std::mem::replace(&mut self.session, Session::Waiting { until: self.now });
        let Session::Connecting { link, .. } = before else { return self.session = before };
        let invoke = self.pending.next_invoke();
        let version = self.version_asked();
        self.diagnostics.version = Some(version);
        self.session = Session::Opening { link, invoke, deadline: self.now + self.config.step_timeout() };
        let client_id = self.config.client_id.clone();
        let password = self.password.take();
        let request = OpenReq {
            invoke_id: invoke,
            version_number: version,
            idle_timeout: self.config.idle_timeout_s,
            services_requested: WANTED[self.nodes.asking.services % WANTED.len()],
            call_msg_mask: CALL_EVENTS,
            agent_state_mask: AGENT_STATES,
            config_msg_mask: CONFIG_MESSAGES,
            client_id: Some(Text::from(&*client_id)),
            client_password: password.as_ref().map(|password| Secret::new(password.expose().as_bytes())),
            ..OpenReq::default()
        };
        self.send(&request.into());
        self.password = password;
    }

    pub(super) fn is_opening(&self, invoke: u32) -> bool {
        matches!(&self.session, Session::Opening { invoke: own, .. } if *own == invoke || invoke == 0)
    }

    /// OPEN_CONF.
    pub(super) fn opened(&mut self, conf: &OpenConf<'_>) {
        if !self.is_opening(conf.invoke_id) {
            self.diagnostics.unexpected += 1;
            return;
        }
        let granted = conf.services_granted;
        self.diagnostics.services_granted = granted;
        self.diagnostics.services_missing = WANTED[self.nodes.asking.services % WANTED.len()] & !granted;
        if granted & NEEDED != NEEDED {
            return self.refuse("the server does not grant ALL_EVENTS: another session may be in its place");
        }
        let before = std::mem::replace(&mut self.session, Session::Waiting { until: self.now });
        let Session::Opening { link, .. } = before else { return };
        self.nodes.is(link.node, NodeRole::Master);
        let online = conf.ccx_online.is_true();
        let open = Open {
            link,
            granted,
            next_heartbeat: self.now + self.config.heartbeat(),
            unconfirmed: BTreeSet::new(),
            offline: (!online).then(|| self.now + self.offline_wait()),
            reading: None,
            in_service_since: None,
        };
        self.session = Session::Open(Box::new(open));
        if online {
            self.read();
        }
    }

    /// FAILURE_CONF to OPEN_REQ.
    pub(super) fn not_opened(&mut self, number: u32, text: Option<Text<'_>>) {
        let why = status_words(number, text);
        match number {
            status::SERVER_NOT_MASTER => return self.stand_by(&why),
            status::INVALID_VERSION => self.nodes.asking.version = (self.nodes.asking.version + 1) % 16,
            status::INVALID_SERVICE_MASK => {
                self.nodes.asking.services = (self.nodes.asking.services + 1) % WANTED.len();
            }
            _ => {}
        }
        self.refuse(&format!("the server refuses the session: {why}"));
    }

    /// The node is the standby: the other one is asked.
    pub(super) fn stand_by(&mut self, why: &str) {
        self.diagnostics.standby += 1;
        self.end_session(&format!("the node is not the master: {why}"), true, End::Standby);
    }

    /// The system came online.
    pub(super) fn online(&mut self) {
        let Session::Open(open) = &mut self.session else { return };
        if open.offline.take().is_some() {
            self.read();
        }
    }

    /// The system went offline: the session waits for it.
    pub(super) fn offline(&mut self) {
        let wait = self.offline_wait();
        let Session::Open(open) = &mut self.session else { return };
        if open.offline.is_some() {
            return;
        }
        open.offline = Some(self.now + wait);
        open.reading = None;
        open.in_service_since = None;
        self.staging = None;
        self.go_down("the contact centre is offline");
    }

    pub(super) fn platform(&self) -> Platform {
        let granted = match &self.session {
            Session::Open(open) => open.granted,
            _ => 0,
        };
        // What is not granted here is done over sessions of the agents, where those are allowed.
        let control = granted & services::CLIENT_CONTROL != 0 || self.config.agent_sessions_max > 0;
        let version = match &*self.config.platform_version {
            "" => format!("CTI protocol {}", self.version_asked()).into(),
            version => version.into(),
        };
        Platform {
            vendor: "Cisco UCCX".into(),
            version,
            offers: Offers {
                channel_groups: true,
                telephony: control,
                consult: control,
                blind_transfer: control,
                blind_conference: control,
                alternate: control,
                dtmf: control,
                logout_reason_required: self.config.logout_reason_required,
                reports: true,
                call_journey_live: true,
                ..Offers::default()
            },
            reports: Some(ReportKind::Uccx),
            not_ready_reasons: self.config.not_ready_reasons.clone(),
            logout_reasons: self.config.logout_reasons.clone(),
            wrap_up_codes: self.config.wrap_up_codes.clone(),
        }
    }

    /// Everything was read and told.
    pub(super) fn in_service(&mut self) {
        if let Session::Open(open) = &mut self.session {
            open.in_service_since.get_or_insert(self.now);
        }
    }

    pub(super) fn tell_up(&mut self) {
        if !std::mem::replace(&mut self.told_up, true) {
            if self.diagnostics.resyncs > 0 {
                self.diagnostics.reconnects += 1;
            }
            let platform = self.platform();
            self.emit(Event::Up(platform));
        }
    }

    fn offline_wait(&self) -> Duration {
        Duration::from_secs(self.config.offline_wait_s.into())
    }
}

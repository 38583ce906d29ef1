//! Clients that speak the protocol by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::codec::messages::OpenReq;
use interaction_core::cti::uccx::codec::names::services;
use interaction_core::cti::uccx::codec::{Framer, Message, Widths};
use interaction_core::cti::uccx::sim::{ClientId, Fault, SimConfig, SimInput, SimOutput, UccxSim};
use interaction_core::time::Time;

use crate::pair::{SEED, START};

pub(crate) const BRIDGE: u32 = services::ALL_EVENTS
    | services::CLIENT_CONTROL
    | services::CALL_DATA_UPDATE
    | services::SUPERVISOR
    | services::CONFIG_EVENTS;

pub(crate) struct Raw {
    pub(crate) sim: UccxSim,
    pub(crate) now: Time,
    pub(crate) widths: Widths,
    pub(crate) notes: Vec<String>,
    inbox: BTreeMap<ClientId, Vec<u8>>,
    pub(crate) closed: Vec<ClientId>,
    last: u32,
}

impl Raw {
    pub(crate) fn new(scenario: &Scenario, config: SimConfig) -> Self {
        let sim = UccxSim::new(scenario.clone(), SEED, config, START).expect("valid");
        let (inbox, closed, notes) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { sim, now: START, widths: Widths::V10, notes, inbox, closed, last: 0 }
    }

    pub(crate) fn connect(&mut self, node: usize) -> ClientId {
        self.last += 1;
        let client = ClientId(self.last);
        self.sim.handle_input(self.now, SimInput::Accepted { client, node });
        self.drain();
        client
    }

    /// A client whose session is open, and has heard so.
    pub(crate) fn open(&mut self, request: OpenReq<'_>) -> ClientId {
        let client = self.connect(0);
        self.say(client, request);
        let heard = self.heard(client);
        assert!(heard.first().is_some_and(|conf| conf.starts_with("OpenConf")), "{heard:?}");
        client
    }

    pub(crate) fn say<'m>(&mut self, client: ClientId, message: impl Into<Message<'m>>) {
        let mut bytes = Vec::new();
        message.into().encode(self.widths, &mut bytes).expect("encodes");
        self.bytes(client, &bytes);
    }

    pub(crate) fn bytes(&mut self, client: ClientId, bytes: &[u8]) {
        self.sim.handle_input(self.now, SimInput::Received { client, bytes });
        self.drain();
    }

    pub(crate) fn bring(&mut self, fault: &str) {
        let fault: Fault = fault.parse().expect("a fault");
        self.sim.handle_input(self.now, SimInput::Fault(fault));
        self.drain();
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.sim.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.sim.handle_input(self.now, SimInput::Tick);
            self.drain();
        }
        self.now = end;
        self.sim.handle_input(self.now, SimInput::Tick);
        self.drain();
    }

    /// Everything a client heard since, message by message.
    pub(crate) fn heard(&mut self, client: ClientId) -> Vec<String> {
        let bytes = std::mem::take(self.inbox.entry(client).or_default());
        let (mut framer, mut rest) = (Framer::default(), &bytes[..]);
        let mut heard = Vec::new();
        while let Some(frame) = framer.next_frame(&mut rest).expect("frames") {
            let message = Message::decode(frame, self.widths).expect("a message");
            assert_eq!(message.extra_fields(), 0, "{message:?}");
            heard.push(format!("{message:?}"));
        }
        assert_eq!(framer.held_bytes(), 0, "whole frames");
        heard
    }

    /// The bytes a client heard since.
    pub(crate) fn heard_bytes(&mut self, client: ClientId) -> Vec<u8> {
        std::mem::take(self.inbox.entry(client).or_default())
    }

    fn drain(&mut self) {
        while let Some(output) = self.sim.poll_output() {
            match output {
                SimOutput::Send { client, bytes } => self.inbox.entry(client).or_default().extend(bytes),
                SimOutput::Close { client } | SimOutput::Reset { client } => self.closed.push(client),
                SimOutput::Note(note) => self.notes.push(note),
            }
        }
    }
}

pub(crate) fn bridge<'a>() -> OpenReq<'a> {
    OpenReq {
        invoke_id: 1,
        version_number: 17,
        idle_timeout: 60,
        services_requested: BRIDGE,
        call_msg_mask: 0x0007_EFFF,
        agent_state_mask: 0x1FF,
        config_msg_mask: 0x0F,
        client_id: Some("test".into()),
        ..OpenReq::default()
    }
}

/// A session of one agent.
pub(crate) fn of_agent(agent: &str) -> OpenReq<'_> {
    OpenReq {
        services_requested: services::CLIENT_EVENTS | services::CLIENT_CONTROL | services::SUPERVISOR,
        agent_id: Some(agent.into()),
        ..bridge()
    }
}

//! The server and our own adapter, wired together on virtual time.

use std::collections::BTreeMap;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::sim::{ClientId, Fault, SimConfig, SimInput, SimOutput, UccxSim};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{
    Adapter, AdapterInput, AdapterOutput, Answer, Command, ConnectionId, Event, Outcome, RequestNo,
};
use interaction_core::time::Time;

pub(crate) const START: Time = Time::from_millis(1_790_000_000_000);
pub(crate) const SEED: u64 = 11;

pub(crate) struct Pair {
    pub(crate) sim: UccxSim,
    pub(crate) adapter: UccxAdapter,
    pub(crate) now: Time,
    pub(crate) events: Vec<Event>,
    pub(crate) notes: Vec<String>,
    /// To which node, in order.
    pub(crate) connects: Vec<usize>,
    connections: BTreeMap<ClientId, ConnectionId>,
    last_client: u32,
    last_request: u64,
}

pub(crate) fn adapter_config(sim: &UccxSim) -> UccxConfig {
    UccxConfig {
        nodes: vec!["one".into(), "two".into()],
        secondary_supervisors_are_team_leads: true,
        applications: sim.applications().map(|(id, name)| (id, name.into())).collect(),
        ..UccxConfig::default()
    }
}

impl Pair {
    pub(crate) fn new(scenario: &Scenario, config: SimConfig) -> Self {
        let sim = UccxSim::new(scenario.clone(), SEED, config, START).expect("valid");
        let config = adapter_config(&sim);
        Self::with(sim, config)
    }

    pub(crate) fn with(sim: UccxSim, config: UccxConfig) -> Self {
        let adapter = UccxAdapter::new(config, None, 0x1234_5678_9abc_def0, START).expect("valid");
        let (events, notes, connects) = (Vec::new(), Vec::new(), Vec::new());
        let connections = BTreeMap::new();
        Self { sim, adapter, now: START, events, notes, connects, connections, last_client: 0, last_request: 0 }
    }

    pub(crate) fn tick(&mut self) {
        self.sim.handle_input(self.now, SimInput::Tick);
        self.adapter.handle_input(self.now, AdapterInput::Tick);
        self.drain();
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        [self.sim.poll_timeout(), self.adapter.poll_timeout()].into_iter().flatten().min()
    }

    pub(crate) fn bring(&mut self, fault: &str) {
        let fault: Fault = fault.parse().expect("a fault");
        self.sim.handle_input(self.now, SimInput::Fault(fault));
        self.drain();
    }

    pub(crate) fn command(&mut self, command: Command, secret: Option<&str>) -> RequestNo {
        self.last_request += 1;
        let request = RequestNo(self.last_request);
        self.adapter.handle_input(self.now, AdapterInput::Command { request, command, secret });
        self.drain();
        request
    }

    pub(crate) fn answer(&self, request: RequestNo) -> Option<Outcome> {
        self.events.iter().find_map(|event| match event {
            Event::Answer(Answer { request: own, outcome }) if *own == request => Some(outcome.clone()),
            _ => None,
        })
    }

    pub(crate) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    pub(crate) fn drain(&mut self) {
        loop {
            if let Some(output) = self.adapter.poll_output() {
                self.of_adapter(output);
            } else if let Some(output) = self.sim.poll_output() {
                self.of_sim(output);
            } else {
                return;
            }
        }
    }

    fn of_adapter(&mut self, output: AdapterOutput) {
        match output {
            AdapterOutput::Event(event) => self.events.push(event),
            AdapterOutput::Connect { connection, address } => {
                self.connects.push(address);
                self.last_client += 1;
                let client = ClientId(self.last_client);
                self.connections.insert(client, connection);
                self.sim.handle_input(self.now, SimInput::Accepted { client, node: address });
                self.adapter.handle_input(self.now, AdapterInput::Connected { connection });
            }
            AdapterOutput::Send { connection, bytes } => {
                if let Some(client) = self.client(connection) {
                    self.sim.handle_input(self.now, SimInput::Received { client, bytes: &bytes });
                }
            }
            AdapterOutput::Disconnect { connection } => {
                if let Some(client) = self.client(connection) {
                    self.connections.remove(&client);
                    self.sim.handle_input(self.now, SimInput::Gone { client, why: "closed by the client" });
                }
            }
        }
    }

    fn of_sim(&mut self, output: SimOutput) {
        match output {
            SimOutput::Send { client, bytes } => {
                if let Some(connection) = self.connections.get(&client).copied() {
                    self.adapter.handle_input(self.now, AdapterInput::Received { connection, bytes: &bytes });
                }
            }
            SimOutput::Close { client } | SimOutput::Reset { client } => {
                if let Some(connection) = self.connections.remove(&client) {
                    self.adapter
                        .handle_input(self.now, AdapterInput::Disconnected { connection, why: "by the server" });
                }
            }
            SimOutput::Note(note) => self.notes.push(note),
        }
    }

    fn client(&self, connection: ConnectionId) -> Option<ClientId> {
        self.connections.iter().find(|(_, own)| **own == connection).map(|(client, _)| *client)
    }
}

//! The UCCX adapter with a simulated server: what it heard, so that the same can be told to its component.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::simulator::Scenario;
use interaction_core::cti::uccx::codec::Framer;
use interaction_core::cti::uccx::sim::{ClientId, SimConfig, SimInput, SimOutput, UccxSim};
use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, ConnectionId};
use interaction_core::time::Time;

/// The component's side of the interface.
#[allow(missing_docs, clippy::all, reason = "written by wasmtime")]
pub mod bindings {
    wasmtime::component::bindgen!({ path: "../../wasm/wit/0.1", world: "cti-adapter" });
}

const START: Time = Time::from_millis(1_790_000_000_000);
/// The adapter's seed.
pub const SEED: u64 = 7;

/// One thing that happened to the adapter.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Time passed.
    Tick,
    /// A connection stands.
    Connected(ConnectionId),
    /// Bytes came.
    Received(ConnectionId, Vec<u8>),
}

/// What happened to an adapter, and how much came of it.
#[derive(Debug)]
pub struct Conversation {
    /// Its configuration, without its nodes.
    pub config: UccxConfig,
    /// Its first moment.
    pub start: Time,
    /// What happened, and when.
    pub heard: Vec<(Time, Heard)>,
    /// How many outputs the native adapter had.
    pub outputs: usize,
    /// Frames of the platform's protocol in it.
    pub frames: usize,
}

impl Conversation {
    /// The adapter beside a server with this contact centre, for so long.
    ///
    /// # Panics
    /// When the scenario is not valid.
    pub fn new(scenario: Scenario, lasting: Duration) -> Self {
        let sim = UccxSim::new(scenario, SEED, SimConfig::default(), START).expect("a valid scenario");
        let applications = sim.applications().map(|(id, name)| (id, name.into())).collect();
        let config = UccxConfig { applications, ..UccxConfig::default() };
        let mut pair = Pair {
            adapter: native(&config),
            sim,
            now: START,
            connections: BTreeMap::new(),
            heard: Vec::new(),
            outputs: 0,
        };
        pair.tell(Heard::Tick);
        let until = START + lasting;
        while let Some(at) = [pair.sim.poll_timeout(), pair.adapter.poll_timeout()].into_iter().flatten().min() {
            if at > until {
                break;
            }
            pair.now = pair.now.max(at);
            pair.sim.handle_input(pair.now, SimInput::Tick);
            pair.drain();
            if pair.adapter.poll_timeout().is_some_and(|at| at <= pair.now) {
                pair.tell(Heard::Tick);
            }
        }
        let frames = frames(&pair.heard);
        Self { config, start: START, heard: pair.heard, outputs: pair.outputs, frames }
    }
}

/// The adapter, natively.
///
/// # Panics
/// When the configuration is not valid.
pub fn native(config: &UccxConfig) -> UccxAdapter {
    let config = UccxConfig { nodes: vec!["one".into(), "two".into()], ..config.clone() };
    UccxAdapter::new(config, None, SEED, START).expect("a valid configuration")
}

impl Heard {
    /// Tells it to an adapter and returns how much came of it.
    pub fn feed(&self, adapter: &mut UccxAdapter, now: Time) -> Vec<AdapterOutput> {
        let input = match self {
            Self::Tick => AdapterInput::Tick,
            Self::Connected(connection) => AdapterInput::Connected { connection: *connection },
            Self::Received(connection, bytes) => AdapterInput::Received { connection: *connection, bytes },
        };
        adapter.handle_input(now, input);
        std::iter::from_fn(|| adapter.poll_output()).collect()
    }
}

struct Pair {
    adapter: UccxAdapter,
    sim: UccxSim,
    now: Time,
    connections: BTreeMap<ClientId, ConnectionId>,
    heard: Vec<(Time, Heard)>,
    outputs: usize,
}

impl Pair {
    /// Tells the adapter, and the server what comes of it.
    fn tell(&mut self, heard: Heard) {
        let mut waiting = vec![heard];
        while let Some(heard) = waiting.pop() {
            let outputs = heard.feed(&mut self.adapter, self.now);
            self.heard.push((self.now, heard));
            self.outputs += outputs.len();
            for output in outputs {
                match output {
                    AdapterOutput::Event(_) => {}
                    AdapterOutput::Connect { connection, address } => {
                        let client = ClientId(connection.0);
                        self.connections.insert(client, connection);
                        self.sim.handle_input(self.now, SimInput::Accepted { client, node: address });
                        waiting.push(Heard::Connected(connection));
                    }
                    AdapterOutput::Send { connection, bytes } => {
                        let client = ClientId(connection.0);
                        self.sim.handle_input(self.now, SimInput::Received { client, bytes: &bytes });
                    }
                    AdapterOutput::Disconnect { connection } => {
                        let client = ClientId(connection.0);
                        self.connections.remove(&client);
                        self.sim.handle_input(self.now, SimInput::Gone { client, why: "closed by the client" });
                    }
                }
            }
        }
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.sim.poll_output() {
            if let SimOutput::Send { client, bytes } = output
                && let Some(connection) = self.connections.get(&client).copied()
            {
                self.tell(Heard::Received(connection, bytes));
            }
        }
    }
}

fn frames(heard: &[(Time, Heard)]) -> usize {
    let mut framers: BTreeMap<ConnectionId, Framer> = BTreeMap::new();
    let mut frames = 0;
    for (_, heard) in heard {
        if let Heard::Received(connection, bytes) = heard {
            let framer = framers.entry(*connection).or_default();
            let mut rest = bytes.as_slice();
            while let Ok(Some(_)) = framer.next_frame(&mut rest) {
                frames += 1;
            }
        }
    }
    frames
}

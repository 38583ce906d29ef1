//! The other side of the protocol: a CTI server of one or two nodes whose contact centre is a [`Simulator`].
//!
//! Sans-IO as everything here. [`UccxSim::handle_input`] takes what happens (a client came, bytes came, time passed, somebody
//! wants a [`Fault`]), [`UccxSim::poll_output`] gives what is to be done, [`UccxSim::poll_timeout`] when to call again. The driver
//! owns the sockets; it bounds what waits for a client that reads too slowly, and says [`SimInput::Gone`] when it gave one up.
//!
//! What the simulated world tells becomes messages by the guide of the protocol: only what a real server can say is said. Chats and
//! e-mails, recordings and calls from before a client came do not go over this wire; a held contact is TALKING for clients whose
//! state mask lacks HOLD, as UCCX has no such state.

mod calls;
mod clients;
mod config;
mod configuration;
mod control;
mod failure;
mod faults;
mod opening;
mod people;
#[cfg(any(feature = "scenario", test))]
mod plan;
mod requests;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Debug, Display, Formatter};

use self::calls::WireCalls;
use self::clients::Crowd;
pub use self::config::{NODES_MAX, Planned, SimConfig};
use self::control::Asked;
pub use self::faults::{Fault, FaultError};
#[cfg(any(feature = "scenario", test))]
pub use self::plan::read_scenario;
use super::config::ConfigError;
use crate::cti::simulator::{Scenario, ScenarioError, Simulator};
use crate::cti::{Adapter, AdapterInput, AdapterOutput, Event};
use crate::time::Time;

/// One client's connection, numbered by the driver, never twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// What can happen to the server.
pub enum SimInput<'a> {
    /// Time passed.
    Tick,
    /// A client connected to a node (0 or 1).
    Accepted {
        /// Its number.
        client: ClientId,
        /// Which node.
        node: usize,
    },
    /// Bytes came.
    Received {
        /// From whom.
        client: ClientId,
        /// In whatever pieces the network chose.
        bytes: &'a [u8],
    },
    /// A connection ended, or the driver gave it up.
    Gone {
        /// Whose.
        client: ClientId,
        /// Why, for people.
        why: &'a str,
    },
    /// A failure is wanted.
    Fault(Fault),
}

impl Debug for SimInput<'_> {
    /// Bytes by their number only: a login among them holds a password.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("Tick"),
            Self::Accepted { client, node } => write!(f, "Accepted {{ client: {client:?}, node: {node} }}"),
            Self::Received { client, bytes } => write!(f, "Received {{ client: {client:?}, bytes: {} }}", bytes.len()),
            Self::Gone { client, why } => write!(f, "Gone {{ client: {client:?}, why: {why:?} }}"),
            Self::Fault(fault) => f.debug_tuple("Fault").field(fault).finish(),
        }
    }
}

/// What the server wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimOutput {
    /// Send bytes. None of what a server says is secret.
    Send {
        /// To whom.
        client: ClientId,
        /// What.
        bytes: Vec<u8>,
    },
    /// Close a connection once everything sent on it is written; nothing more is heard of it.
    Close {
        /// Whose.
        client: ClientId,
    },
    /// Reset a connection: its other side sees an error, not an end. Nothing more is heard of it.
    Reset {
        /// Whose.
        client: ClientId,
    },
    /// A line for whoever watches: what clients do, and what comes of it. Text of clients in it is as they sent it.
    Note(String),
}

/// A UCCX that is not there. See the module's documentation.
pub struct UccxSim {
    config: SimConfig,
    world: Simulator,
    now: Time,
    crowd: Crowd,
    /// Which node is the master, if one is.
    master: Option<usize>,
    /// Which nodes take connections.
    alive: [bool; NODES_MAX],
    /// The simulated platform is reached by its own measure.
    world_up: bool,
    /// A fault keeps the system offline.
    kept_offline: bool,
    /// The world is telling everything anew.
    staging: bool,
    calls: WireCalls,
    /// Names of scripts, whose places count ApplicationIDs from 1.
    scripts: Vec<Box<str>>,
    asked: BTreeMap<u64, Asked>,
    last_request: u64,
    planned: VecDeque<(Time, Fault)>,
    /// Counts changes of the configuration: the keys clients may compare.
    revision: u64,
}

impl UccxSim {
    /// A server of a world that begins at `now`; the first node is the master.
    ///
    /// # Errors
    /// The scenario or the configuration is not valid; the key is named.
    pub fn new(scenario: Scenario, seed: u64, config: SimConfig, now: Time) -> Result<Self, SimError> {
        config.validate().map_err(SimError::Config)?;
        let mut planned: Vec<_> = config.faults.iter().map(|planned| (planned.at(now), planned.fault)).collect();
        planned.sort_by_key(|(at, _)| *at);
        let world = Simulator::new(scenario, seed, now).map_err(SimError::Scenario)?;
        let mut scripts: Vec<Box<str>> = Vec::new();
        for (_, script) in world.truth().triggers() {
            if !scripts.iter().any(|known| **known == *script) {
                scripts.push(script.into());
            }
        }
        let mut sim = Self {
            crowd: Crowd::new(seed, now),
            world,
            now,
            master: Some(0),
            alive: [true; NODES_MAX],
            world_up: false,
            kept_offline: false,
            staging: false,
            calls: WireCalls::default(),
            scripts,
            asked: BTreeMap::new(),
            last_request: 0,
            planned: planned.into(),
            revision: 1,
            config,
        };
        sim.turn_world();
        Ok(sim)
    }

    /// Applies one input. Never fails: what a client does wrong is answered, and noted.
    pub fn handle_input(&mut self, now: Time, input: SimInput<'_>) {
        self.now = self.now.max(now);
        self.crowd.now = self.now;
        self.on_time();
        match input {
            SimInput::Tick => {}
            SimInput::Accepted { client, node } => self.accepted(client, node),
            SimInput::Received { client, bytes } => self.received(client, bytes),
            SimInput::Gone { client, why } => self.crowd.gone(client, why),
            SimInput::Fault(fault) => self.bring(fault),
        }
        self.turn_world();
    }

    /// The next thing the server wants done.
    pub fn poll_output(&mut self) -> Option<SimOutput> {
        self.crowd.outbox.pop_front()
    }

    /// When to call with [`SimInput::Tick`] at the latest.
    pub fn poll_timeout(&self) -> Option<Time> {
        let planned = self.planned.front().map(|(at, _)| *at);
        [self.world.poll_timeout(), planned, self.crowd.poll_timeout()].into_iter().flatten().min()
    }

    /// The simulated world, to compare with what clients see.
    pub const fn world(&self) -> &Simulator {
        &self.world
    }

    /// The applications with their ApplicationIDs: the names of scripts, which this wire does not carry.
    pub fn applications(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..).zip(self.scripts.iter().map(|script| &**script))
    }

    /// How many clients are connected.
    pub fn clients(&self) -> usize {
        self.crowd.len()
    }

    fn on_time(&mut self) {
        while let Some((_, fault)) = self.planned.front().copied().filter(|(at, _)| *at <= self.now) {
            self.planned.pop_front();
            self.bring(fault);
        }
        self.crowd.on_time();
        self.turn_world();
    }

    /// Lets the world come up to the present, and tells clients of it.
    fn turn_world(&mut self) {
        self.world.handle_input(self.now, AdapterInput::Tick);
        while let Some(output) = self.world.poll_output() {
            match output {
                AdapterOutput::Event(event) => self.tell(event),
                // A simulated platform asks for no connection.
                AdapterOutput::Connect { .. } | AdapterOutput::Send { .. } | AdapterOutput::Disconnect { .. } => {}
            }
        }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::Up(_) => {}
            Event::Down { .. } => {
                let was_online = self.is_online();
                self.world_up = false;
                self.tell_online(was_online);
            }
            Event::ResyncBegin => {
                self.staging = true;
                self.calls = WireCalls::default();
            }
            Event::ResyncEnd => {
                let was_online = self.is_online();
                (self.staging, self.world_up) = (false, true);
                self.tell_online(was_online);
            }
            Event::Call(call) => self.tell_call(&call),
            Event::Answer(answer) => self.answered(answer),
            // Clients read it all when they come, or come back.
            _ if self.staging => {}
            Event::Agent(agent) => self.tell_agent(&agent),
            Event::AgentRemoved { agent } => self.tell_agent_removed(&agent),
            Event::Team(team) => self.tell_team(&team),
            Event::TeamRemoved { team } => self.tell_team_removed(&team),
            Event::TeamChanged { team, added, removed, .. } => self.tell_team_changed(&team, &added, &removed),
            Event::Queue(queue) => self.tell_queue(&queue),
            Event::QueueRemoved { queue } => self.tell_queue_removed(&queue),
            Event::AgentStatus(status) => self.tell_status(&status),
            // On the wire an agent's queues stand in its record, which came just before.
            Event::Serves(_) => {}
        }
    }

    const fn is_online(&self) -> bool {
        self.world_up && !self.kept_offline
    }
}

/// What waits to be sent is large, and of no use in a log.
impl Debug for UccxSim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("UccxSim")
            .field("master", &self.master)
            .field("clients", &self.clients())
            .finish_non_exhaustive()
    }
}

/// Why there is no server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimError {
    /// The scenario is not valid.
    Scenario(ScenarioError),
    /// The configuration is not.
    Config(ConfigError),
}

impl Display for SimError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(error) => Display::fmt(error, f),
            Self::Config(error) => Display::fmt(error, f),
        }
    }
}

impl std::error::Error for SimError {}

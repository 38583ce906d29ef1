//! What the server is told once, at its start; and its bounds.

use std::time::Duration;

use super::faults::Fault;
use crate::cti::uccx::codec::Widths;
use crate::cti::uccx::codec::names::services;
use crate::cti::uccx::config::ConfigError;
use crate::secret::Secret;
use crate::time::Time;

/// A pair, as UCCX has at most.
pub const NODES_MAX: usize = 2;
/// Clients at a time: a real server is used by a handful, agent mode by one for each agent of a test.
pub(super) const CLIENTS_MAX: usize = 1_000;
/// Bytes held back for a client by a fault: then it is cut, as a full socket would be.
pub(super) const HELD_BYTES_MAX: usize = 1 << 20;
/// Requests of one client that wait for the world at a time.
pub(super) const ASKED_MAX: usize = 256;
/// How long a connection may stay without OPEN_REQ.
pub(super) const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How often a slow server sends a little.
pub(super) const TRICKLE: Duration = Duration::from_millis(100);

/// The configuration. The defaults are those of a UCCX that grants everything.
#[derive(Debug)]
pub struct SimConfig {
    /// How many nodes there are: 1 or 2.
    pub nodes: usize,
    /// The lowest protocol version a client may ask for.
    pub version_min: u32,
    /// The highest.
    pub version_max: u32,
    /// The widths of field headers, if they must not follow the version.
    pub widths: Option<Widths>,
    /// Services that are granted when asked for.
    pub services: u32,
    /// Whether CLIENT_CONTROL is granted in bridge mode: no public page says whether UCCX does.
    pub bridge_control: bool,
    /// Whether a session in bridge mode is told every agent's state with its reason when it asks for the teams; otherwise clients
    /// ask agent by agent, and learn no reasons.
    pub states_told: bool,
    /// The ClientPassword every client has to give; without one whatever they give is accepted.
    pub client_password: Option<Secret>,
    /// Failures at set times.
    pub faults: Vec<Planned>,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            nodes: NODES_MAX,
            version_min: 10,
            version_max: 18,
            widths: None,
            services: services::CLIENT_EVENTS
                | services::CALL_DATA_UPDATE
                | services::CLIENT_CONTROL
                | services::ALL_EVENTS
                | services::SUPERVISOR
                | services::AGENT_STATE_CONTROL_ONLY
                | services::CONFIG_EVENTS,
            bridge_control: true,
            states_told: false,
            client_password: None,
            faults: Vec::new(),
        }
    }
}

impl SimConfig {
    /// Names what is wrong, and what would be right.
    ///
    /// # Errors
    /// A value is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let check = |key, fine: bool, remedy| if fine { Ok(()) } else { Err(ConfigError { key, remedy }) };
        check("nodes", (1..=NODES_MAX).contains(&self.nodes), "give 1 or 2")?;
        let versions = 10 <= self.version_min && self.version_min <= self.version_max && self.version_max <= 18;
        check("version_min", versions, "give versions from 10 to 18, the lowest first")?;
        let password = self.client_password.as_ref().is_none_or(|one| (1..=64).contains(&one.expose().len()));
        check("client_password", password, "give 1 to 64 bytes, or none")?;
        let fits = |planned: &Planned| planned.fault.node().is_none_or(|node| node < self.nodes);
        check("faults", self.faults.iter().all(fits), "name node 1, or node 2 where there are two")
    }
}

/// A failure at a set time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Milliseconds after the start of the server, whatever the speed of the world.
    pub at_ms: u64,
    /// What.
    pub fault: Fault,
}

impl Planned {
    pub(super) fn at(&self, start: Time) -> Time {
        start + Duration::from_millis(self.at_ms)
    }
}

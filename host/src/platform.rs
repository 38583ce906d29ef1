//! The telephony platform of the configuration: its adapter, and how it is reached.

pub(crate) mod plugin;
pub(crate) mod uccx;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use interaction_core::cti::Adapter;
use interaction_core::cti::jsonl::{self, JsonLines};
use interaction_core::cti::simulator::{Scenario, Simulator};
use interaction_core::time::Time;
use tracing::warn;

use crate::config::{Cti, CtiKind};
use crate::finesse::SharedFinesse;
use crate::plugins::{self, PluginCounts};
use crate::scenario;
use crate::switches::{Make, Way};

/// A platform: how its adapter is made, and how the two find each other.
pub(crate) struct Chosen {
    /// Makes the adapter.
    pub(crate) make: Make,
    /// How they find each other.
    pub(crate) way: Way,
    /// Who checks passwords in the adapter's place, if anybody does.
    pub(crate) finesse: Option<SharedFinesse>,
    /// What is counted of the adapter, if it is a plugin.
    pub(crate) plugin: Option<Arc<PluginCounts>>,
    /// Whether it runs on a thread of its own.
    pub(crate) is_apart: bool,
}

impl Chosen {
    /// One of this program's own adapters.
    pub(crate) fn native(make: Make, way: Way) -> Self {
        Self { make, way, finesse: None, plugin: None, is_apart: false }
    }
}

/// Makes the adapter of the configuration; what is wrong with it is found here, not on its thread. What is compiled is kept in
/// the data directory.
pub(crate) fn choose(cti: &Cti, data_dir: &Path) -> Result<Chosen, String> {
    match cti.kind {
        // It begins with some minutes of a whole contact centre's life.
        CtiKind::Simulator => {
            Ok(Chosen { is_apart: true, ..Chosen::native(simulator(cti)?, Way::Connect(Vec::new())) })
        }
        CtiKind::Jsonl => json_lines(cti),
        CtiKind::Uccx => uccx::choose(&cti.uccx),
        CtiKind::Plugin => plugin::choose(&cti.plugin, Some(&data_dir.join(plugins::DIRECTORY))),
    }
}

fn simulator(cti: &Cti) -> Result<Make, String> {
    let mut scenario = scenario::load(&cti.scenario)?;
    scenario.speed = scenario.speed.saturating_mul(cti.speed);
    scenario.validate().map_err(|error| format!("the scenario `{}`: {error}", cti.scenario))?;
    let seed = cti.seed;
    Ok(Box::new(move |now| Ok(simulated(&scenario, seed, now))))
}

fn simulated(scenario: &Scenario, seed: u64, now: Time) -> Box<dyn Adapter + Send> {
    // INVARIANT: the scenario was found valid at the start.
    Box::new(Simulator::new(scenario.clone(), seed, now).expect("a valid scenario makes a world"))
}

fn json_lines(cti: &Cti) -> Result<Chosen, String> {
    let (addresses, way) = match cti.reach().map_err(|(key, what)| format!("{key}: {what}"))? {
        Reach::Connect(addresses) => {
            (addresses.len(), Way::Connect(addresses.iter().map(ToString::to_string).collect()))
        }
        Reach::Listen(address) => (0, Way::Listen(bind("cti.listen", address)?)),
    };
    let config = jsonl::Config { addresses, idle_ms: cti.idle_ms, ..jsonl::Config::default() };
    let make = Box::new(move |_| Ok(Box::new(JsonLines::new(config.clone())) as _));
    Ok(Chosen::native(make, way))
}

/// Listens where a platform is to connect to.
fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, String> {
    if !address.ip().is_loopback() {
        warn!(
            "{address} is no loopback address: whoever reaches it can pose as the telephony platform and read agents' \
             passwords"
        );
    }
    let bound = TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map_err(|error| {
        format!("cannot listen on {address} for the telephony platform: {error}; choose a free address (`{key}`)")
    })
}

/// How a platform is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At these addresses, in order.
    Connect(Vec<SocketAddr>),
    /// It comes here.
    Listen(SocketAddr),
}

impl Cti {
    /// How the platform is reached, where it is not inside this program; the key that is wrong, and why, otherwise.
    pub(crate) fn reach(&self) -> Result<Reach, (&'static str, String)> {
        match (&self.connect[..], self.listen.as_str()) {
            ([], "") => Err((
                "cti.connect",
                "names no address, nor does `cti.listen`: give one of them, such as connect = [\"127.0.0.1:9200\"]"
                    .into(),
            )),
            ([_, ..], "") => self
                .connect
                .iter()
                .map(|text| address("cti.connect", text))
                .collect::<Result<_, _>>()
                .map(Reach::Connect),
            ([], listen) => address("cti.listen", listen).map(Reach::Listen),
            ([_, ..], _) => Err(("cti.listen", "stands beside `cti.connect`: give one of them".into())),
        }
    }
}

fn address(key: &'static str, text: &str) -> Result<SocketAddr, (&'static str, String)> {
    let what = || (key, format!("`{text}` must be an IP address and a port, such as 192.168.10.5:9200"));
    text.parse().map_err(|_| what())
}

#[cfg(test)]
mod tests;

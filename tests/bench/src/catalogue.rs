//! Which servers are measured, in the order of the table.

use std::path::Path;

use anyhow::Result;

use crate::peers::bare::{Bare, Writes};
use crate::peers::ejabberd::{self, Ejabberd};
use crate::peers::mosquitto::Mosquitto;
use crate::peers::nats::Nats;
use crate::peers::processor::Processor;
use crate::peers::redis::Redis;
use crate::peers::ws::{self, Ws};
use crate::peers::{Peer, says, version_in};

/// A server that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A loop that writes prepared frames, all that was published together in one write.
    BareJoined,
    /// The same with a write a message.
    BareSingle,
    /// Ours.
    Processor,
    /// redis.
    Redis,
    /// NATS.
    Nats,
    /// mosquitto.
    Mosquitto,
    /// The npm package ws.
    Ws,
    /// ejabberd.
    Ejabberd,
}

impl Kind {
    /// All of them; the first two are what any server is measured against.
    pub const ALL: [Self; 8] = [
        Self::BareJoined,
        Self::BareSingle,
        Self::Processor,
        Self::Redis,
        Self::Nats,
        Self::Mosquitto,
        Self::Ws,
        Self::Ejabberd,
    ];

    /// What the table calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BareJoined => "bare loop, joined writes",
            Self::BareSingle => "bare loop, a write a message",
            Self::Processor => "interaction processor",
            Self::Redis => "redis",
            Self::Nats => "nats-server, WebSocket",
            Self::Mosquitto => "mosquitto, WebSocket",
            Self::Ws => "npm ws",
            Self::Ejabberd => "ejabberd pubsub, WebSocket",
        }
    }

    /// The installed version; nothing where it is not installed.
    pub fn version(self) -> Option<String> {
        match self {
            Self::BareJoined | Self::BareSingle | Self::Processor => Some(env!("CARGO_PKG_VERSION").to_owned()),
            Self::Redis => version_in(&says("redis-server", &["--version"])?),
            Self::Nats => version_in(&says("nats-server", &["--version"])?),
            Self::Mosquitto => version_in(&says("mosquitto", &["-h"])?),
            Self::Ws => {
                let package = std::fs::read_to_string(ws::folder().join("node_modules/ws/package.json")).ok()?;
                let version = package.split_once("\"version\":").and_then(|(_, rest)| version_in(rest))?;
                Some(format!("{version} on Node {}", version_in(&says("node", &["--version"])?)?))
            }
            Self::Ejabberd => {
                let (_, version) = ejabberd::installed()?;
                says("erl", &["-version"]).map(|_| version)
            }
        }
    }

    /// Starts it with messages of so many bytes for so many clients.
    pub fn start(
        self,
        program: &Path,
        clients: usize,
        message_bytes: usize,
        core: Option<usize>,
    ) -> Result<Box<dyn Peer>> {
        Ok(match self {
            Self::BareJoined => Box::new(Bare::start(Writes::Joined, clients, message_bytes, core)?),
            Self::BareSingle => Box::new(Bare::start(Writes::Single, clients, message_bytes, core)?),
            Self::Processor => Box::new(Processor::start(program, core, 1)?),
            Self::Redis => Box::new(Redis::start(message_bytes, core)?),
            Self::Nats => Box::new(Nats::start(message_bytes, core)?),
            Self::Mosquitto => Box::new(Mosquitto::start(message_bytes, core)?),
            Self::Ws => Box::new(Ws::start(message_bytes, core)?),
            Self::Ejabberd => Box::new(Ejabberd::start(message_bytes, core)?),
        })
    }
}

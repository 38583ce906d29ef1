//! What must come of something.

use interaction_core::cti::Command;
use serde_json::Value;

/// One thing the engine must do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    /// Send a message.
    Message {
        /// To which socket.
        socket: u64,
        /// What it says; [`crate::compare`] knows what in it stands for something.
        body: Value,
        /// Whether it was sent before, or while no socket was attached.
        is_replay: bool,
    },
    /// Ask for a sign of life.
    Ping {
        /// Which socket.
        socket: u64,
    },
    /// Close a socket.
    Closed {
        /// Which.
        socket: u64,
        /// With which WebSocket close code.
        code: u16,
    },
    /// Answer an HTTP request.
    Answered {
        /// Which.
        socket: u64,
        /// With which status.
        status: u16,
    },
    /// Ask the platform.
    Command {
        /// By which number.
        number: u64,
        /// What.
        command: Command,
        /// With which password.
        password: Option<String>,
    },
    /// Ask the directory.
    Claim {
        /// By which number.
        number: u64,
        /// For whom.
        agent: String,
        /// Whether to take it away.
        is_override: bool,
        /// For which client.
        client: String,
    },
    /// Give a claim back.
    Release {
        /// Whose.
        agent: String,
    },
    /// Ask the store for a journey.
    LoadJourney {
        /// By which number.
        number: u64,
        /// Of which call.
        call: String,
    },
    /// Ask the store for ended calls.
    LoadRecent {
        /// By which number.
        number: u64,
        /// How many.
        limit: u32,
        /// Of whom.
        caller: Option<String>,
    },
}

/// Who hears what is done. Order is promised within a way, and not between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// A socket.
    Socket(u64),
    /// The platform.
    Platform,
    /// The directory.
    Directory,
    /// The store.
    Store,
}

impl Expected {
    /// Who hears it.
    pub(crate) fn way(&self) -> Way {
        match self {
            Self::Message { socket, .. }
            | Self::Ping { socket }
            | Self::Closed { socket, .. }
            | Self::Answered { socket, .. } => Way::Socket(*socket),
            Self::Command { .. } => Way::Platform,
            Self::Claim { .. } | Self::Release { .. } => Way::Directory,
            Self::LoadJourney { .. } | Self::LoadRecent { .. } => Way::Store,
        }
    }
}

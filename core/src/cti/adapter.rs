//! The adapter: a smaller engine with the same verbs, between a platform's own protocol and the vocabulary.

use std::fmt;

use super::{Command, Event, RequestNo};
use crate::time::Time;

/// One connection of an adapter to its platform: numbered by the adapter that asks for it, or by the driver that accepts it
/// for an adapter that listens and asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// What can happen to an adapter.
pub enum AdapterInput<'a> {
    /// Time passed.
    Tick,
    /// The engine asks. `secret` is the password that goes with the command, where it has one.
    Command {
        /// Answered exactly once by this number.
        request: RequestNo,
        /// What is asked.
        command: Command,
        /// The password in the clear: never kept, never logged.
        secret: Option<&'a str>,
    },
    /// A connection stands: one that was asked for, or one that was accepted where the driver listens for the adapter.
    Connected {
        /// Which.
        connection: ConnectionId,
    },
    /// Bytes came.
    Received {
        /// On which connection.
        connection: ConnectionId,
        /// In whatever pieces the network chose.
        bytes: &'a [u8],
    },
    /// A connection ended, or could not be made.
    Disconnected {
        /// Which.
        connection: ConnectionId,
        /// Why, for people.
        why: &'a str,
    },
}

impl fmt::Debug for AdapterInput<'_> {
    /// A password by its presence only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick => f.write_str("Tick"),
            Self::Command { request, command, secret } => f
                .debug_struct("Command")
                .field("request", request)
                .field("command", command)
                .field("has_secret", &secret.is_some())
                .finish(),
            Self::Connected { connection } => f.debug_struct("Connected").field("connection", connection).finish(),
            Self::Received { connection, bytes } => {
                f.debug_struct("Received").field("connection", connection).field("bytes", &bytes.len()).finish()
            }
            Self::Disconnected { connection, why } => {
                f.debug_struct("Disconnected").field("connection", connection).field("why", why).finish()
            }
        }
    }
}

/// What an adapter wants done.
#[derive(PartialEq, Eq)]
pub enum AdapterOutput {
    /// Tell the engine.
    Event(Event),
    /// Make a connection to one of the configured addresses.
    Connect {
        /// Its number from here on.
        connection: ConnectionId,
        /// Which address, by its place in the configuration.
        address: usize,
    },
    /// Send bytes.
    Send {
        /// On which connection.
        connection: ConnectionId,
        /// What.
        bytes: Vec<u8>,
    },
    /// Close a connection; nothing more is heard of it.
    Disconnect {
        /// Which.
        connection: ConnectionId,
    },
}

impl fmt::Debug for AdapterOutput {
    /// Bytes by their number only: a login among them holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => f.debug_tuple("Event").field(event).finish(),
            Self::Connect { connection, address } => {
                f.debug_struct("Connect").field("connection", connection).field("address", address).finish()
            }
            Self::Send { connection, bytes } => {
                f.debug_struct("Send").field("connection", connection).field("bytes", &bytes.len()).finish()
            }
            Self::Disconnect { connection } => f.debug_struct("Disconnect").field("connection", connection).finish(),
        }
    }
}

/// One number that an adapter counts or measures of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdapterCount {
    /// Its name, such as `frames_refused`; the driver puts a prefix before it.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// Whether it only grows.
    pub grows: bool,
    /// The number.
    pub value: u64,
}

impl AdapterCount {
    /// A number that only grows.
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, grows: true, value }
    }

    /// A number that grows and shrinks.
    pub const fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, grows: false, value }
    }
}

/// A CTI adapter. Feed an input, drain [`Adapter::poll_output`], arm a timer for [`Adapter::poll_timeout`], repeat.
///
/// After every (re)connection it says [`Event::Up`], then [`Event::ResyncBegin`], the whole truth, [`Event::ResyncEnd`];
/// only then differences. Every [`AdapterInput::Command`] gets exactly one [`Event::Answer`].
pub trait Adapter {
    /// Applies one input. Never fails: what the platform does wrong is told as an event.
    fn handle_input(&mut self, now: Time, input: AdapterInput<'_>);

    /// The next thing it wants done.
    fn poll_output(&mut self) -> Option<AdapterOutput>;

    /// When to call with [`AdapterInput::Tick`] at the latest.
    fn poll_timeout(&self) -> Option<Time>;

    /// What it counts and measures of itself, for metrics; the same names in the same order at any time. A simulated platform
    /// has nothing to count.
    fn counts(&self) -> Vec<AdapterCount> {
        Vec::new()
    }

    /// What stood in the way of a session since this was last asked, in words for the log of whoever runs it: a node that cannot be
    /// reached, a session that is refused. Nothing of it is secret. A simulated platform has no trouble.
    fn trouble(&mut self) -> Option<Box<str>> {
        None
    }

    /// Why it can go on no more, asked when its outputs are drained. The driver makes another one then. An adapter of this
    /// crate goes on whatever happens; one that runs in a sandbox may end there.
    fn failure(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{AdapterInput, AdapterOutput, Command, ConnectionId, RequestNo};

    #[test]
    fn nothing_secret_is_printed() {
        let command = Command::Verify { agent: "2001".into() };
        let input = AdapterInput::Command { request: RequestNo(1), command, secret: Some("hunter2") };
        assert!(!format!("{input:?}").contains("hunter2"));
        let output = AdapterOutput::Send { connection: ConnectionId(1), bytes: b"hunter2".to_vec() };
        assert_eq!(format!("{output:?}"), "Send { connection: ConnectionId(1), bytes: 7 }");
    }
}

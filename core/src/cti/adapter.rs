//! The adapter: a smaller engine with the same verbs, between a platform's own protocol and the vocabulary.

use super::{Command, Event, RequestNo};
use crate::time::Time;

/// One connection of an adapter to its platform: numbered by the adapter that asks for it, or by the driver that accepts it
/// for an adapter that listens and asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// What can happen to an adapter.
#[derive(Debug)]
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

/// What an adapter wants done.
#[derive(Debug, PartialEq, Eq)]
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
}

//! The adapter of UCCX on live connections, without an engine behind it: everything that crosses is shown.

use std::time::Duration;

use interaction_core::cti::uccx::{UccxAdapter, UccxConfig};
use interaction_core::cti::{Adapter, AdapterInput, AdapterOutput, ConnectionId, Event};
use interaction_core::secret::Secret;
use interaction_core::time::Time;

use crate::clock::Clock;
use crate::platform::uccx;
use crate::switches::connections::{Connections, Heard};

/// Something crossed, or was told.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// Time passed.
    Ticked,
    /// A connection to a node was asked for.
    Asked(ConnectionId, usize),
    /// It stands.
    Stood(ConnectionId),
    /// Bytes came on it.
    Received(ConnectionId, &'a [u8]),
    /// A frame was sent on it.
    Sent(ConnectionId, &'a [u8]),
    /// It ended, or could not be made.
    Ended(ConnectionId, &'a str),
    /// The adapter is done with it.
    Closed(ConnectionId),
    /// The adapter told something.
    Told(&'a Event),
}

/// The adapter and its connections.
pub(super) struct Live {
    pub(super) adapter: UccxAdapter,
    connections: Connections,
    clock: Clock,
}

impl Live {
    /// An adapter that connects as soon as it is run.
    pub(super) fn new(config: &UccxConfig, password: Option<&Secret>, seed: u64, clock: Clock, start: Time) -> Self {
        let adapter = uccx::adapter(config, password, seed, start);
        let addresses = config.nodes.iter().map(ToString::to_string).collect();
        Self { adapter, connections: Connections::new(addresses), clock }
    }

    /// Waits for what comes next, at most until `until`, and does it.
    pub(super) async fn step(&mut self, until: Time, see: &mut impl FnMut(Time, &UccxAdapter, Seen<'_>)) {
        let due = self.adapter.poll_timeout().map_or(until, |due| due.min(until));
        let sleep = tokio::time::sleep(self.clock.until(due).min(Duration::from_secs(3_600)));
        let heard = tokio::select! {
            heard = self.connections.heard() => Some(heard),
            () = sleep => None,
        };
        let now = self.clock.now();
        let input = match &heard {
            None => {
                see(now, &self.adapter, Seen::Ticked);
                AdapterInput::Tick
            }
            Some(Heard::Connected(connection)) => {
                see(now, &self.adapter, Seen::Stood(*connection));
                AdapterInput::Connected { connection: *connection }
            }
            Some(Heard::Received(connection, bytes)) => {
                see(now, &self.adapter, Seen::Received(*connection, bytes));
                AdapterInput::Received { connection: *connection, bytes }
            }
            Some(Heard::Disconnected(connection, why)) => {
                see(now, &self.adapter, Seen::Ended(*connection, why));
                AdapterInput::Disconnected { connection: *connection, why }
            }
        };
        self.adapter.handle_input(now, input);
        while let Some(output) = self.adapter.poll_output() {
            match output {
                AdapterOutput::Event(event) => see(now, &self.adapter, Seen::Told(&event)),
                AdapterOutput::Connect { connection, address } => {
                    see(now, &self.adapter, Seen::Asked(connection, address));
                    self.connections.connect(connection, address);
                }
                AdapterOutput::Send { connection, bytes } => {
                    see(now, &self.adapter, Seen::Sent(connection, &bytes));
                    self.connections.send(connection, bytes);
                }
                AdapterOutput::Disconnect { connection } => {
                    see(now, &self.adapter, Seen::Closed(connection));
                    self.connections.disconnect(connection);
                }
            }
        }
    }
}

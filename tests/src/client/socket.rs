//! What carries a client's link: a WebSocket, polls, or an event stream, which all look the same to the client.

use std::time::Duration;

use tokio::time::Instant;

use super::events::Events;
use super::polls::Polls;
use super::web::Web;
use crate::fault::Fault;

/// The transports of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket.
    WebSocket,
    /// Posted messages and long polls.
    Polls,
    /// Posted messages and Server-Sent Events.
    Events,
}

impl Transport {
    /// The one the present test is about: `tests/transports.rs` holds tests again in modules that name it.
    pub fn of_this_test() -> Self {
        match std::thread::current().name() {
            Some(name) if name.starts_with("polls_") => Self::Polls,
            Some(name) if name.starts_with("events_") => Self::Events,
            Some(_) | None => Self::WebSocket,
        }
    }
}

/// What arrived.
#[derive(Debug)]
pub enum Arrived {
    /// A text message.
    Text(String),
    /// Nothing, until the deadline.
    Nothing,
}

/// Something that carries messages both ways.
pub enum Socket {
    /// A WebSocket.
    Web(Web),
    /// Posted messages and long polls.
    Polls(Polls),
    /// Posted messages and an event stream.
    Events(Events),
}

impl Socket {
    /// Opens what carries messages to and from `address`.
    pub async fn open(transport: Transport, address: &str, patience: Duration) -> Result<Self, Fault> {
        Ok(match transport {
            Transport::WebSocket => Self::Web(Web::open(address, patience).await?),
            Transport::Polls => Self::Polls(Polls::open(address).await?),
            Transport::Events => Self::Events(Events::open(address).await?),
        })
    }

    /// Sends one message.
    pub async fn send(&mut self, text: String) -> Result<(), Fault> {
        match self {
            Self::Web(web) => web.send(text).await,
            Self::Polls(polls) => polls.send(text).await,
            Self::Events(events) => events.send(text).await,
        }
    }

    /// The next message.
    pub async fn next(&mut self, until: Instant) -> Result<Arrived, Fault> {
        match self {
            Self::Web(web) => web.next(until).await,
            Self::Polls(polls) => polls.next(until).await,
            Self::Events(events) => events.next(until).await,
        }
    }

    /// The last number that reading alone has acknowledged.
    pub fn acknowledged(&self) -> u64 {
        match self {
            Self::Polls(polls) => polls.acknowledged(),
            Self::Web(_) | Self::Events(_) => 0,
        }
    }

    /// Whether a pong tells that everything before it has arrived: it does where both come the same way.
    pub fn pongs_in_order(&self) -> bool {
        matches!(self, Self::Web(_))
    }

    /// Ends it with a reset.
    pub fn reset(self) {
        match self {
            Self::Web(web) => web.reset(),
            Self::Polls(polls) => polls.reset(),
            Self::Events(events) => events.reset(),
        }
    }

    /// Ends it as a page that is left does.
    pub async fn close(self, patience: Duration) -> Result<(), Fault> {
        match self {
            Self::Web(web) => web.close(patience).await,
            // Whatever is open closes with its connection.
            Self::Polls(_) | Self::Events(_) => Ok(()),
        }
    }
}

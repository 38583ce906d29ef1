//! Sockets: what carries a link at present, or says `connect` next.

use serde::{Deserialize, Serialize};

use crate::ids::{LinkId, SocketId};
use crate::input::{Access, FreshKey};
use crate::link::Rate;
use crate::map::Map;
use crate::time::Time;

/// One socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Socket {
    pub(crate) id: SocketId,
    /// The peer's address: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub(crate) peer: Box<str>,
    pub(crate) access: Access,
    pub(crate) kind: SocketKind,
    /// The key a fresh link would get; none once a link took it or was resumed.
    pub(crate) key: Option<FreshKey>,
    pub(crate) link: Option<LinkId>,
    /// When something was last received.
    pub(crate) heard: Time,
    /// Requests before `connect`.
    pub(crate) rate: Rate,
}

/// What a socket is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SocketKind {
    /// A WebSocket: messages both ways.
    Web,
    /// A posted message, which lives for the turn that answers it.
    Exchange,
    /// A long poll, answered with the first messages.
    Poll,
    /// An event stream.
    Stream,
}

/// All sockets.
pub(crate) type Sockets = Map<SocketId, Socket>;

/// The part of an address that lock-outs count by: an IPv6 host owns its whole /64.
pub(crate) fn peer_key(peer: &str) -> Box<str> {
    match peer.parse::<core::net::Ipv6Addr>() {
        Ok(address) => match address.to_ipv4_mapped() {
            Some(v4) => v4.to_string().into(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64").into()
            }
        },
        Err(_) => peer.into(),
    }
}

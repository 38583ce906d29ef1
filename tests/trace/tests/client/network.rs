//! The network between: in order, with delays; it loses sockets with what is under way, and lets them fall silent.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use interaction_core::time::Time;

use crate::rng::Rng;

/// What travels.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    Open,
    Text(String),
    Ping,
    Pong,
    Close(u16),
}

/// One direction of one socket.
#[derive(Debug, Default)]
struct Way {
    parcels: VecDeque<(Time, Parcel)>,
}

/// One socket.
#[derive(Debug, Default)]
struct Wire {
    to_server: Way,
    to_client: Way,
    /// Nothing arrives any more, and nobody is told.
    is_dead: bool,
}

/// Every socket there is.
#[derive(Debug)]
pub(crate) struct Network {
    wires: BTreeMap<u64, Wire>,
    rng: Rng,
}

/// What arrives.
#[derive(Debug)]
pub(crate) enum Arrival {
    AtServer(u64, Parcel),
    AtClient(u64, Parcel),
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self { wires: BTreeMap::new(), rng: Rng::new(seed) }
    }

    /// The client opens a socket. Some never come to be.
    pub(crate) fn open(&mut self, socket: u64, now: Time) {
        let mut wire = Wire::default();
        match self.rng.below(12) {
            0 => wire.is_dead = true,
            1 => {
                wire.to_client.parcels.push_back((self.later(now, 300), Parcel::Close(1006)));
            }
            _ => wire.to_server.parcels.push_back((self.later(now, 100), Parcel::Open)),
        }
        self.wires.insert(socket, wire);
    }

    pub(crate) fn send_up(&mut self, socket: u64, now: Time, parcel: Parcel) {
        let at = self.later(now, 60);
        if let Some(wire) = self.wires.get_mut(&socket) {
            push(&mut wire.to_server, at, parcel);
        }
    }

    pub(crate) fn send_down(&mut self, socket: u64, now: Time, parcel: Parcel) {
        let at = self.later(now, 60);
        if let Some(wire) = self.wires.get_mut(&socket) {
            push(&mut wire.to_client, at, parcel);
        }
    }

    /// A socket breaks: what is under way is lost, beginning with some parcel. One side hears of it, or both, or nobody.
    pub(crate) fn cut(&mut self, now: Time) {
        let sockets: Vec<u64> = self.wires.keys().copied().collect();
        let Some(socket) = self.rng.of(&sockets).copied() else { return };
        let (client_at, server_at) = (self.later(now, 2_000), self.later(now, 2_000));
        let (kept_up, kept_down, who) = (self.rng.next(), self.rng.next(), self.rng.below(5));
        let Some(wire) = self.wires.get_mut(&socket) else { return };
        for (way, kept) in [(&mut wire.to_server, kept_up), (&mut wire.to_client, kept_down)] {
            let len = way.parcels.len() as u64;
            way.parcels.truncate(usize::try_from(kept % (len + 1)).unwrap_or(0));
        }
        match who {
            0 => wire.is_dead = true,
            1 => push(&mut wire.to_client, client_at, Parcel::Close(1006)),
            2 => push(&mut wire.to_server, server_at, Parcel::Close(1006)),
            _ => {
                push(&mut wire.to_client, client_at, Parcel::Close(1006));
                push(&mut wire.to_server, server_at, Parcel::Close(1006));
            }
        }
        if who < 3 {
            wire.is_dead |= who == 0;
        }
    }

    /// The server is gone: every client hears of it, or finds out.
    pub(crate) fn lose_server(&mut self, now: Time) {
        let at = now + Duration::from_millis(self.rng.below(500));
        for wire in self.wires.values_mut() {
            wire.to_server.parcels.clear();
            wire.to_client.parcels.clear();
            push(&mut wire.to_client, at, Parcel::Close(1006));
        }
    }

    /// When the next parcel arrives.
    pub(crate) fn next(&self) -> Option<Time> {
        self.wires.values().filter_map(Wire::next).min()
    }

    /// The parcel that arrives first, if it does by now.
    pub(crate) fn arrive(&mut self, now: Time) -> Option<Arrival> {
        let (socket, _) = self
            .wires
            .iter()
            .filter_map(|(socket, wire)| wire.next().map(|at| (*socket, at)))
            .filter(|(_, at)| *at <= now)
            .min_by_key(|(_, at)| *at)?;
        let wire = self.wires.get_mut(&socket)?;
        let up = wire.to_server.parcels.front().map(|(at, _)| *at);
        let down = wire.to_client.parcels.front().map(|(at, _)| *at);
        let is_up = match (up, down) {
            (Some(up), Some(down)) => up <= down,
            (up, _) => up.is_some(),
        };
        let way = if is_up { &mut wire.to_server } else { &mut wire.to_client };
        let (_, parcel) = way.parcels.pop_front()?;
        Some(if is_up { Arrival::AtServer(socket, parcel) } else { Arrival::AtClient(socket, parcel) })
    }

    /// Nobody has this socket any more.
    pub(crate) fn forget(&mut self, socket: u64) {
        self.wires.remove(&socket);
    }

    fn later(&mut self, now: Time, most_ms: u64) -> Time {
        now + Duration::from_millis(self.rng.below(most_ms) + 1)
    }
}

impl Wire {
    fn next(&self) -> Option<Time> {
        if self.is_dead {
            return None;
        }
        let first = |way: &Way| way.parcels.front().map(|(at, _)| *at);
        first(&self.to_server).into_iter().chain(first(&self.to_client)).min()
    }
}

/// What is sent later arrives later.
fn push(way: &mut Way, at: Time, parcel: Parcel) {
    let last = way.parcels.back().map_or(at, |(last, _)| *last);
    way.parcels.push_back((at.max(last), parcel));
}

//! Every deadline of the engine in one table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cti::RequestNo;
use crate::ids::{LinkId, SocketId};
use crate::map::Map;
use crate::time::Time;

/// What a deadline is for. When two fall on the same moment, the order here decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TimerName {
    /// When to give up on a socket that has not said `connect`.
    Connect(SocketId),
    /// When to ask an attached socket for a sign of life, or to give it up.
    Heartbeat(SocketId),
    /// When a link without a socket ends.
    LinkGrace(LinkId),
    /// When a link's token is about to expire, or has.
    Token(LinkId),
    /// When a request that waits for somebody is given up.
    Request(RequestNo),
    /// When a session's next deadline is: bound and started in time, its password held no longer, its client back.
    Session(u64),
    /// When a running journey was last heard of too long ago, or an ended one is forgotten.
    Journeys,
    /// When a long poll has waited long enough.
    Poll(SocketId),
    /// When a session's ended interactions, or after-call work that nothing else ends, have waited long enough.
    WrapUp(u64),
    /// When to look for legs that nothing was heard of for too long.
    Calls,
    /// When the day that reports count by begins again.
    Day,
}

/// The table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timers {
    due: BTreeSet<(Time, TimerName)>,
    set: Map<TimerName, Time>,
}

impl Timers {
    /// No deadline.
    pub fn new(seed: u64) -> Self {
        Self { due: BTreeSet::new(), set: Map::new(seed) }
    }

    /// Sets or moves a deadline.
    pub fn set(&mut self, name: TimerName, at: Time) {
        if let Some(old) = self.set.insert(name, at) {
            if old == at {
                return;
            }
            self.due.remove(&(old, name));
        }
        self.due.insert((at, name));
    }

    /// Takes a deadline back.
    pub fn clear(&mut self, name: TimerName) {
        if let Some(old) = self.set.swap_remove(&name) {
            self.due.remove(&(old, name));
        }
    }

    /// Moves the deadlines that `which` names by so much.
    pub fn postpone(&mut self, by: std::time::Duration, which: impl Fn(TimerName) -> bool) {
        for (name, at) in self.set.iter_mut().filter(|(name, _)| which(**name)) {
            self.due.remove(&(*at, *name));
            *at = *at + by;
            self.due.insert((*at, *name));
        }
    }

    /// Whether a deadline is set.
    pub fn is_set(&self, name: TimerName) -> bool {
        self.set.contains_key(&name)
    }

    /// How many deadlines there are.
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// The earliest.
    pub fn next(&self) -> Option<(Time, TimerName)> {
        self.due.first().copied()
    }

    /// Takes the earliest that is due at `now`.
    pub fn expire(&mut self, now: Time) -> Option<(Time, TimerName)> {
        let first = *self.due.first().filter(|(at, _)| *at <= now)?;
        self.due.remove(&first);
        self.set.swap_remove(&first.1);
        Some(first)
    }
}

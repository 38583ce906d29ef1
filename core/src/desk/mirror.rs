//! Mirrors of what a server tells: the snapshot it gave, with every event since applied. What the desk does not act upon stays
//! the server's own text, so that a mirror holds what a newer server says, too.

mod journey;
mod queues;
mod roster;
mod services;
mod session;

use serde_json::value::RawValue;

pub use journey::Journey;
pub use queues::Queues;
pub use roster::{Roster, Team};
pub use services::{Service, Services};
pub use session::{Object, ObjectKind, Session};

use super::output::MirrorKind;

/// What an event did to a mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// The mirror is another.
    Changed,
    /// The event is not one this mirror follows.
    Unknown,
    /// The event does not fit what is shown: something is amiss, and it is to be read anew.
    Misfit,
    /// There is more than the bounds allow.
    TooLarge,
}

/// What one subscription shows.
#[derive(Debug)]
pub(super) enum View {
    Roster(Roster),
    Queues(Queues),
    Journey(Journey),
}

impl View {
    /// An empty one, of a kind that is subscribed to.
    pub(super) fn empty(kind: MirrorKind) -> Option<Self> {
        match kind {
            MirrorKind::Roster => Some(Self::Roster(Roster::default())),
            MirrorKind::Queues => Some(Self::Queues(Queues::default())),
            MirrorKind::Journey => Some(Self::Journey(Journey::default())),
            MirrorKind::Services | MirrorKind::Session => None,
        }
    }

    pub(super) fn apply(&mut self, name: &str, data: &RawValue) -> Applied {
        match self {
            Self::Roster(roster) => roster.apply(name, data),
            Self::Queues(queues) => queues.apply(name, data),
            Self::Journey(journey) => journey.apply(name, data),
        }
    }

    /// Appends its properties as JSON; `key` is the agent or the call.
    pub(super) fn write(&self, key: &str, out: &mut Vec<u8>) {
        match self {
            Self::Roster(roster) => roster.write(key, out),
            Self::Queues(queues) => queues.write(key, out),
            Self::Journey(journey) => journey.write(key, out),
        }
    }
}

/// Appends `"name":[…]`, each item as it is.
fn write_list<'a>(out: &mut Vec<u8>, name: &str, items: impl Iterator<Item = &'a RawValue>) {
    crate::wire::write::string(out, name);
    out.extend_from_slice(b":[");
    for (position, item) in items.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item.get().as_bytes());
    }
    out.push(b']');
}

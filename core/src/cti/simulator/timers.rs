//! When what happens next in the simulated world: one ordered table, nothing is ever scanned.

use std::collections::BTreeMap;

use super::admin::Undo;
use super::commands::PendingCommand;
use crate::cti::{Media, SuperviseAction};
use crate::time::Time;

/// The key of a call in progress: the number of its first id.
pub(super) type CallKey = u64;

/// What is due. A timer of something that has moved on since (its stamp or line is gone) does nothing.
#[derive(Debug)]
pub(super) enum Timer {
    /// When to let a contact arrive for a queue.
    Arrival { queue: usize, media: Media },
    /// When to let a simulated agent dial somebody outside.
    Outbound,
    /// When to let a simulated agent call a colleague.
    Internal,
    /// When to move a call on from its trigger, its script or its first queue.
    Route { call: CallKey, stamp: u32 },
    /// When a caller whom nobody has answered gives up.
    Patience { call: CallKey },
    /// When a line that rings is answered.
    Answer { call: CallKey, line: u32 },
    /// When a line has rung long enough.
    NoAnswer { call: CallKey, line: u32 },
    /// When a simulated agent does the next thing on a call.
    Plan { call: CallKey, stamp: u32 },
    /// When a call has lasted as long as any may.
    Limit { call: CallKey },
    /// When a simulated agent does the next thing off a call.
    Agent { agent: usize, stamp: u32 },
    /// When to see whether a team has been quiet for too long.
    Pulse { team: u32 },
    /// When an administrator changes something.
    Admin,
    /// When an administrator takes a change back.
    Undo(Undo),
    /// When a simulated supervisor looks at a call.
    Supervise,
    /// When a simulated supervisor goes a step further on a call, or leaves it.
    SuperviseOn { supervisor: usize, call: CallKey, next: Option<SuperviseAction> },
    /// When the connection to the platform breaks.
    Outage,
    /// When it stands again; the outage is numbered because a script may lay another over it.
    Restore { outage: u64 },
    /// When a command reaches the platform.
    Command(Box<PendingCommand>),
    /// When an entry of the script is due.
    Script(usize),
}

/// What names a timer that is set.
pub(super) type TimerKey = (Time, u64);

/// The table.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeMap<TimerKey, Timer>,
    set: u64,
}

impl Timers {
    /// Sets a timer. Of several for one moment, the first set is the first due.
    pub(super) fn set(&mut self, at: Time, timer: Timer) -> TimerKey {
        self.set += 1;
        self.due.insert((at, self.set), timer);
        (at, self.set)
    }

    /// Takes a timer back; one that was due already is gone.
    pub(super) fn cancel(&mut self, key: TimerKey) {
        self.due.remove(&key);
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Time> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next, if it is due at `now`.
    pub(super) fn pop(&mut self, now: Time) -> Option<(Time, Timer)> {
        let entry = self.due.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let ((at, _), timer) = entry.remove_entry();
        Some((at, timer))
    }

    /// How many are set.
    pub(super) fn len(&self) -> usize {
        self.due.len()
    }
}

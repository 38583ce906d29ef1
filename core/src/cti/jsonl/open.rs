//! Commands the platform has not answered.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::time::Duration;

use super::Config;
use crate::cti::{Command, Outcome, RequestNo};
use crate::time::Time;

/// Which answers a command can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Verified,
    /// `done`, or the call that was made.
    Call,
    Done,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    commands: BTreeMap<RequestNo, (Time, Wanted)>,
    deadlines: BTreeSet<(Time, RequestNo)>,
}

/// What an answer is to the commands that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It closes its command.
    Closes,
    /// Nobody waits for it.
    Stray,
    /// Its command cannot be answered so; what it can be answered with.
    Wrong(&'static str),
}

impl Open {
    pub(super) fn len(&self) -> usize {
        self.commands.len()
    }

    pub(super) fn is_open(&self, request: RequestNo) -> bool {
        self.commands.contains_key(&request)
    }

    pub(super) fn add(&mut self, now: Time, config: &Config, request: RequestNo, command: &Command) {
        let (wanted, within_ms) = match command {
            Command::Verify { .. } => (Wanted::Verified, config.command_ms),
            Command::Dial { .. } | Command::Consult { .. } => (Wanted::Call, config.command_ms),
            Command::Logout { .. } => (Wanted::Done, config.logout_ms),
            Command::Login { .. }
            | Command::SetState { .. }
            | Command::Answer { .. }
            | Command::Reject { .. }
            | Command::Drop { .. }
            | Command::Hold { .. }
            | Command::Retrieve { .. }
            | Command::Alternate { .. }
            | Command::CompleteTransfer { .. }
            | Command::CompleteConference { .. }
            | Command::BlindTransfer { .. }
            | Command::BlindConference { .. }
            | Command::Dtmf { .. }
            | Command::Recording { .. }
            | Command::SetData { .. }
            | Command::Complete { .. }
            | Command::Supervise { .. } => (Wanted::Done, config.command_ms),
        };
        let deadline = now + Duration::from_millis(within_ms.into());
        self.commands.insert(request, (deadline, wanted));
        self.deadlines.insert((deadline, request));
    }

    /// Closes the command this answers, where it can be answered so.
    pub(super) fn close(&mut self, request: RequestNo, outcome: &Outcome) -> Fit {
        let Some((deadline, wanted)) = self.commands.get(&request).copied() else { return Fit::Stray };
        match (wanted, outcome) {
            (_, Outcome::Refused(_))
            | (Wanted::Verified, Outcome::Verified { .. })
            | (Wanted::Call, Outcome::Done | Outcome::Call { .. })
            | (Wanted::Done, Outcome::Done) => {}
            (Wanted::Verified, _) => return Fit::Wrong("`verified` with the agent's id, or `refused`"),
            (Wanted::Call, _) => return Fit::Wrong("`call` with the call's id, `done`, or `refused`"),
            (Wanted::Done, _) => return Fit::Wrong("`done`, or `refused`"),
        }
        self.commands.remove(&request);
        self.deadlines.remove(&(deadline, request));
        Fit::Closes
    }

    /// The next command whose time is over.
    pub(super) fn overdue(&mut self, now: Time) -> Option<RequestNo> {
        let (deadline, request) = self.deadlines.first().copied()?;
        if deadline > now {
            return None;
        }
        self.deadlines.pop_first();
        self.commands.remove(&request);
        Some(request)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Every open command, no longer open.
    pub(super) fn take(&mut self) -> impl Iterator<Item = RequestNo> + use<> {
        self.deadlines.clear();
        mem::take(&mut self.commands).into_keys()
    }
}

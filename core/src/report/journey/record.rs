//! What a journey is to others: the record a store keeps, and the line a list of calls shows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cti::{Cause, DeviceKind};
use crate::ids::{AgentId, CallId};
use crate::input::RecentCall;
use crate::time::Time;

/// The journey of a call that ended: all legs that belonged together. It is handed out when the call ends, and once more
/// where after-call work changed it: a record replaces every kept one that shares a leg with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyRecord {
    /// Every id of its legs, the first leg's first. Any of them finds the journey; the first names it. Never empty.
    pub legs: Vec<CallId>,
    /// Who called.
    pub from: Box<str>,
    /// What was called.
    pub to: Box<str>,
    /// Every number that called or was called on one of its legs, once: what a search by number looks at.
    pub numbers: Vec<Box<str>>,
    /// When it began, as far as known.
    pub started: Time,
    /// When its last leg ended.
    pub ended: Time,
    /// Why its last leg ended.
    pub cause: Cause,
    /// The agents that took part, in order of their first step.
    pub agents: Vec<AgentId>,
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
    /// How many steps were dropped because there were too many.
    pub truncated: u32,
}

/// One step: a leg at a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The leg.
    pub call: CallId,
    /// The device's address, or the queue's name.
    pub device: Box<str>,
    /// What the device is.
    pub kind: DeviceKind,
    /// What happened there, for people.
    pub description: Box<str>,
    /// When it began.
    pub started: Time,
    /// When it ended; none while it lasts: after-call work outlasts the call.
    pub ended: Option<Time>,
    /// Whether the processor joined while it lasted, or cannot know when it really ended.
    pub partial: bool,
}

impl JourneyRecord {
    /// About how many bytes it occupies: its texts, and a flat sum for each part.
    pub fn size(&self) -> usize {
        const FLAT: usize = 64;
        let legs: usize = self.legs.iter().map(|leg| leg.as_str().len() + FLAT).sum();
        let agents: usize = self.agents.iter().map(|agent| agent.as_str().len() + FLAT).sum();
        let numbers: usize = self.numbers.iter().map(|number| number.len() + FLAT).sum();
        let steps: usize = self.steps.iter().map(|step| step.device.len() + step.description.len() + 2 * FLAT).sum();
        4 * FLAT + self.from.len() + self.to.len() + legs + agents + numbers + steps
    }

    /// Whether `number` called or was called on one of its legs.
    pub fn has_number(&self, number: &str) -> bool {
        self.numbers.iter().any(|own| &**own == number)
    }

    /// Its line in a list of ended calls; none for a record without legs, which nobody could ask for.
    pub fn summary(&self) -> Option<RecentCall> {
        Some(RecentCall {
            call: self.legs.first()?.clone(),
            started: self.started,
            ended: self.ended,
            from: self.from.clone(),
            to: self.to.clone(),
        })
    }
}

/// One line of `report.calljourney.recent`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallLine {
    /// The id of the journey's first leg.
    pub call: CallId,
    /// When it began.
    pub started: Time,
    /// When it ended; none while it runs.
    pub ended: Option<Time>,
    /// Who called.
    pub from: Box<str>,
    /// What was called.
    pub to: Box<str>,
}

impl From<RecentCall> for CallLine {
    fn from(call: RecentCall) -> Self {
        Self { call: call.call, started: call.started, ended: Some(call.ended), from: call.from, to: call.to }
    }
}

/// Joins the calls the engine knows with those the store knows: newest first, each once, at most `limit`. Where both know
/// one, the engine's line stands.
pub fn merge_recent(known: Vec<CallLine>, stored: Vec<RecentCall>, limit: usize) -> Vec<CallLine> {
    let ids: BTreeSet<CallId> = known.iter().map(|line| line.call.clone()).collect();
    let mut lines = known;
    lines.extend(stored.into_iter().filter(|call| !ids.contains(&call.call)).map(CallLine::from));
    lines.sort_by(|a, b| b.started.cmp(&a.started).then_with(|| b.call.cmp(&a.call)));
    lines.truncate(limit);
    lines
}

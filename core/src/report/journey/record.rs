//! What a journey is to others: the record a store keeps, and the line a list of calls shows.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cti::{Cause, DeviceKind};
use crate::ids::{AgentId, CallId};
use crate::input::RecentCall;
use crate::time::Time;

/// Two servers that watch one platform see one step begin at moments that differ by no more than this.
const CLOCKS_APART: Duration = Duration::from_secs(2);

/// The journey of a call: all legs that belonged together. It is handed out while the call goes on, a moment after a step
/// ended; when it ends; and once more where after-call work changed it. A record replaces every kept one that shares a leg
/// with it.
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
    /// When its last leg ended; of a running one, the moment up to which it is known.
    pub ended: Time,
    /// Why its last leg ended.
    pub cause: Cause,
    /// The agents that took part, in order of their first step.
    pub agents: Vec<AgentId>,
    /// Its steps, oldest first.
    pub steps: Vec<Step>,
    /// How many steps were dropped because there were too many.
    pub truncated: u32,
    /// A leg was in progress when this was handed out. Whoever reads it when no engine knows the call any more cannot know
    /// how it went on.
    pub running: bool,
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
            partial: self.running,
        })
    }

    /// The record as one who cannot know how it went on has to tell it: what had not ended by then is partial from then on.
    #[must_use]
    pub fn broken_off(mut self) -> Self {
        if self.running {
            for step in self.steps.iter_mut().filter(|step| step.ended.is_none()) {
                step.ended = Some(self.ended.max(step.started));
                step.partial = true;
            }
        }
        self
    }

    /// Takes over what an earlier run of a server knew of the same call, when that run did not see its end: ids, numbers,
    /// agents, and the steps that this record does not know of, at most `steps_max` in all.
    pub fn join_earlier(&mut self, earlier: Self, steps_max: usize) {
        let earlier = earlier.broken_off();
        let lost: Vec<Step> =
            earlier.steps.into_iter().filter(|old| !self.steps.iter().any(|own| own.is_same(old))).collect();
        let room = steps_max.saturating_sub(self.steps.len());
        let dropped = lost.len().saturating_sub(room);
        self.steps.extend(lost.into_iter().take(room));
        self.steps.sort_by_key(|step| step.started);
        self.truncated = self.truncated.saturating_add(u32::try_from(dropped).unwrap_or(u32::MAX));
        add_missing(&mut self.legs, earlier.legs);
        add_missing(&mut self.numbers, earlier.numbers);
        add_missing(&mut self.agents, earlier.agents);
        self.started = self.started.min(earlier.started);
        if self.from.is_empty() && self.to.is_empty() {
            self.from = earlier.from;
            self.to = earlier.to;
        }
    }
}

impl Step {
    /// Whether both tell of the same, `other` as another server saw it. One that joined mid-call begins a step that another
    /// saw end: these are two.
    fn is_same(&self, other: &Self) -> bool {
        let begun = self.started.max(other.started) <= self.started.min(other.started) + CLOCKS_APART;
        let said =
            self.description.starts_with(&*other.description) || other.description.starts_with(&*self.description);
        let over = other.ended.is_some_and(|ended| ended <= self.started);
        let joined = self.partial && (!other.partial || over);
        self.call == other.call && self.device == other.device && self.kind == other.kind && begun && said && !joined
    }
}

fn add_missing<T: PartialEq>(own: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !own.contains(&one) {
            own.push(one);
        }
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
    /// Nobody knows how it went on after `ended`.
    pub partial: bool,
}

impl From<RecentCall> for CallLine {
    fn from(call: RecentCall) -> Self {
        Self {
            call: call.call,
            started: call.started,
            ended: Some(call.ended),
            from: call.from,
            to: call.to,
            partial: call.partial,
        }
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

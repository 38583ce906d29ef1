//! One journey: its steps, and how they are shown.

use std::collections::BTreeMap;

use interaction_core::cti::{Device, DeviceKind};
use interaction_core::report::journey::JourneyRecord;
use interaction_core::time::Time;
use serde_json::{Value, json};

/// What a device does during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// The caller of an inbound call, or the number dialled out to: a moment.
    Outside,
    Trigger,
    Script,
    Queue,
    Rings,
    /// Connected, in whatever way.
    Talks,
    Holds,
    /// Work after the call.
    Works,
}

impl Does {
    pub(super) fn is_on_call(self) -> bool {
        matches!(self, Self::Talks | Self::Holds)
    }
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) call: String,
    pub(super) kind: DeviceKind,
    pub(super) device: String,
    /// How the device is shown: its address, or the queue's name.
    pub(super) shown: String,
    pub(super) agent: Option<String>,
    pub(super) does: Does,
    pub(super) started: Time,
    pub(super) ended: Option<Time>,
    /// The processor joined while it lasted, or cannot know when it ended.
    pub(super) is_partial: bool,
}

impl Step {
    pub(super) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    pub(super) fn is_at(&self, call: &str, device: &Device) -> bool {
        let same_device = self.kind == device.kind && self.device == *device.id;
        self.is_open() && self.call == call && same_device && self.does != Does::Works
    }
}

/// Where a journey is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Running,
    /// All calls are over at that moment; after-call work may follow.
    Over(Time),
    Final(Time),
}

/// A journey.
#[derive(Clone, Debug)]
pub(super) struct Journey {
    pub(super) phase: Phase,
    pub(super) calls: Vec<Call>,
    pub(super) started: Time,
    pub(super) heard: Time,
    pub(super) due: Time,
    pub(super) steps: Vec<Step>,
    /// Who took part, and who of them has not said yet what it does after its talk.
    pub(super) agents: Vec<(String, bool)>,
    pub(super) followers: Vec<Follower>,
    pub(super) has_changed: bool,
    pub(super) has_ended: bool,
}

/// One leg.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) is_inbound: bool,
    pub(super) is_over: bool,
    /// Told during the present resynchronisation.
    pub(super) is_mentioned: bool,
}

/// Who follows a journey, under the id it asked for.
#[derive(Clone, Debug)]
pub(super) struct Follower {
    pub(super) link: u64,
    pub(super) asked: String,
    /// It has not been told the journey, or asked again.
    pub(super) is_fresh: bool,
    /// Followers of one link, in the order in which they began.
    pub(super) order: u64,
}

/// What a follower is told.
pub(crate) enum Tell {
    Updated(Value),
    Ended,
}

/// A line of the list of calls.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) call: String,
    pub(crate) started: Time,
    pub(crate) ended: Option<Time>,
    pub(crate) from: String,
    pub(crate) to: String,
    /// Nobody knows how it went on.
    pub(crate) is_partial: bool,
}

impl Journey {
    pub(super) fn new(now: Time, call: Call) -> Self {
        Self {
            phase: Phase::Running,
            calls: vec![call],
            started: now,
            heard: now,
            due: now,
            steps: Vec::new(),
            agents: Vec::new(),
            followers: Vec::new(),
            has_changed: false,
            has_ended: false,
        }
    }

    /// The device does this on the call from now on; what it did there before is over.
    pub(super) fn arrive(&mut self, now: Time, call: &str, device: &Device, does: Does, shown: String, joined: bool) {
        if let Some(index) = self.steps.iter().position(|step| step.is_at(call, device)) {
            if self.steps[index].does == does {
                return;
            }
            self.close_where(now, |step| step.is_at(call, device));
        }
        self.begin(now, call, device, does, shown, now, joined);
    }

    #[allow(clippy::too_many_arguments, reason = "a step's properties, each by name")]
    pub(super) fn begin(
        &mut self,
        now: Time,
        call: &str,
        device: &Device,
        does: Does,
        shown: String,
        started: Time,
        joined: bool,
    ) {
        if let Some(agent) = &device.agent {
            self.takes_part(agent.as_str(), does.is_on_call());
        }
        let step = Step {
            call: call.to_owned(),
            kind: device.kind,
            device: device.id.to_string(),
            shown,
            agent: device.agent.as_ref().map(ToString::to_string),
            does,
            started,
            ended: (does == Does::Outside).then_some(now),
            is_partial: joined,
        };
        // Oldest first; of two that began at once the one told first.
        let place = self.steps.iter().position(|other| other.started > started).unwrap_or(self.steps.len());
        self.steps.insert(place, step);
        self.has_changed = true;
    }

    fn takes_part(&mut self, agent: &str, talks: bool) {
        match self.agents.iter_mut().find(|(own, _)| own == agent) {
            Some((_, awaited)) => *awaited |= talks,
            None => self.agents.push((agent.to_owned(), talks)),
        }
    }

    pub(super) fn has_said(&mut self, agent: &str) {
        for (own, awaited) in &mut self.agents {
            *awaited &= own != agent;
        }
    }

    pub(super) fn awaits(&self, agent: &str) -> bool {
        self.agents.iter().any(|(own, awaited)| own == agent && *awaited)
    }

    /// Ends the open steps that `which` picks.
    pub(super) fn close_where(&mut self, now: Time, which: impl Fn(&Step) -> bool) {
        for step in self.steps.iter_mut().filter(|step| step.is_open() && which(step)) {
            step.ended = Some(now.max(step.started));
            self.has_changed = true;
        }
    }

    /// The same where nobody knows when they really ended.
    pub(super) fn lose_where(&mut self, now: Time, which: impl Fn(&Step) -> bool) {
        for step in self.steps.iter_mut().filter(|step| step.is_open() && which(step)) {
            step.ended = Some(now.max(step.started));
            step.is_partial = true;
            self.has_changed = true;
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.calls.iter().any(|call| !call.is_over)
    }

    /// Whether a device outside is the caller, of whom nothing is told.
    pub(super) fn is_caller(&self, device: &Device) -> bool {
        let calls = |call: &Call| call.is_inbound && *call.from == *device.id;
        device.kind == DeviceKind::External && self.calls.iter().any(calls)
    }

    pub(super) fn line(&self) -> Line {
        let named = self.calls.iter().find(|call| !call.from.is_empty() || !call.to.is_empty());
        let (from, to) = named.map_or(("", ""), |call| (&*call.from, &*call.to));
        let ended = match self.phase {
            Phase::Running => None,
            Phase::Over(at) | Phase::Final(at) => Some(at),
        };
        let call = self.calls[0].id.clone();
        Line { call, started: self.started, ended, from: from.to_owned(), to: to.to_owned(), is_partial: false }
    }

    pub(super) fn shown(&self, now: Time) -> Value {
        let entry =
            |step: &Step| entry(&step.call, &step.shown, step.kind, step.started, step.ended, step.is_partial, now);
        self.steps.iter().map(entry).collect()
    }
}

/// The steps of a stored journey. Of one that was running then nobody knows how it went on.
pub(super) fn steps_of_record(record: &JourneyRecord, now: Time) -> Value {
    let entry = |step: &interaction_core::report::journey::Step| {
        let is_lost = record.running && step.ended.is_none();
        let ended = if is_lost { Some(record.ended.max(step.started)) } else { step.ended };
        entry(step.call.as_str(), &step.device, step.kind, step.started, ended, step.partial || is_lost, now)
    };
    record.steps.iter().map(entry).collect()
}

/// `Description` is words for people.
fn entry(
    call: &str,
    device: &str,
    kind: DeviceKind,
    started: Time,
    ended: Option<Time>,
    is_partial: bool,
    now: Time,
) -> Value {
    let kind = match kind {
        DeviceKind::Trigger => "Trigger",
        DeviceKind::Ivr => "IVR",
        DeviceKind::Queue => "CSQ",
        DeviceKind::Agent => "Agent",
        DeviceKind::External => "External",
    };
    let seconds = ended.unwrap_or(now).since(started).as_secs();
    let duration = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut entry = json!({"CallId": call, "Device": device, "DeviceType": kind, "Description": "~words",
        "Duration": duration, "StartedAt": started.as_millis()});
    if is_partial {
        entry["Partial"] = true.into();
    }
    entry
}

/// `{"Calls":[…]}`: newest first, each once.
pub(super) fn list(lines: Vec<Line>, limit: usize) -> Value {
    let sorted: BTreeMap<(Time, String), Line> =
        lines.into_iter().map(|line| ((line.started, line.call.clone()), line)).collect();
    let shown = sorted.into_values().rev().take(limit).map(|line| {
        let mut shown =
            json!({"CallId": line.call, "StartedAt": line.started.as_millis(), "From": line.from, "To": line.to});
        if let Some(ended) = line.ended {
            shown["EndedAt"] = ended.as_millis().into();
        }
        if line.is_partial {
            shown["Partial"] = true.into();
        }
        shown
    });
    json!({"Calls": shown.collect::<Vec<_>>()})
}

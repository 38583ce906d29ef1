//! One journey: its steps, and how they are shown.

use std::collections::BTreeMap;

use interaction_core::cti::{CallKind, Device, DeviceKind, PartyRole};
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
    Dials,
    Rings,
    /// Connected.
    Talks,
    /// Connected on a leg that consults for another.
    Consults,
    /// Connected on a leg that several became.
    Confers,
    /// A supervisor, in whatever way.
    Supervises(PartyRole),
    Holds,
    /// Work after the call.
    Works,
}

impl Does {
    pub(super) fn is_on_call(self) -> bool {
        matches!(self, Self::Talks | Self::Consults | Self::Confers | Self::Supervises(_) | Self::Holds)
    }
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// How many steps had begun by then.
    pub(super) number: u64,
    /// The leg, by the first of its ids.
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
    /// A consultation that says with whom.
    pub(super) is_named: bool,
    /// The queue that brought it, where it rings.
    pub(super) with: String,
    /// Of a queue: the call left it unanswered, as far as is known.
    pub(super) has_left: bool,
}

/// A step about to begin.
pub(super) struct Arrival<'a> {
    pub(super) call: &'a str,
    pub(super) device: &'a Device,
    pub(super) does: Does,
    pub(super) shown: &'a str,
    /// The queue that brings it, where it rings.
    pub(super) with: &'a str,
}

impl Step {
    pub(super) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether it goes on on that leg.
    pub(super) fn is_on(&self, call: &str) -> bool {
        self.is_open() && self.call == call
    }

    /// The device it is at.
    pub(super) fn at(&self) -> Device {
        let agent = self.agent.as_deref().map(Into::into);
        Device { kind: self.kind, id: self.device.as_str().into(), agent, label: "".into() }
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
    /// The ids it goes by; the first is shown.
    pub(super) ids: Vec<String>,
    pub(super) kind: CallKind,
    pub(super) from: String,
    pub(super) to: String,
    /// Its beginning was told.
    pub(super) is_known: bool,
    /// Something of it was told; until then it is a name that others gave.
    pub(super) is_heard: bool,
    pub(super) is_over: bool,
    /// Told during the present resynchronisation.
    pub(super) is_mentioned: bool,
    /// An agent was connected on it.
    pub(super) is_answered: bool,
    /// Several legs became it.
    pub(super) is_conference: bool,
}

impl Call {
    /// One of which nothing is known but its id.
    pub(super) fn named(id: &str) -> Self {
        Self {
            ids: vec![id.to_owned()],
            kind: CallKind::Internal,
            from: String::new(),
            to: String::new(),
            is_known: false,
            is_heard: false,
            is_over: false,
            is_mentioned: false,
            is_answered: false,
            is_conference: false,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.ids[0]
    }

    pub(super) fn is_running(&self) -> bool {
        self.is_heard && !self.is_over
    }
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

    /// The leg that goes by an id.
    pub(super) fn leg_of(&self, call: &str) -> Option<&Call> {
        self.calls.iter().find(|own| own.ids.iter().any(|id| id == call))
    }

    pub(super) fn leg_mut(&mut self, call: &str) -> Option<&mut Call> {
        self.calls.iter_mut().find(|own| own.ids.iter().any(|id| id == call))
    }

    /// What the device does on the leg now, after-call work aside.
    pub(super) fn open_at(&self, call: &str, device: &Device) -> Option<&Step> {
        self.steps.iter().find(|step| step.is_at(call, device))
    }

    /// The device does this on the leg from now on; what it did there before is over.
    pub(super) fn arrive(&mut self, now: Time, number: u64, arrival: &Arrival<'_>, joined: bool) {
        if let Some(open) = self.open_at(arrival.call, arrival.device) {
            if open.does == arrival.does {
                return;
            }
            self.close_where(now, |step| step.is_at(arrival.call, arrival.device));
        }
        self.begin(number, arrival, now, joined);
    }

    pub(super) fn begin(&mut self, number: u64, arrival: &Arrival<'_>, started: Time, joined: bool) {
        let Arrival { call, device, does, shown, with } = *arrival;
        if let Some(agent) = &device.agent {
            self.takes_part(agent.as_str(), does.is_on_call());
        }
        self.steps.push(Step {
            number,
            call: call.to_owned(),
            kind: device.kind,
            device: device.id.to_string(),
            shown: shown.to_owned(),
            agent: device.agent.as_ref().map(ToString::to_string),
            does,
            started,
            ended: (does == Does::Outside).then_some(started),
            is_partial: joined,
            is_named: false,
            with: with.to_owned(),
            has_left: false,
        });
        self.sort();
        self.has_changed = true;
    }

    /// Oldest first; of two that began at once the one told first.
    pub(super) fn sort(&mut self) {
        self.steps.sort_by_key(|step| (step.started, step.number));
    }

    pub(super) fn takes_part(&mut self, agent: &str, talks: bool) {
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
        self.calls.iter().any(Call::is_running)
    }

    /// Whether a device outside is the caller, of whom nothing is told.
    pub(super) fn is_caller(&self, device: &Device) -> bool {
        let calls = |call: &Call| call.kind == CallKind::Inbound && *call.from == *device.id;
        device.kind == DeviceKind::External && self.calls.iter().any(calls)
    }

    pub(super) fn line(&self) -> Line {
        let named = self.calls.iter().find(|call| !call.from.is_empty() || !call.to.is_empty());
        let (from, to) = named.map_or(("", ""), |call| (&*call.from, &*call.to));
        let ended = match self.phase {
            Phase::Running => None,
            Phase::Over(at) | Phase::Final(at) => Some(at),
        };
        let call = self.calls[0].id().to_owned();
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

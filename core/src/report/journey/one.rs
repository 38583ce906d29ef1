//! One journey: its legs, its stays, and the few moves every event is made of.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::live::Watcher;
use super::record::{JourneyRecord, Step};
use super::stay::{Activity, Outcome, Stay};
use super::stays::Stays;
use crate::cti::{CallKind, Cause, Device, DeviceKind};
use crate::ids::{AgentId, CallId};
use crate::time::Time;

/// Texts of a platform are cut to so many bytes: names and numbers are far shorter.
const TEXT_BYTES_MAX: usize = 256;

/// Where a journey is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// A leg is in progress.
    Running,
    /// All legs are over; after-call work may follow.
    Over {
        /// When the last leg ended.
        at: Time,
        /// Why.
        cause: Cause,
    },
    /// Nothing follows; it is kept until the store surely has it.
    Final {
        /// When the last leg ended.
        at: Time,
        /// Why.
        cause: Cause,
    },
}

/// One leg.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) call: CallId,
    pub(super) kind: CallKind,
    pub(super) from: Box<str>,
    pub(super) to: Box<str>,
    /// Its beginning was told, or it was told as it stands.
    pub(super) known: bool,
    /// An event of it was heard: until then it is only a name other legs gave.
    pub(super) heard: bool,
    pub(super) over: bool,
    /// Told during the present resynchronisation.
    pub(super) mentioned: bool,
    /// An agent was connected on it.
    pub(super) answered: bool,
    /// Several legs became this one.
    pub(super) conference: bool,
}

impl Leg {
    /// A leg nothing is known of but its id.
    pub(super) fn named(call: CallId) -> Self {
        Self {
            call,
            kind: CallKind::Internal,
            from: "".into(),
            to: "".into(),
            known: false,
            heard: false,
            over: false,
            mentioned: false,
            answered: false,
            conference: false,
        }
    }

    pub(super) const fn is_running(&self) -> bool {
        self.heard && !self.over
    }
}

/// An agent that took part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Participant {
    pub(super) agent: AgentId,
    /// It talked, and has not yet said what it does afterwards.
    pub(super) awaited: bool,
}

/// What a move needs from outside.
pub(super) struct Context<'a> {
    pub(super) now: Time,
    pub(super) next_seq: &'a mut u64,
    pub(super) steps_max: usize,
    /// The event that opened the leg is under way: what begins now began before.
    pub(super) joined: bool,
}

/// A stay about to begin.
pub(super) struct Arrival<'a> {
    pub(super) leg: u32,
    pub(super) device: &'a Device,
    pub(super) name: &'a str,
    pub(super) activity: Activity,
    pub(super) with: &'a str,
}

/// A journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Journey {
    pub(super) phase: Phase,
    /// Why the leg ended that ended last.
    pub(super) last_cause: Cause,
    pub(super) started: Time,
    pub(super) heard: Time,
    pub(super) due: Time,
    /// The deadline in the table, never later than `due`.
    pub(super) armed: Time,
    /// Never empty; the first names the journey.
    pub(super) legs: Vec<Leg>,
    /// Every id that finds it.
    pub(super) ids: Vec<CallId>,
    pub(super) stays: Stays,
    pub(super) truncated: u32,
    pub(super) participants: Vec<Participant>,
    pub(super) watchers: Vec<Watcher>,
    /// Changed since the watchers were told.
    pub(super) changed: bool,
    /// Changed since the record was handed out.
    pub(super) revised: bool,
    /// A step ended since the record was handed out.
    pub(super) grown: bool,
    /// Listed among those to hand out while they run.
    pub(super) saving: bool,
    /// Listed among those to tell watchers of.
    pub(super) listed: bool,
}

impl Journey {
    pub(super) fn new(now: Time) -> Self {
        Self {
            phase: Phase::Running,
            last_cause: Cause::Other,
            started: now,
            heard: now,
            due: now,
            armed: now,
            legs: Vec::new(),
            ids: Vec::new(),
            stays: Stays::default(),
            truncated: 0,
            participants: Vec::new(),
            watchers: Vec::new(),
            changed: false,
            revised: false,
            grown: false,
            saving: false,
            listed: false,
        }
    }

    pub(super) fn leg(&mut self, leg: u32) -> &mut Leg {
        &mut self.legs[leg as usize]
    }

    pub(super) fn is_running(&self) -> bool {
        self.legs.iter().any(Leg::is_running)
    }

    /// How many of its legs the agent is on, or is called on.
    pub(super) fn legs_at(&self, agent: &AgentId) -> u32 {
        let at = |stay: &&Stay| {
            let is_call = stay.activity.is_on_call() || matches!(stay.activity, Activity::Dialing | Activity::Ringing);
            is_call && stay.agent.as_ref() == Some(agent)
        };
        let legs: BTreeSet<u32> = self.stays.open().filter(at).map(|stay| stay.leg).collect();
        u32::try_from(legs.len()).unwrap_or(u32::MAX)
    }

    /// Whether `device` is the caller of an inbound leg, of whom no events come: that the leg began stands for it.
    pub(super) fn is_caller(&self, device: &Device) -> bool {
        device.kind == DeviceKind::External
            && self.legs.iter().any(|leg| leg.kind == CallKind::Inbound && *leg.from == *cut(&device.id))
    }

    /// Nothing more is expected: no stay is open, every agent who talked said what it does afterwards.
    pub(super) fn is_quiet(&self) -> bool {
        self.stays.open().next().is_none() && self.participants.iter().all(|one| !one.awaited)
    }

    /// Something was heard of it: it waits as long for the next.
    pub(super) fn hear(&mut self, now: Time, silence_ms: u32) {
        self.heard = now;
        self.due = now + Duration::from_millis(silence_ms.into());
    }

    pub(super) fn touch(&mut self) {
        self.changed = true;
        self.revised = true;
    }

    /// The device does `activity` on the leg from now on. The same again only brings a name; anything else it did there ends.
    pub(super) fn arrive(&mut self, context: &mut Context<'_>, arrival: &Arrival<'_>) {
        let open = self.open_at(arrival.leg, arrival.device.kind, &arrival.device.id);
        if let Some(index) = open {
            let stay = &mut self.stays[index];
            if stay.activity == arrival.activity {
                let renamed = stay.name.is_empty() && !arrival.name.is_empty();
                if renamed {
                    stay.name = clip(arrival.name);
                    self.touch();
                }
                return;
            }
            self.close(index, context.now, Outcome::Plain);
        }
        self.begin(context, arrival, context.now);
    }

    /// Begins a stay at `started`, whatever else is open.
    pub(super) fn begin(&mut self, context: &mut Context<'_>, arrival: &Arrival<'_>, started: Time) {
        let device = arrival.device;
        if let Some(agent) = &device.agent {
            self.take_part(agent, context.steps_max, arrival.activity.is_on_call());
        }
        *context.next_seq += 1;
        let moment = matches!(arrival.activity, Activity::Incoming | Activity::Outgoing);
        let stay = Stay {
            seq: *context.next_seq,
            leg: arrival.leg,
            kind: device.kind,
            device: clip(&device.id),
            agent: device.agent.clone(),
            activity: arrival.activity,
            name: clip(arrival.name),
            with: clip(arrival.with),
            started,
            ended: moment.then_some(started),
            outcome: Outcome::Plain,
            partial: context.joined,
        };
        self.make_room(context.steps_max);
        self.touch();
        if self.stays.len() >= context.steps_max {
            self.truncated = self.truncated.saturating_add(1);
            return;
        }
        self.grown |= moment;
        self.stays.insert(stay);
    }

    /// Drops the oldest ended stays, save for the very first, until one more fits; the one after the gap is marked.
    pub(super) fn make_room(&mut self, steps_max: usize) {
        while self.stays.len() >= steps_max {
            let Some(next) = self.stays.drop_oldest() else { return };
            if let Some(next) = next {
                next.partial = true;
            }
            self.truncated = self.truncated.saturating_add(1);
        }
    }

    pub(super) fn close(&mut self, index: usize, now: Time, outcome: Outcome) {
        self.stays.end(index, now).outcome = outcome;
        self.grown = true;
        self.touch();
    }

    /// Closes what is open and `which` picks; `outcome` says what came of each.
    pub(super) fn close_where(&mut self, now: Time, which: impl Fn(&Stay) -> bool, outcome: impl Fn(&Stay) -> Outcome) {
        let mut from = 0;
        while let Some(index) = self.stays.next_open(from) {
            from = index + 1;
            let stay = &self.stays[index];
            if which(stay) {
                let outcome = outcome(stay);
                self.close(index, now, outcome);
            }
        }
    }

    /// What the device does on the leg now, after-call work aside.
    pub(super) fn open_at(&self, leg: u32, kind: DeviceKind, device: &str) -> Option<usize> {
        let device = cut(device);
        self.stays.find_open(|stay| {
            stay.leg == leg && stay.kind == kind && &*stay.device == device && stay.activity != Activity::Work
        })
    }

    /// Who is consulted is known once both are connected: gives each open consultation the name of the other.
    pub(super) fn name_consulted(&mut self, leg: u32) {
        let mut from = 0;
        while let Some(index) = self.stays.next_open(from) {
            from = index + 1;
            let stay = &self.stays[index];
            if !(stay.leg == leg && stay.activity == Activity::Consult && stay.with.is_empty()) {
                continue;
            }
            let is_other =
                |other: &&Stay| other.seq != stay.seq && other.leg == leg && other.activity == Activity::Consult;
            let with = self.stays.open().find(is_other).map(|other| other.shown_name().into());
            if let Some(with) = with {
                self.stays[index].with = with;
                self.touch();
            }
        }
    }

    pub(super) fn take_part(&mut self, agent: &AgentId, max: usize, talks: bool) {
        if let Some(one) = self.participants.iter_mut().find(|one| one.agent == *agent) {
            one.awaited |= talks;
        } else if self.participants.len() < max {
            self.participants.push(Participant { agent: agent.clone(), awaited: talks });
        }
    }

    /// The agent said what it does after its talk.
    pub(super) fn answered_for(&mut self, agent: &AgentId) {
        if let Some(one) = self.participants.iter_mut().find(|one| one.agent == *agent) {
            one.awaited = false;
        }
    }

    /// Ends the running legs `which` picks without knowing when they really ended.
    pub(super) fn lose(&mut self, now: Time, which: impl Fn(&Leg) -> bool) {
        for leg in 0..self.legs.len() {
            if !self.legs[leg].is_running() || !which(&self.legs[leg]) {
                continue;
            }
            self.legs[leg].over = true;
            self.last_cause = Cause::Other;
            let mut from = 0;
            while let Some(index) = self.stays.next_open(from) {
                from = index + 1;
                let stay = &self.stays[index];
                if stay.leg as usize == leg && stay.activity != Activity::Work {
                    self.close(index, now, Outcome::Plain);
                    self.stays[index].partial = true;
                }
            }
        }
    }

    /// Waits for nothing more: no word of the agents comes any more.
    pub(super) fn give_up(&mut self, now: Time) {
        while let Some(index) = self.stays.next_open(0) {
            self.close(index, now, Outcome::Plain);
            self.stays[index].partial = true;
        }
        for one in &mut self.participants {
            one.awaited = false;
        }
    }

    /// The steps as others see them, oldest first.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.stays.iter().map(|stay| Step {
            call: self.legs[stay.leg as usize].call.clone(),
            device: stay.shown_device().into(),
            kind: stay.kind,
            description: stay.description().into(),
            started: stay.started,
            ended: stay.ended,
            partial: stay.partial,
        })
    }

    /// Who called and what was called: of the first leg that knows.
    pub(super) fn ends(&self) -> (&str, &str) {
        let known = self.legs.iter().find(|leg| !leg.from.is_empty() || !leg.to.is_empty());
        known.map_or(("", ""), |leg| (&leg.from, &leg.to))
    }

    pub(super) fn has_number(&self, number: &str) -> bool {
        self.legs.iter().any(|leg| &*leg.from == number || &*leg.to == number)
    }

    /// The record to hand out now.
    pub(super) fn record(&mut self, now: Time) -> JourneyRecord {
        self.revised = false;
        self.grown = false;
        match self.phase {
            Phase::Running => self.written(now, Cause::Other, true),
            Phase::Over { at, cause } | Phase::Final { at, cause } => self.written(at, cause, false),
        }
    }

    fn written(&self, ended: Time, cause: Cause, running: bool) -> JourneyRecord {
        let (from, to) = self.ends();
        let first = &self.legs[0].call;
        let mut numbers: Vec<Box<str>> = Vec::new();
        for number in self.legs.iter().flat_map(|leg| [&leg.from, &leg.to]) {
            if !number.is_empty() && !numbers.contains(number) {
                numbers.push(number.clone());
            }
        }
        let others = self.ids.iter().filter(|id| *id != first);
        JourneyRecord {
            legs: std::iter::once(first).chain(others).cloned().collect(),
            from: from.into(),
            to: to.into(),
            numbers,
            started: self.started,
            ended,
            cause,
            agents: self.participants.iter().map(|one| one.agent.clone()).collect(),
            steps: self.steps().collect(),
            truncated: self.truncated,
            running,
        }
    }
}

/// A platform's text as it is kept.
pub(super) fn clip(text: &str) -> Box<str> {
    cut(text).into()
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

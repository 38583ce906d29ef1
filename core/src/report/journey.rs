//! Where a call has been: the journeys of calls, made from what the platform tells of their legs.
//!
//! A journey joins all legs that belong together: those that consult for another, were transferred or conferenced into
//! one, or go by a further id. Any of these ids finds the whole journey. Its life: *running* while a leg is in progress;
//! *over* when the last leg ended, for as long as an agent who talked has not said what it does next (at most `linger_ms`)
//! or does after-call work; *final* for `kept_ms` more, so that a store can write it before it is forgotten here.
//!
//! Platforms promise no order across devices, so every event is taken as it comes: an event that tells of life
//! on an unknown leg opens a journey whose first steps are partial; one that only ends something there is ignored, and
//! so is everything of a leg that ended, except that a resynchronisation which shows it in progress opens it again.

mod flow;
mod join;
mod json;
mod live;
mod one;
mod record;
mod resync;
mod stay;
mod stays;
#[cfg(test)]
mod tests;
mod unite;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cti::{AgentState, CallEvent, Device, DeviceKind, QueueRecord};
use crate::ids::{AgentId, CallId, LinkId, QueueId};
use crate::limits::JourneyLimits;
use crate::map::Map;
use crate::time::Time;

pub use json::write_recent;
pub use live::{BeginError, JourneyEvent, JourneySink};
pub use record::{CallLine, JourneyRecord, Step, merge_recent};

use one::{Arrival, Context, Journey, Phase, clip};
use stay::{Activity, Outcome};

/// Who knows the names of agents.
pub trait Names {
    /// The name people read, where known.
    fn agent_name(&self, agent: &AgentId) -> Option<&str>;
}

/// Every journey in progress or ended a short while ago, and who follows them live. A plain value.
///
/// After each input that reached it: [`Journeys::flush`]. At [`Journeys::poll_timeout`]: [`Journeys::tick`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journeys {
    limits: JourneyLimits,
    queues: Map<QueueId, Queue>,
    /// Where each id leads.
    ids: Map<CallId, Place>,
    /// By number; numbers rise in the order journeys were first heard of.
    journeys: BTreeMap<u64, Journey>,
    /// The journey each agent talked on last.
    last: Map<AgentId, u64>,
    deadlines: BTreeSet<(Time, u64)>,
    /// What each link follows, by the id it asked for.
    links: Map<LinkId, Vec<CallId>>,
    /// Journeys whose watchers are to be told something.
    listed: Vec<u64>,
    /// Watchers of journeys that had to go at once.
    farewells: Vec<(LinkId, CallId)>,
    /// Records to hand out.
    records: Vec<JourneyRecord>,
    /// Running journeys to hand out, by when.
    saves: VecDeque<(Time, u64)>,
    resyncing: bool,
    next_journey: u64,
    next_seq: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Queue {
    name: Box<str>,
    mentioned: bool,
}

/// A leg: its journey, and its place among the journey's legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    journey: u64,
    leg: u32,
}

/// What goes with one event.
#[derive(Clone, Copy)]
struct Turn<'a> {
    now: Time,
    names: &'a dyn Names,
    /// The event opened the leg mid-call.
    joined: bool,
}

impl Journeys {
    /// No journeys.
    pub fn new(seed: u64, limits: JourneyLimits) -> Self {
        Self {
            limits,
            queues: Map::new(seed),
            ids: Map::new(seed),
            journeys: BTreeMap::new(),
            last: Map::new(seed),
            deadlines: BTreeSet::new(),
            links: Map::new(seed),
            listed: Vec::new(),
            farewells: Vec::new(),
            records: Vec::new(),
            saves: VecDeque::new(),
            resyncing: false,
            next_journey: 0,
            next_seq: 0,
        }
    }

    /// Applies what happened to a leg.
    pub fn apply(&mut self, now: Time, event: &CallEvent, names: &dyn Names) {
        if let Some(journey) = self.route(Turn { now, names, joined: false }, event) {
            self.settle(now, journey);
        }
    }

    /// A queue is new, or its name changed. Steps that began before keep the name they began with.
    pub fn queue(&mut self, queue: &QueueRecord) {
        if self.queues.contains_key(&queue.id) || self.queues.len() < self.limits.queues_max as usize {
            self.queues.insert(queue.id.clone(), Queue { name: clip(&queue.name), mentioned: true });
        }
    }

    /// A queue is gone.
    pub fn queue_removed(&mut self, queue: &QueueId) {
        self.queues.swap_remove(queue);
    }

    /// An agent does something else now. Work after a talk is a step of the journey it talked on last, until the agent's next
    /// state, even when the call is over by then.
    pub fn agent_status(
        &mut self,
        now: Time,
        agent: &AgentId,
        state: AgentState,
        since: Option<Time>,
        names: &dyn Names,
    ) {
        let Some(no) = self.last.get(agent).copied() else { return };
        let turn = Turn { now, names, joined: false };
        self.edit(turn, no, |journey, context| {
            let own = |stay: &stay::Stay| stay.agent.as_ref() == Some(agent);
            if state != AgentState::Work {
                journey.close_where(now, |stay| stay.activity == Activity::Work && own(stay), |_| Outcome::Plain);
                let on_call = journey.stays.open().any(|stay| stay.activity.is_on_call() && own(stay));
                let elsewhere = matches!(state, AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready);
                if elsewhere && !on_call {
                    journey.answered_for(agent);
                }
                return;
            }
            let talk =
                journey.stays.iter().filter(|stay| stay.activity.is_on_call() && own(stay)).max_by_key(|s| s.seq);
            let working = journey.stays.open().any(|stay| stay.activity == Activity::Work && own(stay));
            let awaited = !working && journey.participants.iter().any(|one| one.agent == *agent && one.awaited);
            if let (Some(talk), true) = (talk.cloned(), awaited && !matches!(journey.phase, Phase::Final { .. })) {
                let device = Device { kind: talk.kind, id: talk.device, agent: talk.agent, label: "".into() };
                let arrival =
                    Arrival { leg: talk.leg, device: &device, name: &talk.name, activity: Activity::Work, with: "" };
                let started = since.unwrap_or(now).max(talk.started).min(now);
                journey.begin(context, &arrival, started);
                journey.heard = now;
            }
            journey.answered_for(agent);
        });
        self.settle(now, no);
    }

    /// The journey a leg belongs to, as the array that stands as `CallJourney`: appended to `out`. False where no leg of
    /// that id is known here; the store may know it.
    pub fn write_json(&self, out: &mut Vec<u8>, call: &CallId, now: Time) -> bool {
        let Some(journey) = self.find(call) else { return false };
        json::write_steps(out, journey.steps(), now);
        true
    }

    /// The agents that took part in the journey of a leg; none where it is unknown here.
    pub fn took_part(&self, call: &CallId) -> Option<impl Iterator<Item = &AgentId>> {
        self.find(call).map(|journey| journey.participants.iter().map(|one| &one.agent))
    }

    /// Whether the journey of that leg is known here.
    pub fn knows(&self, call: &CallId) -> bool {
        self.ids.contains_key(call)
    }

    /// How many legs ring at the agent, are dialled by it, or have it connected or holding.
    pub fn calls_of(&self, agent: &AgentId) -> u32 {
        let running = self.journeys.values().filter(|journey| matches!(journey.phase, Phase::Running));
        running.map(|journey| journey.legs_at(agent)).sum()
    }

    /// The calls known here, newest first, running ones and those that just ended; `number` keeps those it called or was
    /// called on.
    pub fn recent(&self, limit: usize, number: Option<&str>) -> Vec<CallLine> {
        let matching = self.journeys.values().filter(|one| number.is_none_or(|number| one.has_number(number)));
        // Lines are made of those that are listed only: there may be ten thousands of others.
        let mut newest: Vec<&Journey> = matching.collect();
        newest.sort_unstable_by(|a, b| b.started.cmp(&a.started).then_with(|| b.legs[0].call.cmp(&a.legs[0].call)));
        newest.truncate(limit);
        let lines = newest.into_iter().map(|journey| {
            let (from, to) = journey.ends();
            CallLine {
                call: journey.legs[0].call.clone(),
                started: journey.started,
                ended: match journey.phase {
                    Phase::Running => None,
                    Phase::Over { at, .. } | Phase::Final { at, .. } => Some(at),
                },
                from: from.into(),
                to: to.into(),
                partial: false,
            }
        });
        lines.collect()
    }

    /// How many journeys are known.
    pub fn len(&self) -> usize {
        self.journeys.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.journeys.is_empty()
    }

    /// When to call [`Journeys::tick`] at the latest; it may find nothing to do.
    pub fn poll_timeout(&self) -> Option<Time> {
        let saved = self.saves.front().map(|(at, _)| *at);
        self.deadlines.first().map(|(at, _)| *at).into_iter().chain(saved).min()
    }

    /// Hands out every running journey that changed since it was handed out: the server goes down.
    pub fn store_all(&mut self, now: Time) {
        let running = |journey: &&mut Journey| journey.revised && matches!(journey.phase, Phase::Running);
        self.records.extend(self.journeys.values_mut().filter(running).map(|journey| journey.record(now)));
    }

    /// Hands out what grew, closes what heard nothing for too long, ends the wait for after-call work, forgets what the store
    /// has.
    pub fn tick(&mut self, now: Time) {
        while let Some((_, no)) = self.saves.pop_front_if(|(at, _)| *at <= now) {
            let Some(journey) = self.journeys.get_mut(&no) else { continue };
            journey.saving = false;
            if journey.grown && matches!(journey.phase, Phase::Running) {
                self.records.push(journey.record(now));
            }
        }
        while let Some(&(at, no)) = self.deadlines.first().filter(|(at, _)| *at <= now) {
            self.deadlines.remove(&(at, no));
            let Some(journey) = self.journeys.get_mut(&no) else { continue };
            if journey.due <= now {
                match journey.phase {
                    Phase::Running => journey.lose(now, |_| true),
                    Phase::Over { .. } => journey.give_up(now),
                    Phase::Final { .. } => {
                        self.forget(no);
                        continue;
                    }
                }
                self.settle(now, no);
            }
            self.arm(no);
        }
    }

    /// INVARIANT: every journey is in the table of deadlines, from its beginning and again whenever its deadline was taken out.
    fn arm(&mut self, no: u64) {
        let Some(journey) = self.journeys.get_mut(&no) else { return };
        journey.armed = journey.due;
        self.deadlines.insert((journey.due, no));
    }

    fn find(&self, call: &CallId) -> Option<&Journey> {
        self.journeys.get(&self.ids.get(call)?.journey)
    }

    fn edit<R>(
        &mut self,
        turn: Turn<'_>,
        no: u64,
        change: impl FnOnce(&mut Journey, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let journey = self.journeys.get_mut(&no)?;
        let steps_max = self.limits.steps_max.max(1) as usize;
        let mut context = Context { now: turn.now, next_seq: &mut self.next_seq, steps_max, joined: turn.joined };
        Some(change(journey, &mut context))
    }

    /// The device does `activity` on the leg from now on.
    fn arrive(&mut self, turn: Turn<'_>, place: Place, device: &Device, activity: Activity, with: &str) {
        let Self { journeys, queues, limits, next_seq, .. } = self;
        let Some(journey) = journeys.get_mut(&place.journey) else { return };
        let name = name_of(queues, turn, device);
        let steps_max = limits.steps_max.max(1) as usize;
        let mut context = Context { now: turn.now, next_seq, steps_max, joined: turn.joined };
        journey.arrive(&mut context, &Arrival { leg: place.leg, device, name, activity, with });
        if let (Some(agent), true) = (&device.agent, activity.is_on_call()) {
            self.last.insert(agent.clone(), place.journey);
        }
    }

    /// Brings a journey's phase, deadline and announcements up to date after a change.
    fn settle(&mut self, now: Time, no: u64) {
        let Some(journey) = self.journeys.get_mut(&no) else { return };
        let limits = &self.limits;
        let mut just_over = false;
        match journey.phase {
            Phase::Running if !journey.is_running() => {
                journey.close_where(now, |stay| stay.activity != Activity::Work, |_| Outcome::Plain);
                journey.phase = Phase::Over { at: now, cause: journey.last_cause };
                journey.revised = true;
                just_over = true;
            }
            Phase::Over { .. } | Phase::Final { .. } if journey.is_running() => journey.phase = Phase::Running,
            Phase::Running | Phase::Over { .. } | Phase::Final { .. } => {}
        }
        let mut ended = false;
        if let (Phase::Over { at, cause }, true) = (journey.phase, journey.is_quiet()) {
            journey.phase = Phase::Final { at, cause };
            journey.due = now + Duration::from_millis(limits.kept_ms.into());
            ended = true;
        }
        match journey.phase {
            Phase::Running => {
                journey.due = journey.heard + Duration::from_millis(limits.silence_ms.into());
                if journey.grown && !journey.saving {
                    journey.saving = true;
                    self.saves.push_back((now + Duration::from_millis(limits.store_after_ms.into()), no));
                }
            }
            Phase::Over { at, .. } => {
                let working = journey.stays.open().next().is_some();
                journey.due = if working {
                    journey.heard + Duration::from_millis(limits.silence_ms.into())
                } else {
                    at + Duration::from_millis(limits.linger_ms.into())
                };
                if journey.revised && (just_over || !working) {
                    self.records.push(journey.record(now));
                }
            }
            Phase::Final { .. } => {
                if journey.revised {
                    self.records.push(journey.record(now));
                }
            }
        }
        if journey.due < journey.armed {
            self.deadlines.remove(&(journey.armed, no));
            journey.armed = journey.due;
            self.deadlines.insert((journey.due, no));
        }
        if journey.watchers.is_empty() {
            journey.changed = false;
        } else if (journey.changed || ended) && !journey.listed {
            journey.listed = true;
            self.listed.push(no);
        }
    }

    /// Forgets a journey and everything that leads to it.
    fn forget(&mut self, no: u64) {
        let Some(journey) = self.journeys.remove(&no) else { return };
        self.deadlines.remove(&(journey.armed, no));
        for id in &journey.ids {
            self.ids.swap_remove(id);
        }
        for one in &journey.participants {
            if self.last.get(&one.agent) == Some(&no) {
                self.last.swap_remove(&one.agent);
            }
        }
        for watcher in journey.watchers {
            self.unlink(watcher.link, &watcher.asked);
            self.farewells.push((watcher.link, watcher.asked));
        }
    }
}

/// The name people read of a device; empty where unknown.
fn name_of<'a>(queues: &'a Map<QueueId, Queue>, turn: Turn<'a>, device: &'a Device) -> &'a str {
    if !device.label.is_empty() {
        return &device.label;
    }
    if device.kind == DeviceKind::Queue {
        return queues.get(&*device.id).map_or("", |queue| &queue.name);
    }
    let Some(agent) = &device.agent else { return "" };
    turn.names.agent_name(agent).unwrap_or(agent.as_str())
}

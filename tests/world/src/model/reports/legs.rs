//! All journeys: what each event of a call, and each state of an agent, adds to them.
//!
//! Calls that are joined into others (consultations, transfers, conferences, further ids) are not modelled: worlds whose
//! platform tells of such do not ask for journeys.

use std::collections::BTreeMap;
use std::time::Duration;

use interaction_core::cti::{AgentState, CallEvent, CallKind, Cause, Device, DeviceKind, QueueRecord};
use interaction_core::ids::QueueId;
use interaction_core::limits::JourneyLimits;
use interaction_core::time::Time;
use serde_json::Value;

use super::journey::{Call, Does, Follower, Journey, Line, Phase, Tell};
use crate::model::Fault;

/// Everything known of calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journeys {
    /// By number, in the order in which they were first heard of.
    journeys: BTreeMap<u64, Journey>,
    next: u64,
    next_follower: u64,
    /// Names of queues, and whether the present resynchronisation mentioned them.
    queues: BTreeMap<String, (String, bool)>,
    /// The journey each agent talked on last.
    last: BTreeMap<String, u64>,
    is_resyncing: bool,
    /// Followers of journeys that were forgotten before they could be told of the end.
    farewells: Vec<(u64, String)>,
}

fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis.into())
}

impl Journeys {
    fn number_of(&self, call: &str) -> Option<u64> {
        let has = |journey: &&Journey| journey.calls.iter().any(|own| own.id == call);
        self.journeys.iter().find(|(_, journey)| has(journey)).map(|(number, _)| *number)
    }

    pub(super) fn agents_of(&self, call: &str) -> Option<Vec<String>> {
        let journey = &self.journeys[&self.number_of(call)?];
        Some(journey.agents.iter().map(|(agent, _)| agent.clone()).collect())
    }

    pub(super) fn steps_of(&self, call: &str, now: Time) -> Value {
        self.number_of(call).map_or(Value::Null, |number| self.journeys[&number].shown(now))
    }

    /// How many calls ring at the agent, or have it on them.
    pub(in crate::model) fn calls_of(&self, agent: &str) -> u64 {
        let running = self.journeys.values().filter(|journey| journey.phase == Phase::Running);
        let busy = |journey: &&Journey| {
            let own = |does: Does| does.is_on_call() || does == Does::Rings;
            journey.steps.iter().any(|step| step.is_open() && own(step.does) && step.agent.as_deref() == Some(agent))
        };
        running.filter(busy).count() as u64
    }

    pub(super) fn lines(&self, number: Option<&str>) -> Vec<Line> {
        let is_of = |journey: &&Journey| {
            number.is_none_or(|number| journey.calls.iter().any(|call| call.from == number || call.to == number))
        };
        self.journeys.values().filter(is_of).map(Journey::line).collect()
    }

    /// Ids of calls that are known now.
    pub(crate) fn known(&self) -> Vec<String> {
        self.journeys.values().flat_map(|journey| &journey.calls).map(|call| call.id.clone()).collect()
    }

    pub(super) fn followed(&self, link: u64) -> Vec<String> {
        let all = self.journeys.values().flat_map(|journey| &journey.followers);
        let mut own: Vec<&Follower> = all.filter(|follower| follower.link == link).collect();
        own.sort_by_key(|follower| follower.order);
        own.into_iter().map(|follower| follower.asked.clone()).collect()
    }

    pub(super) fn begin(&mut self, link: u64, call: &str) -> Result<(), Fault> {
        let number = self.number_of(call).ok_or_else(|| Fault::new("call.unknown"))?;
        let followed = self.followed(link).len();
        self.next_follower += 1;
        let Some(journey) = self.journeys.get_mut(&number) else { return Ok(()) };
        let own = journey.followers.iter_mut().find(|own| own.link == link && own.asked == call);
        match own {
            Some(own) => own.is_fresh = true,
            None if followed >= JourneyLimits::default().live_per_link_max as usize => {
                return Err(Fault::new("rate.limited"));
            }
            None => journey.followers.push(Follower {
                link,
                asked: call.to_owned(),
                is_fresh: true,
                order: self.next_follower,
            }),
        }
        if let Phase::Final(_) = journey.phase {
            journey.has_ended = true;
        }
        Ok(())
    }

    pub(super) fn end(&mut self, link: u64, call: &str) {
        for journey in self.journeys.values_mut() {
            journey.followers.retain(|own| own.link != link || own.asked != call);
        }
    }

    pub(super) fn drop_link(&mut self, link: u64) {
        for journey in self.journeys.values_mut() {
            journey.followers.retain(|own| own.link != link);
        }
    }

    pub(in crate::model) fn queue(&mut self, queue: &QueueRecord) {
        self.queues.insert(queue.id.to_string(), (queue.name.to_string(), true));
    }

    pub(in crate::model) fn queue_removed(&mut self, queue: &QueueId) {
        self.queues.remove(queue.as_str());
    }

    pub(in crate::model) fn resync_begin(&mut self) {
        self.is_resyncing = true;
        self.journeys.values_mut().flat_map(|journey| &mut journey.calls).for_each(|call| call.is_mentioned = false);
        self.queues.values_mut().for_each(|(_, is_mentioned)| *is_mentioned = false);
    }

    pub(in crate::model) fn down(&mut self) {
        self.is_resyncing = false;
    }

    /// Calls nobody mentioned ended unseen.
    pub(in crate::model) fn resync_end(&mut self, now: Time) {
        self.is_resyncing = false;
        self.queues.retain(|_, (_, is_mentioned)| *is_mentioned);
        for number in self.journeys.keys().copied().collect::<Vec<_>>() {
            self.lose(now, number, |call| !call.is_mentioned);
        }
    }

    fn lose(&mut self, now: Time, number: u64, which: impl Fn(&Call) -> bool) {
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        let lost: Vec<String> =
            journey.calls.iter().filter(|call| !call.is_over && which(call)).map(|call| call.id.clone()).collect();
        if lost.is_empty() {
            return;
        }
        journey.calls.iter_mut().filter(|call| lost.contains(&call.id)).for_each(|call| call.is_over = true);
        journey.lose_where(now, |step| lost.contains(&step.call) && step.does != Does::Works);
        self.settle(now, number);
    }

    /// An agent does something else. Work after a talk is a step of the journey it talked on last.
    pub(in crate::model) fn agent_does(&mut self, now: Time, agent: &str, state: AgentState, since: Option<Time>) {
        let Some(number) = self.last.get(agent).copied() else { return };
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        if state == AgentState::Work {
            let talk =
                journey.steps.iter().rfind(|step| step.does.is_on_call() && step.agent.as_deref() == Some(agent));
            let works = |step: &super::journey::Step| step.is_open() && step.does == Does::Works;
            let is_working = journey.steps.iter().any(|step| works(step) && step.agent.as_deref() == Some(agent));
            let may_work = !is_working && !matches!(journey.phase, Phase::Final(_));
            if let (Some(talk), true) = (talk.cloned(), journey.awaits(agent) && may_work) {
                let device =
                    Device { kind: talk.kind, id: talk.device.into(), agent: Some(agent.into()), label: "".into() };
                let started = since.unwrap_or(now).max(talk.started).min(now);
                journey.begin(now, &talk.call, &device, Does::Works, talk.shown, started, false);
                journey.heard = now;
            }
            journey.has_said(agent);
        } else {
            let own = |step: &super::journey::Step| step.agent.as_deref() == Some(agent);
            journey.close_where(now, |step| step.does == Does::Works && own(step));
            let on_call = journey.steps.iter().any(|step| step.is_open() && step.does.is_on_call() && own(step));
            if matches!(state, AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready) && !on_call {
                journey.has_said(agent);
            }
        }
        self.settle(now, number);
    }

    /// Something happens to a call.
    pub(in crate::model) fn call(&mut self, now: Time, event: &CallEvent) {
        match event {
            CallEvent::Began { call, kind, from, to, .. } => {
                if self.number_of(call.as_str()).is_some() {
                    return self.mention(now, call.as_str());
                }
                let number = self.open(now, call.as_str());
                let Some(journey) = self.journeys.get_mut(&number) else { return };
                let leg = &mut journey.calls[0];
                (leg.from, leg.to) = (from.to_string(), to.to_string());
                leg.is_inbound = *kind == CallKind::Inbound;
                let outside = match kind {
                    CallKind::Inbound => Some(from),
                    CallKind::Outbound => Some(to),
                    CallKind::Internal | CallKind::Consult => None,
                };
                if let Some(outside) = outside {
                    let device =
                        Device { kind: DeviceKind::External, id: outside.clone(), agent: None, label: "".into() };
                    journey.begin(now, call.as_str(), &device, Does::Outside, outside.to_string(), now, false);
                }
                journey.has_changed = true;
                self.settle(now, number);
            }
            CallEvent::Ringing { call, device, .. } => self.living(now, call.as_str(), |now, call, journey, joined| {
                let shown = device.id.to_string();
                match device.kind {
                    DeviceKind::Trigger => journey.arrive(now, call, device, Does::Trigger, shown, joined),
                    DeviceKind::Ivr => script(journey, now, call, device, joined),
                    DeviceKind::Agent | DeviceKind::External => {
                        let is_there = journey.steps.iter().any(|step| step.is_at(call, device));
                        if !is_there && !journey.is_caller(device) {
                            journey.arrive(now, call, device, Does::Rings, shown, joined);
                        }
                    }
                    DeviceKind::Queue => {}
                }
            }),
            CallEvent::Connected { call, device, .. } => {
                self.living(now, call.as_str(), |now, call, journey, joined| {
                    connect(journey, now, call, device, joined);
                });
                self.talked(call.as_str(), device);
            }
            CallEvent::Queued { call, queues } => {
                let names: Vec<(Device, String)> = queues.iter().map(|queue| self.queue_device(queue)).collect();
                self.living(now, call.as_str(), |now, call, journey, joined| {
                    let before = |step: &super::journey::Step| matches!(step.does, Does::Trigger | Does::Script);
                    journey.close_where(now, |step| step.call == call && before(step));
                    for (device, name) in &names {
                        journey.arrive(now, call, device, Does::Queue, name.clone(), joined);
                    }
                });
            }
            CallEvent::Held { call, device } | CallEvent::Retrieved { call, device } => {
                let does = if matches!(event, CallEvent::Held { .. }) { Does::Holds } else { Does::Talks };
                self.living(now, call.as_str(), |now, call, journey, joined| {
                    let is_person = matches!(device.kind, DeviceKind::Agent | DeviceKind::External);
                    if is_person && !journey.is_caller(device) {
                        journey.arrive(now, call, device, does, device.id.to_string(), joined);
                    }
                });
                self.talked(call.as_str(), device);
            }
            CallEvent::Dequeued { call, queues } => self.known_call(now, call.as_str(), |now, call, journey| {
                let named = |id: &str| queues.is_empty() || queues.iter().any(|queue| queue.as_str() == id);
                let own = |step: &super::journey::Step| step.does == Does::Queue && named(&step.device);
                journey.close_where(now, |step| step.call == call && own(step));
            }),
            CallEvent::Diverted { call, device, .. } | CallEvent::Left { call, device, .. } => {
                self.known_call(now, call.as_str(), |now, call, journey| {
                    journey.close_where(now, |step| step.is_at(call, device));
                });
            }
            CallEvent::Ended { call, cause } => self.known_call(now, call.as_str(), |now, call, journey| {
                // Platforms take the call of somebody who gave up out of its queue before they end it: the queue says so then.
                let own = |step: &&super::journey::Step| step.call == call && step.does != Does::Works;
                let is_answered = journey.steps.iter().filter(own).any(|step| step.does.is_on_call());
                let left_queue = journey.steps.iter().rfind(own).is_some_and(|step| step.does == Does::Queue);
                journey.has_changed |= left_queue && !is_answered && *cause == Cause::Abandoned;
                journey.calls.iter_mut().filter(|own| own.id == call).for_each(|own| own.is_over = true);
                journey.close_where(now, |step| step.call == call && step.does != Does::Works);
            }),
            CallEvent::Data { call, .. } | CallEvent::Recording { call, .. } => self.mention(now, call.as_str()),
            // Not told by a platform whose journeys are asked for.
            CallEvent::Seen(_)
            | CallEvent::Dialing { .. }
            | CallEvent::Failed { .. }
            | CallEvent::Transferred { .. }
            | CallEvent::Conferenced { .. }
            | CallEvent::Renamed { .. } => {}
        }
    }

    /// A journey of its own for a call nobody told of before.
    fn open(&mut self, now: Time, call: &str) -> u64 {
        self.next += 1;
        let (from, to) = (String::new(), String::new());
        let call = Call { id: call.to_owned(), from, to, is_inbound: false, is_over: false, is_mentioned: true };
        self.journeys.insert(self.next, Journey::new(now, call));
        self.next
    }

    /// An event that tells of life: it opens a call nobody told of, partial; of one that is over it is a late one.
    fn living(&mut self, now: Time, call: &str, does: impl FnOnce(Time, &str, &mut Journey, bool)) {
        let joined = self.number_of(call).is_none();
        if joined {
            self.open(now, call);
        }
        self.known_call(now, call, |now, call, journey| does(now, call, journey, joined));
    }

    /// Any other event is ignored where the call is not known, or over.
    fn known_call(&mut self, now: Time, call: &str, does: impl FnOnce(Time, &str, &mut Journey)) {
        let Some(number) = self.number_of(call) else { return };
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        let Some(leg) = journey.calls.iter_mut().find(|own| own.id == call && !own.is_over) else { return };
        leg.is_mentioned = true;
        journey.heard = now;
        does(now, call, journey);
        self.settle(now, number);
    }

    fn mention(&mut self, now: Time, call: &str) {
        self.known_call(now, call, |_, _, _| {});
    }

    fn talked(&mut self, call: &str, device: &Device) {
        if let (Some(number), Some(agent)) = (self.number_of(call), &device.agent) {
            let talks = |step: &super::journey::Step| {
                step.does.is_on_call() && step.is_open() && step.agent.as_deref() == Some(agent.as_str())
            };
            if self.journeys[&number].steps.iter().any(talks) {
                self.last.insert(agent.to_string(), number);
            }
        }
    }

    fn queue_device(&self, queue: &QueueId) -> (Device, String) {
        let id = queue.as_str();
        let name = self.queues.get(id).map_or("", |(name, _)| name);
        let shown = if name.is_empty() { id } else { name };
        (Device { kind: DeviceKind::Queue, id: id.into(), agent: None, label: "".into() }, shown.to_owned())
    }

    /// Brings a journey's phase and deadline up to date.
    fn settle(&mut self, now: Time, number: u64) {
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        let limits = JourneyLimits::default();
        if journey.phase == Phase::Running && !journey.is_running() {
            journey.close_where(now, |step| step.does != Does::Works);
            journey.phase = Phase::Over(now);
        }
        let is_working = journey.steps.iter().any(super::journey::Step::is_open);
        let is_awaited = journey.agents.iter().any(|(_, awaited)| *awaited);
        match journey.phase {
            Phase::Running => journey.due = journey.heard + millis(limits.silence_ms),
            Phase::Over(at) if !is_working && !is_awaited => {
                journey.phase = Phase::Final(at);
                journey.due = now + millis(limits.kept_ms);
                journey.has_ended = true;
            }
            Phase::Over(_) if is_working => journey.due = journey.heard + millis(limits.silence_ms),
            Phase::Over(at) => journey.due = at + millis(limits.linger_ms),
            Phase::Final(_) => {}
        }
        if journey.followers.is_empty() {
            journey.has_changed = false;
        }
    }

    pub(in crate::model) fn next_deadline(&self) -> Option<Time> {
        self.journeys.values().map(|journey| journey.due).min()
    }

    /// Closes what heard nothing for too long, ends the wait for after-call work, forgets what the store has.
    pub(super) fn tick(&mut self, now: Time) {
        let due: Vec<u64> =
            self.journeys.iter().filter(|(_, journey)| journey.due <= now).map(|(number, _)| *number).collect();
        for number in due {
            let Some(journey) = self.journeys.get_mut(&number) else { continue };
            match journey.phase {
                Phase::Running => self.lose(now, number, |_| true),
                Phase::Over(_) => {
                    journey.lose_where(now, |_| true);
                    journey.agents.iter_mut().for_each(|(_, awaited)| *awaited = false);
                    self.settle(now, number);
                }
                Phase::Final(_) => {
                    let followers = std::mem::take(&mut journey.followers);
                    self.farewells.extend(followers.into_iter().map(|own| (own.link, own.asked)));
                    self.journeys.remove(&number);
                    self.last.retain(|_, last| *last != number);
                }
            }
        }
    }

    /// What followers are told of this step; while the platform tells everything again, only those who just began.
    pub(super) fn tell(&mut self, now: Time) -> Vec<(u64, String, Tell)> {
        let farewells = std::mem::take(&mut self.farewells);
        let mut told: Vec<_> = farewells.into_iter().map(|(link, asked)| (link, asked, Tell::Ended)).collect();
        for journey in self.journeys.values_mut() {
            if journey.followers.is_empty() {
                (journey.has_changed, journey.has_ended) = (false, false);
                continue;
            }
            let has_changed = journey.has_changed && !self.is_resyncing;
            let shown = journey.shown(now);
            for own in journey.followers.iter_mut().filter(|own| has_changed || own.is_fresh) {
                own.is_fresh = false;
                told.push((own.link, own.asked.clone(), Tell::Updated(shown.clone())));
            }
            if self.is_resyncing {
                continue;
            }
            journey.has_changed = false;
            if journey.has_ended {
                journey.has_ended = false;
                let gone = std::mem::take(&mut journey.followers);
                told.extend(gone.into_iter().map(|own| (own.link, own.asked, Tell::Ended)));
            }
        }
        told
    }
}

/// A script has the call; the trigger passed it on.
fn script(journey: &mut Journey, now: Time, call: &str, device: &Device, joined: bool) {
    journey.close_where(now, |step| step.call == call && step.does == Does::Trigger);
    journey.arrive(now, call, device, Does::Script, device.id.to_string(), joined);
}

fn connect(journey: &mut Journey, now: Time, call: &str, device: &Device, joined: bool) {
    let shown = device.id.to_string();
    match device.kind {
        DeviceKind::Trigger => journey.arrive(now, call, device, Does::Trigger, shown, joined),
        DeviceKind::Ivr => script(journey, now, call, device, joined),
        DeviceKind::Agent | DeviceKind::External if !journey.is_caller(device) => {
            journey.arrive(now, call, device, Does::Talks, shown, joined);
            if device.kind == DeviceKind::Agent {
                // An agent answered: triggers, scripts and queues let go.
                let before =
                    |step: &super::journey::Step| matches!(step.does, Does::Trigger | Does::Script | Does::Queue);
                journey.close_where(now, |step| step.call == call && before(step));
            }
        }
        DeviceKind::Agent | DeviceKind::External | DeviceKind::Queue => {}
    }
}

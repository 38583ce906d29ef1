//! All journeys: how each lives, who follows it, and what each state of an agent adds to it. What events add to them is in
//! `moves`, how they become one in `joins`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use interaction_core::cti::{AgentState, Device, QueueRecord};
use interaction_core::ids::QueueId;
use interaction_core::limits::JourneyLimits;
use interaction_core::time::Time;
use serde_json::Value;

use super::journey::{Arrival, Call, Does, Follower, Journey, Line, Phase, Step, Tell};
use crate::model::Fault;

/// Everything known of calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journeys {
    /// By number, in the order in which they were first heard of.
    pub(super) journeys: BTreeMap<u64, Journey>,
    pub(super) next: u64,
    /// How many steps have begun: of two at one moment the one told first comes first.
    pub(super) steps: u64,
    next_follower: u64,
    /// Names of queues, and whether the present resynchronisation mentioned them.
    pub(super) queues: BTreeMap<String, (String, bool)>,
    /// The journey each agent talked on last.
    pub(super) last: BTreeMap<String, u64>,
    is_resyncing: bool,
    /// Followers of journeys that were forgotten before they could be told of the end.
    farewells: Vec<(u64, String)>,
}

fn millis(millis: u32) -> Duration {
    Duration::from_millis(millis.into())
}

impl Journeys {
    pub(super) fn number_of(&self, call: &str) -> Option<u64> {
        self.journeys.iter().find(|(_, journey)| journey.leg_of(call).is_some()).map(|(number, _)| *number)
    }

    pub(super) fn agents_of(&self, call: &str) -> Option<Vec<String>> {
        let journey = &self.journeys[&self.number_of(call)?];
        Some(journey.agents.iter().map(|(agent, _)| agent.clone()).collect())
    }

    pub(super) fn steps_of(&self, call: &str, now: Time) -> Value {
        self.number_of(call).map_or(Value::Null, |number| self.journeys[&number].shown(now))
    }

    /// How many legs ring at the agent, are dialled by it, or have it on them.
    pub(in crate::model) fn calls_of(&self, agent: &str) -> u64 {
        let running = self.journeys.values().filter(|journey| journey.phase == Phase::Running);
        let is_busy = |step: &&Step| {
            let busies = step.does.is_on_call() || matches!(step.does, Does::Rings | Does::Dials);
            step.is_open() && busies && step.agent.as_deref() == Some(agent)
        };
        let legs = running.flat_map(|journey| journey.steps.iter().filter(is_busy).map(|step| &step.call));
        legs.collect::<BTreeSet<_>>().len() as u64
    }

    pub(super) fn lines(&self, number: Option<&str>) -> Vec<Line> {
        let is_of = |journey: &&Journey| {
            number.is_none_or(|number| journey.calls.iter().any(|call| call.from == number || call.to == number))
        };
        self.journeys.values().filter(is_of).map(Journey::line).collect()
    }

    /// Ids of calls that are known now.
    pub(crate) fn known(&self) -> Vec<String> {
        self.journeys.values().flat_map(|journey| &journey.calls).flat_map(|call| call.ids.clone()).collect()
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
        let lost: Vec<String> = journey
            .calls
            .iter()
            .filter(|call| call.is_running() && which(call))
            .map(|call| call.id().to_owned())
            .collect();
        if lost.is_empty() {
            return;
        }
        let is_lost = |call: &&mut Call| lost.iter().any(|lost| lost == call.id());
        journey.calls.iter_mut().filter(is_lost).for_each(|call| call.is_over = true);
        journey.lose_where(now, |step| lost.contains(&step.call) && step.does != Does::Works);
        self.settle(now, number);
    }

    /// An agent does something else. Work after a talk is a step of the journey it talked on last.
    pub(in crate::model) fn agent_does(&mut self, now: Time, agent: &str, state: AgentState, since: Option<Time>) {
        let Some(number) = self.last.get(agent).copied() else { return };
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        if state == AgentState::Work {
            let talks = |step: &&Step| step.does.is_on_call() && step.agent.as_deref() == Some(agent);
            let talk = journey.steps.iter().filter(talks).max_by_key(|step| step.number);
            let works = |step: &Step| step.is_open() && step.does == Does::Works;
            let is_working = journey.steps.iter().any(|step| works(step) && step.agent.as_deref() == Some(agent));
            let may_work = !is_working && !matches!(journey.phase, Phase::Final(_));
            if let (Some(talk), true) = (talk.cloned(), journey.awaits(agent) && may_work) {
                let device =
                    Device { kind: talk.kind, id: talk.device.into(), agent: Some(agent.into()), label: "".into() };
                let started = since.unwrap_or(now).max(talk.started).min(now);
                let arrival =
                    Arrival { call: &talk.call, device: &device, does: Does::Works, shown: &talk.shown, with: "" };
                self.steps += 1;
                journey.begin(self.steps, &arrival, started, false);
                journey.heard = now;
            }
            journey.has_said(agent);
        } else {
            let own = |step: &Step| step.agent.as_deref() == Some(agent);
            journey.close_where(now, |step| step.does == Does::Works && own(step));
            let on_call = journey.steps.iter().any(|step| step.is_open() && step.does.is_on_call() && own(step));
            if matches!(state, AgentState::LoggedOut | AgentState::NotReady | AgentState::Ready) && !on_call {
                journey.has_said(agent);
            }
        }
        self.settle(now, number);
    }

    /// Brings a journey's phase and deadline up to date.
    pub(super) fn settle(&mut self, now: Time, number: u64) {
        let Some(journey) = self.journeys.get_mut(&number) else { return };
        let limits = JourneyLimits::default();
        if journey.phase == Phase::Running && !journey.is_running() {
            journey.close_where(now, |step| step.does != Does::Works);
            journey.phase = Phase::Over(now);
        } else if journey.phase != Phase::Running && journey.is_running() {
            // It became one with another that goes on.
            journey.phase = Phase::Running;
            journey.has_ended = false;
        }
        let is_working = journey.steps.iter().any(Step::is_open);
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

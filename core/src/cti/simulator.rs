//! A simulated UCCX: an [`Adapter`] that needs no connection, because the contact centre it speaks for is inside it.
//!
//! Everything follows from the [`Scenario`], the seed and the inputs, on every target alike: the same three give the same
//! events. An agent is simulated until a client commands it (see [`Simulator::is_held`]); from then until it is logged out
//! the simulated world offers it contacts and otherwise leaves it alone.
//!
//! Numbers that can be dialled: an agent's extension or id, a trigger's number, and any number outside of at least three
//! digits, where one that ends in `0000` is busy, in `9999` cannot be reached, and in `8888` is never answered.

mod admin;
mod calls;
mod commands;
mod control;
mod flows;
mod founding;
mod join;
mod names;
mod outage;
mod people;
mod plan;
mod reasons;

mod scenario;
mod script;
mod supervise;
mod timers;
mod truth;
mod validate;
mod world;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub use self::scenario::{
    Calls, Ivr, Life, Operations, People, QueueSpec, Scenario, ScenarioError, Teams, TriggerSpec,
};
pub use self::script::{Act, Entry, TeamMember};
use self::timers::{CallKey, Timer, TimerKey, Timers};
pub use self::truth::Truth;
use self::world::{Agent, Call, Link, Ports, Queue, Team, Trigger};
use super::{Adapter, AdapterInput, AdapterOutput, Answer, CallEvent, Event, Outcome, RequestNo};
use crate::ids::AgentId;
use crate::rng::Rng;
use crate::time::Time;

/// A contact centre and its platform. Feed inputs and drain [`Adapter::poll_output`] as for any adapter; the world moves on
/// while it is drained, so that however long a driver slept, what waits to be drained stays small.
#[derive(Debug)]
pub struct Simulator {
    scenario: Scenario,
    rng: Rng,
    /// The latest moment the driver told.
    now: Time,
    /// The moment of what is happening: never after `now`.
    at: Time,
    timers: Timers,
    outbox: VecDeque<AdapterOutput>,
    link: Link,
    /// Makes the ids of this world's calls different from those of every other run.
    boot: Box<str>,
    last_number: u64,
    agents: Vec<Agent>,
    by_id: BTreeMap<AgentId, usize>,
    /// Every line that can be called: agents' own extensions and those they are logged in at.
    lines: BTreeMap<Box<str>, usize>,
    teams: BTreeMap<u32, Team>,
    queues: Vec<Queue>,
    triggers: Vec<Trigger>,
    ports: Ports,
    calls: BTreeMap<CallKey, Call>,
    /// Ids of calls in progress other than their first.
    aliases: BTreeMap<u64, CallKey>,
    admin: admin::Admin,
    outages: u64,
}

impl Simulator {
    /// The world `scenario` and `seed` stand for, as it is at `now`.
    ///
    /// # Errors
    ///
    /// The scenario is not valid; the key is named.
    pub fn new(scenario: Scenario, seed: u64, now: Time) -> Result<Self, ScenarioError> {
        scenario.validate()?;
        let mut simulator = Self::found(scenario, seed, now);
        while let Some((at, timer)) = simulator.timers.pop(now) {
            simulator.fire(at, timer);
        }
        simulator.at = now;
        Ok(simulator)
    }

    /// What is true in the simulated world, to compare with what clients see. Call it when the outputs are drained.
    pub const fn truth(&self) -> Truth<'_> {
        Truth::new(self)
    }

    /// Whether a client holds this agent: the simulated world decides nothing for it until it is logged out.
    pub fn is_held(&self, agent: &AgentId) -> bool {
        self.by_id.get(agent).is_some_and(|agent| self.agents[*agent].held)
    }

    fn fire(&mut self, at: Time, timer: Timer) {
        self.at = self.at.max(at);
        match timer {
            Timer::Arrival { queue, media } => self.arrival(queue, media),
            Timer::Outbound => self.outbound(),
            Timer::Internal => self.internal(),
            Timer::Route { call, stamp } => self.route_on(call, stamp),
            Timer::Patience { call } => self.lose_patience(call),
            Timer::Answer { call, line } => self.answered_by_simulated(call, line),
            Timer::NoAnswer { call, line } => self.not_answered(call, line),
            Timer::Plan { call, stamp } => self.plan_on(call, stamp),
            Timer::Limit { call } => self.cut(call),
            Timer::Agent { agent, stamp } => self.agent_on(agent, stamp),
            Timer::Pulse { team } => self.pulse(team),
            Timer::Admin => self.administer(),
            Timer::Undo(undo) => self.undo(undo),
            Timer::Supervise => self.look_in(),
            Timer::SuperviseOn { supervisor, call, next } => self.look_on(supervisor, call, next),
            Timer::Outage => self.periodic_outage(),
            Timer::Restore { outage } => self.restore(outage),
            Timer::Command(command) => self.carry_out(*command),
            Timer::Script(entry) => self.run_script(entry),
        }
    }

    /// Tells an event, if anybody is there to hear it.
    fn emit(&mut self, event: Event) {
        if self.link == Link::Up {
            self.outbox.push_back(AdapterOutput::Event(event));
        }
    }

    fn emit_call(&mut self, event: CallEvent) {
        self.emit(Event::Call(event));
    }

    /// Answers a command before what it caused is told.
    fn answer_first(&mut self, request: RequestNo, outcome: Outcome) {
        self.outbox.push_front(AdapterOutput::Event(Event::Answer(Answer { request, outcome })));
    }

    /// Sets a timer `ms` of the simulated world's milliseconds ahead.
    fn after(&mut self, ms: u64, timer: Timer) -> TimerKey {
        self.after_micros(ms.saturating_mul(1000), timer)
    }

    fn after_micros(&mut self, micros: u64, timer: Timer) -> TimerKey {
        let micros = (micros / u64::from(self.scenario.speed)).max(1);
        self.timers.set(self.at + Duration::from_micros(micros), timer)
    }

    /// Sets a timer for the next of a kind of things of which `per_hour` happen.
    fn after_rate(&mut self, per_hour: u32, timer: Timer) {
        if per_hour != 0 {
            let micros = self.rng.exponential(3_600_000_000 / u64::from(per_hour));
            self.after_micros(micros, timer);
        }
    }
}

impl Adapter for Simulator {
    fn handle_input(&mut self, now: Time, input: AdapterInput<'_>) {
        self.now = self.now.max(now);
        if self.link == Link::Unborn {
            self.begin();
        }
        match input {
            AdapterInput::Command { request, command, secret } => self.receive(request, command, secret),
            // It asks for no connection, so it has none to hear of.
            AdapterInput::Tick
            | AdapterInput::Connected { .. }
            | AdapterInput::Received { .. }
            | AdapterInput::Disconnected { .. } => {}
        }
    }

    fn poll_output(&mut self) -> Option<AdapterOutput> {
        loop {
            if let Some(output) = self.outbox.pop_front() {
                return Some(output);
            }
            if self.link == Link::Unborn {
                return None;
            }
            let (at, timer) = self.timers.pop(self.now)?;
            self.fire(at, timer);
        }
    }

    fn poll_timeout(&self) -> Option<Time> {
        if self.link == Link::Unborn { Some(self.at) } else { self.timers.next() }
    }
}

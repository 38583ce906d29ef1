//! How a world begins.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::Simulator;
use super::admin::Admin;
use super::names;
use super::reasons;
use super::scenario::Scenario;
use super::timers::{Timer, Timers};
use super::validate::numbered;
use super::world::{Agent, Link, Ports, Queue, Team, Trigger};
use crate::cti::{AgentState, Media, Role};
use crate::ids::{AgentId, QueueId, TeamId};
use crate::rng::Rng;
use crate::time::Time;

/// The first number of a call after this one: call ids of the real thing look the same.
const FIRST_NUMBER: u64 = 0x0100_0000;

impl Simulator {
    /// The world before its first timer; times before `now` are those it has already been going for.
    pub(super) fn found(scenario: Scenario, seed: u64, now: Time) -> Self {
        let warm_up = Duration::from_micros(scenario.warm_up_ms * 1000 / u64::from(scenario.speed));
        let start = now - warm_up;
        let mut simulator = Self {
            rng: Rng::new(seed),
            now,
            at: start,
            timers: Timers::default(),
            outbox: VecDeque::new(),
            link: Link::Unborn,
            boot: format!("{:x}-{:04x}", now.as_millis(), seed & 0xffff).into(),
            last_number: FIRST_NUMBER,
            agents: Vec::new(),
            by_id: BTreeMap::new(),
            lines: BTreeMap::new(),
            teams: BTreeMap::new(),
            queues: Vec::new(),
            triggers: Vec::new(),
            ports: Ports {
                free: (scenario.ivr.first_port..).take(usize::try_from(scenario.ivr.ports).unwrap_or(0)).collect(),
            },
            calls: BTreeMap::new(),
            aliases: BTreeMap::new(),
            admin: Admin::default(),
            outages: 0,
            scenario,
        };
        simulator.found_queues();
        simulator.found_triggers();
        simulator.found_people();
        simulator.found_teams();
        simulator.found_states();
        simulator.found_timers();
        simulator
    }

    fn found_queues(&mut self) {
        for spec in &self.scenario.queues {
            for n in 1..=spec.count {
                let number = self.queues.len() + 1;
                self.queues.push(Queue {
                    id: QueueId::from(number.to_string()),
                    name: numbered(&spec.name, n).into(),
                    calls_per_hour: spec.calls_per_hour,
                    chats_per_hour: spec.chats_per_hour,
                    emails_per_hour: spec.emails_per_hour,
                    work: spec.work_after_contact,
                    triggers: Vec::new(),
                    ready: BTreeSet::new(),
                    waiting: BTreeSet::new(),
                });
            }
        }
    }

    fn found_triggers(&mut self) {
        for spec in &self.scenario.triggers {
            for n in 1..=spec.count {
                let named = spec.queues.iter();
                let queues = named.filter_map(|name| self.queues.iter().position(|q| *q.name == **name)).collect();
                self.triggers.push(Trigger {
                    number: (spec.number + n - 1).to_string().into(),
                    name: numbered(&spec.name, n).into(),
                    script: spec.script.as_str().into(),
                    queues,
                });
            }
        }
        let open: Vec<usize> = (0..self.triggers.len()).filter(|t| self.triggers[*t].queues.is_empty()).collect();
        for queue in 0..self.queues.len() {
            if !open.is_empty() {
                self.triggers[open[queue % open.len()]].queues.push(queue);
            }
        }
        for (t, trigger) in self.triggers.iter_mut().enumerate() {
            if trigger.queues.is_empty() {
                // More open triggers than queues: the queues are shared.
                trigger.queues.push(t % self.queues.len());
            }
            for queue in &trigger.queues {
                self.queues[*queue].triggers.push(t);
            }
        }
    }

    fn found_people(&mut self) {
        let people = self.scenario.people.clone();
        for n in 0..people.supervisors {
            self.add_agent(AgentId::from((people.first_supervisor + n).to_string()), &names::person(self.agents.len()));
        }
        let queues = self.queues.len();
        let each = usize::try_from(people.queues_each).unwrap_or(0).min(queues);
        for n in 0..people.agents {
            let id = AgentId::from((people.first_agent + n).to_string());
            let agent = self.add_agent(id, &names::person(self.agents.len()));
            // Neighbours, who are in one team, serve neighbouring queues, and every queue is served by as many.
            let first = usize::try_from(u64::from(n) * queues as u64 / u64::from(people.agents)).unwrap_or(0);
            self.agents[agent].queues = (0..each).map(|k| (first + k) % queues).collect();
        }
        // After everybody else, so that a world is otherwise dealt as it is without them.
        for n in 1..=people.managers {
            self.add_agent(AgentId::from((people.first_supervisor - n).to_string()), &names::person(self.agents.len()));
        }
    }

    /// Adds a person who is logged out and belongs nowhere.
    pub(super) fn add_agent(&mut self, id: AgentId, name: &str) -> usize {
        let extension: Box<str> = format!("{}{id}", self.scenario.people.extension_prefix).into();
        let agent = Agent {
            id: id.clone(),
            name: name.into(),
            line: extension.clone(),
            extension: extension.clone(),
            state: AgentState::LoggedOut,
            reason: "".into(),
            since: self.at,
            pending: None,
            back: None,
            held: false,
            hired: false,
            gone: false,
            queues: Vec::new(),
            teams: Vec::new(),
            calls: Vec::new(),
            last_call: None,
            shift_ends: self.at,
            stamp: 0,
        };
        let place = match self.admin.vacant.pop() {
            Some(place) => {
                let stamp = self.agents[place].stamp + 1;
                self.agents[place] = Agent { stamp, ..agent };
                place
            }
            None => {
                self.agents.push(agent);
                self.agents.len() - 1
            }
        };
        self.by_id.insert(id, place);
        self.lines.entry(extension).or_insert(place);
        place
    }

    fn found_teams(&mut self) {
        let teams = self.scenario.teams.clone();
        let (supervisors, agents) = (self.scenario.people.supervisors, self.scenario.people.agents);
        for t in 0..teams.count {
            let place = usize::try_from(t).unwrap_or(0);
            let name = &teams.names[place % teams.names.len()];
            let name = if place < teams.names.len() {
                name.clone()
            } else {
                format!("{name} {}", place / teams.names.len() + 1)
            };
            let mut members = Vec::new();
            if supervisors > 0 {
                // Every supervisor has a team and every team one supervisor at least.
                let own = (t..supervisors.max(t + 1)).step_by(usize::try_from(teams.count).unwrap_or(1));
                members.extend(own.map(|s| (usize::try_from(s % supervisors).unwrap_or(0), Role::Supervisor)));
            }
            let share = |t: u32| u64::from(t) * u64::from(agents) / u64::from(teams.count);
            for (k, n) in (share(t)..share(t + 1)).enumerate() {
                let agent = usize::try_from(u64::from(supervisors) + n).unwrap_or(0);
                members.push((agent, if k == 0 { Role::TeamLead } else { Role::Agent }));
            }
            self.teams.insert(
                t + 1,
                Team {
                    id: TeamId::from((t + 1).to_string()),
                    name: name.into(),
                    members,
                    temporary: false,
                    changed: self.at,
                },
            );
        }
        for n in 0..agents {
            if teams.count > 1 && self.rng.permille(teams.in_two_permille) {
                let agent = usize::try_from(supervisors + n).unwrap_or(0);
                let other = 1 + u32::try_from(self.rng.below(teams.count.into())).unwrap_or(0);
                if let Some(team) = self.teams.get_mut(&other).filter(|t| !t.members.iter().any(|m| m.0 == agent)) {
                    team.members.push((agent, Role::Agent));
                }
            }
        }
        // Last in each team, whose first supervisor is asked for help.
        let managers = self.scenario.people.managers();
        for team in self.teams.values_mut() {
            team.members.extend(managers.clone().map(|manager| (manager, Role::Supervisor)));
        }
        for (number, team) in &self.teams {
            for (agent, _) in &team.members {
                self.agents[*agent].teams.push(*number);
            }
        }
        self.admin.next_team = teams.count + 1;
    }

    fn found_states(&mut self) {
        for agent in 0..self.agents.len() {
            if self.rng.permille(self.scenario.people.logged_in_permille) {
                let shift = self.scenario.life.shift_ms;
                let left = self.rng.below(shift);
                self.start_shift(agent, left);
                if !self.agents[agent].queues.is_empty() && self.rng.permille(self.scenario.people.ready_permille) {
                    self.set_state(agent, AgentState::Ready, "");
                } else {
                    let reason = self.break_reason(agent);
                    self.set_state(agent, AgentState::NotReady, reason);
                }
            } else {
                self.plan_agent(agent);
            }
        }
    }

    fn found_timers(&mut self) {
        let first_ms = self.scenario.calls.first_ms;
        let mut first = true;
        for queue in 0..self.queues.len() {
            let Queue { calls_per_hour, chats_per_hour, emails_per_hour, .. } = self.queues[queue];
            if first && calls_per_hour != 0 {
                first = false;
                self.after(first_ms, Timer::Arrival { queue, media: Media::Voice });
            } else {
                self.after_rate(calls_per_hour, Timer::Arrival { queue, media: Media::Voice });
            }
            self.after_rate(chats_per_hour, Timer::Arrival { queue, media: Media::Chat });
            self.after_rate(emails_per_hour, Timer::Arrival { queue, media: Media::Email });
        }
        self.after_rate(self.scenario.calls.outbound_per_hour, Timer::Outbound);
        self.after_rate(self.scenario.calls.internal_per_hour, Timer::Internal);
        self.after_rate(self.scenario.calls.supervised_per_hour, Timer::Supervise);
        if self.scenario.teams.quiet_max_ms != 0 {
            for team in 1..=self.scenario.teams.count {
                self.after(self.scenario.teams.quiet_max_ms / 2, Timer::Pulse { team });
            }
        }
        self.next_change();
        for entry in 0..self.scenario.script.len() {
            self.after(self.scenario.script[entry].at_ms, Timer::Script(entry));
        }
    }

    /// Where a supervisor or an agent without queues is when not on a call, or why an agent pauses.
    pub(super) fn break_reason(&mut self, agent: usize) -> &'static str {
        if self.agents[agent].queues.is_empty() {
            return reasons::SUPERVISING[self.rng.index(reasons::SUPERVISING.len())];
        }
        reasons::NOT_READY[self.rng.index(reasons::NOT_READY.len())].0
    }
}

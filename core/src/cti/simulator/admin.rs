//! What administrators change: teams, memberships, roles, names, hires. Everything they add for a while goes again, so
//! the world the scenario describes stays.

use super::Simulator;
use super::names;
use super::reasons;
use super::timers::Timer;
use super::world::{Agent, Team};
use crate::cti::{AgentState, Event, Member, QueueRecord, Role};
use crate::ids::{AgentId, QueueId, TeamId};

/// No more temporary things of a kind exist at once.
const TEMPORARY_MAX: usize = 20;

/// The administrators' notes.
#[derive(Debug, Default)]
pub(super) struct Admin {
    pub(super) next_team: u32,
    next_hire: u32,
    next_queue: u64,
    changes: u64,
    /// Places of people who are gone.
    pub(super) vacant: Vec<usize>,
    /// Queues made for a while, which nobody serves.
    pub(super) queues: Vec<QueueRecord>,
    hires: usize,
    teams: usize,
}

/// A change to take back.
#[derive(Debug)]
pub(super) enum Undo {
    Team(u32),
    TeamName(u32, Box<str>),
    Member(u32, AgentId, Role),
    AgentName(AgentId, Box<str>),
    Hire(AgentId),
    QueueName(usize, Box<str>),
    Queue(QueueId),
}

impl Simulator {
    /// Plans the next change.
    pub(super) fn next_change(&mut self) {
        let every = self.scenario.operations.change_every_ms;
        if every != 0 {
            let ms = self.rng.exponential(every);
            self.after(ms, Timer::Admin);
        }
    }

    /// An administrator changes something; each kind of change has its turn.
    pub(super) fn administer(&mut self) {
        self.next_change();
        self.admin.changes += 1;
        match self.admin.changes % 9 {
            1 => self.rename_some_team(),
            2 => self.join_some_team(),
            3 => self.make_project(),
            4 => self.promote_somebody(),
            5 => self.move_somebody(),
            6 => self.hire_somebody(),
            7 => self.rename_somebody(),
            8 => self.rename_some_queue(),
            _ => self.make_queue(),
        }
    }

    /// A change is taken back.
    pub(super) fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Team(team) => self.remove_team(team),
            Undo::TeamName(team, name) => self.rename_team(team, &name),
            Undo::Member(team, id, role) => {
                if let Some(agent) = self.agent_at(id.as_str()) {
                    self.change_team(team, &[], &[(agent, role)]);
                }
            }
            Undo::AgentName(id, name) => {
                if let Some(agent) = self.agent_at(id.as_str()) {
                    self.rename_agent(agent, &name);
                }
            }
            Undo::Hire(id) => {
                if let Some(agent) = self.agent_at(id.as_str())
                    && !self.dismiss(agent)
                {
                    self.undo_later(Undo::Hire(id));
                }
            }
            Undo::QueueName(queue, name) => self.rename_queue(queue, &name),
            Undo::Queue(id) => {
                self.admin.queues.retain(|queue| queue.id != id);
                self.emit(Event::QueueRemoved { queue: id });
            }
        }
    }

    fn undo_later(&mut self, undo: Undo) {
        let lasts = self.scenario.operations.change_lasts_ms;
        let ms = self.rng.around(lasts);
        self.after(ms, Timer::Undo(undo));
    }

    fn some_team(&mut self) -> Option<u32> {
        let at = 1 + u32::try_from(self.rng.below(self.admin.next_team.into())).unwrap_or(0);
        self.teams.range(at..).chain(self.teams.range(..at)).map(|(number, _)| *number).next()
    }

    /// An agent of a team who is neither its supervisor nor its lead.
    fn some_member(&mut self, team: u32) -> Option<usize> {
        let plain: Vec<usize> = {
            let members = &self.teams.get(&team)?.members;
            let is_plain = |a: usize| members.iter().all(|(b, role)| *b != a || *role == Role::Agent);
            members.iter().map(|(a, _)| *a).filter(|a| is_plain(*a)).collect()
        };
        if plain.len() < 3 { None } else { Some(plain[self.rng.index(plain.len())]) }
    }

    fn rename_some_team(&mut self) {
        let Some(number) = self.some_team() else { return };
        let Some(name) = self.teams.get(&number).map(|team| team.name.clone()) else { return };
        if name.ends_with(')') {
            return;
        }
        let place = ["(Day)", "(Late)", "(North)", "(South)"][self.rng.index(4)];
        self.rename_team(number, &format!("{name} {place}"));
        self.undo_later(Undo::TeamName(number, name));
    }

    fn join_some_team(&mut self) {
        let (Some(from), Some(to)) = (self.some_team(), self.some_team()) else { return };
        let Some(agent) = self.some_member(from).filter(|_| from != to) else { return };
        if !self.is_member(to, agent) {
            self.change_team(to, &[(agent, Role::Agent)], &[]);
            let id = self.agents[agent].id.clone();
            self.undo_later(Undo::Member(to, id, Role::Agent));
        }
    }

    fn make_project(&mut self) {
        if self.admin.teams >= TEMPORARY_MAX {
            return;
        }
        let Some(from) = self.some_team() else { return };
        let Some(team) = self.teams.get(&from) else { return };
        let members: Vec<(usize, Role)> = team.members.iter().copied().take(5).collect();
        let number = self.admin.next_team;
        let name = names::project(self.admin.changes / 9);
        self.add_team(number, &name, members, true);
        self.undo_later(Undo::Team(number));
    }

    fn promote_somebody(&mut self) {
        let Some(team) = self.some_team() else { return };
        if let Some(agent) = self.some_member(team) {
            self.change_team(team, &[(agent, Role::TeamLead)], &[]);
            let id = self.agents[agent].id.clone();
            self.undo_later(Undo::Member(team, id, Role::TeamLead));
        }
    }

    /// Somebody moves between two teams for good.
    fn move_somebody(&mut self) {
        let (Some(from), Some(to)) = (self.some_team(), self.some_team()) else { return };
        let temporary = |number| self.teams.get(&number).is_none_or(|team: &Team| team.temporary);
        if from == to || temporary(from) || temporary(to) {
            return;
        }
        let Some(agent) = self.some_member(from).filter(|agent| !self.is_member(to, *agent)) else { return };
        self.change_team(from, &[], &[(agent, Role::Agent)]);
        self.change_team(to, &[(agent, Role::Agent)], &[]);
    }

    fn hire_somebody(&mut self) {
        let Some(team) = self.some_team().filter(|_| self.admin.hires < TEMPORARY_MAX) else { return };
        let people = &self.scenario.people;
        let number = people.first_agent.max(people.first_supervisor) + people.agents + people.supervisors;
        let number = number + self.admin.next_hire;
        self.admin.next_hire += 1;
        let name = names::person(usize::try_from(number).unwrap_or(0));
        let id = AgentId::from(number.to_string());
        // Those of a colleague: a manager, who stands last, serves none.
        let works_here = |member: &&(usize, Role)| member.1 != Role::Supervisor;
        let colleague = self.teams.get(&team).and_then(|team| team.members.iter().rfind(works_here));
        let queues = colleague.map(|(a, _)| self.agents[*a].queues.clone());
        if let Some(agent) = self.hire(id.clone(), &name) {
            self.agents[agent].queues = queues.unwrap_or_default();
            let serves = self.serves(agent);
            self.emit(Event::Serves(serves));
            self.change_team(team, &[(agent, Role::Agent)], &[]);
            self.undo_later(Undo::Hire(id));
            if self.scenario.people.logged_in_permille != 0 {
                let shift = self.scenario.life.shift_ms;
                self.start_shift(agent, shift);
                self.set_state(agent, AgentState::NotReady, reasons::LOGON);
            }
        }
    }

    fn rename_somebody(&mut self) {
        let a = self.rng.index(self.agents.len());
        let agent = &self.agents[a];
        if agent.gone || agent.name.contains('-') || agent.name.len() > 80 {
            return;
        }
        let (id, name) = (agent.id.clone(), agent.name.clone());
        let other = names::person(self.rng.index(5_000));
        let family = other.split(' ').next_back().unwrap_or("Smith");
        self.rename_agent(a, &format!("{name}-{family}"));
        self.undo_later(Undo::AgentName(id, name));
    }

    fn rename_some_queue(&mut self) {
        let queue = self.rng.index(self.queues.len());
        let name = self.queues[queue].name.clone();
        if !name.ends_with(" +") {
            self.rename_queue(queue, &format!("{name} +"));
            self.undo_later(Undo::QueueName(queue, name));
        }
    }

    fn make_queue(&mut self) {
        if self.admin.queues.len() >= TEMPORARY_MAX {
            return;
        }
        self.admin.next_queue += 1;
        let number = self.queues.len() as u64 + self.admin.next_queue;
        let id = QueueId::from(number.to_string());
        let record = QueueRecord { id: id.clone(), name: names::project(self.admin.next_queue).into() };
        self.admin.queues.push(record.clone());
        self.emit(Event::Queue(record));
        self.undo_later(Undo::Queue(id));
    }

    fn rename_queue(&mut self, queue: usize, name: &str) {
        let q = &mut self.queues[queue];
        q.name = name.into();
        let record = QueueRecord { id: q.id.clone(), name: q.name.clone() };
        self.emit(Event::Queue(record));
    }

    fn is_member(&self, team: u32, agent: usize) -> bool {
        self.teams.get(&team).is_some_and(|team| team.members.iter().any(|member| member.0 == agent))
    }

    /// A new team; nothing if the number is taken.
    pub(super) fn add_team(&mut self, number: u32, name: &str, mut members: Vec<(usize, Role)>, temporary: bool) {
        if self.teams.contains_key(&number) {
            return;
        }
        members.sort_unstable();
        members.dedup();
        for (agent, _) in &members {
            let teams = &mut self.agents[*agent].teams;
            if !teams.contains(&number) {
                teams.push(number);
            }
        }
        let id = TeamId::from(number.to_string());
        let team = Team { id, name: name.into(), members, temporary, changed: self.at };
        self.admin.next_team = self.admin.next_team.max(number.saturating_add(1));
        self.admin.teams += usize::from(temporary);
        let record = self.team_record(&team);
        self.teams.insert(number, team);
        self.emit(Event::Team(record));
    }

    /// A team's new name.
    pub(super) fn rename_team(&mut self, number: u32, name: &str) {
        let Some(team) = self.teams.get_mut(&number).filter(|team| *team.name != *name) else { return };
        team.name = name.into();
        let name = Some(team.name.clone());
        let team = team.id.clone();
        self.emit(Event::TeamChanged { team, name, added: Vec::new(), removed: Vec::new() });
    }

    /// A team is dissolved.
    pub(super) fn remove_team(&mut self, number: u32) {
        let Some(team) = self.teams.remove(&number) else { return };
        self.admin.teams -= usize::from(team.temporary);
        for (agent, _) in &team.members {
            self.agents[*agent].teams.retain(|team| *team != number);
        }
        self.emit(Event::TeamRemoved { team: team.id });
    }

    /// Memberships end and begin in one change; what is so already is left out of it.
    pub(super) fn change_team(&mut self, number: u32, added: &[(usize, Role)], removed: &[(usize, Role)]) {
        let Some(team) = self.teams.get_mut(&number) else { return };
        let removed: Vec<_> = removed.iter().copied().filter(|member| team.members.contains(member)).collect();
        team.members.retain(|member| !removed.contains(member));
        let mut new = Vec::new();
        for member in added {
            if !team.members.contains(member) {
                team.members.push(*member);
                new.push(*member);
            }
        }
        if removed.is_empty() && new.is_empty() {
            return;
        }
        for (agent, _) in removed.iter().chain(&new) {
            let is_member = team.members.iter().any(|member| member.0 == *agent);
            let teams = &mut self.agents[*agent].teams;
            teams.retain(|team| *team != number);
            if is_member {
                teams.push(number);
            }
        }
        let member = |(a, role): &(usize, Role)| Member { agent: self.agents[*a].id.clone(), role: *role };
        let (added, removed) = (new.iter().map(member).collect(), removed.iter().map(member).collect());
        let team = team.id.clone();
        self.emit(Event::TeamChanged { team, name: None, added, removed });
    }

    /// A new person, logged out; `None` if the id or its extension is taken.
    pub(super) fn hire(&mut self, id: AgentId, name: &str) -> Option<usize> {
        let extension = format!("{}{id}", self.scenario.people.extension_prefix);
        if self.by_id.contains_key(&id) || self.lines.contains_key(&*extension) {
            return None;
        }
        let agent = self.add_agent(id, name);
        self.agents[agent].hired = true;
        self.admin.hires += 1;
        let record = self.agent_record(agent);
        self.emit(Event::Agent(record));
        Some(agent)
    }

    /// A person's new name.
    pub(super) fn rename_agent(&mut self, agent: usize, name: &str) {
        if *self.agents[agent].name == *name {
            return;
        }
        self.agents[agent].name = name.into();
        // What is told of calls from now on names the person as the record does.
        let Agent { id, calls, .. } = &self.agents[agent];
        for call in calls {
            let lines = self.calls.get_mut(call).into_iter().flat_map(|call| &mut call.lines);
            for line in lines.filter(|line| line.device.agent.as_ref() == Some(id)) {
                line.device.label = name.into();
            }
        }
        let record = self.agent_record(agent);
        self.emit(Event::Agent(record));
    }

    /// A person is gone; `false` while on a call or held by a client.
    pub(super) fn dismiss(&mut self, agent: usize) -> bool {
        if !self.is_idle_simulated(agent) {
            return false;
        }
        if self.agents[agent].state != AgentState::LoggedOut {
            self.log_out(agent, reasons::AGENT_DELETED);
        }
        let teams = std::mem::take(&mut self.agents[agent].teams);
        for team in teams {
            if let Some(team) = self.teams.get_mut(&team) {
                team.members.retain(|member| member.0 != agent);
            }
        }
        let person = &mut self.agents[agent];
        person.gone = true;
        person.stamp += 1;
        let id = person.id.clone();
        self.admin.hires -= usize::from(person.hired);
        self.by_id.remove(&id);
        let extension = self.agents[agent].extension.clone();
        if self.lines.get(&extension) == Some(&agent) {
            self.lines.remove(&extension);
        }
        self.admin.vacant.push(agent);
        self.emit(Event::AgentRemoved { agent: id });
        true
    }
}

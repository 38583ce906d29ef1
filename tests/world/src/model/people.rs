//! Agents and teams as the platform tells of them, and what a watcher of an agent is shown.

use std::collections::{BTreeMap, BTreeSet};

use interaction_core::cti::{AgentState, AgentStatus, Event, Member, Role};
use interaction_core::time::Time;
use serde_json::{Value, json};

/// Everybody, and every team.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    persons: BTreeMap<String, Person>,
    teams: BTreeMap<String, Team>,
    /// Names of queues.
    queues: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Person {
    /// The platform's own record, once it was told.
    name: Option<String>,
    /// The agent's own extension, as the record has it.
    extension: Option<String>,
    does: Does,
}

/// What somebody does.
#[derive(Clone, Debug)]
struct Does {
    state: AgentState,
    reason: String,
    since: Time,
    /// The platform said so; else nothing is known.
    is_told: bool,
    /// `since` in the platform's own words.
    told_since: Option<Time>,
    /// What it will do when its contact is over, and where it is logged in.
    pending: Option<AgentState>,
    extension: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Team {
    name: String,
    members: BTreeSet<(String, Role)>,
}

/// A team as a watcher knows it: its name, and every member in full.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) members: BTreeMap<String, Value>,
}

/// An agent's teams as a watcher knows them.
pub(crate) type View = BTreeMap<String, Shown>;

impl Does {
    fn nothing(now: Time) -> Self {
        Self {
            state: AgentState::LoggedOut,
            reason: String::new(),
            since: now,
            is_told: false,
            told_since: None,
            pending: None,
            extension: None,
        }
    }

    /// CHOICE: `since` moves only with what clients see: to the platform's word, never later than now; else to now where
    /// the state changed; a new reason within a state leaves it.
    fn become_state(&mut self, now: Time, state: AgentState, reason: &str, since: Option<Time>) {
        let is_other_state = self.state != state;
        if since.is_some() || is_other_state {
            self.told_since = since;
        }
        if !is_other_state && self.reason == reason {
            return;
        }
        match since {
            Some(since) => self.since = since.min(now),
            None if is_other_state => self.since = now,
            None => {}
        }
        self.state = state;
        reason.clone_into(&mut self.reason);
    }
}

impl People {
    pub(crate) fn knows(&self, agent: &str) -> bool {
        self.persons.contains_key(agent)
    }

    /// The reason an agent gave for what it does, and what it will do next.
    pub(super) fn reason_and_pending(&self, agent: &str) -> (String, Option<AgentState>) {
        let does = self.persons.get(agent).map(|person| &person.does);
        does.map_or_else(Default::default, |does| (does.reason.clone(), does.pending))
    }

    /// Where an agent is logged in; else its own extension.
    pub(super) fn extension_of(&self, agent: &str) -> Option<String> {
        let person = self.persons.get(agent)?;
        person.does.extension.clone().or_else(|| person.extension.clone())
    }

    pub(super) fn queue_name(&self, queue: &str) -> Option<String> {
        self.queues.get(queue).cloned()
    }

    pub(super) fn is_supervisor(&self, agent: &str) -> bool {
        self.teams.values().any(|team| team.members.contains(&(agent.to_owned(), Role::Supervisor)))
    }

    /// What each person is to each team, by team and person.
    pub(super) fn relations(&self) -> BTreeMap<(String, String), Role> {
        let mut relations = BTreeMap::new();
        for (id, team) in &self.teams {
            for (member, role) in &team.members {
                relations.entry((id.clone(), member.clone())).or_insert(*role);
            }
        }
        relations
    }

    pub(crate) fn state_of(&self, agent: &str) -> Option<AgentState> {
        self.persons.get(agent).map(|person| person.does.state)
    }

    /// The name people read: the id, until the platform's record of the agent comes.
    pub(super) fn name_of<'a>(&'a self, agent: &'a str) -> &'a str {
        self.persons.get(agent).and_then(|person| person.name.as_deref()).unwrap_or(agent)
    }

    /// Whether one supervises a team the other is in.
    pub(crate) fn supervises(&self, supervisor: &str, agent: &str) -> bool {
        let supervised = |team: &&Team| team.members.contains(&(supervisor.to_owned(), Role::Supervisor));
        self.teams.values().filter(supervised).any(|team| team.members.iter().any(|(member, _)| member == agent))
    }

    /// What a watcher of the agent is shown: the teams it belongs to or supervises, with all their members.
    pub(crate) fn view(&self, agent: &str) -> View {
        let own = self.teams.iter().filter(|(_, team)| team.members.iter().any(|(member, _)| member == agent));
        own.map(|(id, team)| (id.clone(), self.shown(team))).collect()
    }

    fn shown(&self, team: &Team) -> Shown {
        let mut members = BTreeMap::new();
        // In order of precedence: the first role is shown.
        for (member, role) in &team.members {
            members.entry(member.clone()).or_insert_with(|| self.in_full(member, *role));
        }
        Shown { name: team.name.clone(), members }
    }

    fn in_full(&self, member: &str, role: Role) -> Value {
        let does = &self.persons[member].does;
        let kind = match role {
            Role::Supervisor => "Supervisor",
            Role::TeamLead => "TeamLead",
            Role::Agent => "Agent",
        };
        let (status, state) = match does.state {
            AgentState::LoggedOut => ("not_ready", "loggedout"),
            AgentState::NotReady => ("not_ready", "notready"),
            AgentState::Ready => ("ready", "ready"),
            AgentState::Reserved => ("not_ready", "reserved"),
            AgentState::Talking => ("not_ready", "talking"),
            AgentState::Hold => ("not_ready", "hold"),
            AgentState::Work => ("ACW", "work"),
        };
        json!({"memberId": member, "memberType": kind, "memberName": self.name_of(member), "status": status,
            "reason": does.reason, "state": state, "since": does.since.as_millis()})
    }

    pub(super) fn team_name(&self, team: &str) -> Option<&str> {
        self.teams.get(team).map(|team| &*team.name)
    }

    /// Takes one record.
    pub(super) fn take(&mut self, now: Time, event: &Event) {
        match event {
            Event::Agent(record) => {
                let person = self.person(now, record.id.as_str());
                person.name = Some(record.name.to_string());
                person.extension = record.extension.as_ref().map(ToString::to_string);
            }
            Event::AgentRemoved { agent } => {
                self.persons.remove(agent.as_str());
                for team in self.teams.values_mut() {
                    team.members.retain(|(member, _)| member != agent.as_str());
                }
            }
            Event::Team(record) => {
                let team = Team { name: record.name.to_string(), members: self.seats(now, &record.members) };
                self.teams.insert(record.id.to_string(), team);
            }
            Event::TeamRemoved { team } => {
                self.teams.remove(team.as_str());
            }
            Event::TeamChanged { team, name, added, removed } if self.teams.contains_key(team.as_str()) => {
                let joining = self.seats(now, added);
                let team = self.teams.entry(team.to_string()).or_default();
                if let Some(name) = name {
                    team.name = name.to_string();
                }
                for member in removed {
                    team.members.remove(&(member.agent.to_string(), member.role));
                }
                team.members.extend(joining);
            }
            Event::AgentStatus(AgentStatus { agent, state, reason, since, pending, extension }) => {
                let does = &mut self.person(now, agent.as_str()).does;
                does.is_told = true;
                (does.pending, does.extension) = (*pending, extension.as_ref().map(ToString::to_string));
                does.become_state(now, *state, reason, *since);
            }
            Event::Queue(queue) => {
                self.queues.insert(queue.id.to_string(), queue.name.to_string());
            }
            Event::QueueRemoved { queue } => {
                self.queues.remove(queue.as_str());
            }
            // A change of a team nobody told of; and what is not about people.
            Event::TeamChanged { .. }
            | Event::Up(_)
            | Event::Down { .. }
            | Event::ResyncBegin
            | Event::ResyncEnd
            | Event::Call(_)
            | Event::Serves(_)
            | Event::Answer(_) => {}
        }
        self.forget_the_nameless();
    }

    /// What the whole truth did not mention is gone, the rest becomes like it.
    pub(super) fn become_like(&mut self, now: Time, truth: Self) {
        self.persons.retain(|id, _| truth.persons.contains_key(id));
        for (id, told) in truth.persons {
            let person = self.person(now, &id);
            (person.name, person.extension) = (told.name, told.extension);
            person.does.is_told = told.does.is_told;
            (person.does.pending, person.does.extension) = (told.does.pending, told.does.extension);
            if told.does.is_told {
                person.does.become_state(now, told.does.state, &told.does.reason, told.does.told_since);
            } else {
                person.does.become_state(now, AgentState::LoggedOut, "", None);
            }
        }
        (self.teams, self.queues) = (truth.teams, truth.queues);
        self.forget_the_nameless();
    }

    fn person(&mut self, now: Time, id: &str) -> &mut Person {
        self.persons.entry(id.to_owned()).or_insert_with(|| Person {
            name: None,
            extension: None,
            does: Does::nothing(now),
        })
    }

    fn seats(&mut self, now: Time, members: &[Member]) -> BTreeSet<(String, Role)> {
        for member in members {
            self.person(now, member.agent.as_str());
        }
        members.iter().map(|member| (member.agent.to_string(), member.role)).collect()
    }

    /// Whom no record, no status and no team names any more, nobody knows.
    fn forget_the_nameless(&mut self) {
        let teams = &self.teams;
        self.persons.retain(|id, person| {
            let is_member = || teams.values().any(|team| team.members.iter().any(|(member, _)| member == id));
            person.name.is_some() || person.does.is_told || is_member()
        });
    }
}

//! From what one input changed to what each subscriber is sent.

use std::sync::Arc;

use super::tail::TailWriter;
use super::{EventName, Sink, Subject, TeamStatus};
use crate::ids::AgentId;
use crate::report::roster::slab::{AgentIx, Slab, SubjectIx};
use crate::report::roster::{Change, Delta, Fate, RelationChange, Roster, TeamChange};
use crate::time::Time;

impl TeamStatus {
    /// Sends every subscriber what one input changed for it: by kind of event, then team id, agent id, link. `roster` is
    /// the roster just after the input, `at` the input's time.
    pub fn publish(&mut self, roster: &Roster, delta: &Delta, at: Time, sink: &mut impl Sink) {
        if self.subjects.len() == 0 {
            return;
        }
        match &delta.0 {
            Change::Nothing => {}
            Change::Status(agent) => self.publish_status(roster, *agent, at, sink),
            Change::Teams(teams) => self.publish_teams(roster, teams, at, sink),
        }
    }

    /// The hot path: allocates one tail for each watched team of the agent.
    fn publish_status(&mut self, roster: &Roster, agent: AgentIx, at: Time, sink: &mut impl Sink) {
        for (team, role) in roster.relations_of(agent) {
            if let Some(watched) = self.by_team.get(&team) {
                let member = (roster.agent_at(agent), role);
                let tail = self.writer.members(roster.team_at(team), [member].into_iter(), at);
                send(&self.subjects, watched, EventName::MemberStatusChanged, &tail, sink);
            }
        }
    }

    fn publish_teams(&mut self, roster: &Roster, teams: &[TeamChange], at: Time, sink: &mut impl Sink) {
        for team in teams {
            let lost = self.subjects_of(team.persons(RelationChange::Lost));
            if !lost.is_empty() {
                let tail = self.writer.team_only(team.id.as_str(), &team.name, at);
                send(&self.subjects, &lost, EventName::TeamRemoved, &tail, sink);
            }
            for subject in lost {
                self.take_from_team(subject, team.team);
            }
        }
        for team in teams {
            let gained = self.subjects_of(team.persons(RelationChange::Gained));
            if !gained.is_empty() {
                let tail = self.writer.whole_team(roster.team_at(team.team), at);
                send(&self.subjects, &gained, EventName::TeamAdded, &tail, sink);
            }
        }
        // Whoever lost the team is no longer among its watched, and whoever gained it not yet: neither is sent more of it.
        let kept = |kind| teams.iter().filter(move |team| raises(team, kind));
        for kind in
            [EventName::TeamChanged, EventName::MemberRemoved, EventName::MemberAdded, EventName::MemberStatusChanged]
        {
            for team in kept(kind) {
                if let Some(watched) = self.by_team.get(&team.team) {
                    let tail = tail(&mut self.writer, roster, team, kind, at);
                    send(&self.subjects, watched, kind, &tail, sink);
                }
            }
        }
        for team in teams {
            for subject in self.subjects_of(team.persons(RelationChange::Gained)) {
                self.place_in_team(subject, team.team);
            }
        }
    }

    fn subjects_of<'d>(&self, agents: impl Iterator<Item = &'d AgentId>) -> Vec<SubjectIx> {
        agents.filter_map(|agent| self.by_agent.get(agent).copied()).collect()
    }
}

/// Whether the change raises this kind for those who watched the team before and do after.
fn raises(team: &TeamChange, kind: EventName) -> bool {
    match kind {
        EventName::TeamRemoved | EventName::TeamAdded => false,
        EventName::TeamChanged => team.fate == Fate::Renamed,
        EventName::MemberRemoved => !team.removed.is_empty(),
        EventName::MemberAdded => !team.added.is_empty(),
        EventName::MemberStatusChanged => !team.restated.is_empty(),
    }
}

fn tail(writer: &mut TailWriter, roster: &Roster, team: &TeamChange, kind: EventName, at: Time) -> Arc<[u8]> {
    let view = || roster.team_at(team.team);
    let in_full = |agents: &'_ [AgentIx]| -> Vec<_> {
        agents.iter().map(|&agent| (roster.agent_at(agent), roster.role(team.team, agent))).collect()
    };
    match kind {
        EventName::TeamRemoved | EventName::TeamChanged => writer.team_only(team.id.as_str(), &team.name, at),
        EventName::TeamAdded => writer.whole_team(view(), at),
        EventName::MemberRemoved => writer.member_ids(team.id.as_str(), &team.name, &team.removed, at),
        EventName::MemberAdded => writer.members(view(), in_full(&team.added).into_iter(), at),
        EventName::MemberStatusChanged => writer.members(view(), in_full(&team.restated).into_iter(), at),
    }
}

fn send(
    subjects: &Slab<SubjectIx, Subject>,
    watched: &[SubjectIx],
    event: EventName,
    tail: &Arc<[u8]>,
    sink: &mut impl Sink,
) {
    for &subject in watched {
        let Subject { agent, links, .. } = &subjects[subject];
        sink.event(links, event, agent, tail);
    }
}

//! Subscriptions as a snapshot holds them: each once, by agent id; the indices are built again.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Subject, TeamStatus};
use crate::ids::{AgentId, LinkId};
use crate::report::roster::slab::TeamIx;

#[derive(Serialize, Deserialize)]
struct Form {
    seed: u64,
    subjects: Vec<SubjectForm>,
}

#[derive(Serialize, Deserialize)]
struct SubjectForm {
    agent: AgentId,
    links: Vec<LinkId>,
    teams: Vec<TeamIx>,
}

impl Serialize for TeamStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut subjects: Vec<SubjectForm> = self
            .subjects
            .iter()
            .map(|(_, subject)| {
                let mut teams = subject.teams.clone();
                teams.sort_unstable();
                SubjectForm { agent: subject.agent.clone(), links: subject.links.clone(), teams }
            })
            .collect();
        subjects.sort_unstable_by(|a, b| a.agent.cmp(&b.agent));
        Form { seed: self.seed, subjects }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TeamStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = Form::deserialize(deserializer)?;
        let sound = form.subjects.is_sorted_by(|a, b| a.agent < b.agent)
            && form.subjects.iter().all(|subject| {
                !subject.links.is_empty()
                    && subject.links.is_sorted_by(|a, b| a < b)
                    && subject.teams.is_sorted_by(|a, b| a < b)
            });
        if !sound {
            return Err(D::Error::custom("the subscriptions contradict themselves"));
        }
        let mut teamstatus = Self::new(form.seed);
        for SubjectForm { agent, links, teams } in form.subjects {
            let subject =
                teamstatus.subjects.insert(Subject { agent: agent.clone(), links: Vec::new(), teams: Vec::new() });
            teamstatus.by_agent.insert(agent, subject);
            for link in links {
                teamstatus.add_link(subject, link);
            }
            for team in teams {
                teamstatus.place_in_team(subject, team);
            }
        }
        Ok(teamstatus)
    }
}

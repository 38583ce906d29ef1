//! What a subscriber knows of an agent's teams: the snapshot, changed by every event since.

use std::collections::BTreeMap;

use interaction_core::cti::simulator::Simulator;
use interaction_core::cti::{AgentState, Role};
use serde_json::Value;

/// A member as clients see it: type, name, status, reason, state.
pub(crate) type Member = (String, String, String, String, String);

/// A team: its name, and its members by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Team {
    pub(crate) name: String,
    pub(crate) members: BTreeMap<String, Member>,
}

/// Teams by id.
pub(crate) type Teams = BTreeMap<String, Team>;

/// Applies one event; what cannot be is an error.
pub(crate) fn apply(teams: &mut Teams, name: &str, team: &Value) -> Result<(), String> {
    let id = text(team, "teamId");
    let listed = team["members"].as_array().cloned().unwrap_or_default();
    match name {
        "report.teamstatus.teamadded" => {
            let members = listed.iter().map(|one| (text(one, "memberId"), member(one))).collect();
            teams.insert(id, Team { name: text(team, "teamName"), members });
            return Ok(());
        }
        "report.teamstatus.teamremoved" => {
            return teams.remove(&id).map(drop).ok_or(format!("team {id} is removed, but was never added"));
        }
        _ => {}
    }
    let known = teams.get_mut(&id).ok_or(format!("{name} of team {id}, which was never added"))?;
    match name {
        "report.teamstatus.teamchanged" => {
            if known.name == text(team, "teamName") {
                return Err(format!("team {id} changed its name to the one it had"));
            }
        }
        "report.teamstatus.memberadded" => {
            for one in &listed {
                if known.members.insert(text(one, "memberId"), member(one)).is_some() {
                    return Err(format!("a member is added twice: {one}"));
                }
            }
        }
        "report.teamstatus.memberremoved" => {
            for one in &listed {
                known.members.remove(&text(one, "memberId")).ok_or(format!("a stranger is removed: {one}"))?;
            }
        }
        "report.teamstatus.memberstatuschanged" => {
            for one in &listed {
                let now = member(one);
                match known.members.insert(text(one, "memberId"), now.clone()) {
                    None => return Err(format!("a stranger changes: {one}")),
                    Some(before) if before == now => return Err(format!("nothing changed: {one}")),
                    Some(_) => {}
                }
            }
        }
        other => return Err(format!("no event of team status: {other}")),
    }
    known.name = text(team, "teamName");
    Ok(())
}

/// What is true of an agent's teams.
pub(crate) fn truth(simulator: &Simulator, agent: &str) -> Teams {
    let truth = simulator.truth();
    let mut teams = Teams::new();
    for team in truth.teams() {
        if team.members.iter().all(|member| member.agent.as_str() != agent) {
            continue;
        }
        let mut roles: BTreeMap<&str, Role> = BTreeMap::new();
        for member in &team.members {
            let role = roles.entry(member.agent.as_str()).or_insert(member.role);
            *role = member.role.min(*role);
        }
        let members = roles.into_iter().map(|(id, role)| {
            let agent = id.into();
            let name = truth.agents().find(|one| one.id == agent).map_or_else(|| id.into(), |one| one.name);
            let status = truth.status(&agent);
            let state = status.as_ref().map_or(AgentState::LoggedOut, |status| status.state);
            let reason = status.map(|status| status.reason).unwrap_or_default();
            let seen: Member = (
                role.as_str().to_owned(),
                name.to_string(),
                state.status().to_owned(),
                reason.to_string(),
                state.as_str().to_owned(),
            );
            (id.to_owned(), seen)
        });
        teams.insert(team.id.to_string(), Team { name: team.name.to_string(), members: members.collect() });
    }
    teams
}

fn member(one: &Value) -> Member {
    (text(one, "memberType"), text(one, "memberName"), text(one, "status"), text(one, "reason"), text(one, "state"))
}

fn text(value: &Value, property: &str) -> String {
    value[property].as_str().unwrap_or_default().to_owned()
}

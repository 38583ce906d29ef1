//! The teams of one agent, as its subscription tells them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fault::{Fault, Kind};

/// Teams by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// Teams by id.
    pub teams: BTreeMap<String, Team>,
}

/// One team.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Members in full, by id.
    pub members: BTreeMap<String, Value>,
}

impl Roster {
    /// Takes one event in.
    pub fn apply(&mut self, name: &str, team: &Value) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(Kind::Roster, format!("{what}: {name} {team:.600}")));
        let id = text(team, "teamId");
        let team_name = text(team, "teamName");
        let members = || team["members"].as_array().into_iter().flatten();
        if name == "report.teamstatus.teamadded" {
            let members = members().map(|member| (text(member, "memberId"), member.clone())).collect();
            return match self.teams.insert(id, Team { name: team_name, members }) {
                None => Ok(()),
                Some(_) => fault("the team was added before"),
            };
        }
        let Some(known) = self.teams.get_mut(&id) else { return fault("no such team") };
        match name {
            "report.teamstatus.teamchanged" if known.name == team_name => return fault("the name is unchanged"),
            "report.teamstatus.teamchanged" => {
                known.name = team_name;
                return Ok(());
            }
            _ if known.name != team_name => return fault("the team has another name"),
            "report.teamstatus.teamremoved" => {
                self.teams.remove(&id);
                return Ok(());
            }
            _ => {}
        }
        for member in members() {
            let member_id = text(member, "memberId");
            match (name, known.members.get(&member_id)) {
                ("report.teamstatus.memberadded", None) => {
                    known.members.insert(member_id, member.clone());
                }
                ("report.teamstatus.memberadded", Some(_)) => return fault("the member was added before"),
                (_, None) => return fault("no such member"),
                ("report.teamstatus.memberremoved", Some(_)) => {
                    known.members.remove(&member_id);
                }
                (_, Some(before)) => {
                    let differs = |names: &[&str]| names.iter().any(|name| before.get(name) != member.get(name));
                    if differs(&["memberType", "memberName"]) {
                        return fault("a changed name or type is removed and added");
                    }
                    if !differs(&["status", "reason", "state"]) {
                        return fault("the difference is none");
                    }
                    known.members.insert(member_id, member.clone());
                }
            }
        }
        Ok(())
    }
}

fn text(of: &Value, name: &str) -> String {
    of[name].as_str().unwrap_or_default().to_owned()
}

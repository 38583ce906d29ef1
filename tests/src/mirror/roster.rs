//! The teams of one agent, as its subscription tells them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fault::{Fault, Kind};

/// Teams by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// Teams by id.
    pub teams: BTreeMap<String, Team>,
    /// What a second snapshot must tell yet: snapshot and events always come to the same.
    due: BTreeMap<String, Team>,
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
    /// What a snapshot after this roster begins with: nothing told yet, and all of this due.
    #[must_use]
    pub fn begun_again(&self) -> Self {
        Self { teams: BTreeMap::new(), due: self.teams.clone() }
    }

    /// Whether a second snapshot lacks something.
    pub fn incomplete(&self) -> bool {
        !self.due.is_empty()
    }

    /// Takes one event in.
    pub fn apply(&mut self, name: &str, team: &Value) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(Kind::Roster, format!("{what}: {name} {team:.600}")));
        let id = text(team, "teamId");
        let team_name = text(team, "teamName");
        let members = || team["members"].as_array().into_iter().flatten();
        if name == "report.teamstatus.teamadded" {
            let members = members().map(|member| (text(member, "memberId"), member.clone())).collect();
            let added = Team { name: team_name, members };
            let due = self.due.remove(&id);
            if due.is_some_and(|due| due != added) {
                return fault("snapshot and events do not come to the same");
            }
            return match self.teams.insert(id, added) {
                None => Ok(()),
                Some(_) => fault("the team was added before"),
            };
        }
        if self.incomplete() {
            return fault("a difference before the snapshot was complete");
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

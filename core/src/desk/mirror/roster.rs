//! The teams of an agent, and who in them does what.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::limits;
use super::super::read::{self, Text};
use super::super::sorted::SortedMap;
use super::{Applied, write_list};
use crate::wire::write;

/// The teams an agent is in or supervises.
#[derive(Debug, Default)]
pub struct Roster {
    teams: SortedMap<Box<str>, Team>,
    members: usize,
}

/// One of them.
#[derive(Debug)]
pub struct Team {
    name: Box<str>,
    members: SortedMap<Box<str>, Box<RawValue>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    team: Body<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    team_id: Text<'a>,
    #[serde(borrow)]
    team_name: Text<'a>,
    #[serde(borrow, default)]
    members: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member<'a> {
    #[serde(borrow)]
    member_id: Text<'a>,
}

impl Roster {
    /// Each team by its id, in the order of ids.
    pub fn teams(&self) -> impl Iterator<Item = (&str, &Team)> {
        self.teams.iter().map(|(id, team)| (&**id, team))
    }

    pub(super) fn apply(&mut self, name: &str, data: &RawValue) -> Applied {
        let Some(what) = name.strip_prefix("report.teamstatus.") else { return Applied::Unknown };
        let Some(Data { team: body }) = read::object(data.get()) else { return Applied::Misfit };
        let applied = match what {
            "teamadded" => self.add(&body),
            "teamremoved" => self.remove(&body.team_id),
            "teamchanged" => self.rename(&body),
            "memberadded" => self.members(&body, |team, id, member| {
                team.insert(id.into(), member.to_owned());
                true
            }),
            "memberstatuschanged" => self.members(&body, |team, id, member| {
                let Some(shown) = team.get_mut(id) else { return false };
                *shown = member.to_owned();
                true
            }),
            "memberremoved" => self.members(&body, |team, id, _| team.remove(id).is_some()),
            _ => return Applied::Unknown,
        };
        match applied {
            Some(()) if self.members > limits::MEMBERS_MAX => Applied::TooLarge,
            Some(()) => Applied::Changed,
            None => Applied::Misfit,
        }
    }

    fn add(&mut self, body: &Body<'_>) -> Option<()> {
        let mut members = SortedMap::new();
        for member in &body.members {
            members.insert((*id_of(member)?).into(), (*member).to_owned());
        }
        self.members += members.len();
        let before = self.teams.insert((*body.team_id).into(), Team { name: (*body.team_name).into(), members });
        self.members -= before.map_or(0, |before| before.members.len());
        Some(())
    }

    fn remove(&mut self, id: &str) -> Option<()> {
        let team = self.teams.remove(id)?;
        self.members -= team.members.len();
        Some(())
    }

    fn rename(&mut self, body: &Body<'_>) -> Option<()> {
        self.teams.get_mut(&*body.team_id)?.name = (*body.team_name).into();
        Some(())
    }

    fn members(
        &mut self,
        body: &Body<'_>,
        mut change: impl FnMut(&mut SortedMap<Box<str>, Box<RawValue>>, &str, &RawValue) -> bool,
    ) -> Option<()> {
        let team = self.teams.get_mut(&*body.team_id)?;
        let before = team.members.len();
        let mut fits = true;
        for member in &body.members {
            fits &= id_of(member).is_some_and(|id| change(&mut team.members, &id, member));
        }
        self.members = self.members - before + team.members.len();
        fits.then_some(())
    }

    pub(super) fn write(&self, agent: &str, out: &mut Vec<u8>) {
        write::text_property(out, "agentId", agent);
        out.extend_from_slice(b",\"teams\":[");
        for (position, (id, team)) in self.teams().enumerate() {
            out.extend_from_slice(if position > 0 { b",{" } else { b"{" });
            write::text_property(out, "teamId", id);
            out.push(b',');
            write::text_property(out, "teamName", &team.name);
            out.push(b',');
            write_list(out, "members", team.members.values().map(|member| &**member));
            out.push(b'}');
        }
        out.push(b']');
    }
}

impl Team {
    /// The name people read.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each member by its id, in the order of ids: the server's text, which reads as [`crate::protocol::Member`].
    pub fn members(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.members.iter().map(|(id, member)| (&**id, &**member))
    }

    /// One member.
    pub fn member(&self, id: &str) -> Option<&RawValue> {
        self.members.get(id).map(|member| &**member)
    }
}

fn id_of(member: &RawValue) -> Option<Text<'_>> {
    read::object::<Member<'_>>(member.get()).map(|member| member.member_id)
}

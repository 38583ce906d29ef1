//! What is known of the teams and queues: snapshot and differences.

use std::collections::BTreeMap;

use serde_json::Value;

use super::queues::Queues;
use crate::cli::people::{plain, time_of_day};

/// Every team by its id, and the queues.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Board {
    teams: BTreeMap<String, Team>,
    pub(super) queues: Queues,
}

/// One team.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Team {
    /// Its name.
    pub(super) name: String,
    /// Its members by their id.
    pub(super) members: BTreeMap<String, Member>,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The name people read.
    pub(super) name: String,
    /// What the platform says of it.
    pub(super) state: State,
    /// The reason for being not ready, or empty.
    pub(super) reason: String,
    /// Since when, on the server's clock, in milliseconds.
    pub(super) since_ms: u64,
}

/// The states, in the order they are shown: who is free stands first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the platform's own words")]
pub(super) enum State {
    Ready,
    Reserved,
    Talking,
    Hold,
    Work,
    NotReady,
    LoggedOut,
}

impl State {
    /// All, in order.
    pub(super) const ALL: [Self; 7] =
        [Self::Ready, Self::Reserved, Self::Talking, Self::Hold, Self::Work, Self::NotReady, Self::LoggedOut];

    fn of(word: &str) -> Self {
        match word {
            "ready" => Self::Ready,
            "reserved" => Self::Reserved,
            "talking" => Self::Talking,
            "hold" => Self::Hold,
            "work" => Self::Work,
            "notready" => Self::NotReady,
            _ => Self::LoggedOut,
        }
    }

    /// The word people read.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Reserved => "reserved",
            Self::Talking => "talking",
            Self::Hold => "on hold",
            Self::Work => "wrap-up",
            Self::NotReady => "not ready",
            Self::LoggedOut => "logged out",
        }
    }
}

impl Board {
    /// The teams, by name.
    pub(super) fn teams(&self) -> Vec<&Team> {
        let mut teams: Vec<_> = self.teams.values().collect();
        teams.sort_by(|a, b| a.name.cmp(&b.name));
        teams
    }

    /// Applies an event; returns it as lines for people.
    pub(super) fn apply(&mut self, event: &Value) -> Vec<String> {
        let Some(kind) = event["name"].as_str().and_then(|name| name.strip_prefix("report.teamstatus.")) else {
            return self.queues.apply(event);
        };
        let told = &event["data"]["team"];
        let (Some(id), Some(name)) = (told["teamId"].as_str(), told["teamName"].as_str()) else { return Vec::new() };
        let at = time_of_day(event["at"].as_u64().unwrap_or(0));
        let line = |what: String| format!("{at}  {}  {}", plain(name), plain(&what));
        let members = told["members"].as_array().map_or(&[][..], Vec::as_slice);
        match kind {
            "teamremoved" => {
                self.teams.remove(id);
                vec![line("the team is gone".into())]
            }
            "teamadded" => {
                let members: BTreeMap<_, _> = members.iter().filter_map(member).collect();
                let count = members.len();
                self.teams.insert(id.to_owned(), Team { name: name.to_owned(), members });
                vec![line(format!("{count} members"))]
            }
            "teamchanged" => {
                name.clone_into(&mut self.teams.entry(id.to_owned()).or_default().name);
                vec![line("has this name now".into())]
            }
            "memberremoved" => {
                let team = self.teams.entry(id.to_owned()).or_default();
                let gone = members.iter().filter_map(|told| told["memberId"].as_str());
                gone.map(|gone| {
                    let name = team.members.remove(gone).map_or(String::new(), |member| member.name);
                    line(format!("{gone} {name}: no member any more"))
                })
                .collect()
            }
            "memberadded" | "memberstatuschanged" => {
                let team = self.teams.entry(id.to_owned()).or_default();
                let told = members.iter().filter_map(member);
                told.map(|(id, member)| {
                    let before = team.members.get(&id).map_or("new", |before| before.state.word());
                    let reason = if member.reason.is_empty() { String::new() } else { format!(" ({})", member.reason) };
                    let text = format!("{id} {}: {before} → {}{reason}", member.name, member.state.word());
                    team.members.insert(id, member);
                    line(text)
                })
                .collect()
            }
            _ => Vec::new(),
        }
    }
}

fn member(told: &Value) -> Option<(String, Member)> {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let member = Member {
        name: text("memberName"),
        state: State::of(told["state"].as_str()?),
        reason: text("reason"),
        since_ms: told["since"].as_u64().unwrap_or(0),
    };
    Some((told["memberId"].as_str()?.to_owned(), member))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Board;

    fn event(kind: &str, members: Value) -> Value {
        json!({"name": format!("report.teamstatus.{kind}"), "at": 1_790_000_000_000_u64, "data": {
            "agentId": "1001", "team": {"teamId": "7", "teamName": "Sales", "members": members}}})
    }

    fn member(id: &str, state: &str) -> Value {
        json!({"memberId": id, "memberName": format!("Name {id}"), "state": state, "reason": "", "since": 5})
    }

    #[test]
    fn snapshot_and_differences_are_the_roster() {
        let mut board = Board::default();
        assert_eq!(
            board.apply(&event("teamadded", json!([member("1", "ready"), member("2", "notready")]))),
            ["14:13:20Z  Sales  2 members"]
        );
        assert_eq!(
            board.apply(&event("memberstatuschanged", json!([member("1", "talking")]))),
            ["14:13:20Z  Sales  1 Name 1: ready → talking"]
        );
        board.apply(&event("memberadded", json!([member("3", "work")])));
        board.apply(&event("memberremoved", json!([{"memberId": "2"}])));
        let teams = board.teams();
        let words: Vec<_> = teams[0].members.iter().map(|(id, member)| (&**id, member.state.word())).collect();
        assert_eq!(words, [("1", "talking"), ("3", "wrap-up")]);
        board.apply(&event("teamremoved", Value::Null));
        assert!(board.teams().is_empty());
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        let mut board = Board::default();
        assert!(board.apply(&json!({"name": "report.teamstatus.dancing", "data": {}})).is_empty());
        assert!(board.apply(&json!({"name": 3})).is_empty());
        assert!(board.teams().is_empty());
    }
}

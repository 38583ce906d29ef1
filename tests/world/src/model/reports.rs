//! Section 5: team status and journeys, and who may see them.

mod joins;
mod journey;
mod legs;
mod moves;
mod queues;

use std::collections::BTreeMap;

use interaction_core::input::{RecentCall, StoreAnswer};
use serde_json::{Value, json};

use super::people::{People, Shown, View};
use super::requests::Asked;
use super::{Deadline, Expected, Fault, Model, Retry, text};

use journey::{Line, Tell};
pub(crate) use legs::Journeys;
use queues::Queues;

/// The most calls one list shows, and how many where the request does not say.
const RECENT_MAX: u64 = 1_000;
const RECENT_DEFAULT: u64 = 50;

/// Who watches what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    /// By link and watched agent: what the watcher knows, snapshot and events taken together.
    pub(crate) watching: BTreeMap<(u64, String), View>,
    pub(crate) queues: Queues,
    pub(crate) journeys: Journeys,
    queries: BTreeMap<u64, Query>,
}

/// A request that waits for the store.
#[derive(Clone, Debug)]
struct Query {
    asked: Asked,
    /// Where a list was asked for.
    recent: Option<Recent>,
}

#[derive(Clone, Debug)]
struct Recent {
    limit: usize,
    caller: Option<String>,
    /// The calls that were known here then.
    then: Vec<Line>,
}

impl Model {
    pub(super) fn report_request(&mut self, asked: &Asked) -> Result<(), Fault> {
        match &*asked.command {
            "report.teamstatus.begin" => self.begin_watching(asked),
            "report.teamstatus.end" => {
                let agent = agent_id(asked)?;
                self.reports.watching.remove(&(asked.link, agent));
                self.succeed(asked, Some(json!({})));
                Ok(())
            }
            "report.queuestatus.begin" => self.begin_watching_queues(asked),
            "report.queuestatus.end" => self.end_watching_queues(asked),
            "report.calljourney" => self.journey_once(asked),
            "report.calljourney.begin" => self.begin_following(asked),
            "report.calljourney.end" => {
                let call = call_id(asked)?;
                self.reports.journeys.end(asked.link, &call);
                self.succeed(asked, Some(json!({})));
                Ok(())
            }
            "report.calljourney.recent" => self.recent(asked),
            "report.reasoncodes" => self.reason_codes(asked),
            _ => Err(Fault::new("command.unsupported")),
        }
    }

    fn begin_watching(&mut self, asked: &Asked) -> Result<(), Fault> {
        let agent = agent_id(asked)?;
        let link = asked.link;
        if !self.may_watch(link, &agent) {
            return Err(Fault::new("access.denied"));
        }
        self.require_started()?;
        let key = (link, agent.clone());
        self.may_begin(&agent, link, self.reports.watching.keys().map(|key| (key.0, &*key.1)))?;
        self.succeed(asked, Some(json!({})));
        let view = self.people.view(&agent);
        for (team, shown) in &view {
            let body = self.team_event(&agent, "teamadded", team, &shown.name, Some(in_full(shown)));
            self.tell(link, body);
        }
        self.reports.watching.insert(key, view);
        Ok(())
    }

    /// Whether a link may watch one agent more, beside those it watches.
    fn may_begin<'a>(
        &self,
        agent: &str,
        link: u64,
        watched: impl Iterator<Item = (u64, &'a str)>,
    ) -> Result<(), Fault> {
        if !self.people.knows(agent) {
            return Err(Fault::new("agent.unknown"));
        }
        let limits = &self.config.limits;
        let own: Vec<&str> = watched.filter(|(own, _)| *own == link).map(|(_, agent)| agent).collect();
        if !own.contains(&agent) && own.len() >= limits.subscriptions_max as usize {
            return Err(Fault::new("rate.limited"));
        }
        // CHOICE: the world lets either nothing wait for a socket, or as much as may: the sizes of snapshots are the engine's.
        if self.links[&link].backlog > u64::from(limits.pending_bytes) {
            return Err(Fault::new("rate.limited"));
        }
        Ok(())
    }

    /// People change: every watcher is told the differences.
    pub(super) fn change_people(&mut self, change: impl FnOnce(&mut People)) {
        change(&mut self.people);
        let mut told: Vec<(usize, String, String, u64, Value)> = Vec::new();
        let watching: Vec<(u64, String)> = self.reports.watching.keys().cloned().collect();
        for (link, agent) in watching {
            let after = self.people.view(&agent);
            let before = self.reports.watching.insert((link, agent.clone()), after.clone()).unwrap_or_default();
            for (kind, team, name, members) in differences(&before, &after, &self.people) {
                let body = self.team_event(&agent, kind, &team, &name, members);
                let order = KINDS.iter().position(|one| *one == kind).unwrap_or_default();
                told.push((order, team, agent.clone(), link, body));
            }
        }
        told.sort_by(|a, b| (a.0, &a.1, &a.2, a.3).cmp(&(b.0, &b.1, &b.2, b.3)));
        for (_, _, _, link, body) in told {
            self.tell(link, body);
        }
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.review_rights(link);
        }
    }

    fn team_event(&self, agent: &str, kind: &str, team: &str, name: &str, members: Option<Vec<Value>>) -> Value {
        let mut data = json!({"agentId": agent, "team": {"teamId": team, "teamName": name}});
        if let Some(members) = members {
            data["team"]["members"] = members.into();
        }
        self.report_event(&format!("report.teamstatus.{kind}"), data)
    }

    fn report_event(&self, name: &str, data: Value) -> Value {
        json!({"messageType": "resourceEvent", "serviceId": self.config.service_id, "resourceId": self.config.reports_id,
            "event": {"name": name, "data": data, "at": self.now.as_millis()}})
    }

    /// Everything a link watches and follows is over, silently.
    pub(super) fn drop_subscriptions(&mut self, link: u64) {
        self.reports.watching.retain(|(own, _), _| *own != link);
        self.reports.queues.watching.retain(|(own, _), _| *own != link);
        self.reports.journeys.drop_link(link);
    }

    pub(super) fn drop_reports(&mut self, link: u64) {
        self.drop_subscriptions(link);
        let own = self.reports.queries.iter().filter(|(_, query)| query.asked.link == link).map(|(number, _)| *number);
        for number in own.collect::<Vec<_>>() {
            self.reports.queries.remove(&number);
            self.deadlines.remove(&Deadline::Request(number));
        }
    }

    fn require_started(&self) -> Result<(), Fault> {
        if self.platform.status() == "Starting" {
            return Err(Fault::new("cti.unavailable").retry(Retry::Told));
        }
        Ok(())
    }

    fn may_read_all(&self, link: u64) -> bool {
        self.links.get(&link).is_some_and(|link| link.scopes.reports)
    }

    /// The agents whose sessions a link has bound.
    fn own_agents(&self, link: u64) -> Vec<String> {
        let Some(link) = self.links.get(&link) else { return Vec::new() };
        let bound = self.sessions.values().filter(|session| link.resources.contains(&session.resource));
        bound.map(|session| session.agent.clone()).collect()
    }

    fn may_watch(&self, link: u64, agent: &str) -> bool {
        let is_own = |own: &String| own == agent || self.people.supervises(own, agent);
        self.may_read_all(link) || self.own_agents(link).iter().any(is_own)
    }

    fn took_part(&self, link: u64, agents: &[String]) -> bool {
        let own = self.own_agents(link);
        agents.iter().any(|agent| own.iter().any(|own| own == agent || self.people.supervises(own, agent)))
    }

    /// What gave a right may be gone: what was watched by it ends, and its watcher is told.
    pub(super) fn review_rights(&mut self, link: u64) {
        if self.may_read_all(link) {
            return;
        }
        let watched = self.reports.watching.keys().filter(|(own, _)| *own == link).map(|(_, agent)| agent.clone());
        for agent in watched.collect::<Vec<_>>() {
            if !self.may_watch(link, &agent) {
                self.reports.watching.remove(&(link, agent.clone()));
                self.subscription_ended(link, "report.teamstatus.begin", json!({"agentId": agent}));
            }
        }
        let watched = self.reports.queues.watching.keys().filter(|(own, _)| *own == link);
        for agent in watched.map(|(_, agent)| agent.clone()).collect::<Vec<_>>() {
            if !self.may_watch(link, &agent) {
                self.reports.queues.watching.remove(&(link, agent.clone()));
                self.subscription_ended(link, "report.queuestatus.begin", json!({"agentId": agent}));
            }
        }
        for call in self.reports.journeys.followed(link) {
            let agents = self.reports.journeys.agents_of(&call);
            if !agents.is_some_and(|agents| self.took_part(link, &agents)) {
                self.reports.journeys.end(link, &call);
                self.subscription_ended(link, "report.calljourney.begin", json!({"CallId": call}));
            }
        }
    }

    fn subscription_ended(&mut self, link: u64, command: &str, data: Value) {
        let data = json!({"serviceId": self.config.service_id, "resourceId": self.config.reports_id,
            "command": command, "data": data});
        self.core_event(link, "subscriptionEnded", data);
    }

    fn journey_once(&mut self, asked: &Asked) -> Result<(), Fault> {
        let call = call_id(asked)?;
        let link = asked.link;
        if !self.may_read_all(link) && self.own_agents(link).is_empty() {
            return Err(Fault::new("access.denied"));
        }
        if let Some(agents) = self.reports.journeys.agents_of(&call) {
            if !self.may_read_all(link) && !self.took_part(link, &agents) {
                return Err(Fault::new("access.denied"));
            }
            let steps = self.reports.journeys.steps_of(&call, self.now);
            self.succeed(asked, Some(json!({"CallJourney": steps})));
            return Ok(());
        }
        self.require_started()?;
        let number = self.ask_store(asked, None);
        self.said.push(Expected::LoadJourney { number, call });
        Ok(())
    }

    fn ask_store(&mut self, asked: &Asked, recent: Option<Recent>) -> u64 {
        let number = self.number();
        let at = self.in_ms(self.config.limits.request_ms);
        self.deadlines.insert(Deadline::Request(number), at);
        self.reports.queries.insert(number, Query { asked: asked.late(), recent });
        number
    }

    fn begin_following(&mut self, asked: &Asked) -> Result<(), Fault> {
        let call = call_id(asked)?;
        let link = asked.link;
        let agents = self.reports.journeys.agents_of(&call);
        if !self.may_read_all(link) && !agents.as_ref().is_some_and(|agents| self.took_part(link, agents)) {
            return Err(Fault::new("access.denied"));
        }
        self.require_started()?;
        self.reports.journeys.begin(link, &call)?;
        self.succeed(asked, Some(json!({})));
        Ok(())
    }

    fn recent(&mut self, asked: &Asked) -> Result<(), Fault> {
        let data = asked.data_or_nothing(&[("/limit", text::Kind::Number), ("/number", text::Kind::Text)])?;
        let limit = data["limit"].as_u64().unwrap_or(RECENT_DEFAULT);
        if limit == 0 || limit > RECENT_MAX {
            return Err(Fault::invalid("data.limit"));
        }
        let caller = match &data["number"] {
            Value::Null => None,
            number => Some(text::id(number).ok_or_else(|| Fault::invalid("data.number"))?.to_owned()),
        };
        if !self.may_read_all(asked.link) {
            return Err(Fault::new("access.denied"));
        }
        self.require_started()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let then = self.reports.journeys.lines(caller.as_deref());
        let number = self.ask_store(asked, Some(Recent { limit, caller: caller.clone(), then }));
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.said.push(Expected::LoadRecent { number, limit, caller });
        Ok(())
    }

    fn reason_codes(&mut self, asked: &Asked) -> Result<(), Fault> {
        asked.data_or_nothing(&[])?;
        self.require_started()?;
        let codes = self.platform.codes().ok_or_else(|| Fault::new("cti.unavailable").retry(Retry::Told))?;
        self.succeed(asked, Some(codes));
        Ok(())
    }

    /// The store answered, or the deadline did.
    pub(super) fn loaded(&mut self, number: u64, answer: Option<&StoreAnswer>) {
        let Some(Query { asked, recent }) = self.reports.queries.remove(&number) else { return };
        self.deadlines.remove(&Deadline::Request(number));
        let link = asked.link;
        let done = match (recent, answer) {
            (_, None) => Err(Fault::new("request.deadline")),
            (None, Some(StoreAnswer::Journey(Some(record)))) => {
                let agents: Vec<String> = record.agents.iter().map(ToString::to_string).collect();
                if self.may_read_all(link) || self.took_part(link, &agents) {
                    Ok(json!({"CallJourney": journey::steps_of_record(record, self.now)}))
                } else {
                    Err(Fault::new("access.denied"))
                }
            }
            // Who may read some calls only is not told which others there are.
            (None, Some(StoreAnswer::Journey(None) | StoreAnswer::NoHistory)) if !self.may_read_all(link) => {
                Err(Fault::new("access.denied"))
            }
            (None, Some(StoreAnswer::Journey(None) | StoreAnswer::NoHistory)) => Err(Fault::new("call.unknown")),
            (Some(Recent { limit, caller, then }), Some(StoreAnswer::Recent(ended))) => {
                // CHOICE: whatever was known here at the question or is at the answer is listed; of a call that is known now,
                // what the store has of its running is not told.
                let known = self.reports.journeys.known();
                let is_known = |call: &str| known.iter().any(|own| *own == call);
                let ended: Vec<RecentCall> =
                    ended.iter().filter(|call| !(call.partial && is_known(call.call.as_str()))).cloned().collect();
                let is_stored = |call: &str| ended.iter().any(|one| !one.partial && one.call.as_str() == call);
                let mut lines = self.reports.journeys.lines(caller.as_deref());
                lines.extend(then.into_iter().filter(|line| !is_known(&line.call) && !is_stored(&line.call)));
                Ok(recent_calls(lines, &ended, limit))
            }
            (_, Some(_)) => Err(Fault::new("internal.error")),
        };
        match done {
            Ok(data) => self.succeed(&asked, Some(data)),
            Err(fault) => self.fail(&asked, &fault),
        }
    }

    /// Whoever follows a journey that changed is told the whole of it, once a step.
    pub(super) fn tell_followers(&mut self) {
        for (link, call, tell) in self.reports.journeys.tell(self.now) {
            let body = match tell {
                Tell::Updated(steps) => {
                    self.report_event("report.calljourney.updated", json!({"CallId": call, "CallJourney": steps}))
                }
                Tell::Ended => self.report_event("report.calljourney.ended", json!({"CallId": call})),
            };
            self.tell(link, body);
        }
    }

    pub(super) fn journeys_due(&mut self) {
        self.reports.journeys.tick(self.now);
    }
}

/// The kinds of differences, in the order in which one input raises them.
const KINDS: [&str; 6] =
    ["teamremoved", "teamadded", "teamchanged", "memberremoved", "memberadded", "memberstatuschanged"];

/// What leads from one view to the next.
fn differences(
    before: &View,
    after: &View,
    people: &People,
) -> Vec<(&'static str, String, String, Option<Vec<Value>>)> {
    let mut told = Vec::new();
    for (team, shown) in before {
        if !after.contains_key(team) {
            // CHOICE: a team that was renamed and left by one input is named as it is called now.
            let name = people.team_name(team).unwrap_or(&shown.name);
            told.push(("teamremoved", team.clone(), name.to_owned(), None));
        }
    }
    for (team, now) in after {
        let mut tell = |kind, members| told.push((kind, team.clone(), now.name.clone(), members));
        let Some(then) = before.get(team) else {
            tell("teamadded", Some(in_full(now)));
            continue;
        };
        if then.name != now.name {
            tell("teamchanged", None);
        }
        // A changed name or type is removed and added.
        let same_person =
            |a: &Value, b: &Value| a["memberName"] == b["memberName"] && a["memberType"] == b["memberType"];
        let is_in = |one: &Shown, id: &str, member: &Value| one.members.get(id).is_some_and(|m| same_person(m, member));
        let removed: Vec<Value> = (then.members.iter())
            .filter(|(id, member)| !is_in(now, id, member))
            .map(|(id, _)| json!({"memberId": id}))
            .collect();
        let added: Vec<Value> = (now.members.iter())
            .filter(|(id, member)| !is_in(then, id, member))
            .map(|(_, member)| member.clone())
            .collect();
        let does_same = |a: &Value, b: &Value| a["reason"] == b["reason"] && a["state"] == b["state"];
        let restated: Vec<Value> = (now.members.iter())
            .filter(|(id, member)| is_in(then, id, member) && !does_same(&then.members[*id], member))
            .map(|(_, member)| member.clone())
            .collect();
        for (kind, members) in [("memberremoved", removed), ("memberadded", added), ("memberstatuschanged", restated)] {
            if !members.is_empty() {
                tell(kind, Some(members));
            }
        }
    }
    told
}

fn in_full(shown: &Shown) -> Vec<Value> {
    shown.members.values().cloned().collect()
}

fn recent_calls(mut lines: Vec<Line>, ended: &[RecentCall], limit: usize) -> Value {
    for call in ended {
        // What is known here is newer than what the store has of it.
        if !lines.iter().any(|line| line.call == call.call.as_str()) {
            lines.push(Line {
                call: call.call.to_string(),
                started: call.started,
                ended: Some(call.ended),
                from: call.from.to_string(),
                to: call.to.to_string(),
                is_partial: call.partial,
            });
        }
    }
    journey::list(lines, limit)
}

fn agent_id(asked: &Asked) -> Result<String, Fault> {
    let data = asked.data(&[("/agentId", text::Kind::Text)])?;
    text::id(&data["agentId"]).map(str::to_owned).ok_or_else(|| Fault::invalid("data.agentId"))
}

fn call_id(asked: &Asked) -> Result<String, Fault> {
    let data = asked.data(&[("/CallId", text::Kind::Text)])?;
    text::id(&data["CallId"]).map(str::to_owned).ok_or_else(|| Fault::invalid("data.CallId"))
}

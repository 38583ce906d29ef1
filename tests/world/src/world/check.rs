//! What must hold whatever the model says: the promises of the protocol's section 7, from the messages alone.

use std::collections::{BTreeMap, BTreeSet};

use interaction_core::input::SecretKind;
use interaction_trace::Seen;
use serde_json::Value;

use super::grammar::Grammar;
use super::{Difference, World};
use crate::model::{Happening, SessionState};
use crate::names::Names;

/// A team as a watcher knows it: its name, and its members by id.
type Team = (String, BTreeMap<String, Value>);

/// Who watches whom: the link's key and the agent.
type Watch = (u64, String);

/// Somebody who sees every message and remembers them all.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// The key of the link each socket carries.
    keys: BTreeMap<u64, u64>,
    /// Of each link: every message by number, from 1, as it is kept.
    sent: BTreeMap<u64, Vec<Value>>,
    /// Requests that had their one answer, and its number.
    answered: BTreeMap<(u64, String), u64>,
    /// Up to which number each link acknowledged.
    acked: BTreeMap<u64, u64>,
    /// What each request to watch names.
    begins: BTreeMap<(u64, String), String>,
    mirrors: BTreeMap<Watch, BTreeMap<String, Team>>,
    /// Sessions that were started in their binding, by their link's key and their resource.
    sessions: BTreeMap<(u64, String), Grammar>,
    /// Those whose logout was asked of the platform.
    leaving: BTreeSet<(u64, String)>,
}

impl Witness {
    /// `has_heard_all`: whoever speaks knows all there is.
    pub(super) fn sees(
        &mut self,
        names: &Names,
        happening: &Happening,
        seen: &[Seen],
        has_heard_all: bool,
    ) -> Result<(), Difference> {
        if let Happening::Attached { socket, key, after, .. } = happening {
            self.keys.insert(*socket, *key);
            self.acknowledged(*key, *after);
        }
        let said = match happening {
            Happening::Said { socket, text } => Some((self.keys.get(socket).copied(), text)),
            Happening::Posted { to, text, .. } => Some((*to, text)),
            Happening::Opened { .. } | Happening::Attached { .. } | Happening::Input(_) => None,
        };
        if let Some((_, text)) = said
            && text.contains("\"resume\"")
        {
            let resume = &serde_json::from_str::<Value>(text).unwrap_or_default()["resume"];
            if let (Some(key), Some(seq)) = (key_of(&resume["key"]), resume["seq"].as_u64()) {
                self.acknowledged(key, seq);
            }
        }
        if let Some((Some(key), text)) = said {
            let message = || serde_json::from_str::<Value>(text).unwrap_or_default();
            if text.contains("report.teamstatus.begin") {
                let message = message();
                let agent = word(&message["request"]["data"]["agentId"]);
                self.begins.insert((key, word(&message["requestId"])), agent);
            }
            if text.contains("\"ack\"") {
                self.acknowledged(key, message()["seq"].as_u64().unwrap_or(0));
            }
            if has_heard_all && text.contains("\"resourceRequest\"") {
                self.is_possible(key, names, text, seen)?;
            }
        }
        for one in seen {
            if let Seen::Message { socket, text, .. } = one {
                let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                self.message(*socket, message).map_err(|why| format!("{why}: {text}"))?;
            }
        }
        Ok(())
    }

    /// What is shown as allowed is not refused for its state; what is shown as not allowed is not done.
    fn is_possible(&mut self, key: u64, names: &Names, text: &str, seen: &[Seen]) -> Result<(), Difference> {
        let asked: Value = serde_json::from_str(&names.to_real(text)).unwrap_or_default();
        let own = (key, word(&asked["resourceId"]));
        let Some(told) = self.sessions.get(&own) else { return Ok(()) };
        let action = word(&asked["request"]["command"]).replacen(".request.", ".", 1);
        let Some(shown) = told.shows(&word(&asked["request"]["target"]), &action) else { return Ok(()) };
        let messages = seen.iter().filter_map(|one| match one {
            Seen::Message { text, .. } => serde_json::from_str::<Value>(text).ok(),
            _ => None,
        });
        let messages: Vec<Value> = messages.collect();
        let is_answer = |message: &&Value| message["requestId"] == asked["requestId"] && message["repeated"] != true;
        let answer = messages.iter().find(is_answer).map(|message| &message["response"]);
        let code = answer.map(|answer| word(&answer["failure"]["code"])).unwrap_or_default();
        let is_of_state = ["state.invalid", "interaction.ongoing", "consult.missing", "channel.inactive"];
        if shown && is_of_state.contains(&&*code) {
            // One that is being logged out is asked nothing more.
            return if self.leaving.contains(&own) { Ok(()) } else { Err(format!("{action} is shown, and {code}")) };
        }
        // With an answer it is a deadline's command, of this moment by chance.
        let is_asked = answer.is_none() && seen.iter().any(|one| matches!(one, Seen::Cti { .. }));
        let has_events = messages.iter().any(|message| message["event"]["messageType"].is_string());
        let is_done = answer.is_some_and(|answer| answer["result"] == "success") && has_events;
        if action == "session.logout" && is_asked {
            self.leaving.insert(own);
        }
        if !shown && (is_asked || is_done) { Err(format!("{action} is not shown, and done")) } else { Ok(()) }
    }

    fn acknowledged(&mut self, key: u64, seq: u64) {
        let acked = self.acked.entry(key).or_default();
        *acked = seq.max(*acked);
    }

    fn message(&mut self, socket: u64, mut message: Value) -> Result<(), Difference> {
        if message["messageType"] == "connected" {
            let key = key_of(&message["resumeKey"]).ok_or("no key of ours")?;
            self.keys.insert(socket, key);
            return Ok(());
        }
        let (Some(seq), Some(key)) = (message["seq"].as_u64(), self.keys.get(&socket).copied()) else { return Ok(()) };
        hide_passwords(&mut message);
        let sent = self.sent.entry(key).or_default();
        let place = usize::try_from(seq).map_err(|_| "a number beyond all")?;
        if let Some(before) = place.checked_sub(1).and_then(|place| sent.get(place)) {
            return if *before == message { Ok(()) } else { Err(format!("{seq} was another message before")) };
        }
        if sent.len() + 1 != place {
            return Err(format!("a hole: {} messages were sent before", sent.len()));
        }
        sent.push(message.clone());
        self.answer(key, &message)?;
        self.session(key, &message)?;
        self.watch(key, &message)
    }

    fn answer(&mut self, key: u64, message: &Value) -> Result<(), Difference> {
        let Some(request) = message["requestId"].as_str() else { return Ok(()) };
        // Turned away, it was not begun; and a repetition says that it is one.
        if message["failure"]["code"] == "rate.limited" || message["repeated"] == true {
            return Ok(());
        }
        let seq = message["seq"].as_u64().unwrap_or(0);
        let before = self.answered.insert((key, request.to_owned()), seq);
        // Once the first is acknowledged it may be forgotten.
        let acked = self.acked.get(&key).copied().unwrap_or(0);
        match before {
            Some(before) if before > acked => Err(format!("a second answer, and the first is {before}")),
            _ => Ok(()),
        }
    }

    /// What happens to sessions: started in a binding, told of, gone.
    fn session(&mut self, key: u64, message: &Value) -> Result<(), Difference> {
        let at = |resource: &Value| (key, word(resource));
        let response = &message["response"];
        let is_start = matches!(response["command"].as_str(), Some("session.start" | "session.request.start"));
        if is_start && response["result"] == "success" && message["repeated"] != true {
            let session = word(&message["resourceId"]);
            self.sessions.insert((key, session.clone()), Grammar::new(&session));
        }
        if matches!(response["command"].as_str(), Some("session.logout" | "session.request.logout")) {
            self.leaving.remove(&at(&message["resourceId"]));
        }
        let event = &message["event"];
        if event["name"] == "resourceUnbound" {
            self.sessions.remove(&at(&event["data"]["resourceId"]));
        }
        if matches!(event["messageType"].as_str(), Some("objectEvent" | "stateEvent")) {
            let session =
                self.sessions.get_mut(&at(&message["resourceId"])).ok_or("of a session that was not started")?;
            return session.event(event);
        }
        Ok(())
    }

    fn watch(&mut self, key: u64, message: &Value) -> Result<(), Difference> {
        let response = &message["response"];
        // A repeated answer begins nothing.
        if message["repeated"] != true
            && response["command"] == "report.teamstatus.begin"
            && response["result"] == "success"
            && let Some(agent) = self.begins.get(&(key, word(&message["requestId"])))
        {
            self.mirrors.insert((key, agent.clone()), BTreeMap::new());
        }
        let event = &message["event"];
        match event["name"].as_str().and_then(|name| name.strip_prefix("report.teamstatus.")) {
            Some(kind) => {
                let data = &event["data"];
                let mirror = self.mirrors.get_mut(&(key, word(&data["agentId"]))).ok_or("nobody watches")?;
                apply(mirror, kind, &data["team"])
            }
            None => Ok(()),
        }
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn key_of(key: &Value) -> Option<u64> {
    key.as_str()?.strip_prefix("resume-key-")?.parse().ok()
}

fn hide_passwords(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        Value::Object(items) => {
            for (key, value) in items {
                if key == "password" {
                    *value = Value::Null;
                } else {
                    hide_passwords(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Applies one event to what a watcher knows; what makes no difference, or cannot be, is an error.
fn apply(mirror: &mut BTreeMap<String, Team>, kind: &str, team: &Value) -> Result<(), Difference> {
    let (id, name) = (word(&team["teamId"]), word(&team["teamName"]));
    let listed: Vec<(String, Value)> = team["members"]
        .as_array()
        .map(|members| members.iter().map(|member| (word(&member["memberId"]), member.clone())).collect())
        .unwrap_or_default();
    match kind {
        "teamadded" => {
            mirror.insert(id, (name, listed.into_iter().collect()));
            return Ok(());
        }
        "teamremoved" => return mirror.remove(&id).map(drop).ok_or_else(|| "it was never added".to_owned()),
        _ => {}
    }
    let (known_name, members) = mirror.get_mut(&id).ok_or("the team was never added")?;
    if kind == "teamchanged" && *known_name == name {
        return Err("the name is what it was".to_owned());
    }
    *known_name = name;
    for (member, now) in listed {
        let before = members.remove(&member);
        match (kind, before) {
            ("memberadded", Some(_)) => return Err("a member is added twice".to_owned()),
            ("memberremoved" | "memberstatuschanged", None) => return Err("a stranger changes".to_owned()),
            ("memberstatuschanged", Some(before)) if before == now => return Err("nothing changes".to_owned()),
            _ => {}
        }
        if kind != "memberremoved" {
            members.insert(member, now);
        }
    }
    Ok(())
}

impl World {
    /// What the engine counts is what the model has; secrets are held while they are needed, and not longer.
    pub(super) fn check_counts(&self) -> Result<(), Difference> {
        let (gauges, model) = (self.driver.engine().gauges(), &self.model);
        let watching = model.reports.watching.len() + model.reports.queues.watching.len();
        let ours = (model.links.len(), model.sockets.len(), model.sessions.len(), watching);
        let theirs = (gauges.links, gauges.sockets, gauges.sessions, gauges.subscriptions);
        if ours != theirs {
            return Err(format!("links, sockets, sessions, subscriptions: {theirs:?}, and {ours:?} are expected"));
        }
        if gauges.cti_in_service != model.platform.is_in_service() {
            return Err(format!("the platform in service: {}", gauges.cti_in_service));
        }
        let most = gauges.links as u64 * u64::from(self.setting.config.limits.replay_bytes);
        if gauges.kept_bytes > most {
            return Err(format!("{} bytes are kept, and {most} may be", gauges.kept_bytes));
        }
        let of = |kind| self.driver.held().filter(|(_, held)| *held == kind).count();
        let (passwords, keys, tokens) = (of(SecretKind::Password), of(SecretKind::ResumeKey), of(SecretKind::Token));
        let unlinked = model.sockets.values().filter(|socket| socket.link.is_none()).count();
        if (passwords, keys, tokens) != (model.passwords_needed(), unlinked, 0) {
            return Err(format!(
                "{passwords} passwords, {keys} keys and {tokens} tokens are held; {} and {unlinked} are needed",
                model.passwords_needed()
            ));
        }
        Ok(())
    }

    /// Snapshot and events are the roster, for everybody whose socket stands.
    pub(super) fn check_mirrors(&self) -> Result<(), Difference> {
        for (link, agent) in self.model.reports.watching.keys() {
            let link = &self.model.links[link];
            if link.socket.is_none() {
                continue;
            }
            let truth: BTreeMap<String, Team> = (self.model.people.view(agent).into_iter())
                .map(|(team, shown)| (team, (shown.name, shown.members)))
                .collect();
            let mirror = self.witness.mirrors.get(&(link.key, agent.clone()));
            if mirror != Some(&truth) {
                return Err(format!("a watcher of {agent} knows {mirror:?}, and true is {truth:?}"));
            }
        }
        Ok(())
    }

    /// Whoever is shown that it may log out may, and whoever is not may not: no interaction is going on, or one is.
    pub(super) fn check_sessions(&self) -> Result<(), Difference> {
        for session in self.model.sessions.values().filter(|session| session.is_started_in_binding) {
            let Some(link) = self.model.links.get(&session.owner) else { continue };
            let told = self.witness.sessions.get(&(link.key, self.names.to_real(&session.resource)));
            let is_running = matches!(session.state, SessionState::Initialized(_));
            let Some(told) = told.filter(|_| is_running && link.socket.is_some()) else { continue };
            if !told.is_initialized() {
                return Err(format!("{} was never initialized", session.agent));
            }
            let (may, shown) =
                (!self.model.is_ongoing(session), told.shows(&self.names.to_real(&session.resource), "session.logout"));
            if self.model.platform.is_in_service() && shown != Some(may) {
                return Err(format!("{} is shown {shown:?}, and may log out: {may}", session.agent));
            }
        }
        Ok(())
    }

    /// Everybody left: nothing may be kept, waited for, held or claimed.
    pub(super) fn check_nothing_is_left(&self) -> Result<(), Difference> {
        let gauges = self.driver.engine().gauges();
        let left = gauges.links + gauges.sockets + gauges.sessions + gauges.subscriptions + gauges.journeys;
        // The turn of the day, at which queues count anew, is always to come.
        if left + gauges.waiting != 0 || gauges.deadlines > 1 || gauges.kept_bytes != 0 {
            return Err(format!("something is left: {gauges:?}"));
        }
        if !self.model.is_idle() {
            return Err("the model is not idle".to_owned());
        }
        let ours = self.directory.ours();
        if !ours.is_empty() {
            return Err(format!("claims are left: {ours:?}"));
        }
        Ok(())
    }
}

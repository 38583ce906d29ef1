//! A client that believes nothing: it remembers what it asked and what it was told, and finds every contradiction.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::queue::{self, Queues};
use crate::team::{self, Teams};

/// A request as its client knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) frame: String,
    command: String,
    agent: String,
    pub(crate) sends: u32,
    pub(crate) answers: u32,
    answered_seq: u64,
    /// It was turned away undecided, and is as good as never sent.
    turned_away: bool,
}

/// What a message told, for the count of what histories came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    Resumed,
    Gap,
    Prepared,
    Confirmed,
    Superseded,
    Released,
    Ended,
    LoggedOut,
    Repeated,
    TeamEvent,
    QueueEvent,
}

#[derive(Debug, Default)]
pub(crate) struct Client {
    pub(crate) name: String,
    /// Whether its listener gives it the scope `reports`.
    pub(crate) reports: bool,
    pub(crate) socket: Option<u64>,
    pub(crate) connected: bool,
    /// The socket its link's key was drawn for.
    pub(crate) key: Option<u64>,
    pub(crate) last_seq: u64,
    pub(crate) acked: u64,
    /// What its `connect` asked to resume after, which acknowledges.
    pub(crate) resumes_after: u64,
    next_request: u64,
    texts: BTreeMap<u64, String>,
    pub(crate) asked: BTreeMap<String, Asked>,
    pub(crate) watched: BTreeMap<String, Teams>,
    /// The queues of those it watches.
    pub(crate) queues: BTreeMap<String, Queues>,
    /// Sessions it prepared that were not said to be over.
    pub(crate) sessions: BTreeSet<String>,
}

impl Client {
    pub(crate) fn new(name: String, reports: bool) -> Self {
        Self { name, reports, ..Self::default() }
    }

    /// A frame that asks for something, remembered; `body` is what follows the id.
    pub(crate) fn ask(&mut self, class: &str, command: &str, agent: &str, body: &str) -> String {
        self.next_request += 1;
        let id = format!("{}-{}", self.key.unwrap_or(0), self.next_request);
        let frame = format!(r#"{{"messageType":"{class}","requestId":"{id}",{body}}}"#);
        let asked = Asked {
            frame: frame.clone(),
            command: command.to_owned(),
            agent: agent.to_owned(),
            sends: 1,
            ..Asked::default()
        };
        self.asked.insert(id, asked);
        frame
    }

    /// The socket is gone.
    pub(crate) fn parted(&mut self) {
        self.socket = None;
        self.connected = false;
    }

    /// The link is over for the client too.
    pub(crate) fn forget(&mut self) {
        *self = Self { socket: self.socket, connected: self.connected, ..Self::new(self.name.clone(), self.reports) };
    }

    /// Hears one message.
    pub(crate) fn hear(&mut self, text: &str) -> Result<Told, String> {
        let message: Value = serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))?;
        if message["messageType"] == "connected" {
            return Ok(self.connected(&message));
        }
        let Some(seq) = message["seq"].as_u64() else { return Ok(Told::Nothing) };
        let plain = without_passwords(text);
        if let Some(before) = self.texts.get(&seq) {
            if *before != plain {
                return Err(format!("message {seq} is told differently: {before} and {text}"));
            }
            return Ok(Told::Nothing);
        }
        if seq != self.last_seq + 1 {
            return Err(format!("after {} comes {text}", self.last_seq));
        }
        self.last_seq = seq;
        self.texts.insert(seq, plain);
        match message["messageType"].as_str().unwrap_or_default() {
            "coreEvent" => Ok(self.core_event(&message["event"])),
            "resourceEvent" => self.resource_event(&message["event"]),
            _ => self.answered(seq, &message),
        }
    }

    /// What the client acknowledges it need not hear again.
    pub(crate) fn acknowledged(&mut self, seq: u64) {
        self.acked = self.acked.max(seq);
        // Numbers above may come again; those below never do.
        self.texts = self.texts.split_off(&self.acked);
    }

    /// Requests to send again, with whether their answer was acknowledged.
    pub(crate) fn repeatable(&self) -> Vec<String> {
        self.asked.keys().cloned().collect()
    }

    /// Requests without an answer: those that were not turned away.
    pub(crate) fn unanswered(&self) -> Vec<&str> {
        let left = self.asked.iter().filter(|(_, asked)| asked.answers == 0 && !asked.turned_away);
        left.map(|(id, _)| id.as_str()).collect()
    }

    fn connected(&mut self, message: &Value) -> Told {
        self.connected = true;
        match (message["resumed"].as_bool(), message["reason"].as_str()) {
            (Some(true), _) => {
                self.acknowledged(self.resumes_after);
                Told::Resumed
            }
            (_, reason) => {
                let gap = reason == Some("gap");
                let sessions = std::mem::take(&mut self.sessions);
                self.forget();
                if gap {
                    // The fresh link may bind them.
                    self.sessions = sessions;
                }
                self.key = self.socket;
                if gap { Told::Gap } else { Told::Nothing }
            }
        }
    }

    fn answered(&mut self, seq: u64, message: &Value) -> Result<Told, String> {
        let Some(id) = message["requestId"].as_str() else { return Ok(Told::Nothing) };
        let asked = self.asked.get_mut(id).ok_or_else(|| format!("nobody asked: {message}"))?;
        let failure = &message["failure"]["code"];
        if failure == "rate.limited" {
            asked.turned_away = true;
            return Ok(Told::Nothing);
        }
        asked.turned_away = false;
        asked.answers += 1;
        if asked.answers > asked.sends {
            return Err(format!("one answer too many: {message}"));
        }
        let again = message["repeated"] == true;
        // One that is not called so was forgotten for the bound on what is kept, and done again.
        if again && asked.answered_seq > self.acked {
            return Err(format!("answered again before it was acknowledged: {message}"));
        }
        if asked.answers == 1 && again {
            return Err(format!("the first answer is called a repeated one: {message}"));
        }
        asked.answered_seq = seq;
        if again {
            return Ok(Told::Repeated);
        }
        let response = &message["response"];
        let (result, agent) = (response["result"].as_str().or(message["result"].as_str()), asked.agent.clone());
        match (asked.command.as_str(), result) {
            ("prepareSession", Some("success")) => {
                let id = response["resource"]["id"].as_str().ok_or("a session without an id")?;
                self.sessions.insert(id.to_owned());
                Ok(Told::Prepared)
            }
            ("prepareSession", Some("confirm")) => Ok(Told::Confirmed),
            ("session.request.logout", Some("success")) => {
                let target = response["target"].as_str().unwrap_or_default();
                self.sessions.remove(target);
                Ok(Told::LoggedOut)
            }
            ("report.teamstatus.begin", Some("success")) => {
                self.watched.insert(agent, Teams::new());
                Ok(Told::Nothing)
            }
            ("report.queuestatus.begin", Some("success")) => {
                self.queues.insert(agent, Queues::new());
                Ok(Told::Nothing)
            }
            ("report.queuestatus.end", Some("success")) => {
                self.queues.remove(&agent);
                Ok(Told::Nothing)
            }
            ("report.teamstatus.end", Some("success")) => {
                self.watched.remove(&agent);
                Ok(Told::Nothing)
            }
            ("unbindReports", Some("success")) => {
                self.watched.clear();
                self.queues.clear();
                Ok(Told::Nothing)
            }
            _ => Ok(Told::Nothing),
        }
    }

    fn core_event(&mut self, event: &Value) -> Told {
        let data = &event["data"];
        match event["name"].as_str() {
            Some("resourceUnbound") => {
                self.sessions.remove(data["resourceId"].as_str().unwrap_or_default());
                match data["reason"].as_str() {
                    Some("superseded") => Told::Superseded,
                    Some("released") => Told::Released,
                    _ => Told::Ended,
                }
            }
            Some("subscriptionEnded") => {
                let agent = data["data"]["agentId"].as_str().unwrap_or_default();
                if data["command"] == "report.queuestatus.begin" {
                    self.queues.remove(agent);
                } else {
                    self.watched.remove(agent);
                }
                Told::Nothing
            }
            _ => Told::Nothing,
        }
    }

    fn resource_event(&mut self, event: &Value) -> Result<Told, String> {
        let name = event["name"].as_str().unwrap_or_default();
        if name.starts_with("report.queuestatus.") {
            let agent = event["data"]["agentId"].as_str().unwrap_or_default();
            let queues =
                self.queues.get_mut(agent).ok_or_else(|| format!("nobody watches queues of {agent}: {event}"))?;
            queue::apply(queues, name, &event["data"]["queue"])?;
            return Ok(Told::QueueEvent);
        }
        if !name.starts_with("report.teamstatus.") {
            return Ok(Told::Nothing);
        }
        let agent = event["data"]["agentId"].as_str().unwrap_or_default();
        let teams = self.watched.get_mut(agent).ok_or_else(|| format!("nobody watches {agent}: {event}"))?;
        team::apply(teams, name, &event["data"]["team"]).map_err(|error| format!("{agent}: {error}"))?;
        Ok(Told::TeamEvent)
    }
}

/// The message as it is kept: with null in place of passwords.
fn without_passwords(text: &str) -> String {
    const NAME: &str = "\"password\":\"";
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(NAME) {
        let value = at + NAME.len();
        plain.push_str(&rest[..value - 1]);
        plain.push_str("null");
        rest = rest[value..].split_once('"').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

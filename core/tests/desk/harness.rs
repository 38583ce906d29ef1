//! A desk, a clock, and somebody who plays the server by hand.

use std::time::Duration;

use interaction_core::config::Seed;
use interaction_core::desk::{Config, Desk, DeskInput, DeskRequest, To};
use interaction_core::time::Time;
use serde_json::{Value, json};

pub(crate) const START: Time = Time::from_millis(1_790_000_000_000);
pub(crate) const URL: &str = "wss://one.example/v1/ws";
pub(crate) const OTHER: &str = "wss://two.example/v1/ws";
/// What a test's token, password and resume key contain: nothing that is shown may.
pub(crate) const SECRET: &str = "hush-hush";

/// The desk, and where its server is.
pub(crate) struct Player {
    pub(crate) desk: Desk,
    pub(crate) now: Time,
    /// The socket that was asked for last.
    pub(crate) attempt: u64,
    /// The number of the last message that was played.
    pub(crate) seq: u64,
    /// Every message that was sent.
    pub(crate) sent: Vec<Value>,
}

impl Player {
    pub(crate) fn new(config: Config) -> Self {
        Self { desk: Desk::new(config, Seed(7), START), now: START, attempt: 0, seq: 0, sent: Vec::new() }
    }

    /// One that is live on a fresh link, with its service bound.
    pub(crate) fn live() -> Self {
        let mut player = Self::new(Config::new(&[URL, OTHER]));
        player.feed(DeskInput::Start);
        player.greet(&json!({}));
        player.serve();
        player
    }

    /// Feeds an input; what came of it, as an application reads it.
    pub(crate) fn feed(&mut self, input: DeskInput<'_>) -> Vec<Value> {
        let words = format!("{input:?}");
        assert!(!words.contains(SECRET), "a secret is shown: {words}");
        self.desk.handle_input(self.now, input);
        let mut told = Vec::new();
        while let Some(output) = self.desk.poll_output() {
            let words = format!("{output:?}");
            assert!(!words.contains(SECRET), "a secret is shown: {words}");
            let output = serde_json::to_value(&output).expect("outputs are JSON");
            match output["kind"].as_str() {
                Some("open") => self.attempt = output["attempt"].as_u64().expect("a number"),
                Some("send") => {
                    assert_eq!(output["attempt"], self.attempt, "{output}");
                    let text = output["text"].as_str().expect("a text");
                    self.sent.push(serde_json::from_str(text).expect("a message"));
                }
                Some("answered") => {}
                _ => assert!(!output.to_string().contains(SECRET), "a secret is told: {output}"),
            }
            told.push(output);
        }
        let due = self.desk.poll_timeout();
        assert!(due.is_none_or(|at| at > self.now), "{due:?} is due still: {:?}", self.desk);
        let words = format!("{:?}", self.desk);
        assert!(!words.contains(SECRET), "a secret is shown: {words}");
        told
    }

    /// Time passes, with a tick at each deadline.
    pub(crate) fn pass(&mut self, by: Duration) -> Vec<Value> {
        let until = self.now + by;
        let mut told = Vec::new();
        while let Some(at) = self.desk.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            told.extend(self.feed(DeskInput::Tick));
        }
        self.now = until;
        told
    }

    /// Time passes, and nobody ticks.
    pub(crate) fn sleep(&mut self, by: Duration) {
        self.now = self.now + by;
    }

    /// A text comes.
    pub(crate) fn text(&mut self, text: &str) -> Vec<Value> {
        self.feed(DeskInput::Text { attempt: self.attempt, text })
    }

    /// A message comes.
    pub(crate) fn message(&mut self, message: &Value) -> Vec<Value> {
        self.text(&message.to_string())
    }

    /// A message comes, under the next number.
    pub(crate) fn numbered(&mut self, mut message: Value) -> Vec<Value> {
        self.seq += 1;
        message["seq"] = json!(self.seq);
        self.message(&message)
    }

    /// The socket is gone.
    pub(crate) fn close(&mut self, code: u16) -> Vec<Value> {
        self.feed(DeskInput::Closed { attempt: self.attempt, code, reason: "" })
    }

    /// The socket opens, and `connect` is answered.
    pub(crate) fn greet(&mut self, with: &Value) -> Vec<Value> {
        let mut told = self.feed(DeskInput::Opened { attempt: self.attempt });
        if with["resumed"] != true {
            self.seq = 0;
        }
        told.extend(self.message(&connected(with)));
        told
    }

    /// Until the link stands again after its socket was lost.
    pub(crate) fn come_back(&mut self, with: &Value) -> Vec<Value> {
        let mut told = self.pass(Duration::from_secs(1));
        told.extend(self.greet(with));
        told
    }

    /// Answers everything that was asked of the core, and every mark, until nothing more is asked.
    pub(crate) fn serve(&mut self) -> Vec<Value> {
        let mut told = Vec::new();
        while let Some(at) = self.sent.iter().position(is_of_core) {
            let request = self.sent.remove(at);
            told.extend(self.answer_core(&request));
        }
        told
    }

    fn answer_core(&mut self, request: &Value) -> Vec<Value> {
        let id = &request["requestId"];
        if request["messageType"] == "ping" {
            return self.message(&json!({"messageType": "pong", "requestId": id, "time": 0}));
        }
        let command = &request["command"];
        let mut answer =
            json!({"messageType": "coreResponse", "requestId": id, "command": command, "result": "success"});
        if command == "getServices" {
            answer["data"] = services("InService");
        }
        self.numbered(answer)
    }

    /// The message of that command that was sent last, taken.
    pub(crate) fn asked(&mut self, command: &str) -> Value {
        let is_it = |one: &Value| one["command"] == command || one["request"]["command"] == command;
        let at = self.sent.iter().rposition(is_it);
        let at = at.unwrap_or_else(|| panic!("{command} was not sent: {:?}", self.sent));
        self.sent.remove(at)
    }

    /// Whether anything of that command waits to be looked at.
    pub(crate) fn has_asked(&self, command: &str) -> bool {
        self.sent.iter().any(|one| one["command"] == command || one["request"]["command"] == command)
    }

    pub(crate) fn call(
        &mut self,
        call: u64,
        to: To<'_>,
        command: &str,
        target: Option<&str>,
        data: &str,
    ) -> Vec<Value> {
        let request = DeskRequest { to, command, target, data: Some(data) };
        self.feed(DeskInput::Call { call, request, within: None })
    }

    /// Subscribes to an agent's teams, and is answered by one team with one member.
    pub(crate) fn watch(&mut self, call: u64, agent: &str) -> Vec<Value> {
        let data = json!({"agentId": agent}).to_string();
        let mut told = self.call(call, To::Reports, "report.teamstatus.begin", None, &data);
        told.extend(self.serve());
        told.extend(self.begin(agent));
        told
    }

    /// Answers a `report.teamstatus.begin` that was sent.
    pub(crate) fn begin(&mut self, agent: &str) -> Vec<Value> {
        let asked = self.asked("report.teamstatus.begin");
        let mut told = self.succeed(&asked, &json!({}));
        told.extend(self.event("reports", team_event("teamadded", agent, &[member("1001", "ready")])));
        told.extend(self.serve());
        told
    }

    /// Answers a request of a resource or the service.
    pub(crate) fn succeed(&mut self, request: &Value, data: &Value) -> Vec<Value> {
        let mut response = json!({"command": request["request"]["command"], "result": "success", "data": data});
        if let Some(target) = request["request"].get("target") {
            response["target"] = target.clone();
        }
        self.respond(request, response)
    }

    pub(crate) fn respond(&mut self, request: &Value, response: Value) -> Vec<Value> {
        let class = if request["messageType"] == "serviceRequest" { "serviceResponse" } else { "resourceResponse" };
        let mut answer = json!({
            "messageType": class, "requestId": request["requestId"], "serviceId": "processor", "response": response,
        });
        if let Some(resource) = request.get("resourceId") {
            answer["resourceId"] = resource.clone();
        }
        self.numbered(answer)
    }

    pub(crate) fn fail(&mut self, request: &Value, failure: Value) -> Vec<Value> {
        let command = &request["request"]["command"];
        self.respond(request, json!({"command": command, "result": "failure", "failure": failure, "original": {}}))
    }

    /// An event of a resource.
    pub(crate) fn event(&mut self, resource: &str, event: Value) -> Vec<Value> {
        self.numbered(json!({
            "messageType": "resourceEvent", "serviceId": "processor", "resourceId": resource, "event": event,
        }))
    }

    pub(crate) fn mirror(&self, kind: &str, key: &str) -> Value {
        let text = self.desk.mirror_json(kind, key).unwrap_or_else(|| panic!("no {kind} of {key}"));
        serde_json::from_str(&text).expect("mirrors are JSON")
    }

    pub(crate) fn state(&self) -> String {
        let connection = serde_json::to_value(self.desk.connection()).expect("states are JSON");
        connection["state"].as_str().expect("a word").to_owned()
    }
}

fn is_of_core(message: &Value) -> bool {
    let is_mark = message["messageType"] == "ping" && message.get("requestId").is_some();
    is_mark || message["messageType"] == "coreRequest"
}

/// `connected`, with more.
pub(crate) fn connected(with: &Value) -> Value {
    let mut connected = json!({
        "messageType": "connected", "requestId": "0", "protocol": 1,
        "server": {"name": "interaction-processor", "version": "1", "instance": "a"},
        "client": {"id": "c-1", "name": ""}, "resumeKey": format!("{SECRET}-key-1"), "time": 1_790_000_000_000_u64,
        "graceMs": 60_000, "heartbeatMs": 15_000, "guarantee": "process", "instances": [],
        "limits": {"messageBytes": 65_536, "pendingBytes": 1, "replayBytes": 1, "requestsPerSecond": 100},
    });
    for (name, value) in with.as_object().expect("an object") {
        connected[name] = value.clone();
    }
    connected
}

pub(crate) fn services(status: &str) -> Value {
    json!({"services": [{
        "id": "processor", "name": "P", "type": "com.openmethods.iserver.processor",
        "serviceStatus": {"status": status, "acceptingClients": true, "clientCount": 1},
        "info": {"vendor": "v"},
        "resources": [{"id": "reports", "type": "com.openmethods.iserver.processor.reporting.uccx"}],
    }]})
}

pub(crate) fn member(id: &str, status: &str) -> Value {
    json!({"memberId": id, "memberType": "Agent", "memberName": "N", "status": status, "reason": "", "state": status, "since": 1})
}

pub(crate) fn team_event(what: &str, agent: &str, members: &[Value]) -> Value {
    json!({
        "name": format!("report.teamstatus.{what}"),
        "data": {"agentId": agent, "team": {"teamId": "1", "teamName": "Sales", "members": members}}, "at": 1,
    })
}

/// The outputs of a kind.
pub(crate) fn of_kind<'a>(told: &'a [Value], kind: &str) -> Vec<&'a Value> {
    told.iter().filter(|one| one["kind"] == kind).collect()
}

/// The one output of a kind.
pub(crate) fn the<'a>(told: &'a [Value], kind: &str) -> &'a Value {
    let all = of_kind(told, kind);
    assert_eq!(all.len(), 1, "{kind} in {told:#?}");
    all[0]
}

//! A client that believes nothing: every message is checked as it comes, every wait has a deadline.
//!
//! It reads only while a method of it is awaited, so a test decides when it reads. A fault stays: each later call returns it.

mod events;
mod polls;
mod posts;
mod socket;
mod web;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fault::{Fault, Kind};
use crate::mirror::{Mirror, Roster};
use crate::numbering::{Ledger, Received};
use crate::{grammar, strict};

pub use socket::{Arrived, Socket, Transport};

/// How long a client waits for what must come, unless the test says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// The report resource of a UCCX processor.
pub const REPORTS: &str = "com.openmethods.iserver.processor.reporting.uccx";

const TRANSCRIPT: usize = 16;

/// A client with its link.
pub struct Client {
    address: String,
    transport: Transport,
    socket: Option<Socket>,
    /// Numbers and answers.
    pub ledger: Ledger,
    /// What snapshots and events told.
    pub mirror: Mirror,
    /// The `connected` that began the present socket.
    pub connected: Value,
    /// Acknowledges by itself after so many messages; 0: only when the test says so.
    pub acknowledge_every: u64,
    /// How long to wait for what must come.
    pub patience: Duration,
    answers: BTreeMap<String, Value>,
    events: VecDeque<Value>,
    transcript: VecDeque<String>,
    next_request: u64,
    service: String,
    reports: String,
    fault: Option<Fault>,
}

/// How a resume ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// The link goes on.
    Same,
    /// A fresh link, for this reason.
    Fresh(String),
}

impl Client {
    /// Connects a fresh link.
    pub async fn connect(address: &str) -> Result<Self, Fault> {
        Self::connect_with(address, json!({"client": {"name": "black box"}})).await
    }

    /// Connects a fresh link with these properties in its `connect`.
    pub async fn connect_with(address: &str, properties: Value) -> Result<Self, Fault> {
        let mut client = Self::new(address);
        client.attach(properties, None).await?;
        Ok(client)
    }

    /// A client that is not connected yet; `open` connects it.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.into(),
            transport: Transport::of_this_test(),
            socket: None,
            ledger: Ledger::default(),
            mirror: Mirror::default(),
            connected: Value::Null,
            acknowledge_every: 32,
            patience: PATIENCE,
            answers: BTreeMap::new(),
            events: VecDeque::new(),
            transcript: VecDeque::new(),
            next_request: 0,
            service: String::new(),
            reports: String::new(),
            fault: None,
        }
    }

    /// Connects a fresh link with these properties in its `connect`.
    pub async fn open(&mut self, properties: Value) -> Result<(), Fault> {
        self.attach(properties, None).await.map(drop)
    }

    /// Connects and binds the processor service and, where there is one, its report resource.
    pub async fn bound(address: &str) -> Result<Self, Fault> {
        let mut client = Self::connect(address).await?;
        client.bind_all().await?;
        Ok(client)
    }

    /// Binds the processor service and its report resource.
    pub async fn bind_all(&mut self) -> Result<(), Fault> {
        let services = self.core("getServices", json!({})).await?;
        let service = services["data"]["services"]
            .as_array()
            .and_then(|services| services.iter().find(|service| service["info"]["cti-vendor"].is_string()))
            .ok_or_else(|| Fault::new(Kind::Unexpected, format!("no processor service: {services}")))?;
        self.service = service["id"].as_str().unwrap_or_default().into();
        let resources = service["resources"].as_array();
        let reports = resources.and_then(|all| all.iter().find(|resource| resource["type"] == REPORTS));
        let reports = reports.and_then(|resource| resource["id"].as_str()).map(str::to_owned);
        self.core_success("bindService", json!({"serviceId": self.service})).await?;
        if let Some(reports) = reports {
            self.core_success("bindResource", json!({"serviceId": self.service, "resourceId": reports})).await?;
            self.reports = reports;
        }
        Ok(())
    }

    /// The id of the processor service, once bound.
    pub fn service_id(&self) -> &str {
        &self.service
    }

    /// The id of the report resource, once bound.
    pub fn reports_id(&self) -> &str {
        &self.reports
    }

    /// The link's resume key.
    pub fn resume_key(&self) -> &str {
        self.connected["resumeKey"].as_str().unwrap_or_default()
    }

    /// The queues one agent sees as snapshot and events tell them, by id.
    pub fn queues(&self, agent: &str) -> Option<&std::collections::BTreeMap<String, Value>> {
        self.mirror.queues(&self.reports, agent)
    }

    /// The roster of one agent as snapshot and events tell it.
    pub fn roster(&self, agent: &str) -> Option<&Roster> {
        self.mirror.roster(&self.reports, agent)
    }

    /// A copy of the same link without a socket: what another socket of the same client knows.
    pub fn twin(&self) -> Self {
        Self {
            address: self.address.clone(),
            transport: self.transport,
            socket: None,
            ledger: self.ledger.clone(),
            mirror: self.mirror.clone(),
            connected: self.connected.clone(),
            acknowledge_every: self.acknowledge_every,
            patience: self.patience,
            answers: self.answers.clone(),
            events: self.events.clone(),
            transcript: self.transcript.clone(),
            next_request: self.next_request + 1000,
            service: self.service.clone(),
            reports: self.reports.clone(),
            fault: self.fault.clone(),
        }
    }

    /// Resumes the link on a new socket, from the last number received; after `resumed:true` unanswered requests are sent again.
    pub async fn resume(&mut self) -> Result<Resumed, Fault> {
        self.resume_from(self.ledger.last()).await
    }

    /// Resumes the link from a number of the test's choice.
    pub async fn resume_from(&mut self, seq: u64) -> Result<Resumed, Fault> {
        let key = self.resume_key().to_owned();
        self.socket = None;
        self.attach(json!({"client": {"name": "black box"}, "resume": {"key": key, "seq": seq}}), Some(seq)).await
    }

    /// Resumes the link from the last number received, with further properties in its `connect`.
    pub async fn resume_with(&mut self, properties: Value) -> Result<Resumed, Fault> {
        let (key, seq) = (self.resume_key().to_owned(), self.ledger.last());
        self.socket = None;
        let mut connect = json!({"client": {"name": "black box"}, "resume": {"key": key, "seq": seq}});
        merge(&mut connect, properties);
        self.attach(connect, Some(seq)).await
    }

    /// Carries the link by another transport from the next resume on.
    pub fn change_to(&mut self, transport: Transport) {
        self.transport = transport;
    }

    /// Loses the socket with a reset, as a network does.
    pub fn lose_abruptly(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.reset();
        }
    }

    /// Closes the socket as a page that is left does: with a close frame.
    pub async fn lose_gracefully(&mut self) -> Result<(), Fault> {
        match self.socket.take() {
            Some(socket) => socket.close(self.patience).await,
            None => Ok(()),
        }
    }

    /// Sends a message as it is.
    pub async fn send(&mut self, message: &Value) -> Result<(), Fault> {
        self.healthy()?;
        self.ledger.sent(message);
        self.note("->", &message.to_string());
        match self.socket.as_mut() {
            Some(socket) => socket.send(message.to_string()).await,
            None => Err(Fault::new(Kind::Unexpected, "the test sends without a socket")),
        }
    }

    /// Sends a request and returns its id.
    pub async fn request(&mut self, mut request: Value) -> Result<String, Fault> {
        if request.get("requestId").is_none() {
            self.next_request += 1;
            request["requestId"] = json!(format!("r{}", self.next_request));
        }
        let id = request["requestId"].as_str().unwrap_or_default().to_owned();
        self.send(&request).await?;
        Ok(id)
    }

    /// Waits for the answer to a request: a response or an error.
    pub async fn answer(&mut self, id: &str) -> Result<Value, Fault> {
        let until = Instant::now() + self.patience;
        loop {
            if let Some(answer) = self.answers.remove(id) {
                return Ok(answer);
            }
            if !self.pump(until).await? {
                return self
                    .fail(Fault::new(Kind::Unanswered, format!("no answer to {id} within {:?}", self.patience)));
            }
        }
    }

    /// Sends a request and waits for its answer.
    pub async fn ask(&mut self, request: Value) -> Result<Value, Fault> {
        let id = self.request(request).await?;
        self.answer(&id).await
    }

    /// Asks the core.
    pub async fn core(&mut self, command: &str, arguments: Value) -> Result<Value, Fault> {
        let mut request = json!({"messageType": "coreRequest", "command": command});
        merge(&mut request, arguments);
        self.ask(request).await
    }

    /// Asks the core, and a failure is a fault.
    pub async fn core_success(&mut self, command: &str, arguments: Value) -> Result<Value, Fault> {
        let answer = self.core(command, arguments).await?;
        if answer["result"] == "success" { Ok(answer) } else { self.unexpected(format!("{command} failed: {answer}")) }
    }

    /// Asks the bound service; returns the response's body.
    pub async fn service(&mut self, command: &str, data: Value) -> Result<Value, Fault> {
        let request = self.service_request(command, data);
        let answer = self.ask(request).await?;
        self.body(answer)
    }

    /// A request to the bound service.
    pub fn service_request(&self, command: &str, data: Value) -> Value {
        json!({"messageType": "serviceRequest", "serviceId": self.service, "request": {"command": command, "data": data}})
    }

    /// Asks the report resource; returns the response's body.
    pub async fn report(&mut self, command: &str, data: Value) -> Result<Value, Fault> {
        let request = self.report_request(command, data);
        let answer = self.ask(request).await?;
        self.body(answer)
    }

    /// A request to the report resource.
    pub fn report_request(&self, command: &str, data: Value) -> Value {
        json!({"messageType": "resourceRequest", "serviceId": self.service, "resourceId": self.reports,
            "request": {"command": command, "data": data}})
    }

    /// Asks a session's object; returns the response's body.
    pub async fn object(&mut self, resource: &str, target: &str, command: &str, data: Value) -> Result<Value, Fault> {
        let answer = self
            .ask(json!({"messageType": "resourceRequest", "serviceId": self.service, "resourceId": resource,
                "request": {"command": command, "target": target, "data": data}}))
            .await?;
        self.body(answer)
    }

    /// Prepares a session; returns the response's body.
    pub async fn prepare(&mut self, agent: &str, password: &str, override_: bool) -> Result<Value, Fault> {
        let data = json!({"model": "", "override": override_, "agent": {"id": agent, "password": password}});
        self.service("prepareSession", data).await
    }

    /// Prepares a session which must succeed; returns the resource's id.
    pub async fn prepared(&mut self, agent: &str, password: &str, override_: bool) -> Result<String, Fault> {
        let body = self.prepare(agent, password, override_).await?;
        match (body["result"].as_str(), body["resource"]["id"].as_str()) {
            (Some("success"), Some(id)) => Ok(id.into()),
            _ => self.unexpected(format!("prepareSession of {agent} did not succeed: {body}")),
        }
    }

    /// Binds a resource of the service; must succeed.
    pub async fn bind_resource(&mut self, resource: &str) -> Result<(), Fault> {
        let ids = json!({"serviceId": self.service, "resourceId": resource});
        self.core_success("bindResource", ids).await.map(drop)
    }

    /// Begins a team-status subscription and waits until the snapshot has told `teams` teams.
    pub async fn watch(&mut self, agent: &str, teams: usize) -> Result<(), Fault> {
        let body = self.report("report.teamstatus.begin", json!({"agentId": agent})).await?;
        if body["result"] != "success" {
            return self.unexpected(format!("report.teamstatus.begin of {agent} failed: {body}"));
        }
        let until = Instant::now() + self.patience;
        while self.roster(agent).is_none_or(|roster| roster.teams.len() < teams || roster.incomplete()) {
            if !self.pump(until).await? {
                return self.fail(Fault::new(Kind::Unanswered, format!("no snapshot of {teams} teams for {agent}")));
            }
        }
        Ok(())
    }

    /// Waits for an event the test looks for; those before it are dropped.
    pub async fn event(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value, Fault> {
        let until = Instant::now() + self.patience;
        loop {
            while let Some(event) = self.events.pop_front() {
                if wanted(&event) {
                    return Ok(event);
                }
            }
            if !self.pump(until).await? {
                return self.fail(Fault::new(Kind::Unanswered, format!("no {what} within {:?}", self.patience)));
            }
        }
    }

    /// Waits for an event of a name.
    pub async fn event_named(&mut self, name: &str) -> Result<Value, Fault> {
        self.event(name, |event| event["event"]["name"] == name).await
    }

    /// The events received and not yet looked at, oldest first.
    pub fn take_events(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }

    /// Reads for a while.
    pub async fn read_for(&mut self, duration: Duration) -> Result<(), Fault> {
        let until = Instant::now() + duration;
        while self.pump(until).await? {}
        Ok(())
    }

    /// Reads until everything the server sent before this call is in: a ping and its pong.
    pub async fn settle(&mut self) -> Result<(), Fault> {
        let id = format!("settle-{}", self.next_request);
        self.next_request += 1;
        self.send(&json!({"messageType": "ping", "requestId": id})).await?;
        let until = Instant::now() + self.patience;
        loop {
            if let Some(at) =
                self.events.iter().position(|event| event["messageType"] == "pong" && event["requestId"] == *id)
            {
                self.events.remove(at);
                break;
            }
            if !self.pump(until).await? {
                return self.fail(Fault::new(Kind::Unanswered, "no pong"));
            }
        }
        if self.socket.as_ref().is_some_and(Socket::pongs_in_order) {
            return Ok(());
        }
        // The pong came another way than events do; an answer comes after them.
        self.core("getServices", json!({"serviceType": "none"})).await.map(drop)
    }

    /// Acknowledges everything received.
    pub async fn acknowledge(&mut self) -> Result<(), Fault> {
        let seq = self.ledger.last();
        self.send(&json!({"messageType": "ack", "seq": seq})).await
    }

    /// Waits for the server to close the socket; returns the close code. What comes before is checked and kept.
    pub async fn closed(&mut self) -> Result<Option<u16>, Fault> {
        let until = Instant::now() + self.patience;
        loop {
            match self.pump(until).await {
                Ok(true) => {}
                Ok(false) => return self.fail(Fault::new(Kind::Unanswered, "the socket was not closed")),
                Err(fault) if fault.kind == Kind::Closed => {
                    self.fault = None;
                    self.socket = None;
                    return Ok(fault.close);
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Whether everything asked on this link was answered.
    pub fn all_answered(&self) -> Result<(), Fault> {
        match self.ledger.unanswered().first() {
            None => Ok(()),
            Some(request) => Err(Fault::new(Kind::Unanswered, format!("no answer to {request}"))),
        }
    }

    async fn attach(&mut self, properties: Value, resume: Option<u64>) -> Result<Resumed, Fault> {
        self.healthy()?;
        self.next_request += 1;
        let id = format!("c{}", self.next_request);
        let mut connect = json!({"messageType": "connect", "requestId": id, "protocol": 1});
        merge(&mut connect, properties);
        let until = Instant::now() + self.patience;
        let mut socket = Socket::open(self.transport, &self.address, self.patience).await?;
        self.note("->", &connect.to_string());
        socket.send(connect.to_string()).await?;
        let message = match socket.next(until).await? {
            Arrived::Text(text) => {
                self.note("<-", &text);
                strict::object(&text)
            }
            Arrived::Nothing => Err(Fault::new(Kind::Unanswered, "no answer to connect")),
        };
        let checked = message.and_then(|connected| {
            if connected["messageType"] != "connected" {
                return Err(Fault::new(Kind::Unexpected, format!("not connected: {connected}")));
            }
            grammar::message(&connected)?;
            if connected["requestId"] != *id {
                return Err(Fault::new(Kind::AnswerWrong, format!("another requestId than {id}: {connected}")));
            }
            Ok(connected)
        });
        let connected = match checked {
            Ok(connected) => connected,
            Err(fault) => return self.fail(fault),
        };
        self.socket = Some(socket);
        let before = std::mem::replace(&mut self.connected, connected);
        if let Err(fault) = self.ledger.connected(&self.connected, resume) {
            return self.fail(fault);
        }
        let same_key = before["resumeKey"] == self.connected["resumeKey"];
        if self.connected["resumed"] == true {
            if !same_key || before["client"]["id"] != self.connected["client"]["id"] {
                return self.fail(Fault::new(Kind::Resume, format!("another link was resumed: {}", self.connected)));
            }
            for request in self.ledger.unanswered() {
                self.send(&request).await?;
            }
            return Ok(Resumed::Same);
        }
        if same_key {
            return self.fail(Fault::new(Kind::Resume, format!("a fresh link with an old key: {}", self.connected)));
        }
        self.mirror = Mirror::default();
        self.answers.clear();
        Ok(Resumed::Fresh(self.connected["reason"].as_str().unwrap_or_default().into()))
    }

    /// Takes in one message; false when none came in time.
    async fn pump(&mut self, until: Instant) -> Result<bool, Fault> {
        self.healthy()?;
        let Some(socket) = self.socket.as_mut() else {
            return Err(Fault::new(Kind::Unexpected, "the test reads without a socket"));
        };
        let arrived = socket.next(until).await;
        let acknowledged = socket.acknowledged();
        if acknowledged > self.ledger.acknowledged() {
            self.ledger.sent(&json!({"messageType": "ack", "seq": acknowledged}));
        }
        let text = match arrived {
            Ok(Arrived::Text(text)) => text,
            Ok(Arrived::Nothing) => return Ok(false),
            Err(fault) => return self.fail(fault),
        };
        self.note("<-", &text);
        if let Err(fault) = self.take_in(&text) {
            return self.fail(fault);
        }
        let behind = self.ledger.last() - self.ledger.acknowledged().min(self.ledger.last());
        if self.acknowledge_every > 0 && behind >= self.acknowledge_every {
            self.acknowledge().await?;
        }
        Ok(true)
    }

    fn take_in(&mut self, text: &str) -> Result<(), Fault> {
        let message = strict::object(text)?;
        grammar::message(&message)?;
        match self.ledger.received(&message)? {
            Received::Answer(request) => {
                self.mirror.answered(&request, &message);
                self.answers.insert(request["requestId"].as_str().unwrap_or_default().into(), message);
            }
            Received::Repeated => {
                self.answers.insert(message["requestId"].as_str().unwrap_or_default().into(), message);
            }
            Received::Other => {
                self.mirror.event(&message)?;
                self.events.push_back(message);
            }
        }
        Ok(())
    }

    /// The body of a service's or resource's response; an error is returned whole, so that a test sees its `failure`.
    fn body(&mut self, mut answer: Value) -> Result<Value, Fault> {
        match answer.get_mut("response") {
            Some(body) => Ok(body.take()),
            None => Ok(answer),
        }
    }

    fn note(&mut self, way: &str, text: &str) {
        if self.transcript.len() == TRANSCRIPT {
            self.transcript.pop_front();
        }
        self.transcript.push_back(format!("{way} {text:.600}"));
    }

    fn healthy(&self) -> Result<(), Fault> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn unexpected<T>(&mut self, what: String) -> Result<T, Fault> {
        self.fail(Fault::new(Kind::Unexpected, what))
    }

    fn fail<T>(&mut self, mut fault: Fault) -> Result<T, Fault> {
        fault.transcript = self.transcript.iter().cloned().collect();
        self.fault = Some(fault.clone());
        Err(fault)
    }
}

/// Puts the properties of one object into another.
pub fn merge(into: &mut Value, properties: Value) {
    if let (Some(into), Value::Object(properties)) = (into.as_object_mut(), properties) {
        into.extend(properties);
    }
}

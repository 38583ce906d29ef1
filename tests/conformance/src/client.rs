//! A client that speaks the protocol well, most of the time. What it does next is drawn, so that its history takes turns
//! nobody wrote down.

use interaction_core::input::Closed;
use serde_json::{Value, json};

use crate::random::Random;

/// One client, over all its sockets.
#[derive(Debug)]
pub struct Client {
    /// The socket it has.
    pub socket: Option<u64>,
    /// Its number, which makes its ids its own.
    number: u64,
    /// The agent it likes best.
    agent: String,
    key: Option<String>,
    seq: u64,
    /// The resource of the session it prepared last.
    session: Option<String>,
    requests: u64,
    last: Option<Vec<u8>>,
    /// Objects it heard of, the latest last.
    targets: Vec<String>,
}

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A socket; it connects at once.
    Open,
    /// Another socket beside the one it has, to which its link moves.
    Move,
    /// To send this.
    Send(Vec<u8>),
    /// To send bytes that are no text.
    Binary,
    /// To send more than fits.
    Large(u64),
    /// To be gone.
    Drop(Closed),
    /// To show that it lives.
    Alive,
    /// To read slowly: so many bytes wait.
    Backlog(u64),
}

/// What clients can know of the world.
#[derive(Clone, Copy, Debug)]
pub struct Rumours<'a> {
    /// Agents' ids.
    pub agents: &'a [String],
    /// Calls' ids, the latest last.
    pub calls: &'a [String],
}

const TARGETS_MAX: usize = 12;
const SERVICE: &str = "processor";
const REPORTS: &str = "reports";
const GARBAGE: &[&[u8]] = &[
    b"",
    b"{",
    b"[]",
    b"\"\"",
    b"{\"a\":1,\"a\":2}",
    b"\xff\xfe",
    b"{\"a\":\"\\ud800\"}",
    b"{}",
    b"{\"messageType\":7}",
    b"{\"messageType\":\"nonsense\",\"requestId\":\"n\"}",
    b"{\"messageType\":\"coreRequest\"}",
    b"{\"seq\":1e3}",
    b"{\"messageType\":\"ack\",\"seq\":-1}",
    b"{\"messageType\":\"ack\",\"seq\":18446744073709551615}",
    b"{\"messageType\":\"coreRequest\",\"requestId\":\"\",\"command\":\"getServices\"}",
];

impl Client {
    /// A client that has not connected yet.
    pub fn new(number: u64, agent: &str) -> Self {
        Self {
            socket: None,
            number,
            agent: agent.to_owned(),
            key: None,
            seq: 0,
            session: None,
            requests: 0,
            last: None,
            targets: Vec::new(),
        }
    }

    /// What it does next.
    pub fn wish(&mut self, random: &mut Random, rumours: Rumours<'_>) -> Wish {
        if self.socket.is_none() {
            return Wish::Open;
        }
        match random.below(100) {
            0..=3 => Wish::Drop(if random.happens(300) { Closed::Slow } else { Closed::Gone }),
            4 => Wish::Move,
            5 => Wish::Binary,
            6 => Wish::Large(65_537 + random.below(1 << 33)),
            7..=8 => Wish::Send(random.one(GARBAGE).copied().unwrap_or_default().to_vec()),
            9..=10 => Wish::Alive,
            11 => Wish::Backlog(random.below(6 << 20)),
            12..=27 => self.acknowledge(random),
            28..=30 => self.last.clone().map_or(Wish::Alive, Wish::Send),
            31..=99 => self.request(random, rumours),
            100.. => Wish::Alive,
        }
    }

    /// The first message on a socket.
    pub fn connect(&mut self, random: &mut Random, needs_token: bool) -> Vec<u8> {
        let mut message = json!({"messageType": "connect", "requestId": self.next_request(), "protocol": 1});
        if random.happens(800) {
            message["client"] = json!({"id": format!("c-{}", self.number), "name": "conformance"});
        }
        if needs_token {
            let good = format!("good/user-{}/agent,reports/{}", self.number, 20 + random.below(600));
            message["token"] = if random.happens(950) { good.into() } else { "forged".into() };
        }
        if let Some(key) = self.key.as_ref().filter(|_| random.happens(900)) {
            let seq = if random.happens(900) { self.seq } else { random.below(self.seq + 20) };
            let key = if random.happens(970) { key.as_str() } else { "resume-key-of-nobody" };
            message["resume"] = json!({"key": key, "seq": seq});
        }
        if random.happens(20) {
            message["protocol"] = json!(random.below(4));
        }
        message.to_string().into_bytes()
    }

    /// It reads a message.
    pub fn heard(&mut self, text: &str) {
        let Ok(message) = serde_json::from_str::<Value>(text) else { return };
        if let Some(seq) = message["seq"].as_u64() {
            self.seq = seq;
        }
        if let Some(key) = message["resumeKey"].as_str() {
            self.key = Some(key.to_owned());
            if message["resumed"] != json!(true) {
                self.seq = 0;
            }
        }
        if let Some(id) = message["response"]["resource"]["id"].as_str() {
            self.session = Some(id.to_owned());
            self.targets = vec!["session".to_owned()];
        }
        if let Some(target) = message["event"]["target"].as_str() {
            self.learn(target);
            for kind in ["channelgroup", "channel", "interaction", "conversation"] {
                if let Some(id) = message["event"]["data"][kind]["id"].as_str() {
                    self.learn(&format!("{target}.{id}"));
                }
            }
        }
    }

    /// Its socket is gone.
    pub fn parted(&mut self, socket: u64) {
        if self.socket == Some(socket) {
            self.socket = None;
        }
    }

    fn learn(&mut self, target: &str) {
        if !self.targets.iter().any(|known| known == target) {
            self.targets.push(target.to_owned());
            if self.targets.len() > TARGETS_MAX {
                self.targets.remove(1);
            }
        }
    }

    fn acknowledge(&self, random: &mut Random) -> Wish {
        let seq = match random.below(20) {
            0 => self.seq + 1 + random.below(5),
            1..=4 => random.below(self.seq + 1),
            _ => self.seq,
        };
        Wish::Send(json!({"messageType": "ack", "seq": seq}).to_string().into_bytes())
    }

    fn request(&mut self, random: &mut Random, rumours: Rumours<'_>) -> Wish {
        let agent = self.somebody(random, rumours);
        let call = rumours.calls.iter().rev().nth(usize::try_from(random.below(12)).unwrap_or(0));
        let call = call.map_or("nowhere", String::as_str);
        let message = match random.below(40) {
            0 => json!({"messageType": "coreRequest", "command": " getServices "}),
            1 => json!({"messageType": "coreRequest", "command": "getServices", "serviceType": "another"}),
            2..=6 => json!({"messageType": "coreRequest", "command": "bindService", "serviceId": SERVICE}),
            7..=11 => self.bind("bindResource", REPORTS),
            12 => self.bind("unbindResource", REPORTS),
            13 => json!({"messageType": "coreRequest", "command": "unbindService", "serviceId": SERVICE}),
            14 => self.service(json!({"command": "getCapabilities"})),
            15..=18 => self.prepare(random, &agent),
            19..=20 => self.bind("bindResource", self.session.as_deref().unwrap_or("nothing")),
            21..=22 => self.object(json!({"command": "session.start", "target": "session", "data": {}})),
            23..=24 => self.session_request(random),
            25..=29 => self.report(json!({"command": "report.teamstatus.begin", "data": {"agentId": agent}})),
            30 => self.report(json!({"command": "report.teamstatus.end", "data": {"agentId": agent}})),
            31..=32 => self.report(json!({"command": "report.calljourney", "data": {"CallId": call}})),
            33 => self.report(json!({"command": "report.calljourney.begin", "data": {"CallId": call}})),
            34 => self.report(json!({"command": "report.calljourney.end", "data": {"CallId": call}})),
            35 => self.report(json!({"command": "report.calljourney.recent", "data": {"limit": random.below(1200)}})),
            36 if random.happens(500) => self.report(json!({"command": "report.reasoncodes"})),
            36 => json!({"messageType": "ping"}),
            37 => json!({"messageType": "authenticate", "token": format!("good/user-{}/agent/900", self.number)}),
            38 if random.happens(300) => json!({"messageType": "disconnect"}),
            _ => self.report(json!({"command": "report.unheard.of", "data": {"ä\u{1f600}\\\"": [1, 2.5e-7, null]}})),
        };
        self.send(message)
    }

    fn send(&mut self, mut message: Value) -> Wish {
        message["requestId"] = json!(self.next_request());
        let text = message.to_string().into_bytes();
        self.last = Some(text.clone());
        Wish::Send(text)
    }

    fn prepare(&self, random: &mut Random, agent: &str) -> Value {
        let password = if random.happens(850) { agent } else { "wrong-password" };
        self.service(json!({"command": "prepareSession", "data": {
            "model": "default",
            "override": random.happens(300),
            "agent": {"id": agent, "password": password},
        }}))
    }

    fn session_request(&self, random: &mut Random) -> Value {
        let target = random.one(&self.targets).map_or("session", String::as_str);
        let command = random.one(&[
            "session.request.logout",
            "channel.request.ready",
            "channel.request.notready",
            "channel.dial",
            "interaction.accept",
            "conversation.answer",
            "conversation.hold",
            "conversation.drop",
            "interaction.consult",
        ]);
        let data = json!({"reason": {"code": "32", "name": "Lunch"}, "destination": "5551234"});
        self.object(json!({"command": command, "target": target, "data": data}))
    }

    fn bind(&self, command: &str, resource: &str) -> Value {
        json!({"messageType": "coreRequest", "command": command, "serviceId": SERVICE, "resourceId": resource})
    }

    fn service(&self, request: Value) -> Value {
        json!({"messageType": "serviceRequest", "serviceId": SERVICE, "request": request})
    }

    fn report(&self, request: Value) -> Value {
        json!({"messageType": "resourceRequest", "serviceId": SERVICE, "resourceId": REPORTS, "request": request})
    }

    fn object(&self, request: Value) -> Value {
        let session = self.session.as_deref().unwrap_or("nothing");
        json!({"messageType": "resourceRequest", "serviceId": SERVICE, "resourceId": session, "request": request})
    }

    fn somebody(&self, random: &mut Random, rumours: Rumours<'_>) -> String {
        let other = random.one(rumours.agents).filter(|_| random.happens(300));
        other.unwrap_or(&self.agent).clone()
    }

    fn next_request(&mut self) -> String {
        self.requests += 1;
        format!("{}-{}", self.number, self.requests)
    }
}

//! What clients ask: sensible things, odd things, and things no client should say.

use interaction_core::input::Access;
use serde_json::{Value, json};

use super::World;
use crate::centre::{AGENTS, ALIAS, STRANGER, password_of};
use crate::model::SessionState;
use crate::rng::Rng;
use crate::setting::Plays;

const SERVICE: &str = "processor";
const REPORTS: &str = "reports";

/// A message before it has its class and id: the class, and the rest.
pub(super) type Ask = (&'static str, Value);

fn core(command: &str, mut rest: Value) -> Ask {
    rest["command"] = command.into();
    ("coreRequest", rest)
}

fn on_service(command: &str) -> Ask {
    core(command, json!({"serviceId": SERVICE}))
}

fn on_resource(command: &str, resource: &str) -> Ask {
    core(command, json!({"serviceId": SERVICE, "resourceId": resource}))
}

fn service(command: &str, data: &Value) -> Ask {
    ("serviceRequest", json!({"serviceId": SERVICE, "request": {"command": command, "data": data}}))
}

fn report(command: &str, data: &Value) -> Ask {
    let request = json!({"command": command, "data": data});
    ("resourceRequest", json!({"serviceId": SERVICE, "resourceId": REPORTS, "request": request}))
}

pub(super) fn session(command: &str, resource: &str, data: &Value) -> Ask {
    let request = json!({"command": command, "target": resource, "data": data});
    ("resourceRequest", json!({"serviceId": SERVICE, "resourceId": resource, "request": request}))
}

impl World {
    /// The next thing on the way from nothing to a running session that is watched and left again.
    pub(super) fn sensible(&self, client: usize, rng: &mut Rng) -> Option<Ask> {
        let link = self.link_of(client)?;
        let own = &self.model.links[&link];
        if !own.service_bound {
            return Some(on_service("bindService"));
        }
        let is_at_work = self.model.sessions.values().any(|session| session.owner == link);
        if rng.once_in(if is_at_work { 6 } else { 3 }) && !own.resources.contains(REPORTS) {
            return Some(on_resource("bindResource", REPORTS));
        }
        if rng.once_in(if is_at_work { 12 } else { 4 }) && own.resources.contains(REPORTS) {
            let knows_queues = self.setting.plays == Plays::Calls && rng.once_in(2);
            let what = if knows_queues { "report.queuestatus.begin" } else { "report.teamstatus.begin" };
            return Some(report(what, &json!({"agentId": rng.pick(AGENTS)})));
        }
        let session_of_own = self.model.sessions.values().find(|session| session.owner == link);
        let Some(found) = session_of_own.filter(|session| !self.names.is_open(&session.resource)) else {
            return Some(prepare(rng, true));
        };
        let resource = &found.resource;
        if !own.resources.contains(resource) {
            return Some(on_resource("bindResource", resource));
        }
        match found.state {
            SessionState::Initialized(_) if found.is_started_in_binding => {
                let reason = json!({"reason": {"code": "40", "name": "End of shift"}});
                Some(session("session.request.logout", resource, &if rng.once_in(4) { json!({}) } else { reason }))
                    .filter(|_| rng.once_in(6))
            }
            _ => Some(session("session.start", resource, &json!({}))),
        }
    }

    /// Anything a client may ask, rightly or wrongly.
    pub(super) fn anything(&self, client: usize, rng: &mut Rng) -> Ask {
        let resource = self.some_session(client, rng);
        let agent = if rng.once_in(12) { STRANGER } else { rng.pick(AGENTS) };
        let call = self.some_call(rng);
        match rng.below(40) {
            0 => core("getServices", json!({})),
            1 => core("getServices", json!({"serviceType": rng.pick(["com.openmethods.iserver.processor", "other"])})),
            2 => on_service(rng.pick(["bindService", " bindService "])),
            3 => on_service("unbindService"),
            4 | 5 => on_resource("bindResource", REPORTS),
            6 => on_resource("unbindResource", rng.pick([REPORTS, "nothing"])),
            7 | 8 => on_resource("bindResource", &resource),
            9 => on_resource("unbindResource", &resource),
            10 => service(rng.pick(["getCapabilities", " getCapabilities "]), &json!({})),
            11..=13 => prepare(rng, false),
            14 | 15 => {
                let data = rng.pick([0, 1, 2]);
                let data = [json!({}), json!({"extension": "5001"}), json!({"extension": ""})][data].clone();
                session(rng.pick(["session.start", "session.request.start"]), &resource, &data)
            }
            16 => {
                let data = [json!({}), json!({"reason": {"code": "40"}}), json!({"reason": {}}), json!({"reason": 5})];
                let data = rng.of(&data).cloned().unwrap_or_default();
                session(rng.pick(["session.logout", "session.request.logout"]), &resource, &data)
            }
            17 => {
                let target = rng.pick(["", "X.Y", "no such", "another"]);
                let target = if target == "X.Y" { format!("{resource}.5") } else { target.to_owned() };
                let request = json!({"command": rng.pick(["session.start", "session.logout"]), "target": target});
                ("resourceRequest", json!({"serviceId": SERVICE, "resourceId": resource, "request": request}))
            }
            18 => {
                let request = json!({"command": "session.start", "password": "secret-of-nobody"});
                ("resourceRequest", json!({"serviceId": SERVICE, "resourceId": resource, "request": request}))
            }
            21 | 22 if self.setting.plays == Plays::Calls => {
                report("report.queuestatus.begin", &json!({"agentId": agent}))
            }
            19..=22 => report("report.teamstatus.begin", &json!({"agentId": agent})),
            24 if self.setting.plays == Plays::Calls => report("report.queuestatus.end", &json!({"agentId": agent})),
            23 | 24 => report("report.teamstatus.end", &json!({"agentId": agent})),
            25..=31 if self.setting.plays != Plays::Calls => match self.at_the_desk(client, rng) {
                Some(ask) => ask,
                None => prepare(rng, true),
            },
            25 | 26 => report("report.calljourney", &json!({"CallId": call})),
            27 | 28 => report("report.calljourney.begin", &json!({"CallId": call})),
            29 => report("report.calljourney.end", &json!({"CallId": call})),
            30 | 31 => {
                let data = [json!({}), json!({"limit": 3}), json!({"limit": 0}), json!({"number": "+4930123"})];
                report("report.calljourney.recent", &rng.of(&data).cloned().unwrap_or_default())
            }
            32 | 33 => ("authenticate", json!({"token": self.some_token(client, rng)})),
            34 => ("ping", json!({})),
            35 if rng.once_in(2) => ("ping", json!({})),
            35 => report("report.reasoncodes", &if rng.once_in(4) { json!(5) } else { json!({}) }),
            36 => service("noSuchCommand", &json!({"password": "secret-of-nobody"})),
            37 => report("report.nosuch", &json!({})),
            38 => core(rng.pick(["noSuchCommand", ""]), json!({"serviceId": SERVICE})),
            _ => misshapen(rng),
        }
    }

    /// A session's resource: one of the client's own, anybody's, or one that is no more.
    fn some_session(&self, client: usize, rng: &mut Rng) -> String {
        let link = self.link_of(client);
        let known = self.model.sessions.values().filter(|session| !self.names.is_open(&session.resource));
        let own: Vec<&str> =
            known.clone().filter(|one| Some(one.owner) == link).map(|session| &*session.resource).collect();
        let all: Vec<&str> = known.map(|session| &*session.resource).collect();
        let others = if own.is_empty() || rng.once_in(6) { all } else { own };
        rng.of(&others).map_or_else(|| "s-none".to_owned(), |resource| (*resource).to_owned())
    }

    /// A call that is known, that was, or that never was.
    fn some_call(&self, rng: &mut Rng) -> String {
        if rng.once_in(10) {
            return "call-none".to_owned();
        }
        if rng.once_in(4) {
            return format!("call-{}", 1 + rng.below(12));
        }
        let known = self.model.reports.journeys.known();
        rng.of(&known).cloned().unwrap_or_else(|| "call-none".to_owned())
    }

    /// A token, mostly a good one of the client's own.
    pub(super) fn some_token(&self, client: usize, rng: &mut Rng) -> String {
        let seconds = self.now().since(crate::setting::START).as_secs();
        let scopes = rng.pick(["agent,reports", "agent", "agent,reports", "reports"]);
        let expires = match rng.below(4) {
            0 => "-".to_owned(),
            1 => (seconds + 30).to_string(),
            _ => (seconds + 30 + rng.below(300)).to_string(),
        };
        match rng.below(12) {
            0 => "bad-token".to_owned(),
            1 => format!("good/somebody/{scopes}/{expires}"),
            _ => format!("good/person-{client}/{scopes}/{expires}"),
        }
    }

    /// `connect`, asking to resume where the client has a link.
    pub(super) fn connect_frame(&self, client: usize, rng: &mut Rng) -> String {
        let own = &self.clients[client];
        let mut message = json!({"messageType": "connect", "requestId": "c"});
        if !own.name.is_empty() {
            message["client"] = json!({"name": own.name});
        }
        if client == 2 {
            message["client"]["id"] = "phone-2".into();
        }
        match rng.below(30) {
            0 => message["protocol"] = 2.into(),
            1 => message["protocol"] = 1.into(),
            2 => message["client"] = json!({"id": "a\u{7}"}),
            3 => message["client"] = json!({"name": "a\u{7}"}),
            4 => message["client"] = 5.into(),
            5 => message["requestId"] = Value::Null,
            _ => {}
        }
        if own.access == Access::Token && !rng.once_in(20) {
            message["token"] = self.some_token(client, rng).into();
        }
        if let Some(key) = own.key.filter(|_| !rng.once_in(25)) {
            let seq = match rng.below(12) {
                0 => own.received + 10_000,
                1 => own.received.saturating_sub(rng.below(4)),
                _ => own.received,
            };
            message["resume"] = json!({"key": format!("resume-key-{key}"), "seq": seq});
            match rng.below(40) {
                0 => message["resume"]["key"] = 5.into(),
                1 => message["resume"]["key"] = "resume-key-999999".into(),
                2 => message["resume"] = json!({"key": format!("resume-key-{key}")}),
                3 => message["resume"] = json!({"seq": seq}),
                _ => {}
            }
        }
        message.to_string()
    }

    /// What no client should say.
    pub(super) fn rude_frame(rng: &mut Rng) -> String {
        let deep = "{\"a\":".repeat(40) + "1" + &"}".repeat(40);
        let frames = [
            "nonsense",
            "[]",
            "{}",
            r#"{"a":1,"a":2}"#,
            r#"{"messageType":"ack","seq":999999999}"#,
            r#"{"messageType":"ack"}"#,
            r#"{"messageType":"ack","seq":"1"}"#,
            r#"{"messageType":"coreRequest"}"#,
            r#"{"messageType":"coreRequest","requestId":5}"#,
            r#"{"messageType":"coreRequest","requestId":"","command":"getServices"}"#,
            r#"{"messageType":"dance"}"#,
            r#"{"messageType":"dance","requestId":"d1"}"#,
            r#"{"requestId":"n1"}"#,
            r#"{"messageType":"connect","requestId":"again"}"#,
            r#"{"messageType":"connect"}"#,
            r#"{"messageType":"coreRequest","requestId":"t1","command":7}"#,
            r#"{"messageType":"serviceRequest","serviceId":"processor","request":{"password":"secret-of-nobody"}}"#,
            &deep,
        ];
        rng.of(&frames).map_or_else(String::new, |frame| (*frame).to_owned())
    }
}

/// prepareSession; `rightly`: as a desktop does it.
fn prepare(rng: &mut Rng, rightly: bool) -> Ask {
    let spelled = if rng.once_in(10) { ALIAS.0 } else { rng.pick(AGENTS) };
    let wrong = if rightly { rng.once_in(20) } else { rng.once_in(2) };
    let password = if wrong { "wrong-password".to_owned() } else { password_of(spelled) };
    let mut data = json!({"override": rng.once_in(4), "agent": {"id": spelled, "password": password}});
    if !rightly {
        match rng.below(14) {
            0 => data["model"] = "no such model".into(),
            1 => data["model"] = " outbound ".into(),
            2 => data["agent"] = Value::Null,
            3 => data["agent"]["id"] = "".into(),
            4 => data["agent"]["password"] = 5.into(),
            5 => data["override"] = "yes".into(),
            6 => data["agent"]["id"] = STRANGER.into(),
            7 => data = json!([]),
            // The same agent over and over: who guesses is locked out.
            8..=11 => data["agent"] = json!({"id": "1001", "password": "wrong-password"}),
            _ => {}
        }
    }
    service("prepareSession", &data)
}

/// Requests that cannot be routed, or have no sense.
fn misshapen(rng: &mut Rng) -> Ask {
    let request = json!({"command": "getCapabilities"});
    let asks: [Ask; 13] = [
        ("serviceRequest", json!({"serviceId": "other", "request": request})),
        ("serviceRequest", json!({"request": request})),
        ("serviceRequest", json!({"serviceId": SERVICE})),
        ("serviceRequest", json!({"serviceId": SERVICE, "request": 5})),
        ("serviceRequest", json!({"serviceId": SERVICE, "request": {"command": 5}})),
        ("serviceRequest", json!({"serviceId": SERVICE, "request": {}})),
        ("serviceRequest", json!({"serviceId": SERVICE, "request": {"command": "getCapabilities", "data": 5}})),
        ("resourceRequest", json!({"serviceId": SERVICE, "request": request})),
        ("resourceRequest", json!({"serviceId": "other", "resourceId": REPORTS, "request": request})),
        ("resourceRequest", json!({"serviceId": SERVICE, "resourceId": "nothing", "request": request})),
        ("coreRequest", json!({"serviceId": SERVICE})),
        ("coreRequest", json!({"command": "bindResource", "serviceId": SERVICE})),
        ("coreRequest", json!({"command": "bindService", "serviceId": "other"})),
    ];
    rng.of(&asks).cloned().unwrap_or_else(|| core("getServices", json!({})))
}

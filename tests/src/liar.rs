//! A small server that speaks the protocol rightly, save for one lie: to try the client on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::numbering::without_secrets;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Lie {
    None,
    LeavesOutANumber,
    SendsAMessageTwice,
    SwapsTwoMessages,
    NumbersAPong,
    LeavesANumberAway,
    AnswersTwice,
    NeverAnswers,
    NeverAnswersConnect,
    AnswersNobody,
    AnswersAnotherCommand,
    AnswersUnderAnotherId,
    EchoesSomethingElse,
    SaysRepeatedUnasked,
    RepeatsAnotherAnswer,
    ResumesWithAHole,
    ResumesWithADuplicate,
    ResumesAnotherLink,
    ResumesWithoutBeingAsked,
    ForgetsToSayResumed,
    StartsAfreshWithoutReason,
    StartsAfreshWithTheOldKey,
    SendsAfterLinkMoved,
    SendsBinary,
    SendsAnArray,
    NamesAPropertyTwice,
    InventsAClass,
    InventsACode,
    FailsWithoutOriginal,
    FailsWithoutRemedy,
    LeavesOutARequiredProperty,
    AddsATeamTwice,
    AddsAMemberTwice,
    AddsNobody,
    ChangesAnUnknownMember,
    RemovesAnUnknownMember,
    RemovesAnUnknownTeam,
    TellsADifferenceThatIsNone,
    ChangesANameInPlace,
    RenamesToTheSameName,
    CallsATalkingMemberReady,
    TellsMembersOutOfOrder,
    SnapshotDiffersFromItsEvents,
    TellsAfterTheEnd,
    TellsWithoutSubscription,
    DropsTheConnection,
}

/// A running server.
pub struct Liar {
    /// Where it listens.
    pub address: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
struct State {
    lie: Lie,
    links: u32,
    key: String,
    sent: Vec<String>,
    acknowledged: u64,
    begins: u32,
    answers: BTreeMap<String, (u64, Value)>,
}

impl Liar {
    /// Starts one on a free port.
    pub async fn start(lie: Lie) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let state = State {
            lie,
            links: 0,
            key: String::new(),
            sent: Vec::new(),
            acknowledged: 0,
            begins: 0,
            answers: BTreeMap::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&state)));
            }
        });
        Ok(Self { address, task })
    }
}

async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let Ok(message) = serde_json::from_str(&text) else { return };
        let (frames, drop) = state.lock().unwrap_or_else(PoisonError::into_inner).handle(&message);
        for frame in frames {
            if socket.feed(frame).await.is_err() {
                return;
            }
        }
        if socket.flush().await.is_err() || drop {
            return;
        }
    }
}

impl State {
    fn handle(&mut self, message: &Value) -> (Vec<Message>, bool) {
        let mut frames: Vec<Message> = match message["messageType"].as_str().unwrap_or_default() {
            "connect" => self.connect(message).into_iter().map(Message::text).collect(),
            "ack" => {
                self.acknowledged = message["seq"].as_u64().unwrap_or(0);
                Vec::new()
            }
            "ping" => {
                let mut pong =
                    json!({"messageType": "pong", "requestId": message["requestId"], "time": 1_790_000_000_000_u64});
                if self.lie == Lie::NumbersAPong {
                    pong["seq"] = json!(self.sent.len() + 1);
                }
                vec![Message::text(pong.to_string())]
            }
            _ => self.request(message).into_iter().map(Message::text).collect(),
        };
        if message["request"]["command"] == "report.teamstatus.begin" {
            match self.lie {
                Lie::LeavesOutANumber => drop(frames.remove(1)),
                Lie::SendsAMessageTwice => frames.insert(1, frames[1].clone()),
                Lie::SwapsTwoMessages => frames.swap(1, 2),
                Lie::SendsBinary => frames.insert(1, Message::binary(&b"{}"[..])),
                Lie::SendsAnArray => frames.insert(1, Message::text("[]")),
                Lie::DropsTheConnection => return (Vec::new(), true),
                _ => {}
            }
        }
        (frames, false)
    }

    fn connect(&mut self, message: &Value) -> Vec<String> {
        if self.lie == Lie::NeverAnswersConnect {
            return Vec::new();
        }
        let asked = message.get("resume");
        let forgets = self.lie == Lie::StartsAfreshWithoutReason || self.lie == Lie::StartsAfreshWithTheOldKey;
        let resumes = asked.is_some_and(|resume| resume["key"] == *self.key) && !forgets;
        let after =
            asked.and_then(|resume| resume["seq"].as_u64()).and_then(|seq| usize::try_from(seq).ok()).unwrap_or(0);
        if !resumes {
            if self.lie != Lie::StartsAfreshWithTheOldKey || self.links == 0 {
                self.links += 1;
            }
            self.key = format!("key-{}", self.links);
            self.sent.clear();
            self.answers.clear();
        }
        let mut connected = json!({"messageType": "connected", "requestId": message["requestId"], "protocol": 1,
            "server": {"name": "liar", "version": "1", "instance": "i"}, "client": {"id": format!("c-{}", self.links)},
            "resumeKey": self.key, "time": 1_790_000_000_000_u64, "graceMs": 60_000, "heartbeatMs": 15_000,
            "guarantee": "process", "instances": [],
            "limits": {"messageBytes": 1, "pendingBytes": 1, "replayBytes": 1, "requestsPerSecond": 1}});
        if asked.is_some() {
            connected["resumed"] = json!(resumes);
            if !resumes {
                connected["reason"] = json!("unknown");
            }
        }
        match self.lie {
            Lie::ForgetsToSayResumed => drop(connected.as_object_mut().map(|connected| connected.remove("resumed"))),
            Lie::StartsAfreshWithoutReason if asked.is_some() => {
                connected.as_object_mut().map(|connected| connected.remove("reason"));
            }
            Lie::ResumesAnotherLink if resumes => connected["client"]["id"] = json!("c-another"),
            Lie::ResumesWithoutBeingAsked => connected["resumed"] = json!(true),
            Lie::LeavesOutARequiredProperty => {
                connected.as_object_mut().map(|connected| connected.remove("heartbeatMs"));
            }
            _ => {}
        }
        let mut frames = vec![connected.to_string()];
        if resumes {
            let from = match self.lie {
                Lie::ResumesWithAHole => after + 1,
                Lie::ResumesWithADuplicate => after.saturating_sub(1),
                _ => after,
            };
            frames.extend(self.sent.iter().skip(from).cloned());
        }
        frames
    }

    fn request(&mut self, message: &Value) -> Vec<String> {
        let id = message["requestId"].as_str().unwrap_or_default().to_owned();
        if let Some((seq, answer)) = self.answers.get(&id) {
            if *seq > self.acknowledged {
                return Vec::new();
            }
            let mut again = answer.clone();
            again["repeated"] = json!(true);
            if self.lie == Lie::RepeatsAnotherAnswer {
                again["response"]["data"] = json!({"other": true});
            }
            return vec![self.number(again)];
        }
        self.begins += u32::from(message["request"]["command"] == "report.teamstatus.begin");
        let mut messages = honest(message, self.begins);
        self.lie_about(message, &mut messages);
        let mut frames = Vec::new();
        for (index, message) in messages.into_iter().enumerate() {
            let frame = self.number(message.clone());
            if index == 0 {
                self.answers.insert(id.clone(), (self.sent.len() as u64, message));
            }
            frames.push(frame);
        }
        frames
    }

    fn number(&mut self, mut message: Value) -> String {
        if self.lie == Lie::LeavesANumberAway && message["messageType"] == "resourceEvent" {
            return message.to_string();
        }
        let moved = message["event"]["name"] == "linkMoved";
        if !moved {
            message["seq"] = json!(self.sent.len() + 1);
        }
        let mut text = message.to_string();
        if self.lie == Lie::NamesAPropertyTwice && message["messageType"] == "resourceEvent" {
            text = text.replacen('{', r#"{"seq":1,"#, 1);
        }
        if !moved {
            self.sent.push(text.clone());
        }
        text
    }

    fn lie_about(&self, request: &Value, messages: &mut Vec<Value>) {
        let command = request["request"]["command"].as_str().unwrap_or_default();
        let team = |name: &str, members: Value| {
            event(name, &json!({"teamId": "t1", "teamName": "Team 1", "members": members}))
        };
        match (self.lie, command) {
            (Lie::AnswersTwice, "report.teamstatus.begin") => messages.push(messages[0].clone()),
            (Lie::NeverAnswers, "report.teamstatus.begin") => messages.clear(),
            (Lie::AnswersNobody, "report.teamstatus.begin") => messages[0]["requestId"] = json!("nobody"),
            (Lie::AnswersAnotherCommand, "report.teamstatus.begin") => {
                messages[0]["response"]["command"] = json!("report.teamstatus.end");
            }
            (Lie::AnswersUnderAnotherId, "report.teamstatus.begin") => messages[0]["resourceId"] = json!("elsewhere"),
            (Lie::SaysRepeatedUnasked, "report.teamstatus.begin") => messages[0]["repeated"] = json!(true),
            (Lie::SendsAfterLinkMoved, "report.teamstatus.begin") => {
                messages.insert(1, json!({"messageType": "coreEvent", "event": {"name": "linkMoved", "data": {}}}));
            }
            (Lie::InventsAClass, "report.teamstatus.begin") => messages.push(json!({"messageType": "gossip"})),
            (Lie::EchoesSomethingElse, "no.such") => messages[0]["response"]["original"]["data"] = json!({"other": 1}),
            (Lie::InventsACode, "no.such") => messages[0]["response"]["failure"]["code"] = json!("bad.luck"),
            (Lie::FailsWithoutRemedy, "no.such") => messages[0]["response"]["failure"]["message"] = json!("no"),
            (Lie::FailsWithoutOriginal, "no.such") => {
                messages[0]["response"].as_object_mut().map(|body| body.remove("original"));
            }
            (Lie::AddsATeamTwice, "report.teamstatus.begin") => messages.push(messages[1].clone()),
            (Lie::AddsAMemberTwice, "report.teamstatus.begin") => {
                messages.push(team("memberadded", json!([member("a1", "ready")])));
            }
            (Lie::AddsNobody, "report.teamstatus.begin") => messages.push(team("memberadded", json!([]))),
            (Lie::ChangesAnUnknownMember, "report.teamstatus.begin") => {
                messages.push(team("memberstatuschanged", json!([member("a9", "ready")])));
            }
            (Lie::RemovesAnUnknownMember, "report.teamstatus.begin") => {
                messages.push(team("memberremoved", json!([{"memberId": "a9"}])));
            }
            (Lie::RemovesAnUnknownTeam, "report.teamstatus.begin") => {
                messages.push(event("teamremoved", &json!({"teamId": "t9", "teamName": "Team 9"})));
            }
            (Lie::TellsADifferenceThatIsNone, "report.teamstatus.begin") => messages.push(messages[2].clone()),
            (Lie::ChangesANameInPlace, "report.teamstatus.begin") => {
                let mut changed = member("a1", "talking");
                changed["memberName"] = json!("Another");
                messages.push(team("memberstatuschanged", json!([changed])));
            }
            (Lie::RenamesToTheSameName, "report.teamstatus.begin") => {
                messages.push(event("teamchanged", &json!({"teamId": "t1", "teamName": "Team 1"})));
            }
            (Lie::CallsATalkingMemberReady, "report.teamstatus.begin") => {
                let mut wrong = member("a1", "talking");
                wrong["status"] = json!("ready");
                messages.push(team("memberstatuschanged", json!([wrong])));
            }
            (Lie::TellsMembersOutOfOrder, "report.teamstatus.begin") => {
                messages.push(team("memberstatuschanged", json!([member("a2", "talking"), member("a1", "talking")])));
            }
            (Lie::SnapshotDiffersFromItsEvents, "report.teamstatus.begin") => {
                messages[1]["event"]["data"]["team"]["members"][1] =
                    member("a2", if self.begins == 1 { "ready" } else { "hold" });
            }
            (Lie::TellsAfterTheEnd, "report.teamstatus.end") => {
                messages.push(team("memberstatuschanged", json!([member("a2", "talking")])));
            }
            (Lie::TellsWithoutSubscription, "report.teamstatus.begin") => {
                messages[2]["event"]["data"]["agentId"] = json!("somebody");
            }
            _ => {}
        }
    }
}

/// What an honest server sends for a request, the answer first.
fn honest(request: &Value, begins: u32) -> Vec<Value> {
    let id = &request["requestId"];
    if request["messageType"] == "coreRequest" {
        let mut answer =
            json!({"messageType": "coreResponse", "requestId": id, "command": request["command"], "result": "success"});
        if request["command"] == "getServices" {
            let reports = crate::client::REPORTS;
            answer["data"] = json!({"services": [{"id": "s", "info": {"cti-vendor": "none"}, "resources": [{"id": "r", "type": reports}]}]});
        }
        return vec![answer];
    }
    let asked = &request["request"];
    let mut body = json!({"command": asked["command"], "result": "success", "data": {}});
    let mut events = Vec::new();
    match asked["command"].as_str() {
        Some("report.teamstatus.begin") => {
            let (before, after) = if begins.is_multiple_of(2) { ("work", "ready") } else { ("ready", "work") };
            let members = json!([member("a1", before), member("a2", "ready")]);
            events.push(event("teamadded", &json!({"teamId": "t1", "teamName": "Team 1", "members": members})));
            let changed = json!([member("a1", after)]);
            events
                .push(event("memberstatuschanged", &json!({"teamId": "t1", "teamName": "Team 1", "members": changed})));
        }
        Some("report.teamstatus.end") => {}
        _ => {
            let failure =
                json!({"code": "command.unsupported", "message": "There is no such command here.", "context": ""});
            body = json!({"command": asked["command"], "result": "failure", "failure": failure, "original": without_secrets(asked)});
        }
    }
    let answer = json!({"messageType": "resourceResponse", "requestId": id, "serviceId": request["serviceId"],
        "resourceId": request["resourceId"], "response": body});
    std::iter::once(answer).chain(events).collect()
}

fn event(name: &str, team: &Value) -> Value {
    json!({"messageType": "resourceEvent", "serviceId": "s", "resourceId": "r", "event": {
        "name": format!("report.teamstatus.{name}"), "data": {"agentId": "a1", "team": team}, "at": 1_790_000_000_000_u64}})
}

fn member(id: &str, state: &str) -> Value {
    let status = match state {
        "ready" => "ready",
        "work" => "ACW",
        _ => "not_ready",
    };
    json!({"memberId": id, "memberType": "Agent", "memberName": id, "status": status, "reason": "", "state": state,
        "since": 1_790_000_000_000_u64})
}

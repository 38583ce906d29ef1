//! Numbers and answers of one link: no hole, no duplicate, one answer to each request, across any number of sockets.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::fault::{Fault, Kind};

/// What was asked on a link, what was answered, and the last number received.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    last: u64,
    acknowledged: u64,
    moved: bool,
    asked: BTreeMap<String, Asked>,
}

#[derive(Clone, Debug)]
struct Asked {
    request: Value,
    answer: Option<Answer>,
    /// Repeats sent after the answer was acknowledged: so many answers more are due.
    repeats_due: u32,
}

#[derive(Clone, Debug)]
struct Answer {
    seq: u64,
    message: Value,
}

impl Answer {
    fn turned_away(&self) -> bool {
        self.message["messageType"] != "serviceResponse" && self.message["failure"]["code"] == "rate.limited"
    }
}

/// What a received message is to the one who asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// The answer to this request.
    Answer(Value),
    /// The same answer again, asked for again.
    Repeated,
    /// An event, a pong, or an error that answers nothing.
    Other,
}

impl Ledger {
    /// The last number received.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The last number acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The requests without an answer, as they were sent.
    pub fn unanswered(&self) -> Vec<Value> {
        self.asked.values().filter(|asked| asked.answer.is_none()).map(|asked| asked.request.clone()).collect()
    }

    /// Notes what this side sends.
    pub fn sent(&mut self, message: &Value) {
        match message["messageType"].as_str() {
            Some("ack") => {
                let seq = message["seq"].as_u64().unwrap_or(0);
                if seq <= self.last {
                    self.acknowledged = self.acknowledged.max(seq);
                }
            }
            Some("authenticate" | "coreRequest" | "serviceRequest" | "resourceRequest") => {
                let Some(id) = message["requestId"].as_str() else { return };
                let acknowledged = self.acknowledged;
                // What was turned away for the rate was not begun: sent again, it is asked afresh.
                if self.asked.get(id).and_then(|asked| asked.answer.as_ref()).is_some_and(Answer::turned_away) {
                    self.asked.remove(id);
                }
                self.asked
                    .entry(id.into())
                    .and_modify(|asked| {
                        if asked.answer.as_ref().is_some_and(|answer| answer.seq <= acknowledged) {
                            asked.repeats_due += 1;
                        }
                    })
                    .or_insert_with(|| Asked { request: message.clone(), answer: None, repeats_due: 0 });
            }
            _ => {}
        }
    }

    /// Forgets a request, because a test re-uses its id on purpose.
    pub fn forget(&mut self, id: &str) {
        self.asked.remove(id);
    }

    /// Notes the `connected` that answers a `connect`; `resume` is what it asked to resume.
    pub fn connected(&mut self, connected: &Value, resume: Option<u64>) -> Result<(), Fault> {
        match (resume, connected.get("resumed").and_then(Value::as_bool)) {
            (Some(seq), Some(true)) => {
                self.acknowledged = self.acknowledged.max(seq);
                self.last = seq;
                self.moved = false;
                Ok(())
            }
            (Some(_), Some(false)) | (None, None) => {
                *self = Self::default();
                Ok(())
            }
            (Some(_), None) => {
                Err(Fault::new(Kind::Resume, format!("asked to resume, told nothing of it: {connected}")))
            }
            (None, Some(_)) => {
                Err(Fault::new(Kind::Resume, format!("`resumed` although nothing was to be resumed: {connected}")))
            }
        }
    }

    /// Notes a message from the server.
    pub fn received(&mut self, message: &Value) -> Result<Received, Fault> {
        let class = message["messageType"].as_str().unwrap_or_default();
        if self.moved {
            return Err(Fault::new(Kind::Unexpected, format!("a message after linkMoved: {message:.300}")));
        }
        let moved = class == "coreEvent" && message["event"]["name"] == "linkMoved";
        let seq =
            message.get("seq").map(|seq| seq.as_u64().ok_or_else(|| Fault::new(Kind::Grammar, format!("seq {seq}"))));
        match (seq.transpose()?, class == "connected" || class == "pong" || moved) {
            (None, true) => {}
            (Some(_), true) => return Err(Fault::new(Kind::Numbering, format!("carries a number: {message}"))),
            (None, false) => return Err(Fault::new(Kind::Numbering, format!("carries no number: {message}"))),
            (Some(seq), false) => self.number(seq, message)?,
        }
        self.moved = moved;
        match class {
            "connected" => Err(Fault::new(Kind::Unexpected, format!("connected without connect: {message}"))),
            "coreResponse" | "coreError" | "serviceResponse" | "serviceError" | "resourceResponse"
            | "resourceError" => self.answer(message),
            _ => Ok(Received::Other),
        }
    }

    fn number(&mut self, seq: u64, message: &Value) -> Result<(), Fault> {
        let due = self.last + 1;
        if seq == due {
            self.last = seq;
            return Ok(());
        }
        let kind = if seq > due { Kind::Hole } else { Kind::Stale };
        Err(Fault::new(kind, format!("number {seq} where {due} is due: {message}")))
    }

    fn answer(&mut self, message: &Value) -> Result<Received, Fault> {
        let Some(id) = message["requestId"].as_str() else {
            let error = message["messageType"].as_str().is_some_and(|class| class.ends_with("Error"));
            return if error {
                Ok(Received::Other)
            } else {
                Err(Fault::new(Kind::AnswerUnasked, format!("answers no request: {message}")))
            };
        };
        let seq = message["seq"].as_u64().unwrap_or(0);
        let repeated = message.get("repeated").is_some();
        let Some(asked) = self.asked.get_mut(id) else {
            // What is no request but carries an id may be refused: a second `connect`, an unknown class.
            return if message["messageType"] == "coreError" {
                Ok(Received::Other)
            } else {
                Err(Fault::new(Kind::AnswerUnasked, format!("{id} was not asked: {message}")))
            };
        };
        match &asked.answer {
            None if repeated => {
                Err(Fault::new(Kind::AnswerUnasked, format!("repeated although it is the first: {message}")))
            }
            None => {
                belongs(&asked.request, message)?;
                asked.answer = Some(Answer { seq, message: message.clone() });
                Ok(Received::Answer(asked.request.clone()))
            }
            Some(_) if !repeated || asked.repeats_due == 0 => {
                Err(Fault::new(Kind::AnsweredTwice, format!("{id} was answered before: {message}")))
            }
            Some(first) => {
                asked.repeats_due -= 1;
                if comparable(&first.message) != comparable(message) {
                    return Err(Fault::new(
                        Kind::AnswerWrong,
                        format!("not the answer given before: {message}, but {}", first.message),
                    ));
                }
                Ok(Received::Repeated)
            }
        }
    }
}

/// Whether an answer belongs to its request: class, ids, command, target, echo.
fn belongs(request: &Value, answer: &Value) -> Result<(), Fault> {
    let wrong =
        |what: &str| Err(Fault::new(Kind::AnswerWrong, format!("{what}: {request:.600} answered by {answer:.900}")));
    let asked = request["messageType"].as_str().unwrap_or_default();
    let class = answer["messageType"].as_str().unwrap_or_default();
    let kind = if asked == "authenticate" { "core" } else { asked.trim_end_matches("Request") };
    if class != format!("{kind}Response") && class != format!("{kind}Error") && class != "coreError" {
        return wrong("another class");
    }
    if class.ends_with("Error") {
        for id in ["serviceId", "resourceId"] {
            if answer.get(id).is_some() && answer.get(id) != request.get(id) {
                return wrong("another id");
            }
        }
        return Ok(());
    }
    let (sent, body) = if kind == "core" { (request, answer) } else { (&request["request"], &answer["response"]) };
    for id in ["serviceId", "resourceId"] {
        if kind != "core" && answer.get(id) != request.get(id) && answer.get(id).is_some() {
            return wrong("another id");
        }
    }
    if sent["command"].as_str().map(str::trim) != body["command"].as_str().map(str::trim) {
        return wrong("another command");
    }
    if body.get("target").is_some() && body.get("target") != sent.get("target") {
        return wrong("another target");
    }
    let echo = if body["command"] == "prepareSession" && body["result"] == "success" {
        Some((&sent["data"], &body["resource"]["data"]))
    } else {
        body.get("original").map(|original| (sent, original))
    };
    match echo {
        Some((sent, echoed)) if without_secrets(sent) != without_secrets(echoed) => wrong("an echo of something else"),
        _ => Ok(()),
    }
}

/// An answer without what may differ when it is given again.
fn comparable(answer: &Value) -> Value {
    let mut answer = without_secrets(answer);
    if let Some(object) = answer.as_object_mut() {
        object.remove("seq");
        object.remove("repeated");
    }
    answer
}

/// The same with null for each password and token, as what is kept has it.
pub fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                let secret = name == "password" || name == "token";
                (name.clone(), if secret { Value::Null } else { without_secrets(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

//! Every message of every trace, both ways: the schema and the types agree with what the engine says and understands.

mod sources;

use std::collections::{BTreeMap, BTreeSet};

use interaction_schema::{Direction, kinds};
use serde_json::Value;
use sources::{Line, traces};

/// Traces that show what is ignored: properties nobody knows.
const LENIENT: [&str; 1] = ["link-resume-key-place.trace"];

/// What is wrong with messages, at most so many of it told.
fn tell(wrong: &[String]) {
    let told: Vec<&str> = wrong.iter().map(String::as_str).take(20).collect();
    assert!(wrong.is_empty(), "{} messages:\n{}", wrong.len(), told.join("\n"));
}

#[test]
fn what_the_engine_says_is_what_the_types_and_the_schema_say() {
    let validator = jsonschema::draft202012::new(&Direction::Server.schema()).expect("the schema is one");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, lines) in traces() {
        for line in lines.iter().filter(|line| line.direction == Direction::Server) {
            seen += 1;
            // An answer repeats the spelling of its command that the client used.
            let message = canonical(&line.message, "response");
            if let Err(error) = Direction::Server.round_trip(&message) {
                wrong.push(format!("{name}:{}: {error}\n  {message}", line.number));
            }
            if let Some(error) = validator.iter_errors(&message).next() {
                wrong.push(format!("{name}:{}: {error} at {}\n  {message}", line.number, error.instance_path()));
            }
        }
    }
    assert!(seen > 400, "{seen} messages are not all there are");
    tell(&wrong);
}

/// What the engine does not refuse, the types and the schema understand too.
#[test]
fn what_the_engine_understands_is_what_the_types_and_the_schema_say() {
    let validator = jsonschema::draft202012::new(&Direction::Client.schema()).expect("the schema is one");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, lines) in traces().into_iter().filter(|(name, _)| !LENIENT.contains(&name.as_str())) {
        let refused = refused(&lines);
        for line in lines.iter().filter(|line| line.direction == Direction::Client) {
            let id = line.message["requestId"].as_str().unwrap_or_default();
            let answered = !id.is_empty() && !refused.contains(&(line.socket, id.to_owned()));
            if !answered {
                continue;
            }
            seen += 1;
            let mut message = canonical(&line.message, "request");
            if let Some(command) = message["command"].as_str().map(|command| command.trim().to_owned()) {
                message["command"] = command.into();
            }
            if let Err(error) = Direction::Client.round_trip(&message) {
                wrong.push(format!("{name}:{}: {error}\n  {message}", line.number));
            }
            if let Some(error) = validator.iter_errors(&message).next() {
                wrong.push(format!("{name}:{}: {error} at {}\n  {message}", line.number, error.instance_path()));
            }
        }
    }
    assert!(seen > 200, "{seen} messages are not all there are");
    tell(&wrong);
}

/// Requests that were refused, or never answered, by socket and id.
fn refused(lines: &[Line]) -> BTreeSet<(u64, String)> {
    let mut refused = BTreeSet::new();
    let mut answers: BTreeMap<(u64, String), bool> = BTreeMap::new();
    for line in lines {
        let Some(id) = line.message["requestId"].as_str() else { continue };
        let key = (line.socket, id.to_owned());
        match line.direction {
            Direction::Client => {
                answers.entry(key).or_insert(false);
            }
            Direction::Server => {
                let failed = !line.message["failure"].is_null()
                    || line.message["response"]["result"] == "failure"
                    || line.message["resumed"] == false;
                let good = answers.entry(key.clone()).or_insert(false);
                *good |= !failed;
                if failed {
                    refused.insert(key);
                }
            }
        }
    }
    refused.extend(answers.into_iter().filter(|(_, good)| !good).map(|(key, _)| key));
    refused
}

/// The message with the name of a session's command spelled as the reference does.
fn canonical(message: &Value, place: &str) -> Value {
    let mut message = message.clone();
    let command = message[place]["command"].as_str().map(str::to_owned);
    let refused = message[place]["result"] == "failure";
    if let Some(name) = command.as_deref().map(str::trim).filter(|_| !refused) {
        let name = kinds::canonical(name).unwrap_or(name);
        message[place]["command"] = name.into();
    }
    message
}

/// Something that no type knows must not pass, or the tests above would prove nothing.
#[test]
fn what_is_unknown_is_noticed() {
    let known = serde_json::json!({"messageType": "pong", "time": 1});
    assert_eq!(Direction::Server.round_trip(&known), Ok(()));
    for (property, value) in [("more", Value::Null), ("time", "1".into())] {
        let mut message = known.clone();
        message[property] = value;
        assert!(Direction::Server.round_trip(&message).is_err(), "{message}");
    }
    assert!(Direction::Client.round_trip(&known).is_err(), "of the other direction");
}

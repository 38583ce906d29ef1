//! The one place where what the model expects meets what the engine did, and where everything the protocol leaves free is
//! named:
//!
//! * *ids* the engine makes: the first sight of one says what the model's name stands for from then on; no two names may
//!   stand for the same, and each is `[A-Za-z0-9_-]{1,64}`;
//! * *numbers* of commands, claims and questions to the store: likewise;
//! * *words*: a failure's `message`, a confirmation's, a step's `Description` are there and not empty; `context` is empty;
//! * *calls* of a confirmation, in worlds whose journeys the model does not follow;
//! * *params* of failures, save for the property that `request.invalid` names;
//! * *retryAfterMs*: a positive number where it stands; the model says where it must, and where it must be exact;
//! * *order between links*: none is promised, so each socket, the platform, the directory and the store are compared alone;
//! * *records for the store and the audit trail*: what is kept, and how, is not the protocol's;
//! * *sizes*: how kept bytes are counted exactly. The world asks for nothing that depends on it.

use std::collections::BTreeMap;

use interaction_core::output::Sending;
use interaction_trace::Seen;
use serde_json::Value;

use crate::model::{Expected, Way};
use crate::names::Names;

/// Compares; the first difference in words.
pub(crate) fn compare(names: &mut Names, expected: &[Expected], seen: &[Seen]) -> Result<(), String> {
    let mut ways: BTreeMap<Way, (Vec<&Expected>, Vec<&Seen>)> = BTreeMap::new();
    for one in expected {
        ways.entry(one.way()).or_default().0.push(one);
    }
    for one in seen {
        if let Some(way) = way_of(one) {
            ways.entry(way).or_default().1.push(one);
        }
    }
    for (way, (expected, seen)) in ways {
        for place in 0..expected.len().max(seen.len()) {
            match (expected.get(place), seen.get(place)) {
                (Some(expected), Some(seen)) => {
                    one(names, expected, seen).map_err(|why| {
                        format!("{way:?}: {why}\n  expected: {}\n  seen:     {}", show(expected), show_seen(seen))
                    })?;
                }
                (Some(expected), None) => return Err(format!("{way:?}: missing: {}", show(expected))),
                (None, Some(seen)) => return Err(format!("{way:?}: nobody expects: {}", show_seen(seen))),
                (None, None) => {}
            }
        }
    }
    Ok(())
}

fn way_of(seen: &Seen) -> Option<Way> {
    match seen {
        Seen::Message { socket, .. }
        | Seen::Ping { socket }
        | Seen::Closed { socket, .. }
        | Seen::Answered { socket, .. } => Some(Way::Socket(*socket)),
        Seen::Cti { .. } => Some(Way::Platform),
        Seen::Claim { .. } | Seen::Release { .. } => Some(Way::Directory),
        Seen::LoadJourney { .. } | Seen::LoadRecent { .. } => Some(Way::Store),
        Seen::Store { .. } | Seen::Audit { .. } => None,
    }
}

fn one(names: &mut Names, expected: &Expected, seen: &Seen) -> Result<(), String> {
    let fits = match (expected, seen) {
        (Expected::Message { body, is_replay, .. }, Seen::Message { text, sending, .. }) => {
            let actual: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            value(names, "", body, &actual)?;
            *is_replay == (*sending == Sending::Replay)
        }
        (Expected::Ping { .. }, Seen::Ping { .. }) => true,
        (Expected::Closed { code, .. }, Seen::Closed { code: actual, .. }) => *code == actual.code(),
        (Expected::Answered { status, .. }, Seen::Answered { status: actual, .. }) => *status == actual.code(),
        (Expected::Command { number, command, password }, Seen::Cti { request, command: actual, password: given }) => {
            names.bind_number(*number, request.0);
            command == actual && password == given
        }
        (
            Expected::Claim { number, agent, is_override, client },
            Seen::Claim { claim, agent: whose, override_, client: whom },
        ) => {
            names.bind_number(*number, claim.0);
            let client = names.to_real(client);
            *agent == whose.as_str() && is_override == override_ && client == *whom
        }
        (Expected::Release { agent }, Seen::Release { agent: actual }) => *agent == actual.as_str(),
        (Expected::LoadJourney { number, call }, Seen::LoadJourney { query, call: actual }) => {
            names.bind_number(*number, query.0);
            *call == actual.as_str()
        }
        (Expected::LoadRecent { number, limit, caller }, Seen::LoadRecent { query, limit: actual, number: whose }) => {
            names.bind_number(*number, query.0);
            limit == actual && caller == whose
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err("something else".to_owned()) }
}

fn value(names: &mut Names, path: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            if let Some(key) = expected.keys().find(|key| !actual.contains_key(*key)) {
                return Err(format!("`{path}.{key}` is missing"));
            }
            if let Some(key) = actual.keys().find(|key| !expected.contains_key(*key)) {
                return Err(format!("`{path}.{key}` is there"));
            }
            for (key, expected) in expected {
                let path = format!("{path}.{key}");
                if key == "failure" {
                    failure(&path, expected, &actual[key])?;
                } else {
                    value(names, &path, expected, &actual[key])?;
                }
            }
            Ok(())
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let mut pairs = expected.iter().zip(actual).enumerate();
            pairs
                .try_for_each(|(place, (expected, actual))| value(names, &format!("{path}[{place}]"), expected, actual))
        }
        (Value::String(any), Value::Number(_)) if any == "~count" => Ok(()),
        (Value::String(expected), Value::String(actual)) => {
            if expected == "~words" {
                return if actual.is_empty() { Err(format!("`{path}` is empty")) } else { Ok(()) };
            }
            if names.is_open(expected) {
                return names.bind(expected, actual);
            }
            if names.to_real(expected) == *actual { Ok(()) } else { Err(format!("`{path}` differs")) }
        }
        _ if expected == actual => Ok(()),
        _ => Err(format!("`{path}` differs")),
    }
}

fn failure(path: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("`{path}`: {what}"));
    if expected["code"] != actual["code"] {
        return wrong("another code");
    }
    if actual["message"].as_str().is_none_or(str::is_empty) || actual["context"] != "" {
        return wrong("`message` says nothing, or `context` something");
    }
    if !expected["property"].is_null() && expected["property"] != actual["params"]["property"] {
        return wrong("another property is named");
    }
    let known = ["code", "message", "context", "params", "retryAfterMs"];
    if let Some(key) = actual.as_object().and_then(|actual| actual.keys().find(|key| !known.contains(&key.as_str()))) {
        return wrong(&format!("`{key}` is no property of a failure"));
    }
    let told = &actual["retryAfterMs"];
    let fits = match &expected["retry"] {
        Value::Null => told.is_null() || told.as_u64().is_some_and(|millis| millis > 0),
        Value::Bool(_) => told.as_u64().is_some_and(|millis| millis > 0),
        exact => told == exact,
    };
    if fits { Ok(()) } else { wrong("another `retryAfterMs`") }
}

/// What is expected, for people.
pub(crate) fn show(expected: &Expected) -> String {
    match expected {
        Expected::Message { socket, body, is_replay } => {
            format!("{socket}{} {body}", if *is_replay { '~' } else { '<' })
        }
        other => format!("{other:?}"),
    }
}

/// What was seen, for people.
pub(crate) fn show_seen(seen: &Seen) -> String {
    match seen {
        Seen::Message { socket, text, sending: Sending::Live } => format!("{socket}< {text}"),
        Seen::Message { socket, text, sending: Sending::Replay } => format!("{socket}~ {text}"),
        other => format!("{other:?}"),
    }
}

//! The kinds of messages: what tells one from another, read from a schema and from messages alike.
//!
//! A kind is the words by which a message is told apart, such as `resourceEvent report.teamstatus.teamadded` or
//! `serviceResponse failure`. Answers of sessions repeat what was asked, so all their successes are one kind.

use std::collections::BTreeSet;

use interaction_core::protocol::SessionCommand;
use serde_json::Value;

/// Properties whose values tell messages apart, in the order of a kind's words.
const WORDS: [&str; 4] = ["messageType", "result", "command", "name"];
/// Where the rest of a message stands.
const WITHIN: [&str; 3] = ["request", "response", "event"];
/// What all successes of a session's objects are called.
const OF_SESSION: &str = "of a session";

/// The kinds a schema describes.
pub fn of_schema(schema: &Value) -> BTreeSet<String> {
    kinds(schema, schema, "", None).into_iter().map(|words| words.join(" ")).collect()
}

/// The kind of a message.
pub fn of_message(message: &Value) -> String {
    let mut words = Vec::new();
    describe(message, "", &mut words);
    words.join(" ")
}

fn describe(part: &Value, place: &str, words: &mut Vec<String>) {
    for word in WORDS {
        if let Some(text) = part[word].as_str().filter(|text| counts(place, word, text, part["result"].as_str())) {
            words.push(called(place, text));
        }
    }
    for within in WITHIN {
        if part[within].is_object() {
            describe(&part[within], within, words);
        }
    }
}

/// What is refused or to be confirmed is one kind whatever it was; a core response is always a success.
fn counts(place: &str, word: &str, text: &str, result: Option<&str>) -> bool {
    match word {
        "result" => place == "response",
        "command" => place != "response" || result == Some("success"),
        _ => text != "state.updated",
    }
}

fn called(place: &str, text: &str) -> String {
    let is_sessions = place == "response" && is_of_session(text);
    if is_sessions { OF_SESSION.to_owned() } else { text.to_owned() }
}

/// Whether a command is a session's, in either spelling.
pub fn is_of_session(command: &str) -> bool {
    canonical(command).is_some()
}

/// The name by which the reference knows a session's command.
pub fn canonical(command: &str) -> Option<&'static str> {
    let plain = |name: &str| name.replacen(".request.", ".", 1);
    SessionCommand::NAMES.iter().find(|name| plain(name) == plain(command)).copied()
}

fn kinds(root: &Value, schema: &Value, place: &str, result: Option<&str>) -> Vec<Vec<String>> {
    let schema = resolved(root, schema);
    let mut words = vec![Vec::new()];
    let constant = |word: &str| constant(root, &schema["properties"][word]);
    // A response's command may stand in another schema than its result.
    let own = constant("result");
    let result = own.as_deref().or(result);
    for word in WORDS {
        if let Some(text) = constant(word).filter(|text| counts(place, word, text, result)) {
            words.iter_mut().for_each(|kind| kind.push(called(place, &text)));
        }
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(branches) = schema[choice].as_array() {
            let branches: Vec<_> = branches.iter().flat_map(|branch| kinds(root, branch, place, result)).collect();
            words = product(&words, &branches);
        }
    }
    if schema["$ref"].is_string() {
        words = product(&words, &kinds(root, target(root, schema), place, result));
    }
    for within in WITHIN {
        let part = &schema["properties"][within];
        if part.is_object() {
            words = product(&words, &kinds(root, part, within, None));
        }
    }
    words
}

fn product(heads: &[Vec<String>], tails: &[Vec<String>]) -> Vec<Vec<String>> {
    heads.iter().flat_map(|head| tails.iter().map(move |tail| [&head[..], &tail[..]].concat())).collect()
}

/// What a mere reference stands for; anything else as it is.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let is_mere = schema.as_object().is_some_and(|object| !object.contains_key("properties"));
    if is_mere && schema["$ref"].is_string() { resolved(root, target(root, schema)) } else { schema }
}

fn target<'s>(root: &'s Value, schema: &Value) -> &'s Value {
    let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')).unwrap_or_default();
    root.pointer(path).unwrap_or(&Value::Null)
}

/// The only value a property may have.
fn constant(root: &Value, property: &Value) -> Option<String> {
    let property = resolved(root, property);
    property["const"].as_str().map(str::to_owned)
}

//! What a reader of the protocol makes of a session's and of reports' events, written to be obvious.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// An object of a session: its state, what is allowed, and everything else that was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    pub(crate) state: String,
    pub(crate) enabled: BTreeSet<String>,
    pub(crate) data: Value,
    pub(crate) availability: Value,
    pub(crate) members: BTreeMap<String, Value>,
}

/// A session's objects by their targets, without the session itself.
pub(crate) type Objects = BTreeMap<String, Object>;

/// Applies an event of a session.
pub(crate) fn apply(objects: &mut Objects, event: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (target, name) = (text(&event["target"]), text(&event["name"]));
    let data = &event["data"];
    if name == "state.updated" {
        let object = objects.entry(target).or_default();
        object.state = text(&event["state"]);
        for permission in data.as_array().into_iter().flatten() {
            let command = text(&permission["name"]);
            if permission["type"] == "enable" {
                object.enabled.insert(command);
            } else {
                object.enabled.remove(&command);
            }
        }
        return;
    }
    let (kind, what) = name.split_once('.').unwrap_or_default();
    match what {
        "created" => {
            let id = text(&data[kind]["id"]);
            objects.insert(format!("{target}.{id}"), Object::default());
        }
        "disposed" => {
            let below = format!("{target}.");
            objects.retain(|path, _| *path != target && !path.starts_with(&below));
        }
        "infochanged" => {
            let object = objects.entry(target).or_default();
            object.availability = data["channel"]["availability"].clone();
            object.state = text(&data["channel"]["state"]);
        }
        "datachanged" | "preview" => objects.entry(target).or_default().data = data["data"].clone(),
        "member.added" => {
            let member = data["member"].clone();
            objects.entry(target).or_default().members.insert(text(&member["id"]), member);
        }
        "member.removed" => {
            objects.entry(target).or_default().members.remove(&text(&data["member"]["id"]));
        }
        _ => {}
    }
}

/// The same of what a desk shows.
pub(crate) fn shown(session: &Value, resource: &str) -> Objects {
    let mut objects = Objects::new();
    for object in session["objects"].as_array().into_iter().flatten() {
        let members = object["members"].as_array().into_iter().flatten();
        let target = object["target"].as_str().unwrap_or_default().to_owned();
        let enabled = object["enabled"].as_array().into_iter().flatten();
        let shown = Object {
            state: object["state"].as_str().unwrap_or_default().to_owned(),
            enabled: enabled.filter_map(|one| one.as_str().map(str::to_owned)).collect(),
            data: object["data"].clone(),
            availability: object["availability"].clone(),
            members: members.map(|one| (one["id"].as_str().unwrap_or_default().to_owned(), one.clone())).collect(),
        };
        // Before it is started a session shows what its preparation says.
        let is_unstarted = target == resource && shown.state == "PREPARED";
        if !is_unstarted {
            objects.insert(target, shown);
        }
    }
    objects
}

/// What a snapshot of a report says, in the order in which a desk shows it: `list` is `team` or `queue`.
pub(crate) fn snapshot(messages: &[String], list: &str) -> Value {
    let id = format!("{list}Id");
    let mut all = BTreeMap::new();
    for text in messages {
        let message: Value = serde_json::from_str(text).unwrap_or_default();
        let one = &message["event"]["data"][list];
        if let Some(id) = one[&id].as_str() {
            let mut one = one.clone();
            if let Some(members) = one.get_mut("members").and_then(Value::as_array_mut) {
                members.sort_by_key(|member| member["memberId"].as_str().unwrap_or_default().to_owned());
            }
            all.insert(id.to_owned(), one);
        }
    }
    json!(all.into_values().collect::<Vec<Value>>())
}

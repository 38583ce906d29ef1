//! The grammar of a session's events, as its client checks it: created before anything, initialized once, exactly one
//! `interaction.ended`, nothing after disposed, parents outlive children, and `state.updated` tells changes only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The objects of every session of one link.
#[derive(Debug, Default)]
pub(crate) struct Grammar {
    live: BTreeMap<String, Object>,
    gone: BTreeSet<String>,
    /// Whether something was missed: sessions are followed from their next start on.
    is_midway: bool,
}

#[derive(Debug, Default)]
struct Object {
    initialized: bool,
    ended: bool,
    state: Option<String>,
    actions: BTreeMap<String, bool>,
}

impl Grammar {
    /// One that does not know what was before.
    pub(crate) fn midway() -> Self {
        Self { is_midway: true, ..Self::default() }
    }

    /// A message came in its order.
    pub(crate) fn got(&mut self, message: &Value) -> Result<(), String> {
        match message["messageType"].as_str() {
            // An answer that comes again begins and ends nothing.
            Some("resourceResponse") if message["repeated"] == true => Ok(()),
            Some("resourceResponse") => {
                let response = &message["response"];
                let command = response["command"].as_str().unwrap_or_default();
                let begins_or_ends =
                    ["session.start", "session.request.start", "session.logout", "session.request.logout"];
                if begins_or_ends.contains(&command) && response["result"] == "success" {
                    self.forget(message["resourceId"].as_str().unwrap_or_default());
                }
                Ok(())
            }
            Some("coreEvent") if message["event"]["name"] == "resourceUnbound" => {
                self.forget(message["event"]["data"]["resourceId"].as_str().unwrap_or_default());
                Ok(())
            }
            Some("resourceEvent") if message["event"].get("target").is_some() => self.event(&message["event"]),
            _ => Ok(()),
        }
    }

    /// A session begins anew, or is over.
    fn forget(&mut self, session: &str) {
        let below = format!("{session}.");
        self.live.retain(|path, _| path != session && !path.starts_with(&below));
        self.gone.retain(|path| !path.starts_with(&below));
        self.live.insert(session.to_owned(), Object::default());
    }

    fn event(&mut self, event: &Value) -> Result<(), String> {
        let target = event["target"].as_str().unwrap_or_default();
        let name = event["name"].as_str().unwrap_or_default();
        let session = target.split('.').next().unwrap_or_default();
        if self.is_midway && !self.live.contains_key(session) {
            return Ok(());
        }
        let wrong = |what: &str| Err(format!("grammar: {what}: {event}"));
        if self.gone.contains(target) {
            return wrong("nothing follows a disposal");
        }
        let Some(object) = self.live.get_mut(target) else { return wrong("created before anything else") };
        if event["messageType"] == "stateEvent" {
            let state = event["state"].as_str().map(str::to_owned);
            let mut is_news = object.state != state;
            object.state = state;
            for action in event["data"].as_array().into_iter().flatten() {
                let enabled = action["type"] == "enable";
                if object.actions.insert(action["name"].to_string(), enabled) == Some(enabled) {
                    return wrong("only changes are told");
                }
                is_news = true;
            }
            return if is_news { Ok(()) } else { wrong("nothing changed") };
        }
        if let Some(kind) = name.strip_suffix(".created") {
            let id = event["data"][kind]["id"].as_str().unwrap_or_default();
            let path = format!("{target}.{id}");
            if self.live.contains_key(&path) || self.gone.contains(&path) {
                return wrong("created once");
            }
            self.live.insert(path, Object::default());
            return Ok(());
        }
        if name == "interaction.ended" && std::mem::replace(&mut object.ended, true) {
            return wrong("ended once");
        }
        if name.ends_with(".initialized") && std::mem::replace(&mut object.initialized, true) {
            return wrong("initialized once");
        }
        if name.ends_with(".disposed") {
            if !object.initialized || (name == "interaction.disposed" && !object.ended) {
                return wrong("initialized and ended before it is disposed");
            }
            let below = format!("{target}.");
            if self.live.range(below.clone()..).next().is_some_and(|(path, _)| path.starts_with(&below)) {
                return wrong("parents outlive children");
            }
            self.live.remove(target);
            self.gone.insert(target.to_owned());
        }
        Ok(())
    }
}

//! The objects of one session in one binding: created once, disposed once, nothing afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::fault::{Fault, Kind};

/// The objects there are, by path, and those there were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    live: BTreeMap<String, Object>,
    gone: BTreeSet<String>,
}

/// One object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The kind: `session`, `channel` …
    pub kind: String,
    /// The last state told.
    pub state: Option<String>,
    /// Which commands are allowed, as told.
    pub actions: BTreeMap<String, bool>,
    /// Whether `*.initialized` came.
    pub initialized: bool,
    /// Whether `interaction.ended` came.
    pub ended: bool,
}

impl Objects {
    /// The paths of the objects of a kind.
    pub fn of_kind(&self, kind: &str) -> Vec<String> {
        self.live.iter().filter(|(_, object)| object.kind == kind).map(|(path, _)| path.clone()).collect()
    }

    /// One object.
    pub fn object(&self, path: &str) -> Option<&Object> {
        self.live.get(path)
    }

    /// Takes one event in.
    pub fn apply(&mut self, event: &Value) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(Kind::Objects, format!("{what}: {event:.600}")));
        let target = event["target"].as_str().unwrap_or_default();
        let name = event["name"].as_str().unwrap_or_default();
        if self.live.is_empty() && self.gone.is_empty() && !target.contains('.') {
            self.live.insert(target.into(), Object { kind: "session".into(), ..Object::default() });
        }
        if self.gone.contains(target) {
            return fault("the object was disposed");
        }
        let Some(object) = self.live.get_mut(target) else { return fault("no such object") };
        if event["messageType"] == "stateEvent" {
            return object.state_updated(event);
        }
        let (kind, what) = name.split_once('.').unwrap_or((name, ""));
        if what == "created" {
            return self.created(target, kind, event);
        }
        if object.kind != kind {
            return fault("of another kind");
        }
        match what {
            "initialized" if object.initialized && kind != "session" => return fault("initialized before"),
            "initialized" => object.initialized = true,
            "ended" if object.ended => return fault("ended before"),
            "ended" => object.ended = true,
            "disposed" => {
                let below = format!("{target}.");
                if self.live.keys().any(|path| path.starts_with(&below)) {
                    return fault("something beneath it is not disposed");
                }
                self.live.remove(target);
                self.gone.insert(target.into());
            }
            _ => {}
        }
        Ok(())
    }

    fn created(&mut self, target: &str, kind: &str, event: &Value) -> Result<(), Fault> {
        let fault = |what: &str| Err(Fault::new(Kind::Objects, format!("{what}: {event:.600}")));
        let Some(id) = event["data"][kind]["id"].as_str() else { return fault("no id") };
        let path = format!("{target}.{id}");
        if self.live.contains_key(&path) || self.gone.contains(&path) {
            return fault("created before");
        }
        self.live.insert(path, Object { kind: kind.into(), ..Object::default() });
        Ok(())
    }
}

impl Object {
    fn state_updated(&mut self, event: &Value) -> Result<(), Fault> {
        let state = event["state"].as_str().map(str::to_owned);
        let first = self.state.is_none();
        let mut changed = first || self.state != state;
        for action in event["data"].as_array().into_iter().flatten() {
            let enabled = action["type"] == "enable";
            let before = self.actions.insert(action["name"].as_str().unwrap_or_default().into(), enabled);
            if before == Some(enabled) {
                return Err(Fault::new(Kind::Objects, format!("{action} is no change: {event:.600}")));
            }
            changed = true;
        }
        self.state = state;
        if changed { Ok(()) } else { Err(Fault::new(Kind::Objects, format!("nothing changed: {event:.600}"))) }
    }
}

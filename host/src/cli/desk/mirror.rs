//! The objects of a session as its events tell of them: their states, and what may be done to them.

use std::collections::BTreeMap;

use serde_json::Value;

/// A code with its name, from `session.initialized`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) code: String,
    pub(super) name: String,
}

/// One object: a session, a group, a channel, an interaction or a conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Object {
    /// In which order it came; conversations and interactions are called by it.
    pub(super) order: u32,
    /// `session`, `channelgroup`, `channel`, `interaction` or `conversation`.
    pub(super) kind: &'static str,
    state: String,
    /// What people call it.
    label: String,
    /// Availability with its reason, of a channel.
    available: String,
    /// Who is on it, of a conversation: member id and words.
    members: BTreeMap<String, String>,
    /// The actions that are enabled, by their full names, in the server's order.
    pub(super) enabled: Vec<String>,
}

/// Everything a session shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Mirror {
    objects: BTreeMap<String, Object>,
    created: u32,
    /// Interactions by number, in the order they came.
    interactions: u32,
    pub(super) not_ready: Vec<Reason>,
    pub(super) logout: Vec<Reason>,
    pub(super) wrap_up: Vec<Reason>,
}

const KINDS: [&str; 4] = ["channelgroup", "channel", "interaction", "conversation"];

impl Mirror {
    /// An empty session.
    pub(super) fn of(session: &str) -> Self {
        let mut mirror = Self::default();
        mirror.objects.insert(session.to_owned(), Object { kind: "session", ..Object::default() });
        mirror
    }

    /// The objects with their targets, oldest first.
    pub(super) fn objects(&self) -> impl Iterator<Item = (&str, &Object)> {
        let mut all: Vec<_> = self.objects.iter().map(|(target, object)| (target.as_str(), object)).collect();
        all.sort_by_key(|(_, object)| object.order);
        all.into_iter()
    }

    /// Whether some object's action of this verb (`answer`, `recording.start`) is enabled.
    pub(super) fn offers(&self, verb: &str) -> bool {
        self.objects.values().flat_map(|object| &object.enabled).any(|name| verb_of(name) == verb)
    }

    /// Takes an event in. What a person should read of it.
    pub(super) fn apply(&mut self, event: &Value) -> Vec<String> {
        let target = event["target"].as_str().unwrap_or_default().to_owned();
        let name = event["name"].as_str().unwrap_or_default();
        if event["messageType"] == "stateEvent" {
            return self.state_updated(&target, event);
        }
        let (kind, what) = name.split_once('.').unwrap_or((name, ""));
        let data = &event["data"];
        match what {
            "created" => {
                self.create(kind, &target, &data[kind]);
                Vec::new()
            }
            "disposed" => {
                let below = format!("{target}.");
                self.objects.retain(|path, _| *path != target && !path.starts_with(&below));
                Vec::new()
            }
            "infochanged" => self.available(&target, &data[kind]["availability"]),
            "member.added" => {
                let member = &data["member"];
                let words = joined(text(&member["name"]), text(&member["address"]));
                self.member(&target, text(&member["id"]), Some(words))
            }
            "member.removed" => self.member(&target, text(&data["member"]["id"]), None),
            "datachanged" => vec![format!("{}: data {}", self.call(&target), data["data"])],
            "ended" => {
                let (cause, by) = (text(&data["cause"]), text(&data["by"]));
                vec![joined(&format!("{} ended: {cause}", self.call(&target)), by)]
            }
            "initialized" if kind == "session" => {
                let list = |name: &str| -> Vec<Reason> {
                    let codes = data[name].as_array().into_iter().flatten();
                    let reason =
                        |code: &Value| Reason { code: text(&code["code"]).into(), name: text(&code["name"]).into() };
                    codes.map(reason).collect()
                };
                self.not_ready = list("notReadyReasons");
                self.logout = list("logoutReasons");
                self.wrap_up = list("wrapUpCodes");
                vec!["signed in".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn create(&mut self, kind: &str, parent: &str, data: &Value) {
        let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else { return };
        self.created += 1;
        let label = match kind {
            "interaction" => {
                self.interactions += 1;
                format!("#{} {} {}", self.interactions, text(&data["direction"]), text(&data["type"]))
            }
            "conversation" => text(&data["role"]).to_owned(),
            _ => text(&data["name"]).to_owned(),
        };
        let state = text(&data["state"]).to_owned();
        let object = Object { order: self.created, kind, state, label, ..Object::default() };
        self.objects.insert(format!("{parent}.{}", text(&data["id"])), object);
    }

    fn state_updated(&mut self, target: &str, event: &Value) -> Vec<String> {
        let Some(object) = self.objects.get_mut(target) else { return Vec::new() };
        for change in event["data"].as_array().into_iter().flatten() {
            let name = text(&change["name"]).to_owned();
            let at = object.enabled.iter().position(|enabled| *enabled == name);
            match (change["type"].as_str(), at) {
                (Some("enable"), None) => object.enabled.push(name),
                (Some("disable"), Some(at)) => drop(object.enabled.remove(at)),
                _ => {}
            }
        }
        let state = text(&event["state"]);
        if object.state == state {
            return Vec::new();
        }
        state.clone_into(&mut object.state);
        match object.kind {
            "interaction" => vec![format!("{} {state}", self.call(target))],
            "conversation" => vec![format!("{} {} {state}", self.call(target), self.objects[target].label)],
            _ => Vec::new(),
        }
    }

    fn available(&mut self, target: &str, availability: &Value) -> Vec<String> {
        let Some(object) = self.objects.get_mut(target) else { return Vec::new() };
        let mut words = text(&availability["state"]).to_owned();
        for reason in [&availability["reason"]["name"], &availability["pending"]] {
            if let Some(more) = reason.as_str().filter(|more| !more.is_empty()) {
                words = format!("{words} ({more})");
            }
        }
        if object.available == words {
            return Vec::new();
        }
        object.available.clone_from(&words);
        vec![format!("{} {words}", object.label)]
    }

    fn member(&mut self, target: &str, id: &str, words: Option<String>) -> Vec<String> {
        let call = self.call(target);
        let Some(object) = self.objects.get_mut(target) else { return Vec::new() };
        match words {
            Some(words) => {
                let line = format!("{call} with {words}");
                object.members.insert(id.to_owned(), words);
                vec![line]
            }
            None => object.members.remove(id).map(|words| format!("{call} without {words}")).into_iter().collect(),
        }
    }

    /// The interaction a target is, or is part of, as people call it.
    fn call(&self, target: &str) -> String {
        let interactions = self.objects.iter().filter(|(_, object)| object.kind == "interaction");
        let own = interactions.into_iter().find(|(path, _)| target == *path || target.starts_with(&format!("{path}.")));
        own.map_or_else(|| "call".to_owned(), |(_, object)| object.label.clone())
    }

    /// The number an interaction is called by, of a target at or below it.
    pub(super) fn number_of(&self, target: &str) -> Option<u32> {
        self.call(target).strip_prefix('#')?.split(' ').next()?.parse().ok()
    }

    /// One line: availability, and each interaction with its state.
    pub(super) fn summary(&self) -> String {
        let mut parts = Vec::new();
        for (_, object) in self.objects() {
            match object.kind {
                "channel" => parts.push(format!("{} {}", object.label, object.available)),
                "interaction" => parts.push(format!("{} {}", object.label, object.state)),
                "conversation" => {
                    let members: Vec<&str> = object.members.values().map(String::as_str).collect();
                    parts.push(format!("{} {} {}", object.label, object.state, members.join(", ")).trim().to_owned());
                }
                _ => {}
            }
        }
        parts.join(" · ")
    }

    /// The verbs that are possible now, each once, those of the youngest objects first.
    pub(super) fn verbs(&self) -> Vec<&str> {
        let mut verbs: Vec<&str> = Vec::new();
        let mut all: Vec<_> = self.objects().collect();
        all.reverse();
        for name in all.iter().flat_map(|(_, object)| &object.enabled) {
            let verb = verb_of(name);
            if !verbs.contains(&verb) {
                verbs.push(verb);
            }
        }
        verbs
    }

    /// Every object on a line, with what may be done to it.
    pub(super) fn describe(&self) -> Vec<String> {
        let line = |(target, object): (&str, &Object)| {
            let depth = target.matches('.').count() * 2;
            let verbs: Vec<&str> = object.enabled.iter().map(|name| verb_of(name)).collect();
            let (kind, label, state) = (object.kind, &object.label, &object.state);
            format!("{:depth$}{kind} {label} {state} {} [{}]", "", object.available, verbs.join(" "))
        };
        self.objects().map(line).collect()
    }
}

/// `conversation.hold` is `hold`, `interaction.recording.start` is `recording.start`.
pub(super) fn verb_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, verb)| verb)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn joined(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (_, true) => first.to_owned(),
        (true, false) => second.to_owned(),
        (false, false) => format!("{first} {second}"),
    }
}

#[cfg(test)]
pub(super) mod tests;

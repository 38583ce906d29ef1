//! Section 4's grammar of events, from the messages alone: created before anything, initialized once, ended once, nothing after
//! disposed, parents outlive children; and what `state.updated` tells is new each time.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a binding has heard of an object.
#[derive(Clone, Debug, Default)]
struct Object {
    is_initialized: bool,
    is_ended: bool,
    is_disposed: bool,
    state: Option<String>,
    actions: BTreeMap<String, bool>,
}

/// The objects of one session, as its binding heard of them.
#[derive(Clone, Debug)]
pub(super) struct Grammar {
    session: String,
    objects: BTreeMap<String, Object>,
}

impl Grammar {
    /// A session that was just started: its client hears of everything from the start.
    pub(super) fn new(session: &str) -> Self {
        let objects = BTreeMap::from([(session.to_owned(), Object::default())]);
        Self { session: session.to_owned(), objects }
    }

    /// Whether an action of an object is shown as allowed; none where nothing of it is shown.
    pub(super) fn shows(&self, path: &str, action: &str) -> Option<bool> {
        self.objects.get(path).filter(|object| !object.is_disposed)?.actions.get(action).copied()
    }

    /// Whether the initial sequence is over.
    pub(super) fn is_initialized(&self) -> bool {
        self.objects[&self.session].is_initialized
    }

    /// An event of the session.
    pub(super) fn event(&mut self, event: &Value) -> Result<(), String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (target, name) = (text(&event["target"]), text(&event["name"]));
        if let Some(kind) = name.strip_suffix(".created") {
            return self.created(&target, &text(&event["data"][kind]["id"]));
        }
        let has_children = self.objects.iter().any(|(path, object)| {
            !object.is_disposed && path.strip_prefix(&*target).is_some_and(|rest| rest.starts_with('.'))
        });
        let object = self.objects.get_mut(&target).ok_or_else(|| format!("{target} was never created"))?;
        if object.is_disposed {
            return Err(format!("{target} was disposed"));
        }
        if name == "state.updated" {
            return object.updated(event);
        }
        let once = |flag: &mut bool, what: &str| match std::mem::replace(flag, true) {
            true => Err(format!("{target} is {what} twice")),
            false => Ok(()),
        };
        if name.ends_with(".initialized") {
            return once(&mut object.is_initialized, "initialized");
        }
        if name == "interaction.ended" {
            return once(&mut object.is_ended, "ended");
        }
        if name.ends_with(".disposed") {
            if has_children {
                return Err(format!("{target} goes before what is beneath it"));
            }
            return once(&mut object.is_disposed, "disposed");
        }
        Ok(())
    }

    fn created(&mut self, parent: &str, id: &str) -> Result<(), String> {
        match self.objects.get(parent) {
            None => return Err(format!("created beneath {parent}, which never was")),
            Some(parent) if parent.is_disposed => return Err("created beneath what is disposed".to_owned()),
            Some(_) => {}
        }
        let path = format!("{parent}.{id}");
        match self.objects.insert(path.clone(), Object::default()) {
            Some(_) => Err(format!("{path} is created twice")),
            None => Ok(()),
        }
    }
}

impl Object {
    fn updated(&mut self, event: &Value) -> Result<(), String> {
        let state = event["state"].as_str().map(str::to_owned);
        let mut is_news = self.state != state;
        self.state = state;
        for action in event["data"].as_array().into_iter().flatten() {
            let enabled = match action["type"].as_str() {
                Some("enable") => true,
                Some("disable") => false,
                _ => return Err(format!("neither enabled nor disabled: {action}")),
            };
            let name = action["name"].as_str().unwrap_or_default().to_owned();
            if self.actions.insert(name.clone(), enabled) == Some(enabled) {
                return Err(format!("{name} was told so before"));
            }
            is_news = true;
        }
        if is_news { Ok(()) } else { Err("nothing changed".to_owned()) }
    }
}

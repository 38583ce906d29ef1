//! One agent's desk: it believes what `state.updated` shows, and tries what it does not.

use std::collections::BTreeMap;

use interaction_core::failure::Code;
use serde_json::{Value, json};

use crate::rng::Rng;

/// What came about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// By command, without its kind.
    pub(crate) succeeded: BTreeMap<String, u64>,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) refused_unshown: u64,
    pub(crate) interactions: u64,
    pub(crate) outages: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        for (own, others) in [(&mut self.succeeded, &other.succeeded), (&mut self.refused, &other.refused)] {
            for (name, count) in others {
                *own.entry(name.clone()).or_default() += count;
            }
        }
        self.refused_unshown += other.refused_unshown;
        self.interactions += other.interactions;
        self.outages += other.outages;
    }
}

/// An object as it was shown.
#[derive(Debug, Default)]
struct Object {
    state: String,
    availability: String,
    actions: BTreeMap<String, bool>,
    /// The number of the last message about it.
    heard: u64,
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Asked {
    target: String,
    action: String,
    /// Whether it was shown as allowed.
    shown: bool,
    state: String,
    /// The number of the last message before it.
    after: u64,
}

/// The desk.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) socket: u64,
    pub(crate) agent: &'static str,
    pub(crate) is_connected: bool,
    pub(crate) tally: Tally,
    stage: usize,
    session: String,
    objects: BTreeMap<String, Object>,
    asked: BTreeMap<String, Asked>,
    last_request: u64,
    last_seq: u64,
}

/// Refusals that name the state of things.
const OF_STATE: [Code; 6] = [
    Code::StateInvalid,
    Code::InteractionOngoing,
    Code::ConsultMissing,
    Code::ChannelInactive,
    Code::AccessDenied,
    Code::CtiUnavailable,
];

impl Desk {
    pub(crate) fn new(socket: u64, agent: &'static str) -> Self {
        Self {
            socket,
            agent,
            is_connected: false,
            tally: Tally::default(),
            stage: 0,
            session: String::new(),
            objects: BTreeMap::new(),
            asked: BTreeMap::new(),
            last_request: 0,
            last_seq: 0,
        }
    }

    /// What it sends next; nothing while it waits.
    pub(crate) fn next(&mut self, rng: &mut Rng) -> Option<String> {
        let (agent, session) = (self.agent, &self.session);
        let text = match self.stage {
            0 => json!({"messageType": "connect", "requestId": "c"}),
            1 => {
                json!({"messageType": "coreRequest", "requestId": "b", "command": "bindService", "serviceId": "processor"})
            }
            2 => {
                json!({"messageType": "serviceRequest", "requestId": format!("p{}", self.last_seq), "serviceId": "processor",
                "request": {"command": "prepareSession", "data": {"override": true, "agent": {"id": agent, "password": agent}}}})
            }
            3 => return None,
            4 => {
                json!({"messageType": "coreRequest", "requestId": format!("r{}", self.last_seq), "command": "bindResource",
                "serviceId": "processor", "resourceId": session})
            }
            5 => {
                json!({"messageType": "resourceRequest", "requestId": format!("s{}", self.last_seq), "serviceId": "processor",
                "resourceId": session, "request": {"command": "session.start", "target": session, "data": {}}})
            }
            6 => return None,
            _ => return self.act(rng),
        };
        self.stage += 1;
        Some(text.to_string())
    }

    /// Asks for something: mostly what is shown as allowed, now and then what is not.
    fn act(&mut self, rng: &mut Rng) -> Option<String> {
        if rng.once_in(6) {
            return Some(json!({"messageType": "ack", "seq": self.last_seq}).to_string());
        }
        let wants_shown = !rng.once_in(4);
        let mut choices = Vec::new();
        for (path, object) in &self.objects {
            let actions = object.actions.iter().filter(|(_, shown)| **shown == wants_shown);
            choices.extend(actions.map(|(action, _)| (path, action)));
        }
        // Leaving is for the end, and channels stay: others are tried by traces.
        choices.retain(|(_, action)| {
            let is_rare = ["logout", "removechannel", "addchannel"].iter().any(|rare| action.contains(rare));
            !(wants_shown && is_rare)
        });
        // What goes on is of more interest than what could begin.
        if choices.iter().any(|(path, _)| depth(path) > 2) && !rng.once_in(4) {
            choices.retain(|(path, _)| depth(path) > 2);
        }
        let (target, action) = rng.of(&choices).map(|(target, action)| ((*target).clone(), (*action).clone()))?;
        self.last_request += 1;
        let request = format!("q{}", self.last_request);
        let state = self.objects[&target].state.clone();
        let asked =
            Asked { target: target.clone(), action: action.clone(), shown: wants_shown, state, after: self.last_seq };
        self.asked.insert(request.clone(), asked);
        let data = data_of(&action, rng);
        let command = if rng.once_in(2) { action } else { action.replacen('.', ".request.", 1) };
        Some(
            json!({"messageType": "resourceRequest", "requestId": request, "serviceId": "processor",
                "resourceId": self.session, "request": {"command": command, "target": target, "data": data}})
            .to_string(),
        )
    }

    /// Takes one message in.
    pub(crate) fn hear(&mut self, text: &str) -> Result<(), String> {
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        self.last_seq = message["seq"].as_u64().unwrap_or(self.last_seq);
        match message["messageType"].as_str() {
            Some("serviceResponse") => match message["response"]["resource"]["id"].as_str() {
                Some(id) => {
                    id.clone_into(&mut self.session);
                    self.stage = 4;
                }
                // The platform is away: once more.
                None => self.stage = 2,
            },
            Some("resourceResponse") => return self.answered(&message),
            Some("resourceEvent") => self.event(&message["event"]),
            Some("coreEvent") if message["event"]["name"] == "resourceUnbound" => {
                self.objects.clear();
                self.asked.clear();
                self.stage = 2;
            }
            Some("coreError" | "serviceError" | "resourceError") => {
                // Only what was on its way when the session ended goes astray.
                self.asked.remove(message["requestId"].as_str().unwrap_or_default());
            }
            _ => {}
        }
        Ok(())
    }

    fn event(&mut self, event: &Value) {
        let target = event["target"].as_str().unwrap_or_default().to_owned();
        let name = event["name"].as_str().unwrap_or_default();
        if name.ends_with(".disposed") {
            self.objects.remove(&target);
            return;
        }
        self.tally.interactions += u64::from(name == "interaction.created");
        let object = self.objects.entry(target).or_default();
        object.heard = self.last_seq;
        if let Some(availability) = event["data"]["channel"]["availability"]["state"].as_str() {
            availability.clone_into(&mut object.availability);
        }
        if event["messageType"] == "stateEvent" {
            event["state"].as_str().unwrap_or_default().clone_into(&mut object.state);
            for action in event["data"].as_array().into_iter().flatten() {
                let name = action["name"].as_str().unwrap_or_default().to_owned();
                object.actions.insert(name, action["type"] == "enable");
            }
        }
    }

    fn answered(&mut self, message: &Value) -> Result<(), String> {
        let response = &message["response"];
        let succeeded = response["result"] == "success";
        if response["command"]
            .as_str()
            .is_some_and(|command| command.ends_with("start") && !command.contains("recording"))
        {
            self.stage = if succeeded { 7 } else { 2 };
            return Ok(());
        }
        let Some(asked) = self.asked.remove(message["requestId"].as_str().unwrap_or_default()) else {
            return Err(format!("an answer to nothing: {message}"));
        };
        let verb = asked.action.rsplit('.').next().unwrap_or_default().to_owned();
        let code = response["failure"]["code"].as_str().unwrap_or_default();
        let counts = if succeeded { &mut self.tally.succeeded } else { &mut self.tally.refused };
        *counts.entry(if succeeded { verb } else { format!("{verb}: {code}") }).or_default() += 1;
        let object = self.objects.get(&asked.target);
        let shown_now = object.and_then(|object| object.actions.get(&asked.action)).copied();
        let is_of_state = OF_STATE.iter().any(|known| known.as_str() == code);
        // What is still shown as allowed is not refused for its state; a supervised call is another's. That the platform went
        // away with the command is no state of the object's.
        let is_refused = !succeeded && is_of_state && code != Code::CtiUnavailable.as_str();
        if is_refused && shown_now == Some(true) && !asked.action.contains("supervise") {
            return Err(format!("{asked:?} is shown as allowed, and refused: {message}"));
        }
        if !succeeded && code == Code::TargetUnknown.as_str() && object.is_some() && !asked.action.contains("channel") {
            return Err(format!("{asked:?} is there, and unknown: {message}"));
        }
        if asked.shown || object.is_none_or(|object| object.heard > asked.after) {
            return Ok(());
        }
        // It was not shown as allowed, and nothing was told of it since.
        let is_about_data = code == Code::RequestInvalid.as_str() || code == Code::DestinationInvalid.as_str();
        match succeeded {
            true if holds(&asked) => Ok(()),
            true => Err(format!("{asked:?} is not shown as allowed, and done: {message}")),
            false if is_of_state || is_about_data => {
                self.tally.refused_unshown += 1;
                Ok(())
            }
            false => Err(format!("{asked:?} is not shown as allowed, and refused for something else: {message}")),
        }
    }

    /// Whether nothing goes on any more.
    pub(crate) fn is_at_rest(&self) -> Result<(), String> {
        if let Some((request, asked)) = self.asked.iter().next() {
            return Err(format!("{request} was never answered: {asked:?}"));
        }
        // Beneath a channel there are interactions alone.
        let deep = self.objects.keys().find(|path| depth(path) > 2);
        match deep {
            Some(path) => Err(format!("{path} never ends: {:?}", self.objects[path])),
            None => Ok(()),
        }
    }
}

/// How many objects a path goes through.
fn depth(path: &str) -> usize {
    path.split('.').count()
}

/// Whether the goal of what was asked held already: that succeeds whatever is shown.
fn holds(asked: &Asked) -> bool {
    match (asked.action.as_str(), asked.state.as_str()) {
        ("conversation.hold", "HELD") | ("conversation.answer" | "conversation.retrieve", "CONNECTED") => true,
        ("interaction.accept", "STARTED") => true,
        (action, _) => {
            action.starts_with("interaction.recording.") || ["channel.ready", "channel.acw"].contains(&action)
        }
    }
}

fn data_of(action: &str, rng: &mut Rng) -> Value {
    let destinations = ["2001", "42002", "2003", "2004", "+15550001234", "+15550000000", "+15550009999", "nowhere"];
    let destination = || json!({"destination": destinations[0]});
    match action {
        "channel.dial" | "interaction.consult" | "conversation.transfer" | "conversation.conference" => {
            let mut data = destination();
            data["destination"] = json!(rng.of(&destinations));
            data
        }
        "channel.notready" => json!({"reason": {"code": "1", "name": "Lunch"}}),
        "conversation.dtmf" => json!({"digits": "1#"}),
        "interaction.updatedata" => json!({"callVariable1": format!("v{}", rng.below(3))}),
        "session.addchannel" => json!({"channel": {"type": "telephony", "endpoint": "4"}}),
        "session.removechannel" => json!({"channel": {"id": "none"}}),
        "session.addchannelgroup" => json!({"channelgroup": {"name": "g", "channels": []}}),
        "session.removechannelgroup" => json!({"channelgroup": {"id": "none"}}),
        action if action.starts_with("channelgroup.") => json!({"channel": {"id": "none"}}),
        action if action.starts_with("session.supervise.") => json!({"agentId": "2002"}),
        _ => json!({}),
    }
}

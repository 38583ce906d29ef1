//! How often everything occurred: what never occurs was never tested.

use std::collections::BTreeMap;
use std::fmt;

use interaction_core::cti::{CallEvent, Command, Event};
use interaction_core::failure::Code;
use interaction_core::input::{Carrier, Input};
use interaction_trace::Seen;
use serde_json::Value;

use crate::model::{ACTIONS, Happening};

/// Counts by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    inputs: BTreeMap<String, u64>,
    outputs: BTreeMap<String, u64>,
    failures: BTreeMap<String, u64>,
}

/// What must occur as input.
const INPUTS: &[&str] = &[
    "tick",
    "stalled",
    "opened",
    "said",
    "alive",
    "backlog",
    "closed",
    "claimed",
    "loaded",
    "too large",
    "malformed",
    "cti Up",
    "cti Down",
    "cti ResyncBegin",
    "cti ResyncEnd",
    "cti Agent",
    "cti AgentRemoved",
    "cti Team",
    "cti TeamRemoved",
    "cti TeamChanged",
    "cti Queue",
    "cti QueueRemoved",
    "cti AgentStatus",
    "cti Call Began",
    "cti Call Seen",
    "cti Call Dialing",
    "cti Call Ringing",
    "cti Call Connected",
    "cti Call Queued",
    "cti Call Dequeued",
    "cti Call Diverted",
    "cti Call Held",
    "cti Call Retrieved",
    "cti Call Left",
    "cti Call Failed",
    "cti Call Transferred",
    "cti Call Conferenced",
    "cti Call Renamed",
    "cti Call Data",
    "cti Call Recording",
    "cti Call Ended",
    "cti Answer",
    "cti Serves",
    "shutdown",
    "posted",
    "attached, a poll",
    "attached, a stream",
];

/// What must occur as output.
const OUTPUTS: &[&str] = &[
    "ping",
    "close 1000",
    "close 1012",
    "close 1009",
    "close 4000",
    "close 4001",
    "close 4002",
    "close 4003",
    "close 4029",
    "answered 200",
    "answered 202",
    "answered 400",
    "answered 401",
    "answered 409",
    "answered 410",
    "answered 413",
    "answered 429",
    "answered 503",
    "command Verify",
    "command Login",
    "command Logout",
    "command SetState",
    "command Dial",
    "command Answer",
    "command Reject",
    "command Drop",
    "command Hold",
    "command Retrieve",
    "command Consult",
    "command Alternate",
    "command CompleteTransfer",
    "command CompleteConference",
    "command BlindTransfer",
    "command BlindConference",
    "command Dtmf",
    "command Recording",
    "command SetData",
    "command Complete",
    "command Supervise",
    "claim",
    "release",
    "store",
    "load journey",
    "load recent",
    "connected",
    "connected resumed",
    "connected expired",
    "connected unknown",
    "connected gap",
    "pong",
    "repeated",
    "replayed",
    "coreError",
    "serviceError",
    "resourceError",
    "coreResponse getServices success",
    "coreResponse bindService success",
    "coreResponse unbindService success",
    "coreResponse bindResource success",
    "coreResponse unbindResource success",
    "coreResponse authenticate success",
    "serviceResponse prepareSession success",
    "serviceResponse prepareSession confirm",
    "serviceResponse prepareSession failure",
    "serviceResponse getCapabilities success",
    "resourceResponse session.start success",
    "resourceResponse session.start failure",
    "resourceResponse report.teamstatus.begin success",
    "resourceResponse report.teamstatus.begin failure",
    "resourceResponse report.teamstatus.end success",
    "resourceResponse report.calljourney success",
    "resourceResponse report.calljourney failure",
    "resourceResponse report.calljourney.begin success",
    "resourceResponse report.calljourney.begin failure",
    "resourceResponse report.calljourney.end success",
    "resourceResponse report.calljourney.recent success",
    "resourceResponse report.calljourney.recent failure",
    "resourceResponse report.reasoncodes success",
    "resourceResponse report.reasoncodes failure",
    "coreEvent serviceStatus",
    "coreEvent resourceUnbound superseded",
    "coreEvent resourceUnbound ended",
    "coreEvent resourceUnbound released",
    "coreEvent subscriptionEnded",
    "coreEvent linkMoved",
    "coreEvent tokenExpiring",
    "coreEvent shutdown",
    "resourceEvent channelgroup.created",
    "resourceEvent channelgroup.initialized",
    "resourceEvent channelgroup.disposed",
    "resourceEvent channel.created",
    "resourceEvent channel.infochanged",
    "resourceEvent channel.initialized",
    "resourceEvent channel.disposed",
    "resourceEvent interaction.created",
    "resourceEvent interaction.datachanged",
    "resourceEvent interaction.preview",
    "resourceEvent interaction.focuschanged",
    "resourceEvent interaction.initialized",
    "resourceEvent interaction.ended",
    "resourceEvent interaction.disposed",
    "resourceEvent conversation.created",
    "resourceEvent conversation.member.added",
    "resourceEvent conversation.member.removed",
    "resourceEvent conversation.initialized",
    "resourceEvent conversation.disposed",
    "resourceEvent state.updated",
    "resourceEvent session.initialized",
    "resourceEvent report.teamstatus.teamadded",
    "resourceEvent report.teamstatus.teamremoved",
    "resourceEvent report.teamstatus.teamchanged",
    "resourceEvent report.teamstatus.memberadded",
    "resourceEvent report.teamstatus.memberstatuschanged",
    "resourceEvent report.teamstatus.memberremoved",
    "resourceEvent report.calljourney.updated",
    "resourceEvent report.calljourney.ended",
];

/// What cannot occur in these worlds, and why.
const IMPOSSIBLE: &[(&str, &str)] = &[
    ("failure request.outcomeunknown", "clients say it, servers do not"),
    ("failure link.elsewhere", "there is one instance"),
    ("failure binding.taken", "resources are bound by anybody, or by their owner alone"),
    ("input token changed", "tokens change by their file, which no history has"),
    ("output close 1003", "binary frames are malformed, and nothing closes for them"),
    ("output close 4007", "there is one instance"),
    ("output close 4008", "the driver closes for slowness, and the engine hears of it as a loss"),
];

impl Counts {
    pub(crate) fn input(&mut self, happening: &Happening) {
        let name = match happening {
            Happening::Opened { .. } => "opened",
            Happening::Said { .. } => "said",
            Happening::Posted { .. } => "posted",
            Happening::Attached { carrier: Carrier::Poll { .. }, .. } => "attached, a poll",
            Happening::Attached { carrier: Carrier::Stream, .. } => "attached, a stream",
            Happening::Input(Input::Tick) => "tick",
            Happening::Input(Input::Stalled { .. }) => "stalled",
            Happening::Input(Input::Alive { .. }) => "alive",
            Happening::Input(Input::Backlog { .. }) => "backlog",
            Happening::Input(Input::SocketClosed { .. }) => "closed",
            Happening::Input(Input::Claimed { .. }) => "claimed",
            Happening::Input(Input::Loaded { .. }) => "loaded",
            Happening::Input(Input::Posted { .. } | Input::Attached { .. }) => "told by itself",
            Happening::Input(Input::TokenChanged { .. }) => "token changed",
            Happening::Input(Input::ShutDown { .. }) => "shutdown",
            Happening::Input(Input::SocketOpened { .. }) => "opened",
            Happening::Input(Input::Frame { frame, .. }) => match frame {
                interaction_core::input::Frame::TooLarge { .. } => "too large",
                interaction_core::input::Frame::Malformed { .. } => "malformed",
                interaction_core::input::Frame::Text { .. } => "said",
            },
            Happening::Input(Input::Cti(event)) => cti(event),
        };
        count(&mut self.inputs, name);
    }

    pub(crate) fn outputs(&mut self, seen: &[Seen]) {
        for one in seen {
            match one {
                Seen::Message { text, sending, .. } => {
                    if *sending == interaction_core::output::Sending::Replay {
                        count(&mut self.outputs, "replayed");
                    }
                    let message: Value = serde_json::from_str(text).unwrap_or_default();
                    self.message(&message);
                }
                Seen::Ping { .. } => count(&mut self.outputs, "ping"),
                Seen::Closed { code, .. } => count(&mut self.outputs, &format!("close {}", code.code())),
                Seen::Cti { command, .. } => count(&mut self.outputs, command_name(command)),
                Seen::Claim { .. } => count(&mut self.outputs, "claim"),
                Seen::Release { .. } => count(&mut self.outputs, "release"),
                Seen::Store { .. } => count(&mut self.outputs, "store"),
                Seen::LoadJourney { .. } => count(&mut self.outputs, "load journey"),
                Seen::LoadRecent { .. } => count(&mut self.outputs, "load recent"),
                Seen::Answered { status, .. } => count(&mut self.outputs, &format!("answered {}", status.code())),
                Seen::Audit { .. } => count(&mut self.outputs, "audit"),
            }
        }
    }

    fn message(&mut self, message: &Value) {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let class = word(&message["messageType"]);
        let inside = if message["response"].is_object() { &message["response"] } else { message };
        let name = match &*class {
            "connected" if message["resumed"] == true => "connected resumed".to_owned(),
            "connected" => format!("connected {}", word(&message["reason"])).trim_end().to_owned(),
            "coreResponse" | "serviceResponse" | "resourceResponse" => {
                // Both spellings count as one.
                let command = word(&inside["command"]).replacen(".request.", ".", 1);
                format!("{class} {command} {}", word(&inside["result"]))
            }
            "coreEvent" | "resourceEvent" => {
                let event = &message["event"];
                let name = format!("{class} {}", word(&event["name"]));
                let reason =
                    if name.ends_with("resourceUnbound") { word(&event["data"]["reason"]) } else { String::new() };
                format!("{name} {reason}").trim_end().to_owned()
            }
            _ => class.clone(),
        };
        count(&mut self.outputs, &name);
        if message["repeated"] == true {
            count(&mut self.outputs, "repeated");
        }
        if inside["failure"].is_object() {
            count(&mut self.failures, &word(&inside["failure"]["code"]));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.inputs, &other.inputs),
            (&mut self.outputs, &other.outputs),
            (&mut self.failures, &other.failures),
        ];
        for (mine, theirs) in pairs {
            for (name, times) in theirs {
                *mine.entry(name.clone()).or_default() += times;
            }
        }
    }

    /// How many inputs there were.
    pub(crate) fn input_count(&self) -> u64 {
        self.inputs.values().sum()
    }

    /// What never occurred and should have.
    pub(crate) fn missing(&self) -> Vec<String> {
        let zero = |counts: &BTreeMap<String, u64>, name: &str| counts.get(name).is_none_or(|times| *times == 0);
        let inputs = INPUTS.iter().filter(|name| zero(&self.inputs, name)).map(|name| format!("input {name}"));
        let answers = ACTIONS.iter().flat_map(|action| {
            ["success", "failure"].map(|result| format!("resourceResponse {} {result}", action.name))
        });
        let outputs = OUTPUTS.iter().map(|name| (*name).to_owned()).chain(answers);
        let outputs = outputs.filter(|name| zero(&self.outputs, name)).map(|name| format!("output {name}"));
        let codes = Code::ALL.iter().map(|code| code.as_str());
        let failures = codes.filter(|name| zero(&self.failures, name)).map(|name| format!("failure {name}"));
        let possible = |name: &String| IMPOSSIBLE.iter().all(|(impossible, _)| impossible != name);
        inputs.chain(outputs).chain(failures).filter(possible).collect()
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(times) => *times += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

fn cti(event: &Event) -> &'static str {
    match event {
        Event::Up(_) => "cti Up",
        Event::Down { .. } => "cti Down",
        Event::ResyncBegin => "cti ResyncBegin",
        Event::ResyncEnd => "cti ResyncEnd",
        Event::Agent(_) => "cti Agent",
        Event::AgentRemoved { .. } => "cti AgentRemoved",
        Event::Team(_) => "cti Team",
        Event::TeamRemoved { .. } => "cti TeamRemoved",
        Event::TeamChanged { .. } => "cti TeamChanged",
        Event::Queue(_) => "cti Queue",
        Event::QueueRemoved { .. } => "cti QueueRemoved",
        Event::AgentStatus(_) => "cti AgentStatus",
        Event::Call(call) => of_call(call),
        Event::Answer(_) => "cti Answer",
        Event::Serves(_) => "cti Serves",
    }
}

fn of_call(event: &CallEvent) -> &'static str {
    match event {
        CallEvent::Began { .. } => "cti Call Began",
        CallEvent::Seen(_) => "cti Call Seen",
        CallEvent::Dialing { .. } => "cti Call Dialing",
        CallEvent::Ringing { .. } => "cti Call Ringing",
        CallEvent::Connected { .. } => "cti Call Connected",
        CallEvent::Queued { .. } => "cti Call Queued",
        CallEvent::Dequeued { .. } => "cti Call Dequeued",
        CallEvent::Diverted { .. } => "cti Call Diverted",
        CallEvent::Held { .. } => "cti Call Held",
        CallEvent::Retrieved { .. } => "cti Call Retrieved",
        CallEvent::Left { .. } => "cti Call Left",
        CallEvent::Failed { .. } => "cti Call Failed",
        CallEvent::Transferred { .. } => "cti Call Transferred",
        CallEvent::Conferenced { .. } => "cti Call Conferenced",
        CallEvent::Renamed { .. } => "cti Call Renamed",
        CallEvent::Data { .. } => "cti Call Data",
        CallEvent::Recording { .. } => "cti Call Recording",
        CallEvent::Ended { .. } => "cti Call Ended",
    }
}

fn command_name(command: &Command) -> &'static str {
    match command {
        Command::Verify { .. } => "command Verify",
        Command::Login { .. } => "command Login",
        Command::Logout { .. } => "command Logout",
        Command::SetState { .. } => "command SetState",
        Command::Dial { .. } => "command Dial",
        Command::Answer { .. } => "command Answer",
        Command::Reject { .. } => "command Reject",
        Command::Drop { .. } => "command Drop",
        Command::Hold { .. } => "command Hold",
        Command::Retrieve { .. } => "command Retrieve",
        Command::Consult { .. } => "command Consult",
        Command::Alternate { .. } => "command Alternate",
        Command::CompleteTransfer { .. } => "command CompleteTransfer",
        Command::CompleteConference { .. } => "command CompleteConference",
        Command::BlindTransfer { .. } => "command BlindTransfer",
        Command::BlindConference { .. } => "command BlindConference",
        Command::Dtmf { .. } => "command Dtmf",
        Command::Recording { .. } => "command Recording",
        Command::SetData { .. } => "command SetData",
        Command::Complete { .. } => "command Complete",
        Command::Supervise { .. } => "command Supervise",
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, counts) in [("inputs", &self.inputs), ("outputs", &self.outputs), ("failures", &self.failures)] {
            writeln!(f, "{title}:")?;
            for (name, times) in counts {
                writeln!(f, "{times:>10} {name}")?;
            }
        }
        writeln!(f, "cannot occur:")?;
        for (name, why) in IMPOSSIBLE {
            writeln!(f, "           {name}: {why}")?;
        }
        Ok(())
    }
}

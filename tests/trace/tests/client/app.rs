//! The application over the desk: it asks at random, and keeps account of everything it is told.

use std::collections::{BTreeMap, BTreeSet};

use interaction_core::desk::{Answer, Change, Desk, DeskOutput, MirrorKind};
use serde_json::Value;

use crate::model::{self, Objects};
use crate::rng::Rng;
use crate::world::Tally;

/// Agents of the simulated centre, and one there is none of.
pub(crate) const AGENTS: [&str; 5] = ["1001", "1002", "2001", "2002", "9999"];

/// What is asked: to whom, the command, its target and its data.
pub(crate) type Asked = (&'static str, String, String, Option<String>, String);

/// The application.
#[derive(Debug, Default)]
pub(crate) struct App {
    last: u64,
    waiting: BTreeSet<u64>,
    commands: BTreeMap<u64, (String, String)>,
    /// Events by number, of the present link.
    pub(crate) events: BTreeMap<u64, String>,
    last_seq: u64,
    /// Sessions that were prepared and not told to be over.
    pub(crate) sessions: BTreeSet<String>,
    /// What is subscribed to, and whether what is shown is told to be the truth.
    pub(crate) reports: BTreeMap<(MirrorKind, String), bool>,
    /// What the events of each session make, since it was bound.
    pub(crate) objects: BTreeMap<String, Objects>,
    pub(crate) tally: Tally,
}

impl App {
    /// A number for a call that is made now.
    pub(crate) fn begin(&mut self, resource: &str, command: &str) -> u64 {
        self.last += 1;
        self.waiting.insert(self.last);
        self.commands.insert(self.last, (resource.to_owned(), command.to_owned()));
        self.last
    }

    pub(crate) fn some_waiting(&self, rng: &mut Rng) -> Option<u64> {
        let waiting: Vec<u64> = self.waiting.iter().copied().collect();
        rng.of(&waiting).copied()
    }

    pub(crate) fn waiting(&self) -> &BTreeSet<u64> {
        &self.waiting
    }

    /// The link is another: its numbers begin anew.
    pub(crate) fn fresh_link(&mut self) {
        self.events.clear();
        self.last_seq = 0;
    }

    /// Takes what the desk tells.
    pub(crate) fn told(&mut self, output: &DeskOutput) -> Result<(), String> {
        match output {
            DeskOutput::Answered { call, answer } => self.answered(*call, answer)?,
            DeskOutput::Event(event) => {
                let Some(seq) = event.seq else { return Ok(()) };
                if seq <= self.last_seq {
                    return Err(format!("event {seq} came after {}", self.last_seq));
                }
                self.last_seq = seq;
                self.tally.events += 1;
                self.events.insert(seq, event.event.get().to_owned());
                if let Some(objects) = event.resource_id.as_deref().and_then(|id| self.objects.get_mut(id)) {
                    let event: Value = serde_json::from_str(event.event.get()).map_err(|error| error.to_string())?;
                    model::apply(objects, &event);
                }
            }
            DeskOutput::Changed { mirror, key, how } => self.changed(*mirror, key, how)?,
            DeskOutput::Resumed { messages, resent, .. } => {
                self.tally.resumed += 1;
                self.tally.missed += messages;
                self.tally.resent += u64::from(*resent);
            }
            DeskOutput::Resnapshotted { outcomes_unknown, .. } => {
                self.tally.resnapshotted += 1;
                self.tally.unknown += u64::from(*outcomes_unknown);
            }
            DeskOutput::Warning(problem) if &*problem.code == "client.misfit" => {
                return Err(format!("an honest server is taken for a broken one: {problem:?}"));
            }
            DeskOutput::Open { .. }
            | DeskOutput::Send { .. }
            | DeskOutput::Close { .. }
            | DeskOutput::WantToken { .. }
            | DeskOutput::Connection(_)
            | DeskOutput::Warning(_) => {}
        }
        Ok(())
    }

    fn answered(&mut self, call: u64, answer: &Answer) -> Result<(), String> {
        if !self.waiting.remove(&call) {
            return Err(format!("call {call} ({:?}) is answered twice: {answer:?}", self.commands.get(&call)));
        }
        match answer {
            Answer::Success { .. } => self.tally.succeeded += 1,
            Answer::Confirm { .. } => self.tally.confirmed += 1,
            Answer::Failure { failure } => {
                self.tally.failed += 1;
                *self.tally.codes.entry(failure.code.to_string()).or_default() += 1;
            }
        }
        Ok(())
    }

    fn changed(&mut self, mirror: MirrorKind, key: &str, how: &Change) -> Result<(), String> {
        match (mirror, how) {
            (MirrorKind::Services, _) => {}
            (MirrorKind::Session, Change::Snapshot) => {
                self.sessions.insert(key.to_owned());
                self.objects.insert(key.to_owned(), Objects::new());
            }
            (MirrorKind::Session, Change::Ended { .. }) => {
                self.objects.remove(key);
                if !self.sessions.remove(key) {
                    return Err(format!("session {key} ended, but never was"));
                }
            }
            (MirrorKind::Session, Change::Event | Change::Stale) => {}
            (kind, Change::Snapshot) => drop(self.reports.insert((kind, key.to_owned()), true)),
            (kind, Change::Stale) => drop(self.reports.insert((kind, key.to_owned()), false)),
            (kind, Change::Event) => {
                if !self.reports.contains_key(&(kind, key.to_owned())) {
                    return Err(format!("{kind:?} of {key} changed before it was there"));
                }
            }
            (kind, Change::Ended { .. }) => drop(self.reports.remove(&(kind, key.to_owned()))),
        }
        Ok(())
    }

    /// Something to ask.
    pub(crate) fn choose(&self, desk: &Desk, rng: &mut Rng) -> Asked {
        let agent = AGENTS[rng.below(AGENTS.len() as u64) as usize];
        let of_agent = format!(r#"{{"agentId":"{agent}"}}"#);
        let report = |command: &str| ("reports", String::new(), command.to_owned(), None, of_agent.clone());
        match rng.below(16) {
            0 | 1 => report("report.teamstatus.begin"),
            2 => report("report.queuestatus.begin"),
            3 if rng.once_in(3) => report("report.teamstatus.end"),
            4 if rng.once_in(3) => report("report.queuestatus.end"),
            5 => ("service", String::new(), "getCapabilities".to_owned(), None, "{}".to_owned()),
            6 => ("reports", String::new(), "report.calljourney.recent".to_owned(), None, r#"{"limit":5}"#.to_owned()),
            7 => ("core", String::new(), "getServices".to_owned(), None, "{}".to_owned()),
            8 | 9 if self.sessions.len() < 2 => {
                let force = rng.once_in(2);
                let data = format!(r#"{{"override":{force},"agent":{{"id":"{agent}","password":"{agent}"}}}}"#);
                ("service", String::new(), "prepareSession".to_owned(), None, data)
            }
            _ => self.choose_of_session(desk, rng).unwrap_or_else(|| report("report.teamstatus.begin")),
        }
    }

    fn choose_of_session(&self, desk: &Desk, rng: &mut Rng) -> Option<Asked> {
        let sessions: Vec<&String> = self.sessions.iter().collect();
        let resource = (*rng.of(&sessions)?).clone();
        let session = desk.session(&resource)?;
        let objects = session.objects();
        let of = |target: &str, command: &str, data: &str| {
            ("resource", resource.clone(), command.to_owned(), Some(target.to_owned()), data.to_owned())
        };
        if objects.len() == 1 {
            return Some(of(&resource, "session.start", "{}"));
        }
        let all: Vec<(&str, &str)> =
            objects.iter().flat_map(|object| object.enabled.iter().map(|name| (&*object.target, &**name))).collect();
        let (target, command) = *rng.of(&all)?;
        let data = match command {
            "channel.dial" => r#"{"destination":"+49301234"}"#,
            "interaction.consult" | "conversation.transfer" | "conversation.conference" => r#"{"destination":"1003"}"#,
            "conversation.dtmf" => r#"{"digits":"1"}"#,
            _ => "{}",
        };
        // A logout ends what is to be looked at.
        let is_logout = command == "session.logout";
        (!is_logout || rng.once_in(6)).then(|| of(target, command, data))
    }
}

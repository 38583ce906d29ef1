//! Reading everything, and telling it as one resynchronisation: configuration, teams, agents' states.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Session;
use crate::cti::uccx::adapter::UccxAdapter;
use crate::cti::uccx::codec::Text;
use crate::cti::uccx::codec::messages::{
    ConfigRequestEvent, ConfigRequestKeyEvent, QueryAgentStateConf, QueryAgentStateReq, TeamConfigConf, TeamConfigReq,
};
use crate::cti::uccx::codec::names::{configuration_mask, services, status};
use crate::cti::uccx::mapping::Roster;
use crate::cti::uccx::mapping::refusals::status_words;
use crate::cti::{AgentState, CallEvent, CallRecord, Event};
use crate::ids::AgentId;
use crate::time::Time;

/// Questions for agents' states that may be unanswered at a time.
const QUESTIONS_MAX: usize = 32;
/// Where the configuration comes in parts, how long after one the next may begin.
const BETWEEN_PARTS: Duration = Duration::from_secs(3);
const EVERYTHING: u32 =
    configuration_mask::APPLICATION | configuration_mask::CSQ | configuration_mask::AGENT | configuration_mask::DEVICE;

/// How far reading got.
#[derive(Debug)]
pub(in crate::cti::uccx) struct Reading {
    stage: Stage,
    /// When this stage must have moved on.
    deadline: Time,
    /// When all must be read.
    until: Time,
    /// The calls as they stood when reading began.
    before: BTreeMap<u64, CallRecord>,
    /// What happened to calls since; nothing once that was too much.
    pub(in crate::cti::uccx) held: Option<Vec<CallEvent>>,
}

#[derive(Debug)]
enum Stage {
    /// The configuration's keys were asked for.
    Keys,
    /// The configuration was asked for: the kinds that are done, and those being told.
    Configuration { done: u32, telling: u32 },
    /// The teams were asked for.
    Teams { invoke: u32 },
    /// Agents' states are asked for one by one.
    States { left: Vec<AgentId>, asked: BTreeMap<u32, AgentId>, any_answered: bool },
}

impl Reading {
    pub(super) fn poll_timeout(&self) -> Time {
        self.deadline.min(self.until)
    }
}

impl UccxAdapter {
    /// Begins to read everything.
    pub(super) fn read(&mut self) {
        let until = self.now + Duration::from_secs(self.config.sync_timeout_s.into());
        let Session::Open(open) = &mut self.session else { return };
        // What was held back before is still to be told, from where it began.
        let (before, held) = match open.reading.take() {
            Some(earlier) => (earlier.before, earlier.held),
            None => (self.calls.records(), Some(Vec::new())),
        };
        let reading = Reading { stage: Stage::Keys, deadline: until, until, before, held };
        let configuration = open.grants(services::CONFIG_EVENTS);
        open.reading = Some(Box::new(reading));
        self.staging = Some(Roster::begun(&self.roster, configuration));
        if configuration {
            self.enter(Stage::Keys);
            self.send(&ConfigRequestKeyEvent::default().into());
        } else {
            self.ask_teams();
        }
    }

    /// The platform's configuration was reset: it is read again, while the session stays as it is.
    pub(super) fn read_again(&mut self) {
        if matches!(&self.session, Session::Open(open) if !open.is_offline()) {
            self.read();
        }
    }

    pub(super) fn read_on_time(&mut self) {
        let now = self.now;
        let Session::Open(open) = &mut self.session else { return };
        let Some(reading) = &mut open.reading else { return };
        if reading.until <= now {
            return self.lose("reading the configuration, teams and states took too long");
        }
        if reading.deadline > now {
            return;
        }
        match &mut reading.stage {
            // Keys only tell what changed: without them all is asked for, as with them.
            Stage::Keys => self.ask_configuration(),
            Stage::Configuration { done, .. } if *done != 0 => self.ask_teams(),
            Stage::Configuration { .. } => self.lose("the configuration was not told in time"),
            Stage::Teams { .. } => self.lose("the teams were not told in time"),
            Stage::States { left, asked, any_answered } => {
                if !*any_answered {
                    left.clear();
                }
                self.diagnostics.unexpected += asked.len() as u64;
                asked.clear();
                self.ask_states();
            }
        }
    }

    /// CONFIG_KEY_EVENT.
    pub(in crate::cti::uccx) fn keys_told(&mut self) {
        if matches!(self.stage(), Some(Stage::Keys)) {
            self.ask_configuration();
        }
    }

    /// CONFIG_BEGIN_EVENT.
    pub(in crate::cti::uccx) fn configuration_begins(&mut self, mask: u32) {
        self.progress();
        if let Some(Stage::Configuration { telling, .. }) = self.stage() {
            *telling = mask;
        }
    }

    /// CONFIG_END_EVENT.
    pub(in crate::cti::uccx) fn configuration_ends(&mut self, number: u32, text: Option<Text<'_>>) {
        let now = self.now;
        let Some(Stage::Configuration { done, telling }) = self.stage() else { return };
        if matches!(number, 2 | 3) {
            let why = format!("the configuration cannot be told: {}", end_words(number, text));
            return self.lose(&why);
        }
        // Kinds nobody named are all of them.
        *done |= if *telling == 0 { EVERYTHING } else { *telling };
        let complete = *done & EVERYTHING == EVERYTHING;
        if complete {
            self.ask_teams();
        } else if let Session::Open(open) = &mut self.session
            && let Some(reading) = &mut open.reading
        {
            reading.deadline = now + BETWEEN_PARTS;
        }
    }

    /// The server is at it: the deadline of the stage begins anew.
    pub(in crate::cti::uccx) fn progress(&mut self) {
        let deadline = self.now + self.config.step_timeout();
        if let Session::Open(open) = &mut self.session
            && let Some(reading) = &mut open.reading
        {
            reading.deadline = deadline;
        }
    }

    /// TEAM_CONFIG_CONF.
    pub(in crate::cti::uccx) fn teams_told(&mut self, conf: &TeamConfigConf<'_>) {
        if !matches!(self.stage(), Some(Stage::Teams { invoke }) if *invoke == conf.invoke_id) {
            self.diagnostics.unexpected += 1;
        } else if conf.status == 0 {
            self.ask_agents();
        } else {
            self.lose(&format!("the teams cannot be told: {}", end_words(conf.status, conf.text)));
        }
    }

    /// QUERY_AGENT_STATE_CONF.
    pub(in crate::cti::uccx) fn state_told(&mut self, conf: &QueryAgentStateConf<'_>) {
        let now = self.now;
        let Some(agent) = self.question(conf.invoke_id) else { return self.diagnostics.unexpected += 1 };
        if let Some(staging) = &mut self.staging
            && staging.agent_asked(now, &agent, conf).is_err()
        {
            self.diagnostics.unexpected += 1;
        }
        self.ask_states();
    }

    /// A failure that answers a question asked while reading; whether it did.
    pub(in crate::cti::uccx) fn reading_refused(
        &mut self,
        invoke: u32,
        failure: Option<(u32, Option<Text<'_>>)>,
    ) -> bool {
        if matches!(self.stage(), Some(Stage::Teams { invoke: own }) if *own == invoke) {
            let why = failure.map_or_else(|| "refused".to_owned(), |(number, text)| status_words(number, text));
            self.lose(&format!("the teams cannot be told: {why}"));
            return true;
        }
        let now = self.now;
        let Some(agent) = self.question(invoke) else { return false };
        // Who is not logged on is logged out; whatever else is wrong, what is known stays.
        if failure.is_some_and(|(number, _)| number == status::AGENT_NOT_LOGGED_ON)
            && let Some(staging) = &mut self.staging
        {
            staging.set_state(now, &agent, AgentState::LoggedOut, None, None);
        }
        self.ask_states();
        true
    }

    fn ask_configuration(&mut self) {
        self.enter(Stage::Configuration { done: 0, telling: 0 });
        self.send(&ConfigRequestEvent { configuration_mask: EVERYTHING, ..ConfigRequestEvent::default() }.into());
    }

    fn ask_teams(&mut self) {
        if !matches!(&self.session, Session::Open(open) if open.grants(services::SUPERVISOR)) {
            return self.ask_agents();
        }
        let invoke_id = self.pending.next_invoke();
        self.enter(Stage::Teams { invoke: invoke_id });
        self.send(&TeamConfigReq { invoke_id, config_param: 1, ..TeamConfigReq::default() }.into());
    }

    fn ask_agents(&mut self) {
        let left = self.staging.as_ref().map(Roster::to_ask).unwrap_or_default();
        self.enter(Stage::States { left, asked: BTreeMap::new(), any_answered: false });
        self.ask_states();
    }

    /// Asks for the next states; all is read when none is left.
    fn ask_states(&mut self) {
        let mut questions = Vec::new();
        let Session::Open(open) = &mut self.session else { return };
        let Some(Stage::States { left, asked, .. }) = open.reading.as_mut().map(|reading| &mut reading.stage) else {
            return;
        };
        while asked.len() < QUESTIONS_MAX {
            // What an event told meanwhile needs no question.
            let needless = |agent: &AgentId| {
                self.staging.as_ref().and_then(|staging| staging.agents.get(agent)).is_none_or(|agent| !agent.is_open())
            };
            let Some(agent) = left.pop() else { break };
            if needless(&agent) {
                continue;
            }
            let invoke = self.pending.next_invoke();
            asked.insert(invoke, agent.clone());
            questions.push((invoke, agent));
        }
        let finished = asked.is_empty();
        self.progress();
        for (invoke_id, agent) in questions {
            let agent_id = Some(Text::from(agent.as_str()));
            self.send(&QueryAgentStateReq { invoke_id, agent_id, ..QueryAgentStateReq::default() }.into());
        }
        if finished {
            self.all_read();
        }
    }

    fn question(&mut self, invoke: u32) -> Option<AgentId> {
        let Some(Stage::States { asked, any_answered, .. }) = self.stage() else { return None };
        let agent = asked.remove(&invoke)?;
        *any_answered = true;
        Some(agent)
    }

    /// Everything is known: it is told as one change, and what happened to calls meanwhile after it.
    fn all_read(&mut self) {
        let Session::Open(open) = &mut self.session else { return };
        let (Some(reading), Some(roster)) = (open.reading.take(), self.staging.take()) else { return };
        self.roster = roster;
        let kept_for = Duration::from_secs(self.config.unconfirmed_call_s.into());
        let (mut held, mut ended) = (reading.held, Vec::new());
        let gone = self.calls.settle(self.now, &self.roster, kept_for, &mut ended);
        let mut calls = if held.is_some() { reading.before } else { self.calls.records() };
        calls.retain(|key, _| !gone.contains(key));
        self.tell_up();
        self.emit(Event::ResyncBegin);
        let truth: Vec<Event> = self.roster.events().collect();
        let truth = truth.into_iter().chain(calls.into_values().map(|call| Event::Call(CallEvent::Seen(call))));
        self.outbox.extend(truth.map(crate::cti::AdapterOutput::Event));
        self.emit(Event::ResyncEnd);
        self.diagnostics.resyncs += 1;
        self.in_service();
        let mut events = held.take().unwrap_or_default();
        events.extend(ended);
        self.emit_calls(events);
    }

    fn stage(&mut self) -> Option<&mut Stage> {
        match &mut self.session {
            Session::Open(open) => open.reading.as_mut().map(|reading| &mut reading.stage),
            _ => None,
        }
    }

    fn enter(&mut self, stage: Stage) {
        let deadline = self.now + self.config.step_timeout();
        if let Session::Open(open) = &mut self.session
            && let Some(reading) = &mut open.reading
        {
            reading.stage = stage;
            reading.deadline = deadline;
        }
    }
}

fn end_words(number: u32, text: Option<Text<'_>>) -> String {
    match text {
        Some(text) => format!("status {number}: {text}"),
        None => format!("status {number}"),
    }
}

//! Commands: each becomes a request of the platform, and is answered exactly once: by the platform, by its deadline, or by the
//! end of the session.

mod building;
mod pending;
mod requests;

pub(super) use self::pending::Pending;
use self::pending::{Expects, Waiting};
use super::adapter::UccxAdapter;
use super::codec::Message;
use super::codec::names::services;
use super::mapping::refusals::{of_control, of_status, refusal};
use super::session::{Asked, Session};
use crate::cti::{Answer, Command, Event, Outcome, Refusal, RefusalKind, RequestNo};
use crate::ids::AgentId;

/// What a command comes to before the platform is asked, or instead of it.
enum Step<'m> {
    /// The request to send, and what answers it.
    Ask(Box<Message<'m>>, Expects),
    /// It is answered at once.
    Known(Outcome),
}

impl UccxAdapter {
    /// A command of the engine. The password goes into the request, and nowhere else.
    pub(super) fn command(&mut self, request: RequestNo, command: &Command, secret: Option<&str>) {
        self.diagnostics.commands += 1;
        let invoke = self.pending.next_invoke();
        let step = self.admit().and_then(|()| self.prepare(invoke, command, secret));
        let (message, expects) = match step {
            Ok(Step::Ask(message, expects)) => (message, expects),
            Ok(Step::Known(outcome)) => return self.answer(request, outcome),
            Err(refused) => return self.answer(request, Outcome::Refused(refused)),
        };
        let Some((connection, widths)) = self.session.link().map(|link| (link.connection, link.widths)) else { return };
        let mut bytes = Vec::new();
        if let Err(error) = message.encode(widths, &mut bytes) {
            return self.answer(request, Outcome::Refused(refusal(RefusalKind::Other, &error.to_string())));
        }
        let needs = needs(&message);
        drop(message);
        let until = self.now + self.config.command_timeout();
        if self.grants(needs) {
            self.outbox.push_back(crate::cti::AdapterOutput::Send { connection, bytes });
            return self.pending.wait(invoke, Waiting { request, expects, until, over: None });
        }
        let Ok((agent, line)) = self.actor(acts(command)) else { return };
        let line = match command {
            Command::Login { extension: Some(extension), .. } => Some(extension.clone()),
            _ => line.map(Box::from),
        };
        let agent = agent.clone();
        match self.ask_for_agent(&agent, line, Asked { invoke, needs, bytes }) {
            Ok(()) => self.pending.wait(invoke, Waiting { request, expects, until, over: Some(agent) }),
            Err(refused) => self.answer(request, Outcome::Refused(refused)),
        }
    }

    /// Takes messages that answer requests; whether this was one.
    pub(super) fn on_answer(&mut self, message: &Message<'_>) -> bool {
        match message {
            Message::FailureConf(conf) => {
                if !self.reading_refused(conf.invoke_id, Some((conf.status, conf.text))) {
                    self.refused(conf.invoke_id, of_status(conf.status, conf.text));
                }
            }
            Message::ControlFailureConf(conf) => {
                if !self.reading_refused(conf.invoke_id, None) {
                    self.refused(conf.invoke_id, of_control(conf.failure_code, conf.ccx_error_code, conf.text));
                }
            }
            Message::QueryAgentStateConf(conf) => self.state_told(conf),
            Message::TeamConfigConf(conf) => self.teams_told(conf),
            Message::MakeCallConf(conf) => {
                self.called(conf.invoke_id, |expects| *expects == Expects::MakeCall, conf.new_connection_call_id);
            }
            Message::ConsultCallConf(conf) => {
                let consults = |expects: &Expects| matches!(expects, Expects::Consulting(..));
                self.called(conf.invoke_id, consults, conf.new_connection_call_id);
            }
            Message::SetAgentStateConf(conf) => {
                let Some(waiting) = self.pending.take(conf.invoke_id, Expects::is_state) else {
                    self.diagnostics.unexpected += 1;
                    return true;
                };
                let outcome = match waiting.expects {
                    Expects::Verified(agent) => Outcome::Verified { agent },
                    _ => Outcome::Done,
                };
                self.answer(waiting.request, outcome);
            }
            Message::AnswerCallConf(conf) => self.done(conf.invoke_id, &Expects::Answer),
            Message::ClearConnectionConf(conf) => self.done(conf.invoke_id, &Expects::Clear),
            Message::HoldCallConf(conf) => self.done(conf.invoke_id, &Expects::Hold),
            Message::RetrieveCallConf(conf) => self.done(conf.invoke_id, &Expects::Retrieve),
            Message::AlternateCallConf(conf) => self.done(conf.invoke_id, &Expects::Alternate),
            Message::TransferCallConf(conf) => self.done(conf.invoke_id, &Expects::Transfer),
            Message::ConferenceCallConf(conf) => self.done(conf.invoke_id, &Expects::Conference),
            Message::SendDtmfSignalConf(conf) => self.done(conf.invoke_id, &Expects::Digits),
            Message::SetCallDataConf(conf) => self.done(conf.invoke_id, &Expects::Data),
            _ => return false,
        }
        true
    }

    /// Answers what was not answered in time.
    pub(super) fn expire_commands(&mut self) {
        while let Some(waiting) = self.pending.expired(self.now) {
            self.diagnostics.commands_late += 1;
            let refused = refusal(RefusalKind::Unavailable, "the platform did not answer in time");
            self.answer(waiting.request, Outcome::Refused(refused));
        }
    }

    /// The session ended: nothing it was asked will be answered.
    pub(super) fn fail_commands(&mut self, why: &str) {
        for waiting in self.pending.take_all() {
            self.answer(waiting.request, Outcome::Refused(refusal(RefusalKind::Unavailable, why)));
        }
    }

    /// The agent's session ended: nothing that was asked over it will be answered.
    pub(super) fn fail_commands_of(&mut self, agent: &AgentId, refused: &Refusal) {
        for waiting in self.pending.take_over(agent) {
            self.answer(waiting.request, Outcome::Refused(refused.clone()));
        }
    }

    fn admit(&self) -> Result<(), Refusal> {
        let in_service = self.told_up && matches!(&self.session, Session::Open(open) if !open.is_offline());
        if !in_service {
            return Err(refusal(RefusalKind::Unavailable, "the platform is away"));
        }
        if self.pending.len() >= self.config.commands_max as usize {
            return Err(refusal(RefusalKind::Unavailable, "too many commands wait for the platform"));
        }
        Ok(())
    }

    fn answer(&mut self, request: RequestNo, outcome: Outcome) {
        if matches!(outcome, Outcome::Refused(_)) {
            self.diagnostics.commands_refused += 1;
        }
        self.emit(Event::Answer(Answer { request, outcome }));
    }

    pub(super) fn refused(&mut self, invoke: u32, refused: Refusal) {
        match self.pending.take(invoke, |_| true) {
            Some(waiting) => self.answer(waiting.request, Outcome::Refused(refused)),
            None => {
                self.diagnostics.unexpected += 1;
                self.diagnostics.error(self.now, refused.text);
            }
        }
    }

    fn done(&mut self, invoke: u32, expected: &Expects) {
        match self.pending.take(invoke, |expects| expects == expected) {
            Some(waiting) => self.answer(waiting.request, Outcome::Done),
            None => self.diagnostics.unexpected += 1,
        }
    }

    /// A call was placed: its id is told, maybe before its first event.
    fn called(&mut self, invoke: u32, expected: impl FnOnce(&Expects) -> bool, wire: u32) {
        let Some(waiting) = self.pending.take(invoke, expected) else { return self.diagnostics.unexpected += 1 };
        let mut events = Vec::new();
        let call = self.calls.announced(self.now, wire, &mut events);
        self.answer(waiting.request, call.map_or(Outcome::Done, |call| Outcome::Call { call }));
        self.emit_calls(events);
    }

    /// An agent of the platform, with an instrument to name in requests.
    fn actor(&self, id: &AgentId) -> Result<(&AgentId, Option<&str>), Refusal> {
        let unknown = || refusal(RefusalKind::UnknownAgent, "the platform knows no such agent");
        self.roster.find_agent(id).map(|(id, agent)| (id, agent.instrument())).ok_or_else(unknown)
    }
}

/// The services of which one must be granted to ask this.
const fn needs(message: &Message<'_>) -> u32 {
    match message {
        Message::SetAgentStateReq(_) => services::CLIENT_CONTROL | services::AGENT_STATE_CONTROL_ONLY,
        Message::SetCallDataReq(_) => services::CALL_DATA_UPDATE,
        _ => services::CLIENT_CONTROL,
    }
}

/// Who acts: a supervisor who changes an agent's state does so by a session of the supervisor's.
const fn acts(command: &Command) -> &AgentId {
    match command {
        Command::Logout { by: Some(supervisor), .. } | Command::SetState { by: Some(supervisor), .. } => supervisor,
        Command::Logout { agent, .. }
        | Command::SetState { agent, .. }
        | Command::Verify { agent }
        | Command::Login { agent, .. }
        | Command::Dial { agent, .. }
        | Command::Answer { agent, .. }
        | Command::Reject { agent, .. }
        | Command::Drop { agent, .. }
        | Command::Hold { agent, .. }
        | Command::Retrieve { agent, .. }
        | Command::Consult { agent, .. }
        | Command::Alternate { agent, .. }
        | Command::CompleteTransfer { agent, .. }
        | Command::CompleteConference { agent, .. }
        | Command::BlindTransfer { agent, .. }
        | Command::BlindConference { agent, .. }
        | Command::Dtmf { agent, .. }
        | Command::Recording { agent, .. }
        | Command::SetData { agent, .. }
        | Command::Complete { agent, .. }
        | Command::Supervise { supervisor: agent, .. } => agent,
    }
}

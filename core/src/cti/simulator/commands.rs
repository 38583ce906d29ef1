//! Commands of clients: checked at once, carried out and answered after the platform's latency.

use std::time::Duration;

use super::Simulator;
use super::reasons::{self, no_call, refusal, wrong_state};
use super::timers::Timer;
use super::world::Link;
use crate::cti::{AgentState, Command, Outcome, Refusal, RefusalKind, RequestNo};
use crate::ids::AgentId;

/// A command on its way to the platform. The password that came with it is not here: it was checked when it came.
#[derive(Debug)]
pub(super) struct PendingCommand {
    request: RequestNo,
    command: Command,
    password_right: bool,
}

impl Simulator {
    /// A command comes in; it is carried out once the latency has passed, after everything due before.
    pub(super) fn receive(&mut self, request: RequestNo, command: Command, secret: Option<&str>) {
        let password_right = match &command {
            Command::Verify { agent } | Command::Login { agent, .. } => secret == Some(agent.as_str()),
            _ => false,
        };
        let latency = Duration::from_millis(self.scenario.command_latency_ms);
        let pending = PendingCommand { request, command, password_right };
        self.timers.set(self.now + latency, Timer::Command(Box::new(pending)));
    }

    /// Carries a command out and answers it.
    pub(super) fn carry_out(&mut self, pending: PendingCommand) {
        let PendingCommand { request, command, password_right } = pending;
        let result = if self.link == Link::Up {
            self.obey(command, password_right)
        } else {
            Err(refusal(RefusalKind::Unavailable, "the platform is out of service"))
        };
        self.answer_first(request, result.unwrap_or_else(Outcome::Refused));
    }

    fn obey(&mut self, command: Command, password_right: bool) -> Result<Outcome, Refusal> {
        let done = |result: Result<(), Refusal>| result.map(|()| Outcome::Done);
        match command {
            Command::Verify { agent } => self.verify(&agent, password_right).map(|a| {
                let agent = self.agents[a].id.clone();
                Outcome::Verified { agent }
            }),
            Command::Login { agent, extension } => {
                let a = self.verify(&agent, password_right)?;
                done(self.log_in(a, extension.as_deref()))
            }
            Command::Logout { agent, reason, by } => {
                let a = self.known(&agent)?;
                let own = if by.is_some() { reasons::SUPERVISOR_LOGGED_OUT } else { "" };
                done(self.ask_logout(a, reason.as_deref().unwrap_or(own)))
            }
            Command::SetState { agent, state, reason, by } => {
                let a = self.known(&agent)?;
                let own = if by.is_some() { reasons::SUPERVISOR_CHANGED } else { "" };
                let reason = reason.as_deref().unwrap_or(own);
                // A supervisor's act takes nobody out of the simulated world's hands.
                if by.is_none() && ![reasons::SUPERVISOR_LOGGED_OUT, reasons::SUPERVISOR_CHANGED].contains(&reason) {
                    self.hold_agent(a);
                }
                done(self.ask_state(a, state, reason))
            }
            Command::Dial { agent, destination, data } => {
                let a = self.actor(&agent)?;
                self.dial(a, &destination, data).map(|key| Outcome::Call { call: self.call_id(key) })
            }
            Command::Consult { agent, call, destination } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                self.consult(a, key, &destination).map(|key| Outcome::Call { call: self.call_id(key) })
            }
            Command::Answer { agent, call } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.answer(a, key))
            }
            Command::Reject { agent, call } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.reject(a, key))
            }
            Command::Drop { agent, call } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.drop_call(a, key))
            }
            Command::Hold { agent, call } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.hold(a, key))
            }
            Command::Retrieve { agent, call } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.retrieve(a, key))
            }
            Command::Alternate { agent, active, held } => {
                let (a, active) = self.actor_on(&agent, &active)?;
                let held = self.call_at(&held).ok_or_else(no_call)?;
                done(self.alternate(a, active, held))
            }
            Command::CompleteTransfer { agent, held, active } => {
                let (a, held) = self.actor_on(&agent, &held)?;
                let active = self.call_at(&active).ok_or_else(no_call)?;
                done(self.transfer(a, held, active))
            }
            Command::CompleteConference { agent, held, active } => {
                let (a, held) = self.actor_on(&agent, &held)?;
                let active = self.call_at(&active).ok_or_else(no_call)?;
                done(self.conference(a, held, active))
            }
            Command::BlindTransfer { agent, call, destination } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.blind_transfer(a, key, &destination))
            }
            Command::BlindConference { agent, call, destination } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.blind_conference(a, key, &destination))
            }
            Command::Dtmf { agent, call, digits } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.dtmf(a, key, &digits))
            }
            Command::Recording { agent, call, action } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.record(a, key, action))
            }
            Command::SetData { agent, call, data } => {
                let (a, key) = self.actor_on(&agent, &call)?;
                done(self.set_data(a, key, data))
            }
            Command::Complete { agent, call, disposition } => {
                let a = self.actor(&agent)?;
                done(self.complete(a, &call, disposition.as_deref()))
            }
            Command::Supervise { supervisor, agent, call, action } => {
                let (s, key) = self.actor_on(&supervisor, &call)?;
                let a = self.known(&agent)?;
                done(self.supervise(s, a, key, action))
            }
        }
    }

    /// The agent a client acts for, who is held by that client from here on.
    fn actor(&mut self, id: &AgentId) -> Result<usize, Refusal> {
        let a = self.known(id)?;
        if self.agents[a].state == AgentState::LoggedOut {
            return Err(wrong_state("the agent is not logged in"));
        }
        self.hold_agent(a);
        Ok(a)
    }

    fn actor_on(&mut self, id: &AgentId, call: &crate::ids::CallId) -> Result<(usize, u64), Refusal> {
        let a = self.actor(id)?;
        let key = self.call_at(call).ok_or_else(no_call)?;
        Ok((a, key))
    }

    fn verify(&self, id: &AgentId, password_right: bool) -> Result<usize, Refusal> {
        let wrong = || refusal(RefusalKind::Credentials, "invalid agent id or password");
        self.by_id.get(id).copied().filter(|_| password_right).ok_or_else(wrong)
    }

    fn log_in(&mut self, a: usize, extension: Option<&str>) -> Result<(), Refusal> {
        let agent = &self.agents[a];
        if agent.state != AgentState::LoggedOut {
            // A second logon changes nothing but who decides for the agent.
            self.hold_agent(a);
            return Ok(());
        }
        let line: Box<str> = extension.unwrap_or(&agent.extension).into();
        if !(1..=16).contains(&line.len()) || !line.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refusal(RefusalKind::Other, "invalid logon device: an extension is 1 to 16 digits"));
        }
        let is_trigger = self.triggers.iter().any(|trigger| trigger.number == line);
        let taken = self.lines.get(&line).is_some_and(|owner| *owner != a);
        if is_trigger || taken {
            return Err(refusal(RefusalKind::Busy, "extension in use"));
        }
        self.agents[a].line = line.clone();
        self.lines.insert(line, a);
        self.set_state(a, AgentState::NotReady, reasons::LOGON);
        self.hold_agent(a);
        Ok(())
    }

    fn ask_logout(&mut self, a: usize, reason: &str) -> Result<(), Refusal> {
        if self.agents[a].state == AgentState::LoggedOut {
            return Ok(());
        }
        if reason.is_empty() && self.scenario.logout_reason_required {
            return Err(refusal(RefusalKind::Other, "a reason code is required for logging out"));
        }
        self.ask_state(a, AgentState::LoggedOut, reason)
    }
}

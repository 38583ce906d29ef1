//! What a supervisor does to the agents of the team.

use super::Session;
use super::actions::Action;
use super::acts::Deed;
use super::data::Supervised;
use super::step::Around;
use crate::cti::{AgentState, Command, SuperviseAction};
use crate::failure::{Code, Failure};
use crate::ids::{AgentId, CallId};

/// The command a supervisor's request comes to. That somebody shares no team is no less denied than that nobody is there.
pub(super) fn plan(session: &Session, around: Around<'_>, action: Action, on: Supervised) -> Result<Deed, Failure> {
    let supervisor = session.agent.clone();
    let own = supervisor.as_str();
    if *on.agent == *own || !around.roster.supervises(own, &on.agent) {
        let failure = Failure::new(Code::AccessDenied).with("agentId", on.agent.as_ref());
        return Err(failure.say("Only a supervisor of a team that this agent is in may do that."));
    }
    let agent = AgentId::from(&*on.agent);
    let by = Some(supervisor.clone());
    let (command, logs_out) = match action {
        Action::SuperviseReady => {
            let state = AgentState::Ready;
            (Command::SetState { agent: agent.clone(), state, reason: None, by }, false)
        }
        Action::SuperviseNotReady => {
            let state = AgentState::NotReady;
            (Command::SetState { agent: agent.clone(), state, reason: on.reason, by }, false)
        }
        Action::SuperviseLogout => (Command::Logout { agent: agent.clone(), reason: on.reason, by }, true),
        action => {
            let call = call_of(around, &on)?;
            let action = match action {
                Action::Listen => SuperviseAction::Listen,
                Action::Coach => SuperviseAction::Coach,
                Action::Barge => SuperviseAction::Barge,
                _ => SuperviseAction::TakeOver,
            };
            (Command::Supervise { supervisor, agent: agent.clone(), call, action }, false)
        }
    };
    Ok(Deed::Supervise { command, agent, logs_out })
}

/// The agent's call that is meant: the named one, or the only one.
fn call_of(around: Around<'_>, on: &Supervised) -> Result<CallId, Failure> {
    let calls = match &on.call {
        Some(call) => {
            let call = CallId::from(&**call);
            let is_on = around.calls.leg(&call).is_some_and(|leg| leg.own(&on.agent).is_some());
            if is_on { vec![around.calls.canonical(&call).clone()] } else { Vec::new() }
        }
        None => around.calls.of_agent(&on.agent),
    };
    match calls.as_slice() {
        [call] => Ok(call.clone()),
        [] => Err(Failure::new(Code::CallUnknown)),
        _ => Err(Failure::invalid("data.callId", "is missing: the agent is on several calls")),
    }
}

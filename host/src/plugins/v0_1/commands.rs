//! What the engine asks, in the words of the component's interface.

use interaction_core::cti::{AgentState, CallData, Command, RecordingAction, SuperviseAction};
use interaction_core::ids::{AgentId, CallId};

use super::bindings::exports::interaction::processor::cti as wit;

/// One command.
pub(super) fn command(command: Command) -> wit::Command {
    match command {
        Command::Verify { agent } => wit::Command::Verify(agent.to_string()),
        Command::Login { agent, extension } => {
            wit::Command::Login(wit::Login { agent: agent.to_string(), extension: extension.map(Into::into) })
        }
        Command::Logout { agent, reason, by } => wit::Command::Logout(wit::Logout {
            agent: agent.to_string(),
            reason: reason.map(Into::into),
            by: by.map(|by| by.to_string()),
        }),
        Command::SetState { agent, state, reason, by } => wit::Command::SetState(wit::SetState {
            agent: agent.to_string(),
            state: agent_state(state),
            reason: reason.map(Into::into),
            by: by.map(|by| by.to_string()),
        }),
        Command::Dial { agent, destination, data } => wit::Command::Dial(wit::CallTo {
            agent: agent.to_string(),
            destination: destination.into(),
            data: call_data(data),
        }),
        Command::Answer { agent, call } => wit::Command::Answer(on_call(&agent, &call)),
        Command::Reject { agent, call } => wit::Command::Reject(on_call(&agent, &call)),
        Command::Drop { agent, call } => wit::Command::Drop(on_call(&agent, &call)),
        Command::Hold { agent, call } => wit::Command::Hold(on_call(&agent, &call)),
        Command::Retrieve { agent, call } => wit::Command::Retrieve(on_call(&agent, &call)),
        Command::Consult { agent, call, destination } => wit::Command::Consult(on_call_to(&agent, &call, destination)),
        Command::Alternate { agent, active, held } => wit::Command::Alternate(two_calls(&agent, &held, &active)),
        Command::CompleteTransfer { agent, held, active } => {
            wit::Command::CompleteTransfer(two_calls(&agent, &held, &active))
        }
        Command::CompleteConference { agent, held, active } => {
            wit::Command::CompleteConference(two_calls(&agent, &held, &active))
        }
        Command::BlindTransfer { agent, call, destination } => {
            wit::Command::BlindTransfer(on_call_to(&agent, &call, destination))
        }
        Command::BlindConference { agent, call, destination } => {
            wit::Command::BlindConference(on_call_to(&agent, &call, destination))
        }
        Command::Dtmf { agent, call, digits } => {
            wit::Command::Dtmf(wit::Digits { agent: agent.to_string(), call: call.to_string(), digits: digits.into() })
        }
        Command::Recording { agent, call, action } => wit::Command::Recording(wit::Recording {
            agent: agent.to_string(),
            call: call.to_string(),
            action: match action {
                RecordingAction::Start => wit::RecordingAction::Start,
                RecordingAction::Stop => wit::RecordingAction::Stop,
                RecordingAction::Pause => wit::RecordingAction::Pause,
                RecordingAction::Resume => wit::RecordingAction::Resume,
            },
        }),
        Command::SetData { agent, call, data } => wit::Command::SetData(wit::SetData {
            agent: agent.to_string(),
            call: call.to_string(),
            data: call_data(data),
        }),
        Command::Complete { agent, call, disposition } => wit::Command::Complete(wit::Complete {
            agent: agent.to_string(),
            call: call.to_string(),
            disposition: disposition.map(Into::into),
        }),
        Command::Supervise { supervisor, agent, call, action } => wit::Command::Supervise(wit::Supervise {
            supervisor: supervisor.to_string(),
            agent: agent.to_string(),
            call: call.to_string(),
            action: match action {
                SuperviseAction::Listen => wit::SuperviseAction::Listen,
                SuperviseAction::Coach => wit::SuperviseAction::Coach,
                SuperviseAction::Barge => wit::SuperviseAction::Barge,
                SuperviseAction::TakeOver => wit::SuperviseAction::TakeOver,
            },
        }),
    }
}

const fn agent_state(state: AgentState) -> wit::AgentState {
    match state {
        AgentState::LoggedOut => wit::AgentState::LoggedOut,
        AgentState::NotReady => wit::AgentState::NotReady,
        AgentState::Ready => wit::AgentState::Ready,
        AgentState::Reserved => wit::AgentState::Reserved,
        AgentState::Talking => wit::AgentState::Talking,
        AgentState::Hold => wit::AgentState::Hold,
        AgentState::Work => wit::AgentState::Work,
    }
}

fn on_call(agent: &AgentId, call: &CallId) -> wit::OnCall {
    wit::OnCall { agent: agent.to_string(), call: call.to_string() }
}

fn on_call_to(agent: &AgentId, call: &CallId, destination: Box<str>) -> wit::OnCallTo {
    wit::OnCallTo { agent: agent.to_string(), call: call.to_string(), destination: destination.into() }
}

fn two_calls(agent: &AgentId, held: &CallId, active: &CallId) -> wit::TwoCalls {
    wit::TwoCalls { agent: agent.to_string(), held: held.to_string(), active: active.to_string() }
}

fn call_data(data: CallData) -> wit::CallData {
    data.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

//! What is asked, from the words of the component's interface into those of the core.

use interaction_core::cti::{self, Command};

use crate::bindings::exports::interaction::processor::cti as wit;

pub(crate) fn command(command: wit::Command) -> Command {
    match command {
        wit::Command::Verify(agent) => Command::Verify { agent: agent.into() },
        wit::Command::Login(wit::Login { agent, extension }) => {
            Command::Login { agent: agent.into(), extension: extension.map(Into::into) }
        }
        wit::Command::Logout(wit::Logout { agent, reason, by }) => {
            Command::Logout { agent: agent.into(), reason: reason.map(Into::into), by: by.map(Into::into) }
        }
        wit::Command::SetState(wit::SetState { agent, state, reason, by }) => Command::SetState {
            agent: agent.into(),
            state: agent_state(state),
            reason: reason.map(Into::into),
            by: by.map(Into::into),
        },
        wit::Command::Dial(wit::CallTo { agent, destination, data }) => {
            Command::Dial { agent: agent.into(), destination: destination.into(), data: call_data(data) }
        }
        wit::Command::Answer(wit::OnCall { agent, call }) => Command::Answer { agent: agent.into(), call: call.into() },
        wit::Command::Reject(wit::OnCall { agent, call }) => Command::Reject { agent: agent.into(), call: call.into() },
        wit::Command::Drop(wit::OnCall { agent, call }) => Command::Drop { agent: agent.into(), call: call.into() },
        wit::Command::Hold(wit::OnCall { agent, call }) => Command::Hold { agent: agent.into(), call: call.into() },
        wit::Command::Retrieve(wit::OnCall { agent, call }) => {
            Command::Retrieve { agent: agent.into(), call: call.into() }
        }
        wit::Command::Consult(wit::OnCallTo { agent, call, destination }) => {
            Command::Consult { agent: agent.into(), call: call.into(), destination: destination.into() }
        }
        wit::Command::Alternate(wit::TwoCalls { agent, held, active }) => {
            Command::Alternate { agent: agent.into(), active: active.into(), held: held.into() }
        }
        wit::Command::CompleteTransfer(wit::TwoCalls { agent, held, active }) => {
            Command::CompleteTransfer { agent: agent.into(), held: held.into(), active: active.into() }
        }
        wit::Command::CompleteConference(wit::TwoCalls { agent, held, active }) => {
            Command::CompleteConference { agent: agent.into(), held: held.into(), active: active.into() }
        }
        wit::Command::BlindTransfer(wit::OnCallTo { agent, call, destination }) => {
            Command::BlindTransfer { agent: agent.into(), call: call.into(), destination: destination.into() }
        }
        wit::Command::BlindConference(wit::OnCallTo { agent, call, destination }) => {
            Command::BlindConference { agent: agent.into(), call: call.into(), destination: destination.into() }
        }
        wit::Command::Dtmf(wit::Digits { agent, call, digits }) => {
            Command::Dtmf { agent: agent.into(), call: call.into(), digits: digits.into() }
        }
        wit::Command::Recording(wit::Recording { agent, call, action }) => {
            let action = match action {
                wit::RecordingAction::Start => cti::RecordingAction::Start,
                wit::RecordingAction::Stop => cti::RecordingAction::Stop,
                wit::RecordingAction::Pause => cti::RecordingAction::Pause,
                wit::RecordingAction::Resume => cti::RecordingAction::Resume,
            };
            Command::Recording { agent: agent.into(), call: call.into(), action }
        }
        wit::Command::SetData(wit::SetData { agent, call, data }) => {
            Command::SetData { agent: agent.into(), call: call.into(), data: call_data(data) }
        }
        wit::Command::Complete(wit::Complete { agent, call, disposition }) => {
            let disposition = disposition.map(Into::into);
            Command::Complete { agent: agent.into(), call: call.into(), disposition }
        }
        wit::Command::Supervise(wit::Supervise { supervisor, agent, call, action }) => {
            let action = match action {
                wit::SuperviseAction::Listen => cti::SuperviseAction::Listen,
                wit::SuperviseAction::Coach => cti::SuperviseAction::Coach,
                wit::SuperviseAction::Barge => cti::SuperviseAction::Barge,
                wit::SuperviseAction::TakeOver => cti::SuperviseAction::TakeOver,
            };
            Command::Supervise { supervisor: supervisor.into(), agent: agent.into(), call: call.into(), action }
        }
    }
}

fn call_data(data: wit::CallData) -> cti::CallData {
    data.into_iter().map(|(key, value)| (key.into(), value.into())).collect()
}

const fn agent_state(state: wit::AgentState) -> cti::AgentState {
    match state {
        wit::AgentState::LoggedOut => cti::AgentState::LoggedOut,
        wit::AgentState::NotReady => cti::AgentState::NotReady,
        wit::AgentState::Ready => cti::AgentState::Ready,
        wit::AgentState::Reserved => cti::AgentState::Reserved,
        wit::AgentState::Talking => cti::AgentState::Talking,
        wit::AgentState::Hold => cti::AgentState::Hold,
        wit::AgentState::Work => cti::AgentState::Work,
    }
}

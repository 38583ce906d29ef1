//! Between the lines of commands and the vocabulary's commands.

use super::{
    CommandLine, CompleteCall, Credentials, DataOf, Destination, Dial, Digits, Login, Logout, OnCall, Password,
    RecordingOf, SetState, Supervise, TwoCalls,
};
use crate::cti::{Command, RequestNo};
use crate::ids::{AgentId, CallId};

impl<'a> CommandLine<'a> {
    /// The line that asks this; `secret` is the password that goes with it.
    pub fn new(request: RequestNo, command: &Command, secret: Option<&'a str>) -> Self {
        let request = request.0;
        let on = |agent: &AgentId, call: &CallId| OnCall { request, agent: agent.into(), call: call.into() };
        let to = |agent: &AgentId, call: &CallId, destination: &str| Destination {
            request,
            agent: agent.into(),
            call: call.into(),
            destination: destination.into(),
        };
        let two = |agent: &AgentId, held: &CallId, active: &CallId| TwoCalls {
            request,
            agent: agent.into(),
            held: held.into(),
            active: active.into(),
        };
        match command {
            Command::Verify { agent } => {
                Self::Verify(Credentials { request, agent: agent.into(), password: secret.map(Password::new) })
            }
            Command::Login { agent, extension } => Self::Login(Login {
                request,
                agent: agent.into(),
                extension: extension.clone(),
                password: secret.map(Password::new),
            }),
            Command::Logout { agent, reason, by } => {
                let by = by.as_ref().map(Into::into);
                Self::Logout(Logout { request, agent: agent.into(), reason: reason.clone(), by })
            }
            Command::SetState { agent, state, reason, by } => Self::SetState(SetState {
                by: by.as_ref().map(Into::into),
                request,
                agent: agent.into(),
                state: (*state).into(),
                reason: reason.clone(),
            }),
            Command::Dial { agent, destination, data } => {
                let (destination, data) = (destination.clone(), data.into());
                Self::Dial(Dial { request, agent: agent.into(), destination, data })
            }
            Command::Answer { agent, call } => Self::Answer(on(agent, call)),
            Command::Reject { agent, call } => Self::Reject(on(agent, call)),
            Command::Drop { agent, call } => Self::Drop(on(agent, call)),
            Command::Hold { agent, call } => Self::Hold(on(agent, call)),
            Command::Retrieve { agent, call } => Self::Retrieve(on(agent, call)),
            Command::Consult { agent, call, destination } => Self::Consult(to(agent, call, destination)),
            Command::Alternate { agent, active, held } => Self::Alternate(two(agent, held, active)),
            Command::CompleteTransfer { agent, held, active } => Self::CompleteTransfer(two(agent, held, active)),
            Command::CompleteConference { agent, held, active } => Self::CompleteConference(two(agent, held, active)),
            Command::BlindTransfer { agent, call, destination } => Self::BlindTransfer(to(agent, call, destination)),
            Command::BlindConference { agent, call, destination } => {
                Self::BlindConference(to(agent, call, destination))
            }
            Command::Dtmf { agent, call, digits } => {
                Self::Dtmf(Digits { request, agent: agent.into(), call: call.into(), digits: digits.clone() })
            }
            Command::Recording { agent, call, action } => Self::Recording(RecordingOf {
                request,
                agent: agent.into(),
                call: call.into(),
                action: (*action).into(),
            }),
            Command::SetData { agent, call, data } => {
                Self::SetData(DataOf { request, agent: agent.into(), call: call.into(), data: data.into() })
            }
            Command::Complete { agent, call, disposition } => Self::Complete(CompleteCall {
                request,
                agent: agent.into(),
                call: call.into(),
                disposition: disposition.clone(),
            }),
            Command::Supervise { supervisor, agent, call, action } => Self::Supervise(Supervise {
                request,
                supervisor: supervisor.into(),
                agent: agent.into(),
                call: call.into(),
                action: (*action).into(),
            }),
        }
    }

    /// The number, the command and its password: for platforms written in Rust.
    pub fn into_command(self) -> (RequestNo, Command, Option<Password<'a>>) {
        let mut secret = None;
        let (request, command) = match self {
            Self::Verify(Credentials { request, agent, password }) => {
                secret = password;
                (request, Command::Verify { agent: agent.into() })
            }
            Self::Login(Login { request, agent, extension, password }) => {
                secret = password;
                (request, Command::Login { agent: agent.into(), extension })
            }
            Self::Logout(Logout { request, agent, reason, by }) => {
                (request, Command::Logout { agent: agent.into(), reason, by: by.map(Into::into) })
            }
            Self::SetState(SetState { request, agent, state, reason, by }) => {
                let by = by.map(Into::into);
                (request, Command::SetState { agent: agent.into(), state: state.into(), reason, by })
            }
            Self::Dial(Dial { request, agent, destination, data }) => {
                (request, Command::Dial { agent: agent.into(), destination, data: data.into() })
            }
            Self::Answer(on) => (on.request, Command::Answer { agent: on.agent.into(), call: on.call.into() }),
            Self::Reject(on) => (on.request, Command::Reject { agent: on.agent.into(), call: on.call.into() }),
            Self::Drop(on) => (on.request, Command::Drop { agent: on.agent.into(), call: on.call.into() }),
            Self::Hold(on) => (on.request, Command::Hold { agent: on.agent.into(), call: on.call.into() }),
            Self::Retrieve(on) => (on.request, Command::Retrieve { agent: on.agent.into(), call: on.call.into() }),
            Self::Consult(to) => (
                to.request,
                Command::Consult { agent: to.agent.into(), call: to.call.into(), destination: to.destination },
            ),
            Self::Alternate(two) => (
                two.request,
                Command::Alternate { agent: two.agent.into(), active: two.active.into(), held: two.held.into() },
            ),
            Self::CompleteTransfer(two) => (
                two.request,
                Command::CompleteTransfer { agent: two.agent.into(), held: two.held.into(), active: two.active.into() },
            ),
            Self::CompleteConference(two) => (
                two.request,
                Command::CompleteConference {
                    agent: two.agent.into(),
                    held: two.held.into(),
                    active: two.active.into(),
                },
            ),
            Self::BlindTransfer(to) => (
                to.request,
                Command::BlindTransfer { agent: to.agent.into(), call: to.call.into(), destination: to.destination },
            ),
            Self::BlindConference(to) => (
                to.request,
                Command::BlindConference { agent: to.agent.into(), call: to.call.into(), destination: to.destination },
            ),
            Self::Dtmf(Digits { request, agent, call, digits }) => {
                (request, Command::Dtmf { agent: agent.into(), call: call.into(), digits })
            }
            Self::Recording(RecordingOf { request, agent, call, action }) => {
                (request, Command::Recording { agent: agent.into(), call: call.into(), action: action.into() })
            }
            Self::SetData(DataOf { request, agent, call, data }) => {
                (request, Command::SetData { agent: agent.into(), call: call.into(), data: data.into() })
            }
            Self::Complete(CompleteCall { request, agent, call, disposition }) => {
                (request, Command::Complete { agent: agent.into(), call: call.into(), disposition })
            }
            Self::Supervise(Supervise { request, supervisor, agent, call, action }) => (
                request,
                Command::Supervise {
                    supervisor: supervisor.into(),
                    agent: agent.into(),
                    call: call.into(),
                    action: action.into(),
                },
            ),
        };
        (RequestNo(request), command, secret)
    }
}

//! The answers of the world as confirmations.

use super::{Asked, Then};
use crate::cti::uccx::codec::Message;
use crate::cti::uccx::codec::messages::{
    AlternateCallConf, AnswerCallConf, ClearCallConf, ClearConnectionConf, ConferenceCallConf, ConsultCallConf,
    HoldCallConf, MakeCallConf, ReconnectCallConf, RetrieveCallConf, SendDtmfSignalConf, SetAgentStateConf,
    SetCallDataConf, TransferCallConf,
};
use crate::cti::uccx::codec::names::line_type;
use crate::cti::uccx::sim::calls::joins::connected;
use crate::cti::uccx::sim::failure::Failure;
use crate::cti::uccx::sim::words::{NONE, call_number, text};
use crate::cti::uccx::sim::{ClientId, UccxSim};
use crate::cti::{Answer, Command, Outcome};
use crate::ids::CallId;

impl UccxSim {
    /// The world answers: the request is confirmed or failed, and what is to follow it follows.
    pub(in crate::cti::uccx::sim) fn answered(&mut self, answer: Answer) {
        let Some(asked) = self.asked.remove(&answer.request.0) else { return };
        if let Some(client) = self.crowd.client_mut(asked.client) {
            client.asked = client.asked.saturating_sub(1);
        }
        let made = match answer.outcome {
            Outcome::Refused(refusal) => {
                return self.fail(asked.client, asked.invoke, asked.what, &Failure::from(refusal));
            }
            Outcome::Call { call } => Some(call),
            Outcome::Done | Outcome::Verified { .. } => None,
        };
        let Asked { client, invoke: invoke_id, what, then } = asked;
        let new = made.as_ref().and_then(call_number).unwrap_or(NONE);
        let message: Message<'_> = match &then {
            Then::Leave(next) => return self.go_on(client, invoke_id, what, (**next).clone()),
            Then::State => SetAgentStateConf { invoke_id, ..Default::default() }.into(),
            Then::Answer => AnswerCallConf { invoke_id, ..Default::default() }.into(),
            Then::ClearCall => ClearCallConf { invoke_id, ..Default::default() }.into(),
            Then::ClearConnection => ClearConnectionConf { invoke_id, ..Default::default() }.into(),
            Then::Hold => HoldCallConf { invoke_id, ..Default::default() }.into(),
            Then::Retrieve => RetrieveCallConf { invoke_id, ..Default::default() }.into(),
            Then::Alternate => AlternateCallConf { invoke_id, ..Default::default() }.into(),
            Then::Reconnect => ReconnectCallConf { invoke_id, ..Default::default() }.into(),
            Then::Digits => SendDtmfSignalConf { invoke_id, ..Default::default() }.into(),
            Then::Data => SetCallDataConf { invoke_id, ..Default::default() }.into(),
            Then::MakeCall(line) => MakeCallConf {
                invoke_id,
                new_connection_call_id: new,
                new_connection_device_id: text(line, 64),
                ..MakeCallConf::default()
            }
            .into(),
            Then::Consult(line) => ConsultCallConf {
                invoke_id,
                new_connection_call_id: new,
                line_type: line_type::BUSINESS,
                new_connection_device_id: text(line, 64),
                ..ConsultCallConf::default()
            }
            .into(),
            Then::Transfer(call) => return self.joined_conf(client, invoke_id, call, false),
            Then::Conference(call) => return self.joined_conf(client, invoke_id, call, true),
        };
        self.crowd.send(client, &message);
    }

    /// The second half of a request that is two commands.
    fn go_on(&mut self, client: ClientId, invoke: u32, what: &'static str, next: Command) {
        if let Some(client) = self.crowd.client_mut(client) {
            client.asked += 1;
        }
        self.ask(Asked { client, invoke, what, then: Then::Reconnect }, next, None);
    }

    /// Two calls are one now, or one goes elsewhere: who is on it.
    fn joined_conf(&mut self, client: ClientId, invoke_id: u32, call: &CallId, stays: bool) {
        let number = self.calls.number(call).unwrap_or(NONE);
        let parties = self.world.truth().call(call).map(|call| call.parties).unwrap_or_default();
        let rows = connected(number, &parties);
        let message: Message<'_> = if stays {
            ConferenceCallConf {
                invoke_id,
                new_connection_call_id: number,
                line_type: line_type::BUSINESS,
                parties: rows.as_slice().into(),
                ..ConferenceCallConf::default()
            }
            .into()
        } else {
            TransferCallConf {
                invoke_id,
                new_connection_call_id: number,
                line_type: line_type::BUSINESS,
                parties: rows.as_slice().into(),
                ..TransferCallConf::default()
            }
            .into()
        };
        self.crowd.send(client, &message);
    }
}

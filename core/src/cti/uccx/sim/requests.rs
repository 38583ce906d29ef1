//! What clients send: frames become messages, and each goes where it is answered.

use super::failure::Failure;
use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{OpenReq, UnknownMessage};
use crate::cti::uccx::codec::names::status;
use crate::cti::uccx::codec::{Framer, Message};

/// Where OPEN_REQ has its version.
const VERSION_AT: std::ops::Range<usize> = 4..8;

impl UccxSim {
    /// Bytes came.
    pub(super) fn received(&mut self, id: ClientId, mut bytes: &[u8]) {
        let Some(client) = self.crowd.heard(id) else { return };
        let mut framer = std::mem::take(&mut client.framer);
        loop {
            let frame = match framer.next_frame(&mut bytes) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    self.crowd.note_of(id, &format!("the byte stream cannot be read: {error}"));
                    return self.crowd.close(id);
                }
            };
            let Some(client) = self.crowd.client(id) else { return };
            let opens = client.session.is_none() && Some(frame.message_id) == OpenReq::ID;
            let word = |at: std::ops::Range<usize>| frame.body.get(at)?.try_into().ok().map(u32::from_be_bytes);
            let version = word(VERSION_AT).filter(|_| opens);
            let widths = match &client.session {
                Some(session) => session.widths,
                None => self.widths_at(version.unwrap_or(0)),
            };
            match Message::decode(frame, widths) {
                Ok(message) => self.request(id, word(0..4).unwrap_or(0), word(4..8), &message),
                Err(error) => {
                    // What other versions put into their fields is not known here.
                    let foreign = version.is_some_and(|version| !self.speaks(version));
                    let number = if foreign { status::INVALID_VERSION } else { status::INVALID_FIELD_LENGTH };
                    self.fail(id, word(0..4).unwrap_or(0), "a frame", &Failure::status(number, &error.to_string()));
                }
            }
        }
        self.give_back(id, framer);
    }

    fn give_back(&mut self, id: ClientId, framer: Framer) {
        if let Some(client) = self.crowd.client_mut(id) {
            client.framer = framer;
        }
    }

    /// One message. `invoke` is its first word, `peripheral` its second, which is reserved in most.
    fn request(&mut self, id: ClientId, invoke: u32, peripheral: Option<u32>, message: &Message<'_>) {
        let what = message.layout().map_or("an unknown message", |layout| layout.name);
        if let Message::OpenReq(request) = message {
            return self.open(id, request);
        }
        if self.crowd.session(id).is_none() {
            let failure = Failure::status(status::SESSION_NOT_OPEN, "OPEN_REQ comes first");
            return self.fail(id, invoke, what, &failure);
        }
        match message {
            Message::HeartbeatReq(request) => self.heartbeat(id, request),
            Message::CloseReq(request) => self.close(id, request),
            Message::ConfigRequestKeyEvent(_) => self.tell_keys(id),
            Message::ConfigRequestEvent(request) => self.tell_configuration(id, request),
            Message::TeamConfigReq(request) => self.tell_teams(id, request),
            Message::QueryAgentStateReq(_)
            | Message::SetAgentStateReq(_)
            | Message::MakeCallReq(_)
            | Message::AnswerCallReq(_)
            | Message::ClearCallReq(_)
            | Message::ClearConnectionReq(_)
            | Message::HoldCallReq(_)
            | Message::RetrieveCallReq(_)
            | Message::AlternateCallReq(_)
            | Message::ReconnectCallReq(_)
            | Message::ConsultCallReq(_)
            | Message::ConferenceCallReq(_)
            | Message::TransferCallReq(_)
            | Message::SendDtmfSignalReq(_)
            | Message::SetCallDataReq(_)
                if peripheral != Some(1) =>
            {
                let failure = Failure::status(status::INVALID_PERIPHERAL_ID, "the reserved word at byte 4 must be 1");
                self.fail(id, invoke, what, &failure);
            }
            Message::QueryAgentStateReq(request) => self.query_state(id, request),
            Message::Unknown(UnknownMessage { message_id, .. }) => {
                let why = format!("message type {message_id} is not spoken here");
                self.fail(id, invoke, what, &Failure::status(status::INVALID_MESSAGE_TYPE, &why));
            }
            request => {
                if let Err(failure) = self.control(id, invoke, what, request) {
                    self.fail(id, invoke, what, &failure);
                }
            }
        }
    }
}

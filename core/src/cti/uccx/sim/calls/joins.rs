//! The messages of two calls that become one.

use super::WireCall;
use super::messages::{DEVICE_BYTES, id};
use crate::cti::uccx::codec::Message;
use crate::cti::uccx::codec::messages::{CallConferencedEvent, CallTransferredEvent, ConnectedParty};
use crate::cti::uccx::codec::names::{connection_state, device_type, event_cause};
use crate::cti::uccx::sim::words::{self, text};
use crate::cti::{Device, Party};

/// The most parties of one message.
const PARTIES_MAX: usize = 16;

impl WireCall {
    /// Two calls became this one: TRANSFERRED, or CONFERENCED where whoever joined them stays.
    pub(super) fn join(
        &self,
        second: u32,
        by: &Device,
        parties: &[Party],
        stays: bool,
        say: &mut dyn FnMut(&Message<'_>),
    ) {
        let rows: Vec<ConnectedParty<'_>> = connected(self.number, parties);
        let last = parties.iter().rev().map(|party| &party.device).find(|device| device.id != by.id);
        let added = last.map_or((device_type::NONE, None), |device| (words::device(device.kind), id(device)));
        let message = if stays {
            Message::from(CallConferencedEvent {
                primary_call_id: self.number,
                line_type: words::line(by),
                secondary_call_id: second,
                controller_device_type: words::device(by.kind),
                added_party_device_type: added.0,
                local_connection_state: connection_state::CONNECT,
                event_cause: event_cause::NONE,
                primary_device_id: id(by),
                secondary_device_id: id(by),
                controller_device_id: id(by),
                added_party_device_id: added.1,
                parties: rows.as_slice().into(),
                ..CallConferencedEvent::default()
            })
        } else {
            Message::from(CallTransferredEvent {
                primary_call_id: self.number,
                line_type: words::line(by),
                secondary_call_id: second,
                transferring_device_type: words::device(by.kind),
                transferred_device_type: added.0,
                local_connection_state: connection_state::NULL,
                event_cause: event_cause::TRANSFER,
                primary_device_id: id(by),
                secondary_device_id: id(by),
                transferring_device_id: id(by),
                transferred_device_id: added.1,
                parties: rows.as_slice().into(),
                ..CallTransferredEvent::default()
            })
        };
        say(&message);
    }
}

/// The parties of a call as messages list them.
pub(in crate::cti::uccx::sim) fn connected(call: u32, parties: &[Party]) -> Vec<ConnectedParty<'_>> {
    // INVARIANT: at most as many as the protocol allows.
    parties.iter().take(PARTIES_MAX).map(|party| row(call, party)).collect()
}

fn row(call: u32, party: &Party) -> ConnectedParty<'_> {
    ConnectedParty {
        connected_party_call_id: Some(call),
        connected_party_device_type: Some(words::device(party.device.kind)),
        connected_party_device_id: text(&party.device.id, DEVICE_BYTES),
        ..ConnectedParty::default()
    }
}

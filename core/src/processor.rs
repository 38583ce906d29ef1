//! The interaction processor service: what it says of itself, prepareSession, getCapabilities.

mod lockout;
mod prepare;

pub(crate) use lockout::Lockouts;
pub(crate) use prepare::{Prepares, claimed, prepare, verified};

use crate::cti::{Refusal, RefusalKind};
use crate::cti_state::CtiState;
use crate::failure::{Code, Failure};
use crate::turn::{Asked, Turn};
use crate::wire::write;

/// getCapabilities: what the platform offers, never a constant.
pub(crate) fn capabilities(turn: &mut Turn<'_>, cti: &CtiState, asked: &Asked) {
    let Some(platform) = &cti.platform else {
        return turn.fail(asked, &Failure::new(Code::CtiUnavailable).retry_after_ms(1_000));
    };
    let mut data = vec![b'{'];
    for (position, (key, offered)) in platform.offers.capabilities().enumerate() {
        if position > 0 {
            data.push(b',');
        }
        write::string(&mut data, key);
        data.extend_from_slice(if offered { b":true" } else { b":false" });
    }
    data.push(b'}');
    turn.succeed(asked, Some(&data));
}

/// `info` of the service: all five are required.
pub(crate) fn service_info(turn: &Turn<'_>, cti: &CtiState, out: &mut Vec<u8>) {
    let (vendor, version) = cti.platform.as_ref().map_or(("", ""), |platform| (&*platform.vendor, &*platform.version));
    let properties = [
        ("vendor", &*turn.config.vendor),
        ("version", &*turn.config.version),
        ("cti-vendor", vendor),
        ("cti-version", version),
        ("instance-domain", &*turn.config.domain),
    ];
    out.push(b'{');
    for (position, (name, value)) in properties.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write::text_property(out, name, value);
    }
    out.push(b'}');
}

/// The failure a platform's no becomes.
pub(crate) fn refusal(refusal: &Refusal) -> Failure {
    let code = match refusal.kind {
        RefusalKind::Credentials => Code::CredentialsInvalid,
        RefusalKind::Unavailable => return Failure::new(Code::CtiUnavailable).retry_after_ms(2_000),
        RefusalKind::State => Code::StateInvalid,
        RefusalKind::UnknownCall => Code::CallUnknown,
        RefusalKind::UnknownAgent => Code::AgentUnknown,
        RefusalKind::Destination => Code::DestinationInvalid,
        RefusalKind::Busy => Code::ChannelBusy,
        RefusalKind::Unsupported => Code::CommandUnsupported,
        RefusalKind::Other => {
            let failure = Failure::new(Code::CtiRefused);
            return if refusal.text.is_empty() { failure } else { failure.say(refusal.text.to_string()) };
        }
    };
    Failure::new(code)
}

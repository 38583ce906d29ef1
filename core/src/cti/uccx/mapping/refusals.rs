//! The platform's no, as a kind and in its own words with all its numbers.

use super::words;
use crate::cti::uccx::codec::Text;
use crate::cti::uccx::codec::names::{ccx_error, control_failure as cf, status};
use crate::cti::{Refusal, RefusalKind};

/// CONTROL_FAILURE_CONF: the platform's no to a request it understood. People are told its own words and both numbers, which say
/// more than any of the kinds; only what a guesser of passwords must not tell apart is one kind.
pub(in crate::cti::uccx) fn of_control(failure: u16, ccx: u32, text: Option<Text<'_>>) -> Refusal {
    let kind = match failure {
        cf::INVALID_AGENT_ID
        | cf::INVALID_PASSWORD
        | cf::INVALID_AGENT_ID_OR_PASSWORD
        | cf::AGENT_ACCOUNT_LOCKED_OUT => RefusalKind::Credentials,
        _ => RefusalKind::Other,
    };
    let failure = format!("control failure {failure} {}", cf::name(failure).unwrap_or("UNLISTED"));
    let ccx = format!("CCX error {ccx} {}", ccx_error::name(ccx).unwrap_or("UNLISTED"));
    refusal(kind, &said(format!("{failure}, {ccx}"), text))
}

/// FAILURE_CONF.
pub(in crate::cti::uccx) fn of_status(number: u32, text: Option<Text<'_>>) -> Refusal {
    let kind = match number {
        status::INVALID_AGENT_DATA | status::INCONSISTENT_AGENT_DATA | status::INVALID_PASSWORD => {
            RefusalKind::Credentials
        }
        status::DEVICE_IN_USE => RefusalKind::Busy,
        status::AGENT_NOT_LOGGED_ON => RefusalKind::State,
        status::INVALID_CALLID => RefusalKind::UnknownCall,
        status::FUNCTION_NOT_AVAILABLE => RefusalKind::Unsupported,
        status::SERVER_OFFLINE | status::TIMEOUT | status::SERVER_NOT_MASTER | status::JTAPI_CCM_PROBLEM => {
            RefusalKind::Unavailable
        }
        _ => RefusalKind::Other,
    };
    refusal(kind, &status_words(number, text))
}

/// A status with its number, its name and the platform's words.
pub(in crate::cti::uccx) fn status_words(number: u32, text: Option<Text<'_>>) -> String {
    said(format!("status {number} {}", status::name(number).unwrap_or("UNLISTED")), text)
}

pub(in crate::cti::uccx) fn refusal(kind: RefusalKind, text: &str) -> Refusal {
    Refusal { kind, text: text.into() }
}

fn said(what: String, text: Option<Text<'_>>) -> String {
    match &*words(text) {
        "" => what,
        text => format!("{what}: {text}"),
    }
}

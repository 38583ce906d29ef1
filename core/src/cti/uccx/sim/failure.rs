//! The server's no: a status or a control failure, with its words.

use super::{ClientId, UccxSim};
use crate::cti::uccx::codec::messages::{ControlFailureConf, FailureConf};
use crate::cti::uccx::codec::names::{ccx_error, control_failure as cf, status};
use crate::cti::uccx::sim::words::text;
use crate::cti::{Refusal, RefusalKind};

/// CALL_CONTROL_MASK_NOT_ON: the first of those whose numbers the guide does not print.
const CALL_CONTROL_MASK_NOT_ON: u32 = 88_018;
/// The longest text of a failure, with its NUL.
const TEXT_BYTES_MAX: usize = 255;

/// Why a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// FAILURE_CONF.
    Status(u32, Box<str>),
    /// CONTROL_FAILURE_CONF: the failure code, the error code.
    Control(u16, u32, Box<str>),
}

impl Failure {
    pub(super) fn status(number: u32, why: &str) -> Self {
        Self::Status(number, why.into())
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::Status(status::REQUIRED_DATA_MISSING, format!("{field} is missing").into())
    }

    pub(super) fn no_call() -> Self {
        Self::Control(cf::INVALID_CALL_IDENTIFIER, ccx_error::CALL_OBJECT_NULL, "there is no such call".into())
    }

    pub(super) fn no_agent() -> Self {
        Self::Control(cf::INVALID_AGENT_ID, ccx_error::AGENT_INVALID, "there is no such agent".into())
    }

    pub(super) fn no_device() -> Self {
        Self::Control(cf::INVALID_DEVICE_IDENTIFIER, ccx_error::LOOKUP, "no agent has this instrument".into())
    }

    pub(super) fn not_granted() -> Self {
        let why = "the service this needs was not granted";
        Self::Control(cf::SERVICE_NOT_REGISTERED, CALL_CONTROL_MASK_NOT_ON, why.into())
    }

    pub(super) fn not_its_own() -> Self {
        let why = "the session is another agent's";
        Self::Control(cf::PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE, ccx_error::AGENT_INVALID, why.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.text;
        let (failure, error) = match refusal.kind {
            RefusalKind::Credentials => (cf::INVALID_AGENT_ID_OR_PASSWORD, ccx_error::UNKNOWN),
            RefusalKind::State => (cf::INVALID_OBJECT_STATE, ccx_error::UNKNOWN),
            RefusalKind::UnknownCall => (cf::INVALID_CALL_IDENTIFIER, ccx_error::CALL_OBJECT_NULL),
            RefusalKind::UnknownAgent => (cf::INVALID_AGENT_ID, ccx_error::AGENT_INVALID),
            RefusalKind::Destination => (cf::INVALID_DESTINATION, ccx_error::UNKNOWN),
            RefusalKind::Busy => (cf::RESOURCE_BUSY, ccx_error::DEVICE_BUSY),
            RefusalKind::Other => (cf::INVALID_PARAMETER, ccx_error::INVALID_ARGUMENT),
            RefusalKind::Unavailable => return Self::Status(status::JTAPI_CCM_PROBLEM, text),
            RefusalKind::Unsupported => return Self::Status(status::FUNCTION_NOT_AVAILABLE, text),
        };
        Self::Control(failure, error, text)
    }
}

impl UccxSim {
    /// Answers a request with a failure.
    pub(super) fn fail(&mut self, client: ClientId, invoke_id: u32, what: &str, failure: &Failure) {
        match failure {
            Failure::Status(number, why) => {
                let name = status::name(*number).unwrap_or("UNLISTED");
                self.crowd.note_of(client, &format!("{what}: FAILURE_CONF {number} {name}: {why}"));
                let text = text(why, TEXT_BYTES_MAX);
                let conf = FailureConf { invoke_id, status: *number, text, ..FailureConf::default() };
                self.crowd.send(client, &conf.into());
            }
            Failure::Control(failure_code, ccx_error_code, why) => {
                let name = cf::name(*failure_code).unwrap_or("UNLISTED");
                let said = format!("{what}: CONTROL_FAILURE_CONF {failure_code} {name}, CCX {ccx_error_code}: {why}");
                self.crowd.note_of(client, &said);
                let conf = ControlFailureConf {
                    invoke_id,
                    failure_code: *failure_code,
                    ccx_error_code: *ccx_error_code,
                    text: text(why, TEXT_BYTES_MAX),
                    ..ControlFailureConf::default()
                };
                self.crowd.send(client, &conf.into());
            }
        }
    }
}

//! The platform's codes, and its refusals in its own words.

use crate::cti::{ReasonCode, Refusal, RefusalKind};

/// The agent has just logged in.
pub(super) const LOGON: &str = "32760";
/// The agent did not answer.
pub(super) const NO_ANSWER: &str = "32763";
/// The agent did not accept an e-mail.
pub(super) const EMAIL_NOT_ACCEPTED: &str = "32743";
/// The agent is on a call no queue brought.
pub(super) const NON_ICD: &str = "32761";
/// The agent has picked up to dial.
pub(super) const OFF_HOOK: &str = "32762";
/// The agent was removed by an administrator.
pub(super) const AGENT_DELETED: &str = "32748";
/// The agent logged out.
pub(super) const LOGGED_OUT: &str = "32766";
/// A supervisor logged the agent out.
pub(super) const SUPERVISOR_LOGGED_OUT: &str = "22";
/// A supervisor made the agent ready or not ready.
pub(super) const SUPERVISOR_CHANGED: &str = "33";

/// Reasons for going not ready.
pub(super) const NOT_READY: [(&str, &str); 6] =
    [("1", "Lunch"), ("2", "Break"), ("3", "Meeting"), ("4", "Coaching"), ("5", "Training"), ("6", "Paperwork")];

/// Reasons supervisors are seen with.
pub(super) const SUPERVISING: [&str; 3] = ["3", "4", "6"];

/// Reasons for logging out.
pub(super) const LOGOUT: [(&str, &str); 3] = [("11", "End of Shift"), ("12", "Sick"), ("13", "Technical Problem")];

/// Wrap-up codes.
pub(super) const WRAP_UP: [(&str, &str); 5] =
    [("1", "Resolved"), ("2", "Call Back"), ("3", "Complaint"), ("4", "Order"), ("5", "Wrong Number")];

/// A table of codes as the platform tells it.
pub(super) fn codes(table: &[(&str, &str)]) -> Vec<ReasonCode> {
    table.iter().map(|(code, name)| ReasonCode { code: (*code).into(), name: (*name).into() }).collect()
}

/// Codes are 16-bit numbers.
pub(super) fn is_code(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A refusal, in the words the platform's failure codes have.
pub(super) fn refusal(kind: RefusalKind, text: &str) -> Refusal {
    Refusal { kind, text: text.into() }
}

/// The refusal of what cannot be done in the present state.
pub(super) fn wrong_state(text: &str) -> Refusal {
    refusal(RefusalKind::State, text)
}

/// The refusal of a call that is not there, or is not the agent's.
pub(super) fn no_call() -> Refusal {
    refusal(RefusalKind::UnknownCall, "invalid call id: the agent is on no such call")
}

/// The refusal of a number that cannot be dialled.
pub(super) fn bad_destination() -> Refusal {
    refusal(RefusalKind::Destination, "invalid called device: the number cannot be dialled")
}

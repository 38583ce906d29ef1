//! Outputs as a trace shows them.

use interaction_core::input::SecretKind;
use interaction_core::output::Sending;

use crate::driver::Seen;

/// The line of one output.
pub(crate) fn line(seen: &Seen) -> String {
    match seen {
        Seen::Message { socket, text, sending: Sending::Live } => format!("{socket}< {text}"),
        Seen::Message { socket, text, sending: Sending::Replay } => format!("{socket}~ {text}"),
        Seen::Ping { socket } => format!("{socket}p"),
        Seen::Closed { socket, code } => format!("{socket}x {} {}", code.code(), code.reason()),
        Seen::Answered { socket, status } => format!("{socket}a {} {status:?}", status.code()),
        Seen::Cti { request, command, password } => {
            let with = if password.is_some() { " +password" } else { "" };
            format!("cti< {} {}{with}", request.0, json(command))
        }
        Seen::Claim { claim, agent, override_, client } => {
            let how = if *override_ { " override" } else { "" };
            format!("claim< {} agent={agent} client={client}{how}", claim.0)
        }
        Seen::Release { agent } => format!("release< {agent}"),
        Seen::Store { journey } => format!("store< {}", json(journey)),
        Seen::LoadJourney { query, call } => format!("load< {} journey {call}", query.0),
        Seen::LoadRecent { query, limit, number } => {
            let number = number.as_deref().map(|number| format!(" number={number}")).unwrap_or_default();
            format!("load< {} recent limit={limit}{number}", query.0)
        }
        Seen::Audit { record } => format!("audit< {}", json(record)),
    }
}

/// The word for a kind of secret.
pub(crate) const fn kind(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Password => "password",
        SecretKind::Token => "token",
        SecretKind::ResumeKey => "resume key",
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

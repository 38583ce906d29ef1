//! The audit trail: who signed in, was refused, took over, acted on others and left, told to the store as it happens.
//!
//! No record holds a secret: a refused sign-in names the id that was tried, never the password.

use serde::{Deserialize, Serialize};

use crate::ids::AgentId;
use crate::time::Time;

/// One thing that an auditor asks for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// When.
    pub at: Time,
    /// What.
    pub action: AuditAction,
    /// Whom it concerns; for a sign-in that was refused, the id as the client spelled it.
    pub agent: AgentId,
    /// Who did it.
    pub actor: AuditActor,
    /// Why, where an action has several causes.
    pub cause: Option<AuditCause>,
    /// The client's name, or its id where it gave none; empty where no client acted.
    pub client: Box<str>,
    /// The address of the client, as lock-outs count it: an IPv4 address, or the first 64 bits of an IPv6 one.
    pub peer: Box<str>,
    /// What else there is to say: a failure's code, a supervisor's verb, a reason code. Empty for none.
    pub note: Box<str>,
}

impl AuditRecord {
    /// A record that says no more than who did what to whom, and when.
    pub fn new(at: Time, action: AuditAction, agent: AgentId, actor: AuditActor) -> Self {
        let nothing = Box::<str>::default;
        Self { at, action, agent, actor, cause: None, client: nothing(), peer: nothing(), note: nothing() }
    }
}

/// What an auditor asks for.
///
/// The encoded form is versioned: variants are appended, never moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditAction {
    /// A session was prepared: the credentials were right.
    SignIn,
    /// A session was not prepared; `note` is the failure's code.
    Refused,
    /// So many wrong passwords came that an address is locked out for an agent.
    LockedOut,
    /// Another client took the agent's session over. `client` is the one that took it.
    TakenOver,
    /// A supervisor acted on an agent; `note` is the verb.
    Supervised,
    /// The agent was logged out.
    Logout,
    /// The session ended, and the agent goes on without one.
    Released,
}

impl AuditAction {
    /// Every action, in declaration order.
    pub const ALL: [Self; 7] =
        [Self::SignIn, Self::Refused, Self::LockedOut, Self::TakenOver, Self::Supervised, Self::Logout, Self::Released];

    /// The word an auditor reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Refused => "refused",
            Self::LockedOut => "locked-out",
            Self::TakenOver => "taken-over",
            Self::Supervised => "supervised",
            Self::Logout => "logout",
            Self::Released => "released",
        }
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditActor {
    /// The agent it concerns, or whoever says to be that agent.
    Agent,
    /// A supervisor.
    Supervisor(AgentId),
    /// The telephony platform, or somebody who used it past this server.
    Platform,
    /// This server, of its own accord: a deadline, a policy.
    Server,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditCause {
    /// The agent wanted it.
    #[serde(rename = "self")]
    Own,
    /// A supervisor wanted it.
    Supervisor,
    /// Another client took the agent over.
    Superseded,
    /// The client stayed away, and the disconnect policy was carried out.
    Disconnected,
    /// The platform told it.
    Cti,
    /// Nobody bound and started the session in time.
    Idle,
}

impl AuditCause {
    /// The word an auditor reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "self",
            Self::Supervisor => "supervisor",
            Self::Superseded => "superseded",
            Self::Disconnected => "disconnected",
            Self::Cti => "cti",
            Self::Idle => "idle",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_stored_form() {
        for action in AuditAction::ALL {
            assert_eq!(serde_json::to_string(&action).unwrap(), format!("\"{}\"", action.as_str()));
        }
        for cause in [
            AuditCause::Supervisor,
            AuditCause::Superseded,
            AuditCause::Disconnected,
            AuditCause::Cti,
            AuditCause::Idle,
        ] {
            assert_eq!(serde_json::to_string(&cause).unwrap(), format!("\"{}\"", cause.as_str()));
        }
        assert_eq!(serde_json::to_string(&AuditCause::Own).unwrap(), "\"self\"");
    }
}

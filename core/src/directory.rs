//! Who holds which agent's session in the domain.
//!
//! An engine that is alone in its domain resolves claims inside; otherwise the driver is asked through an output and
//! answers with an input.

use serde::{Deserialize, Serialize};

use crate::config::DirectoryKind;
use crate::ids::{AgentId, ClaimNo};
use crate::turn::Turn;

/// What became of a claim at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Claiming {
    /// It is won.
    Won,
    /// The driver was asked under this number.
    Asked(ClaimNo),
}

/// Claims the session of an agent that nobody holds here.
pub(crate) fn claim(turn: &mut Turn<'_>, claim: ClaimNo, agent: &AgentId, override_: bool, client: &str) -> Claiming {
    match turn.config.directory {
        DirectoryKind::Local => Claiming::Won,
        DirectoryKind::Domain => {
            turn.outbox.claim(claim, agent.clone(), override_, client.into());
            Claiming::Asked(claim)
        }
    }
}

/// Gives a claim back.
pub(crate) fn release(turn: &mut Turn<'_>, agent: &AgentId) {
    match turn.config.directory {
        DirectoryKind::Local => {}
        DirectoryKind::Domain => turn.outbox.release(agent.clone()),
    }
}

//! Agent sessions: prepared by a link, bound and started by it, ended by a logout, a take-over, the platform or absence.
//!
//! A started session has objects: groups, channels, interactions, conversations. They follow what the platform tells of calls
//! and of the agent (`step`), and the client is told the difference (`news`); a request asks the platform (`acts`) and is
//! answered by it (`pending`), so that what a hard phone or a supervisor does comes to the same events.

mod actions;
mod acts;
mod change;
mod channel;
mod commands;
mod conversation;
mod data;
mod follow;
mod grammar;
mod interaction;
mod news;
mod objects;
mod pending;
mod policy;
mod start;
mod step;
mod supervise;
mod table;
mod tell;
mod told;

pub(crate) use commands::{handle, is_command, is_ongoing, logout_answered, state_of};
pub(crate) use follow::{call_changed, look_again, look_all, wrap_up_due};
pub(crate) use pending::answered;
pub(crate) use policy::{
    agent_changed, bound, call_changed_for, due, owner_gone, owner_replaced, owner_returned, unbound,
};
pub(crate) use start::login_answered;
pub(crate) use step::Around;
pub(crate) use table::{End, NewSession, Sessions};

use serde::{Deserialize, Serialize};

use crate::cti::RequestNo;
use crate::ids::{AgentId, LinkId, SecretRef};
use crate::time::Time;
use crate::turn::Asked;

/// One agent session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) serial: u64,
    /// The id of its resource, and of the session object in targets.
    pub(crate) resource: Box<str>,
    pub(crate) agent: AgentId,
    pub(crate) model: Box<str>,
    /// The link that prepared it, or the one that followed it after a gap; [`Sessions::hand_over`] alone changes it.
    pub(crate) owner: LinkId,
    /// The client that prepared it, for whoever asks who holds the agent.
    pub(crate) client: Box<str>,
    /// Where that client is, for the audit trail.
    pub(crate) peer: Box<str>,
    pub(crate) since: Time,
    pub(crate) state: State,
    /// Whether `session.start` was sent in the present binding.
    pub(crate) started_in_binding: bool,
    /// The password, until the login needs it no more.
    pub(crate) credentials: Option<SecretRef>,
    /// When its owner was last seen to have no socket; none while it has one.
    pub(crate) away_since: Option<Time>,
    /// The extension its client asked to be logged in at.
    pub(crate) extension: Option<Box<str>>,
    /// The supervisor who asked for the agent's logout, until that is told or refused.
    pub(crate) logged_out_by: Option<AgentId>,
    /// What it asked of the platform.
    pub(crate) pending: Vec<pending::Pending>,
    /// What is beneath it.
    pub(crate) objects: objects::Objects,
}

/// Where a session is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    /// Its agent's credentials are right; nobody started it yet.
    Prepared,
    /// The platform was asked to log the agent in.
    Starting { request: RequestNo, asked: Asked },
    /// It runs.
    Initialized { since: Time },
    /// The platform was asked to log the agent out.
    LoggingOut { request: RequestNo, asked: Asked, since: Time, reason: Box<str> },
    /// Its client stayed away while an interaction was going on: the policy is carried out when that is over.
    Abandoned { since: Time },
}

impl State {
    /// The word clients read.
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Starting { .. } => "STARTING",
            Self::Initialized { .. } | Self::LoggingOut { .. } | Self::Abandoned { .. } => "INITIALIZED",
        }
    }
}

impl Session {
    /// Its client is back: whatever its absence was about to lead to is off.
    fn awaken(&mut self) {
        if let State::Abandoned { since } = self.state {
            self.state = State::Initialized { since };
        }
    }

    /// Since when it runs; since when it is prepared, where it does not.
    fn running_since(&self) -> Time {
        match self.state {
            State::Prepared | State::Starting { .. } => self.since,
            State::Initialized { since } | State::LoggingOut { since, .. } | State::Abandoned { since } => since,
        }
    }
}

/// The resource type of sessions.
pub(crate) const RESOURCE_TYPE: &str = "com.openmethods.iserver.processor.session";

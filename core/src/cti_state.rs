//! What is known of the platform, and of the commands it has not answered.

use serde::{Deserialize, Serialize};

use crate::cti::{Platform, RequestNo};
use crate::map::Map;

/// The platform as the engine sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CtiState {
    /// Who it is; stays known while it is away.
    pub(crate) platform: Option<Platform>,
    pub(crate) reach: Reach,
    /// Whether a full roster was ever read.
    pub(crate) synced_once: bool,
    pub(crate) shutting_down: bool,
    /// What each unanswered command is for.
    pub(crate) asked: Map<RequestNo, Purpose>,
}

/// How well the platform can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reach {
    Away,
    Resyncing,
    InService,
}

/// What a command was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// To check the credentials of a prepareSession of the same number.
    Verify,
    /// To log in the agent of a session that starts.
    Login { session: u64 },
    /// To log out the agent of a session, as its client asked.
    Logout { session: u64 },
    /// To carry out the disconnect policy, or to end after-call work; the answer changes nothing.
    Policy,
    /// What the client of a session asked for.
    Session { session: u64 },
}

/// `serviceStatus.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ServiceStatus {
    Starting,
    InService,
    OutOfService,
    Stopping,
}

impl ServiceStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::InService => "InService",
            Self::OutOfService => "OutOfService",
            Self::Stopping => "Stopping",
        }
    }
}

impl CtiState {
    pub(crate) fn new(seed: u64) -> Self {
        Self { platform: None, reach: Reach::Away, synced_once: false, shutting_down: false, asked: Map::new(seed) }
    }

    pub(crate) fn status(&self) -> ServiceStatus {
        if self.shutting_down {
            ServiceStatus::Stopping
        } else if self.reach == Reach::InService {
            ServiceStatus::InService
        } else if self.synced_once {
            ServiceStatus::OutOfService
        } else {
            ServiceStatus::Starting
        }
    }

    /// Whether commands can be sent.
    pub(crate) fn is_up(&self) -> bool {
        self.reach != Reach::Away
    }

    /// Whether the platform feeds the report resource.
    pub(crate) fn has_reports(&self) -> bool {
        self.platform.as_ref().is_some_and(|platform| platform.reports.is_some())
    }
}

//! A connection that stands, and how far the platform has come on it.

use std::time::Duration;

use super::Config;
use super::call::CallLine;
use super::error::{LineError, ReplyLine};
use super::line::PlatformLine;
use super::lines::Lines;
use crate::cti::ConnectionId;
use crate::time::Time;

/// How far the platform has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has not said who it is.
    Strange { until: Time },
    /// It said who it is, and nothing of what is true.
    Known { until: Time },
    /// It tells the whole truth.
    Resyncing { until: Time },
    /// It tells differences.
    Live,
    /// It said that it is out of service.
    Away,
}

#[derive(Clone, Debug)]
pub(super) struct Attached {
    pub(super) connection: ConnectionId,
    pub(super) lines: Lines,
    /// Lines that came, from 1: the number of the present one.
    pub(super) line: u64,
    pub(super) phase: Phase,
    /// When anything last came.
    pub(super) heard: Time,
    /// When it was first in service.
    pub(super) live_since: Option<Time>,
    /// A ping is not answered yet: one pong answers all that came together.
    pub(super) pong_owed: bool,
    errors: Errors,
}

/// The errors told in the present second.
#[derive(Clone, Copy, Debug, Default)]
struct Errors {
    since: Time,
    told: u32,
    untold: u64,
}

impl Attached {
    pub(super) fn new(config: &Config, connection: ConnectionId, now: Time) -> Self {
        Self {
            connection,
            lines: Lines::default(),
            line: 0,
            phase: Phase::Strange { until: now + Duration::from_millis(config.hello_ms.into()) },
            heard: now,
            live_since: None,
            pong_owed: false,
            errors: Errors::default(),
        }
    }

    /// Whether commands can be sent.
    pub(super) const fn is_up(&self) -> bool {
        matches!(self.phase, Phase::Known { .. } | Phase::Resyncing { .. } | Phase::Live)
    }

    /// Whether this line may come now; what should come instead otherwise.
    pub(super) fn admits(&self, line: &PlatformLine) -> Result<(), &'static str> {
        use PlatformLine as L;
        match (self.phase, line) {
            (Phase::Strange { .. } | Phase::Away, L::Hello(_)) => Ok(()),
            (Phase::Strange { .. }, _) => Err("came before `hello`: begin each connection with `hello`"),
            (_, L::Ping(_) | L::Answer(_)) => Ok(()),
            (Phase::Away, L::Down(_)) => Err("came again: one is enough, `hello` says that the platform is back"),
            (Phase::Away, _) => Err("came after `down`: say `hello` and resynchronise first"),
            (_, L::Hello(_)) => Err("came again: it is said once a connection, and again after `down`"),
            (_, L::Down(_)) => Ok(()),
            (Phase::Known { .. } | Phase::Live, L::ResyncBegin(_)) => Ok(()),
            (Phase::Known { .. }, _) => Err("came before `resyncBegin`: after `hello`, tell everything first"),
            (Phase::Resyncing { .. }, L::ResyncBegin(_)) => Err("came again: `resyncEnd` is to come first"),
            (Phase::Resyncing { .. }, L::AgentRemoved(_) | L::TeamRemoved(_) | L::QueueRemoved(_)) => {
                Err("came before `resyncEnd`: what is not mentioned in a resynchronisation is gone")
            }
            (Phase::Resyncing { .. }, L::Call(call)) if !matches!(call, CallLine::Seen(_)) => {
                Err("came before `resyncEnd`: in a resynchronisation a call is `seen`, as it stands")
            }
            (
                Phase::Resyncing { .. },
                L::ResyncEnd(_)
                | L::Agent(_)
                | L::Team(_)
                | L::TeamChanged(_)
                | L::Queue(_)
                | L::Serves(_)
                | L::AgentStatus(_)
                | L::Call(_),
            ) => Ok(()),
            (Phase::Live, L::ResyncEnd(_)) => Err("came without `resyncBegin`"),
            (
                Phase::Live,
                L::Agent(_)
                | L::AgentRemoved(_)
                | L::Team(_)
                | L::TeamChanged(_)
                | L::TeamRemoved(_)
                | L::Queue(_)
                | L::QueueRemoved(_)
                | L::Serves(_)
                | L::AgentStatus(_)
                | L::Call(_),
            ) => Ok(()),
        }
    }

    /// The line that tells this error; `None` when enough were told this second, and it is only counted.
    pub(super) fn error_line(&mut self, config: &Config, now: Time, error: LineError) -> Option<Vec<u8>> {
        let errors = &mut self.errors;
        if now.since(errors.since) >= Duration::from_secs(1) {
            errors.since = now;
            errors.told = 0;
        }
        if errors.told >= config.errors_per_second {
            errors.untold += 1;
            return None;
        }
        errors.told += 1;
        let untold = std::mem::take(&mut errors.untold);
        Some(ReplyLine::Error(LineError { line: self.line, untold, ..error }).to_bytes())
    }

    /// What it is too late for at `now`.
    pub(super) fn overdue(&self, config: &Config, now: Time) -> Option<&'static str> {
        match self.phase {
            Phase::Strange { until } if until <= now => Some("`hello` did not come in time"),
            Phase::Known { until } | Phase::Resyncing { until } if until <= now => {
                Some("the resynchronisation did not end in time")
            }
            Phase::Strange { .. } | Phase::Known { .. } | Phase::Resyncing { .. } | Phase::Live | Phase::Away => {
                let silent = self.silent_at(config).is_some_and(|at| at <= now);
                silent.then_some("nothing came for too long: send `ping` when there is nothing to tell")
            }
        }
    }

    pub(super) fn deadline(&self, config: &Config) -> Option<Time> {
        let phase = match self.phase {
            Phase::Strange { until } | Phase::Known { until } | Phase::Resyncing { until } => Some(until),
            Phase::Live | Phase::Away => None,
        };
        phase.into_iter().chain(self.silent_at(config)).min()
    }

    fn silent_at(&self, config: &Config) -> Option<Time> {
        (config.idle_ms != 0).then(|| self.heard + Duration::from_millis(config.idle_ms.into()))
    }
}

//! Why a component can go on no more.

use std::fmt;
use std::time::Duration;

/// A failure ends the instance; another one is made of the same component, after a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It broke a rule of the machine, or gave up: the words of the trap.
    Trapped(String),
    /// It wanted more memory than it may have, and gave up.
    Memory {
        /// What it may have.
        bytes_max: usize,
    },
    /// It wanted more memory within one call than a call may add, and gave up.
    Growth {
        /// What a call may add.
        bytes_max: usize,
    },
    /// A call did not end in time.
    Late(Duration),
    /// A call did more than it may where time decides nothing.
    Exhausted,
    /// What it returned cannot be read, or is too much.
    Unreadable(String),
    /// What it returned can be read, and is wrong.
    Invalid(String),
    /// It does not take its configuration.
    Refused(String),
    /// It left a command unanswered.
    Unanswered(Duration),
}

impl Failure {
    /// Of which kind, for metrics.
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Trapped(_) | Self::Memory { .. } | Self::Growth { .. } => Kind::Trap,
            Self::Late(_) | Self::Exhausted | Self::Unanswered(_) => Kind::Timeout,
            Self::Unreadable(_) | Self::Invalid(_) | Self::Refused(_) => Kind::Invalid,
        }
    }
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It ended itself.
    Trap,
    /// It was ended.
    Timeout,
    /// What it said makes no sense.
    Invalid,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trapped(words) => write!(f, "the plugin trapped: {words}"),
            Self::Memory { bytes_max } => write!(
                f,
                "the plugin wanted more than {bytes_max} bytes of memory; where that is right, grant more \
                 (`memory-bytes`)"
            ),
            Self::Growth { bytes_max } => {
                write!(f, "a call of the plugin wanted more than {bytes_max} bytes of memory in addition")
            }
            Self::Late(within) => write!(f, "a call of the plugin did not end within {} ms", within.as_millis()),
            Self::Exhausted => f.write_str("a call of the plugin did more work than a call may"),
            Self::Unreadable(words) => write!(f, "the plugin returned what cannot be read: {words}"),
            Self::Invalid(words) => write!(f, "the plugin returned what is wrong: {words}"),
            Self::Refused(words) => write!(f, "the plugin refuses its configuration: {words}"),
            Self::Unanswered(within) => {
                write!(f, "the plugin did not answer a command within {} s", within.as_secs())
            }
        }
    }
}

impl std::error::Error for Failure {}

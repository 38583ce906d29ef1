//! The engine, written down and read again.

use std::fmt;

/// Why a snapshot cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestoreError {
    /// It is no snapshot, or is cut short.
    Unreadable,
    /// It is of another version of the format.
    Version(u16),
}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("this is no snapshot, or not all of one"),
            Self::Version(version) => write!(f, "the snapshot is of format {version}, which this build does not read"),
        }
    }
}

impl std::error::Error for RestoreError {}

//! What a platform is told of its own lines.

use serde::{Deserialize, Serialize};

/// What is wrong with a line, and what to do. Never holds more of the line than a word of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineError {
    /// Which line of this connection, from 1; 0 where no line is to blame.
    pub line: u64,
    /// The property, by its path; absent where the line as a whole is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What is wrong, and the remedy.
    pub message: String,
    /// How many further errors of the seconds before were counted and not told.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub untold: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl LineError {
    /// The line as a whole is wrong.
    pub(super) fn of_line(message: impl Into<String>) -> Self {
        Self { line: 0, property: None, message: message.into(), untold: 0 }
    }

    /// A property is wrong.
    pub(super) fn of(property: impl Into<String>, message: impl Into<String>) -> Self {
        Self { property: Some(property.into()), ..Self::of_line(message) }
    }
}

/// A line to the platform that is no command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplyLine {
    /// A line of the platform's was refused.
    Error(LineError),
    /// The answer to `ping`.
    Pong {
        /// The processor's clock, in milliseconds since 1970-01-01 UTC.
        time: u64,
    },
}

impl ReplyLine {
    /// The line, with its line feed.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes_of(self)
    }
}

/// Any shape of ours as a line.
pub(super) fn bytes_of<T: Serialize>(shape: &T) -> Vec<u8> {
    // INVARIANT: every shape here is an object of texts, numbers and lists, which JSON can always spell.
    let mut bytes = serde_json::to_vec(shape).expect("a line is JSON");
    bytes.push(b'\n');
    bytes
}

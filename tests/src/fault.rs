//! What a server did wrong, as a client notices it.

use std::fmt;

/// The ways in which a server breaks the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number is left out.
    Hole,
    /// A number came before.
    Stale,
    /// Numbered although its class is not, or the other way round.
    Numbering,
    /// A second answer to one request.
    AnsweredTwice,
    /// An answer to nothing that was asked.
    AnswerUnasked,
    /// An answer that does not belong to its request: another command, target, id or echo.
    AnswerWrong,
    /// Nothing came within the time given.
    Unanswered,
    /// Not of the form the protocol gives it.
    Grammar,
    /// Resumed otherwise than asked for.
    Resume,
    /// An event that cannot happen to the roster known so far.
    Roster,
    /// An event that cannot happen to the session's objects known so far.
    Objects,
    /// The socket ended.
    Closed,
    /// It came although the test says it must not, or did not come although it must.
    Unexpected,
}

/// A fault, with what led to it.
#[derive(Clone, PartialEq)]
pub struct Fault {
    /// Its kind.
    pub kind: Kind,
    /// What happened, and what should have.
    pub what: String,
    /// The close code, where the socket was closed.
    pub close: Option<u16>,
    /// The last messages, oldest first.
    pub transcript: Vec<String>,
}

impl Fault {
    /// A fault without a transcript; the client adds it.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), close: None, transcript: Vec::new() }
    }

    /// A closed socket.
    pub fn closed(code: Option<u16>, what: impl Into<String>) -> Self {
        Self { close: code, ..Self::new(Kind::Closed, what) }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.what)?;
        if let Some(code) = self.close {
            write!(f, " (close code {code})")?;
        }
        for line in &self.transcript {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Fault {}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::closed(None, error.to_string())
    }
}

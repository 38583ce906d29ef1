//! The one gate through which every text message of a client enters, before anything else sees it.
//!
//! One pass over the frame checks that it is well-formed (RFC 8259 and the protocol's stricter rules), drops
//! insignificant white space, and takes the secrets out. What is left may be journaled, recorded and echoed.

mod gate;
mod splice;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::ids::SecretRef;
use crate::input::{KeyHash, MalformedKind, SecretKind, SecretSpan};
use crate::secret::Secret;
use gate::Gate;

pub use splice::{Misplaced, splice};

/// How deep objects and arrays may nest; the frame's own object is depth 1.
pub const DEPTH_MAX: usize = 32;

/// The longest frame taken, in bytes: with it every offset fits 32 bits, even if all of it were resume keys.
/// The transport's own bound (`limits.messageBytes`) is far lower.
pub const FRAME_BYTES_MAX: usize = 1 << 28;

/// A well-formed frame after the intake.
#[derive(Debug)]
pub struct Intake<'a> {
    /// The frame's JSON without insignificant white space and secrets, else byte for byte as received.
    /// Borrowed where nothing within it had to change.
    pub text: Cow<'a, str>,
    /// The secrets taken out, in the order of their places in `text`.
    pub secrets: Vec<TakenSecret>,
}

/// A secret and the place it was taken from.
#[derive(Debug)]
pub struct TakenSecret {
    /// What it is.
    pub kind: SecretKind,
    /// Where in `text` its stand-in begins: a `null`, or the opening quote of a resume key's hash.
    pub offset: u32,
    /// Length of the stand-in.
    pub len: u32,
    /// Whether the value is a JSON string.
    pub is_text: bool,
    /// Whether it is a property of the message itself, as the token of `connect` is.
    pub is_top: bool,
    /// The value as it was sent, a piece of JSON text (an object or array without insignificant white space).
    pub value: Secret,
}

/// Why a frame is refused: what `Frame` of the engine's input is made of then. Tells nothing of the frame's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not well-formed.
    Malformed(MalformedKind),
    /// Longer than [`FRAME_BYTES_MAX`].
    TooLarge,
}

impl MalformedKind {
    /// What is wrong with the message, and what to send instead.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotUtf8 => "the message is not UTF-8: send UTF-8 text",
            Self::NotJson => "the message is not JSON: send one JSON object",
            Self::NotAnObject => "the message is not a JSON object: send one JSON object",
            Self::DuplicateKey => "an object has the same property twice: name each property once",
            Self::TooDeep => "the message nests deeper than 32 levels: send a flatter one",
            Self::LoneSurrogate => {
                "a \\u escape is half of a surrogate pair: escape both halves, or send the character itself"
            }
            Self::Binary => "the message is a binary frame: send text frames",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed(kind) => kind.message(),
            Self::TooLarge => "the message is too large: send a shorter one",
        })
    }
}

impl Error for Refused {}

impl From<MalformedKind> for Refused {
    fn from(kind: MalformedKind) -> Self {
        Self::Malformed(kind)
    }
}

impl TakenSecret {
    /// The place, as the engine is told it, of the secret the driver keeps under `secret`.
    #[must_use]
    pub const fn span(&self, secret: SecretRef) -> SecretSpan {
        SecretSpan { secret, kind: self.kind, offset: self.offset, len: self.len, is_text: self.is_text }
    }
}

/// Checks a frame, compacts it and takes its secrets out.
///
/// A `password` or `token` of any type becomes `null` (one that is `null` stays); a resume key becomes the JSON
/// string of [`key_hash`] in lower-case hex, or `null` if it was no string. Names are compared after decoding, and a secret within
/// a secret goes with it. The frame itself still holds the secrets: the caller overwrites or drops it.
///
/// # Errors
///
/// The first fault found, in the order of the text, except that bytes which are not UTF-8 come first.
pub fn intake(frame: &[u8]) -> Result<Intake<'_>, Refused> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(Refused::TooLarge);
    }
    let frame = str::from_utf8(frame).map_err(|_| MalformedKind::NotUtf8)?;
    Ok(Gate::new(frame).run()?)
}

/// What stands for a resume key wherever it is kept: the SHA-256 of its UTF-8 bytes.
#[must_use]
pub fn key_hash(key: &str) -> KeyHash {
    KeyHash(Sha256::digest(key.as_bytes()).into())
}

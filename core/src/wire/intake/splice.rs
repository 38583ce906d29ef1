//! Putting secrets back where their stand-ins are, for the one live sending that echoes them.

use std::error::Error;
use std::fmt;

use crate::ids::SecretRef;
use crate::output::Splice;
use crate::secret::Secret;

/// There is no stand-in where a secret was to go: the place belongs to another message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misplaced {
    /// The splice that does not fit.
    pub splice: Splice,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Splice { at, len, .. } = self.splice;
        write!(f, "no stand-in of a secret in the {len} bytes at {at}: give ascending places of this very message")
    }
}

impl Error for Misplaced {}

/// The message of `head` and `tail` with its secrets in place of their stand-ins (`null`, or the string of a hash).
///
/// `secret` finds what the driver keeps under a number; what it no longer keeps stays a stand-in. The result is as
/// secret as they are: it is for the wire only.
///
/// # Errors
///
/// [`Misplaced`] where a splice's place holds no stand-in, or the places do not ascend. Nothing is spliced then.
pub fn splice<'s>(
    head: &[u8],
    tail: &[u8],
    splices: &[Splice],
    secret: impl Fn(SecretRef) -> Option<&'s Secret>,
) -> Result<Vec<u8>, Misplaced> {
    let message = [head, tail].concat();
    let mut bytes_max = message.len();
    let mut after = 0;
    for splice in splices {
        let (at, len) = (splice.at as usize, splice.len as usize);
        let stands = message.get(at..).and_then(|rest| rest.get(..len));
        if at < after || !stands.is_some_and(is_stand_in) {
            return Err(Misplaced { splice: *splice });
        }
        bytes_max += secret(splice.secret).map_or(0, |secret| secret.expose().len());
        after = at + len;
    }
    // Reserved in full, so that no outgrown buffer leaves a copy of a secret behind.
    let mut spliced = Vec::with_capacity(bytes_max);
    let mut copied = 0;
    for splice in splices {
        if let Some(secret) = secret(splice.secret) {
            spliced.extend_from_slice(&message[copied..splice.at as usize]);
            spliced.extend_from_slice(secret.expose().as_bytes());
            copied = splice.at as usize + splice.len as usize;
        }
    }
    spliced.extend_from_slice(&message[copied..]);
    Ok(spliced)
}

fn is_stand_in(text: &[u8]) -> bool {
    match text {
        b"null" => true,
        [b'"', hash @ .., b'"'] => hash.len() == 64 && hash.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
        _ => false,
    }
}

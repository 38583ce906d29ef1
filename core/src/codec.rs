//! Inputs and outputs as bytes: what a journal holds, and what passes between a host and an engine in another module.
//!
//! A record is one byte of format version and a postcard value. Within a version variants are appended and never moved;
//! golden files hold one of each. No record ever holds a secret: inputs carry their numbers only.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::audit::AuditRecord;
use crate::cti::{Command, RequestNo};
use crate::ids::{AgentId, CallId, ClaimNo, QueryNo, SecretRef, SocketId};
use crate::input::Input;
use crate::output::{CloseCode, Delivery, Output, Sending, Splice, Status};
use crate::report::journey::JourneyRecord;
use crate::time::Time;

/// The version of the format that this build writes, and the only one it reads.
pub const VERSION: u8 = 1;

/// Why a record cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// It is empty, cut short, or not a record of this kind.
    Unreadable,
    /// It is of another version of the format.
    Version(u8),
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str("this is no such record, or not all of one"),
            Self::Version(version) => write!(f, "the record is of format {version}; this build reads {VERSION}"),
        }
    }
}

impl std::error::Error for CodecError {}

/// Appends one input, with its time.
pub fn encode_input(now: Time, input: &Input<'_>, out: &mut Vec<u8>) {
    append(&(now, input), out);
}

/// Reads one input; its texts borrow from `record`.
///
/// # Errors
/// The record is damaged or of another version.
pub fn decode_input(record: &[u8]) -> Result<(Time, Input<'_>), CodecError> {
    read(record)
}

/// Appends one output.
pub fn encode_output(output: &Output<'_>, out: &mut Vec<u8>) {
    append(output, out);
}

/// Reads one output; its texts borrow from `record`.
///
/// # Errors
/// The record is damaged or of another version.
pub fn decode_output(record: &[u8]) -> Result<Decoded<'_>, CodecError> {
    read(record)
}

fn append(value: &impl Serialize, out: &mut Vec<u8>) {
    out.push(VERSION);
    // INVARIANT: writing to a vector fails for no value of these types.
    *out = postcard::to_extend(value, std::mem::take(out)).expect("inputs and outputs have an encoded form");
}

fn read<'a, T: Deserialize<'a>>(record: &'a [u8]) -> Result<T, CodecError> {
    match record.split_first() {
        Some((&VERSION, body)) => match postcard::take_from_bytes(body) {
            Ok((value, [])) => Ok(value),
            Ok(_) | Err(_) => Err(CodecError::Unreadable),
        },
        Some((&version, _)) => Err(CodecError::Version(version)),
        None => Err(CodecError::Unreadable),
    }
}

/// An [`Output`] that was read back: the same variants in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is documented at Output")]
pub enum Decoded<'a> {
    Send {
        socket: SocketId,
        #[serde(borrow)]
        head: &'a [u8],
        tail: &'a [u8],
        splices: Vec<Splice>,
        sending: Sending,
    },
    Ping {
        socket: SocketId,
    },
    Close {
        socket: SocketId,
        code: CloseCode,
    },
    Cti {
        request: RequestNo,
        command: Command,
        secret: Option<SecretRef>,
    },
    Forget {
        secret: SecretRef,
    },
    Claim {
        claim: ClaimNo,
        agent: AgentId,
        override_: bool,
        client: &'a str,
    },
    Release {
        agent: AgentId,
    },
    Store {
        journey: JourneyRecord,
    },
    LoadJourney {
        query: QueryNo,
        call: CallId,
    },
    LoadRecent {
        query: QueryNo,
        limit: u32,
        number: Option<&'a str>,
    },
    Audit {
        record: AuditRecord,
    },
    Answer {
        socket: SocketId,
        status: Status,
    },
    Fan {
        to: Vec<Delivery>,
        #[serde(borrow)]
        prefix: &'a [u8],
        suffix: &'a [u8],
        tail: &'a [u8],
    },
}

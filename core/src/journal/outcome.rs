//! What came of an input, in a few bytes; and how a journal ended.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::engine::Misuse;

/// What came of one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the engine took it.
    pub verdict: Verdict,
    /// How many outputs there were.
    pub outputs: u32,
    /// The first bytes of the SHA-256 of all of them: each encoded, after its length in four bytes, little-endian.
    pub digest: [u8; 8],
}

/// What the engine said of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took it.
    Taken,
    /// Outputs of the one before waited.
    NotDrained,
    /// Its time was before that of the one before.
    TimeWentBack,
    /// No such socket was open.
    UnknownSocket,
    /// Its socket was open already.
    SocketExists,
    /// As many sockets as may be were open.
    TooManySockets,
}

impl Verdict {
    const ALL: [Self; 6] = [
        Self::Taken,
        Self::NotDrained,
        Self::TimeWentBack,
        Self::UnknownSocket,
        Self::SocketExists,
        Self::TooManySockets,
    ];

    /// The word people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::NotDrained => "refused: outputs waited",
            Self::TimeWentBack => "refused: time went back",
            Self::UnknownSocket => "refused: unknown socket",
            Self::SocketExists => "refused: socket exists",
            Self::TooManySockets => "refused: too many sockets",
        }
    }
}

impl From<Result<(), Misuse>> for Verdict {
    fn from(said: Result<(), Misuse>) -> Self {
        match said {
            Ok(()) => Self::Taken,
            Err(Misuse::NotDrained) => Self::NotDrained,
            Err(Misuse::TimeWentBack) => Self::TimeWentBack,
            Err(Misuse::UnknownSocket(_)) => Self::UnknownSocket,
            Err(Misuse::SocketExists(_)) => Self::SocketExists,
            Err(Misuse::TooManySockets) => Self::TooManySockets,
        }
    }
}

impl Outcome {
    const BYTES: usize = 13;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = self.verdict as u8;
        bytes[1..5].copy_from_slice(&self.outputs.to_le_bytes());
        bytes[5..].copy_from_slice(&self.digest);
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().ok()?;
        let verdict = *Verdict::ALL.get(usize::from(bytes[0]))?;
        let outputs = u32::from_le_bytes(*bytes[1..].first_chunk()?);
        Some(Self { verdict, outputs, digest: *bytes[5..].first_chunk()? })
    }
}

/// The digest of one input's outputs, in the making.
#[derive(Clone, Default)]
pub struct Digest {
    sha: Sha256,
    outputs: u32,
}

impl Digest {
    /// Adds an output, encoded.
    pub fn add(&mut self, output: &[u8]) {
        // A longer one than 4 GiB cannot be: messages and records are bounded.
        self.sha.update(u32::try_from(output.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.sha.update(output);
        self.outputs = self.outputs.saturating_add(1);
    }

    /// What came of the input, and a digest for the next one.
    pub fn outcome(&mut self, verdict: Verdict) -> Outcome {
        let whole = self.sha.finalize_reset();
        let mut digest = [0; 8];
        digest.copy_from_slice(&whole[..8]);
        Outcome { verdict, outputs: std::mem::take(&mut self.outputs), digest }
    }
}

/// The last record of a journal that was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Why it ended.
    pub why: Ended,
    /// How many inputs it holds.
    pub inputs: u64,
}

/// Why a journal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The server went down.
    ShutDown,
    /// It could not be written as fast as inputs came: what came later is not in it.
    Behind,
    /// It was as long as it may become.
    Full,
    /// It was cut out of a longer one.
    Cut,
    /// The engine broke an invariant: the last input is the one that did it.
    Fault,
}

impl Ended {
    const ALL: [Self; 5] = [Self::ShutDown, Self::Behind, Self::Full, Self::Cut, Self::Fault];
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ShutDown => "the server went down",
            Self::Behind => "it could not be written as fast as inputs came",
            Self::Full => "it was as long as it may become",
            Self::Cut => "it was cut here",
            Self::Fault => "the engine broke an invariant",
        })
    }
}

impl End {
    const BYTES: usize = 9;

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = self.why as u8;
        bytes[1..].copy_from_slice(&self.inputs.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::BYTES] = bytes.try_into().ok()?;
        let why = *Ended::ALL.get(usize::from(bytes[0]))?;
        Some(Self { why, inputs: u64::from_le_bytes(*bytes[1..].first_chunk()?) })
    }
}

//! The written form of a run: what the engine was made of, every input in its order, and what came of each.
//!
//! A journal begins with a mark and the version of the format, then come records:
//!
//! | part of a piece | bytes | holds |
//! | --- | --- | --- |
//! | length | 4, little-endian | bytes of the body, at most [`PIECE_BYTES_MAX`] |
//! | kind | 1 | [`Kind`]; the highest bit says that the value goes on in the next piece |
//! | check | 2, little-endian | the lower half of the CRC-32 up to here |
//! | body | as told | |
//! | sum | 4, little-endian | the CRC-32 up to here |
//!
//! The CRC-32 (of Ethernet and zip files) goes on over all lengths, kinds and bodies since the mark and the version, which it
//! covers, too: a record that is missing, doubled or out of place is found like one that is damaged. The check is why a damaged
//! length is no reason to wait for bytes that never come. A value longer than a piece is cut into several.
//!
//! The first record is the [`Header`] as JSON; then comes a snapshot, if the header says so; then each input
//! (`codec::encode_input`), its outputs (`codec::encode_output`) where they are kept, and its [`Outcome`]; then an [`End`], if the
//! journal was ended. One that ends without was cut off: all that is whole in it counts.
//!
//! * [`Encoder`] writes, appending to bytes that the caller puts somewhere.
//! * [`Decoder`] reads from bytes that come in pieces of any size, and never holds more than one value.
//! * [`Replay`] feeds an engine what a journal holds.
//! * [`redact`] takes what is about people out of a journal.
//!
//! No secret is in a journal: inputs hold numbers only.

mod header;
mod outcome;
mod read;
pub mod redact;
mod replay;
#[cfg(test)]
mod tests;
mod write;

pub use header::{Begins, Header, HeaderError, Keeps};
pub use outcome::{Digest, End, Ended, Outcome, Verdict};
pub use read::{Damage, DamageKind, Decoder, Item};
pub use replay::Replay;
pub use write::Encoder;

/// The version of the format that this build writes, and the only one it reads.
pub const VERSION: u16 = 1;

/// Bytes of a piece's body: what a damaged length can cost to read, and little beside it.
pub const PIECE_BYTES_MAX: usize = 1 << 20;

/// Bytes of a value: far above any snapshot, far below what would fill a machine by a length that somebody made up.
pub const VALUE_BYTES_MAX: usize = 1 << 30;

/// What every journal begins with: the line's end tells whether it was carried as text.
const MARK: &[u8; 8] = b"IPjrnl\r\n";
/// Bytes before the first record.
const OPENING_BYTES: usize = MARK.len() + 2;
/// Bytes of a piece before its body.
const HEAD_BYTES: usize = 7;
/// Bytes of a piece after its body.
const SUM_BYTES: usize = 4;
/// In a kind's byte: the value goes on in the next piece.
const GOES_ON: u8 = 0x80;

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The [`Header`].
    Header,
    /// What the engine was before the first input: `Engine::snapshot`.
    Snapshot,
    /// An input with its time: `codec::encode_input`.
    Input,
    /// An output of the input before: `codec::encode_output`.
    Output,
    /// What came of the input before.
    Outcome,
    /// The journal ends here on purpose.
    End,
}

impl Kind {
    /// Its number in a piece.
    const fn number(self) -> u8 {
        match self {
            Self::Header => 1,
            Self::Snapshot => 2,
            Self::Input => 3,
            Self::Output => 4,
            Self::Outcome => 5,
            Self::End => 6,
        }
    }

    const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Header),
            2 => Some(Self::Snapshot),
            3 => Some(Self::Input),
            4 => Some(Self::Output),
            5 => Some(Self::Outcome),
            6 => Some(Self::End),
            _ => None,
        }
    }
}

/// The CRC-32 of `bytes`, carried on from that of what was before them.
fn sum(before: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    hasher.update(bytes);
    hasher.finalize()
}

/// The lower half of a sum.
const fn check(sum: u32) -> [u8; 2] {
    let [low, high, ..] = sum.to_le_bytes();
    [low, high]
}

//! Reading a journal from bytes that come in pieces of any size.

use std::fmt;
use std::ops::Range;

use super::{
    Begins, End, GOES_ON, HEAD_BYTES, Header, HeaderError, Kind, MARK, OPENING_BYTES, Outcome, PIECE_BYTES_MAX,
    SUM_BYTES, VALUE_BYTES_MAX, VERSION, check, sum,
};
use crate::codec::{self, CodecError};
use crate::input::Input;
use crate::time::Time;

/// Reads a journal. Push bytes, take items until there are none, push more; [`Decoder::finish`] when there are no more bytes.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// So much of the buffer is read.
    read: usize,
    /// Where in the journal the buffer begins.
    buffer_at: u64,
    sum: u32,
    /// The value whose pieces are being read, where it has several.
    value: Vec<u8>,
    /// It was lent, and goes with the next read.
    is_lent: bool,
    /// Where in the journal the value being read begins.
    value_at: u64,
    stage: Stage,
    inputs: u64,
    end: Option<End>,
    broken: Option<Damage>,
}

/// What may come next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// The mark and the version.
    #[default]
    Opening,
    /// The header.
    Header,
    /// The snapshot.
    Snapshot,
    /// An input, or the end.
    Inputs,
    /// Also what came of the last input.
    Outcome,
    /// Nothing.
    Over,
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one at a time, and most are inputs")]
pub enum Item<'a> {
    /// What the journal says of itself.
    Header(Box<Header>),
    /// What the engine was before the first input.
    Snapshot(&'a [u8]),
    /// An input.
    Input {
        /// When it happened.
        now: Time,
        /// What happened.
        input: Input<'a>,
        /// Both, encoded.
        encoded: &'a [u8],
    },
    /// An output of the last input, encoded.
    Output(&'a [u8]),
    /// What came of the last input.
    Outcome(Outcome),
    /// The end.
    End(End),
}

/// Where a journal stops to be one. Everything before counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The byte at which the first record begins that cannot be used.
    pub at: u64,
    /// What is wrong.
    pub kind: DamageKind,
}

/// What is wrong with a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// It is no journal.
    NoJournal,
    /// It is of another version of the format.
    Version(u16),
    /// It ends within a record, as it does when whoever wrote it was stopped.
    Torn,
    /// A checksum does not fit.
    Checksum,
    /// A value is longer than any can be.
    TooLong,
    /// A record is of a kind this build does not know, or is not what its kind says.
    Unknown(u8),
    /// A record stands where it cannot.
    Misplaced(Kind),
    /// There is more behind its end.
    Behind,
    /// Its header cannot be used.
    Header(HeaderError),
    /// An input cannot be used.
    Input(CodecError),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            DamageKind::NoJournal => f.write_str("this is no recording"),
            DamageKind::Version(version) => {
                write!(f, "the recording is of format {version}; this version of the program reads format {VERSION}")
            }
            DamageKind::Torn => write!(f, "the recording is torn off within the record at byte {}", self.at),
            DamageKind::Checksum => {
                write!(f, "the recording is damaged: the checksum of the record at byte {} does not fit", self.at)
            }
            DamageKind::TooLong => write!(f, "the record at byte {} is longer than any can be", self.at),
            DamageKind::Unknown(kind) => {
                write!(f, "the record at byte {} is of kind {kind}, and not one that this version reads", self.at)
            }
            DamageKind::Misplaced(kind) => {
                write!(f, "the record at byte {} ({kind:?}) cannot stand there", self.at)
            }
            DamageKind::Behind => write!(f, "there is something behind the recording's end, at byte {}", self.at),
            DamageKind::Header(error) => write!(f, "the recording cannot be used: {error}"),
            DamageKind::Input(error) => write!(f, "the input at byte {} cannot be used: {error}", self.at),
        }
    }
}

impl std::error::Error for Damage {}

/// Where a value stands that was found.
enum Place {
    /// In the buffer.
    Buffer(Range<usize>),
    /// Put together of its pieces.
    Value,
}

impl Decoder {
    /// A decoder at the beginning of a journal.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the journal.
    pub fn push(&mut self, bytes: &[u8]) {
        // What is read goes once it is the larger part: each byte is moved once at most, on average.
        if self.read > self.buffer.len() / 2 {
            self.buffer.drain(..self.read);
            self.buffer_at += self.read as u64;
            self.read = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next record; nothing while more bytes are needed.
    ///
    /// # Errors
    /// The journal stops to be one, and says the same from here on.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, Damage> {
        if let Some(damage) = &self.broken {
            return Err(damage.clone());
        }
        let (kind, place) = match self.find() {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(kind) => return Err(self.breaks(kind)),
        };
        let Self { buffer, value, value_at, stage, inputs, end, broken, .. } = self;
        let bytes = match place {
            Place::Buffer(range) => &buffer[range],
            Place::Value => &value[..],
        };
        let item = follow(*stage, kind).and_then(|next| {
            let item = read(kind, bytes)?;
            match &item {
                Item::Header(header) if header.begins == Begins::Snapshot => *stage = Stage::Snapshot,
                Item::Input { .. } => (*stage, *inputs) = (next, *inputs + 1),
                Item::End(last) => (*stage, *end) = (next, Some(*last)),
                Item::Header(_) | Item::Snapshot(_) | Item::Output(_) | Item::Outcome(_) => *stage = next,
            }
            Ok(item)
        });
        match item {
            Ok(item) => Ok(Some(item)),
            Err(kind) => Err(broken.insert(Damage { at: *value_at, kind }).clone()),
        }
    }

    /// There are no more bytes: how the journal ended, where it was ended.
    ///
    /// # Errors
    /// It ends within a record.
    pub fn finish(&mut self) -> Result<Option<End>, Damage> {
        if let Some(damage) = &self.broken {
            return Err(damage.clone());
        }
        let rest = self.buffer.len() - self.read;
        if self.stage == Stage::Opening {
            let kind = if rest < OPENING_BYTES && MARK.starts_with(&self.buffer[..rest.min(MARK.len())]) && rest > 0 {
                DamageKind::Torn
            } else {
                DamageKind::NoJournal
            };
            return Err(self.breaks(kind));
        }
        let is_begun = !matches!(self.stage, Stage::Header | Stage::Snapshot);
        let is_within = rest > 0 || !(self.value.is_empty() || self.is_lent);
        if is_within || !is_begun {
            return Err(self.breaks(DamageKind::Torn));
        }
        Ok(self.end)
    }

    /// How many inputs were read.
    pub fn inputs(&self) -> u64 {
        self.inputs
    }

    /// The byte up to which the journal is read.
    pub fn position(&self) -> u64 {
        self.buffer_at + self.read as u64
    }

    fn breaks(&mut self, kind: DamageKind) -> Damage {
        let damage = Damage { at: self.value_at, kind };
        self.broken = Some(damage.clone());
        damage
    }

    /// Reads pieces until a value is whole.
    fn find(&mut self) -> Result<Option<(Kind, Place)>, DamageKind> {
        if self.stage == Stage::Opening && !self.open()? {
            return Ok(None);
        }
        if std::mem::take(&mut self.is_lent) {
            self.value.clear();
        }
        loop {
            if self.value.is_empty() {
                self.value_at = self.position();
            }
            let rest = &self.buffer[self.read..];
            if self.stage == Stage::Over && !rest.is_empty() {
                return Err(DamageKind::Behind);
            }
            let Some(head) = rest.first_chunk::<HEAD_BYTES>() else { return Ok(None) };
            let summed = sum(self.sum, &head[..5]);
            if head[5..] != check(summed) {
                return Err(DamageKind::Checksum);
            }
            let len = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
            if len > PIECE_BYTES_MAX || self.value.len() + len > VALUE_BYTES_MAX {
                return Err(DamageKind::TooLong);
            }
            let body_at = self.read + HEAD_BYTES;
            let Some(after) = self.buffer.get(body_at + len..).and_then(|rest| rest.first_chunk::<SUM_BYTES>()) else {
                return Ok(None);
            };
            let body = body_at..body_at + len;
            let summed = sum(summed, &self.buffer[body.clone()]);
            if *after != summed.to_le_bytes() {
                return Err(DamageKind::Checksum);
            }
            let number = head[4] & !GOES_ON;
            let goes_on = head[4] & GOES_ON != 0;
            let kind = Kind::of(number).ok_or(DamageKind::Unknown(number))?;
            self.sum = summed;
            self.read = body.end + SUM_BYTES;
            if !goes_on && self.value.is_empty() {
                return Ok(Some((kind, Place::Buffer(body))));
            }
            self.value.extend_from_slice(&self.buffer[body]);
            if !goes_on {
                self.is_lent = true;
                return Ok(Some((kind, Place::Value)));
            }
        }
    }

    /// Reads the mark and the version.
    fn open(&mut self) -> Result<bool, DamageKind> {
        let Some(opening) = self.buffer.first_chunk::<OPENING_BYTES>() else { return Ok(false) };
        let version = opening.strip_prefix(MARK).ok_or(DamageKind::NoJournal)?;
        let version = u16::from_le_bytes([version[0], version[1]]);
        if version != VERSION {
            return Err(DamageKind::Version(version));
        }
        self.sum = sum(0, opening);
        self.read = OPENING_BYTES;
        self.stage = Stage::Header;
        Ok(true)
    }
}

/// What may come after a record of this kind, where it may stand at all.
fn follow(stage: Stage, kind: Kind) -> Result<Stage, DamageKind> {
    match (kind, stage) {
        (Kind::Header, Stage::Header) | (Kind::Snapshot, Stage::Snapshot) | (Kind::Outcome, Stage::Outcome) => {
            Ok(Stage::Inputs)
        }
        (Kind::Input, Stage::Inputs | Stage::Outcome) | (Kind::Output, Stage::Outcome) => Ok(Stage::Outcome),
        (Kind::End, Stage::Inputs | Stage::Outcome) => Ok(Stage::Over),
        (
            Kind::Header | Kind::Snapshot | Kind::Input | Kind::Output | Kind::Outcome | Kind::End,
            Stage::Opening | Stage::Header | Stage::Snapshot | Stage::Inputs | Stage::Outcome | Stage::Over,
        ) => Err(DamageKind::Misplaced(kind)),
    }
}

fn read(kind: Kind, bytes: &[u8]) -> Result<Item<'_>, DamageKind> {
    let unlike = DamageKind::Unknown(kind.number());
    match kind {
        Kind::Header => Header::from_bytes(bytes).map(|it| Item::Header(Box::new(it))).map_err(DamageKind::Header),
        Kind::Snapshot => Ok(Item::Snapshot(bytes)),
        Kind::Input => match codec::decode_input(bytes) {
            Ok((now, input)) => Ok(Item::Input { now, input, encoded: bytes }),
            Err(error) => Err(DamageKind::Input(error)),
        },
        Kind::Output => Ok(Item::Output(bytes)),
        Kind::Outcome => Outcome::from_bytes(bytes).map(Item::Outcome).ok_or(unlike),
        Kind::End => End::from_bytes(bytes).map(Item::End).ok_or(unlike),
    }
}

//! Writing a journal.

use super::{
    End, GOES_ON, HEAD_BYTES, Header, Kind, MARK, OPENING_BYTES, Outcome, PIECE_BYTES_MAX, VERSION, check, sum,
};

/// Writes a journal by appending to bytes of the caller's. It holds no bytes itself, so that what it appended can be written
/// wherever and whenever the caller wants, as long as it is in order.
#[derive(Clone, Debug)]
pub struct Encoder {
    sum: u32,
    inputs: u64,
}

impl Encoder {
    /// Begins a journal. Where the header says that it begins with a snapshot, [`Encoder::snapshot`] comes next.
    pub fn begin(header: &Header, out: &mut Vec<u8>) -> Self {
        let opening = out.len();
        out.reserve(OPENING_BYTES);
        out.extend_from_slice(MARK);
        out.extend_from_slice(&VERSION.to_le_bytes());
        let mut encoder = Self { sum: sum(0, &out[opening..]), inputs: 0 };
        encoder.append(Kind::Header, &header.to_bytes(), out);
        encoder
    }

    /// What the engine was before the first input: `Engine::snapshot`.
    pub fn snapshot(&mut self, snapshot: &[u8], out: &mut Vec<u8>) {
        self.append(Kind::Snapshot, snapshot, out);
    }

    /// An input, as `codec::encode_input` made it.
    pub fn input(&mut self, encoded: &[u8], out: &mut Vec<u8>) {
        self.inputs += 1;
        self.append(Kind::Input, encoded, out);
    }

    /// An output of the last input, as `codec::encode_output` made it.
    pub fn output(&mut self, encoded: &[u8], out: &mut Vec<u8>) {
        self.append(Kind::Output, encoded, out);
    }

    /// What came of the last input.
    pub fn outcome(&mut self, outcome: Outcome, out: &mut Vec<u8>) {
        self.append(Kind::Outcome, &outcome.to_bytes(), out);
    }

    /// The end. Nothing follows it.
    pub fn end(&mut self, why: super::Ended, out: &mut Vec<u8>) {
        let end = End { why, inputs: self.inputs };
        self.append(Kind::End, &end.to_bytes(), out);
    }

    /// How many inputs were written.
    pub fn inputs(&self) -> u64 {
        self.inputs
    }

    pub(super) fn append(&mut self, kind: Kind, value: &[u8], out: &mut Vec<u8>) {
        let mut rest = value;
        loop {
            let (body, after) = rest.split_at(rest.len().min(PIECE_BYTES_MAX));
            rest = after;
            self.piece(kind.number() | if rest.is_empty() { 0 } else { GOES_ON }, body, out);
            if rest.is_empty() {
                return;
            }
        }
    }

    pub(super) fn piece(&mut self, kind: u8, body: &[u8], out: &mut Vec<u8>) {
        let mut head = [0; HEAD_BYTES - 2];
        // INVARIANT: a piece's body is at most `PIECE_BYTES_MAX` long.
        head[..4].copy_from_slice(&(body.len() as u32).to_le_bytes());
        head[4] = kind;
        self.sum = sum(self.sum, &head);
        out.extend_from_slice(&head);
        out.extend_from_slice(&check(self.sum));
        self.sum = sum(self.sum, body);
        out.extend_from_slice(body);
        out.extend_from_slice(&self.sum.to_le_bytes());
    }
}

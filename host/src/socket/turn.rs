//! What is sent in one turn, held once for everybody who gets it.
//!
//! A message that goes to many is one template here and, for each of them, a number in a chain: nothing is copied until a
//! socket is written, and then into one buffer that serves all sockets and stays in the cache.

use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

use super::outbox::{HEADER_BYTES_MAX, TEXT, header};

/// The most digits a number has.
const DIGITS_MAX: usize = 20;
/// Messages held before every socket is written, and bytes of their texts: more would not stay in the cache.
const ENTRIES_MAX: usize = 64 << 10;
const TEXTS_BYTES_MAX: usize = 1 << 20;
/// Room kept for composed frames between turns, in bytes.
const COMPOSED_BYTES: usize = 128 << 10;

/// What is sent in a turn.
#[derive(Debug, Default)]
pub(super) struct TurnLog {
    texts: Vec<u8>,
    parts: Vec<Part>,
    entries: Vec<Entry>,
}

/// One message, or one event for many.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// In `texts`: from here to `number` is what stands before the number, and from there to `end` what follows.
    begin: u32,
    number: u32,
    end: u32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A frame as it is.
    Frame { live: bool },
    /// The text of a message without its number.
    Fan,
}

/// A message for one socket.
#[derive(Clone, Copy, Debug)]
struct Entry {
    seq: u64,
    part: u32,
    /// The next one for the same socket.
    next: Place,
}

/// Where in the turn a message of a socket stands, if anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

impl Place {
    const NOWHERE: Self = Self(u32::MAX);
}

/// Frames of one socket, ready to be written. Most sockets get what the one before got but for the numbers: those alone are
/// written anew then.
#[derive(Debug, Default)]
pub(super) struct Composed {
    bytes: Vec<u8>,
    /// How many of the bytes are live.
    live: usize,
    /// What the bytes are made of, in order.
    frames: Vec<Frame>,
}

/// Where a message stands among composed frames.
#[derive(Clone, Copy, Debug)]
struct Frame {
    seq: u64,
    part: u32,
    /// Where its number begins; of a frame without one, where the frame ends.
    number: u32,
    digits: u32,
    end: u32,
    /// Live bytes up to its end.
    live: u32,
}

impl Composed {
    /// The frames.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many of the bytes are live.
    pub(super) const fn live(&self) -> usize {
        self.live
    }

    /// Keeps the first so many messages.
    fn cut(&mut self, frames: usize) {
        self.frames.truncate(frames);
        let (end, live) = self.frames.last().map_or((0, 0), |last| (last.end, last.live));
        self.bytes.truncate(end as usize);
        self.live = live as usize;
    }

    /// The message at this place becomes this one where only its number differs. Whether it did.
    fn renumber(&mut self, at: usize, entry: &Entry) -> bool {
        let Some(frame) = self.frames.get_mut(at).filter(|frame| frame.part == entry.part) else { return false };
        if frame.seq == entry.seq || frame.digits == 0 {
            return true;
        }
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(entry.seq).as_bytes();
        if digits.len() != frame.digits as usize {
            return false;
        }
        frame.seq = entry.seq;
        self.bytes[frame.number as usize..][..digits.len()].copy_from_slice(digits);
        true
    }
}

/// Which part of the turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartNo {
    index: u32,
    /// No frame of it is longer, in bytes.
    pub(super) bytes_max: u32,
}

/// The messages of one socket in this turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    first: Place,
    last: Place,
    /// No more than this is to be written, in bytes.
    pub(super) bytes_max: u32,
}

impl Chain {
    pub(super) const EMPTY: Self = Self { first: Place::NOWHERE, last: Place::NOWHERE, bytes_max: 0 };

    pub(super) fn is_empty(self) -> bool {
        self.first == Place::NOWHERE
    }
}

impl TurnLog {
    /// Takes an event for many, without their numbers.
    pub(super) fn fan(&mut self, prefix: &[u8], suffix: &[u8], tail: &[u8]) -> PartNo {
        let begin = self.texts.len();
        self.texts.extend_from_slice(prefix);
        let number = self.texts.len();
        self.texts.extend_from_slice(suffix);
        self.texts.extend_from_slice(tail);
        self.part(begin, number, Kind::Fan)
    }

    /// Takes a text message for one.
    pub(super) fn text(&mut self, head: &[u8], tail: &[u8], live: bool) -> PartNo {
        self.frame(TEXT, [head, tail], live)
    }

    /// Takes a control frame of at most 125 bytes.
    pub(super) fn control(&mut self, kind: Control, payload: &[u8]) -> PartNo {
        self.frame(OpCode::Control(kind).into(), [payload, &[]], true)
    }

    fn frame(&mut self, opcode: u8, payload: [&[u8]; 2], live: bool) -> PartNo {
        let begin = self.texts.len();
        header(opcode, payload[0].len() + payload[1].len(), &mut self.texts);
        self.texts.extend_from_slice(payload[0]);
        self.texts.extend_from_slice(payload[1]);
        self.part(begin, self.texts.len(), Kind::Frame { live })
    }

    fn part(&mut self, begin: usize, number: usize, kind: Kind) -> PartNo {
        let end = self.texts.len();
        self.parts.push(Part { begin: place(begin), number: place(number), end: place(end), kind });
        PartNo { index: place(self.parts.len() - 1), bytes_max: place(end - begin + HEADER_BYTES_MAX + DIGITS_MAX) }
    }

    /// Adds a message to what a socket is sent.
    pub(super) fn chain(&mut self, chain: &mut Chain, part: PartNo, seq: u64) {
        let at = Place(place(self.entries.len()));
        self.entries.push(Entry { seq, part: part.index, next: Place::NOWHERE });
        match self.entries.get_mut(chain.last.0 as usize) {
            Some(last) => last.next = at,
            None => chain.first = at,
        }
        chain.last = at;
        chain.bytes_max += part.bytes_max;
    }

    /// Composes a socket's frames, out of those composed last as far as they are the same.
    pub(super) fn compose(&self, chain: Chain, out: &mut Composed) {
        let mut at = chain.first;
        let mut same = 0;
        while let Some(entry) = self.entries.get(at.0 as usize).filter(|entry| out.renumber(same, entry)) {
            same += 1;
            at = entry.next;
        }
        if same < out.frames.len() {
            out.cut(same);
        }
        if at == Place::NOWHERE {
            return;
        }
        out.bytes.reserve((chain.bytes_max as usize).saturating_sub(out.bytes.len()));
        while let Some(entry) = self.entries.get(at.0 as usize) {
            self.append(entry, out);
            at = entry.next;
        }
    }

    fn append(&self, entry: &Entry, out: &mut Composed) {
        let part = self.parts[entry.part as usize];
        let [before, after] = [part.begin..part.number, part.number..part.end];
        let [before, after] = [before, after].map(|range| &self.texts[range.start as usize..range.end as usize]);
        let bytes = &mut out.bytes;
        let begin = bytes.len();
        let (number, digits) = match part.kind {
            Kind::Frame { .. } => {
                bytes.extend_from_slice(before);
                (bytes.len(), 0)
            }
            Kind::Fan => {
                let mut digits = itoa::Buffer::new();
                let digits = digits.format(entry.seq);
                header(TEXT, before.len() + digits.len() + after.len(), bytes);
                bytes.extend_from_slice(before);
                let number = bytes.len();
                bytes.extend_from_slice(digits.as_bytes());
                bytes.extend_from_slice(after);
                (number, digits.len())
            }
        };
        out.live += if part.kind == (Kind::Frame { live: false }) { 0 } else { bytes.len() - begin };
        out.frames.push(Frame {
            seq: entry.seq,
            part: entry.part,
            number: place(number),
            digits: place(digits),
            end: place(bytes.len()),
            live: place(out.live),
        });
    }

    /// Whether so much is held that it would not stay in the cache: every socket is to be written.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= ENTRIES_MAX || self.texts.len() >= TEXTS_BYTES_MAX
    }

    /// Forgets everything, and what was composed of it: nobody's chain holds anything any more.
    pub(super) fn clear(&mut self, composed: &mut Composed) {
        composed.cut(0);
        composed.bytes.shrink_to(COMPOSED_BYTES);
        self.texts.clear();
        self.texts.shrink_to(2 * TEXTS_BYTES_MAX);
        self.parts.clear();
        self.entries.clear();
    }
}

/// INVARIANT: a turn is written long before it holds 4 GiB ([`TurnLog::is_full`]).
fn place(len: usize) -> u32 {
    u32::try_from(len).expect("a turn is written before it is large")
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::Control;

    use super::{Chain, Composed, TurnLog};

    fn frame(first: u8, text: &str) -> Vec<u8> {
        [&[first, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    #[test]
    fn each_socket_gets_its_own_messages_in_order_with_its_own_numbers() {
        let mut turn = TurnLog::default();
        let [mut one, mut other] = [Chain::EMPTY; 2];
        let fan = turn.fan(b"{seq:", b",", b"tail}");
        turn.chain(&mut one, fan, 9);
        let ping = turn.control(Control::Ping, b"");
        turn.chain(&mut other, ping, 0);
        turn.chain(&mut other, fan, 12_345);
        turn.chain(&mut one, fan, 10);
        let text = turn.text(b"he", b"llo", false);
        turn.chain(&mut one, text, 0);

        let mut composed = Composed::default();
        turn.compose(one, &mut composed);
        let [first, second] = [frame(0x81, "{seq:9,tail}"), frame(0x81, "{seq:10,tail}")];
        assert_eq!(composed.bytes(), [&first[..], &second, &frame(0x81, "hello")].concat());
        assert_eq!(composed.live(), first.len() + second.len());
        assert!(composed.bytes().len() <= one.bytes_max as usize);
        turn.compose(other, &mut composed);
        assert_eq!(composed.bytes(), [frame(0x89, ""), frame(0x81, "{seq:12345,tail}")].concat());
        assert_eq!(composed.live(), composed.bytes().len());
        turn.compose(Chain::EMPTY, &mut composed);
        assert!(composed.bytes().is_empty());
    }

    #[test]
    fn what_was_composed_before_changes_nothing() {
        let mut turn = TurnLog::default();
        let fan = turn.fan(b"{seq:", b",", b"tail}");
        let text = turn.text(b"he", b"llo", false);
        let other = turn.fan(b"<", b">", b"");
        let choices = [None, Some(text), Some(fan), Some(other)];
        let seqs = [9, 10, 11, 123_456];
        let chains: Vec<Chain> = (0..4_096_usize)
            .map(|bits| {
                let mut chain = Chain::EMPTY;
                for message in 0..3 {
                    let choice = bits >> (4 * message);
                    if let Some(part) = choices[choice & 3] {
                        turn.chain(&mut chain, part, seqs[choice >> 2 & 3]);
                    }
                }
                chain
            })
            .collect();
        let mut composed = Composed::default();
        for step in 0..chains.len() {
            // A walk that comes by everything, with neighbours that are alike and that are not.
            let chain = chains[step * 67 % chains.len()];
            let mut alone = Composed::default();
            turn.compose(chain, &mut alone);
            turn.compose(chain, &mut composed);
            assert_eq!((composed.bytes(), composed.live()), (alone.bytes(), alone.live()));
        }
        turn.clear(&mut composed);
        assert!(composed.bytes().is_empty());
    }
}

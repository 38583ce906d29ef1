//! What waits for one socket, as WebSocket frames: what its stream did not take, and what is not copied before it is
//! written, which is large texts, kept shared, and those with secrets.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::mem;
use std::sync::Arc;

use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, OpCode};

/// Tails up to this are copied: that costs less than one more piece in a vectored write.
pub(super) const COPY_BYTES_MAX: usize = 4 << 10;
/// When to begin another piece, in bytes. Small enough that a half-written one is no waste.
const PIECE_BYTES: usize = 32 << 10;
/// Pieces of one write.
const SLICES_MAX: usize = 64;
/// The bit of a frame that is whole.
const FINAL: u8 = 0x80;
/// The opcode of a text message.
pub(super) const TEXT: u8 = 1;
/// The longest frame header a server writes, in bytes.
pub(super) const HEADER_BYTES_MAX: usize = 10;

/// The frames that wait.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// What waits before `last`.
    pieces: VecDeque<Piece>,
    /// The piece that is appended to, empty when nothing waits.
    last: Piece,
    /// Of the first piece, this many bytes are written.
    written: usize,
    /// Bytes that wait.
    bytes: usize,
    /// Bytes of live frames in all pieces, the first counted in full.
    live: usize,
}

/// Whole frames: of the last one the rest may be shared.
#[derive(Debug, Default)]
struct Piece {
    joined: Vec<u8>,
    tail: Option<Arc<[u8]>>,
    live: usize,
    secret: bool,
}

impl Piece {
    fn len(&self) -> usize {
        self.joined.len() + self.tail.as_ref().map_or(0, |tail| tail.len())
    }
}

impl Outbox {
    /// Queues a text message in two parts.
    pub(super) fn text(&mut self, head: &[u8], tail: &Arc<[u8]>, live: bool, spare: &mut Spare) {
        let payload = head.len() + tail.len();
        let copied = if tail.len() <= COPY_BYTES_MAX { payload } else { head.len() };
        let piece = self.piece(copied + HEADER_BYTES_MAX, spare);
        let before = piece.len();
        piece.joined.reserve(copied + HEADER_BYTES_MAX);
        header(TEXT, payload, &mut piece.joined);
        piece.joined.extend_from_slice(head);
        if tail.len() <= COPY_BYTES_MAX {
            piece.joined.extend_from_slice(tail);
        } else {
            piece.tail = Some(Arc::clone(tail));
        }
        let added = piece.len() - before;
        let live = if live { added } else { 0 };
        piece.live += live;
        self.count(added, live);
    }

    /// Queues whole frames, of which so many bytes are live. Where nothing waits, the stream may have taken the first
    /// `written` bytes of them.
    pub(super) fn frames(&mut self, frames: &[u8], written: usize, live: usize, spare: &mut Spare) {
        let begin = frame_begin(frames, written);
        let rest = &frames[begin..];
        let live = live.min(rest.len());
        let piece = self.piece(rest.len(), spare);
        piece.joined.extend_from_slice(rest);
        piece.live += live;
        self.count(rest.len(), live);
        self.written += written - begin;
        self.bytes -= written - begin;
    }

    /// Queues a text message with secrets in it; its memory is overwritten once written.
    pub(super) fn secret_text(&mut self, message: &[u8], live: bool) {
        let mut joined = Vec::with_capacity(message.len() + HEADER_BYTES_MAX);
        header(TEXT, message.len(), &mut joined);
        joined.extend_from_slice(message);
        let added = joined.len();
        let live = if live { added } else { 0 };
        let secret = Piece { joined, tail: None, live, secret: true };
        let before = mem::replace(&mut self.last, secret);
        if before.len() > 0 {
            self.pieces.push_back(before);
        }
        self.count(added, live);
    }

    /// Queues a control frame of at most 125 bytes.
    pub(super) fn control(&mut self, kind: Control, payload: &[u8], spare: &mut Spare) {
        let piece = self.piece(payload.len() + HEADER_BYTES_MAX, spare);
        let before = piece.joined.len();
        header(OpCode::Control(kind).into(), payload.len(), &mut piece.joined);
        piece.joined.extend_from_slice(payload);
        let added = piece.joined.len() - before;
        piece.live += added;
        self.count(added, added);
    }

    /// Writes as much as `write` takes. True when nothing waits any more; false when the stream would block.
    pub(super) fn write(
        &mut self,
        spare: &mut Spare,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<bool> {
        while self.bytes > 0 {
            let mut slices = [IoSlice::new(&[]); SLICES_MAX];
            let mut used = 0;
            let mut skip = self.written;
            for piece in self.pieces.iter().chain([&self.last]) {
                for part in [&piece.joined[..], piece.tail.as_deref().unwrap_or_default()] {
                    let part = &part[skip.min(part.len())..];
                    if used < SLICES_MAX && !part.is_empty() {
                        slices[used] = IoSlice::new(part);
                        used += 1;
                    }
                    // Only the first piece is begun; its tail begins where its joined part ends.
                    skip = skip.saturating_sub(piece.joined.len());
                }
                skip = 0;
                if used == SLICES_MAX {
                    break;
                }
            }
            match write(&slices[..used]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.advance(taken, spare),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Drops every frame of which nothing is written yet: what stays is the rest of one that is begun.
    pub(super) fn cut(&mut self, spare: &mut Spare) {
        let first = match self.pieces.pop_front() {
            Some(first) => {
                spare.give(mem::take(&mut self.last));
                first
            }
            None => mem::take(&mut self.last),
        };
        self.pieces.drain(..).for_each(|piece| spare.give(piece));
        if self.written == 0 {
            spare.give(first);
        } else {
            self.last = first;
            let end = frame_end(&self.last.joined, self.written);
            if end <= self.last.joined.len() {
                self.last.joined.truncate(end);
                self.last.tail = None;
            }
            self.last.live = self.last.live.min(self.last.len());
        }
        self.live = self.last.live;
        self.bytes = self.last.len() - self.written;
    }

    /// Bytes that wait.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes of live frames that wait. Replays come before what is live, so they are what is written first.
    pub(super) fn live(&self) -> usize {
        let first = self.first();
        let begun = first.live - first.live.min(first.len() - self.written);
        self.live - begun
    }

    fn count(&mut self, added: usize, live: usize) {
        self.bytes += added;
        self.live += live;
    }

    /// The piece that is written next.
    fn first(&self) -> &Piece {
        self.pieces.front().unwrap_or(&self.last)
    }

    /// The piece to append to, with room for so many more bytes.
    fn piece(&mut self, room: usize, spare: &mut Spare) -> &mut Piece {
        let last = &mut self.last;
        let fits = last.tail.is_none() && !last.secret && last.joined.len() + room <= PIECE_BYTES;
        if !fits && last.len() > 0 {
            self.pieces.push_back(mem::take(last));
        }
        if last.joined.capacity() == 0 {
            last.joined = spare.take(room);
        }
        last
    }

    fn advance(&mut self, mut taken: usize, spare: &mut Spare) {
        self.bytes -= taken;
        while self.first().len() > 0 {
            let rest = self.first().len() - self.written;
            if taken < rest {
                self.written += taken;
                return;
            }
            taken -= rest;
            self.written = 0;
            let piece = self.pieces.pop_front().unwrap_or_else(|| mem::take(&mut self.last));
            self.live -= piece.live;
            spare.give(piece);
        }
    }
}

/// Where the frame ends of which byte `at` is part, or 0 when `at` is 0.
fn frame_end(frames: &[u8], at: usize) -> usize {
    let mut end = 0;
    while end < at {
        end += frame_len(&frames[end..]);
    }
    end
}

/// Where the frame begins of which byte `at` is part, or the end.
fn frame_begin(frames: &[u8], at: usize) -> usize {
    let mut begin = 0;
    while begin < at {
        let end = begin + frame_len(&frames[begin..]);
        if end > at {
            break;
        }
        begin = end;
    }
    begin
}

/// How long the first frame is.
fn frame_len(frames: &[u8]) -> usize {
    match frames[1] {
        126 => 4 + usize::from(u16::from_be_bytes([frames[2], frames[3]])),
        127 => {
            let mut len = [0; 8];
            len.copy_from_slice(&frames[2..10]);
            // INVARIANT: what is written was in memory, and fits into it.
            10 + usize::try_from(u64::from_be_bytes(len)).expect("a frame fits into memory")
        }
        len => 2 + usize::from(len),
    }
}

/// A server's frame header: final, not masked. By hand, since it is written for every message to every socket.
pub(super) fn header(opcode: u8, payload: usize, out: &mut Vec<u8>) {
    let first = FINAL | opcode;
    match u16::try_from(payload) {
        Ok(len) if len < 126 => out.extend_from_slice(&[first, len as u8]),
        Ok(len) => {
            let [high, low] = len.to_be_bytes();
            out.extend_from_slice(&[first, 126, high, low]);
        }
        Err(_) => {
            let mut header = [first, 127, 0, 0, 0, 0, 0, 0, 0, 0];
            header[2..].copy_from_slice(&(payload as u64).to_be_bytes());
            out.extend_from_slice(&header);
        }
    }
}

/// Buffers between two uses: an outbox at rest holds none.
#[derive(Debug, Default)]
pub(super) struct Spare {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
}

impl Spare {
    /// What is kept at most, in bytes.
    const BYTES_MAX: usize = 1 << 20;

    fn take(&mut self, room: usize) -> Vec<u8> {
        match self.buffers.pop() {
            Some(buffer) => {
                self.bytes -= buffer.capacity();
                buffer
            }
            None => Vec::with_capacity(room.max(512)),
        }
    }

    fn give(&mut self, piece: Piece) {
        let mut buffer = piece.joined;
        if buffer.capacity() == 0 {
            return;
        }
        if piece.secret {
            buffer.fill(0);
            return;
        }
        if buffer.capacity() <= 2 * PIECE_BYTES && self.bytes + buffer.capacity() <= Self::BYTES_MAX {
            buffer.clear();
            self.bytes += buffer.capacity();
            self.buffers.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests;

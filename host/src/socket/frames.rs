//! WebSocket frames of a client (RFC 6455, section 5), from whatever pieces the network chose.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// The longest payload of a control frame, in bytes.
const CONTROL_BYTES_MAX: u64 = 125;

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming<'a> {
    /// A whole text message, not yet checked to be UTF-8. The buffer may be wiped.
    Text(&'a mut [u8]),
    /// A whole binary message of so many bytes, which the protocol does not use.
    Binary(u64),
    /// A ping, with what is to be sent back.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The client closes; what it sends after that is nothing.
    Close,
    /// A message announces more bytes than are read. Nothing is read after it.
    TooLarge(u64),
}

/// A client broke the framing rules: where frames begin is not known any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

/// Cuts bytes into messages. Holds no buffer while nothing is in pieces.
#[derive(Debug)]
pub(super) struct Decoder {
    message_bytes_max: u64,
    /// A frame that is not whole yet.
    partial: Vec<u8>,
    /// The fragments so far of a message that is not whole yet.
    message: Option<Fragments>,
    over: bool,
}

#[derive(Debug)]
struct Fragments {
    text: bool,
    bytes: Vec<u8>,
}

impl Decoder {
    /// A decoder at the beginning of a stream.
    pub(super) const fn new(message_bytes_max: u32) -> Self {
        Self { message_bytes_max: message_bytes_max as u64, partial: Vec::new(), message: None, over: false }
    }

    /// Takes what was read, which is unmasked in place, and tells the messages in it. After a close, a message that is
    /// too large or an error, whatever else comes is skipped.
    pub(super) fn push(&mut self, read: &mut [u8], tell: &mut impl FnMut(Incoming<'_>)) -> Result<(), Broken> {
        if self.over {
            return Ok(());
        }
        if self.partial.is_empty() {
            let used = self.frames(read, tell)?;
            if !self.over && used < read.len() {
                self.partial.extend_from_slice(&read[used..]);
                read[used..].fill(0);
            }
            return Ok(());
        }
        let mut joined = std::mem::take(&mut self.partial);
        joined.extend_from_slice(read);
        let used = self.frames(&mut joined, tell)?;
        if !self.over && used < joined.len() {
            joined.copy_within(used.., 0);
            joined.truncate(joined.len() - used);
            self.partial = joined;
        } else {
            // What lies in freed memory may have been a password.
            joined.fill(0);
        }
        Ok(())
    }

    /// Whether nothing that comes is looked at any more.
    pub(super) const fn over(&self) -> bool {
        self.over
    }

    /// Reads whole frames; returns how many bytes they took.
    fn frames(&mut self, bytes: &mut [u8], tell: &mut impl FnMut(Incoming<'_>)) -> Result<usize, Broken> {
        let mut used = 0;
        while !self.over {
            match self.frame(&mut bytes[used..], tell) {
                Ok(0) => break,
                Ok(taken) => used += taken,
                Err(broken) => {
                    self.over = true;
                    return Err(broken);
                }
            }
        }
        Ok(used)
    }

    /// Reads one frame; 0 when it is not whole yet.
    fn frame(&mut self, bytes: &mut [u8], tell: &mut impl FnMut(Incoming<'_>)) -> Result<usize, Broken> {
        let mut cursor = Cursor::new(&*bytes);
        let (header, len) = match FrameHeader::parse(&mut cursor) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return Ok(0),
            Err(_) => return Err(Broken("a frame header that is none")),
        };
        let begin = usize::try_from(cursor.position()).map_err(|_| Broken("a frame header that is none"))?;
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Broken("a reserved bit without an extension"));
        }
        let Some(mask) = header.mask else { return Err(Broken("a frame without a mask")) };
        match header.opcode {
            OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => {
                return Err(Broken("a reserved opcode"));
            }
            OpCode::Control(_) if !header.is_final => return Err(Broken("a control frame in fragments")),
            OpCode::Control(_) if len > CONTROL_BYTES_MAX => return Err(Broken("a control frame over 125 bytes")),
            OpCode::Data(Data::Continue) if self.message.is_none() => {
                return Err(Broken("a continuation of nothing"));
            }
            OpCode::Data(Data::Text | Data::Binary) if self.message.is_some() => {
                return Err(Broken("a message within a message"));
            }
            OpCode::Control(_) | OpCode::Data(_) => {}
        }
        let so_far = self.message.as_ref().map_or(0, |fragments| fragments.bytes.len() as u64);
        if matches!(header.opcode, OpCode::Data(_)) && so_far.saturating_add(len) > self.message_bytes_max {
            self.over = true;
            tell(Incoming::TooLarge(so_far.saturating_add(len)));
            return Ok(begin);
        }
        let Some(payload) = usize::try_from(len).ok().and_then(|len| bytes.get_mut(begin..begin.checked_add(len)?))
        else {
            return Ok(0);
        };
        unmask(payload, mask);
        let taken = begin + payload.len();
        match header.opcode {
            OpCode::Control(Control::Ping) => tell(Incoming::Ping(payload)),
            OpCode::Control(Control::Pong) => tell(Incoming::Pong),
            OpCode::Control(_) => {
                check_close(payload)?;
                self.over = true;
                tell(Incoming::Close);
            }
            OpCode::Data(kind) => self.data(kind, header.is_final, payload, tell),
        }
        Ok(taken)
    }

    fn data(&mut self, kind: Data, last: bool, payload: &mut [u8], tell: &mut impl FnMut(Incoming<'_>)) {
        match (self.message.take(), last) {
            (None, true) if kind == Data::Text => tell(Incoming::Text(payload)),
            (None, true) => tell(Incoming::Binary(payload.len() as u64)),
            (None, false) => {
                self.message = Some(Fragments { text: kind == Data::Text, bytes: payload.to_vec() });
            }
            (Some(mut fragments), last) => {
                fragments.bytes.extend_from_slice(payload);
                match (last, fragments.text) {
                    (false, _) => self.message = Some(fragments),
                    (true, true) => tell(Incoming::Text(&mut fragments.bytes)),
                    (true, false) => tell(Incoming::Binary(fragments.bytes.len() as u64)),
                }
            }
        }
    }
}

/// A close frame says nothing, or a code that may stand on the wire and a reason in UTF-8.
fn check_close(payload: &[u8]) -> Result<(), Broken> {
    match payload {
        [] => Ok(()),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(Broken("a close code that is none"));
            }
            str::from_utf8(reason).map(drop).map_err(|_| Broken("a close reason that is not UTF-8"))
        }
        [_] => Err(Broken("half a close code")),
    }
}

/// Takes the mask off, eight bytes at a time.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = payload.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests;
